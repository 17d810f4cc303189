// SPDX-License-Identifier: BSL-1.0
// Self-certainty of 32 tokens over a vocabulary of 128,000, against one logarithm per probability.
#include "bench.hpp"

#include <cmath>

using namespace robagg_bench;

namespace {

void time_certainty(benchmark::State& state) {
  stored_table<float> const source(32, 128'000, row_major);
  robagg::table<float> const x = (source.view(std::integral_constant<storage, row_major>{}).array() + 1.001f) * 1e-5f;
  robagg::self_certainty const op;
  robagg::workspace ws;
  double out = 0, sum = 0;
  op.into(x, out, ws);
  auto const start = std::chrono::steady_clock::now();
  for (Index i = 0; i < x.size(); ++i) sum += std::log(static_cast<double>(x.data()[i]));
  double const logarithms = seconds_since(start);
  double const expected = -(sum / static_cast<double>(x.size()) + std::log(128'000.));
  if (!(std::abs(out - expected) < 1e-9)) {
    state.SkipWithError("the result differs from the reference");
    return;
  }
  state.counters["times_logarithms"] =
      logarithms / fastest(state, static_cast<double>(x.size()) * 4, [&] { op.into(x, out, ws); });
}

bool const registered = [] {
  benchmark::RegisterBenchmark("self_certainty/float/probabilities/32/128000", time_certainty)->Unit(benchmark::kMillisecond);
  return true;
}();

}  // namespace
