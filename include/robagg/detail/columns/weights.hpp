// SPDX-License-Identifier: BSL-1.0
// Weights as `reduce` reads them: n weights of a table, prepared once a call; beside every packet x[i] of a column its weight
// w[i], 0 where the value is absent.
#pragma once

#include "../table/check.hpp"
#include "../table/tile.hpp"
#include "column.hpp"

#include <algorithm>
#include <functional>  // std::greater
#include <numeric>     // std::partial_sum

namespace robagg::inline ROBAGG_ABI::detail {

// What an operator may ask of the weights of a whole table.
struct weight_table {
  double const* heaviest_sums;  // [f] = the weight of the f heaviest rows; nullptr where all weigh 1 or nobody asks
  Index count;                  // of rows that are present
  double total;                 // added up in the order of the rows
  double rounding;              // how far sums of weights may be off, as a share of the total: 0 for whole numbers
  Index rows() const { return count; }
  double heaviest(Index f) const {
    return heaviest_sums == nullptr ? static_cast<double>(std::min(f, count)) : heaviest_sums[std::min(f, count)];
  }
  double lightest() const { return heaviest(count) - heaviest(count - 1); }
  // How far `sum`, a sum of weights, may be off by rounding: at most a quarter of at_stake, the weight of the row that the
  // comparison decides about. So rounding alone never takes a row in or out.
  double slack(double sum, double at_stake) const { return std::min(rounding * sum, .25 * at_stake); }
  // The mark p of `sum`, on a whole number where whole weights reach it up to the rounding of p.
  template <class D>
  EIGEN_ALWAYS_INLINE D mark(double p, D sum) const {
    D const exact = p * sum;
    return rounding > 0 ? exact : detail::snapped(exact, D(4 * std::numeric_limits<double>::epsilon() * sum));
  }
};

// The weights of a column: w[i] goes with x[i]; w.present(i) is above 0 where x[i] counts; w.row(i) goes with x.row(i). By
// rank, what was sorted with the values is a weight, or the place + 1 of one in a list; 0 for absent values. N is what weights
// are added up in: V where they are whole and few enough, otherwise doubles.
template <class V, class Rows, class N>
struct column_weights {
  using packet_type = V;
  stored_column<V> sorted;
  double const* by_place;  // nullptr: weights were sorted
  Rows rows;
  weight_table const& table;
  N total;
  bool some_absent, some_done;  // columns in which nothing is absent are done already, and need no answer

