// SPDX-License-Identifier: BSL-1.0
#include "judges.hpp"

#include "error.hpp"
#include "records.hpp"
#include "terminal.hpp"
#include "write.hpp"

#include <robagg/location/median.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace robagg_compare {
namespace {

// The names of those of `all` whose number is in `which`.
std::vector<std::string> chosen_names(std::vector<std::string> const& all, std::vector<Index> const& which) {
  std::vector<std::string> to;
  for (Index const i : which) to.push_back(all[static_cast<std::size_t>(i)]);
  return to;
}

}  // namespace

judges_result compare_judges(judgement_file const& file, Index quorum, ranks_options const& options) {
  auto const m = static_cast<Index>(file.judges.size()), k = static_cast<Index>(file.items.size()),
             a = static_cast<Index>(file.axes.size());
  if (quorum < 1 || quorum > m) throw usage_error(fmt::format("--quorum is {}, and there are {}", quorum, counted(m, "judge")));
  judges_result to(options, file, file.items);
  to.judges = file.judges, to.axes = file.axes;
  table<double> voters(a * m, k);  // axis after axis
  std::vector<std::string> names;
  for (Index axis = 0; axis < a; ++axis) {
    voters.middleRows(axis * m, m) = file.marks[static_cast<std::size_t>(axis)];
    for (auto const& judge : file.judges)
      names.push_back(a == 1 ? judge : fmt::format("{} on {}", judge, file.axes[static_cast<std::size_t>(axis)]));
  }
  to.missing = voters.array().isNaN().count();
  to.panel = robagg::panel{.quorum = quorum}(robagg::median{}, robagg::cube(voters, a));
  to.add_voters(voters, names);
  for (Index axis = 0; axis < a; ++axis) {
    to.add("panel: " + file.axes[static_cast<std::size_t>(axis)], to.panel.scores.row(axis).transpose());
  }
  return to;
}

std::string as_text(judges_result const& result) {
  auto const m = static_cast<Index>(result.judges.size());
  auto const& panel = result.panel;
  std::string text = fmt::format("{}: {} x {} x {}, {} missing\n", result.file, counted(m, "judge"),
                                 fmt::format("{} {}", result.axes.size(), result.axes.size() == 1 ? "axis" : "axes"),
                                 counted(static_cast<Index>(result.systems.size()), "item"), counted(result.missing, "mark"));
  for (auto const& sentence : result.said) text += wrapped(sentence);
  text += wrapped(fmt::format(
      "The panel's score is the median of the judges who marked an item on every axis; +-: their median absolute deviation. Ranks: each judge{} "
      "is a voter; low, high: between which borda's rank lies in {:g} % of {} draws of the voters; first: the share of them in which "
      "the item is first; group: what cannot be told apart from the first of its group.",
      result.axes.size() == 1 ? "" : " on each axis", 100 * result.options.level, result.options.resamples));
  std::vector<std::pair<std::string, std::vector<std::string>>> more;
  auto const row_text = [&](table<double> const& values, std::size_t axis) {
    std::vector<std::string> cells;
    for (double const value : values.row(static_cast<Index>(axis))) cells.push_back(std::isnan(value) ? "-" : brief(value));
    return cells;
  };
  for (std::size_t a = 0; a < result.axes.size(); ++a) {
    more.emplace_back(result.axes[a], row_text(panel.scores, a));
    more.emplace_back("+-", row_text(panel.deviation, a));
  }
  auto& [heading, counts] = more.emplace_back("judges", std::vector<std::string>());
  for (Index const n : panel.judges) counts.push_back(fmt::format("{}", n));
  text += "\n" + as_table(result, more) + "\n";
  for (std::size_t a = 0; a < result.axes.size(); ++a) {
    auto const axis = static_cast<Index>(a);
    std::string sentence = fmt::format("{}: ", result.axes[a]);
    if (panel.best[a] >= 0) {
      sentence += fmt::format("the panel's best is {}", result.systems[static_cast<std::size_t>(panel.best[a])]);
    } else if (panel.tied[a].empty()) {
      sentence += "no item has a quorum";
    } else {
      sentence += fmt::format("the panel has no best, for these are level: {}",
                              fmt::join(chosen_names(result.systems, panel.tied[a]), ", "));
    }
    if (!std::isnan(panel.effective(axis))) {
      sentence += fmt::format("; {} are worth {:.1f} independent ones (their errors have a mean correlation of {:.2f})",
                              counted(m, "judge"), panel.effective(axis), panel.correlation(axis));
    }
    text += wrapped(sentence + ".");
  }
  for (std::size_t j = 0; j < result.judges.size(); ++j) {
    if (panel.failed[j] > 0) {
      text += wrapped(fmt::format("{} has no mark on some axis for {}.", result.judges[j], counted(panel.failed[j], "item")));
    }
  }
  if (!panel.unjudged.empty()) {
    text += wrapped(fmt::format("Without a quorum: {}.", fmt::join(chosen_names(result.systems, panel.unjudged), ", ")));
  }
  return text + wrapped(kemeny_sentence(result, "voter")) + decisive_sentences(result, "voter");
}

nlohmann::ordered_json as_json(judges_result const& result) {
  auto json = board_json(result);
  json["judges"] = nlohmann::ordered_json::array();
  for (std::size_t j = 0; j < result.judges.size(); ++j)
    json["judges"].push_back({{"judge", result.judges[j]}, {"failed", result.panel.failed[j]}});
  json["axes"] = nlohmann::ordered_json::array();
  for (std::size_t a = 0; a < result.axes.size(); ++a) {
    auto const axis = static_cast<Index>(a);
    json["axes"].push_back(
        {{"axis", result.axes[a]},
         {"effective_judges", json_number(result.panel.effective(axis))},
         {"correlation", json_number(result.panel.correlation(axis))},
         {"best", result.panel.best[a] < 0
                      ? nlohmann::ordered_json(nullptr)
                      : nlohmann::ordered_json(result.systems[static_cast<std::size_t>(result.panel.best[a])])}});
    for (std::size_t s = 0; s < result.systems.size(); ++s) {
      auto const i = static_cast<Index>(s);
      json["systems"][s]["panel"][result.axes[a]] = {{"score", json_number(result.panel.scores(axis, i))},
                                                     {"deviation", json_number(result.panel.deviation(axis, i))},
                                                     {"range", json_number(result.panel.range(axis, i))}};
    }
  }
  for (std::size_t s = 0; s < result.systems.size(); ++s) json["systems"][s]["judges"] = result.panel.judges[s];
  json["missing"] = result.missing;
  return json;
}

}  // namespace robagg_compare
