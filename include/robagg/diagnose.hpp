// SPDX-License-Identifier: BSL-1.0
// Who counted, who was rejected, and how far each report moved the result.
#pragma once

#include "pipe.hpp"
#include "detail/base/dot.hpp"
#include "detail/columns/engine.hpp"
#include "detail/geometry/combine.hpp"
#include "geometry_state.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// How much each report counts in a result, and how far from it each is. Prints with fmt.
struct standing {
  Eigen::VectorXd weights;            ///< how much each report counts
  std::vector<Index> kept, rejected;  ///< rows that count, and rows that (hardly) do not
  Eigen::VectorXd scores;             ///< the distance of each report to the result
  Index iterations = 0;               ///< of an operator that iterates
  bool converged = true;              ///< false where it stopped at its largest number of iterations
  bool along_columns = false;         ///< whether it went along the columns, or between rows (iterate)
};

/// What `diagnose` returns of a table.
template <class Scalar>
struct diagnosis : standing {
  Eigen::Matrix<Scalar, Eigen::Dynamic, 1> result;  ///< what the operator answers
};

namespace detail {

// Of a sorted column, the ranks that make the result.
template <class Op, class Sorted>
rank_range ranks_kept(Op const& op, Sorted const& sorted) {
  Index const n = static_cast<Index>(sorted.size());
  if constexpr (requires { op.kept(sorted); }) {
    return op.kept(sorted);
  } else if constexpr (sorts<Op>) {
    return op.wanted(n);
  } else {
    return {0, n};
  }
}

// What a coordinate-wise operator does with a column.
struct column_choice {
  double nan;                                                        // what a NaN is
  function_ref<rank_range(std::vector<double> const& sorted)> kept;  // the ranks that make the result
};

// Adds to `share` what each row of a column counts: 1 / kept for those whose rank is kept.
inline void add_kept(column_choice const& choice, double const* column, Index n, bool skips_nan, Index* order,
                     std::vector<double>& sorted, double* share, double* columns_kept) {
  auto const value = [&](Index i) { return column[i] == column[i] ? column[i] : choice.nan; };
  std::iota(order, order + n, Index{0});
  if (skips_nan) n = std::remove_if(order, order + n, [&](Index i) { return column[i] != column[i]; }) - order;
  if (n == 0) return;
  std::stable_sort(order, order + n, [&](Index a, Index b) { return value(a) < value(b); });
  sorted.resize(static_cast<std::size_t>(n));
  for (Index r = 0; r < n; ++r) sorted[static_cast<std::size_t>(r)] = value(order[r]);
  rank_range const kept = choice.kept(sorted);
  double const count = static_cast<double>(kept.last - kept.first);
  for (Index r = kept.first; r < kept.last; ++r) {
    share[order[r]] += 1 / count;
    columns_kept[order[r]] += 1;
  }
}

// What each row of a table without weights counts in a coordinate-wise operator: on average over the columns, and in what
// share of the columns at all.
template <class T>
void add_column_shares(column_choice const& choice, table_reader<T> const& x, bool skips_nan, double* weights,
                       double* columns_kept, workspace& ws) {
  auto const scope = ws.scope();
  Index const n = x.rows(), d = x.cols(), most = std::min<Index>(d, 64);
  table_source<T> const source(x, nullptr, n, most, ws);
  double* const column = ws.take<double>(n);
  Index* const order = ws.take<Index>(n);
  std::vector<double> sorted;
  std::fill_n(weights, n, 0.), std::fill_n(columns_kept, n, 0.);
  for (Index j = 0; j < d; j += most) {
    Index const w = std::min(most, d - j);
    auto const [rows, offset] = source.at(j, w);
    for (Index c = 0; c < w; ++c) {
      for (Index i = 0; i < n; ++i) column[i] = static_cast<double>(rows[i][offset + c]);
      detail::add_kept(choice, column, n, skips_nan, order, sorted, weights, columns_kept);
    }
  }
  for (Index i = 0; i < n && d > 0; ++i) {
    weights[i] /= static_cast<double>(d);
    columns_kept[i] /= static_cast<double>(d);
  }
}

template <class T, class Op>
void column_shares(Op const& op, table_reader<T> const& x, bool skips_nan, double* weights, double* columns_kept,
                   workspace& ws) {
  auto const kept = [&](std::vector<double> const& sorted) { return detail::ranks_kept(op, sorted); };
  detail::add_column_shares(column_choice{Op::nan == nan_is::lowest ? -infinity : infinity, kept}, x, skips_nan, weights,
                            columns_kept, ws);
}

// A pipe of a linear transform and a coordinate-wise rule.
template <class Op>
inline constexpr bool mixes_columns = false;
template <class A, class B>
inline constexpr bool mixes_columns<chain<A, B>> = linear<A> && column_rule<B>;

template <class Op>
inline constexpr bool diagnosable = geometric<Op> || from_reports<Op> || column_rule<Op> || mixes_columns<Op>;
template <staged Op>
  requires(!geometric<Op>)
inline constexpr bool diagnosable<Op> = diagnosable<stages_of<Op>>;

// Does `weights` say how rows of R count in op?
template <class Op, class R>
concept knows_weights = diagnosable<Op> && (!weighted_reports<R> || from_reports<Op> || (geometric<Op> && !column_rule<Op>));

template <class Op>
consteval bool explain_diagnosis() {
  static_assert(diagnosable<Op>,
                "robagg: only operators that are geometric (krum, geometric_median, ...), coordinate-wise (median, ...) or a "
                "linear transform followed by one of these can say how much each report counts");
  return diagnosable<Op>;
}

template <class W>
Eigen::VectorXd owned(W const& w, Index n) {
  Eigen::VectorXd copy(n);
  for (Index i = 0; i < n; ++i) copy(i) = w(i);
  return copy;
}

// The distance of each report to w'X.
inline Eigen::VectorXd distances_to(geometry const& g, Eigen::VectorXd const& w) {
  Index const n = g.rows();
  Eigen::VectorXd v(n + 1), along(n + 1), distances(n);
  v.head(n) = w;
  v(n) = 1 - detail::sum(w);
  detail::multiply(g.products(), v, along);
  double const square = detail::dot(v, along);
  for (Index i = 0; i < n; ++i) {
    distances(i) = g.located(i) ? std::sqrt(std::max(0., square - 2 * along(i) + g.products()(i, i))) : infinity;
  }
  return distances;
}

// Weights, scores and the way to them, from a geometry.
template <geometric Op>
void decide_from(Op const& op, geometry const& g, standing& d, workspace& ws) {
  progress seen;
  if constexpr (requires { op.weights(g, ws, seen); }) {
    d.weights = detail::owned(op.weights(g, ws, seen), g.rows());
  } else {
    d.weights = detail::owned(detail::weights_in(op, g, ws), g.rows());
  }
  d.iterations = seen.iterations;
  d.converged = seen.converged;
  d.scores = detail::distances_to(g, d.weights);
}
inline void find_rejected(standing& d) {
  Index const n = d.weights.size();
  double const least = .1 * detail::sum_of_magnitudes(d.weights.data(), n) / static_cast<double>(n);
  for (Index i = 0; i < n; ++i) {
    double const weight = std::abs(d.weights(i));
    (weight > 0 && weight >= least ? d.kept : d.rejected).push_back(i);
  }
}

// The same of an operator whose point goes along the columns of r.
template <iterates Op, class R>
void decide_along_columns(Op const& op, R const& r, standing& d, workspace& ws, auto const& result) {
  detail::run_along_columns(op, r, ws, [&](auto& z, progress const& seen, bool found) {
    Index const n = r.rows();
    d.iterations = seen.iterations;
    d.converged = seen.converged;
    d.along_columns = true;
    d.weights = d.scores = Eigen::VectorXd::Constant(n, std::numeric_limits<double>::quiet_NaN());
    if (found) {
      z.measure();
      d.weights = detail::owned(z.weights(), n);
      d.scores = detail::owned(z.squares(), n);
      detail::take_roots(d.scores.data(), n);
    }
    result(z, found);
  });
}

// The geometry without one row.
inline geometry without(geometry const& g, Index row, workspace& ws) {
  Index const n = g.rows();
  auto D = ws.table<double>(n, n), G = ws.table<double>(n, n);
  auto weights = ws.vector<double>(n - 1);
  auto const old = [row](Index i) { return i < row ? i : i + 1; };
  for (Index i = 0; i < n; ++i) {
    if (i < n - 1) weights(i) = g.weight(old(i));
    for (Index k = 0; k < n; ++k) D(i, k) = g.squared_distance(old(i), old(k)), G(i, k) = g.inner(old(i), old(k));
  }
  return {D, G, {weights, g.weight_rounding()}};
}

}  // namespace detail

