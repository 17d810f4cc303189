// SPDX-License-Identifier: BSL-1.0
#include "read.hpp"

#include "error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <string_view>
#include <vector>

namespace robagg_compare {
namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::string_view blanks = " \t\r\v\f";

std::string_view trimmed(std::string_view s) {
  auto const first = s.find_first_not_of(blanks);
  if (first == s.npos) return {};
  return s.substr(first, s.find_last_not_of(blanks) - first + 1);
}

// Short and printable, for messages.
std::string shown(std::string_view s) {
  std::string text(s.substr(0, 24));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = '?';
  }
  return text + (s.size() > 24 ? "..." : "");
}

// The fields of a line. A separator of ' ' stands for any run of blanks.
class field_reader {
 public:
  field_reader(std::string_view line, char separator) : rest_(line), separator_(separator) {
    if (separator_ == ' ') rest_ = trimmed(rest_), more_ = !rest_.empty();
  }
  bool next(std::string_view& field) {
    if (!more_) return false;
    bool quoted = false;
    std::size_t end = 0;
    for (; end < rest_.size(); ++end) {
      char const c = rest_[end];
      if (c == '"') quoted = !quoted;
      if (!quoted && (c == separator_ || (separator_ == ' ' && blanks.find(c) != blanks.npos))) break;
    }
    field = trimmed(rest_.substr(0, end));
    if (field.size() >= 2 && field.front() == '"' && field.back() == '"') field = trimmed(field.substr(1, field.size() - 2));
    more_ = end < rest_.size();
    if (more_) rest_.remove_prefix(end + 1);
    if (separator_ == ' ') rest_ = trimmed(rest_);
    return true;
  }

 private:
  std::string_view rest_;
  char separator_;
  bool more_ = true;
};

