// SPDX-License-Identifier: BSL-1.0
// Fitting the weights of an ensemble, 400 observations x 12 models x 23 levels, and what goes with forecasts: pools, repairs,
// scores. bench/peers/peers.py solves the same problem with SciPy's HiGHS.
#include "bench.hpp"

using namespace robagg_bench;

namespace {

struct forecast_problem {
  Index n, p = 12, r = 23;
  robagg::table<double> q;
  std::vector<double> y, levels;

  explicit forecast_problem(Index observations, Index quantiles = 23)
      : n(observations), r(quantiles), q(observations * 12, quantiles) {
    robagg::detail::generator next(1);
    auto const uniform = [&] { return static_cast<double>(next() >> 11) * 0x1p-53; };
    for (Index k = 0; k < r; ++k) levels.push_back((static_cast<double>(k) + 1) / (static_cast<double>(r) + 1));
    for (Index i = 0; i < n; ++i) {
      y.push_back(10 * uniform());
      for (Index j = 0; j < p; ++j) {
        double const middle = y.back() + (uniform() - .5) * (static_cast<double>(j) + 4);
        for (Index k = 0; k < r; ++k)
          q(i * p + j, k) = middle + (4 + .8 * static_cast<double>(j)) * (levels[static_cast<std::size_t>(k)] - .5);
      }
    }
  }
  auto tables() const { return robagg::cube(q, n); }
};

void fit(benchmark::State& state, Index observations, robagg::weight_sharing sharing, Index quantiles = 23) {
  forecast_problem const x(observations, quantiles);
  robagg::quantile_averaging const op{.levels = x.levels, .weights = sharing};
  auto const checked = op.fit(x.tables(), x.y);
  if (checked.status != robagg::fit_status::optimal || !(checked.gap <= 1e-8 * checked.objective))
    return state.SkipWithError("no proof of the optimum");
  state.counters["iterations"] = static_cast<double>(checked.iterations);
  fastest(state, static_cast<double>(x.q.size()) * 8, [&] { benchmark::DoNotOptimize(op.fit(x.tables(), x.y).objective); });
}

template <class Op>
void repair(benchmark::State& state, Op const& op, bool crossing) {
  robagg::table<float> x(1'000'000, 23), y;
  robagg::detail::generator next(2);
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index k = 0; k < 23; ++k)
      x(i, k) = static_cast<float>(k) + static_cast<float>(next() >> 40) * 0x1p-24f * (crossing && i % 4 == 0 ? 3.f : 1.f);
  }
  robagg::workspace ws;
  op.into(x, y, ws);
  for (Index i = 0; i < x.rows(); i += 997) {
    for (Index k = 1; k < 23; ++k) {
      if (!(y(i, k) >= y(i, k - 1))) return state.SkipWithError("a row falls");
    }
  }
  fastest(state, static_cast<double>(x.size()) * 4, [&] { op.into(x, y, ws); });
}

template <class T>
void scores(benchmark::State& state) {
  robagg::table<T> x(1'000'000, 23);
  robagg::detail::generator next(2);
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<T>(next() >> 40) * T(0x1p-24);
  std::vector<double> levels, y(1'000'000, .4);
  for (int k = 1; k <= 23; ++k) levels.push_back(k / 24.);
  robagg::weighted_interval_score const op{levels};
  robagg::workspace ws;
  Eigen::VectorXd out;
  op.into(x, y, out, ws);
  for (Index i = 0; i < x.rows(); i += 997) {
    double sum = 0;
    for (Index k = 0; k < 23; ++k) {
      double const e = .4 - static_cast<double>(x(i, k)), tau = levels[static_cast<std::size_t>(k)];
      sum += 2 * (e > 0 ? tau : tau - 1) * e / 23;
    }
    if (!(std::abs(sum - out[i]) <= 1e-12)) return state.SkipWithError("another score");
  }
  fastest(state, static_cast<double>(x.size()) * sizeof(T), [&] { op.into(x, y, out, ws); });
}

void pools(benchmark::State& state) {
  forecast_problem const x(10'000);
  robagg::linear_pool const op{x.levels};
  robagg::workspace ws;
  Eigen::VectorXd out(23);
  op.into(x.q.topRows(10), out, ws);
  if (!(out[0] >= x.q.topRows(10).minCoeff() && out[22] <= x.q.topRows(10).maxCoeff()))
    return state.SkipWithError("outside the models");
  fastest(state, 10'000 * 10 * 23 * 8., [&] {
    for (Index t = 0; t < 10'000; ++t) op.into(x.q.middleRows(12 * t, 10), out, ws);
  });
}

bool const registered = [] {
  auto const enter = [](char const* name, auto run) { benchmark::RegisterBenchmark(name, run)->Unit(benchmark::kMillisecond); };
  enter("quantile_averaging/coarse/400/276/1", [](benchmark::State& s) { fit(s, 400, robagg::weight_sharing::coarse); });
  enter("quantile_averaging/coarse/4000/276/1", [](benchmark::State& s) { fit(s, 4000, robagg::weight_sharing::coarse); });
  enter("quantile_averaging/coarse/1000000/12/1",
        [](benchmark::State& s) { fit(s, 1'000'000, robagg::weight_sharing::coarse, 1); });
  enter("quantile_averaging/per level/400/276/1", [](benchmark::State& s) { fit(s, 400, robagg::weight_sharing::per_level); });
  enter("isotonic/rows that ascend/1000000/23/1", [](benchmark::State& s) { repair(s, robagg::isotonic{}, false); });
  enter("isotonic/a quarter crosses/1000000/23/1", [](benchmark::State& s) { repair(s, robagg::isotonic{}, true); });
  enter("rearrange/a quarter crosses/1000000/23/1", [](benchmark::State& s) { repair(s, robagg::rearrange{}, true); });
  enter("weighted_interval_score/float/1000000/23/1", scores<float>);
  enter("weighted_interval_score/double/1000000/23/1", scores<double>);
  enter("linear_pool/10000 tables/10/23/1", pools);
  return true;
}();

}  // namespace