/// How much each report counts in the result of op: for a geometric operator (or a pipe that is one) the coefficients of
/// the reports, what is missing to 1 being the origin's; for a coordinate-wise one the average over the columns of
/// 1 / kept for the rows it keeps there; for a linear transform | coordinate-wise operator those of the mixed rows,
/// carried back to the reports.
///
/// Shapes     n x d reports -> n.             Errors  those of op; operators of other kinds do not compile.
/// Cost       that of op's geometry; coordinate-wise operators sort every column once more, not in packets.
/// NaN        as op does.                     Weights  geometric operators only.       Ties  the lowest row. skip_nan: a column
///            counts the rows that it has.
/// Example    examples/diagnosis.cpp
template <class Op, any_reports R>
Eigen::VectorXd weights(Op const& op, R const& r) {
  Index const n = r.rows();
  Eigen::VectorXd w = Eigen::VectorXd::Zero(std::max<Index>(n, 0)), columns_kept = w;
  if constexpr (detail::explain_diagnosis<Op>()) {
    auto&& entered = detail::enter(op, r);
    workspace ws;
    if constexpr (incomplete_reports<R> && detail::leaves_rows_out<Op>) {
      w.setConstant(std::numeric_limits<double>::quiet_NaN());
      detail::over_rows_present(
          op, entered, ws,
          [&](auto const& rest, auto const& table, auto const& rows) {
            w = detail::at_rows(robagg::weights(rest, table), rows, n, 0);
          },
          [] {});
    } else if constexpr (detail::staged<Op> && !detail::geometric<Op>) {
      w = robagg::weights(op.stages(n), entered);
    } else if constexpr (detail::geometric<Op> && !detail::column_rule<Op>) {
      if constexpr (detail::iterates<Op>) {
        if (op.along_columns(n, r.cols())) {
          standing d;
          detail::decide_along_columns(op, entered, d, ws, [](auto const&, bool) {});
          return d.weights;
        }
      }
      w = detail::owned(detail::weights_in(op, detail::geometry_for(op, entered, ws), ws), n);
    } else if constexpr (detail::from_reports<Op>) {
      w = detail::owned(op.weights_from(entered, ws), n);
    } else if constexpr (detail::column_rule<Op>) {
      static_assert(!weighted_reports<R>, "robagg: coordinate-wise operators say how reports count for tables without weights");
      auto const& x = detail::plain_of(entered);
      detail::column_shares<detail::wide_of<R>>(op, detail::reader_of<detail::wide_of<R>>(x), incomplete_reports<R>, w.data(),
                                                columns_kept.data(), ws);
    } else {
      static_assert(!weighted_reports<R>, "robagg: coordinate-wise operators say how reports count for tables without weights");
      using X = std::remove_cvref_t<decltype(entered)>;
      auto const W = detail::mixing_in(op.first, detail::geometry_for(op.first, entered, ws), ws);
      detail::mixing_plan<detail::wide_of<R>> const plan(detail::coefficients_of<X>(W, ws), ws);
      Eigen::VectorXd mixed(W.rows()), unused(W.rows());
      detail::mixed_table<X> const x{entered, plan};
      detail::column_shares<detail::wide_of<R>>(op.second, detail::reader_of<detail::wide_of<R>>(x), false, mixed.data(),
                                                unused.data(), ws);
      w = W.transpose() * mixed;
    }
  }
  return w;
}

