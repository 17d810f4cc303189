// SPDX-License-Identifier: BSL-1.0
// says: robagg: a table of 64-bit integers, of char or of bool is no table of reports
#include <robagg/location/krum.hpp>

#include <cstdint>

using namespace robagg;

void check(table<double> const& x, table<std::int64_t> const& whole) {
  static_cast<void>(x), static_cast<void>(whole);
  workspace ws;
  Eigen::VectorXd y;
#ifndef BROKEN
  krum{.f = 1}.into(x, y, ws);
#else
  krum{.f = 1}.into(whole, y, ws);
#endif
}
