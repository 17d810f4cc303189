// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/geometry/combine.hpp"

#include <cmath>
#include <optional>

namespace robagg::inline ROBAGG_ABI {

/// Averages the other reports by how well their direction agrees with that of one trusted row, each at the length of
/// that row: sum of t_i x_i |x_row| / |x_i| over sum of t_i, with t_i = max(0, cos(x_i, x_row)).
///
/// Shapes     n x d reports -> d; the trusted row gives direction and length and is not averaged.
/// Ranges     0 <= row < n.
/// Errors     a row that the table does not have; n = 0.
/// Guarantee  its norm is at most that of the trusted row, and it lies on that row's side, however many of the others
///            lie; as good as that row is.
/// Cost       one read for norms and cosines, O(n d), and one for the result. No distances between rows.
/// NaN        a row without a finite norm, as one of norm 0, has no trust; where nobody has any, the result is the
///            origin (no update). Where the trusted row has no finite norm, every column is NaN.
/// Weights    no weighted form.               Ties  none. `around(x, v)` takes directions from v.
/// Source     Cao et al., FLTrust: Byzantine-robust federated learning via trust bootstrapping, 2021.
/// Example    examples/federated_round.cpp
struct trust_weighted {
  required<count, "row"> row;  ///< the trusted report

  static constexpr int reads = detail::has_origin;
  static constexpr void parameters(auto& op, auto visit) { visit("row", op.row); }

  void check(Index n) const {
    if (row < 0 || row >= n) detail::refuse(*this, "needs 0 <= row < n", {{"row", row}, {"n", n}});
  }
  void into(detail::given_table auto const& r, auto&& out, workspace& ws) const { detail::combine_from(*this, r, out, ws); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  /// The same report trusted in the table without another one; there is none without the trusted one.
  std::optional<trust_weighted> without(Index i, Index, workspace&) const {
    return i == row ? std::nullopt : std::optional(trust_weighted{row - (i < row)});
  }

  std::size_t weights_scratch(auto const& r) const {
    Index const n = r.rows();
    return workspace::room<double>(n) + workspace::room<detail::pair>(2 * n) +
           detail::sums_scratch<detail::wide_of<decltype(r)>>(detail::plain_of(r), 2 * n);
  }
  /// Trust by length, over the sum of trust; what is missing to 1 is the origin's.
  template <any_reports R>
  auto weights_from(R const& r, workspace& ws) const {
    using T = detail::wide_of<R>;
    auto const& x = detail::plain_of(r);
    Index const n = x.rows(), own = row;
    auto w = ws.vector<double>(n);
    // The squared norms and the products with the trusted row, as seen from the origin, in double.
    auto const pairs = ws.take<detail::pair>(2 * n);
    for (Index i = 0; i < n; ++i) pairs[i] = {i, i}, pairs[n + i] = {i, own};
    auto const sums = detail::sum_over_table(r, 2 * n, ws, detail::some_products<T>{{pairs, 2 * n}, n});
    auto const norm = [&](Index i) { return std::sqrt(sums(i)); };
    auto const has_direction = [&](Index i) { return sums(i) > 0 && sums(i) < detail::infinity; };
    w.setConstant(sums(own) < detail::infinity ? 0 : std::numeric_limits<double>::quiet_NaN());
    if (!has_direction(own)) return w;
    double total = 0;
    for (Index i = 0; i < n; ++i) {
      if (i == own || !has_direction(i)) continue;
      w(i) = std::clamp(sums(n + i) / norm(i) / norm(own), 0., 1.);
      total += w(i);
    }
    for (Index i = 0; i < n; ++i) {
      if (w(i) > 0) w(i) = w(i) / total * (norm(own) / norm(i));
    }
    return w;
  }
};

}  // namespace robagg::inline ROBAGG_ABI
