// SPDX-License-Identifier: BSL-1.0
#include "csv.hpp"

#include "error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace robagg_compare {

csv_records::csv_records(std::string_view text, std::string const& file) : rest_(text), file_(file) {
  if (rest_.starts_with("\xef\xbb\xbf")) rest_.remove_prefix(3);
}

bool csv_records::next(std::vector<std::string>& fields) {
  do {
    if (rest_.empty()) return false;
    line_ = next_line_;
    fields.clear();
    while (field(fields.emplace_back())) {}
  } while (fields.size() == 1 && fields.front().empty());
  return true;
}

// Reads one field; false if it was the last one of its record.
bool csv_records::field(std::string& value) {
  bool const quoted = rest_.starts_with('"');
  if (quoted) {
    for (rest_.remove_prefix(1);; rest_.remove_prefix(1)) {
      if (rest_.empty()) throw usage_error(fmt::format("{}: line {}: a quote is not closed", file_, line_));
      if (rest_.starts_with("\"\""))
        rest_.remove_prefix(1);
      else if (rest_.front() == '"')
        break;
      next_line_ += rest_.front() == '\n';
      value += rest_.front();
    }
    rest_.remove_prefix(1);
  }
  auto const end = std::min(rest_.find_first_of(",\n"), rest_.size());
  auto more = rest_.substr(0, end);
  bool const last = end == rest_.size() || rest_[end] == '\n';
  if (last && more.ends_with('\r')) more.remove_suffix(1);
  if (quoted && !more.empty()) {
    throw usage_error(fmt::format("{}: line {}: text follows a closing quote", file_, next_line_));
  }
  value += more;
  next_line_ += last;
  rest_.remove_prefix(std::min(end + 1, rest_.size()));
  return !last;
}

std::string file_content(std::filesystem::path const& path) {
  std::string const file = path.string();
  std::error_code error;
  if (!std::filesystem::exists(path, error)) throw usage_error(fmt::format("{}: there is no such file", file));
  if (std::filesystem::is_directory(path, error)) throw usage_error(fmt::format("{}: is a folder, not a file", file));
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) throw usage_error(fmt::format("{}: cannot be read", file));
  return text;
}

std::string trimmed(std::string_view text) {
  auto const first = text.find_first_not_of(" \t"), last = text.find_last_not_of(" \t");
  return std::string(first == text.npos ? std::string_view() : text.substr(first, last - first + 1));
}

std::string shown(std::string const& text) { return text.size() > 24 ? fmt::format("{}...", text.substr(0, 24)) : text; }

std::optional<double> as_number(std::string const& text) {
  char* end = nullptr;
  double const value = std::strtod(text.c_str(), &end);
  return text.empty() || end != text.c_str() + text.size() ? std::nullopt : std::optional(value);
}

}  // namespace robagg_compare
