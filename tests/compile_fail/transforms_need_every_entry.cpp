// SPDX-License-Identifier: BSL-1.0
// says: needs every entry and cannot skip NaN
#include <robagg/location/krum.hpp>
#include <robagg/transform/nearest_neighbour_mixing.hpp>

#include <vector>

using namespace robagg;

void check(table<float> const& x, std::vector<double> const& w, Eigen::VectorXf const& v) {
  static_cast<void>(x), static_cast<void>(w), static_cast<void>(v);
#ifndef BROKEN
  krum{.f = 2}(skip_nan(x));
#else
  nearest_neighbour_mixing{.f = 2}(skip_nan(x));
#endif
}
