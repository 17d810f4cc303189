// SPDX-License-Identifier: BSL-1.0
#include "votes.hpp"

#include "error.hpp"
#include "terminal.hpp"
#include "write.hpp"
#include "numbers.hpp"

#include <robagg/cube.hpp>
#include <robagg/vote/certified_accuracy.hpp>
#include <robagg/vote/plurality.hpp>
#include <robagg/vote/run_off.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace robagg_compare {
namespace {

using robagg::election;

Index winner(table<double> const& scores, bool runs_off, robagg::workspace& ws) {
  return runs_off ? robagg::run_off{}.elect(scores, ws).winner : robagg::plurality{}.elect(scores, ws).winner;
}

Index first_choice(table<double> const& scores, Index m) {
  Index best = 0;
  for (Index c = 1; c < scores.cols(); ++c) {
    if (scores(m, c) > scores(m, best)) best = c;
  }
  return best;
}

bool prefers(table<double> const& scores, Index m, Index a, Index b) {
  return scores(m, a) > scores(m, b) || (scores(m, a) == scores(m, b) && a < b);
}

template <class Count>
double share_of_inputs(std::vector<verdict> const& digits, Count count) {
  return static_cast<double>(std::count_if(digits.begin(), digits.end(), count)) / static_cast<double>(digits.size());
}

}  // namespace

void check(votes_options const& o) {
  if (o.models.empty()) throw usage_error("--models needs at least one number");
  if (o.spread < 1 || o.spread > 64) throw usage_error("--spread must be between 1 and 64");
  if (o.versions < 1 || o.versions > 64) throw usage_error("--versions must be between 1 and 64");
  for (Index const k : o.models) {
    if (k < 5 || k > 1000) throw usage_error("--models must be between 5 and 1000");
    if (k * std::max(o.spread, o.versions) > 4000) {
      throw usage_error(
          fmt::format("--models {} times --spread {} or --versions {} is more than 4000 models", k, o.spread, o.versions));
    }
  }
  for (Index const r : o.budgets) {
    if (r < 0 || r > 1000) throw usage_error("--budgets must be between 0 and 1000");
  }
  if (o.attack < 0 || o.attack > 1000) throw usage_error("--attack must be between 0 and 1000");
}

// Greedy: the bucket that takes the largest share of what is left of the gaps that have to be closed.
Index replaced_until_changed(table<double> scores, election const& vote, bool runs_off, std::vector<Index> const& shifts) {
  struct gap {
    Index leader, rival;
    bool second_round = false;
  };
  Index const n = scores.rows(), target = vote.winner, rival = vote.challenger;
  std::vector<gap> gaps{{target, rival, runs_off && vote.second_challenger < 0}};
  if (vote.second_challenger >= 0) {
    gaps.push_back({target, vote.second_challenger});
  } else if (runs_off && rival != vote.runner_up) {
    gaps.push_back({vote.runner_up, rival});
  }
  auto const fed = shifts.empty() ? std::vector<Index>{0} : shifts;
  std::vector<Index> first(at(n)), left(gaps.size());
  std::vector<bool> used(at(n));
  robagg::workspace ws;

  for (Index points = 1; points <= n; ++points) {
    for (Index m = 0; m < n; ++m) first[at(m)] = first_choice(scores, m);
    for (std::size_t g = 0; g < gaps.size(); ++g) {
      auto const& [a, b, second] = gaps[g];
      left[g] = b > a;
      for (Index m = 0; m < n; ++m) {
        left[g] += second ? (prefers(scores, m, a, b) ? 1 : -1) : (first[at(m)] == a) - (first[at(m)] == b);
      }
    }
    Index const favourite = gaps[left.size() > 1 && left[1] > left[0] ? 1 : 0].rival;
    Index best = -1;
    double most = -1;
    for (Index h = 0; h < n; ++h) {
      if (used[at(h)]) continue;
      double gain = 0;
      for (std::size_t g = 0; g < gaps.size(); ++g) {
        auto const& [a, b, second] = gaps[g];
        Index power = 0;
        for (Index const shift : fed) {
          Index const m = (h + shift) % n;
          power += second ? 2 * prefers(scores, m, a, b)
                          : (first[at(m)] == a) - (first[at(m)] == b) - (favourite == a) + (favourite == b);
        }
        if (left[g] > 0) gain += std::min(1., static_cast<double>(power) / static_cast<double>(left[g]));
      }
      if (gain > most) most = gain, best = h;
    }
    if (best < 0) break;
    used[at(best)] = true;
    for (Index const shift : fed) {
      auto row = scores.row((best + shift) % n);
      row.setZero();
      row(favourite) = 1;
      row(target) = -1;
    }
    if (winner(scores, runs_off, ws) != target) return points;
  }
  return never;
}

