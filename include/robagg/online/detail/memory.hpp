// SPDX-License-Identifier: BSL-1.0
// What a rule for experts remembers, and weights from their logarithms. A rule is a policy over this memory:
//   slots                       how many numbers of its own it keeps for each expert
//   learn(memory, r)            takes in the regrets r of a round (optional; before they are added to memory.regrets)
//   tilt(memory)                weights are prior e^(tilt regret), where it is above 0; or
//   logits(memory, out)         logarithms of the weights, up to a common summand; or
//   shares(memory, out)         the weights themselves
//   bound(memory, k)            what the regret to expert k cannot exceed (where there is a theorem)
//   valid(memory)               might a state have come to this? (optional; for bytes)
#pragma once

#include "../../detail/base/exponential.hpp"
#include "../../detail/bytes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace robagg::inline ROBAGG_ABI::detail {

inline constexpr double no_weight = -std::numeric_limits<double>::infinity();  // its logarithm

struct expert_memory {
  Eigen::ArrayXd prior;            // logarithms; no_weight is excluded for good
  Eigen::ArrayXd regrets;          // to each expert, over all rounds
  Eigen::ArrayXXd slots;           // the rule's own numbers, a column each
  Eigen::ArrayXd weights;          // of the next round, with everybody awake
  Eigen::ArrayXd scratch;          // of the rule's, within a call
  std::array<double, 2> shared{};  // the rule's own numbers
  Index included = 0;              // experts that are not excluded
  Index rounds = 0, runs = 1;      // runs: how many states have been merged
  double ranges = 0;               // sum of the squares of largest less smallest loss
  double paid = 0;                 // what the mixture lost in this round

  Index size() const { return prior.size(); }
  double log_count() const { return std::log(static_cast<double>(included)); }
  auto slot(Index k) { return slots.col(k); }
  auto slot(Index k) const { return slots.col(k); }
};

// visit(V{}, i) for packets of numbers and then number by number.
template <class Visit>
EIGEN_ALWAYS_INLINE void by_packets(Index n, Visit const& visit) {
  Index i = 0;
  for (; i + lanes<double> <= n; i += lanes<double>) visit(packet<double>{}, i);
  for (; i < n; ++i) visit(0., i);
}

struct value_range {
  double least = 0, largest = 0;
  bool within(double most) const { return -most <= least && largest <= most; }
};
struct seen_values {
  value_range range;
  double product = 0;  // with the weights; NaN where a value is
};
// Numbers go to `to` (which may be where they are) and are looked at on the way.
inline seen_values look(double const* from, double* to, double const* weights, Index n) {
  constexpr double above_all = -no_weight;
  struct sums {
    packet<double> low = detail::all<packet<double>>(above_all), high = detail::all<packet<double>>(-above_all), product{};
    EIGEN_ALWAYS_INLINE void add(double const* from, double* to, double const* weights) {
      auto const v = detail::load<packet<double>>(from);
      detail::store<packet<double>>(to, v);
      low = detail::lower(low, v);
      high = detail::upper(high, v);
      product = detail::fused(v, detail::load<packet<double>>(weights), product);
    }
  } even, odd;  // two chains of additions take half as long as one
  constexpr Index step = lanes<double>;
  Index i = 0;
  for (; i + 2 * step <= n; i += 2 * step) {
    even.add(from + i, to + i, weights + i);
    odd.add(from + i + step, to + i + step, weights + i + step);
  }
  seen_values out{{above_all, -above_all}, 0};
  for (sums const& s : {even, odd}) {
    for (Index l = 0; l < step; ++l) {
      out.range.least = detail::lower(out.range.least, detail::get(s.low, l));
      out.range.largest = detail::upper(out.range.largest, detail::get(s.high, l));
      out.product += detail::get(s.product, l);
    }
  }
  for (; i < n; ++i) {
    double const v = to[i] = from[i];
    out.range = {detail::lower(out.range.least, v), detail::upper(out.range.largest, v)};
    out.product += v * weights[i];
  }
  return out;
}
// NaN where one is NaN.
inline value_range range_of(Eigen::ArrayXd const& x) {
  double const sum = x.sum(), nan = std::numeric_limits<double>::quiet_NaN();
  value_range const range{x.minCoeff(), x.maxCoeff()};  // of a sum that is a number
  if (sum == sum) return range;
  return (x == x).all() ? range : value_range{nan, nan};
}

// x becomes e^(x - its largest), as 0 where that is below e^-700; their sum.
inline double exponentials(double* x, Index n, double largest) {
  packet<double> packets{};
  double rest = 0;
  detail::by_packets(n, [&](auto zero, Index i) {
    using V = decltype(zero);
    constexpr double least = -700;
    V const t = detail::load<V>(x + i) - detail::all<V>(largest);
    exponential_sums<V> one{};
    one.add_exponential(t);
    V const e = t < detail::all<V>(least) ? V{} : one.whole();
    detail::store<V>(x + i, e);
    if constexpr (std::is_same_v<V, packet<double>>) {
      packets = packets + e;
    } else {
      rest += e;
    }
  });
  for (Index l = 0; l < lanes<double>; ++l) rest += detail::get(packets, l);
  return rest;
}

// Logarithms of weights become weights with sum 1; log sum e^x. Where nothing weighs anything, -infinity, and x is as it was.
inline double softmax(Eigen::ArrayXd& x) {
  double const largest = x.maxCoeff();  // no NaN gets here
  if (largest == no_weight) return no_weight;
  double const sum = detail::exponentials(x.data(), x.size(), largest);
  x *= 1 / sum;
  return largest + std::log(sum);
}
// Weights are the prior times e^(eta regret), after `change` of the regrets, a packet at a time.
template <class Change>
void tilt(expert_memory& m, double eta, Change const& change) {
  double* const out = m.weights.data();
  packet<double> high = detail::all<packet<double>>(no_weight);
  double largest = no_weight;
  detail::by_packets(m.size(), [&](auto zero, Index i) {
    using V = decltype(zero);
    V const regrets = change(detail::load<V>(m.regrets.data() + i), i);
    V const x = detail::load<V>(m.prior.data() + i) + detail::all<V>(eta) * regrets;
    detail::store<V>(out + i, x);
    if constexpr (std::is_same_v<V, packet<double>>) {
      high = detail::upper(high, x);
    } else {
      largest = detail::upper(largest, x);
    }
  });
  for (Index l = 0; l < lanes<double>; ++l) largest = detail::upper(largest, detail::get(high, l));
  m.weights *= 1 / detail::exponentials(out, m.size(), largest);
}
inline void tilt(expert_memory& m, double eta) {
  detail::tilt(m, eta, [](auto regrets, Index) { return regrets; });
}
// The same when the mixture lost `own` and each expert what `losses` says.
inline void learn_and_tilt(expert_memory& m, double eta, double own, double const* losses) {
  detail::tilt(m, eta, [&](auto regrets, Index i) {
    using V = decltype(regrets);
    V const sum = regrets + (detail::all<V>(own) - detail::load<V>(losses + i));
    detail::store<V>(m.regrets.data() + i, sum);
    return sum;
  });
}
// log sum e^x; x is lost.
inline double log_sum(Eigen::ArrayXd& x) {
  double const largest = x.maxCoeff();
  return largest == no_weight ? no_weight : largest + std::log(detail::exponentials(x.data(), x.size(), largest));
}

}  // namespace robagg::inline ROBAGG_ABI::detail
