// SPDX-License-Identifier: BSL-1.0
// The geometry of a model: its tensors side by side are one long table, whose sums over blocks of 512 columns are formed where
// the columns are. Only blocks in which tensors meet are gathered.
//
//     | tensor 0           | 1 | tensor 2             |
//     | block | block |  gathered  | block | block |..|
#pragma once

#include "../tensors.hpp"
#include "geometry/geometry.hpp"

namespace robagg::inline ROBAGG_ABI::detail {

// Where more columns are than these: on other machines. Those here begin at block `first` of `blocks`.
struct columns_elsewhere {
  Index first, blocks;
  // Adds to `all` the sums over the blocks of all machines, those here being `own`.
  function_ref<void(block_sums const& own, block_sums& all)> complete;
  // Numbers that are added up over all machines.
  function_ref<void(double* values, Index n)> add_up;
};

// The tensors of a model that are measured, and the rows that are read: all (nullptr), or those that lack none of them.
struct measured_tensors {
  tensors const& model;
  list<Index> const* chosen;
  columns_elsewhere const* others = nullptr;

  Index rows() const { return chosen == nullptr ? model.rows() : chosen->size(); }
  template <class Visit>
  void each(Visit const& visit) const {
    for (Index k = 0; k < model.size(); ++k) {
      if (model.is_measured(k)) visit(model.at(k));
    }
  }
  Index columns() const {
    Index sum = 0;
    each([&](tensor const& x) { sum += x.cols(); });
    return sum;
  }
  bool any(bool in_double) const {
    bool found = false;
    each([&](tensor const& x) { found = found || x.in_double() == in_double; });
    return found;
  }
};

// A block that several tensors share, in numbers that hold them all.
template <class T>
class gathered_block {
 public:
  gathered_block(Index rows, workspace& ws) : values_(ws, rows, block_columns) {}
  Index width() const { return width_; }
  template <class S>
  void add(table_reader<S> const& x, Index j, Index w, workspace& ws) {
    tile<T> const to(values_.data + width_, values_.rows, w, values_.stride);
    if constexpr (std::same_as<S, T>) {
      x.load(j, to, ws);
    } else {
      auto const scope = ws.scope();
      tile<S> const from(ws, values_.rows, w);
      x.load(j, from, ws);
      for (Index i = 0; i < from.rows; ++i) {
        for (Index c = 0; c < w; ++c) to.row(i)[c] = static_cast<T>(from.row(i)[c]);
      }
    }
    width_ += w;
  }
  template <class Visit>
  void show(Visit const& visit, Index block) {
    Eigen::Map<table<T> const, 0, Eigen::OuterStride<>> const all(values_.data, values_.rows, width_,
                                                                  Eigen::OuterStride<>(values_.stride));
    visit(static_cast<table_reader<T> const&>(reader_of<T>(all)), block);
    width_ = 0;
  }

 private:
  tile<T> values_;
  Index width_ = 0;
};

// Calls visit(table, first block) for parts that are whole blocks, in their order.
template <class T, class Visit>
void for_each_part(measured_tensors const& x, workspace& ws, Visit const& visit) {
  auto const scope = ws.scope();
  gathered_block<T> meeting(x.rows(), ws);
  Index block = 0, left = x.columns();
  auto const take = [&](auto const& table) {
    Index const d = table.cols();
    left -= d;
    Index j = 0;
    if (meeting.width() > 0) {
      j = std::min(block_columns - meeting.width(), d);
      meeting.add(table, 0, j, ws);
      if (meeting.width() == block_columns) meeting.show(visit, block++);
    }
    Index const whole = left == 0 && meeting.width() == 0 ? d - j : (d - j) / block_columns * block_columns;
    if (whole > 0) {
      column_range const part(table, j, whole);
      visit(static_cast<std::remove_cvref_t<decltype(table)> const&>(part), block);
      block += (whole + block_columns - 1) / block_columns;
      j += whole;
    }
    if (j < d) meeting.add(table, j, d - j, ws);
  };
  x.each([&](tensor const& one) { one.read(x.chosen, take, take); });
  if (meeting.width() > 0) meeting.show(visit, block);
}

// detail::measure, of a model.
template <class Op>
geometry measure_tensors(Op const& op, measured_tensors const& x, geometry::weighting const& weights, measured much, Index from,
                         workspace& ws) {
  if (much == measured::weights) return geometry(weights);
  Index const n = x.rows(), blocks = (x.columns() + block_columns - 1) / block_columns;
  Index const first = x.others != nullptr ? x.others->first : 0;
  // Parts come in the order of their blocks, slices of a part in any.
  Index const here =
      block_sums::capacity(blocks, first) + (ws.has_executor() ? detail::units_of(x.columns(), first).capacity(ws) : 0);
  Index const capacity = x.others != nullptr ? block_sums::capacity(x.others->blocks) + 1 : here;
  auto const over_parts = [&](auto const& add) {
    auto const visit = [&]<class T>(table_reader<T> const& part, Index block) {
      auto const origin = [](Index, Index w, T* to) { std::fill_n(to, w, T(0)); };
      add(table_points<T>{part, origin}, first + block);
    };
    x.any(true) ? detail::for_each_part<double>(x, ws, visit) : detail::for_each_part<float>(x, ws, visit);
  };
  auto const sum_up = [&](block_sums& all, auto const& add) {
    if (x.others == nullptr) return over_parts([&](auto const& points, Index block) { add(points, block, all); });
    auto const scope = ws.scope();
    block_sums own(ws, all.size(), here);
    over_parts([&](auto const& points, Index block) { add(points, block, own); });
    x.others->complete(own, all);
  };
  if (much == measured::norms) {
    auto squares = ws.vector<double>(n);
    auto const scope = ws.scope();
    block_sums all(ws, n, capacity);
    sum_up(all,
           [&](auto const& points, Index block, block_sums& to) { detail::norms_over_blocks(points, block, from, to, ws); });
    std::as_const(all).total(squares.data());
    for (Index i = 0; i < n; ++i) squares(i) = squares(i) < infinity ? squares(i) : infinity;
    return {squares.data(), weights};
  }
  auto const add = [&](block_sums& sums, list<pair> const* pairs, Index pivot) {
    sum_up(sums,
           [&](auto const& points, Index block, block_sums& to) { detail::add_points(points, block, to, pairs, pivot, ws); });
  };
  return detail::measure_sums(
      n + 1, capacity, x.any(false) ? far_factor<float> : far_factor<double>, add, weights, much == measured::products, ws,
      [&](double bytes) { refuse(op, "needs n^2 distances in memory", {{"n", n}, {"gigabytes", bytes / 1e9}}); });
}

}  // namespace robagg::inline ROBAGG_ABI::detail
