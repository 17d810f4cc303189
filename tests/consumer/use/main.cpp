// SPDX-License-Identifier: BSL-1.0
#include <robagg/location/trimmed_mean.hpp>

#include <cstdio>

int main() {
  robagg::table<float> updates(4, 2);
  updates << 1, 1, 2, 2, 3, 3, 1e9f, -1e9f;
  auto const step = robagg::trimmed_mean{.f = 1}(updates);
  std::printf("%g %g\n", static_cast<double>(step(0)), static_cast<double>(step(1)));
  return step(0) == 2.5f && step(1) == 1.5f ? 0 : 1;
}
