// SPDX-License-Identifier: BSL-1.0
// Two translation units include everything and disagree about the machine: one definition of each
// kernel per packet width, or the program runs code that its processor does not have. Both
// using-directives stand here because Eigen combines enum flags with |, and robagg pipes with it.
// What users call most compiles without a warning under their own strict flags.
#include <Eigen/Dense>
#include <robagg/robagg.hpp>

#include <cstdio>

using namespace Eigen;
using namespace robagg;

double other_unit();
bool other_unit_runs_here();

namespace {
bool usual_calls_agree() {
  table<double> x(9, 3);
  for (robagg::Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<double>(i / 3) - 4;  // -4 .. 4 in every column
  table<float> const narrow = x.cast<float>();
  VectorXd const w = VectorXd::LinSpaced(9, 1, 1);
  // Not by Eigen's reductions, about which g++ 12 warns with AVX-512.
  auto const are = [](auto const& y, double value) {
    bool same = y.size() == 3;
    for (auto const v : y) same = same && std::abs(static_cast<double>(v) - value) < 1e-5;
    return same;
  };
  return are(median{}(narrow), 0) && are(median{}(skip_nan(narrow)), 0) &&
         are(trimmed_mean{.f = 2}(weighted(skip_nan(x), w)), 0) && are(krum{.f = 2}(narrow), -2) &&
         are(geometric_median{}(x), 0) && are(geometric_median{}(weighted(narrow, w)), 0) && are(defensive{}(narrow), 4) &&
         run_off{}(x).winner == 0;
}
}  // namespace

int main() {
  MatrixXd x(5, 2);
  x << 1, 2, 2, 1, 1.5, 1.5, 2, 2.5, 100, -100;
  Matrix<double, 3, 3, RowMajor | AutoAlign> const identity = Matrix3d::Identity();
  auto const rule = nearest_neighbour_mixing{.f = 1} | trimmed_mean{.f = 1};
  VectorXd const y = rule(x);
  double const here = y(0) + y(1) + identity(0, 0) - 1;
  double const there = other_unit_runs_here() ? other_unit() : here;
  std::printf("%.17g %.17g\n", here, there);
  return here == 1.625 + 1.75 && std::abs(here - there) < 1e-12 && usual_calls_agree() ? 0 : 1;
}
