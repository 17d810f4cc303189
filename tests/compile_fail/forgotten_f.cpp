// SPDX-License-Identifier: BSL-1.0
// says: robagg: a parameter without a default is missing
#include <robagg/location/trimmed_mean.hpp>

using namespace robagg;

void check(table<float> const& x) {
#ifndef BROKEN
  trimmed_mean{.f = 1}(x);
#else
  trimmed_mean{}(x);
#endif
}
