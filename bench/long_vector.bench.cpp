// SPDX-License-Identifier: BSL-1.0
// top and quantile over one long vector, against std::nth_element on a copy of it in the same process: the
// counter times_nth_element is how many times faster. The answer is checked on the whole vector.
#include "bench.hpp"

#include <cmath>

using namespace robagg_bench;

namespace {

enum class kind { random, ties, sorted };

std::vector<float> values_of(Index d, kind k) {
  cells<float> next(1, d);
  std::vector<float> v(static_cast<std::size_t>(d));
  for (auto& value : v) value = k == kind::ties ? std::floor(next() * 8) / 8 : next();
  if (k == kind::sorted) std::sort(v.begin(), v.end());
  return v;
}

// The m-th smallest, m from 0, and the seconds that finding it takes: the best of three.
std::pair<float, double> nth(std::vector<float> const& v, Index m) {
  std::vector<float> copy(v.size());
  double best = 1e30;
  for (int i = 0; i < 3; ++i) {
    auto const start = std::chrono::steady_clock::now();
    std::copy(v.begin(), v.end(), copy.begin());
    std::nth_element(copy.begin(), copy.begin() + m, copy.end());
    best = std::min(best, seconds_since(start));
  }
  return {copy[static_cast<std::size_t>(m)], best};
}

void time_top(benchmark::State& state, Index d, kind of) {
  auto const values = values_of(d, of);
  Eigen::VectorXf const scores = Eigen::Map<Eigen::VectorXf const>(values.data(), d);
  robagg::top const op{.k = d / 5};
  robagg::workspace ws;
  std::vector<Index> out;
  op.into(scores, out, ws);

  // All that are above the level, the first of those at it, in order of position.
  auto const [level, other] = nth(values, d - d / 5);
  std::vector<Index> expected;
  Index ties = d / 5 - std::count_if(values.begin(), values.end(), [level = level](float v) { return v > level; });
  for (Index j = 0; j < d; ++j) {
    if (scores(j) > level || (scores(j) == level && ties-- > 0)) expected.push_back(j);
  }
  if (out != expected) {
    state.SkipWithError("the result differs from the reference");
    return;
  }
  state.counters["times_nth_element"] = other / fastest(state, static_cast<double>(d) * 4, [&] { op.into(scores, out, ws); });
}

void time_quantile(benchmark::State& state, Index n, kind of) {
  auto const values = values_of(n, of);
  Eigen::Map<robagg::table<float> const> const x(values.data(), n, 1);
  robagg::quantile const op{.p = .8};
  robagg::workspace ws;
  Eigen::VectorXf out(1);
  op.into(x, out, ws);

  // Type 2: between two values the midpoint, otherwise the value above.
  Index const lower = (4 * n - 1) / 5, upper = 4 * n / 5;
  auto const [above, other] = nth(values, upper);
  float const expected = lower == upper ? above : (nth(values, lower).first + above) / 2;
  if (std::abs(out(0) - expected) > 1e-6f) {
    state.SkipWithError("the result differs from the reference");
    return;
  }
  state.counters["times_nth_element"] = other / fastest(state, static_cast<double>(n) * 4, [&] { op.into(x, out, ws); });
}

bool const registered = [] {
  for (auto const& [of, name] :
       {std::pair(kind::random, "random"), std::pair(kind::ties, "ties"), std::pair(kind::sorted, "sorted")}) {
    for (Index const size : {131'072, 10'000'000}) {
      std::string const length = std::to_string(size);
      auto const enter = [](std::string const& full, auto run) {
        benchmark::RegisterBenchmark(full.c_str(), run)->Unit(benchmark::kMillisecond);
      };
      enter("top of a vector/float/" + std::string(name) + "/1/" + length,
            [size, of = of](benchmark::State& s) { time_top(s, size, of); });
      enter("quantile of a vector/float/" + std::string(name) + "/" + length + "/1",
            [size, of = of](benchmark::State& s) { time_quantile(s, size, of); });
    }
  }
  return true;
}();

}  // namespace
