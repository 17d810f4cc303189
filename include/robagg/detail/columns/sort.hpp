// SPDX-License-Identifier: BSL-1.0
// Sorts the columns of n rows, a packet of columns at a time; rank r of column c is left at values[r stride + c].
//
// Up to 32 rows (16 with weights) stay in registers: one comparator network for each n, for all ranks or for the middle ones.
// More rows are sorted in groups of that size. Two ascending groups are merged in cache: one is read backwards, the pairwise
// minima are the lower half, the maxima the upper half, and networks put each half in order.
//
//     1 4 6 9                min  1 4 3 2  -> 1 2 3 4
//     8 7 3 2  (backwards)   max  8 7 6 9  -> 6 7 8 9
//
// Kernels are compiled once for all operators and all kinds of tables.
#pragma once

#include "../../workspace.hpp"
#include "../table/prefetch.hpp"
#include "network.hpp"

#include <algorithm>
#include <bit>
#include <concepts>

namespace robagg::inline ROBAGG_ABI::detail {

// What a kernel works on: packet p of row i is at rows[i] + offset + p lanes, rank r goes to `to` + r stride.
template <class T>
struct sort_job {
  T const* const* rows;
  Index offset, packets;
  T* to;
  Index stride;
  bool from_keys = false, to_keys = false;  // between the steps of a merge
  prefetcher<T>* ahead = nullptr;
  // With weights: one per row, or (from_keys) one per value.
  T const* weights = nullptr;
  T const* const* weight_rows = nullptr;
  T* weights_to = nullptr;
  bool skips_nan = false;
};

// Weights move by comparing and choosing, where integers win nothing.
template <class T, bool Weighted>
using sort_order = ordered<packet<T>, integer_keys<T> && !Weighted>;

// N values in registers, and their weights.
template <class T, int N, bool Weighted>
struct sort_registers {
  using V = packet<T>;
  using order = sort_order<T, Weighted>;
  using key = typename order::key;
  key keys[static_cast<std::size_t>(N)];
  V weights[static_cast<std::size_t>(Weighted ? N : 1)];

