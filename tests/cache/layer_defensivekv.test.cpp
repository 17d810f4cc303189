// SPDX-License-Identifier: BSL-1.0
// Layer-DefensiveKV: DefensiveKV with one budget for the whole cache.
#include "eviction.hpp"

using namespace robagg_test;
using robagg::layer_defensivekv;

TEST_CASE("layer_defensivekv by hand: a layer takes another one's budget, but not what it protects") {
  matrix x(4, 5);
  x << worst_case_is_not_mean(), matrix{{20, 12, 12, 12, 8}}.replicate(2, 1) / 64;
  auto const c = robagg::cube(x, 2);
  layer_defensivekv op{.keep = .4, .window = 0, .kernel = 1, .protected_mass = 0};
  auto const keeps = [&](auto const& policy) { return positions_of(policy(c, robagg::norms::none)); };
  // Four keys: 32, 26, 20 of the second layer, and of three at 19 the one that has 18.
  CHECK(keeps(op) == kept_lists{{0, 1, 2}, {0}});
  CHECK(keeps(robagg::defensivekv{.keep = .4, .window = 0, .kernel = 1, .protected_mass = 0}) == kept_lists{{0, 1}, {0, 1}});
  op.protected_mass = .9;  // of each layer the two that have the highest mean
  CHECK(keeps(op) == kept_lists{{1, 2}, {0, 1}});
}

TEST_CASE("layer_defensivekv by hand: norms are those of a head's keys") {
  matrix x(4, 5);
  x << worst_case_is_not_mean(), worst_case_is_not_mean();
  matrix norms = matrix::Ones(2, 5);
  norms.row(1) << 10, 10, 10, 40, 10;
  layer_defensivekv const op{.keep = .4, .window = 0, .kernel = 1, .protected_mass = 0};
  // In fifths and eighths: 5.2 6.4 3.8 3.8 3.8 and 3.25 4 2.375 9.5 2.375.
  CHECK(positions_of(op(robagg::cube(x, 2), norms)) == kept_lists{{0, 1}, {1, 3}});
}

TEST_CASE("layer_defensivekv agrees with the whole pipeline done slowly") {
  for_each_defensive_pipeline([](eviction_pipeline const& p, matrix const& x, matrix const& norms) {
    layer_defensivekv const op{.keep = p.keep, .heads = p.heads, .window = p.window, .as_published = p.published};
    CHECK(positions_of(op(robagg::cube(x, p.tables), norms)) == defensive_slowly(x, norms, p, true));
  });
}
