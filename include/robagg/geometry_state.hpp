// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "pipe.hpp"
#include "executor.hpp"
#include "detail/bytes.hpp"
#include "detail/geometry/combine.hpp"

#include <algorithm>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace robagg::inline ROBAGG_ABI {
namespace detail {

// Which columns have been seen: ranges that begin at a block and end where a part did.
class column_ranges {
 public:
  struct range {
    Index first, last;
    bool operator==(range const&) const = default;
  };
  static constexpr Index most = std::numeric_limits<Index>::max() / 8;  // columns that can be counted
  // Where the block that holds the column before `column` ends.
  static constexpr Index block_end(Index column) { return (column + block_columns - 1) / block_columns * block_columns; }

  auto begin() const { return ranges_.begin(); }
  auto end() const { return ranges_.end(); }
  Index count() const { return static_cast<Index>(ranges_.size()); }
  bool operator==(column_ranges const&) const = default;

  // After all of them, at the next block.
  Index next() const { return ranges_.empty() ? 0 : block_end(ranges_.back().last); }
  // The first column of the first block that has not been seen.
  Index gap() const {
    Index seen = 0;
    for (range const& r : ranges_) {
      if (r.first != seen) break;
      seen = block_end(r.last);
    }
    return seen;
  }
  // Has a block of r been seen?
  bool meet(range const& r) const {
    auto const at = after(r.first);
    return (at != ranges_.begin() && r.first < block_end(at[-1].last)) ||
           (at != ranges_.end() && at->first < block_end(r.last));
  }
  // Have all columns of r been seen, where it ends in the middle of a block to that block's end?
  bool hold(range const& r) const {
    auto const at = after(r.first);
    return at != ranges_.begin() && r.last <= at[-1].last && (r.last % block_columns == 0 || r.last == at[-1].last);
  }
  // Of columns that have not been seen.
  void add(range const& r) {
    auto at = ranges_.begin() + (after(r.first) - ranges_.begin());
    at = at != ranges_.begin() && at[-1].last == r.first ? at - 1 : ranges_.insert(at, {r.first, r.first});
    at->last = r.last;
    if (at + 1 != ranges_.end() && at[1].first == r.last) {
      at->last = at[1].last;
      ranges_.erase(at + 1);
    }
  }

 private:
  std::vector<range>::const_iterator after(Index column) const {
    return std::ranges::upper_bound(ranges_, column, {}, &range::first);
  }
  std::vector<range> ranges_;  // ascending; where one ends at a block, the next begins later
};

struct combining {
  static constexpr int reads = plain;
  static std::string name() { return "combine"; }
};

}  // namespace detail

/// The geometry of reports that are never in one table: parts of their columns arrive one after the other, from a file
/// larger than memory, a model of many tensors, or several machines. Then one decision, and one combination per part.
///
///     geometry_state state(n);
///     for (each part) state.add(part, first_column);          // any plain table of n rows
///     if (!state.complete()) {                                // rows are far: their products take a second round
///       state.next_round();
///       for (each part) state.add(part, first_column);
///     }
///     auto w = state.weights(krum{.f = 2});
///     for (each part) combine(w, part, result_of_the_part, ws);
///
/// Several machines: each adds its columns to a state of its own, one merges them all. A second round begins in the merged
/// state; copies of it (`pack` carries them) take the columns again, and are merged into one of them.
///
/// Shapes     parts of n rows; first_column is a multiple of `alignment` (512), by itself the next one. Tensors of other
///            widths: let each begin at the next multiple. Parts may differ in their scalar types.
/// Rounds     every block of 512 columns once a round, without a gap; the second round takes the columns of the first. The
///            first round ends with the first answer (weights, mixing, diagnose) or with next_round(); nothing is added
///            after that but the columns of the second. To look at answers on the way, ask a copy.
/// Errors     bad_input, and nothing has changed: for a part with another number of rows, or that begins elsewhere, or whose
///            columns have been seen in this round or have not been in the first; for columns after an answer; for states
///            that do not belong together; for an answer while columns are missing or a second round is needed; for a second
///            round that is not needed; for operators that have no weighted form where the state has weights.
/// Guarantee  the same bits as one table, for parts in any order, merged in any order, with any executor.
/// Cost       that of the geometry; memory O(n^2) a node, and at most two nodes per power of two of the columns when
///            parts arrive in order. complete() and each answer O(n^2 log n).
/// Weights    those given to the constructor: >= 0, relative.
/// NaN        as the operator does.            Ties  as the operator.
/// Source     design of this library.          Example  examples/larger_than_memory.cpp, examples/many_tensors.cpp
class geometry_state {
 public:
  static constexpr Index alignment = detail::block_columns;

