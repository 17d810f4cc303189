// SPDX-License-Identifier: BSL-1.0
#include "battles.hpp"

#include "records.hpp"
#include "terminal.hpp"
#include "write.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <tuple>

namespace robagg_compare {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN(), points_per_e = 400 / std::numbers::ln10;
constexpr Index most_entries = Index{1} << 25;  // of the table of ballots: 256 MB

// Each outcome of each pair as a ballot on two, and how often it was cast.
void add_majorities(battles_result& to, robagg::comparisons const& battles) {
  auto const pairs = battles.pairs();
  Index const most = 3 * static_cast<Index>(pairs.size()), d = battles.items();
  if (most > most_entries / d) {
    to.said.push_back("Too many pairs for rules that count majorities: only strengths and shares of wins are compared.");
    return;
  }
  table<double> x = table<double>::Constant(most, d, unknown);
  Eigen::VectorXd often(most);
  Index n = 0;
  for (auto const& pair : pairs) {
    for (auto const& [count, first, second] : {std::tuple(pair.wins, 1., 0.), {pair.losses, 0., 1.}, {pair.ties, 0., 0.}}) {
      if (count > 0) x(n, pair.first) = first, x(n, pair.second) = second, often(n++) = count;
    }
  }
  x.conservativeResize(n, d), often.conservativeResize(n);
  to.add_majorities(x, often);
}

// The ranks of strengths that are on several scales: systems that cannot be compared share theirs.
robagg::uncertain_ranks partial_ranks(robagg::strengths const& strengths) {
  Index const d = strengths.log_strengths.size();
  Eigen::VectorXd const none = Eigen::VectorXd::Constant(d, unknown);
  robagg::uncertain_ranks to{Eigen::VectorXd::Ones(d), none, none, none, strengths.component};
  std::vector<std::vector<bool>> reached;
  for (Index c = 0; c < strengths.components; ++c) reached.push_back(strengths.reached_from(c));
  for (Index i = 0; i < d; ++i) {
    auto const own = static_cast<std::size_t>(strengths.component[static_cast<std::size_t>(i)]);
    for (Index j = 0; j < d; ++j) {
      if (i == j) continue;
      auto const other = static_cast<std::size_t>(strengths.component[static_cast<std::size_t>(j)]);
      double const gap = strengths.log_strengths(j) - strengths.log_strengths(i);
      bool const comparable = strengths.one_scale || own == other;
      bool const above = comparable ? gap > 0 : reached[other][own], below = comparable ? gap < 0 : reached[own][other];
      to.rank(i) += above ? 1 : below ? 0 : .5;
    }
  }
  return to;
}

template <class Battles>
void fit(battles_result& to, Battles const& battles, battles_options const& options) {
  robagg::bradley_terry const rule{.alpha = 0, .ridge = options.ridge, .ties = options.ties};
  to.strengths = rule.fit(battles);
  if constexpr (std::same_as<Battles, robagg::covariate_comparisons>) {
    auto const covariance = rule.covariance(battles).coefficient_covariance;
    for (Index k = 0; k < to.strengths.coefficients.size(); ++k)
      to.coefficients.push_back({"", to.strengths.coefficients(k), std::sqrt(covariance(k, k))});
  }
  Index const d = battles.items();
  to.low = to.high = Eigen::VectorXd::Constant(d, unknown), to.rating = to.low;
  if (!to.strengths.one_scale && !to.strengths.connected()) {
    to.sure = partial_ranks(to.strengths);
    to.add("bradley_terry", -to.sure.rank);
    return;
  }
  to.add("bradley_terry", to.strengths.log_strengths);
  to.rating = (1000 + points_per_e * to.strengths.log_strengths.array()).matrix();
  Eigen::MatrixXd draws = rule.bootstrap(battles, options.resamples, options.seed);
  Index kept = 0;
  for (Index s = 0; s < draws.rows(); ++s) {
    if (draws.row(s).allFinite()) draws.row(kept++) = draws.row(s);
  }
  to.lost_draws = draws.rows() - kept;
  if (kept == 0) {
    to.sure = partial_ranks(to.strengths);
    return;
  }
  draws.conservativeResize(kept, d);
  to.sure = robagg::rank_intervals{.level = options.level}.of_draws(to.strengths.log_strengths, draws);
  for (Index i = 0; i < d; ++i) {
    auto own = draws.col(i);
    std::sort(own.begin(), own.end());
    auto const at = [&](double share) {
      auto const place = std::ceil(share * static_cast<double>(kept)) - 1;
      return 1000 + points_per_e * own(static_cast<Index>(std::clamp(place, 0., static_cast<double>(kept - 1))));
    };
    to.low(i) = at((1 - options.level) / 2), to.high(i) = at((1 + options.level) / 2);
  }
}

std::string members(battles_result const& result, Index component) {
  std::vector<std::string> own;
  for (std::size_t i = 0; i < result.systems.size(); ++i) {
    if (result.strengths.component[i] == component) own.push_back(result.systems[i]);
  }
  if (own.size() <= 6) return fmt::format("{}", fmt::join(own, ", "));
  return fmt::format("{} and {} others", fmt::join(own.begin(), own.begin() + 5, ", "), own.size() - 5);
}

}  // namespace

