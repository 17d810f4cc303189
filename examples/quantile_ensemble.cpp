// SPDX-License-Identifier: BSL-1.0
// Forecasts as quantiles: three ways to combine them, weights that are fitted to the past, repair, scores, calibration.
#include <robagg/format.hpp>
#include <robagg/robagg.hpp>

#include <fmt/ranges.h>

#include <cmath>

int main() {
  using namespace robagg;
  std::vector<double> const levels{.1, .25, .5, .75, .9};
  Index const past = 60, models = 3;

  // Three models: good, biased, and far too sure of a wrong trend.
  table<double> forecasts(past * models, 5);
  std::vector<double> outcomes;
  for (Index t = 0; t < past; ++t) {
    double const truth = std::sin(.3 * static_cast<double>(t)), noise = .4 * std::sin(17. * static_cast<double>(t * t % 31));
    outcomes.push_back(truth + noise);
    for (Index k = 0; k < 5; ++k) {
      double const z = (levels[static_cast<std::size_t>(k)] - .5) * 1.2;
      forecasts(t * models, k) = truth + z;
      forecasts(t * models + 1, k) = truth + .5 + z;
      forecasts(t * models + 2, k) = .05 * static_cast<double>(t) + .1 * z;
    }
  }
  auto const all = cube(forecasts, past);

  // The mean and the median of the quantiles, and the quantiles of the mean distribution.
  auto const today = all[past - 1];
  fmt::print("mean {:.2f}\nmedian {:.2f}\nlinear pool {:.2f}\n", fmt::join(mean{}(today), " "), fmt::join(median{}(today), " "),
             fmt::join(linear_pool{levels}(today), " "));

  // Weights by their pinball loss on the past, with a proof of how near the optimum they are.
  auto const fit = quantile_averaging{.levels = levels}.fit(all, outcomes);
  fmt::print("weights {:.3f}, loss {:.3f}, at most {:.1e} above the optimum, {} iterations\n",
             fmt::join(fit.weights.col(0), " "), fit.objective, fit.gap, fit.iterations);
  table<double> ensemble(past, 5), even(past, 5);
  for (Index t = 0; t < past; ++t) ensemble.row(t) = fit(all[t]), even.row(t) = mean{}(all[t]);
  ensemble = isotonic{}(ensemble);
  weighted_interval_score const score{levels};
  double const fitted = score(ensemble, outcomes).mean(), plain = score(even, outcomes).mean();
  fmt::print("weighted interval score {:.3f}, of even weights {:.3f}\n", fitted, plain);

  // A gate of yours, which trusts the second model today.
  std::vector<double> const gate{0, 2, -1};
  fmt::print("gated {:.2f}\n", fmt::join(gated_averaging{gate}(today), " "));
  fmt::print("80 % interval covers {:.0f} %, width {:.2f}\n",
             100 * interval_coverage{}(ensemble.col(0), ensemble.col(4), outcomes),
             interval_width{}(ensemble.col(0), ensemble.col(4)));

  // Offsets that make an 80 % interval cover, whatever the models.
  auto const calibrated =
      conformal_quantile{.miscoverage = .2}.fit(ensemble.col(0), ensemble.col(2), ensemble.col(4), outcomes);
  auto const interval = calibrated(ensemble(0, 0), ensemble(0, 2), ensemble(0, 4));
  fmt::print("80 % interval [{:.2f}, {:.2f}], offset {:.2f}\n", interval.lower, interval.upper, calibrated.above);

  // Probabilities of outcomes, and what they were worth.
  table<double> const experts{{.7, .2, .1}, {.5, .3, .2}};
  auto const pooled = opinion_pool{.rule = pooling_rule::logarithmic, .extremise = 1.5}(experts);
  fmt::print("pooled {:.3f}, Brier {:.3f}\n", fmt::join(pooled, " "), score_outcome(pooled, 0).brier);
  return fit && fitted < plain && fit.weights(2, 0) < .05 && interval.lower < interval.upper ? 0 : 1;
}
