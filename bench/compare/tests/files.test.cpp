// SPDX-License-Identifier: BSL-1.0
#include "support.hpp"

#include "../read.hpp"
#include "../write.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <sstream>
#include <vector>

using namespace robagg_compare;

namespace {

std::string text_complaint(std::string const& text) {
  return complaint([&] { parse_text(text, "file"); });
}

template <class T>
std::string bytes_of(std::vector<T> const& values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  std::copy_n(reinterpret_cast<char const*>(values.data()), bytes.size(), bytes.data());
  return bytes;
}

std::string npy(std::string const& descr, std::string const& order, std::string const& shape, std::string const& values,
                int version = 1) {
  std::string header = "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
  std::string file = "\x93NUMPY";
  file += static_cast<char>(version);
  file += '\0';
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) file += static_cast<char>(header.size() >> (8 * i) & 0xff);
  return file + header + values;
}
loaded_table parsed(std::string const& file) {
  std::istringstream in(file);
  return parse_npy(in, "file");
}
std::string npy_complaint(std::string const& file) {
  return complaint([&] { parsed(file); });
}

}  // namespace

TEST_CASE("text tables: separators, headers, blank lines") {
  table<double> expected(2, 3);
  expected << 1, -2.5, 3e2, 4, 5, 6;
  for (auto const* const text : {
           "1,-2.5,3e2\n4,5,6\n",
           "1;-2.5;3e2\r\n4;5;6",
           "1\t-2.5\t3e2\n\n4\t5\t6\n\n",
           "  1 -2.5   3e2 \n4 5\t6\n",
           "# a comment\na, b, c\n1, -2.5 , 3e2\n4,5,6\n",
           "\xef\xbb\xbf\"x, y\",\"b\",c\n\"1\",\"-2.5\",\"3e2\"\n4,5,6\n",
       }) {
    CAPTURE(text);
    CHECK(parse_text(text, "file") == expected);
  }
  CHECK(parse_text("7", "file")(0, 0) == 7);
}

TEST_CASE("text tables: absent and infinite values") {
  auto const x = parse_text("1,,nan,NaN\ninf,-inf, ,Infinity\n", "file");
  REQUIRE(x.rows() == 2);
  REQUIRE(x.cols() == 4);
  CHECK((std::isnan(x(0, 1)) && std::isnan(x(0, 2)) && std::isnan(x(0, 3)) && std::isnan(x(1, 2))));
  CHECK(x(1, 0) == infinity);
  CHECK(x(1, 1) == -infinity);
  CHECK(x(1, 3) == infinity);
  CHECK(std::isnan(parse_text("1\t2\n\t\n", "file")(1, 1)));  // a line of empty fields is a row
  CHECK(parse_text("nan,nan\n1,2\n", "file").rows() == 2);    // not a header
}

TEST_CASE("text tables: what is wrong, and where") {
  CHECK(text_complaint("1,2,3\n4,5\n") == "file: line 2 has 2 fields, the lines before it have 3");
  CHECK(text_complaint("a,b\n1,2\n3,4,5\n") == "file: line 3 has 3 fields, the lines before it have 2");
  CHECK(text_complaint("1,2\n3,x1\n") == "file: line 2, field 2: 'x1' is not a number");
  CHECK(text_complaint("1,x\n3,4\n") == "file: line 1, field 2: 'x' is not a number");
  CHECK(text_complaint("1;2,5\n") == "file: line 1, field 2: '2,5' is not a number");
  CHECK(text_complaint("1 2x\n") == "file: line 1, field 2: '2x' is not a number");
  CHECK(text_complaint("") == "file: holds no numbers");
  CHECK(text_complaint("a,b\n\n# c\n") == "file: holds no numbers");
  CHECK(text_complaint(std::string("1,2\n\0", 5)) == "file: is neither text nor a .npy file");
}

TEST_CASE(".npy tables: types, orders, versions") {
  std::vector<float> const floats = {1, 2, 3, 4, 5, 6};
  std::vector<double> const doubles = {1, 2, 3, 4, 5, 6};
  table<float> rows(2, 3), columns(2, 3);
  rows << 1, 2, 3, 4, 5, 6;
  columns << 1, 3, 5, 2, 4, 6;
  for (int version : {1, 2, 3}) {
    auto const loaded = parsed(npy("<f4", "False", "(2, 3)", bytes_of(floats), version));
    CHECK(loaded.type == "float32");
    CHECK(std::get<table<float>>(loaded.values) == rows);
  }
  CHECK(std::get<table<float>>(parsed(npy("<f4", "True", "(2,3)", bytes_of(floats))).values) == columns);
  CHECK(std::get<table<double>>(parsed(npy("<f8", "False", "(2, 3)", bytes_of(doubles))).values) == rows.cast<double>());
  CHECK(std::get<table<double>>(parsed(npy("<f8", "True", "(2, 3)", bytes_of(doubles))).values) == columns.cast<double>());

  std::vector<std::uint16_t> const halves = {0x3c00, 0xc000, 0x7c00, 0x3555};  // 1, -2, infinity, 0.333
  auto const loaded = parsed(npy("<f2", "False", "(1, 4)", bytes_of(halves)));
  auto const& x = std::get<table<float>>(loaded.values);
  CHECK(loaded.type == "float16");
  CHECK((x(0, 0) == 1 && x(0, 1) == -2 && std::isinf(x(0, 2)) && x(0, 3) == 0.333251953125f));
}

