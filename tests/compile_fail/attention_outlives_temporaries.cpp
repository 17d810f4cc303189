// SPDX-License-Identifier: BSL-1.0
// says: the attention would outlive the temporary queries or keys that it is computed from: give them a name
#include <robagg/cache/observation_window.hpp>

using namespace robagg;

void check(table<float> const& queries, table<float> const& keys, workspace& ws) {
#ifndef BROKEN
  observation_window{.window = 2}.attention(queries, keys.topRows(4), ws);
#else
  observation_window{.window = 2}.attention(queries, table<float>(keys), ws);
#endif
}
