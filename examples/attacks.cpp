// SPDX-License-Identifier: BSL-1.0
// Eleven clients, two of whom lie: how far every rule is led from the honest mean, by bombs and by every attack.
// Prints the tables of docs/attacks.md.
#include <robagg/attack/anti_cge.hpp>
#include <robagg/attack/constant_coordinate.hpp>
#include <robagg/attack/gaussian.hpp>
#include <robagg/attack/mimic.hpp>
#include <robagg/attack/min_max.hpp>
#include <robagg/attack/not_finite.hpp>
#include <robagg/attack/optimal.hpp>
#include <robagg/robagg.hpp>

#include <fmt/format.h>

#include <functional>
#include <limits>

namespace {

using namespace robagg;

constexpr Index clients = 11, liars = 2, honest_clients = clients - liars, parameters = 10;

struct rule {
  std::string label;
  std::function<Eigen::VectorXf(table<float> const&)> call;
  bool robust = true;
};
template <class Op>
rule rule_of(std::string label, Op op, bool robust = true) {
  return {std::move(label), [op](table<float> const& x) -> Eigen::VectorXf { return op(x); }, robust};
}

// The same as an aggregate, for the attack that is tuned against it.
struct any_rule {
  rule const* r;
  void into(reports auto const& x, auto&& out, workspace&) const {
    out = r->call(x.template cast<float>()).template cast<typename std::remove_cvref_t<decltype(out)>::Scalar>();
  }
};

// Column heads, and a table of eleven reports for every rule (an attack may know which): the honest ones first.
struct experiment {
  std::string label;
  std::function<table<float>(rule const&)> reports;
};

std::string cell(double error) {
  if (error != error) return "**NaN**";
  return error < 3     ? fmt::format("{:.2f}", error)
         : error < 1e3 ? fmt::format("**{:.2f}**", error)
                       : fmt::format("**{:.0e}**", error);
}

// Prints one table and counts the robust rules that are led away by 3 or more.
int print(std::vector<rule> const& rules, std::vector<experiment> const& experiments, Eigen::VectorXf const& truth) {
  int lost = 0;
  std::string head = "| rule |", line = "|---|";
  for (auto const& e : experiments) head += " " + e.label + " |", line += "---|";
  fmt::print("{}\n{}\n", head, line);
  for (auto const& r : rules) {
    std::string row = "| " + r.label + " |";
    for (auto const& e : experiments) {
      auto const error = static_cast<double>((r.call(e.reports(r)) - truth).cwiseAbs().maxCoeff<Eigen::PropagateNaN>());
      lost += r.robust && !(error < 3);
      row += " " + cell(error) + " |";
    }
    fmt::print("{}\n", row);
  }
  fmt::print("\n");
  return lost;
}

}  // namespace

int main() {
  // Honest reports: normal noise of deviation 1 about 0, each from a seed of its own.
  table<float> honest(honest_clients, parameters), all(clients, parameters);
  for (Index i = 0; i < clients; ++i) {
    Eigen::VectorXf const report = attack::gaussian{.seed = static_cast<std::uint64_t>(i)}(all);
    all.row(i) = report.transpose();
  }
  honest = all.topRows(honest_clients);
  Eigen::VectorXf const truth = mean{}(honest);

  std::vector<rule> const rules{
      rule_of("mean", mean{}, false),
      rule_of("median", median{}),
      rule_of("trimmed_mean", trimmed_mean{.f = liars}),
      rule_of("interquartile_mean", interquartile_mean{}),
      rule_of("mean_around_median", mean_around_median{.f = liars}),
      rule_of("phocas", phocas{.f = liars}),
      rule_of("geometric_median", geometric_median{}),
      rule_of("krum", krum{.f = liars}),
      rule_of("multi_krum", multi_krum{.f = liars}),
      rule_of("bulyan", bulyan{.f = liars}),
      rule_of("minimum_diameter_averaging", minimum_diameter_averaging{.f = liars}),
      rule_of("smallest_max_eigenvalue_averaging", smallest_max_eigenvalue_averaging{.f = liars}),
      rule_of("covariance_filter", covariance_filter{.f = liars}),
      rule_of("centered_clipping", centered_clipping{.radius = 4, .iterations = 3}),
      rule_of("comparative_gradient_elimination", comparative_gradient_elimination{.f = liars}),
      rule_of("aksel", aksel{}),
      rule_of("divide_and_conquer", divide_and_conquer{.f = liars}),
      rule_of("clip \\| mean", clip{.radius = 4} | mean{}),
      rule_of("bucketing \\| median", bucketing{.size = 2} | median{}),
      rule_of("nearest_neighbour_mixing \\| trimmed_mean", nearest_neighbour_mixing{.f = liars} | trimmed_mean{.f = liars}),
      rule_of("nearest_neighbour_mixing \\| geometric_median", nearest_neighbour_mixing{.f = liars} | geometric_median{}),
      rule_of("nearest_neighbour_mixing \\| krum", nearest_neighbour_mixing{.f = liars} | krum{.f = liars}),
  };

  constexpr float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  auto const one_value = [&](std::string label, float first, float second) {  // in reports that are honest otherwise
    return experiment{label, [&all, first, second](rule const&) {
                        table<float> x = all;
                        x(clients - 2, 3) = first, x(clients - 1, 3) = second;
                        return x;
                      }};
  };
  auto const all_values = [&](std::string label, float first, float second) {
    return experiment{label, [&all, first, second](rule const&) {
                        table<float> x = all;
                        x.row(clients - 2).setConstant(first), x.row(clients - 1).setConstant(second);
                        return x;
                      }};
  };
  int lost = print(rules,
                   {one_value("one NaN each", nan, nan), one_value("one infinity each", infinity, infinity),
                    one_value("infinity, -infinity", infinity, -infinity), all_values("all 1e30", 1e30f, 1e30f),
                    all_values("1e30, -1e30", 1e30f, -1e30f)},
                   truth);

  // Every liar sends what the attack makes of the honest reports.
  auto const with = [&honest](auto const& make) {
    return [&honest, make](rule const& r) {
      table<float> x(clients, parameters);
      x.topRows(honest_clients) = honest;
      Eigen::VectorXf const lie = make(r)(honest);
      for (Index i = honest_clients; i < clients; ++i) x.row(i) = lie.transpose();
      return x;
    };
  };
  auto const sent = [&](std::string label, auto attack) {
    return experiment{label, with([attack](rule const&) { return attack; })};
  };
  lost += print(rules,
                {sent("sign flip", attack::sign_flip{10}),
                 sent("inner product", attack::inner_product_manipulation{}),
                 sent("a little is enough", attack::little_is_enough{}),
                 {"a little, tuned",
                  with([](rule const& r) { return attack::optimal{attack::little_is_enough{}, any_rule{&r}, liars}; })},
                 sent("min-max", attack::min_max{}),
                 sent("one column", attack::constant_coordinate{}),
                 sent("anti-CGE", attack::anti_cge{liars}),
                 sent("mimic", attack::mimic{}),
                 sent("noise", attack::gaussian{.deviation = 10, .seed = 99}),
                 sent("infinity", attack::infinity{}),
                 sent("NaN", attack::not_a_number{})},
                truth);
  fmt::print("{} of the robust cells are 3 or more off\n", lost);
  return lost;
}
