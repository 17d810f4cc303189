// SPDX-License-Identifier: BSL-1.0
// Choices that are not one option: how to mix policies against the worst case, how to share a budget among people who would
// lie, which few models cover the most, and what to leave alone because nothing is known about it.
#include <robagg/mixture.hpp>
#include <robagg/robagg.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <limits>

int main() {
  using namespace robagg;
  // Three policies in three weathers. Alone each has a bad one; mixed, none is below 1.5.
  table<double> returns(3, 3);
  returns << 3, 0, 1, 1, 2, 1, 1, 2, 1;
  auto const sure = maximin_mixture{}.solve(returns);
  fmt::print("mix {:.2f}: at least {:.2f}, and no mixture has more than {:.2f}\n", fmt::join(sure.weights, " "), sure.value,
             sure.bound);
  // Where the weathers have probabilities, what they cost is variance.
  std::vector<double> const likely = {.6, .3, .1};
  for (double const gamma : {0., .2, 2.}) {
    auto const mix = mean_variance_mixture{gamma}.solve(weighted(returns, likely));
    fmt::print("gamma {}: {:.2f}, mean {:.2f}, variance {:.2f}\n", gamma, fmt::join(mix.weights, " "), mix.mean, mix.variance);
  }
  // And near what is done today.
  std::vector<double> const scores = {2, .8, 1}, today = {0, .5, .5};
  for (auto const how : {regulariser::l2, regulariser::kl, regulariser::reverse_kl})
    fmt::print("near today: {:.2f}\n", fmt::join(regularised_mixture{1, how}(scores, today), " "));

  // Where to build, for people at 0, 0 and 1: the median forgets the third. What to spend, from three proposals.
  table<double> places(3, 1), budgets(3, 3);
  places << 0, 0, 1;
  budgets << 1, 0, 0, 0, 1, 0, .2, .3, .5;
  fmt::print("built at {:.3f}, the median is {}\n", uniform_phantom{}(places)(0), median{}(places)(0));
  fmt::print("spent {:.3f}\n", fmt::join(independent_markets{}(budgets), " "));
  std::vector<double> const cautious = {-std::numeric_limits<double>::infinity(), .1, .2, .3};
  fmt::print("with phantoms that pull down {}\n", moulin_median{cautious}(places)(0));

  // Models by the tasks they solve: the best two are nearly copies, the best pair is another one.
  table<double> solves(3, 6);
  solves << 1, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1;
  auto const pair = greedy_cover{.k = 2}(solves);
  fmt::print("models {} solve {} of 6; the work is divided {:.2f} fair\n", fmt::join(pair.rows, " and "), pair.value,
             jain_index{}(std::vector<double>{4, 2}));

  // Only where there are data: the best score is far from all of them.
  table<double> seen(5, 1), asked(3, 1);
  seen << 0, .1, .2, .3, .4;
  asked << .15, .25, 9;
  auto const known = density_guard{.sigma = .3, .rescale = false}.fit(seen);
  Index const pick = known.best(asked, std::vector<double>{1, 2, 99});
  fmt::print("option {}, not 2; of far ones {}\n", pick, known.best(asked.bottomRows(1), std::vector<double>{99}));

  // Agents who have gone far count more in a penalty; risky tokens count less.
  table<double> values(2, 3);
  values << 1, 2, 3, 5, 4, 3;
  std::vector<double> const gone = {.1, .7}, risk = {.02, .17, .23};
  fmt::print("penalty {:.3f}, weights {:.2f}\n", log_sum_exp_combine{.tau = 5}(values, gone),
             fmt::join(bounded_reweight{}(risk), " "));

  // Workers by site: each site's mean and median, and the middle site.
  table<double> workers(5, 1);
  workers << 1, 2, 3, 4, 1000;
  std::vector<Index> const sites = {0, 0, 1, 1, 2};
  double const middle = (group_means{sites} | median{})(workers)(0);
  fmt::print("sites {}, the middle one {}\n", fmt::join(group_median{sites}(workers).col(0), " "), middle);

  bool const right = std::abs(sure.value - 1.5) < 1e-14 && sure.gap() < 1e-14 && pair.value == 6 && pick == 1 && middle == 3.5;
  return right ? 0 : 1;
}