  Index size() const { return sorted.count; }
  EIGEN_ALWAYS_INLINE V present(Index i) const { return sorted[i]; }
  EIGEN_ALWAYS_INLINE N operator[](Index i) const {
    if constexpr (std::same_as<N, V>) {
      return sorted[i];
    } else {
      return by_place == nullptr ? detail::widen(sorted[i]) : detail::looked_up<V>(by_place, sorted[i]);
    }
  }
  EIGEN_ALWAYS_INLINE N mark(double p) const {
    auto const exact = table.mark(p, detail::as_doubles<V>(total));
    if constexpr (std::same_as<N, doubles<V>>) {
      return exact;
    } else {
      return detail::narrow<V>(detail::whole_or_between(exact));
    }
  }
  EIGEN_ALWAYS_INLINE V slack(V at_stake) const {
    using T = lane_of<V>;
    return detail::lower(V(static_cast<T>(table.rounding) * detail::as_packet<V>(total)), V(T(.25) * at_stake));
  }
  // Lane l alone.
  double lane(Index i, Index l) const {
    double const w = static_cast<double>(sorted.lane(i, l));
    return by_place == nullptr ? w : by_place[static_cast<Index>(w)];
  }
  double row_lane(Index i, Index l) const { return rows.lane(i, l); }
  double total_lane(Index l) const { return detail::get_double<V>(detail::as_doubles<V>(total), l); }
  bool done(Index l) const { return some_done && total_lane(l) == table.total; }
};
// The weights of the rows, 0 where the row's value is NaN and that means absent.
template <class V>
struct row_order_weights {
  using packet_type = V;
  using D = doubles<V>;
  double const* weights;
  lane_of<V> const* const* rows;
  Index at;
  bool some_absent;
  EIGEN_ALWAYS_INLINE V present(Index i) const {
    V const one = detail::all<V>(1);
    if (!some_absent) return one;
    V const x = detail::load<V>(rows[i] + at);
    return x == x ? one : V{};
  }
  EIGEN_ALWAYS_INLINE D operator[](Index i) const {
    return some_absent ? weights[i] * detail::widen(present(i)) : detail::all_doubles<V>(weights[i]);
  }
  double lane(Index i, Index l) const { return some_absent && rows[i][at + l] != rows[i][at + l] ? 0 : weights[i]; }
};
// The same as weights of a column whose values are not sorted.
template <class V>
struct unsorted_weights : row_order_weights<V> {
  weight_table const& table;
  doubles<V> total;
  EIGEN_ALWAYS_INLINE V slack(V at_stake) const {
    using T = lane_of<V>;
    return detail::lower(detail::narrow<V>(table.rounding * total), V(T(.25) * at_stake));
  }
};
// The weights of one long column.
template <class T>
struct long_weights {
  using packet_type = T;
  stored_column<double> sorted, rows;
  weight_table const& table;
  double total;
  bool some_absent;
  Index size() const { return sorted.count; }
  T present(Index i) const { return sorted[i] > 0; }
  double operator[](Index i) const { return sorted[i]; }
  double mark(double p) const { return table.mark(p, total); }
  double lane(Index i, Index) const { return sorted[i]; }
  double row_lane(Index i, Index) const { return rows[i]; }
  double total_lane(Index) const { return total; }
  bool done(Index) const { return false; }
  T slack(T at_stake) const { return std::min(static_cast<T>(table.rounding * total), T(.25) * at_stake); }
};

// More rows than this: single long columns instead of packets of them.
inline constexpr Index tall_rows = 2048;

template <class R>
bool weighs_all_alike([[maybe_unused]] R const& r) {
  if constexpr (weighted_reports<R>) {
    auto const& w = detail::weights_of(r);
    auto const first = static_cast<double>(w[0]);
    bool alike = first > 0 && first < std::numeric_limits<double>::infinity();
    for (Index i = 1; i < r.rows() && alike; ++i) alike = static_cast<double>(w[i]) == first;
    return alike;
  } else {
    return true;
  }
}

// The table's weights, prepared once per call; rows of weight 0 are absent.
struct prepared_weights {
  list<Index> rows;       // those present; of all there is no list
  double const* weights;  // theirs
  weight_table table;
  bool equal, skips_nan;
};
// From the weights of all rows, which give way to those of the rows that are present.
// Rules that look at one share of the weight (level) never ask for the heaviest.
inline prepared_weights prepare_weights(workspace::vector_map<double> weights, weight_kind kind, double epsilon, bool skips_nan,
                                        workspace& ws, bool heaviest = true) {
  Index const n = weights.size();
  Index present = 0;
  double total = 0;
  bool const all = (weights.array() > 0).all();
  Index* const rows = ws.take<Index>(all ? 0 : n);
  for (Index i = 0; i < n; ++i) {
    if (!(weights(i) > 0)) continue;
    if (!all) rows[present] = i;
    total += weights(i);
    weights(present++) = weights(i);
  }
  double* const sums = kind == weight_kind::equal || !heaviest ? nullptr : ws.take<double>(present + 1);
  if (sums != nullptr) {
    sums[0] = 0;
    std::copy_n(weights.data(), present, sums + 1);
    std::sort(sums + 1, sums + 1 + present, std::greater<>{});
    std::partial_sum(sums, sums + present + 1, sums);
  }
  weight_table const table{sums, present, total, detail::rounding_of(kind, epsilon, present)};
  return {{rows, present}, weights.data(), table, kind == weight_kind::equal, skips_nan};
}
template <class R>
prepared_weights prepare_weights(R const& r, workspace& ws, bool heaviest = true) {
  // Single long columns of rows that all count the same need no list of weights.
  if (Index const n = r.rows(); n > tall_rows && detail::weighs_all_alike(r)) {
    return {{nullptr, n}, nullptr, {nullptr, n, static_cast<double>(n), 0}, true, incomplete_reports<R>};
  }
  auto weights = ws.vector<double>(r.rows());
  weight_kind const kind = detail::read_weights(r, weights.data());
  // Sorted weights are rounded to what columns are computed in.
  double const epsilon = std::max(detail::weight_epsilon(r), static_cast<double>(std::numeric_limits<wide_of<R>>::epsilon()));
  return detail::prepare_weights(weights, kind, epsilon, incomplete_reports<R>, ws, heaviest);
}

}  // namespace robagg::inline ROBAGG_ABI::detail
