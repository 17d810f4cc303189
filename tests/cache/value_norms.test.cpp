// SPDX-License-Identifier: BSL-1.0
// Norms of values, as they are and as their heads project them.
#include "laws.hpp"

using namespace robagg_test;
using robagg::value_norms;

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
  check_call_refused(value_norms{}, [&](auto const& op) { op.into(values, matrix::Zero(6, 3), projected, ws); },
                     {"value_norms: needs projections of head_dim rows"});
}
