// SPDX-License-Identifier: BSL-1.0
// CriticalKV: part of the budget goes to the highest scores, the rest to scores times the norms of values.
#include "eviction.hpp"

using namespace robagg_test;
using robagg::criticalkv, robagg::budget_scope;

TEST_CASE("criticalkv by hand: the highest scores first, then what moves the output") {
  // Of 10 keys 6: the window's two, in the first stage one, in the second three.
  matrix const x{{.3, .2, .1, .05, .04, .03, .02, 0}}, norms{{0, 0, 1, 1, 10, 10, 1, 4000}};
  auto const c = robagg::cube(x, 1);
  // (score + 1e-4) norm: 0  0  .1001  .0501  .401  .301  .0201  .4
  criticalkv op{.keep = .6, .window = 2, .kernel = 1};
  CHECK(positions_of(op(c, norms)) == kept_lists{{0, 4, 5, 7, 8, 9}});
  CHECK(positions_of(op(c, robagg::norms::none)) == kept_lists{{0, 1, 2, 3, 8, 9}});
  op.first_stage = 0;
  CHECK(positions_of(op(c, norms)) == kept_lists{{2, 4, 5, 7, 8, 9}});
  op.first_stage = .5, op.epsilon = 0;  // key 7 has no attention
  CHECK(positions_of(op(c, norms)) == kept_lists{{0, 2, 4, 5, 8, 9}});
  op.first_stage = 1;
  CHECK(positions_of(op(c, norms)) == kept_lists{{0, 1, 2, 3, 8, 9}});
}

TEST_CASE("criticalkv by hand with a budget for the layer") {
  matrix const x{{.3, .2, .1, .05, .04, .03, .02, 0}, {0, 0, 0, .001, 0, 0, 0, 0}};
  matrix const norms{{0, 0, 1, 1, 10, 10, 1, 4000}, {1, 1, 1, 1, 1, 1, 1, 1}};
  auto const c = robagg::cube(x, 2);
  // Each head's first stage, then of both the best six: they are the loud head's; its key 1 counts nothing.
  criticalkv op{.keep = .6, .heads = 2, .window = 2, .kernel = 1, .scope = budget_scope::layer};
  CHECK(positions_of(op(c, norms)) == kept_lists{{0, 2, 3, 4, 5, 6, 7, 8, 9}, {3, 8, 9}});
  op.floor = 1;
  CHECK(positions_of(op(c, norms)) == kept_lists{{0, 4, 5, 7, 8, 9}, {0, 1, 2, 3, 8, 9}});
}

TEST_CASE("criticalkv refuses negative norms") {
  matrix const x = attention_tables(2, 8, 50, 9);
  check_call_refused(criticalkv{.keep = .5}, [&](auto const& op) { op(robagg::cube(x, 2), matrix::Constant(2, 50, -1)); },
                     {"criticalkv: needs norms >= 0", "norm = -1"});
}
