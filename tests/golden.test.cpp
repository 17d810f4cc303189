// SPDX-License-Identifier: BSL-1.0
// Rows that the papers' own code produced (golden/*.json): the library gives the same numbers, to 1e-11 of the largest
// (1e-9 where eigenvectors are iterated).
// They change only if the meaning of an operator changes.
#include "inputs.hpp"
#include "reference.hpp"

#include <robagg/attack/mimic.hpp>
#include <robagg/attack/optimal.hpp>

#include <nlohmann/json.hpp>

#include <fstream>
#include <iostream>
#include <map>
#include <optional>

using namespace robagg_test;

namespace {

using json = nlohmann::json;

struct row {
  std::string op;
  json params, all;
  matrix input, output;
};

matrix values(json const& list, Index rows) {
  std::vector<double> const v = list.get<std::vector<double>>();
  REQUIRE(rows > 0);
  return Eigen::Map<matrix const>(v.data(), rows, static_cast<Index>(v.size()) / rows);
}

std::vector<row> read(std::string const& file) {
  std::ifstream in(std::string(ROBAGG_GOLDEN_DIR) + "/" + file + ".json");
  REQUIRE(in.good());
  std::vector<row> rows;
  json const all = json::parse(in);
  for (json const& c : all["cases"]) {
    row r{c["op"], c["params"], c, values(c["input"], c["n"]), {}};
    if (c["output"].is_array()) r.output = values(c["output"], c.value("out_rows", 1));
    rows.push_back(std::move(r));
  }
  return rows;
}

// What is asked of a row: nothing where the library does not have it.
using answer = any_call<std::optional<matrix>(row const&)>;

struct tally {
  int passed = 0, all = 0;
};

void check(std::string const& file, std::map<std::string, int> const& wanted, answer const& ask, char const* expected = nullptr,
           double tolerance = 1e-11) {
  std::map<std::string, tally> counts;
  for (row const& r : read(file)) {
    auto const got = ask(r);
    if (!got) continue;
    matrix const want = expected ? values(r.all[expected], r.all.value("out_rows", 1)) : r.output;
    INFO(file << " " << r.all["op"] << " " << r.params.dump() << ", n = " << r.input.rows() << ", d = " << r.input.cols());
    double const gap = difference(*got, want), allowed = tolerance * std::max(magnitude(r.input), magnitude(want));
    INFO("off by " << gap << ", allowed " << allowed);
    CHECK(gap <= allowed);
    tally& t =
        counts[r.op + (r.op == "Pipeline" ? " " + std::string(r.params["pre"]) + " | " + std::string(r.params["agg"]) : "")];
    t.passed += gap <= allowed;
    ++t.all;
  }
  for (auto const& [op, t] : counts) std::cout << "golden " << file << " " << op << ": " << t.passed << "/" << t.all << "\n";
  for (auto const& [op, least] : wanted) {
    INFO(op);
    REQUIRE(counts[op].all >= least);
  }
}

// byzfl's Pipeline uses its geometric median with its own defaults.
constexpr robagg::geometric_median byzfl_median(double nu, Index steps) {
  return {.smoothing = nu, .tolerance = 0, .max_iterations = steps, .start = robagg::start::origin};
}

// Its n - f nearest rows have the row itself among them.
robagg::multi_krum byzfl_multi_krum(Index n, Index f) { return {.f = f, .neighbours = n - f - 1}; }

std::optional<matrix> byzfl_rule(row const& r) {
  matrix const& x = r.input;
  Index const n = x.rows(), f = r.params.value("f", Index{0});
  if (r.op == "Average") return in<double>(robagg::mean{}, x);
  if (r.op == "Median") return in<double>(robagg::median{}, x);
  if (r.op == "TrMean") return in<double>(robagg::trimmed_mean{f}, x);
  if (r.op == "Meamed") return in<double>(robagg::mean_around_median{f}, x);
  if (r.op == "GeometricMedian") return in<double>(byzfl_median(r.params["nu"], r.params["T"]), x);
  if (r.op == "Krum") return in<double>(robagg::krum{.f = f, .neighbours = n - f - 1}, x);
  if (r.op == "MultiKrum") return in<double>(byzfl_multi_krum(n, f), x);
  if (r.op == "MDA") return in<double>(robagg::minimum_diameter_averaging{f}, x);
  if (r.op == "SMEAExact") return in<double>(robagg::smallest_max_eigenvalue_averaging{f}, x);
  if (r.op == "CAFExact") return in<double>(robagg::covariance_filter{f}, x);
  if (r.op == "CenteredClipping") { return in<double>(robagg::centered_clipping{double(r.params["tau"]), r.params["L"]}, x); }
  if (r.op == "MoNNA") return in<double>(robagg::nearest_to{Index(r.params["idx"]), f}, x);
  if (r.op == "ARC") return in<double>(robagg::adaptive_clip{f}, x);
  if (r.op == "NNM") return in<double>(robagg::nearest_neighbour_mixing{f}, x);
  if (r.op == "Clipping") return in<double>(robagg::clip{double(r.params["c"])}, x);
  if (r.op == "Bucketing") {
    auto const order = r.params["perm"].get<std::vector<Index>>();
    return in<double>(robagg::bucketing{Index(r.params["s"]), order}, x);
  }
  if (r.op == "Pipeline") {
    auto const then = [&](auto const& pre) -> std::optional<matrix> {
      std::string const rule = r.params["agg"];
      if (rule == "TrMean") return in<double>(pre | robagg::trimmed_mean{f}, x);
      if (rule == "Median") return in<double>(pre | robagg::median{}, x);
      if (rule == "MultiKrum") return in<double>(pre | byzfl_multi_krum(n, f), x);
      if (rule == "GeometricMedian") return in<double>(pre | byzfl_median(.1, 3), x);
      return {};
    };
    if (r.params["pre"] == "NNM") return then(robagg::nearest_neighbour_mixing{f});
    if (r.params["pre"] == "ARC") return then(robagg::adaptive_clip{f});
    if (r.params["pre"] == "Clipping") return then(robagg::clip{double(r.params["c"])});
  }
  return {};
}

// What liars send, from the honest rows.
std::optional<matrix> byzfl_attack(row const& r) {
  using namespace robagg::attack;
  matrix const& x = r.input;
  if (r.op == "SignFlipping") return in<double>(sign_flip{}, x);
  if (r.op == "InnerProductManipulation") return in<double>(inner_product_manipulation{r.params["tau"]}, x);
  if (r.op == "ALittleIsEnough") return in<double>(little_is_enough{r.params["tau"]}, x);
  if (r.op == "Mimic") return in<double>(mimic{r.params["epsilon"]}, x);
  auto const best = [&](auto const& attack) -> std::optional<matrix> {
    Index const f = r.params["f"], evaluations = r.params["evals"];
    double const start = r.params["start"], step = r.params["delta"], ratio = r.params["ratio"];
    if (r.params["agg"] == "Average") return in<double>(optimal{attack, robagg::mean{}, f, evaluations, start, step, ratio}, x);
    if (r.params["agg"] == "Median")
      return in<double>(optimal{attack, robagg::median{}, f, evaluations, start, step, ratio}, x);
    return in<double>(optimal{attack, robagg::trimmed_mean{f}, f, evaluations, start, step, ratio}, x);
  };
  if (r.op == "OptimalIPM") return best(inner_product_manipulation{});
  if (r.op == "OptimalALIE") return best(little_is_enough{});
  return {};
}

}  // namespace

