// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../scores.hpp"

#include <cmath>

namespace robagg::inline ROBAGG_ABI {

/// One option, or two to be chosen between at random.
struct mixture {
  bool feasible = false;  ///< false: no mixture keeps the threshold; `first` is the option with the highest lower bound
  Index first = -1;       ///< -1: there is no option with finite bounds
  double first_weight = 0;
  Index second = -1;  ///< -1: one option is enough
  double second_weight = 0;
  double value = 0;        ///< what the mixture is worth by the upper values
  double lower_bound = 0;  ///< and by the lower ones, >= threshold if feasible

  explicit operator bool() const { return feasible; }
};

/// The mixture of options with the best optimistic value whose lower bound keeps a threshold: as much risk as is safe.
///
/// Shapes     d lower bounds and d optimistic values -> a mixture of at most two options.
/// Errors     no options; other lengths; threshold not finite. That nothing is feasible is no error: see `feasible`.
/// Guarantee  if feasible, first_weight lower(first) + second_weight lower(second) >= threshold as computed in double: the
///            weight of the risky option is rounded down. If the bounds hold with probability 1 - delta each, so does the
///            mixture's with 1 - 2 delta.
/// Cost       O(d^2), no scratch.
/// NaN        an option with a NaN or infinite bound or value is out.
/// Ties       one option before two, then the lowest positions.
/// Source     Li, Huang, Shen and Yang, 2023 (StepMix and EpsMix), for the idea; the linear program is standard.
/// Example    examples/conservative_mixture.cpp
struct conservative_mixture {
  required<real, "threshold"> threshold;

  static constexpr void parameters(auto& op, auto visit) { visit("threshold", op.threshold); }

  template <detail::scores L, detail::scores U>
  void into(L const& lower, U const& upper, mixture& out, workspace& ws) const {
    auto const d = static_cast<Index>(lower.size()), given = static_cast<Index>(upper.size());
    if (d < 1) detail::refuse(*this, "needs at least one option", {{"d", d}});
    if (given != d) detail::refuse(*this, "needs an optimistic value per lower bound", {{"lower", d}, {"upper", given}});
    if (!std::isfinite(threshold.value)) detail::refuse(*this, "needs a finite threshold", {{"threshold", threshold}});
    auto const scope = ws.scope();
    auto const* const low = detail::score_values(lower, ws);
    auto const* const high = detail::score_values(upper, ws);
    auto const known = [&](Index i) { return std::isfinite(low[i]) && std::isfinite(high[i]); };

    mixture found;
    for (Index a = 0; a < d; ++a) {  // alone
      if (!known(a)) continue;
      double const bound = low[a], value = high[a];
      bool const keeps = bound >= threshold;
      bool const better = keeps == found.feasible ? (keeps ? value > found.value : bound > found.lower_bound) : keeps;
      if (found.first < 0 || better) found = {keeps, a, 1, -1, 0, value, bound};
    }
    for (Index a = 0; found.feasible && a < d; ++a) {  // a safe option with a risky one that is worth more
      if (!known(a) || low[a] < threshold) continue;
      for (Index b = 0; b < d; ++b) {
        if (!known(b) || low[b] >= threshold || high[b] <= high[a]) continue;
        mixture const both = mixed(a, low[a], high[a], b, low[b], high[b]);
        if (both.value > found.value) found = both;
      }
    }
    out = found;
  }
  auto operator()(detail::scores auto const& lower, detail::scores auto const& upper) const {
    workspace ws;
    mixture out;
    into(lower, upper, out, ws);
    return out;
  }

 private:
  mixture mixed(Index a, double low_a, double high_a, Index b, double low_b, double high_b) const {
    double risk = (low_a - threshold) / (low_a - low_b);
    auto const bound = [&] { return (1 - risk) * low_a + risk * low_b; };
    for (double step = 1e-16; bound() < threshold; step *= 2) risk = std::max(0., risk * (1 - step) - 1e-300);
    return {true, a, 1 - risk, b, risk, (1 - risk) * high_a + risk * high_b, bound()};
  }
};

}  // namespace robagg::inline ROBAGG_ABI
