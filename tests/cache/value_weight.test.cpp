// SPDX-License-Identifier: BSL-1.0
// Value norms and what they do to importances.
#include "laws.hpp"

using namespace robagg_test;
using robagg::norm_axis, robagg::value_norms, robagg::value_weight;

TEST_CASE("norms are normalised over keys, or over heads") {
  matrix const scores{{.70, .29, .29, .29, .60}, {.70, .29, .29, .29, .60}}, norms{{1, 2, 1, 1, 1}, {1, 1, 3, 1, 1}};
  matrix const keys = value_weight{}(scores, norms), heads = value_weight{norm_axis::heads}(scores, norms);
  CHECK(difference(keys.row(0), matrix{{.7 / 6, .58 / 6, .29 / 6, .29 / 6, .1}}) <= 1e-15);
  CHECK(difference(heads.row(0), matrix{{.35, .58 / 3, .0725, .145, .3}}) <= 1e-15);
  CHECK(value_weight{}(scores, matrix::Zero(2, 5)).isZero());
  check_call_refused(value_weight{}, [&](auto const& op) { op(scores, matrix::Zero(1, 5)); }, {"value_weight: needs one norm per score"});
  check_call_refused(value_weight{}, [&](auto const& op) { op(scores, matrix::Constant(2, 5, -1)); }, {"needs norms >= 0", "norm = -1"});
}

TEST_CASE("the norm of a value is its L1 norm, or that of what its heads project it to") {
  matrix values = gauss(20, 4, 1);
  matrix const projections = gauss(12, 9, 2);
  values(3, 1) = not_a_number, values(4, 0) = infinity;
  Eigen::VectorXd const plain = value_norms{}(values);
  robagg::workspace ws;
  Eigen::VectorXd projected;
  value_norms{}.into(values, projections, projected, ws);
  for (Index i = 0; i < 20; ++i) {
    double sum = 0;
    for (Index g = 0; g < 3; ++g) sum += (values.row(i) * projections.middleRows(4 * g, 4)).cwiseAbs().sum() / 3;
    bool const absent = i == 3 || i == 4;
    CHECK(std::abs(plain(i) - (absent ? 0 : values.row(i).cwiseAbs().sum())) <= 1e-14);
    CHECK(std::abs(projected(i) - (absent ? 0 : sum)) <= 1e-13);
  }
  check_call_refused(value_norms{}, [&](auto const& op) { op.into(values, matrix::Zero(6, 3), projected, ws); }, {"value_norms: needs projections of head_dim rows"});
}