TEST_CASE("byzfl's operators give the same numbers") {
  check("byzfl_public",
        {{"Average", 37},
         {"Median", 37},
         {"TrMean", 37},
         {"Meamed", 35},
         {"GeometricMedian", 37},
         {"Krum", 35},
         {"MultiKrum", 36},
         {"MDA", 35},
         {"SMEAExact", 31},
         {"CAFExact", 18},
         {"CenteredClipping", 37},
         {"MoNNA", 35},
         {"NNM", 36},
         {"Bucketing", 36},
         {"Clipping", 36},
         {"ARC", 36},
         {"Pipeline NNM | TrMean", 4},
         {"Pipeline NNM | GeometricMedian", 3},
         {"Pipeline NNM | MultiKrum", 3},
         {"Pipeline Clipping | MultiKrum", 4},
         {"Pipeline ARC | GeometricMedian", 6},
         {"Pipeline ARC | MultiKrum", 5},
         {"Pipeline ARC | Median", 2},
         {"Pipeline ARC | TrMean", 2},
         {"Pipeline Clipping | GeometricMedian", 5},
         {"Pipeline Clipping | Median", 1},
         {"Pipeline Clipping | TrMean", 1}},
        byzfl_rule);
}

TEST_CASE("byzfl's attacks send the same numbers") {
  check("byzfl_public",
        {{"SignFlipping", 36},
         {"InnerProductManipulation", 36},
         {"ALittleIsEnough", 36},
         {"Mimic", 36},
         {"OptimalIPM", 13},
         {"OptimalALIE", 12}},
        byzfl_attack);
}

TEST_CASE("ties in Krum go to the lowest row and in MDA to the first subset, as in byzfl") {
  check("byzfl_ties", {{"Krum", 46}, {"MDA", 41}}, byzfl_rule);
}

