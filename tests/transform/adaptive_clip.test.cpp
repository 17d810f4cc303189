// SPDX-License-Identifier: BSL-1.0
// Adaptive clipping: how many rows, to which norm, counted in rows or in weight.
#include "laws.hpp"

#include <robagg/transform/adaptive_clip.hpp>

using namespace robagg_test;
using robagg::adaptive_clip;

namespace {
matrix clip_longest(matrix const& x, Index f) {
  std::vector<double> norms;
  for (Index i = 0; i < x.rows(); ++i) {
    double const norm = static_cast<double>(x.row(i).cast<long double>().norm());
    norms.push_back(std::isfinite(norm) ? norm : infinity);
  }
  std::sort(norms.begin(), norms.end(), std::greater<>{});
  return reference::clip(x, norms[static_cast<std::size_t>(2 * f * (x.rows() - f) / x.rows())]);
}
}  // namespace

TEST_CASE("adaptive_clip shortens the longest reports") {
  matrix const w5{{1, 2}, {2, 1}, {1.5, 1.5}, {2, 2.5}, {100, -100}};
  matrix expected = w5;
  expected.row(4) << 2.2638462845, -2.2638462845;
  matrix const y = adaptive_clip{1}(w5);
  CHECK(difference(y, expected) <= 1e-10);
  CHECK(same_bits(y.topRows(4), w5.topRows(4)));
  CHECK(same_bits(adaptive_clip{0}(w5), w5));
  CHECK(same_bits(adaptive_clip{5}(w5), w5));
  for (Index const f : {0, 1, 2, 3}) {
    check_reference(subject_of(adaptive_clip{f}), [f](matrix const& x) { return clip_longest(x, f); }, f);
  }
  check_reference(subject_of<float>(adaptive_clip{2}), [](matrix const& x) { return clip_longest(x, 2); }, 2);
}

TEST_CASE("the number of clipped rows is a whole number") {
  matrix x(242, 1);
  for (Index i = 0; i < 242; ++i) x(i, 0) = static_cast<double>(i + 1);
  // 2 * 33 * 209 / 242 = 57 exactly, and 56.99999999999999 in floating point.
  CHECK(adaptive_clip{33}(x).maxCoeff() == 242 - 57);
  CHECK(adaptive_clip{33}(x.topRows(241)).maxCoeff() == 241 - 56);
}

TEST_CASE("adaptive_clip obeys its laws") {
  for (auto const& s : {subject_of(adaptive_clip{2}), subject_of<float>(adaptive_clip{2})}) {
    check_laws(s, {permutation_invariant, scale_equivariant, sign_equivariant, same_bits_in_any_order_of_storage,
                   workspace_settles, no_columns, needs_a_report, subset_is_those_rows, around_is_moving});
  }
  check_laws(subject_of(adaptive_clip{0}), {one_row_is_itself});
  auto s = subject_of(adaptive_clip{2} | robagg::mean{});
  check_laws(s, {equal_weights, weights_are_relative, weight_zero_is_absent, around_is_moving});
  // The two heaviest rows weigh 7.
  check_weights_repeat(s, subject_of(adaptive_clip{7} | robagg::mean{}), {1, 2, 3, 1, 4, 1, 2, 1, 1});
}

TEST_CASE("no lie leaves adaptive_clip longer than the longest honest report") {
  for (Index const f : {1, 2, 4}) {
    matrix const honest = rounded<float>(gauss(9 - f, 30, 83));
    for (lie const l : all_lies) {
      INFO("f = " << f << ", liars send " << text(l));
      auto const single = attack(honest, f, l, std::numeric_limits<float>::max());
      auto const twice = attack(honest, f, l, std::numeric_limits<double>::max());
      for (matrix const& y : {in<double>(adaptive_clip{f}, twice.table), in<float>(adaptive_clip{f}, single.table)}) {
        CHECK(y.rowwise().norm().maxCoeff() <= honest.rowwise().norm().maxCoeff() * (1 + 1e-6));
      }
    }
  }
  matrix x = gauss(5, 3);
  x.topRows(3).setConstant(not_a_number);  // more than are clipped: the others stay as they are
  matrix const y = adaptive_clip{1}(x);
  CHECK(y.topRows(3).isZero(0));
  CHECK(same_bits(y.bottomRows(2), x.bottomRows(2)));
}

TEST_CASE("adaptive_clip refuses f out of range, and reads every input kind") {
  check_refuses(adaptive_clip{-1}, gauss(3, 2), {"adaptive_clip: needs 0 <= f <= n", "f = -1"});
  check_refuses(adaptive_clip{4}, gauss(3, 2), {"needs 0 <= f <= n", "f = 4", "n = 3"});
  check_four_inputs(adaptive_clip{2});
  check_outputs(adaptive_clip{2});
}
