// SPDX-License-Identifier: BSL-1.0
// says: robagg: std::vector<bool> holds bits: a mask is one byte an entry
#include <robagg/location/mean.hpp>
#include <vector>

using namespace robagg;

void check(table<float> const& x) {
#ifndef BROKEN
  std::vector<unsigned char> const mask(12);
#else
  std::vector<bool> const mask(12);
#endif
  mean{}(masked(x, mask));
}
