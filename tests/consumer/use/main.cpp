// SPDX-License-Identifier: BSL-1.0
#include <robagg/location/mean.hpp>
#include <robagg/parallel.hpp>

#include <cstdio>

int main() {
  robagg::table<float> updates(4, 2);
  updates << 1, 1, 2, 2, 3, 3, 4, -2;
#ifdef ROBAGG_KERNELS_FLOAT
  std::printf("kernels of %s\n", robagg::dispatch::chosen().name);
#endif
  auto const step = robagg::sliced(robagg::mean{}, robagg::threads{2})(updates);
  std::printf("%g %g\n", static_cast<double>(step(0)), static_cast<double>(step(1)));
  return step(0) == 2.5f && step(1) == 1.0f ? 0 : 1;
}
