// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../error.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Conformal miscoverage for time series, where data drift: after each outcome the level moves against what just happened.
/// Over T steps the share of misses is within (max(m, 1 - m) + step) / (step T) of the target m, whatever the data.
/// Source  Gibbs and Candes, Adaptive conformal inference under distribution shift, 2021.
class adaptive_miscoverage {
 public:
  adaptive_miscoverage(double target, double step) : target_(target), step_(step), level_(target) {
    if (!(target > 0 && target < 1) || !(step > 0))
      detail::throw_bad_input("adaptive_miscoverage", "needs 0 < target < 1 and step > 0",
                              {{"target", target}, {"step", step}});
  }
  /// The level to calibrate the next interval with: 0 or less asks for an infinite one, 1 or more for an empty one.
  double level() const { return level_; }
  void add(bool covered) {
    // Two statements: within one, clang rounds a product and a sum of numbers that it knows only once.
    double const pull = step_ * (target_ - (covered ? 0 : 1));
    level_ += pull;
  }

 private:
  double target_, step_, level_;
};

}  // namespace robagg::inline ROBAGG_ABI
