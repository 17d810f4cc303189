// SPDX-License-Identifier: BSL-1.0
// Eviction of a long context, 128 queries x 131,072 keys: the two steps, what averaging costs, the policies, the attention
// itself, and budgets over a whole cache. Each answer is checked against another way to it before its clock starts.
#include "bench.hpp"

#include <numeric>

using namespace robagg_bench;

namespace {

using floats = robagg::table<float>;

floats attention(Index n, Index d) {
  robagg::detail::generator next(3);
  floats x(n, d);
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(next() >> 40) * 0x1p-24f / static_cast<float>(d);
  return x;
}

double read_time(floats const& x) {
  double best = 1e30;
  for (int k = 0; k < 9; ++k) {
    auto const start = std::chrono::steady_clock::now();
    Eigen::Array<float, 64, 1> sum = Eigen::Array<float, 64, 1>::Zero();
    for (Index i = 0; i + 64 <= x.size(); i += 64) sum += Eigen::Map<Eigen::Array<float, 64, 1> const>(x.data() + i);
    benchmark::DoNotOptimize(sum.data());
    best = std::min(best, seconds_since(start));
  }
  return best;
}
template <class Work>
double shortest(Work const& work) {
  double best = 1e30;
  for (int k = 0; k < 7; ++k) {
    auto const start = std::chrono::steady_clock::now();
    work();
    best = std::min(best, seconds_since(start));
  }
  return best;
}

void two_steps(benchmark::State& state) {
  floats const x = attention(128, 131072);
  robagg::workspace ws;
  Eigen::VectorXf out, average;
  robagg::defensive{}.into(x, out, ws);
  if (out.maxCoeff() != x.maxCoeff()) return state.SkipWithError("the result differs from the reference");
  double const read = read_time(x), mean = shortest([&] { robagg::mean{}.into(x, average, ws); });
  double const seconds = fastest(state, 64e6, [&] { robagg::defensive{}.into(x, out, ws); });
  state.counters["of_read"] = read / seconds, state.counters["of_mean"] = seconds / mean;
}

template <class Policy>
void policy(benchmark::State& state, Policy const& op, auto const&... norms) {
  floats const x = attention(128, 131072);
  robagg::workspace ws;
  robagg::kept out;
  Eigen::VectorXf importance;
  auto const run = [&] { op.into(robagg::cube(x, 1), norms..., out, ws); };
  run();
  bool const right = out[0].size() == 26220 && std::is_sorted(out[0].begin(), out[0].end()) && out[0].back() == 131072 + 31;
  if (!right) return state.SkipWithError("the budget is not met");
  double const steps = shortest([&] { robagg::defensive{}.into(x, importance, ws); });
  state.counters["of_two_steps"] = fastest(state, 64e6, run) / steps;
}

void attention_of_queries(benchmark::State& state, bool table) {
  floats const q = attention(128, 128) * 1e4f, k = attention(32768 + 32, 128) * 1e4f;
  robagg::observation_window const window{};
  robagg::workspace ws;
  floats rows;
  Eigen::VectorXf out, other;
  auto const rule = robagg::pool_rows{} | robagg::defensive{};
  auto const by_table = [&] { window.into(q, k, rows, ws), rule.into(rows, out, ws); };
  auto const fused = [&] {
    auto const scope = ws.scope();
    rule.into(window.attention(q, k, ws), other, ws);
  };
  fused();
  auto const bytes = static_cast<double>(ws.bytes());
  by_table();
  if ((out - other).cwiseAbs().maxCoeff() > 1e-5f * out.maxCoeff()) return state.SkipWithError("the two ways differ");
  double const alone = shortest([&] {
    floats const logits = q * k.transpose();
    benchmark::DoNotOptimize(logits.data());
  });
  double const seconds = table ? fastest(state, 16e6, by_table) : fastest(state, 16e6, fused);
  state.counters["of_product"] = seconds / alone;
  state.counters["MB"] = 1e-6 * (table ? bytes + 4. * static_cast<double>(rows.size()) : bytes);
}

void whole_cache(benchmark::State& state, bool floor) {
  floats const scores = attention(256, 32768);
  robagg::workspace ws;
  robagg::kept out;
  std::vector<Index> const floors{1310};
  robagg::allocate op{.budget = 256 * 6554};
  if (floor) op.floors = floors;
  op.into(scores, out, ws);
  std::vector<float> all(scores.data(), scores.data() + scores.size());
  std::nth_element(all.begin(), all.begin() + (op.budget - 1), all.end(), std::greater<>{});
  float least = 1;
  for (Index g = 0; g < 256; ++g) {
    for (Index const j : out[g]) least = std::min(least, scores(g, j));
  }
  if (static_cast<Index>(out.positions.size()) != op.budget || least != all[static_cast<std::size_t>(op.budget - 1)]) {
    return state.SkipWithError("other positions than a selection of all scores");
  }
  double const read = read_time(scores);
  state.counters["reads"] = fastest(state, 32e6, [&] { op.into(scores, out, ws); }) / read;
}

// The highest 20 % of one long vector, against nth_element over (score, position).
void top_keys(benchmark::State& state) {
  floats const x = attention(1, 131072);
  std::vector<std::pair<float, Index>> pairs(131072);
  std::vector<Index> out, expected;
  robagg::workspace ws;
  auto const slow = [&] {
    for (std::size_t j = 0; j < pairs.size(); ++j) pairs[j] = {x.data()[j], -static_cast<Index>(j)};
    std::nth_element(pairs.begin(), pairs.begin() + 26214, pairs.end(), std::greater<>{});
    expected.clear();
    for (std::size_t j = 0; j < 26214; ++j) expected.push_back(-pairs[j].second);
    std::sort(expected.begin(), expected.end());
  };
  slow();
  robagg::top{26214}.into(x.row(0), out, ws);
  if (out != expected) return state.SkipWithError("the result differs from nth_element");
  double const pairs_take = shortest(slow);
  state.counters["nth_element_takes"] = pairs_take / fastest(state, 5e5, [&] { robagg::top{26214}.into(x.row(0), out, ws); });
}

bool const registered = [] {
  auto const enter = [](char const* name, auto run) { benchmark::RegisterBenchmark(name, run)->Unit(benchmark::kMillisecond); };
  enter("defensive/long/128/131072/1", two_steps);
  enter("defensivekv/128/131072/1",
        [](benchmark::State& s) { policy(s, robagg::defensivekv{.keep = .2}, attention(1, 131072)); });
  enter("snapkv/128/131072/1", [](benchmark::State& s) { policy(s, robagg::snapkv{.keep = .2}); });
  enter("observation_window/table/128/32768/1", [](benchmark::State& s) { attention_of_queries(s, true); });
  enter("observation_window/fused/128/32768/1", [](benchmark::State& s) { attention_of_queries(s, false); });
  enter("allocate/256/32768/1", [](benchmark::State& s) { whole_cache(s, false); });
  enter("allocate/floors/256/32768/1", [](benchmark::State& s) { whole_cache(s, true); });
  enter("top/20 %/1/131072/1", top_keys);
  return true;
}();

}  // namespace
