// SPDX-License-Identifier: BSL-1.0
#include "overoptimisation.hpp"

#include "draws.hpp"
#include "error.hpp"
#include "terminal.hpp"
#include "write.hpp"

#include <robagg/estimate/best_of_n_curve.hpp>
#include <robagg/location/mean.hpp>
#include <robagg/score/soft_min.hpp>
#include <robagg/score/uncertainty_weighted.hpp>
#include <robagg/score/worst_case.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <functional>

namespace robagg_compare {
namespace {

simulated_prompt draw_prompt(overoptimisation_options const& o, draws& random) {
  simulated_prompt prompt{robagg::table<double>(o.members, o.candidates), Eigen::VectorXd(o.candidates)};
  for (Index i = 0; i < o.candidates; ++i) {
    double const quality = random.normal();
    prompt.gold(i) = quality - (random.chance(.01) ? 3 : 0);
    for (Index m = 0; m < o.members; ++m) {
      prompt.rewards(m, i) = quality + .5 * random.normal() + (random.chance(.02) ? random.exponential(4) : 0);
    }
  }
  return prompt;
}

// What a rule chooses by.
struct learned_judge {
  std::string label, description;
  std::function<void(simulated_prompt const&, Eigen::VectorXd& scores, robagg::workspace&)> score;
};
learned_judge learned_from(auto const& op) {
  return {robagg::name(op), robagg::describe(op),
          [op](simulated_prompt const& prompt, Eigen::VectorXd& scores, robagg::workspace& ws) {
            op.into(prompt.rewards, scores, ws);
          }};
}

}  // namespace

void check(overoptimisation_options const& o) {
  if (o.prompts < 2 || o.prompts > 1'000'000) throw usage_error("--prompts must be between 2 and 1,000,000");
  if (o.candidates < 1 || o.candidates > 1'000'000) throw usage_error("--candidates must be between 1 and 1,000,000");
  if (o.members < 1 || o.members > 1000) throw usage_error("--members must be between 1 and 1000");
  if (!(o.lambda >= 0 && std::isfinite(o.lambda))) throw usage_error("--lambda must be at least 0");
  if (!(o.beta > 0 && std::isfinite(o.beta))) throw usage_error("--beta must be above 0");
}

overoptimisation_result compare_overoptimisation(overoptimisation_options const& options) {
  check(options);
  overoptimisation_result result;
  result.options = options;
  for (Index n = 1; n <= options.candidates; n *= 2) result.ns.push_back(n);

  std::vector<learned_judge> const judges = {
      {"single", "the first member",
       [](auto const& prompt, auto& scores, auto&) { scores = prompt.rewards.row(0).transpose(); }},
      learned_from(robagg::mean{}),
      learned_from(robagg::worst_case{}),
      learned_from(robagg::uncertainty_weighted{.lambda = options.lambda}),
      learned_from(robagg::soft_min{.beta = options.beta}),
      {"oracle", "the gold reward itself", [](auto const& prompt, auto& scores, auto&) { scores = prompt.gold; }}};
  for (auto const& j : judges) result.lines.push_back({j.label, j.description, {}, {}});

  auto const points = static_cast<Index>(result.ns.size()), rules = static_cast<Index>(result.lines.size());
  Eigen::MatrixXd sums = Eigen::MatrixXd::Zero(points, rules), squares = sums;
  robagg::best_of_n_curve const curve{.ns = result.ns};
  robagg::workspace ws;
  Eigen::VectorXd scores(options.candidates), gold(points);
  draws random(options.seed);
  progress shown(static_cast<std::size_t>(options.prompts));
  for (Index p = 0; p < options.prompts; ++p) {
    shown.step(fmt::format("prompt {}", p + 1));
    auto const prompt = draw_prompt(options, random);
    for (Index r = 0; r < rules; ++r) {
      judges[static_cast<std::size_t>(r)].score(prompt, scores, ws);
      curve.into(scores, prompt.gold, gold, ws);
      sums.col(r) += gold;
      squares.col(r) += gold.cwiseAbs2();
    }
  }
  auto const n = static_cast<double>(options.prompts);
  for (Index r = 0; r < rules; ++r) {
    auto& line = result.lines[static_cast<std::size_t>(r)];
    for (Index i = 0; i < points; ++i) {
      double const mean = sums(i, r) / n, variance = std::max(0., squares(i, r) / n - mean * mean) * n / (n - 1);
      line.gold.push_back(mean);
      line.error.push_back(std::sqrt(variance / n));
    }
  }
  return result;
}

std::string as_text(overoptimisation_result const& result) {
  auto const& o = result.options;
  std::string text =
      wrapped(fmt::format("Gold reward of the best of n candidates, as a rule over {} reward models chooses it.", o.members));
  text += fmt::format("\n{:<20} n =", "rule");
  for (Index const n : result.ns) text += fmt::format("{:>6}", n);
  text += '\n';
  double error = 0;
  for (auto const& line : result.lines) {
    text += fmt::format("{:<23}", line.label);
    for (double const g : line.gold) text += fmt::format("{:>6.2f}", g);
    text += '\n';
    for (double const e : line.error) error = std::max(error, e);
  }
  text += '\n';
  for (auto const& line : result.lines) text += fmt::format("{:<20} {}\n", line.label, line.description);
  text += '\n' +
          wrapped(fmt::format(
              "Simulated: {} prompts with {} candidates each, of standard normal quality. A reward model adds noise (standard "
              "deviation 0.5) and overrates 2 % of the candidates, each model others, by 4 on average; 1 % have a flaw that "
              "costs 3 and that no model sees. Standard error at most {:.2f}. Seed {}.",
              o.prompts, o.candidates, error, o.seed));
  std::string ends;
  for (auto const& line : result.lines) {
    auto const best = std::max_element(line.gold.begin(), line.gold.end());
    auto const at = static_cast<std::size_t>(best - line.gold.begin());
    // A fall of three standard errors is one.
    bool const falls = *best - line.gold.back() > 3 * std::hypot(line.error[at], line.error.back());
    if (falls)
      ends += fmt::format(" {} has its best at n = {} and loses {:.2f} after that;", line.label, result.ns[at],
                          *best - line.gold.back());
  }
  if (ends.empty()) ends = " No rule is over-optimised.";
  ends.back() = '.';
  return text + '\n' + wrapped("Over-optimisation:" + ends);
}

nlohmann::ordered_json as_json(overoptimisation_result const& result) {
  auto const& o = result.options;
  nlohmann::ordered_json json = {
      {"command", "overoptimisation"},
      {"settings", {{"prompts", o.prompts}, {"candidates", o.candidates}, {"members", o.members}, {"seed", o.seed}}},
      {"n", result.ns},
      {"rules", nlohmann::ordered_json::array()}};
  for (auto const& line : result.lines) {
    json["rules"].push_back(
        {{"rule", line.label}, {"operator", line.description}, {"gold", line.gold}, {"standard_error", line.error}});
  }
  return json;
}

std::string as_csv(overoptimisation_result const& result) {
  std::string text = csv_line({"rule", "n", "gold", "standard_error"});
  for (auto const& line : result.lines) {
    for (std::size_t i = 0; i < result.ns.size(); ++i) {
      text += csv_line({line.label, fmt::format("{}", result.ns[i]), csv_number(line.gold[i]), csv_number(line.error[i])});
    }
  }
  return text;
}

plot_spec as_plot(overoptimisation_result const& result) {
  plot_spec spec{.title = "Over-optimisation of reward models",
                 .x_label = "candidates n",
                 .y_label = "gold reward of the chosen one",
                 .log_x = true,
                 .y_range = {},
                 .series = {}};
  std::vector<double> const x(result.ns.begin(), result.ns.end());
  for (auto const& line : result.lines) spec.series.push_back({line.label, x, line.gold, false});
  return spec;
}

}  // namespace robagg_compare
