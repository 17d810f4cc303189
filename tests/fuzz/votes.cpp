// SPDX-License-Identifier: BSL-1.0
// Small elections against everything that liars can do within the certificate; votes among answers against slow sums.
#include "fuzz.hpp"

#include "../reference.hpp"

#include <set>

using namespace robagg_fuzz;
namespace ra = robagg;
namespace reference = robagg_test::reference;
using reference::ranking;

struct small_election {
  std::vector<ranking> cast;
  std::vector<double> weights;
  std::vector<Index> map;
  Index classes;
  bool second_round;

  Index winner(std::vector<ranking> const& votes) const { return reference::elected(votes, weights, classes, second_round); }
  // Can those who are touched, voting as they like, make another class win?
  bool can_flip(std::vector<bool> const& touched, std::vector<ranking>& votes, std::size_t model, Index expected) const {
    while (model < votes.size() && !touched[model]) ++model;
    if (model == votes.size()) return winner(votes) != expected;
    ranking const honest = votes[model];
    std::sort(votes[model].begin(), votes[model].end());
    bool found = false;
    do found = can_flip(touched, votes, model + 1, expected);
    while (!found && std::next_permutation(votes[model].begin(), votes[model].end()));
    votes[model] = honest;
    return found;
  }
  // Can so many points?
  bool can_flip(Index points, Index expected) const {
    std::size_t const n = cast.size();
    for (unsigned buckets = 0; buckets < 1u << n; ++buckets) {
      if (std::popcount(buckets) != points) continue;
      std::vector<bool> touched(n, false);
      for (std::size_t h = 0; h < n; ++h) {
        if (buckets >> h & 1u)
          for (Index const shift : map) touched[(h + static_cast<std::size_t>(shift)) % n] = true;
      }
      auto votes = cast;
      if (can_flip(touched, votes, 0, expected)) return true;
    }
    return false;
  }
};

template <class Rule>
static void check_election(input& in, Rule rule) {
  Index const classes = in.between(1, 3), n = in.between(1, 5);
  matrix const x = in.table(n, classes, in.any_kind());
  small_election e{reference::rankings(x),
                   std::vector<double>(static_cast<std::size_t>(n), 1),
                   {0},
                   classes,
                   std::is_same_v<Rule, ra::run_off>};
  bool const mapped = in.flag(), weighted = in.flag();
  if (mapped) {
    std::set<Index> shifts{in.between(0, n - 1), in.between(0, n - 1)};
    e.map.assign(shifts.begin(), shifts.end()), rule.bucket_map = e.map;
  }
  if (weighted) {
    for (double& w : e.weights) w = static_cast<double>(in.between(0, 3));
    e.weights[0] += 1;
  }
  ra::election const found = weighted ? rule(ra::weighted(x, e.weights)) : rule(x);
  demand(found.winner == e.winner(e.cast), "the winner is the reference's");
  demand(found.certified_radius >= 0 && found.certified_radius <= n, "a radius of 0 to n points");
  if (classes == 1) return;
  demand(!e.can_flip(found.certified_radius, found.winner), "no certificate is above its true radius");
  if (!mapped && !weighted && !e.second_round && found.certified_radius < n)
    demand(e.can_flip(found.certified_radius + 1, found.winner), "plurality's certificate is exact");
}
static void check_large_election(input& in) {
  matrix const x = in.table(in.between(0, 40), in.between(0, 12), in.any_kind());
  auto const weights = in.weights(x.rows());
  std::vector<Index> map;
  for (Index k = in.between(0, 3); k > 0; --k) map.push_back(in.between(0, 20) - 1);
  refused([&] {
    auto const a = ra::plurality{.bucket_map = map}(x), b = ra::run_off{.bucket_map = map}(x);
    auto const all = reference::rankings(x);
    std::vector<double> const once(all.size(), 1);
    demand(a.winner == reference::elected(all, once, x.cols(), false), "plurality is the reference's");
    demand(b.winner == reference::elected(all, once, x.cols(), true), "run-off is the reference's");
  });
  refused([&] { ra::run_off{.bucket_map = map}(ra::weighted(x, weights)), ra::plurality{}(ra::weighted(x, weights)); });
}