/// Everything about one answer: result, weights, who was kept and who rejected, scores, iterations.
///
/// Shapes     n x d reports -> diagnosis.    Errors  those of op; operators of other kinds do not compile.
/// Guarantee  the result is the one that op gives. A report is rejected when it counts for less than a tenth of
///            what an average one does; a score is the distance of a report to the result, infinite without a
///            geometry.
/// Cost       that of op; of operators that are not geometric twice, and a geometry. Allocates.
/// NaN, Weights, Ties   as `weights` above.      Example  examples/diagnosis.cpp
template <class Op, any_reports R>
auto diagnose(Op const& op, R const& given) {
  using S = detail::results_over<R>;
  static_cast<void>(detail::explain_diagnosis<Op>());
  auto&& r = detail::enter(op, given);
  diagnosis<S> d;
  workspace ws;
  if constexpr (detail::iterates<Op>) {
    if (op.along_columns(r.rows(), r.cols())) {
      d.result.resize(r.cols());
      detail::decide_along_columns(op, r, d, ws,
                                   [&](auto const& z, bool found) { detail::store_point(z, found, d.result, r.cols()); });
      detail::find_rejected(d);
      return d;
    }
  }
  if constexpr (detail::geometric<Op> && !detail::column_rule<Op>) {
    detail::decide_from(op, detail::measure(r, ws, op), d, ws);
    d.result.resize(r.cols());
    detail::sum_rows(d.weights, r, d.result, ws);
  } else {
    d.weights = robagg::weights(op, r);
    d.result = op(r);
    d.scores = detail::distances_to(detail::measure(r, ws, op), d.weights);
  }
  detail::find_rejected(d);
  return d;
}

