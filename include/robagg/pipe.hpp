// SPDX-License-Identifier: BSL-1.0
// What `a | b` is. A chain has weights or a mixing where its stages have, so that pipes nest, small
// matrices multiply, and the table is read at most twice; stages that work on rows themselves
// (ranks) write a table in between.
#pragma once

#include "core.hpp"
#include "detail/geometry/combine.hpp"

namespace robagg::inline ROBAGG_ABI {
namespace detail {

// The table without its weights, for a transform that leaves rows where they are.
template <class X>
decltype(auto) without_weights(X const& x) {
  if constexpr (!weighted_reports<X>) {
    return (x);
  } else if constexpr (shifted_reports<X>) {
    return x.with(x.base.base);
  } else {
    return (x.base);
  }
}

template <class A, class B>
inline constexpr bool leaves_rows_out<chain<A, B>> = makes_rows<A> && !makes_rows<B> && !has_result<B>;

// Which tables both stages understand: the first one takes the rows, the weights and the origin go
// on to the second.
template <class A, class B, class R>
consteval bool chain_accepts() {
  if constexpr (!makes_rows<A>) {
    return accepts<A, R>();
  } else if constexpr (incomplete_reports<R>) {
    if constexpr (leaves_rows_out<chain<A, B>> && (traits<R> & lacks_rows) == 0) {
      return chain_accepts<A, B, rows_of_every_entry<R>>();
    } else {
      return false;
    }
  } else if constexpr (weighted_reports<R> && !keeps_rows<A>()) {
    return false;
  } else {
    using bare = std::remove_cvref_t<decltype(detail::without_weights(std::declval<R const&>()))>;
    using next = decltype(detail::rewrap(std::declval<R const&>(), std::declval<workspace::table_map<wide_of<R>> const&>()));
    return accepts<A, bare>() && accepts<B, next>();
  }
}

template <class A, class B>
struct chain : chain_result<B> {
  A first;
  B second;

  constexpr chain(A a, B b) : first(a), second(b) {}

  static constexpr bool is_pipe = true;
  template <class R>
  static consteval bool accepts_table() {
    return chain_accepts<A, B, R>();
  }
  // What both stages need. Norms of rows that are scaled are known from norms; the geometry of mixed rows is made from
  // products.
  static constexpr bool by_norms = scales<A> && detail::needs<A>() <= measured::norms &&
                                   detail::needs<B>() == measured::norms && !names_a_row<A> && !names_a_row<B>;
  static constexpr measured needs = detail::needs<B>() == measured::weights && !names_a_row<A> ? detail::needs<A>()
                                    : by_norms                                                 ? measured::norms
                                                                                               : measured::products;
  static constexpr bool keeps_rows = detail::keeps_rows<A>() && detail::keeps_rows<B>();

  void check(Index n) const {
    detail::check_parameters(first, n);
    if constexpr (makes_rows<A>) {
      detail::check_parameters(second, first.rows(n));
    } else {
      detail::check_parameters(second, 1);  // of a decision, whose number of scores is not known here
    }
  }

  bool enough(Index n) const {
    if constexpr (makes_rows<A>) {
      return detail::enough(first, n) && detail::enough(second, first.rows(n));
    } else {
      return detail::enough(first, n);
    }
  }

  Index rows(Index n) const
    requires(makes_rows<A> && makes_rows<B>)
  {
    return second.rows(first.rows(n));
  }

  // Rows that the second stage names are reports where the first one keeps them in place, and buckets where it makes those.
  std::optional<chain> without(Index i, Index n, workspace& ws) const {
    auto const a = detail::without_row(first, i, n, ws);
    std::optional<B> b = second;
    if constexpr (makes_rows<A> && !requires { A::moves_rows; }) {
      if (first.rows(n) == n) b = detail::without_row(second, i, n, ws);
    }
    return a && b ? std::optional<chain>(std::in_place, *a, *b) : std::nullopt;
  }

  auto weights(geometry const& g, workspace& ws) const
    requires(linear<A> && geometric<B>)
  {
    auto result = ws.vector<double>(g.rows());
    auto const scope = ws.scope();
    if constexpr (scales<A>) {
      auto const factors = detail::factors_in(first, g, ws);
      auto const w = detail::weights_in(second, after_first(g, factors, ws), ws);
      detail::carry_back_scaled(w, factors, result);
    } else {
      auto const W = detail::mixing_in(first, g, ws);
      auto const w = detail::weights_in(second, after_first(g, W, ws), ws);
      detail::carry_back(w, W, result);
    }
    return result;
  }

  auto factors(geometry const& g, workspace& ws) const
    requires(scales<A> && scales<B>)
  {
    auto result = ws.vector<double>(g.rows());
    auto const scope = ws.scope();
    auto const factors = detail::factors_in(first, g, ws);
    result = detail::factors_in(second, after_first(g, factors, ws), ws).cwiseProduct(factors);
    return result;
  }

