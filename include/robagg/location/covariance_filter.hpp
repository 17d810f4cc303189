// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/geometry/combine.hpp"
#include "../detail/geometry/scatter.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Lowers the weights of the reports that stand out along the direction of the largest variance until 2f of
/// them are gone, and returns the weighted mean with the smallest largest variance on the way (CAF).
///
/// Shapes     n x d reports -> d.           Ranges  f >= 0; f = 0 is the mean.
/// Errors     needs n > 2f.
/// Guarantee  needs no bound on the variance. While at most f rows lie, |result - mean of the honest|^2 stays
///            within a multiple of f/(n-f) (1 + f/(n-2f))^2 times the largest eigenvalue of the honest rows'
///            covariance; 1.5 in every trial.
/// Cost       one read for the distances, O(n^2 d), O(n^3) for each of at most 2f rounds, one read for the
///            result.
/// NaN        a row without a finite distance to the others weighs nothing from the start; with fewer than
///            n-f others, every column is NaN.
/// Weights    no weighted form.               Ties  rows that stand out alike lose alike; between rounds, the
///            first. Two directions of equal variance: one of them.
/// Dialects   byzfl guesses the direction by one step from a random vector, and lets rows of weight 0 say
///            who stands out, so that it may not end.
/// Source     Allouah et al., Towards trustworthy federated learning with untrusted participants, 2025.
/// Example    examples/federated_round.cpp
struct covariance_filter {
  required<count, "f"> f;  ///< how many rows may lie

  static constexpr int reads = detail::has_origin;
  static constexpr Index matrices = 4;
  static constexpr void parameters(auto& op, auto visit) { visit("f", op.f); }

  bool enough(Index n) const { return n - f > f; }
  void check(Index n) const { detail::check_liars(*this, n, f); }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::combine(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  /// Those of the best round.
  // A template, as all rules that take eigenvectors: only those who use it compile it.
  geometry::vector weights(auto const& g, workspace& ws) const {
    Index const n = g.rows();
    auto best = ws.vector<double>(n);
    if (g.located_rows() < n - f) {
      best.setConstant(std::numeric_limits<double>::quiet_NaN());
      return best;
    }
    auto const scope = ws.scope();
    auto c = ws.vector<double>(n);
    auto rows = ws.vector<Index>(n);  // those that have weight left
    for (Index i = 0; i < n; ++i) c(i) = g.located(i);
    best = c / detail::sum(c);
    double least = detail::infinity;
    // Each round takes one row at least to 0.
    for (Index round = 0; round < 2 * f && detail::sum(c) > static_cast<double>(n - 2 * f); ++round) {
      auto const inner_scope = ws.scope();
      double const total = detail::sum(c);
      Index m = 0;
      for (Index i = 0; i < n; ++i) {
        if (c(i) > 0) rows(m++) = i;
      }
      auto K = ws.table<double>(m, m);
      auto M = ws.table<double>(m, m);
      auto weight = ws.vector<double>(m);
      auto tau = ws.vector<double>(m);
      for (Index i = 0; i < m; ++i) {
        weight(i) = c(rows(i));
        for (Index k = 0; k < m; ++k) {
          double const distance = i == k ? 0 : g.squared_distance(rows(i), rows(k));
          K(i, k) = std::min(distance, std::numeric_limits<double>::max());
        }
      }
      double const magnitude = detail::magnitude_of(K);  // of this round: rows that are gone do not round the others
      K /= magnitude;
      detail::centre(K, weight, total, ws);
      for (Index i = 0; i < m; ++i) {
        for (Index k = 0; k < m; ++k) M(i, k) = std::sqrt(weight(i)) * std::sqrt(weight(k)) * K(i, k) / total;
      }
      auto const [values, vectors] = detail::eigen_decomposition(M, ws);
      double const variance = values(m - 1) * magnitude;
      if (variance < least) {
        least = variance;
        best = c / total;
      }
      // How far each row is from the mean along the top direction, squared, but for a common factor.
      for (Index i = 0; i < m; ++i) weight(i) = std::sqrt(weight(i)) * vectors(m - 1, i);
      detail::multiply(K, weight, tau);
      tau.array() = tau.array().square();
      double most = 0;
      for (Index i = 0; i < m; ++i) most = std::max(most, tau(i));
      if (!(most > 0)) break;
      for (Index i = 0; i < m; ++i) c(rows(i)) *= tau(i) < most ? 1 - tau(i) / most : 0;
    }
    return best;
  }
};

}  // namespace robagg::inline ROBAGG_ABI
