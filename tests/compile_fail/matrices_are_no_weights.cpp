// SPDX-License-Identifier: BSL-1.0
// says: robagg: weights are a vector with one number per row
#include <robagg/location/median.hpp>

using namespace robagg;

void check(table<float> const& x) {
#ifndef BROKEN
  Eigen::VectorXd const w(3);
  median{}(weighted(x, w));
#else
  Eigen::MatrixXd const w(3, 3);
  median{}(weighted(x, w));
#endif
}
