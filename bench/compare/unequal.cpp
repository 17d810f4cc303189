// SPDX-License-Identifier: BSL-1.0
#include "unequal.hpp"

#include "draws.hpp"
#include "error.hpp"
#include "terminal.hpp"
#include "write.hpp"
#include "numbers.hpp"

#include <robagg/federated.hpp>
#include <robagg/location/geometric_median.hpp>
#include <robagg/location/mean.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace robagg_compare {
namespace {

using weights = digits::model;
using row_list = std::vector<Index>;

// Training samples by digit, so that a client knows two or three digits; client i has 1 + i % 4 parts of the data. Liars have
// data, too, and learn from it where nobody lies.
std::vector<row_list> deal_unequally(digits const& data, Index clients) {
  auto const n = static_cast<Index>(data.train_labels.size());
  row_list order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) {
    return data.train_labels[static_cast<std::size_t>(a)] < data.train_labels[static_cast<std::size_t>(b)];
  });
  Index all = 0;
  for (Index i = 0; i < clients; ++i) all += 1 + i % 4;
  std::vector<row_list> own;
  Index parts = 0;
  for (Index i = 0; i < clients; ++i) {
    auto const first = order.begin() + parts * n / all;
    parts += 1 + i % 4;
    own.emplace_back(first, order.begin() + parts * n / all);
  }
  return own;
}

// What a client makes of a model: its change after some steps on samples of its own.
class learner {
 public:
  learner(digits const& data, unequal_options const& options)
      : data_(data),
        options_(options),
        own_(deal_unequally(data, options.clients)),
        inputs_(options.batch, digits::inputs),
        scores_(options.batch, digits::classes) {}
  Index samples(Index client) const { return static_cast<Index>(own_[static_cast<std::size_t>(client)].size()); }

  template <class Row>
  void change(Index client, weights const& from, draws& random, Row&& to) {
    auto const& own = own_[static_cast<std::size_t>(client)];
    weights model = from;
    for (Index step = 0; step < options_.local_steps; ++step) {
      row_list labels;
      for (Index i = 0; i < options_.batch; ++i) {
        Index const sample = own[static_cast<std::size_t>(random.below(static_cast<Index>(own.size())))];
        inputs_.row(i) = data_.train.row(sample);
        labels.push_back(data_.train_labels[static_cast<std::size_t>(sample)]);
      }
      scores_.noalias() = inputs_ * model;
      for (Index i = 0; i < options_.batch; ++i) {
        auto row = scores_.row(i).array();
        row = (row - row.maxCoeff()).exp();
        row /= row.sum();
        row(labels[static_cast<std::size_t>(i)]) -= 1;
      }
      model.noalias() -=
          static_cast<float>(options_.rate / static_cast<double>(options_.batch)) * inputs_.transpose() * scores_;
    }
    to = Eigen::Map<Eigen::RowVectorXf const>(model.data(), digits::parameters) -
         Eigen::Map<Eigen::RowVectorXf const>(from.data(), digits::parameters);
  }

 private:
  digits const& data_;
  unequal_options const& options_;
  std::vector<row_list> own_;
  table<float> inputs_, scores_;
};

// The liars are the last clients. Those who are here all send one lie, made from what the honest ones here have changed.
void lie(table<float>& changes, row_list const& here, attack const& a, unequal_options const& o, std::uint64_t seed) {
  if (!a.craft) return;
  Index honest = 0;
  while (honest < static_cast<Index>(here.size()) && here[static_cast<std::size_t>(honest)] < o.clients - o.liars) ++honest;
  if (honest < 2 || honest == static_cast<Index>(here.size())) return;
  Eigen::VectorXf row(digits::parameters);
  table<float> const seen = changes.topRows(honest);
  a.craft(seen, {static_cast<Index>(here.size()) - honest, robagg::mean{}, seed}, row);
  for (Index i = honest; i < changes.rows(); ++i) changes.row(i) = row.transpose();
}

// The step of one way to aggregate: of changes with weights, times a factor.
struct step {
  bool robust;
  void operator()(weights& model, table<float> const& changes, Eigen::VectorXd const& w, double factor) const {
    if (changes.rows() == 0 || !(w.sum() > 0)) return;
    Eigen::VectorXf const all =
        robust ? robagg::geometric_median{}(robagg::weighted(changes, w)) : robagg::mean{}(robagg::weighted(changes, w));
    Eigen::Map<Eigen::VectorXf>(model.data(), digits::parameters) += static_cast<float>(factor) * all;
  }
};

