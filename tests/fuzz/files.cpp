// SPDX-License-Identifier: BSL-1.0
// Arbitrary bytes as every file that the tool reads: a usage_error with a sentence, or a result whose shapes fit together.
#include "fuzz.hpp"

#include "../../bench/compare/elections.hpp"
#include "../../bench/compare/error.hpp"
#include "../../bench/compare/forecasts.hpp"
#include "../../bench/compare/read.hpp"
#include "../../bench/compare/read_ranks.hpp"
#include "../../bench/compare/records.hpp"
#include "../../bench/compare/samples.hpp"

#include <unistd.h>

#include <fstream>
#include <sstream>

using namespace robagg_fuzz;
using namespace robagg_compare;
namespace fs = std::filesystem;

// A file of this process, written over again and again.
static fs::path file_of(std::string const& content, char const* what = "file") {
  static auto const beginning = (fs::temp_directory_path() / "robagg_fuzz_").string() + std::to_string(getpid()) + "_";
  static struct end {
    ~end() {
      for (char const* name : {"file", "file.npy", "labels"}) fs::remove(beginning + name);
    }
  } const at_end;
  auto const path = beginning + what;
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
  return path;
}
static void check(loaded_table const& t) {
  std::visit(
      [&](auto const& x) {
        demand(t.rows.empty() || static_cast<Index>(t.rows.size()) == x.rows(), "a name for each row");
        demand(t.shape.empty() || t.shape.back() == x.cols(), "the last dimension are the columns");
      },
      t.values);
}
static void check(ranks_file const& f) {
  if (auto const* scores = std::get_if<score_file>(&f)) {
    demand(scores->scores.cols() == static_cast<Index>(scores->systems.size()), "a column for each system");
    demand(scores->scores.rows() == static_cast<Index>(scores->tasks.size()), "a row for each task");
  } else if (auto const* battles = std::get_if<battle_file>(&f)) {
    demand(battles->winners.size() == battles->losers.size() && battles->tied.size() == battles->losers.size(),
           "battles of two");
    for (auto const* side : {&battles->winners, &battles->losers})
      for (Index const i : *side) demand(i >= 0 && i < static_cast<Index>(battles->systems.size()), "systems that are there");
  } else {
    auto const& judged = std::get<judgement_file>(f);
    demand(judged.marks.size() == judged.axes.size(), "marks for each axis");
    for (auto const& m : judged.marks) demand(m.cols() == static_cast<Index>(judged.items.size()), "a column for each item");
  }
}
static void check(forecast_set const& s) {
  demand(s.quantiles.rows() == static_cast<Index>(s.tasks.size() * s.models.size()), "a row for each task and model");
  demand(s.quantiles.rows() == 0 || s.quantiles.cols() == static_cast<Index>(s.levels.size()), "a column for each level");
  for (std::size_t k = 1; k < s.levels.size(); ++k) demand(s.levels[k - 1] < s.levels[k], "levels ascend");
  for (Index i = 0; i < s.quantiles.rows(); ++i) {
    for (Index k = 1; k < s.quantiles.cols(); ++k) demand(!(s.quantiles(i, k) < s.quantiles(i, k - 1)), "quantiles are sorted");
  }
}
static void check(vote_file const& f) {
  for (auto const& v : f.inputs) {
    demand(v.scores.rows() == static_cast<Index>(v.models.size()), "a model for each row");
    demand(v.models.empty() || v.scores.cols() == static_cast<Index>(f.classes.size()), "a column for each class");
    demand(v.label >= -1 && v.label < static_cast<Index>(f.classes.size()), "a label that is there");
  }
}
static void check(sampled_file const& f) {
  for (auto const& p : f.problems) {
    demand(p.labels.size() == p.scores.size(), "a score for each label");
    for (int const l : p.labels) demand(l >= -1 && l < static_cast<int>(p.right.size()), "answers that are there");
  }
}

static void read(input& in) {
  Index const what = in.between(0, 11);
  bool const option = in.flag();
  std::string const labels = what == 8 ? in.text(100) : "", text = in.rest();
  switch (what) {
    case 0:
      return check(read_table(file_of(text), option ? "0" : ""));
    case 1:
      return check(read_array(file_of(text), option ? 1 : 3));
    case 2:
      return check(parse_table(text, "file", option ? "name" : ""));
    case 3: {
      std::istringstream bytes(text);
      return check(parse_npy(bytes, "file", option ? 2 : 4, option ? 2 : 1));
    }
    case 4: {
      named_records all(text, "file");
      while (all.next()) {
        for (std::size_t c = 0; c < all.headings().size(); ++c)
          as_time(all[c]), as_mark(all[c]), as_number(all[c]), is_code(all[c]), shown(all[c] + all.title(c));
      }
      return;
    }
    case 5:
      return check(parse_sample_file(text, "file", option));
    case 6: {
      ranks_reading reading{.position = option};
      if (option) reading.covariates = {"length"};
      return check(read_ranks(file_of(text), reading));
    }
    case 7:
      return check(read_votes(file_of(text, option ? "file.npy" : "file"), ""));
    case 8:
      return check(read_votes(file_of(text), file_of(labels, "labels")));
    case 9:
      return check(read_forecasts({file_of(text)}, {}, {}));
    case 10: {
      std::string const forecast = "model,date,location,quantile_level,value\na,2024-01-01,x,0.25,1\na,2024-01-01,x,0.75,2\n";
      return check(read_forecasts({file_of(forecast)}, {file_of(text, "labels")}, {}));
    }
    default:
      return check(forecast_series(file_of(text), {.name = "file", .season = 2, .order = 1, .train = 8, .horizons = {1}}));
  }
}

ROBAGG_FUZZ(in) {
  try {
    read(in);
  } catch (usage_error const& e) { demand(e.what()[0] != '\0', "usage_error has a sentence"); }
}
