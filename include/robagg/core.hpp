// SPDX-License-Identifier: BSL-1.0
// READ FIRST. Four verbs over one table (rows report, columns are reported on):
//
//   transform   n x d -> m x d             rows(n) and into(reports, out, ws)
//   aggregate   n x d -> d                 into(reports, out, ws), neither rows nor result_type
//   decide      d -> index(es)             result_type and into(scores, out, ws)
//   elect       n x d -> winner, margin    result_type and elect(reports, ws)
//
// A struct with these members takes part, yours too; nothing is registered. A plain table has rows(),
// cols(), row(i) and (i, j), whatever its storage. `into` is the kernel and allocates only while its
// workspace grows; calling the operator is the convenience that returns a plain result. `a | b` joins
// stages whose shapes fit. That is all there is to learn.
#pragma once

#include "parameters.hpp"  // the headers that say sentences first: compilers print the way to a header above what it says
#include "error.hpp"
#include "executor.hpp"
#include "masked.hpp"
#include "reports.hpp"
#include "workspace.hpp"
#include "detail/table/kinds.hpp"

#include <concepts>
#include <span>
#include <type_traits>

namespace robagg::inline ROBAGG_ABI {
namespace detail {

template <class A, class B>
struct chain;
template <class Op>
inline constexpr bool is_chain = false;
template <class A, class B>
inline constexpr bool is_chain<chain<A, B>> = true;

template <class Op>
concept has_result = std::is_class_v<Op> && requires { typename Op::result_type; };
template <class Op>
concept can_elect = has_result<Op> && requires(Op const& op, table<double> const& x, workspace& ws) {
  { op.elect(x, ws) } -> std::convertible_to<typename Op::result_type>;
};

// The result of `a | b` has a result_type where b has.
template <class B>
struct chain_result {};
template <has_result B>
struct chain_result<B> {
  using result_type = typename B::result_type;
};

// What takes any table, but no mere list of scores, is an operator over tables, also where a vector is its table.
template <class Op>
concept reads_tables = requires(Op const& op, rows_table<double> const& x, std::span<double const> const& scores,
                                typename Op::result_type& out, workspace& ws) {
  op.into(x, out, ws);
  requires !requires { op.into(scores, out, ws); };
};

template <class Op, class R, class Out>
concept writes_to = requires(Op const& op, R const& r, Out& out, workspace& ws) { op.into(r, out, ws); };

// Does op read the table R, with all that it carries? The library's operators say it by a set of table
// traits (`reads`), pipes ask their stages, and of yours it is asked whether the call compiles.
template <class Op, class R>
consteval bool accepts() {
  using S = detail::results_over<R>;
  if constexpr (requires { Op::reads; }) {
    constexpr bool has_rows = (traits<R> & lacks_rows) == 0;
    return (traits<R> & ~Op::reads & ~(runs_on_engine<Op> ? lacks_rows : 0) &
            ~(leaves_rows_out<Op> && has_rows ? skips_nan : 0)) == 0;
  } else if constexpr (requires { Op::template accepts_table<R>(); }) {  // pipes, sliced
    return Op::template accepts_table<R>();
  } else if constexpr ((traits<R> & lacks_rows) != 0) {
    return false;
  } else if constexpr (can_elect<Op>) {
    return requires(Op const& op, R const& r, workspace& ws) { op.elect(r, ws); };
  } else if constexpr (has_result<Op>) {
    return writes_to<Op, R, typename Op::result_type>;
  } else if constexpr (makes_rows<Op>) {
    return writes_to<Op, R, table<S>>;
  } else {
    return writes_to<Op, R, Eigen::Matrix<S, Eigen::Dynamic, 1>>;
  }
}

template <class X>
concept sparse = std::is_class_v<X> && requires {
  typename X::StorageKind;
  requires std::same_as<typename X::StorageKind, Eigen::Sparse>;
};
template <class X>
concept nested = std::is_class_v<X> && requires(X const& x) { x[0][0], x.size(), x[0].size(); };
template <class X>
concept scalars_of_its_own = std::is_class_v<X> && requires { typename X::Scalar; };

// Says in one sentence why X is no table.
template <class X>
consteval bool explain_table() {
  if constexpr (std::same_as<X, refused>) {
    return false;  // which has been said
  } else if constexpr (sparse<X>) {
    static_assert(!sparse<X>, "robagg: a sparse matrix is no table: write it into a dense one, Eigen::MatrixXf(x)");
  } else if constexpr (nested<X>) {
    static_assert(!nested<X>, "robagg: a container of rows is no table: rows_of(x) is one, without a copy");
  } else if constexpr (scalars_of_its_own<X>) {
    using S = typename X::Scalar;
    static_assert(
        !std::integral<S>,
        "robagg: a table of 64-bit integers, of char or of bool is no table of reports: cast it first, x.cast<double>()");
    static_assert(std::integral<S>,
                  "robagg: a table holds float, double, half, bfloat16 or integers of up to 32 bits: cast it first, "
                  "x.cast<double>()");
  } else {
    static_assert(
        sizeof(X) == 0,
        "robagg: this is no table: a table is an Eigen matrix, map or expression of float, double, half, bfloat16 or integers, or rows_of(...)");
  }
  return false;
}

// Says in one sentence what does not fit.
template <class Op, class R>
consteval bool explain() {
  constexpr bool fits = accepts<Op, R>();
  static_assert(
      fits || (traits<R> & lacks_rows) == 0,
      "robagg: this operator reads whole rows, and the columns of this table are computed where they are read: write it into "
      "a matrix first");
  static_assert(fits || !reports<R>, "robagg: this operator does not read tables");
  static_assert(fits || !incomplete_reports<R>,
                "robagg: this operator needs every entry and cannot skip NaN: pass the table without skip_nan "
                "(NaN then counts as the operator's page says)");
  static_assert(fits || !weighted_reports<R> || incomplete_reports<R>,
                "robagg: this operator has no weighted form: pass the table without weights, or another operator");
  static_assert(fits || !shifted_reports<R> || weighted_reports<R> || incomplete_reports<R>,
                "robagg: moving the origin has no meaning for this operator: pass the table without around");
  return fits;
}

}  // namespace detail

// Every concept starts with std::is_class_v: Eigen combines its enum flags with |, and asking more
// about an enum would instantiate the very matrix that is being defined.

/// n x d -> m x d.
template <class Op>
concept transform = std::is_class_v<Op> && detail::makes_rows<Op> &&
                    requires(Op const& op, table<double> const& x, table<double>& out, workspace& ws) { op.into(x, out, ws); };

/// n x d -> d.
template <class Op>
concept aggregate =
    std::is_class_v<Op> && !detail::has_result<Op> && !detail::makes_rows<Op> &&
    requires(Op const& op, table<double> const& x, Eigen::VectorXd& out, workspace& ws) { op.into(x, out, ws); };

/// d -> index or indices.
template <class Op>
concept decide = std::is_class_v<Op> && detail::has_result<Op> && !detail::is_chain<Op> && !detail::reads_tables<Op> &&
                 requires(Op const& op, Eigen::VectorXd const& scores, typename Op::result_type& out, workspace& ws) {
                   op.into(scores, out, ws);
                 };

/// n x d -> winner, margin, certificate.
template <class Op>
concept elect = std::is_class_v<Op> && detail::can_elect<Op>;

/// What calling an operator returns: op(x) for every x that op accepts, as a plain object that owns
/// its memory (a vector, a row-major matrix, an index, an election). Fixed-size tables give
/// fixed-size results. Allocates; `into` with a kept workspace does not.
template <class Op, any_reports R>
auto evaluate(Op const& op, R const& r) {
  using S = detail::results_over<R>;
  constexpr int d = R::ColsAtCompileTime;
  Index const columns = r.cols() < 0 ? 0 : r.cols();  // op.into refuses the others, with a sentence
  workspace ws;
  if constexpr (detail::dense<R> && !detail::reads_in_place<R>) {
    return robagg::evaluate(op, detail::readable(r));
  } else if constexpr (!detail::explain<Op, R>()) {
    return detail::refused{};
  } else if constexpr (detail::can_elect<Op>) {
    return op.elect(r, ws);
  } else if constexpr (detail::has_result<Op>) {
    typename Op::result_type out{};
    op.into(r, out, ws);
    return out;
  } else if constexpr (detail::makes_rows<Op>) {
    Eigen::Matrix<S, Eigen::Dynamic, d, d == 1 ? Eigen::ColMajor : Eigen::RowMajor> out(op.rows(r.rows()), columns);
    op.into(r, out, ws);
    return out;
  } else {
    Eigen::Matrix<S, d, 1> out(columns);
    op.into(r, out, ws);
    return out;
  }
}

/// What is no table is refused in a sentence.
template <class Op, class X>
  requires(!any_reports<X>)
auto evaluate(Op const&, X const&) {
  static_cast<void>(detail::explain_table<X>());
  return detail::refused{};
}

/// The same for a decision over d scores; a table is none, which a sentence says.
template <decide Op, class Scores>
auto evaluate_scores(Op const& op, Scores const& scores) {
  constexpr bool fits = detail::writes_to<Op, Scores, typename Op::result_type>;
  static_assert(
      fits,
      "robagg: a decision reads d scores, a vector of floating numbers: of a table, join it to an aggregate, mean{} | best{}");
  if constexpr (fits) {
    workspace ws;
    typename Op::result_type out{};
    op.into(scores, out, ws);
    return out;
  } else {
    return detail::refused{};
  }
}

}  // namespace robagg::inline ROBAGG_ABI
