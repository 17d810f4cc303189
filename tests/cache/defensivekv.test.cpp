// SPDX-License-Identifier: BSL-1.0
// DefensiveKV: worst cases, floors, norms, protected mass and the published code's oddities, by hand and done slowly.
#include "eviction.hpp"

using namespace robagg_test;
using robagg::defensivekv;

TEST_CASE("defensivekv by hand: the worst case, the floor and its ties, the protected mass") {
  matrix const x = worst_case_is_not_mean();
  auto const keeps = [&](defensivekv op) {
    op.window = 0, op.kernel = 1;
    return positions_of(op(robagg::cube(x, 1), robagg::norms::none))[0];
  };
  using list = std::vector<Index>;
  CHECK(keeps({.keep = .4, .protected_mass = 0}) == list{0, 1});
  CHECK(keeps({.keep = .6, .protected_mass = 0}) == list{0, 1, 2});
  CHECK(keeps({.keep = .8, .protected_mass = 0}) == list{0, 1, 2, 4});  // at the floor by 18, 13, 6
  // Shares of the mean .30 .27 .22 .11 .10; the window has .07 of .9: the first three are protected, if there is room.
  CHECK(keeps({.keep = .4}) == list{1, 2});
  CHECK(keeps({.keep = .2}) == list{2});
  CHECK(keeps({.keep = .2, .protected_mass = .3}) == list{1});  // .23 is passed at once
  CHECK(keeps({.keep = .8}) == list{0, 1, 2, 4});
}

TEST_CASE("defensivekv by hand: rows are pooled before their maximum") {
  matrix x = matrix::Zero(3, 12);
  x(0, 1) = x(1, 3) = .6, x(2, 8) = .9;
  // .2 for keys 0 to 4, .3 for 7 to 9; the maxima pooled would have .4 for key 2.
  CHECK(positions_of(defensivekv{.keep = .25, .window = 0, .kernel = 3, .protected_mass = 0}(
            robagg::cube(x, 1), robagg::norms::none)) == kept_lists{{7, 8, 9}});
}

TEST_CASE("defensivekv by hand: norms over the keys of a head, as published over the heads") {
  matrix const x = worst_case_is_not_mean();
  defensivekv op{.keep = .4, .window = 0, .kernel = 1, .protected_mass = 0};
  CHECK(positions_of(op(robagg::cube(x, 1), matrix{{1, 1, 1, 4, 1}})) == kept_lists{{1, 3}});  // 26 32 19 76 19
  matrix const both = x.replicate(2, 1);
  matrix norms = matrix::Ones(2, 5);
  norms.row(1).setConstant(10);
  op.heads = 2;
  CHECK(positions_of(op(robagg::cube(both, 2), norms)) == kept_lists{{0, 1}, {0, 1}});
  op.as_published = true;  // a head of tenfold values takes all
  CHECK(positions_of(op(robagg::cube(both, 2), norms)) == kept_lists{{}, {0, 1, 2, 4}});
}

TEST_CASE("defensivekv by hand: short contexts as published") {
  // Of 10 keys 5: the window's four and one more. Protected are at most 3 - 4 keys: none, or as published all but one.
  matrix x = matrix::Zero(3, 6);
  x(0, 1) = .5, x(1, 0) = x(2, 0) = .3;
  auto const keeps = [&](bool published) {
    defensivekv const op{.keep = .5, .window = 4, .kernel = 1, .as_published = published};
    return positions_of(op(robagg::cube(x, 1), robagg::norms::none))[0];
  };
  CHECK(keeps(false) == std::vector<Index>{1, 6, 7, 8, 9});
  CHECK(keeps(true) == std::vector<Index>{0, 6, 7, 8, 9});  // .55 of the mean
  x.col(5).setConstant(.4);  // as published the window's: key 5 has .52 of the mean, .9 - .4 are protected
  CHECK(keeps(true) == std::vector<Index>{1, 6, 7, 8, 9});
}

TEST_CASE("defensivekv agrees with the whole pipeline done slowly") {
  for_each_defensive_pipeline([](eviction_pipeline const& p, matrix const& x, matrix const& norms) {
    defensivekv const op{.keep = p.keep, .heads = p.heads, .window = p.window, .as_published = p.published};
    CHECK(positions_of(op(robagg::cube(x, p.tables), norms)) == defensive_slowly(x, norms, p, false));
  });
}

TEST_CASE("defensivekv refuses norms, strengths and masses out of range") {
  matrix const x = attention_tables(2, 8, 50, 9), norms = matrix::Ones(2, 50);
  auto const c = robagg::cube(x, 2);
  check_call_refused(defensivekv{.keep = .5}, [&](auto const& op) { op(c, matrix::Ones(2, 49)); },
                     {"defensivekv: needs a value norm for every key"});
  check_call_refused(defensivekv{.keep = .5, .floor_strength = -1}, [&](auto const& op) { op(c, norms); },
                     {"defensive: needs a finite floor_strength >= 0"});
  for (double const share : {-.1, 1.1, not_a_number}) {
    check_call_refused(defensivekv{.keep = .5, .protected_mass = share}, [&](auto const& op) { op(c, norms); },
                       {"defensivekv: needs shares in [0, 1]"});
  }
}
