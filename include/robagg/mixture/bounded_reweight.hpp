// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../detail/table/output.hpp"
#include "../scores.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

namespace robagg::inline ROBAGG_ABI {

/// How weights fall with risk: exponentially from 1 to the lowest, or in a straight line from the highest to the lowest.
enum class reweighting { exponential, linear };
constexpr std::array<std::string_view, 2> enumerators(reweighting) { return {"exponential", "linear"}; }

/// Weights that fall with risk, never below a bound: what is riskiest counts least and still counts.
///
/// Shapes     d risks, and d flags of what is valid or none: all -> d weights.
/// Ranges     0 < lowest < 1; highest > lowest and finite, for linear; floor > 0 and finite, for exponential.
///            exponential: exp(-k risk) with k = -log(lowest) / max(largest risk, floor), so that a batch of small risks is
///            left almost alone. linear: `lowest` for the largest risk, `highest` for the smallest, half way where all are
///            equal.
/// Errors     a negative risk; another number of flags; a parameter out of range.
/// Guarantee  weights in [lowest, 1], or [lowest, highest]; never larger for a larger risk of the same call. They depend on the
///            largest (and smallest) valid risk of the call.
/// Cost       O(d), an exponential each.
/// NaN        a risk that is not finite counts as 0, as in the source. What is not valid (flag 0 or NaN) weighs 0 and says
///            nothing about the others.    Ties  equal risks weigh the same.
/// Source     the reweighting of tokens in STEER (2025), from its code; docs/papers.md has the risk it computes.
/// Example    examples/mixtures.cpp
struct bounded_reweight {
  reweighting rule = reweighting::exponential;
  double lowest = .8;
  double highest = 1.2;  ///< linear
  double floor = .02;    ///< exponential

  static constexpr void parameters(auto& op, auto visit) {
    visit("rule", op.rule), visit("lowest", op.lowest), visit("highest", op.highest), visit("floor", op.floor);
  }

  template <detail::scores V, detail::scores F>
  void into(V const& risks, F const& valid, auto&& out, workspace& ws) const {
    Index const d = static_cast<Index>(risks.size()), given = static_cast<Index>(valid.size());
    if (given != d) detail::refuse(*this, "needs a flag for each risk", {{"risks", d}, {"flags", given}});
    auto const scope = ws.scope();
    auto const* const flag = detail::score_values(valid, ws);
    weigh(risks, [flag](Index i) { return flag[i] == flag[i] && flag[i] != 0; }, out, ws);
  }
  template <detail::scores V>
  void into(V const& risks, auto&& out, workspace& ws) const {
    weigh(risks, [](Index) { return true; }, out, ws);
  }
  auto operator()(detail::scores auto const& risks, detail::scores auto const&... valid) const {
    workspace ws;
    Eigen::VectorXd out;
    into(risks, valid..., out, ws);
    return out;
  }

 private:
  void weigh(auto const& risks, auto const& valid, auto&& out, workspace& ws) const {
    if (!(lowest > 0 && lowest < 1)) detail::refuse(*this, "needs 0 < lowest < 1", {{"lowest", lowest}});
    if (!(highest > lowest) || !std::isfinite(highest))
      detail::refuse(*this, "needs a finite highest > lowest", {{"lowest", lowest}, {"highest", highest}});
    if (!(floor > 0) || !std::isfinite(floor)) detail::refuse(*this, "needs a finite floor > 0", {{"floor", floor}});
    auto const scope = ws.scope();
    Index const d = static_cast<Index>(risks.size());
    auto const* const given = detail::score_values(risks, ws);
    double* const w = ws.take<double>(d);
    double least = std::numeric_limits<double>::infinity(), most = 0;
    for (Index i = 0; i < d; ++i) {
      w[i] = std::isfinite(given[i]) ? static_cast<double>(given[i]) : 0;
      if (!valid(i)) continue;
      if (w[i] < 0) detail::refuse(*this, "needs risks >= 0", {{"position", i}, {"risk", w[i]}});
      least = std::min(least, w[i]);
      most = std::max(most, w[i]);
    }
    for (Index i = 0; i < d; ++i) w[i] = valid(i) ? weight_of(w[i], least, most) : 0;
    detail::fit_vector(*this, out, d);
    detail::store(out, 0, w, d);
  }
  double weight_of(double risk, double least, double most) const {
    if (rule == reweighting::exponential) {
      return std::clamp(std::exp(std::log(lowest) * (risk / std::max(most, floor))), lowest, 1.);
    }
    double const up = most > least ? (most - risk) / (most - least) : .5;
    return std::clamp(lowest + up * (highest - lowest), lowest, highest);
  }
};

}  // namespace robagg::inline ROBAGG_ABI
