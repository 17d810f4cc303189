// SPDX-License-Identifier: BSL-1.0
// One round of federated learning: nine clients send updates, two of them lie. What the mean, the
// robust rules and a pipe make of it.
#include <robagg/format.hpp>
#include <robagg/parallel.hpp>
#include <robagg/robagg.hpp>

#include <limits>

int main() {
  using namespace robagg;
  Index const clients = 9, parameters = 1000;
  table<float> updates(clients, parameters);
  for (Index i = 0; i < clients; ++i) {
    for (Index j = 0; j < parameters; ++j) updates(i, j) = 1.f + 0.1f * static_cast<float>((i * 7 + j * 3) % 9 - 4);
  }
  updates.row(2).setConstant(-1e30f);                                      // one liar shouts,
  updates.row(5).setConstant(std::numeric_limits<float>::quiet_NaN());  // the other sends nonsense

  int lost = 0;
  auto report = [&](auto const& rule, bool robust) {
    Eigen::VectorXf const step = rule(updates);
    float const error = (step.array() - 1.f).abs().maxCoeff<Eigen::PropagateNaN>();
    bool const fine = error < 0.5f;
    fmt::print("{:<100} largest error {:.3g}\n", describe(rule), error);
    lost += fine != robust;
  };
  report(mean{}, false);
  report(median{}, true);
  report(trimmed_mean{.f = 2}, true);
  report(mean_around_median{.f = 2}, true);
  report(phocas{.f = 2}, true);
  report(sign_majority{}, true);
  report(sliced(trimmed_mean{.f = 2}, threads{2}), true);  // columns cut into slices, the same bits
  report(krum{.f = 2}, true);
  report(geometric_median{}, true);
  report(nearest_neighbour_mixing{.f = 2} | trimmed_mean{.f = 2}, true);
  report(clip{.radius = 40} | median{}, true);

  // Clients may hold their updates in buffers of their own, and some may have more data than others.
  std::vector<float const*> buffers;
  for (Index i = 0; i < clients; ++i) buffers.push_back(updates.row(i).data());
  std::vector<int> const samples{120, 80, 200, 90, 60, 150, 100, 110, 70};
  Eigen::VectorXf const step = median{}(weighted(rows_of(buffers, parameters), samples));
  fmt::print("weighted median of separate buffers starts {:.3g} {:.3g} {:.3g}\n", step(0), step(1), step(2));
  return lost + ((step.array() - 1.f).abs().maxCoeff() < 0.5f ? 0 : 1);
}
