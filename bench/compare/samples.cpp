// SPDX-License-Identifier: BSL-1.0
#include "samples.hpp"

#include "draws.hpp"
#include "error.hpp"
#include "records.hpp"
#include "terminal.hpp"
#include "write.hpp"

#include <robagg/estimate/best_of_n_curve.hpp>
#include <robagg/estimate/pass_at_k.hpp>
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
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <numeric>
#include <optional>

namespace robagg_compare {
namespace {

// What decides between samples whose scores are equal.
enum class ties { nothing, samples, order };  // totals alone; which of the highest samples; every place

// A rule, its type erased: all answers for these samples, the best first.
struct vote_rule {
  std::string label, description;
  ties between;
  std::function<void(std::vector<int> const&, std::vector<double> const&, robagg::verdict<int>&, robagg::workspace&)> vote;
};

std::vector<vote_rule> vote_rules(samples_options const& options, Index most) {
  std::vector<vote_rule> rules;
  auto const add = [&](auto const& rule, ties between) {
    auto shown_rule = rule;
    shown_rule.k = options.ks.back();
    rules.push_back(
        {robagg::name(rule), robagg::describe(shown_rule), between,
         [rule](auto const& labels, auto const& scores, auto& out, auto& ws) { rule.into(labels, scores, out, ws); }});
  };
  add(robagg::majority{.k = most}, ties::nothing);
  add(robagg::best_of_n{.k = most}, ties::samples);
  add(robagg::weighted_vote{.k = most}, ties::nothing);
  add(robagg::softmax_vote{.k = most}, ties::nothing);
  add(robagg::logit_vote{.k = most}, ties::nothing);
  add(robagg::borda_vote{.k = most}, ties::order);
  add(robagg::filtered_vote{.k = most}, ties::order);
  add(options.alpha < 0 ? robagg::best_of_majority{.min_count = 2, .k = most}
                        : robagg::best_of_majority{.alpha = options.alpha, .k = most},
      ties::nothing);
  add(robagg::majority_of_bests{.k = most}, ties::order);
  return rules;
}

// The answers of a vote with their totals, those of best_of_n with how many samples have the score.
std::vector<ranked_answer> ranked(robagg::verdict<int> const& vote, vote_rule const& rule, sampled_problem const& problem,
                                  std::vector<int> const& labels, std::vector<double> const& scores) {
  std::vector<ranked_answer> answers;
  for (auto const& a : vote.answers) {
    ranked_answer one{a.total, 1, problem.solved_by(a.label)};
    if (rule.between == ties::samples) {
      one.weight = 0;
      for (std::size_t i = 0; i < labels.size(); ++i) one.weight += labels[i] == a.label && scores[i] == a.total;
      one.weight = std::max(one.weight, 1.);
    }
    answers.push_back(one);
  }
  return answers;
}

bool tied(ranked_answer const& a, ranked_answer const& b) {
  return a.total == b.total || std::abs(a.total - b.total) <= 1e-12 * std::max(std::abs(a.total), std::abs(b.total));
}

// The chance that `slots` draws without replacement, by weight, find none of the right ones. `known`: by what is left.
double missed(Index slots, double right, std::map<double, Index>& wrong, std::map<std::vector<Index>, double>& known) {
  if (slots == 0) return 1;
  std::vector<Index> left;
  double all = right, chance = 0;
  for (auto const& [weight, count] : wrong) all += weight * static_cast<double>(count), left.push_back(count);
  if (auto const found = known.find(left); found != known.end()) return found->second;
  for (auto& [weight, count] : wrong) {
    if (count == 0) continue;
    double const share = weight * static_cast<double>(count) / all;
    --count;
    chance += share * missed(slots - 1, right, wrong, known);
    ++count;
  }
  return known[left] = chance;
}

}  // namespace

double chance_of_right(std::vector<ranked_answer> answers, Index k) {
  std::stable_sort(answers.begin(), answers.end(), [](auto const& a, auto const& b) { return a.total > b.total; });
  for (auto at = answers.begin(); at != answers.end() && k > 0;) {
    auto const end = std::find_if(at, answers.end(), [&](auto const& a) { return !tied(a, *at); });
    Index const size = end - at;
    double right = 0;
    std::map<double, Index> wrong;
    for (auto a = at; a != end; ++a) {
      if (a->right)
        right += a->weight;
      else
        ++wrong[a->weight];
    }
    if (right > 0 && size <= k) return 1;
    std::map<std::vector<Index>, double> known;
    if (right > 0) return 1 - missed(k, right, wrong, known);
    k -= std::min(k, size), at = end;
  }
  return 0;
}

double chance_of_majority(std::vector<Index> const& right, std::vector<Index> const& wrong, Index without, Index n) {
  Index N = without, largest = 0;
  for (auto const* counts : {&right, &wrong}) {
    for (Index const c : *counts) N += c, largest = std::max(largest, c);
  }
  double const p = static_cast<double>(n) / static_cast<double>(N);
  // The chance of j of c, tilted so that nothing overflows; the product over all answers is that of n of N.
  auto const chance = [&](Index c, Index j) {
    double const log_binomial = std::lgamma(static_cast<double>(c) + 1) - std::lgamma(static_cast<double>(j) + 1) -
                                std::lgamma(static_cast<double>(c - j) + 1);
    return std::exp(log_binomial) * std::pow(p, static_cast<double>(j)) * std::pow(1 - p, static_cast<double>(c - j));
  };
  double sum = 0;
  for (Index m = 1; m <= std::min(n, largest); ++m) {  // how often the winner came
    Index const most = n / m;
    // ways[r][w][used]: answers with m samples, right and wrong, and samples in all.
    using row = std::vector<double>;
    Index rights = 0;
    for (Index const c : right) rights += c >= m;
    rights = std::min(rights, most);
    std::vector<std::vector<row>> ways(
        static_cast<std::size_t>(rights + 1),
        std::vector<row>(static_cast<std::size_t>(most + 1), row(static_cast<std::size_t>(n + 1), 0)));
    ways[0][0][0] = 1;
    auto const take = [&](Index c, Index limit, Index more_right, Index more_wrong) {
      std::vector<double> of(static_cast<std::size_t>(std::min(c, limit) + 1));
      for (std::size_t j = 0; j < of.size(); ++j) of[j] = chance(c, static_cast<Index>(j));
      for (Index r = rights; r >= 0; --r) {
        for (Index w = most; w >= 0; --w) {
          for (Index used = n; used >= 0; --used) {
            double total = 0;
            for (Index j = 0; j < static_cast<Index>(of.size()) && j <= used; ++j) {
              bool const full = limit == m && j == m;
              Index const from_r = r - (full ? more_right : 0), from_w = w - (full ? more_wrong : 0);
              if (from_r < 0 || from_w < 0) continue;
              total +=
                  of[static_cast<std::size_t>(j)] *
                  ways[static_cast<std::size_t>(from_r)][static_cast<std::size_t>(from_w)][static_cast<std::size_t>(used - j)];
            }
            ways[static_cast<std::size_t>(r)][static_cast<std::size_t>(w)][static_cast<std::size_t>(used)] = total;
          }
        }
      }
    };
    for (Index const c : right) take(c, m, 1, 0);
    for (Index const c : wrong) take(c, m, 0, 1);
    take(without, n == m ? n + 1 : n, 0, 0);
    for (Index r = 1; r <= rights; ++r) {
      for (Index w = 0; w <= most; ++w)
        sum += static_cast<double>(r) / static_cast<double>(r + w) *
               ways[static_cast<std::size_t>(r)][static_cast<std::size_t>(w)][static_cast<std::size_t>(n)];
    }
  }
  return sum / chance(N, n);
}

namespace {

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

// Are there samples with equal scores and different answers? Then the order of the file decides.
bool order_decides(std::vector<int> const& labels, std::vector<double> const& scores) {
  std::map<double, int> seen;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (std::isnan(scores[i])) continue;
    auto const [at, fresh] = seen.try_emplace(scores[i], labels[i]);
    if (!fresh && at->second != labels[i]) return true;
  }
  return false;
}

// Success of one rule, for each k, on one problem.
class trial {
 public:
  trial(samples_options const& options, Index n) : options_(options), random_(options.seed + static_cast<std::uint64_t>(n)) {}

