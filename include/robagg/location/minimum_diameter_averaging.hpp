// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/geometry/combine.hpp"
#include "../detail/geometry/cover.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Averages the n - f reports with the least diameter: the subset whose two farthest rows are nearest.
///
/// Shapes     n x d reports -> d.           Ranges  f >= 0.
/// Errors     needs n > 2f.
/// Guarantee  while at most f rows lie, |result - mean of the honest| <= 2f/(n-f) times the diameter of the
///            honest rows.
/// Cost       one read for the distances, O(n^2 d), a search, and one read for the result. The search is
///            exact and takes at most O(2^f n^2 log n), in practice far less: milliseconds for n = 40, f = 8.
/// NaN        a row without a finite distance to the others is left out while n-f others are left; with
///            fewer, every column is NaN.
/// Weights    no weighted form.               Ties  the subset whose rows come first.
/// Source     Rousseeuw 1985; El Mhamdi et al. 2018 (brute); Farhadkhani et al. 2022.
/// Example    examples/federated_round.cpp
struct minimum_diameter_averaging {
  required<count, "f"> f;  ///< how many rows may lie

  static constexpr int reads = detail::has_origin;
  static constexpr Index matrices = 1;
  static constexpr void parameters(auto& op, auto visit) { visit("f", op.f); }

  bool enough(Index n) const { return n - f > f; }
  void check(Index n) const { detail::check_liars(*this, n, f); }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::combine(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  /// 1/(n-f) for the rows of the subset.
  auto weights(row_distances const& g, workspace& ws) const {
    Index const n = g.rows(), kept = n - f;
    auto w = ws.vector<double>(n);
    if (g.located_rows() < kept) {
      w.setConstant(std::numeric_limits<double>::quiet_NaN());
      return w;
    }
    auto const scope = ws.scope();
    detail::cover_search graph(n, ws);
    // A subset within a diameter: a vertex cover of the pairs that are farther apart has all the others. Which diameters
    // there are is known: search among them.
    auto distances = ws.vector<double>(n * (n - 1) / 2 + 1);
    distances(0) = 0;
    for (Index i = 0, s = 1; i < n; ++i) {
      for (Index k = 0; k < i; ++k) distances(s++) = g.squared_distance(i, k);
    }
    std::sort(distances.data(), distances.data() + distances.size());
    auto const graph_beyond = [&](double diameter) {
      graph.join([&](Index i, Index k) { return g.squared_distance(i, k) > diameter; });
      for (Index i = 0; i < n; ++i) {
        if (!g.located(i)) graph.remove(i);
      }
    };
    double const* const least =
        std::partition_point(distances.data(), distances.data() + distances.size(), [&](double diameter) {
          graph_beyond(diameter);
          return !graph.covered_by(f - graph.removed());
        });
    graph_beyond(*least);
    // Row by row: in the subset if that leaves enough of the later ones.
    w.setZero();
    for (Index i = 0, chosen = 0; chosen < kept; ++i) {
      if (!graph.present(i)) continue;
      Index const before = graph.removed();
      for (Index k = i + 1; k < n; ++k) {
        if (graph.joined(i, k) && graph.present(k)) graph.remove(k);
      }
      if (graph.removed() <= f && graph.covered_by(f - graph.removed())) {
        w(i) = 1 / static_cast<double>(kept);
        ++chosen;
      } else {
        graph.restore(before);
        graph.remove(i);
      }
    }
    return w;
  }
};

}  // namespace robagg::inline ROBAGG_ABI
