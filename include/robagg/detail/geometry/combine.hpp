// SPDX-License-Identifier: BSL-1.0
// The engine of geometric operators: from coefficients to results. Such an operator says one of
//
//   weights(geometry const&, workspace&)   n coefficients; its answer is w'X, d values        (an aggregate)
//   mixing(geometry const&, workspace&)    m x n coefficients; its answer is W X, m x d       (a linear transform)
//   factors(geometry const&, workspace&)   n coefficients; its answer is diag(c) X, n x d     (one that scales rows)
//
// and `into` is one line: combine or mix. What a row of coefficients lacks to 1 is the origin's share. Instead of a geometry
// they take what they need of it: row_weights, row_norms, row_distances.
//
//     table n x d --measure--> geometry n x n --weights--> w --sum_rows--> d values
//          '-----------------------------second read-----------'
#pragma once

#include "geometry.hpp"
#include "../table/kinds.hpp"
#include "mixer.hpp"
#include "present.hpp"

#include <optional>

namespace robagg::inline ROBAGG_ABI {
namespace detail {

// What an operator that iterates may say about its way: weights(geometry, workspace, progress&).
struct progress {
  Index iterations = 0;
  bool converged = true;
};
// An iteration along the columns (moving_point.hpp, which such operators include).
template <class T>
class moving_point;
template <iterates Op, class R>
void run_along_columns(Op const& op, R const& r, workspace& ws, auto const& visit);
template <class T, class Out>
void store_point(moving_point<T> const& z, bool found, Out& out, Index d);

// Does row i of the result weigh as much as row i of the table?
template <class Op>
consteval bool keeps_rows() {
  if constexpr (requires { Op::keeps_rows; }) {
    return Op::keeps_rows;
  } else {
    return false;
  }
}

// The operator for a table without row i of n. One whose parameters name rows says what it is then, by without(i, n,
// workspace): itself, or std::nullopt where it makes no sense without that row.
template <class Op>
std::optional<Op> without_row(Op const& op, Index i, Index n, workspace& ws) {
  if constexpr (requires { op.without(i, n, ws); }) {
    return op.without(i, n, ws);
  } else {
    return op;
  }
}

// How many bytes the weights or the mixing of an operator take for n rows, at most. Operators that take n x n matrices of
// doubles besides their result say how many: `matrices`.
template <class Op>
std::size_t decision_scratch(Op const& op, Index n) {
  if constexpr (requires { op.decision_scratch(n); }) {
    return op.decision_scratch(n);
  } else {
    Index values = 0;
    if constexpr (linear<Op> && !scales<Op>) values += op.rows(n) * n;
    if constexpr (requires { Op::matrices; }) values += Op::matrices * n * n;
    // Vectors, of which detail::take_lowest takes five and 64 numbers.
    std::size_t const vectors = needs<Op>() <= measured::norms ? 7 : 12;
    return vectors * workspace::room<double>(n + 1) + workspace::room<double>(64) + workspace::room<double>(values);
  }
}

// A sum of n coefficients that misses 1 by less than this is 1.
inline constexpr double rounding = 1e-12;

/// The rows of a table and, as one more, its origin.
template <class R>
struct table_with_origin {
  using Scalar = wide_of<R>;
  static constexpr int ColsAtCompileTime = R::ColsAtCompileTime;
  R const& base;

