// SPDX-License-Identifier: BSL-1.0
// Rows of attention, pooled along their keys: the mass of a row, and the kernel that reads a table once and returns the
// largest pooled attention and the total attention of every key.
#pragma once

#include "../../detail/columns/engine.hpp"
#include "../../detail/geometry/combine.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace robagg::inline ROBAGG_ABI::detail {

// Calls with_packet(c) for whole packets of [0, n), with_value(c) for the rest.
template <class T>
EIGEN_ALWAYS_INLINE void for_each_packet(Index n, auto&& with_packet, auto&& with_value) {
  Index c = 0;
  for (; c + lanes<T> <= n; c += lanes<T>) with_packet(c);
  for (; c < n; ++c) with_value(c);
}

// NaN and infinities are absent: no attention.
template <class V>
EIGEN_ALWAYS_INLINE V present(V x) {
  constexpr auto infinite = std::numeric_limits<lane_of<V>>::infinity();
  V const low = x < infinite ? x : V{};
  return low > -infinite ? low : V{};
}

// The larger of a maximum and a value, where an absent value changes nothing.
template <class V>
EIGEN_ALWAYS_INLINE V raised(V y, V x) {
  constexpr auto infinite = std::numeric_limits<lane_of<V>>::infinity();
  return detail::upper(y, V(x < infinite ? x : detail::all<V>(-infinite)));
}
template <class T>
void raise(T const* x, Index n, T* highest) {
  using V = packet<T>;
  detail::for_each_packet<T>(
      n, [&](Index c) { detail::store<V>(highest + c, raised(detail::load<V>(highest + c), detail::load<V>(x + c))); },
      [&](Index c) { highest[c] = raised(highest[c], x[c]); });
}
// By all rows of a table, columns [first, last): few rows at a time, whole. Attention often has a power of two of keys,
// and then a column of all rows has room in no cache.
template <class R, class T>
EIGEN_DONT_INLINE void raise_all(R const& x, Index first, Index last, T* highest) {
  using V = packet<T>;
  constexpr Index together = 4, ahead = 1024 / static_cast<Index>(sizeof(T));
  Index i = 0;
  for (; i + together <= x.rows(); i += together) {
    T const* rows[together];
    for (Index k = 0; k < together; ++k) rows[k] = detail::row_address<T>(x, i + k);
    auto const at = [&]<class X>(Index c, X) {
      X y = detail::load<X>(highest + c);
      ROBAGG_UNROLL for (Index k = 0; k < together; ++k) {
        detail::prefetch(rows[k] + c, ahead * static_cast<Index>(sizeof(T)), 1);
        y = raised(y, detail::load<X>(rows[k] + c));
      }
      detail::store<X>(highest + c, y);
    };
    detail::for_each_packet<T>(last - first, [&](Index c) { at(first + c, V{}); }, [&](Index c) { at(first + c, T{}); });
  }
  for (; i < x.rows(); ++i) detail::raise(detail::row_address<T>(x, i) + first, last - first, highest + first);
}

// The sum, absent values aside.
template <bool AllPresent = false, class T>
double mass_of(T const* x, Index n) {
  using V = packet<T>;
  auto const at = [x]<class X>(Index i, X) {
    X const v = detail::load<X>(x + i);
    return AllPresent ? v : present(v);
  };
  double sum = 0;
  constexpr Index block = 16 * 4 * lanes<T>;  // few enough that float sums lose nothing that counts
  for (Index from = 0; from < n; from += block) {
    Index const end = std::min(n, from + block);
    V part[4] = {};
    Index c = from;
    for (; c + 4 * lanes<T> <= end; c += 4 * lanes<T>) {
      ROBAGG_UNROLL for (Index p = 0; p < 4; ++p) part[p] = part[p] + at(c + p * lanes<T>, V{});
    }
    sum += detail::sum_of_lanes<V>((part[0] + part[1]) + (part[2] + part[3]));
    for (; c < end; ++c) sum += static_cast<double>(at(c, T{}));
  }
  return sum;
}

// Average pooling with an odd kernel, zeros beyond the ends and the kernel as divisor.
struct key_pooling {
  Index kernel;
  bool keep_mass;