battles_result compare_battles(battle_file const& battles, battles_options const& options) {
  battles_result to(options, battles, battles.systems);
  to.options.unranked = robagg::unranked::ignored;  // who was not there
  to.ties = options.ties, to.battles = static_cast<Index>(battles.winners.size()), to.tied = battles.ties;
  Index const d = static_cast<Index>(battles.systems.size());
  robagg::comparisons counted(d);
  counted.add_all(battles.winners, battles.losers, battles.tied);
  if (battles.covariates.empty()) {
    fit(to, counted, options);
  } else {
    fit(to, robagg::covariate_comparisons(battles.winners, battles.losers, battles.tied, battles.z), options);
    for (std::size_t k = 0; k < to.coefficients.size(); ++k) to.coefficients[k].name = battles.covariates[k];
  }
  Eigen::VectorXd fought = Eigen::VectorXd::Zero(d), won = fought;
  for (auto const& pair : counted.pairs()) {
    double const all = pair.wins + pair.losses + pair.ties;
    fought(pair.first) += all, fought(pair.second) += all;
    won(pair.first) += pair.wins + pair.ties / 2, won(pair.second) += pair.losses + pair.ties / 2;
  }
  to.add("share of wins", won.cwiseQuotient(fought));
  to.fought.assign(fought.begin(), fought.end());
  to.win_rate.assign(to.lines.back().scores.begin(), to.lines.back().scores.end());
  add_majorities(to, counted);
  return to;
}

std::string as_text(battles_result const& result) {
  bool const one_scale = !result.rating.array().isNaN().any();
  std::string text = fmt::format("{}: {} of {}, {}\n", result.file, counted(result.battles, "battle"),
                                 counted(static_cast<Index>(result.systems.size()), "system"), counted(result.tied, "tie"));
  for (auto const& sentence : result.said) text += wrapped(sentence);
  if (!one_scale) {
    text += wrapped(
        "No strengths are finite for all: some system won or lost all that it fought against some others, or never met them. "
        "Ranks say what wins prove, systems that cannot be compared share theirs; groups are those within which strengths are finite. "
        "--ridge 0.1 has all on one scale.");
    std::size_t const shown = std::min<std::size_t>(10, static_cast<std::size_t>(result.strengths.components));
    for (std::size_t c = 0; c < shown; ++c)
      text += wrapped(fmt::format("Group {}: {}", c + 1, members(result, static_cast<Index>(c))), 80, "  ");
  } else {
    text += wrapped(fmt::format(
        "rating: 400 points are odds of 10 to 1, 1000 is the mean; from, to: between which it lies in {:g} % of {} draws of the battles. "
        "Then ranks by every rule, 1 for the best; low, high: of bradley_terry's rank in the draws; first: the share of them in which the "
        "system is first; group: what cannot be told apart from the first of its group.",
        100 * result.options.level, result.options.resamples - result.lost_draws));
  }
  if (result.strengths.status != robagg::strengths_status::converged)
    text += wrapped(fmt::format(
        "The fit: {}.", robagg::enumerators(result.strengths.status)[static_cast<std::size_t>(result.strengths.status)]));
  if (result.lost_draws > 0) {
    text += wrapped(fmt::format("{} had no finite strengths and were left out; --ridge 0.1 keeps them.",
                                counted(result.lost_draws, "draw")));
  }
  for (auto const& [name, value, error] : result.coefficients) {
    text += wrapped(fmt::format(
        "{}: log odds {:.3g} for a unit, standard error {:.2g}: among equals the one with a unit more wins {:.1f} %.", name,
        value, error, 100 / (1 + std::exp(-value))));
  }
  std::vector<std::pair<std::string, std::vector<std::string>>> more = {{"battles", {}}, {"won", {}}};
  for (std::size_t i = 0; i < result.systems.size(); ++i) {
    more[0].second.push_back(fmt::format("{:g}", result.fought[i]));
    more[1].second.push_back(fmt::format("{:.1f} %", 100 * result.win_rate[i]));
  }
  if (one_scale) {
    for (auto const& [heading, values] : {std::pair("rating", &result.rating), {"from", &result.low}, {"to", &result.high}}) {
      auto& [title, cells] = more.emplace_back(heading, std::vector<std::string>());
      for (double const v : *values) cells.push_back(std::isnan(v) ? "-" : fmt::format("{:.0f}", v));
    }
  }
  text += "\n" + as_table(result, more) + "\n";
  if (result.lines.back().rule == "kemeny") text += wrapped(kemeny_sentence(result, "battle"));
  return text;
}

nlohmann::ordered_json as_json(battles_result const& result) {
  auto json = board_json(result);
  json["battles"] = result.battles, json["ties"] = result.tied;
  json["components"] = result.strengths.components, json["gradient_norm"] = json_number(result.strengths.gradient_norm);
  json["lost_draws"] = result.lost_draws;
  for (std::size_t s = 0; s < result.systems.size(); ++s) {
    auto const i = static_cast<Index>(s);
    auto& entry = json["systems"][s];
    entry["rating"] = json_number(result.rating(i)), entry["from"] = json_number(result.low(i)),
    entry["to"] = json_number(result.high(i));
    entry["battles"] = result.fought[s], entry["won"] = json_number(result.win_rate[s]);
  }
  json["covariates"] = nlohmann::ordered_json::array();
  for (auto const& [name, value, error] : result.coefficients)
    json["covariates"].push_back({{"name", name}, {"log_odds", json_number(value)}, {"standard_error", json_number(error)}});
  return json;
}

interval_spec as_plot(battles_result const& result) {
  if (result.rating.array().isNaN().any()) return as_plot(static_cast<leaderboard const&>(result));
  interval_spec spec{fmt::format("Ratings, and where {:g} % of {} draws have them", 100 * result.options.level,
                                 result.options.resamples - result.lost_draws),
                     "rating (400 points: odds of 10 to 1)",
                     {}};
  for (std::size_t const s : result.by_rank()) {
    auto const i = static_cast<Index>(s);
    spec.lines.push_back({result.systems[s], result.rating(i), result.low(i), result.high(i), result.sure.group[s]});
  }
  return spec;
}

}  // namespace robagg_compare