  explicit geometry_state(Index rows)
      : weights_(static_cast<std::size_t>(std::max<Index>(rows, 0)), 1.),
        sums_(detail::pair_count(std::max<Index>(rows, 0) + 1)) {
    if (rows < 1) refuse("needs at least one report", {{"n", rows}});
  }
  /// Weights of any arithmetic type, in anything contiguous; they are copied.
  template <class Weights>
  geometry_state(Index rows, Weights const& weights) : geometry_state(rows) {
    Eigen::Map<table<double> const> const nothing(nullptr, rows, 0);
    auto const rule = robagg::weighted(nothing, weights);
    detail::check_rows(*this, rule);
    rounding_ = detail::rounding_of(detail::read_weights(rule, weights_.data()), detail::weight_epsilon(rule), rows);
    weighted_ = true;
  }
  std::string name() const { return "geometry_state"; }
  Index rows() const { return static_cast<Index>(weights_.size()); }

  /// Columns first_column .. first_column + part.cols() - 1 of the reports.
  template <reports R>
  void add(R const& part, Index first_column) {
    detail::check_rows(*this, part);
    if (part.rows() != rows()) refuse("needs parts with one row per report", {{"rows", part.rows()}, {"n", rows()}});
    if (first_column < 0 || first_column % alignment != 0 || first_column > detail::column_ranges::most - part.cols()) {
      refuse("needs parts that begin at multiples of 512 columns", {{"first_column", first_column}});
    }
    if (part.cols() == 0) return;
    check_open();
    detail::column_ranges::range const columns{first_column, first_column + part.cols()};
    check_columns(columns);
    auto&& x = detail::readable(part);
    using T = detail::wide_of<R>;
    auto const scope = ws_.scope();
    Index const first = first_column / alignment;
    detail::block_sums added(ws_, sums_.get().size(), detail::units_of(part.cols(), first).capacity(ws_));
    auto const table = detail::reader_of<T>(x);
    auto const origin = [](Index, Index w, T* to) { std::fill_n(to, w, T(0)); };
    detail::table_points<T> const points{table, origin};
    if (round_ == 1) {
      detail::sum_over_blocks(points, first, added, ws_, detail::all_distances<T>{});
    } else {
      detail::sum_over_blocks(points, first, added, ws_, detail::some_products<T>{pairs_, pivot_.row});
    }
    sums_.add(added);
    seen_.add(columns);
    if (round_ == 1 && std::same_as<T, float>) in_float_ = true;
  }
  /// The same at next_column().
  template <reports R>
  void add(R const& part) {
    add(part, next_column());
  }
  /// The same with its blocks formed on an executor (parallel.hpp), to the same bits.
  template <reports R, executor Executor>
  void add(R const& part, Index first_column, Executor const& run) {
    workspace::loan const lent(ws_, detail::borrowed(run));
    add(part, first_column);
  }
  /// The next multiple of `alignment` after everything added so far in this round.
  Index next_column() const { return seen_.next(); }

  /// What another state of the same reports has seen in the same round.
  void merge(geometry_state const& other) {
    if (other.rows() != rows() || other.round_ != round_) {
      refuse("merges states of the same reports in the same round",
             {{"n", rows()}, {"other n", other.rows()}, {"round", round_}, {"other round", other.round_}});
    }
    if (other.weighted_ != weighted_ || other.weights_ != weights_)
      refuse("merges states of the same weights", {{"n", rows()}});
    if (round_ == 2 && !same_first_round(other)) refuse("merges second rounds that began in one state", {{"n", rows()}});
    check_open();
    for (auto const& columns : other.seen_) check_columns(columns);
    sums_.add(other.sums_.get());
    for (auto const& columns : other.seen_) seen_.add(columns);
    in_float_ = in_float_ || other.in_float_;
  }