  auto mixing(geometry const& g, workspace& ws) const
    requires(linear<A> && linear<B> && !(scales<A> && scales<B>))
  {
    auto result = ws.table<double>(rows(g.rows()), g.rows());
    auto const scope = ws.scope();
    auto const W = detail::mixing_in(first, g, ws);
    if constexpr (scales<B>) {
      result = detail::factors_in(second, after_first(g, W, ws), ws).asDiagonal() * W;
    } else {
      result.noalias() = detail::mixing_in(second, after_first(g, W, ws), ws).lazyProduct(W);
    }
    return result;
  }

  // How many bytes the weights or the mixing take for n rows, at most.
  std::size_t decision_scratch(Index n) const
    requires(linear<A> && (geometric<B> || linear<B>))
  {
    Index const m = first.rows(n), results = [&] {
      if constexpr (linear<B>) return rows(n);
      return Index{1};
    }();
    return workspace::room<double>(results * n) + detail::decision_scratch(first, n) + detail::decision_scratch(second, m) +
           after_first_scratch(m, n);
  }
  // And everything for the table r.
  template <class R>
    requires(knows_scratch<A, R> && knows_scratch<B, table<wide_of<R>>>)
  std::size_t scratch(R const& r) const {
    if constexpr (linear<A> && geometric<B>) {
      return detail::combine_scratch(*this, r);
    } else if constexpr (linear<A> && linear<B>) {
      return detail::mix_scratch(*this, r);
    } else if constexpr (linear<A> && column_rule<B>) {
      return detail::plan_scratch(first, r,
                                  detail::scratch(second, detail::rewrap(r, mixed_shape<R>{r, first.rows(r.rows())})));
    } else if constexpr (requires {
                           B::nan;
                           first.shape(detail::plain_of(r));
                         }) {
      return first.view_scratch(detail::plain_of(r)) +
             detail::scratch(second, detail::rewrap(r, first.shape(detail::plain_of(r))));
    } else if constexpr (makes_rows<A>) {
      using T = wide_of<R>;
      workspace::table_map<T> const rows(nullptr, first.rows(r.rows()), r.cols());
      return workspace::room<T>(rows.size()) +
             std::max(detail::scratch(first, detail::without_weights(r)), detail::scratch(second, detail::rewrap(r, rows)));
    } else {
      workspace::vector_map<wide_of<R>> const scores(nullptr, r.cols());
      return 2 * workspace::room<wide_of<R>>(r.cols()) + std::max(detail::scratch(first, r), detail::scratch(second, scores));
    }
  }

  template <given_table X>
  void into(X const& x, auto&&, workspace&) const {
    detail::refuse_table(x);
  }
  template <any_reports R>
  void into(R const& r, auto&& out, workspace& ws) const {
    ROBAGG_ASSERT(!detail::overlaps(out, detail::plain_of(r)) && "robagg: the output overlaps the table");
    if constexpr (!explain<chain, R>()) {
    } else if constexpr (incomplete_reports<R> && makes_rows<A>) {
      detail::combine_present(*this, r, out, ws);
    } else if constexpr (linear<A> && geometric<B>) {
      detail::combine(*this, r, out, ws);
    } else if constexpr (linear<A> && linear<B>) {
      detail::mix(*this, r, out, ws);
    } else if constexpr (makes_rows<A>) {
      after_rows(r, ws, [&](auto const& x) { second.into(x, out, ws); });
    } else {
      auto&& x = detail::enter(*this, r);
      if constexpr (requires { scratch(x); }) detail::need(*this, scratch(x), ws);
      auto const scope = ws.scope();
      auto scores = ws.vector<wide_of<R>>(r.cols());
      if constexpr (requires {
                      first.into(x, scores, scores, ws);
                      second.into(scores, scores, out, ws);
                    }) {
        auto tie_break = ws.vector<wide_of<R>>(r.cols());
        first.into(x, scores, tie_break, ws);
        second.into(scores, tie_break, out, ws);
      } else {
        first.into(x, scores, ws);
        second.into(scores, out, ws);
      }
    }
  }

  template <any_reports R>
    requires(makes_rows<A> && can_elect<B>)
  auto elect(R const& r, workspace& ws) const {
    typename B::result_type result{};
    if constexpr (explain<chain, R>()) {
      after_rows(r, ws, [&](auto const& x) { result = second.elect(x, ws); });
    }
    return result;
  }

  auto operator()(auto const& r) const { return evaluate(*this, r); }