  struct outcome {
    std::vector<double> success;
    bool tied = false, exact = true;
  };

  outcome of(vote_rule const& rule, sampled_problem const& problem, Index n) {
    outcome out{std::vector<double>(options_.ks.size(), 0)};
    auto const size = static_cast<Index>(problem.labels.size());
    bool const part = n > 0 && n < size;
    std::size_t const done = part && options_.ks[0] == 1 && closed_form(rule, problem, n, out.success[0]) ? 1 : 0;
    if (done == out.success.size()) return out;
    bool const shuffled = part || (rule.between == ties::order && order_decides(problem.labels, problem.scores));
    Index const rounds = part ? options_.draws : shuffled ? std::max<Index>(options_.draws, 200) : 1;
    for (Index round = 0; round < rounds; ++round) {
      some_.draw(problem, shuffled ? (part ? n : size) : 0, random_);
      rule.vote(some_.labels, some_.scores, vote_, ws_);
      auto const answers = ranked(vote_, rule, problem, some_.labels, some_.scores);
      out.tied = out.tied || (answers.size() > 1 && tied(answers[0], answers[1]));
      for (std::size_t i = done; i < out.success.size(); ++i)
        out.success[i] += chance_of_right(answers, options_.ks[i]) / static_cast<double>(rounds);
    }
    out.exact = !shuffled || done == 1;
    return out;
  }