TEST_CASE(".npy arrays: whole numbers, Python 2, Fortran order in three dimensions") {
  auto const values = [](std::string const& file) {
    return std::visit([](auto const& x) { return table<double>(x.template cast<double>()); }, parsed(file).values);
  };
  table<double> expected(2, 2);
  expected << 1, 2, 3, 4;
  CHECK(values(npy("<i8", "False", "(2L, 2L)", bytes_of(std::vector<std::int64_t>{1, 2, 3, 4}))) == expected);
  CHECK(values(npy("<i4", "False", "(2L, 2)", bytes_of(std::vector<std::int32_t>{1, 2, 3, 4}))) == expected);
  CHECK(values(npy("<u2", "True", "(2, 2)", bytes_of(std::vector<std::uint16_t>{1, 3, 2, 4}))) == expected);
  CHECK(values(npy("|i1", "False", "(2, 2)", bytes_of(std::vector<std::int8_t>{1, 2, 3, 4}))) == expected);
  CHECK(values(npy("|b1", "False", "(1, 2)", bytes_of(std::vector<std::uint8_t>{1, 0})))(0, 0) == 1);
  CHECK(parsed(npy("<i8", "False", "(1, 1)", bytes_of(std::vector<std::int64_t>{7}))).type == "int64");
  std::vector<float> c_order(24), fortran(24);
  for (std::size_t i = 0; i < 24; ++i)
    c_order[i] = static_cast<float>(i), fortran[i / 12 + 2 * (i / 4 % 3) + 6 * (i % 4)] = static_cast<float>(i);
  std::istringstream a(npy("<f4", "False", "(2, 3, 4)", bytes_of(c_order))),
      b(npy("<f4", "True", "(2, 3, 4)", bytes_of(fortran)));
  CHECK(std::get<table<float>>(parse_npy(a, "a", 3).values) == std::get<table<float>>(parse_npy(b, "b", 3).values));
}

TEST_CASE(".npz: stored arrays, by name") {
  // Two members, stored: a local header, the bytes, and the directory at the end.
  auto const little = [](std::uint64_t n, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(n >> (8 * i) & 0xff);
    return out;
  };
  std::string zip, directory;
  for (auto const& [name, value] : {std::pair{"a", 5.f}, {"b", 7.f}}) {
    auto const bytes = npy("<f4", "False", "(1, 1)", bytes_of(std::vector<float>{value}));
    std::string const file = std::string(name) + ".npy";
    auto const sizes = little(0, 4) + little(bytes.size(), 4) + little(bytes.size(), 4) + little(file.size(), 2) + little(0, 2);
    directory += std::string("PK\x01\x02") + little(20, 2) + little(20, 2) + little(0, 2) + little(0, 2) + little(0, 4) +
                 sizes + little(0, 2) + little(0, 2) + little(0, 2) + little(0, 4) + little(zip.size(), 4) + file;
    zip += std::string("PK\x03\x04") + little(20, 2) + little(0, 2) + little(0, 2) + little(0, 4) + sizes + file + bytes;
  }
  auto const end = std::string("PK\x05\x06") + little(0, 4) + little(2, 2) + little(2, 2) + little(directory.size(), 4) +
                   little(zip.size(), 4) + little(0, 2);
  folder const here;
  put(here / "x.npz", zip + directory + end);
  CHECK(std::get<table<float>>(read_table(here / "x.npz:b").values)(0, 0) == 7);
  CHECK(std::get<table<float>>(read_array(here / "x.npz:a", 2).values)(0, 0) == 5);
  CHECK(complaint([&] { read_table(here / "x.npz"); }).find("holds the arrays a, b; name one, as in ") != std::string::npos);
  CHECK(complaint([&] { read_table(here / "x.npz:c"); }).find("holds no array 'c'; there are a, b") != std::string::npos);
  auto const all = zip + directory + end;
  for (std::size_t length = 6; length < all.size(); length += 7) {
    put(here / "y.npz", all.substr(0, length));
    CHECK(complaint([&] { read_table(here / "y.npz:a"); }) != "no complaint");
  }
}

