// SPDX-License-Identifier: BSL-1.0
// says: robagg: this operator has no weighted form
#include <robagg/location/krum.hpp>

#include <vector>

using namespace robagg;

void check(table<float> const& x, std::vector<double> const& w, Eigen::VectorXf const& v) {
  static_cast<void>(x), static_cast<void>(w), static_cast<void>(v);
#ifndef BROKEN
  krum{.f = 1}(x);
#else
  krum{.f = 1}(weighted(x, w));
#endif
}
