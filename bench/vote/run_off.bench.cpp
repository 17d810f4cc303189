// SPDX-License-Identifier: BSL-1.0
// Run-offs with their certificates, one table and a data set: 10,000 inputs, 250 models, 10 classes.
#include "bench.hpp"

using namespace robagg_bench;

namespace {

Index elected(matrix const& x, bool second_round) {
  std::vector<double> const one(static_cast<std::size_t>(x.rows()), 1);
  return reference::elected(reference::rankings(x), one, x.cols(), second_round);
}

// Shifts of finite aggregation: one bucket in fifty models, five models a bucket.
std::vector<Index> const shifts = {0, 7, 60, 133, 201};

template <class Op>
void time_all(benchmark::State& state, Op const& op, Index inputs, Index models, Index classes) {
  cells<float> cell(inputs * models, classes);
  std::vector<float> logits(static_cast<std::size_t>(inputs * models * classes));
  for (float& x : logits) x = cell();
  auto const tables = robagg::cube(logits.data(), inputs, models, classes);
  auto const all = robagg::each(op);
  robagg::workspace ws;
  std::vector<robagg::election> out;
  all.into(tables, out, ws);
  for (Index i = 0; i < inputs; i += 97) {
    matrix const x = tables[i].template cast<double>();
    if (out[static_cast<std::size_t>(i)].winner != elected(x, std::is_same_v<Op, robagg::run_off>)) {
      state.SkipWithError("the result differs from the reference");
      return;
    }
  }
  double read = 1e30;
  for (int k = 0; k < 9; ++k) {
    auto const start = std::chrono::steady_clock::now();
    benchmark::DoNotOptimize(sum_of(logits.data(), static_cast<Index>(logits.size())));
    read = std::min(read, seconds_since(start));
  }
  state.counters["of_a_read"] =
      read / fastest(state, static_cast<double>(logits.size()) * 4, [&] { all.into(tables, out, ws); });
}

bool const registered = [] {
  add(
      "run_off", [](Index) { return robagg::run_off{}; },
      [](answer const& out, matrix const& x, double) { return out.winner == elected(x, true); });
  auto const enter = [](std::string const& name, auto const& op) {
    benchmark::RegisterBenchmark(("each(" + name + ")/float/cube of 10000/250/10").c_str(), [op](benchmark::State& s) {
      time_all(s, op, 10'000, 250, 10);
    })->Unit(benchmark::kMillisecond);
  };
  enter("plurality", robagg::plurality{});
  enter("run_off", robagg::run_off{});
  enter("plurality, finite aggregation", robagg::plurality{.bucket_map = shifts});
  enter("run_off, finite aggregation", robagg::run_off{.bucket_map = shifts});
  return true;
}();

}  // namespace
