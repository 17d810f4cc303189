// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../detail/table/output.hpp"
#include "../scores.hpp"
#include "../detail/select/simplex.hpp"
#include "detail/options.hpp"

#include <array>
#include <string_view>

namespace robagg::inline ROBAGG_ABI {

/// What keeps a mixture w near its reference p: the squared distance; the divergence of w from p, sum w log(w / p); that of p
/// from w, sum p log(p / w), which leaves no option of p out; or the entropy of w, whatever p is.
enum class regulariser { l2, kl, reverse_kl, entropy };
constexpr std::array<std::string_view, 4> enumerators(regulariser) { return {"l2", "kl", "reverse_kl", "entropy"}; }

/// How to mix options at random for a high score without going far from a reference: the w that maximises
/// scores . w - lambda D(w, p).
///
/// Shapes     d scores, and d weights of the reference or none: even -> d weights, >= 0 with sum 1.
/// Ranges     lambda > 0 and finite: towards 0 the highest score has all, towards infinity w is p.
/// Errors     no scores, or one that is not finite; a reference of another length, with a weight that is negative or not
///            finite, or whose sum is not above 0 and finite; lambda.
/// Guarantee  exact but for rounding: a projection (l2), exponentials (kl, entropy), the root of a convex function
///            (reverse_kl).
/// Cost       O(d), O(d log d) for l2, about ten times O(d) for reverse_kl.
/// NaN        refused.     Weights  the reference's are divided by their sum.
/// Ties       equal scores of equal reference weigh the same; beyond the reference (reverse_kl: p = 0) the first has it.
/// Source     definition; the penalties of Goplerud, Imai and Jerzak's conjoint analysis, whose default is reverse_kl.
/// Example    examples/mixtures.cpp
struct regularised_mixture {
  required<real, "lambda"> lambda;
  robagg::regulariser regulariser = robagg::regulariser::l2;

  static constexpr void parameters(auto& op, auto visit) { visit("lambda", op.lambda), visit("regulariser", op.regulariser); }

  template <detail::scores V, detail::scores P>
  void into(V const& scores, P const& reference, auto&& out, workspace& ws) const {
    auto const scope = ws.scope();
    Index const d = static_cast<Index>(scores.size()), given = static_cast<Index>(reference.size());
    if (given != d) detail::refuse(*this, "needs a reference weight per score", {{"scores", d}, {"reference", given}});
    double* const p = ws.take<double>(d);
    auto const* const weight = detail::score_values(reference, ws);
    double sum = 0;
    for (Index i = 0; i < d; ++i) {
      p[i] = static_cast<double>(weight[i]);
      sum += p[i];
      if (!(p[i] >= 0) || !std::isfinite(p[i]))
        detail::refuse(*this, "needs finite reference weights >= 0", {{"position", i}, {"weight", p[i]}});
    }
    if (d > 0 && (!(sum > 0) || !std::isfinite(sum)))
      detail::refuse(*this, "needs a reference whose sum is above 0 and finite", {{"sum", sum}});
    for (Index i = 0; i < d; ++i) p[i] /= sum;
    mix(scores, p, out, ws);
  }
  template <detail::scores V>
  void into(V const& scores, auto&& out, workspace& ws) const {
    auto const scope = ws.scope();
    Index const d = static_cast<Index>(scores.size());
    double* const p = ws.take<double>(d);
    std::fill_n(p, d, 1 / static_cast<double>(d));
    mix(scores, p, out, ws);
  }
  auto operator()(detail::scores auto const& scores, detail::scores auto const&... reference) const {
    workspace ws;
    Eigen::VectorXd out;
    into(scores, reference..., out, ws);
    return out;
  }

 private:
  void mix(auto const& scores, double const* p, auto&& out, workspace& ws) const {
    if (!(lambda > 0) || !std::isfinite(lambda.value)) detail::refuse(*this, "needs a finite lambda > 0", {{"lambda", lambda}});
    double const* const score = detail::finite_scores(*this, scores, "needs finite scores", ws);
    Index const d = static_cast<Index>(scores.size());
    double *const w = ws.take<double>(d), *const sorted = ws.take<double>(d);
    // Only differences count, and those from the largest neither overflow nor lose what matters.
    double const highest = *std::max_element(score, score + d);
    for (Index i = 0; i < d; ++i) w[i] = score[i] - highest;
    switch (regulariser) {
      case robagg::regulariser::l2:
        for (Index i = 0; i < d; ++i) w[i] = p[i] + w[i] / 2 / lambda;
        detail::project_on_simplex(w, d, 1, sorted);
        break;
      case robagg::regulariser::kl:
        detail::tilted_weights(w, d, lambda, [p](Index i) { return p[i]; });
        break;
      case robagg::regulariser::reverse_kl:
        keep_all(w, p, d);
        break;
      case robagg::regulariser::entropy:
        detail::tilted_weights(w, d, lambda, [](Index) { return 1.; });
    }
    detail::fit_vector(*this, out, d);
    detail::store(out, 0, w, d);
  }
  // w_i = p_i / (u - c_i) for scores c <= 0 in units of lambda, with u so that they sum to 1. That sum falls in u and is
  // convex: Newton's steps from below never pass the root.
  void keep_all(double* c, double const* p, Index d) const {
    double u = -std::numeric_limits<double>::infinity(), sum = 0;
    for (Index i = 0; i < d; ++i) {
      c[i] /= lambda;
      u = p[i] > 0 ? std::max(u, c[i] + p[i]) : u;  // where one term alone is 1
    }
    for (int step = 0; step < 200; ++step) {
      double total = 0, slope = 0;
      for (Index i = 0; i < d; ++i) {
        double const term = p[i] > 0 ? p[i] / (u - c[i]) : 0;
        total += term;
        slope += p[i] > 0 ? term / (u - c[i]) : 0;
      }
      double const next = u + (total - 1) / slope;
      if (!(next > u)) break;
      u = next;
    }
    // An option that p does not know costs nothing: where it is worth more than u it takes what is left.
    Index first = -1;
    for (Index i = 0; i < d; ++i) {
      if (p[i] <= 0 && c[i] > u) {
        u = c[i];
        first = i;
      }
    }
    for (Index i = 0; i < d; ++i) sum += c[i] = p[i] > 0 ? p[i] / (u - c[i]) : 0;
    if (first >= 0) {
      c[first] = 1 - sum;
      sum = 1;
    }
    for (Index i = 0; i < d; ++i) c[i] /= sum;
  }
};

}  // namespace robagg::inline ROBAGG_ABI