struct samples {
  std::vector<int> labels;
  std::vector<double> scores;
  auto const& score(Index i) const { return scores[static_cast<std::size_t>(i)]; }
};
// What holds of every verdict.
static void check_verdict(ra::verdict<int> const& v, samples const& s, Index k) {
  demand(static_cast<Index>(v.answers.size()) <= k, "at most k answers");
  std::set<int> seen;
  for (auto const& c : v.answers) {
    demand(c.label >= 0 && seen.insert(c.label).second, "valid answers, each once");
    demand(c.representative >= 0 && s.labels[static_cast<std::size_t>(c.representative)] == c.label,
           "a sample with the answer");
    demand(c.count >= 1, "somebody gave the answer");
  }
}
// Answers by total, equal ones by the first sample that appears(score, total) says; `gate` says which may win.
static std::vector<std::pair<int, double>> slowly(samples const& s, auto const& value, auto const& gate, auto const& appears) {
  std::vector<std::pair<int, double>> all;
  for (std::size_t i = 0; i < s.labels.size(); ++i) {
    int const label = s.labels[i];
    auto const known = std::any_of(all.begin(), all.end(), [&](auto const& p) { return p.first == label; });
    if (label < 0 || known) continue;
    std::vector<double> scores;
    Index count = 0;
    for (std::size_t j = i; j < s.labels.size(); ++j) {
      if (s.labels[j] != label) continue;
      ++count;
      if (!std::isnan(s.scores[j])) scores.push_back(s.scores[j]);
    }
    if (!scores.empty() && gate(count)) all.emplace_back(label, value(scores));
  }
  auto const place = [&](auto const& answer) {
    for (std::size_t i = 0;; ++i)
      if (s.labels[i] == answer.first && appears(s.scores[i], answer.second)) return i;
  };
  std::sort(all.begin(), all.end(),
            [&](auto const& a, auto const& b) { return a.second != b.second ? a.second > b.second : place(a) < place(b); });
  return all;
}
static void check_answers(input& in) {
  samples s;
  Index const n = in.between(0, 30), k = in.between(1, 4), least = in.between(1, 4);
  bool const hostile = in.between(0, 3) == 0;
  for (Index i = 0; i < n; ++i) {
    s.labels.push_back(static_cast<int>(in.between(0, 5)) - 1);
    double const score = in.number(hostile ? kind::hostile : kind::few);
    s.scores.push_back(hostile ? score : score == -3 ? not_a_number : std::abs(score));  // sums are exact
  }
  auto const run = [&](auto const& rule) { refused([&] { check_verdict(rule(s.labels, s.scores), s, k); }); };
  run(ra::weighted_vote{.k = k}), run(ra::weighted_vote{.class_score = ra::class_score::mean, .k = k});
  run(ra::borda_vote{.k = k}), run(ra::filtered_vote{.k = k}), run(ra::softmax_vote{.k = k}), run(ra::logit_vote{.k = k});
  run(ra::best_of_n{.k = k}), run(ra::majority_of_bests{.sample = 2, .k = k});
  for (auto const underflow : {ra::underflow::return_fewer, ra::underflow::fill_by_frequency, ra::underflow::relax_gate})
    run(ra::best_of_majority{.min_count = least, .k = k, .underflow = underflow});
  refused([&] { check_verdict(ra::majority{.k = k}(s.labels), s, k); });
  if (hostile || n == 0) return;
  auto const sum = [](auto const& v) { return std::accumulate(v.begin(), v.end(), 0.); };
  auto const largest = [](auto const& v) { return *std::max_element(v.begin(), v.end()); };
  auto const agree = [&](auto const& rule, auto const& expected, char const* what) {
    ra::verdict<int> const v = rule(s.labels, s.scores);
    demand(v.answers.size() == std::min<std::size_t>(expected.size(), static_cast<std::size_t>(k)), what);
    for (std::size_t r = 0; r < v.answers.size(); ++r)
      demand(v.answers[r].label == expected[r].first && v.answers[r].total == expected[r].second, what);
  };
  auto const open = [](Index) { return true; };
  auto const voting = [](double score, double) { return !std::isnan(score); };
  auto const reaching = [](double score, double total) { return score == total; };
  auto const any = [](double, double) { return true; };
  auto const gate = [&](Index count) { return count >= least; };
  agree(ra::weighted_vote{.k = k}, slowly(s, sum, open, voting), "a weighted vote adds scores");
  agree(ra::weighted_vote{.class_score = ra::class_score::max, .k = k}, slowly(s, largest, open, reaching),
        "a vote by the highest score");
  agree(ra::best_of_majority{.min_count = least, .k = k, .class_score = ra::class_score::sum}, slowly(s, sum, gate, any),
        "best of majority gates, then adds");
}

ROBAGG_FUZZ(in) {
  switch (in.between(0, 4)) {
    case 0:
      return check_election(in, ra::plurality{});
    case 1:
      return check_election(in, ra::run_off{});
    case 2:
      return check_large_election(in);
    default:
      return check_answers(in);
  }
}