  Index rows() const { return base.rows() + 1; }
  Index cols() const { return base.cols(); }
  std::size_t scratch(Index w) const { return detail::load_scratch(detail::plain_of(base), w); }
  void load(Index j, tile<Scalar> const& t, workspace& ws) const {
    Index const n = base.rows();
    detail::load(detail::plain_of(base), j, tile<Scalar>(t.data, n, t.width, t.stride), ws);
    detail::read_origin(base, j, t.width, t.row(n));
  }
};
template <class R>
inline constexpr int traits_of<table_with_origin<R>> = lacks_rows;

// What coefficients refer to: an origin at zero has none.
template <class R>
decltype(auto) points_of(R const& r) {
  if constexpr (shifted_reports<R>) {
    return table_with_origin<R>{r};
  } else {
    return (detail::plain_of(r));
  }
}

// The same, not evaluated: of which only the shape is asked.
template <class R>
decltype(auto) shape_of_points(R const& r) {
  if constexpr (shifted_reports<R>) {
    return table_with_origin<R>{r};
  } else {
    return detail::plain_of(r);
  }
}

// Calls visit(tile, j) for tiles of all rows of a table without wrappers.
template <class R>
void for_each_tile(R const& r, workspace& ws, auto&& visit) {
  using T = wide_of<R>;
  auto const scope = ws.scope();
  Index const n = r.rows(), d = r.cols();
  tile<T> const full = working_tile<T>(ws, n, d);
  for (Index j = 0; j < d; j += full.width) {
    tile<T> const t = full.first_columns(std::min(full.width, d - j));
    detail::load(r, j, t, ws);
    visit(t, j);
  }
}

template <class T, class R>
std::size_t tile_scratch(R const& r) {
  return workspace::room<T>(working_tile_size<T>(r.rows(), r.cols())) +
         detail::load_scratch(r, std::min(r.cols(), block_columns));
}

// A coefficient per row and, as one more, the share of the origin.
template <class Matrix>
auto with_origin_column(Matrix const& W, workspace& ws) {
  auto all = ws.table<double>(W.rows(), W.cols() + 1);
  all.leftCols(W.cols()) = W;
  for (Index i = 0; i < W.rows(); ++i) {
    double sum = 0;
    for (Index k = 0; k < W.cols(); ++k) sum += W(i, k);
    double const rest = 1 - sum;
    all(i, W.cols()) = std::abs(rest) > rounding ? rest : 0;
  }
  return all;
}

// The sum of rows by their coefficients, as an operator of the engine of columns. Products are added by `fused`: compilers that
// join them by themselves do so differently in a loop and out of it, and results would depend on how rows are read.
struct weighted_sum {
  static constexpr detail::kernel_number<weighted_sum> kernel{1};
  double const* weights;
  static constexpr auto nan = nan_is::nan;
  template <class V>
  EIGEN_ALWAYS_INLINE doubles<V> first(V x, Index i) const {
    return weights[i] * detail::widen(x);
  }
  template <class V>
  EIGEN_ALWAYS_INLINE doubles<V> next(doubles<V> sum, V x, Index i) const {
    return detail::fused(detail::all_doubles<V>(weights[i]), detail::widen(x), sum);
  }
  template <class V>
  EIGEN_ALWAYS_INLINE V last(doubles<V> sum, Index) const {
    return detail::narrow<V>(sum);
  }
  auto reduce(auto const& x) const {
    using V = typename std::remove_cvref_t<decltype(x)>::packet_type;
    doubles<V> sum = weights[0] * detail::widen(x[0]);
    for (Index i = 1; i < x.size(); ++i) sum = next<V>(sum, x[i], i);
    return detail::narrow<V>(sum);
  }
};

// The sum of n rows by their weights, columns [offset, offset + width), whole packets.
template <class T>
void weigh_packets(double const* weights, T const* const* rows, Index n, Index offset, Index width, T* to, workspace& ws) {
  auto const scope = ws.scope();
  auto* const states = ws.take<fold_state<weighted_sum, T>>(width / lanes<T>);
  detail::fold_packets(weighted_sum{weights}, rows, n, offset, 0, width / lanes<T>, states);
  detail::finish_folds(weighted_sum{weights}, n, width / lanes<T>, states, to);
}
template <class T>
  requires compiled_elsewhere<T>
void weigh_packets(double const* weights, T const* const* rows, Index n, Index offset, Index width, T* to, workspace& ws) {
  dispatch::of<T>().weigh(weights, rows, n, offset, width, to, ws.shared());
}

// The sum of `count` rows of x by their weights, none of which is 0.
template <class T>
void weigh_chosen(Index const* rows, double const* weights, Index count, table_reader<T> const& x, column_sink<T> const& sink,
                  workspace& ws) {
  if (count > 0) return detail::reduce_columns<false, T>(weighted_sum{weights}, x, rows, count, count, nullptr, sink, ws);
  auto const scope = ws.scope();
  auto zeros = ws.vector<T>(std::min(x.cols(), block_columns));
  zeros.setZero();
  for (Index j = 0; j < x.cols(); j += block_columns)
    sink.write(sink.out, j, zeros.data(), std::min(block_columns, x.cols() - j));
}

// w'X into an output of d values, where w has a coefficient per row; one read of the rows whose coefficient is not 0: 0 x
// infinity is NaN.
template <class W, class R, class Out>
void sum_rows(W const& w, R const& r, Out& out, workspace& ws) {
  auto const scope = ws.scope();
  auto&& x = detail::points_of(r);
  Index const n = r.rows();
  auto rows = ws.vector<Index>(n + 1);
  auto weights = ws.vector<double>(n + 1);
  Index count = 0;
  double sum = 0;
  for (Index i = 0; i < n; ++i) {
    sum += w(i);
    rows(count) = i;
    weights(count) = w(i);
    count += w(i) != 0;
  }
  if (shifted_reports<R> && std::abs(1 - sum) > rounding) {
    rows(count) = n;
    weights(count++) = 1 - sum;
  }
  using T = wide_of<R>;
  detail::weigh_chosen(rows.data(), weights.data(), count, reader_of<T>(x), sink_of<T>(out), ws);
}

// What weighing the rows of r takes, at most: how many have a coefficient is not known.
template <class R>
std::size_t sum_rows_scratch(R const& r) {
  using T = wide_of<R>;
  Index const n = r.rows() + 1, d = r.cols(), few = std::min(n, tall_rows);
  auto&& x = detail::shape_of_points(r);
  constexpr bool in_place = has_addresses<std::remove_cvref_t<decltype(x)>, T>;
  if (folds_in_place<T, weighted_sum>(d, in_place))
    return 2 * workspace::room<double>(n) + detail::folds_scratch<T, weighted_sum>(d);
  Index const most = in_place ? std::max(piece_of<T>(n, d), std::min(piece_of<T>(1, d), 4096 / few)) : piece_of<T>(1, d);
  return 2 * workspace::room<double>(n) + workspace::room<T>(block_of(1, d)) +
         std::max(detail::source_scratch<T>(x, n, most), detail::reduce_scratch<T, false, weighted_sum>(x, n));
}
// What a geometric operator takes for the table r, at most, until its weights or mixing are known.
template <class Op, class R>
kept_and_more geometry_scratch(Op const& op, R const& r) {
  if constexpr (from_reports<Op>) {
    return {op.weights_scratch(r), 0};
  } else {
    return detail::measure_scratch<needs<Op>(), wide_of<R>>(detail::plain_of(r));
  }
}
template <class R>
std::size_t along_columns_scratch(R const& r) {
  auto const& x = detail::plain_of(r);
  return workspace::room<double>(x.rows()) + moving_point<wide_of<R>>::scratch(x);
}
template <class Op, class R>
std::size_t between_rows_scratch(Op const& op, R const& r) {
  auto const [kept, more] = detail::geometry_scratch(op, r);
  std::size_t const decision = from_reports<Op> ? 0 : detail::decision_scratch(op, r.rows());
  return kept + std::max(more, decision + detail::sum_rows_scratch(r));
}
template <class Op, class R>
std::size_t combine_scratch(Op const& op, R const& r) {
  if constexpr (iterates<Op>) {
    if (op.along_columns(r.rows(), r.cols())) return detail::along_columns_scratch(r);
  }
  return detail::between_rows_scratch(op, r);
}

/// into() of an aggregate whose weights take reads of their own.
template <class Op, class R, class Out>
void combine_from(Op const& op, R const& r, Out& out, workspace& ws) {
  auto&& x = detail::enter(op, r);
  detail::need(op, detail::combine_scratch(op, x), ws);
  ROBAGG_ASSERT(!detail::overlaps(out, detail::plain_of(r)) && "robagg: the output overlaps the table");
  auto const scope = ws.scope();
  auto const w = op.weights_from(x, ws);
  detail::fit_vector(op, out, r.cols());
  detail::sum_rows(w, x, out, ws);
}
template <class Op, incomplete_reports R, class Out>
void combine_from(Op const& op, R const& r, Out& out, workspace& ws) {
  detail::combine_present(op, r, out, ws);
}
template <class Op, class X, class Out>
  requires(!any_reports<X>)
void combine_from(Op const&, X const& x, Out&, workspace&) {
  detail::refuse_table(x);
}

/// into() of an aggregate with weights.
template <geometric Op, class R, class Out>
void combine(Op const& op, R const& r, Out& out, workspace& own) {
  auto&& x = detail::enter(op, r);
  ROBAGG_ASSERT(!detail::overlaps(out, detail::plain_of(r)) && "robagg: the output overlaps the table");
  detail::with_room(op, detail::combine_scratch(op, x), own, [&](workspace& ws) {
    auto const scope = ws.scope();
    if constexpr (iterates<Op>) {
      if (op.along_columns(x.rows(), x.cols())) {
        return detail::run_along_columns(op, x, ws, [&](auto const& z, progress const&, bool found) {
          detail::fit_vector(op, out, r.cols());
          detail::store_point(z, found, out, r.cols());
        });
      }
    }
    auto const g = detail::geometry_for(op, x, ws);
    auto const w = detail::weights_in(op, g, ws);
    detail::fit_vector(op, out, r.cols());
    detail::sum_rows(w, x, out, ws);
  });
}
template <geometric Op, incomplete_reports R, class Out>
void combine(Op const& op, R const& r, Out& out, workspace& ws) {
  detail::combine_present(op, r, out, ws);
}
template <geometric Op, class X, class Out>
  requires(!any_reports<X>)
void combine(Op const&, X const& x, Out&, workspace&) {
  detail::refuse_table(x);
}

// Reads blocks of a table and mixes them.
template <class T>
class table_mixer {
 public:
  // `most` columns at a time.
  table_mixer(table_reader<T> const& x, mixing_plan<T> const& plan, Index most, workspace& ws)
      : source_(x, nullptr, x.rows(), most, ws), plan_(plan), at_(ws.take<T const*>(x.rows())) {}

