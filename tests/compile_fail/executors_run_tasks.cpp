// SPDX-License-Identifier: BSL-1.0
// says: robagg: this is no executor: it must be callable with
#include <robagg/location/median.hpp>
#include <robagg/parallel.hpp>

using namespace robagg;

void check(table<float> const& x) {
#ifndef BROKEN
  sliced(median{}, threads{5})(x);
#else
  sliced(median{}, 5)(x);
#endif
}
