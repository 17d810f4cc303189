// SPDX-License-Identifier: BSL-1.0
// Many tables: each(op) gives for every table what op gives alone.
#include "laws.hpp"

using namespace robagg_test;
using robagg::cube, robagg::each;

TEST_CASE("each applies an operator to every table of a stack") {
  matrix const x = gauss(12, 5);
  matrix const y = each(robagg::median{})(cube(x, 3));
  REQUIRE(y.rows() == 3);
  for (Index i = 0; i < 3; ++i) CHECK(same_bits(y.row(i), in<double>(robagg::median{}, x.middleRows(4 * i, 4))));

  matrix const clipped = each(robagg::clip{1})(cube(x, 3));
  CHECK(same_bits(clipped, in<double>(robagg::clip{1}, x)));
  matrix const buckets = each(robagg::bucketing{3})(cube(x, 3));
  REQUIRE(buckets.rows() == 6);
  CHECK(same_bits(buckets.middleRows(2, 2), in<double>(robagg::bucketing{3}, x.middleRows(4, 4))));

  auto const picks = each(robagg::mean{} | robagg::best{})(cube(x, 4));
  auto const tops = each(robagg::mean{} | robagg::top{2})(cube(x, 4));
  auto const votes = each(robagg::plurality{})(cube(x, 4));
  REQUIRE(picks.size() == 4);
  REQUIRE(tops.size() == 4);
  REQUIRE(votes.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    matrix const part = x.middleRows(3 * static_cast<Index>(i), 3);
    CHECK(picks[i] == (robagg::mean{} | robagg::best{})(part));
    CHECK(tops[i] == (robagg::mean{} | robagg::top{2})(part));
    CHECK(same_bits(numbers_of(votes[i]), in<double>(robagg::plurality{}, part)));
  }
}

TEST_CASE("a strided cube reads memory where it lies") {
  // Three tables of 2 x 4 values, rows 5 and tables 12 values apart; all else is NaN.
  std::vector<float> memory(40, std::numeric_limits<float>::quiet_NaN());
  matrix const x = gauss(6, 4);
  for (Index i = 0; i < 3; ++i) {
    for (Index r = 0; r < 2; ++r) {
      for (Index c = 0; c < 4; ++c) memory[static_cast<std::size_t>(12 * i + 5 * r + c)] = static_cast<float>(x(2 * i + r, c));
    }
  }
  auto const tables = cube(memory.data(), 3, 2, 4, 12, 5);
  CHECK(tables.size() == 3);
  CHECK(tables[1].data() == memory.data() + 12);
  robagg::table<float> const stacked = x.cast<float>();
  CHECK(same_bits(numbers_of(each(robagg::mean{})(tables)), numbers_of(each(robagg::mean{})(cube(stacked, 3)))));
  CHECK(same_bits(numbers_of(each(robagg::mean{})(cube(stacked.data(), 3, 2, 4))), numbers_of(each(robagg::mean{})(tables))));
}

TEST_CASE("each writes into given memory and asks for none again") {
  matrix const x = gauss(12, 5);
  Eigen::MatrixXd big = Eigen::MatrixXd::Constant(5, 7, 7);
  robagg::workspace ws;
  each(robagg::mean{}).into(cube(x, 3), big.block(1, 1, 3, 5), ws);
  CHECK(same_bits(big.block(1, 1, 3, 5), each(robagg::mean{})(cube(x, 3))));
  big.block(1, 1, 3, 5).setConstant(7);
  CHECK((big.array() == 7).all());
  auto const held = ws.bytes();
  each(robagg::mean{}).into(cube(x, 3), big.block(1, 1, 3, 5), ws);
  CHECK(ws.bytes() == held);
  CHECK_THROWS_WITH(each(robagg::mean{}).into(cube(x, 3), big.block(0, 0, 2, 5), ws),
                    Catch::Contains("mean: needs an output of m x d values (rows = 2, columns = 5, m = 3, d = 5)"));
  std::array<Index, 4> picks{};
  each(robagg::mean{} | robagg::best{}).into(cube(x, 4), std::span(picks), ws);
  CHECK(std::vector<Index>(picks.begin(), picks.end()) == each(robagg::mean{} | robagg::best{})(cube(x, 4)));
  Eigen::VectorXi grown;
  Eigen::Matrix<int, 4, 2, Eigen::RowMajor> beside = Eigen::Matrix<int, 4, 2, Eigen::RowMajor>::Constant(7);
  std::vector<std::int32_t> narrow;
  each(robagg::mean{} | robagg::best{}).into(cube(x, 4), grown, ws);
  each(robagg::mean{} | robagg::best{}).into(cube(x, 4), beside.col(1), ws);
  each(robagg::mean{} | robagg::best{}).into(cube(x, 4), narrow, ws);
  CHECK((std::equal(picks.begin(), picks.end(), grown.begin(), grown.end()) && beside.col(1) == grown && beside(2, 0) == 7));
  CHECK(std::equal(picks.begin(), picks.end(), narrow.begin(), narrow.end()));
  std::vector<std::vector<std::int32_t>> lists;
  std::vector<Eigen::VectorXi> vectors;
  each(robagg::mean{} | robagg::top{2}).into(cube(x, 4), lists, ws);
  each(robagg::mean{} | robagg::top{2}).into(cube(x, 4), vectors, ws);
  auto const expected = each(robagg::mean{} | robagg::top{2})(cube(x, 4));
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(std::equal(expected[i].begin(), expected[i].end(), lists[i].begin(), lists[i].end()));
    CHECK(std::equal(expected[i].begin(), expected[i].end(), vectors[i].begin(), vectors[i].end()));
  }
}

