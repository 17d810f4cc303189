// SPDX-License-Identifier: BSL-1.0
// CSV as in RFC 4180, record by record.
#pragma once

#include <robagg/core.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace robagg_compare {

/// The records of a CSV text: quoted fields may hold separators, doubled quotes and line ends. `file` is for messages.
class csv_records {
 public:
  csv_records(std::string_view text, std::string const& file);
  /// The next record that is not an empty line; false at the end.
  bool next(std::vector<std::string>& fields);
  /// On which line the record begins.
  robagg::Index line() const { return line_; }

 private:
  bool field(std::string& value);

  std::string_view rest_;
  std::string const& file_;
  robagg::Index line_ = 1, next_line_ = 1;
};

/// A file's content; a usage_error says why there is none.
std::string file_content(std::filesystem::path const& path);
/// Without blanks around it.
std::string trimmed(std::string_view text);
/// The beginning of a value, for messages.
std::string shown(std::string const& text);
/// A number that is the whole text; none otherwise.
std::optional<double> as_number(std::string const& text);

}  // namespace robagg_compare
