// SPDX-License-Identifier: BSL-1.0
// Strengths from comparisons: other people's numbers, the likelihood's own gradient, where finite strengths exist, how far they
// may be off, and what is refused.
#include "catch.hpp"

#include <robagg/rank/bradley_terry.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

namespace bradley_terry_test {
namespace {

using namespace robagg;
using json = nlohmann::json;
constexpr double infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();

struct simulation {
  detail::generator random;
  Eigen::VectorXd logs;
  double nu = 0;
  double uniform() { return (static_cast<double>(random() >> 11) + .5) * 0x1p-53; }
  simulation(std::uint64_t seed, Index d, double range, double ties = 0) : random(seed), logs(d), nu(ties) {
    for (Index i = 0; i < d; ++i) logs[i] = range * uniform();
    logs.array() -= logs.mean();
  }
  void battle(comparisons& c, Index i, Index j) {
    double const a = std::exp(logs[i]), b = std::exp(logs[j]), t = nu * std::sqrt(a * b), u = uniform() * (a + b + t);
    if (u < a) return c.add(i, j);
    if (u < a + b) return c.add(j, i);
    c.add_tie(i, j);
  }
  // Some opponents are met far more often than others.
  comparisons battles(Index n) {
    comparisons c(logs.size());
    for (Index k = 0; k < n; ++k) {
      auto const d = static_cast<std::uint64_t>(logs.size());
      auto const i = static_cast<Index>(random.below(d)), j = static_cast<Index>(random.below(random.below(d) + 1));
      if (i != j) battle(c, i, j);
    }
    return c;
  }
};

// The log likelihood, written down once more.
double likelihood(comparisons const& c, Eigen::VectorXd const& x, double log_tie) {
  double sum = 0;
  for (auto const& p : c.pairs()) {
    double const a = x[p.first], b = x[p.second], t = log_tie + (a + b) / 2;
    bool const model = log_tie > -infinity;
    double const all = std::log(std::exp(a) + std::exp(b) + (model ? std::exp(t) : 0));
    sum += p.wins * (a - all) + p.losses * (b - all) + p.ties * ((model ? t : (a + b) / 2) - all);
  }
  return sum;
}
double steepest(comparisons const& c, strengths const& s) {
  double most = 0, h = 1e-5;
  auto const slope = [&](auto change) {
    auto up = s, down = s;
    change(up, h), change(down, -h);
    double const rise = likelihood(c, up.log_strengths, up.log_tie) - likelihood(c, down.log_strengths, down.log_tie);
    most = std::max(most, std::abs(rise / (2 * h)));
  };
  for (Index i = 0; i < s.log_strengths.size(); ++i) slope([i](auto& at, double by) { at.log_strengths[i] += by; });
  if (std::isfinite(s.log_tie)) slope([](auto& at, double by) { at.log_tie += by; });
  return most / c.total();
}
comparisons renamed(comparisons const& c, std::vector<Index> const& to) {
  comparisons out(c.items());
  auto const at = [&](Index i) { return to[static_cast<std::size_t>(i)]; };
  auto pairs = c.pairs();
  std::reverse(pairs.begin(), pairs.end());
  for (auto const& p : pairs) {
    out.add(at(p.first), at(p.second), p.wins), out.add(at(p.second), at(p.first), p.losses);
    out.add_tie(at(p.second), at(p.first), p.ties);
  }
  return out;
}

TEST_CASE("bradley_terry gives the numbers of other people's code") {
  std::ifstream file(std::string(ROBAGG_GOLDEN_DIR) + "/ensembles_public.json");
  json const all = json::parse(file);
  int cases = 0;
  for (json const& one : all["cases"]) {
    if (one["op"] != "bradley_terry") continue;
    ++cases;
    auto const rows = one["inputs"]["wins"].get<std::vector<std::vector<double>>>();
    Eigen::MatrixXd wins(static_cast<Index>(rows.size()), static_cast<Index>(rows.size()));
    for (Index i = 0; i < wins.rows(); ++i) {
      for (Index j = 0; j < wins.cols(); ++j) wins(i, j) = rows[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
    }
    auto const fit = bradley_terry{.alpha = one["params"]["alpha"].get<double>()}.fit(comparisons::of_wins(wins));
    auto const wanted = one["output"]["log_strength_centered"].get<std::vector<double>>();
    CHECK(fit);
    for (Index i = 0; i < wins.rows(); ++i)
      CHECK(fit.log_strengths[i] == Approx(wanted[static_cast<std::size_t>(i)]).margin(1e-7).epsilon(1e-7));
  }
  CHECK(cases == 6);
}

TEST_CASE("bradley_terry by hand") {
  comparisons c;
  c.add(0, 1, 3), c.add(1, 0);
  auto const fit = bradley_terry{}.fit(c);
  CHECK(std::abs(fit.log_strengths[0] - 0.5493061443340549) < 1e-15);
  CHECK(std::abs(fit.log_strengths[1] + 0.5493061443340549) < 1e-15);
  CHECK((fit && fit.connected() && fit.one_scale && fit.components == 1 && fit.above.empty()));
  CHECK(fit.gradient_norm < 1e-15);
  CHECK(fit.probability(0, 1) == Approx(.75).epsilon(1e-14));
  CHECK(fit.compare(0, 1) == std::partial_ordering::greater);
  // Counts are only ratios, ties are half wins, and what is far apart is found too.
  comparisons tenths, far;
  tenths.add(0, 1, .2), tenths.add_tie(1, 0, .2), tenths.add(0, 1, 0);
  CHECK((bradley_terry{}.fit(tenths).log_strengths - fit.log_strengths).norm() < 1e-14);
  for (Index i = 0; i < 50; ++i) far.add(i, i + 1, 1e13), far.add(i + 1, i);
  auto const chain = bradley_terry{}.fit(far);
  CHECK(chain);
  CHECK(chain.log_strengths[0] - chain.log_strengths[50] == Approx(50 * std::log(1e13)).epsilon(1e-12));
  CHECK(chain.probability(1, 0) == Approx(1e-13).epsilon(1e-9));
  // Regularised by hand: one item wins once, of two; the mean of the strengths is 1.
  comparisons once;
  once.add(0, 1);
  auto const held = bradley_terry{.alpha = .5}.fit(once).log_strengths;
  double const e = 2 / (1 + std::exp(held[1] - held[0]));
  CHECK(e * (1 / 2. + .5) == Approx(1.5).epsilon(1e-13));
  auto const ridged = bradley_terry{.ridge = .25}.fit(once).log_strengths;
  CHECK(.25 * ridged[0] == Approx(1 / (1 + std::exp(2 * ridged[0]))).epsilon(1e-13));
}

TEST_CASE("bradley_terry stands at the likelihood's maximum, whatever items are called") {
  for (auto const model : {tie_model::half_wins, tie_model::davidson}) {
    simulation s(11, 12, 4, .5);
    auto const c = s.battles(900);
    bradley_terry const op{.ties = model};
    auto const fit = op.fit(c);
    CHECK((fit && fit.connected()));
    CHECK(fit.gradient_norm < 1e-15);
    CHECK(steepest(c, fit) < 1e-9);
    CHECK(std::abs(fit.log_strengths.mean()) < 1e-15);
    std::vector<Index> const to{3, 7, 0, 11, 5, 1, 9, 2, 10, 4, 8, 6};
    for (double const alpha : {0., .3}) {
      auto const before = bradley_terry{.alpha = alpha, .ties = model}.fit(c),
                 after = bradley_terry{.alpha = alpha, .ties = model}.fit(renamed(c, to));
      for (Index i = 0; i < 12; ++i)
        CHECK(std::abs(before.log_strengths[i] - after.log_strengths[to[static_cast<std::size_t>(i)]]) < 1e-12);
      CHECK((before.log_tie == after.log_tie || std::abs(before.log_tie - after.log_tie) < 1e-12));
    }
  }
}

TEST_CASE("bradley_terry says where finite strengths exist") {
  // 4 always wins, 0 always loses, 1, 2 and 3 beat one another; nobody has met 5 and 6, who have met each other.
  comparisons c(8);
  c.add(4, 1), c.add(4, 2, 3), c.add(1, 2), c.add(2, 3), c.add(3, 1), c.add(1, 3, 2), c.add(3, 0), c.add(5, 6, 3), c.add(6, 5);
  auto const fit = bradley_terry{}.fit(c);
  CHECK(fit);
  CHECK((!fit.connected() && !fit.one_scale && fit.components == 5));
  CHECK(fit.component == std::vector<Index>{2, 1, 1, 1, 0, 3, 3, 4});
  CHECK(fit.above == std::vector<std::pair<Index, Index>>{{0, 1}, {1, 2}});
  CHECK(fit.log_strengths.allFinite());
  CHECK((fit.log_strengths[0] == 0 && fit.log_strengths[4] == 0 && fit.log_strengths[7] == 0));
  CHECK(std::abs(fit.log_strengths.segment(1, 3).sum()) < 1e-15);
  CHECK(fit.log_strengths[5] == Approx(std::log(3.) / 2).epsilon(1e-14));
  CHECK(fit.compare(4, 0) == std::partial_ordering::greater);
  CHECK(fit.compare(0, 1) == std::partial_ordering::less);
  CHECK(fit.compare(4, 5) == std::partial_ordering::unordered);
  CHECK(fit.compare(7, 6) == std::partial_ordering::unordered);
  CHECK((fit.probability(4, 0) == 1 && fit.probability(0, 2) == 0 && std::isnan(fit.probability(0, 5))));
  // The component is fitted as if the others were not there.
  comparisons inner(3);
  inner.add(0, 1), inner.add(1, 2), inner.add(2, 0), inner.add(0, 2, 2);
  CHECK((bradley_terry{}.fit(inner).log_strengths - fit.log_strengths.segment(1, 3)).norm() < 1e-14);
  auto const errors = bradley_terry{}.covariance(c);
  CHECK((errors.standard_errors[0] == 0 && errors.standard_errors[1] > 0 && errors.covariance(1, 5) == 0));
  // Regularised, all are on one scale, and the data's components are still named.
  for (auto const& op : {bradley_terry{.alpha = .1}, bradley_terry{.ridge = .1}}) {
    auto const held = op.fit(c);
    CHECK((held && held.one_scale && held.components == 5 && held.compare(4, 5) == std::partial_ordering::greater));
    CHECK(held.log_strengths[4] > held.log_strengths.segment(1, 3).maxCoeff());
    CHECK(held.log_strengths[0] < held.log_strengths.segment(1, 3).minCoeff());
    CHECK(std::abs(held.log_strengths.sum()) < 1e-13);
  }
  // A tie joins.
  c.add_tie(0, 4);
  CHECK(bradley_terry{}.fit(c).components == 3);
  // One item; items that never met.
  auto const nobody = bradley_terry{}.fit(comparisons(3));
  CHECK((nobody.components == 3 && nobody.log_strengths.isZero(0) && nobody.compare(0, 1) == std::partial_ordering::unordered));
  CHECK(
      (bradley_terry{}.fit(comparisons(1)).connected() && bradley_terry{.alpha = 1}.fit(comparisons(1)).log_strengths[0] == 0));
  CHECK(bradley_terry{.alpha = 1}.fit(comparisons(3)).log_strengths.isZero(1e-15));
}

TEST_CASE("bradley_terry with ties") {
  comparisons even(3);
  even.add_tie(0, 1, 2), even.add_tie(1, 2, 5), even.add_tie(2, 0);
  CHECK((bradley_terry{}.fit(even).connected() && bradley_terry{}.fit(even).log_strengths.isZero(1e-15)));
  bradley_terry const op{.ties = tie_model::davidson};
  auto const only = op.fit(even);
  CHECK((only && only.log_strengths.isZero(1e-15) && only.log_tie == infinity && only.probability(0, 1) == 0));
  // No ties: Bradley and Terry's own.
  comparisons c(2);
  c.add(0, 1, 3), c.add(1, 0);
  CHECK((op.fit(c).log_strengths[0] == bradley_terry{}.fit(c).log_strengths[0] && op.fit(c).log_tie == -infinity));
  // Two items: chances are frequencies.
  c.add_tie(0, 1, 4);
  auto const fit = op.fit(c);
  CHECK(fit.probability(0, 1) == Approx(3 / 8.).epsilon(1e-13));
  CHECK(fit.probability(1, 0) == Approx(1 / 8.).epsilon(1e-13));
  // A win and a tie: the more of each, the likelier. A cycle of wins ends that, and so does one with more wins than ties.
  comparisons open(2);
  open.add(0, 1), open.add_tie(0, 1);
  auto const separated = op.fit(open);
  CHECK((separated.status == strengths_status::no_finite_ties && !separated && std::isnan(separated.log_tie)));
  CHECK(separated.log_strengths[0] == Approx(std::log(3.) / 2).epsilon(1e-14));
  CHECK(bradley_terry{.ridge = .01, .ties = tie_model::davidson}.fit(open));
  comparisons cycle(3);
  cycle.add(0, 1), cycle.add(1, 2), cycle.add_tie(2, 0);
  CHECK((op.fit(cycle) && steepest(cycle, op.fit(cycle)) < 1e-9));
  // Two islands share nu; their strengths stay apart.
  comparisons islands(4);
  islands.add(0, 1, 3), islands.add(1, 0, 2), islands.add_tie(0, 1, 2), islands.add(2, 3), islands.add(3, 2, 4);
  auto const shared = op.fit(islands);
  CHECK((shared && shared.components == 2 && steepest(islands, shared) < 1e-9));
  // What was simulated is found.
  simulation s(5, 8, 2, .7);
  auto const many = s.battles(20000);
  auto const found = op.fit(many);
  auto const errors = op.covariance(many);
  CHECK(std::abs(found.log_tie - std::log(.7)) < 4 * errors.tie_standard_error);
  CHECK((errors.tie_standard_error > .01 && errors.tie_standard_error < .04));
  CHECK(((found.log_strengths - s.logs).array().abs() < 4 * errors.standard_errors.array()).all());
}

TEST_CASE("bradley_terry's errors are those of resamples") {
  for (auto const model : {tie_model::half_wins, tie_model::davidson}) {
    simulation s(3, 6, 2, .4);
    auto const c = s.battles(1500);
    bradley_terry const op{.ties = model};
    auto const errors = op.covariance(c);
    Eigen::MatrixXd const drawn = op.bootstrap(c, 200, 42);
    REQUIRE(drawn.allFinite());
    CHECK(drawn == op.bootstrap(c, 200, 42));
    CHECK(drawn != op.bootstrap(c, 200, 43));
    CHECK(drawn.topRows(50) == op.bootstrap(c, 50, 42));
    Eigen::VectorXd const mean = drawn.colwise().mean();
    CHECK(((mean - op.fit(c).log_strengths).array().abs() < .3 * errors.standard_errors.array()).all());
    for (Index i = 0; i < 6; ++i) {
      double const spread = std::sqrt((drawn.col(i).array() - mean[i]).square().sum() / 199);
      CHECK(spread == Approx(errors.standard_errors[i]).epsilon(.25));
    }
    CHECK(errors.covariance.rowwise().sum().norm() < 1e-12);
  }
  // Two items: the error of log odds.
  comparisons c;
  c.add(0, 1, 30), c.add(1, 0, 10);
  CHECK(bradley_terry{}.covariance(c).standard_errors[0] == Approx(std::sqrt(1 / 30. + 1 / 10.) / 2).epsilon(1e-12));
  // With ties, (log wins - log losses) / 2 and log ties - (log wins + log losses) / 2 have the errors of logs of counts.
  c.add_tie(0, 1, 20);
  auto const three = bradley_terry{.ties = tie_model::davidson}.covariance(c);
  CHECK(three.standard_errors[1] == Approx(std::sqrt((1 / 30. + 1 / 10.) / 4)).epsilon(1e-12));
  CHECK(three.tie_standard_error == Approx(std::sqrt(1 / 20. + (1 / 30. + 1 / 10.) / 4)).epsilon(1e-12));
  // Held strengths are centred, and so are their errors.
  c.add(1, 2), c.add(2, 0, 5);
  CHECK(bradley_terry{.alpha = 2}.covariance(c).covariance.rowwise().sum().norm() < 1e-15);
  // A single upset is drawn or not: without it there are no finite strengths.
  comparisons upset(3);
  upset.add(0, 1, 20), upset.add(1, 0), upset.add(1, 2, 20);
  Eigen::MatrixXd const drawn = bradley_terry{}.bootstrap(upset, 60, 1);
  auto const lost = drawn.col(0).array().isNaN().count();
  CHECK((lost > 10 && lost < 40));
  CHECK(drawn.col(2).isZero(0));
  CHECK(bradley_terry{.alpha = .1}.bootstrap(upset, 60, 1).allFinite());
}

TEST_CASE("bradley_terry fits covariates beside strengths") {
  for (auto const model : {tie_model::half_wins, tie_model::davidson}) {
    simulation s(8, 6, 2, .5);
    int const n = 3000;
    std::vector<int> winners, losers, tied;
    Eigen::MatrixXd z(n, 2);
    Eigen::Vector2d const truth(.6, -30);
    for (int k = 0; k < n; ++k) {
      auto const i = static_cast<Index>(s.random.below(6)), j = (i + 1 + static_cast<Index>(s.random.below(5))) % 6;
      Eigen::Vector2d const row(s.uniform() < .5 ? 1 : -1, (std::floor(5 * s.uniform()) - 2) / 100);
      double const gap = s.logs[i] - s.logs[j] + truth.dot(row), a = std::exp(gap),
                   t = model == tie_model::davidson ? .5 * std::exp(gap / 2) : 0, u = s.uniform() * (a + 1 + t);
      bool const wins = u < a;
      winners.push_back(static_cast<int>(wins ? i : j)), losers.push_back(static_cast<int>(wins ? j : i));
      tied.push_back(u >= a + 1), z.row(k) = (wins ? 1 : -1) * row.transpose();
    }
    covariate_comparisons const c(winners, losers, tied, z);
    CHECK(c.pairs().size() == 150);
    bradley_terry const op{.ties = model};
    auto const fit = op.fit(c);
    auto const errors = op.covariance(c);
    REQUIRE((fit && fit.connected() && fit.coefficients.size() == 2));
    CHECK(fit.gradient_norm < 1e-14);
    for (Index j = 0; j < 2; ++j)
      CHECK(std::abs(fit.coefficients[j] - truth[j]) < 4 * std::sqrt(errors.coefficient_covariance(j, j)));
    CHECK(errors.coefficient_covariance(0, 0) < .01);
    CHECK(((fit.log_strengths - s.logs).array().abs() < 4 * errors.standard_errors.array()).all());
    // The likelihood, comparison by comparison, is flat there.
    auto const likelihood_of = [&](Eigen::VectorXd const& x, Eigen::VectorXd const& b, double tie) {
      double sum = 0;
      for (int k = 0; k < n; ++k) {
        auto const at = static_cast<std::size_t>(k);
        double const gap = x[winners[at]] - x[losers[at]] + z.row(k).dot(b),
                     all = std::exp(gap / 2) + std::exp(-gap / 2) + std::exp(tie);
        sum += (tied[at] == 0 ? gap / 2 : model == tie_model::davidson ? tie : 0) - std::log(all);
      }
      return sum / n;
    };
    double const h = 1e-5;
    for (Index j = 0; j < 9; ++j) {
      auto up = fit, down = fit;
      if (j < 6) up.log_strengths[j] += h, down.log_strengths[j] -= h;
      if (j == 6 || j == 7) up.coefficients[j - 6] += h, down.coefficients[j - 6] -= h;
      if (j == 8 && model == tie_model::davidson) up.log_tie += h, down.log_tie -= h;
      CHECK(std::abs(likelihood_of(up.log_strengths, up.coefficients, up.log_tie) -
                     likelihood_of(down.log_strengths, down.coefficients, down.log_tie)) /
                (2 * h) <
            1e-9);
    }
    // Errors are those of resamples; other units are only other units.
    Eigen::MatrixXd const drawn = op.bootstrap(c, 100, 5);
    for (Index i = 0; i < 6; ++i) {
      double const spread = std::sqrt((drawn.col(i).array() - drawn.col(i).mean()).square().sum() / 99);
      CHECK(spread == Approx(errors.standard_errors[i]).epsilon(.25));
    }
    auto const scaled = op.fit(covariate_comparisons(winners, losers, tied, 1e6 * z));
    CHECK((scaled.coefficients * 1e6 - fit.coefficients).norm() < 1e-10);
    // Covariates that say nothing change nothing.
    comparisons plain;
    plain.add_all(winners, losers, tied);
    auto const nothing = op.fit(covariate_comparisons(winners, losers, tied, 0 * z));
    CHECK((nothing && nothing.coefficients.isZero(0)));
    CHECK((nothing.log_strengths - op.fit(plain).log_strengths).norm() < 1e-12);
    CHECK_THROWS_WITH(
        covariate_comparisons(winners, losers, tied, z.topRows(5)),
        Catch::Contains("covariate_comparisons: needs a row of covariates for each comparison (comparisons = 3000"));
    z(7, 1) = nan;
    CHECK_THROWS_WITH(covariate_comparisons(winners, losers, tied, z),
                      Catch::Contains("needs finite covariates (comparison = 7)"));
  }
  // A covariate that decides everything has no finite coefficient, until it is held.
  std::vector<int> const winners{0, 1, 0, 1}, losers{1, 0, 1, 0}, tied{0, 0, 0, 0};
  covariate_comparisons const decided(winners, losers, tied, Eigen::Vector4d(1, 2, 1, 1));
  CHECK(bradley_terry{}.fit(decided).status == strengths_status::not_converged);
  CHECK(bradley_terry{.ridge = .1}.fit(decided));
}

TEST_CASE("binomial draws have their distribution") {
  detail::generator random(9);
  for (auto const& [n, p] : {std::pair{40., .02}, {40., .4}, {1000., .9}, {1e6, .3}, {12., .999}}) {
    double sum = 0, squares = 0, third = 0;
    int const draws = 4000;
    for (int k = 0; k < draws; ++k) {
      double const x = detail::binomial_draw(n, p, random), z = (x - n * p) / std::sqrt(n * p * (1 - p));
      if (!(x >= 0 && x <= n && x == std::floor(x))) FAIL("not a count: " << x);
      sum += z, squares += z * z, third += z * z * z;
    }
    double const skew = (1 - 2 * p) / std::sqrt(n * p * (1 - p));
    CHECK(std::abs(sum / draws) < .06);
    CHECK(squares / draws == Approx(1).epsilon(std::abs(skew) > 1 ? .5 : .1));
    CHECK(third / draws == Approx(skew).margin(std::abs(skew) > 1 ? 9 : .35));
  }
  // Every count of a small one, each as often as it should be.
  std::vector<int> seen(31, 0);
  for (int k = 0; k < 20000; ++k) ++seen[static_cast<std::size_t>(detail::binomial_draw(30, .45, random))];
  double distance = 0;
  for (int k = 5; k <= 22; ++k) {
    double const log_chance = std::lgamma(31.) - std::lgamma(k + 1.) - std::lgamma(31. - k) + k * std::log(.45) +
                              (30 - k) * std::log(.55),
                 wanted = 20000 * std::exp(log_chance), off = seen[static_cast<std::size_t>(k)] - wanted;
    distance += off * off / wanted;
  }
  CHECK(distance < 45);  // chi-square of 18 cells
}

TEST_CASE("bradley_terry refuses what it cannot fit") {
  comparisons fixed(3);
  fixed.add(0, 1);
  CHECK_THROWS_WITH(bradley_terry{}.fit(comparisons{}), "bradley_terry: needs at least one item (items = 0)");
  CHECK_THROWS_WITH(bradley_terry{.alpha = -1}.fit(fixed), "bradley_terry: needs a finite alpha >= 0 (alpha = -1)");
  CHECK_THROWS_AS(bradley_terry{.alpha = nan}.fit(fixed), bad_input);
  CHECK_THROWS_AS(bradley_terry{.ridge = infinity}.covariance(fixed), bad_input);
  CHECK_THROWS_AS(bradley_terry{}.bootstrap(fixed, 0, 1), bad_input);
  CHECK_THROWS_WITH(bradley_terry{}.fit(fixed).compare(0, 3), Catch::Contains("needs items in 0..items-1 (item = 3"));
  CHECK(describe(bradley_terry{.ties = tie_model::davidson}) == "bradley_terry{.ties = davidson}");
}

}  // namespace
}  // namespace bradley_terry_test

TEST_CASE("strengths: what wins reach between components") {
  robagg::comparisons c(4);  // 0 above 1 above 2, and 3 met nobody
  c.add(0, 1), c.add(1, 2);
  auto const fit = robagg::bradley_terry{}.fit(c);
  REQUIRE(fit.components == 4);
  for (robagg::Index i = 0; i < 4; ++i) {
    auto const reached = fit.reached_from(fit.component[static_cast<std::size_t>(i)]);
    for (robagg::Index j = 0; j < 4; ++j) {
      bool const expected = i == j || (i < j && j < 3);
      CHECK(reached[static_cast<std::size_t>(fit.component[static_cast<std::size_t>(j)])] == expected);
      if (i != j) CHECK((fit.compare(i, j) == std::partial_ordering::greater) == expected);
    }
  }
  CHECK_THROWS_AS(fit.reached_from(4), robagg::bad_input);
  CHECK_THROWS_AS(fit.reached_from(-1), robagg::bad_input);
}
