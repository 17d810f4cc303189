// SPDX-License-Identifier: BSL-1.0
// The mean of clipped reports: the pipe that it stands for, weights, and its bound.
#include "laws.hpp"

#include <robagg/location/norm_bounded_mean.hpp>

using namespace robagg_test;
using robagg::norm_bounded_mean;

TEST_CASE("norm_bounded_mean is the mean of clipped reports") {
  matrix const w5{{1, 2}, {2, 1}, {1.5, 1.5}, {2, 2.5}, {100, -100}};
  CHECK(difference(in<double>(norm_bounded_mean{2}, w5), matrix{{1.3522197586, 0.8490038384}}) <= 1e-9);
  for (double const radius : {0., .5, 3., infinity}) {
    check_reference(subject_of(norm_bounded_mean{radius}),
                    [=](matrix const& x) { return reference::mean(reference::clip(x, radius)); });
  }
  matrix const x = gauss(5, 7);
  reference::weights const w = {1, 2.5, 0, .5, 3};
  matrix const expected = reference::mean(reference::clip(x, 2), w);
  CHECK(difference(subject_of(norm_bounded_mean{2}).weighted(x, w), expected) <= 1e-14);
}

TEST_CASE("norm_bounded_mean obeys its laws") {
  for (auto const& s : {subject_of(norm_bounded_mean{4}), subject_of<float>(norm_bounded_mean{4})}) {
    check_laws(s, {permutation_invariant, sign_equivariant, same_bits_in_any_order_of_storage, workspace_settles, no_columns,
                   needs_a_report, subset_is_those_rows, around_is_moving, equal_weights, weight_zero_is_absent});
  }
  auto const s = subject_of(norm_bounded_mean{4});
  check_laws(s, {weights_are_relative});
  check_weights_repeat(s, s, {1, 2, 3, 1, 4, 1, 2});
}

TEST_CASE("no lie makes norm_bounded_mean longer than its radius") {
  for (lie const l : all_lies) {
    auto const a = attack(gauss(5, 30, 5), 4, l, static_cast<double>(std::numeric_limits<float>::max()));
    INFO("liars send " << text(l));
    for (matrix const& y : {in<double>(norm_bounded_mean{2}, a.table), in<float>(norm_bounded_mean{2}, a.table)}) {
      CHECK(y.norm() <= 2 * (1 + 1e-6));
    }
  }
  matrix x = gauss(4, 5);
  matrix const honest = x.topRows(3);
  x.row(3).setConstant(not_a_number);
  CHECK(difference(in<double>(norm_bounded_mean{1e6}, x), .75 * reference::mean(honest)) <= 1e-14);
}

TEST_CASE("norm_bounded_mean refuses a radius below 0, and reads every input kind") {
  check_refuses(norm_bounded_mean{-1}, gauss(3, 2), {"norm_bounded_mean: needs radius >= 0", "radius = -1"});
  check_refuses(norm_bounded_mean{not_a_number}, gauss(3, 2), {"needs radius >= 0"});
  check_four_inputs(norm_bounded_mean{4});
  check_outputs(norm_bounded_mean{4});
}
