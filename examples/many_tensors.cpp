// SPDX-License-Identifier: BSL-1.0
// A model of many tensors, each client's in buffers of its own: one geometry over all of them, so that a client is
// trusted or not as a whole, then one combination per tensor. Nothing is concatenated.
#include <robagg/diagnose.hpp>
#include <robagg/geometry_state.hpp>
#include <robagg/robagg.hpp>

#include <cstdio>
#include <random>
#include <vector>

int main() {
  constexpr std::size_t clients = 9;
  std::vector<robagg::Index> const sizes = {3 * 3 * 64, 64, 64 * 10, 10};  // weights and biases of two layers
  std::mt19937 random(7);
  std::normal_distribution<float> noise;

  // tensors[t][i]: client i's update of tensor t; clients 2 and 5 turn theirs round.
  std::vector<std::vector<std::vector<float>>> tensors;
  for (robagg::Index const size : sizes) {
    auto& tensor = tensors.emplace_back();
    for (std::size_t i = 0; i < clients; ++i) {
      auto& values = tensor.emplace_back(static_cast<std::size_t>(size));
      for (float& x : values) x = (i == 2 || i == 5 ? -8.f : 1.f) + .3f * noise(random);
    }
  }
  auto const buffers = [&](std::size_t t) {
    std::vector<float const*> rows;
    for (auto const& values : tensors[t]) rows.push_back(values.data());
    return rows;
  };

  robagg::geometry_state state(clients);
  auto const add_all = [&] {
    for (std::size_t t = 0; t < tensors.size(); ++t) {
      auto const rows = buffers(t);
      state.add(robagg::rows_of(rows, sizes[t]));
    }
  };
  add_all();
  if (!state.complete()) state.next_round(), add_all();  // where rows are far
  auto const rule = robagg::nearest_neighbour_mixing{.f = 2} | robagg::geometric_median{};
  Eigen::VectorXd const weights = state.weights(rule);
  auto const rejected = robagg::diagnose(rule, state).rejected;

  robagg::workspace ws;
  bool right = rejected == std::vector<robagg::Index>{2, 5};
  for (std::size_t t = 0; t < tensors.size(); ++t) {
    auto const rows = buffers(t);
    Eigen::VectorXf update(sizes[t]);
    robagg::combine(weights, robagg::rows_of(rows, sizes[t]), update, ws);
    std::printf("tensor %zu: %4ld values, mean %.2f\n", t, static_cast<long>(sizes[t]), static_cast<double>(update.mean()));
    right = right && update.mean() > .5f && update.mean() < 1.5f;
  }
  return right ? 0 : 1;
}
