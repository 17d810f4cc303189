// SPDX-License-Identifier: BSL-1.0
// Who was rejected, and how much did each report count? The same question to any robust operator.
#include <robagg/format.hpp>
#include <robagg/robagg.hpp>

#include <fmt/core.h>

int main() {
  // Six updates of three parameters; the fourth client sends garbage.
  robagg::table<double> updates(6, 3);
  updates << 1.0, 2.0, 3.0, 1.1, 2.1, 2.9, 0.9, 1.9, 3.1, 90., -50., 7., 1.0, 2.1, 3.0, 1.1, 1.9, 3.0;

  auto const rule = robagg::geometric_median{};
  auto const answer = robagg::diagnose(rule, updates);
  fmt::print("{}\n{}\n\n", rule, answer);

  auto const columns = robagg::diagnose(robagg::trimmed_mean{.f = 1}, updates);
  fmt::print("{}\n{}\n\n", robagg::trimmed_mean{.f = 1}, columns);

  // How far would the result move without each report?
  Eigen::VectorXd const moved = robagg::influence(robagg::mean{}, updates);
  fmt::print("without the fourth report the mean moves by {:.1f}, the geometric median by {:.4f}\n", moved(3),
             robagg::influence(rule, updates)(3));

  bool const found = answer.rejected == std::vector<robagg::Index>{3} && columns.rejected == answer.rejected;
  return found && answer.converged && moved(3) > 10 ? 0 : 1;
}
