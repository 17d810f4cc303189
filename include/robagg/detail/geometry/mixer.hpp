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
  mixing_plan(workspace::table_map<double> const& W, workspace& ws) : rows_(W.rows()), points_(W.cols()) {
    Index terms = 0;
    bool alike = true;  // within each row, all that are not 0
    factors_ = ws.take<double>(rows_);
    starts_ = ws.take<Index>(rows_ + 1);
    for (Index i = 0; i < rows_; ++i) {
      starts_[i] = terms, factors_[i] = 0;
      for (Index k = 0; k < points_; ++k) {
        double const w = W(i, k);
        if (w == 0) continue;
        alike = alike && (factors_[i] == 0 || w == factors_[i]);
        factors_[i] = w, ++terms;
      }
    }
    starts_[rows_] = terms;
    by_subsets_ = alike && terms > least_for_subsets * points_;
    if (by_subsets_) {
      // A power of two, so that no sum of finite values overflows.
      shrink_ = static_cast<T>(1 / static_cast<double>(std::bit_ceil(static_cast<std::size_t>(points_))));
      terms_ = ws.take<Index>(rows_ * groups());
      divisors_ = ws.take<T>(rows_);
      for (Index i = 0; i < rows_; ++i) {
        for (Index g = 0; g < groups(); ++g) {
          Index subset = 0;
          for (Index k = 3 * g; k < std::min(points_, 3 * g + 3); ++k) subset += W(i, k) != 0 ? Index{1} << (k - 3 * g) : 0;
          terms_[i * groups() + g] = (8 * g + subset) * lanes<T>;
        }
        divisors_[i] = static_cast<T>(static_cast<double>(shrink_) / factors_[i]);
      }
    } else {
      terms_ = ws.take<Index>(terms);
      weights_ = ws.take<double>(terms);
      for (Index i = 0, t = 0; i < rows_; ++i) {
        for (Index k = 0; k < points_; ++k) {
          if (W(i, k) != 0) terms_[t] = k * lanes<T>, weights_[t++] = W(i, k);
        }
      }
    }
  }

  // A diagonal W: row i of the result is factors(i) times row i and, where the points end with an origin, what is missing to 1
  // times that.
  template <class Factors>
  mixing_plan(Factors const& factors, bool with_origin, workspace& ws)
      : rows_(factors.size()),
        points_(rows_ + with_origin),
        diagonal_(true),
        factors_(ws.take<double>(rows_)),
        rests_(nullptr) {
    for (Index i = 0; i < rows_; ++i) factors_[i] = factors(i);
    if (!with_origin) return;
    rests_ = ws.take<double>(rows_);
    for (Index i = 0; i < rows_; ++i) rests_[i] = std::abs(1 - factors_[i]) > 1e-12 ? 1 - factors_[i] : 0;
  }

  // How many bytes of a workspace it takes, at most: for itself, and where it is called.
  static std::size_t scratch(Index rows, Index points) {
    return 2 * workspace::room<double>(rows + 1) + workspace::room<T>(rows) + 2 * workspace::room<double>(rows * points);
  }
  static std::size_t call_scratch(Index points) {
    return std::max(workspace::room<T>(8 * ((points + 2) / 3) * lanes<T>), workspace::room<double>(points * lanes<T>));
  }

  Index rows() const { return rows_; }
  Index points() const { return points_; }
  // Is row i of the result row i of the table times factors()[i]?
  bool scales_rows() const { return diagonal_ && rests_ == nullptr; }
  double const* factors() const { return factors_; }
  // Is hardly a row of the table in more than one row of the result, as where buckets are averaged?
  bool has_few_terms() const { return !diagonal_ && !by_subsets_ && starts_[rows_] <= 2 * points_; }
  // What row i of the result is the sum of: so many points and their weights.
  Index terms(Index i) const { return starts_[i + 1] - starts_[i]; }
  Index point(Index i, Index t) const { return terms_[starts_[i] + t] / lanes<T>; }
  double const* weights(Index i) const { return weights_ + starts_[i]; }

  // Columns [0, width) of the m rows, whole packets; row i of the result at to + i * stride.
  EIGEN_DONT_INLINE void operator()(T const* const* points, Index width, T* to, Index stride, workspace& ws) const {
    auto const scope = ws.scope();
    if (diagonal_) {
      for (Index i = 0; i < rows_; ++i) scale_row(i, points, width, to + i * stride);
    } else if (by_subsets_) {
      T* const sums = ws.take<T>(8 * groups() * lanes<T>);
      for (Index c = 0; c < width; c += lanes<T>) add_subsets(points, c, sums, to + c, stride);
    } else {
      double* const wide = ws.take<double>(points_ * lanes<T>);
      for (Index c = 0; c < width; c += lanes<T>) add_terms(points, c, wide, to + c, stride);
    }
  }

 private:
  using V = packet<T>;
  // Coefficients of 0 are not multiplied here either.
  void scale_row(Index i, T const* const* points, Index width, T* to) const {
    using D = doubles<V>;
    double const factor = factors_[i], rest = rests_ != nullptr ? rests_[i] : 0;
    D const none = detail::all_doubles<V>(0);
    for (Index c = 0; c < width; c += lanes<T>) {
      D sum = factor == 0 ? none : factor * detail::widen(detail::load<V>(points[i] + c));
      if (rest != 0) sum = sum + rest * detail::widen(detail::load<V>(points[rows_] + c));
      detail::store<V>(to + c, V(detail::narrow<V>(sum) + T(0)));
    }
  }
  // Sums of subsets of three rows are formed once for all rows of the result. Sums of all rows less some would be fewer
  // additions, and wrong: what is subtracted may be 1e30.
  void add_subsets(T const* const* points, Index c, T* EIGEN_RESTRICT sums, T* to, Index stride) const {
    auto const row = [&](Index k) { return k < points_ ? V(shrink_ * detail::load<V>(points[k] + c)) : V{}; };
    for (Index g = 0; g < groups(); ++g) {
      V const a = row(3 * g), b = row(3 * g + 1), d = row(3 * g + 2), both = a + b;
      T* const to_sums = sums + 8 * g * lanes<T>;
      ROBAGG_UNROLL for (Index subset = 0; subset < 8; ++subset) {
        V const first = subset % 4 == 0 ? V{} : subset % 4 == 1 ? a : subset % 4 == 2 ? b : both;
        detail::store<V>(to_sums + subset * lanes<T>, subset < 4 ? first : subset == 4 ? d : V(first + d));
      }
    }
    for (Index i = 0; i < rows_; ++i) {
      Index const* const term = terms_ + i * groups();
      V sum = detail::load<V>(sums + term[0]);
      for (Index g = 1; g < groups(); ++g) sum = sum + detail::load<V>(sums + term[g]);
      detail::store<V>(to + i * stride, V(sum / divisors_[i] + T(0)));
    }
  }
  void add_terms(T const* const* points, Index c, double* EIGEN_RESTRICT wide, T* to, Index stride) const {
    using D = doubles<V>;
    for (Index k = 0; k < points_; ++k) {
      D const x = detail::widen(detail::load<V>(points[k] + c));
      std::memcpy(wide + k * lanes<T>, &x, sizeof x);
    }
    for (Index i = 0; i < rows_; ++i) {
      D sum = detail::all_doubles<V>(0);
      for (Index t = starts_[i]; t < starts_[i + 1]; ++t) {
        D x;
        std::memcpy(&x, wide + terms_[t], sizeof x);
        sum = sum + weights_[t] * x;
      }
      detail::store<V>(to + i * stride, V(detail::narrow<V>(sum) + T(0)));
    }
  }
  Index groups() const { return (points_ + 2) / 3; }

  static constexpr Index least_for_subsets = 6;  // terms per point, from which on subsets are fewer operations
  Index rows_, points_;
  bool by_subsets_ = false, diagonal_ = false;
  T shrink_ = 1, *divisors_ = nullptr;
  double *factors_ = nullptr, *weights_ = nullptr, *rests_ = nullptr;
  Index *starts_ = nullptr, *terms_ = nullptr;
};

// Results larger than this leave the caches anyway, and go past them.
inline constexpr Index streamed_bytes = Index{16} * 1024 * 1024;

// d values times a factor: along the row, as wide as it is.
template <class T>
EIGEN_DONT_INLINE void scale_values(T const* from, double factor, T* to, Index d, bool streamed) {
  using V = packet<T>;
  auto const one = [&](Index j) {
    to[j] = (factor == 0 ? T(0) : static_cast<T>(factor * static_cast<double>(from[j]))) + T(0);
  };
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

}  // namespace robagg::inline ROBAGG_ABI::detail
