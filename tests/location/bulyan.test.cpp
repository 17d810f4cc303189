// SPDX-License-Identifier: BSL-1.0
// Bulyan: Krum's choices one after the other, then the values nearest to their median, in every column.
#include "laws.hpp"

#include <robagg/location/bulyan.hpp>

using namespace robagg_test;
using robagg::bulyan;

namespace {
matrix bulyan_by_steps(matrix const& x, Index f) {
  using real = reference::real;
  std::vector<Index> left, chosen;
  for (Index i = 0; i < x.rows(); ++i) left.push_back(i);
  while (static_cast<Index>(left.size()) > 2 * f) {
    Index const m = static_cast<Index>(left.size());
    Index const best = reference::krum_row(pick(x, left), std::min(m - 1, std::max(Index{1}, m - f - 2)));
    chosen.push_back(left[static_cast<std::size_t>(best)]);
    left.erase(left.begin() + best);
  }
  std::sort(chosen.begin(), chosen.end());
  matrix const rows = pick(x, chosen);
  matrix y(1, x.cols());
  for (Index c = 0; c < x.cols(); ++c) {
    std::vector<double> sorted(rows.col(c).begin(), rows.col(c).end());
    std::sort(sorted.begin(), sorted.end());
    auto const at = [&](Index r) { return static_cast<real>(sorted[static_cast<std::size_t>(r)]); };
    real const centre = (at((rows.rows() - 1) / 2) + at(rows.rows() / 2)) / 2;
    std::vector<std::pair<real, Index>> order;
    for (Index i = 0; i < rows.rows(); ++i) order.emplace_back(std::abs(static_cast<real>(rows(i, c)) - centre), i);
    std::sort(order.begin(), order.end());
    real sum = 0;
    for (Index k = 0; k < x.rows() - 4 * f; ++k) sum += static_cast<real>(rows(order[static_cast<std::size_t>(k)].second, c));
    y(0, c) = static_cast<double>(sum / static_cast<real>(x.rows() - 4 * f));
  }
  return y;
}
}  // namespace

TEST_CASE("bulyan averages what is nearest to the median of Krum's choices") {
  matrix const x{{1, 2}, {2, 1}, {1.5, 1.5}, {2, 2.5}, {1.2, 1.9}, {1.7, 1.3}, {100, -100}};
  CHECK(bulyan{1}(x).isApprox(Eigen::Vector2d(1.4666666666666667, 1.5666666666666667), 1e-15));
  CHECK(bulyan{0}(matrix{{1, 2}, {4, 5}, {4, 2}}) == Eigen::Vector2d(3, 3));
  CHECK(bulyan{1}(matrix{{3, 3, 3, 3, 3, 3, 3}}.transpose())(0) == 3);
}

TEST_CASE("bulyan agrees with Krum repeated") {
  // With f = 4 and n = 33, then 19, the second stage keeps more and far fewer than half of the chosen.
  for (Index const f : {0, 1, 2, 4}) {
    check_reference(subject_of(bulyan{f}), [f](matrix const& x) { return bulyan_by_steps(x, f); }, 4 * f + 3);
  }
  matrix const few = gauss(19, 70, 3), ties = sample(family::grid, 19, 70, 3);
  CHECK(difference(in<double>(bulyan{4}, few), bulyan_by_steps(few, 4)) < 1e-14);
  CHECK(difference(in<double>(bulyan{4}, ties), bulyan_by_steps(ties, 4)) < 1e-14);
  check_reference(subject_of<float>(bulyan{2}), [](matrix const& x) { return bulyan_by_steps(x, 2); }, 11);
}

TEST_CASE("bulyan obeys its laws") {
  for (auto s : {subject_of(bulyan{2}), subject_of<float>(bulyan{2})}) {
    s.rows = 11;
    check_laws(s, {translation_equivariant, scale_equivariant, sign_equivariant, inside_column_range,
                   same_bits_in_any_order_of_storage, workspace_settles, no_columns, needs_a_report, subset_is_those_rows,
                   around_is_moving, survives_within(2, 6 * (1 + 2. / 7))});
  }
  auto many = subject_of(bulyan{3});
  many.rows = 15;
  check_laws(many, {permutation_invariant});  // with f < 3 two rows that are each other's nearest tie in the last rounds
  check_four_inputs(bulyan{1});
  check_outputs(bulyan{1});
}

TEST_CASE("bulyan stays with the honest while at most f rows are not numbers or far; with more it is NaN") {
  for (lie const l : {lie::nan, lie::plus_infinity, lie::minus_infinity, lie::e30, lie::e38, lie::largest, lie::mixed}) {
    matrix const honest = gauss(9, 30, 83);
    auto const a = attack(honest, 2, l, std::numeric_limits<double>::max());
    INFO("liars send " << text(l));
    CHECK(columns_outside(in<double>(bulyan{2}, a.table), honest) == 0);
  }
  matrix x = gauss(11, 30);
  x.topRows(3).setConstant(not_a_number);
  CHECK(in<double>(bulyan{2}, x).array().isNaN().all());
}

TEST_CASE("bulyan refuses wrong numbers, under its own name") {
  check_refuses(bulyan{2}, gauss(10, 3), {"bulyan: needs n >= 4f + 3", "n = 10", "f = 2"});
  check_refuses(bulyan{0}, gauss(2, 3), {"bulyan: needs n >= 4f + 3", "n = 2", "f = 0"});
  check_refuses(bulyan{-1}, gauss(4, 3), {"bulyan: needs f >= 0", "f = -1"});
  CHECK(in<double>(robagg::nearest_neighbour_mixing{1} | bulyan{1}, gauss(9, 5)).allFinite());
}
