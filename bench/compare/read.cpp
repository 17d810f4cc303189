// SPDX-License-Identifier: BSL-1.0
#include "read.hpp"

#include "error.hpp"
#include "records.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <string_view>

namespace robagg_compare {
namespace {

constexpr std::string_view magic = "\x93NUMPY";

std::string_view without_blanks(std::string_view s) {
  constexpr std::string_view blanks = " \t\r\n\v\f";
  auto const first = s.find_first_not_of(blanks);
  if (first == s.npos) return {};
  return s.substr(first, s.find_last_not_of(blanks) - first + 1);
}

using fields = std::vector<std::string>;

// 0, 1, 2, ... or 1, 2, 3, ...: what programs number rows and columns with.
bool counts(fields const& values, std::size_t first = 0) {
  if (values.size() < first + 2) return false;
  auto const start = as_number(values[first]);
  if (!start || (*start != 0 && *start != 1)) return false;
  for (std::size_t i = first; i < values.size(); ++i) {
    if (as_number(values[i]) != *start + static_cast<double>(i - first)) return false;
  }
  return true;
}

bool is_header(fields const& line) {
  if (line.size() > 1 && line.front().empty() && counts(line, 1)) return true;  // as pandas writes a matrix
  bool has_text = false;
  for (auto const& field : line) {
    if (as_number(field) || (absent(field) && !field.empty())) return false;
    has_text = has_text || !field.empty();
  }
  return has_text;
}

// The column that names the rows: the one that was asked for, or the index that a program wrote.
std::optional<std::size_t> name_column_of(fields const& header, fields const& first_column, bool without_heading,
                                          std::string const& wanted, std::size_t width, std::string const& file) {
  if (!wanted.empty()) {
    auto const found = std::find_if(header.begin(), header.end(), [&](auto const& h) { return lower(h) == lower(wanted); });
    if (found != header.end()) return static_cast<std::size_t>(found - header.begin());
    auto const number = as_number(wanted);
    if (number && *number >= 0 && *number < static_cast<double>(width)) return static_cast<std::size_t>(*number);
    throw usage_error(
        header.empty() ? fmt::format("--rows {}: {} has no header; a column's number is needed, from 0", wanted, file)
                       : fmt::format("--rows {}: {} has no such column; there are {}", wanted, file, fmt::join(header, ", ")));
  }
  if (width < 2) return std::nullopt;
  if (without_heading) return 0;
  if (header.empty()) return std::nullopt;
  auto const heading = lower(header.front());
  bool const index =
      heading.empty() || heading.starts_with("unnamed:") || ((heading == "index" || heading == "id") && counts(first_column));
  return index ? std::optional<std::size_t>(0) : std::nullopt;
}

}  // namespace

loaded_table parse_table(std::string const& text, std::string const& file, std::string const& name_column) {
  records lines(text, file, records::comments::everywhere);
  fields header, line, first_column, first_row, second_row, wanted_names;
  std::vector<double> values;
  std::size_t width = 0, wanted = named_records::none;
  bool without_heading = false;
  std::string in_first;  // what is wrong with the first column, unless it has names
  while (lines.next(line)) {
    if (values.empty() && header.empty() && is_header(line)) {
      header = line;
      continue;
    }
    if (values.empty()) {
      without_heading = !header.empty() && line.size() == header.size() + 1;
      if (without_heading) header.insert(header.begin(), "");
      width = header.empty() ? line.size() : header.size(), first_row = line;
      if (!name_column.empty()) wanted = *name_column_of(header, {}, false, name_column, width, file);
    }
    if (line.size() != width) {
      throw usage_error(fmt::format("{}: line {} has {}, the lines before it have {}", file, lines.line(),
                                    counted(static_cast<Index>(line.size()), "field"), width));
    }
    if (first_column.size() == 1) second_row = line;
    for (std::size_t k = 0; k < width; ++k) {
      auto const number = absent(line[k]) ? std::numeric_limits<double>::quiet_NaN() : as_number(line[k]);
      values.push_back(number.value_or(0));
      if (number || k == wanted) continue;
      auto const sentence =
          fmt::format("{}: line {}, field {}: '{}' is not a number", file, lines.line(), k + 1, shown(line[k]));
      if (k > 0) throw usage_error(sentence);
      if (in_first.empty()) in_first = sentence;
    }
    first_column.push_back(line.front());
    if (wanted != named_records::none) wanted_names.push_back(line[wanted]);
  }
  if (values.empty()) throw usage_error(fmt::format("{}: holds no numbers", file));
  auto const names = name_column_of(header, first_column, without_heading, name_column, width, file);
  if (names != 0 && !in_first.empty())
    throw usage_error(in_first + (header.empty() || width < 2
                                      ? ""
                                      : fmt::format(" (--rows {} takes names from it)", header[0].empty() ? "0" : header[0])));
  if (names && width < 2) throw usage_error(fmt::format("{}: holds no numbers besides the names of the rows", file));
  auto const n = static_cast<Index>(first_column.size()), d = static_cast<Index>(width);
  table<double> all = Eigen::Map<table<double>>(values.data(), n, d);
  loaded_table out{{}, "text"};
  if (names) {
    out.rows = wanted != named_records::none ? wanted_names : first_column;
    auto const k = static_cast<Index>(*names);
    table<double> rest(n, d - 1);
    rest << all.leftCols(k), all.rightCols(d - 1 - k);
    all = std::move(rest);
  }
  out.values = std::move(all);
  if (names && name_column.empty())
    out.said.push_back(
        fmt::format("The first column{} names the rows, and is no data.",
                    header.front().empty() ? ", which has no heading," : fmt::format(" ('{}')", header.front())));
  if (!names && header.empty() && n > 2 && width > 1 && counts(first_column))
    out.said.push_back("The first column counts the rows, but is taken for data: --rows 0 says that it is not.");
  if (header.empty() && width > 2 && counts(first_row) && !counts(second_row))
    out.said.push_back("The first line counts the columns, but is taken for a row of data: put a # before it if it is none.");
  return out;
}

table<double> parse_text(std::string const& text, std::string const& file) {
  return std::get<table<double>>(parse_table(text, file).values);
}

namespace {

struct npy_header {
  std::string descr;
  bool fortran_order = false;
  std::vector<std::uint64_t> shape;
};

// A Python dictionary in one line, such as {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
npy_header parse_header(std::string_view text, std::string const& file) {
  auto const damaged = [&]() { return usage_error(fmt::format("{}: has a damaged .npy header", file)); };
  auto const value_of = [&](std::string_view key) {
    auto at = text.find(fmt::format("'{}'", key));
    if (at == text.npos) at = text.find(fmt::format("\"{}\"", key));
    if (at == text.npos) throw damaged();
    auto value = without_blanks(text.substr(at + key.size() + 2));
    if (!value.starts_with(':')) throw damaged();
    return without_blanks(value.substr(1));
  };

  npy_header header;
  auto const descr = value_of("descr");
  if (descr.starts_with('[')) throw usage_error(fmt::format("{}: holds records; a table of plain numbers is needed", file));
  if (descr.empty() || (descr.front() != '\'' && descr.front() != '"')) throw damaged();
  auto const closing = descr.find(descr.front(), 1);
  if (closing == descr.npos) throw damaged();
  header.descr = descr.substr(1, closing - 1);

  auto const order = value_of("fortran_order");
  header.fortran_order = order.starts_with("True");
  if (!header.fortran_order && !order.starts_with("False")) throw damaged();

  auto shape = value_of("shape");
  if (!shape.starts_with('(')) throw damaged();
  for (shape = without_blanks(shape.substr(1)); !shape.starts_with(')');) {
    std::uint64_t size = 0;
    auto const [end, error] = std::from_chars(shape.data(), shape.data() + shape.size(), size);
    if (error != std::errc{}) throw damaged();
    header.shape.push_back(size);
    shape = shape.substr(static_cast<std::size_t>(end - shape.data()));
    if (shape.starts_with('L')) shape.remove_prefix(1);  // Python 2
    shape = without_blanks(shape);
    if (shape.starts_with(',')) {
      shape = without_blanks(shape.substr(1));
    } else if (!shape.starts_with(')')) {
      throw damaged();
    }
  }
  return header;
}

// Raw little-endian values in the order of the file.
template <class T>
void read_values(std::istream& in, T* values, std::size_t count) {
  in.read(reinterpret_cast<char*>(values), static_cast<std::streamsize>(count * sizeof(T)));
  if constexpr (std::endian::native == std::endian::big) {
    for (std::size_t i = 0; i < count; ++i) {
      auto* const bytes = reinterpret_cast<char*>(values + i);
      std::reverse(bytes, bytes + sizeof(T));
    }
  }
}

// The values in the order of C, whatever their order in the file.
template <class Stored, class T>
table<T> read_matrix(std::istream& in, std::vector<std::uint64_t> const& shape, bool fortran_order) {
  std::uint64_t count = 1;
  for (auto const n : shape) count *= n;
  auto const columns = static_cast<Index>(shape.back()), rows = static_cast<Index>(count) / columns;
  table<Stored> stored(rows, columns);
  read_values(in, stored.data(), count);
  if (fortran_order) {
    table<Stored> const columns_first = std::move(stored);
    stored.resize(rows, columns);
    std::vector<std::uint64_t> at(shape.size(), 0);
    for (std::uint64_t to = 0; to < count; ++to) {
      std::uint64_t from = 0;
      for (std::size_t k = shape.size(); k-- > 0;) from = from * shape[k] + at[k];
      stored.data()[to] = columns_first.data()[from];
      for (std::size_t k = shape.size(); k-- > 0 && ++at[k] == shape[k];) at[k] = 0;
    }
  }
  if constexpr (std::is_same_v<Stored, T>) {
    return stored;
  } else {
    return stored.template cast<T>();
  }
}

// The types that are read: what they are called, how wide they are, and how.
struct npy_type {
  std::string_view code, name;
  std::uint64_t width;
  std::variant<table<float>, table<double>> (*read)(std::istream&, std::vector<std::uint64_t> const&, bool);
};
template <class Stored, class T>
constexpr npy_type type_of(std::string_view code, std::string_view name) {
  return {code, name, sizeof(Stored), [](std::istream& in, std::vector<std::uint64_t> const& shape, bool fortran_order) {
            return std::variant<table<float>, table<double>>(read_matrix<Stored, T>(in, shape, fortran_order));
          }};
}
constexpr std::array npy_types = {type_of<Eigen::half, float>("f2", "float16"), type_of<float, float>("f4", "float32"),
                                  type_of<double, double>("f8", "float64"),     type_of<std::int8_t, float>("i1", "int8"),
                                  type_of<std::uint8_t, float>("u1", "uint8"),  type_of<std::uint8_t, float>("b1", "bool"),
                                  type_of<std::int16_t, float>("i2", "int16"),  type_of<std::uint16_t, float>("u2", "uint16"),
                                  type_of<std::int32_t, double>("i4", "int32"), type_of<std::uint32_t, double>("u4", "uint32"),
                                  type_of<std::int64_t, double>("i8", "int64"), type_of<std::uint64_t, double>("u8", "uint64")};

// The header, and how many bytes of values follow it.
std::pair<npy_header, std::uint64_t> read_header(std::istream& in, std::string const& file) {
  auto const too_short = [&]() { return usage_error(fmt::format("{}: is cut off", file)); };
  auto const start = in.tellg();
  in.seekg(0, std::ios::end);
  auto const size = static_cast<std::uint64_t>(in.tellg() - start);
  in.seekg(start);
  std::array<char, 8> lead{};
  if (!in.read(lead.data(), lead.size())) throw too_short();
  if (std::string_view(lead.data(), magic.size()) != magic) throw usage_error(fmt::format("{}: is not a .npy file", file));
  int const version = static_cast<unsigned char>(lead[6]);
  if (version < 1 || version > 3) {
    throw usage_error(fmt::format("{}: has .npy version {}; versions 1 to 3 are understood", file, version));
  }
  std::array<unsigned char, 4> length_bytes{};
  std::size_t const length_size = version == 1 ? 2 : 4;
  if (!in.read(reinterpret_cast<char*>(length_bytes.data()), static_cast<std::streamsize>(length_size))) throw too_short();
  std::uint64_t header_size = 0;
  for (std::size_t i = length_size; i-- > 0;) header_size = header_size * 256 + length_bytes[i];
  std::uint64_t const lead_size = lead.size() + length_size;
  if (header_size > size - lead_size) throw too_short();
  std::string text(header_size, ' ');
  if (!in.read(text.data(), static_cast<std::streamsize>(header_size))) throw too_short();
  return {parse_header(text, file), size - lead_size - header_size};
}

}  // namespace

loaded_table parse_npy(std::istream& in, std::string const& file, std::size_t most_dimensions, std::size_t least_dimensions) {
  auto const too_short = [&]() { return usage_error(fmt::format("{}: is cut off", file)); };
  auto const [header, stored] = read_header(in, file);
  auto const& code = header.descr;
  auto const type = std::find_if(npy_types.begin(), npy_types.end(), [&](npy_type const& t) {
    return code.size() == 3 && code.substr(1) == t.code && (code[0] == '<' || code[0] == '|' || code[0] == '=');
  });
  if (code.starts_with('>') && code.size() == 3)
    throw usage_error(fmt::format("{}: is big-endian ({}); save it little-endian", file, code));
  if (type == npy_types.end()) {
    throw usage_error(
        fmt::format("{}: holds values of type '{}'; floats, whole numbers and booleans are read", file, shown(code)));
  }
  auto const dimensions = counted(static_cast<Index>(header.shape.size()), "dimension");
  if (header.shape.size() < least_dimensions)
    throw usage_error(least_dimensions == 2
                          ? fmt::format("{}: holds an array of {}; a table needs two (rows report, columns are reported on)",
                                        file, dimensions)
                          : fmt::format("{}: holds an array of {}; {} are needed", file, dimensions, least_dimensions));
  if (header.shape.size() > most_dimensions)
    throw usage_error(
        fmt::format("{}: holds an array of {}; a table needs two (rows report, columns are reported on)", file, dimensions));
  std::uint64_t const columns = header.shape.back();
  std::uint64_t rows = 1;
  for (std::size_t k = 0; k + 1 < header.shape.size(); ++k) {
    if (header.shape[k] > stored / std::max<std::uint64_t>(rows, 1)) throw too_short();
    rows *= header.shape[k];
  }
  if (rows == 0 || columns == 0) throw usage_error(fmt::format("{}: holds no numbers ({} x {})", file, rows, columns));
  if (columns > stored / type->width / rows) throw too_short();
  if (rows * columns * type->width != stored) {
    throw usage_error(fmt::format("{}: is longer than the {} x {} table in its header", file, rows, columns));
  }
  loaded_table result{type->read(in, header.shape, header.fortran_order), std::string(type->name)};
  if (!in) throw usage_error(fmt::format("{}: cannot be read", file));
  result.shape.assign(header.shape.begin(), header.shape.end());
  return result;
}

namespace {

// Little-endian numbers of a .zip.
std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t n = 0;
  for (std::size_t i = size; i-- > 0;) n = n * 256 + static_cast<unsigned char>(bytes[at + i]);
  return n;
}

// One array of an .npz: the only one, or the one of that name.
std::string member(std::string_view zip, std::string const& name, std::string const& file) {
  auto const damaged = [&]() { return usage_error(fmt::format("{}: is damaged or cut off", file)); };
  auto const end = zip.rfind("PK\x05\x06");
  if (end == zip.npos || end + 22 > zip.size()) throw damaged();
  std::size_t at = number_at(zip, end + 16, 4), count = number_at(zip, end + 10, 2);
  struct entry {
    std::string name;
    std::size_t method, packed, size, place;
  };
  std::vector<entry> entries;
  for (; count > 0; --count) {
    if (at + 46 > zip.size() || zip.substr(at, 4) != "PK\x01\x02") throw damaged();
    std::size_t const length = number_at(zip, at + 28, 2), more = number_at(zip, at + 30, 2) + number_at(zip, at + 32, 2);
    if (at + 46 + length > zip.size()) throw damaged();
    std::string stem(zip.substr(at + 46, length));
    if (stem.ends_with(".npy")) stem.resize(stem.size() - 4);
    entries.push_back(
        {stem, number_at(zip, at + 10, 2), number_at(zip, at + 20, 4), number_at(zip, at + 24, 4), number_at(zip, at + 42, 4)});
    at += 46 + length + more;
  }
  std::vector<std::string> stems;
  for (auto const& e : entries) stems.push_back(e.name);
  auto const chosen =
      std::find_if(entries.begin(), entries.end(), [&](entry const& e) { return name.empty() || e.name == name; });
  if (chosen == entries.end())
    throw usage_error(fmt::format("{}: holds no array '{}'; there are {}", file, name, fmt::join(stems, ", ")));
  if (name.empty() && entries.size() > 1)
    throw usage_error(
        fmt::format("{}: holds the arrays {}; name one, as in {}:{}", file, fmt::join(stems, ", "), file, stems.front()));
  std::size_t const from = chosen->place;
  if (from + 30 > zip.size() || zip.substr(from, 4) != "PK\x03\x04") throw damaged();
  std::size_t const data = from + 30 + number_at(zip, from + 26, 2) + number_at(zip, from + 28, 2);
  if (data > zip.size() || chosen->packed > zip.size() - data) throw damaged();
  auto const bytes = zip.substr(data, chosen->packed);
  if (chosen->method == 0) return std::string(bytes);
  if (chosen->method != 8)
    throw usage_error(fmt::format("{}: is compressed by method {}; stored and deflated arrays are read", file, chosen->method));
  return inflated_raw(bytes, chosen->size, file);
}

std::string bytes_of(std::filesystem::path const& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw usage_error(fmt::format("{}: cannot be opened", path.string()));
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (text.starts_with("\x1f\x8b")) text = inflated(text, path.string());
  return text;
}

// The array in a file, if it is a .npy or .npz; `name` that of the one in an .npz.
std::optional<loaded_table> array_in(std::filesystem::path const& path, std::string const& name, std::size_t most,
                                     std::size_t least) {
  std::string const file = path.string();
  std::error_code error;
  if (std::filesystem::is_regular_file(path, error)) {  // the values go where they stay
    std::ifstream in(path, std::ios::binary);
    if (!in) throw usage_error(fmt::format("{}: cannot be opened", file));
    std::array<char, magic.size()> first{};
    in.read(first.data(), first.size());
    std::string_view const lead(first.data(), static_cast<std::size_t>(in.gcount()));
    in.clear();
    if (lead == magic && in.seekg(0)) return parse_npy(in, file, most, least);
    if (!lead.starts_with("PK\x03\x04") && !lead.starts_with("\x1f\x8b")) return std::nullopt;
  }
  auto bytes = bytes_of(path);
  if (bytes.starts_with("PK\x03\x04")) bytes = member(bytes, name, file);
  if (!bytes.starts_with(magic)) return std::nullopt;
  std::istringstream in(std::move(bytes));
  return parse_npy(in, file, most, least);
}

// `file.npz:name`, where no file is called that.
std::pair<std::filesystem::path, std::string> file_and_name(std::filesystem::path const& path) {
  std::error_code error;
  std::string const text = path.string();
  auto const colon = text.rfind(':');
  if (colon == text.npos || std::filesystem::exists(path, error)) return {path, ""};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

}  // namespace

loaded_table read_array(std::filesystem::path const& given, std::size_t dimensions) {
  auto const [path, name] = file_and_name(given);
  std::error_code error;
  if (!std::filesystem::exists(path, error))
    throw usage_error(fmt::format("{}: cannot be opened (there is no such file)", path.string()));
  auto array = array_in(path, name, 8, std::min<std::size_t>(dimensions, 2));
  if (!array) throw usage_error(fmt::format("{}: is not a .npy file", path.string()));
  if (array->shape.size() < dimensions) {
    throw usage_error(fmt::format("{}: holds an array of {}; {} are needed", path.string(),
                                  counted(static_cast<Index>(array->shape.size()), "dimension"), dimensions));
  }
  return *std::move(array);
}

loaded_table read_table(std::filesystem::path const& given, std::string const& name_column) {
  auto const [path, name] = file_and_name(given);
  std::string const file = path.string();
  std::error_code error;
  if (!std::filesystem::exists(path, error)) throw usage_error(fmt::format("{}: there is no such file", file));
  if (std::filesystem::is_directory(path, error)) throw usage_error(fmt::format("{}: is a folder, not a table", file));
  bool const regular = std::filesystem::is_regular_file(path, error);
  if (auto array = regular ? array_in(path, name, 2, 2) : std::nullopt) {
    if (!name_column.empty()) throw usage_error(fmt::format("--rows: {} has no column of names", file));
    return *std::move(array);
  }
  if (path.extension() == ".npy") throw usage_error(fmt::format("{}: is not a .npy file", file));
  auto const text = file_content(path);
  if (!regular && text.starts_with(magic)) {
    std::istringstream in(text);
    return parse_npy(in, file);
  }
  return parse_table(text, file, name_column);
}

}  // namespace robagg_compare
