// SPDX-License-Identifier: BSL-1.0
// Densities by hand, and choices inside what is known.
#include "laws.hpp"

#include <robagg/mixture/density_guard.hpp>

using namespace robagg_test;
using robagg::density_guard;

TEST_CASE("densities by hand") {
  matrix const x{{0}, {.1}, {.2}, {.9}}, queries{{.15}, {.55}};
  density_guard guard{.sigma = .2, .quantile = .25, .leave_one_out = false, .rescale = false};
  auto const with = guard.fit(x);
  CHECK((with.densities - Eigen::Vector4d(1.241, 1.379, 1.242, .500)).cwiseAbs().maxCoeff() < 1e-3);
  CHECK(std::abs(with.threshold - 1.0559) < 5e-5);
  CHECK((with.density(queries) - Eigen::Vector2d(1.3435, .2667)).cwiseAbs().maxCoeff() < 5e-5);
  CHECK(with.supports(queries) == std::vector<char>{1, 0});
  guard.leave_one_out = true;
  auto const without = guard.fit(x);
  CHECK((without.densities - Eigen::Vector4d(.990, 1.174, .992, .0017)).cwiseAbs().maxCoeff() < 6e-4);
  CHECK(std::abs(without.threshold - (.75 * without.densities(0) + .25 * without.densities(3))) <= 1e-15);
  // The best of what is supported, or nothing.
  std::vector<double> const scores = {1, 9};
  CHECK(with.best(queries, scores) == 0);
  CHECK(with.best(matrix{{5}, {7}}, scores) == -1);
  CHECK(with.densest(matrix{{5}, {2}, {7}}) == 1);
  CHECK(with.densest(matrix(0, 1)) == -1);
  CHECK(with.best(matrix{{.1}, {.1}, {.1}}, std::vector<double>{not_a_number, 2, 2}) == 1);
  CHECK(with.best(matrix{{.1}}, std::vector<double>{not_a_number}) == -1);
}

TEST_CASE("features count by their range") {
  matrix const x{{0, 5}, {10, 5}, {5, 5}};
  auto const s = density_guard{.leave_one_out = false}.fit(x);
  CHECK(s.points == matrix{{-1, 0 + 5}, {1, 5}, {0, 5}});  // one without range is as it is
  double const near = std::exp(-.5 / .535 / .535), far = std::exp(-2 / .535 / .535);
  CHECK(std::abs(s.densities(2) - (1 + 2 * near) / 3 / (.535 * std::sqrt(2 * std::acos(-1)))) <= 1e-15);
  CHECK(std::abs(s.densities(0) - (1 + near + far) / 3 / (.535 * std::sqrt(2 * std::acos(-1)))) <= 1e-15);
  // Any units: the same support.
  matrix const data = gauss(60, 3, 5), asked = gauss(40, 3, 6) * 1.5;
  Eigen::Array3d const factor(8, .25, 1024);
  auto const scaled = [&](matrix const& m) { return matrix(m.array().rowwise() * factor.transpose()); };
  CHECK(density_guard{}.fit(data).supports(asked) == density_guard{}.fit(scaled(data)).supports(scaled(asked)));
  // 5 % of 60 points of their own are below.
  auto const own = density_guard{.leave_one_out = false}.fit(data).supports(data);
  CHECK(std::count(own.begin(), own.end(), 1) == 57);
  CHECK(density_guard{.quantile = 0, .leave_one_out = false}.fit(data).supports(data) == std::vector<char>(60, 1));
  matrix const huge{{-1e308}, {1e308}, {0}};
  CHECK(density_guard{}.fit(huge).densities.allFinite());
  CHECK(density_guard{.rescale = false}.fit(huge).densities.isZero());
}

TEST_CASE("guards refuse what is no data") {
  matrix const x = gauss(4, 2);
  auto const says = [](density_guard const& op, matrix const& data, char const* rule) {
    CHECK_THROWS_WITH(op.fit(data), Catch::Contains(rule));
  };
  for (double const bad : {0., -1., not_a_number, infinity}) says({.sigma = bad}, x, "density_guard: needs a finite sigma > 0");
  for (double const bad : {-.1, 1.1, not_a_number}) says({.quantile = bad}, x, "needs 0 <= quantile <= 1");
  says({}, x.topRows(1), "needs two points or more to leave one out");
  CHECK_NOTHROW(density_guard{.leave_one_out = false}.fit(x.topRows(1)));
  says({}, matrix(0, 2), "needs at least one report");
  for (double const bad : {not_a_number, infinity}) {
    says({}, matrix{{1, 2}, {3, bad}}, "needs finite features");
    CHECK_THROWS_WITH(density_guard{}.fit(x).density(matrix{{1, bad}}), Catch::Contains("needs finite features"));
  }
  CHECK_THROWS_WITH(density_guard{}.fit(x).density(matrix(1, 3)), Catch::Contains("needs the features of its data"));
  CHECK_THROWS_WITH(density_guard{}.fit(x).best(x, std::vector<double>{1}), Catch::Contains("needs a score for each point"));
}
