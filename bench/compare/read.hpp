// SPDX-License-Identifier: BSL-1.0
// Tables from files: text with one report a line, or NumPy's .npy and .npz. Everything that a file can get
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

/// In the precision of the file: float16 and small whole numbers become float, text and other whole numbers double.
struct loaded_table {
  std::variant<table<float>, table<double>> values;
  std::string type;                    ///< "text", or of a .npy array "float32", "int64", ...
  std::vector<Index> shape = {};       ///< of such an array: its last dimension are the columns, all others together the rows
  std::vector<std::string> rows = {};  ///< names of the rows, if they have any
  std::vector<std::string> said = {};  ///< what was recognised, in sentences
};

/// Text, .npy or .npz, told apart by the first bytes. `name_column`: of text, the column that names the rows, by its heading or
/// number; an index column that a program wrote is recognised.
loaded_table read_table(std::filesystem::path const& file, std::string const& name_column = "");
/// A .npy array, or one of an .npz (`file.npz:name`), of `dimensions` dimensions or more, in the order of C.
loaded_table read_array(std::filesystem::path const& file, std::size_t dimensions);

/// Numbers in delimited text, an optional header line; what is absent is NaN, `inf` is infinite. Empty lines and lines that
/// start with # are skipped. `file` is for messages.
loaded_table parse_table(std::string const& text, std::string const& file, std::string const& name_column = "");
table<double> parse_text(std::string const& text, std::string const& file);

/// Versions 1 to 3, also with headers that Python 2 wrote; floats, whole numbers and booleans, little-endian, in C or Fortran
/// order.
loaded_table parse_npy(std::istream& in, std::string const& file, std::size_t most_dimensions = 2,
                       std::size_t least_dimensions = 2);

}  // namespace robagg_compare
