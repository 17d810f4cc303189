// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/geometry/combine.hpp"
#include "../detail/geometry/eigen.hpp"
#include "../detail/geometry/lowest.hpp"
#include "../detail/base/random.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Looks at a random sample of the columns, drops the floor(filter f) reports that stand out most in the direction in
/// which the sample varies most, and averages those that survive every such iteration.
///
/// Shapes     n x d reports -> d.
/// Ranges     f >= 0; columns_sampled >= 1, all of them where there are no more; iterations >= 1; filter >= 0. columns:
///            the sample itself, instead of a random one, the same in every iteration. Change the seed every round:
///            liars who know the columns can lie in the others.
/// Errors     needs n > 2f and floor(filter f) < n; a parameter out of range; a column that the table does not have.
/// Guarantee  none is known for the worst case. It drops f liars who agree on a direction; of liars at very different
///            distances it sees the farthest in each iteration, and nothing outside its columns.
/// Cost       one read for the result, and for every iteration one of the columns sampled, O(n^2 columns), and d random
///            numbers.
/// NaN        a row without finite distances in the sample is dropped; with fewer than n - floor(filter f) others,
///            every column is NaN. Elsewhere it propagates.
/// Weights    no weighted form.               Ties  the lowest rows are kept. Where no row survives all iterations,
///            those that survive the last.
/// Source     Shejwalkar and Houmansadr, Manipulating the Byzantine, 2021 (DnC).
/// Example    examples/federated_round.cpp
struct divide_and_conquer {
  required<count, "f"> f;  ///< how many rows may lie
  Index columns_sampled = 10000;
  Index iterations = 1;
  double filter = 1;
  list<Index> columns = {};
  std::uint64_t seed = 0;

  static constexpr int reads = detail::has_origin;
  static constexpr void parameters(auto& op, auto visit) {
    visit("f", op.f), visit("columns_sampled", op.columns_sampled), visit("iterations", op.iterations);
    visit("filter", op.filter), visit("columns", op.columns), visit("seed", op.seed);
  }

  bool enough(Index n) const { return n - f > f && filter * static_cast<double>(f.value) < static_cast<double>(n); }
  void check(Index n) const {
    detail::check_liars(*this, n, f);
    if (columns_sampled < 1) { detail::refuse(*this, "needs columns_sampled >= 1", {{"columns_sampled", columns_sampled}}); }
    if (iterations < 1) detail::refuse(*this, "needs iterations >= 1", {{"iterations", iterations}});
    if (!(filter >= 0)) detail::refuse(*this, "needs filter >= 0", {{"filter", filter}});
    if (!(filter * static_cast<double>(f.value) < static_cast<double>(n))) {
      detail::refuse(*this, "needs filter f < n", {{"filter", filter}, {"f", f}, {"n", n}});
    }
  }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::combine_from(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  /// Equal weights for the rows that survive.
  std::size_t weights_scratch(auto const& r) const {
    using T = detail::wide_of<decltype(r)>;
    Index const n = r.rows(), width = columns.empty() ? std::min(columns_sampled, r.cols()) : columns.size();
    workspace::table_map<T> const values(nullptr, n, width);
    auto const [kept, more] = detail::measure_scratch<detail::measured::products, T>(values);
    return workspace::room<T>(values.size()) + workspace::room<Index>(width) + 12 * workspace::room<double>(n) +
           detail::lowest_scratch(n) + kept + std::max(more, 4 * workspace::room<double>(n * n));
  }
  template <any_reports R>
  auto weights_from(R const& r, workspace& ws) const {
    auto const& x = detail::plain_of(r);
    Index const n = x.rows(), d = x.cols(), kept = n - static_cast<Index>(filter * static_cast<double>(f.value));
    Index const width = columns.empty() ? std::min(columns_sampled, d) : columns.size();
    for (Index const c : columns) {
      if (c < 0 || c >= d) detail::refuse(*this, "has an unknown column in its columns", {{"column", c}, {"d", d}});
    }
    auto w = ws.vector<double>(n);
    auto const scope = ws.scope();
    auto survived = ws.vector<Index>(n);
    auto sample = ws.vector<Index>(width);
    auto values = ws.table<detail::wide_of<R>>(n, width);
    detail::tile<detail::wide_of<R>> const one(ws, n, 1);
    detail::generator random(seed);
    Index const rounds = columns.empty() && width < d ? iterations : 1;  // the same columns say the same again
    survived.setZero();
    for (Index round = 0; round < rounds; ++round) {
      auto const of_round = ws.scope();
      // Each column with the odds that are left: in ascending order, every subset equally likely.
      for (Index c = 0, taken = 0; c < d && taken < width && columns.empty(); ++c) {
        auto const left = static_cast<std::uint64_t>(d - c), wanted = static_cast<std::uint64_t>(width - taken);
        if (random.below(left) < wanted) sample(taken++) = c;
      }
      for (Index c = 0; c < width; ++c) {
        detail::load(x, columns.empty() ? sample(c) : columns[c], one, ws);
        for (Index i = 0; i < n; ++i) values(i, c) = one.row(i)[0];
      }
      w = detail::mean_of_lowest(outlyingness(detail::measure(values, ws), ws), kept, ws);
      for (Index i = 0; i < n; ++i) survived(i) += w(i) > 0;
    }
    double survivors = 0;
    for (Index i = 0; i < n; ++i) survivors += survived(i) == rounds;
    for (Index i = 0; i < n && survivors > 0; ++i) w(i) = survived(i) == rounds ? 1 / survivors : 0;
    return w;
  }

 private:
  // The squared projections on the top principal direction, up to a factor: the squared entries of the top eigenvector
  // of the rows' inner products about their mean. Infinite for rows without a geometry.
  // A template, as all rules that take eigenvectors: only those who use it compile it.
  static geometry::vector outlyingness(auto const& g, workspace& ws) {
    Index const n = g.rows();
    auto score = ws.vector<double>(n);
    auto const scope = ws.scope();
    auto to_mean = ws.vector<double>(n);  // (x_i - p).(mean - p)
    auto K = ws.table<double>(n, n);
    double const m = static_cast<double>(g.located_rows());
    double square = 0;
    for (Index i = 0; i < n; ++i) {
      to_mean(i) = 0;
      for (Index k = 0; k < n; ++k) to_mean(i) += g.inner(i, k) / m;  // 0 without a geometry
      square += to_mean(i) / m;
    }
    double most = 0;
    for (Index i = 0; i < n; ++i) {
      for (Index k = 0; k < n; ++k) {
        K(i, k) = g.located(i) && g.located(k) ? (g.inner(i, k) - to_mean(i)) - (to_mean(k) - square) : 0;
      }
      most = std::max(most, K(i, i));
    }
    auto const top = detail::eigen_decomposition(K, ws).vectors.row(n - 1);
    for (Index i = 0; i < n; ++i) score(i) = !g.located(i) ? detail::infinity : most > 0 ? top(i) * top(i) : 0;
    return score;
  }
};

}  // namespace robagg::inline ROBAGG_ABI