  Index reach() const { return kernel / 2; }
  // How many keys average key j.
  Index windows(Index j, Index d) const { return std::min(d - 1, j + reach()) - std::max<Index>(0, j - reach()) + 1; }
  // What a row is multiplied by before the sums of `kernel` neighbours, given its mass. With keep_mass its sum stays: only
  // the keys near the ends lose some.
  double factor(double mass, Index d, auto const& key) const {
    double const share = 1 / static_cast<double>(kernel);
    if (!keep_mass) return share;
    double pooled = mass;
    for (Index j = 0; j < d; ++j) {
      if (j == reach() && d - reach() > j) j = d - reach();
      if (j == d) break;
      pooled -= static_cast<double>(present(key(j))) * share * static_cast<double>(kernel - windows(j, d));
    }
    double const factor = mass / pooled * share;
    return std::isfinite(factor) ? factor : 0;  // an empty row stays empty
  }
  // Of row i, and whether nothing in it is absent.
  struct row_factor {
    double factor;
    bool all_present;
  };
  template <class R, class T>
  row_factor factor_of(R const& x, Index i, T* room) const {
    Index const d = x.cols();
    double mass = 0;
    bool all_present = false;
    if constexpr (has_addresses<R, T>) {
      T const* const row = detail::row_address<T>(x, i);
      mass = detail::mass_of<true>(row, d);
      all_present = std::isfinite(mass);
      if (!all_present) mass = detail::mass_of(row, d);
    } else if (keep_mass) {
      for (Index j = 0; j < d; j += block_columns) {
        Index const w = std::min(block_columns, d - j);
        mass += detail::mass_of(detail::row_piece(x, i, j, j + w, room), w);
      }
    }
    return {factor(mass, d, [&](Index j) { return *detail::row_piece(x, i, j, j + 1, room); }), all_present};
  }

  // Columns [j, j + w) of row i with their neighbours, from -reach() on: zeros where the table ends or a value is absent.
  template <class R, class T>
  void pad(R const& x, Index i, Index j, Index w, T* room, T* padded) const {
    auto const [from, to] = neighbours(j, w, x.cols());
    pad(detail::row_piece(x, i, from, to, room), from, to, j, w, padded);
  }
  // The same from those of its columns [from, to) that there are.
  template <class T>
  void pad(T const* row, Index from, Index to, Index j, Index w, T* padded) const {
    using V = packet<T>;
    T* const begin = std::fill_n(padded, from - (j - reach()), T(0));
    detail::for_each_packet<T>(
        to - from, [&](Index c) { detail::store<V>(begin + c, present(detail::load<V>(row + c))); },
        [&](Index c) { begin[c] = present(row[c]); });
    std::fill(begin + (to - from), padded + w + 2 * reach(), T(0));
  }
  struct range {
    Index from, to;
  };
  range neighbours(Index j, Index w, Index d) const { return {std::max<Index>(0, j - reach()), std::min(d, j + w + reach())}; }
  Index room(Index w) const { return w + 2 * reach() + 16; }

  // visit(c, k, sum, center) for columns c of `rows` padded rows: k's sum of `kernel` neighbours, and the middle one.
  template <class T>
  void sums(T const* const* padded, Index rows, Index w, auto&& visit) const {
    auto const run = [&](auto size) {
      auto const at = [&]<class X>(Index c, X) {
        visit(
            c, rows,
            [&](Index k) {
              T const* const x = padded[k] + c;
              X sum = detail::load<X>(x);
              for (Index l = 1; l < size; ++l) sum = sum + detail::load<X>(x + l);
              return sum;
            },
            [&](Index k) { return detail::load<X>(padded[k] + c + reach()); }, X{});
      };
      detail::for_each_packet<T>(w, [&](Index c) { at(c, packet<T>{}); }, [&](Index c) { at(c, T{}); });
    };
    if (kernel == 5) {
      run(std::integral_constant<Index, 5>{});  // the usual one
    } else {
      run(kernel);
    }
  }
};

// A table's rows, pooled when they are read.
template <class R>
struct pooled_table {
  using Scalar = wide_of<R>;
  static constexpr int ColsAtCompileTime = R::ColsAtCompileTime;
  R const& base;
  key_pooling pool;
  double const* factors;  // one per row

  Index rows() const { return base.rows(); }
  Index cols() const { return base.cols(); }

