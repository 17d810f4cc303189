// SPDX-License-Identifier: BSL-1.0
// Rules from a configuration file: text, as `describe` prints it, and what is said of one with a mistake in it.
#include <robagg/parse.hpp>

#include <fmt/format.h>

int main() {
  robagg::table<float> updates(6, 3);
  updates << 1, 2, 3, 1.1f, 2.1f, 3, 0.9f, 1.9f, 3.1f, 1, 2, 2.9f, 1.05f, 1.95f, 3, 1e30f, -1e30f, 1e30f;

  bool right = true;
  for (auto const* const text :
       {"median", "trimmed_mean{.f = 1}", "nearest_neighbour_mixing{.f = 1} | median{}", "clip{.radius = 5} | krum{.f = 1}"}) {
    robagg::any_aggregator const rule = robagg::parse(text);
    Eigen::VectorXf const step = rule(updates);
    fmt::print("{:48} {:.3f} {:.3f} {:.3f}\n", rule.describe(), step(0), step(1), step(2));
    right = right && (step - Eigen::Vector3f(1, 2, 3)).norm() < 0.2f;
  }

  robagg::any_decide const choice = robagg::parse("mean | top{.k = 2}");  // a pipe that ends in a decision
  fmt::print("{:48} columns {} and {}\n", choice.describe(), choice(updates.topRows(5).eval())[0],
             choice(updates.topRows(5).eval())[1]);

  try {
    robagg::parse("nearest_neighbor_mixing{.f = 1} | median");
  } catch (robagg::bad_input const& mistake) {
    fmt::print("{:.96} ...\n", mistake.what());
    return right ? 0 : 1;
  }
  return 1;
}
