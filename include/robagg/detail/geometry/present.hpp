// SPDX-License-Identifier: BSL-1.0
// Rows that are absent as a whole (a sensor that is offline, under skip_nan or a mask), for rules that read whole rows: the
// rule for the rows that are there, whose numbers stay those of the table.
#pragma once

#include "../columns/engine.hpp"

#include <algorithm>
#include <limits>
#include <optional>

namespace robagg::inline ROBAGG_ABI::detail {

// The table without skip_nan.
template <class X>
decltype(auto) every_entry(X const& x) {
  if constexpr (weighted_reports<X> || shifted_reports<X>) {
    return x.with(detail::every_entry(x.base));
  } else {
    return (x.base);
  }
}
template <class R>
using rows_of_every_entry =
    decltype(robagg::subset(detail::every_entry(std::declval<R const&>()), std::declval<list<Index>&>()));

// The rows that are there; some entries of a row are refused.
template <class Op, class R>
list<Index> rows_present(Op const& op, R const& r, workspace& ws) {
  using T = wide_of<R>;
  auto const& x = detail::plain_of(r);
  Index const n = x.rows(), d = x.cols(), most = std::min(d, block_columns);
  Index* const rows = ws.take<Index>(n);
  Index count = 0;
  auto const scope = ws.scope();
  T* const room = ws.take<T>(most);
  for (Index i = 0; i < n; ++i) {
    Index absent = 0;
    for (Index j = 0; j < d; j += most)
      absent += detail::count_nan(detail::row_piece(x, i, j, std::min(j + most, d), room), std::min(most, d - j));
    if (absent == 0) {
      rows[count++] = i;
    } else if (absent < d) {
      refuse(op, "needs rows that are there, or absent, as a whole", {{"row", i}, {"entries absent", absent}, {"d", d}});
    }
  }
  return {rows, count};
}

// The operator for these rows of n, or std::nullopt where they are too few.
template <class Op>
std::optional<Op> for_rows(Op const& op, list<Index> const& rows, Index n, workspace& ws) {
  if constexpr (requires { op.without(n, n, ws); }) {
    std::optional<Op> rest = op;
    Index k = rows.size();
    for (Index i = n; i-- > 0 && rest;) {
      if (k > 0 && rows[k - 1] == i) {
        --k;
      } else {
        auto next = rest->without(i, n--, ws);
        rest.reset();
        if (next) rest.emplace(*next);
      }
    }
    return rest && detail::enough(*rest, rows.size()) ? rest : std::nullopt;
  } else {
    return detail::enough(op, rows.size()) ? std::optional<Op>(op) : std::nullopt;
  }
}
template <class R>
bool any_weighs([[maybe_unused]] R const& r, [[maybe_unused]] list<Index> const& rows) {
  if constexpr (weighted_reports<R>) {
    return std::any_of(rows.begin(), rows.end(), [&](Index i) { return static_cast<double>(detail::weights_of(r)[i]) > 0; });
  } else {
    return true;
  }
}

// Calls with_some(operator, table, rows) with the rows of the table r that are there, or with_none() where they are too few.
template <class Op, class R>
void over_rows_present(Op const& op, R const& r, workspace& ws, auto const& with_some, auto const& with_none) {
  auto const scope = ws.scope();
  auto const rows = detail::rows_present(op, r, ws);
  auto const rest = detail::for_rows(op, rows, r.rows(), ws);
  if (!rest || !detail::any_weighs(r, rows)) return with_none();
  auto&& whole = detail::every_entry(r);
  with_some(*rest, robagg::subset(whole, rows), rows);
}

// Numbers of these rows as numbers of all n.
inline Eigen::VectorXd at_rows(Eigen::VectorXd const& values, list<Index> const& rows, Index n, double others) {
  Eigen::VectorXd all = Eigen::VectorXd::Constant(n, others);
  for (Index k = 0; k < rows.size(); ++k) all(rows[k]) = values(k);
  return all;
}

// In combine.hpp: refuses too little memory, where op says how much it needs.
template <class Op, class R>
void need_for_present(Op const& op, R const& r, workspace const& ws);

/// into() of an aggregate that reads whole rows, for a table with absent ones.
template <class Op, class R, class Out>
void combine_present(Op const& op, R const& r, Out& out, workspace& ws) {
  auto&& x = detail::enter(op, r);
  detail::need_for_present(op, x, ws);
  ROBAGG_ASSERT(!detail::overlaps(out, detail::plain_of(r)) && "robagg: the output overlaps the table");
  over_rows_present(
      op, x, ws, [&](auto const& rest, auto const& table, auto const&) { rest.into(table, out, ws); },
      [&] {
        constexpr auto nan = std::numeric_limits<wide_of<R>>::quiet_NaN();
        detail::fit_vector(op, out, r.cols());
        for (Index j = 0; j < r.cols(); ++j) detail::store(out, j, &nan, 1);
      });
}

// What that takes of a workspace, at most, if the rule takes scratch(table).
template <class Op, class R>
std::size_t present_scratch(Op const&, R const& r, auto const& scratch) {
  Index const n = r.rows();
  std::size_t lists = 0;
  if constexpr (requires(Op const& op, workspace& ws) { op.without(n, n, ws); })
    lists = static_cast<std::size_t>(n) * workspace::room<Index>(n);
  auto&& whole = detail::every_entry(r);
  list<Index> const rows{nullptr, n};
  return workspace::room<Index>(n) + lists +
         std::max(workspace::room<wide_of<R>>(std::min(r.cols(), block_columns)), scratch(robagg::subset(whole, rows)));
}

}  // namespace robagg::inline ROBAGG_ABI::detail
