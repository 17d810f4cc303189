// SPDX-License-Identifier: BSL-1.0
#include "samples.hpp"

#include "draws.hpp"
#include "error.hpp"
#include "terminal.hpp"
#include "write.hpp"

#include <robagg/vote/best_of_majority.hpp>
#include <robagg/vote/best_of_n.hpp>
#include <robagg/vote/borda_vote.hpp>
#include <robagg/vote/filtered_vote.hpp>
#include <robagg/vote/logit_vote.hpp>
#include <robagg/vote/majority.hpp>
#include <robagg/vote/majority_of_bests.hpp>
#include <robagg/vote/softmax_vote.hpp>
#include <robagg/vote/weighted_vote.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>

namespace robagg_compare {
namespace {

std::string shown(std::string const& text) { return text.size() > 24 ? text.substr(0, 24) + "..." : text; }

// A rule, its type erased: the first k answers for these samples.
struct vote_rule {
  std::string label, description;
  std::function<void(std::vector<int> const&, std::vector<double> const&, robagg::verdict<int>&, robagg::workspace&)> vote;
};

std::vector<vote_rule> vote_rules(samples_options const& options) {
  Index const k = options.ks.back();
  std::vector<vote_rule> rules;
  auto const add = [&](auto const& rule) {
    rules.push_back(
        {robagg::name(rule), robagg::describe(rule),
         [rule](auto const& labels, auto const& scores, auto& out, auto& ws) { rule.into(labels, scores, out, ws); }});
  };
  add(robagg::majority{.k = k});
  add(robagg::best_of_n{.k = k});
  add(robagg::weighted_vote{.k = k});
  add(robagg::softmax_vote{.k = k});
  add(robagg::logit_vote{.k = k});
  add(robagg::borda_vote{.k = k});
  add(robagg::filtered_vote{.k = k});
  add(options.alpha < 0 ? robagg::best_of_majority{.min_count = 2, .k = k}
                        : robagg::best_of_majority{.alpha = options.alpha, .k = k});
  add(robagg::majority_of_bests{.k = k});
  return rules;
}

// How many answers come before the first right one.
Index place_of_right(robagg::verdict<int> const& vote, sampled_problem const& problem) {
  auto const at =
      std::find_if(vote.answers.begin(), vote.answers.end(), [&](auto const& a) { return problem.solved_by(a.label); });
  return at == vote.answers.end() ? std::numeric_limits<Index>::max() : static_cast<Index>(at - vote.answers.begin());
}

// `n` of the samples in random order, or all of them as they are.
class subset {
 public:
  void draw(sampled_problem const& problem, Index n, draws& random) {
    auto const size = static_cast<Index>(problem.labels.size());
    order_.resize(problem.labels.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    if (n == 0)
      n = size;
    else
      for (Index i = 0; i < n; ++i)
        std::swap(order_[static_cast<std::size_t>(i)], order_[static_cast<std::size_t>(i + random.below(size - i))]);
    labels.clear(), scores.clear();
    for (Index i = 0; i < n; ++i) {
      labels.push_back(problem.labels[order_[static_cast<std::size_t>(i)]]);
      scores.push_back(problem.scores[order_[static_cast<std::size_t>(i)]]);
    }
  }
  std::vector<int> labels;
  std::vector<double> scores;

 private:
  std::vector<std::size_t> order_;
};

// The rules that every problem's scores suit; why the others are not among them goes to `unfit`.
void keep_those_that_fit(std::vector<vote_rule>& rules, std::vector<sampled_problem> const& problems, samples_result& result) {
  robagg::verdict<int> vote;
  robagg::workspace ws;
  std::erase_if(rules, [&](vote_rule const& rule) {
    for (auto const& problem : problems) {
      try {
        rule.vote(problem.labels, problem.scores, vote, ws);
      } catch (robagg::bad_input const& error) {
        result.unfit.emplace_back(rule.label, fmt::format("problem '{}': {}", shown(problem.name), error.what()));
        return true;
      }
    }
    return false;
  });
}

samples_result::part compare_part(std::vector<sampled_problem> const& problems, std::vector<vote_rule> const& rules, Index n,
                                  samples_options const& options) {
  auto const ks = static_cast<Index>(options.ks.size()), columns = static_cast<Index>(rules.size()) * ks + 2;
  robagg::table<double> outcomes = robagg::table<double>::Zero(static_cast<Index>(problems.size()), columns);
  Index const rounds = n == 0 ? 1 : options.draws;
  robagg::verdict<int> vote;
  robagg::workspace ws;
  subset some;
  draws random(options.seed + static_cast<std::uint64_t>(n));
  progress shown(problems.size());
  for (Index p = 0; p < outcomes.rows(); ++p) {
    auto const& problem = problems[static_cast<std::size_t>(p)];
    shown.step(problem.name);
    for (Index round = 0; round < rounds; ++round) {
      some.draw(problem, n, random);
      Index column = 0;
      for (auto const& rule : rules) {
        rule.vote(some.labels, some.scores, vote, ws);
        Index const place = place_of_right(vote, problem);
        for (Index const k : options.ks) outcomes(p, column++) += place < k;
      }
      auto const right =
          std::count_if(some.labels.begin(), some.labels.end(), [&](int label) { return problem.solved_by(label); });
      outcomes(p, column++) += static_cast<double>(right) / static_cast<double>(some.labels.size());
      outcomes(p, column++) += right > 0;
    }
  }
  outcomes /= static_cast<double>(rounds);

  auto const shares = bootstrap(outcomes, options.resamples, options.seed);
  samples_result::part part;
  part.n = n;
  auto at = shares.begin();
  for (auto const& rule : rules) part.lines.push_back({rule.label, {at, at + ks}}), at += ks;
  part.one = *at++, part.oracle = *at;
  return part;
}

// Sorted values, at the position p (n - 1).
double percentile(std::vector<double> const& sorted, double p) {
  double const at = p * static_cast<double>(sorted.size() - 1);
  auto const below = static_cast<std::size_t>(at), above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

}  // namespace

void check(samples_options const& o) {
  if (o.ks.empty() || o.ks.front() < 1 || std::adjacent_find(o.ks.begin(), o.ks.end(), std::greater_equal<>()) != o.ks.end()) {
    throw usage_error("--k must be at least 1, in increasing order");
  }
  for (Index const n : o.ns) {
    if (n < 1) throw usage_error("--n must be at least 1");
  }
  if (o.draws < 1 || o.draws > 100'000) throw usage_error("--draws must be between 1 and 100,000");
  if (o.resamples < 1 || o.resamples > 1'000'000) throw usage_error("--resamples must be between 1 and 1,000,000");
  if (!(o.alpha <= 1)) throw usage_error("--alpha must be between 0 and 1");
}

std::vector<share> bootstrap(robagg::table<double> const& outcomes, Index resamples, std::uint64_t seed) {
  Index const n = outcomes.rows(), d = outcomes.cols();
  robagg::table<double> means = robagg::table<double>::Zero(resamples, d);
  draws random(seed);
  for (Index b = 0; b < resamples; ++b) {
    for (Index i = 0; i < n; ++i) means.row(b) += outcomes.row(random.below(n));
  }
  means /= static_cast<double>(n);
  std::vector<share> shares;
  std::vector<double> sorted(static_cast<std::size_t>(resamples));
  for (Index c = 0; c < d; ++c) {
    for (Index b = 0; b < resamples; ++b) sorted[static_cast<std::size_t>(b)] = means(b, c);
    std::sort(sorted.begin(), sorted.end());
    shares.push_back({outcomes.col(c).mean(), percentile(sorted, .025), percentile(sorted, .975)});
  }
  return shares;
}

samples_result compare_samples(std::vector<sampled_problem> const& problems, std::string const& file,
                               samples_options const& options) {
  check(options);
  samples_result result;
  result.options = options;
  result.file = file;
  result.problems = static_cast<Index>(problems.size());
  result.fewest = std::numeric_limits<Index>::max();
  for (auto const& problem : problems) {
    auto const size = static_cast<Index>(problem.labels.size());
    for (Index const n : options.ns) {
      if (n > size) {
        throw usage_error(fmt::format("--n: problem '{}' of {} has {} sample{}, fewer than {}", shown(problem.name), file, size,
                                      size == 1 ? "" : "s", n));
      }
    }
    result.samples += size;
    result.fewest = std::min(result.fewest, size), result.most = std::max(result.most, size);
    result.invalid += std::count(problem.labels.begin(), problem.labels.end(), -1);
    result.unscored += std::count_if(problem.scores.begin(), problem.scores.end(), [](double s) { return s != s; });
  }
  auto rules = vote_rules(options);
  keep_those_that_fit(rules, problems, result);
  for (auto const& rule : rules) result.rules.emplace_back(rule.label, rule.description);
  for (Index const n : options.ns) result.parts.push_back(compare_part(problems, rules, n, options));
  result.parts.push_back(compare_part(problems, rules, 0, options));
  return result;
}

std::string as_text(samples_result const& result) {
  auto const& o = result.options;
  std::string text = fmt::format(
      "{}: {} problem{}, {} samples ({}each), {} without an answer, {} without a score\n", result.file, result.problems,
      result.problems == 1 ? "" : "s", result.samples,
      result.fewest == result.most ? fmt::format("{} ", result.most) : fmt::format("{} to {} ", result.fewest, result.most),
      result.invalid, result.unscored);
  auto const cell = [](share const& s) {
    return fmt::format(" {:>6.1f} [{:>5.1f}, {:>5.1f}]", 100 * s.value, 100 * s.low, 100 * s.high);
  };
  for (auto const& part : result.parts) {
    text += part.n == 0 ? std::string("\nAll samples\n")
                        : fmt::format("\nN = {}, the mean over {} random subsets\n", part.n, o.draws);
    text += fmt::format("{:<18}", "rule");
    for (Index const k : o.ks) text += fmt::format("{:>{}}", fmt::format("k = {}", k), k == o.ks.front() ? 7 : 22);
    text += '\n';
    for (auto const& line : part.lines) {
      text += fmt::format("{:<18}", line.rule);
      for (auto const& s : line.success) text += cell(s);
      text += '\n';
    }
    text += fmt::format("{:<18}{}\n{:<18}{}\n", "one at random", cell(part.one), "oracle", cell(part.oracle));
  }
  text += '\n' + wrapped(fmt::format(
                     "Success in %: problems with a right answer among the k answers that a rule submits, with 95 % intervals "
                     "({} bootstrap resamples of the problems; seed {}). All rules see the same samples, so intervals that "
                     "overlap may still differ. An answer is right if any sample with it is marked correct. One at random: how "
                     "often a sample is right; oracle: how often any is.",
                     o.resamples, o.seed));
  text += "\nParameters:\n";
  for (auto const& [label, description] : result.rules) text += fmt::format("{:<18} {}\n", label, description);
  if (!result.unfit.empty()) {
    text += "\nRules that do not fit these scores:\n";
    for (auto const& [label, reason] : result.unfit) text += fmt::format("{:<18} {}\n", label, reason);
  }
  return text;
}

namespace {

// Every share with its rule and k; the two that are no rules have no k.
void for_each_share(samples_result const& result, samples_result::part const& part, auto visit) {
  for (auto const& line : part.lines) {
    for (std::size_t i = 0; i < line.success.size(); ++i)
      visit(line.rule, std::optional(result.options.ks[i]), line.success[i]);
  }
  visit("one at random", std::optional<Index>(), part.one);
  visit("oracle", std::optional<Index>(), part.oracle);
}

}  // namespace

nlohmann::ordered_json as_json(samples_result const& result) {
  auto const& o = result.options;
  nlohmann::ordered_json json = {
      {"command", "samples"},
      {"file", result.file},
      {"problems", result.problems},
      {"samples", result.samples},
      {"settings", {{"draws", o.draws}, {"resamples", o.resamples}, {"seed", o.seed}}},
      {"operators", nlohmann::ordered_json::object()},
      {"success", nlohmann::ordered_json::array()},
      {"unfit", nlohmann::ordered_json::array()},
  };
  for (auto const& [label, description] : result.rules) json["operators"][label] = description;
  for (auto const& part : result.parts) {
    for_each_share(result, part, [&](std::string const& rule, std::optional<Index> k, share const& s) {
      nlohmann::ordered_json entry = {{"rule", rule}};
      if (part.n > 0) entry["n"] = part.n;
      if (k) entry["k"] = *k;
      entry["success"] = s.value, entry["low"] = s.low, entry["high"] = s.high;
      json["success"].push_back(std::move(entry));
    });
  }
  for (auto const& [label, reason] : result.unfit) json["unfit"].push_back({{"rule", label}, {"reason", reason}});
  return json;
}

std::string as_csv(samples_result const& result) {
  std::string text = csv_line({"rule", "n", "k", "success", "low", "high"});
  for (auto const& part : result.parts) {
    for_each_share(result, part, [&](std::string const& rule, std::optional<Index> k, share const& s) {
      text += csv_line({rule, part.n > 0 ? fmt::format("{}", part.n) : "all", k ? fmt::format("{}", *k) : "",
                        csv_number(s.value), csv_number(s.low), csv_number(s.high)});
    });
  }
  return text;
}

}  // namespace robagg_compare
