// SPDX-License-Identifier: BSL-1.0
// says: robagg: std::vector<bool> holds bits, not weights
#include <robagg/location/median.hpp>
#include <vector>

using namespace robagg;

void check(table<float> const& x) {
#ifndef BROKEN
  std::vector<double> const w(3, 1);
  median{}(weighted(x, w));
#else
  std::vector<bool> const w(3, true);
  median{}(weighted(x, w));
#endif
}
