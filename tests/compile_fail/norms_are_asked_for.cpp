// SPDX-License-Identifier: BSL-1.0
// says: this policy weighs keys by the norms of their values: pass a table of them, or norms::none
#include <robagg/cache/policies.hpp>

using namespace robagg;

void check(table<float> const& x, table<float> const& norms) {
  auto const attention = cube(x, 1);
  defensivekv{.keep = .2}(attention, norms);
  defensivekv{.keep = .2}(attention, norms::none);
#ifdef BROKEN
  defensivekv{.keep = .2}(attention);
#endif
}
