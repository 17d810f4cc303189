// SPDX-License-Identifier: BSL-1.0
// What a rule for experts remembers, and weights from their logarithms. A rule is a policy over this memory:
//   slots                       how many numbers of its own it keeps for each expert
//   learn(memory, r)            takes in the regrets r of a round (optional; before they are added to memory.regrets)
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
  Eigen::ArrayXd prior;           // logarithms; no_weight is excluded for good
  Eigen::ArrayXd regrets;         // to each expert, over all rounds
  Eigen::ArrayXXd slots;          // the rule's own numbers, a column each
  Eigen::ArrayXd weights;         // of the next round, with everybody awake
  Eigen::ArrayXd scratch;         // of the rule's, within a call
  std::array<double, 2> shared{};  // the rule's own numbers
  Index included = 0;             // experts that are not excluded
  Index rounds = 0, runs = 1;     // runs: how many states have been merged
  double ranges = 0;              // sum of the squares of largest less smallest loss
  double paid = 0;                // what the mixture lost in this round

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
// log sum e^x; x is lost.
inline double log_sum(Eigen::ArrayXd& x) {
  double const largest = x.maxCoeff();
  return largest == no_weight ? no_weight : largest + std::log(detail::exponentials(x.data(), x.size(), largest));
}

// Fields of a rule as bytes.
template <class Rule>
void put_parameters(byte_writer& out, Rule const& rule) {
  Rule::parameters(rule, [&]<class V>(auto, V const& v) {
    if constexpr (std::is_enum_v<V> || std::is_same_v<V, bool>) {
      out.put(static_cast<std::uint8_t>(v));
    } else if constexpr (std::is_integral_v<V>) {
      out.put(static_cast<std::uint64_t>(v));
    } else {
      out.put(static_cast<double>(v));
    }
  });
}
template <class Rule>
Rule get_parameters(byte_reader& in) {
  Rule rule = detail::blank<Rule>();
  Rule::parameters(rule, [&]<class V>(auto, V& v) {
    if constexpr (std::is_same_v<V, bool>) {
      v = in.get_flag();
    } else if constexpr (std::is_enum_v<V>) {
      auto const number = in.get<std::uint8_t>();
      in.demand(number < enumerators(v).size());
      v = static_cast<V>(number);
    } else if constexpr (std::is_integral_v<V>) {
      v = static_cast<V>(in.get<std::uint64_t>());
    } else {
      v = in.get<double>();
    }
  });
  return rule;
}

}  // namespace robagg::inline ROBAGG_ABI::detail
