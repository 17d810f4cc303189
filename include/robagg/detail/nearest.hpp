// SPDX-License-Identifier: BSL-1.0
// The mean of the values nearest to a centre, column by column: behind mean_around_median, phocas and bulyan.
#pragma once

#include "reduce.hpp"

namespace robagg::inline ROBAGG_ABI::detail {

// Lane l of a column as one column of plain numbers.
template <class X>
struct one_lane {
  using packet_type = double;
  X const& x;
  Index l;
  Index size() const { return x.size(); }
  double operator[](Index r) const { return static_cast<double>(detail::get(x[r], l)); }
  double row(Index i) const { return static_cast<double>(detail::get(x.row(i), l)); }
};
template <class W>
struct one_lane_weights : one_lane<W> {
  double total;
  explicit one_lane_weights(W const& w, Index lane) : one_lane<W>{w, lane}, total(static_cast<double>(detail::get(w.total, lane))) {}
  double slack(double at_stake) const { return this->x.table.slack(total, at_stake); }
};
struct unit_weights {
  double total;
  double operator[](Index) const { return 1; }
  double row(Index) const { return 1; }
  double slack(double) const { return 0; }
};

// The ranks of the `keep` values nearest to a centre; of two equally far, the lower. `sorted` is one column of numbers.
template <class Sorted>
ranks nearest_ranks(Sorted const& sorted, double centre, Index keep) {
  auto const at = [&](Index r) { return sorted[static_cast<std::size_t>(r)]; };
  Index first = 0;
  for (Index const n = static_cast<Index>(sorted.size()); first + keep < n && centre - at(first) > at(first + keep) - centre;) ++first;
  return {first, first + keep};
}

// By definition: rows by distance from the centre, equal distances by row, up to `keep` of weight, the last in part.
// x is one column, sorted; the window of ranks that is left when the farther end goes until less than `keep` would stay
// ends at the distance up to which rows are in.
template <class X, class W>
double nearest_mean_of_one(X const& x, W const& w, double centre, double keep) {
  Index low = 0, high = x.size();
  double inside = w.total, radius = 0;
  while (high > low) {
    while (high > low && w[high - 1] == 0) --high;
    while (high > low && w[low] == 0) ++low;
    if (high == low) break;
    double const below = centre - x[low], above = x[high - 1] - centre;
    radius = std::max(below, above);
    Index const end = below > above ? low : high - 1;
    if (!(inside - w[end] >= keep - w.slack(w[end]))) break;
    inside -= w[end];
    below > above ? ++low : --high;
  }
  double sum = 0, kept = 0, least = std::numeric_limits<double>::infinity(), most = -least;
  for (bool const at_radius : {false, true}) {
    for (Index i = 0; i < x.size(); ++i) {
      double const value = x.row(i), distance = std::abs(value - centre);
      if (at_radius ? distance != radius : !(distance < radius)) continue;
      double const share = std::min(w.row(i), keep - kept);
      if (!(share > w.slack(w.row(i)))) continue;
      kept += share, sum += share / keep * value;
      least = std::min(least, value), most = std::max(most, value);
    }
  }
  return detail::within(sum / (kept / keep), least, most);
}

// For a packet of columns with weights: W_f, the weight of the f heaviest rows, is left out; NaN where not more than
// twice that is present.
template <class X, class W>
auto nearest_weighted_mean(X const& x, W const& w, packet_of<X> const& centre, double cut) {
  using V = packet_of<X>;
  using T = lane_of<V>;
  V y{};
  for (Index l = 0; l < lanes_of<V>; ++l) {
    one_lane_weights<W> const weights(w, l);
    double const keep = weights.total - cut;
    bool const enough = keep - cut > weights.slack(w.table.lightest());
    detail::set(y, l, !enough ? std::numeric_limits<T>::quiet_NaN()
                              : static_cast<T>(detail::nearest_mean_of_one(one_lane<X>{x, l}, weights, static_cast<double>(detail::get(centre, l)), keep)));
  }
  return y;
}

// The same for a packet of columns, every row once, any `keep` of n. In sorted order the kept are a window; it moves up
// by one as long as the value that falls out is farther than the one that comes in, which takes its slot in the sum.
// Where rounding could decide, or two different values tie and the row decides, the column is done by definition.
template <class X, class Centre>
auto nearest_mean(X const& x, packet_of<X> centre, Index keep, Centre exact_centre) {
  using V = packet_of<X>;
  using T = lane_of<V>;
  constexpr T unit = 4 * std::numeric_limits<T>::epsilon();
  Index const n = x.size(), out = n - keep;
  V const large = detail::absolute(centre);
  V certainty = detail::all<V>(1);
  doubles<V> sum = detail::all_doubles<V>(0);
  for (Index i = out; i < keep; ++i) sum = sum + detail::widen(x[i]);
  for (Index first = 0; first < std::min(out, keep); ++first) {
    V kept = x[first];
    for (Index s = first; s < out; s += keep) {  // once, unless less than half is kept
      V const leaves = x[s], enters = x[s + keep], below = centre - leaves, above = enters - centre, gap = below - above;
      V const beyond = detail::upper(gap, V(-gap)) - unit * (large + detail::lower(below, above));
      certainty = detail::lower(certainty, V(leaves < enters ? beyond : certainty));
      kept = below > above ? enters : kept;
    }
    sum = sum + detail::widen(kept);
  }
  V y = detail::within(detail::narrow<V>(detail::over<V>(sum, static_cast<double>(keep))), V(x[0]), V(x[n - 1]));
  // Not finite: both ends may have been infinite.
  certainty = y - y == V{} ? certainty : V{};
  auto const doubtful = certainty <= V{};
  if (detail::any(doubtful)) {
    for (Index l = 0; l < lanes_of<V>; ++l) {
      if (!detail::holds(doubtful, l)) continue;
      one_lane<X> const column{x, l};
      detail::set(y, l, static_cast<T>(detail::nearest_mean_of_one(column, unit_weights{static_cast<double>(n)}, exact_centre(column),
                                                     static_cast<double>(keep))));
    }
  }
  return y;
}

}  // namespace robagg::inline ROBAGG_ABI::detail
