// SPDX-License-Identifier: BSL-1.0
// says: satisfaction of .*outlives_the_wrapper<|satisfy 'outlives_the_wrapper'
#include <robagg/location/mean.hpp>

#include <vector>

using namespace robagg;

void check(table<float> const& x, std::vector<double> const& w, Eigen::VectorXf const& v) {
  static_cast<void>(x), static_cast<void>(w), static_cast<void>(v);
#ifndef BROKEN
  mean{}(weighted(x, w));
#else
  mean{}(weighted(table<float>(x), w));
#endif
}
