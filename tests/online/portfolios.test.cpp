// SPDX-License-Identifier: BSL-1.0
// Portfolios: by hand, their identities and bounds, and what is refused.
#include "sequences.hpp"

#include <algorithm>

using namespace robagg_test;

namespace {
// Log wealth of the best portfolio with constant weights of two assets, to a grid.
double best_constant(matrix const& x) {
  double best = -infinity;
  for (int i = 0; i <= 2000; ++i) {
    double const b = i / 2000.;
    best = std::max(best, (b * x.col(0).array() + (1 - b) * x.col(1).array()).log().sum());
  }
  return best;
}
std::vector<matrix> markets(Index rounds, Index assets) {
  std::vector<matrix> all = {matrix::Ones(rounds, assets), (gauss(rounds, assets, 3).array() / 4).exp().matrix(),
                             (gauss(rounds, assets, 4).array() * 3).exp().matrix()};
  matrix x(rounds, assets);
  for (Index t = 0; t < rounds; ++t) {
    for (Index k = 0; k < assets; ++k) x(t, k) = (t + k) % 2 == 0 ? 2 : .5;
  }
  all.push_back(x);
  for (Index t = 0; t < rounds; ++t) x.row(t).setConstant(1), x(t, 0) = 1e-6;
  all.push_back(x);
  return all;
}
template <class State>
void check_portfolio(State state, auto unpack) {
  auto const bytes = state.pack();
  State back = unpack(bytes);
  CHECK(back.pack() == bytes);
  CHECK((back.weights() == state.weights()).all());
  CHECK(back.log_wealth() == state.log_wealth());
  numbers random(6);
  for (std::size_t b = 0; b < bytes.size(); b += 1 + bytes.size() / 60) {
    auto broken = bytes;
    broken[b] ^= std::byte{16};
    CHECK_THROWS_AS(unpack(broken), robagg::bad_input);
    CHECK_THROWS_AS(unpack(std::vector<std::byte>(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(b))),
                    robagg::bad_input);
  }
  for (int trial = 0; trial < 200; ++trial) {
    auto forged = bytes;
    double const values[] = {not_a_number, infinity, -infinity, 1e308, -1, 0, 1e-310, 2};
    auto const bits =
        trial % 2 == 0 ? std::bit_cast<std::uint64_t>(values[random.below(8)]) : static_cast<std::uint64_t>(random.below(5000));
    auto const at = 9 + static_cast<std::size_t>(random.below(static_cast<Index>(bytes.size()) - 26));
    for (std::size_t i = 0; i < 8; ++i) forged[at + i] = static_cast<std::byte>(bits >> 8 * i & 0xff);
    std::size_t const body = forged.size() - 8;
    auto const sum = robagg::detail::checksum(std::span(forged).first(body));
    for (std::size_t i = 0; i < 8; ++i) forged[body + i] = static_cast<std::byte>(sum >> 8 * i & 0xff);
    try {
      State odd = unpack(forged);
      odd.update(Eigen::VectorXd::Ones(odd.assets()));
      CHECK(odd.weights().isFinite().all());
    } catch (robagg::bad_input const&) {}
  }
  auto const n = state.assets();
  CHECK_THROWS_WITH(state.update(Eigen::VectorXd::Ones(n + 1)), Catch::Contains("needs a relative for each asset"));
  for (double const bad : {0., -1., not_a_number, infinity, 1e101}) {
    Eigen::VectorXd x = Eigen::VectorXd::Ones(n);
    x(n - 1) = bad;
    CHECK_THROWS_WITH(state.update(x), Catch::Contains("needs relatives > 0 and finite"));
  }
  CHECK(state.pack() == bytes);
}
}  // namespace

TEST_CASE("buy and hold has the mean of the wealths") {
  for (matrix const& x : markets(40, 3)) {
    robagg::portfolio_state folio(robagg::wealth_proportional{}, 3);
    for (Index t = 0; t < x.rows(); ++t) {
      folio.update(x.row(t));
      Eigen::ArrayXd const wealth = x.topRows(t + 1).array().log().colwise().sum().transpose().exp();
      CHECK(std::abs(folio.wealth() - wealth.mean()) <= 1e-11 * wealth.mean());
      CHECK((folio.weights() - wealth / wealth.sum()).abs().maxCoeff() <= 1e-12);
      for (Index k = 0; k < 3; ++k) {
        CHECK(folio.regrets()(k) <= folio.bound(k) + 1e-9);
        CHECK(std::abs(folio.regrets()(k) - (std::log(wealth(k)) - folio.log_wealth())) <= 1e-10);
      }
    }
    check_portfolio(folio, [](auto const& b) { return robagg::portfolio_state<robagg::wealth_proportional>::unpack(b); });
  }
  std::vector<double> const prior = {3, 1};
  robagg::portfolio_state folio(robagg::wealth_proportional{.power = 2}, 2, prior);
  CHECK(std::abs(folio.update(Eigen::Vector2d(2, 1)) - 1.75) <= 1e-15);
  CHECK(std::abs(folio.weights()(0) - 12. / 13) <= 1e-15);
  CHECK(folio.bound(0) == infinity);
  CHECK_THROWS_WITH(robagg::portfolio_state(robagg::wealth_proportional{.power = 0}, 2), Catch::Contains("needs a power > 0"));
  CHECK_THROWS_WITH(robagg::portfolio_state(robagg::wealth_proportional{}, 0), Catch::Contains("needs at least one expert"));
}

