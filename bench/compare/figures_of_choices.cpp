// SPDX-License-Identifier: BSL-1.0
#include "chart.hpp"
#include "figures.hpp"
#include "terminal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace robagg_compare {
namespace {

using json = nlohmann::ordered_json;
using figures = std::vector<figure>;

constexpr char const *vote_section = "Votes and samples", *cache_section = "KV caches",
                     *forecast_section = "Forecasts and experts", *rank_section = "Rankings";
constexpr double none = std::numeric_limits<double>::quiet_NaN();

void votes(stored_results const& results, figures& to) {
  auto const* const all = results.find("votes");
  if (all == nullptr) return;
  plot_spec spec{.title = "",
                 .x_label = "poisoned training points",
                 .y_label = "certified accuracy in %",
                 .y_range = {{0, 100}},
                 .series = {}};
  // Of the largest ensemble: the others are in the CSV.
  int most = 0;
  for (auto const& r : (*all)["rules"]) most = std::max(most, r["partitions"].get<int>());
  for (auto const& r : (*all)["rules"]) {
    if (r["partitions"].get<int>() != most) continue;
    auto y = numbers_of(r["curve"], 100);
    y.push_back(0);
    std::vector<double> x;
    for (std::size_t k = 0; k < y.size(); ++k) x.push_back(static_cast<double>(k));
    auto const name = r["rule"].get<std::string>();
    spec.series.push_back({name, std::move(x), std::move(y), name.find("ROE") != name.npos});
  }
  if (spec.series.empty()) return;
  to.push_back(
      {vote_section, "votes", "Certified accuracy",
       fmt::format(
           "A dashed line is the run-off of the same votes: it certifies more where it lies above its full line, and less below; {} "
           "partitions of the digits, no assumption about the attack.",
           most),
       picture(spec), table_of(spec), "votes"});
}

void scaling(stored_results const& results, figures& to) {
  auto const* const all = results.find("scaling");
  if (all == nullptr) return;
  plot_spec spec{
      .title = "", .x_label = "samples", .y_label = "right answers in %", .log_x = true, .y_range = {{0, 100}}, .series = {}};
  auto const x = numbers_of((*all)["settings"]["n"]);
  for (auto const& r : (*all)["rules"]) {
    bool const first = r["k"] == (*all)["rules"][0]["k"];
    spec.series.push_back(
        {fmt::format("{}, k = {}", r["rule"].get<std::string>(), r["k"].dump()), x, numbers_of(r["success"], 100), !first});
  }
  to.push_back(
      {vote_section, "scaling", "More samples, worse answers",
       "Follow a line to the right: a rule that falls is worth less with more samples; k answers may be submitted, and the right one has "
       "a share of 10 %.",
       picture(spec), table_of(spec), "scaling"});
}

void overoptimisation(stored_results const& results, figures& to) {
  auto const* const all = results.find("overoptimisation");
  if (all == nullptr) return;
  plot_spec spec{.title = "", .x_label = "candidates", .y_label = "true reward of the chosen one", .log_x = true, .series = {}};
  auto const x = numbers_of((*all)["n"]);
  for (auto const& r : (*all)["rules"]) spec.series.push_back({r["rule"], x, numbers_of(r["gold"])});
  to.push_back(
      {vote_section, "overoptimisation", "Over-optimised reward models",
       "Where a line turns down, choosing among more candidates finds errors of the reward models instead of better answers.",
       picture(spec), table_of(spec), "overoptimisation"});
}

void samples(stored_results const& results, figures& to) {
  auto const* const all = results.find("samples");
  if (all == nullptr) return;
  interval_spec spec{"", "right answers in %", {}};
  for (auto const& s : (*all)["success"]) {
    if (s.contains("n") || s.value("k", 1) != 1) continue;
    spec.lines.push_back({s["rule"], 100 * number_of(s["success"]), 100 * number_of(s["low"]), 100 * number_of(s["high"]), 0});
  }
  if (spec.lines.empty()) return;
  to.push_back(
      {vote_section, "samples", "Which answer to take",
       fmt::format(
           "Dots whose bars do not meet differ: one answer from all samples of {} simulated problems, with 95 % intervals of the "
           "bootstrap.",
           (*all)["problems"].dump()),
       picture(spec), table_of(spec, "low", "high"), "samples"});
}

void cache(stored_results const& results, figures& to) {
  auto const* const all = results.find("cache");
  if (all == nullptr || (*all)["policies"].empty()) return;
  auto const& first = (*all)["policies"][0];
  std::size_t const keep = first["retained"].begin().value().size() / 2;  // the middle of the shares that are kept
  heat_table table{0, 1, {"policy"}, {}};
  for (auto const& [trace, values] : first["retained"].items()) table.headings.push_back(trace);
  bool const recalls = first.contains("recall");
  if (recalls) table.headings.insert(table.headings.end(), {"recall, steady", "recall, returning", "recall, new keys"});
  for (auto const& p : (*all)["policies"]) {
    std::vector<heat_table::cell> cells;
    for (auto const& [trace, values] : p["retained"].items()) {
      auto const& v = values[keep];
      cells.push_back({number_of(v["mean"]), fmt::format("{:.1f}", 100 * number_of(v["mean"])),
                       fmt::format("5 %: {:.1f}", 100 * number_of(v["q05"]))});
    }
    for (auto const* const kind : {"steady", "returning", "fresh"}) {
      if (!recalls) break;
      double const v = number_of(p["recall"][keep][kind]);
      cells.push_back({v, fmt::format("{:.1f}", 100 * v)});
    }
    table.rows.emplace_back(p["policy"].get<std::string>(), std::move(cells));
  }
  to.push_back(
      {cache_section, "cache", "What is left after eviction",
       fmt::format(
           "Compare a column: the share in % of its attention that a later query finds kept, on average and for the worst 5 %, and "
           "how often a small trained model recalls; {:g} % of the keys are kept.",
           100 * number_of(first["retained"].begin().value()[keep]["keep"])),
       table.text(), "", "cache"});
}

void forecasts(stored_results const& results, figures& to) {
  auto const* const all = results.find("forecasts");
  if (all == nullptr) return;
  if (all->contains("fan")) {
    auto const& fan = (*all)["fan"];
    plot_spec spec{.title = "", .x_label = fan["x"], .y_label = fan["y"], .series = {}};
    for (auto const& b : fan["bands"])
      spec.bands.push_back({b["name"], numbers_of(b["x"]), numbers_of(b["low"]), numbers_of(b["high"])});
    for (auto const& s : fan["series"]) spec.series.push_back({s["name"], numbers_of(s["x"]), numbers_of(s["y"])});
    to.push_back(
        {forecast_section, "fan", "A forecast and what came",
         fmt::format("What came should leave the palest band as seldom as it says: {}.", fan["title"].get<std::string>()),
         picture(spec), table_of(spec), "forecasts"});
  }
  interval_spec spec{"", "score, the median's on the same forecasts = 1", {}};
  html_table table{{"forecast", "kind", "WIS", "beside the median's", "mean absolute error"}, {}};
  for (auto const& r : (*all)["results"]) {
    bool const model = r["kind"] == "model";
    spec.lines.push_back({r["name"], number_of(r["relative_to_median"]), none, none, model ? 1 : 0});
    table.rows.push_back({escaped(r["name"].get<std::string>()), r["kind"].get<std::string>(), brief(number_of(r["wis"])),
                          brief(number_of(r["relative_to_median"])), brief(number_of(r["absolute_error"]))});
  }
  if (spec.lines.empty()) return;
  // Scores far above the others would press these together.
  std::vector<double> scores;
  for (auto const& l : spec.lines) scores.push_back(l.value);
  std::sort(scores.begin(), scores.end());
  double const most = 4 * scores[scores.size() / 2];
  auto const far = static_cast<std::size_t>(std::count_if(scores.begin(), scores.end(), [&](double v) { return v > most; }));
  std::erase_if(spec.lines, [&](auto const& l) { return !(l.value <= most); });
  std::stable_sort(spec.lines.begin(), spec.lines.end(), [](auto const& a, auto const& b) { return a.value < b.value; });
  to.push_back(
      {forecast_section, "wis", "Ensembles of quantile forecasts",
       fmt::format(
           "Further to the left is better, by the weighted interval score (WIS): blue dots are rules, orange ones the models that they combine{}.",
           far > 0 ? fmt::format("; {} beyond four times the middle score {} in the table alone", far, far == 1 ? "is" : "are")
                   : ""),
       picture(spec), table.text(), "forecasts"});
}

void experts(stored_results const& results, figures& to) {
  auto const* const all = results.find("experts");
  if (all == nullptr) return;
  plot_spec spec{.title = "", .x_label = "round", .y_label = "regret", .series = {}};
  auto const x = numbers_of((*all)["sampled_rounds"]);
  html_table table{{"rule", "loss a round", "regret", "what theory allows"}, {}};
  std::vector<plot_series> lines;
  for (auto const& r : (*all)["rules"]) {
    lines.push_back({r["rule"], x, numbers_of(r["regrets"])});
    table.rows.push_back({escaped(r["rule"].get<std::string>()), brief(number_of(r["loss"])), brief(number_of(r["regret"])),
                          brief(number_of(r["bound"]))});
  }
  std::stable_sort(lines.begin(), lines.end(), [](auto const& a, auto const& b) { return a.y.back() < b.y.back(); });
  if (lines.size() > 7) lines.resize(7);  // as many as there are colours
  spec.series = lines;
  if (spec.series.empty()) return;
  to.push_back(
      {forecast_section, "experts", "Regret to the best expert",
       fmt::format(
           "A line that becomes flat has learned; below 0 a rule beats {}, the best expert. The best seven rules; all are in the "
           "table.",
           (*all)["best"].get<std::string>()),
       picture(spec), table.text(), "experts"});
}

void ranks(stored_results const& results, figures& to) {
  auto const* const all = results.find("ranks");
  if (all == nullptr || (*all)["systems"].empty()) return;
  auto const rule = (*all)["systems"][0]["rules"].begin().key();
  interval_spec spec{"", "rank by " + rule, {}};
  html_table table{{"system", "rank", "low", "high", "tie group"}, {}};
  for (auto const& s : (*all)["systems"]) {
    spec.lines.push_back({s["system"], number_of(s["rules"][rule]["rank"]), number_of(s["low"]), number_of(s["high"]),
                          s["group"].get<int>() - 1});
  }
  std::stable_sort(spec.lines.begin(), spec.lines.end(), [](auto const& a, auto const& b) { return a.value < b.value; });
  for (auto const& l : spec.lines) {
    table.rows.push_back({escaped(l.name), brief(l.value), brief(l.low), brief(l.high), fmt::format("{}", l.group + 1)});
  }
  to.push_back(
      {rank_section, "ranks", "Ranks of the rules over the attacks",
       fmt::format(
           "Neighbours of one colour are a group that cannot be told apart: bars are {:g} % of {} draws of the attacks.",
           100 * number_of((*all)["level"]), (*all)["resamples"].dump()),
       picture(spec), table.text(), "ranks"});
}

}  // namespace

void add_figures_of_choices(stored_results const& results, figures& to) {
  votes(results, to), samples(results, to), scaling(results, to), overoptimisation(results, to);
  cache(results, to);
  forecasts(results, to), experts(results, to);
  ranks(results, to);
}

}  // namespace robagg_compare
