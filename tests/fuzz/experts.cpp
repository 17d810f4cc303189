// SPDX-License-Identifier: BSL-1.0
// Experts and portfolios, round after round: whatever they lose, weights are a distribution, refusals change nothing, and
// regret is what its definition says and below the bound that the rule has.
#include "fuzz.hpp"

#include <robagg/online.hpp>

#include <optional>

using namespace robagg_fuzz;
namespace ra = robagg;

static void check_weights(Eigen::ArrayXd const& w) {
  demand(w.isFinite().all() && (w >= 0).all(), "weights are numbers >= 0");
  demand(std::abs(w.sum() - 1) <= 1e-9, "weights sum to 1");
}
template <class Rule>
static void check_experts(input& in, Rule const& rule) {
  Index const n = in.between(1, 5);
  kind const numbers = in.any_kind();
  ra::expert_options options{
      .loss = in.any_of({ra::forecast_loss::square, ra::forecast_loss::absolute, ra::forecast_loss::pinball}),
      .gradient = in.flag()};
  std::optional<ra::expert_state<Rule>> made;
  std::vector<double> prior;
  if (Rule::takes_prior && in.flag()) prior = in.weights(n), options.prior = prior;
  if (refused([&] { made.emplace(rule, n, options); })) return;
  ra::expert_state<Rule>& state = *made;
  Eigen::ArrayXd paid = Eigen::ArrayXd::Zero(n);
  double all = 0, largest = 0;
  bool by_losses = true;  // then regrets are the differences of losses
  for (Index round = in.between(1, 12); round > 0 && in.left() > 0; --round) {
    std::vector<double> row = in.numbers(n, numbers);
    for (double& v : row) v = in.between(0, 5) == 0 ? not_a_number : v;  // asleep
    auto const before = state.pack();
    double own = 0;
    bool no = false;
    switch (in.between(0, 4)) {
      case 0: {
        no = refused([&] { state.predict(row); });
        if (no) break;
        by_losses = false;
        if constexpr (requires { state.update(1.); }) refused([&] { state.update(in.number(numbers)); });
        check_weights(state.weights());
        continue;
      }
      case 1: {
        std::vector<double> awake;
        for (Index k = 0; k < n; ++k) awake.push_back(static_cast<double>(in.between(0, 4)) / 4);
        by_losses = false, own = not_a_number;
        no = refused([&] { state.update(row, awake); });
        break;
      }
      default:
        no = refused([&] { own = state.update(row); });
    }
    if (no) {
      demand(state.pack() == before, "what is refused changes nothing");
      continue;
    }
    check_weights(state.weights());
    if (std::isnan(own)) continue;  // nobody was awake, or losses came with who was awake
    for (Index k = 0; k < n; ++k) {
      double const loss = row[static_cast<std::size_t>(k)];
      paid(k) += std::isnan(loss) ? 0 : own - loss;
      if (!std::isnan(loss)) largest = std::max(largest, std::abs(loss));
    }
    check_weights(state.mixture());
    all += own, largest = std::max(largest, std::abs(own));
    if (!by_losses) continue;
    double const slack = 1e-9 * (1 + largest);
    if (!Rule::mixes || numbers != kind::hostile) {
      demand(std::abs(state.loss() - all) <= slack, "the loss is the sum of what was paid");
      for (Index k = 0; k < n; ++k)
        demand(same(state.regrets()(k), paid(k)) || std::abs(state.regrets()(k) - paid(k)) <= slack,
               "regrets are what was lost over each");
    }
    if constexpr (requires { state.bound(0); }) {
      for (Index k = 0; k < n; ++k) {
        double const bound = state.bound(k);
        demand(std::isnan(state.regrets()(k)) || state.regrets()(k) <= bound + slack + 1e-9 * std::abs(bound),
               ra::describe(rule) + ": regret is within its bound");
      }
    }
  }
  demand(ra::expert_state<Rule>::unpack(state.pack()).pack() == state.pack(), "states come back from their bytes");
}
static void check_portfolios(input& in, auto state) {
  Index const n = state.assets();
  for (Index round = in.between(1, 12); round > 0 && in.left() > 0; --round) {
    kind const numbers = in.any_kind();
    std::vector<double> relatives = in.numbers(n, numbers);
    if (numbers != kind::hostile) {
      for (double& v : relatives) v = std::exp(v);
    }
    auto const before = state.pack();
    double factor = 1;
    if (refused([&] { factor = state.update(relatives); })) {
      demand(state.pack() == before, "what is refused changes nothing");
      continue;
    }
    auto const [low, high] = std::minmax_element(relatives.begin(), relatives.end());
    demand(factor >= *low * (1 - 1e-6) && factor <= *high * (1 + 1e-6), "a portfolio changes by no more than its assets");
    check_weights(state.weights());
    demand(std::isfinite(state.log_wealth()), "the logarithm of wealth is finite");
  }
}
static void check_simplex(input& in) {
  auto const x = in.numbers(in.between(0, 9), in.any_kind());
  refused([&] {
    auto const w = ra::project_simplex{.radius = in.any_of({1., 0., 3.})}(x);
    for (double const v : w) demand(v >= 0, "a point of the simplex");
  });
}

ROBAGG_FUZZ(in) {
  switch (in.between(0, 14)) {
    case 0:
      return check_experts(in, ra::hedge{});
    case 1:
      return check_experts(in, ra::hedge{.rate = in.any_of({1e-9, .5, 100., 1e300})});
    case 2:
      return check_experts(in, ra::fixed_share{.rate = .5, .share = static_cast<double>(in.between(0, 10)) / 10});
    case 3:
      return check_experts(in, ra::boa{});
    case 4:
      return check_experts(in, ra::ml_poly{});
    case 5:
      return check_experts(in, ra::ml_prod{});
    case 6:
      return check_experts(in, ra::ml_ewa{});
    case 7:
      return check_experts(in, ra::projected_gradient{});
    case 8:
      return check_experts(in, ra::aggregating_algorithm_log{});
    case 9:
      return check_experts(in, ra::aggregating_algorithm_square{});
    case 10:
      return check_portfolios(in, ra::universal_portfolio(2));
    case 11:
      return check_portfolios(in, ra::universal_portfolio(3, 16));
    case 12:
      return check_portfolios(in, ra::portfolio_state(ra::wealth_proportional{}, in.between(1, 4)));
    case 13:
      return check_portfolios(in, ra::portfolio_state(ra::exponentiated_portfolio{}, in.between(1, 4)));
    default:
      return check_simplex(in);
  }
}