  EIGEN_ALWAYS_INLINE void read(sort_job<T> const& job, Index i, Index at) {
    V const x = load<V>(job.rows[i] + at);
    keys[i] = job.from_keys ? std::bit_cast<key>(x) : order::of(x);
    if constexpr (Weighted) {
      weights[i] = job.from_keys ? load<V>(job.weight_rows[i] + at) : all<V>(job.weights[i]);
      if (job.skips_nan) weights[i] = x == x ? weights[i] : V{};
    }
  }
  EIGEN_ALWAYS_INLINE void write(sort_job<T> const& job, Index i, Index at) const {
    store<V>(job.to + i * job.stride + at, job.to_keys ? std::bit_cast<V>(keys[i]) : order::value(keys[i]));
    if constexpr (Weighted) store<V>(job.weights_to + i * job.stride + at, weights[i]);
  }
  // Always inline, no lambdas: clang otherwise keeps the values in memory.
  template <Index... I>
  EIGEN_ALWAYS_INLINE void read_all(sort_job<T> const& job, Index at, std::integer_sequence<Index, I...>) {
    (read(job, I, at), ...);
  }
  template <Index First, Index... I>
  EIGEN_ALWAYS_INLINE void write_all(sort_job<T> const& job, Index at, std::integer_sequence<Index, I...>) const {
    (write(job, First + I, at), ...);
  }
  // Compile-time halves and references: what is inlined a hundred times a kernel is what compiling takes.
  template <bool Lower, bool Upper>
  EIGEN_ALWAYS_INLINE void exchange(Index low, Index high) {
    key &x = keys[low], &y = keys[high];
    key const a = x, b = y;
    if constexpr (Lower) x = detail::lower(a, b);
    if constexpr (Upper) y = detail::upper(b, a);
    if constexpr (Weighted) {
      V const u = weights[low], v = weights[high];
      weights[low] = b < a ? v : u;
      weights[high] = b < a ? u : v;
    }
  }
};

template <class T, int N, auto const& Net, int First, int Last, bool Weighted>
EIGEN_DONT_INLINE void sort_kernel(sort_job<T> const& job) {
  prefetcher<T> ahead = job.ahead ? *job.ahead : prefetcher<T>();
  for (Index p = 0; p < job.packets; ++p) {
    ahead.step(N);
    sort_registers<T, N, Weighted> t;
    t.read_all(job, job.offset + p * lanes<T>, std::make_integer_sequence<Index, N>{});
    detail::run<Net>(t);
    t.template write_all<First>(job, p * lanes<T>, std::make_integer_sequence<Index, Last - First>{});
  }
  if (job.ahead) *job.ahead = ahead;
}

// --- which kernel --------------------------------------------------------------------------------

template <class T>
using kernel = void (*)(sort_job<T> const&);
enum class kernel_class { full, middle, bitonic };

template <int N>
inline constexpr network<N> full_network = merge_sort<N>::make();
template <int N>
inline constexpr network<N> middle_network = pruned(full_network<N>, (N - 1) / 2, N / 2 + 1);
template <int N>
inline constexpr network<N> bitonic_network = bitonic_merge<N>();

template <class T, kernel_class Class, bool Weighted, int N>
constexpr kernel<T> kernel_for() {
  if constexpr (N == 0) {
    return nullptr;
  } else if constexpr (Class == kernel_class::middle && N > 2) {
    return sort_kernel<T, N, middle_network<N>, (N - 1) / 2, N / 2 + 1, Weighted>;
  } else if constexpr (Class == kernel_class::bitonic && (N == 16 || N == 32)) {
    return sort_kernel<T, N, bitonic_network<N>, 0, N, Weighted>;
  } else {
    return sort_kernel<T, N, full_network<N>, 0, N, Weighted>;
  }
}
template <class T, bool Weighted>
inline constexpr Index most_rows = Weighted ? 16 : 32;
// The kernel for n rows. Neither inline nor constexpr, so that a program may instantiate all kernels in one place.
template <class T, kernel_class Class, bool Weighted>
EIGEN_DONT_INLINE kernel<T> kernel_of(Index n) {
  static constexpr auto kernels = []<std::size_t... N>(std::index_sequence<N...>) {
    return std::array<kernel<T>, sizeof...(N)>{detail::kernel_for<T, Class, Weighted, static_cast<int>(N)>()...};
  }(std::make_index_sequence<static_cast<std::size_t>(most_rows<T, Weighted>) + 1>{});
  return kernels[static_cast<std::size_t>(n)];
}

// The ranks an operator reads: [first, last) of 0..n.
struct rank_range {
  Index first, last;
};
// Where they are: rank r of column c at values[r stride + c], and its weight.
template <class T>
struct sorted_ranks {
  T const *values, *weights;
  Index stride;
};

// --- any number of rows --------------------------------------------------------------------------

// How many bytes of a workspace a column_sorter takes, at most.
template <class T, bool Weighted>
std::size_t sorter_scratch(Index n, Index width) {
  if (n <= most_rows<T, Weighted>) return 0;
  Index groups = 2;
  while ((n + groups - 1) / groups > most_rows<T, Weighted>) groups *= 2;
  Index const group = (n + groups - 1) / groups, padded = groups * (group > 20 ? 32 : group > 10 && group <= 16 ? 16 : group);
  return (Weighted ? 2 : 1) * (workspace::room<T>(padded * width) + workspace::room<T const*>(padded));
}

// Sorts the columns of n rows, up to `width` of them at a time; `wanted` ranks are written. Scratch for as many rows
// where they do not fit into registers.
template <class T, bool Weighted = false>
class column_sorter {
  using V = packet<T>;
  using order = sort_order<T, Weighted>;
  using key = typename order::key;

