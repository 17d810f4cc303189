// SPDX-License-Identifier: BSL-1.0
// What the numbers of a report say about claims of papers. A verdict is computed from them, and none where they are missing.
#include "chart.hpp"
#include "figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace robagg_compare {
namespace {

using json = nlohmann::ordered_json;

enum class verdict { holds, fails, undecided };

struct decision {
  std::string number;
  verdict said = verdict::undecided;
};
struct claim {
  int number;  ///< in docs/papers.md
  std::string paper, text, experiment, part;
  std::function<decision(json const&)> decide;
};

// The entry of a list whose `key` is `name`; throws json's out_of_range where there is none.
json const& named(json const& list, char const* key, std::string const& name) {
  for (auto const& entry : list) {
    if (entry.at(key) == name) return entry;
  }
  throw json::out_of_range::create(403, "there is no " + name, nullptr);
}
std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

// Differences of two ways over the runs of the same seeds: their mean, and its standard error.
struct gap {
  double mean = 0, error = 0;
};
gap gap_of(json const& more, json const& less) {
  double sum = 0, squares = 0;
  auto const n = static_cast<double>(more.size());
  for (std::size_t k = 0; k < more.size(); ++k) {
    double const d = more.at(k).get<double>() - less.at(k).get<double>();
    sum += d, squares += d * d;
  }
  double const mean = sum / n, variance = std::max(0., squares / n - mean * mean) * n / std::max(1., n - 1);
  return {mean, std::sqrt(variance / n)};
}

decision conservative_rewards(json const& r) {
  auto const fall = [&](std::string const& rule) {  // from its best, in standard errors of the last
    auto const& line = named(r.at("rules"), "rule", rule);
    auto const gold = line.at("gold").get<std::vector<double>>();
    return (*std::max_element(gold.begin(), gold.end()) - gold.back()) / line.at("standard_error").back().get<double>();
  };
  auto const end = [&](std::string const& rule) { return named(r.at("rules"), "rule", rule).at("gold").back().get<double>(); };
  bool const fooled = fall("single") > 4, kept = fall("worst_case") < 2 && fall("uncertainty_weighted") < 2;
  return {fmt::format("at n = {}: one model {:.2f}, worst_case {:.2f}, uncertainty_weighted {:.2f}", r.at("n").back().dump(),
                      end("single"), end("worst_case"), end("uncertainty_weighted")),
          !fooled ? verdict::undecided
          : kept  ? verdict::holds
                  : verdict::fails};
}

decision defended_cache(json const& r) {
  auto const& defended = named(r.at("policies"), "policy", "unprotected");
  auto const& averaged = named(r.at("policies"), "policy", "unprotected, mean");
  std::string number;
  int better = 0, worse = 0;
  auto const compare = [&](std::string const& what, double a, double b) {
    number += fmt::format("{}{}: {} against {}", number.empty() ? "" : "; ", what, percent(a), percent(b));
    better += a > b + .01, worse += a < b - .01;
  };
  auto const& recall = defended.at("recall");
  std::size_t const k = recall.size() / 2;
  for (auto const& [kind, name] : {std::pair("returning", "recall when keys return"), std::pair("fresh", "of new keys")}) {
    compare(name, recall.at(k).at(kind).get<double>(), averaged.at("recall").at(k).at(kind).get<double>());
  }
  for (auto const& [trace, values] : defended.at("retained").items()) {
    if (!trace.starts_with("bursts")) continue;
    compare("attention in " + trace, values.at(k).at("q05").get<double>(),
            averaged.at("retained").at(trace).at(k).at("q05").get<double>());
  }
  return {number, better > 0 && worse == 0 ? verdict::holds : worse > 0 && better == 0 ? verdict::fails : verdict::undecided};
}

decision more_samples(json const& r) {
  auto const success = [&](std::string const& rule) {
    return named(r.at("rules"), "rule", rule).at("success").get<std::vector<double>>();
  };
  double const error = r.at("standard_error").get<double>();
  auto const falls = [&](std::vector<double> const& s) { return *std::max_element(s.begin(), s.end()) - s.back() > 4 * error; };
  bool const others = falls(success("majority")) || falls(success("best_of_n")), own = falls(success("best_of_majority"));
  return {fmt::format("with {} samples: majority {}, best_of_n {}, best_of_majority {}", r.at("settings").at("n").back().dump(),
                      percent(success("majority").back()), percent(success("best_of_n").back()),
                      percent(success("best_of_majority").back())),
          !others ? verdict::undecided
          : own   ? verdict::fails
                  : verdict::holds};
}

decision orders_differ(json const& r) {
  double const tau = r.at("tau").at("mean score").get<double>();
  std::string by_mean, by_borda;
  for (auto const& s : r.at("systems")) {
    if (s.at("rules").at("mean score").at("rank").get<double>() <= 1) by_mean = s.at("system");
    if (s.at("rules").at("borda").at("rank").get<double>() <= 1) by_borda = s.at("system");
  }
  return {fmt::format("Kendall's tau {:.2f}; first by the mean: {}, by Borda: {}", tau, by_mean.empty() ? "a tie" : by_mean,
                      by_borda.empty() ? "a tie" : by_borda),
          tau < .999 ? verdict::holds : verdict::fails};
}

// Is `better` more accurate than `plain` when nobody lies?
auto more_accurate(std::string const& better, std::string const& plain) {
  return [=](json const& r) -> decision {
    auto const& a = named(r.at("ways"), "way", better).at("accuracy").at("none");
    auto const& b = named(r.at("ways"), "way", plain).at("accuracy").at("none");
    auto const [mean, error] = gap_of(a.at("runs"), b.at("runs"));
    return {fmt::format("{} against {}", percent(a.at("mean").get<double>()), percent(b.at("mean").get<double>())),
            mean > 2 * error    ? verdict::holds
            : mean < -2 * error ? verdict::fails
                                : verdict::undecided};
  };
}

decision two_tiers(json const& r) {
  auto const runs = [&](char const* way) -> json const& { return named(r.at("ways"), "way", way).at("accuracy").at("none"); };
  auto const against_one = gap_of(runs("importance_shares").at("runs"), runs("one tier").at("runs"));
  auto const against_all = gap_of(runs("importance_shares").at("runs"), runs("all it sees").at("runs"));
  bool const equal = std::abs(against_one.mean) <= std::max(2 * against_one.error, 1e-3),
             better = against_all.mean > 2 * against_all.error;
  return {
      fmt::format("{} with shares, {} as one tier, {} counted at each gateway",
                  percent(runs("importance_shares").at("mean").get<double>()),
                  percent(runs("one tier").at("mean").get<double>()), percent(runs("all it sees").at("mean").get<double>())),
      equal && better ? verdict::holds
      : !equal        ? verdict::fails
                      : verdict::undecided};
}

decision flags(json const& r) {
  double const calm = r.at("attack_free_accuracy_of_the_mean").get<double>();
  double const flag = named(r.at("rules"), "rule", "flag_aggregator").at("worst").get<double>();
  double const mean = named(r.at("rules"), "rule", "mean").at("worst").get<double>();
  return {fmt::format("{} under its worst attack, the mean {}; without liars the mean has {}", percent(flag), percent(mean),
                      percent(calm)),
          calm - mean <= .1   ? verdict::undecided
          : calm - flag <= .1 ? verdict::holds
                              : verdict::fails};
}

decision run_offs(json const& r) {
  // Certified points of poison, on average over the test digits, of every ensemble.
  std::string number;
  bool all = true, none = true;
  for (auto const& line : r.at("rules")) {
    auto const name = line.at("rule").get<std::string>();
    auto const second = name.find("+ROE");
    if (second == name.npos) continue;
    auto const area = [](json const& l) {
      double sum = 0;
      for (auto const& c : l.at("curve")) sum += c.get<double>();
      return sum;
    };
    for (auto const& plain : r.at("rules")) {
      if (plain.at("rule") != name.substr(0, second) || plain.at("partitions") != line.at("partitions")) continue;
      double const a = area(line), b = area(plain);
      number += fmt::format("{}{} of {}: {:.2f} against {:.2f}", number.empty() ? "" : "; ", name, line.at("partitions").dump(),
                            a, b);
      all = all && a > b, none = none && a <= b;
    }
  }
  return {number, number.empty() ? verdict::undecided : all ? verdict::holds : none ? verdict::fails : verdict::undecided};
}

decision fitted_quantiles(json const& r) {
  // Beside the median on the same forecasts: fitted weights need a past, and score fewer of them.
  auto const score = [&](char const* name) {
    return named(r.at("results"), "name", name).at("relative_to_median").get<double>();
  };
  double const fitted = score("quantile_averaging"), mean = score("mean");
  return {fmt::format("weighted interval score, the median's = 1: fitted {:.3f}, the mean {:.3f}", fitted, mean),
          fitted < std::min(mean, 1.) ? verdict::holds : verdict::fails};
}

std::vector<claim> claims() {
  return {
      {2, "Reward Model Ensembles Help Mitigate Overoptimization",
       "One reward model is over-optimised; conservative ensembles are not.",
       "best of n candidates, simulated reward models with rare errors", "overoptimisation", conservative_rewards},
      {3, "Taming the Fragility of KV Cache Eviction in LLM Inference",
       "Aggregating attention by its worst case loses less than by its mean when what matters changes.",
       "worst case against mean: what a small trained model recalls, and the attention that the worst 5 % of later queries find kept",
       "cache", defended_cache},
      {14, "Best-of-Majority", "With more samples majority voting and best-of-n get worse; best-of-majority does not.",
       "simulated answers, k = 1", "scaling", more_samples},
      {15, "What are the best systems? New perspectives on NLP Benchmarking",
       "Means of scores and Borda's rule order systems differently.", "rules as systems, attacks as tasks", "ranks",
       orders_differ},
      {19, "SemSpaceFL", "With importance shares two tiers equal one, although several gateways see a client.",
       "federated training on digits", "tiers", two_tiers},
      {21, "A General Theory for Federated Optimization with Asynchronous Clients",
       "Weights that correct for slow clients beat the plain mean of who has finished.",
       "federated training on digits, clients of unequal speed", "asynchronous", more_accurate("mean, fedfix_weights", "mean")},
      {22, "Flag Aggregator", "It withstands a minority of faulty workers.", "federated training on digits under all attacks",
       "flag", flags},
      {23, "Run-Off Election", "A second round certifies more poisoned points than plurality on the same votes.",
       "certified points, on average over test digits", "votes", run_offs},
      {27, "A Lightweight Method for Tackling Unknown Participation Statistics in Federated Averaging",
       "Weights from observed absences beat the plain mean of who is present.",
       "federated training on digits, clients of unequal chance", "participation",
       more_accurate("mean, participation_weights", "mean")},
      {30, "Flexible Model Aggregation for Quantile Regression",
       "Fitted weights beat the mean and the median of the models' quantiles.",
       "forecasts of sunspots, weights fitted to the past of each round", "forecasts", fitted_quantiles},
  };
}

}  // namespace

