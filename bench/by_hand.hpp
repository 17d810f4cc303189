// SPDX-License-Identifier: BSL-1.0
// What one writes without a library for a small table: a column is copied into a few registers or a small array, sorted by a
// network (up to 9 values) or by std::nth_element, and read. NaN counts as the operators say, -0 becomes +0, sums are double.
// Rows, columns and storage are those of the Eigen type, known at compile time or not.
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace by_hand {

using Eigen::Index;

inline constexpr Index most_rows = 64;

// Bose and Nelson's network of N values.
template <int N>
struct network {
  std::array<std::pair<int, int>, static_cast<std::size_t>(N* N)> pairs{};
  std::size_t size = 0;

  constexpr network() { sort(0, N); }
  constexpr void sort(int first, int n) {
    if (n < 2) return;
    sort(first, n / 2), sort(first + n / 2, n - n / 2);
    merge(first, n / 2, first + n / 2, n - n / 2);
  }
  constexpr void merge(int i, int m, int k, int n) {
    if (m == 1 && n == 1) {
      pairs[size++] = {i, k};
    } else if (m == 1 && n == 2) {
      pairs[size++] = {i, k + 1}, pairs[size++] = {i, k};
    } else if (m == 2 && n == 1) {
      pairs[size++] = {i, k}, pairs[size++] = {i + 1, k};
    } else {
      int const a = m / 2, b = m % 2 == 1 ? n / 2 : (n + 1) / 2;
      merge(i, a, k, b), merge(i + a, m - a, k + b, n - b), merge(i + a, m - a, k, b);
    }
  }
};
template <int N, class T>
inline void sort_by_network(T* v) {
  static constexpr network<N> net;
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    auto const exchange = [v](std::pair<int, int> p) {
      T const a = v[p.first], b = v[p.second];
      v[p.first] = b < a ? b : a, v[p.second] = b < a ? a : b;
    };
    (exchange(net.pairs[I]), ...);
  }(std::make_index_sequence<net.size>{});
}
template <class T>
inline void sort_few(T* v, Index n) {
  switch (n) {
    case 2:
      return sort_by_network<2>(v);
    case 3:
      return sort_by_network<3>(v);
    case 4:
      return sort_by_network<4>(v);
    case 5:
      return sort_by_network<5>(v);
    case 6:
      return sort_by_network<6>(v);
    case 7:
      return sort_by_network<7>(v);
    case 8:
      return sort_by_network<8>(v);
    case 9:
      return sort_by_network<9>(v);
    default:
      return;
  }
}

// f(column) for every column; T[] of the rows' number where that is known.
template <class X>
struct column {
  using T = typename X::Scalar;
  static constexpr Index room = X::RowsAtCompileTime == Eigen::Dynamic ? most_rows : X::RowsAtCompileTime;
  T values[static_cast<std::size_t>(room)];
};
constexpr Index rows_of(auto const& x) {
  using X = std::remove_cvref_t<decltype(x)>;
  if constexpr (X::RowsAtCompileTime != Eigen::Dynamic) return Index{X::RowsAtCompileTime};
  return Index{x.rows()};
}

inline void median(auto const& x, auto& out) {
  using X = std::remove_cvref_t<decltype(x)>;
  using T = typename X::Scalar;
  Index const n = rows_of(x);
  for (Index j = 0; j < x.cols(); ++j) {
    T v[static_cast<std::size_t>(column<X>::room)];
    for (Index i = 0; i < n; ++i) v[i] = x(i, j) == x(i, j) ? x(i, j) : std::numeric_limits<T>::infinity();
    if (n <= 9) {
      sort_few(v, n);
    } else {
      std::nth_element(v, v + n / 2, v + n);
      if (n % 2 == 0) std::nth_element(v, v + n / 2 - 1, v + n / 2);
    }
    out(j) = (n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2) + T(0);
  }
}

inline void trimmed_mean(auto const& x, Index f, auto& out) {
  using X = std::remove_cvref_t<decltype(x)>;
  using T = typename X::Scalar;
  Index const n = rows_of(x);
  for (Index j = 0; j < x.cols(); ++j) {
    T v[static_cast<std::size_t>(column<X>::room)];
    for (Index i = 0; i < n; ++i) v[i] = x(i, j) == x(i, j) ? x(i, j) : std::numeric_limits<T>::infinity();
    if (n <= 9) {
      sort_few(v, n);
    } else {
      std::nth_element(v, v + f, v + n);
      std::nth_element(v + f, v + (n - f - 1), v + n);
    }
    double sum = 0;
    for (Index i = f; i < n - f; ++i) sum += static_cast<double>(v[i]);
    out(j) = static_cast<T>(sum / static_cast<double>(n - 2 * f)) + T(0);
  }
}