// Rows that are absent as a whole count nothing.
template <class Op, incomplete_reports R>
  requires detail::leaves_rows_out<Op>
auto diagnose(Op const& op, R const& given) {
  using S = detail::results_over<R>;
  auto&& r = detail::enter(op, given);
  Index const n = r.rows();
  workspace ws;
  diagnosis<S> d;
  d.weights = d.scores = Eigen::VectorXd::Constant(n, std::numeric_limits<double>::quiet_NaN());
  d.result.setConstant(r.cols(), static_cast<S>(std::numeric_limits<float>::quiet_NaN()));
  detail::over_rows_present(
      op, r, ws,
      [&](auto const& rest, auto const& table, auto const& rows) {
        d = robagg::diagnose(rest, table);
        d.weights = detail::at_rows(d.weights, rows, n, 0);
        d.scores = detail::at_rows(d.scores, rows, n, detail::infinity);
        for (auto* chosen : {&d.kept, &d.rejected}) {
          for (Index& i : *chosen) i = rows[i];
        }
      },
      [] {});
  return d;
}

/// The same of reports that are in no table: `weights` and `diagnose` of a geometry_state, for geometric operators and pipes.
/// The result is not known, but how far from it each report is. Errors  those of geometry_state::weights.
template <detail::geometric Op>
Eigen::VectorXd weights(Op const& op, geometry_state& state) {
  return state.weights(op);
}
template <detail::geometric Op>
standing diagnose(Op const& op, geometry_state& state) {
  standing d;
  workspace ws;
  detail::decide_from(op, state.geometry_for(op, ws), d, ws);
  detail::find_rejected(d);
  return d;
}

