// SPDX-License-Identifier: BSL-1.0
// Tables from files: text with one report a line, or NumPy's .npy. Everything that a file can get
// wrong is a usage_error that names the file and the place.
#pragma once

#include <robagg/reports.hpp>

#include <filesystem>
#include <istream>
#include <string>
#include <variant>
#include <vector>

namespace robagg_compare {

using robagg::Index;
using robagg::table;

/// In the precision of the file: float16 becomes float, text becomes double.
struct loaded_table {
  std::variant<table<float>, table<double>> values;
  std::string type;               ///< "text", "float16", "float32" or "float64"
  std::vector<Index> shape = {};  ///< of a .npy array: its last dimension are the columns, all others together the rows
};

/// Text or .npy, told apart by the first bytes.
loaded_table read_table(std::filesystem::path const& file);
/// A .npy array of `dimensions` dimensions or more, in C order.
loaded_table read_array(std::filesystem::path const& file, std::size_t dimensions);

/// Numbers separated by semicolons, tabs, commas or blanks (the first of these that the first line
/// has), an optional header line, empty fields and `nan` are NaN, `inf` is infinite. Empty lines and
/// lines that start with # are skipped. `file` is for messages.
table<double> parse_text(std::string const& text, std::string const& file);

/// Versions 1 to 3; float16, float32 or float64, little-endian, C or Fortran order, two dimensions.
loaded_table parse_npy(std::istream& in, std::string const& file, std::size_t most_dimensions = 2);

}  // namespace robagg_compare
