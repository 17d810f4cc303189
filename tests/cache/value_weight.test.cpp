// SPDX-License-Identifier: BSL-1.0
// What value norms do to importances.
#include "laws.hpp"

using namespace robagg_test;
using robagg::norm_axis, robagg::value_weight;

TEST_CASE("norms are normalised over keys, or over heads") {
  matrix const scores{{.70, .29, .29, .29, .60}, {.70, .29, .29, .29, .60}}, norms{{1, 2, 1, 1, 1}, {1, 1, 3, 1, 1}};
  matrix const keys = value_weight{}(scores, norms), heads = value_weight{norm_axis::heads}(scores, norms);
  CHECK(difference(keys.row(0), matrix{{.7 / 6, .58 / 6, .29 / 6, .29 / 6, .1}}) <= 1e-15);
  CHECK(difference(heads.row(0), matrix{{.35, .58 / 3, .0725, .145, .3}}) <= 1e-15);
  CHECK(value_weight{}(scores, matrix::Zero(2, 5)).isZero());
  check_call_refused(value_weight{}, [&](auto const& op) { op(scores, matrix::Zero(1, 5)); },
                     {"value_weight: needs one norm per score"});
  check_call_refused(value_weight{}, [&](auto const& op) { op(scores, matrix::Constant(2, 5, -1)); },
                     {"needs norms >= 0", "norm = -1"});
}
