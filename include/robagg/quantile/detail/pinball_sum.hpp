// SPDX-License-Identifier: BSL-1.0
// Pinball losses: of one quantile, and of a row of them.
#pragma once

#include "../../core.hpp"
#include "../../detail/base/packet.hpp"

#include <algorithm>
#include <type_traits>

namespace robagg::inline ROBAGG_ABI::detail {

inline double pinball_loss(double tau, double y, double q) {
  double const e = y - q;
  return std::max(tau * e, (tau - 1) * e) + 0. * e;  // 0 e keeps NaN
}

// The pinball losses of one row's quantiles, summed, in packets. The last packet may hold quantiles that the one before it had:
// those have factors 0.
template <class T>
class pinball_sum {
 public:
  using V = packet<T>;
  using W = packet<double>;
  static constexpr Index L = lanes<T>;

  pinball_sum(list<double> levels, workspace& ws) : levels_(levels), d_(levels.size()) {
    Index const size = (d_ + L - 1) / L * L;
    above_ = ws.take<double>(size);
    below_ = ws.take<double>(size);
    for (Index i = 0; i < size && d_ >= L; ++i) {
      Index const group = i - i % L, k = first(group) + i % L;
      above_[i] = k < group ? 0 : levels[k];
      below_[i] = k < group ? 0 : levels[k] - 1;
    }
  }
  double operator()(T const* q, double y) const {
    if (d_ < L) {
      double sum = 0;
      for (Index k = 0; k < d_; ++k) sum += pinball_loss(levels_[k], y, static_cast<double>(q[k]));
      return sum;
    }
    W sum{};
    for (Index i = 0; i < d_; i += L) {
      auto const x = detail::widen(detail::load<V>(q + first(i)));
      if constexpr (std::is_same_v<doubles<V>, W>) {
        sum += loss(x, y, i);
      } else {
        sum += loss(x.low, y, i);
        sum += loss(x.high, y, i + lanes<double>);
      }
    }
    return detail::sum_of_doubles<W>(sum);
  }

 private:
  Index first(Index i) const { return std::min(i, d_ - L); }
  EIGEN_ALWAYS_INLINE W loss(W q, double y, Index i) const {
    W const e = detail::all<W>(y) - q;
    return detail::upper(W(detail::load<W>(above_ + i) * e), W(detail::load<W>(below_ + i) * e)) + detail::all<W>(0) * e;
  }

  list<double> levels_;
  Index d_;
  double *above_, *below_;
};

}  // namespace robagg::inline ROBAGG_ABI::detail
