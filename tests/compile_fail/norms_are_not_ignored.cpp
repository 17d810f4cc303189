// SPDX-License-Identifier: BSL-1.0
// says: this policy does not weigh keys by the norms of their values: pass none of them
#include <robagg/cache/policies.hpp>

using namespace robagg;

void check(table<float> const& x, table<float> const& norms) {
  static_cast<void>(norms);
  snapkv{.keep = .2}(cube(x, 1));
#ifdef BROKEN
  snapkv{.keep = .2}(cube(x, 1), norms);
#endif
}
