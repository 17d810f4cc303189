// SPDX-License-Identifier: BSL-1.0
// says: robagg: a parameter without a default is missing
#include <robagg/location/mean.hpp>
#include <robagg/transform/clip.hpp>

using namespace robagg;

void check(table<float> const& x) {
#ifndef BROKEN
  (clip{.radius = 1} | mean{})(x);
#else
  (clip{} | mean{})(x);
#endif
}
