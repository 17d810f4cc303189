// SPDX-License-Identifier: BSL-1.0
// Sums over vectors of doubles. Not Eigen's: with AVX-512 those read a register that is not set, of which g++ 12 warns in the
// user's program.
#pragma once

#include "packet.hpp"

#include <cmath>

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
inline double sum_of_magnitudes(double const* x, Index n) {
  return detail::add_up(n, [x]<class V>(V, Index i) {
    V const a = detail::load<V>(x + i);
    return V(a < 0 ? -a : a);
  });
}
// (a - b)'(c - d).
inline double dot_of_differences(double const* a, double const* b, double const* c, double const* d, Index n) {
  return detail::add_up(n, [=]<class V>(V, Index i) {
    return V((detail::load<V>(a + i) - detail::load<V>(b + i)) * (detail::load<V>(c + i) - detail::load<V>(d + i)));
  });
}
inline double sum(auto const& x) { return detail::sum(x.data(), x.size()); }
inline double dot(auto const& x, auto const& y) { return detail::dot(x.data(), y.data(), x.size()); }
// y += factor x.
inline void add_multiple(double factor, double const* x, Index n, double* y) {
  using V = packet<double>;
  Index i = 0;
  for (; i + lanes<double> <= n; i += lanes<double>) {
    detail::store<V>(y + i, detail::load<V>(y + i) + factor * detail::load<V>(x + i));
  }
  for (; i < n; ++i) y[i] += factor * x[i];
}

// The roots of an array: Eigen's are not exact with AVX-512.
auto roots_of(auto const& x) {
  return x.unaryExpr([](double v) { return std::sqrt(v); });
}

// Matrices whose rows are contiguous.
inline auto* row_of(auto& M, Index i) { return M.data() + i * M.outerStride(); }
// y = M x.
inline void multiply(auto const& M, auto const& x, auto& y) {
  for (Index i = 0; i < M.rows(); ++i) y(i) = detail::dot(row_of(M, i), x.data(), x.size());
}
// y = M' x.
inline void multiply_transposed(auto const& M, auto const& x, auto& y) {
  y.setZero();
  for (Index i = 0; i < M.rows(); ++i) detail::add_multiple(x(i), row_of(M, i), M.cols(), y.data());
}
// C = A B; zeros of A cost nothing.
inline void multiply_tables(auto const& A, auto const& B, auto& C) {
  C.setZero();
  for (Index i = 0; i < A.rows(); ++i) {
    for (Index k = 0; k < A.cols(); ++k) {
      if (A(i, k) != 0) detail::add_multiple(A(i, k), row_of(B, k), B.cols(), row_of(C, i));
    }
  }
}

}  // namespace robagg::inline ROBAGG_ABI::detail
