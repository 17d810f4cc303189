// SPDX-License-Identifier: BSL-1.0
// Squared distances between all pairs of points over one block of columns, w columns of n + 1 points -> (n + 1) n / 2 sums.
// From differences: |x|^2 + |y|^2 - 2 x.y loses every digit of reports that are close together and far from the origin.
//
// Points are taken in groups of g. The pairs of two groups are g^2 sums in registers, for which 2 g packets are read.
//
//            1 2 3 | 4 5 6
//        4   . . .              a tile: 9 sums, 6 packets a step
//        5   . . .
//        6   . . . | triangle
#pragma once

#include "../columns/engine.hpp"

namespace robagg::inline ROBAGG_ABI::detail {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

// The pairs (i, k) with k < i, one after the other.
constexpr Index pair_index(Index i, Index k) { return i * (i - 1) / 2 + k; }
constexpr Index pair_count(Index points) { return points * (points - 1) / 2; }

// As many points as leave the sums of all their pairs with another group in registers.
#if defined(__AVX512F__) || defined(__aarch64__)
inline constexpr Index group_size = 5;
#else
inline constexpr Index group_size = 3;
#endif
// At most this many additions meet in a lane of floats: rounding is biased where a difference is constant (32 err by
// 5e-7, 128 by 2e-6). Doubles need no limit.
template <class T>
inline constexpr Index chunk_columns = std::min(block_columns, std::same_as<T, float> ? 32 * lanes<T> : block_columns);

// What a kernel works on: columns [0, width) of the points, whole packets; the sums of pairs are added to `sums`. They are
// `columns` columns of the table, from `column` on, and zeros.
template <class T>
struct distance_job {
  T const* const* points;
  Index width;
  double* sums;
  Index column = 0, columns = 0;
};

// The pairs of points row .. row + R - 1 with points column .. column + C - 1, or, where C is 0, with one another.
template <class T, Index R, Index C>
EIGEN_DONT_INLINE void add_distances(distance_job<T> const& job, Index row, Index column) {
  using V = packet<T>;
  constexpr Index pairs = C > 0 ? R * C : pair_count(R);
  T const* a[std::size_t{R}];
  T const* b[std::size_t{C > 0 ? C : 1}];
  for (Index r = 0; r < R; ++r) a[r] = job.points[row + r];
  for (Index c = 0; c < C; ++c) b[c] = job.points[column + c];
  for (Index from = 0; from < job.width; from += chunk_columns<T>) {
    Index const to = std::min(job.width, from + chunk_columns<T>);
    V sum[std::size_t{pairs}];
    ROBAGG_UNROLL for (Index p = 0; p < pairs; ++p) sum[p] = V{};
    for (Index j = from; j < to; j += lanes<T>) {
      V x[std::size_t{R}];
      ROBAGG_UNROLL for (Index r = 0; r < R; ++r) x[r] = detail::load<V>(a[r] + j);
      if constexpr (C > 0) {
        ROBAGG_UNROLL for (Index c = 0; c < C; ++c) {
          V const y = detail::load<V>(b[c] + j);
          ROBAGG_UNROLL for (Index r = 0; r < R; ++r) {
            V const gap = x[r] - y;
            sum[r * C + c] = detail::fused(gap, gap, sum[r * C + c]);
          }
        }
      } else {
        ROBAGG_UNROLL for (Index r = 1; r < R; ++r) {
          ROBAGG_UNROLL for (Index c = 0; c < r; ++c) {
            V const gap = x[r] - x[c];
            sum[pair_index(r, c)] = detail::fused(gap, gap, sum[pair_index(r, c)]);
          }
        }
      }
    }
    ROBAGG_UNROLL for (Index r = 0; r < R; ++r) {
      double* const out = job.sums + pair_index(row + r, C > 0 ? column : row);
      ROBAGG_UNROLL for (Index c = 0; c < (C > 0 ? C : r); ++c) {
        out[c] += detail::sum_of_lanes(sum[C > 0 ? r * C + c : pair_index(r, c)]);
      }
    }
  }
}

template <class T>
using distance_kernel = void (*)(distance_job<T> const&, Index row, Index column);
// Whole groups against groups of r = 1 .. group_size points, and the pairs within a group.
template <class T, Index... R>
constexpr auto across(std::integer_sequence<Index, R...>) {
  return std::array<distance_kernel<T>, group_size>{&add_distances<T, R + 1, group_size>...};
}
template <class T, Index... R>
constexpr auto within_groups(std::integer_sequence<Index, R...>) {
  return std::array<distance_kernel<T>, group_size>{(R > 0 ? &add_distances<T, std::max<Index>(R, 1) + 1, 0> : nullptr)...};
}

// All pairs of `count` points; `ahead` fetches the next block meanwhile.
template <class T>
EIGEN_DONT_INLINE void block_distances(distance_job<T> const& job, Index count, prefetcher<T>& ahead) {
  static constexpr auto between = detail::across<T>(std::make_integer_sequence<Index, group_size>{});
  static constexpr auto inside = detail::within_groups<T>(std::make_integer_sequence<Index, group_size>{});
  Index const groups = (count + group_size - 1) / group_size, calls = groups * (groups + 1) / 2;
  Index const steps = (count * job.width / lanes<T> + calls - 1) / calls;
  std::fill_n(job.sums, pair_count(count), 0.);
  for (Index i = 0; i < count; i += group_size) {
    auto const rows = static_cast<std::size_t>(std::min(group_size, count - i) - 1);
    for (Index k = 0; k < i; k += group_size) {
      between[rows](job, i, k);
      ahead.step(steps);
    }
    if (rows > 0) inside[rows](job, i, i);
    ahead.step(steps);
  }
}

// The squared distances of n points to a centre: the additions that block_distances makes for the same pairs.
template <class T, Index R>
EIGEN_ALWAYS_INLINE void add_norms(T const* const* points, T const* centre, Index width, double* sums) {
  using V = packet<T>;
  for (Index from = 0; from < width; from += chunk_columns<T>) {
    Index const to = std::min(width, from + chunk_columns<T>);
    V sum[std::size_t{R}];
    ROBAGG_UNROLL for (Index r = 0; r < R; ++r) sum[r] = V{};
    for (Index j = from; j < to; j += lanes<T>) {
      V const y = detail::load<V>(centre + j);
      ROBAGG_UNROLL for (Index r = 0; r < R; ++r) {
        V const gap = detail::load<V>(points[r] + j) - y;
        sum[r] = detail::fused(gap, gap, sum[r]);
      }
    }
    ROBAGG_UNROLL for (Index r = 0; r < R; ++r) sums[r] += detail::sum_of_lanes(sum[r]);
  }
}
inline constexpr Index norm_rows = 8, norm_blocks = 16;

// Does a row hold NaN or infinity?
template <class T>
bool finite(T const* x, Index width) {
  using V = packet<T>;
  V sum{};
  for (Index j = 0; j < width; j += lanes<T>) sum = sum + T(0) * detail::load<V>(x + j);
  return !detail::any(sum != sum);
}

// sum (a - c)(b - c) in double, exactly squared distances where a is b.
template <class T>
double product_in_double(T const* a, T const* b, T const* c, Index width) {
  using V = packet<T>;
  doubles<V> sum = detail::all_doubles<V>(0);
  for (Index j = 0; j < width; j += lanes<T>) {
    doubles<V> const z = detail::widen(detail::load<V>(c + j));
    sum = sum + (detail::widen(detail::load<V>(a + j)) - z) * (detail::widen(detail::load<V>(b + j)) - z);
  }
  return detail::sum_of_doubles<V>(sum);
}

template <class T>
  requires compiled_elsewhere<T>
double product_in_double(T const* a, T const* b, T const* c, Index width) {
  return dispatch::of<T>().product(a, b, c, width);
}

// A sum of squares of floats whose size shows that digits may be lost, formed again in double; infinite where a point is not
// finite.
template <class T>
double mended_square(double sum, T const* a, T const* b, Index width) {
  if (std::same_as<T, double> || (sum >= 1e-30 && sum < infinity)) return sum;
  if (!detail::finite(a, width) || !detail::finite(b, width)) return infinity;
  return detail::product_in_double(a, a, b, width);
}

// Those of a block of columns of n points.
template <class T>
EIGEN_DONT_INLINE void block_norms(T const* const* points, Index n, T const* centre, Index width, double* sums) {
  std::fill_n(sums, n, 0.);
  Index i = 0;
  for (; i + norm_rows <= n; i += norm_rows) detail::add_norms<T, norm_rows>(points + i, centre, width, sums + i);
  for (; i < n; ++i) detail::add_norms<T, 1>(points + i, centre, width, sums + i);
  for (i = 0; i < n; ++i) sums[i] = detail::mended_square(sums[i], points[i], centre, width);
}

// Those of n rows of one number each, which lie side by side; not finite where a number is not.
template <class T>
void column_norms(T const* column, Index n, T centre, double* sums) {
  for (Index i = 0; i < n; ++i) {
    T const gap = column[i] - centre;
    double const square = static_cast<double>(gap * gap), wide = static_cast<double>(column[i]) - static_cast<double>(centre);
    sums[i] = std::same_as<T, double> || (square >= 1e-30 && square < infinity) ? square : wide * wide;
  }
}

template <class T>
  requires compiled_elsewhere<T>
void block_norms(T const* const* points, Index n, T const* centre, Index width, double* sums) {
  dispatch::of<T>().norms(points, n, centre, width, sums);
}

// Squares of floats leave their range above 1e19 and lose digits below 1e-15. Sums that show it are formed again from a
// copy of the block that is scaled by a power of two, and those of points of very different size in double. Rows that
// are not finite have no distances.
EIGEN_DONT_INLINE inline void repair_distances(distance_job<float> const& job, Index count, workspace& ws) {
  using V = packet<float>;
  constexpr double least = 1e-30;
  auto const good = [](double s) { return s >= least && s < infinity; };
  auto const scope = ws.scope();
  Index const width = job.width;
  unsigned char* const is_finite = ws.take<unsigned char>(count);
  V most{};
  for (Index i = 0; i < count; ++i) {
    is_finite[i] = detail::finite(job.points[i], width);
    for (Index j = 0; j < width && is_finite[i]; j += lanes<float>) {
      most = detail::upper(most, detail::absolute(detail::load<V>(job.points[i] + j)));
    }
  }
  float largest = 0;
  for (Index l = 0; l < lanes<float>; ++l) largest = std::max(largest, detail::get(most, l));
  Index bad = 0;
  for (Index i = 1; i < count; ++i) {
    for (Index k = 0; k < i; ++k) {
      double& s = job.sums[pair_index(i, k)];
      if (!is_finite[i] || !is_finite[k])
        s = infinity;
      else
        bad += !good(s);
    }
  }
  if (bad == 0 || largest == 0) return;

  int const exponent = std::ilogb(largest);
  double const* scaled = nullptr;
  if (bad > count && exponent != 0) {
    // 2^-exponent as two factors: alone it may be out of range.
    float const factor = std::ldexp(1.f, -exponent / 2), other = std::ldexp(1.f, -exponent - -exponent / 2);
    float const** const points = ws.take<float const*>(count);
    for (Index i = 0; i < count; ++i) {
      float* const copy = ws.take<float>(width);
      for (Index j = 0; j < width; ++j) copy[j] = factor * job.points[i][j] * other;
      points[i] = copy;
    }
    prefetcher<float> nothing;
    distance_job<float> const again{points, width, ws.take<double>(pair_count(count))};
    detail::block_distances(again, count, nothing);
    scaled = again.sums;
  }
  for (Index i = 1; i < count; ++i) {
    for (Index k = 0; k < i; ++k) {
      Index const p = pair_index(i, k);
      if (!is_finite[i] || !is_finite[k] || good(job.sums[p])) continue;
      job.sums[p] = scaled != nullptr && good(scaled[p])
                        ? std::ldexp(scaled[p], 2 * exponent)
                        : detail::product_in_double(job.points[i], job.points[i], job.points[k], width);
    }
  }
}

// The squared distances of all pairs of `count` points.
template <class T>
void pair_distances(distance_job<T> const& job, Index count, prefetcher<T>& ahead, workspace& ws) {
  detail::block_distances(job, count, ahead);
  if constexpr (std::same_as<T, float>) {
    Index bad = 0;
    for (Index s = 0; s < pair_count(count); ++s) bad += !(job.sums[s] >= 1e-30 && job.sums[s] < infinity);
    if (bad > 0) detail::repair_distances(job, count, ws);
  }
}
template <class T>
  requires compiled_elsewhere<T>
void pair_distances(distance_job<T> const& job, Index count, prefetcher<T>& ahead, workspace& ws) {
  dispatch::of<T>().distances(job.points, count, job.width, job.sums, ahead.shared(), ws.shared());
}

}  // namespace robagg::inline ROBAGG_ABI::detail
