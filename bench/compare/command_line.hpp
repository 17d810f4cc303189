// SPDX-License-Identifier: BSL-1.0
// What commands have in common: options, and where results go.
#pragma once

#include "commands.hpp"
#include "error.hpp"
#include "terminal.hpp"
#include "write.hpp"

#include <robagg/reports.hpp>
#include <robagg/version.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace robagg_compare {

using robagg::Index;

// Where results go besides the terminal. Opened before the work starts.
struct result_files {
  std::string json, csv, plot;
  bool explain = false;
  std::optional<output_file> json_file, csv_file, plot_file;

  void add_options(CLI::App& app) {
    app.add_flag("--explain", explain, "Also say how the input was understood");
    app.add_option("--json", json, "Also write the results to this file as JSON")->type_name("FILE");
    app.add_option("--csv", csv, "Also write the results to this file as CSV")->type_name("FILE");
  }
  void add_plot(CLI::App& app) { app.add_option("--plot", plot, "Also draw the curves into this SVG file")->type_name("FILE"); }
  void open(std::string const& input) {
    auto const same = [](std::string const& a, std::string const& b) {
      std::error_code error;
      auto const path = [&](std::string const& name) {
        return std::filesystem::weakly_canonical(std::filesystem::absolute(name, error), error);
      };
      return !a.empty() && !b.empty() && path(a) == path(b);
    };
    if (same(json, csv)) throw usage_error("--json and --csv name the same file");
    if (same(json, plot)) throw usage_error("--json and --plot name the same file");
    if (same(csv, plot)) throw usage_error("--csv and --plot name the same file");
    for (auto const& output : {json, csv, plot}) {
      if (same(output, input)) throw usage_error(fmt::format("{}: has another use, and would be written over", input));
    }
    if (!json.empty()) json_file.emplace(json);
    if (!csv.empty()) csv_file.emplace(csv);
    if (!plot.empty()) plot_file.emplace(plot);
  }
  template <class Result>
  void write(Result const& result) const {
    if (json_file) {
      nlohmann::ordered_json all = {{"program", "robagg-compare"}, {"version", ROBAGG_VERSION}};
      all.update(as_json(result));
      json_file->write(all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
    }
    if (csv_file) csv_file->write(as_csv(result));
  }
  template <class Result>
  void draw(Result const& result) const {
    if (plot_file) plot_file->write(drawn(as_plot(result)));
  }
};

inline void print(std::string const& text) {
  if (quiet::silent()) return;
  bool const written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written) throw std::runtime_error("the output cannot be written");
}

template <class Number>
CLI::Option* add_number(CLI::App& app, std::string const& name, Number& value, std::string const& what) {
  return app.add_option(name, value, what)->type_name(std::is_integral_v<Number> ? "N" : "X");
}

inline CLI::Option* add_list(CLI::App& app, std::string const& name, std::vector<Index>& values, std::string const& what) {
  return app.add_option(name, values, what)->delimiter(',')->type_name("N,...");
}

inline std::string not_negative(std::string const& text) {
  return text.starts_with('-') ? "must not be negative" : std::string();
}

inline void add_seed(CLI::App& app, std::uint64_t& seed, std::string const& what) {
  add_number(app, "--seed", seed, what)->capture_default_str()->check(not_negative);
}

inline void add_data(CLI::App& app, std::string& file) {
  app.add_option("--data", file, "The digits, if not data/digits.csv of the source tree")->type_name("FILE");
}

inline void add_names(CLI::App& app, std::string const& option, std::vector<std::string>& values, std::string const& type,
                      std::string const& what) {
  app.add_option(option, values, what)->delimiter(',')->allow_extra_args(false)->type_name(type);
}

inline void add_rules(CLI::App& app, std::vector<std::string>& names) {
  app.add_option("--rules", names, "Only these, separated by commas: mean,median,'nnm|krum'")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("NAMES");
}

// Before the results: what was understood.
inline void print_explained(result_files const& files, std::vector<std::string> const& lines) {
  if (!files.explain) return;
  std::string text;
  for (auto const& line : lines) text += wrapped(line, std::max<std::size_t>(terminal_width(), 100), "    ");
  print(text + "\n");
}

}  // namespace robagg_compare