  /// Is the geometry of everything added known? Not before there is something, nor while blocks of columns are missing, nor
  /// where rows are far and the first round is not over. That no more parts will come is for the caller to know.
  bool complete() const {
    if (missing() >= 0) return false;
    workspace ws;
    return round_ == 2 || first_round(ws).far.empty();
  }

  /// Begins the second round: everything is to be added once more.
  void next_round() {
    check_columns_complete();
    if (round_ == 2) refuse("needs no third round", {{"round", round_}});
    auto const scope = ws_.scope();
    auto const known = first_round(ws_);
    if (known.far.empty()) refuse("needs no second round: it is complete", {{"round", round_}});
    begin_second_round(total(), known);
  }

  /// The coefficients of the reports in the answer of a geometric operator or pipe.
  template <detail::geometric Op>
  Eigen::VectorXd weights(Op const& op) {
    auto const scope = ws_.scope();
    return Eigen::VectorXd(detail::weights_in(op, geometry_for(op, ws_), ws_));
  }
  /// The coefficients of the reports in the rows that a linear transform makes.
  template <detail::linear Op>
  table<double> mixing(Op const& op) {
    auto const scope = ws_.scope();
    return table<double>(detail::mixing_in(op, geometry_for(op, ws_), ws_));
  }
  /// What both read, in ws.
  template <class Op>
  geometry geometry_for(Op const& op, workspace& ws) {
    using rule = decltype(robagg::weighted(std::declval<table<double> const&>(), std::declval<std::vector<double> const&>()));
    if (weighted_ && !detail::accepts<Op, rule>()) {
      detail::refuse(op, "needs a state without weights: it has no weighted form", {{"n", rows()}});
    }
    detail::check_parameters(op, rows());
    check_columns_complete();
    auto const known = first_round(ws);
    if (round_ == 1 && !known.far.empty()) refuse("needs a second round: rows are far (next_round)", {{"n", rows()}});
    auto G = known.products;
    if (round_ == 2) {
      auto const sums = total();
      for (std::size_t s = 0; s < pairs_.size(); ++s) G(pairs_[s].i, pairs_[s].k) = G(pairs_[s].k, pairs_[s].i) = sums[s];
    }
    answered_ = true;
    return {known.distances, G, {known.weights, rounding_}};
  }

