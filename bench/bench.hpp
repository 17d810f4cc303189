// SPDX-License-Identifier: BSL-1.0
// Google Benchmark over every operator: float and double, a few table shapes. A benchmark first checks
// its answer against tests/reference.hpp on a small table of the same height and fails without timing if
// it is wrong. Counters: bytes of table per second, and the ratio to a plain read of the same table in the
// same process, which is what travels between machines.
#pragma once

#include <robagg/robagg.hpp>

#include "reference.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <type_traits>

namespace robagg_bench {

using robagg::Index;
using robagg_test::matrix;
namespace reference = robagg_test::reference;

template <class T>
robagg::table<T> random_table(Index n, Index d) {
  robagg::table<T> x(n, d);
  robagg::detail::generator next(static_cast<std::uint64_t>(n * 1000003 + d));
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < d; ++j) x(i, j) = static_cast<T>(static_cast<double>(next() >> 11) * 0x1p-52 - 1);
  }
  return x;
}

// Seconds for one plain read: the best of three sums over all values.
template <class T>
double plain_read(robagg::table<T> const& x) {
  double best = 1e30;
  for (int i = 0; i < 3; ++i) {
    auto const start = std::chrono::steady_clock::now();
    T sum = Eigen::Map<Eigen::Matrix<T, Eigen::Dynamic, 1> const>(x.data(), x.size()).sum();
    benchmark::DoNotOptimize(sum);
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

inline bool close(matrix const& y, matrix const& expected, double tolerance) {
  return y.rows() == expected.rows() && y.cols() == expected.cols() &&
         (y - expected).cwiseAbs().maxCoeff() <= tolerance * std::max(1., expected.cwiseAbs().maxCoeff());
}

// What one call writes, whatever the verb. Scores of a decision are the first row.
template <class Op, class T>
struct output {
  Eigen::Matrix<T, Eigen::Dynamic, 1> vector;
  robagg::table<T> rows;
  robagg::election election;
  std::vector<Index> indices;

  void run(Op const& op, robagg::table<T> const& x, robagg::workspace& ws) {
    if constexpr (robagg::elect<Op>) {
      election = op.elect(x, ws);
    } else if constexpr (robagg::transform<Op>) {
      rows.resize(op.rows(x.rows()), x.cols());
      op.into(x, rows, ws);
    } else if constexpr (robagg::decide<Op>) {
      typename Op::result_type result = {};
      if constexpr (std::is_same_v<decltype(result), Index>) {
        op.into(x.row(0), result, ws);
        indices.assign(1, result);
      } else {
        op.into(x.row(0), indices, ws);
      }
    } else {
      vector.resize(x.cols());
      op.into(x, vector, ws);
    }
  }
  matrix values() const {
    return vector.size() > 0 ? matrix(vector.transpose().template cast<double>()) : matrix(rows.template cast<double>());
  }
};

// Does `right(output, x, tolerance)` hold on a small table?
template <class T>
void measure(benchmark::State& state, auto make, auto right) {
  Index const n = state.range(0), d = state.range(1);
  auto const op = make(n);
  robagg::workspace ws;
  output<std::remove_cvref_t<decltype(op)>, T> out;
  auto const small = random_table<T>(n, std::min<Index>(d, 517));
  out.run(op, small, ws);
  if (!right(out, matrix(small.template cast<double>()), std::is_same_v<T, float> ? 1e-5 : 1e-9)) {
    state.SkipWithError("the result differs from the reference");
    return;
  }
  auto const x = random_table<T>(n, d);
  double const read = plain_read(x);
  out.run(op, x, ws);
  auto const start = std::chrono::steady_clock::now();
  for (auto _ : state) {
    out.run(op, x, ws);
    benchmark::ClobberMemory();
  }
  double const seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  bool const one_row = robagg::decide<std::remove_cvref_t<decltype(op)>>;
  double const bytes = static_cast<double>((one_row ? d : n * d) * static_cast<Index>(sizeof(T)));
  state.counters["bytes/s"] = benchmark::Counter(bytes * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  if (!one_row) state.counters["of_a_read"] = read * static_cast<double>(state.iterations()) / seconds;
}

/// Registers an operator: make(n) gives it for n rows, right(output, x, tolerance) checks it.
bool add(std::string const& name, auto make, auto right) {
  auto const shapes = [](auto* b) {
    for (Index const n : {9, 25, 64}) {
      for (Index const d : {10'000, 1'000'000}) b->Args({n, d});
    }
  };
  shapes(benchmark::RegisterBenchmark((name + "/float").c_str(), [=](benchmark::State& s) { measure<float>(s, make, right); }));
  shapes(benchmark::RegisterBenchmark((name + "/double").c_str(), [=](benchmark::State& s) { measure<double>(s, make, right); }));
  return true;
}

}  // namespace robagg_bench