  // Columns [j, j + w), padded to whole packets.
  void operator()(Index j, Index w, T* to, Index stride, workspace& ws) const {
    auto const [rows, offset] = source_.at(j, w);
    for (Index i = 0; i < source_.rows(); ++i) {
      at_[i] = rows[i] + offset;
      if (source_.addresses() != nullptr) detail::prefetch(at_[i] + w, ahead, w * static_cast<Index>(sizeof(T)));
    }
    plan_(at_, tile<T>::whole(w), to, stride, ws);
  }

 private:
  static constexpr Index ahead = 512;  // bytes
  table_source<T> source_;
  mixing_plan<T> const& plan_;
  T const** at_;
};

// Coefficients of the points that points_of has.
template <class R, class Matrix>
auto coefficients_of(Matrix const& W, workspace& ws) {
  if constexpr (shifted_reports<R>) {
    return detail::with_origin_column(W, ws);
  } else {
    return W;
  }
}

// What mixing w columns of r takes, at most.
template <class R>
std::size_t mixer_scratch(R const& r, Index w) {
  using T = wide_of<R>;
  auto&& x = detail::shape_of_points(r);
  return detail::source_scratch<T>(x, x.rows(), w) + workspace::room<T const*>(x.rows()) +
         mixing_plan<T>::call_scratch(x.rows());
}
// What a linear transform takes for the table r, at most, until its coefficients are ready to mix, and `after` that.
template <class Op, class R>
std::size_t plan_scratch(Op const& op, R const& r, std::size_t after) {
  auto const [kept, more] = detail::geometry_scratch(op, r);
  Index const m = op.rows(r.rows()), points = r.rows() + 1;
  std::size_t const coefficients = shifted_reports<R> && !scales<Op> ? workspace::room<double>(m * points) : 0,
                    plan = scales<Op> ? 2 * workspace::room<double>(m) : mixing_plan<wide_of<R>>::scratch(m, points);
  return kept + std::max(more, detail::decision_scratch(op, r.rows()) + coefficients + plan + after);
}
template <class Op, class R>
std::size_t mix_scratch(Op const& op, R const& r) {
  using T = wide_of<R>;
  Index const most = std::min(r.cols(), block_of(r.rows(), r.cols()));
  if constexpr (scales<Op> && !shifted_reports<R>) {
    auto&& x = detail::shape_of_points(r);
    constexpr bool in_place = has_addresses<std::remove_cvref_t<decltype(x)>, T>;
    return detail::plan_scratch(op, r,
                                workspace::room<T>(block_columns) +
                                    (in_place ? 0 : detail::source_scratch<T>(x, x.rows(), std::min(most, block_columns))));
  }
  if constexpr (requires { requires Op::few_terms; }) {
    auto&& x = detail::shape_of_points(r);
    if constexpr (has_addresses<std::remove_cvref_t<decltype(x)>, T>) {
      Index const rest = std::min(r.cols(), unit<T>);
      return detail::plan_scratch(op, r,
                                  workspace::room<T const*>(x.rows()) + detail::folds_scratch<T, weighted_sum>(r.cols()) +
                                      detail::mixer_scratch(r, rest) +
                                      workspace::room<T>(op.rows(r.rows()) * tile<T>::padded(rest)));
    }
  }
  return detail::plan_scratch(
      op, r,
      std::max(detail::mixer_scratch(r, most) + workspace::room<T>(op.rows(r.rows()) * tile<T>::padded(most)),
               workspace::room<T const*>(r.rows() + 1) + detail::folds_scratch<T, weighted_sum>(r.cols())));
}

// The plan of a linear transform: what mixes the points of R.
template <class R, class Op>
mixing_plan<wide_of<R>> plan_for(Op const& op, geometry const& g, workspace& ws) {
  if constexpr (scales<Op>) {
    return {detail::factors_in(op, g, ws), shifted_reports<R>, ws};
  } else {
    return {detail::coefficients_of<R>(detail::mixing_in(op, g, ws), ws), ws};
  }
}

// Where a result of rows of contiguous T's goes, or nullptr.
template <class T, class Out>
T* contiguous_rows(Out& out) {
  if constexpr (stores_rows<Out, T>) {
    return out.innerStride() == 1 ? out.data() : nullptr;
  } else {
    return nullptr;
  }
}

// Rows times their factors: along the rows where they have addresses, straight into a result of contiguous rows.
template <class T, class Out>
void scale_rows(double const* factors, table_reader<T> const& table, T* to_rows, Out& out, workspace& ws) {
  using S = typename Out::Scalar;
  Index const n = table.rows(), d = table.cols();
  if (T const* const column = d == 1 ? table.column(0) : nullptr) {
    for (Index i = 0; i < n; ++i) out.coeffRef(i, 0) = detail::converted<S>(detail::scaled_value(column[i], factors[i]));
    return;
  }
  ws.for_slices(d, block_columns, [&](Index first, Index last, workspace& own) {
    auto const slice = own.scope();
    Index const most = std::min(last - first, block_columns);
    T* const buffer = own.take<T>(most);
    bool const streamed = to_rows != nullptr && table.in_place() && n * d * static_cast<Index>(sizeof(T)) > streamed_bytes;
    auto const scale = [&](Index i, Index j, T const* from, Index w) {
      if (to_rows != nullptr) return detail::scale_values(from, factors[i], to_rows + i * out.outerStride() + j, w, streamed);
      detail::scale_values(from, factors[i], buffer, w, false);
      for (Index c = 0; c < w; ++c) out.coeffRef(i, j + c) = detail::converted<S>(buffer[c]);
    };
    if (table.in_place()) {
      Index const width = to_rows != nullptr ? last - first : most;
      for (Index i = 0; i < n; ++i) {
        for (Index j = first; j < last; j += width) scale(i, j, table.address(i) + j, std::min(width, last - j));
      }
      if (streamed) detail::stream_fence();
      return;
    }
    Index const width = std::min(most, block_of(n, last - first));
    table_source<T> const source(table, nullptr, n, width, own);
    for (Index j = first; j < last; j += width) {
      Index const w = std::min(width, last - j);
      auto const at = source.at(j, w);
      for (Index i = 0; i < n; ++i) scale(i, j, at.rows[i] + at.offset, w);
    }
  });
}

// Columns [first, last), a multiple of whole packets, of rows that are sums of few rows: along the rows, which have addresses,
// straight into a result of contiguous rows.
template <class T, class Out>
void sum_few_rows(mixing_plan<T> const& plan, table_reader<T> const& table, T* to_rows, Out& out, Index first, Index last,
                  workspace& ws) {
  using S = typename Out::Scalar;
  auto const scope = ws.scope();
  Index const most = std::min(last - first, fold_width);
  T const** const rows = ws.take<T const*>(plan.points());
  T* const buffer = ws.take<T>(most);
  for (Index i = 0; i < plan.rows(); ++i) {
    Index const n = plan.terms(i);
    for (Index t = 0; t < n; ++t) rows[t] = table.address(plan.point(i, t));
    for (Index j = first; j < last; j += most) {
      Index const w = std::min(most, last - j);
      T* const to = to_rows != nullptr ? to_rows + i * out.outerStride() + j : buffer;
      if (n > 0) {
        detail::weigh_packets(plan.weights(i), rows, n, j, w, to, ws);
      } else {
        std::fill_n(to, w, T(0));
      }
      for (Index k = 0; k < w && to == buffer; ++k) out.coeffRef(i, j + k) = detail::converted<S>(buffer[k]);
    }
  }
}

// W x, for rows that plan mixes.
template <class T, class X, class Out>
void mix_rows(mixing_plan<T> const& plan, X const& x, Out& out, workspace& ws) {
  using S = typename Out::Scalar;
  auto const table = reader_of<T>(x);
  T* const to_rows = detail::contiguous_rows<T>(out);
  if (plan.scales_rows()) return detail::scale_rows(plan.factors(), table, to_rows, out, ws);
  ws.for_slices(x.cols(), block_columns, [&](Index first, Index last, workspace& own) {
    auto const slice = own.scope();
    if (table.in_place() && plan.has_few_terms()) {
      Index const end = first + (last - first) / unit<T> * unit<T>;
      if (end > first) detail::sum_few_rows(plan, table, to_rows, out, first, end, own);
      first = end;
      if (first == last) return;
    }
    Index const m = plan.rows(), most = std::min(last - first, block_of(x.rows(), last - first));
    table_mixer<T> const mixed(table, plan, most, own);
    tile<T> const t(own, m, most);
    for (Index j = first; j < last; j += most) {
      Index const w = std::min(most, last - j);
      if (to_rows != nullptr && w % unit<T> == 0) {
        mixed(j, w, to_rows + j, out.outerStride(), own);
        continue;
      }
      mixed(j, w, t.data, t.stride, own);
      for (Index i = 0; i < m; ++i) {
        for (Index c = 0; c < w; ++c) out.coeffRef(i, j + c) = detail::converted<S>(t.row(i)[c]);
      }
    }
  });
}

// The weights w of the rows W x, as weights of the rows of x.
void carry_back(auto const& w, auto const& W, auto& result) {
  result.setZero();
  for (Index i = 0; i < W.rows(); ++i) {
    if (w(i) != w(i)) result.setConstant(w(i));
    for (Index k = 0; k < W.cols(); ++k) {
      if (w(i) != 0 && W(i, k) != 0) result(k) += w(i) * W(i, k);
    }
  }
}

// The same where row i of the rows is factor i times row i.
void carry_back_scaled(auto const& w, auto const& factors, auto& result) {
  result.setZero();
  for (Index i = 0; i < factors.size(); ++i) {
    if (w(i) != w(i)) result.setConstant(w(i));
    if (w(i) != 0 && factors(i) != 0) result(i) += w(i) * factors(i);
  }
}

/// into() of a linear transform.
template <linear Op, class R, class Out>
void mix(Op const& op, R const& r, Out& out, workspace& ws) {
  auto&& entered = detail::enter(op, r);
  detail::need(op, detail::mix_scratch(op, entered), ws);
  ROBAGG_ASSERT(!detail::overlaps(out, detail::plain_of(r)) && "robagg: the output overlaps the table");
  auto const scope = ws.scope();
  auto const g = detail::geometry_for(op, entered, ws);
  auto const plan = detail::plan_for<R>(op, g, ws);
  detail::fit_table(op, out, plan.rows(), r.cols());
  detail::mix_rows(plan, detail::points_of(entered), out, ws);
}

template <linear Op, class X, class Out>
  requires(!any_reports<X>)
void mix(Op const&, X const& x, Out&, workspace&) {
  detail::refuse_table(x);
}

/// The rows W x of a linear transform as a table that is never written: its loader mixes in cache.
template <class R>
struct mixed_table {
  using Scalar = wide_of<R>;
  static constexpr int ColsAtCompileTime = R::ColsAtCompileTime;
  R const& base;
  mixing_plan<Scalar> const& plan;  // for detail::points_of(base)

