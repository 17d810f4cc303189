// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../detail/geometry/combine.hpp"
#include "inner_product_manipulation.hpp"
#include "little_is_enough.hpp"

namespace robagg::inline ROBAGG_ABI::attack {

/// Another attack with the strength that harms a given rule most: the one that moves the rule's result farthest
/// from the honest mean, when f liars join the honest rows. `optimal{little_is_enough{}, median{}, f}`.
///
/// Shapes     n x d honest reports -> the d values that each of f liars sends.
/// Ranges     attack: one with a strength (sign_flip, inner_product_manipulation, little_is_enough); rule: any
///            aggregate or pipe; f >= 1; evaluations >= 1 of the rule; start, step, ratio finite, ratio > 0.
/// Errors     a parameter out of range; what the attack refuses, and the rule of n + f rows.
/// Guarantee  none: an attack. Tries start, then steps that double while the harm grows; after the first that
///            does not pay, steps shrink by `ratio` each time. Never steps back: against a rule that does not
///            move at first it stays at start.
/// Cost       `evaluations` times the attack and the rule, and a copy of the table.
/// NaN        a result with a NaN is the worst harm; honest NaN propagate.
/// Weights    no weighted form.               Ties  the weaker attack.
/// Source     byzfl's Optimal attacks, after Shejwalkar and Houmansadr, Manipulating the Byzantine, 2021.
/// Example    examples/attacks.cpp
template <class Attack, aggregate Rule>
  requires requires(Attack const& a) {
    { a.with_strength(1.) } -> std::same_as<Attack>;
  }
struct optimal {
  Attack attack;
  Rule rule;
  required<count, "f"> f;  ///< how many rows lie, besides the n honest ones
  Index evaluations = 20;
  double start = 0;
  double step = 10;
  double ratio = .8;

  static constexpr int reads = detail::plain;
  std::string name() const { return "optimal"; }
  std::string describe() const {
    return "optimal{" + robagg::describe(attack) + ", " + robagg::describe(rule) + ", " + detail::number_text(f.value) + "}";
  }

  void check(Index n) const {
    if (f < 1) detail::refuse(*this, "needs f >= 1", {{"f", f}});
    if (evaluations < 1) detail::refuse(*this, "needs evaluations >= 1", {{"evaluations", evaluations}});
    if (!std::isfinite(start) || !std::isfinite(step) || !(ratio > 0) || !std::isfinite(ratio)) {
      detail::refuse(*this, "needs a finite start, step and ratio > 0", {{"start", start}, {"step", step}, {"ratio", ratio}});
    }
    detail::check_parameters(attack, n);
    detail::check_parameters(rule, n + f);
  }
  void into(any_reports auto const& r, auto&& out, workspace& ws) const {
    auto&& x = detail::enter(*this, r);
    if constexpr (requires { scratch(r); }) detail::need(*this, scratch(r), ws);
    auto const found = attack.with_strength(strength(x, ws));
    detail::fit_vector(*this, out, r.cols());
    found.into(x, out, ws);
  }
  template <class R>
    requires detail::knows_scratch<Rule, workspace::table_map<detail::wide_of<R>>>
  std::size_t scratch(R const& r) const {
    Index const n = r.rows(), d = r.cols();
    using T = detail::wide_of<R>;
    workspace::table_map<T> const honest(nullptr, n, d), all(nullptr, n + f, d);
    return workspace::room<double>(all.size()) + 3 * workspace::room<double>(d) +
           std::max({detail::tile_scratch<T>(r), detail::scratch(attack, honest), detail::scratch(rule, all),
                     detail::scratch(attack, r)});
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  /// The strength that was found.
  template <reports R>
  double strength(R const& given, workspace& ws) const {
    auto&& r = detail::readable(given);
    auto const scope = ws.scope();
    Index const n = r.rows(), d = r.cols();
    using T = detail::wide_of<R>;
    auto table = ws.table<T>(n + f, d);
    auto lie = ws.vector<T>(d), result = ws.vector<T>(d);
    auto mean = ws.vector<double>(d);
    detail::for_each_tile(r, ws, [&](auto const& t, Index j) {
      for (Index c = 0; c < t.width; ++c) {
        mean(j + c) = 0;
        for (Index i = 0; i < n; ++i) {
          table(i, j + c) = t.row(i)[c];
          mean(j + c) += static_cast<double>(t.row(i)[c]) / static_cast<double>(n);
        }
      }
    });
    auto const harm = [&](double s) {
      attack.with_strength(s).into(table.topRows(n), lie, ws);
      for (Index i = n; i < n + f; ++i) table.row(i) = lie.transpose();
      rule.into(table, result, ws);
      double square = 0;
      for (Index c = 0; c < d; ++c) {
        double const gap = static_cast<double>(result(c)) - mean(c);
        square += gap * gap;
      }
      return square == square ? square : detail::infinity;
    };

    double best = start, most = harm(start), length = step;
    bool grows = true;
    for (Index k = 1; k < evaluations; ++k) {
      double const tried = best + length;
      if (!std::isfinite(tried)) break;
      double const harmed = harm(tried);
      bool const better = harmed > most;
      if (better) {
        best = tried;
        most = harmed;
      }
      grows = grows && better;
      length *= grows ? 2 : ratio;
    }
    return best;
  }
};
template <class Attack, class Rule>
optimal(Attack, Rule, count, Index = 20, double = 0, double = 10, double = .8) -> optimal<Attack, Rule>;

}  // namespace robagg::inline ROBAGG_ABI::attack