// --- who takes part ------------------------------------------------------------------------------

enum class by_chance { nothing, participation, known };
double chance_of(Index client, Index clients) {  // the first clients are seldom there
  return .1 + .8 * static_cast<double>(client) / static_cast<double>(clients - 1);
}
weights train_by_chance(learner& clients, unequal_options const& o, attack const& a, std::uint64_t seed, by_chance way,
                        step aggregate) {
  draws random(seed);
  weights model = weights::Zero();
  robagg::participation_state state({.cutoff = 50}, o.clients);
  for (Index round = 0; round < o.rounds; ++round) {
    row_list here;
    for (Index i = 0; i < o.clients; ++i) {
      if (random.chance(chance_of(i, o.clients))) here.push_back(i);
    }
    auto const n = static_cast<Index>(here.size());
    table<float> changes(n, digits::parameters);
    for (Index k = 0; k < n; ++k) clients.change(here[static_cast<std::size_t>(k)], model, random, changes.row(k));
    lie(changes, here, a, o, seed + static_cast<std::uint64_t>(round));
    auto const estimated = state.update(here);
    Eigen::VectorXd w = Eigen::VectorXd::Ones(n);
    if (way == by_chance::participation) w = estimated;
    for (Index k = 0; k < n && way == by_chance::known; ++k) w(k) = 1 / chance_of(here[static_cast<std::size_t>(k)], o.clients);
    aggregate(model, changes, w, way == by_chance::nothing ? 1 : w.sum() / static_cast<double>(o.clients));
  }
  return model;
}

// --- who is slow ---------------------------------------------------------------------------------

enum class by_age { nothing, staleness, fedfix };
weights train_by_age(learner& clients, unequal_options const& o, attack const& a, std::uint64_t seed, by_age way,
                     step aggregate) {
  draws random(seed);
  weights model = weights::Zero();
  std::vector<weights> pulled(static_cast<std::size_t>(o.clients), model);
  std::vector<double> finished, durations;
  row_list since(static_cast<std::size_t>(o.clients), 0);
  for (Index i = 0; i < o.clients; ++i) {  // the first clients take up to twelve steps of the server
    durations.push_back(.5 + 11.5 * static_cast<double>(o.clients - 1 - i) / static_cast<double>(o.clients - 1));
    finished.push_back(durations.back());
  }
  Eigen::VectorXd const factors = robagg::fedfix_weights{.period = 1}(durations);
  for (Index now = 1; now <= o.rounds; ++now) {
    row_list here;
    for (Index i = 0; i < o.clients; ++i) {
      if (finished[static_cast<std::size_t>(i)] <= static_cast<double>(now)) here.push_back(i);
    }
    auto const n = static_cast<Index>(here.size());
    if (n == 0) continue;
    table<float> changes(n, digits::parameters);
    Eigen::VectorXd w(n), ages(n);
    for (Index k = 0; k < n; ++k) {
      auto const i = static_cast<std::size_t>(here[static_cast<std::size_t>(k)]);
      clients.change(static_cast<Index>(i), pulled[i], random, changes.row(k));
      ages(k) = static_cast<double>(now - 1 - since[i]), w(k) = factors(static_cast<Index>(i));
    }
    lie(changes, here, a, o, seed + static_cast<std::uint64_t>(now));
    double factor = 1;
    if (way == by_age::fedfix) {
      factor = w.sum();
    } else {
      w = way == by_age::staleness ? robagg::staleness_weights{}(ages) : Eigen::VectorXd(Eigen::VectorXd::Ones(n));
      factor = static_cast<double>(n) / static_cast<double>(o.clients);
    }
    aggregate(model, changes, w, factor);
    for (Index const i : here) {
      auto const k = static_cast<std::size_t>(i);
      pulled[k] = model, since[k] = now, finished[k] = static_cast<double>(now) + durations[k];
    }
  }
  return model;
}

// --- who is seen by several ----------------------------------------------------------------------