 public:
  column_sorter(Index n, rank_range wanted, Index width, workspace& ws) : n_(n), width_(width), wanted_(wanted) {
    while (n > groups_ * most_rows<T, Weighted>) groups_ *= 2;
    largest_ = group_ = groups_ == 1 ? n : (n + groups_ - 1) / groups_;
    bool const middle = !Weighted && wanted.first >= (n - 1) / 2 && wanted.last <= n / 2 + 1;
    kernel_ = middle && groups_ == 1 ? kernel_of<T, kernel_class::middle, false>(n)
                                     : kernel_of<T, kernel_class::full, Weighted>(group_);
    if (groups_ == 1) return;
    if (n % groups_ != 0) smaller_ = kernel_of<T, kernel_class::full, Weighted>(group_ - 1);
    // Filled up to a power of two, halves are put in order by a network of half the size.
    if (!middle || groups_ > 2) group_ = group_ > 20 ? 32 : group_ > 10 && group_ <= 16 ? 16 : group_;
    leaf_ = kernel_of<T, kernel_class::bitonic, Weighted>(group_);
    Index const padded = groups_ * group_;
    keys_ = ws.take<T>(padded * width);
    rows_ = ws.take<T const*>(padded);
    for (Index i = 0; i < padded; ++i) rows_[i] = keys_ + i * width;
    if constexpr (Weighted) {
      weights_ = ws.take<T>(padded * width);
      weight_rows_ = ws.take<T const*>(padded);
      for (Index i = 0; i < padded; ++i) weight_rows_[i] = weights_ + i * width;
    }
  }

  static std::size_t scratch(Index n, Index width) { return sorter_scratch<T, Weighted>(n, width); }

  sorted_ranks<T> operator()(sort_job<T> const& job) {
    if (groups_ == 1) {
      kernel_(job);
      return {job.to, job.weights_to, job.stride};
    }
    columns_ = job.packets * lanes<T>;
    sort_groups(job);
    Index const all = groups_ * group_;
    Index size = group_;
    for (; 2 * size < all; size *= 2) {
      for (Index first = 0; first < all; first += 2 * size) merge(first, size, {first, first + 2 * size});
    }
    if constexpr (Weighted) {
      merge(0, size, {0, all});
      bring_forward();
    } else if (wanted_.first >= size - 1 && wanted_.last <= size + 1) {
      middle_of(size);
    } else {
      merge(0, size, wanted_);
    }
    if constexpr (std::same_as<key, V>) return {keys_, weights_, width_};
    for (Index r = wanted_.first; r < wanted_.last; ++r) {
      for (Index c = 0; c < columns_; c += lanes<T>) store<V>(job.to + r * job.stride + c, order::value(get(r, c)));
    }
    return {job.to, nullptr, job.stride};
  }

 private:
  EIGEN_ALWAYS_INLINE key get(Index i, Index c) const { return std::bit_cast<key>(load<V>(keys_ + i * width_ + c)); }
  EIGEN_ALWAYS_INLINE void set(Index i, Index c, key k) { store<V>(keys_ + i * width_ + c, std::bit_cast<V>(k)); }
  EIGEN_ALWAYS_INLINE V weight(Index i, Index c) const { return load<V>(weights_ + i * width_ + c); }
  EIGEN_ALWAYS_INLINE void set_weight(Index i, Index c, V w) { store<V>(weights_ + i * width_ + c, w); }

  // Each group in order, filled up with keys above all others.
  void sort_groups(sort_job<T> const& job) {
    for (Index q = 0; q < groups_; ++q) {
      Index const first = q * n_ / groups_, size = (q + 1) * n_ / groups_ - first, slot = q * group_;
      sort_job<T> part = job;
      part.rows += first;
      part.to = keys_ + slot * width_;
      part.stride = width_;
      part.to_keys = true;
      if constexpr (Weighted) {
        part.weights += first;
        part.weights_to = weights_ + slot * width_;
      }
      (size == largest_ ? kernel_ : smaller_)(part);
      for (Index i = slot + size; i < slot + group_; ++i) {
        for (Index c = 0; c < columns_; c += lanes<T>) {
          set(i, c, order::last());
          if constexpr (Weighted) set_weight(i, c, V{});
        }
      }
    }
  }

  // Groups are filled up with rows of value +infinity and weight 0. A true row of value +infinity is equal to them, and its
  // weight may have been sorted behind one of theirs, past row n: bring_forward moves such weights back into the first n rows.
  void bring_forward() {
    for (Index c = 0; c < columns_; c += lanes<T>) {
      V left{};
      for (Index i = n_; i < groups_ * group_; ++i) left = left + weight(i, c);
      if (!detail::any(left > V{})) continue;
      for (Index l = c; l < c + lanes<T>; ++l) {
        Index to = n_ - 1;
        for (Index i = n_; i < groups_ * group_; ++i) {
          T& late = weights_[i * width_ + l];
          if (!(late > 0)) continue;
          while (weights_[to * width_ + l] > 0) --to;
          std::swap(late, weights_[to * width_ + l]);
        }
      }
    }
  }

