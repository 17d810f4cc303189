// SPDX-License-Identifier: BSL-1.0
// Minimum diameter averaging against every subset: the least diameter, the first of equals, and an exact search that
// ends soon.
#include "laws.hpp"

#include <robagg/location/minimum_diameter_averaging.hpp>

using namespace robagg_test;
using robagg::minimum_diameter_averaging;

namespace {
double diameter_of(matrix const& x, std::vector<Index> const& rows) {
  reference::real most = 0;
  for (Index const i : rows) {
    for (Index const k : rows) most = i < k ? std::max(most, reference::squared_distance(x, i, k)) : most;
  }
  return static_cast<double>(most);
}
matrix narrowest_of_all(matrix const& x, Index f) {
  std::vector<Index> best;
  for (auto const& rows : reference::subsets(x.rows(), x.rows() - f)) {
    if (best.empty() || diameter_of(x, rows) < diameter_of(x, best)) best = rows;
  }
  return reference::mean(pick(x, best));
}
}  // namespace

TEST_CASE("minimum_diameter_averaging averages the subset with the least diameter") {
  matrix const w5{{1, 2}, {2, 1}, {1.5, 1.5}, {2, 2.5}, {100, -100}};
  CHECK(minimum_diameter_averaging{1}(w5) == Eigen::Vector2d(1.625, 1.75));
  CHECK(minimum_diameter_averaging{1}(matrix{{0, 2, 4, 9}}.transpose())(0) == 2);
  CHECK(minimum_diameter_averaging{1}(matrix{{0, 1, 2}}.transpose())(0) == .5);  // a tie: the first rows
  CHECK(minimum_diameter_averaging{2}(matrix{{7, 7, 7, 7, 7}}.transpose())(0) == Approx(7));
  CHECK(minimum_diameter_averaging{0}(matrix{{3, 4}}) == Eigen::Vector2d(3, 4));
}

TEST_CASE("minimum_diameter_averaging agrees with every subset") {
  for (Index const n : {1, 2, 3, 5, 7, 8, 10, 11}) {
    for (Index f = 0; 2 * f < n; ++f) {
      for (family const kind : {family::gauss, family::grid, family::offset}) {
        for (Index const d : {1, 2, 9}) {
          matrix const x = sample(kind, n, d, 7);
          INFO("family " << static_cast<int>(kind) << ", n = " << n << ", f = " << f << ", d = " << d);
          CHECK(difference(in<double>(minimum_diameter_averaging{f}, x), narrowest_of_all(x, f)) <= 1e-14 * magnitude(x));
        }
      }
    }
  }
}

TEST_CASE("minimum_diameter_averaging obeys its laws") {
  // Within 2f/(n-f) diameters of the honest mean; a diameter is at most 2 sqrt(n-f) standard deviations.
  for (auto const& s : {subject_of(minimum_diameter_averaging{2}), subject_of<float>(minimum_diameter_averaging{2})}) {
    check_laws(s, {permutation_invariant, translation_equivariant, scale_equivariant, sign_equivariant,
                   same_bits_in_any_order_of_storage, workspace_settles, no_columns, needs_a_report, subset_is_those_rows,
                   around_is_moving, survives_within(2, 4 * 2. / 5)});
  }
  check_laws(subject_of(minimum_diameter_averaging{0}), {one_row_is_itself});
  check_four_inputs(minimum_diameter_averaging{2});
  check_outputs(minimum_diameter_averaging{2});
}

TEST_CASE("minimum_diameter_averaging leaves out what is not a number or far; with more than f it is NaN") {
  for (lie const l : {lie::nan, lie::plus_infinity, lie::e30, lie::e38, lie::largest, lie::mixed}) {
    for (Index const n : {5, 9}) {
      auto const a = attack(gauss(n - 2, 30, 83), 2, l, std::numeric_limits<double>::max());
      INFO("liars send " << text(l) << ", n = " << n);
      CHECK(difference(in<double>(minimum_diameter_averaging{2}, a.table), reference::mean(gauss(n - 2, 30, 83))) < 1e-14);
    }
  }
  matrix x = gauss(7, 5);
  x.topRows(3).setConstant(not_a_number);
  CHECK(in<double>(minimum_diameter_averaging{2}, x).array().isNaN().all());
}

TEST_CASE("minimum_diameter_averaging ends with many rows of any kind") {
  for (family const kind : {family::gauss, family::grid}) {
    for (Index const d : {1, 2, 30}) CHECK(in<double>(minimum_diameter_averaging{8}, sample(kind, 40, d, 3)).allFinite());
  }
}

TEST_CASE("minimum_diameter_averaging refuses wrong numbers") {
  check_refuses(minimum_diameter_averaging{2}, gauss(4, 3), {"minimum_diameter_averaging: needs n > 2f", "n = 4", "f = 2"});
  check_refuses(minimum_diameter_averaging{-1}, gauss(4, 3), {"needs f >= 0", "f = -1"});
}