enum class by_gateway { one_tier, all_it_sees, shares, robust_at_gateways };
weights train_in_tiers(learner& clients, unequal_options const& o, attack const& a, std::uint64_t seed, by_gateway way,
                       step aggregate) {
  constexpr Index gateways = 4;
  draws random(seed);
  weights model = weights::Zero();
  row_list everybody(static_cast<std::size_t>(o.clients));
  std::iota(everybody.begin(), everybody.end(), Index{0});
  Eigen::VectorXd examples(o.clients);
  for (Index i = 0; i < o.clients; ++i) examples(i) = static_cast<double>(clients.samples(i));
  table<float> changes(o.clients, digits::parameters);
  for (Index round = 0; round < o.rounds; ++round) {
    for (Index i = 0; i < o.clients; ++i) clients.change(i, model, random, changes.row(i));
    lie(changes, everybody, a, o, seed + static_cast<std::uint64_t>(round));
    // The last clients are seen by all gateways, the first by one.
    table<double> contact = table<double>::Zero(gateways, o.clients);
    for (Index i = 0; i < o.clients; ++i) {
      for (Index g = 0; g < 1 + i * gateways / o.clients; ++g) contact((i + g) % gateways, i) = .2 + random.share();
    }
    if (way == by_gateway::one_tier) {
      aggregate(model, changes, examples, 1);
      continue;
    }
    table<double> w = way == by_gateway::shares || way == by_gateway::robust_at_gateways
                          ? robagg::importance_shares{}(contact, examples)
                          : table<double>((contact.array() > 0).cast<double>().rowwise() * examples.transpose().array());
    table<float> models(gateways, digits::parameters);
    for (Index g = 0; g < gateways; ++g) {
      Eigen::VectorXd const own = w.row(g).transpose();
      models.row(g) = (way == by_gateway::robust_at_gateways ? robagg::geometric_median{}(robagg::weighted(changes, own))
                                                             : robagg::mean{}(robagg::weighted(changes, own)))
                          .transpose();
    }
    aggregate(model, models, w.rowwise().sum(), 1);
  }
  return model;
}

struct way {
  std::string name, meaning;
  bool robust;
  std::function<weights(learner&, unequal_options const&, attack const&, std::uint64_t)> train;
};
template <class Train, class Kind>
way made(std::string name, std::string meaning, bool robust, Train train, Kind kind) {
  return {std::move(name), std::move(meaning), robust,
          [=](learner& clients, unequal_options const& o, attack const& a, std::uint64_t seed) {
            return train(clients, o, a, seed, kind, step{robust});
          }};
}
std::vector<way> ways_of(inequality kind) {
  std::vector<way> to;
  for (bool const robust : {false, true}) {
    std::string const rule = robust ? "geometric_median" : "mean";
    if (kind == inequality::participation) {
      to.push_back(made(rule, "of those who are there", robust, train_by_chance, by_chance::nothing));
      to.push_back(made(rule + ", participation_weights", "each by how seldom it has been there", robust, train_by_chance,
                        by_chance::participation));
      to.push_back(made(rule + ", known chances", "each by 1 / its chance, which a server does not know", robust,
                        train_by_chance, by_chance::known));
    } else if (kind == inequality::asynchronous) {
      to.push_back(made(rule, "of those who have finished", robust, train_by_age, by_age::nothing));
      to.push_back(made(rule + ", staleness_weights", "old changes weigh less", robust, train_by_age, by_age::staleness));
      to.push_back(made(rule + ", fedfix_weights", "slow clients weigh more", robust, train_by_age, by_age::fedfix));
    } else if (robust) {
      to.push_back(made(rule + " of all", "one tier", true, train_in_tiers, by_gateway::one_tier));
      to.push_back(made(rule + " of gateways", "over the means of gateways, with importance_shares", true, train_in_tiers,
                        by_gateway::shares));
      to.push_back(made("mean of gateways", "over a geometric_median at each gateway, with importance_shares", false,
                        train_in_tiers, by_gateway::robust_at_gateways));
    } else {
      to.push_back(made("all it sees", "each gateway counts whom it sees: some clients count four times", false, train_in_tiers,
                        by_gateway::all_it_sees));
      to.push_back(made("importance_shares", "each client counts once", false, train_in_tiers, by_gateway::shares));
      to.push_back(made("one tier", "the mean of all clients", false, train_in_tiers, by_gateway::one_tier));
    }
  }
  return to;
}

char const* title_of(inequality kind) {
  return kind == inequality::participation  ? "clients who seldom take part"
         : kind == inequality::asynchronous ? "clients who are slow"
                                            : "clients whom several gateways see";
}

}  // namespace

