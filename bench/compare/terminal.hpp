// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace robagg_compare {

/// Is stdout a terminal, and NO_COLOR not set?
bool colour_wanted();
/// The text in red where colour is wanted.
std::string red(std::string text, bool colour);
/// A paragraph, broken at blanks; `indent` starts every line but the first.
std::string wrapped(std::string_view text, std::size_t width = 80, std::string_view indent = "");

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
