// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/select/radix.hpp"
#include "../detail/table/output.hpp"
#include "../scores.hpp"

#include <algorithm>
#include <cmath>

namespace robagg::inline ROBAGG_ABI {

/// The continuous ranked probability score of a sample: mean |x - y| less half the mean |x - x'|.
///
/// Shapes     n forecasts x m sampled values, n outcomes -> n scores. From quantiles, weighted_interval_score is its rectangle
/// rule. Ranges     fair: pairs of different members alone, unbiased for the distribution they are drawn from; NaN for m = 1.
/// Errors     other lengths; no samples.                 Guarantee  proper; >= 0 unless fair.
/// Cost       O(n m log m).                              NaN  propagates.   Ties  none.
/// Source     Gneiting and Raftery, 2007; Ferro, 2014.   Example  examples/quantile_ensemble.cpp
struct crps {
  bool fair = false;

  static constexpr void parameters(auto& op, auto visit) { visit("fair", op.fair); }
  template <reports Q, class Y>
  void into(Q const& given, Y const& y, auto&& out, workspace& ws) const {
    auto&& samples = detail::readable(given);
    if (static_cast<Index>(y.size()) != samples.rows())
      detail::refuse(*this, "needs an outcome for each row",
                     {{"rows", samples.rows()}, {"outcomes", static_cast<Index>(y.size())}});
    Index const m = samples.cols();
    if (m < 1) detail::refuse(*this, "needs at least one sample", {{"samples", m}});
    detail::fit_vector(*this, out, samples.rows(), "n");
    auto const scope = ws.scope();
    double* const x = ws.take<double>(m);
    auto const count = static_cast<double>(m);
    for (Index i = 0; i < samples.rows(); ++i) {
      double distance = 0, spread = 0;
      bool known = true;
      for (Index k = 0; k < m; ++k) {
        x[k] = static_cast<double>(samples(i, k));
        known = known && x[k] == x[k];
        distance += std::abs(x[k] - static_cast<double>(detail::score_at(y, i)));
      }
      if (known) detail::sort_values(x, m, ws);
      for (Index k = 0; k < m; ++k) spread += static_cast<double>(2 * k + 1 - m) * x[k];
      double const score = distance / count - spread / (fair ? count * (count - 1) : count * count);
      detail::store(out, i, &score, 1);
    }
  }
  template <reports Q, class Y>
  Eigen::VectorXd operator()(Q const& samples, Y const& y) const {
    workspace ws;
    Eigen::VectorXd out;
    into(samples, y, out, ws);
    return out;
  }
};

}  // namespace robagg::inline ROBAGG_ABI
