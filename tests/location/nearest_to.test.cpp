// SPDX-License-Identifier: BSL-1.0
// The mean of the reports nearest to one of them: which ones, with ties and rows that are not numbers.
#include "laws.hpp"

#include <robagg/location/nearest_to.hpp>

using namespace robagg_test;
using robagg::nearest_to;

namespace {
matrix mean_of_neighbours(matrix const& x, Index row, Index f) {
  std::vector<std::pair<long double, Index>> near;
  for (Index i = 0; i < x.rows(); ++i) near.emplace_back(reference::squared_distance(x, row, i), i);
  std::sort(near.begin(), near.end());
  std::vector<Index> kept;
  for (Index k = 0; k < x.rows() - f; ++k) kept.push_back(near[static_cast<std::size_t>(k)].second);
  return reference::mean(pick(x, kept));
}
}  // namespace

TEST_CASE("nearest_to averages the neighbours of its row, itself included") {
  matrix const w5{{1, 2}, {2, 1}, {1.5, 1.5}, {2, 2.5}, {100, -100}};
  CHECK(difference(in<double>(nearest_to{.row = 0, .f = 1}, w5), matrix{{1.625, 1.75}}) <= 1e-15);
  CHECK(difference(in<double>(nearest_to{.row = 4, .f = 2}, w5), reference::mean(pick(w5, {1, 2, 4}))) <= 1e-14);
  CHECK(nearest_to{.row = 1, .f = 1}(matrix{{0}, {1}, {2}})(0) == .5);  // a tie: the lowest row
  CHECK(robagg::describe(nearest_to{.row = 0, .f = 1}) == "nearest_to{.row = 0, .f = 1}");
  for (Index const f : {0, 1, 3}) {
    for (Index const row : {Index{0}, 2 * f}) {
      check_reference(
          subject_of(nearest_to{row, f}), [=](matrix const& x) { return mean_of_neighbours(x, row, f); }, 2 * f + 1);
    }
  }
  check_reference(subject_of<float>(nearest_to{3, 2}), [](matrix const& x) { return mean_of_neighbours(x, 3, 2); }, 5,
                  {family::gauss, family::grid});
}

TEST_CASE("nearest_to obeys its laws") {
  for (auto const& s : {subject_of(nearest_to{1, 2}), subject_of<float>(nearest_to{1, 2})}) {
    check_laws(s, {translation_equivariant, scale_equivariant, sign_equivariant, same_bits_in_any_order_of_storage,
                   workspace_settles, no_columns, needs_a_report, subset_is_those_rows, around_is_moving});
  }
  check_laws(subject_of(nearest_to{0, 0}), {one_row_is_itself});
  matrix const x = gauss(9, 20);
  auto const order = permutation(9, 3);
  Index const place = std::find(order.begin(), order.end(), 4) - order.begin();
  CHECK(difference(in<double>(nearest_to{place, 3}, pick(x, order)), in<double>(nearest_to{4, 3}, x)) <= 1e-14);
}

TEST_CASE("nearest_to stays as near to an honest row as the honest ones are") {
  for (lie const l : all_lies) {
    matrix const honest = gauss(5, 30, 83);
    auto const a = attack(honest, 4, l, std::numeric_limits<double>::max());  // liars are rows 0, 2, 5 and 8
    INFO("liars send " << text(l));
    matrix const y = in<double>(nearest_to{1, 4}, a.table);
    CHECK((y.row(0) - honest.row(0)).norm() <= (honest.rowwise() - honest.row(0)).rowwise().norm().maxCoeff());
  }
}

TEST_CASE("where its row, or more than f rows, are not numbers nearest_to gives NaN") {
  matrix x = gauss(7, 5);
  x.topRows(2).setConstant(not_a_number);
  CHECK(nearest_to{4, 2}(x).allFinite());
  CHECK(nearest_to{1, 2}(x).array().isNaN().all());
  x(2, 3) = infinity;
  CHECK(nearest_to{4, 2}(x).array().isNaN().all());
  x.topRows(3).setConstant(1e300);  // numbers, but out of sight
  CHECK(nearest_to{4, 2}(x).array().isNaN().all());
}

TEST_CASE("nearest_to refuses wrong numbers, and reads every input kind") {
  check_refuses(nearest_to{0, 2}, gauss(4, 3), {"nearest_to: needs n > 2f", "n = 4", "f = 2"});
  check_refuses(nearest_to{0, -1}, gauss(4, 3), {"needs f >= 0", "f = -1"});
  check_refuses(nearest_to{4, 1}, gauss(4, 3), {"needs 0 <= row < n", "row = 4", "n = 4"});
  check_refuses(nearest_to{-1, 1}, gauss(4, 3), {"needs 0 <= row < n", "row = -1"});
  check_four_inputs(nearest_to{1, 2});
  check_outputs(nearest_to{1, 2});
}