TEST_CASE("the exponentiated portfolio pays no more than its bound over the best constant portfolio") {
  robagg::portfolio_state hand(robagg::exponentiated_portfolio{}, 2);
  CHECK(hand.update(Eigen::Vector2d(2, .5)) == 1.25);
  CHECK(std::abs(hand.weights()(0) - 1 / (1 + std::exp(.05 * (.4 - 1.6)))) <= 1e-15);
  CHECK(std::abs(hand.weights()(0) - .5149955016) <= 1e-9);
  for (double const rate : {.05, 1., 20.}) {
    for (matrix const& x : markets(60, 2)) {
      robagg::portfolio_state folio(robagg::exponentiated_portfolio{rate}, 2);
      for (Index t = 0; t < x.rows(); ++t) {
        folio.update(x.row(t));
        if (t % 7 != 3) continue;
        double const paid = best_constant(x.topRows(t + 1)) - folio.log_wealth();
        CHECK(paid <= folio.regret() + 1e-9);
        CHECK(folio.regret() <= folio.bound(0) + 1e-9);
      }
      check_portfolio(folio, [](auto const& b) { return robagg::portfolio_state<robagg::exponentiated_portfolio>::unpack(b); });
    }
  }
  CHECK_THROWS_WITH(robagg::portfolio_state(robagg::exponentiated_portfolio{0}, 2), Catch::Contains("needs a rate > 0"));
}

TEST_CASE("the universal portfolio of two assets is exact") {
  robagg::universal_portfolio folio(2);
  CHECK((folio.weights() == .5).all());
  CHECK(folio.update(Eigen::Vector2d(2, .5)) == 1.25);
  CHECK((folio.weights() - Eigen::Array2d(.6, .4)).abs().maxCoeff() <= 1e-15);
  folio.update(Eigen::Vector2d(.5, 2));
  CHECK(std::abs(folio.wealth() - 1.375) <= 1e-15);
  CHECK(folio.exact());
  CHECK(folio.error() == 0);
  for (matrix const& x : markets(60, 2)) {
    robagg::universal_portfolio one(2, 1000, 1, 60);
    int const pieces = 4000;
    std::vector<long double> wealth(pieces + 1, 1);  // of each constant portfolio
    for (Index t = 0; t < x.rows(); ++t) {
      one.update(x.row(t));
      // The integral of wealth by Simpson's rule.
      long double sum = 0, first = 0, best = 0;
      for (int i = 0; i <= pieces; ++i) {
        long double const b = static_cast<long double>(i) / pieces;
        long double& own = wealth[static_cast<std::size_t>(i)];
        own *= b * static_cast<long double>(x(t, 0)) + (1 - b) * static_cast<long double>(x(t, 1));
        long double const w = (i == 0 || i == pieces ? 1 : i % 2 == 1 ? 4 : 2) * own / (3.L * pieces);
        sum += w;
        first += w * b;
        best = std::max(best, own);
      }
      CHECK(static_cast<double>(std::log(best)) - one.log_wealth() <= one.bound() + 1e-9);
      CHECK(std::abs(one.log_wealth() - static_cast<double>(std::log(sum))) <= 1e-6);
      CHECK(std::abs(one.weights()(0) - static_cast<double>(first / sum)) <= 1e-6);
    }
    check_portfolio(one, [](auto const& b) { return robagg::universal_portfolio::unpack(b); });
  }
  // Long, and far apart: no overflow.
  robagg::universal_portfolio far(2);
  for (int t = 0; t < 500; ++t) far.update(Eigen::Vector2d(1e90, 1e-90));
  CHECK(far.weights()(0) > .99);
  CHECK(std::abs(far.log_wealth() - (500 * 90 * std::log(10.) - std::log(501.))) <= 1e-6);
}

TEST_CASE("the universal portfolio of more assets is a sample, as far off as it says") {
  matrix const x = markets(20, 3)[1];
  // Exactly, for three assets: a fine grid of the triangle.
  double sum = 0, count = 0;
  int const steps = 200;
  for (int i = 0; i < steps; ++i) {
    for (int j = 0; i + j < steps; ++j) {
      Eigen::Vector3d const b((i + 1. / 3) / steps, (j + 1. / 3) / steps, 1 - (i + j + 2. / 3) / steps);
      sum += (x * b).array().prod(), count += 1;
    }
  }
  double off = 0, claimed = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    robagg::universal_portfolio folio(3, 500, seed);
    for (Index t = 0; t < x.rows(); ++t) folio.update(x.row(t));
    off += std::pow(folio.wealth() / (sum / count) - 1, 2) / 20, claimed += std::pow(folio.error(), 2) / 20;
    CHECK(folio.wealth() > 0);
  }
  CHECK(off < 4 * claimed);
  CHECK(off > claimed / 4);
  robagg::universal_portfolio folio(3, 50, 7), same(3, 50, 7), one(1, 10);
  folio.update(x.row(0)), same.update(x.row(0)), one.update(Eigen::VectorXd::Constant(1, 3));
  CHECK(folio.pack() == same.pack());
  CHECK(std::abs(folio.weights().sum() - 1) <= 1e-14);
  CHECK(std::abs(folio.bound() - 2 * std::log(2.)) <= 1e-15);
  CHECK(std::abs(one.wealth() - 3) <= 1e-14);
  check_portfolio(folio, [](auto const& b) { return robagg::universal_portfolio::unpack(b); });
  CHECK_THROWS_WITH(robagg::universal_portfolio(0),
                    Catch::Contains("universal_portfolio: needs 1 to 4096 assets (assets = 0)"));
  CHECK_THROWS_WITH(robagg::universal_portfolio(3, 1), Catch::Contains("needs at least two samples"));
}