// The field ends at a separator, a quote or the end of the text, none of which strtod walks over.
bool read_number(std::string_view field, double& value) {
  if (field.empty()) {
    value = std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  char* end = nullptr;
  value = std::strtod(field.data(), &end);
  return end == field.data() + field.size();
}

char separator_of(std::string_view line) {
  for (char const c : {';', '\t', ','}) {
    if (line.find(c) != line.npos) return c;
  }
  return ' ';
}

bool is_header(std::string_view line, char separator) {
  field_reader fields(line, separator);
  bool has_text = false;
  for (std::string_view field; fields.next(field);) {
    double number = 0;
    if (!field.empty() && read_number(field, number)) return false;
    has_text = has_text || !field.empty();
  }
  return has_text;
}

std::string plural(Index n, std::string_view what) { return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s"); }

}  // namespace

table<double> parse_text(std::string const& text, std::string const& file) {
  std::string_view rest = text;
  if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);
  if (rest.find('\0') != rest.npos) throw usage_error(fmt::format("{}: is neither text nor a .npy file", file));

  std::vector<double> values;
  Index line_number = 0, rows = 0, columns = -1;
  char separator = 0;
  while (!rest.empty()) {
    auto const end = rest.find('\n');
    std::string_view const line = rest.substr(0, end);
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    ++line_number;
    if (trimmed(line).empty() && (separator != '\t' || line.find('\t') == line.npos)) continue;
    if (trimmed(line).starts_with('#')) continue;
    bool const first = separator == 0;
    if (first) separator = separator_of(line);
    bool const header = first && is_header(line, separator);

    field_reader fields(line, separator);
    Index count = 0;
    for (std::string_view field; fields.next(field); ++count) {
      double number = 0;
      if (header) continue;
      if (!read_number(field, number)) {
        throw usage_error(
            fmt::format("{}: line {}, field {}: '{}' is not a number", file, line_number, count + 1, shown(field)));
      }
      values.push_back(number);
    }
    if (columns < 0) columns = count;
    if (count != columns) {
      throw usage_error(
          fmt::format("{}: line {} has {}, the lines before it have {}", file, line_number, plural(count, "field"), columns));
    }
    rows += !header;
  }
  if (rows == 0) throw usage_error(fmt::format("{}: holds no numbers", file));
  return Eigen::Map<table<double>>(values.data(), rows, columns);
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
    auto value = trimmed(text.substr(at + key.size() + 2));
    if (!value.starts_with(':')) throw damaged();
    return trimmed(value.substr(1));
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
  for (shape = trimmed(shape.substr(1)); !shape.starts_with(')');) {
    std::uint64_t size = 0;
    auto const [end, error] = std::from_chars(shape.data(), shape.data() + shape.size(), size);
    if (error != std::errc{}) throw damaged();
    header.shape.push_back(size);
    shape = trimmed(shape.substr(static_cast<std::size_t>(end - shape.data())));
    if (shape.starts_with(',')) {
      shape = trimmed(shape.substr(1));
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

template <class Stored, class T>
table<T> read_matrix(std::istream& in, Index rows, Index columns, bool fortran_order) {
  auto const count = static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
  if (fortran_order) {
    Eigen::Matrix<Stored, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor> stored(rows, columns);
    read_values(in, stored.data(), count);
    return stored.template cast<T>();
  }
  table<Stored> stored(rows, columns);
  read_values(in, stored.data(), count);
  if constexpr (std::is_same_v<Stored, T>) {
    return stored;
  } else {
    return stored.template cast<T>();
  }
}

}  // namespace

loaded_table parse_npy(std::istream& in, std::string const& file, std::size_t most_dimensions) {
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
  auto const header = parse_header(text, file);

  auto const& type = header.descr;
  if (type == ">f2" || type == ">f4" || type == ">f8") {
    throw usage_error(fmt::format("{}: is big-endian ({}); save it little-endian", file, type));
  }
  std::uint64_t const width = type == "<f2" ? 2 : type == "<f4" ? 4 : type == "<f8" ? 8 : 0;
  if (width == 0) {
    throw usage_error(fmt::format("{}: holds values of type '{}'; float16, float32 or float64 is needed", file, shown(type)));
  }
  if (header.shape.size() < 2 || header.shape.size() > most_dimensions) {
    throw usage_error(fmt::format("{}: holds an array of {}; a table needs two (rows report, columns are reported on)", file,
                                  plural(static_cast<Index>(header.shape.size()), "dimension")));
  }
  if (header.shape.size() > 2 && header.fortran_order)
    throw usage_error(fmt::format("{}: is in Fortran order; save it in C order", file));
  std::uint64_t const columns = header.shape.back(), stored = size - lead_size - header_size;
  std::uint64_t rows = 1;
  for (std::size_t k = 0; k + 1 < header.shape.size(); ++k) {
    if (header.shape[k] > stored / std::max<std::uint64_t>(rows, 1)) throw too_short();
    rows *= header.shape[k];
  }
  if (rows == 0 || columns == 0) throw usage_error(fmt::format("{}: holds no numbers ({} x {})", file, rows, columns));
  if (columns > stored / width / rows) throw too_short();
  if (rows * columns * width != stored) {
    throw usage_error(fmt::format("{}: is longer than the {} x {} table in its header", file, rows, columns));
  }

  auto const n = static_cast<Index>(rows), d = static_cast<Index>(columns);
  loaded_table result;
  switch (width) {
    case 2:
      result = {read_matrix<Eigen::half, float>(in, n, d, header.fortran_order), "float16"};
      break;
    case 4:
      result = {read_matrix<float, float>(in, n, d, header.fortran_order), "float32"};
      break;
    default:
      result = {read_matrix<double, double>(in, n, d, header.fortran_order), "float64"};
      break;
  }
  if (!in) throw usage_error(fmt::format("{}: cannot be read", file));
  result.shape.assign(header.shape.begin(), header.shape.end());
  return result;
}

loaded_table read_array(std::filesystem::path const& path, std::size_t dimensions) {
  std::string const file = path.string();
  std::ifstream in(path, std::ios::binary);
  if (!in) throw usage_error(fmt::format("{}: cannot be opened", file));
  auto array = parse_npy(in, file, 8);
  if (array.shape.size() < dimensions) {
    throw usage_error(fmt::format("{}: holds an array of {}; {} are needed", file,
                                  plural(static_cast<Index>(array.shape.size()), "dimension"), dimensions));
  }
  return array;
}

loaded_table read_table(std::filesystem::path const& path) {
  std::string const file = path.string();
  std::error_code error;
  if (!std::filesystem::exists(path, error)) throw usage_error(fmt::format("{}: there is no such file", file));
  if (std::filesystem::is_directory(path, error)) throw usage_error(fmt::format("{}: is a folder, not a table", file));
  std::ifstream in(path, std::ios::binary);
  if (!in) throw usage_error(fmt::format("{}: cannot be opened", file));

  std::array<char, magic.size()> first{};
  in.read(first.data(), first.size());
  std::string text(first.data(), static_cast<std::size_t>(in.gcount()));
  in.clear();
  if (text == magic) {
    if (!in.seekg(0)) throw usage_error(fmt::format("{}: a .npy table is read from a file, not from a pipe", file));
    return parse_npy(in, file);
  }
  if (path.extension() == ".npy") throw usage_error(fmt::format("{}: is not a .npy file", file));
  std::array<char, 1 << 16> buffer{};
  while (in.read(buffer.data(), buffer.size()) || in.gcount() > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) throw usage_error(fmt::format("{}: cannot be read", file));
  return {parse_text(text, file), "text"};
}

}  // namespace robagg_compare
