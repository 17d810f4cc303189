// SPDX-License-Identifier: BSL-1.0
// What a user's file and the compiled kernels say to each other, where robagg::kernels is linked: plain structs and pointers to
// functions. No instruction set and no type of Eigen's is part of a name, and the version is: a file and a library of different
// versions do not link. It changes whenever anything here does, or what an operator with a number holds.
//
//     user's file                       | once for each set of instructions
//     checks, weights, slices, outputs  |  columns: sorted and reduced; distances; mixing; transposing; halves
#pragma once

#include <cstddef>

namespace robagg::dispatch::inline v1 {

using Index = std::ptrdiff_t;

// Blocks of columns are whole packets of the widest set.
inline constexpr Index unit_bytes = 64;

// The caller's scratch, in stack order, aligned to 64 bytes.
struct place {
  std::size_t block, used, taken;
};
struct scratch {
  void* self;
  void* (*take)(void* self, std::size_t bytes);
  place (*mark)(void* self);
  void (*release)(void* self, place to);
};

// Rows that are fetched into cache ahead of their use, and how far that is.
struct row_streams {
  void const* const* rows = nullptr;
  char const* at = nullptr;
  Index n = 0, size = 0, lines = 0, step_bytes = 0, column = 0, row = 0, line = 0;
};

// A table in the caller's file.
template <class T>
struct table {
  void const* self;
  Index rows, cols, size;
  bool in_place;
  T const* (*address)(void const* self, Index i);
  void const* (*stored_row)(void const* self, Index i);
  void (*load)(void const* self, Index j, T* to, Index width, Index stride);
  T const* (*column)(void const* self, Index j);
  void (*read_columns)(void const* self, Index const* chosen, Index n, Index j, Index w, T* to);
};
template <class T>
struct sink {
  T* direct;
  void* out;
  void (*write)(void* out, Index j, T const* from, Index w);
};
struct weights {
  Index const* rows;
  double const *of_rows, *heaviest_sums;
  Index count;
  double total, rounding;
  bool equal, skips_nan;
};

// An operator: its number, and its fields as they lie in memory.
struct rule {
  int number;
  void const* fields;
};
// Columns [first, last) of the rows in `chosen`, or of all (nullptr).
template <class T>
struct columns_job {
  rule op;
  table<T> from;
  Index const* chosen;
  Index n, rows;
  weights const* uneven;  // nullptr: every row once
  sink<T> to;
  Index first, last;
};
// A few packets of columns.
template <class T>
struct tile_job {
  rule op;
  T* values;
  Index rows, width, stride;
  Index const* chosen;
  Index n;
  weights const* uneven;
  T* to;
};
template <class T>
struct sorting {
  T const* const* rows;
  Index offset, width;
  T* to;
  Index stride;
  row_streams* ahead;
  T const* weights;
  T* weights_to;
  bool skips_nan;
};
template <class T>
struct sorted {
  T const *values, *weights;
  Index stride;
};
// A sorter of columns lies in the caller's scratch, in so many bytes.
inline constexpr std::size_t sorter_bytes = 256;
struct sorter {
  void* self;
  Index n, first, last, width;
};
// Rows W x: as mixing_plan keeps it.
template <class T>
struct mixing {
  Index rows = 0, points = 0;
  bool by_subsets = false, diagonal = false;
  T shrink = 1;
  T const* divisors = nullptr;
  double const *factors = nullptr, *weights = nullptr, *rests = nullptr;
  Index const *starts = nullptr, *terms = nullptr;
};

// The kernels of one set of instructions.
template <class T>
struct kernels {
  void (*columns)(columns_job<T> const&, scratch const&);
  void (*tile)(tile_job<T> const&);
  void (*make_sorter)(sorter const&, bool weighted, scratch const&);
  sorted<T> (*sort)(void* sorter, bool weighted, sorting<T> const&);
  void (*distances)(T const* const* points, Index count, Index width, double* sums, row_streams& ahead, scratch const&);
  void (*norms)(T const* const* points, Index n, T const* centre, Index width, double* sums);
  double (*product)(T const* a, T const* b, T const* about, Index width);
  void (*gaps)(T const* const* rows, Index n, Index offset, Index width, double const* z, double* sums);
  void (*pulls)(T const* const* rows, double const* c, Index n, Index offset, Index width, double const* z, double* s);
  void (*mix)(mixing<T> const&, T const* const* points, Index width, T* to, Index stride, scratch const&);
  void (*weigh)(double const* weights, T const* const* rows, Index n, Index offset, Index width, T* to, scratch const&);
  void (*scale)(T const* from, double factor, T* to, Index d, bool streamed);
  void (*transpose)(T const* from, Index step, T* to, Index rows, Index width, Index stride);
};
// The same of halves: the bits of n of them.
struct half_kernels {
  void (*widen)(unsigned short const* from, Index n, float* to);
  void (*narrow)(float const* from, Index n, unsigned short* to);
  void (*widen_bfloat16)(unsigned short const* from, Index n, float* to);
  void (*narrow_bfloat16)(float const* from, Index n, unsigned short* to);
};
// A set of instructions; nullptr for numbers that were not asked for.
struct set {
  char const* name;
  kernels<float> const* floats;
  kernels<double> const* doubles;
  half_kernels const* halves;
};
// The best set that the machine has, or the one that the environment asks for: ROBAGG_KERNELS=baseline, avx2 or avx512.
set const& chosen();

template <class T>
kernels<T> const& of() {
  if constexpr (sizeof(T) == sizeof(float)) {
    return *chosen().floats;
  } else {
    return *chosen().doubles;
  }
}

}  // namespace robagg::dispatch::inline v1
