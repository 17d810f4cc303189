// SPDX-License-Identifier: BSL-1.0
// H2O: the keys with most attention over all queries, and the last ones.
#include "eviction.hpp"

using namespace robagg_test;
using robagg::h2o;

TEST_CASE("h2o by hand: half the budget to the last keys, half to the heavy ones") {
  // Key 1 has more in sum than key 6, which one query likes best. Nothing is pooled.
  matrix const x{{0, .2, 0, .5, 0, 0, .3, 0, 0, 0}, {0, .2, 0, .4, 0, 0, 0, 0, 0, .25}};
  auto const c = robagg::cube(x, 1);
  CHECK(positions_of(h2o{.keep = .4}(c)) == kept_lists{{1, 3, 8, 9}});
  CHECK(positions_of(h2o{.keep = .4, .recent = 0}(c)) == kept_lists{{1, 3, 6, 9}});
  CHECK(positions_of(h2o{.keep = .4, .recent = 1}(c)) == kept_lists{{6, 7, 8, 9}});
  CHECK(positions_of(h2o{.keep = .4, .sinks = 1}(c)) == kept_lists{{0, 3, 8, 9}});
  // The window's two are of the last three of six.
  CHECK(positions_of(h2o{.keep = .5, .window = 2}(c)) == kept_lists{{1, 3, 6, 9, 10, 11}});
}

TEST_CASE("h2o refuses a recent part that is no share") {
  matrix const x = attention_tables(2, 8, 50, 9);
  for (double const share : {-.1, 1.1, not_a_number}) {
    check_call_refused(h2o{.keep = .5, .recent = share}, [&](auto const& op) { op(robagg::cube(x, 2)); },
                       {"h2o: needs shares in [0, 1]"});
  }
}
