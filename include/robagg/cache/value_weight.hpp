// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/geometry/combine.hpp"
#include "value_norms.hpp"  // here until 0.3

#include <cmath>

namespace robagg::inline ROBAGG_ABI {

/// Along what value norms are normalised to sum 1: the keys of a head, or the heads at a key.
enum class norm_axis { keys, heads };
constexpr std::array<std::string_view, 2> enumerators(norm_axis) { return {"keys", "heads"}; }

/// Importances times the norms of the values, normalised: attention to a value that is near zero changes little.
///
/// Shapes     heads x d scores and heads x d norms -> heads x d.
/// Ranges     axis: the norms sum to 1 over the keys of each head, or over the heads at each key.
/// Errors     norms of another shape; a norm that is negative.
/// Guarantee  over keys, the order of a head's keys is that of score times norm; a key without norm scores 0.
/// Cost       one read of both.               NaN  a NaN norm or score gives NaN, which is last in every choice.     Ties none.
/// Source     CriticalKV and DefensiveKV (Feng et al., 2025). Their code sums over the heads where the text says keys;
///            norm_axis::heads is what the code does.          Example  examples/cache_policies.cpp
struct value_weight {
  norm_axis axis = norm_axis::keys;

  static constexpr void parameters(auto& op, auto visit) { visit("axis", op.axis); }

  /// `out` may be the scores themselves.
  void into(reports auto const& given_scores, reports auto const& given_norms, auto&& out, workspace& ws) const {
    auto&& scores = detail::readable(given_scores);
    auto&& norms = detail::readable(given_norms);
    if (norms.rows() != scores.rows() || norms.cols() != scores.cols()) {
      detail::refuse(
          *this, "needs one norm per score",
          {{"rows", scores.rows()}, {"cols", scores.cols()}, {"norm rows", norms.rows()}, {"norm cols", norms.cols()}});
    }
    auto const scope = ws.scope();
    Index const heads = scores.rows(), d = scores.cols();
    auto totals = ws.vector<double>(axis == norm_axis::keys ? heads : d);
    totals.setZero();
    for (Index h = 0; h < heads; ++h) {
      for (Index j = 0; j < d; ++j) {
        double const norm = static_cast<double>(norms(h, j));
        if (norm < 0) detail::refuse(*this, "needs norms >= 0", {{"head", h}, {"key", j}, {"norm", norm}});
        totals(axis == norm_axis::keys ? h : j) += norm;
      }
    }
    detail::fit_table(*this, out, heads, d);
    using S = std::remove_cvref_t<decltype(out.coeffRef(0, 0))>;
    for (Index h = 0; h < heads; ++h) {
      for (Index j = 0; j < d; ++j) {
        double const total = totals(axis == norm_axis::keys ? h : j);
        out.coeffRef(h, j) = detail::converted<S>(
            total > 0 ? static_cast<double>(scores(h, j)) * (static_cast<double>(norms(h, j)) / total) : total);
      }
    }
  }
  auto operator()(reports auto const& scores, reports auto const& norms) const {
    workspace ws;
    table<detail::results_over<decltype(scores)>> out;
    into(scores, norms, out, ws);
    return out;
  }
};

}  // namespace robagg::inline ROBAGG_ABI
