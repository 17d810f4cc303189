// SPDX-License-Identifier: BSL-1.0
// The pinball loss: values by hand, refusals.
#include "laws.hpp"

using namespace robagg_test;
using robagg::pinball;

TEST_CASE("pinball losses by hand") {
  std::vector<double> const levels{.25, .5, .75}, y{2};
  CHECK(difference(pinball{levels}(matrix{{0, 1, 3}}, y), matrix{{.5, .5, .25}}) <= 1e-15);
}

TEST_CASE("pinball agrees with what it is, for every kind of table") {
  numbers random(3);
  for (Index const r : {1, 2, 5, 9, 23}) {
    std::vector<double> levels, y;
    matrix q = 3 * gauss(17, r, 4);
    for (Index k = 0; k < r; ++k) levels.push_back(.02 + .96 * random.uniform());  // in any order
    for (Index i = 0; i < 17; ++i) y.push_back(i % 5 == 0 ? q(i, 0) : 1e3 * random.gauss());
    q(3, 0) = not_a_number, y[4] = not_a_number, q(6, r - 1) = 1e300;
    robagg::table<float> const floats = q.cast<float>();
    Eigen::MatrixXd const by_columns = q;
    matrix const losses = pinball{levels}(q, y), in_floats = pinball{levels}(floats, y);
    CHECK(same_bits(pinball{levels}(by_columns, y), losses));
    for (Index i = 0; i < 17; ++i) {
      for (Index k = 0; k < r; ++k) {
        auto const right = [&](double forecast) {
          auto const tau = levels[static_cast<std::size_t>(k)], outcome = y[static_cast<std::size_t>(i)];
          return outcome >= forecast ? tau * (outcome - forecast) : (1 - tau) * (forecast - outcome);
        };
        INFO("row " << i << ", level " << k << " of " << r);
        bool const missing = i == 4 || (i == 3 && k == 0);
        CHECK(std::isnan(losses(i, k)) == missing);
        if (missing) continue;
        CHECK(losses(i, k) >= 0);
        CHECK(std::abs(losses(i, k) - right(q(i, k))) <= 1e-14 * right(q(i, k)));
        if (std::abs(q(i, k)) < 1e30) {
          double const f = right(static_cast<double>(floats(i, k)));
          CHECK(std::abs(in_floats(i, k) - f) <= 1e-14 * f);
        }
      }
    }
  }
  std::vector<double> const half{.5}, one{3};
  Eigen::Matrix<int, 1, 1> whole;  // losses of 2.5 and 3.5 are rounded to even
  robagg::workspace ws;
  pinball{half}.into(matrix{{-2.}}, one, whole, ws);
  CHECK(whole(0, 0) == 2);
}

TEST_CASE("pinball refuses levels and outcomes that do not fit, and writes nothing") {
  matrix const q{{1, 2}}, nothing(0, 2);
  matrix out = matrix::Constant(1, 2, 7);
  robagg::workspace ws;
  auto const refused = [&](std::vector<double> const& levels, std::vector<double> const& y, std::string const& sentence) {
    CHECK_THROWS_WITH((pinball{levels}.into(q, y, out, ws)), Catch::Contains(sentence));
    CHECK(out == matrix::Constant(1, 2, 7));
  };
  for (double const level : {0., 1., -.5, 2., not_a_number})
    refused({.5, level}, {1}, "pinball: needs levels in (0, 1) (column = 1");
  refused({.5}, {1}, "needs a level for each column (levels = 1, columns = 2)");
  refused({.1, .5}, {1, 2}, "needs an outcome for each row (rows = 1, outcomes = 2)");
  std::vector<double> const levels{.1, .5}, none;
  CHECK(pinball{levels}(nothing, none).rows() == 0);
}

TEST_CASE("pinball refuses forecasts without a level each") {
  std::vector<double> const uneven{.1, .5, .8};
  check_call_refused(pinball{uneven}, [](auto const& op) { op(gauss(50, 7, 2), std::vector<double>(50)); },
                     {"pinball: needs a level for each column"});
}
