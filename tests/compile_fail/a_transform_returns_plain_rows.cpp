// SPDX-License-Identifier: BSL-1.0
// says: this operator has no weighted form
#include <robagg/location/median.hpp>
#include <robagg/transform/clip.hpp>

#include <vector>

using namespace robagg;

void check(table<float> const& x, std::vector<double> const& w, Eigen::VectorXf const& v) {
  static_cast<void>(x), static_cast<void>(w), static_cast<void>(v);
#ifndef BROKEN
  median{}(weighted(x, w));
#else
  clip{.radius = 1}(weighted(x, w));
#endif
}
