// SPDX-License-Identifier: BSL-1.0
// Short rows as packets: value k of each of some rows in a row of its own, and back; and rows that wait for that.
//
//     a0 a1 a2 ...          a0 b0 c0 d0 ...
//     b0 b1 b2 ...   <->    a1 b1 c1 d1 ...
//     c0 c1 c2 ...          a2 b2 c2 d2 ...
#pragma once

#include "../../detail/base/packet.hpp"
#include "../../workspace.hpp"

#include <algorithm>

namespace robagg::inline ROBAGG_ABI::detail {

#ifdef ROBAGG_SHUFFLES
// 16 bytes of each of Count rows, quad<T> rows apart, one after the other in a packet.
template <class T, Index Count>
EIGEN_ALWAYS_INLINE auto quads_of(T* const* rows, Index at) {
  if constexpr (Count == 1) {
    return detail::load<typename vector_of<T, 16>::type>(rows[0] + at);
  } else {
    return detail::joined<T>(detail::quads_of<T, Count / 2>(rows, at),
                             detail::quads_of<T, Count / 2>(rows + Count / 2 * quad<T>, at),
                             std::make_index_sequence<static_cast<std::size_t>(Count) * 16 / sizeof(T)>{});
  }
}
// Within each 16 bytes, value i of packet k becomes value k of packet i.
template <class T>
EIGEN_ALWAYS_INLINE void exchange_quads(packet<T>* x) {
  using V = packet<T>;
  constexpr auto all_lanes = std::make_index_sequence<static_cast<std::size_t>(lanes<T>)>{};
  if constexpr (quad<T> == 4) {
    V const a = interleaved<4, 1, false>(x[0], x[1], all_lanes), b = interleaved<4, 1, true>(x[0], x[1], all_lanes);
    V const c = interleaved<4, 1, false>(x[2], x[3], all_lanes), d = interleaved<4, 1, true>(x[2], x[3], all_lanes);
    x[0] = interleaved<4, 2, false>(a, c, all_lanes), x[1] = interleaved<4, 2, true>(a, c, all_lanes);
    x[2] = interleaved<4, 2, false>(b, d, all_lanes), x[3] = interleaved<4, 2, true>(b, d, all_lanes);
  } else {
    V const a = x[0], b = x[1];
    x[0] = interleaved<2, 1, false>(a, b, all_lanes), x[1] = interleaved<2, 1, true>(a, b, all_lanes);
  }
}
// Its blocks of 16 bytes to rows quad<T> apart.
template <class T, std::size_t First, std::size_t... I>
EIGEN_ALWAYS_INLINE auto quad_at(packet<T> x, std::index_sequence<I...>) {
  return __builtin_shufflevector(x, x, static_cast<int>(First + I)...);
}
template <class T, std::size_t... B>
EIGEN_ALWAYS_INLINE void store_quads(packet<T> x, T* const* rows, Index at, std::index_sequence<B...>) {
  constexpr auto size = static_cast<std::size_t>(quad<T>);
  (detail::store<typename vector_of<T, 16>::type>(rows[B * size] + at,
                                                  detail::quad_at<T, B * size>(x, std::make_index_sequence<size>{})),
   ...);
}
#endif

// lanes<T> rows of d values become d packets, `stride` apart.
template <class T>
EIGEN_DONT_INLINE void rows_to_packets(T* const* rows, Index d, T* to, Index stride) {
#ifdef ROBAGG_SHUFFLES
  for (Index k = 0; d >= quad<T> && k < d; k += quad<T>) {
    Index const at = std::min(k, d - quad<T>);  // the last four may cover some of those before
    packet<T> x[quad<T>];
    for (Index i = 0; i < quad<T>; ++i) x[i] = detail::quads_of<T, lanes<T> / quad<T>>(rows + i, at);
    detail::exchange_quads<T>(x);
    for (Index i = 0; i < quad<T>; ++i) detail::store<packet<T>>(to + (at + i) * stride, x[i]);
  }
  if (d >= quad<T>) return;
#endif
  for (Index k = 0; k < d; ++k) {
    for (Index l = 0; l < lanes<T>; ++l) to[k * stride + l] = rows[l][k];
  }
}
// And back.
template <class T>
EIGEN_DONT_INLINE void packets_to_rows(T const* from, Index stride, Index d, T* const* rows) {
#ifdef ROBAGG_SHUFFLES
  for (Index k = 0; d >= quad<T> && k < d; k += quad<T>) {
    Index const at = std::min(k, d - quad<T>);
    packet<T> x[quad<T>];
    for (Index i = 0; i < quad<T>; ++i) x[i] = detail::load<packet<T>>(from + (at + i) * stride);
    detail::exchange_quads<T>(x);
    for (Index i = 0; i < quad<T>; ++i)
      detail::store_quads<T>(x[i], rows + i, at, std::make_index_sequence<static_cast<std::size_t>(lanes<T> / quad<T>)>{});
  }
  if (d >= quad<T>) return;
#endif
  for (Index k = 0; k < d; ++k) {
    for (Index l = 0; l < lanes<T>; ++l) rows[l][k] = from[k * stride + l];
  }
}

// How many rows that cross are repaired at a time, and in how many packets, where a repair has a way to.
template <class T>
inline constexpr Index block_packets = std::max<Index>(2, unit<T> / lanes<T>);
template <class T>
inline constexpr Index block_rows = block_packets<T> * lanes<T>;

// Rows that cross wait until there are enough of them to be repaired in packets. blocks.repair(x, stride), for rows that have
// become columns, says where its results are and how far apart. Rows that hold NaN (or an infinity, where `finite`) are left to
// repair_row.
template <class T>
class row_block {
  using V = packet<T>;
  static constexpr Index B = block_rows<T>;

