// SPDX-License-Identifier: BSL-1.0
// says: robagg: a table of 64-bit integers, of char or of bool is no table of reports
#include <robagg/location/krum.hpp>

using namespace robagg;

void check(table<float> const& x) {
#ifndef BROKEN
  krum{.f = 1}(x);
#else
  krum{.f = 1}(Eigen::Matrix<bool, Eigen::Dynamic, Eigen::Dynamic>(x.array() > 0));
#endif
}
