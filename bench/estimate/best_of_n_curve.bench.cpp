// SPDX-License-Identifier: BSL-1.0
// The best-of-n curve of the protocol of the literature: 12,600 candidates, 14 values of n, against std::sort of the pool.
#include "bench.hpp"

using namespace robagg_bench;

namespace {

void time_curve(benchmark::State& state) {
  Index const pool = 12'600;
  cells<float> cell(1, pool);
  std::vector<float> proxy, rank;
  for (Index i = 0; i < pool; ++i) proxy.push_back(cell());
  std::vector<Index> const ns = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 8192, 12500};
  std::vector<std::pair<float, Index>> sorted(proxy.size());
  double sort = 1e30;
  for (int k = 0; k < 9; ++k) {
    auto const start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < proxy.size(); ++i) sorted[i] = {proxy[i], static_cast<Index>(i)};
    std::sort(sorted.begin(), sorted.end());
    sort = std::min(sort, seconds_since(start));
  }
  rank.resize(proxy.size());
  for (std::size_t r = 0; r < sorted.size(); ++r) rank[static_cast<std::size_t>(sorted[r].second)] = static_cast<float>(r + 1);
  robagg::best_of_n_curve const op{.ns = ns};
  robagg::workspace ws;
  Eigen::VectorXd out;
  op.into(proxy, rank, out, ws);
  for (std::size_t j = 0; j < ns.size();
       ++j) {  // ranks as values: n (N + 1) / (n + 1), which proxies that are equal hardly change
    double const n = static_cast<double>(ns[j]), exact = n * static_cast<double>(pool + 1) / (n + 1);
    if (!(std::abs(out(static_cast<Index>(j)) / exact - 1) < 1e-6)) {
      state.SkipWithError("the result differs from the reference");
      return;
    }
  }
  state.counters["times_std_sort"] =
      sort / fastest(state, static_cast<double>(pool) * 8, [&] { op.into(proxy, rank, out, ws); });
}

bool const registered = [] {
  benchmark::RegisterBenchmark("best_of_n_curve/float/14 values of n/12600/1", time_curve)->Unit(benchmark::kMillisecond);
  return true;
}();

}  // namespace