  /// The state as bytes, at any time, and back: the same bits afterwards. Bytes that pack did not write are bad_input.
  std::vector<std::byte> pack() const {
    detail::byte_writer out(detail::packed_kind::geometry_state, sizeof(double));
    out.put_count(rows());
    out.put(weights_.data(), rows());
    out.put(rounding_);
    for (bool const flag : {weighted_, in_float_, answered_, round_ == 2}) out.put(static_cast<std::uint8_t>(flag));
    if (round_ == 2) {
      out.put_count(pivot_.row);
      out.put(pivot_.median);
      out.put(distance_sums_.data(), static_cast<Index>(distance_sums_.size()));
      put(out, first_seen_);
    }
    put(out, seen_);
    auto const& sums = sums_.get();
    out.put_count(sums.count());
    for (Index k = 0; k < sums.count(); ++k) {
      out.put_count(sums[k].level);
      out.put_count(sums[k].index);
      out.put(sums[k].sums, sums.size());
    }
    return std::move(out).finish();
  }
  static geometry_state unpack(std::span<std::byte const> bytes) {
    detail::byte_reader in("geometry_state", bytes, detail::packed_kind::geometry_state, sizeof(double));
    Index const n = in.get_count(sizeof(double));
    in.demand(n < Index{1} << 30);  // pairs can be counted
    geometry_state state(n);
    in.get(state.weights_.data(), n);
    state.rounding_ = in.get<double>();
    in.demand(state.rounding_ >= 0 && state.rounding_ < 1);
    Eigen::Map<table<double> const> const nothing(nullptr, n, 0);
    detail::check_rows(state, robagg::weighted(nothing, state.weights_));
    state.weighted_ = in.get_flag();
    state.in_float_ = in.get_flag();
    state.answered_ = in.get_flag();
    in.demand(state.weighted_ || std::ranges::all_of(state.weights_, [](double w) { return w == 1; }));
    if (in.get_flag()) {
      state.pivot_.row = in.get_index();
      state.pivot_.median = in.get<double>();
      in.demand(state.pivot_.row < n);
      std::vector<double> sums(static_cast<std::size_t>(in.demand_count(detail::pair_count(n + 1), sizeof(double))));
      in.get(sums.data(), static_cast<Index>(sums.size()));
      for (double const s : sums) in.demand(!(s < 0));
      get(in, state.seen_);
      in.demand(state.seen_.count() > 0 && state.seen_.gap() == state.seen_.next());
      workspace ws;
      state.round_ = 2;
      state.distance_sums_ = sums;
      auto const known = state.first_round(ws);
      in.demand(!known.far.empty());
      state.begin_second_round(std::move(sums), known);
    }
    get(in, state.seen_);
    detail::column_ranges blocks;
    Index const size = state.sums_.get().size(), most = detail::column_ranges::most / alignment;
    for (Index k = in.get_count(2 * sizeof(std::int64_t) + sizeof(double) * static_cast<std::size_t>(size)); k > 0; --k) {
      Index const level = in.get_index(), index = in.get_index();
      in.demand(level < std::numeric_limits<Index>::digits && index < (most >> level));
      blocks.add({(index << level) * alignment, ((index + 1) << level) * alignment});
      double* const sums = state.sums_.next();
      in.get(sums, size);
      for (Index s = 0; s < size; ++s) in.demand(state.round_ == 1 ? !(sums[s] < 0) : std::isfinite(sums[s]));
      state.sums_.add(index, level);
    }
    in.finish();
    detail::column_ranges expected;
    for (auto const& r : state.seen_) {
      expected.add({r.first, detail::column_ranges::block_end(r.last)});
      in.demand(state.round_ == 1 || state.first_seen_.hold(r));
    }
    in.demand(blocks == expected);  // nodes that overlap would be ranges of their own
    return state;
  }

 private:
  [[noreturn]] void refuse(std::string_view rule, std::initializer_list<detail::named_value> values) const {
    detail::refuse(*this, rule, values);
  }
  void check_open() const {
    if (round_ == 1 && answered_) refuse("needs all columns before its first answer", {{"columns", next_column()}});
  }
  void check_columns(detail::column_ranges::range const& r) const {
    if (seen_.meet(r))
      refuse("needs every block of columns once a round", {{"first_column", r.first}, {"columns", r.last - r.first}});
    if (round_ == 2 && !first_seen_.hold(r)) {
      refuse("needs the columns of the first round in the second", {{"first_column", r.first}, {"columns", r.last - r.first}});
    }
  }
  // The first column that is missing in this round, or -1.
  Index missing() const {
    Index const gap = seen_.gap();
    return gap == 0 || gap < (round_ == 2 ? first_seen_ : seen_).next() ? gap : -1;
  }
  void check_columns_complete() const {
    Index const column = missing();
    if (column >= 0) refuse("is asked before it has all columns", {{"round", round_}, {"first missing", column}});
  }