  Index rows() const { return plan.rows(); }
  Index cols() const { return base.cols(); }
  std::size_t scratch(Index w) const { return detail::mixer_scratch(base, w); }

  void load(Index j, tile<Scalar> const& t, workspace& ws) const {
    auto const scope = ws.scope();
    auto&& x = detail::points_of(base);
    auto const table = reader_of<Scalar>(x);
    table_mixer<Scalar> const mixed(table, plan, t.width, ws);
    mixed(j, t.width, t.data, t.stride, ws);
  }
};
template <class R>
inline constexpr int traits_of<mixed_table<R>> = lacks_rows;

// A table of this shape, of which only scratch is asked.
template <class R>
struct mixed_shape {
  using Scalar = wide_of<R>;
  static constexpr int ColsAtCompileTime = R::ColsAtCompileTime;
  R const& base;
  Index m;

  Index rows() const { return m; }
  Index cols() const { return base.cols(); }
  std::size_t scratch(Index w) const { return detail::mixer_scratch(base, w); }
};
template <class R>
inline constexpr int traits_of<mixed_shape<R>> = plain;

// The geometry of the rows W x, from W and the n x n matrices alone. Row i of B is the coefficients of point i less those of a
// reference point; products are B G B', squared distances (b_i - b_k) G (b_i - b_k)'.
//
// The coefficients of a difference sum to 0, and the origin's follows from the others: where clip shortens a row by 1e30, its
// coefficient 1e-30 is lost in the origin's share 1 - 1e-30, but not in the difference.
//
// W may move all rows far from the pivot of G, and products about that pivot cancel. The first reference is therefore the
// origin; the distances from there choose the pivot that the products are formed about.
template <class Mixing>
geometry mixed(geometry const& g, Mixing const& W, bool keeps_weights, workspace& ws) {
  Index const m = W.rows(), n = g.rows();
  auto D = ws.table<double>(m + 1, m + 1);
  auto G = ws.table<double>(m + 1, m + 1);
  auto weights = ws.vector<double>(m);
  for (Index i = 0; i < m; ++i) weights(i) = keeps_weights ? g.weight(i) : 1;

  auto const scope = ws.scope();
  auto B = ws.table<double>(m + 1, n + 1);
  auto BG = ws.table<double>(m + 1, n + 1);
  auto located = ws.vector<unsigned char>(m + 1);
  auto reference = ws.vector<double>(n);
  for (Index i = 0; i <= m; ++i) {
    located(i) = i < m || g.located(g.origin());
    double sum = 0;
    for (Index k = 0; k < n && i < m; ++k) {
      if (W(i, k) != 0 && !g.located(k)) located(i) = 0;
      sum += W(i, k);
    }
    if (i < m && std::abs(1 - sum) > rounding && !g.located(g.origin())) located(i) = 0;
  }
  auto const seen_from_reference = [&] {
    B.topLeftCorner(m, n) = W;
    B.row(m).setZero();
    for (Index i = 0; i <= m; ++i) {
      double* const row = row_of(B, i);
      detail::add_multiple(-1, reference.data(), n, row);
      double const rest = -detail::sum(row, n);
      row[n] = std::abs(rest) > rounding * detail::sum_of_magnitudes(row, n) ? rest : 0;
    }
    detail::multiply_tables(B, g.products(), BG);
    for (Index i = 0; i <= m; ++i) {
      for (Index k = 0; k <= m; ++k) {
        bool const both = located(i) && located(k);
        D(i, k) =
            both ? std::max(0., detail::dot_of_differences(row_of(B, i), row_of(B, k), row_of(BG, i), row_of(BG, k), n + 1))
                 : infinity;
        G(i, k) = both ? detail::dot(row_of(B, k), row_of(BG, i), n + 1) : 0;
      }
    }
  };
  reference.setZero();
  seen_from_reference();
  reference = W.row(detail::find_pivot(D, weights, ws).row).transpose();
  seen_from_reference();
  return {D, G, {weights, keeps_weights ? g.weight_rounding() : 0}};
}
#ifdef ROBAGG_RULES
ROBAGG_RULES geometry mixed(geometry const&, workspace::table_map<double> const&, bool, workspace&);
#endif
// The same of norms alone, for rows that are scaled: by 0 also those that have no geometry.
template <class Factors>
geometry scaled(geometry const& g, Factors const& factors, bool keeps_weights, workspace& ws) {
  Index const n = g.rows();
  auto squares = ws.vector<double>(n), weights = ws.vector<double>(n);
  for (Index i = 0; i < n; ++i) {
    weights(i) = keeps_weights ? g.weight(i) : 1;
    squares(i) = factors(i) == 0 ? 0 : factors(i) * (factors(i) * g.squared_norm(i));
  }
  return {squares.data(), {weights, keeps_weights ? g.weight_rounding() : 0}};
}
// m rows that have weights only.
inline geometry only_weights(geometry const& g, Index m, bool keeps_weights, workspace& ws) {
  auto weights = ws.vector<double>(m);
  for (Index i = 0; i < m; ++i) weights(i) = keeps_weights ? g.weight(i) : 1;
  return geometry({weights, keeps_weights ? g.weight_rounding() : 0});
}
// How much of a workspace that takes, at most.
inline std::size_t mixed_scratch(Index m, Index n) {
  return 2 * workspace::room<double>((m + 1) * (m + 1)) + 2 * workspace::room<double>((m + 1) * (n + 1)) +
         4 * workspace::room<double>(m + n + 2);
}

template <class Op, class R>
concept says_scratch = requires(Op const& op, R const& r) { op.scratch(r); };
template <class Op, class R>
concept knows_scratch = says_scratch<Op, R> || column_rule<Op> || geometric<Op> || linear<Op> || from_reports<Op> || staged<Op>;

template <class Op, class R>
void need_for_present(Op const& op, R const& r, workspace const& ws) {
  if constexpr (knows_scratch<Op, std::remove_cvref_t<rows_of_every_entry<R>>>) detail::need(op, detail::scratch(op, r), ws);
}

template <class Op, class R>
std::size_t scratch(Op const& op, R const& r) {
  static_assert(knows_scratch<Op, R>,
                "robagg: this operator does not say how much memory it needs: run it once and ask workspace::peak()");
  if constexpr (incomplete_reports<R> && leaves_rows_out<Op>) {
    return detail::present_scratch(op, r, [&](auto const& table) {  // of fewer rows, either way
      if constexpr (iterates<Op>) {
        return std::max(detail::along_columns_scratch(table), detail::between_rows_scratch(op, table));
      } else {
        return detail::scratch(op, table);
      }
    });
  } else if constexpr (says_scratch<Op, R>) {
    return op.scratch(r);
  } else if constexpr (column_rule<Op>) {
    return detail::columns_scratch(op, r);
  } else if constexpr (linear<Op>) {
    return detail::mix_scratch(op, r);
  } else if constexpr (staged<Op>) {
    return detail::scratch(op.stages(r.rows()), r);
  } else {
    return detail::combine_scratch(op, r);
  }
}

}  // namespace detail

/// `into` of an operator of yours that says `weights`: reads what that needs of the geometry, and sums the rows by them.
/// Example  docs/own_operator.md
template <detail::geometric Op>
void combine_rows(Op const& op, any_reports auto const& r, auto&& out, workspace& ws) {
  detail::combine(op, r, out, ws);
}

/// How many bytes a workspace over a span needs for op and a table of this kind and shape, at most: whatever its values
/// are and wherever the span begins. (Costly expressions are evaluated, which allocates besides.)
template <class Op, class R>
std::size_t bytes_needed(Op const& op, R const& r) {
  if constexpr (detail::dense<R> && !detail::reads_in_place<R>) {
    return robagg::bytes_needed(op, Eigen::Map<typename R::PlainObject const>(nullptr, r.rows(), r.cols()));
  } else {
    return detail::scratch(op, r) + workspace::alignment - 1;
  }
}
}  // namespace robagg::inline ROBAGG_ABI