// Greedy: the label that moves the models it touches the largest share of their way to the rival. Scores are linear in
// the labels, so the search needs no training; what it found is then trained from nothing.
Index flipped_until_changed(ensemble const& e, Index digit, std::vector<int> labels, election const& vote, bool runs_off,
                            Index most) {
  table<double> scores = e.scores_of(digit);
  Index const n = scores.rows(), rival = vote.second_challenger < 0 ? vote.challenger : vote.runner_up;
  std::vector<bool> taken(labels.size()), touched(at(n));
  std::vector<Index> against(at(n));  // whose lead over the rival a model has to give up
  robagg::workspace ws;
  Index points = 0;
  for (bool changed = false; !changed && points < most;) {
    for (Index m = 0; m < n; ++m) against[at(m)] = runs_off ? vote.winner : first_choice(scores, m);
    std::size_t best = labels.size();
    double highest = 0;
    for (std::size_t p = 0; p < labels.size(); ++p) {
      if (taken[p] || labels[p] == rival) continue;
      double gain = 0;
      for (auto const& [m, position] : e.feeds[p]) {
        Index const a = against[at(m)];
        double const lead = scores(m, a) - scores(m, rival);
        if (a == rival || !(lead > 0)) continue;
        double const moved = e.influence[at(m)](position, digit) * (labels[p] == a ? 2 : 1);
        gain += std::clamp(moved / lead, -1., 1.) * (a == vote.winner ? 2 : 1);
      }
      if (gain > highest) highest = gain, best = p;
    }
    if (best == labels.size()) break;
    for (auto const& [m, position] : e.feeds[best]) {
      double const moved = e.influence[at(m)](position, digit);
      scores(m, labels[best]) -= moved;
      scores(m, rival) += moved;
      touched[at(m)] = true;
    }
    labels[best] = static_cast<int>(rival);
    taken[best] = true;
    ++points;
    changed = winner(scores, runs_off, ws) != vote.winner;
  }
  scores = e.scores_of(digit);
  for (Index m = 0; m < n; ++m) {
    if (touched[at(m)]) scores.row(m) = retrained(e, m, digit, labels);
  }
  return winner(scores, runs_off, ws) != vote.winner ? points : never;
}

double votes_result::line::after_replacing(Index budget) const {
  return share_of_inputs(digits, [&](verdict const& d) { return d.right && d.replaced > budget; });
}
double votes_result::line::after_flipping(Index budget) const {
  return share_of_inputs(digits, [&](verdict const& d) { return d.right && d.flipped > budget; });
}
Index votes_result::line::median_radius() const {
  Index radius = -1;
  while (certified(radius + 1) >= 0.5) ++radius;
  return radius;
}
Index votes_result::line::contradicted() const {
  return std::count_if(digits.begin(), digits.end(),
                       [](verdict const& d) { return std::min(d.replaced, d.flipped) <= d.vote.certified_radius; });
}
Index votes_result::line::tight() const {
  return std::count_if(digits.begin(), digits.end(),
                       [](verdict const& d) { return d.replaced == d.vote.certified_radius + 1; });
}

