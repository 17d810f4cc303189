// SPDX-License-Identifier: BSL-1.0
// Rows W x of a block of columns in cache: n rows of w columns and m x n coefficients -> m rows of w columns, a packet of
// columns at a time. A plan of W is made once a call. Where the coefficients of each row of W are alike, as those of
// neighbours' means, sums of subsets of rows are formed once and shared by the rows of W.
#pragma once

#include "../columns/engine.hpp"

namespace robagg::inline ROBAGG_ABI::detail {

template <class T>
class mixing_plan {
 public:
  // W is m x points. Coefficients of 0 are never multiplied: 0 x infinity is NaN.
  mixing_plan(workspace::table_map<double> const& W, workspace& ws) : own_{.rows = W.rows(), .points = W.cols()} {
    Index const m = rows();
    Index count = 0;
    bool alike = true;  // within each row, all that are not 0
    auto* const factors = ws.take<double>(m);
    auto* const starts = ws.take<Index>(m + 1);
    for (Index i = 0; i < m; ++i) {
      starts[i] = count;
      factors[i] = 0;
      for (Index k = 0; k < points(); ++k) {
        double const w = W(i, k);
        if (w == 0) continue;
        alike = alike && (factors[i] == 0 || w == factors[i]);
        factors[i] = w;
        ++count;
      }
    }
    starts[m] = count;
    own_.factors = factors;
    own_.starts = starts;
    own_.by_subsets = alike && count > least_for_subsets * points();
    auto* const terms = ws.take<Index>(own_.by_subsets ? m * groups() : count);
    own_.terms = terms;
    if (own_.by_subsets) {
      // A power of two, so that no sum of finite values overflows.
      own_.shrink = static_cast<T>(1 / static_cast<double>(std::bit_ceil(static_cast<std::size_t>(points()))));
      auto* const divisors = ws.take<T>(m);
      for (Index i = 0; i < m; ++i) {
        for (Index g = 0; g < groups(); ++g) {
          Index subset = 0;
          for (Index k = 3 * g; k < std::min(points(), 3 * g + 3); ++k) subset += W(i, k) != 0 ? Index{1} << (k - 3 * g) : 0;
          terms[i * groups() + g] = 8 * g + subset;
        }
        divisors[i] = static_cast<T>(static_cast<double>(own_.shrink) / factors[i]);
      }
      own_.divisors = divisors;
    } else {
      auto* const weights = ws.take<double>(count);
      for (Index i = 0, t = 0; i < m; ++i) {
        for (Index k = 0; k < points(); ++k) {
          if (W(i, k) != 0) {
            terms[t] = k;
            weights[t++] = W(i, k);
          }
        }
      }
      own_.weights = weights;
    }
  }

  // A diagonal W: row i of the result is factors(i) times row i and, where the points end with an origin, what is missing to 1
  // times that.
  template <class Factors>
  mixing_plan(Factors const& factors, bool with_origin, workspace& ws)
      : own_{.rows = factors.size(), .points = factors.size() + with_origin, .diagonal = true} {
    auto* const of_rows = ws.take<double>(rows());
    for (Index i = 0; i < rows(); ++i) of_rows[i] = factors(i);
    own_.factors = of_rows;
    if (!with_origin) return;
    auto* const rests = ws.take<double>(rows());
    for (Index i = 0; i < rows(); ++i) rests[i] = std::abs(1 - of_rows[i]) > 1e-12 ? 1 - of_rows[i] : 0;
    own_.rests = rests;
  }
  explicit mixing_plan(dispatch::mixing<T> const& made) : own_(made) {}

  // How many bytes of a workspace it takes, at most: for itself, and where it is called.
  static std::size_t scratch(Index rows, Index points) {
    return 2 * workspace::room<double>(rows + 1) + workspace::room<T>(rows) + 2 * workspace::room<double>(rows * points);
  }
  static std::size_t call_scratch(Index points) {
    return std::max(workspace::room<T>(8 * ((points + 2) / 3) * unit<T>), workspace::room<double>(points * unit<T>));
  }

  Index rows() const { return own_.rows; }
  Index points() const { return own_.points; }
  // Is row i of the result row i of the table times factors()[i]?
  bool scales_rows() const { return own_.diagonal && own_.rests == nullptr; }
  double const* factors() const { return own_.factors; }
  // Is hardly a row of the table in more than one row of the result, as where buckets are averaged?
  bool has_few_terms() const { return !own_.diagonal && !own_.by_subsets && own_.starts[rows()] <= 2 * own_.points; }
  // What row i of the result is the sum of: so many points and their weights.
  Index terms(Index i) const { return own_.starts[i + 1] - own_.starts[i]; }
  Index point(Index i, Index t) const { return own_.terms[own_.starts[i] + t]; }
  double const* weights(Index i) const { return own_.weights + own_.starts[i]; }

  // Columns [0, width) of the m rows, whole packets; row i of the result at to + i * stride.
  EIGEN_DONT_INLINE void operator()(T const* const* points, Index width, T* to, Index stride, workspace& ws) const {
    if constexpr (compiled_elsewhere<T>) {
      dispatch::of<T>().mix(own_, points, width, to, stride, ws.shared());
    } else {
      mix(points, width, to, stride, ws);
    }
  }

