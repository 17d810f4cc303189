// SPDX-License-Identifier: BSL-1.0
// says: this operator reads whole rows, and the columns of this table are computed where they are read
#include <robagg/cache/observation_window.hpp>
#include <robagg/location/krum.hpp>
#include <robagg/transform/ranks.hpp>

using namespace robagg;

void check(table<float> const& queries, table<float> const& keys, workspace& ws) {
  auto const attention = observation_window{}.attention(queries, keys, ws);
#ifndef BROKEN
  krum{.f = 1}(attention);
#else
  ranks{}(attention);
#endif
}
