// SPDX-License-Identifier: BSL-1.0
// Ada-KV: the heads of a layer share one budget, of which each has a floor.
#include "eviction.hpp"

using namespace robagg_test;
using robagg::adakv;

TEST_CASE("adakv by hand: a loud head takes a quiet one's budget down to its floor, within the layer") {
  // Of 10 keys 6 a head: the window's two and four before it, eight a layer.
  matrix x = matrix::Zero(4, 8);
  for (Index j = 0; j < 8; ++j) x(0, j) = static_cast<double>(8 - j) / 64;
  x(1, 5) = 1. / 1024;
  x.bottomRows(2) = x.topRows(2) / 1024;  // a layer of whispers keeps as many
  auto const keeps = [&](adakv const& op) {
    auto const all = positions_of(op(robagg::cube(x, 4)));
    REQUIRE(all.size() == 4);
    CHECK((all[2] == all[0] && all[3] == all[1]));
    return kept_lists{all[0], all[1]};
  };
  kept_lists const no_floor{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {8, 9}};
  CHECK(keeps({.keep = .6, .heads = 2, .window = 2, .kernel = 1, .floor = 0}) == no_floor);
  CHECK(keeps({.keep = .6, .heads = 2, .window = 2, .kernel = 1}) == no_floor);  // a fifth of 6 is less than the window
  // Half of 6 is one more than the window; all of them, as many as the other head, of equal keys the first.
  CHECK(keeps({.keep = .6, .heads = 2, .window = 2, .kernel = 1, .floor = .5}) ==
        kept_lists{{0, 1, 2, 3, 4, 5, 6, 8, 9}, {5, 8, 9}});
  CHECK(keeps({.keep = .6, .heads = 2, .window = 2, .kernel = 1, .floor = 1}) ==
        kept_lists{{0, 1, 2, 3, 8, 9}, {0, 1, 2, 5, 8, 9}});
}

TEST_CASE("adakv refuses a floor that is no share") {
  matrix const x = attention_tables(2, 8, 50, 9);
  for (double const share : {-.1, 1.1, not_a_number}) {
    check_call_refused(adakv{.keep = .5, .floor = share}, [&](auto const& op) { op(robagg::cube(x, 2)); },
                       {"adakv: needs shares in [0, 1]"});
  }
}