TEST_CASE("a stack may skip NaN, and have weights of all rows or of one table") {
  matrix x = gauss(12, 5);
  x(1, 2) = x(5, 0) = x(9, 4) = not_a_number;
  std::vector<double> all(12, 1.), shared = {1, 3, 1, 2};
  all[3] = 4, all[6] = 0, all[9] = .5;
  Eigen::RowVectorXd const origin = Eigen::RowVectorXd::Constant(5, 2.);
  for (Index i = 0; i < 3; ++i) {
    matrix const one = x.middleRows(4 * i, 4);
    std::vector<double> const own(all.begin() + 4 * i, all.begin() + 4 * i + 4);
    auto const same = [&](auto const& op, auto const& stack, auto const& alone) {
      CHECK(same_bits(numbers_of(each(op)(stack).row(i)), numbers_of(op(alone))));
    };
    same(robagg::median{}, cube(robagg::skip_nan(x), 3), robagg::skip_nan(one));
    same(robagg::mean{}, cube(robagg::weighted(x, all), 3), robagg::weighted(one, own));
    same(robagg::mean{}, cube(robagg::weighted(x, shared), 3), robagg::weighted(one, shared));
    same(robagg::median{}, cube(robagg::weighted(robagg::skip_nan(x), all), 3), robagg::weighted(robagg::skip_nan(one), own));
    same(robagg::geometric_median{}, cube(robagg::around(robagg::weighted(x, all), origin), 3),
         robagg::around(robagg::weighted(one, own), origin));
  }
  CHECK_THROWS_WITH(each(robagg::mean{})(cube(robagg::weighted(x, std::vector<double>(5, 1.)), 3)),
                    Catch::Contains("mean: needs one weight per row (weights = 5, n = 4)"));
  CHECK_THROWS_WITH(each(robagg::mean{})(cube(robagg::skip_nan(x), 5)),
                    Catch::Contains("mean: needs a cube whose rows divide into its tables"));
}

TEST_CASE("no tables give no rows, and tables of unequal height are refused") {
  matrix const none(0, 5), x = gauss(7, 5);
  CHECK(each(robagg::median{})(cube(none, 0)).rows() == 0);
  CHECK(each(robagg::plurality{})(cube(none, 0)).empty());
  CHECK_THROWS_WITH(each(robagg::median{})(cube(x, 3)),
                    Catch::Contains("median: needs a cube whose rows divide into its tables") && Catch::Contains("rows = 7") &&
                        Catch::Contains("tables = 3"));
  CHECK_THROWS_AS(each(robagg::median{})(cube(x, 0)), robagg::bad_input);
  CHECK_THROWS_AS(each(robagg::median{})(cube(x, -1)), robagg::bad_input);
  CHECK_THROWS_AS(each(robagg::median{})(cube(static_cast<double const*>(nullptr), 1, 2, 3)), robagg::bad_input);
  matrix const eight = gauss(8, 3);
  CHECK_THROWS_WITH(each(robagg::trimmed_mean{2})(cube(eight, 2)), Catch::Contains("n = 4"));
}