/// How far the result moves when each report is dropped: |op(reports) - op(reports without row i)|.
///
/// Shapes     n x d reports -> n.
/// Errors     those of op for n and for n - 1 rows, n >= 2.
/// Cost       geometric operators: one read of the table for all of them, everything else in n-space; others are
///            called n + 1 times.
/// Guarantee  a parameter that names a report (nearest_to, trust_weighted, a permutation) names the same one without the other.
///            Where the trusted one itself is dropped, or the only one with a weight, the result is infinitely far.
/// NaN        a result that is not finite is infinitely far.     Weights  as op reads them.    Ties  as op.
/// Example    examples/diagnosis.cpp
template <class Op, any_reports R>
Eigen::VectorXd influence(Op const& op, R const& given) {
  static_assert(aggregate<Op>,
                "robagg: reports have an influence on the result of an aggregate, or of a pipe that ends in one");
  auto&& r = detail::enter(op, given);
  Index const n = r.rows();
  if (n < 2) detail::refuse(op, "needs two reports to drop one", {{"n", n}});
  workspace ws;
  Eigen::VectorXd moved(n);
  auto const settle = [](double x) { return std::isfinite(x) ? x : detail::infinity; };
  // Calls `distance` with the operator that the other rows are given to.
  auto const without_each = [&](auto const& distance) {
    for (Index i = 0; i < n; ++i) {
      auto const scope = ws.scope();
      std::optional<Op> const others = detail::without_row(op, i, n, ws);
      moved(i) = detail::infinity;
      if (!others || !detail::others_weigh(r, i)) continue;
      detail::check_parameters(*others, n - 1);
      moved(i) = settle(distance(*others, i));
    }
  };
  if constexpr (detail::geometric<Op> && !detail::column_rule<Op> && detail::needs<Op>() != detail::measured::weights) {
    auto const g = detail::measure(r, ws, op);
    Eigen::VectorXd const all = detail::owned(detail::weights_in(op, g, ws), n);
    without_each([&](Op const& others, Index i) {
      auto const w = detail::weights_in(others, detail::without(g, i, ws), ws);
      Eigen::VectorXd v(n + 1), along(n + 1);
      for (Index k = 0; k < n; ++k) v(k) = all(k) - (k == i ? 0 : w(k < i ? k : k - 1));
      v(n) = -detail::sum(v.data(), n);
      // A row without a geometry has no part in products: its coefficient must be 0 both times.
      detail::multiply(g.products(), v, along);
      double square = detail::dot(v, along);
      for (Index k = 0; k < n; ++k) {
        if (v(k) != 0 && !g.located(k)) square = detail::infinity;
      }
      return std::sqrt(std::max(square, square == square ? 0. : square));
    });
  } else {
    std::vector<Index> rows(static_cast<std::size_t>(n - 1));
    Eigen::VectorXd const all = op(r).template cast<double>();
    without_each([&](Op const& others, Index i) {
      std::iota(rows.begin(), rows.end(), Index{0});
      for (Index k = i; k < n - 1; ++k) ++rows[static_cast<std::size_t>(k)];
      return (others(subset(r, list<Index>(rows))).template cast<double>() - all).stableNorm();
    });
  }
  return moved;
}

// Rows that are absent as a whole move nothing.
template <class Op, incomplete_reports R>
  requires detail::leaves_rows_out<Op>
Eigen::VectorXd influence(Op const& op, R const& given) {
  auto&& r = detail::enter(op, given);
  Eigen::VectorXd moved = Eigen::VectorXd::Zero(r.rows());
  workspace ws;
  detail::over_rows_present(
      op, r, ws,
      [&](auto const& rest, auto const& table, auto const& rows) {
        moved = detail::at_rows(robagg::influence(rest, table), rows, r.rows(), 0);
      },
      [] {});
  return moved;
}

}  // namespace robagg::inline ROBAGG_ABI
