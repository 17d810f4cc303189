// SPDX-License-Identifier: BSL-1.0
// What servers read: vectors of numbers, lists of clients, shares.
#pragma once

#include "../../scores.hpp"
#include "../../detail/packed_rule.hpp"

#include <cmath>
#include <limits>
#include <string_view>
#include <vector>

namespace robagg::inline ROBAGG_ABI::detail {

// An Eigen vector or contiguous memory of anything that is a number, 64-bit integers too.
template <class V>
concept numbers = (!dense<V> || requires { requires bool(V::IsVectorAtCompileTime); }) && requires(V const& v) {
  static_cast<double>(detail::score_at(v, Index{}));
  static_cast<Index>(v.size());
};

// Whole numbers up to here are exact.
inline constexpr double largest_count = 0x1p53;

struct number_rule {
  std::string_view name, sentence;
  bool positive = false;
  double most = std::numeric_limits<double>::max();
  bool fits(double v) const { return (positive ? v > 0 : v >= 0) && v <= most; }
};

template <class Op>
double read_number(Op const& op, double v, number_rule const& rule) {
  if (!rule.fits(v)) detail::refuse(op, rule.sentence, {{rule.name, v}});
  return v;
}
template <class Op, numbers V>
Eigen::VectorXd read_numbers(Op const& op, V const& values, number_rule const& rule) {
  auto&& x = detail::readable(values);
  Eigen::VectorXd out(static_cast<Index>(values.size()));
  for (Index i = 0; i < out.size(); ++i) {
    out(i) = static_cast<double>(detail::score_at(x, i));
    if (!rule.fits(out(i))) detail::refuse(op, rule.sentence, {{"client", i}, {rule.name, out(i)}});
  }
  return out;
}
// The same where one is needed for each of n clients.
template <class Op, numbers V>
Eigen::VectorXd read_numbers(Op const& op, V const& values, Index n, number_rule const& rule) {
  if (auto const given = static_cast<Index>(values.size()); given != n) {
    detail::refuse(op, "needs a number for each client", {{rule.name, given}, {"clients", n}});
  }
  return detail::read_numbers(op, values, rule);
}

inline constexpr number_rule example_rule{"examples", "needs examples >= 0 and finite"};

// x, which is no less than 0, becomes shares of 1; no sum overflows.
template <class Op>
void make_shares(Op const& op, Eigen::Ref<Eigen::VectorXd> x, std::string_view sentence) {
  double const most = x.size() == 0 ? 0 : x.maxCoeff();
  if (!(most > 0)) detail::refuse(op, sentence, {{"n", x.size()}});
  x /= most;
  x /= x.sum();
}
template <class Op>
void need_weight(Op const& op, Eigen::VectorXd const& w) {
  for (double const v : w) {
    if (v > 0) return;
  }
  detail::refuse(op, "needs a report that weighs something", {{"n", w.size()}});
}

// Clients by number, each once.
template <class Op, numbers Clients>
std::vector<Index> read_clients(Op const& op, Clients const& given, Index clients) {
  using I = std::remove_cvref_t<decltype(detail::score_at(given, Index{}))>;
  static_assert(std::is_integral_v<I>, "robagg: clients are listed by their numbers, 0 .. n - 1: a vector of integers");
  auto&& x = detail::readable(given);
  std::vector<Index> out(static_cast<std::size_t>(given.size()));
  std::vector<bool> seen(static_cast<std::size_t>(clients));
  for (std::size_t k = 0; k < out.size(); ++k) {
    Index const client = out[k] = static_cast<Index>(detail::score_at(x, static_cast<Index>(k)));
    if (client < 0 || client >= clients) refuse(op, "needs its own clients", {{"client", client}, {"clients", clients}});
    if (seen[static_cast<std::size_t>(client)]) refuse(op, "needs each client once", {{"client", client}});
    seen[static_cast<std::size_t>(client)] = true;
  }
  return out;
}

// Numbers that lie within bounds, and whole ones where these are counts.
inline bool all_within(Eigen::Ref<Eigen::ArrayXXd const> x, double least, double most, bool whole = false) {
  return (x >= least && x <= most).all() && (!whole || (x == x.floor()).all());
}

}  // namespace robagg::inline ROBAGG_ABI::detail
