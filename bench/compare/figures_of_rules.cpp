// SPDX-License-Identifier: BSL-1.0
#include "chart.hpp"
#include "figures.hpp"
#include "terminal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

namespace robagg_compare {
namespace {

using json = nlohmann::ordered_json;
using figures = std::vector<figure>;

constexpr char const *attack_section = "Under attack", *cost_section = "What it costs", *unequal_section = "Unequal clients";

// Shares in %.
std::string percent(double share) { return fmt::format("{:.1f}", 100 * share); }

void federated(stored_results const& results, figures& to) {
  auto const* const all = results.find("federated");
  if (all == nullptr) return;
  heat_table table{0, 1, {"rule"}, {}};
  for (auto const& [label, meaning] : (*all)["attacks"].items()) table.headings.push_back(label);
  table.headings.push_back("worst");
  std::string legend = "<details><summary>The attacks</summary>";
  html_table attacks{{"attack", "what liars send"}, {}};
  for (auto const& [label, meaning] : (*all)["attacks"].items())
    attacks.rows.push_back({label, escaped(meaning.get<std::string>())});
  legend += attacks.text() + "</details>";
  for (auto const& r : (*all)["rules"]) {
    std::vector<heat_table::cell> cells;
    for (auto const& [label, accuracy] : r["accuracy"].items()) cells.push_back({accuracy.get<double>(), percent(accuracy)});
    cells.push_back({r["worst"].get<double>(), percent(r["worst"]), "", true});
    table.rows.emplace_back(r["rule"].get<std::string>(), std::move(cells));
  }
  auto const& s = (*all)["settings"];
  to.push_back(
      {attack_section, "federated", "Accuracy, rule by attack",
       fmt::format(
           "Look for pale cells: test accuracy in % after {} workers, {} of them liars, trained for {} rounds; one pale "
           "cell in a row is an attack that breaks the rule.",
           s["workers"].dump(), s["liars"].dump(), s["rounds"].dump()),
       table.text() + legend, "", "federated"});
}

// The worst attack by liars and heterogeneity, a map a heterogeneity; and which rule is best where.
void maps(stored_results const& results, figures& to) {
  auto const* const all = results.find("map");
  if (all == nullptr) return;
  auto const& settings = (*all)["settings"];
  std::vector<std::string> heads{"rule"};
  for (auto const& f : settings["liars"])
    heads.push_back(f.get<int>() == 0 ? "no liar" : f.get<int>() == 1 ? "1 liar" : f.dump() + " liars");
  heat_table best{0, 1, heads, {}};
  best.headings[0] = "";
  std::string body = "<div class='maps'>";
  for (auto const& map : (*all)["maps"]) {
    auto const title = map["name"].get<std::string>();
    heat_table table{0, 1, heads, {}};
    std::vector<heat_table::cell> winners(heads.size() - 1, {std::nullopt, "-"});
    for (auto const& r : map["rules"]) {
      std::vector<heat_table::cell> cells;
      for (std::size_t c = 0; c < r["cells"].size(); ++c) {
        auto const& one = r["cells"][c];
        if (!one.contains("mean")) {
          cells.push_back({std::nullopt, "-", "does not fit"});
          continue;
        }
        double const mean = one["mean"].get<double>();
        auto const spread = fmt::format("\u00b1{}", percent(one["spread"].get<double>()));
        auto const attack = one["attack"].get<std::string>();
        cells.push_back({mean, percent(mean), attack == "none" ? spread : attack + " " + spread});
        if (auto& w = winners[c]; !w.value || mean > *w.value)
          w = {mean, r["rule"].get<std::string>(), percent(mean) + " " + spread};
      }
      table.rows.emplace_back(r["rule"].get<std::string>(), std::move(cells));
    }
    body += fmt::format("<div><h4>{}</h4>{}</div>", escaped(title), table.text());
    best.rows.emplace_back(title, std::move(winners));
  }
  body += "</div>";
  auto const runs = fmt::format("{} seeds, {} workers, {} rounds", settings["runs"].dump(), settings["workers"].dump(),
                                settings["rounds"].dump());
  to.push_back(
      {attack_section, "map", "Where each rule holds",
       fmt::format(
           "Read a row to the right until it turns pale: test accuracy in % under the attack that is worst for the rule, which "
           "the cell names, with the standard deviation of {}. Heterogeneity is the share of its samples that a worker "
           "draws from its own one or two digits.",
           runs),
       body, "", "map"});
  to.push_back({attack_section, "best", "The best rule in each place",
                "Look at where the name changes: there another rule leads, and a lead within the spread is none.", best.text(),
                "", "map"});
}

void trade(stored_results const& results, figures& to) {
  auto const *const speed = results.find("speed"), *const trained = results.find("federated");
  if (speed == nullptr || trained == nullptr) return;
  std::map<std::string, double> worst;
  for (auto const& r : (*trained)["rules"]) worst[r["rule"]] = r["worst"].get<double>();
  point_spec spec{"nanoseconds per coordinate", "read wrongly under the worst attack, in %", {}};
  for (auto const& r : (*speed)["rules"]) {
    if (auto const found = worst.find(r["rule"]); found != worst.end()) {
      spec.points.push_back({r["rule"], r["nanoseconds_per_column"].get<double>(), 100 * (1 - found->second), false});
    }
  }
  if (spec.points.empty()) return;
  // The front: nothing is both faster and better.
  std::sort(spec.points.begin(), spec.points.end(),
            [](auto const& a, auto const& b) { return std::pair(a.x, a.y) < std::pair(b.x, b.y); });
  double least = std::numeric_limits<double>::infinity();
  html_table table{{"rule", "ns per coordinate", "worst accuracy in %", "on the line"}, {}};
  for (auto& p : spec.points) {
    p.front = p.y < least, least = std::min(least, p.y);
    table.rows.push_back({escaped(p.name), brief(p.x, 3), fmt::format("{:.1f}", 100 - p.y), p.front ? "yes" : ""});
  }
  auto const& s = (*speed)["settings"];
  to.push_back(
      {cost_section, "trade", "Accuracy against time",
       fmt::format(
           "Down and to the left is better, and a rule on the line is beaten by none in both: errors are those of the first table, "
           "time is on {} x {} floats.",
           s["rows"].dump(), s["columns"].dump()),
       picture(spec), table.text(), "speed"});
}

void breakdown(stored_results const& results, figures& to) {
  auto const* const all = results.find("breakdown");
  if (all == nullptr) return;
  double const n = (*all)["settings"]["rows"].get<double>();
  plot_spec spec{.title = "", .x_label = "share of rows that lie", .y_label = "error of the estimate", .series = {}};
  spec.log_y = true;
  double limit = 0;
  for (auto const& r : (*all)["rules"]) {
    auto& line = spec.series.emplace_back();
    line.name = r["rule"].get<std::string>();
    for (auto const& p : r["points"]) line.x.push_back(p["liars"].get<double>() / n), line.y.push_back(number_of(p["mean"]));
    limit = std::max(limit, r.value("limit", 0.));
  }
  spec.marks.emplace_back(limit / n, fmt::format("limit of theory: {:g} of {:g}", limit, n));
  to.push_back(
      {attack_section, "breakdown", "How far liars move an estimate",
       fmt::format(
           "Look at where a line leaves the others: {:g} rows of standard normal numbers of which some stand together, at the "
           "worst of {} distances; up to the dotted line every rule but the mean should stay near.",
           n, (*all)["settings"]["distances"].size()),
       picture(spec), table_of(spec), "breakdown"});
}

void speed(stored_results const& results, figures& to) {
  auto const* const all = results.find("speed");
  if (all == nullptr) return;
  auto const& s = (*all)["settings"];
  double const read = (*all)["read"]["seconds"].get<double>();
  interval_spec shares{"", "times of a plain read of the table", {}};
  html_table table{{"rule", "ns per coordinate", "plain reads", "its answer was checked by"}, {}};
  for (auto const& r : (*all)["rules"]) {
    double const reads = r["seconds"].get<double>() / read, none = std::numeric_limits<double>::quiet_NaN();
    shares.lines.push_back({r["rule"], reads, none, none, 0});
    auto const checked = r["checked"].get<std::string>();
    table.rows.push_back({escaped(r["rule"].get<std::string>()), brief(r["nanoseconds_per_column"].get<double>(), 3),
                          brief(reads, 3), checked.empty() ? "nothing" : escaped(checked)});
  }
  if (shares.lines.empty()) return;
  std::sort(shares.lines.begin(), shares.lines.end(), [](auto const& a, auto const& b) { return a.value < b.value; });
  to.push_back(
      {cost_section, "speed", "Time beside a plain read",
       fmt::format(
           "1 is the time that adding up all numbers of the table takes, {} x {} floats on one thread: dots near 1 are rules that "
           "memory, not arithmetic, holds up.",
           s["rows"].dump(), s["columns"].dump()),
       picture(shares), table.text(), "speed"});

  auto const curve = [&](char const* xs, char const* times, char const* id, std::string title, std::string look,
                         std::string x_label) {
    plot_spec spec{.title = "", .x_label = std::move(x_label), .y_label = "microseconds", .log_x = true, .series = {}};
    spec.log_y = true;
    auto const x = numbers_of(s[xs]);
    auto const add = [&](std::string name, json const& seconds, bool dashed) {
      auto y = numbers_of(seconds);
      for (double& v : y) v *= 1e6;
      spec.series.push_back({std::move(name), x, std::move(y), dashed});
    };
    for (auto const& r : (*all)["rules"]) {
      if (r.contains(times)) add(r["rule"], r[times], false);
    }
    add("plain read", (*all)["read"][times], false);
    to.push_back({cost_section, id, std::move(title), std::move(look), picture(spec), table_of(spec), "speed"});
  };
  curve("more_rows", "seconds_by_rows", "rows", "Time by rows",
        fmt::format("Compare slopes: rules that look at all pairs of rows rise faster than the read; tables of {} columns.",
                    s["row_columns"].dump()),
        "rows");
  curve("more_columns", "seconds_by_columns", "columns", "Time by columns",
        fmt::format("All lines should rise with the read: time grows with the number of columns; tables of {} rows.",
                    s["rows"].dump()),
        "columns");
}

void updates(stored_results const& results, figures& to) {
  auto const *const all = results.find("table"), *const trained = results.find("federated");
  if (all == nullptr || trained == nullptr || !all->contains("names")) return;
  interval_spec spec{"", "share of the result that liars have, in %", {}};
  for (auto const& r : (*all)["rules"]) {
    bool const known = std::any_of((*trained)["rules"].begin(), (*trained)["rules"].end(),
                                   [&](json const& t) { return t["rule"] == r["rule"]; });
    if (!known || !r.contains("weights")) continue;
    double liars = 0, sum = 0;
    auto const weights = numbers_of(r["weights"]);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      sum += std::abs(weights[i]);
      if ((*all)["names"][i].get<std::string>().starts_with("liar")) liars += std::abs(weights[i]);
    }
    double const none = std::numeric_limits<double>::quiet_NaN();
    if (sum > 0) spec.lines.push_back({r["rule"], 100 * liars / sum, none, none, 0});
  }
  if (spec.lines.empty()) return;
  to.push_back(
      {attack_section, "updates", "How much liars count in one round",
       fmt::format(
           "The nearer to 0, the better a rule told liars from others: {} reports of a last round, {} of them lies, under \"a little is enough\"; "
           "of rules that work column by column, the mean over columns.",
           (*all)["rows"].dump(), (*all)["liars"].dump()),
       picture(spec), table_of(spec, "", ""), "table"});
}

void unequal(stored_results const& results, figures& to, std::string const& part, std::string title, std::string look) {
  auto const* const all = results.find(part);
  if (all == nullptr) return;
  interval_spec spec{"", "test accuracy in %", {}};
  for (auto const& way : (*all)["ways"]) {
    auto const& quiet = way["accuracy"]["none"];
    double const mean = 100 * quiet["mean"].get<double>(), spread = 100 * quiet["spread"].get<double>();
    spec.lines.push_back({way["way"], mean, mean - spread, mean + spread, 0});
  }
  // The same under the attack that costs it most.
  html_table table{{"way"}, {}};
  for (auto const& [attack, values] : (*all)["ways"][0]["accuracy"].items()) table.headings.push_back(escaped(attack));
  for (auto const& way : (*all)["ways"]) {
    std::vector<std::string> row{escaped(way["way"].get<std::string>())};
    for (auto const& [attack, v] : way["accuracy"].items()) {
      row.push_back(fmt::format("{} \u00b1 {}", percent(v["mean"].get<double>()), percent(v["spread"].get<double>())));
    }
    table.rows.push_back(std::move(row));
  }
  to.push_back({unequal_section, part, std::move(title), std::move(look), picture(spec), table.text(), part});
}

}  // namespace

void add_figures_of_rules(stored_results const& results, figures& to) {
  federated(results, to);
  maps(results, to);
  breakdown(results, to);
  updates(results, to);
  trade(results, to);
  speed(results, to);
  unequal(
      results, to, "participation", "Clients who seldom take part",
      "Compare the first three dots: weights that learn how seldom a client comes should lie between the plain mean and known chances; "
      "nobody lies, bars are a standard deviation.");
  unequal(results, to, "asynchronous", "Clients who are slow",
          "Compare the dots of one rule: what weighing by age and by slowness changes, when nobody lies.");
  unequal(results, to, "tiers", "Clients whom several gateways see",
          "Two tiers with shares should read as one tier does; counting clients at each gateway should not.");
}

}  // namespace robagg_compare
