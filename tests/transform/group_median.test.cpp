// SPDX-License-Identifier: BSL-1.0
// Medians of labelled groups of rows.
#include "laws.hpp"

using namespace robagg_test;
using robagg::group_median;

namespace {

std::vector<Index> const medians_in_three = {2, 0, 1, 1, 0, 2, 2, 0, 2};

matrix medians_of_groups(matrix const& x, std::vector<Index> const& labels, Index groups, std::vector<double> const& w = {},
                         bool skip_nan = false) {
  matrix y(groups, x.cols());
  for (Index g = 0; g < groups; ++g) {
    std::vector<Index> rows;
    std::vector<double> theirs;
    for (Index i = 0; i < x.rows(); ++i) {
      if (labels[static_cast<std::size_t>(i)] != g) continue;
      rows.push_back(i);
      if (!w.empty()) theirs.push_back(w[static_cast<std::size_t>(i)]);
    }
    y.row(g) = reference::median(pick(x, rows), theirs, skip_nan);
  }
  return y;
}

}  // namespace

TEST_CASE("medians of groups by hand") {
  matrix const x{{1, 9}, {5, 8}, {2, 7}, {100, -100}, {7, 3}};
  std::vector<Index> const labels = {1, 0, 1, 1, 0};
  CHECK(difference(group_median{labels}(x), matrix{{6, 5.5}, {2, 7}}) == 0);
  CHECK(difference((group_median{labels} | robagg::mean{})(x).transpose(), matrix{{4, 6.25}}) == 0);
}

TEST_CASE("medians of groups agree with their definition and obey their laws") {
  auto s = subject_of(group_median{medians_in_three});
  std::vector<double> const w = {1, 2, 0, .5, 1, 3, 0, .1, 7};
  for (family const kind : all_families) {
    matrix const x = sample(kind, 9, 37, 7);
    CHECK(difference(s.of(x), medians_of_groups(x, medians_in_three, 3)) <= s.tolerance(x));
    CHECK(difference(s.weighted(x, w), medians_of_groups(x, medians_in_three, 3, w)) <= s.tolerance(x));
    matrix const gaps = with_gaps(x, 5);
    CHECK(difference(s.skip_nan(gaps), medians_of_groups(gaps, medians_in_three, 3, {}, true)) <= s.tolerance(x));
  }
  check_laws(s, {translation_equivariant, scale_equivariant, sign_equivariant, same_bits_in_any_order_of_storage, no_columns,
                 equal_weights, weights_are_relative});
  for (lie const l : all_lies) {  // one of four rows of group 2
    matrix const honest = gauss(8, 30, 5), y = group_median{medians_in_three}(attack(honest, 1, l, 1e308).table);
    for (Index g = 0; g < 3; ++g) CHECK(columns_outside(y.row(g), honest) == 0);
  }
}

TEST_CASE("group_median refuses labels that are none and reads every input kind") {
  matrix const x = gauss(3, 2);
  std::vector<Index> const two = {0, 1}, gap = {0, 2, 2}, far = {0, 1, 7}, negative = {0, -1, 1}, good = {0, 1, 0};
  check_refuses(group_median{two}, x, {"group_median: needs a label for each row", "labels = 2", "n = 3"});
  check_refuses(group_median{gap}, x, {"needs rows that weigh something in every group", "group = 1"});
  check_refuses(group_median{far}, x, {"needs 0 <= label < groups", "row = 2", "label = 7"});
  check_refuses(group_median{negative}, x, {"needs 0 <= label < groups", "label = -1"});
  check_refuses(group_median{good, -1}, x, {"needs groups >= 0"});
  check_refuses(group_median{good, 9}, x, {"needs rows in every group", "groups = 9"});
  CHECK_THROWS_WITH(group_median{good}(robagg::weighted(x, std::vector{1., 0., 1.})), Catch::Contains("group = 1"));
  std::vector<Index> const seven = {0, 1, 0, 1, 2, 2, 0};
  check_four_inputs(group_median{seven});
  check_outputs(group_median{medians_in_three});
}
