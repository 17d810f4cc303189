// SPDX-License-Identifier: BSL-1.0
// How much the errors of judges go together, and how many independent judges they are worth.
#pragma once

#include "../../reports.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace robagg::inline ROBAGG_ABI::detail {

class errors_of_judges {
 public:
  /// Judges x items, and what is thought of each item; NaN where a judge, or the panel, says nothing. All else is finite.
  errors_of_judges(table<double> scores, Eigen::RowVectorXd const& panel) : errors_(std::move(scores)) {
    double largest = 0;
    for (Index e = 0; e < errors_.size(); ++e) largest = std::max(largest, std::abs(errors_.data()[e]));
    for (Index i = 0; i < errors_.cols(); ++i) {
      for (Index j = 0; j < errors_.rows(); ++j) {
        // In units of the largest score: nothing overflows, and below 1e-12 it is rounding.
        double const said = errors_(j, i) / (largest > 0 ? largest : 1), thought = panel(i) / (largest > 0 ? largest : 1);
        errors_(j, i) = said - thought;
      }
    }
    for (Index p = 0; p < errors_.rows(); ++p) {
      judges_ += errors_.row(p).array().isNaN().all() ? 0 : 1;
      for (Index q = 0; q < p; ++q) {
        double const r = correlation(p, q);
        if (r == r) {
          sum_ += r;
          ++pairs_;
        }
      }
    }
  }
  /// Over pairs; NaN where none is known.
  double mean_correlation() const { return pairs_ > 0 ? sum_ / pairs_ : nan; }
  double effective() const {
    double const r = mean_correlation();
    return judges_ <= 1 ? judges_ : judges_ / (1 + (judges_ - 1) * (r < 0 ? 0 : r));
  }

 private:
  static constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  static constexpr Index least_common = 3;  // two points always lie on a line
  static constexpr double rounding = 1e-12;

  double correlation(Index p, Index q) const {
    auto const over_both = [&](auto const& value) {
      double sum = 0;
      for (Index i = 0; i < errors_.cols(); ++i) {
        double const x = errors_(p, i), y = errors_(q, i);
        if (x == x && y == y) sum += value(x, y);
      }
      return sum;
    };
    double const n = over_both([](double, double) { return 1.; });
    if (n < least_common) return nan;
    double const x_mean = over_both([](double x, double) { return x; }) / n,
                 y_mean = over_both([](double, double y) { return y; }) / n;
    double const x_square = over_both([&](double x, double) { return (x - x_mean) * (x - x_mean); }),
                 y_square = over_both([&](double, double y) { return (y - y_mean) * (y - y_mean); }),
                 product = over_both([&](double x, double y) { return (x - x_mean) * (y - y_mean); });
    double const none = rounding * rounding * n;
    if (x_square <= none || y_square <= none) return x_square <= none && y_square <= none ? 1 : 0;
    return std::clamp(product / (std::sqrt(x_square) * std::sqrt(y_square)), -1., 1.);
  }

  table<double> errors_;
  double sum_ = 0, pairs_ = 0, judges_ = 0;
};

}  // namespace robagg::inline ROBAGG_ABI::detail
