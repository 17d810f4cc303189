// SPDX-License-Identifier: BSL-1.0
// Rules for experts: nanoseconds an expert and round, beside the exponentials alone. The weights are checked against the
// definition first.
#include "bench.hpp"

#include <robagg/online.hpp>

using namespace robagg_bench;

namespace {

template <class Rule>
void time_rule(benchmark::State& state, Rule const& rule, Index n) {
  constexpr Index rounds = 16;
  cells<double> next(rounds, n);
  Eigen::ArrayXXd losses(n, rounds);
  for (double& v : losses.reshaped()) v = (next() + 1) / 2;
  robagg::expert_state experts(rule, n);
  if constexpr (std::is_same_v<Rule, robagg::hedge>) {
    Eigen::ArrayXd sums = Eigen::ArrayXd::Zero(n);
    robagg::expert_state fixed(robagg::hedge{.rate = .1}, n);
    for (Index t = 0; t < rounds; ++t) fixed.update(losses.col(t)), sums += losses.col(t);
    Eigen::ArrayXd w = (-.1 * sums).exp();
    w /= w.sum();
    if (!((fixed.weights() - w).abs() <= 1e-15).all()) return state.SkipWithError("other weights than by the definition");
  }
  Eigen::ArrayXd x(n);
  double alone = 1e30, sink = 0;
  for (int i = 0; i < 50; ++i) {
    auto const start = std::chrono::steady_clock::now();
    for (Index t = 0; t < rounds; ++t) x = losses.col(t), sink += robagg::detail::exponentials(x.data(), n, 1);
    alone = std::min(alone, seconds_since(start) / rounds);
  }
  benchmark::DoNotOptimize(sink);
  // So many rounds at a time that each time is long beside a clock.
  Index const at_once = std::max<Index>(rounds, 40'000 / n / rounds * rounds);
  double const bytes = static_cast<double>(n * at_once) * sizeof(double);
  double const round = fastest(state, bytes,
                               [&] {
                                 for (Index t = 0; t < at_once; ++t) experts.update(losses.col(t % rounds));
                               }) /
                       static_cast<double>(at_once);
  state.counters["ns_an_expert"] = round * 1e9 / static_cast<double>(n);
  state.counters["times_exponentials"] = round / alone;
}

template <class Rule>
void enlist_rule(Rule const& rule) {
  for (Index const n : {10, 1000, 100'000}) {
    benchmark::RegisterBenchmark((robagg::describe(rule) + "/double/" + std::to_string(n)).c_str(),
                                 [=](benchmark::State& s) { time_rule(s, rule, n); });
  }
}

bool const registered = [] {
  enlist_rule(robagg::hedge{.rate = .1}), enlist_rule(robagg::hedge{}), enlist_rule(robagg::fixed_share{.rate = .1});
  enlist_rule(robagg::boa{}), enlist_rule(robagg::ml_poly{}), enlist_rule(robagg::ml_prod{}), enlist_rule(robagg::ml_ewa{});
  enlist_rule(robagg::projected_gradient{});
  return true;
}();

}  // namespace
