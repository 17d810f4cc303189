// SPDX-License-Identifier: BSL-1.0
// says: robagg: 16-bit integers are no table
#include <robagg/location/mean.hpp>
#include <cstdint>
#include <vector>

using namespace robagg;

void check(table<float> const& x) {
#ifndef BROKEN
  std::vector<std::uint16_t> const bits(12);
  mean{}(Eigen::Map<table<Eigen::half> const>(as_half(bits).data(), 3, 4)), mean{}(x);
#else
  mean{}(x.cast<std::uint16_t>());
#endif
}
