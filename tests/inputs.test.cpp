// SPDX-License-Identifier: BSL-1.0
// The helpers themselves: a helper that cannot fail would make every test pass.
#include "laws.hpp"

using namespace robagg_test;

TEST_CASE("the counting expression sees a function that reads twice, and one that forgets a column") {
  matrix const x = gauss(4, 6);
  auto const good = count_reads<double>(x, [](auto const& e) { matrix const copy = e; });
  CHECK(good.least() == 1);
  CHECK(good.most() == 1);
  auto const twice = count_reads<double>(x, [](auto const& e) {
    matrix const copy = e;
    matrix const again = e.colwise().reverse();
  });
  CHECK(twice.least() == 2);
  auto const forgets = count_reads<float, Eigen::ColMajor>(
      x, [](auto const& e) { shown_matrix<float, Eigen::ColMajor> const part = e.leftCols(5); });
  CHECK(forgets.least() == 0);
  CHECK(forgets.counts.col(5).sum() == 0);
  // It hands on the values, whatever the order.
  matrix seen;
  count_reads<double, Eigen::ColMajor>(x, [&](auto const& e) { seen = e; });
  CHECK(same_bits(seen, x));
}

TEST_CASE("comparisons tell apart what differs") {
  matrix const a{{1, not_a_number}}, b{{1, 2}}, c{{1}, {2}}, zero{{0.}}, minus{{-0.}};
  CHECK(same_bits(a, a));
  CHECK_FALSE(same_bits(a, b));
  CHECK_FALSE(same_bits(b, c));
  CHECK_FALSE(same_bits(zero, minus));
  CHECK(difference(zero, minus) == 0);
  CHECK(difference(a, b) == infinity);
  CHECK(difference(b, c) == infinity);
  CHECK(difference(b, matrix{{1, 2.5}}) == .5);
  CHECK(difference(matrix{{infinity}}, matrix{{infinity}}) == 0);
  CHECK(difference(matrix{{infinity}}, matrix{{-infinity}}) == infinity);
}

TEST_CASE("an attack keeps the honest rows in order and the values are what they say") {
  matrix const honest = gauss(5, 8);
  for (lie const l : all_lies) {
    for (Index const f : {0, 1, 2, 4}) {
      auto const a = attack(honest, f, l, 3e38);
      CHECK(static_cast<Index>(a.liars.size()) == f);
      std::vector<Index> rest;
      for (Index i = 0; i < 5 + f; ++i) {
        if (std::find(a.liars.begin(), a.liars.end(), i) == a.liars.end()) rest.push_back(i);
      }
      CHECK(same_bits(pick(a.table, rest), honest));
    }
  }
  CHECK(attack(honest, 2, lie::nan, 1).table.array().isNaN().count() == 16);
  CHECK(attack(honest, 1, lie::copy, 1).table.row(0) == honest.row(4));
  CHECK(attack(honest, 1, lie::largest, 3e38).table(0, 0) == 3e38);
}

TEST_CASE("every presentation shows the same values") {
  matrix const x = gauss(shown_rows, shown_cols);
  int shown = 0;
  for_each_presentation<double>(x, [&](auto const& r, std::string const& what) {
    INFO(what);
    if constexpr (robagg::detail::dense<std::remove_cvref_t<decltype(r)>>) { CHECK(same_bits(matrix(r.matrix()), x)); }
    CHECK(r.rows() == shown_rows);
    CHECK(r.cols() == shown_cols);
    ++shown;
  });
  CHECK(shown == 14);
}

TEST_CASE("the reference knows the worked examples by itself") {
  matrix const w5{{1, 2}, {2, 1}, {1.5, 1.5}, {2, 2.5}, {100, -100}};
  CHECK(difference(reference::mean(w5), matrix{{21.3, -18.6}}) <= 1e-14);
  CHECK(difference(reference::median(w5), matrix{{2, 1.5}}) == 0);
  CHECK(difference(reference::trimmed_mean(w5, 1), matrix{{5.5 / 3, 1.5}}) <= 1e-15);
  CHECK(reference::krum_row(w5, 2) == 2);
  CHECK(reference::krum_row(w5, 3) == 2);
  CHECK(difference(reference::geometric_median(w5), matrix{{1.5652258463, 1.506378396}}) <= 1e-9);
  CHECK(difference(reference::weiszfeld(w5, .1, 3, matrix::Zero(1, 2)), matrix{{1.8026621894, 1.3676476038}}) <= 1e-9);
  CHECK(difference(reference::nearest_neighbour_mixing(w5, 1).row(4), matrix{{26.375, -23.75}}) <= 1e-13);
  CHECK(difference(reference::bucketing(w5, 2, {0, 1, 2, 3, 4}), matrix{{1.5, 1.5}, {1.75, 2}, {100, -100}}) <= 1e-15);
  CHECK(reference::exact_radius({4, 3, 2}) == 0);
  CHECK(reference::exact_radius({7, 2, 2}) == 2);
}
