// SPDX-License-Identifier: BSL-1.0
// How far two rankings of the same items are from each other.
#pragma once

#include "order.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// What two rankings say of pairs of items.
struct kendall_pairs {
  double items = 0;       ///< ranked by both
  double concordant = 0;  ///< in the same order
  double discordant = 0;
  double tied_first = 0, tied_second = 0;  ///< level in one only
  double tied_both = 0;

  double pairs() const { return items * (items - 1) / 2; }
  /// In [-1, 1]; NaN below two items, and tau_b where one ranking has one level only. tau_a: ties count against agreement.
  double tau_a() const { return (concordant - discordant) / pairs(); }
  /// Ties are left out of the largest possible agreement.
  double tau_b() const {
    double const untied = pairs() - tied_both;
    return (concordant - discordant) / (std::sqrt(untied - tied_first) * std::sqrt(untied - tied_second));
  }
  /// A tie is agreement with a tie and neutral otherwise (Emond and Mason, 2002).
  double tau_x() const { return (concordant - discordant + tied_both) / pairs(); }
  /// Discordant pairs, and `penalty` for one that is level in one ranking only (Fagin et al., 2004); a metric from 1/2 to 1.
  double distance(double penalty = .5) const { return discordant + penalty * (tied_first + tied_second); }
};

namespace detail {

// The pairs i < j with x[i] > x[j], in O(n log n); x is sorted.
inline double inversions(std::vector<double>& x) {
  std::vector<double> merged(x.size());
  double count = 0;
  for (std::size_t width = 1; width < x.size(); width *= 2) {
    for (std::size_t first = 0; first < x.size(); first += 2 * width) {
      std::size_t const middle = std::min(first + width, x.size()), last = std::min(first + 2 * width, x.size());
      std::size_t a = first, b = middle, to = first;
      while (a < middle && b < last) {
        if (x[b] < x[a]) count += static_cast<double>(middle - a);
        merged[to++] = x[b] < x[a] ? x[b++] : x[a++];
      }
      std::copy(x.begin() + static_cast<std::ptrdiff_t>(a), x.begin() + static_cast<std::ptrdiff_t>(middle),
                merged.begin() + static_cast<std::ptrdiff_t>(to));
      to += middle - a;
      std::copy(x.begin() + static_cast<std::ptrdiff_t>(b), x.begin() + static_cast<std::ptrdiff_t>(last),
                merged.begin() + static_cast<std::ptrdiff_t>(to));
    }
    x.swap(merged);
  }
  return count;
}
// Pairs of equal neighbours in something sorted.
double tied_pairs(auto const& x, auto const& equal) {
  double pairs = 0, run = 1;
  for (std::size_t i = 1; i < x.size(); ++i) {
    run = equal(x[i - 1], x[i]) ? run + 1 : 1;
    pairs += run - 1;
  }
  return pairs;
}

// Two rankings of the items that both rank, and what these weigh.
struct both_rankings {
  std::vector<double> first, second, weights;
};
template <scores A, scores B, scores W>
both_rankings ranked_by_both(char const* who, A const& a, B const& b, W const& w) {
  auto const n = static_cast<Index>(a.size());
  if (static_cast<Index>(b.size()) != n || static_cast<Index>(w.size()) != n) {
    detail::throw_bad_input(
        who, "needs as many items in both, and weights",
        {{"first", n}, {"second", static_cast<Index>(b.size())}, {"weights", static_cast<Index>(w.size())}});
  }
  both_rankings to;
  for (Index i = 0; i < n; ++i) {
    auto const x = static_cast<double>(detail::score_at(a, i)), y = static_cast<double>(detail::score_at(b, i)),
               weight = static_cast<double>(detail::score_at(w, i));
    if (!(weight >= 0) || !std::isfinite(weight))
      detail::throw_bad_input(who, "needs finite weights >= 0", {{"item", i}, {"weight", weight}});
    if (std::isnan(x) || std::isnan(y)) continue;
    to.first.push_back(x);
    to.second.push_back(y);
    to.weights.push_back(weight);
  }
  return to;
}

}  // namespace detail