void check(unequal_options const& o) {
  if (o.clients < 4 || o.clients > 1000) throw usage_error("--workers must be between 4 and 1000");
  if (o.liars < 0 || 2 * o.liars >= o.clients) throw usage_error("--liars must be fewer than half of the workers");
  if (o.rounds < 1 || o.rounds > 100'000) throw usage_error("--rounds must be between 1 and 100,000");
  if (o.runs < 2 || o.runs > 1000) throw usage_error("--runs must be between 2 and 1000");
}

unequal_result compare_unequal(digits const& data, unequal_options const& options) {
  check(options);
  unequal_result to;
  to.options = options;
  to.attacks = chosen_attacks({"flip", "alie"}, options.strength);
  learner clients(data, options);
  auto const ways = ways_of(options.kind);
  progress shown(ways.size() * to.attacks.size());
  for (auto const& one : ways) {
    unequal_result::line line{one.name, one.meaning, one.robust, {}};
    for (auto const& a : to.attacks) {
      shown.step(fmt::format("{}, {}", one.name, a.label));
      auto& runs = line.accuracy.emplace_back();
      for (Index run = 0; run < options.runs; ++run)
        runs.push_back(accuracy(data, one.train(clients, options, a, options.seed + static_cast<std::uint64_t>(1000 * run))));
    }
    to.lines.push_back(std::move(line));
  }
  return to;
}

std::string as_text(unequal_result const& result) {
  auto const& o = result.options;
  std::string text = wrapped(fmt::format(
      "{}: test accuracy in %, mean +- spread (standard deviation) of {} runs. {} clients of two or three digits each and unequal "
      "amounts of data, {} of whom may lie; {} rounds.",
      title_of(o.kind), o.runs, o.clients, o.liars, o.rounds));
  std::vector<std::string> headings = {"way"};
  for (auto const& a : result.attacks) headings.push_back(a.label);
  text_table lines(headings);
  for (auto const& line : result.lines) {
    std::vector<std::string> cells = {line.name};
    for (auto const& runs : line.accuracy)
      cells.push_back(fmt::format("{:.1f} +- {:.1f}", 100 * mean_of(runs), 100 * spread_of(runs)));
    lines.add(std::move(cells));
  }
  text += "\n" + lines.text() + "\n";
  for (auto const& a : result.attacks) text += fmt::format("{:<8} {}\n", a.label, a.meaning);
  for (auto const& line : result.lines) text += wrapped(fmt::format("{}: {}.", line.name, line.meaning), 80, "  ");
  // Runs of one seed are compared with one another.
  text += "\n";
  for (std::size_t first = 0; first < result.lines.size(); first += 3) {
    for (std::size_t k = first + 1; k < first + 3; ++k) {
      for (std::size_t a = 0; a < result.attacks.size(); ++a) {
        std::vector<double> gaps;
        for (std::size_t r = 0; r < result.lines[k].accuracy[a].size(); ++r)
          gaps.push_back(result.lines[k].accuracy[a][r] - result.lines[first].accuracy[a][r]);
        double const gap = mean_of(gaps);
        bool const clear = std::abs(gap) > spread_of(gaps);
        text += wrapped(fmt::format("{} against {}, {}: {:+.1f} points, {}.", result.lines[k].name, result.lines[first].name,
                                    result.attacks[a].label, 100 * gap, clear ? "beyond the spread" : "within the spread"),
                        80, "  ");
      }
    }
  }
  return text;
}

nlohmann::ordered_json as_json(unequal_result const& result) {
  auto const& o = result.options;
  nlohmann::ordered_json json = {
      {"command", "federated"},
      {"unequal", title_of(o.kind)},
      {"settings", {{"workers", o.clients}, {"liars", o.liars}, {"rounds", o.rounds}, {"runs", o.runs}, {"seed", o.seed}}},
      {"ways", nlohmann::ordered_json::array()}};
  for (auto const& line : result.lines) {
    nlohmann::ordered_json accuracy;
    for (std::size_t a = 0; a < result.attacks.size(); ++a)
      accuracy[result.attacks[a].label] = {
          {"mean", mean_of(line.accuracy[a])}, {"spread", spread_of(line.accuracy[a])}, {"runs", line.accuracy[a]}};
    json["ways"].push_back({{"way", line.name}, {"meaning", line.meaning}, {"accuracy", accuracy}});
  }
  return json;
}

std::string as_csv(unequal_result const& result) {
  std::string text = csv_line({"way", "attack", "run", "accuracy"});
  for (auto const& line : result.lines) {
    for (std::size_t a = 0; a < result.attacks.size(); ++a) {
      for (std::size_t r = 0; r < line.accuracy[a].size(); ++r)
        text += csv_line({line.name, result.attacks[a].label, fmt::format("{}", r), csv_number(line.accuracy[a][r])});
    }
  }
  return text;
}

}  // namespace robagg_compare
