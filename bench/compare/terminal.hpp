// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace robagg_compare {

/// Is stdout a terminal, and NO_COLOR not set?
bool colour_wanted();
/// The text in red where colour is wanted.
std::string red(std::string text, bool colour);
/// A paragraph, broken at blanks; `indent` starts every line but the first.
std::string wrapped(std::string_view text, std::size_t width = 80, std::string_view indent = "");

/// How wide the terminal is, in characters: COLUMNS, or what it says itself; 0: there is none.
std::size_t terminal_width();

/// A table whose columns are as wide as what they hold: the first to the left, the others to the right. Long headings become
/// footnotes; where the table is wider than the terminal, its columns go on below.
class text_table {
 public:
  explicit text_table(std::vector<std::string> headings) : headings_(std::move(headings)) {}
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  /// A line of its own between rows.
  void add_line(std::string text) { rows_.push_back({std::move(text)}); }
  std::string text(std::size_t width = terminal_width()) const;

 private:
  std::vector<std::string> headings_;
  std::vector<std::vector<std::string>> rows_;  // of one cell: a line
};

/// A number in at most `digits` digits, without exponents where it is neither huge nor tiny.
std::string brief(double value, int digits = 4);

/// While one lives, its thread prints no results and no progress: they go to files alone.
class quiet {
 public:
  quiet() { silent() = true; }
  ~quiet() { silent() = false; }
  quiet(quiet const&) = delete;
  quiet& operator=(quiet const&) = delete;
  static bool& silent();
};

/// How far long work has come, on stderr where that is a terminal; silent otherwise.
class progress {
 public:
  explicit progress(std::size_t steps);
  ~progress();
  progress(progress const&) = delete;
  progress& operator=(progress const&) = delete;
  void step(std::string_view what);

 private:
  bool shown_;
  std::size_t steps_, done_ = 0;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace robagg_compare