votes_result compare_votes(digits const& data, votes_options const& options) {
  check(options);
  votes_result result{options, data.train.rows(), data.test.rows(), {}};
  auto& budgets = result.options.budgets;
  std::sort(budgets.begin(), budgets.end());
  budgets.erase(std::unique(budgets.begin(), budgets.end()), budgets.end());

  struct kind {
    std::string name;
    Index models, spread, versions;
  };
  progress shown(options.models.size() * (2u + 2u * (options.versions > 1) + 2u * (options.spread > 1)));
  for (Index const k : options.models) {
    std::vector<kind> kinds{{"DPA", k, 1, 1}};
    if (options.versions > 1) kinds.push_back({"DPA*", k, 1, options.versions});
    if (options.spread > 1) kinds.push_back({"FA", k * options.spread, options.spread, 1});
    for (auto const& [name, models, spread, versions] : kinds) {
      std::vector<Index> shifts;
      if (spread > 1) shifts = draw_shifts(models, spread, options.seed);
      auto const e = train_ensemble(data, {models, shifts, versions, options.seed});
      for (bool const runs_off : {false, true}) {
        votes_result::line line{
            name + (runs_off ? "+ROE" : ""), runs_off, k, models, shifts, e.accuracy, e.classes_seen, e.without_data, {}, {}};
        shown.step(fmt::format("{} of {} models", line.rule, models));
        auto const inputs = robagg::cube(e.scores, data.test.rows());
        auto const votes =
            runs_off ? robagg::each(robagg::run_off{shifts})(inputs) : robagg::each(robagg::plurality{shifts})(inputs);
        std::vector<Index> all_budgets;
        for (Index r = 0; r <= models; ++r) all_budgets.push_back(r);
        line.curve = robagg::certified_accuracy(votes, data.test_labels, all_budgets);
        line.curve.erase(std::find(line.curve.begin(), line.curve.end(), 0.), line.curve.end());
        for (Index i = 0; i < data.test.rows(); ++i) {
          auto const& vote = votes[at(i)];
          verdict v{vote, vote.winner == data.test_labels[at(i)]};
          if (options.attack > 0) {
            v.replaced = replaced_until_changed(e.scores_of(i), vote, runs_off, shifts);
            v.flipped = flipped_until_changed(e, i, data.train_labels, vote, runs_off, options.attack);
          }
          line.digits.push_back(v);
        }
        result.lines.push_back(std::move(line));
      }
    }
  }
  return result;
}

