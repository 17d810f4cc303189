// SPDX-License-Identifier: BSL-1.0
// Prints a digest of what every operator answers on tables of whole numbers, of several kinds and shapes. Compiled twice, with
// the headers alone and with robagg::kernels, for the same set of instructions: both print the same.
#ifndef ROBAGG_KERNELS_FLOAT
#include "../kernels.hpp"  // what the tests have compiled already
#endif

#include <robagg/robagg.hpp>

#include <bit>
#include <cstdio>
#include <string>

namespace {

using robagg::Index;

template <class T>
using rows_of = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// FNV-1a over numbers as doubles; all NaN are one, -0 is 0.
struct digest {
  std::uint64_t hash = 0xcbf29ce484222325u;
  void add(double value) {
    auto const bits = value != value ? ~std::uint64_t{0} : std::bit_cast<std::uint64_t>(value == 0 ? 0. : value);
    for (int shift = 0; shift < 64; shift += 8) hash = (hash ^ ((bits >> shift) & 255)) * 0x100000001b3u;
  }
};

// Whole numbers, some of them alike, and some absent.
template <class T>
rows_of<T> whole_numbers(Index n, Index d, bool some_absent) {
  rows_of<T> x(n, d);
  std::uint64_t state = static_cast<std::uint64_t>(n * 1000 + d);
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < d; ++j) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      int const value = static_cast<int>((state >> 33) % 41) - 20;
      x(i, j) = some_absent && value == 7 ? std::numeric_limits<T>::quiet_NaN() : T(value);
    }
  }
  return x;
}

template <class Op, class X>
void add_answers(Op const& op, X const& x, digest& all) {
  try {
    auto const y = op(x);
    for (Index i = 0; i < y.rows(); ++i) {
      for (Index j = 0; j < y.cols(); ++j) all.add(static_cast<double>(y(i, j)));
    }
  } catch (robagg::bad_input const&) { all.add(-77777); }
}

constexpr Index numbers_of_rows[] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12,  13,
                                     16, 17, 20, 25, 31, 32, 33, 40, 64, 65, 81, 100, 2049};
constexpr Index widths[] = {1, 5, 37};

template <class T, class Op>
void print(char const* name, Op const& op, char const* kind, auto const& answers) {
  digest all;
  for (Index const n : numbers_of_rows) {
    for (Index const d : widths) {
      if (n < 100 || robagg::detail::column_rule<Op>) answers(op, n, d, all);
    }
  }
  std::printf("%-32s %-8s %-14s %016llx\n", name,
              sizeof(T) == 2   ? "half"
              : sizeof(T) == 4 ? "float"
                               : "double",
              kind, static_cast<unsigned long long>(all.hash));
}

template <class T, class Op>
void print_rows(char const* name, Op const& op) {
  print<T>(name, op, "rows",
           [](Op const& rule, Index n, Index d, digest& all) { add_answers(rule, whole_numbers<T>(n, d, false), all); });
}
template <class Op>
void print_all(char const* name, Op const& op) {
  print_rows<float>(name, op);
#if !defined(ROBAGG_KERNELS_FLOAT) || defined(ROBAGG_KERNELS_DOUBLE)
  print_rows<double>(name, op);
#endif
  print_rows<Eigen::half>(name, op);
  print<float>(name, op, "columns", [](Op const& rule, Index n, Index d, digest& all) {
    Eigen::MatrixXf const x = whole_numbers<float>(n, d, false);
    add_answers(rule, x, all);
  });
  print<float>(name, op, "NaN",
               [](Op const& rule, Index n, Index d, digest& all) { add_answers(rule, whole_numbers<float>(n, d, true), all); });
  if constexpr (requires { requires(Op::reads & robagg::detail::has_weights) != 0; }) {
    print<float>(name, op, "weighted", [](Op const& rule, Index n, Index d, digest& all) {
      auto const x = whole_numbers<float>(n, d, false);
      Eigen::VectorXf const w = whole_numbers<float>(n, 1, false).cwiseAbs() + Eigen::VectorXf::Ones(n);
      add_answers(rule, robagg::weighted(x, w), all);
    });
  }
  if constexpr (requires { requires(Op::reads & robagg::detail::skips_nan) != 0; }) {
    print<float>(name, op, "skip_nan", [](Op const& rule, Index n, Index d, digest& all) {
      auto const x = whole_numbers<float>(n, d, true);
      add_answers(rule, robagg::skip_nan(x), all);
    });
  }
}

}  // namespace

int main() {
  using namespace robagg;
#define ROBAGG_PRINT(...) print_all(#__VA_ARGS__, __VA_ARGS__)
  ROBAGG_PRINT(mean{});
  ROBAGG_PRINT(median{});
  ROBAGG_PRINT((trimmed_mean{.f = 2}));
  ROBAGG_PRINT((quantile{.p = .3}));
  ROBAGG_PRINT(interquartile_mean{});
  ROBAGG_PRINT((mean_around_median{.f = 2}));
  ROBAGG_PRINT((phocas{.f = 2}));
  ROBAGG_PRINT(sign_majority{});
  ROBAGG_PRINT(worst_case{});
  ROBAGG_PRINT(best_case{});
  ROBAGG_PRINT((uncertainty_weighted{.lambda = .5}));
  ROBAGG_PRINT((trimmed_mean_by_share{.low = .1, .high = .2}));
  ROBAGG_PRINT((asymmetric_trimmed_mean{.low = 1, .high = 2}));
  ROBAGG_PRINT((interior_trimmed_mean{.share = .2}));
  ROBAGG_PRINT((soft_min{.beta = .5}));
  ROBAGG_PRINT((winsorized_mean{.f = 2}));
  ROBAGG_PRINT((winsorized_mean_by_share{.low = .1, .high = .2}));
  ROBAGG_PRINT(interpolated_median{});
  ROBAGG_PRINT((uniform_phantom{.low = -2, .high = 3}));
  ROBAGG_PRINT(sigma_clipped_mean{});
  ROBAGG_PRINT(huber{});
  ROBAGG_PRINT(biweight_location{});
  ROBAGG_PRINT(hodges_lehmann{});
  ROBAGG_PRINT(trimean{});
  ROBAGG_PRINT(median_absolute_deviation{});
  ROBAGG_PRINT((quantile_range{.low = .25, .high = .75}));
  ROBAGG_PRINT(defensive{});
  ROBAGG_PRINT((veto{.threshold = -3}));
  ROBAGG_PRINT((krum{.f = 2}));
  ROBAGG_PRINT((multi_krum{.f = 2}));
  ROBAGG_PRINT((nearest_to{.row = 0, .f = 1}));
  ROBAGG_PRINT((bulyan{.f = 1}));
  ROBAGG_PRINT(aksel{});
  ROBAGG_PRINT((nearest_neighbour_mixing{.f = 2} | trimmed_mean{.f = 2}));
  ROBAGG_PRINT((bucketing{.size = 2} | median{}));
}
