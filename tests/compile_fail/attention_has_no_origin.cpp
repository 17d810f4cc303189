// SPDX-License-Identifier: BSL-1.0
// says: moving the origin has no meaning for this operator
#include <robagg/cache/defensive.hpp>

#include <vector>

using namespace robagg;

void check(table<float> const& x, std::vector<double> const& w, Eigen::VectorXf const& v) {
  static_cast<void>(x), static_cast<void>(w), static_cast<void>(v);
#ifndef BROKEN
  defensive{}(skip_nan(x));
#else
  defensive{}(around(x, v));
#endif
}
