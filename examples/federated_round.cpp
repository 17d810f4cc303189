// SPDX-License-Identifier: BSL-1.0
// One round of federated learning: nine clients send updates, two of them lie. What the mean, the
// robust rules and a pipe make of it.
#include <robagg/format.hpp>
#include <robagg/parallel.hpp>
#include <robagg/robagg.hpp>

#include <cmath>
#include <limits>

int main() {
  using namespace robagg;
  Index const clients = 9, parameters = 1000;
  table<float> updates(clients, parameters);
  for (Index i = 0; i < clients; ++i) {
    for (Index j = 0; j < parameters; ++j) updates(i, j) = 1.f + 0.1f * static_cast<float>((i * 7 + j * 3) % 9 - 4);
  }
  updates.row(2).setConstant(-1e30f);                                   // one liar shouts,
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
  report(multi_krum{.f = 2}, true);
  report(minimum_diameter_averaging{.f = 2}, true);
  report(smallest_max_eigenvalue_averaging{.f = 2}, true);
  report(covariance_filter{.f = 2}, true);
  report(nearest_to{.row = 0, .f = 2}, true);  // to a report one trusts, one's own
  report(trust_weighted{.row = 0}, true);
  report(comparative_gradient_elimination{.f = 2}, true);
  report(aksel{}, true);
  report(divide_and_conquer{.f = 2}, true);
  report(median_of_means{.groups = 5}, true);
  report(norm_bounded_mean{.radius = 40}, true);
  report(adaptive_clip{.f = 2} | trimmed_mean{.f = 2}, true);
  report(nearest_neighbour_mixing{.f = 2} | trimmed_mean{.f = 2}, true);
  report(clip{.radius = 40} | median{}, true);

  // Clients may hold their updates in buffers of their own, and some may have more data than others.
  std::vector<float const*> buffers;
  for (Index i = 0; i < clients; ++i) buffers.push_back(updates.row(i).data());
  std::vector<int> const samples{120, 80, 200, 90, 60, 150, 100, 110, 70};
  Eigen::VectorXf const step = median{}(weighted(rows_of(buffers, parameters), samples));
  fmt::print("weighted median of separate buffers starts {:.3g} {:.3g} {:.3g}\n", step(0), step(1), step(2));
  // Around the model that everybody started from, two kinds of rules look at changes only.
  Eigen::VectorXf const model = Eigen::VectorXf::Ones(parameters);
  Eigen::VectorXf const clipped = centered_clipping{.radius = 1, .iterations = 3}(around(updates, model));
  fmt::print("centered_clipping around the model: largest error {:.3g}\n", (clipped.array() - 1.f).abs().maxCoeff());
  lost += (clipped.array() - 1.f).abs().maxCoeff() > 0.5f;

  // What the directions of the reports agree on: lengths do not count, a liar's neither.
  Eigen::VectorXf const direction = flag_aggregator{.scale = robagg::scale::rows}(updates);
  float const cosine = direction.sum() / (direction.norm() * std::sqrt(static_cast<float>(parameters)));
  fmt::print("flag_aggregator: cosine to the honest direction {:.3f}\n", cosine);
  lost += cosine < 0.9f;

  // bulyan needs n >= 4f + 3: of the first five clients and the last three, one lies.
  std::vector<Index> const eight{0, 1, 2, 3, 4, 6, 7, 8};
  Eigen::VectorXf const agreed = bulyan{.f = 1}(subset(updates, eight));
  fmt::print("bulyan of eight: largest error {:.3g}\n", (agreed.array() - 1.f).abs().maxCoeff());
  lost += (agreed.array() - 1.f).abs().maxCoeff() > 0.5f;

  return lost + ((step.array() - 1.f).abs().maxCoeff() < 0.5f ? 0 : 1);
}