 private:
  // The rules that are computed over all subsets at once, where one answer is submitted.
  static bool closed_form(vote_rule const& rule, sampled_problem const& problem, Index n, double& success) {
    auto const size = static_cast<double>(problem.labels.size());
    std::vector<Index> counts(problem.right.size(), 0), right, wrong;
    Index without = 0;
    for (int const label : problem.labels) ++(label < 0 ? without : counts[static_cast<std::size_t>(label)]);
    if (rule.label == "best_of_n" && without == 0 &&
        std::none_of(problem.scores.begin(), problem.scores.end(), [](double s) { return s != s; })) {
      std::vector<double> values;
      for (int const label : problem.labels) values.push_back(problem.solved_by(label));
      std::vector<Index> const ns{n};
      success = robagg::best_of_n_curve{.ns = ns}(problem.scores, values)[0];
      return true;
    }
    if (rule.label != "majority" || size * static_cast<double>(n) * static_cast<double>(n) > 3e7) return false;
    for (std::size_t a = 0; a < counts.size(); ++a) (problem.right[a] ? right : wrong).push_back(counts[a]);
    success = chance_of_majority(right, wrong, without, n);
    return true;
  }

  samples_options const& options_;
  draws random_;
  subset some_;
  robagg::verdict<int> vote_;
  robagg::workspace ws_;
};

samples_result::part compare_part(std::vector<sampled_problem> const& problems, std::vector<vote_rule> const& rules, Index n,
                                  samples_options const& options) {
  auto const ks = static_cast<Index>(options.ks.size()), columns = static_cast<Index>(rules.size()) * ks + 2;
  robagg::table<double> outcomes = robagg::table<double>::Zero(static_cast<Index>(problems.size()), columns);
  samples_result::part part;
  part.n = n;
  for (auto const& rule : rules) part.lines.push_back({rule.label, {}});
  trial of_problem(options, n);
  progress shown(problems.size());
  for (Index p = 0; p < outcomes.rows(); ++p) {
    auto const& problem = problems[static_cast<std::size_t>(p)];
    shown.step(problem.name);
    auto const size = static_cast<Index>(problem.labels.size());
    part.fewer += n > size;
    Index column = 0;
    for (std::size_t r = 0; r < rules.size(); ++r) {
      auto const out = of_problem.of(rules[r], problem, n);
      for (double const s : out.success) outcomes(p, column++) = s;
      part.lines[r].ties += out.tied, part.lines[r].exact = part.lines[r].exact && out.exact;
    }
    auto const right =
        std::count_if(problem.labels.begin(), problem.labels.end(), [&](int label) { return problem.solved_by(label); });
    outcomes(p, column++) = static_cast<double>(right) / static_cast<double>(size);
    outcomes(p, column++) = robagg::pass_at_k(size, right, n > 0 ? std::min(n, size) : size);
  }

  auto const shares = bootstrap(outcomes, options.resamples, options.seed);
  auto at = shares.begin();
  for (auto& line : part.lines) line.success.assign(at, at + ks), at += ks;
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
  sampled_file samples;
  samples.problems = problems;
  return compare_samples(samples, file, options);
}

samples_result compare_samples(sampled_file const& samples, std::string const& file, samples_options const& options) {
  check(options);
  auto const& problems = samples.problems;
  samples_result result;
  result.options = options;
  result.file = file;
  result.problems = static_cast<Index>(problems.size());
  result.fewest = std::numeric_limits<Index>::max();
  for (auto const& problem : problems) {
    auto const size = static_cast<Index>(problem.labels.size());
    result.samples += size;
    result.fewest = std::min(result.fewest, size), result.most = std::max(result.most, size);
    result.invalid += std::count(problem.labels.begin(), problem.labels.end(), -1);
    result.unscored += std::count_if(problem.scores.begin(), problem.scores.end(), [](double s) { return s != s; });
  }
  auto rules = vote_rules(options, result.most);
  if (!samples.has_scores) std::erase_if(rules, [](vote_rule const& rule) { return rule.label != "majority"; });
  if (!samples.has_answers) rules.clear();
  keep_those_that_fit(rules, problems, result);
  for (auto const& rule : rules) result.rules.emplace_back(rule.label, rule.description);
  for (Index const n : options.ns) result.parts.push_back(compare_part(problems, rules, n, options));
  result.parts.push_back(compare_part(problems, rules, 0, options));

  if (!samples.has_answers) result.said.push_back("The file has no column of answers: nothing can vote.");
  if (samples.has_answers && !samples.has_scores)
    result.said.push_back("The file has no column of scores: only majority can vote.");
  if (samples.mixed > 0)
    result.said.push_back(fmt::format("{} alike once normalised, but marked right here and wrong there: they count as right.",
                                      samples.mixed == 1 ? "1 answer is" : fmt::format("{} answers are", samples.mixed)));
  if (!samples.format.empty()) result.explained.push_back(fmt::format("{}: {}", file, samples.format));
  static constexpr std::array roles = {"problem", "answer", "score", "correct"};
  for (std::size_t c = 0; c < samples.columns.size(); ++c)
    result.explained.push_back(
        fmt::format("{}: {}", roles[c], samples.columns[c].empty() ? "no column" : "column " + samples.columns[c]));
  return result;
}

std::string as_text(samples_result const& result) {
  auto const& o = result.options;
  std::string text = fmt::format(
      "{}: {}, {} ({}each), {} without an answer, {} without a score\n", result.file, counted(result.problems, "problem"),
      counted(result.samples, "sample"),
      result.fewest == result.most ? fmt::format("{} ", result.most) : fmt::format("{} to {} ", result.fewest, result.most),
      result.invalid, result.unscored);
  auto const cell = [](share const& s, bool exact = true) {
    return fmt::format("{}{:.1f} [{:5.1f}, {:5.1f}]", exact ? "" : "~", 100 * s.value, 100 * s.low, 100 * s.high);
  };
  bool sampled = false;
  for (auto const& part : result.parts) {
    text += part.n == 0
                ? std::string("\nAll samples\n")
                : fmt::format("\nN = {}{}\n", part.n,
                              part.fewer == 0 ? ""
                                              : fmt::format(" ({} fewer, all of which count)",
                                                            part.fewer == 1 ? "1 problem has"
                                                                            : fmt::format("{} problems have", part.fewer)));
    std::vector<std::string> heads{"rule"};
    for (Index const k : o.ks) heads.push_back(fmt::format("k = {}", k));
    if (part.n == 0) heads.push_back("ties");
    text_table lines(heads);
    for (auto const& line : part.lines) {
      std::vector<std::string> cells{line.rule};
      for (std::size_t i = 0; i < line.success.size(); ++i) {
        bool const exact = line.exact && (part.n == 0 || o.ks[i] == 1);
        sampled = sampled || !exact;
        cells.push_back(cell(line.success[i], exact));
      }
      if (part.n == 0) cells.push_back(fmt::format("{}", line.ties));
      lines.add(cells);
    }
    auto const n = part.n == 0 ? std::string("n") : fmt::format("{}", part.n);
    lines.add({"one at random (avg@" + n + ")", cell(part.one)});
    lines.add({"oracle (pass@" + n + ")", cell(part.oracle)});
    text += lines.text();
  }
  std::string notes = fmt::format(
      "Success in %: problems with a right answer among the k answers that a rule submits, with 95 % intervals "
      "({} bootstrap resamples of the problems; seed {}). All rules see the same samples, so intervals that "
      "overlap may still differ. An answer is right if any sample with it is marked correct. Where answers tie, the chance that a right "
      "one is taken counts; ties: problems in which the first place is tied. One at random: how often a sample is right; oracle: how often any is.",
      o.resamples, o.seed);
  if (sampled)
    notes += fmt::format(
        " ~: a mean over {} random subsets, or 200 random orders of samples with equal scores; all others are exact.", o.draws);
  text += '\n' + wrapped(notes);
  for (auto const& sentence : result.said) text += '\n' + wrapped(sentence);
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
      if (part.n == 0 && k == o.ks.front()) {
        for (auto const& line : part.lines) {
          if (line.rule == rule) entry["ties"] = line.ties;
        }
      }
      json["success"].push_back(std::move(entry));
    });
  }
  for (auto const& [label, reason] : result.unfit) json["unfit"].push_back({{"rule", label}, {"reason", reason}});
  json["said"] = result.said;
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
