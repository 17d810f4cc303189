// SPDX-License-Identifier: BSL-1.0
// Many tables at once: a cube is a strided list of tables, each(op) applies an operator to all of them.
#pragma once

#include "core.hpp"
#include "detail/table/check.hpp"
#include "detail/table/output.hpp"

#include <span>
#include <vector>

namespace robagg::inline ROBAGG_ABI {
namespace detail {

// The weights of one of several tables, from `first` on.
template <class Weights>
struct stacked_weights {
  using value_type = typename Weights::value_type;
  Weights const& all;
  Index first, count, rows;
  Index size() const { return all.size() == rows ? count : all.size(); }
  bool fit(auto const& table) const { return table.rows() == count && (all.size() == count || all.size() == rows); }
  double epsilon() const { return all.epsilon(); }
  value_type operator[](Index i) const { return all[first + i]; }
};

// A matrix, masked or not.
template <class X>
inline constexpr bool stackable = dense<X>;
template <class B, class M>
inline constexpr bool stackable<masked_entries<B, M>> = stackable<std::remove_cvref_t<B>>;

// Table i of count tables of n rows each that lie on top of one another in x.
template <class X>
auto table_of_a_stack(X const& x, Index i, Index n) {
  if constexpr (dense<X>) {
    return x.middleRows(i * n, n);
  } else if constexpr (requires { x.mask; }) {
    auto inner = detail::table_of_a_stack(x.base, i, n);
    mask_view mask = x.view();
    if (mask.rows == x.rows()) {
      mask.data = mask.row(i * n);
      mask.rows = n;
    }
    return masked_entries<decltype(inner), mask_view>{inner, mask};
  } else if constexpr (requires { x.weights; }) {
    auto inner = detail::table_of_a_stack(x.base, i, n);
    using W = stacked_weights<std::remove_cvref_t<decltype(x.weights)>>;
    return weighted_table<decltype(inner), W>{{inner}, W{x.weights, x.weights.size() == n ? 0 : i * n, n, x.rows()}};
  } else {
    return x.with(detail::table_of_a_stack(x.base, i, n));
  }
}
// Tables on top of one another, with or without wrappers: weights are of all rows, or of those of one table and shared; an
// origin is shared.
template <class X>
struct stacked_cube {
  static constexpr bool is_owner = any_owns<X>;
  X base;
  Index count;
  [[no_unique_address]] copying<X> copies = {};
  Index size() const { return count; }
  auto operator[](Index i) const { return detail::table_of_a_stack(base, i, base.rows() / count); }
  bool valid() const { return count >= 0 && (count == 0 ? base.rows() == 0 : base.rows() % count == 0); }
  Index length() const { return base.rows(); }
};

template <class S>
struct strided_cube {
  using map = Eigen::Map<table<S> const, Eigen::Unaligned, Eigen::OuterStride<>>;
  S const* data;
  Index count, rows, cols, table_stride, row_stride;
  Index size() const { return count; }
  map operator[](Index i) const { return {data + i * table_stride, rows, cols, Eigen::OuterStride<>(row_stride)}; }
  bool valid() const { return count >= 0 && rows >= 0 && cols >= 0 && (data != nullptr || count * rows * cols == 0); }
  Index length() const { return count * rows; }
};

template <class C>
inline constexpr bool is_cube = false;
template <class X>
inline constexpr bool is_cube<stacked_cube<X>> = true;
template <class S>
inline constexpr bool is_cube<strided_cube<S>> = true;

}  // namespace detail

/// A list of tables: `cube[i]` is a table, size() says how many.
template <class C>
concept cubes = detail::is_cube<std::remove_cvref_t<C>>;

/// `count` tables of equal height on top of one another: x has count * n rows. No copy (a temporary moves in); the
/// number of rows must be a multiple of count, or the cube is `bad_input` when used.
///
/// The table may have wrappers: `cube(skip_nan(x), count)`, `cube(weighted(x, w), count)` with weights for all rows, or for
/// those of one table, which then all tables share.
template <any_reports R>
  requires detail::stackable<std::remove_cvref_t<decltype(detail::plain_of(std::declval<R const&>()))>>
auto cube(R&& x, Index count) {
  return detail::stacked_cube<detail::held<R>>{std::forward<R>(x), count};
}

/// `count` tables of rows x cols values in memory, table_stride and row_stride values apart (0: one
/// after the other without gaps). No copy.
template <detail::report_scalar S>
auto cube(S const* data, Index count, Index rows, Index cols, Index table_stride = 0, Index row_stride = 0) {
  row_stride = row_stride == 0 ? cols : row_stride;
  table_stride = table_stride == 0 ? rows * row_stride : table_stride;
  return detail::strided_cube<S>{data, count, rows, cols, table_stride, row_stride};
}

namespace detail {

template <class Op>
struct each_of {
  Op op;

