// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/geometry/combine.hpp"
#include "../detail/geometry/scatter.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Averages the n - f reports that scatter least: the subset whose covariance has the smallest largest
/// eigenvalue.
///
/// Shapes     n x d reports -> d.           Ranges  f >= 0.
/// Errors     needs n > 2f.
/// Guarantee  while at most f rows lie, |result - mean of the honest|^2 <= 4 f/(n-f) (1 + f/(n-2f))^2 times
///            the largest eigenvalue of the honest rows' covariance.
/// Cost       one read for the distances, O(n^2 d), a search, and one read for the result. The search is
///            exact: up to n choose f subsets, O(n^3) each, though most are never looked at. For few rows:
///            n = 16, f = 5 takes milliseconds; from n = 30 on it may take minutes.
/// NaN        a row without a finite distance to the others is left out while n-f others are left; with
///            fewer, every column is NaN.
/// Weights    no weighted form.               Ties  the subset whose rows come first.
/// Dialects   byzfl guesses the eigenvalue by one step from a random vector; this is the exact one.
/// Source     Allouah et al., On the privacy-robustness-utility trilemma in distributed learning, 2023 (SMEA).
/// Example    examples/federated_round.cpp
struct smallest_max_eigenvalue_averaging {
  required<count, "f"> f;  ///< how many rows may lie

  static constexpr int reads = detail::has_origin;
  static constexpr Index matrices = 2;
  static constexpr void parameters(auto& op, auto visit) { visit("f", op.f); }

  bool enough(Index n) const { return n - f > f; }
  void check(Index n) const { detail::check_liars(*this, n, f); }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::combine(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  /// 1/(n-f) for the rows of the subset.
  // A template, as all rules that take eigenvectors: only those who use it compile it.
  geometry::vector weights(auto const& g, workspace& ws) const {
    Index const n = g.rows(), kept = n - f;
    auto w = ws.vector<double>(n);
    if (g.located_rows() < kept) {
      w.setConstant(std::numeric_limits<double>::quiet_NaN());
      return w;
    }
    auto const scope = ws.scope();
    search<geometry> from(g, kept, ws);
    from.start(ws);
    from.extend(0, 0, 0, ws);
    w.setZero();
    for (Index k = 0; k < kept; ++k) w(from.best(k)) = 1 / static_cast<double>(kept);
    return w;
  }

 private:
  // Subsets in the order of their rows, depth first. A row more never makes the largest eigenvalue of the scatter (the
  // sum, not the mean, of squares about the mean) smaller, so that what reaches the least one found is not continued.
  template <class Geometry>
  struct search {
    Geometry const& g;
    Index kept;
    workspace::vector_map<Index> rows, best;
    double least = detail::infinity;
    bool found = false;

    search(Geometry const& of, Index count, workspace& ws)
        : g(of), kept(count), rows(ws.vector<Index>(of.rows())), best(ws.vector<Index>(count)) {}

    // Sums in another order differ by rounding: only what is smaller by more than that is smaller.
    bool too_large(double value) const { return found ? value >= least * (1 - 1e-12) : value > least * (1 + 1e-12); }

    // Every row's nearest ones say how small the answer is at least.
    void start(workspace& ws) {
      for (Index i = 0; i < g.rows(); ++i) {
        if (!g.located(i)) continue;
        for (Index k = 0; k < g.rows(); ++k) rows(k) = k;
        std::sort(rows.data(), rows.data() + g.rows(), [&](Index a, Index b) {
          double const x = a == i ? 0 : g.squared_distance(i, a), y = b == i ? 0 : g.squared_distance(i, b);
          return x < y || (x == y && a < b);
        });
        double sum = 0;
        for (Index a = 0; a < kept; ++a) sum += distances_to(a, rows(a));
        std::sort(rows.data(), rows.data() + kept);
        least = std::min(least, eigenvalue(kept, sum, ws));
      }
    }

    // Continues rows[0..count), whose squared distances sum to `sum`, by rows from `next` on.
    void extend(Index count, Index next, double sum, workspace& ws) {
      if (count == kept) {
        best = rows.head(kept);
        return;
      }
      for (Index i = next; i <= g.rows() - (kept - count); ++i) {
        if (!g.located(i)) continue;
        double const all = sum + distances_to(count, i), trace = all / static_cast<double>(count + 1);
        rows(count) = i;
        // Of count + 1 rows, at most `count` eigenvalues share the trace.
        if (count > 0 && too_large(trace / static_cast<double>(count))) continue;
        bool const last = count + 1 == kept;
        if (!last && !too_large(trace)) {
          extend(count + 1, i + 1, all, ws);
          continue;
        }
        double const value = eigenvalue(count + 1, all, ws);
        if (too_large(value)) continue;
        if (last) {
          least = value;
          found = true;
        }
        extend(count + 1, i + 1, all, ws);
      }
    }

    double distances_to(Index count, Index i) const {
      double sum = 0;
      for (Index k = 0; k < count; ++k) sum += g.squared_distance(rows(k), i);
      return sum;
    }

    // The largest of the scatter of rows[0..count), or infinity where its trace is.
    double eigenvalue(Index count, double sum, workspace& ws) const {
      if (!(sum < detail::infinity)) return detail::infinity;
      auto const scope = ws.scope();
      auto K = ws.table<double>(count, count);
      auto ones = ws.vector<double>(count);
      ones.setOnes();
      for (Index i = 0; i < count; ++i) {
        for (Index k = 0; k < count; ++k) K(i, k) = i == k ? 0 : g.squared_distance(rows(i), rows(k));
      }
      detail::centre(K, ones, static_cast<double>(count), ws);
      return detail::largest_eigenvalue(K, ws);
    }
  };
};

}  // namespace robagg::inline ROBAGG_ABI
