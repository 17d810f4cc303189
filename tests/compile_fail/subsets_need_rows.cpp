// SPDX-License-Identifier: BSL-1.0
// says: it has no rows to choose from: write it into a matrix first
#include <robagg/cache/observation_window.hpp>
#include <robagg/location/median.hpp>

#include <vector>

using namespace robagg;

void check(table<float> const& queries, table<float> const& keys, std::vector<Index> const& rows, workspace& ws) {
#ifndef BROKEN
  table<float> const attention = observation_window{}(queries, keys);
#else
  auto const attention = observation_window{}.attention(queries, keys, ws);
#endif
  static_cast<void>(ws);
  median{}(subset(attention, rows));
}