  std::vector<double> total() const {
    std::vector<double> sums(static_cast<std::size_t>(sums_.get().size()));
    sums_.get().total(sums.data());
    return sums;
  }
  // What the sums of the first round say, in ws; the products of the pairs that are far are still to come.
  struct distances_only {
    geometry::matrix distances, products;
    geometry::vector weights;
    detail::pivot_row pivot;
    list<detail::pair> far;
  };
  distances_only first_round(workspace& ws) const {
    Index const points = rows() + 1;
    auto D = ws.table<double>(points, points), G = ws.table<double>(points, points);
    auto weights = ws.vector<double>(rows());
    std::ranges::copy(weights_, weights.data());
    detail::distances_from((round_ == 1 ? total() : distance_sums_).data(), D);
    auto const pivot = round_ == 1 ? detail::find_pivot(D, weights, ws) : pivot_;
    detail::drop_unseen(D, pivot.row);
    double const far_factor = in_float_ ? detail::far_factor<float> : detail::far_factor<double>;
    return {D, G, weights, pivot, detail::products_from(D, pivot, far_factor, G, ws)};
  }
  void begin_second_round(std::vector<double> sums, distances_only const& known) {
    pairs_.assign(known.far.begin(), known.far.end());
    pivot_ = known.pivot;
    sums_ = detail::growing_block_sums(known.far.size());
    distance_sums_ = std::move(sums);
    first_seen_ = std::exchange(seen_, {});
    round_ = 2;
  }
  bool same_first_round(geometry_state const& other) const {
    auto const bits = [](double v) { return std::bit_cast<std::uint64_t>(v); };
    return other.first_seen_ == first_seen_ && other.pivot_.row == pivot_.row && other.in_float_ == in_float_ &&
           std::ranges::equal(other.distance_sums_, distance_sums_, {}, bits, bits);
  }

  static void put(detail::byte_writer& out, detail::column_ranges const& columns) {
    out.put_count(columns.count());
    for (auto const& r : columns) {
      out.put_count(r.first);
      out.put_count(r.last);
    }
  }
  static void get(detail::byte_reader& in, detail::column_ranges& columns) {
    for (Index k = in.get_count(2 * sizeof(std::int64_t)); k > 0; --k) {
      Index const first = in.get_index(), last = in.get_index();
      in.demand(first % alignment == 0 && first < last && last <= detail::column_ranges::most && first >= columns.next());
      columns.add({first, last});
    }
  }

  // Scratch is no part of what a state is: a copy begins with none.
  struct scratch : workspace {
    scratch() = default;
    scratch(scratch const&) : workspace() {}
    scratch(scratch&&) noexcept = default;
    scratch& operator=(scratch const&) { return *this; }
    scratch& operator=(scratch&&) noexcept = default;
  };

  std::vector<double> weights_;
  double rounding_ = 0;              // how far sums of them may be off, as a share of the total
  detail::growing_block_sums sums_;  // of this round
  detail::column_ranges seen_;       // in this round
  bool weighted_ = false, in_float_ = false, answered_ = false;
  int round_ = 1;
  // Of the first round, in the second:
  std::vector<double> distance_sums_;
  detail::column_ranges first_seen_;
  detail::pivot_row pivot_{};
  std::vector<detail::pair> pairs_;  // of far rows
  scratch ws_;
};

/// w'X for a part of the columns, where w comes from `geometry_state::weights` or `weights`: one read of the part. Other
/// numbers of coefficients than rows are bad_input.
template <detail::listable Coefficients, reports R>
void combine(Coefficients const& coefficients, R const& part, auto&& out, workspace& ws) {
  list<double> const w(coefficients);
  auto&& x = detail::enter(detail::combining{}, part);
  if (w.size() != part.rows()) {
    detail::refuse(detail::combining{}, "needs one coefficient per report", {{"coefficients", w.size()}, {"n", part.rows()}});
  }
  ROBAGG_ASSERT(!detail::overlaps(out, part) && "robagg: the output overlaps the table");
  detail::fit_vector(detail::combining{}, out, part.cols());
  detail::sum_rows([w](Index i) { return w[i]; }, x, out, ws);
}
/// The same cut into slices on an executor (parallel.hpp), to the same bits.
template <detail::listable Coefficients, reports R, executor Executor>
void combine(Coefficients const& coefficients, R const& part, auto&& out, workspace& ws, Executor const& run) {
  workspace::loan const lent(ws, detail::borrowed(run));
  robagg::combine(coefficients, part, out, ws);
}

}  // namespace robagg::inline ROBAGG_ABI