  /// What is wrong with the parameters, for tables of this height, is refused before anything is written; what only the values
  /// of a table show, after the tables before it. One row of output per table (transforms: one block of rows; decisions and
  /// elections: one element of a std::vector, a std::span or an Eigen vector).
  template <cubes C>
  void into(C const& c, auto&& out, workspace& ws) const {
    if (!c.valid()) refuse(op, "needs a cube whose rows divide into its tables", {{"rows", c.length()}, {"tables", c.size()}});
    if (c.size() > 0) detail::check_table(op, c[0]);  // which all the others are like
    if constexpr (has_result<Op>) {
      detail::fit_vector(op, out, c.size(), "cube.size()");
      all_tables(c, ws, [&](Index i, workspace& own) {
        auto&& y = detail::element_at(out, i);
        if constexpr (can_elect<Op>) {
          y = op.elect(c[i], own);
        } else {
          op.into(c[i], y, own);
        }
      });
    } else {
      Index const d = c.size() > 0 ? c[0].cols() : 0;
      Index m = 1;
      if constexpr (makes_rows<Op>) m = c.size() > 0 ? op.rows(c[0].rows()) : 0;
      detail::fit_table(op, out, c.size() * m, d);
      all_tables(c, ws, [&](Index i, workspace& own) {
        if constexpr (makes_rows<Op>) {
          auto rows = out.middleRows(i * m, m);
          op.into(c[i], rows, own);
        } else {
          auto row = out.row(i);
          op.into(c[i], row, own);
        }
      });
    }
  }

  template <cubes C>
  std::size_t scratch(C const& c) const {
    return c.size() > 0 ? detail::scratch(op, c[0]) : 0;
  }
  template <class C>
  auto operator()(C const& c) const {
    return evaluate(*this, c);
  }

 protected:
  template <class C>
  static auto evaluate(auto const&, C const&) {
    static_assert(cubes<C>, "robagg: each(...) reads a list of tables, a cube: cube(x, count) of tables on top of one another");
    return refused{};
  }
  template <cubes C>
  static auto evaluate(auto const& self, C const& c) {
    using R = std::remove_cvref_t<decltype(c[0])>;
    static_assert(explain<Op, R>());
    workspace ws;
    if constexpr (has_result<Op>) {
      std::vector<typename Op::result_type> out;
      self.into(c, out, ws);
      return out;
    } else {
      table<detail::results_over<R>> out;
      self.into(c, out, ws);
      return out;
    }
  }

 private:
  // On an executor where one is lent (parallel.hpp), several tables at once.
  template <class C>
  static void all_tables(C const& c, workspace& ws, auto const& visit) {
    ws.for_slices(
        c.size(), 1,
        [&](Index first, Index last, workspace& own) {
          for (Index i = first; i < last; ++i) visit(i, own);
        },
        1);
  }
};

}  // namespace detail

/// Applies an operator to every table of a cube: `each(median{})(cube(x, 100))` is 100 x d.
template <class Op>
  requires std::is_class_v<Op>
constexpr auto each(Op const& op) {
  return detail::each_of<Op>{op};
}

}  // namespace robagg::inline ROBAGG_ABI
