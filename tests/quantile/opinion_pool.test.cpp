// SPDX-License-Identifier: BSL-1.0
// Linear and logarithmic pools of probabilities.
#include "laws.hpp"

using namespace robagg_test;
using robagg::opinion_pool, robagg::pooling_rule;

TEST_CASE("opinion pools by hand") {
  matrix const p{{.8, .2}, {.4, .6}}, binary{{.7, .3}, {.8, .2}};
  CHECK(difference(numbers_of(opinion_pool{}(p)), matrix{{.6, .4}}) <= 1e-15);
  CHECK(std::abs(opinion_pool{pooling_rule::logarithmic}(p)[0] - .6202041029) <= 1e-10);
  CHECK(std::abs(opinion_pool{pooling_rule::logarithmic, 2}(binary)[0] - 28 / 31.) <= 1e-12);
  CHECK(std::abs(opinion_pool{pooling_rule::linear, 2}(binary)[0] - .9) <= 1e-12);
  CHECK(difference(numbers_of(opinion_pool{pooling_rule::logarithmic}(matrix{{0, 1}, {.5, .5}})), matrix{{0, 1}}) == 0);
  std::vector<double> const w{0, 1};
  matrix const sure{{0, 1}, {.25, .75}};
  CHECK(difference(numbers_of(opinion_pool{pooling_rule::logarithmic}(robagg::weighted(sure, w))), matrix{{.25, .75}}) <=
        1e-15);
  check_refuses(opinion_pool{pooling_rule::logarithmic}, matrix{{0, 1}, {1, 0}},
                {"opinion_pool: needs an outcome that is possible to all experts"});
  check_refuses(opinion_pool{}, matrix{{-.1, 1.1}}, {"needs finite probabilities >= 0", "probability = -0.1"});
  check_refuses(opinion_pool{pooling_rule::linear, -1}, p, {"needs a finite extremise >= 0"});
  check_refuses(opinion_pool{}, matrix{{.9}, {.6}, {.1}},
                {"opinion_pool: needs two outcomes or more: give both (outcomes = 1)"});
}