  std::size_t scratch(Index w) const {
    bool const computed = requires(workspace& ws) { base.load(Index{}, std::declval<tile<Scalar> const&>(), ws); };
    std::size_t const copy = computed ? workspace::room<Scalar>(rows() * tile<Scalar>::padded(pool.room(w))) : 0;
    return 2 * workspace::room<Scalar>(pool.room(w)) + copy + detail::load_scratch(base, pool.room(w));
  }
  void load(Index j, tile<Scalar> const& t, workspace& ws) const {
    using T = Scalar;
    auto const scope = ws.scope();
    constexpr bool computed = requires { base.load(j, t, ws); };
    T* const room = ws.take<T>(pool.room(t.width));
    T* const padded = ws.take<T>(pool.room(t.width));
    auto const [from, to_end] = pool.neighbours(j, t.width, cols());
    tile<T> const all(ws, computed ? t.rows : 0, to_end - from);
    if constexpr (computed) base.load(from, all, ws);
    for (Index i = 0; i < t.rows; ++i) {
      if constexpr (computed) {
        pool.pad(all.row(i), from, to_end, j, t.width, padded);
      } else {
        pool.pad(base, i, j, t.width, room, padded);
      }
      T* const to = t.row(i);
      T const factor = static_cast<T>(factors[i]);
      pool.sums<T>(&padded, 1, t.width, [=](Index c, Index, auto sum, auto, auto x) {
        using X = decltype(x);
        detail::store<X>(to + c, X(sum(0) * factor));
      });
    }
  }
};
template <class R>
inline constexpr int traits_of<pooled_table<R>> = lacks_rows;

template <class R>
double const* pooling_factors(key_pooling const& pool, R const& x, workspace& ws) {
  using T = wide_of<R>;
  Index const n = x.rows(), d = x.cols();
  double* const factors = ws.take<double>(n);
  auto const scope = ws.scope();
  if constexpr (requires(tile<T> const& t) { x.load(Index{}, t, ws); }) {  // computed where it is read
    double* const masses = ws.take<double>(n);
    if constexpr (requires { x.mass(Index{}); }) {
      for (Index i = 0; i < n; ++i) masses[i] = x.mass(i);
    } else {
      std::fill_n(masses, n, 0.);
      detail::for_each_tile(x, ws, [&](tile<T> const& t, Index) {
        for (Index i = 0; i < n; ++i) masses[i] += detail::mass_of(t.row(i), t.width);
      });
    }
    Index const ends = std::min(pool.reach(), d);
    tile<T> const first(ws, n, ends), last(ws, n, ends);
    if (ends > 0) {
      x.load(0, first, ws);
      x.load(d - ends, last, ws);
    }
    for (Index i = 0; i < n; ++i) {
      factors[i] = pool.factor(masses[i], d, [&](Index j) { return j < ends ? first.row(i)[j] : last.row(i)[j - (d - ends)]; });
    }
  } else {
    T* const room = ws.take<T>(block_columns);
    for (Index i = 0; i < n; ++i) factors[i] = pool.factor_of(x, i, room).factor;
  }
  return factors;
}

// For every key the largest pooled attention (0 and above) and the total as it was, from one read of the table: some
// rows at a time, so that what their masses have brought into the cache is pooled there.
template <class R, class T>
EIGEN_DONT_INLINE void pooled_maxima(key_pooling const& pool, R const& x, T* highest, T* total, workspace& ws) {
  constexpr Index piece = 1024, most = 4;
  Index const n = x.rows(), d = x.cols(), stride = pool.room(piece);
  auto const scope = ws.scope();
  T* const room = ws.take<T>(stride);
  T* const buffers = ws.take<T>(most * stride);
  T factors[most];
  bool all_present[most];
  T const* padded[most];
  std::fill_n(highest, d, T(0)), std::fill_n(total, d, T(0));
  for (Index first = 0; first < n; first += most) {
    Index const rows = std::min(most, n - first);
    for (Index i = 0; i < rows; ++i) {
      auto const row = pool.factor_of(x, first + i, room);
      factors[i] = static_cast<T>(row.factor);
      all_present[i] = row.all_present;
    }
    for (Index j = 0; j < d; j += piece) {
      Index const w = std::min(piece, d - j);
      bool const inside = j >= pool.reach() && j + w + pool.reach() <= d;
      for (Index i = 0; i < rows; ++i) {
        padded[i] = nullptr;
        if constexpr (has_addresses<R, T>) {
          if (inside && all_present[i]) padded[i] = detail::row_address<T>(x, first + i) + j - pool.reach();
        }
        if (padded[i] == nullptr) {
          pool.pad(x, first + i, j, w, room, buffers + i * stride);
          padded[i] = buffers + i * stride;
        }
      }
      T* const top = highest + j;
      T* const sum = total + j;
      pool.sums<T>(padded, rows, w, [&factors, top, sum](Index c, Index count, auto pooled, auto raw, auto zero) {
        using X = decltype(zero);
        X most_of = detail::load<X>(top + c), all_of = detail::load<X>(sum + c);
        for (Index k = 0; k < count; ++k) most_of = detail::upper(most_of, X(pooled(k) * factors[k])), all_of = all_of + raw(k);
        detail::store<X>(top + c, most_of), detail::store<X>(sum + c, all_of);
      });
    }
  }
}

}  // namespace robagg::inline ROBAGG_ABI::detail
