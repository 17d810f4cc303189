// SPDX-License-Identifier: BSL-1.0
#include "map.hpp"

#include "error.hpp"
#include "terminal.hpp"
#include "write.hpp"
#include "numbers.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace robagg_compare {
namespace {

map_result::cell worst_of(std::vector<digits> const& data, federated_options options, rule const& r,
                          std::vector<attack> const& attacks) {
  map_result::cell cell{options.liars, {}, {}};
  try {
    r.make({options.liars, 1, 0, options.workers}).check(options.workers);
  } catch (robagg::bad_input const& error) {
    cell.reason = error.what();
    return cell;
  }
  auto const first_seed = options.seed;
  for (auto const& a : attacks) {
    if (options.liars == 0 && a.label != "none") continue;
    std::vector<double> runs;
    for (std::size_t k = 0; k < data.size(); ++k) {
      options.seed = first_seed + k;
      runs.push_back(train(data[k], options, r, a).accuracy);
    }
    if (cell.runs.empty() || mean_of(runs) < mean_of(cell.runs)) cell.attack = a.label, cell.runs = runs;
  }
  return cell;
}

}  // namespace

void check(map_options const& o) {
  if (o.liars.empty() || o.heterogeneity.empty()) throw usage_error("--liars and --heterogeneity need a value each");
  if (o.runs < 1 || o.runs > 1000) throw usage_error("--runs must be between 1 and 1000");
  auto training = o.training;
  for (Index const f : o.liars) training.liars = f, check(training);
  for (double const h : o.heterogeneity) training.heterogeneity = h, check(training);
}

map_result compare_map(std::filesystem::path const& data, map_options const& options, std::vector<rule> const& rules) {
  check(options);
  map_result result{options, chosen_attacks(options.training.attacks, options.training.strength), {}};
  std::vector<digits> samples;
  for (Index k = 0; k < options.runs; ++k) {
    samples.push_back(read_digits(data, options.training.seed + static_cast<std::uint64_t>(k)));
  }
  progress shown(options.heterogeneity.size() * rules.size() * options.liars.size());
  for (double const h : options.heterogeneity) {
    for (auto const& r : rules) {
      map_result::line line{h, r.label, {}};
      for (Index const f : options.liars) {
        shown.step(fmt::format("{}, {} liars, heterogeneity {:g}", r.label, f, h));
        auto training = options.training;
        training.liars = f, training.heterogeneity = h;
        line.cells.push_back(worst_of(samples, training, r, result.attacks));
      }
      result.lines.push_back(std::move(line));
    }
  }
  return result;
}

std::string as_text(map_result const& result) {
  auto const& o = result.options;
  std::string text = wrapped(fmt::format(
      "Test accuracy in % under the attack that is worst for each rule, after {} workers trained for {} rounds: the mean of "
      "{} seeds, and the attack.",
      o.training.workers, o.training.rounds, o.runs));
  for (double const h : o.heterogeneity) {
    text += fmt::format("\nheterogeneity {:g}\n", h);
    std::vector<std::string> heads{"rule"};
    for (Index const f : o.liars) heads.push_back(fmt::format("{} {}", f, f == 1 ? "liar" : "liars"));
    text_table rows(std::move(heads));
    for (auto const& line : result.lines) {
      if (line.heterogeneity != h) continue;
      std::vector<std::string> cells{line.rule};
      for (auto const& c : line.cells) {
        cells.push_back(c.runs.empty() ? "-" : fmt::format("{:.1f} {}", 100 * mean_of(c.runs), c.attack));
      }
      rows.add(std::move(cells));
    }
    text += rows.text();
  }
  text += '\n';
  for (auto const& a : result.attacks) text += fmt::format("{:<8} {}\n", a.label, a.meaning);
  return text;
}

nlohmann::ordered_json as_json(map_result const& result) {
  using json = nlohmann::ordered_json;
  auto const& o = result.options;
  json to = {{"command", "map"},
             {"settings",
              {{"workers", o.training.workers},
               {"rounds", o.training.rounds},
               {"runs", o.runs},
               {"seed", o.training.seed},
               {"liars", o.liars},
               {"heterogeneity", o.heterogeneity}}},
             {"attacks", json::object()},
             {"maps", json::array()}};
  for (auto const& a : result.attacks) to["attacks"][a.label] = a.meaning;
  for (double const h : o.heterogeneity) {
    json map = {{"name", fmt::format("heterogeneity {:g}", h)}, {"heterogeneity", h}, {"rules", json::array()}};
    for (auto const& line : result.lines) {
      if (line.heterogeneity != h) continue;
      json cells = json::array();
      for (auto const& c : line.cells) {
        json cell = {{"name", fmt::format("{} liars", c.liars)}, {"liars", c.liars}};
        if (c.runs.empty()) {
          cell["unfit"] = c.reason;
        } else {
          cell["attack"] = c.attack, cell["mean"] = mean_of(c.runs), cell["spread"] = spread_of(c.runs), cell["runs"] = c.runs;
        }
        cells.push_back(std::move(cell));
      }
      map["rules"].push_back({{"rule", line.rule}, {"cells", std::move(cells)}});
    }
    to["maps"].push_back(std::move(map));
  }
  return to;
}

std::string as_csv(map_result const& result) {
  std::string text = csv_line({"heterogeneity", "rule", "liars", "attack", "mean_accuracy", "standard_deviation"});
  for (auto const& line : result.lines) {
    for (auto const& c : line.cells) {
      bool const fits = !c.runs.empty();
      text += csv_line({csv_number(line.heterogeneity), line.rule, fmt::format("{}", c.liars), c.attack,
                        fits ? csv_number(mean_of(c.runs)) : "", fits ? csv_number(spread_of(c.runs)) : ""});
    }
  }
  return text;
}

}  // namespace robagg_compare
