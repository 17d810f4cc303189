// SPDX-License-Identifier: BSL-1.0
// says: robagg: a decision reads d scores, a vector of floating numbers
#include <robagg/decide/best.hpp>
#include <robagg/location/mean.hpp>

using namespace robagg;

Index check(table<float> const& x) {
#ifndef BROKEN
  return (mean{} | best{})(x) + best{}(x.row(0));
#else
  return best{}(x);
#endif
}
