// SPDX-License-Identifier: BSL-1.0
// Headers of 0.1 that have another name now: they are there until 0.3, with what they held.
#include <robagg/cache/policies.hpp>
#include <robagg/cache/value_weight.hpp>
#include <robagg/confidence/deepconf.hpp>
#include <robagg/estimate/pass_at_k.hpp>
#include <robagg/quantile/averaging.hpp>
#include <robagg/quantile/conformal_quantile.hpp>
#include <robagg/quantile/opinion_pool.hpp>
#include <robagg/quantile/scores.hpp>

#include "catch.hpp"

TEST_CASE("headers by their names of 0.1") {
  using namespace robagg;
  CHECK(name(snapkv{.keep = .5}) + name(adakv{.keep = .5}) + name(criticalkv{.keep = .5}) + name(cake{.keep = .5}) +
            name(h2o{.keep = .5}) + name(defensivekv{.keep = .5}) + name(layer_defensivekv{.keep = .5}) +
            name(streaming_sinks{.keep = .5}) ==
        "snapkvadakvcriticalkvcakeh2odefensivekvlayer_defensivekvstreaming_sinks");
  CHECK(name(value_norms{}) == "value_norms");
  CHECK(token_confidence{}.top_k == 20);
  CHECK(deepconf_threshold{}.keep == .9);
  CHECK(deepconf_state(3).window() == 3);
  CHECK(best_of_n_divergence(1) == 0);
  CHECK(max_at_k{.k = 1}(std::vector<double>{2., 2.}) == 2);
  CHECK(name(quantile_averaging{}) == "quantile_averaging");
  CHECK(adaptive_miscoverage(.1, .01).level() == .1);
  CHECK(score_outcome(std::vector<double>{0., 1.}, 1).brier == 0);
  CHECK(interval_score(0, 1, .5, .1) == 1);
  CHECK(name(pinball{}) + name(weighted_interval_score{}) + name(interval_coverage{}) + name(interval_width{}) + name(crps{}) ==
        "pinballweighted_interval_scoreinterval_coverageinterval_widthcrps");
}
