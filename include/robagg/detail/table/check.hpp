// SPDX-License-Identifier: BSL-1.0
// The door of every operator: what a table may get wrong, checked once per call before any write; costly expressions are
// evaluated.
#pragma once

#include "../../masked.hpp"
#include "../../reports.hpp"
#include "../../workspace.hpp"

#include <cmath>
#include <limits>

namespace robagg::inline ROBAGG_ABI::detail {

// In core.hpp: says in one sentence, at compile time, what Op does not read.
template <class Op, class R>
consteval bool explain();
// And why X is no table.
template <class X>
consteval bool explain_table();
template <class X>
void refuse_table(X const&) {
  static_cast<void>(detail::explain_table<X>());
}

template <class R>
void check_rows(refuser const& who, R const& r) {
  if constexpr (requires { r.indices; }) {
    detail::check_rows(who, r.base);
    for (Index const i : r.indices) {
      if (i < 0 || i >= r.base.rows()) refuse(who, "subset names an unknown row", {{"row", i}, {"rows", r.base.rows()}});
    }
  } else if constexpr (requires { r.pointers; }) {
    if (r.columns < 0) refuse(who, "rows_of needs d >= 0", {{"d", r.columns}});
    for (Index i = 0; i < r.pointers.size(); ++i) {
      if (r.pointers[i] == nullptr && r.columns > 0) refuse(who, "rows_of has a null row", {{"row", i}});
    }
  } else if constexpr (requires { r.weights; }) {
    detail::check_rows(who, r.base);
    if (!r.weights.fit(detail::plain_of(r.base))) {
      refuse(who, "needs one weight per row", {{"weights", r.weights.size()}, {"n", r.rows()}});
    }
    bool any = false;
    for (Index i = 0; i < r.rows(); ++i) {
      auto const w = static_cast<double>(r.weights[i]);
      if (!(w >= 0) || !std::isfinite(w)) refuse(who, "needs finite weights >= 0", {{"row", i}, {"weight", w}});
      any = any || w > 0;
    }
    if (!any && r.rows() > 0) refuse(who, "needs a weight above 0", {{"n", r.rows()}});
  } else if constexpr (requires { r.origin; }) {
    constexpr double largest = std::same_as<wide<typename R::Scalar>, double> ? std::numeric_limits<double>::max()
                                                                              : double{std::numeric_limits<float>::max()};
    detail::check_rows(who, r.base);
    if (r.origin.size() != r.cols()) {
      refuse(who, "needs an origin with one value per column", {{"origin", r.origin.size()}, {"d", r.cols()}});
    }
    for (Index j = 0; j < r.cols(); ++j) {
      auto const v = static_cast<double>(r.origin.coeff(j));
      if (!(std::abs(v) <= largest)) refuse(who, "needs a finite origin", {{"column", j}, {"value", v}});
    }
  } else if constexpr (requires { r.mask; }) {
    detail::check_rows(who, r.base);
    mask_view const mask = r.view();
    bool const nothing = mask.rows * mask.cols == 0 && r.rows() * r.cols() == 0;
    if (!nothing && (mask.rows != r.rows() || mask.cols != r.cols())) {
      refuse(who, "needs a mask of the table's shape",
             {{"rows of the mask", mask.rows}, {"columns", mask.cols}, {"n", r.rows()}, {"d", r.cols()}});
    }
  } else if constexpr (requires { r.base; }) {
    detail::check_rows(who, r.base);
  }
}

// An operator's own rule, where it has one: check(n) for n rows.
template <class Op>
void check_parameters(Op const& op, Index n) {
  if constexpr (requires { op.check(n); }) op.check(n);
}

// Are m of the rows, or of the values of a column, enough, where the others are absent?
template <class Op>
bool enough(Op const& op, Index m) {
  if constexpr (requires { op.enough(m); }) {
    return m > 0 && op.enough(m);
  } else {
    return m > 0;
  }
}

// Of n rows, f may lie.
inline void check_liars(refuser const& who, Index n, Index f) {
  if (f < 0) refuse(who, "needs f >= 0", {{"f", f}});
  if (f >= n - f) refuse(who, "needs n > 2f", {{"n", n}, {"f", f}});
}

// Nobody aggregates nothing, unless an operator says what that is.
template <class Op>
inline constexpr Index least_rows = 1;
template <class Op>
  requires requires { Op::least_rows; }
inline constexpr Index least_rows<Op> = Op::least_rows;

// What op refuses, at compile time and at run time.
template <class Op, class R>
void check_table(Op const& op, R const& r) {
  static_assert(explain<Op, R>());
  detail::check_rows(op, r);
  if (r.rows() < least_rows<Op>) refuse(op, "needs at least one report", {{"n", r.rows()}});
  detail::check_parameters(op, r.rows());
}

// The door: the table that may be read, as often as the operator likes. Expressions that are costly to read are evaluated
// here and nowhere behind it.
template <class Op, class R>
[[nodiscard]] decltype(auto) enter(Op const& op, R const& r) {
  detail::check_table(op, r);
  return detail::readable(r);
}

// How many bytes of a workspace op takes for the table r, at most, whatever its values are: see combine.hpp. An operator
// that runs on none of the library's engines says it itself: scratch(r).
template <class Op, class R>
std::size_t scratch(Op const& op, R const& r);

// Over the caller's memory, too little is refused before anything is written.
inline void need(refuser const& who, std::size_t bytes, workspace const& ws) {
  if (ws.over_span() && bytes > ws.left()) {
    refuse(who, "needs more memory than its workspace was given", {{"bytes needed", bytes}, {"bytes left", ws.left()}});
  }
}

// What takes little is done on the stack, without a workspace, unless that is over the caller's memory or has an executor.
inline constexpr std::size_t stack_room = 41 * 1024;
using workspace_user = function_ref<void(workspace&)>;
EIGEN_DONT_INLINE inline void with_stack_room(workspace_user body) {
  alignas(workspace::alignment) std::byte memory[stack_room];
  workspace ws{workspace::first_memory{std::span(memory)}};  // a user's operator may take more than was thought
  body(ws);
}
inline void with_room(refuser const& who, std::size_t bytes, workspace& ws, workspace_user body) {
  detail::need(who, bytes, ws);
  if (bytes <= stack_room && !ws.over_span() && !ws.may_spill() && !ws.has_executor()) return detail::with_stack_room(body);
  body(ws);
}

}  // namespace robagg::inline ROBAGG_ABI::detail
