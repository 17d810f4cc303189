// SPDX-License-Identifier: BSL-1.0
// Votes among a million samples with a thousand different answers, against what they cannot do without: adding the weights
// in private tables, in the same process. The answer is checked against a sum into one table.
#include "bench.hpp"

using namespace robagg_bench;

namespace {

struct sampled {
  std::vector<std::int32_t> labels;
  std::vector<std::int64_t> large;  // the same answers, too far apart for a table
  std::vector<float> scores;

  sampled(Index n, std::int32_t answers) {
    robagg::detail::generator next(1);
    for (Index i = 0; i < n; ++i) {
      labels.push_back(static_cast<std::int32_t>(next() % static_cast<std::uint64_t>(answers)));
      large.push_back(labels.back() * 1'000'000'007LL);
      scores.push_back(static_cast<float>(next() % 8) / 8);
    }
  }
  std::vector<double> sums() const {
    std::vector<double> sum(1000, 0);
    for (std::size_t i = 0; i < labels.size(); ++i) sum[static_cast<std::size_t>(labels[i])] += static_cast<double>(scores[i]);
    return sum;
  }
};

double private_tables(sampled const& x) {
  std::vector<double> table(4 * 1000);
  double best = 1e30;
  for (int k = 0; k < 9; ++k) {
    auto const start = std::chrono::steady_clock::now();
    std::fill(table.begin(), table.end(), 0.);
    for (std::size_t i = 0; i + 4 <= x.labels.size(); i += 4) {
      for (std::size_t t = 0; t < 4; ++t)
        table[t * 1000 + static_cast<std::size_t>(x.labels[i + t])] += static_cast<double>(x.scores[i + t]);
    }
    for (std::size_t c = 0; c < 1000; ++c) table[c] += table[1000 + c] + table[2000 + c] + table[3000 + c];
    benchmark::DoNotOptimize(table.data());
    best = std::min(best, seconds_since(start));
  }
  return best;
}

template <class Op>
void time_vote(benchmark::State& state, Op const& op, bool hashed) {
  sampled const x(1'000'000, 1000);
  robagg::workspace ws;
  robagg::verdict<std::int32_t> out;
  robagg::verdict<std::int64_t> large_out;
  op.into(x.labels, x.scores, out, ws), op.into(x.large, x.scores, large_out, ws);
  bool right = out.label() * 1'000'000'007LL == large_out.label();
  auto const sums = x.sums();
  auto const best = static_cast<std::int32_t>(std::max_element(sums.begin(), sums.end()) - sums.begin());
  if constexpr (std::is_same_v<Op, robagg::weighted_vote>)
    right = right && out.label() == best && out.answers[0].total == *std::max_element(sums.begin(), sums.end());
  if (!right) {
    state.SkipWithError("the result differs from the reference");
    return;
  }
  double const tables = private_tables(x);
  double const seconds =
      fastest(state, 8e6, [&] { hashed ? op.into(x.large, x.scores, large_out, ws) : op.into(x.labels, x.scores, out, ws); });
  state.counters["of_private_tables"] = seconds / tables;
}

bool const registered = [] {
  auto const enter = [](auto const& op) {
    for (bool const hashed : {false, true}) {
      std::string const name = robagg::name(op) + (hashed ? "/hashed/" : "/integers/") + "1000 answers/1000000/1";
      benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& s) {
        time_vote(s, op, hashed);
      })->Unit(benchmark::kMillisecond);
    }
  };
  enter(robagg::majority{});
  enter(robagg::weighted_vote{});
  enter(robagg::best_of_n{});
  enter(robagg::best_of_majority{.min_count = 2});
  enter(robagg::softmax_vote{});
  enter(robagg::borda_vote{});
  return true;
}();

}  // namespace
