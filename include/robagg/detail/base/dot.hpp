// SPDX-License-Identifier: BSL-1.0
// Sums over vectors of doubles. Not Eigen's: with AVX-512 those read a register that is not set, of which g++ 12 warns in the
// user's program.
#pragma once

#include "packet.hpp"

namespace robagg::inline ROBAGG_ABI::detail {

// The sum of term(packet) and term(number) of what is at i.
inline double add_up(Index n, auto const& term) {
  using V = packet<double>;
  V sum{};
  Index i = 0;
  for (; i + lanes<double> <= n; i += lanes<double>) sum = sum + term(V{}, i);
  double total = detail::sum_of_doubles<V>(sum);
  for (; i < n; ++i) total += term(0., i);
  return total;
}

inline double sum(double const* x, Index n) {
  return detail::add_up(n, [x]<class V>(V, Index i) { return detail::load<V>(x + i); });
}
inline double dot(double const* x, double const* y, Index n) {
  return detail::add_up(n, [x, y]<class V>(V, Index i) { return V(detail::load<V>(x + i) * detail::load<V>(y + i)); });
}
inline double sum(auto const& x) { return detail::sum(x.data(), x.size()); }
inline double dot(auto const& x, auto const& y) { return detail::dot(x.data(), y.data(), x.size()); }
// y = M x, for a matrix whose rows are contiguous.
inline void multiply(auto const& M, auto const& x, auto& y) {
  for (Index i = 0; i < M.rows(); ++i) y(i) = detail::dot(M.data() + i * M.outerStride(), x.data(), x.size());
}

}  // namespace robagg::inline ROBAGG_ABI::detail
