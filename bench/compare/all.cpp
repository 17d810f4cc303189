// SPDX-License-Identifier: BSL-1.0
#include "all.hpp"

#include "error.hpp"
#include "figures.hpp"
#include "machine.hpp"
#include "program.hpp"
#include "records.hpp"
#include "terminal.hpp"
#include "write.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <thread>

namespace robagg_compare {
namespace {

namespace fs = std::filesystem;
using json = nlohmann::ordered_json;
using job = std::vector<report_part>;  // parts of which one needs the files of those before

struct report_plan {
  report_part speed, federated;  // times: nothing else runs then
  std::vector<job> jobs;         // the longest first
};

// `quick` is for a first look, and for tests of this program.
report_plan plan(bool quick) {
  auto const sized = [quick](std::vector<std::string> arguments, std::vector<std::string> const& smaller) {
    if (quick) arguments.insert(arguments.end(), smaller.begin(), smaller.end());
    return arguments;
  };
  auto const unequal = [&](char const* kind) {
    return std::vector<std::string>{"federated", kind, "--runs", quick ? "2" : "5", "--rounds", quick ? "50" : "400"};
  };
  auto const few_rounds = [&](std::vector<std::string> arguments) { return sized(std::move(arguments), {"--rounds", "50"}); };
  report_plan to;
  to.speed = {"speed", sized({"speed"}, {"--patience", "0", "--columns", "2000", "--most-columns", "2000"})};
  to.federated = {"federated", few_rounds({"federated"})};
  to.jobs = {
      {{"map", sized({"map"}, {"--rounds", "20", "--runs", "2", "--liars", "0,5", "--heterogeneity", "0,1"})}},
      {{"tiers", unequal("--tiers")}},
      {{"votes", sized({"votes"}, {"--models", "50", "--spread", "2", "--versions", "1", "--attack", "0"})}},
      {{"cache", sized({"cache"}, {"--keys", "256", "--layers", "1", "--sequences", "10"})}},
      {{"participation", unequal("--participation")}},
      {{"asynchronous", unequal("--asynchronous")}},
      {{"scaling", sized({"scaling", "--samples", "@samples_drawn.csv"}, {"--problems", "200"})},
       {"samples", sized({"samples", "@samples_drawn.csv"}, {"--resamples", "100"})}},
      {{"overoptimisation", sized({"overoptimisation"}, {"--prompts", "50"})}},
      {{"breakdown", sized({"breakdown"}, {"--repeats", "5"})}},
      {{"forecasts", {"forecasts", "--series", "sunspots"}}},
      {{"ranks", few_rounds({"ranks"})}},
      {{"flag", few_rounds({"federated", "--rules", "mean,flag_aggregator"})}},
      {{"updates",
        {"federated", "--rounds", "100", "--rules", "median", "--attacks", "alie", "--updates", "@updates_sent.csv"}},
       {"table", {"table", "@updates_sent.csv", "--rows", "worker", "--liars", "5"}}},
      {{"experts", {"experts"}}},
  };
  return to;
}

// As one types it in the report's folder.
std::string typed(report_part const& part) {
  std::string text = "robagg-compare";
  for (auto const& a : part.arguments) text += " " + (a.starts_with('@') ? a.substr(1) : a);
  return text;
}

class run_of_parts {
 public:
  run_of_parts(fs::path folder, std::size_t parts) : folder_(std::move(folder)), parts_(parts) {}

  // Prints nothing but that it is done.
  void quietly(report_part const& part) {
    quiet const now;
    timed(part);
  }
  void timed(report_part const& part) {
    std::vector<std::string> arguments;
    for (auto const& a : part.arguments) arguments.push_back(a.starts_with('@') ? (folder_ / a.substr(1)).string() : a);
    for (auto const* const kind : {"json", "csv"}) {
      arguments.push_back(fmt::format("--{}", kind));
      arguments.push_back((folder_ / fmt::format("{}.{}", part.name, kind)).string());
    }
    auto const start = std::chrono::steady_clock::now();
    run_command(arguments);
    double const seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::lock_guard const lock(mutex_);
    done_.push_back({{"name", part.name}, {"command", typed(part)}, {"seconds", seconds}});
    fmt::print(stderr, "{:2} of {}: {}, {:.1f} s\n", done_.size(), parts_, part.name, seconds);
  }

  // Two threads take one job after the other; the first failure ends both.
  void in_parallel(std::vector<job> const& jobs) {
    std::atomic<std::size_t> next = 0;
    auto const work = [&] {
      for (std::size_t k = next++; k < jobs.size(); k = next++) {
        try {
          for (auto const& part : jobs[k]) quietly(part);
        } catch (...) {
          std::lock_guard const lock(mutex_);
          if (!failure_) failure_ = std::current_exception();
          next = jobs.size();
        }
      }
    };
    std::thread other(work);
    work();
    other.join();
    if (failure_) std::rethrow_exception(failure_);
  }

  json const& done() const { return done_; }

 private:
  fs::path folder_;
  std::size_t parts_;
  json done_ = json::array();
  std::mutex mutex_;
  std::exception_ptr failure_;
};

}  // namespace

void run_all(fs::path const& folder, bool quick) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw usage_error(fmt::format("{}: cannot be made: {}", folder.string(), error.message()));
  output_file const record(folder / "report.json");
  auto const todo = plan(quick);
  std::size_t parts = 2;
  for (auto const& j : todo.jobs) parts += j.size();

  run_of_parts run(folder, parts);
  run.quietly(todo.speed);
  run.in_parallel(todo.jobs);
  run.timed(todo.federated);  // its table is the last thing on the terminal

  auto machine = this_machine();
  machine["seed"] = "1, of every command that draws";
  machine["command"] = fmt::format("robagg-compare all{}", quick ? " --quick" : "");
  record.write(json{{"command", "all"}, {"machine", std::move(machine)}, {"parts", run.done()}}.dump(1) + "\n");
  draw_report(folder, folder);
}

void draw_report(fs::path const& from, fs::path const& to) {
  stored_results results;
  auto const read = [&](std::string const& name) {
    auto const file = from / (name + ".json");
    auto value = json::parse(file_content(file), nullptr, false);
    if (value.is_discarded() || !value.is_object()) throw usage_error(fmt::format("{}: is no result of --json", file.string()));
    return value;
  };
  results.run = read("report");
  for (auto const& part : results.run.value("parts", json::array())) {
    auto const name = part.value("name", "");
    std::error_code error;
    if (fs::exists(from / (name + ".json"), error)) results.of[name] = read(name);
  }
  std::vector<figure> figures;
  try {
    add_figures_of_rules(results, figures), add_figures_of_choices(results, figures), add_papers(results, figures);
  } catch (json::exception const& e) {
    throw usage_error(fmt::format("{}: a result there is not of this version: {}", from.string(), e.what()));
  }
  if (figures.empty()) throw usage_error(fmt::format("{}: has no results to draw", from.string()));
  std::error_code error;
  fs::create_directories(to, error);
  output_file const page(to / "report.html");
  if (!fs::equivalent(from, to, error)) {  // the page leads to files beside it
    for (auto const& [name, result] : results.of) {
      fs::copy_file(from / (name + ".csv"), to / (name + ".csv"), fs::copy_options::overwrite_existing, error);
    }
  }
  page.write(page_of(results, figures));
  if (!quiet::silent()) fmt::print("\n{}\n", (to / "report.html").string());
}

}  // namespace robagg_compare
