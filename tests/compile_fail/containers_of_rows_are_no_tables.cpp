// SPDX-License-Identifier: BSL-1.0
// says: robagg: a container of rows is no table
#include <robagg/location/median.hpp>
#include <vector>

using namespace robagg;

void check(table<float> const& x) {
#ifndef BROKEN
  std::vector<std::vector<float>> const rows(3, std::vector<float>(4));
  median{}(rows_of(rows)), median{}(x);
#else
  std::vector<std::vector<double>> const rows(3, std::vector<double>(4));
  median{}(rows), median{}(x);
#endif
}
