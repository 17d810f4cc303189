// SPDX-License-Identifier: BSL-1.0
#include "write.hpp"

#include "error.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>
#include <random>

namespace robagg_compare {

namespace fs = std::filesystem;

output_file::output_file(fs::path path) : path_(std::move(path)) {
  std::error_code error;
  if (fs::is_symlink(path_, error)) path_ = fs::weakly_canonical(path_, error);  // keep the link, replace its target
  if (fs::is_directory(path_, error)) throw usage_error(fmt::format("{}: is a folder, not a file to write", path_.string()));
  direct_ = fs::exists(path_, error) && !fs::is_regular_file(path_, error);
  unfinished_ = path_;
  if (direct_) return;
  unfinished_ += fmt::format(".{:08x}.unfinished", std::random_device{}());

  auto const refused = [&]() { return usage_error(fmt::format("{}: cannot be written", path_.string())); };
  if (fs::exists(path_, error) && !std::ofstream(path_, std::ios::app)) throw refused();
  bool const possible = static_cast<bool>(std::ofstream(unfinished_));
  fs::remove(unfinished_, error);
  if (!possible) throw refused();
}

void output_file::write(std::string_view content) const {
  std::error_code error;
  bool good = false;
  {
    std::ofstream out(unfinished_, std::ios::binary);
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
    out.close();
    good = static_cast<bool>(out);
  }
  if (good && !direct_) {
    fs::rename(unfinished_, path_, error);
    good = !error;
  }
  if (good) return;
  if (!direct_) fs::remove(unfinished_, error);
  throw usage_error(fmt::format("{}: could not be written (is the disk full?)", path_.string()));
}

std::string csv_line(std::vector<std::string> const& fields) {
  std::string line;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) line += ',';
    if (fields[i].find_first_of(",\"\r\n") == std::string::npos) {
      line += fields[i];
      continue;
    }
    line += '"';
    for (char const c : fields[i]) line += c == '"' ? std::string("\"\"") : std::string(1, c);
    line += '"';
  }
  return line + '\n';
}

std::string csv_number(double value) { return fmt::format("{}", value); }

nlohmann::ordered_json json_number(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
}

}  // namespace robagg_compare
