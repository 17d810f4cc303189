// SPDX-License-Identifier: BSL-1.0
// Four forecasters of one number, day after day: one is good, one is always too low, one was good until day 100, one speaks on
// every third day only. Which rule follows whom, and what is paid for not having known?
#include <robagg/online.hpp>

#include <fmt/format.h>

#include <cmath>

namespace {

struct day {
  Eigen::Vector4d forecasts;
  double outcome;
};
day on(int t) {
  double const truth = 10 + 5 * std::sin(.3 * t), asleep = std::nan("");
  double const noise = std::sin(12.9898 * t) * 1.5;
  return {{truth + noise, truth - 4, t < 100 ? truth + .2 * noise : truth + 6, t % 3 == 0 ? truth + .1 : asleep}, truth};
}

template <class Rule>
double play(Rule const& rule, robagg::expert_options const& options = {}) {
  robagg::expert_state experts(rule, 4, options);
  for (int t = 0; t < 200; ++t) {
    auto const [forecasts, outcome] = on(t);
    experts.predict(forecasts);
    experts.update(outcome);
  }
  fmt::print("{:<34} loss {:6.2f}, weights", robagg::describe(rule), experts.loss() / 200);
  for (double const w : experts.weights()) fmt::print(" {:.3f}", w);
  if constexpr (requires { experts.bound(0); }) {
    fmt::print(", over the best {:.1f} of at most {:.1f}", experts.regret(), experts.bound(0));
  }
  fmt::print("\n");
  return experts.loss() / 200;
}

}  // namespace

int main() {
  using namespace robagg;
  double first = 0;
  for (int t = 0; t < 200; ++t) first += std::pow(on(t).forecasts(0) - on(t).outcome, 2) / 200;
  fmt::print("the first forecaster alone loses {:.2f} a day\n", first);

  double const hedged = play(hedge{}), followed = play(fixed_share{.rate = .1, .share = .02}, {.gradient = false}),
               bernstein = play(boa{}), polynomial = play(ml_poly{});
  play(ml_prod{}), play(ml_ewa{}), play(projected_gradient{});

  // Probabilities: the log loss pays ln N in all, however long it plays.
  expert_state bayes(aggregating_algorithm_log{}, 2);
  double alone = 0;
  for (int t = 0; t < 1000; ++t) {
    bool const rain = t % 5 == 0;
    Eigen::Vector2d const said(.25, .5);  // that it rains
    bayes.update_likelihoods(rain ? said : (1 - said.array()).matrix().eval());
    alone -= std::log(rain ? .25 : .75);
  }
  fmt::print("rain: lost {:.2f}, the better forecaster {:.2f}, at most {:.2f} more\n", bayes.loss(), alone, bayes.bound(0));
  return hedged < 2 * first && followed < first && bernstein < 2 * first && polynomial < 2 * first &&
                 bayes.loss() <= alone + bayes.bound(0) + 1e-9
             ? 0
             : 1;
}
