// SPDX-License-Identifier: BSL-1.0
// What NumPy, SciPy, statsmodels and astropy compute (golden/classics.json, made by golden/classics.py): the same, to 1e-11 of
// the largest value.
#include "inputs.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <map>

using namespace robagg_test;

namespace {

using json = nlohmann::json;

template <class E>
E choice_of(json const& params, char const* field, E fallback) {
  if (!params.contains(field)) return fallback;
  auto const names = enumerators(fallback);
  auto const at = std::find(names.begin(), names.end(), params[field].get<std::string>());
  REQUIRE(at != names.end());
  return static_cast<E>(at - names.begin());
}
robagg::sigma_clipped_mean clipping(json const& p) {
  return {.low = p["low"],
          .high = p["high"],
          .iterations = p["iterations"],
          .centre = choice_of(p, "centre", robagg::centre::median),
          .spread = choice_of(p, "spread", robagg::spread::deviation)};
}

// Calls then(operator) with the one of that name.
void with_operator(std::string const& op, json const& p, auto const& then) {
  auto const rule = choice_of(p, "rule", robagg::quantile_rule::averaged);
  if (op == "quantile") return then(robagg::quantile{double(p["p"]), rule});
  if (op == "quantile_range") return then(robagg::quantile_range{.rule = rule});
  if (op == "median_absolute_deviation") return then(robagg::median_absolute_deviation{.scale = p["scale"]});
  if (op == "winsorized_mean") return then(robagg::winsorized_mean{Index(p["f"])});
  if (op == "asymmetric_trimmed_mean") return then(robagg::asymmetric_trimmed_mean{Index(p["low"]), Index(p["high"])});
  if (op == "winsorized_mean_by_share") return then(robagg::winsorized_mean_by_share{double(p["low"]), double(p["high"])});
  if (op == "trimmed_mean_by_share") return then(robagg::trimmed_mean_by_share{double(p["low"]), double(p["high"])});
  if (op == "sigma_clipped_mean") return then(clipping(p));
  if (op == "sigma_clipped_count") return then(clipping(p).counts());
  if (op == "biweight_location") return then(robagg::biweight_location{.c = p["c"]});
  if (op == "huber") return then(robagg::huber{.k = p["k"]});
  if (op == "hodges_lehmann") return then(robagg::hodges_lehmann{});
  if (op == "interpolated_median") return then(robagg::interpolated_median{});
  FAIL("no operator for " << op);
}

}  // namespace

TEST_CASE("NumPy, SciPy, statsmodels and astropy give the same numbers") {
  std::ifstream file(std::string(ROBAGG_GOLDEN_DIR) + "/classics.json");
  REQUIRE(file.good());
  std::map<std::string, int> counts;
  json const all = json::parse(file);
  for (json const& t : all["tables"]) {
    std::vector<double> const values = t["table"]["input"];
    Index const n = t["table"]["n"];
    matrix const x = Eigen::Map<matrix const>(values.data(), n, static_cast<Index>(values.size()) / n);
    for (json const& c : t["cases"]) {
      std::string const op = c["op"], kind = c["weights"];
      ++counts[op];
      std::vector<double> const output = c["output"];
      matrix const want = Eigen::Map<matrix const>(output.data(), 1, x.cols());
      auto const w = kind == "none" ? std::vector<double>() : t["table"][kind].get<std::vector<double>>();
      auto const check = [&](matrix const& got) {
        INFO(op << " " << c["params"].dump() << ", n = " << n << ", weights: " << kind << "\n" << got << "\n" << want);
        CHECK(difference(got, want) <= 1e-11 * magnitude(x));
      };
      with_operator(op, c["params"], [&]<class Op>(Op const& rule) {
        if (kind == "none") return check(in<double>(rule, x)), check(numbers_of(rule(robagg::skip_nan(x))));
        if constexpr (robagg::detail::accepts<Op, decltype(robagg::weighted(x, w))>()) {
          check(numbers_of(rule(robagg::weighted(x, w))));
        } else {
          FAIL_CHECK(op << " reads no weights");
        }
      });
    }
  }
  for (auto const& [op, least] :
       std::map<std::string, int>{{"quantile", 900}, {"quantile_range", 120}, {"sigma_clipped_mean", 580}}) {
    INFO(op);
    CHECK(counts[op] >= least);
  }
  CHECK(counts.size() == 13);
}
