// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace robagg::inline ROBAGG_ABI {

/// How many different samples to draw until at least `hits` good ones are among them with the chance `safety`, if `good`
/// of a population are: how many samples best-of-n or pass@k need.
///
/// Shapes     population and good, numbers -> the smallest number of draws; none where it cannot be reached.
/// Ranges     0 < safety <= 1, hits >= 1, 0 <= good <= population.
/// Errors     parameters or numbers out of range.
/// Guarantee  for draws without replacement (hypergeometric), to about nine digits of the chance; draws with replacement
///            need more.
/// Cost       O(hits log population).
/// Source     definition.                     Example  examples/best_of_n_worth.cpp
struct draws_for_hits {
  required<real, "safety"> safety;
  Index hits = 1;

  static constexpr void parameters(auto& op, auto visit) { visit("safety", op.safety), visit("hits", op.hits); }

  std::optional<Index> operator()(Index population, Index good) const {
    if (!(safety > 0 && safety <= 1)) detail::refuse(*this, "needs 0 < safety <= 1", {{"safety", safety}});
    if (hits < 1) detail::refuse(*this, "needs hits >= 1", {{"hits", hits}});
    if (good < 0 || good > population) {
      detail::refuse(*this, "needs 0 <= good <= population", {{"good", good}, {"population", population}});
    }
    if (good < hits) return {};
    // All but `good - hits` bad ones drawn: certain. The chance grows with every draw.
    Index low = hits, high = population - good + hits;
    while (low < high) {
      Index const middle = low + (high - low) / 2;
      if (missing(population, good, middle) * (1 - 1e-9) <= 1 - safety) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

 private:
  // The chance of fewer than `hits` good ones among n draws.
  double missing(Index population, Index good, Index n) const {
    double const N = static_cast<double>(population), K = static_cast<double>(good), draws = static_cast<double>(n);
    double sum = 0;
    for (Index h = std::max<Index>(0, n - (population - good)); h < std::min(hits, n + 1); ++h) {
      double const x = static_cast<double>(h);
      sum += std::exp(choose(K, x) + choose(N - K, draws - x) - choose(N, draws));
    }
    return sum;
  }
  // glibc's lgamma writes the sign to a global, which is a race between threads.
  static double log_gamma(double x) {
#ifdef __GLIBC__
    int sign = 0;
    return ::lgamma_r(x, &sign);
#else
    return std::lgamma(x);
#endif
  }
  static double choose(double n, double k) { return log_gamma(n + 1) - log_gamma(k + 1) - log_gamma(n - k + 1); }
};

}  // namespace robagg::inline ROBAGG_ABI
