// SPDX-License-Identifier: BSL-1.0
// Experts, portfolios and the simplex: cases of golden/ensembles_public.json, results of opera's own code and of 40 digits.
#include "golden_case.hpp"

#include <robagg/online.hpp>

using namespace robagg_test;

namespace {
namespace experts_asked {

using robagg::expert_state;

// A list of rows, row t of each round.
matrix rows_from(golden_json const& rows) { return golden_table(rows); }

bool hedge(golden_case const& c) {
  matrix const losses = rows_from(c.in("losses"));
  double const rate = number(c.parameter("eta"));
  expert_state state(robagg::hedge{.rate = rate}, losses.cols());
  matrix weights(losses.rows(), losses.cols());
  for (Index t = 0; t < losses.rows(); ++t) {
    weights.row(t) = state.weights().transpose();
    state.update(losses.row(t));
  }
  bool bounded = true;
  for (Index k = 0; k < losses.cols(); ++k) bounded = bounded && state.regrets()(k) <= state.bound(k) + 1e-12;
  return bounded && c.agrees_rows(weights, c.out("weights")) && c.agrees(state.weights(), c.out("final")) &&
         c.agrees(state.loss(), c.out("mixture_loss")) && c.agrees(state.regret(), c.out("regret")) &&
         c.agrees(robagg::hedge::bound_for(rate, losses.cols(), losses.rows()), c.out("bound"));
}

template <class Make>
auto opera(Make make) {
  return [=](golden_case const& c) {
    matrix const x = rows_from(c.in("experts"));
    std::vector<double> const y = list_of(c.in("y"));
    matrix const awake = c.in("awake").is_null() ? matrix(matrix::Ones(x.rows(), x.cols())) : rows_from(c.in("awake"));
    robagg::expert_options options;
    std::string const loss = c.parameter("loss").get<std::string>();
    for (int kind = 0; kind < 4; ++kind) {
      if (enumerators(options.loss)[static_cast<std::size_t>(kind)] == loss)
        options.loss = static_cast<robagg::forecast_loss>(kind);
    }
    options.gradient = c.parameter("gradient").get<bool>();
    if (c.all["params"].contains("tau")) options.level = number(c.parameter("tau"));
    expert_state state(make(c), x.cols(), options);
    matrix weights(x.rows(), x.cols());
    std::vector<double> predictions;
    for (Index t = 0; t < x.rows(); ++t) {
      predictions.push_back(state.predict(x.row(t), awake.row(t)));
      weights.row(t) = state.mixture().transpose();
      state.update(y[static_cast<std::size_t>(t)]);
    }
    return c.agrees_rows(weights, c.out("weights")) && c.agrees(predictions, c.out("prediction")) &&
           c.agrees(state.weights(), c.out("final"));
  };
}

bool square_game(golden_case const& c) {
  matrix const x = rows_from(c.in("experts"));
  std::vector<double> const y = list_of(c.in("y"));
  auto const range = list_of(c.parameter("range"));
  expert_state state(
      robagg::aggregating_algorithm_square{.low = range[0], .high = range[1], .rate = number(c.parameter("eta"))}, x.cols());
  std::vector<double> predictions;
  for (Index t = 0; t < x.rows(); ++t) {
    predictions.push_back(state.predict(x.row(t)));
    state.update(y[static_cast<std::size_t>(t)]);
  }
  return c.agrees(predictions, c.out("prediction")) && c.agrees(state.loss(), c.out("loss")) &&
         c.agrees(state.bound(0), c.out("regret_bound_log_N_over_eta")) &&
         c.agrees(state.loss() - state.regret(), c.out("best")) && state.regret() <= state.bound(0) + 1e-12;
}

bool log_game(golden_case const& c) {
  auto const& rounds = c.in("experts");
  auto const y = c.in("y").get<std::vector<Index>>();
  expert_state state(robagg::aggregating_algorithm_log{}, static_cast<Index>(rounds[0].size()));
  bool good = true;
  for (std::size_t t = 0; t < y.size(); ++t) {
    matrix const p = golden_table(rounds[t]);
    good = good && c.agrees(robagg::pool(state, p), c.out("prediction")[t]);
    state.update_likelihoods(p.col(y[t]));
  }
  return good && c.agrees(state.loss(), c.out("log_loss")) && state.regret() <= state.bound(0) + 1e-12;
}

template <class State>
bool portfolio(golden_case const& c, State state, char const* wealth) {
  matrix const x = rows_from(c.in("relatives"));
  matrix weights(x.rows(), x.cols());
  for (Index t = 0; t < x.rows(); ++t) {
    weights.row(t) = state.weights().transpose();
    state.update(x.row(t));
  }
  return c.agrees_rows(weights, c.out("weights")) && c.agrees(state.wealth(), c.out(wealth)) &&
         (!c.has("final") || c.agrees(state.weights(), c.out("final")));
}
Index assets(golden_case const& c) { return static_cast<Index>(c.in("relatives")[0].size()); }

double rate_in(golden_case const& c) { return number(c.parameter("eta")); }

golden_checks const all = {
    {"hedge", {8, hedge}},
    {"opera_ewa", {4, opera([](golden_case const& c) { return robagg::hedge{.rate = rate_in(c)}; })}},
    {"opera_fs", {4, opera([](golden_case const& c) {
                    return robagg::fixed_share{.rate = rate_in(c), .share = number(c.parameter("alpha"))};
                  })}},
    {"opera_boa", {4, opera([](golden_case const&) { return robagg::boa{}; })}},
    {"opera_mlpol", {4, opera([](golden_case const&) { return robagg::ml_poly{}; })}},
    {"opera_mlprod", {4, opera([](golden_case const&) { return robagg::ml_prod{}; })}},
    {"opera_mlewa", {4, opera([](golden_case const&) { return robagg::ml_ewa{}; })}},
    {"opera_ogd",
     {4, opera([](golden_case const& c) { return robagg::projected_gradient{.exponent = number(c.parameter("alpha"))}; })}},
    {"aggregating_algorithm_square", {5, square_game}},
    {"aggregating_algorithm_log", {5, log_game}},
    {"project_simplex",
     {10, [](golden_case const& c) { return c.agrees(robagg::project_simplex{}(list_of(c.in("x"))), c.out("p")); }}},
    {"universal_portfolio_2",
     {5, [](golden_case const& c) { return portfolio(c, robagg::universal_portfolio(assets(c)), "wealth"); }}},
    {"eg_portfolio",
     {5,
      [](golden_case const& c) {
        return portfolio(c, robagg::portfolio_state(robagg::exponentiated_portfolio{rate_in(c)}, assets(c)), "wealth");
      }}},
    {"wealth_proportional_mixture",
     {5,
      [](golden_case const& c) {
        return portfolio(c, robagg::portfolio_state(robagg::wealth_proportional{}, assets(c)), "final_wealth");
      }}},
};

}  // namespace experts_asked
}  // namespace

TEST_CASE("experts and portfolios as opera and exact arithmetic have them") { check_golden(experts_asked::all); }