/// Compares two rankings of the same items pair by pair.
///
/// Shapes     two vectors of d scores, or of d ranks: only their order counts.
/// Errors     different sizes.
/// Cost       O(d log d).
/// NaN        an item that one of them does not rank is left out.          Ties  counted by kind.
/// Source     Kendall, A new measure of rank correlation, 1938; Knight, 1966, for the counting.
/// Example    examples/leaderboard.cpp
template <detail::scores A, detail::scores B>
kendall_pairs kendall(A const& a, B const& b) {
  auto const both = detail::ranked_by_both("kendall", a, b, std::vector<double>(static_cast<std::size_t>(a.size()), 1.));
  std::vector<std::pair<double, double>> items;
  for (std::size_t i = 0; i < both.first.size(); ++i) items.emplace_back(both.first[i], both.second[i]);
  std::sort(items.begin(), items.end());
  kendall_pairs to{static_cast<double>(items.size())};
  to.tied_both = detail::tied_pairs(items, [](auto const& x, auto const& y) { return x == y; });
  to.tied_first = detail::tied_pairs(items, [](auto const& x, auto const& y) { return x.first == y.first; }) - to.tied_both;
  std::vector<double> second;
  for (auto const& item : items) second.push_back(item.second);
  to.discordant = detail::inversions(second);
  to.tied_second = detail::tied_pairs(second, [](double x, double y) { return x == y; }) - to.tied_both;
  to.concordant = to.pairs() - to.discordant - to.tied_first - to.tied_second - to.tied_both;
  return to;
}

/// Spearman's footrule: the sum over items of their weight times |rank in a - rank in b|, level items at the average of their
/// ranks.
///
/// Shapes     two vectors of d scores, or of d ranks, and d weights (1 each where none are given).
/// Errors     different sizes; weights that are negative or not finite.
/// Guarantee  without ties and weights between kendall's distance and twice that.           Cost  O(d log d).
/// NaN        an item that one of them does not rank is left out.
/// Source     Diaconis and Graham, Spearman's footrule as a measure of disarray, 1977.
template <detail::scores A, detail::scores B, detail::scores W>
double footrule_distance(A const& a, B const& b, W const& weights) {
  auto const both = detail::ranked_by_both("footrule_distance", a, b, weights);
  auto const x = order{}(both.first), y = order{}(both.second);
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += both.weights[i] * std::abs(x[i] - y[i]);
  return sum;
}
template <detail::scores A, detail::scores B>
double footrule_distance(A const& a, B const& b) {
  return robagg::footrule_distance(a, b, std::vector<double>(static_cast<std::size_t>(a.size()), 1.));
}

/// Spearman's rho: the correlation of the two rankings' ranks, items counted by their weights; NaN where one has one level
/// only.
///
/// Shapes, errors, cost and NaN as for footrule_distance.     Ties  level items share the average of their ranks.
/// Source     Spearman, 1904.
template <detail::scores A, detail::scores B, detail::scores W>
double spearman_rho(A const& a, B const& b, W const& weights) {
  auto const both = detail::ranked_by_both("spearman_rho", a, b, weights);
  auto const x = order{}(both.first), y = order{}(both.second);
  double total = 0, mean_x = 0, mean_y = 0, xx = 0, xy = 0, yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    total += both.weights[i];
    mean_x += both.weights[i] * x[i];
    mean_y += both.weights[i] * y[i];
  }
  mean_x /= total;
  mean_y /= total;
  for (std::size_t i = 0; i < x.size(); ++i) {
    double const u = x[i] - mean_x, v = y[i] - mean_y;
    xx += both.weights[i] * u * u;
    xy += both.weights[i] * u * v;
    yy += both.weights[i] * v * v;
  }
  return xy / (std::sqrt(xx) * std::sqrt(yy));
}
template <detail::scores A, detail::scores B>
double spearman_rho(A const& a, B const& b) {
  return robagg::spearman_rho(a, b, std::vector<double>(static_cast<std::size_t>(a.size()), 1.));
}

}  // namespace robagg::inline ROBAGG_ABI
