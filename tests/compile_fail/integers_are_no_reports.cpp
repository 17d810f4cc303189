// SPDX-License-Identifier: BSL-1.0
// says: robagg: a table of integers or bool is no table of reports
#include <robagg/location/mean.hpp>

using namespace robagg;

void check(table<float> const& x) {
#ifndef BROKEN
  mean{}(x);
#else
  mean{}(x.cast<long>());
#endif
}
