// SPDX-License-Identifier: BSL-1.0
// Comparative gradient elimination keeps the shortest reports, as seen from the origin.
#include "laws.hpp"

#include <robagg/location/comparative_gradient_elimination.hpp>

using namespace robagg_test;
using robagg::comparative_gradient_elimination;

namespace {
matrix mean_of_shortest(matrix const& x, Index f) {
  std::vector<std::pair<long double, Index>> norms;
  for (Index i = 0; i < x.rows(); ++i) {
    long double const square = x.row(i).cast<long double>().squaredNorm();
    norms.emplace_back(std::isfinite(square) ? square : INFINITY, i);
  }
  std::sort(norms.begin(), norms.end());
  std::vector<Index> kept;
  for (Index k = 0; k < x.rows() - f; ++k) kept.push_back(norms[static_cast<std::size_t>(k)].second);
  return reference::mean(pick(x, kept));
}
}  // namespace

TEST_CASE("comparative gradient elimination averages the shortest reports") {
  matrix const w5{{1, 2}, {2, 1}, {1.5, 1.5}, {2, 2.5}, {100, -100}};
  CHECK(difference(in<double>(comparative_gradient_elimination{1}, w5), matrix{{1.625, 1.75}}) <= 1e-15);
  // Equal norms: the lowest rows.
  CHECK(comparative_gradient_elimination{1}(matrix{{3, 4}, {5, 0}, {0, -5}}) == Eigen::Vector2d(4, 2));
  for (Index const f : {0, 1, 3}) {
    check_reference(
        subject_of(comparative_gradient_elimination{f}), [f](matrix const& x) { return mean_of_shortest(x, f); }, 2 * f + 1);
  }
  check_reference(subject_of<float>(comparative_gradient_elimination{2}),
                  [](matrix const& x) { return mean_of_shortest(x, 2); }, 5, {family::gauss, family::grid});
}

TEST_CASE("comparative gradient elimination obeys its laws") {
  comparative_gradient_elimination const op{2};
  for (auto const& s : {subject_of(op), subject_of<float>(op)}) {
    check_laws(s, {permutation_invariant, scale_equivariant, sign_equivariant, same_bits_in_any_order_of_storage,
                   workspace_settles, no_columns, needs_a_report, subset_is_those_rows, around_is_moving});
  }
  check_laws(subject_of(comparative_gradient_elimination{0}), {one_row_is_itself});
}

TEST_CASE("comparative gradient elimination is no longer than the longest honest report") {
  for (Index const f : {1, 4}) {
    matrix const honest = gauss(9 - f, 30, 83);
    for (lie const l : all_lies) {
      INFO("f = " << f << ", liars send " << text(l));
      auto const single = attack(rounded<float>(honest), f, l, std::numeric_limits<float>::max());
      auto const twice = attack(honest, f, l, std::numeric_limits<double>::max());
      for (matrix const& y : {in<double>(comparative_gradient_elimination{f}, twice.table),
                              in<float>(comparative_gradient_elimination{f}, single.table)}) {
        CHECK(y.norm() <= honest.rowwise().norm().maxCoeff() * (1 + 1e-6));
      }
    }
  }
}

TEST_CASE("with more than f rows that are not numbers comparative gradient elimination gives NaN") {
  matrix x = gauss(7, 5);
  x.topRows(2).setConstant(not_a_number);
  CHECK(difference(in<double>(comparative_gradient_elimination{2}, x), reference::mean(x.bottomRows(5))) <= 1e-14);
  x.row(2).setConstant(infinity);
  CHECK(comparative_gradient_elimination{2}(x).array().isNaN().all());
}

TEST_CASE("comparative gradient elimination refuses wrong numbers, and reads every input kind") {
  check_refuses(comparative_gradient_elimination{2}, gauss(4, 3),
                {"comparative_gradient_elimination: needs n > 2f", "n = 4", "f = 2"});
  check_refuses(comparative_gradient_elimination{-1}, gauss(4, 3), {"needs f >= 0", "f = -1"});
  check_four_inputs(comparative_gradient_elimination{2});
  check_outputs(comparative_gradient_elimination{2});
}
