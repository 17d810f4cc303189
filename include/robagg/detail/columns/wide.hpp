// SPDX-License-Identifier: BSL-1.0
// Columns and their weights in double, for what takes many steps and comparisons: written once over P, half a packet of floats,
// a packet of doubles or one number, and once for weights and without.
#pragma once

#include "means.hpp"

namespace robagg::inline ROBAGG_ABI::detail {

// Half a packet of columns, or a whole one, and their weights, in double.
template <class P, Index Part, class D>
EIGEN_ALWAYS_INLINE P part_of(D const& x) {
  if constexpr (std::same_as<P, D>) {
    return x;
  } else if constexpr (Part == 0) {
    return x.low;
  } else {
    return x.high;
  }
}
template <class P, Index Part, class X>
struct wide_part {
  using packet_type = P;
  X const& x;
  Index size() const { return x.size(); }
  EIGEN_ALWAYS_INLINE P operator[](Index r) const { return part_of<P, Part>(detail::widen(packet_of<X>(x[r]))); }
  EIGEN_ALWAYS_INLINE P row(Index i) const { return part_of<P, Part>(detail::widen(packet_of<X>(x.row(i)))); }
};
template <class P, Index Part, class W>
struct wide_part_weights {
  using packet_type = P;
  using V = packet_of<W>;
  W const& w;
  weight_table const& table;
  P total;
  bool some_absent;
  explicit wide_part_weights(W const& weights)
      : w(weights),
        table(weights.table),
        total(part_of<P, Part>(detail::as_doubles<V>(weights.total))),
        some_absent(weights.some_absent) {}
  Index size() const { return w.size(); }
  EIGEN_ALWAYS_INLINE P operator[](Index r) const { return part_of<P, Part>(detail::as_doubles<V>(w[r])); }
  EIGEN_ALWAYS_INLINE P row(Index i) const { return part_of<P, Part>(w.rows[i]); }
  EIGEN_ALWAYS_INLINE P present(Index r) const { return part_of<P, Part>(detail::widen(w.present(r))); }
  EIGEN_ALWAYS_INLINE P mark(double p) const { return table.mark(p, total); }
  EIGEN_ALWAYS_INLINE P slack(P at_stake) const { return detail::lower(P(table.rounding * total), P(.25 * at_stake)); }
};

// The same, sorted, by a power of two small enough for sums of values and differences between them. Floats need none.
template <class P, Index Part, class X>
struct scaled_part : wide_part<P, Part, X> {
  static constexpr bool floats = std::same_as<lane_of<packet_of<X>>, float>;
  P scale;

  explicit scaled_part(X const& column) : wide_part<P, Part, X>{column}, scale(detail::all<P>(1)) {
    if constexpr (!floats) {
      rank_range const ends = column.wanted;
      P const low = detail::absolute(wide_part<P, Part, X>::operator[](ends.first)),
              high = detail::absolute(wide_part<P, Part, X>::operator[](ends.last - 1));
      scale = detail::upper(low, high) > 0x1p900 ? detail::all<P>(0x1p-64) : scale;
    }
  }
  EIGEN_ALWAYS_INLINE P scaled(P value) const {
    if constexpr (floats) {
      return value;
    } else {
      return scale * value;
    }
  }
  EIGEN_ALWAYS_INLINE P unscaled(P value) const {
    if constexpr (floats) {
      return value;
    } else {
      return value / scale;
    }
  }
  EIGEN_ALWAYS_INLINE P operator[](Index r) const { return scaled(wide_part<P, Part, X>::operator[](r)); }
  // Lane l of rank r.
  double lane(Index r, Index l) const {
    return detail::get(scale, l) * static_cast<double>(this->x.lane(r, Part * lanes_of<P> + l));
  }
};
// Every row once.
template <class P>
struct even_weights {
  static constexpr bool even = true;
  Index rows;
  P total = detail::all<P>(static_cast<double>(rows));
  EIGEN_ALWAYS_INLINE P operator[](Index) const { return detail::all<P>(1); }
  EIGEN_ALWAYS_INLINE P slack(P) const { return P{}; }
  P lightest() const { return detail::all<P>(1); }
  // The mark p of the total, on a whole number where p is rounded.
  P mark(double p) const { return detail::snapped(P(p * total), P(4 * std::numeric_limits<double>::epsilon() * total)); }
  double lane(Index, Index) const { return 1; }
};
// Sorted weights; no sum of them is off by more than slack().
template <class P, Index Part, class W>
struct uneven_weights : wide_part_weights<P, Part, W> {
  static constexpr bool even = false;
  using base = wide_part_weights<P, Part, W>;
  using base::base;
  P lightest() const { return detail::all<P>(this->table.lightest()); }
  double lane(Index r, Index l) const { return this->w.lane(r, Part * lanes_of<P> + l); }
};

// What f(column, weights) gives for a packet of sorted columns, and their weights if there are any.
template <class X, class F, class... W>
EIGEN_ALWAYS_INLINE auto in_doubles(X const& x, F const& f, W const&... w) {
  using V = packet_of<X>;
  using D = doubles<V>;
  auto const part = [&]<class P, Index Part>(std::type_identity<P>, std::integral_constant<Index, Part>) {
    scaled_part<P, Part, X> const column(x);
    if constexpr (sizeof...(W) == 0) {
      return f(column, even_weights<P>{x.size()});
    } else {
      return f(column, uneven_weights<P, Part, W...>(w...));
    }
  };
  if constexpr (std::same_as<D, halves<V>>) {
    using P = packet<double>;
    std::type_identity<P> constexpr type;
    return detail::narrow<V>(D{part(type, std::integral_constant<Index, 0>{}), part(type, std::integral_constant<Index, 1>{})});
  } else {
    return detail::narrow<V>(part(std::type_identity<D>{}, std::integral_constant<Index, 0>{}));
  }
}

}  // namespace robagg::inline ROBAGG_ABI::detail
