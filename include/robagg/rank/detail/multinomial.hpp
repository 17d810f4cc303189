// SPDX-License-Identifier: BSL-1.0
// How often each of many cells is drawn, without drawing one at a time.
#pragma once

#include "../../detail/base/random.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

namespace robagg::inline ROBAGG_ABI::detail {

inline double open_uniform(generator& random) { return (static_cast<double>(random() >> 11) + .5) * 0x1p-53; }

// log k! less Stirling's formula for it, (k + 1/2) log(k + 1) - (k + 1) + log(2 pi) / 2.
inline double stirling_rest(double k) {
  static constexpr double table[] = {.08106146679532726,  .04134069595540929, .02767792568499834, .02079067210376509,
                                     .01664469118982119,  .01387612882307075, .01189670994589177, .01041126526197209,
                                     .009255462182712733, .008330563433362871};
  if (k < 10) return table[static_cast<std::size_t>(k)];
  double const m = k + 1, square = m * m;
  return (1. / 12 - (1. / 360 - 1. / 1260 / square) / square) / m;
}

// How many of n succeed: exact, in O(1) for large n p by transformed rejection (Hoermann 1993).
inline double binomial_draw(double n, double p, generator& random) {
  if (!(n > 0) || !(p > 0)) return 0;
  if (p >= 1) return n;
  if (p > .5) return n - detail::binomial_draw(n, 1 - p, random);
  double const q = 1 - p, odds = p / q;
  if (n * p < 10) {
    // Down the distribution function.
    double u = detail::open_uniform(random), chance = std::exp(n * std::log1p(-p)), k = 0;
    while (u > chance && k < n) {
      u -= chance;
      chance *= (n - k) / (k + 1) * odds;
      k += 1;
      if (k > 200) return detail::binomial_draw(n, p, random);  // past all that has a chance: rounding
    }
    return k;
  }
  double const spread = std::sqrt(n * p * q), b = 1.15 + 2.53 * spread, a = -.0873 + .0248 * b + .01 * p, middle = n * p + .5,
               quick = .92 - 4.2 / b, mode = std::floor((n + 1) * p);
  while (true) {
    double const u = detail::open_uniform(random) - .5, v = detail::open_uniform(random), us = .5 - std::abs(u),
                 k = std::floor((2 * a / us + b) * u + middle);
    if (us >= .07 && v <= quick) return k;
    if (k < 0 || k > n) continue;
    double const bound = std::log(v * (2.83 + 5.1 / b) * spread / (a / (us * us) + b));
    double const density = (mode + .5) * std::log((mode + 1) / (odds * (n - mode + 1))) +
                           (n + 1) * std::log((n - mode + 1) / (n - k + 1)) +
                           (k + .5) * std::log(odds * (n - k + 1) / (k + 1)) + detail::stirling_rest(mode) +
                           detail::stirling_rest(n - mode) - detail::stirling_rest(k) - detail::stirling_rest(n - k);
    if (bound <= density) return k;
  }
}

// Draws with chances in proportion to weights: cell after cell, each from what is left.
class multinomial {
 public:
  explicit multinomial(std::vector<double> weights) : weights_(std::move(weights)), rest_(weights_.size() + 1, 0) {
    for (std::size_t i = weights_.size(); i-- > 0;) rest_[i] = rest_[i + 1] + weights_[i];
  }
  void operator()(double draws, generator& random, std::vector<double>& counts) const {
    counts.assign(weights_.size(), 0);
    for (std::size_t i = 0; i < weights_.size() && draws > 0; ++i) {
      if (weights_[i] > 0)
        draws -= counts[i] = rest_[i + 1] > 0 ? detail::binomial_draw(draws, weights_[i] / rest_[i], random) : draws;
    }
  }
  double total() const { return rest_[0]; }

 private:
  std::vector<double> weights_, rest_;
};

}  // namespace robagg::inline ROBAGG_ABI::detail
