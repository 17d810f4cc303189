// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "detail/attention.hpp"
#include "../detail/bytes.hpp"
#include "../detail/table/blocks.hpp"

#include <cmath>
#include <span>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// The two defensive steps of KV-cache eviction: each key's worst-case importance (the maximum over
/// the observed queries), then a floor at the prior risk (the mean of those maxima over the keys).
///
/// Shapes     n queries x d keys, attention weights >= 0 -> d importances; as a second result
///            (`tie_break`) the maxima before the floor, so that ties at the floor are broken by them.
/// Ranges     floor_strength >= 0: the floor is floor_strength times the mean; 0 is the bare maximum.
/// Errors     floor_strength negative or not finite; n = 0.
/// Guarantee  a key that any observed query needs is never rated below that query's attention. One
///            spurious query can keep a key, by design: it protects from eviction, not from inflation.
///            At most d / floor_strength keys rise above the floor.
/// Cost       one read of the table, O(n d), and one of the d maxima. One query at a time, in O(d) memory: defensive::state.
/// NaN        NaN and infinities count as absent; a key with no query left scores 0.
/// Weights    a weight above 0 counts in full, 0 is an absent query.
/// Ties       below the floor all keys tie; `defensive{} | top{...}` breaks them by the raw maximum.
/// Source     Feng et al., DefensiveKV, 2025: worst-case estimation and adaptive prior-risk correction.
/// Example    examples/cache_eviction.cpp
struct defensive {
  static constexpr detail::kernel_number<defensive> kernel{25};
  double floor_strength = 1;

  static constexpr int reads = detail::skips_nan | detail::has_weights | detail::lacks_rows;
  static constexpr void parameters(auto& op, auto visit) { visit("floor_strength", op.floor_strength); }

  void check(Index) const {
    if (!(floor_strength >= 0) || !std::isfinite(floor_strength)) {
      detail::refuse(*this, "needs a finite floor_strength >= 0", {{"floor_strength", floor_strength}});
    }
  }

  void into(any_reports auto const& r, auto&& out, auto&& tie_break, workspace& ws) const {
    auto const scope = ws.scope();
    auto raw = maxima(r, out, ws);
    detail::fit_vector(*this, tie_break, r.cols());
    detail::fit_vector(*this, out, r.cols());
    detail::store(tie_break, 0, raw.data(), r.cols());
    floored(raw, out, ws);
  }
  void into(any_reports auto const& r, auto&& out, workspace& ws) const {
    auto const scope = ws.scope();
    auto const raw = maxima(r, out, ws);
    detail::fit_vector(*this, out, r.cols());
    floored(raw, out, ws);
  }
  template <class R>
  std::size_t scratch(R const& r) const {
    using T = detail::wide_of<R>;
    std::size_t const first = raised_in_place<R> ? 0 : detail::columns_scratch(*this, r);
    return workspace::room<T>(r.cols()) + std::max(first, detail::tree_mean_scratch(r.cols()));
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  /// The second step alone, in place: maxima that come from elsewhere are floored.
  template <class T>
  void correct(T* maxima, Index d, workspace& ws) const {
    if (d == 0 || floor_strength == 0) return;
    T const floor = static_cast<T>(floor_strength * detail::tree_mean(maxima, d, ws));
    for (Index j = 0; j < d; ++j) maxima[j] = maxima[j] < floor ? floor : maxima[j];
  }

  // For eviction: rows whose masses are pooled, without a table of them; `average` gets the mean of the rows before pooling.
  void pooled(Index width, auto const& x, auto& scores, auto& tie_break, auto& average, workspace& ws) const {
    detail::pooled_maxima(detail::key_pooling{width, true}, x, tie_break.data(), average.data(), ws);
    scores = tie_break;
    correct(scores.data(), x.cols(), ws);
    average /= static_cast<typename std::remove_cvref_t<decltype(average)>::Scalar>(x.rows());
  }

  /// The same for queries that come one at a time, in the numbers `T`: the result of the whole table, bit for bit.
  template <class T>
  class state_of;
  using state = state_of<float>;

  static constexpr auto nan = detail::nan_is::nan;
  template <class X>
  auto reduce(X const& x) const {
    auto y = nobody<X>();
    for (Index i = 0; i < x.size(); ++i) y = larger(y, x[i]);
    return or_zero(y);
  }
  template <class X>
  auto reduce(X const& x, auto const& w) const {
    auto y = nobody<X>();
    for (Index i = 0; i < x.size(); ++i) y = w.present(i) > decltype(y){} ? larger(y, x[i]) : y;
    return or_zero(y);
  }
  double reduce_nothing() const { return 0; }

 private:
  template <class R>
  static constexpr bool raised_in_place = detail::traits<R> == detail::plain && detail::has_addresses<R, detail::wide_of<R>>;

  auto maxima(any_reports auto const& given, [[maybe_unused]] auto const& out, workspace& ws) const {
    ROBAGG_ASSERT(!detail::overlaps(out, detail::plain_of(given)) && "robagg: the output overlaps the table");
    auto&& r = detail::enter(*this, given);
    detail::need(*this, scratch(r), ws);
    using T = detail::wide_of<decltype(r)>;
    auto raw = ws.vector<T>(r.cols());
    if constexpr (raised_in_place<std::remove_cvref_t<decltype(r)>>) {
      ws.for_slices(r.cols(), detail::block_columns, [&](Index first, Index last, workspace&) {
        std::fill_n(raw.data() + first, last - first, -infinity<T>);
        detail::raise_all(r, first, last, raw.data());
        settle(raw.data() + first, last - first);
      });
    } else {
      detail::columns(*this, r, raw, ws);
    }
    return raw;
  }
  template <class T>
  void floored(workspace::vector_map<T> raw, auto& out, workspace& ws) const {
    Index const d = raw.size();
    correct(raw.data(), d, ws);
    detail::store(out, 0, raw.data(), d);
  }

  template <class T>
  static constexpr T infinity = std::numeric_limits<T>::infinity();
  template <class X>
  static auto nobody() {
    using V = typename X::packet_type;
    return detail::all<V>(-infinity<detail::lane_of<V>>);
  }
  template <class V>
  static EIGEN_ALWAYS_INLINE V larger(V y, V x) {
    return detail::raised(y, x);
  }
  template <class T>
  static void settle(T* raw, Index d) {
    for (Index j = 0; j < d; ++j) raw[j] = or_zero(raw[j]) + T(0);
  }
  template <class V>
  static V or_zero(V y) {
    return y == detail::all<V>(-infinity<detail::lane_of<V>>) ? V{} : y;
  }
};

/// What `defensive` keeps of the queries seen: their maxima. A query may be longer than those before it: the keys that it
/// adds count as unobserved until then; so may another state that is merged.
///
/// Errors     bad_input, and nothing has changed: for a query that is shorter than another one before it; results before the
///            first query; a merge with a state of another floor_strength.
/// Weights    none: a query that is to be absent is not added.
/// Cost       add() one pass over the keys; it allocates only while the number of keys grows beyond `reserve`.
template <class T>
class defensive::state_of {
  static_assert(std::same_as<T, float> || std::same_as<T, double>,
                "robagg: defensive::state_of keeps maxima in float or double");

