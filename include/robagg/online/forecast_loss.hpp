// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../error.hpp"

#include <array>
#include <cmath>

namespace robagg::inline ROBAGG_ABI {

/// What a forecast x of an outcome y costs: (x - y)^2; |x - y|; the pinball loss at a level, whose best constant is that
/// quantile; |x - y| / |y|.
enum class forecast_loss { square, absolute, pinball, percentage };
constexpr std::array<std::string_view, 4> enumerators(forecast_loss) { return {"square", "absolute", "pinball", "percentage"}; }

namespace detail {

struct loss_function {
  forecast_loss kind = forecast_loss::square;
  double level = .5;

  double operator()(double x, double y) const {
    double const e = x - y;
    switch (kind) {
      case forecast_loss::square:
        return e * e;
      case forecast_loss::absolute:
        return std::abs(e);
      case forecast_loss::pinball:
        return e > 0 ? (1 - level) * e : -level * e;
      default:
        return std::abs(e) / std::abs(y);
    }
  }
  // Its derivative by x; at a kink the one that opera takes.
  double slope(double x, double y) const {
    double const e = x - y, sign = e > 0 ? 1 : e < 0 ? -1 : 0;
    switch (kind) {
      case forecast_loss::square:
        return 2 * e;
      case forecast_loss::absolute:
        return sign;
      case forecast_loss::pinball:
        return (e > 0 ? 1 : 0) - level;
      default:
        return sign / std::abs(y);
    }
  }
};

}  // namespace detail
}  // namespace robagg::inline ROBAGG_ABI
