// SPDX-License-Identifier: BSL-1.0
#include "scaling.hpp"

#include "draws.hpp"
#include "error.hpp"
#include "terminal.hpp"
#include "write.hpp"

#include <robagg/vote/best_of_majority.hpp>
#include <robagg/vote/best_of_n.hpp>
#include <robagg/vote/majority.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <span>

namespace robagg_compare {
namespace {

// Samples of the next problem, from a stream of its own: fewer samples are the first of more.
void draw_problem(draws& seeds, std::vector<int>& labels, std::vector<double>& rewards) {
  draws random(seeds.bits());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    Index const answer = simulated_problem::answer(random.uniform());
    labels[i] = static_cast<int>(answer);
    rewards[i] = simulated_problem::reward(answer);
  }
}

// The deepest fall from fewer to more samples.
double cost(std::vector<double> const& success) {
  double highest = 0, deepest = 0;
  for (double const s : success) {
    highest = std::max(highest, s);
    deepest = std::max(deepest, highest - s);
  }
  return deepest;
}

std::string in_percent(double share) { return fmt::format("{:.1f}", 100 * share); }

}  // namespace

double simulated_problem::reward(Index answer) {
  if (answer == 0) return .8;
  if (answer <= frequent) return .4 - .1 * static_cast<double>(answer);
  Index const other = answer - frequent - 1;
  return other < overrated ? .95 : .7 * static_cast<double>(other - overrated) / static_cast<double>(rare - overrated);
}

Index simulated_problem::answer(double uniform) {
  if (uniform < right) return 0;
  double const rest = 1 - right - static_cast<double>(frequent) * wrong;
  double const tail = (uniform - (1 - rest)) / rest * static_cast<double>(rare);
  if (tail < 0) return std::min(frequent, 1 + static_cast<Index>((uniform - right) / wrong));
  return frequent + 1 + std::min(rare - 1, static_cast<Index>(tail));
}

std::string simulated_problem::name(Index answer) {
  if (answer == 0) return "right";
  return answer <= frequent ? fmt::format("wrong {}", answer) : fmt::format("rare {}", answer - frequent);
}

