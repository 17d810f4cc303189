// SPDX-License-Identifier: BSL-1.0
// says: robagg: data is not piped
#include <robagg/location/median.hpp>
#include <robagg/transform/clip.hpp>

using namespace robagg;

void check(table<float> const& x) {
#ifndef BROKEN
  auto const y = (clip{.radius = 1} | median{})(x);
  static_cast<void>(y);
#else
  auto const y = x | clip{.radius = 1} | median{};
  static_cast<void>(y);
#endif
}
