// SPDX-License-Identifier: BSL-1.0
// Some columns of a table as a table.
#pragma once

#include "source.hpp"

namespace robagg::inline ROBAGG_ABI::detail {

template <class T>
class column_range final : public table_reader<T> {
 public:
  column_range(table_reader<T> const& table, Index first, Index cols)
      : table_reader<T>(table.rows(), cols, table.in_place(), table.size()), table_(table), first_(first) {}

  T const* address(Index i) const override {
    T const* const row = table_.address(i);
    return row == nullptr ? nullptr : row + first_;
  }
  void const* stored_row(Index i) const override {
    void const* const row = table_.stored_row(i);
    return row == nullptr ? nullptr : static_cast<std::byte const*>(row) + first_ * table_.size();
  }
  void load(Index j, tile<T> const& t, workspace& ws) const override { table_.load(first_ + j, t, ws); }
  T const* column(Index j) const override { return table_.column(first_ + j); }
  void read_columns(Index const* chosen, Index n, Index j, Index w, T* to, workspace& ws) const override {
    table_.read_columns(chosen, n, first_ + j, w, to, ws);
  }

 private:
  table_reader<T> const& table_;
  Index first_;
};

}  // namespace robagg::inline ROBAGG_ABI::detail
