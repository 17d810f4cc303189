// SPDX-License-Identifier: BSL-1.0
// Ensembles of forecasts: the numbers of other people's code (golden/ensembles_public.json), each within its own tolerance.
#include "golden_case.hpp"

using namespace robagg_test;

namespace {

using json = nlohmann::json;
using doubles = std::vector<double>;

matrix column(json const& v) {
  doubles const values = list_of(v);
  return Eigen::Map<matrix const>(values.data(), static_cast<Index>(values.size()), 1);
}

bool fits(golden_case const& c) {
  using namespace robagg;
  json const& q = c.in("q");
  Index const n = static_cast<Index>(q.size()), p = static_cast<Index>(q[0].size());
  matrix x(n * p, static_cast<Index>(q[0][0].size()));
  for (Index i = 0; i < n; ++i) x.middleRows(i * p, p) = golden_table(q[static_cast<std::size_t>(i)]);
  doubles const y = list_of(c.in("y")), levels = list_of(c.in("tau"));
  doubles const weights = c.in("obs_weights").is_null() ? doubles(y.size(), 1.) : list_of(c.in("obs_weights"));
  std::vector<Index> groups;
  if (c.all["params"].contains("groups")) groups = c.parameter("groups").get<std::vector<Index>>();
  std::map<std::string, weight_sharing> const kinds = {{"coarse", weight_sharing::coarse},
                                                       {"per_level", weight_sharing::per_level},
                                                       {"grouped", weight_sharing::grouped},
                                                       {"fine", weight_sharing::fine}};
  quantile_averaging const op{.levels = levels,
                              .weights = kinds.at(c.parameter("weights")),
                              .groups = groups,
                              .nonnegative = c.parameter("nonneg"),
                              .unit_sum = c.parameter("unit_sum"),
                              .intercept = c.parameter("intercept"),
                              .noncrossing = c.parameter("noncross")};
  auto const fit = op.fit(cube(x, n), y, weights);
  double const ref = number(c.all["output"]["objective"]),
               slack = number(c.all["tol"]["abs"]) + number(c.all["tol"]["rel"]) * ref;
  // The weights do what the objective says, and keep their constraints.
  double sum = 0;
  for (Index i = 0; i < n; ++i) {
    Eigen::VectorXd const y_hat = fit(x.middleRows(i * p, p));
    for (Index k = 0; k < y_hat.size(); ++k) {
      double const e = y[static_cast<std::size_t>(i)] - y_hat[k], tau = levels[static_cast<std::size_t>(k)];
      sum += weights[static_cast<std::size_t>(i)] * std::max(tau * e, (tau - 1) * e);
      if (op.noncrossing && k > 0 && y_hat[k] < y_hat[k - 1] - 1e-7 * (1 + std::abs(y_hat[k]))) return false;
    }
  }
  bool const constrained = (!op.nonnegative || (fit.weights.array() >= 0).all()) &&
                           (!op.unit_sum || (fit.weights.colwise().sum().array() - 1).abs().maxCoeff() < 1e-9);
  return constrained && bool(fit) && fit.objective <= ref + slack && sum <= ref + slack + 1e-9 * std::abs(ref) && fit.gap >= 0;
}

bool conformal(golden_case const& c) {
  using namespace robagg;
  doubles const lower = list_of(c.in("lower")), median = list_of(c.in("median")), upper = list_of(c.in("upper")),
                y = list_of(c.in("y"));
  json const& out = c.all["output"];
  auto const fit = [&](conformal_score score, conformal_rank rank) {
    return conformal_quantile{
        .miscoverage = number(c.parameter("alpha")), .score = score, .rank = rank, .epsilon = number(c.parameter("eps"))}
        .fit(lower, median, upper, y);
  };
  using s = conformal_score;
  using r = conformal_rank;
  auto const exact = fit(s::symmetric, r::exact);
  bool good = c.agrees(fit(s::symmetric, r::clamp).above, out["offset_symmetric"]) &&
              c.agrees(fit(s::asymmetric, r::clamp).below, out["offset_lower"]) &&
              c.agrees(fit(s::asymmetric, r::clamp).above, out["offset_upper"]) &&
              c.agrees(fit(s::symmetric, r::interpolate).above, out["offset_interp"]) &&
              c.agrees(fit(s::m, r::interpolate).above, out["cqr_m_interp"]) &&
              c.agrees(fit(s::r, r::interpolate).above, out["cqr_r_interp"]) &&
              c.agrees(fit(s::absolute, r::clamp).above, out["offset_absolute"]);
  good =
      good && exact.rank == out["rank_needed"].get<Index>() && std::isinf(exact.above) == out["infinite_by_theory"].get<bool>();
  return good;
}

golden_checks const ensembles_asked = {
    {"qra_fit", {39, fits}},
    {"quantile_regression",
     {3,
      [](golden_case const& c) {
        matrix const x = golden_table(c.in("X"));
        matrix q(x.size(), 1);
        for (Index i = 0; i < x.rows(); ++i) q.middleRows(i * x.cols(), x.cols()) = x.row(i).transpose();
        doubles const y = list_of(c.in("y")), tau{number(c.parameter("tau"))};
        auto const fit = robagg::quantile_averaging{.levels = tau, .nonnegative = false, .unit_sum = false}.fit(
            robagg::cube(q, x.rows()), y);
        double const ref = number(c.all["output"]["objective"]);
        return bool(fit) && fit.objective <= ref * (1 + number(c.all["tol"]["rel"])) + number(c.all["tol"]["abs"]);
      }}},
    {"pinball",
     {14,
      [](golden_case const& c) {
        doubles const levels = list_of(c.in("tau"));
        matrix const loss = robagg::pinball{levels}(golden_table(c.in("q")), list_of(c.in("y")));
        bool good = c.agrees(loss.mean(), c.all["output"]["mean"]);
        for (Index i = 0; i < loss.rows(); ++i)
          good = good && c.agrees(Eigen::VectorXd(loss.row(i)), c.all["output"]["loss"][static_cast<std::size_t>(i)]);
        return good;
      }}},
    {"quantile_score",
     {14,
      [](golden_case const& c) {
        doubles const levels = list_of(c.in("tau"));
        return c.agrees(robagg::weighted_interval_score{levels}(golden_table(c.in("q")), list_of(c.in("y"))),
                        c.all["output"]["mean_quantile_score"]);
      }}},
    {"wis",
     {21,
      [](golden_case const& c) {
        doubles const levels = list_of(c.in("tau")), y = list_of(c.in("y"));
        robagg::weighted_interval_score const op{levels, c.parameter("count_median_twice").get<bool>() ? 1. : .5};
        auto const scores = op.parts(golden_table(c.in("q")), y);
        bool good = c.agrees(op(golden_table(c.in("q")), y), c.all["output"]["wis"]);
        for (std::size_t i = 0; i < y.size(); ++i) {
          good = good && c.agrees(scores[i].score, c.all["output"]["wis"][i]) &&
                 c.agrees(scores[i].dispersion, c.all["output"]["dispersion"][i]) &&
                 c.agrees(scores[i].underprediction, c.all["output"]["underprediction"][i]) &&
                 c.agrees(scores[i].overprediction, c.all["output"]["overprediction"][i]);
        }
        return good;
      }}},
    {"crossing_penalty",
     {5,
      [](golden_case const& c) {
        return c.agrees(robagg::crossing_penalty(golden_table(c.in("q")), number(c.parameter("margin"))),
                        c.all["output"]["value"]);
      }}},
    {"crps_sample",
     {8,
      [](golden_case const& c) {
        matrix const x = column(c.in("x")).transpose();
        doubles const y{number(c.in("y"))};
        return c.agrees(robagg::crps{}(x, y)[0], c.all["output"]["crps"]) &&
               c.agrees(robagg::crps{true}(x, y)[0], c.all["output"]["crps_fair"]);
      }}},
    {"vincentization",
     {16,
      [](golden_case const& c) {
        matrix const q = golden_table(c.in("q"));
        doubles const w = list_of(c.in("w"));
        return c.agrees(w.empty() ? robagg::mean{}(q) : robagg::mean{}(robagg::weighted(q, w)), c.all["output"]["q"]);
      }}},
    {"quantile_median",
     {16, [](golden_case const& c) { return c.agrees(robagg::median{}(golden_table(c.in("q"))), c.all["output"]["q"]); }}},
    {"quantile_trimmed_mean",
     {16,
      [](golden_case const& c) {
        matrix const q = golden_table(c.in("q"));
        auto const f = static_cast<Index>(number(c.parameter("proportiontocut")) * static_cast<double>(q.rows()));
        return c.agrees(robagg::trimmed_mean{f}(q), c.all["output"]["q"]);
      }}},
    {"linear_pool_quantile",
     {14,
      [](golden_case const& c) {
        doubles const levels = list_of(c.in("tau")), at = list_of(c.parameter("probs")), w = list_of(c.in("w"));
        matrix const q = golden_table(c.in("q"));
        return c.agrees(robagg::linear_pool{levels, at}(robagg::weighted(q, w)), c.all["output"]["q"]);
      }}},
    {"linear_pool_normal",
     {6,
      [](golden_case const& c) {
        // A normal distribution is what two of its quantiles and normal tails are.
        doubles const levels{.5, .75}, at = list_of(c.parameter("probs")), w = list_of(c.in("w")), mean = list_of(c.in("mean")),
                                       sd = list_of(c.in("sd"));
        matrix q(static_cast<Index>(mean.size()), 2);
        for (Index j = 0; j < q.rows(); ++j) {
          for (Index k = 0; k < 2; ++k) {
            q(j, k) = mean[static_cast<std::size_t>(j)] +
                      sd[static_cast<std::size_t>(j)] * robagg::detail::normal_quantile(levels[static_cast<std::size_t>(k)]);
          }
        }
        matrix vincent(q.rows(), static_cast<Index>(at.size()));
        for (Index j = 0; j < q.rows(); ++j) {
          for (std::size_t k = 0; k < at.size(); ++k) {
            vincent(j, static_cast<Index>(k)) =
                mean[static_cast<std::size_t>(j)] + sd[static_cast<std::size_t>(j)] * robagg::detail::normal_quantile(at[k]);
          }
        }
        // Only outside every model's two quantiles is the pool normal throughout.
        auto const y = robagg::linear_pool{levels, at, robagg::tails::normal}(robagg::weighted(q, w));
        bool good = c.agrees(robagg::mean{}(robagg::weighted(vincent, w)), c.all["output"]["vincent_q"]);
        for (std::size_t k = 0; k < at.size(); ++k) {
          double const v = number(c.all["output"]["q"][k]);
          if (v < q.minCoeff() || v > q.maxCoeff()) good = good && c.agrees(y[static_cast<Index>(k)], c.all["output"]["q"][k]);
        }
        return good;
      }}},
    {"weighted_quantile",
     {12,
      [](golden_case const& c) {
        matrix const x = column(c.in("x"));
        doubles const at = list_of(c.parameter("probs"));
        doubles got;
        doubles const w = c.in("w").is_null() ? doubles(static_cast<std::size_t>(x.rows()), 1.) : list_of(c.in("w"));
        for (double const p : at)
          got.push_back(robagg::quantile{p, robagg::quantile_rule::inverse_cdf}(robagg::weighted(x, w))[0]);
        return c.agrees(Eigen::VectorXd(Eigen::Map<Eigen::VectorXd const>(got.data(), static_cast<Index>(got.size()))),
                        c.all["output"]["q"]);
      }}},
    {"weighted_median",
     {12,
      [](golden_case const& c) {
        matrix const x = column(c.in("x"));
        doubles const w = c.in("w").is_null() ? doubles(static_cast<std::size_t>(x.rows()), 1.) : list_of(c.in("w"));
        return c.agrees(robagg::median{}(robagg::weighted(x, w))[0], c.all["output"]["m"]);
      }}},
    {"monotone_repair",
     {24,
      [](golden_case const& c) {
        matrix const q = column(c.in("q")).transpose();
        return c.agrees(Eigen::VectorXd(robagg::rearrange{}(q).row(0)), c.all["output"]["sort"]) &&
               c.agrees(Eigen::VectorXd(robagg::isotonic{}(q).row(0)), c.all["output"]["isotonic"]);
      }}},
    {"isotonic_weighted",
     {24,
      [](golden_case const& c) {
        matrix const x = column(c.in("x")).transpose();
        doubles const w = list_of(c.in("w"));
        return c.agrees(Eigen::VectorXd(robagg::isotonic{w}(x).row(0)), c.all["output"]["fit"]);
      }}},
    {"cqr", {14, conformal}},
    {"opinion_pool",
     {12,
      [](golden_case const& c) {
        matrix const p = golden_table(c.in("p"));
        doubles const w = list_of(c.in("w"));
        return c.agrees(robagg::opinion_pool{}(robagg::weighted(p, w)), c.all["output"]["linear"]) &&
               c.agrees(robagg::opinion_pool{robagg::pooling_rule::logarithmic}(robagg::weighted(p, w)),
                        c.all["output"]["log"]);
      }}},
    {"extremized_pool",
     {8,
      [](golden_case const& c) {
        matrix p(static_cast<Index>(c.in("p").size()), 2);
        p.col(0) = column(c.in("p"));
        p.col(1) = 1 - p.col(0).array();
        doubles const w = list_of(c.in("w"));
        double const a = number(c.parameter("a"));
        auto const pooled = [&](robagg::pooling_rule rule, double extremise) {
          return robagg::opinion_pool{rule, extremise}(robagg::weighted(p, w))[0];
        };
        using r = robagg::pooling_rule;
        return c.agrees(pooled(r::logarithmic, 1), c.all["output"]["logit_mean"]) &&
               c.agrees(pooled(r::logarithmic, a), c.all["output"]["logit_extremized"]) &&
               c.agrees(pooled(r::linear, a), c.all["output"]["linear_then_extremized"]);
      }}},
    {"scoring_rules",
     {8,
      [](golden_case const& c) {
        auto const s = robagg::score_outcome(list_of(c.in("p")), c.in("outcome").get<Index>());
        json const& out = c.all["output"];
        return c.agrees(s.brier, out["brier"]) && c.agrees(s.logarithmic, out["log_loss"]) &&
               c.agrees(s.spherical, out["spherical_score"]) && c.agrees(s.quadratic, out["quadratic_score"]) &&
               c.agrees(s.ranked, out["rps"]);
      }}},
};

}  // namespace

TEST_CASE("ensembles of forecasts give the numbers of other people's code") { check_golden(ensembles_asked); }
