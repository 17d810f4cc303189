// SPDX-License-Identifier: BSL-1.0
// Attention that is computed where it is read: queries times keys for some columns of keys, in registers, and a softmax
// whose largest logits and sums are known from one pass before.
#pragma once

#include "../../detail/table/tile.hpp"

#include <cmath>
#include <limits>

namespace robagg::inline ROBAGG_ABI::detail {

template <class K>
class attention_table {
 public:
  using Scalar = wide_of<K>;
  static constexpr int ColsAtCompileTime = Eigen::Dynamic;

  // The queries of each head are the last `window` tokens: query q of them sees the keys up to its own, if causal.
  template <class Q>
  attention_table(Q const& queries, K const& keys, Index window, double scale, bool causal, workspace& ws)
      : keys_(keys),
        rows_(queries.rows()),
        dim_(queries.cols()),
        window_(window),
        queries_(ws.take<T>(rows_ * dim_)),
        highest_(ws.take<T>(rows_)),
        inverse_(ws.take<T>(rows_)),
        mass_(ws.take<double>(rows_)) {
    for (Index i = 0; i < rows_; ++i) {
      detail::read_row(queries, i, 0, dim_, queries_ + i * dim_);
      for (Index c = 0; c < dim_; ++c) queries_[i * dim_ + c] *= static_cast<T>(scale);
    }
    measure(causal, ws);
  }

  Index rows() const { return rows_; }
  Index cols() const { return keys_.rows() - window_; }
  /// The share of query i's attention that its row holds; the rest is on the window itself.
  double mass(Index i) const { return mass_[i]; }

  std::size_t scratch(Index w) const { return workspace::room<T>(dim_ * tile<T>::padded(w)) + workspace::room<T>(dim_); }
  void load(Index j, tile<Scalar> const& t, workspace& ws) const {
    logits(j, t, ws);
    for (Index i = 0; i < rows_; ++i) {
      Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>> row(t.row(i), t.width);
      row = (row - highest_[i]).exp() * inverse_[i];
    }
  }

 private:
  using T = Scalar;
  using V = packet<T>;
  static constexpr Index together = 8;  // queries in registers

  // NaN is no attention, and no logit is infinitely large.
  void logits(Index j, tile<T> const& t, workspace& ws) const {
    auto const scope = ws.scope();
    Index const padded = tile<T>::whole(t.width);
    tile<T> const columns(ws, dim_, padded);  // the keys, transposed
    read_keys(j, columns.first_columns(t.width), ws);
    for (Index c = 0; c < dim_; ++c) std::fill(columns.row(c) + t.width, columns.row(c) + padded, T(0));
    auto const finish = [](auto x) {
      using X = decltype(x);
      X const top = detail::all<X>(std::numeric_limits<T>::max());
      X const number = x == x ? x : detail::all<X>(-std::numeric_limits<T>::infinity());
      return X(number < top ? number : top);
    };
    T last[64];  // a packet that has no room in the tile
    for (Index c = 0; c < padded; c += lanes<T>) {
      bool const whole = c + lanes<T> <= t.width;
      auto const put = [&](Index i, V x) {
        detail::store<V>(whole ? t.row(i) + c : last, finish(x));
        if (!whole) std::copy_n(last, t.width - c, t.row(i) + c);
      };
      Index i = 0;
      for (; i + together <= rows_; i += together) {
        V sum[static_cast<std::size_t>(together)] = {};
        for (Index k = 0; k < dim_; ++k) {
          V const key = detail::load<V>(columns.row(k) + c);
          ROBAGG_UNROLL for (Index q = 0; q < together; ++q) sum[q] = sum[q] + queries_[(i + q) * dim_ + k] * key;
        }
        for (Index q = 0; q < together; ++q) put(i + q, sum[q]);
      }
      for (; i < rows_; ++i) {
        V sum{};
        for (Index k = 0; k < dim_; ++k) sum = sum + queries_[i * dim_ + k] * detail::load<V>(columns.row(k) + c);
        put(i, sum);
      }
    }
  }
  void read_keys(Index j, tile<T> const& to, workspace& ws) const {
    if constexpr (stores_rows<K>) {
      if (keys_.innerStride() == 1) return detail::transpose(keys_.data() + j * keys_.outerStride(), keys_.outerStride(), to);
    }
    auto const scope = ws.scope();
    T* const key = ws.take<T>(dim_);
    for (Index c = 0; c < to.width; ++c) {
      detail::read_row(keys_, j + c, 0, dim_, key);
      for (Index k = 0; k < dim_; ++k) to.row(k)[c] = key[k];
    }
  }

  // The largest logit of every query, the sum of the exponentials, and what of it is before the window.
  void measure(bool causal, workspace& ws) {
    auto const scope = ws.scope();
    constexpr T infinite = std::numeric_limits<T>::infinity();
    Index const size = keys_.rows(), before = cols(), width = 256;
    tile<T> const room(ws, rows_, width);
    double* const sums = ws.take<double>(rows_);
    std::fill_n(highest_, rows_, -infinite), std::fill_n(sums, rows_, 0.), std::fill_n(mass_, rows_, 0.);
    for (Index j = 0; j < size;) {
      Index const w = std::min(width, (j < before ? before : size) - j);
      auto const t = room.first_columns(w);
      logits(j, t, ws);
      for (Index i = 0; i < rows_; ++i) {
        Index const seen = causal ? std::clamp<Index>(before + i % window_ + 1 - j, 0, w) : w;
        if (seen == 0) continue;
        Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>> row(t.row(i), seen);
        T const top = std::max(highest_[i], row.maxCoeff());
        if (top == -infinite) continue;
        double const shrink =
            highest_[i] == -infinite ? 0 : std::exp(static_cast<double>(highest_[i]) - static_cast<double>(top));
        double const more = static_cast<double>((row - top).exp().sum());
        sums[i] = sums[i] * shrink + more;
        mass_[i] = mass_[i] * shrink + (j < before ? more : 0);
        highest_[i] = top;
      }
      j += w;
    }
    for (Index i = 0; i < rows_; ++i) {
      bool const any = sums[i] > 0;
      inverse_[i] = any ? static_cast<T>(1 / sums[i]) : T(0);
      mass_[i] = any ? mass_[i] / sums[i] : 0;
      if (!any) highest_[i] = 0;
    }
  }

  held<K const&> keys_;
  Index rows_, dim_, window_;
  T* queries_;
  T *highest_, *inverse_;
  double* mass_;
};
template <class K>
inline constexpr int traits_of<attention_table<K>> = lacks_rows;

}  // namespace robagg::inline ROBAGG_ABI::detail