 private:
  // What the second stage reads; of the first one, its coefficients: a matrix, or a vector of factors.
  template <class Coefficients>
  geometry after_first(geometry const& g, Coefficients const& W, workspace& ws) const {
    constexpr bool keeps_weights = detail::keeps_rows<A>(), factors = Coefficients::IsVectorAtCompileTime;
    if constexpr (detail::needs<B>() == measured::weights) {
      return detail::only_weights(g, W.rows(), keeps_weights, ws);
    } else if constexpr (by_norms && factors) {
      return detail::scaled(g, W, keeps_weights, ws);
    } else if constexpr (by_norms) {
      return detail::scaled(g, W.diagonal(), keeps_weights, ws);
    } else if constexpr (factors) {
      auto all = ws.table<double>(W.rows(), W.rows());
      all = W.asDiagonal();
      return detail::mixed(g, all, keeps_weights, ws);
    } else {
      return detail::mixed(g, W, keeps_weights, ws);
    }
  }
  static std::size_t after_first_scratch(Index m, Index n) {
    if constexpr (detail::needs<B>() == measured::weights || by_norms) return 2 * workspace::room<double>(m);
    return detail::mixed_scratch(m, n) + (scales<A> ? workspace::room<double>(m * m) : 0);
  }

  // Hands the first stage's rows to `next`: mixed in cache where the second stage reads columns.
  template <class R>
  void after_rows(R const& given, workspace& ws, auto&& next) const {
    auto&& r = detail::enter(*this, given);
    using entered = std::remove_cvref_t<decltype(r)>;
    if constexpr (requires { scratch(r); }) detail::need(*this, scratch(r), ws);
    auto const scope = ws.scope();
    if constexpr (linear<A> && column_rule<B>) {
      auto const plan = detail::plan_for<R>(first, detail::geometry_for(first, r, ws), ws);
      next(detail::rewrap(r, mixed_table<entered>{r, plan}));
    } else if constexpr (requires {
                           B::nan;
                           first.view(detail::plain_of(r), ws);
                         }) {
      next(detail::rewrap(r, first.view(detail::plain_of(r), ws)));
    } else {
      auto rows = ws.table<wide_of<R>>(first.rows(r.rows()), r.cols());
      first.into(detail::without_weights(r), rows, ws);
      next(detail::rewrap(r, rows));
    }
  }
};

/// into() of an aggregate that is a pipe.
template <staged Op, class R, class Out>
void run_stages(Op const& op, R const& r, Out& out, workspace& ws) {
  auto&& x = detail::enter(op, r);
  detail::need(op, detail::scratch(op, x), ws);
  detail::fit_vector(op, out, r.cols());
  op.stages(r.rows()).into(x, out, ws);
}
template <staged Op, class X, class Out>
  requires(!any_reports<X>)
void run_stages(Op const&, X const& x, Out&, workspace&) {
  detail::refuse_table(x);
}

template <staged Op, incomplete_reports R, class Out>
void run_stages(Op const& op, R const& r, Out& out, workspace& ws) {
  detail::combine_present(op, r, out, ws);
}

template <class A, class B>
concept fits = (transform<A> && (transform<B> || aggregate<B> || elect<B>)) || (aggregate<A> && decide<B>);

template <class T>
concept stage = std::is_class_v<T> && (is_chain<T> || transform<T> || aggregate<T> || decide<T> || elect<T>);
template <class A, class B>
concept joins = fits<A, B> || (transform<A> && is_chain<B>);

}  // namespace detail

/// Joins stages whose shapes fit: transform | transform, transform | aggregate, aggregate | decide,
/// transform | elect. Data is not piped: `(a | b)(table)`.
template <class A, class B>
  requires(std::is_class_v<A> && std::is_class_v<B> && !detail::is_chain<B> && detail::fits<A, B>)
constexpr auto operator|(A const& a, B const& b) {
  return detail::chain<A, B>(a, b);
}
// a | (b | c) is (a | b) | c.
template <class A, class B, class C>
  requires(std::is_class_v<A> && transform<A>)
constexpr auto operator|(A const& a, detail::chain<B, C> const& b) {
  return (a | b.first) | b.second;
}
// Everything else is refused in a sentence.
template <class A, class B>
  requires(std::is_class_v<A> && std::is_class_v<B> && detail::stage<A> && detail::stage<B> && !detail::joins<A, B>)
constexpr detail::refused operator|(A const&, B const&) {
  static_assert(
      sizeof(A) == 0,
      "robagg: these stages do not fit: a pipe goes transform | ... | aggregate | decision, or transform | ... | election");
  return {};
}
template <class X, class B>
  requires(std::is_class_v<X> && std::is_class_v<B> && (any_reports<X> || std::same_as<X, detail::refused>) &&
           (detail::stage<B> || std::same_as<B, detail::refused>))
constexpr detail::refused operator|(X const&, B const&) {
  static_assert(std::same_as<X, detail::refused> || std::same_as<B, detail::refused>,
                "robagg: data is not piped, it is what a pipe is called with: (a | b)(table)");
  return {};
}

}  // namespace robagg::inline ROBAGG_ABI
