// SPDX-License-Identifier: BSL-1.0
#include <robagg/robagg.hpp>

double other_unit();
bool other_unit_runs_here();

// Plain code only, so that asking is safe on any machine.
bool other_unit_runs_here() {
#if defined(__AVX2__) && (defined(__GNUC__) || defined(__clang__))
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return true;
#endif
}

double other_unit() {
  Eigen::MatrixXd x(5, 2);
  x << 1, 2, 2, 1, 1.5, 1.5, 2, 2.5, 100, -100;
  Eigen::VectorXd const y = (robagg::nearest_neighbour_mixing{.f = 1} | robagg::trimmed_mean{.f = 1})(x);
  return y(0) + y(1);
}
