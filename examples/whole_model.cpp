// SPDX-License-Identifier: BSL-1.0
// A model of many tensors, each client's in buffers of its own, of different types: one decision over all of them, results into
// the server's buffers, and who strays in which tensor. Nothing is concatenated.
#include <robagg/format.hpp>
#include <robagg/robagg.hpp>
#include <robagg/whole.hpp>

#include <fmt/format.h>

#include <random>
#include <string_view>
#include <vector>

int main() {
  constexpr robagg::Index clients = 9;
  std::mt19937 random(7);
  std::normal_distribution<float> noise;
  auto const updates = [&](robagg::Index size) {
    robagg::table<float> rows(clients, size);
    for (float& x : rows.reshaped()) x = 1 + .3f * noise(random);
    return rows;
  };
  robagg::table<float> convolution = updates(3 * 3 * 64), dense = updates(64 * 10), statistics = updates(64);
  dense.row(2) *= -8, dense.row(5) *= -8;  // two clients lie, in one layer only
  robagg::table<Eigen::half> const bias = updates(10).cast<Eigen::half>();
  robagg::table<int> const step = robagg::table<int>::Constant(clients, 1, 40);

  Eigen::VectorXf new_convolution, new_dense, new_statistics;
  std::vector<Eigen::half> new_bias(10);
  std::vector<int> new_step(1);
  robagg::tensors model(clients);
  model.add("convolution", convolution, new_convolution)
      .add("dense", dense, new_dense)
      .add("bias", bias, new_bias)
      .add("statistics", statistics, new_statistics)
      .add("step", step, new_step);
  model.leave_out([](std::string_view name) { return name == "statistics"; });  // aggregated, but not a reason to distrust
  model.copy_from(0, [](std::string_view name) { return name == "step"; });

  auto const rule = robagg::whole(robagg::nearest_neighbour_mixing{.f = 2} | robagg::geometric_median{});
  auto const who = robagg::diagnose(rule, model);  // rule(model) alone does not say who
  fmt::print("{}\n", who);

  bool const right = who.rejected == std::vector<robagg::Index>{2, 5} && new_dense.mean() > .5f && new_dense.mean() < 1.5f &&
                     new_step[0] == 40 && new_statistics.size() == 64 &&
                     who.tensors[1].scores(2) > 5 * who.tensors[0].scores(2);
  return right ? 0 : 1;
}