  void exchange(Index i, Index k) {
    for (Index c = 0; c < columns_; c += lanes<T>) {
      key const a = get(i, c), b = get(k, c);
      set(i, c, detail::lower(a, b));
      set(k, c, detail::upper(b, a));
      if constexpr (Weighted) {
        V const u = weight(i, c), v = weight(k, c);
        set_weight(i, c, b < a ? v : u);
        set_weight(k, c, b < a ? u : v);
      }
    }
  }

  // Two ascending lists of `size` from `first` on.
  void merge(Index first, Index size, rank_range r) {
    for (Index i = 0; i < size; ++i) exchange(first + i, first + 2 * size - 1 - i);
    put_in_order(first, size, r);
    put_in_order(first + size, size, r);
  }

  // Only the highest of the lower half and the lowest of the upper half of two lists of `size`.
  void middle_of(Index size) {
    for (Index c = 0; c < columns_; c += lanes<T>) {
      key a = get(0, c), b = get(2 * size - 1, c), highest = detail::lower(a, b), lowest = detail::upper(a, b);
      for (Index i = 1; i < size; ++i) {
        a = get(i, c);
        b = get(2 * size - 1 - i, c);
        highest = detail::upper(highest, detail::lower(a, b));
        lowest = detail::lower(lowest, detail::upper(a, b));
      }
      set(size - 1, c, highest);
      set(size, c, lowest);
    }
  }

  // Puts a bitonic list in order, as far as ranks r need it: halves by halves down to the size of a group.
  void put_in_order(Index first, Index size, rank_range r) {
    Index const last = first + size, from = std::max(first, r.first), to = std::min(last, r.last);
    if (from >= to) return;
    if (!Weighted && to - from == 1 && (from == first || to == last)) {
      for (Index c = 0; c < columns_; c += lanes<T>) {
        key best = get(first, c);
        for (Index i = first + 1; i < last; ++i)
          best = from == first ? detail::lower(best, get(i, c)) : detail::upper(best, get(i, c));
        set(from, c, best);
      }
    } else if (size == group_) {
      sort_job<T> leaf{.rows = rows_ + first,
                       .offset = 0,
                       .packets = columns_ / lanes<T>,
                       .to = keys_ + first * width_,
                       .stride = width_,
                       .from_keys = true,
                       .to_keys = true};
      if constexpr (Weighted) {
        leaf.weight_rows = weight_rows_ + first;
        leaf.weights_to = weights_ + first * width_;
      }
      leaf_(leaf);
    } else {
      for (Index i = first; i < first + size / 2; ++i) exchange(i, i + size / 2);
      put_in_order(first, size / 2, r);
      put_in_order(first + size / 2, size / 2, r);
    }
  }

  Index n_, width_, columns_ = 0, groups_ = 1, group_ = 0, largest_ = 0;
  rank_range wanted_;
  kernel<T> kernel_ = nullptr, smaller_ = nullptr, leaf_ = nullptr;
  T *keys_ = nullptr, *weights_ = nullptr;
  T const **rows_ = nullptr, **weight_rows_ = nullptr;
};

// Where that is compiled elsewhere.
template <class T, bool Weighted>
  requires compiled_elsewhere<T>
class column_sorter<T, Weighted> {
 public:
  column_sorter(Index n, rank_range wanted, Index width, workspace& ws) : self_(ws.take<std::byte>(dispatch::sorter_bytes)) {
    dispatch::of<T>().make_sorter({self_, n, wanted.first, wanted.last, width}, Weighted, ws.shared());
  }
  static std::size_t scratch(Index n, Index width) {
    return sorter_scratch<T, Weighted>(n, width) + workspace::room<std::byte>(dispatch::sorter_bytes);
  }
  sorted_ranks<T> operator()(sort_job<T> const& job) {
    auto const [values, weights, stride] = dispatch::of<T>().sort(
        self_, Weighted,
        {job.rows, job.offset, (job.packets * lanes<T> + unit<T> - 1) / unit<T> * unit<T>, job.to, job.stride,
         job.ahead != nullptr ? &job.ahead->shared() : nullptr, job.weights, job.weights_to, job.skips_nan});
    return {values, weights, stride};
  }

 private:
  std::byte* self_;
};

}  // namespace robagg::inline ROBAGG_ABI::detail
