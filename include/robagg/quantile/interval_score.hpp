// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../detail/base/config.hpp"

#include <algorithm>

namespace robagg::inline ROBAGG_ABI {

/// The score of a central interval [lower, upper] of coverage 1 - miscoverage: its width, and 2 / miscoverage times how far the
/// outcome is outside.   Source  Gneiting and Raftery, 2007.
inline double interval_score(double lower, double upper, double y, double miscoverage) {
  return (upper - lower) + 2 / miscoverage * (std::max(lower - y, 0.) + std::max(y - upper, 0.)) + 0 * y;
}

}  // namespace robagg::inline ROBAGG_ABI
