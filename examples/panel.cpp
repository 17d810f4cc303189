// SPDX-License-Identifier: BSL-1.0
// A panel of judges scores answers on two axes; one judge fails, one has lost its mind, and two are copies of each other.
#include <robagg/format.hpp>
#include <robagg/rank.hpp>
#include <robagg/robagg.hpp>

#include <fmt/format.h>

#include <limits>

int main() {
  double const failed = std::numeric_limits<double>::quiet_NaN();
  // Judges x answers: helpfulness, then correctness on top of it.
  robagg::table<double> const scores{
      {7, 5, 8, 3, 6}, {7, 5, 8, 3, 6}, {6, 4, 9, failed, 5}, {8, 6, 7, 2, 7}, {0, 100, 0, 100, 0},  // helpful
      {9, 4, 7, 2, 6}, {9, 4, 7, 2, 6}, {8, 5, 7, 1, 6},      {9, 3, 8, 3, 5}, {0, 100, 0, 100, 0},  // correct
  };
  robagg::panel const panel{.quorum = 3};
  fmt::print("{}\n", panel(robagg::median{}, robagg::cube(scores, 2)));
  // Jointly: the point whose distances to the judges' opinions have the least sum.
  auto const together = panel(robagg::geometric_median{}, robagg::cube(scores, 2));
  return together.best[0] == 2 && together.best[1] == 0 && together.judges[3] == 4 ? 0 : 1;
}
