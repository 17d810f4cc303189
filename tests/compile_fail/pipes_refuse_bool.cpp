// SPDX-License-Identifier: BSL-1.0
// says: robagg: a table of 64-bit integers, of char or of bool is no table of reports
#include <robagg/decide/best.hpp>
#include <robagg/location/median.hpp>

using namespace robagg;

void check(table<double> const& x) {
  workspace ws;
  Index winner = 0;
#ifndef BROKEN
  (median{} | best{}).into(x, winner, ws);
#else
  (median{} | best{}).into(x.cast<bool>(), winner, ws);
#endif
}
