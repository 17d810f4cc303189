// SPDX-License-Identifier: BSL-1.0
// Delimited text, JSON lines and what is in them, as people write them.
#include "support.hpp"

#include "../read.hpp"
#include "../records.hpp"

#include <string>
#include <vector>

using namespace robagg_compare;

namespace {

using row = std::vector<std::string>;

std::vector<row> all_records(std::string const& text) {
  records reader(text, "file");
  std::vector<row> out;
  for (row fields; reader.next(fields);) out.push_back(fields);
  return out;
}

// "a,b\n1,2\n" by gzip -n, and the same deflated without a header.
std::string const gzipped(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\xd4\x49\xe2\x32\xd4\x31\xe2\x02\x00\x7b\x07\x97\x0a\x08\x00\x00\x00", 28);

}  // namespace

TEST_CASE("records: the separator is found") {
  for (auto const* text : {"a,b\n1,2\n", "a;b\n1;2\n", "a\tb\r\n1\t2\r\n", "a|b\n1|2",
                           "\xef\xbb\xbf"
                           "a b\n 1  2 \n",
                           "# made by x\n\na,b\n1,2", "\"a\",\"b\"\n\"1\",\"2\"\n", "a , \"b\"\n1,2\n"}) {
    CAPTURE(text);
    CHECK(all_records(text) == std::vector<row>{{"a", "b"}, {"1", "2"}});
  }
  CHECK(all_records("q,a;b,c\n1,2,3\n") == std::vector<row>{{"q", "a;b", "c"}, {"1", "2", "3"}});
  CHECK(all_records("a;b\n1,5;2,5\n")[1] == row{"1,5", "2,5"});
  CHECK(all_records("a,b\n\"x, \"\"y\"\"\nz\",\n")[1] == row{"x, \"y\"\nz", ""});
  CHECK(complaint([] { all_records("a\rb\r"); }).find("carriage returns") != std::string::npos);
}

TEST_CASE("records by name: headings, widths, row names, JSON lines") {
  named_records csv("Model ID, value\nx,1\n", "f");
  CHECK(csv.headings() == row{"model id", "value"});
  CHECK(csv.find({"nothing", "value"}) == 1);
  REQUIRE(csv.next());
  CHECK(csv[csv.needed({"value"})] == "1");
  CHECK(csv[named_records::none].empty());
  CHECK_FALSE(csv.next());
  CHECK(complaint([] { named_records("a,A\n1,2\n", "f").find({"a"}); }) == "f: line 1: two columns are named 'a'");
  CHECK(complaint([] { named_records("a,b\n", "f").needed({"c", "d"}); }) ==
        "f: line 1: no column is named 'c' or 'd'; there are a, b");
  CHECK(complaint([] {
          named_records r("a,b\n1,2\n3\n", "f");
          while (r.next()) {}
        }) == "f: line 3 has 1 field, the header has 2");
  named_records r_style("a b\nrow1 1 2\nrow2 3 4\n", "f");  // as R writes a table
  CHECK(r_style.headings() == row{"", "a", "b"});
  named_records lines("{\"a\": 1, \"B\": \"x, y\"}\n\n{\"B\": null, \"c\": true}\n", "f");
  CHECK(lines.headings() == row{"a", "b", "c"});
  REQUIRE(lines.next());
  CHECK((lines[0] == "1" && lines[1] == "x, y" && lines[2].empty()));
  REQUIRE(lines.next());
  CHECK((lines[1].empty() && lines[2] == "true" && lines.line() == 3));
  CHECK(complaint([] { named_records("{\"a\": 1}\n{\"a\": \n", "f"); }) == "f: line 2: is not a JSON object");
}

TEST_CASE("numbers, marks and dates in their spellings") {
  for (auto const* text : {"1", "1.0", "+1", "1e0", "100e-2"}) CHECK(as_number(text) == 1);
  for (auto const* text : {"", "one", "0x10", "1,000", "1 2", " 1"}) CHECK_FALSE(as_number(text));
  for (auto const* text : {"1", "1.0", "true", "TRUE", "Yes", "T", "y"}) CHECK(as_mark(text) == true);
  for (auto const* text : {"0", "0.0", "false", "No", "F"}) CHECK(as_mark(text) == false);
  for (auto const* text : {"2", "", "maybe", "NA"}) CHECK_FALSE(as_mark(text));
  for (auto const* text : {"", "NA", "nan", "NULL", "N/A", "<NA>"}) CHECK(absent(text));
  CHECK_FALSE(absent("None"));
  for (auto const* text : {"2024-01-06", "2024-1-6", "2024/01/06", "20240106", "2024-01-06T00:00:00Z", "2024-01-06 12:30"})
    CHECK(as_date(text) == 19728);
  for (auto const* text : {"2024", "01/06/2024", "2023-02-29", "12345678", "2024-01-06x", "2024-01/06"})
    CHECK_FALSE(as_date(text));
  CHECK(date_text(19728) == "2024-01-06");
  CHECK((is_code("01") && is_code("-007") && !is_code("0.5") && !is_code("0") && !is_code("10")));
  CHECK(counted(1, "model") == "1 model");
  CHECK(counted(2, "query") == "2 queries");
  CHECK(counted(2, "key") == "2 keys");
  CHECK(nearest("tabel", {"votes", "table", "cache"}) == "table");
  CHECK(nearest("zzzzz", {"votes", "table", "cache"}).empty());
}

TEST_CASE("compressed files, and files of other kinds") {
  folder const here;
#ifdef ROBAGG_TEST_ZLIB
  put(here / "a.csv.gz", gzipped);
  CHECK(file_content(here / "a.csv.gz") == "a,b\n1,2\n");
  put(here / "b.csv.gz", gzipped + gzipped);
  CHECK(file_content(here / "b.csv.gz") == "a,b\n1,2\na,b\n1,2\n");
  for (std::size_t length = 2; length < gzipped.size(); ++length) {
    put(here / "c.gz", gzipped.substr(0, length));
    CHECK(complaint([&] { file_content(here / "c.gz"); }).find("c.gz: is ") != std::string::npos);
  }
  auto damaged = gzipped;
  damaged[13] ^= 1;
  put(here / "d.gz", damaged);
  CHECK(complaint([&] { file_content(here / "d.gz"); }).find("damaged") != std::string::npos);
  CHECK(inflated_raw(std::string_view(gzipped).substr(10, 10), 8, "x") == "a,b\n1,2\n");
#else
  put(here / "a.csv.gz", gzipped);
  CHECK(complaint([&] { file_content(here / "a.csv.gz"); }).find("built without zlib") != std::string::npos);
#endif
  put(here / "p.csv", "PAR1xxxx");
  CHECK(complaint([&] { file_content(here / "p.csv"); }).find("is a Parquet file; save it as CSV") != std::string::npos);
  put(here / "u.csv",
      "\xff\xfe"
      "a");
  CHECK(complaint([&] { file_content(here / "u.csv"); }).find("UTF-16") != std::string::npos);
}

TEST_CASE("tables: index columns, names of rows, missing values") {
  auto const pandas = parse_table(",0,1\n0,1.5,NA\n1,2.5,null\n", "f");
  CHECK(std::get<table<double>>(pandas.values).cols() == 2);
  CHECK(std::get<table<double>>(pandas.values)(1, 0) == 2.5);
  CHECK(pandas.rows == row{"0", "1"});
  CHECK(pandas.said[0].find("names the rows, and is no data") != std::string::npos);
  CHECK(parse_table("Unnamed: 0,x,y\na,1,2\nb,3,4\n", "f").rows == row{"a", "b"});
  CHECK(parse_table("index,x\n0,1\n1,3\n", "f").rows.size() == 2);
  CHECK(parse_table("index,x\n5,1\n1,3\n", "f").rows.empty());
  auto const named = parse_table("x,client\n1,a\n2,b\n", "f", "client");
  CHECK(named.rows == row{"a", "b"});
  CHECK(std::get<table<double>>(named.values) == table<double>((table<double>(2, 1) << 1, 2).finished()));
  CHECK(parse_table("7,1\n8,3\n", "f", "0").rows == row{"7", "8"});
  CHECK(complaint([] { parse_table("x,y\na,1\n", "f"); }) ==
        "f: line 2, field 1: 'a' is not a number (--rows x takes names from it)");
  CHECK(complaint([] { parse_table("x,y\n1,1\n", "f", "z"); }) == "--rows z: f has no such column; there are x, y");
  CHECK(parse_table("0,5\n1,6\n2,7\n", "f").said[0].find("--rows 0") != std::string::npos);
}
