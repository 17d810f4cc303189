// SPDX-License-Identifier: BSL-1.0
#include "moved.hpp"

#include "error.hpp"
#include "records.hpp"
#include "terminal.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <map>

namespace robagg_compare {
namespace {

using json = nlohmann::ordered_json;

struct number {
  double value, spread;
};
using numbers = std::map<std::string, number>;

// What names an entry of a list.
std::string name_of(json const& entry, std::size_t place) {
  if (entry.is_object()) {
    for (auto const* key : {"rule", "way", "system", "model", "policy", "name", "judge", "axis", "without"}) {
      if (entry.contains(key) && entry[key].is_string()) return entry[key].get<std::string>();
    }
  }
  return fmt::format("{}", place);
}

double deviation(json const& runs) {
  double sum = 0, squares = 0, n = 0;
  for (auto const& run : runs) {
    if (run.is_number()) n += 1, sum += run.get<double>();
  }
  for (auto const& run : runs) {
    if (run.is_number()) squares += (run.get<double>() - sum / n) * (run.get<double>() - sum / n);
  }
  return n > 1 ? std::sqrt(squares / (n - 1)) : -1;
}
// How far the number `key` of an object may be off, or -1.
double spread_of(json const& object, std::string const& key) {
  auto const at = [&](char const* name) {
    return object.contains(name) && object[name].is_number() ? object[name].get<double>() : -1;
  };
  if (key == "mean" && object.contains("runs") && object["runs"].is_array()) return deviation(object["runs"]);
  if (key == "mean") return at("spread");
  if (key == "log_odds") return at("standard_error");
  if (key == "rating" && at("from") >= 0) return (at("to") - at("from")) / 2;
  return -1;
}

void collect(json const& value, std::string const& where, bool times, numbers& to, std::map<std::string, bool>& names) {
  if (value.is_object()) {
    for (auto const& [key, inner] : value.items()) {
      bool const timed = key.find("second") != key.npos || key.find("bytes_per") != key.npos;
      if (key == "settings" || key == "options" || key == "runs" || key == "spread" || (timed && !times)) continue;
      auto const path = where.empty() ? key : where + "." + key;
      if (inner.is_number()) {
        to[path] = {inner.get<double>(), spread_of(value, key)};
      } else {
        collect(inner, path, times, to, names);
      }
    }
  } else if (value.is_array()) {
    for (std::size_t k = 0; k < value.size(); ++k) {
      auto const path = fmt::format("{}[{}]", where, name_of(value[k], k));
      if (value[k].is_object()) names[path] = true;
      if (value[k].is_number()) {
        to[path] = {value[k].get<double>(), -1};
      } else {
        collect(value[k], path, times, to, names);
      }
    }
  }
}

json read_result(std::filesystem::path const& file) {
  auto const value = json::parse(file_content(file), nullptr, false);
  if (value.is_discarded() || !value.is_object() || !value.contains("command")) {
    throw usage_error(fmt::format("{}: is no result of --json", file.string()));
  }
  return value;
}

}  // namespace

moved_result compare_results(std::filesystem::path const& before, std::filesystem::path const& after,
                             moved_options const& options) {
  auto const old_result = read_result(before), new_result = read_result(after);
  if (old_result["command"] != new_result["command"]) {
    throw usage_error(fmt::format("{} is of the command {}, {} of {}", before.string(), old_result["command"].dump(),
                                  after.string(), new_result["command"].dump()));
  }
  numbers was, is;
  std::map<std::string, bool> old_names, new_names;
  collect(old_result, "", options.times, was, old_names), collect(new_result, "", options.times, is, new_names);
  moved_result to;
  to.before = before.string(), to.after = after.string();
  auto const missing = [](auto const& these, auto const& others, std::vector<std::string>& list) {
    for (auto const& [path, value] : these) {
      if (others.count(path) == 0) list.push_back(path);
    }
  };
  missing(old_names, new_names, to.only_before), missing(new_names, old_names, to.only_after);
  for (auto const& [path, old_number] : was) {
    auto const found = is.find(path);
    if (found == is.end()) continue;
    ++to.compared;
    double const a = old_number.value, b = found->second.value, spread = std::max(old_number.spread, found->second.spread);
    bool const moved =
        spread >= 0 ? std::abs(b - a) > spread : std::abs(b - a) > options.tolerance * std::max(std::abs(a), std::abs(b));
    if (moved) to.moved.push_back({path, a, b, spread});
  }
  return to;
}

std::string as_text(moved_result const& result) {
  std::string text = fmt::format("{} -> {}: {} of {} moved\n", result.before, result.after, result.moved.size(),
                                 counted(static_cast<robagg::Index>(result.compared), "number"));
  if (!result.moved.empty()) {
    text_table lines({"number", "before", "after", "change", "spread"});
    for (auto const& line : result.moved) {
      lines.add({line.where, brief(line.old_value), brief(line.new_value),
                 fmt::format("{:+.3g}", line.new_value - line.old_value), line.spread < 0 ? "-" : brief(line.spread)});
    }
    text += "\n" + lines.text() + "\n";
  }
  for (auto const& path : result.only_before) text += fmt::format("only before: {}\n", path);
  for (auto const& path : result.only_after) text += fmt::format("only after: {}\n", path);
  return text;
}

}  // namespace robagg_compare
