// SPDX-License-Identifier: BSL-1.0
// Means of labelled groups of rows.
#include "laws.hpp"

#include <robagg/diagnose.hpp>

using namespace robagg_test;
using robagg::group_means;

namespace {

using group_labels = std::vector<Index>;
group_labels const nine_in_three = {2, 0, 1, 1, 0, 2, 2, 0, 2};

matrix means_of_groups(matrix const& x, group_labels const& labels, Index groups, std::vector<double> const& w = {}) {
  matrix y = matrix::Zero(groups, x.cols());
  for (Index g = 0; g < groups; ++g) {
    double total = 0;
    for (Index i = 0; i < x.rows(); ++i) {
      if (labels[static_cast<std::size_t>(i)] != g) continue;
      double const weight = w.empty() ? 1 : w[static_cast<std::size_t>(i)];
      if (weight > 0) y.row(g) += weight * x.row(i), total += weight;
    }
    y.row(g) /= total;
  }
  return y;
}

}  // namespace

TEST_CASE("means of groups by hand") {
  matrix const w5{{1, 2}, {2, 1}, {1.5, 1.5}, {2, 2.5}, {100, -100}};
  group_labels const labels = {1, 0, 1, 0, 2};
  CHECK(difference(group_means{labels}(w5), matrix{{2, 1.75}, {1.25, 1.75}, {100, -100}}) <= 1e-15);
  CHECK(group_means{labels, 3}.rows(5) == 3);
  // Median of means with groups {0, 1}, {2, 3}, {4}.
  group_labels const pairs = {0, 0, 1, 1, 2};
  CHECK(difference(matrix((group_means{pairs} | robagg::median{})(w5).transpose()), matrix{{1.75, 1.5}}) <= 1e-15);
  // Agents by state: of indicators a group's mean is its histogram.
  matrix const states{{1, 0}, {0, 1}, {1, 0}, {1, 0}};
  group_labels const teams = {0, 0, 0, 1};
  CHECK(difference(group_means{teams}(states), matrix{{2 / 3., 1 / 3.}, {1, 0}}) <= 1e-15);
  CHECK(group_means{teams}.sizes() == group_labels{3, 1});
  CHECK(difference(group_means{teams}(robagg::weighted(states, std::vector{1., 2., 0., 5.})),
                   matrix{{1 / 3., 2 / 3.}, {1, 0}}) <= 1e-15);
}

TEST_CASE("means of groups agree with their definition and obey their laws") {
  auto s = subject_of(group_means{nine_in_three});
  for (family const kind : all_families) {
    matrix const x = sample(kind, 9, 37, 7);
    CHECK(difference(s.of(x), means_of_groups(x, nine_in_three, 3)) <= s.tolerance(x));
    std::vector<double> const w = {1, 2, 0, .5, 1, 3, 0, .1, 7};
    CHECK(difference(s.weighted(x, w), means_of_groups(x, nine_in_three, 3, w)) <= s.tolerance(x));
  }
  check_laws(s, {translation_equivariant, scale_equivariant, sign_equivariant, same_bits_in_any_order_of_storage, no_columns,
                 around_is_moving, equal_weights, weights_are_relative});
  // The bias and the variance of the guarantee: members of expectation 0 and 1 in one group of two, deviation 1 / 2.
  matrix const expectations{{0}, {1}};
  group_labels const one = {0, 0};
  CHECK(group_means{one}(expectations)(0, 0) == .5);
}

TEST_CASE("f liars spoil at most f groups") {
  for (lie const l : all_lies) {
    matrix const honest = gauss(8, 30, 5);
    auto const a = attack(honest, 1, l, std::numeric_limits<double>::max());
    INFO("liars send " << text(l));
    matrix const y = in<double>(group_means{nine_in_three} | robagg::median{}, a.table);
    CHECK(columns_outside(y, honest) == 0);
  }
  matrix x = gauss(9, 3);
  x(3, 2) = not_a_number, x(4, 1) = infinity;
  matrix const y = group_means{nine_in_three}(x);
  CHECK((std::isnan(y(1, 2)) && std::isfinite(y(0, 2)) && std::isfinite(y(2, 2)) && y.col(0).allFinite()));
  CHECK((!std::isfinite(y(0, 1)) && std::isfinite(y(1, 1)) && std::isfinite(y(2, 1))));
}

TEST_CASE("groups refuse labels that are none") {
  matrix const x = gauss(3, 2);
  group_labels const two = {0, 1}, gap = {0, 2, 2}, far = {0, 1, 7}, negative = {0, -1, 1}, good = {0, 1, 0};
  check_refuses(group_means{two}, x, {"group_means: needs a label for each row", "labels = 2", "n = 3"});
  check_refuses(group_means{gap}, x, {"needs rows that weigh something in every group", "group = 1"});
  check_refuses(group_means{far}, x, {"needs 0 <= label < groups", "row = 2", "label = 7"});
  check_refuses(group_means{negative}, x, {"needs 0 <= label < groups", "label = -1"});
  check_refuses(group_means{good, 3}, x, {"needs rows that weigh something in every group", "group = 2"});
  check_refuses(group_means{good, 1}, x, {"needs 0 <= label < groups", "row = 1"});
  check_refuses(group_means{good, 9}, x, {"needs rows in every group", "groups = 9"});
  check_refuses(group_means{good, -1}, x, {"needs groups >= 0"});
  CHECK_THROWS_WITH(group_means{good}(robagg::weighted(x, std::vector{1., 0., 1.})), Catch::Contains("group = 1"));
}

TEST_CASE("means of groups read every input kind, once, also with the rule behind them") {
  group_labels const seven = {0, 1, 0, 1, 2, 2, 0};
  check_four_inputs(group_means{seven});
  check_outputs(group_means{nine_in_three});
  for (auto const& r :
       {count_reads<double>(gauss(9, 700), [](auto const& e) { group_means{nine_in_three}(e); }),
        count_reads<double>(gauss(9, 700), [](auto const& e) { (group_means{nine_in_three} | robagg::median{})(e); })}) {
    CHECK(r.least() == 1);
    CHECK(r.most() == 1);
  }
  auto const influence = robagg::influence(group_means{nine_in_three} | robagg::mean{}, gauss(9, 4));
  CHECK(influence.size() == 9);
}
