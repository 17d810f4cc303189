// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/geometry/combine.hpp"
#include "detail/logits.hpp"

#include <cmath>

namespace robagg::inline ROBAGG_ABI {

/// The attention of the last queries of a context, for one head of the keys: softmax(scale Q K^T), causal among the window's
/// own tokens, of which the columns before the window are the table that eviction rules read.
///
/// Shapes     queries: G window x head_dim, the window's queries of each of the G query heads that share the keys, one head
///            after the other; keys: L x head_dim, the window's own last -> G window x (L - window). float, double, half or
///            bfloat16; a head of an interleaved cache is a block of its columns.
/// Ranges     window >= 1; scale 0 means 1 / sqrt(head_dim); positions are in the queries and keys already.
/// Errors     window; rows that are no whole number of heads; other dimensions; fewer keys than the window (a context shorter
///            than the window has fewer queries, and is its own window); scale not finite.
/// Guarantee  rows >= 0 with a sum of at most 1: what is missing is on the window itself (`mass`).
/// Cost       queries times keys twice, in O(queries) memory besides the result: attention() is a table that is computed where
///            it is read, so that `defensive{}.into(window.attention(q, k, ws), out, ws)` never has one in memory.
/// NaN        a NaN logit is no attention; logits of -infinity are none, those of +infinity share all of it. A query that is
///            NaN, or sees nothing, is a row of zeros. Halves and integers are computed in float.      Ties  none.
/// Source     the observation window of SnapKV (Li et al., 2024).        Example  examples/cache_policies.cpp
struct observation_window {
  count window = 32;
  double scale = 0;
  bool causal = true;

  static constexpr void parameters(auto& op, auto visit) {
    visit("window", op.window), visit("scale", op.scale), visit("causal", op.causal);
  }

  /// A table for every coordinate-wise rule; it lives as long as the keys and the workspace's scope.
  template <reports QueriesRef, reports KeysRef>
  auto attention(QueriesRef&& queries, KeysRef&& keys, workspace& ws) const {
    static_assert(
        detail::keeps_nothing<QueriesRef> && detail::keeps_nothing<KeysRef>,
        "robagg: the attention would outlive the temporary queries or keys that it is computed from: give them a name");
    using K = std::remove_cvref_t<KeysRef>;
    static_assert(!detail::dense<K> || detail::reads_in_place<K>,
                  "robagg: the keys are an expression that would be computed again: evaluate them first");
    if (window < 1) detail::refuse(*this, "needs window >= 1", {{"window", window}});
    if (!std::isfinite(scale)) detail::refuse(*this, "needs a finite scale", {{"scale", scale}});
    if (queries.rows() < window || queries.rows() % window != 0) {
      detail::refuse(*this, "needs the window's queries of every head", {{"queries", queries.rows()}, {"window", window}});
    }
    if (queries.cols() != keys.cols() || keys.cols() < 1) {
      detail::refuse(*this, "needs queries and keys of one head_dim", {{"queries", queries.cols()}, {"keys", keys.cols()}});
    }
    if (keys.rows() < window)
      detail::refuse(*this, "needs at least the window's keys", {{"keys", keys.rows()}, {"window", window}});
    double const factor = scale == 0 ? 1 / std::sqrt(static_cast<double>(keys.cols())) : scale;
    return detail::attention_table<K>(detail::readable(queries), keys, window, factor, causal, ws);
  }

  void into(reports auto const& queries, reports auto const& keys, auto&& out, workspace& ws) const {
    auto const scope = ws.scope();
    auto const rows = attention(queries, keys, ws);
    using T = typename decltype(rows)::Scalar;
    detail::fit_table(*this, out, rows.rows(), rows.cols());
    detail::tile<T> const t(ws, rows.rows(), 256);
    for (Index j = 0; j < rows.cols(); j += t.width) {
      auto const part = t.first_columns(std::min(t.width, rows.cols() - j));
      rows.load(j, part, ws);
      for (Index i = 0; i < rows.rows(); ++i) {
        auto row = out.row(i);
        detail::store(row, j, part.row(i), part.width);
      }
    }
  }
  auto operator()(reports auto const& queries, reports auto const& keys) const {
    workspace ws;
    table<detail::wide_of<decltype(keys)>> out;
    into(queries, keys, out, ws);
    return out;
  }
};

}  // namespace robagg::inline ROBAGG_ABI
