// SPDX-License-Identifier: BSL-1.0
#include "ranks.hpp"

#include "records.hpp"
#include "terminal.hpp"
#include "write.hpp"

#include <robagg/location/mean.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace robagg_compare {
namespace {

using names = std::vector<std::string>;

std::string number_text(double value) { return std::isnan(value) ? "-" : fmt::format("{:g}", value); }

}  // namespace

void leaderboard::add(std::string rule, Eigen::VectorXd scores) {
  auto const ranks = robagg::order{}(scores);
  Eigen::VectorXd places = Eigen::Map<Eigen::VectorXd const>(ranks.data(), scores.size());
  double const tau = lines.empty() ? 1 : robagg::kendall(lines[0].ranks, places).tau_b();
  lines.push_back({std::move(rule), std::move(scores), std::move(places), tau});
}

void leaderboard::add_majorities(table<double> const& x, Eigen::VectorXd const& weights) {
  auto const voters = robagg::weighted(x, weights);
  auto const way = options.unranked;
  add("copeland", robagg::copeland{way}(voters));
  add("schulze", robagg::schulze{way}(voters));
  add("ranked_pairs", robagg::ranked_pairs{way}(voters));
  auto const consensus = robagg::kemeny{way, 22}.solve(voters);
  Eigen::VectorXd places(x.cols());
  for (Index place = 0; place < x.cols(); ++place) {
    places(consensus.items[static_cast<std::size_t>(place)]) = static_cast<double>(x.cols() - 1 - place);
  }
  add("kemeny", places);
  kemeny_cost = consensus.cost, kemeny_bound = consensus.lower_bound;
}

void leaderboard::add_voters(table<double> const& x, names const& voters) {
  robagg::borda const borda{options.unranked};
  add("borda", borda(x));
  add_majorities(x, Eigen::VectorXd::Ones(x.rows()));
  sure = robagg::rank_intervals{options.resamples, options.level, options.seed}(borda, x);
  if (x.rows() < 2) return;
  auto const without = robagg::ranks_without_each(borda, x);
  Index leader = 0;
  sure.rank.minCoeff(&leader);
  for (Index t = 0; t < x.rows(); ++t) {
    Index first = 0;
    if (without.row(t).minCoeff(&first) < without(t, leader))
      decisive.emplace_back(voters[static_cast<std::size_t>(t)], systems[static_cast<std::size_t>(first)]);
  }
}

std::vector<std::size_t> leaderboard::by_rank() const {
  std::vector<std::size_t> order(systems.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return sure.rank(static_cast<Index>(a)) < sure.rank(static_cast<Index>(b));
  });
  return order;
}

std::string as_table(leaderboard const& board, std::vector<std::pair<std::string, names>> const& more) {
  names headings = {"system"}, agreement = {"Kendall's tau to " + board.lines[0].rule};
  for (auto const& [heading, cells] : more) headings.push_back(heading);
  for (auto const& heading :
       {board.lines[0].rule, std::string("low"), std::string("high"), std::string("first"), std::string("group")})
    headings.push_back(heading);
  agreement.resize(headings.size());
  for (std::size_t r = 1; r < board.lines.size(); ++r) {
    headings.push_back(board.lines[r].rule);
    agreement.push_back(std::isnan(board.lines[r].tau) ? "-" : fmt::format("{:.2f}", board.lines[r].tau));
  }
  text_table lines(headings);
  for (std::size_t const s : board.by_rank()) {
    auto const i = static_cast<Index>(s);
    names cells = {board.systems[s]};
    for (auto const& [heading, own] : more) cells.push_back(own[s]);
    for (double const rank : {board.sure.rank(i), board.sure.low(i), board.sure.high(i)}) cells.push_back(number_text(rank));
    cells.push_back(std::isnan(board.sure.first(i)) ? "-" : fmt::format("{:.0f} %", 100 * board.sure.first(i)));
    cells.push_back(fmt::format("{}", board.sure.group[s] + 1));
    for (std::size_t r = 1; r < board.lines.size(); ++r) cells.push_back(number_text(board.lines[r].ranks(i)));
    lines.add(std::move(cells));
  }
  lines.add(std::move(agreement));
  return lines.text();
}

std::string kemeny_sentence(leaderboard const& board, std::string_view voter) {
  bool const proved = board.kemeny_cost <= board.kemeny_bound * (1 + 1e-12);
  return fmt::format("Kemeny's order contradicts the {}s on {:g} pairs; {}.", voter, board.kemeny_cost,
                     proved ? "no order on fewer" : fmt::format("none does on fewer than {:g}", board.kemeny_bound));
}