 public:
  explicit state_of(defensive const& op = {}, Index reserve = 0) : op_(op) {
    op.check(1);
    if (reserve < 0) detail::refuse(op, "needs reserve >= 0", {{"reserve", reserve}});
    highest_.reserve(static_cast<std::size_t>(reserve));
  }
  Index rows() const { return rows_; }
  Index cols() const { return static_cast<Index>(highest_.size()); }

  template <class Row>
  void add(Eigen::DenseBase<Row> const& row) {
    static_assert(Row::IsVectorAtCompileTime, "robagg: defensive::state::add takes one query, a vector");
    Index const d = row.size();
    if (d < cols()) detail::refuse(op_, "needs queries that are no shorter than the last", {{"keys", d}, {"before", cols()}});
    auto&& x = detail::readable(row.derived());
    highest_.resize(static_cast<std::size_t>(d), -infinity<T>);
    if constexpr (detail::contiguous_of<Row, T>) {
      detail::raise(x.data(), d, highest_.data());
    } else {
      for (Index j = 0; j < d; ++j)
        highest_[static_cast<std::size_t>(j)] = larger(highest_[static_cast<std::size_t>(j)], static_cast<T>(x.coeff(j)));
    }
    ++rows_;
  }
  /// What another one has seen.
  void merge(state_of const& other) {
    if (other.op_.floor_strength != op_.floor_strength) {
      detail::refuse(op_, "merges with the same floor_strength",
                     {{"floor_strength", op_.floor_strength}, {"other", other.op_.floor_strength}});
    }
    if (other.rows_ > std::numeric_limits<Index>::max() / 2 - rows_) {
      detail::refuse(op_, "needs queries that can be counted", {{"n", rows_}, {"other n", other.rows_}});
    }
    if (other.cols() > cols()) highest_.resize(other.highest_.size(), -infinity<T>);
    detail::raise(other.highest_.data(), other.cols(), highest_.data());
    rows_ += other.rows_;
  }
  /// Forgets the queries, not the memory.
  void clear() {
    highest_.clear();
    rows_ = 0;
  }

  /// The importances so far, and the maxima before the floor.
  void finish(auto&& out, auto&& tie_break, workspace& ws) const {
    if (rows_ == 0) detail::refuse(op_, "needs at least one report", {{"n", 0}});
    auto const scope = ws.scope();
    auto raw = ws.vector<T>(cols());
    std::copy(highest_.begin(), highest_.end(), raw.data());
    settle(raw.data(), cols());
    detail::fit_vector(op_, tie_break, cols());
    detail::fit_vector(op_, out, cols());
    detail::store(tie_break, 0, raw.data(), cols());
    op_.floored(raw, out, ws);
  }
  void finish(auto&& out, workspace& ws) const {
    auto const scope = ws.scope();
    finish(out, ws.vector<T>(cols()), ws);
  }
  auto finish() const {
    workspace ws;
    Eigen::Matrix<T, Eigen::Dynamic, 1> out;
    finish(out, ws);
    return out;
  }

  /// The state as bytes, and back: the same bits afterwards. Bytes that pack did not write are bad_input.
  std::vector<std::byte> pack() const {
    detail::byte_writer out(detail::packed_kind::defensive, sizeof(T));
    out.put(op_.floor_strength);
    out.put_count(rows_);
    out.put_count(cols());
    out.put(highest_.data(), cols());
    return std::move(out).finish();
  }
  static state_of unpack(std::span<std::byte const> bytes) {
    detail::byte_reader in("defensive", bytes, detail::packed_kind::defensive, sizeof(T));
    state_of state(defensive{in.get<double>()});
    state.rows_ = in.get_index();
    in.demand(state.rows_ < std::numeric_limits<Index>::max() / 2);  // more can come
    Index const keys = in.get_count(sizeof(T));
    in.demand(state.rows_ > 0 || keys == 0);
    state.highest_.resize(static_cast<std::size_t>(keys));
    in.get(state.highest_.data(), keys);
    for (T const v : state.highest_) in.demand(v < infinity<T>);
    in.finish();
    return state;
  }

 private:
  defensive op_;
  std::vector<T> highest_;
  Index rows_ = 0;
};

}  // namespace robagg::inline ROBAGG_ABI
