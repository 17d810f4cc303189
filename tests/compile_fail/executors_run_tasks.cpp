// SPDX-License-Identifier: BSL-1.0
// says: this is no executor: it must be callable with
#include <robagg/location/median.hpp>
#include <robagg/parallel.hpp>

using namespace robagg;

#ifndef BROKEN
auto const rule = sliced(median{}, threads{5});
#else
auto const rule = sliced(median{}, 5);
#endif