std::string decisive_sentences(leaderboard const& board, std::string_view voter) {
  if (board.decisive.empty()) return fmt::format("No single {} decides who is first.\n", voter);
  std::string text;
  for (auto const& [name, system] : board.decisive)
    text += wrapped(fmt::format("Without '{}' {} would be first.", name, system));
  return text;
}

nlohmann::ordered_json board_json(leaderboard const& board) {
  nlohmann::ordered_json json = {
      {"command", "ranks"},
      {"file", board.file},
      {"unranked", robagg::enumerators(board.options.unranked)[static_cast<std::size_t>(board.options.unranked)]},
      {"resamples", board.options.resamples},
      {"level", board.options.level},
      {"systems", nlohmann::ordered_json::array()}};
  for (std::size_t s = 0; s < board.systems.size(); ++s) {
    auto const i = static_cast<Index>(s);
    nlohmann::ordered_json entry = {{"system", board.systems[s]},
                                    {"low", json_number(board.sure.low(i))},
                                    {"high", json_number(board.sure.high(i))},
                                    {"first", json_number(board.sure.first(i))},
                                    {"group", board.sure.group[s] + 1}};
    for (auto const& line : board.lines)
      entry["rules"][line.rule] = {{"score", json_number(line.scores(i))}, {"rank", line.ranks(i)}};
    json["systems"].push_back(std::move(entry));
  }
  for (auto const& line : board.lines) json["tau"][line.rule] = json_number(line.tau);
  json["kemeny"] = {{"cost", board.kemeny_cost}, {"lower_bound", board.kemeny_bound}};
  json["decisive"] = nlohmann::ordered_json::array();
  for (auto const& [name, system] : board.decisive) json["decisive"].push_back({{"without", name}, {"first", system}});
  json["said"] = board.said;
  return json;
}

std::string as_csv(leaderboard const& board) {
  std::string text = csv_line({"system", "rule", "score", "rank", "low", "high", "first", "group"});
  for (std::size_t s = 0; s < board.systems.size(); ++s) {
    auto const i = static_cast<Index>(s);
    for (std::size_t r = 0; r < board.lines.size(); ++r) {
      auto const& line = board.lines[r];
      names cells = {board.systems[s], line.rule, csv_number(line.scores(i)), csv_number(line.ranks(i))};
      if (r == 0) {
        for (double const v : {board.sure.low(i), board.sure.high(i), board.sure.first(i)}) cells.push_back(csv_number(v));
        cells.push_back(fmt::format("{}", board.sure.group[s] + 1));
      } else {
        cells.insert(cells.end(), 4, "");
      }
      text += csv_line(cells);
    }
  }
  return text;
}

interval_spec as_plot(leaderboard const& board) {
  interval_spec spec{fmt::format("Ranks by {}, and where {:g} % of {} draws have them", board.lines[0].rule,
                                 100 * board.options.level, board.options.resamples),
                     "rank",
                     {}};
  for (std::size_t const s : board.by_rank()) {
    auto const i = static_cast<Index>(s);
    spec.lines.push_back({board.systems[s], board.sure.rank(i), board.sure.low(i), board.sure.high(i), board.sure.group[s]});
  }
  return spec;
}

ranks_result compare_ranks(score_file const& scores, ranks_options const& options) {
  ranks_result to(options, scores, scores.systems);
  to.tasks = scores.tasks;
  auto const& x = scores.scores;
  to.missing = x.array().isNaN().count();
  to.add_voters(x, to.tasks);
  to.add("median_rank", robagg::median_rank{options.unranked}(x));
  to.add("mean score", robagg::mean{}(robagg::skip_nan(x)));
  return to;
}

std::string as_text(ranks_result const& result) {
  std::string text =
      fmt::format("{}: {} x {}, {} missing\n", result.file, counted(static_cast<Index>(result.systems.size()), "system"),
                  counted(static_cast<Index>(result.tasks.size()), "task"), counted(result.missing, "score"));
  for (auto const& sentence : result.said) text += wrapped(sentence);
  text += wrapped(fmt::format(
      "Ranks by every rule, 1 for the best; a missing score is {}. low, high: between which borda's rank lies in {:g} % of {} draws of the tasks; "
      "first: the share of them in which the system is first; group: what cannot be told apart from the first of its group.",
      result.options.unranked == robagg::unranked::ignored ? "ignored" : "a last place", 100 * result.options.level,
      result.options.resamples));
  return text + "\n" + as_table(result) + "\n" + wrapped(kemeny_sentence(result, "task")) + decisive_sentences(result, "task");
}

nlohmann::ordered_json as_json(ranks_result const& result) {
  auto json = board_json(result);
  json["tasks"] = result.tasks, json["missing"] = result.missing;
  return json;
}

}  // namespace robagg_compare
