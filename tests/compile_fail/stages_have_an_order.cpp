// SPDX-License-Identifier: BSL-1.0
// says: robagg: these stages do not fit
#include <robagg/location/median.hpp>
#include <robagg/transform/clip.hpp>

using namespace robagg;

void check(table<float> const& x) {
#ifndef BROKEN
  (clip{.radius = 1} | median{})(x);
#else
  (median{} | clip{.radius = 1})(x);
#endif
}