namespace {

std::string median_text(votes_result::line const& line) {
  return line.median_radius() < 0 ? "-" : fmt::format("{}", line.median_radius());
}

// What the run-off changes, in points of certified accuracy over the budgets of the table.
std::string about_run_off(votes_result const& result) {
  std::string text =
      "Run-off (+ROE) against plurality, in points of certified accuracy at r = 0, at its best and at its worst r:";
  double least_of_all = 0, most_of_all = 0, unseen = 0;
  for (std::size_t i = 0; i + 1 < result.lines.size(); i += 2) {
    auto const &plural = result.lines[i], &run_off = result.lines[i + 1];
    auto const gain = [&](Index r) { return 100 * (run_off.certified(r) - plural.certified(r)); };
    double least = gain(0), most = gain(0);
    for (Index const r : result.options.budgets) {
      if (plural.certified(r) + run_off.certified(r) > 0) least = std::min(least, gain(r)), most = std::max(most, gain(r));
    }
    text += fmt::format("{} {} of {} {:+.1f}, {:+.1f}, {:+.1f}", i > 0 ? ";" : "", plural.rule, plural.partitions, gain(0),
                        most, least);
    least_of_all = std::min(least_of_all, least), most_of_all = std::max(most_of_all, most);
    if (least < -10) unseen = std::max(unseen, digits::classes - run_off.classes_seen);
  }
  text += least_of_all >= 0  ? ". It is nowhere worse here."
          : most_of_all <= 0 ? ". It is nowhere better here."
                             : ". It gains here and loses there.";
  if (unseen >= 2) {
    text += fmt::format(" It asks every model about two digits, and where it loses most a model has never seen {:.1f} of {}.",
                        unseen, digits::classes);
  }
  return text;
}

std::string about_attacks(votes_result const& result) {
  if (result.options.attack == 0) return "Nobody attacked.";
  Index attacked = 0, within = 0, exact = 0, open = 0, changed = 0;
  for (auto const& line : result.lines) {
    attacked += static_cast<Index>(line.digits.size());
    within += line.contradicted();
    exact += line.tight();
    for (Index const r : result.options.budgets) {
      if (r > result.options.attack) continue;
      for (auto const& d : line.digits) {
        open += d.vote.certified_radius < r;
        changed += d.vote.certified_radius < r && d.flipped <= r;
      }
    }
  }
  auto const of = [](Index part, Index whole) { return percent(static_cast<double>(part) / static_cast<double>(whole)); };
  std::string text = within > 0
                         ? fmt::format(
                               "{} PREDICTIONS CHANGED WITHIN THEIR CERTIFICATE, which must not be: the certificate or the "
                               "attack is wrong.",
                               within)
                         : fmt::format(
                               "No attack changed a prediction within its certificate: {} predictions, each attacked by "
                               "replacing all votes of the models that a hash bucket feeds, bucket after bucket, and by "
                               "flipping up to {} labels and training again.",
                               attacked, result.options.attack);
  text += fmt::format(" One replaced bucket more than certified changed {} % of them.", of(exact, attacked));
  if (open > 0) text += fmt::format(" Of those not certified for r, r flipped labels changed {} %.", of(changed, open));
  return text;
}

}  // namespace

std::string as_text(votes_result const& result) {
  auto const& o = result.options;
  std::string text = wrapped(fmt::format(
      "Certified accuracy in %: the share of {} test digits that are read correctly whatever r poisoned training points do.",
      result.test_samples));
  auto const table_of = [&](Index most, auto value, bool certificates) {
    text += fmt::format("\n{:<9}{:>6} |{:>6}", "rule", "models", "r = 0");
    for (Index const r : o.budgets) text += r <= most ? fmt::format("{:>6}", r) : "";
    text += certificates ? " | median r\n" : "\n";
    for (auto const& line : result.lines) {
      text += fmt::format("{:<9}{:>6} |{:>6}", line.rule, line.models, percent(line.certified(0)));
      for (Index const r : o.budgets) text += r <= most ? fmt::format("{:>6}", percent(value(line, r))) : "";
      text += certificates ? fmt::format(" | {:>8}\n", median_text(line)) : "\n";
    }
  };
  table_of(never, [](auto const& line, Index r) { return line.certified(r); }, true);
  if (o.attack > 0) {
    text += '\n' + wrapped(
                       "What an attack leaves of the accuracy: r labels of training points are flipped, against each test "
                       "digit those that hurt most, and the models trained again.");
    table_of(o.attack, [](auto const& line, Index r) { return line.after_flipping(r); }, false);
  }

  text += '\n';
  auto const legend = [&](std::string_view head, std::string const& meaning) {
    text += wrapped(fmt::format("{:<8} {}", head, meaning), 80, "         ");
  };
  legend("DPA", "deep partition aggregation: a model for each partition of the training data");
  if (o.versions > 1) {
    legend("DPA*", fmt::format("boosted: {} models for each, half of the pixels each, scores added", o.versions));
  }
  if (o.spread > 1) {
    legend("FA", fmt::format("finite aggregation: {0} times as many hash buckets and models; a model learns from {0} buckets",
                             o.spread));
  }
  legend("+ROE", "run-off election between the first two, not the most votes");
  legend("median r", "half of the digits are read correctly whatever so many points do");
  text += '\n';
  for (auto const& line : result.lines) {
    if (line.runs_off) continue;
    std::string about = fmt::format("{:<5}{:>6} models: one alone reads {:>4} % and has seen {:.1f} of {} digits", line.rule,
                                    line.models, percent(line.accuracy_alone), line.classes_seen, digits::classes);
    if (line.without_data > 0) about += fmt::format("; {} without data", line.without_data);
    for (Index const shift : line.shifts) about += fmt::format("{}{}", shift == line.shifts.front() ? "; shifts " : " ", shift);
    text += wrapped(about, 80, std::string(12, ' '));
  }
  text +=
      wrapped(fmt::format("Kernel ridge regression on {} digits; a hash of the pixels decides the bucket, so that a point "
                          "poisons one, and a flipped label counts as one point. Digits that a model has not seen it "
                          "ranks by chance. Seed {}.",
                          result.train_samples, o.seed));
  return text + '\n' + wrapped(about_attacks(result)) + '\n' + wrapped(about_run_off(result));
}

