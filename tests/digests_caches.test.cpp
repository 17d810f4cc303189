// SPDX-License-Identifier: BSL-1.0
// The operators of digests.test.cpp that have no name at run time: cache policies and forecasts.
#include "digests.hpp"

#ifdef ROBAGG_DIGESTS

namespace robagg_test::digests {
namespace {

template <class S>
void run_caches(call<S> const& run) {
  table<S> const attention = drawn<S>(kind::positive, 6, 8 * 4, 30), norms = drawn<S>(kind::positive, 7, 8, 30);
  auto const heads = cube(attention, 8);  // two layers of four heads, two heads a key head
  auto const each = [&](auto const&... ops) { (run(describe(ops), [&](record& to) { put(to, ops(heads)); }), ...); };
  auto const each_by_norms = [&](auto const&... ops) {
    (run(describe(ops), [&](record& to) { put(to, ops(heads, norms), ops(heads, robagg::norms::none)); }), ...);
  };
  each(snapkv{.keep = .4, .heads = 4, .window = 2},
       snapkv{.keep = .4, .heads = 4, .window = 2, .sinks = 2, .group = group_reduction::max},
       adakv{.keep = .4, .heads = 4, .window = 2}, cake{.keep = .4, .heads = 4, .window = 2}, h2o{.keep = .4, .heads = 4},
       streaming_sinks{.keep = .4, .heads = 4, .window = 2});
  each_by_norms(criticalkv{.keep = .4, .heads = 4, .window = 2}, defensivekv{.keep = .4, .heads = 4, .window = 2},
                defensivekv{.keep = .4, .heads = 4, .window = 2, .as_published = true},
                layer_defensivekv{.keep = .4, .heads = 4, .window = 2});
  run("snapkv{.keep = .4}.with(median)",
      [&](record& to) { put(to, snapkv{.keep = .4, .heads = 4, .window = 2}.with(median{})(heads)); });
  run("each(median)", [&](record& to) { put(to, robagg::each(median{})(heads)); });

  table<S> const queries = drawn<S>(kind::any, 8, 6, 16), keys = drawn<S>(kind::any, 9, 50, 16),
                 projections = drawn<S>(kind::any, 10, 32, 9);
  run("observation_window{.window = 3}", [&](record& to) { put(to, observation_window{.window = 3}(queries, keys)); });
  run("value_norms", [&](record& to) {
    workspace ws;
    Eigen::VectorXd moved;
    value_norms{}.into(keys, projections, moved, ws);
    put(to, value_norms{}(keys), moved);
  });
  for (auto const axis : {norm_axis::keys, norm_axis::heads}) {
    value_weight const op{axis};
    run(describe(op), [&](record& to) { put(to, op(drawn<S>(kind::positive, 11, 8, 30), norms)); });
  }
  run("defensive::state", [&](record& to) {
    typename defensive::state_of<S> seen;
    for (auto const& x : tables_of<S>(kind::positive)) {
      seen.clear();
      for (Index i = 0; i < x.rows(); ++i) seen.add(x.row(i));
      put(to, seen.finish());
    }
  });
  std::vector<Index> const floors = {1, 2, 0, 1, 1, 0, 2, 1};
  run("allocate", [&](record& to) {
    table<S> const scores = tables_of<S>(kind::any)[3].topRows(8);  // ties, NaN and an infinity
    put(to, allocate{.budget = 40}(norms), allocate{.budget = 60, .floors = floors}(norms),
        allocate{.budget = 60, .floors = floors}(scores));
    put(to, allocate{.budget = 60, .floors = floors}(scores, table<S>(norms.leftCols(24))));
  });
}

template <class S>
void run_forecasts(call<S> const& run) {
  std::vector<double> const levels = {.1, .25, .5, .75, .9};
  std::vector<Index> const groups = {0, 0, 1, 0, 0};
  table<S> forecasts = drawn<S>(kind::any, 14, 20 * 3, 5);
  for (Index i = 0; i < forecasts.rows(); ++i) std::sort(forecasts.row(i).data(), forecasts.row(i).data() + 5);
  auto const observations = cube(forecasts, 20);
  Eigen::Matrix<S, Eigen::Dynamic, 1> const y = drawn<S>(kind::any, 15, 20, 1).col(0);
  Eigen::VectorXd weight(20);
  for (Index i = 0; i < 20; ++i) weight(i) = static_cast<double>(1 + i % 4) / 4;
  auto const fitted = [&](record& to, quantile_averaging_fit const& fit) {
    put(to, fit.weights, fit.intercepts, fit.objective, fit.status, fit(observations[0]));
  };
  for (auto const weights : {weight_sharing::coarse, weight_sharing::grouped, weight_sharing::fine}) {
    quantile_averaging const op{.levels = levels,
                                .weights = weights,
                                .groups = groups,
                                .intercept = weights == weight_sharing::grouped,
                                .ridge = 1. / 64};
    run("quantile_averaging{.weights = " + std::string(enumerators(weights)[static_cast<std::size_t>(weights)]) + "}",
        [&](record& to) { fitted(to, op.fit(observations, y, weight)); });
  }
  run("quantile_averaging{.noncrossing = true}", [&](record& to) {
    fitted(
        to,
        quantile_averaging{.levels = levels, .weights = weight_sharing::per_level, .noncrossing = true, .ridge = 1. / 64}.fit(
            observations, y));
  });
  run("exponentiated_gradient",
      [&](record& to) { fitted(to, exponentiated_gradient{.levels = levels, .iterations = 50}.fit(observations, y, weight)); });
  run("quantile_averaging_fit", [&](record& to) {  // by hand, and applied
    table<S> const& x = tables_of<S>(kind::sorted).front();
    quantile_averaging_fit fit{.weights = Eigen::MatrixXd::Constant(11, 7, 1. / 8),
                               .intercepts = Eigen::VectorXd::Constant(7, .5)};
    fit.weights(3, 2) = 0, fit.weights.row(5) *= 2;
    put(to, fit(x), fit(weighted(x, weights_for(11).back())));
    table<S> missing = x;
    missing(0, 1) = missing(4, 1) = std::numeric_limits<S>::quiet_NaN();
    put(to, fit(skip_nan(missing)));
    workspace ws;
    put(to, fit.without(5, 11, ws)->weights);
  });

  table<S> const low = drawn<S>(kind::any, 16, 20, 1), width = drawn<S>(kind::positive, 17, 20, 1);
  Eigen::Matrix<S, Eigen::Dynamic, 1> const lower = low.col(0), upper = (low + width).col(0), middle = (lower + upper) / S(2);
  for (auto const score : {conformal_score::symmetric, conformal_score::asymmetric, conformal_score::m, conformal_score::r,
                           conformal_score::absolute}) {
    run("conformal_quantile", [&](record& to) {
      for (auto const rank : {conformal_rank::exact, conformal_rank::clamp, conformal_rank::interpolate}) {
        for (double const miss : {.03, .2}) {
          auto const fit = conformal_quantile{.miscoverage = miss, .score = score, .rank = rank}.fit(lower, middle, upper, y);
          put(to, fit.below, fit.above, fit.rank, fit(-1, .25, 2), fit(0, 0, .125));
        }
      }
    });
  }
  table<S> const q = forecasts.topRows(20);
  run("pinball", [&](record& to) { put(to, pinball{levels}(q, y)); });
  run("weighted_interval_score", [&](record& to) {
    put(to, weighted_interval_score{levels}(q, y), weighted_interval_score{.levels = levels, .median_weight = 1}(q, y),
        weighted_interval_score{levels}.parts(q, y));
  });
  run("interval_coverage", [&](record& to) { put(to, interval_coverage{}(lower, upper, y)); });
  run("interval_width", [&](record& to) { put(to, interval_width{}(lower, upper)); });
  table<S> const& x = tables_of<S>(kind::any)[1];
  run("crossing_penalty", [&](record& to) { put(to, crossing_penalty(x), crossing_penalty(x, .5)); });
  run("crps", [&](record& to) { put(to, crps{}(q, y), crps{.fair = true}(q, y)); });
  run("score_outcome", [&](record& to) {
    auto const p = std::vector<S>{S(.5), S(.125), S(.25), S(.125)};
    for (Index k = 0; k < 4; ++k) put(to, score_outcome(p, k));
  });
}

}  // namespace

void run_caches_and_forecasts(lines& all) {
  auto const in = [&]<class S>(call<S> const& run) { run_caches(run), run_forecasts(run); };
  in(call<float>{all}), in(call<double>{all});
}

}  // namespace robagg_test::digests

#endif