TEST_CASE(".npy tables: what is wrong") {
  std::string const four = bytes_of(std::vector<double>{1, 2, 3, 4});
  CHECK(npy_complaint(npy("<f8", "False", "(4,)", four)) ==
        "file: holds an array of 1 dimension; a table needs two (rows report, columns are reported on)");
  CHECK(npy_complaint(npy("<f8", "False", "(1, 2, 2)", four)).find("3 dimensions") != std::string::npos);
  CHECK(npy_complaint(npy("<f8", "False", "()", four)).find("0 dimensions") != std::string::npos);
  CHECK(npy_complaint(npy("<c8", "False", "(2, 2)", four)) ==
        "file: holds values of type '<c8'; floats, whole numbers and booleans are read");
  CHECK(npy_complaint(npy(">f8", "False", "(2, 2)", four)) == "file: is big-endian (>f8); save it little-endian");
  CHECK(npy_complaint(npy("<f8", "False", "(2, 3)", four)) == "file: is cut off");
  CHECK(npy_complaint(npy("<f8", "False", "(4611686018427387904, 4611686018427387904)", four)) == "file: is cut off");
  CHECK(npy_complaint(npy("<f8", "False", "(99999999999999999999, 2)", four)) == "file: has a damaged .npy header");
  CHECK(npy_complaint(npy("<f8", "False", "(1, 3)", four)) == "file: is longer than the 1 x 3 table in its header");
  CHECK(npy_complaint(npy("<f8", "False", "(0, 3)", "")) == "file: holds no numbers (0 x 3)");
  CHECK(npy_complaint(npy("<f8", "Maybe", "(2, 2)", four)) == "file: has a damaged .npy header");
  CHECK(npy_complaint(npy("<f8", "False", "(2 2)", four)) == "file: has a damaged .npy header");
  CHECK(npy_complaint(npy("<f8", "False", "(2, 2)", four, 9)) == "file: has .npy version 9; versions 1 to 3 are understood");
  CHECK(npy_complaint("\x93NUMP") == "file: is cut off");
  auto const good = npy("<f8", "False", "(2, 2)", four);
  for (std::size_t length = 0; length < good.size(); ++length) {
    CAPTURE(length);
    CHECK(npy_complaint(good.substr(0, length)) != "no complaint");
  }
}

TEST_CASE("tables from files") {
  folder const here;
  put(here / "a.csv", "1,2\n3,4\n");
  put(here / "b.npy", npy("<f4", "False", "(1, 1)", bytes_of(std::vector<float>{5})));
  put(here / "c.npy", "1,2\n");
  put(here / "d", "1");  // shorter than the mark of a .npy file
  CHECK(read_table(here / "a.csv").type == "text");
  CHECK(std::get<table<double>>(read_table(here / "a.csv").values)(1, 0) == 3);
  CHECK(std::get<table<double>>(read_table(here / "d").values)(0, 0) == 1);
  CHECK(std::get<table<float>>(read_table(here / "b.npy").values)(0, 0) == 5);
  auto const said = [&](std::string const& name) { return complaint([&] { read_table(here / name); }); };
  CHECK(said("c.npy").ends_with("c.npy: is not a .npy file"));
  CHECK(said("e.csv").ends_with("e.csv: there is no such file"));
  CHECK(said("").ends_with("is a folder, not a table"));
}

TEST_CASE("result files are there whole or not at all") {
  folder const here;
  put(here / "old", "old");
  output_file const fresh(here / "new"), replaced(here / "old");
  CHECK(here.entries() == 1);  // nothing is written before there is something to write
  CHECK(get(here / "old") == "old");
  fresh.write("a");
  replaced.write("b");
  CHECK(get(here / "new") == "a");
  CHECK(get(here / "old") == "b");
  CHECK(here.entries() == 2);
  CHECK(complaint([&] { output_file(here / "no/such/folder"); }).ends_with("cannot be written"));
  CHECK(complaint([&] { output_file(here / ""); }).ends_with("is a folder, not a file to write"));
}

TEST_CASE("CSV lines") {
  CHECK(csv_line({"a", "b c", "", "1.5"}) == "a,b c,,1.5\n");
  CHECK(csv_line({"a,b", "say \"x\"", "two\nlines"}) == "\"a,b\",\"say \"\"x\"\"\",\"two\nlines\"\n");
  CHECK(csv_number(0.1) == "0.1");
  CHECK(csv_number(std::nan("")) == "nan");
  CHECK(csv_number(-infinity) == "-inf");
}
