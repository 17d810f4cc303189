// SPDX-License-Identifier: BSL-1.0
// Files as people have them, read one way by every command: delimited text and JSON lines, plain or compressed (.gz), and
// the numbers, dates and marks in them. What cannot be read is a usage_error that names the file and the line.
#pragma once

#include <robagg/core.hpp>

#include "error.hpp"

#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace robagg_compare {

using robagg::Index;

/// A file's content, decompressed where it is .gz; a usage_error says why there is none. Formats that are not read
/// (Parquet, Excel, HDF5, ...) are refused by name.
std::string file_content(std::filesystem::path const& path);
/// What a .gz holds; `raw`: a deflated part of a .zip, of `size` bytes.
std::string inflated(std::string_view bytes, std::string const& file);
std::string inflated_raw(std::string_view bytes, std::size_t size, std::string const& file);

/// Without blanks around it.
std::string trimmed(std::string_view text);
/// In small letters.
std::string lower(std::string text);
/// The beginning of a value, for messages; what does not print is a question mark.
std::string shown(std::string_view text);
/// Empty, NA, N/A, nan or null, in any case.
bool absent(std::string_view text);
/// A number that is the whole text, in decimal; none otherwise.
std::optional<double> as_number(std::string const& text);
/// 1, 0 (and 1.0, ...), true, false, yes, no, t, f, y, n, in any case; none otherwise.
std::optional<bool> as_mark(std::string const& text);
/// A date as days since 1970: YYYY-MM-DD, with / or . between, with or without leading zeros and a time of day, which is not
/// looked at; or eight digits YYYYMMDD.
std::optional<double> as_date(std::string const& text);
/// The other way round.
std::string date_text(double days);
/// A date, or a plain number.
std::optional<double> as_time(std::string const& text);
/// Does a zero come before another digit, as in codes that are no numbers?
bool is_code(std::string_view text);

/// `n thing`, `n things`.
std::string counted(Index n, std::string_view thing);
/// Names in the order in which they came, and the number of each.
struct numbering {
  std::vector<std::string> all;
  std::unordered_map<std::string, Index> known;
  Index of(std::string const& name) {
    auto const [place, fresh] = known.try_emplace(name, static_cast<Index>(all.size()));
    if (fresh) all.push_back(name);
    return place->second;
  }
};

/// The name that is most alike, if one is: for messages.
std::string nearest(std::string const& name, std::vector<std::string> const& known);

/// The records of delimited text, as in RFC 4180: quoted fields may hold separators, doubled quotes and line ends. The
/// separator is the one of ; tab , | by which the first lines have equally many fields, else blanks. Lines that begin with #
/// are skipped before the first record, or everywhere. `file` is for messages.
class records {
 public:
  enum class comments { before, everywhere };
  records(std::string_view text, std::string const& file, comments skipped = comments::before);
  /// The next record that is not an empty line; false at the end. Fields are trimmed.
  bool next(std::vector<std::string>& fields);
  /// On which line the record begins.
  Index line() const { return line_; }
  char separator() const { return separator_; }

 private:
  bool field(std::string& value);
  void skip_comments();
  char found_separator() const;

  std::string_view rest_;
  std::string file_;
  comments skipped_;
  char separator_ = 0;
  Index line_ = 1, next_line_ = 1;
};

/// Records whose fields have names: delimited text with a header line, or JSON lines. Names are told apart without case.
class named_records {
 public:
  explicit named_records(std::filesystem::path const& path) : named_records(file_content(path), path.string()) {}
  named_records(std::string text, std::string file);
  named_records(named_records const&) = delete;
  named_records& operator=(named_records const&) = delete;

  static constexpr std::size_t none = std::string::npos;
  /// In small letters; an index column that a program wrote has the name "".
  std::vector<std::string> const& headings() const { return headings_; }
  /// As it is written.
  std::string const& title(std::size_t column) const { return titles_[column]; }
  /// The column with the first of these names that is there, or none; two columns of that name are refused.
  std::size_t find(std::vector<std::string> const& names) const;
  /// The same; where there is none, a usage_error says which columns there are.
  std::size_t needed(std::vector<std::string> const& names) const;

  bool next();
  std::string const& operator[](std::size_t column) const { return column == none ? empty_ : fields_[column]; }
  Index line() const { return line_; }
  std::string const& file() const { return file_; }
  /// "file: line n: " and the rest.
  usage_error wrong(std::string const& what) const;
  /// A number, or none where it is absent; what else is there is refused: "the `what` '...' is not a number".
  std::optional<double> number(std::size_t column, char const* what) const;
  /// How the file is written, for --explain.
  std::string format() const;

 private:
  bool json_next();

  std::string text_, file_, empty_;
  std::optional<records> delimited_;
  std::string_view json_rest_;
  std::vector<std::string> headings_, titles_, keys_, fields_;
  bool row_names_ = false, pending_ = false;
  Index line_ = 1, json_line_ = 0;
};

}  // namespace robagg_compare
