// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "core.hpp"
#include "detail/combine.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// The geometry of reports that are never in one table: parts of their columns arrive one after the other, from a file
/// larger than memory, a model of many tensors, or several machines. Then one decision, and one combination per part.
///
///     geometry_state state(n);
///     do {
///       for (each part) state.add(part, first_column);      // any plain table of n rows
///     } while (!state.complete());                          // a second time only where rows are far
///     auto w = state.weights(krum{.f = 2});
///     for (each part) combine(w, part, result_of_the_part, ws);
///
/// Shapes     parts of n rows; first_column is a multiple of `alignment` (512). Tensors of other widths: let each begin
///            at the next multiple. Each column once per round.
/// Errors     bad_input for a part with another number of rows, or that begins elsewhere.
/// Guarantee  the same bits as one table, for parts in any order, merged in any order.
/// Cost       that of the geometry; memory O(n^2) a node, and at most two nodes per power of two of the columns when
///            parts arrive in order.
/// Weights    those given to the constructor: >= 0, relative.
/// NaN        as the operator does.            Ties  as the operator.
/// Source     design of this library.          Example  examples/larger_than_memory.cpp, examples/many_tensors.cpp
class geometry_state {
 public:
  static constexpr Index alignment = detail::block_columns;

  explicit geometry_state(Index rows, list<double> weights = {})
      : rows_(rows), weights_(static_cast<std::size_t>(std::max<Index>(rows, 0)), 1.), sums_(detail::pair_count(std::max<Index>(rows, 0) + 1)) {
    if (rows < 1) refuse("needs at least one report", {{"n", rows}});
    if (weights.empty()) return;
    if (weights.size() != rows) refuse("needs one weight per row", {{"weights", weights.size()}, {"n", rows}});
    weights_.assign(weights.begin(), weights.end());
    for (double const w : weights_) {
      if (!(w >= 0 && w < detail::infinity)) refuse("needs finite weights >= 0", {{"weight", w}});
    }
    detail::scale_weights(weights_.data(), rows);
    if (std::ranges::all_of(weights_, [](double w) { return w == 0; })) refuse("needs a weight above 0", {{"n", rows}});
  }
  std::string name() const { return "geometry_state"; }

  /// Columns first_column .. first_column + part.cols() - 1 of the reports.
  template <reports R>
  void add(R const& part, Index first_column) {
    detail::check_rows(*this, part);
    if (part.rows() != rows_) refuse("needs parts with one row per report", {{"rows", part.rows()}, {"n", rows_}});
    if (first_column < 0 || first_column % alignment != 0) {
      refuse("needs parts that begin at multiples of 512 columns", {{"first_column", first_column}});
    }
    auto&& x = detail::readable(part);
    using T = detail::wide_of<R>;
    auto const scope = ws_.scope();
    Index const first = first_column / alignment;
    far_factor_ = std::min(far_factor_, detail::far_factor<T>);
    detail::block_sums added(ws_, sums_.get().size(), detail::sums_capacity(part.cols() / alignment + 1));
    if (round_ == 0) {
      detail::sum_over_blocks(part, x, first, added, ws_, detail::all_distances<T>{});
    } else {
      detail::sum_over_blocks(part, x, first, added, ws_, detail::some_products<T>{pairs_, pivot_.row});
    }
    sums_.add(added);
  }
  /// The same at the next multiple of `alignment` after everything added so far in this round.
  template <reports R>
  void add(R const& part) {
    Index end = 0;
    for (Index k = 0; k < sums_.get().count(); ++k) end = std::max(end, (sums_.get()[k].index + 1) << sums_.get()[k].level);
    add(part, end * alignment);
  }

  /// What another state of the same reports has seen in the same round.
  void merge(geometry_state const& other) {
    if (other.rows_ != rows_ || other.round_ != round_ || other.sums_.get().size() != sums_.get().size()) {
      refuse("merges states of the same reports in the same round", {{"n", rows_}, {"other n", other.rows_}});
    }
    sums_.add(other.sums_.get());
  }

  /// Is the geometry known? If not, rows are far from the others: everything is to be added once more.
  bool complete() {
    if (round_ > 1) return true;
    Index const points = rows_ + 1;
    std::vector<double> total(static_cast<std::size_t>(sums_.get().size()));
    sums_.get().total(total.data());
    auto const scope = ws_.scope();
    if (round_++ == 0) {
      distances_.resize(points, points), products_.resize(points, points);
      auto D = map(distances_), G = map(products_);
      detail::distances_from(total.data(), D);
      pivot_ = detail::find_pivot(D, {weights_.data(), rows_}, ws_);
      detail::drop_unseen(D, pivot_.row);
      auto const pairs = detail::products_from(D, pivot_, far_factor_, G, ws_);
      pairs_.assign(pairs.begin(), pairs.end());
      if (pairs_.empty()) round_ = 2;
      sums_ = detail::growing_block_sums(static_cast<Index>(pairs_.size()));
      return pairs_.empty();
    }
    for (std::size_t s = 0; s < pairs_.size(); ++s) {
      products_(pairs_[s].i, pairs_[s].k) = products_(pairs_[s].k, pairs_[s].i) = total[s];
    }
    return true;
  }

  /// The coefficients of the reports in the answer of a geometric operator or pipe.
  template <detail::geometric Op>
  Eigen::VectorXd weights(Op const& op) {
    detail::check_parameters(op, rows_);
    auto const scope = ws_.scope();
    return Eigen::VectorXd(op.weights(known(), ws_));
  }
  /// The coefficients of the reports in the rows that a linear transform makes.
  template <detail::linear Op>
  table<double> mixing(Op const& op) {
    detail::check_parameters(op, rows_);
    auto const scope = ws_.scope();
    return table<double>(op.mixing(known(), ws_));
  }

 private:
  static geometry::matrix map(table<double>& m) { return {m.data(), m.rows(), m.cols()}; }
  [[noreturn]] void refuse(std::string_view rule, std::initializer_list<detail::named_value> values) const {
    detail::refuse(*this, rule, values);
  }
  geometry known() {
    if (round_ < 2) refuse("is asked before it is complete", {{"round", round_}});
    return {map(distances_), map(products_), {weights_.data(), rows_}};
  }

  Index rows_;
  std::vector<double> weights_;
  detail::growing_block_sums sums_;
  std::vector<detail::pair> pairs_;  // of far rows, whose products take a second round
  table<double> distances_, products_;
  detail::pivot_row pivot_{};
  double far_factor_ = detail::infinity;
  int round_ = 0;
  workspace ws_;
};

namespace detail {

struct combining {
  static constexpr int reads = plain;
  static std::string name() { return "combine"; }
};

}  // namespace detail

/// w'X for a part of the columns, where w comes from `geometry_state::weights` or `weights`: one read of the part.
template <reports R>
void combine(list<double> w, R const& part, auto&& out, workspace& ws) {
  detail::combining const op;
  if (w.size() != part.rows()) detail::refuse(op, "needs one coefficient per report", {{"coefficients", w.size()}, {"n", part.rows()}});
  detail::fit_vector(op, out, part.cols());
  detail::weigh([w](Index i) { return w[i]; }, part, out, ws);
}

}  // namespace robagg::inline ROBAGG_ABI
