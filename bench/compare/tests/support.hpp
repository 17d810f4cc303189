// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../../../tests/catch.hpp"

#include "../error.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <random>
#include <string>

namespace robagg_compare {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

/// A folder of its own, gone at the end.
class folder {
 public:
  folder() : path_(std::filesystem::temp_directory_path() / ("robagg_compare_" + std::to_string(std::random_device{}()))) {
    std::filesystem::create_directory(path_);
  }
  ~folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  folder(folder const&) = delete;
  folder& operator=(folder const&) = delete;
  std::filesystem::path operator/(std::string const& name) const { return path_ / name; }
  auto entries() const { return std::distance(std::filesystem::directory_iterator(path_), {}); }

 private:
  std::filesystem::path path_;
};

inline void put(std::filesystem::path const& file, std::string const& content) {
  std::ofstream(file, std::ios::binary) << content;
}
inline std::string get(std::filesystem::path const& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The sentence that `work` ends in.
template <class Work>
std::string complaint(Work work) {
  try {
    work();
  } catch (usage_error const& error) { return error.what(); }
  return "no complaint";
}

}  // namespace robagg_compare
