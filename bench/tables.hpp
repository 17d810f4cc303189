// SPDX-License-Identifier: BSL-1.0
// What the benchmarks read: tables whose cells depend on nothing but the shape, in the storages that people
// have, and a plain read of them to compare with.
#pragma once

#include <robagg/robagg.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

namespace robagg_bench {

using robagg::Index;

inline double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// The cells of the n x d table, uniform on [-1, 1), drawn row by row; from_cell starts anywhere in that order,
// so that every storage holds the same table.
template <class T>
struct cells {
  robagg::detail::generator next;
  explicit cells(Index n, Index d, Index from_cell = 0)
      : next(static_cast<std::uint64_t>(n * 1000003 + d) + static_cast<std::uint64_t>(from_cell) * 0x9e3779b97f4a7c15u) {}
  T operator()() { return static_cast<T>(static_cast<double>(next() >> 11) * 0x1p-52 - 1); }
};

enum storage : unsigned { row_major = 1, column_major = 2, rows_of = 4, every_storage = 7 };

inline char const* name_of(storage s) { return s == row_major ? "row_major" : s == column_major ? "column_major" : "rows_of"; }

template <class T>
class stored_table {
 public:
  Index n, d;
  storage kind;

  // The tables of a shape are numbered: the cells of each follow those of the one before.
  stored_table(Index rows, Index cols, storage s, Index number = 0)
      : n(rows), d(cols), kind(s), stride_(cols + (19 - cols % 16) % 16) {
    Index const begin = number * n * d;
    if (kind == column_major) {
      memory_ = std::make_unique_for_overwrite<T[]>(static_cast<std::size_t>(n * d));
      for (Index i = 0; i < n; i += 16) {  // some rows at a time: each line of the cache is written once
        Index const last = std::min(n, i + 16);
        std::vector<cells<T>> row;
        for (Index k = i; k < last; ++k) row.emplace_back(n, d, begin + k * d);
        for (Index j = 0; j < d; ++j) {
          for (Index k = i; k < last; ++k)
            memory_[static_cast<std::size_t>(j * n + k)] = row[static_cast<std::size_t>(k - i)]();
        }
      }
      return;
    }
    if (kind == row_major) memory_ = std::make_unique_for_overwrite<T[]>(static_cast<std::size_t>(n * stride_));
    cells<T> cell(n, d, begin);
    for (Index i = 0; i < n; ++i) {
      T* to = memory_.get() + i * stride_;
      if (kind == rows_of) {  // buffers of the clients' own: no two neighbours aligned alike
        Index const shift = i * 3 % 16;
        to = buffers_.emplace_back(static_cast<std::size_t>(d + shift)).data() + shift;
        pointers_.push_back(to);
      }
      for (Index j = 0; j < d; ++j) to[j] = cell();
    }
  }
  stored_table(stored_table const&) = delete;

  // Rows of real tables are seldom multiples of 64 bytes: here the stride is 3 above one, so that all alignments appear.
  auto view(std::integral_constant<storage, row_major>) const {
    return Eigen::Map<robagg::table<T> const, 0, Eigen::OuterStride<>>(memory_.get(), n, d, Eigen::OuterStride<>(stride_));
  }
  auto view(std::integral_constant<storage, column_major>) const {
    return Eigen::Map<Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic> const>(memory_.get(), n, d);
  }
  auto view(std::integral_constant<storage, rows_of>) const { return robagg::rows_of(pointers_, d); }

  T at(Index i, Index j) const {
    if (kind == rows_of) return pointers_[static_cast<std::size_t>(i)][j];
    return memory_[static_cast<std::size_t>(kind == row_major ? i * stride_ + j : j * n + i)];
  }

  // Seconds for one plain read: the best of a few.
  double plain_read() const;

 private:
  Index stride_;
  std::unique_ptr<T[]> memory_;
  std::vector<std::vector<T>> buffers_;
  std::vector<T const*> pointers_;
};

// A sum with so many accumulators that nothing but memory can hold it up; Eigen's own has two.
template <class T>
T sum_of(T const* p, Index size) {
  using V = robagg::detail::packet<T>;
  constexpr Index lanes = robagg::detail::lanes<T>, count = 8;
  V sums[count] = {};
  Index j = 0;
  for (; j + count * lanes <= size; j += count * lanes) {
    for (Index k = 0; k < count; ++k) sums[k] += robagg::detail::load<V>(p + j + k * lanes);
  }
  T sum = 0;
  for (V const s : sums) {
    for (Index l = 0; l < lanes; ++l) sum += robagg::detail::get(s, l);
  }
  for (; j < size; ++j) sum += p[j];
  return sum;
}

template <class T>
double stored_table<T>::plain_read() const {
  auto const once = [&] {
    T sum = 0;
    if (kind == column_major) sum = sum_of(memory_.get(), n * d);
    for (Index i = 0; kind != column_major && i < n; ++i) {
      sum += sum_of(kind == rows_of ? pointers_[static_cast<std::size_t>(i)] : memory_.get() + i * stride_, d);
    }
    T volatile kept = sum;
    static_cast<void>(kept);
  };
  Index const reads = std::max<Index>(1, 1'000'000 / (n * d));  // a clock is too coarse for a few microseconds
  double best = 1e30, all = 0;
  once();
  for (int i = 0; i < 4 || (all < .01 && i < 50); ++i) {
    auto const start = std::chrono::steady_clock::now();
    for (Index k = 0; k < reads; ++k) once();
    double const seconds = seconds_since(start);
    all += seconds;
    best = std::min(best, seconds / static_cast<double>(reads));
  }
  return best;
}

}  // namespace robagg_bench