 private:
  using V = packet<T>;
  void mix(T const* const* points, Index width, T* to, Index stride, workspace& ws) const {
    auto const scope = ws.scope();
    if (own_.diagonal) {
      for (Index i = 0; i < rows(); ++i) scale_row(i, points, width, to + i * stride);
    } else if (own_.by_subsets) {
      T* const sums = ws.take<T>(8 * groups() * lanes<T>);
      for (Index c = 0; c < width; c += lanes<T>) add_subsets(points, c, sums, to + c, stride);
    } else {
      double* const wide = ws.take<double>(own_.points * lanes<T>);
      for (Index c = 0; c < width; c += lanes<T>) add_terms(points, c, wide, to + c, stride);
    }
  }

  // Coefficients of 0 are not multiplied here either.
  void scale_row(Index i, T const* const* points, Index width, T* to) const {
    using D = doubles<V>;
    double const factor = own_.factors[i], rest = own_.rests != nullptr ? own_.rests[i] : 0;
    D const none = detail::all_doubles<V>(0);
    for (Index c = 0; c < width; c += lanes<T>) {
      D sum = factor == 0 ? none : factor * detail::widen(detail::load<V>(points[i] + c));
      if (rest != 0) sum = sum + rest * detail::widen(detail::load<V>(points[rows()] + c));
      detail::store<V>(to + c, V(detail::narrow<V>(sum) + T(0)));
    }
  }
  // Sums of subsets of three rows are formed once for all rows of the result. Sums of all rows less some would be fewer
  // additions, and wrong: what is subtracted may be 1e30.
  void add_subsets(T const* const* points, Index c, T* EIGEN_RESTRICT sums, T* to, Index stride) const {
    auto const row = [&](Index k) { return k < own_.points ? V(own_.shrink * detail::load<V>(points[k] + c)) : V{}; };
    for (Index g = 0; g < groups(); ++g) {
      V const a = row(3 * g), b = row(3 * g + 1), d = row(3 * g + 2), both = a + b;
      T* const to_sums = sums + 8 * g * lanes<T>;
      ROBAGG_UNROLL for (Index subset = 0; subset < 8; ++subset) {
        V const first = subset % 4 == 0 ? V{} : subset % 4 == 1 ? a : subset % 4 == 2 ? b : both;
        detail::store<V>(to_sums + subset * lanes<T>, subset < 4 ? first : subset == 4 ? d : V(first + d));
      }
    }
    for (Index i = 0; i < rows(); ++i) {
      Index const* const term = own_.terms + i * groups();
      V sum = detail::load<V>(sums + term[0] * lanes<T>);
      for (Index g = 1; g < groups(); ++g) sum = sum + detail::load<V>(sums + term[g] * lanes<T>);
      detail::store<V>(to + i * stride, V(sum / own_.divisors[i] + T(0)));
    }
  }
  void add_terms(T const* const* points, Index c, double* EIGEN_RESTRICT wide, T* to, Index stride) const {
    using D = doubles<V>;
    for (Index k = 0; k < own_.points; ++k) {
      D const x = detail::widen(detail::load<V>(points[k] + c));
      std::memcpy(wide + k * lanes<T>, &x, sizeof x);
    }
    for (Index i = 0; i < rows(); ++i) {
      D sum = detail::all_doubles<V>(0);
      for (Index t = own_.starts[i]; t < own_.starts[i + 1]; ++t) {
        D x;
        std::memcpy(&x, wide + own_.terms[t] * lanes<T>, sizeof x);
        sum = detail::fused(detail::all_doubles<V>(own_.weights[t]), x, sum);
      }
      detail::store<V>(to + i * stride, V(detail::narrow<V>(sum) + T(0)));
    }
  }
  Index groups() const { return (own_.points + 2) / 3; }

  static constexpr Index least_for_subsets = 6;  // terms per point, from which on subsets are fewer operations
  dispatch::mixing<T> own_;
};

// Results larger than this leave the caches anyway, and go past them.
inline constexpr Index streamed_bytes = Index{16} * 1024 * 1024;

// d values times a factor: along the row, as wide as it is.
template <class T>
EIGEN_ALWAYS_INLINE T scaled_value(T x, double factor) {
  return (factor == 0 ? T(0) : static_cast<T>(factor * static_cast<double>(x))) + T(0);
}
template <class T>
EIGEN_DONT_INLINE void scale_values(T const* from, double factor, T* to, Index d, bool streamed) {
  using V = packet<T>;
  auto const one = [&](Index j) { to[j] = detail::scaled_value(from[j], factor); };
  auto const scaled = [&](Index j) {
    return V((factor == 0 ? V{} : detail::narrow<V>(factor * detail::widen(detail::load<V>(from + j)))) + T(0));
  };
  Index j = 0;
  if (streamed) {
    while (j < d && reinterpret_cast<std::uintptr_t>(to + j) % sizeof(V) != 0) one(j++);
    for (; j + lanes<T> <= d; j += lanes<T>) detail::stream<V>(to + j, scaled(j));
  }
  for (; j + lanes<T> <= d; j += lanes<T>) detail::store<V>(to + j, scaled(j));
  for (; j < d; ++j) one(j);
}

template <class T>
  requires compiled_elsewhere<T>
void scale_values(T const* from, double factor, T* to, Index d, bool streamed) {
  dispatch::of<T>().scale(from, factor, to, d, streamed);
}

}  // namespace robagg::inline ROBAGG_ABI::detail