 public:
  row_block(Index d, bool finite, workspace& ws) : d_(d), finite_(finite), columns_(ws.take<T>(d * B)), spare_(ws.take<T>(d)) {}
  static std::size_t scratch(Index d) { return workspace::room<T>(d * B) + workspace::room<T>(d); }

  Index size() const { return size_; }
  bool full() const { return size_ == B; }
  void add(T* row, Index i) {
    rows_[size_] = row;
    indices_[size_++] = i;
  }
  // done(row, i) of each row.
  void flush(auto const& blocks, auto const& repair_row, auto const& done) {
    if (size_ == 0) return;
    for (Index l = size_; l < B; ++l) rows_[l] = rows_[size_ - 1];
    V odd[block_packets<T>];
    for (Index p = 0; p < block_packets<T>; ++p) {
      T* const columns = columns_ + p * lanes<T>;
      detail::rows_to_packets(rows_ + p * lanes<T>, d_, columns, B);
      V is_odd{};
      for (Index k = 0; k < d_; ++k) {
        V const x = detail::load<V>(columns + k * B), should = finite_ ? V(x - x) : x;
        is_odd = should == should ? is_odd : detail::all<V>(1);
      }
      odd[p] = is_odd;
    }
    auto const [values, stride] = blocks.repair(columns_, B);
    for (Index p = 0; p < block_packets<T>; ++p) {
      T** const rows = rows_ + p * lanes<T>;
      T* kept[static_cast<std::size_t>(lanes<T>)];
      std::copy_n(rows, lanes<T>, kept);
      if (detail::any(odd[p] != V{})) {
        for (Index l = 0; l < lanes<T>; ++l) kept[l] = detail::get(odd[p], l) != 0 ? spare_ : kept[l];
      }
      detail::packets_to_rows(values + p * lanes<T>, stride, d_, kept);
    }
    for (Index l = 0; l < size_; ++l) {
      if (detail::get(odd[l / lanes<T>], l % lanes<T>) != 0) repair_row(rows_[l]);
      done(rows_[l], indices_[l]);
    }
    size_ = 0;
  }

 private:
  Index d_, size_ = 0;
  bool finite_;
  T *columns_, *spare_;  // odd rows are written to `spare_`
  T* rows_[static_cast<std::size_t>(B)];
  Index indices_[static_cast<std::size_t>(B)];
};

}  // namespace robagg::inline ROBAGG_ABI::detail
