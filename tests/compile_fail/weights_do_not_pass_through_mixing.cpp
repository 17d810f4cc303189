// SPDX-License-Identifier: BSL-1.0
// says: this operator has no weighted form
#include <robagg/location/mean.hpp>
#include <robagg/transform/clip.hpp>
#include <robagg/transform/nearest_neighbour_mixing.hpp>

#include <vector>

using namespace robagg;

void check(table<float> const& x, std::vector<double> const& w, Eigen::VectorXf const& v) {
  static_cast<void>(x), static_cast<void>(w), static_cast<void>(v);
#ifndef BROKEN
  (clip{.radius = 1} | mean{})(weighted(x, w));
#else
  (nearest_neighbour_mixing{.f = 1} | mean{})(weighted(x, w));
#endif
}
