// SPDX-License-Identifier: BSL-1.0
// Operators, tables and weights as they cross to kernels that were compiled elsewhere (detail/base/dispatch.hpp).
#pragma once

#include "../table/source.hpp"
#include "weights.hpp"

#include <concepts>
#include <type_traits>

namespace robagg::inline ROBAGG_ABI::detail {

// Operators that the library knows by a number, which is never used for another one. They cross as their fields lie in memory.
template <class Op>
concept numbered =
    std::is_trivially_copyable_v<Op> && requires { requires std::same_as<decltype(Op::kernel), kernel_number<Op> const>; };
template <class Op, class T>
concept has_a_kernel = numbered<Op> && compiled_elsewhere<T>;

template <numbered Op>
dispatch::rule rule_of(Op const& op) {
  return {Op::kernel.number, &op};
}

// A table, read with scratch of the caller's.
template <class T>
class lent_table {
 public:
  lent_table(table_reader<T> const& x, workspace& ws) : x_(x), ws_(ws) {}
  dispatch::table<T> table() const {
    return {.self = this,
            .rows = x_.rows(),
            .cols = x_.cols(),
            .size = x_.size(),
            .in_place = x_.in_place(),
            .address = [](void const* self, Index i) { return of(self).x_.address(i); },
            .stored_row = [](void const* self, Index i) { return of(self).x_.stored_row(i); },
            .load = [](void const* self, Index j, T* to, Index width,
                       Index stride) { of(self).x_.load(j, tile<T>(to, of(self).x_.rows(), width, stride), of(self).ws_); },
            .column = [](void const* self, Index j) { return of(self).x_.column(j); },
            .read_columns = [](void const* self, Index const* chosen, Index n, Index j, Index w,
                               T* to) { of(self).x_.read_columns(chosen, n, j, w, to, of(self).ws_); }};
  }

 private:
  static lent_table const& of(void const* self) { return *static_cast<lent_table const*>(self); }
  table_reader<T> const& x_;
  workspace& ws_;
};
class lent_weights {
 public:
  explicit lent_weights(prepared_weights const* w) : some_(w != nullptr) {
    if (some_)
      weights_ = {w->rows.data(), w->weights,  w->table.heaviest_sums, w->rows.size(), w->table.total, w->table.rounding,
                  w->equal,       w->skips_nan};
  }
  dispatch::weights const* get() const { return some_ ? &weights_ : nullptr; }

 private:
  bool some_;
  dispatch::weights weights_{};
};

}  // namespace robagg::inline ROBAGG_ABI::detail
