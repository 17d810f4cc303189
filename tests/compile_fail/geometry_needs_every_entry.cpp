// SPDX-License-Identifier: BSL-1.0
// says: needs every entry and cannot skip NaN
#include <robagg/location/geometric_median.hpp>
#include <robagg/location/median.hpp>

#include <vector>

using namespace robagg;

void check(table<float> const& x, std::vector<double> const& w, Eigen::VectorXf const& v) {
  static_cast<void>(x), static_cast<void>(w), static_cast<void>(v);
#ifndef BROKEN
  median{}(skip_nan(x));
#else
  geometric_median{}(skip_nan(x));
#endif
}
