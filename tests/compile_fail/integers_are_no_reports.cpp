// SPDX-License-Identifier: BSL-1.0
// says: robagg: a table of 64-bit integers, of char or of bool is no table of reports
#include <robagg/location/mean.hpp>

using namespace robagg;

void check(table<float> const& x) {
#ifndef BROKEN
  mean{}(x.cast<int>());
#else
  mean{}(x.cast<long>());
#endif
}
