// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace robagg_compare {

/// A result file that is there whole or not at all: written under another name, then renamed. The
/// constructor throws usage_error where that cannot work, so that it is known before the work starts.
class output_file {
 public:
  explicit output_file(std::filesystem::path path);
  void write(std::string_view content) const;

 private:
  std::filesystem::path path_, unfinished_;
  bool direct_ = false;  // a device or a pipe: nothing to rename
};

/// One line of a CSV file, quoted where RFC 4180 asks for it.
std::string csv_line(std::vector<std::string> const& fields);
/// The shortest text that reads back as the same number; nan and inf are spelled out.
std::string csv_number(double value);
/// A number in JSON: null where it is not finite.
nlohmann::ordered_json json_number(double value);

}  // namespace robagg_compare
