// SPDX-License-Identifier: BSL-1.0
// says: convert .*real|initialization of 'robagg::real'
#include <robagg/transform/clip.hpp>

#include <vector>

using namespace robagg;

void check(table<float> const& x, std::vector<double> const& w, Eigen::VectorXf const& v) {
  static_cast<void>(x), static_cast<void>(w), static_cast<void>(v);
#ifndef BROKEN
  clip{.radius = 1}(x);
#else
  clip{}(x);
#endif
}