void check(scaling_options const& o) {
  if (o.problems < 2 || o.problems > 1'000'000) throw usage_error("--problems must be between 2 and 1,000,000");
  for (auto const& [name, values, most] : {std::tuple{"--n", &o.ns, Index{100'000}}, {"--k", &o.ks, Index{100}}}) {
    bool const good = !values->empty() && values->front() >= 1 && values->back() <= most;
    if (!good || std::adjacent_find(values->begin(), values->end(), std::greater_equal<>()) != values->end()) {
      throw usage_error(fmt::format("{} must be between 1 and {}, in increasing order", name, most));
    }
  }
  if (!(o.alpha >= 0 && o.alpha <= 1)) throw usage_error("--alpha must be between 0 and 1");
}

scaling_result compare_scaling(scaling_options const& options) {
  check(options);
  scaling_result result;
  result.options = options;
  std::vector<double> const nothing(options.ns.size(), 0);
  for (auto const* const rule : {"majority", "best_of_n", "best_of_majority"}) {
    for (Index const k : options.ks) result.lines.push_back({rule, k, nothing});
  }
  Index const most = options.ks.back();
  robagg::majority const majority{.k = most};
  robagg::best_of_n const best_of_n{.k = most};
  robagg::best_of_majority const best_of_majority{.alpha = options.alpha, .k = most};

  std::vector<int> labels(static_cast<std::size_t>(options.ns.back()));
  std::vector<double> rewards(labels.size());
  robagg::verdict<int> vote;
  robagg::workspace ws;
  draws seeds(options.seed);
  progress shown(static_cast<std::size_t>(options.problems));
  for (Index problem = 0; problem < options.problems; ++problem) {
    shown.step(fmt::format("problem {}", problem + 1));
    draw_problem(seeds, labels, rewards);
    for (std::size_t i = 0; i < options.ns.size(); ++i) {
      std::span const some(labels.data(), static_cast<std::size_t>(options.ns[i]));
      std::span const their(std::as_const(rewards).data(), some.size());
      std::size_t line = 0;
      auto const judge = [&](auto const& rule) {
        rule.into(some, their, vote, ws);
        auto const right = std::find_if(vote.answers.begin(), vote.answers.end(), [](auto const& a) { return a.label == 0; });
        auto const before = right == vote.answers.end() ? most : static_cast<Index>(right - vote.answers.begin());
        for (Index const k : options.ks) result.lines[line++].success[i] += before < k;
      };
      judge(majority), judge(best_of_n), judge(best_of_majority);
    }
  }
  auto const trials = static_cast<double>(options.problems);
  for (auto& line : result.lines) {
    for (double& s : line.success) {
      s /= trials;
      result.error = std::max(result.error, std::sqrt(s * (1 - s) / trials));
    }
  }
  return result;
}

std::string simulated_samples(scaling_options const& options, Index problems, Index samples) {
  std::string text = csv_line({"problem", "answer", "score", "correct"});
  std::vector<int> labels(static_cast<std::size_t>(samples));
  std::vector<double> rewards(labels.size());
  draws seeds(options.seed);
  for (Index problem = 0; problem < problems; ++problem) {
    draw_problem(seeds, labels, rewards);
    for (std::size_t i = 0; i < labels.size(); ++i) {
      text += csv_line({fmt::format("{}", problem + 1), simulated_problem::name(labels[i]), fmt::format("{:.4g}", rewards[i]),
                        labels[i] == 0 ? "1" : "0"});
    }
  }
  return text;
}

std::string as_text(scaling_result const& result) {
  auto const& o = result.options;
  std::string text = wrapped(fmt::format(
      "Success in %: how often the right answer is among the k that a rule submits, with N samples of each of {} problems.",
      o.problems));
  text += fmt::format("\n{:<17} {:>2} | N =", "rule", "k");
  for (Index const n : o.ns) text += fmt::format("{:>6}", n);
  text += " |  cost\n";
  for (auto const& line : result.lines) {
    text += fmt::format("{:<17} {:>2} |    ", line.rule, line.k);
    for (double const s : line.success) text += fmt::format("{:>6}", in_percent(s));
    text += fmt::format(" | {:>5}\n", in_percent(cost(line.success)));
  }
  using p = simulated_problem;
  text += "\ncost  the most that more samples cost, in points\n\n";
  text += wrapped(fmt::format(
      "A sample is right with probability {:g} (reward {:g}), one of {} wrong answers with {:g} each (rewards {:g}, "
      "{:g}, {:g}), and otherwise one of {} rare ones, of which the reward overrates {} (0.95; the others stay below "
      "0.7). best_of_majority asks for a share of alpha = {:g}; theory's choice, 0.075, knows how frequent the right "
      "answer is. Standard error at most {:.1f} points. Seed {}.",
      p::right, p::reward(0), p::frequent, p::wrong, p::reward(1), p::reward(2), p::reward(3), p::rare, p::overrated, o.alpha,
      100 * result.error, o.seed));
  return text;
}

nlohmann::ordered_json as_json(scaling_result const& result) {
  auto const& o = result.options;
  nlohmann::ordered_json json = {{"command", "scaling"},
                                 {"settings", {{"problems", o.problems}, {"n", o.ns}, {"alpha", o.alpha}, {"seed", o.seed}}},
                                 {"standard_error", result.error},
                                 {"rules", nlohmann::ordered_json::array()}};
  for (auto const& line : result.lines)
    json["rules"].push_back({{"rule", line.rule}, {"k", line.k}, {"success", line.success}});
  return json;
}

std::string as_csv(scaling_result const& result) {
  std::string text = csv_line({"rule", "k", "n", "success"});
  for (auto const& line : result.lines) {
    for (std::size_t i = 0; i < line.success.size(); ++i) {
      text += csv_line(
          {line.rule, fmt::format("{}", line.k), fmt::format("{}", result.options.ns[i]), csv_number(line.success[i])});
    }
  }
  return text;
}

plot_spec as_plot(scaling_result const& result) {
  plot_spec spec{.title = "When more samples help",
                 .x_label = "samples N",
                 .y_label = "right answer among the k submitted",
                 .log_x = true,
                 .y_range = {{0, 1}},
                 .series = {}};
  std::vector<double> const x(result.options.ns.begin(), result.options.ns.end());
  for (auto const& line : result.lines) {
    spec.series.push_back({fmt::format("{}, k = {}", line.rule, line.k), x, line.success, line.k != result.options.ks.front()});
  }
  return spec;
}

}  // namespace robagg_compare
