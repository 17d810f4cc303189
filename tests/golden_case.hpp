// SPDX-License-Identifier: BSL-1.0
// Cases of golden/ensembles_public.json: how they are read and compared, each within its own tolerance.
#pragma once

#include "inputs.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <iostream>
#include <map>

namespace robagg_test {

using golden_json = nlohmann::json;

inline double number(golden_json const& v) {
  if (v.is_string()) return v == "inf" ? infinity : v == "-inf" ? -infinity : not_a_number;
  return v.is_null() ? not_a_number : v.get<double>();
}
inline std::vector<double> list_of(golden_json const& v) {
  std::vector<double> out;
  for (golden_json const& one : v) out.push_back(number(one));
  return out;
}
inline matrix golden_table(golden_json const& rows) {
  matrix x(static_cast<Index>(rows.size()), static_cast<Index>(rows[0].size()));
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index j = 0; j < x.cols(); ++j) x(i, j) = number(rows[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)]);
  }
  return x;
}

struct golden_case {
  golden_json all;
  golden_json const& in(char const* name) const { return all["inputs"][name]; }
  golden_json const& out(char const* name) const { return all["output"][name]; }
  golden_json const& parameter(char const* name) const { return all["params"][name]; }
  bool has(char const* output) const { return all["output"].contains(output); }
  bool agrees(double got, golden_json const& wanted) const {
    double const ref = number(wanted);
    if (std::isnan(ref)) return std::isnan(got);
    return got == ref ||
           std::abs(got - ref) <= all["tol"]["abs"].get<double>() + all["tol"]["rel"].get<double>() * std::abs(ref);
  }
  bool agrees(auto const& got, golden_json const& wanted) const
    requires requires { got.size(); }
  {
    bool good = static_cast<std::size_t>(got.size()) == wanted.size();
    for (std::size_t k = 0; good && k < wanted.size(); ++k)
      good = agrees(static_cast<double>(got[static_cast<decltype(got.size())>(k)]), wanted[k]);
    return good;
  }
  bool agrees_rows(matrix const& got, golden_json const& wanted) const {
    bool good = static_cast<std::size_t>(got.rows()) == wanted.size();
    for (std::size_t i = 0; good && i < wanted.size(); ++i) {
      good = agrees(Eigen::VectorXd(got.row(static_cast<Index>(i)).transpose()), wanted[i]);
    }
    return good;
  }
};

// By operation: how many cases there are, and whether one agrees.
using golden_checks = std::map<std::string, std::pair<int, any_call<bool(golden_case const&)>>>;

inline void check_golden(golden_checks const& asked) {
  std::ifstream in(std::string(ROBAGG_GOLDEN_DIR) + "/ensembles_public.json");
  REQUIRE(in.good());
  std::map<std::string, std::pair<int, int>> counts;
  golden_json const all = golden_json::parse(in);
  for (golden_json const& one : all["cases"]) {
    auto const found = asked.find(one["op"]);
    if (found == asked.end()) continue;
    INFO(one["id"] << " " << one["params"].dump());
    bool const good = found->second.second(golden_case{one});
    CHECK(good);
    auto& [passed, total] = counts[one["op"]];
    passed += good, ++total;
  }
  for (auto const& [op, what] : asked) {
    std::cout << "golden ensembles_public " << op << ": " << counts[op].first << "/" << counts[op].second << "\n";
    CHECK(counts[op].second == what.first);
  }
}

}  // namespace robagg_test
