// SPDX-License-Identifier: BSL-1.0
// says: this table has weights already
#include <robagg/location/mean.hpp>

#include <vector>

using namespace robagg;

void check(table<float> const& x, std::vector<double> const& w, Eigen::VectorXf const& v) {
  static_cast<void>(x), static_cast<void>(w), static_cast<void>(v);
#ifndef BROKEN
  mean{}(weighted(x, w));
#else
  mean{}(weighted(weighted(x, w), w));
#endif
}
