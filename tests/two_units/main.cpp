// SPDX-License-Identifier: BSL-1.0
// Two translation units include everything and disagree about the machine: one definition of each
// kernel per packet width, or the program runs code that its processor does not have. Both
// using-directives stand here because Eigen combines enum flags with |, and robagg pipes with it.
#include <Eigen/Dense>
#include <robagg/robagg.hpp>

#include <cstdio>

using namespace Eigen;
using namespace robagg;

double other_unit();
bool other_unit_runs_here();

int main() {
  MatrixXd x(5, 2);
  x << 1, 2, 2, 1, 1.5, 1.5, 2, 2.5, 100, -100;
  Matrix<double, 3, 3, RowMajor | AutoAlign> const identity = Matrix3d::Identity();
  auto const rule = nearest_neighbour_mixing{.f = 1} | trimmed_mean{.f = 1};
  double const here = rule(x).sum() + identity.trace() - 3;
  double const there = other_unit_runs_here() ? other_unit() : here;
  std::printf("%.17g %.17g\n", here, there);
  return here == 1.625 + 1.75 && std::abs(here - there) < 1e-12 ? 0 : 1;
}
