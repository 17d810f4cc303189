// SPDX-License-Identifier: BSL-1.0
#include "laws.hpp"

using namespace robagg_test;
using robagg::soft_argmax;

namespace {
Eigen::VectorXd soft(std::vector<double> const& q, double temperature) { return soft_argmax{.temperature = temperature}(q); }
double total_variation(std::vector<double> const& p, std::vector<double> const& q, double temperature) {
  return (soft(p, temperature) - soft(q, temperature)).cwiseAbs().sum() / 2;
}
}  // namespace

TEST_CASE("soft argmax is proportional to exponentials") {
  auto const w = soft({1, 2, 0}, .5);
  double const sum = std::exp(2.) + std::exp(4.) + 1;
  CHECK(std::abs(w(0) - std::exp(2.) / sum) < 1e-15);
  CHECK(std::abs(w(1) - std::exp(4.) / sum) < 1e-15);
  CHECK(std::abs(w.sum() - 1) < 1e-15);
  CHECK(soft({1e308, 1e308, -1e308}, 1)(1) == .5);
  CHECK(soft_argmax{.temperature = 1}(Eigen::VectorXf{{0, 0}})(0) == .5);
}

TEST_CASE("it does not jump where the best position does") {
  std::vector<double> const p = {1, 1, .2}, q = {.99, 1.01, .2};
  CHECK((robagg::best{}(p) == 0 && robagg::best{}(q) == 1));
  for (auto const& [temperature, moved] : {std::pair{.01, .3808}, {.1, .0498}, {1., .0041}}) {
    CHECK(std::abs(total_variation(p, q, temperature) - moved) < 5e-5);
    CHECK(total_variation(p, q, temperature) <= .01 / (2 * temperature) * (1 + 1e-12));
  }
}

TEST_CASE("its Lipschitz bound") {
  robagg::detail::generator next(3);
  auto const uniform = [&] { return static_cast<double>(next() >> 11) * 0x1p-52 - 1; };
  for (int trial = 0; trial < 500; ++trial) {
    std::size_t const d = 1 + next() % 8;
    double const temperature = .05 + std::abs(uniform()), step = std::abs(uniform());
    std::vector<double> p, q;
    for (std::size_t i = 0; i < d; ++i) p.push_back(uniform()), q.push_back(p.back() + step * (next() % 2 == 0 ? 1 : -1));
    CHECK(total_variation(p, q, temperature) <= step / (2 * temperature) + 1e-15);
  }
}

TEST_CASE("hostile scores") {
  CHECK(soft({not_a_number, 0, 0}, 1) == Eigen::Vector3d(0, .5, .5));
  CHECK(soft({infinity, 5, infinity}, 1) == Eigen::Vector3d(.5, 0, .5));
  CHECK(soft({-infinity, 5, not_a_number}, 1) == Eigen::Vector3d(0, 1, 0));
  CHECK(soft({-infinity, -infinity}, 1) == Eigen::Vector2d(.5, .5));
  CHECK_THROWS_AS(soft({}, 1), robagg::bad_input);
  CHECK_THROWS_AS(soft({not_a_number}, 1), robagg::bad_input);
  CHECK_THROWS_AS(soft({1}, 0), robagg::bad_input);
  CHECK_THROWS_AS(soft({1}, infinity), robagg::bad_input);
}
