// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/columns/phantoms.hpp"
#include "../detail/table/check.hpp"
#include "../detail/table/output.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace robagg::inline ROBAGG_ABI {
namespace detail {

// What one agent wants of an alternative, and the weight of those who want at least as much.
struct proposal {
  double share, above;
};
// Of one alternative's proposals, the highest first: max over i of min(share i, t above i), and its slope in t.
inline std::pair<double, double> clearing(proposal const* p, Index n, double t) {
  Index const at = std::partition_point(p, p + n, [t](proposal const& q) { return q.share >= t * q.above; }) - p;
  double const below = at > 0 ? t * p[at - 1].above : 0, next = at < n ? p[at].share : 0;
  return below >= next ? std::pair(below, at > 0 ? p[at - 1].above : 0) : std::pair(next, 0.);
}

}  // namespace detail

/// One division of a budget from many: the median of the agents' proposals and of phantoms, alternative by alternative, with
/// the phantoms raised until the medians add up to 1.
///
/// Shapes     n agents x m alternatives, shares whose sum is 1 in every row -> m shares.
/// Errors     shares that are negative, NaN or infinite; a row whose sum is not 1 (within 1e-9, or m roundings of its type);
///            n = 0, m = 0.
/// Guarantee  sums to 1 within 1e-12. Strategyproof for agents who count the distance of the shares to theirs (sum of absolute
///            differences); proportional: agents who want all for one alternative each get their share of it. Of two
///            alternatives each is uniform_phantom's.
/// Cost       one read, O(n m log n). Holds 2 n m doubles.
/// NaN        refused.     Weights  the agents'; of weight 0 is absent.     Ties  irrelevant: equal values are equal.
/// Source     Freeman, Pennock, Peters and Wortman Vaughan, Truthful aggregation of budget proposals, 2021.
/// Example    examples/mixtures.cpp
struct independent_markets {
  static constexpr int reads = detail::has_weights;

  std::size_t scratch(auto const& r) const {
    return workspace::room<double>(r.rows()) + workspace::room<double>(r.cols()) +
           workspace::room<detail::proposal>(r.rows() * r.cols());
  }
  template <any_reports R>
  void into(R const& r, auto&& out, workspace& ws) const {
    auto&& entered = detail::enter(*this, r);
    detail::need(*this, scratch(r), ws);
    auto const scope = ws.scope();
    auto const& x = detail::plain_of(entered);
    using S = typename std::remove_cvref_t<decltype(x)>::Scalar;
    Index const n = x.rows(), m = x.cols();
    if (m < 1) detail::refuse(*this, "needs at least one alternative", {{"alternatives", m}});
    auto weights = ws.vector<double>(n), result = ws.vector<double>(m);
    auto* const all = ws.take<detail::proposal>(n * m);
    detail::read_weights(r, weights.data());
    double const slack = std::max(1e-9, static_cast<double>(m) * static_cast<double>(std::numeric_limits<S>::epsilon()));
    Index present = 0;
    double total = 0;
    for (Index i = 0; i < n; ++i) {
      if (!(weights(i) > 0)) continue;
      double sum = 0;
      for (Index j = 0; j < m; ++j) {
        double const share = static_cast<double>(x(i, j));
        if (!(share >= 0) || !std::isfinite(share))
          detail::refuse(*this, "needs finite shares >= 0", {{"agent", i}, {"alternative", j}, {"share", share}});
        all[j * n + present] = {share, weights(i)}, sum += share;
      }
      if (!(std::abs(sum - 1) <= slack)) detail::refuse(*this, "needs shares whose sum is 1", {{"agent", i}, {"sum", sum}});
      total += weights(i);
      ++present;
    }
    for (Index j = 0; j < m; ++j) {
      auto* const p = all + j * n;
      std::sort(p, p + present, [](auto const& a, auto const& b) { return a.share > b.share; });
      double above = 0;
      for (Index i = 0; i < present; ++i) p[i].above = above = above + p[i].above / total;
    }
    clear(all, n, present, result);
    result /= detail::sum(result);
    detail::fit_vector(*this, out, m);
    detail::store(out, 0, result.data(), m);
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

 private:
  // The sum of the medians rises with t in straight pieces from 0; at the largest t all are what somebody wants most, 1 or
  // more. Newton's steps end on the right piece; where they leave what is known, halve it.
  static void clear(detail::proposal const* all, Index stride, Index n, workspace::vector_map<double>& result) {
    Index const m = result.size();
    double least = std::numeric_limits<double>::infinity(), low = 0;
    for (Index i = 0; i < n; ++i) least = std::min(least, all[i].above);
    double high = 2 / least, t = 1;
    for (int step = 0; step < 400; ++step) {
      double sum = 0, slope = 0;
      for (Index j = 0; j < m; ++j) {
        auto const [value, rise] = detail::clearing(all + j * stride, n, t);
        result(j) = value;
        sum += value;
        slope += rise;
      }
      if (std::abs(sum - 1) <= 4e-16 * static_cast<double>(m)) return;
      (sum < 1 ? low : high) = t;
      double const newton = t + (1 - sum) / slope, half = low + (high - low) / 2;
      double const next = newton > low && newton < high ? newton : half;
      if (next == t || !(low < high)) return;
      t = step % 8 == 7 ? half : next;
    }
  }
};

}  // namespace robagg::inline ROBAGG_ABI