// Sort and scan: values by insertion, their weights with them.
inline void weighted_median(auto const& x, auto const& w, auto& out) {
  using X = std::remove_cvref_t<decltype(x)>;
  using T = typename X::Scalar;
  Index const n = rows_of(x);
  double total = 0;
  for (Index i = 0; i < n; ++i) total += w[static_cast<std::size_t>(i)];
  for (Index j = 0; j < x.cols(); ++j) {
    T v[static_cast<std::size_t>(column<X>::room)];
    double u[static_cast<std::size_t>(column<X>::room)];
    for (Index i = 0; i < n; ++i) {
      T const value = x(i, j) == x(i, j) ? x(i, j) : std::numeric_limits<T>::infinity();
      Index k = i;
      for (; k > 0 && value < v[k - 1]; --k) v[k] = v[k - 1], u[k] = u[k - 1];
      v[k] = value, u[k] = w[static_cast<std::size_t>(i)];
    }
    double sum = u[0];
    Index k = 0;
    while (2 * sum < total) sum += u[++k];
    out(j) = (2 * sum == total ? (v[k] + v[k + 1]) / 2 : v[k]) + T(0);
  }
}

inline void present_median(auto const& x, auto& out) {
  using X = std::remove_cvref_t<decltype(x)>;
  using T = typename X::Scalar;
  Index const n = rows_of(x);
  for (Index j = 0; j < x.cols(); ++j) {
    T v[static_cast<std::size_t>(column<X>::room)];
    Index m = 0;
    for (Index i = 0; i < n; ++i) {
      T const value = x(i, j);
      if (value != value) continue;
      Index k = m++;
      for (; k > 0 && value < v[k - 1]; --k) v[k] = v[k - 1];
      v[k] = value;
    }
    out(j) = m == 0 ? std::numeric_limits<T>::quiet_NaN() : (m % 2 == 1 ? v[m / 2] : (v[m / 2 - 1] + v[m / 2]) / 2) + T(0);
  }
}

inline void worst_case(auto const& x, auto& out) {
  using T = typename std::remove_cvref_t<decltype(x)>::Scalar;
  Index const n = rows_of(x);
  for (Index j = 0; j < x.cols(); ++j) {
    T y = std::numeric_limits<T>::infinity();
    for (Index i = 0; i < n; ++i) {
      T const value = x(i, j) == x(i, j) ? x(i, j) : -std::numeric_limits<T>::infinity();
      y = value < y ? value : y;
    }
    out(j) = y + T(0);
  }
}

// mean - lambda variance, about the first value.
inline void uncertainty_weighted(auto const& x, double lambda, auto& out) {
  using T = typename std::remove_cvref_t<decltype(x)>::Scalar;
  Index const n = rows_of(x);
  for (Index j = 0; j < x.cols(); ++j) {
    double const origin = static_cast<double>(x(0, j));
    double sum = 0, squares = 0;
    for (Index i = 0; i < n; ++i) {
      double const e = static_cast<double>(x(i, j)) - origin;
      sum += e, squares += e * e;
    }
    double const m = sum / static_cast<double>(n), v = std::max(0., (squares - m * sum) / static_cast<double>(n));
    out(j) = static_cast<T>(origin + m - lambda * v) + T(0);
  }
}

// Weiszfeld's steps from the row with the least sum of distances, until the unit vectors cancel to within `tolerance` of their
// number, as geometric_median says. Rows are finite.
inline void geometric_median(auto const& x, double tolerance, Index most_steps, auto& out) {
  using X = std::remove_cvref_t<decltype(x)>;
  Index const n = rows_of(x), d = x.cols();
  constexpr std::size_t room_d = X::ColsAtCompileTime == Eigen::Dynamic ? 64 : X::ColsAtCompileTime;
  constexpr std::size_t room = static_cast<std::size_t>(column<X>::room);
  double rows[room][room_d], z[room_d], step[room_d];
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < d; ++j) rows[i][j] = static_cast<double>(x(i, j));
  }
  double sums[room] = {};
  for (Index i = 0; i < n; ++i) {
    for (Index k = 0; k < i; ++k) {
      double square = 0;
      for (Index j = 0; j < d; ++j) square += (rows[i][j] - rows[k][j]) * (rows[i][j] - rows[k][j]);
      double const distance = std::sqrt(square);
      sums[i] += distance, sums[k] += distance;
    }
  }
  Index const first = std::min_element(sums, sums + n) - sums;
  for (Index j = 0; j < d; ++j) z[j] = rows[first][j];
  for (Index s = 0; s < most_steps; ++s) {
    double sum = 0, here = 0;
    for (Index j = 0; j < d; ++j) step[j] = 0;
    for (Index i = 0; i < n; ++i) {
      double square = 0, size = 0;
      for (Index j = 0; j < d; ++j) {
        square += (rows[i][j] - z[j]) * (rows[i][j] - z[j]);
        size += rows[i][j] * rows[i][j] + z[j] * z[j];
      }
      if (square <= 1e-15 * size) {  // z has met the row
        here += 1;
        continue;
      }
      double const c = 1 / std::sqrt(square);
      sum += c;
      for (Index j = 0; j < d; ++j) step[j] += c * (rows[i][j] - z[j]);
    }
    double square = 0;
    for (Index j = 0; j < d; ++j) square += step[j] * step[j];
    double const pull = std::sqrt(square);
    if (sum == 0 || pull <= here) break;
    for (Index j = 0; j < d; ++j) z[j] += (1 - here / pull) / sum * step[j];
    if (pull - here <= tolerance * static_cast<double>(n)) break;
  }
  for (Index j = 0; j < d; ++j) out(j) = static_cast<typename X::Scalar>(z[j]);
}

}  // namespace by_hand
