// SPDX-License-Identifier: BSL-1.0
// Aksel: the reports nearest to the lower median, how many, and in three reads.
#include "laws.hpp"

#include <robagg/location/aksel.hpp>

using namespace robagg_test;
using robagg::aksel;

namespace {
matrix mean_around_lower_median(matrix const& x, Index keep) {
  Index const n = x.rows();
  matrix with_median(n + 1, x.cols());
  with_median << x, matrix::Zero(1, x.cols());
  for (Index c = 0; c < x.cols(); ++c) {
    std::vector<double> column;
    for (Index i = 0; i < n; ++i) column.push_back(std::isnan(x(i, c)) ? infinity : x(i, c));
    std::sort(column.begin(), column.end());
    with_median(n, c) = column[static_cast<std::size_t>((n - 1) / 2)];
  }
  std::vector<std::pair<long double, Index>> near;
  for (Index i = 0; i < n; ++i) near.emplace_back(reference::squared_distance(with_median, n, i), i);
  std::sort(near.begin(), near.end());
  std::vector<Index> kept;
  for (Index k = 0; k < keep; ++k) kept.push_back(near[static_cast<std::size_t>(k)].second);
  return reference::mean(pick(x, kept));
}
}  // namespace

TEST_CASE("aksel averages the reports nearest to the median") {
  matrix const w5{{1, 2}, {2, 1}, {1.5, 1.5}, {2, 2.5}, {100, -100}};
  CHECK(difference(in<double>(aksel{}, w5), matrix{{1.8333333333, 1.6666666667}}) <= 1e-9);
  CHECK(aksel{.keep = 1}(matrix{{4}, {1}, {2}, {9}})(0) == 2);  // the lower one of 2 and 4
  CHECK(aksel{.keep = 2}(matrix{{3}, {1}, {2}})(0) == 2.5);     // a tie: the lowest row
  auto const expected = [](matrix const& x) { return mean_around_lower_median(x, (x.rows() + 1) / 2); };
  check_reference(subject_of(aksel{}), expected);
  for (Index const keep : {1, 3}) {
    check_reference(subject_of(aksel{keep}), [=](matrix const& x) { return mean_around_lower_median(x, keep); }, keep);
  }
  check_reference(subject_of<float>(aksel{}), expected);
}

TEST_CASE("aksel obeys its laws") {
  for (auto const& s : {subject_of(aksel{}), subject_of<float>(aksel{})}) {
    check_laws(s, {permutation_invariant, translation_equivariant, scale_equivariant, sign_equivariant,
                   same_bits_in_any_order_of_storage, workspace_settles, no_columns, one_row_is_itself, needs_a_report,
                   subset_is_those_rows, around_is_moving});
  }
}

TEST_CASE("aksel keeps no row farther from the median than the honest ones") {
  for (Index const f : {1, 2, 4}) {
    for (lie const l : all_lies) {
      INFO("f = " << f << ", liars send " << text(l));
      matrix const honest = rounded<float>(gauss(9 - f, 30, 83));
      auto const single = attack(honest, f, l, std::numeric_limits<float>::max());
      auto const twice = attack(honest, f, l, std::numeric_limits<double>::max());
      double const width = (honest.colwise().maxCoeff() - honest.colwise().minCoeff()).norm();
      for (matrix const& y : {in<double>(aksel{}, twice.table), in<float>(aksel{9 - f}, single.table)}) {
        CHECK((y - reference::mean(honest)).norm() <= 2 * width);
      }
    }
  }
  matrix x = gauss(6, 5);
  x.topRows(3).setConstant(not_a_number);
  CHECK(difference(in<double>(aksel{3}, x), reference::mean(x.bottomRows(3))) <= 1e-14);  // the lower median is theirs
  CHECK(aksel{4}(x).array().isNaN().all());
}

TEST_CASE("aksel refuses keep out of range, and reads every input kind three times") {
  check_refuses(aksel{-1}, gauss(3, 2), {"aksel: needs 1 <= keep <= n, or 0 for the default", "keep = -1"});
  check_refuses(aksel{4}, gauss(3, 2), {"needs 1 <= keep <= n", "keep = 4", "n = 3"});
  check_four_inputs(aksel{});
  check_outputs(aksel{});
  auto const r = count_reads<float>(gauss(9, 700), [](auto const& e) { aksel{}(e); });
  CHECK(r.least() == 3);
  CHECK(r.most() == 3);
}
