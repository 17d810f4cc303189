// SPDX-License-Identifier: BSL-1.0
// The weighted interval score: values by hand, rows of every width, its parts.
#include "laws.hpp"

using namespace robagg_test;
using robagg::weighted_interval_score;

TEST_CASE("weighted interval scores by hand") {
  std::vector<double> const levels{.25, .5, .75}, y{2}, high{4};
  matrix const q{{0, 1, 3}};
  auto const parts = weighted_interval_score{levels}.parts(q, high)[0];
  CHECK((std::abs(parts.score - 13 / 6.) <= 1e-15 && parts.dispersion == .5 &&
         std::abs(parts.underprediction - 5 / 3.) <= 1e-15 && parts.overprediction == 0));
  CHECK(std::abs(weighted_interval_score{levels, 1}(q, high)[0] - 2.375) <= 1e-15);
  CHECK(weighted_interval_score{levels}(matrix{{7, 7, 7}}, y)[0] == 5);  // a point: the distance
  CHECK(std::isnan(weighted_interval_score{levels}(matrix{{0, not_a_number, 3}}, y)[0]));
}

TEST_CASE("scores of rows of every width") {
  numbers random(11);
  for (Index d = 1; d <= 40; ++d) {
    std::vector<double> tau, y{.3, -2, not_a_number};
    for (Index k = 0; k < d; ++k) tau.push_back((static_cast<double>(k) + 1) / (static_cast<double>(d) + 1));
    robagg::table<float> q(3, d);
    for (Index i = 0; i < q.size(); ++i) q.data()[i] = static_cast<float>(random.gauss());
    matrix const wide = q.cast<double>();
    auto const score = weighted_interval_score{tau}(q, y), same = weighted_interval_score{tau}(wide, y);
    matrix const losses = robagg::pinball{tau}(wide, y);
    CAPTURE(d);
    for (Index i = 0; i < 2; ++i) {
      CHECK(std::abs(score[i] - 2 * losses.row(i).mean()) <= 1e-14);
      CHECK(std::abs(same[i] - score[i]) <= 1e-14);
    }
    CHECK(std::isnan(score[2]));
    q(1, d - 1) = std::numeric_limits<float>::quiet_NaN();
    CHECK(std::isnan(weighted_interval_score{tau}(q, y)[1]));
    Eigen::MatrixXf const columns = q;
    CHECK(weighted_interval_score{tau}(columns, y)[0] == score[0]);
  }
}

TEST_CASE("the weighted interval score is twice the mean pinball loss and the sum of its parts") {
  std::vector<double> const levels{.05, .2, .4, .5, .6, .8, .95};
  matrix q = gauss(50, 7, 2);
  q = robagg::rearrange{}(q);
  std::vector<double> y;
  for (Index i = 0; i < 50; ++i) y.push_back(gauss(1, 50, 3)(0, i) * 2);
  auto const parts = weighted_interval_score{levels}.parts(q, y);
  auto const score = weighted_interval_score{levels}(q, y);
  matrix const loss = robagg::pinball{levels}(q, y);
  for (Index i = 0; i < 50; ++i) {
    auto const& s = parts[static_cast<std::size_t>(i)];
    CHECK(std::abs(score[i] - 2 * loss.row(i).mean()) <= 1e-14);
    CHECK(std::abs(score[i] - s.score) <= 1e-14);
    CHECK(std::abs(s.dispersion + s.overprediction + s.underprediction - s.score) <= 1e-14);
  }
  std::vector<double> const uneven{.1, .5, .8}, one{1};
  auto const refused = [&](auto const& op, auto const& call, char const* rule) { check_call_refused(op, call, {rule}); };
  refused(
      weighted_interval_score{uneven}, [&](auto const& op) { op.parts(matrix{{1, 2, 3}}, one); },
      "needs a level 1 - tau for each level tau");
  refused(
      weighted_interval_score{levels}, [&](auto const& op) { op.parts(matrix{{1, 2, 3, 4, 5, 7, 6}}, one); },
      "needs quantiles that do not cross");
  refused(weighted_interval_score{levels}, [&](auto const& op) { op(q, one); }, "needs an outcome for each row");
}
