// SPDX-License-Identifier: BSL-1.0
// The engine of columns for tables of which it is known at run time only whether rows have weights.
#pragma once

#include "engine.hpp"

namespace robagg::inline ROBAGG_ABI::detail {

// Every column of a table whose weights, one for each row or none, are known at run time only; `epsilon`: their rounding unit.
template <class T, class Op>
void reduce_reader(Op const& op, table_reader<T> const& x, list<double> given, double epsilon, bool nan_is_absent,
                   column_sink<T> const& sink, workspace& ws) {
  constexpr bool uneven = (Op::reads & (has_weights | skips_nan)) != 0;
  auto const scope = ws.scope();
  Index const n = x.rows();
  if constexpr (uneven) {
    auto w = ws.vector<double>(n);
    for (Index i = 0; i < n; ++i) w(i) = given.size() > 0 ? given[i] : 1;
    if constexpr (requires { op.check_weighted(); }) {
      if (given.size() > 0) op.check_weighted();
    }
    weight_kind const kind = given.size() > 0 ? detail::normalise_weights(w.data(), n) : weight_kind::equal;
    auto const weights = detail::prepare_weights(
        w, kind, std::max(epsilon, static_cast<double>(std::numeric_limits<T>::epsilon())), nan_is_absent, ws);
    if constexpr (requires { op.check(weights.table); }) op.check(weights.table);
    Index const present = weights.table.rows();
    detail::reduce_columns<true, T>(op, x, present == n ? nullptr : weights.rows.data(), present, n, &weights, sink, ws);
  } else {
    detail::reduce_columns<false, T>(op, x, nullptr, n, n, nullptr, sink, ws);
  }
}

}  // namespace robagg::inline ROBAGG_ABI::detail
