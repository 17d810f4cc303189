// SPDX-License-Identifier: BSL-1.0
// Where results go: any writable Eigen vector or matrix, a std::vector or a std::span.
#pragma once

#include "rows.hpp"

#include <cmath>
#include <limits>
#include <span>
#include <string>

namespace robagg::inline ROBAGG_ABI::detail {

template <class Out>
concept writable_vector = requires(Out& out) {
  out.coeffRef(Index{0});
  out.size();
} || requires(Out& out) {
  std::span(out);
  out[0];
};

// May a plain matrix get this shape? One of fixed or bounded size cannot get every shape.
template <class Out>
constexpr bool may_become(Index rows, Index cols) {
  auto const fits = [](int fixed, int most, Index n) {
    return fixed == Eigen::Dynamic ? most == Eigen::Dynamic || n <= most : n == fixed;
  };
  return fits(Out::RowsAtCompileTime, Out::MaxRowsAtCompileTime, rows) &&
         fits(Out::ColsAtCompileTime, Out::MaxColsAtCompileTime, cols);
}

// Makes room for n results, or refuses an output of another size that cannot be resized: after everything else that op
// refuses, before the first result. `wanted` is what op's page calls n.
template <class Out>
void fit_vector(refuser const& who, Out& out, Index n, std::string_view wanted = "d") {
  static_assert(writable_vector<Out>, "robagg: the result needs a writable Eigen vector or a std::span");
  if (static_cast<Index>(out.size()) == n) return;
  if constexpr (owns_memory<Out>) {
    if (detail::may_become<Out>(Out::RowsAtCompileTime == 1 ? 1 : n, Out::RowsAtCompileTime == 1 ? n : 1)) return out.resize(n);
  } else if constexpr (!dense<Out> && requires { out.resize(std::size_t{}); }) {
    return out.resize(static_cast<std::size_t>(n));
  }
  refuse(who, "needs an output of " + std::string(wanted) + " values", {{"size", static_cast<Index>(out.size())}, {wanted, n}});
}
template <class Out>
void fit_table(refuser const& who, Out& out, Index rows, Index cols) {
  if (out.rows() == rows && out.cols() == cols) return;
  if constexpr (owns_memory<Out>) {
    if (detail::may_become<Out>(rows, cols)) return out.resize(rows, cols);
  }
  refuse(who, "needs an output of m x d values", {{"rows", out.rows()}, {"columns", out.cols()}, {"m", rows}, {"d", cols}});
}

// A result as a number of the output's type. Integers, and bool: the nearest one, ties to even, as far as the type goes; 0
// for NaN.
template <class S, class T>
S converted(T x) {
  if constexpr (std::is_integral_v<S>) {
    constexpr S least = std::numeric_limits<S>::min(), most = std::numeric_limits<S>::max();
    double const y = std::nearbyint(static_cast<double>(x));
    if (y >= static_cast<double>(most)) return most;
    return y > static_cast<double>(least) ? static_cast<S>(y) : y == y ? least : S(0);
  } else {
    return static_cast<S>(x);
  }
}

// Positions are never rounded: the output's type has to hold all of 0 .. d - 1.
template <class S, class Op>
void check_positions(Op const& op, Index d) {
  constexpr int digits = std::numeric_limits<S>::digits;
  if constexpr (digits < std::numeric_limits<Index>::digits) {
    constexpr Index largest = (Index{1} << digits) - (std::numeric_limits<S>::is_integer ? 1 : 0);
    if (d - 1 > largest)
      refuse(op, "needs an output whose numbers hold every position", {{"last position", d - 1}, {"largest number", largest}});
  }
}

// Element j of an output.
template <class Out>
decltype(auto) element_at(Out& out, Index j) {
  if constexpr (requires { out.coeffRef(j); }) {
    return (out.coeffRef(j));
  } else {
    return (out[static_cast<std::size_t>(j)]);
  }
}
template <class Out>
void put_position(Out& out, Index place, Index j) {
  auto& to = detail::element_at(out, place);
  to = static_cast<std::remove_cvref_t<decltype(to)>>(j);
}

// Where a result of contiguous T's goes, or nullptr.
template <class T, class Out>
T* contiguous(Out& out) {
  if constexpr (requires {
                  { out.data() } -> std::same_as<T*>;
                }) {
    if constexpr (requires { out.innerStride(); }) {
      return out.innerStride() == 1 ? out.data() : nullptr;
    } else {
      return out.data();
    }
  } else {
    return nullptr;
  }
}

template <class Out, class T>
void store(Out& out, Index j, T const* from, Index w) {
  if constexpr (requires { out.coeffRef(j); }) {
    using S = typename Out::Scalar;
    if (S* const to = detail::contiguous<S>(out)) {
      if constexpr (sizeof(S) == 2 && !std::integral<S> && std::same_as<T, float>) return detail::narrow(from, w, to + j);
      for (Index c = 0; c < w; ++c) to[j + c] = detail::converted<S>(from[c]);
    } else {
      for (Index c = 0; c < w; ++c) out.coeffRef(j + c) = detail::converted<S>(from[c]);
    }
  } else {
    using S = std::remove_cvref_t<decltype(out[0])>;
    for (Index c = 0; c < w; ++c) out[static_cast<std::size_t>(j + c)] = detail::converted<S>(from[c]);
  }
}

// Where results go: T's side by side at `direct`, or through `write`.
template <class T>
struct column_sink {
  T* direct;
  void* out;
  void (*write)(void* out, Index j, T const* from, Index w);
};
template <class T, class Out>
column_sink<T> sink_of(Out& out) {
  return {detail::contiguous<T>(out), &out,
          [](void* to, Index j, T const* from, Index w) { detail::store(*static_cast<Out*>(to), j, from, w); }};
}

// A result of integers that lie side by side.
template <class Out>
concept places_side_by_side =
    requires(Out& out) { requires std::integral<std::remove_cvref_t<decltype(*out.data())>>; } &&
    (!requires(Out& out) { out.innerStride(); } || requires { requires std::remove_cvref_t<Out>::InnerStrideAtCompileTime == 1; });

}  // namespace robagg::inline ROBAGG_ABI::detail