nlohmann::ordered_json as_json(votes_result const& result) {
  auto const& o = result.options;
  nlohmann::ordered_json json = {{"command", "votes"},
                                 {"settings",
                                  {{"models", o.models},
                                   {"spread", o.spread},
                                   {"versions", o.versions},
                                   {"budgets", o.budgets},
                                   {"attack", o.attack},
                                   {"train_samples", result.train_samples},
                                   {"test_samples", result.test_samples},
                                   {"seed", o.seed}}},
                                 {"rules", nlohmann::ordered_json::array()}};
  for (auto const& line : result.lines) {
    nlohmann::ordered_json budgets = nlohmann::ordered_json::array();
    for (Index const r : o.budgets) {
      budgets.push_back({{"budget", r}, {"certified_accuracy", line.certified(r)}});
      if (o.attack > 0) budgets.back()["after_replacing_votes"] = line.after_replacing(r);
      if (r <= o.attack) budgets.back()["after_flipping_labels"] = line.after_flipping(r);
    }
    json["rules"].push_back({{"rule", line.rule},
                             {"partitions", line.partitions},
                             {"models", line.models},
                             {"shifts", line.shifts},
                             {"accuracy_of_one_model", line.accuracy_alone},
                             {"accuracy", line.certified(0)},
                             {"median_radius", line.median_radius()},
                             {"budgets", budgets},
                             {"curve", line.curve},
                             {"changed_within_certificate", line.contradicted()},
                             {"changed_by_one_bucket_more", line.tight()}});
  }
  return json;
}

std::string as_csv(votes_result const& result) {
  Index const attack = result.options.attack;
  std::string text = csv_line(
      {"rule", "partitions", "models", "budget", "certified_accuracy", "after_replacing_votes", "after_flipping_labels"});
  for (auto const& line : result.lines) {
    for (Index r = 0; r <= static_cast<Index>(line.curve.size()); ++r) {
      text += csv_line({line.rule, fmt::format("{}", line.partitions), fmt::format("{}", line.models), fmt::format("{}", r),
                        csv_number(line.certified(r)), attack > 0 ? csv_number(line.after_replacing(r)) : "",
                        attack > 0 && r <= attack ? csv_number(line.after_flipping(r)) : ""});
    }
  }
  return text;
}

plot_spec as_plot(votes_result const& result) {
  plot_spec spec;
  spec.title = "Certified accuracy on handwritten digits";
  spec.x_label = "poisoned training points r";
  spec.y_label = "certified accuracy in %";
  spec.y_range = {0, 100};
  for (auto const& line : result.lines) {
    auto& series = spec.series.emplace_back();
    series.name = fmt::format("{} of {}", line.rule, line.partitions);
    series.dashed = line.runs_off;
    for (Index r = 0; r <= static_cast<Index>(line.curve.size()); ++r) {
      series.x.push_back(static_cast<double>(r));
      series.y.push_back(100 * line.certified(r));
    }
  }
  return spec;
}

}  // namespace robagg_compare
