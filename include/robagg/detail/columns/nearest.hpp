// SPDX-License-Identifier: BSL-1.0
// The mean of the values nearest to a centre, column by column: behind mean_around_median, phocas and bulyan.
#pragma once

#include "means.hpp"
#include "wide.hpp"

namespace robagg::inline ROBAGG_ABI::detail {

// Lane l of a column, and of its weights, as one column of plain numbers.
template <class X>
struct one_lane {
  using packet_type = double;
  X const& x;
  Index l;
  Index size() const { return x.size(); }
  double operator[](Index r) const { return static_cast<double>(x.lane(r, l)); }
  double row(Index i) const { return static_cast<double>(x.row_lane(i, l)); }
};
template <class W>
struct one_lane_weights : one_lane<W> {
  weight_table const& table;
  double total;
  bool some_absent;
  one_lane_weights(W const& w, Index lane)
      : one_lane<W>{w, lane}, table(w.table), total(w.total_lane(lane)), some_absent(w.some_absent) {}
  double present(Index r) const { return (*this)[r] > 0; }
  double mark(double p) const { return table.mark(p, total); }
  double slack(double at_stake) const { return table.slack(total, at_stake); }
};
struct unit_weights {
  double total;
  double operator[](Index) const { return 1; }
  double row(Index) const { return 1; }
  double slack(double) const { return 0; }
};

// The ranks of the `keep` values nearest to a centre; of two equally far, the lower. `sorted` is one column of numbers.
template <class Sorted>
rank_range nearest_ranks(Sorted const& sorted, double centre, Index keep) {
  auto const at = [&](Index r) { return sorted[static_cast<std::size_t>(r)]; };
  Index first = 0;
  for (Index const n = static_cast<Index>(sorted.size()); first + keep < n && centre - at(first) > at(first + keep) - centre;)
    ++first;
  return {first, first + keep};
}

// By definition: rows by distance from the centre, equal distances by row, up to `keep` of weight, the last in part.
// x is one column, sorted; the window of ranks that is left when the farther end goes until less than `keep` would stay
// ends at the distance up to which rows are in. V is what the columns of the table are computed in.
template <class V, class X, class W>
double nearest_mean_of_one(X const& x, W const& w, double centre, double keep) {
  Index low = 0, high = x.size();
  // Distances between the largest numbers overflow: half of them do not.
  auto const large = [](double v) { return std::isfinite(v) && std::abs(v) > .25 * std::numeric_limits<double>::max(); };
  bool const halve = large(x[low]) || large(x[high - 1]);
  auto const distance_to = [&](double value) { return halve ? std::abs(.5 * value - .5 * centre) : std::abs(value - centre); };
  double inside = w.total, radius = 0;
  while (high > low) {
    while (high > low && w[high - 1] == 0) --high;
    while (high > low && w[low] == 0) ++low;
    if (high == low) break;
    double const below = distance_to(x[low]), above = distance_to(x[high - 1]);
    bool const drops_low = x[low] < centre && (x[high - 1] < centre || below > above);
    radius = std::max(below, above);
    Index const end = drops_low ? low : high - 1;
    if (!(inside - w[end] >= keep - w.slack(w[end]))) break;
    inside -= w[end];
    drops_low ? ++low : --high;
  }
  double least = std::numeric_limits<double>::infinity(), most = -least;
  double const mean = detail::without_overflow<double>(keep, [&](auto by, double scale) {
    double sum = 0, kept = 0;
    for (bool const at_radius : {false, true}) {
      for (Index i = 0; i < x.size(); ++i) {
        double const value = x.row(i), distance = distance_to(value);
        if (at_radius ? distance != radius : !(distance < radius)) continue;
        double const share = std::min(w.row(i), keep - kept);
        if (!(share > w.slack(w.row(i)))) continue;
        kept += share, sum += share * detail::scaled(value, by, scale);
        least = std::min(least, value), most = std::max(most, value);
      }
    }
    double const total = detail::scaled_total(kept, by, scale);
    return std::same_as<lane_of<V>, float> ? 1 / total * sum : sum / total;
  });
  return detail::within(mean, least, most);
}

// The same for columns side by side, up to so many rows: the radius is the least distance within which there is enough weight,
// found by adding up for every row what is as near. Lanes that hold values for which distances may overflow are left, `done`
// is 0 there.
inline constexpr Index most_side_by_side = 64;
template <bool Floats, class P, class X, class W>
P nearest_mean_side_by_side(X const& x, W const& w, P centre, P keep, P& done) {
  constexpr double beyond = std::numeric_limits<double>::infinity(), large = .25 * std::numeric_limits<double>::max();
  P const none{}, one = detail::all<P>(1), far = detail::all<P>(beyond);
  Index const n = x.size();
  P distance[most_side_by_side], weight[most_side_by_side];
  P const size_of_centre = detail::absolute(centre);
  done = size_of_centre < large ? one : none;
  P lightest = far;
  for (Index i = 0; i < n; ++i) {
    P const value = x.row(i);
    weight[i] = w.row(i);
    auto const here = weight[i] > none;
    P const sized = detail::absolute(value) < large ? done : none;
    done = here ? sized : done;
    distance[i] = here ? detail::absolute(value - centre) : far;
    lightest = here ? detail::lower(lightest, weight[i]) : lightest;
  }
  P radius = far;
  P const enough = keep - w.slack(lightest);
  for (Index i = 0; i < n; ++i) {
    P within{};
    for (Index k = 0; k < n; ++k) within = within + (distance[k] <= distance[i] ? weight[k] : none);
    P const nearer = detail::lower(radius, distance[i]);
    radius = within >= enough ? nearer : radius;
  }
  P sum{}, kept{}, least = far, most = -far;
  for (bool const at_radius : {false, true}) {
    for (Index i = 0; i < n; ++i) {
      P const value = x.row(i), share = detail::lower(weight[i], P(keep - kept));
      P const worth = share > w.slack(weight[i]) ? share : none;
      P const taken = at_radius ? P(distance[i] == radius ? worth : none) : P(distance[i] < radius ? worth : none);
      P const counted = taken > none ? value : none;
      kept = kept + taken;
      sum = sum + taken * counted;
      least = taken > none ? detail::lower(least, value) : least;
      most = taken > none ? detail::upper(most, value) : most;
    }
  }
  return detail::within(P(Floats ? one / kept * sum : sum / kept), least, most);
}

// For a packet of columns with weights: W_f, the weight of the f heaviest rows, is left out; NaN where not more than
// twice that is present.
template <class X, class W, class Centre>
auto nearest_weighted_mean(X const& x, W const& w, Centre const& centre, double cut) {
  using V = packet_of<X>;
  using T = lane_of<V>;
  V y{}, known{};
  if constexpr (!std::is_arithmetic_v<V>) {
    using P = packet<double>;
    constexpr bool floats = std::same_as<T, float>;
    auto const half = [&]<Index Part>(std::integral_constant<Index, Part>, P& result, P& done) {
      wide_part<P, Part, X> const columns{x};
      wide_part_weights<P, Part, W> const weights(w);
      P const keep = weights.total - cut, slack = weights.slack(detail::all<P>(w.table.lightest()));
      P const mean = detail::nearest_mean_side_by_side<floats>(columns, weights, P(centre(columns, weights)), keep, done);
      result = keep - cut > slack ? mean : detail::all<P>(std::numeric_limits<double>::quiet_NaN());
    };
    Index asked = 0;  // a few columns are faster one by one
    for (Index l = 0; l < lanes_of<V>; ++l) asked += !w.done(l);
    if (x.size() <= most_side_by_side && 4 * asked > lanes_of<V>) {
      doubles<V> wide, done;
      if constexpr (floats) {
        half(std::integral_constant<Index, 0>{}, wide.low, done.low);
        half(std::integral_constant<Index, 1>{}, wide.high, done.high);
      } else {
        half(std::integral_constant<Index, 0>{}, wide, done);
      }
      y = detail::narrow<V>(wide);
      known = detail::narrow<V>(done);
    }
  }
  for (Index l = 0; l < lanes_of<V>; ++l) {
    if (w.done(l) || detail::get(known, l) > 0) continue;
    one_lane<X> const column{x, l};
    one_lane_weights<W> const weights(w, l);
    double const keep = weights.total - cut;
    bool const enough = keep - cut > weights.slack(w.table.lightest());
    detail::set(y, l,
                enough ? static_cast<T>(detail::nearest_mean_of_one<V>(column, weights, centre(column, weights), keep))
                       : std::numeric_limits<T>::quiet_NaN());
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
  V y = detail::narrow<V>(detail::over_count<V>(sum, static_cast<double>(keep)));
  certainty = y - y == V{} ? certainty : V{};  // the sum may have overflowed, or both ends were infinite
  y = detail::within(y, V(x[0]), V(x[n - 1]));
  auto const doubtful = certainty <= V{};
  if (detail::any(doubtful)) {
    for (Index l = 0; l < lanes_of<V>; ++l) {
      if (!detail::holds(doubtful, l)) continue;
      one_lane<X> const column{x, l};
      detail::set(y, l,
                  static_cast<T>(detail::nearest_mean_of_one<V>(column, unit_weights{static_cast<double>(n)},
                                                                exact_centre(column), static_cast<double>(keep))));
    }
  }
  return y;
}

}  // namespace robagg::inline ROBAGG_ABI::detail