TEST_CASE("where byzfl's choice between ties is an accident, ours is the lowest row") {
  check("byzfl_ambiguous", {{"NNM", 40}, {"Meamed", 40}, {"MultiKrum", 40}, {"MoNNA", 22}}, byzfl_rule, "reference_low");
}

TEST_CASE(
    "ByzantineMomentum's trimmed mean, phocas, brute and, for odd n, its median and mean around it give the same numbers") {
  check("bm_public", {{"bm.trmean", 20}, {"bm.phocas", 20}, {"bm.brute", 20}, {"bm.median", 13}, {"bm.meamed", 10}},
        [](row const& r) -> std::optional<matrix> {
          Index const f = r.params.value("f", Index{0});
          if (r.op == "bm.trmean") return in<double>(robagg::trimmed_mean{f}, r.input);
          if (r.op == "bm.phocas") return in<double>(robagg::phocas{f}, r.input);
          if (r.op == "bm.brute") return in<double>(robagg::minimum_diameter_averaging{f}, r.input);
          if (r.input.rows() % 2 == 0) return {};  // its median is the lower one
          if (r.op == "bm.median") return in<double>(robagg::median{}, r.input);
          if (r.op == "bm.meamed") return in<double>(robagg::mean_around_median{f}, r.input);
          return {};
        });
}

TEST_CASE("ByzantineMomentum's gradient elimination and aksel give the same numbers") {
  std::map<std::string, int> const wanted = {{"bm.cge", 20}, {"bm.aksel.mid", 20}, {"bm.aksel.n-f", 20}};
  check("bm_public", wanted, [](row const& r) -> std::optional<matrix> {
    Index const n = r.input.rows(), f = r.params.value("f", Index{0});
    if (r.op == "bm.cge") return in<double>(robagg::comparative_gradient_elimination{f}, r.input);
    if (r.op == "bm.aksel.mid") return in<double>(robagg::aksel{}, r.input);
    if (r.op == "bm.aksel.n-f") return in<double>(robagg::aksel{.keep = n - f}, r.input);
    return {};
  });
}

TEST_CASE("the flag aggregator gives the same numbers from the same start") {
  check(
      "flag_public", {{"FlagAggregator", 40}},
      [](row const& r) -> std::optional<matrix> {
        robagg::flag_aggregator const op = {
            .subspace = r.params["m"], .lambda = r.params["lambda"], .iterations = r.params["iters"]};
        return in<double>(op, r.input);
      },
      nullptr, 1e-9);
}

TEST_CASE("Flower's krums, bulyan, trimmed and weighted averages give the same numbers") {
  check(
      "flower_public",
      {{"flower.krum", 30}, {"flower.multikrum", 30}, {"flower.bulyan", 30}, {"flower.trimmed_avg", 30}, {"flower.fedavg", 30}},
      [](row const& r) -> std::optional<matrix> {
        Index const n = r.input.rows(), f = r.params.value("f", Index{0}), neighbours = std::max(Index{1}, n - f - 2);
        if (r.op == "flower.krum") return in<double>(robagg::krum{.f = f, .neighbours = neighbours}, r.input);
        if (r.op == "flower.multikrum") {
          return in<double>(robagg::multi_krum{.f = f, .m = r.params["m"], .neighbours = neighbours}, r.input);
        }
        if (r.op == "flower.bulyan") return in<double>(robagg::bulyan{f}, r.input);
        if (r.op == "flower.trimmed_avg") {
          double const share = r.params["proportiontocut"];
          return in<double>(robagg::trimmed_mean{static_cast<Index>(share * static_cast<double>(n))}, r.input);
        }
        if (r.op == "flower.fedavg") {
          auto const examples = r.params["num_examples"].get<std::vector<double>>();
          return numbers_of(robagg::mean{}(robagg::weighted(r.input, examples)));
        }
        return {};
      });
}

TEST_CASE("elections have the winners and the certificates of the published scripts") {
  int elections = 0;
  for (row const& r : read("roe_public")) {
    INFO(r.all["op"] << " " << r.params.dump());
    auto const shifts = r.params["shifts"].get<std::vector<Index>>();
    bool const alone = shifts == std::vector<Index>{0};
    auto const agrees = [&](std::string const& rule, robagg::election const& e) {
      CHECK(e.winner == Index(r.all["output"][rule]));
      CHECK(e.certified_radius == Index(r.all["output"][rule + "_cert"]));
    };
    agrees("plurality", robagg::plurality{.bucket_map = shifts}(r.input));
    agrees("roe", robagg::run_off{.bucket_map = shifts}(r.input));
    if (alone) agrees("plurality", robagg::plurality{}(r.input));
    if (alone) agrees("roe", robagg::run_off{}(r.input));
    ++elections;
  }
  std::cout << "golden roe_public plurality and run_off: " << elections << " elections with certificates\n";
  REQUIRE(elections == 106);
}
