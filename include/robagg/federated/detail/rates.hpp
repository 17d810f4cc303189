// SPDX-License-Identifier: BSL-1.0
// What the parameters of steps of a server may be.
#pragma once

#include "../../error.hpp"

#include <cmath>

namespace robagg::inline ROBAGG_ABI::detail {

template <class Rule>
void check_rate(Rule const& rule, double rate) {
  if (!(rate > 0 && std::isfinite(rate))) detail::refuse(rule, "needs rate > 0", {{"rate", rate}});
}
template <class Rule>
void check_decay(Rule const& rule, std::string_view name, std::string_view sentence, double decay) {
  if (!(decay >= 0 && decay < 1)) detail::refuse(rule, sentence, {{name, decay}});
}
template <class Rule>
void check_tau(Rule const& rule, double tau) {
  if (!(tau > 0 && std::isfinite(tau))) detail::refuse(rule, "needs tau > 0", {{"tau", tau}});
}
template <class Rule>
void check_adaptive(Rule const& rule) {
  detail::check_rate(rule, rule.rate);
  detail::check_decay(rule, "beta1", "needs 0 <= beta1 < 1", rule.beta1);
  detail::check_decay(rule, "beta2", "needs 0 <= beta2 < 1", rule.beta2);
  detail::check_tau(rule, rule.tau);
}

}  // namespace robagg::inline ROBAGG_ABI::detail
