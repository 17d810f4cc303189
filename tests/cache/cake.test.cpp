// SPDX-License-Identifier: BSL-1.0
// CAKE: the mean and the variance over queries, and budgets of layers by the dispersion of their attention.
#include "eviction.hpp"

using namespace robagg_test;
using robagg::kept, robagg::cake;

TEST_CASE("cake by hand: keys that queries disagree about") {
  matrix const x{{.3, 0, .25}, {.3, .4, .25}};  // means .3 .2 .25, variances 0 .04 0
  auto const keeps = [&](double gamma) {
    return positions_of(cake{.keep = 1 / 3., .window = 0, .kernel = 1, .gamma = gamma}(robagg::cube(x, 1)))[0];
  };
  CHECK(keeps(0) == std::vector<Index>{0});
  CHECK(keeps(2) == std::vector<Index>{0});  // .2 + .08
  CHECK(keeps(3) == std::vector<Index>{1});  // .2 + .12
  CHECK(keeps(200) == std::vector<Index>{1});
}

TEST_CASE("cake by hand: layers share six keys by entropy and variance") {
  // Both layers have the entropy ln 2 and variances of 1/16 a key: the first of four keys, the second of two.
  matrix x{{.5, 0, .5, 0, 0, 0, 0, 0}, {0, .5, 0, .5, 0, 0, 0, 0}, {.5, .5, 0, 0, 0, 0, 0, 0}, {.5, 0, .5, 0, 0, 0, 0, 0}};
  cake op{.keep = .5, .window = 2, .kernel = 1, .tau1 = 1, .tau2 = 1};
  auto const keeps = [&] { return positions_of(op(robagg::cube(x, 2))); };
  CHECK(keeps() == kept_lists{{0, 1, 2, 3, 8, 9}, {1, 2, 8, 9}});  // as 2 to 1
  op.gamma = 0;
  CHECK(keeps() == kept_lists{{0, 1, 2, 3, 8, 9}, {0, 1, 8, 9}});
  op.tau1 = 7;  // equal entropies
  CHECK(keeps() == kept_lists{{0, 1, 2, 3, 8, 9}, {0, 1, 8, 9}});
  op.tau2 = .5;  // as 4 to 1: 4.8 and 1.2, and what is left to the first
  CHECK(keeps() == kept_lists{{0, 1, 2, 3, 4, 8, 9}, {0, 8, 9}});
  // Queries that are sure of one key each: they differ most, and need nothing.
  x.bottomRows(2).setZero(), x(2, 0) = x(3, 1) = 1;
  CHECK(keeps() == kept_lists{{0, 1, 2, 3, 4, 5, 8, 9}, {8, 9}});
}

TEST_CASE("layers share the cache by the dispersion of their attention") {
  matrix x = matrix::Zero(2 * 8, 100);
  x.topRows(8) = attention_tables(1, 8, 100, 2);  // attention everywhere, different for every query
  x.bottomRows(8).col(4).setConstant(.9);         // one key for all
  kept const k = cake{.keep = .3, .window = 0}(robagg::cube(x, 2));
  CHECK(k[0].size() + k[1].size() == 60);
  CHECK(k[0].size() > k[1].size());
}

TEST_CASE("cake refuses sinks that a layer has no budget for") {
  // A layer whose attention says nothing: refused before anything is written.
  matrix layers = matrix::Zero(2 * 8, 50);
  layers.topRows(8) = attention_tables(1, 8, 50, 2);
  kept out{{7}, {0, 1}};
  robagg::workspace ws;
  CHECK_THROWS_WITH((cake{.keep = .1, .window = 0, .sinks = 4}.into(robagg::cube(layers, 2), out, ws)),
                    Catch::Contains("needs a budget of at least the floors and the protected positions"));
  CHECK((out.positions == std::vector<Index>{7} && out.starts == std::vector<Index>{0, 1}));
}

TEST_CASE("cake shares its budget whatever the attention") {
  // Entropies and variances that overflow, of one layer or of all.
  matrix huge = matrix::Zero(2 * 8, 50);
  for (Index i = 0; i < 16; i += 2) huge.row(i).setConstant(1e300);
  for (bool const both : {false, true}) {
    if (!both) huge.bottomRows(8) = attention_tables(1, 8, 50, 2);
    kept const k = cake{.keep = .3, .window = 0}(robagg::cube(huge, 2));
    CHECK(k[0].size() + k[1].size() == 30);
    huge.bottomRows(8) = huge.topRows(8);
  }
}
