// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../detail/select/rank.hpp"
#include "../scores.hpp"
#include "adaptive_miscoverage.hpp"  // here until 0.3

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// What a conformal score measures: how far the outcome is outside the interval, one offset for both sides; each side for
/// itself; relative to the distance from the median (m) or to the width (r); the distance from the median alone.
enum class conformal_score { symmetric, asymmetric, m, r, absolute };
constexpr std::array<std::string_view, 5> enumerators(conformal_score) {
  return {"symmetric", "asymmetric", "m", "r", "absolute"};
}

/// Which order statistic of n scores is the offset: the one that the guarantee needs, infinite where n is too small for it; the
/// largest then; or NumPy's interpolated quantile at (1 - miscoverage)(n + 1) / n.
enum class conformal_rank { exact, clamp, interpolate };
constexpr std::array<std::string_view, 3> enumerators(conformal_rank) { return {"exact", "clamp", "interpolate"}; }

/// An interval; inverted says that its ends had passed each other and were put in the middle.
struct calibrated_interval {
  double lower, upper;
  bool inverted = false;
};

/// Offsets that widen (or narrow) intervals.
struct conformal_fit {
  conformal_score score = conformal_score::symmetric;
  double below = 0, above = 0;  ///< offsets of the lower and the upper end; in units of the scale for m and r
  Index rank = 0;               ///< which of the scores, from the smallest: 1 ...
  double epsilon = 1e-6;

  calibrated_interval operator()(double lower, double median, double upper) const {
    bool const absolute = score == conformal_score::absolute;
    double down = 1, up = 1;
    if (score == conformal_score::m) {
      down = median - lower + epsilon;
      up = upper - median + epsilon;
    }
    if (score == conformal_score::r) down = up = upper - lower + epsilon;
    calibrated_interval y{(absolute ? median : lower) - below * down, (absolute ? median : upper) + above * up};
    if (y.lower > y.upper) {
      y.lower = y.upper = y.lower + (y.upper - y.lower) / 2;
      y.inverted = true;
    }
    return y;
  }
};

/// Conformal calibration of a quantile pair (split CQR): from held-out intervals and outcomes, the offset with which new
/// intervals cover, whatever the model.
///
/// Shapes     n lower ends, medians, upper ends and outcomes -> a conformal_fit, applied to new (lower, median, upper).
/// Ranges     miscoverage in (0, 1); epsilon > 0 keeps scales of m and r positive.
/// Errors     other lengths, n = 0, NaN, miscoverage or epsilon out of range.
/// Guarantee  exact rank, exchangeable data: coverage at least 1 - miscoverage, and at most 1 / (n + 1) more without ties.
/// clamp
///            and interpolate lose it for small n (nominal 95 % of 9 points cover 90 %).
/// Cost       O(n) selection.            NaN  refused.            Ties  none: equal scores are equal.
/// Source     Romano, Patterson and Candes, 2019; m: Kivaranovic et al., 2020; r: Sesia and Candes, 2020.
/// Example    examples/quantile_ensemble.cpp
struct conformal_quantile {
  required<real, "miscoverage"> miscoverage;
  conformal_score score = conformal_score::symmetric;
  conformal_rank rank = conformal_rank::exact;
  double epsilon = 1e-6;

  static constexpr void parameters(auto& op, auto visit) {
    visit("miscoverage", op.miscoverage), visit("score", op.score), visit("rank", op.rank), visit("epsilon", op.epsilon);
  }

  template <detail::scores L, detail::scores M, detail::scores U, detail::scores Y>
  conformal_fit fit(L const& lower, M const& median, U const& upper, Y const& y) const {
    auto const n = static_cast<Index>(y.size());
    for (Index const size :
         {static_cast<Index>(lower.size()), static_cast<Index>(median.size()), static_cast<Index>(upper.size())}) {
      if (size != n) detail::refuse(*this, "needs an interval for each outcome", {{"intervals", size}, {"outcomes", n}});
    }
    if (n < 1) detail::refuse(*this, "needs at least one outcome", {{"n", n}});
    if (!(miscoverage > 0 && miscoverage < 1))
      detail::refuse(*this, "needs 0 < miscoverage < 1", {{"miscoverage", miscoverage}});
    if (!(epsilon > 0) || !std::isfinite(epsilon)) detail::refuse(*this, "needs a finite epsilon > 0", {{"epsilon", epsilon}});
    std::vector<double> both, below, above;
    for (Index i = 0; i < n; ++i) {
      auto const at = [i](auto const& v) { return static_cast<double>(detail::score_at(v, i)); };
      double const low = at(lower) - at(y), high = at(y) - at(upper), width = at(upper) - at(lower) + epsilon;
      double s = std::max(low, high);
      if (score == conformal_score::m)
        s = std::max(low / (at(median) - at(lower) + epsilon), high / (at(upper) - at(median) + epsilon));
      if (score == conformal_score::r) s = std::max(low / width, high / width);
      if (score == conformal_score::absolute) s = std::abs(at(median) - at(y));
      if (low != low || high != high || s != s) detail::refuse(*this, "needs numbers", {{"observation", i}});
      both.push_back(s);
      below.push_back(low);
      above.push_back(high);
    }
    conformal_fit out{.score = score, .epsilon = epsilon};
    if (score == conformal_score::asymmetric) {
      out.below = offset(below, miscoverage / 2, out.rank);
      out.above = offset(above, miscoverage / 2, out.rank);
    } else {
      out.below = out.above = offset(both, miscoverage, out.rank);
    }
    return out;
  }

 private:
  double offset(std::vector<double>& scores, double miss, Index& place) const {
    auto const n = static_cast<double>(scores.size());
    if (score == conformal_score::absolute) {  // as the field has it: counted from the largest
      double const from_top = std::floor(miss * (n + 1) + 1e-9);
      place = static_cast<Index>(n) + 1 - static_cast<Index>(from_top);
    } else {
      place = static_cast<Index>(std::ceil((1 - miss) * (n + 1) - 1e-9));
    }
    if (rank == conformal_rank::interpolate) {
      return detail::interpolated_quantile(scores.data(), static_cast<Index>(scores.size()),
                                           std::min(1., (1 - miss) * (n + 1) / n));
    }
    if (place > static_cast<Index>(scores.size())) {
      if (rank == conformal_rank::exact) return std::numeric_limits<double>::infinity();
      place = static_cast<Index>(scores.size());
    }
    auto const at = scores.begin() + (std::max<Index>(place, 1) - 1);
    std::nth_element(scores.begin(), at, scores.end());
    return *at;
  }
};
}  // namespace robagg::inline ROBAGG_ABI
