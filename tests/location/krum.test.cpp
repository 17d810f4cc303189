// SPDX-License-Identifier: BSL-1.0
// Krum returns one report as it is: which one, in every dialect, with ties, far rows and rows that are not numbers.
#include "laws.hpp"

using namespace robagg_test;
using robagg::krum;

TEST_CASE("krum returns the report nearest to its neighbours") {
  matrix const w5{{1, 2}, {2, 1}, {1.5, 1.5}, {2, 2.5}, {100, -100}};
  CHECK(krum{1}(w5) == Eigen::Vector2d(1.5, 1.5));                          // scores 1.75, 2.5, 1, 2.5, 39809.5
  CHECK(krum{.f = 1, .neighbours = 3}(w5) == Eigen::Vector2d(1.5, 1.5));    // byzfl's n-f-1
  CHECK(krum{1}(matrix{{0, 0}, {0, 1}, {0, 2}}) == Eigen::Vector2d(0, 0));  // a three-way tie: the lowest row
  // Two equal liars vouch for one another with one neighbour, not with f = 2.
  matrix const twins{{5, 5}, {5, 5}, {0, .1}, {0, .3}, {0, .6}};
  CHECK(krum{.f = 2, .neighbours = 1}(twins) == Eigen::Vector2d(5, 5));
  CHECK(krum{2}(twins) == Eigen::Vector2d(0, .3));
}

TEST_CASE("krum agrees with explicit neighbours") {
  for (Index const f : {0, 1, 3}) {
    check_reference(subject_of(krum{f}), [f](matrix const& x) { return reference::krum(x, f); }, 2 * f + 1);
    check_reference(
        subject_of(krum{.f = f, .neighbours = 2 * f + 1}), [f](matrix const& x) { return reference::krum(x, f, 2 * f + 1); },
        2 * f + 2);
  }
  check_reference(subject_of<float>(krum{2}), [](matrix const& x) { return reference::krum(x, 2); }, 5);
}

TEST_CASE("krum obeys its laws") {
  for (auto const& s : {subject_of(krum{2}), subject_of<float>(krum{2})}) {
    check_laws(s, {permutation_invariant, translation_equivariant, scale_equivariant, sign_equivariant, inside_column_range,
                   same_bits_in_any_order_of_storage, workspace_settles, no_columns, needs_a_report, subset_is_those_rows,
                   around_is_moving});
  }
  check_laws(subject_of(krum{0}), {one_row_is_itself});
  // The bound of the page is for n - f - 1 neighbours.
  for (auto const& s : {subject_of(krum{.f = 2, .neighbours = 6}), subject_of<float>(krum{.f = 2, .neighbours = 6})}) {
    check_laws(s, {survives_within(2, 6 * (1 + 2. / 5))});
  }
}

TEST_CASE("krum returns an honest row while at most f rows are not numbers or far") {
  for (Index const f : {1, 2, 4}) {
    for (lie const l : {lie::nan, lie::plus_infinity, lie::minus_infinity, lie::e30, lie::e38, lie::largest, lie::mixed}) {
      matrix const honest = gauss(9 - f, 30, 83);
      auto const a = attack(honest, f, l, std::numeric_limits<double>::max());
      INFO("f = " << f << ", liars send " << text(l));
      matrix const y = in<double>(krum{f}, a.table);
      // Only distances between honest rows decide, so the row is the reference's.
      CHECK(same_bits(y, reference::krum(a.table, f)));
      CHECK((honest.rowwise() - y.row(0)).rowwise().norm().minCoeff() == 0);
    }
  }
}

TEST_CASE("with more than f rows that are not numbers krum gives NaN") {
  matrix x = gauss(7, 5);
  x.topRows(2).setConstant(not_a_number);
  CHECK(krum{2}(x).allFinite());
  x.row(2).setConstant(infinity);
  CHECK(krum{2}(x).array().isNaN().all());
}

TEST_CASE("krum refuses wrong numbers") {
  check_refuses(krum{2}, gauss(4, 3), {"krum: needs n > 2f", "n = 4", "f = 2"});
  check_refuses(krum{-1}, gauss(4, 3), {"krum: needs f >= 0", "f = -1"});
  check_refuses(krum{.f = 1, .neighbours = 4}, gauss(4, 3), {"needs 1 <= neighbours <= n - 1", "neighbours = 4", "n = 4"});
  check_refuses(krum{.f = 1, .neighbours = -1}, gauss(4, 3), {"neighbours = -1"});
}

TEST_CASE("krum reads every input kind, twice, and no more where rows are far: it needs no products") {
  check_inputs(krum{2});
  check_outputs(krum{2});
  matrix x = gauss(9, 700);
  auto const call = [](auto const& e) { krum{2}(e); };
  for (auto const& r : {count_reads<double>(x, call), count_reads<double, Eigen::ColMajor>(x, call)}) {
    CHECK(r.least() == 2);
    CHECK(r.most() == 2);
  }
  x.row(3) *= 1e9;
  CHECK(count_reads<double>(x, call).most() == 2);
}
