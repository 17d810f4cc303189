// SPDX-License-Identifier: BSL-1.0
// says: satisfaction of .*any_reports<|satisfy 'any_reports'
#include <robagg/location/mean.hpp>

#include <vector>

using namespace robagg;

void check(table<float> const& x, std::vector<double> const& w, Eigen::VectorXf const& v) {
  static_cast<void>(x), static_cast<void>(w), static_cast<void>(v);
#ifndef BROKEN
  mean{}(x);
#else
  mean{}(x.cast<int>());
#endif
}