void add_papers(stored_results const& results, std::vector<figure>& to) {
  constexpr int papers = 36;
  html_table table{{"paper", "its claim", "our experiment", "the number", "here"}, {}};
  int decided = 0, listed = 0;
  for (auto const& c : claims()) {
    auto const found = results.of.find(c.part);
    if (found == results.of.end()) continue;
    decision d;
    try {
      d = c.decide(found->second);
    } catch (json::exception const&) { d = {"the stored result lacks what this needs", verdict::undecided}; }
    ++listed, decided += d.said != verdict::undecided;
    table.rows.push_back(
        {fmt::format("{}. {}", c.number, escaped(c.paper)), escaped(c.text),
         fmt::format("{}<br><code>{}</code>", escaped(c.experiment), escaped(results.command(c.part))), escaped(d.number),
         fmt::format("<span class='verdict'>{}</span>", d.said == verdict::holds   ? "&#10003; holds here"
                                                        : d.said == verdict::fails ? "&#10007; does not hold here"
                                                                                   : "? not decided")});
  }
  if (listed == 0) return;
  auto body = table.text();
  body.replace(body.find("<table>"), 7, "<table class='words'>");
  to.push_back(
      {"The papers", "papers", "Claims that these numbers decide",
       fmt::format(
           "Read the last column: it is computed from the numbers of this page, {} of {} claims are decided, and it speaks of our "
           "small experiment, not of the paper's. The other {} of the {} papers behind the library have no experiment here.",
           decided, listed, papers - listed, papers),
       body, "", ""});
}

}  // namespace robagg_compare
