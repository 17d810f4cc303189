// SPDX-License-Identifier: BSL-1.0
// Without exceptions bad_input says its sentence and aborts.
#include <robagg/robagg.hpp>

#include <csignal>
#include <cstdlib>

int main() {
  std::signal(SIGABRT, [](int) { std::_Exit(0); });
  robagg::table<float> const x = robagg::table<float>::Ones(4, 3);
  if (robagg::trimmed_mean{.f = 1}(x)(0) != 1.f) return 2;
  if (robagg::run_off{}(x).winner != 0) return 4;
  robagg::trimmed_mean{.f = 2}(x);
  return 3;
}
