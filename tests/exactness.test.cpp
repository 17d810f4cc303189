// SPDX-License-Identifier: BSL-1.0
// Weights count exactly and absent values are absent, at every number of rows: in registers, merged, and as long columns.
#include "laws.hpp"

#include <robagg/location/interior_trimmed_mean.hpp>

using namespace robagg_test;
using robagg::mean, robagg::median, robagg::quantile, robagg::skip_nan, robagg::trimmed_mean, robagg::weighted;

namespace {

template <class S, class Visit>
void for_column_rules(Visit const& visit) {
  auto const plain = [&](auto const& op, sums kind) {
    auto const s = weighted_subject_of<S>(op);
    visit(s, s, kind);
  };
  plain(mean{}, sums::exact);
  plain(quantile{.383}, sums::none);
  plain(robagg::uncertainty_weighted{.lambda = .5}, sums::exact);
  auto const with_f = [&](auto const& op, auto const& repeated) {
    visit(weighted_subject_of<S>(op), weighted_subject_of<S>(repeated), sums::exact);
  };
  with_f(trimmed_mean{1}, trimmed_mean{3});
  if constexpr (!std::is_same_v<S, Eigen::half>) {  // whose kernels are those of float
    plain(median{}, sums::none);
    plain(quantile{.p = .9, .rule = robagg::quantile_rule::inverse_cdf}, sums::none);
    plain(robagg::interquartile_mean{}, sums::exact);
    plain(robagg::sign_majority{}, sums::none);
    plain(robagg::worst_case{}, sums::none);
    plain(robagg::best_case{}, sums::none);
    plain(robagg::defensive{.floor_strength = 0}, sums::none);
    plain(robagg::uncertainty_weighted{.lambda = 1, .dispersion = robagg::dispersion::deviation}, sums::exact);
    plain(robagg::soft_min{2}, sums::rounded);
    plain(robagg::veto{.threshold = .5, .quorum = 2}, sums::none);
    plain(robagg::trimmed_mean_by_share{.25, .125}, sums::exact);
    plain(robagg::winsorized_mean_by_share{.25, .125}, sums::exact);
    plain(robagg::sigma_clipped_mean{.low = 1.5}, sums::exact);
    plain(robagg::sigma_clipped_mean{.high = 1, .spread = robagg::spread::absolute_deviation}, sums::exact);
    plain(robagg::huber{}, sums::exact);
    plain(robagg::biweight_location{}, sums::rounded);
    plain(robagg::median_absolute_deviation{}, sums::none);
    plain(robagg::quantile_range{.low = .1}, sums::none);
    with_f(robagg::winsorized_mean{1}, robagg::winsorized_mean{3});
    with_f(robagg::asymmetric_trimmed_mean{1, 0}, robagg::asymmetric_trimmed_mean{3, 0});
    with_f(robagg::mean_around_median{1}, robagg::mean_around_median{3});
    with_f(robagg::phocas{1}, robagg::phocas{3});
  }
}

}  // namespace

TEMPLATE_TEST_CASE("weights count exactly at every number of rows", "[long]", float, double, Eigen::half) {
  for (Index const n : {9, 17, 33, 300, 2048, 2049, 10'000}) {
    if (instrumented && n > 300 && n != 2049) continue;
    if (std::is_same_v<TestType, Eigen::half> && n > 300 && n != 2049) continue;
    for_column_rules<TestType>(
        [n](subject const& s, subject const& repeated, sums kind) { check_exactness(s, repeated, kind, n); });
  }
}

TEST_CASE("a million rows", "[long]") {
  if (instrumented) return;
  auto const s = weighted_subject_of<float>(trimmed_mean{1});
  check_exactness(s, weighted_subject_of<float>(trimmed_mean{3}), sums::exact, 1'000'000);
}

TEMPLATE_TEST_CASE("weights of geometric rules are repeated rows, and equal ones are none", "", float, double) {
  auto const check = [](subject const& s, subject const& repeated, double tolerance) {
    for (Index const n : {9, 17, 33, 120}) {
      if (instrumented && n > 33) continue;
      INFO(s.name << ", n = " << n);
      matrix const x = s.round(gauss(n, 20, 5));
      for (matrix const& y : s.equally_weighted(x)) CHECK(same_bits(y, s.of(x)));
      auto const w = small_weights(n, 7);
      double const gap = difference(s.weighted(x, w), repeated.of(pick(x, repeated_rows(w))));
      INFO("off by " << gap);
      CHECK(gap <= 10 * tolerance * magnitude(x));
    }
  };
  using S = TestType;
  double const rounding = 16 * static_cast<double>(std::numeric_limits<S>::epsilon());
  auto const alone = [&](auto const& op, double tolerance) {
    auto const s = weighted_subject_of<S>(op);
    check(s, s, tolerance);
  };
  alone(robagg::geometric_median{}, 1e-6);
  alone(robagg::geometric_median{.smoothing = .1, .tolerance = 1e-9}, 1e-9 + rounding);
  alone(robagg::centered_clipping{.radius = 2, .iterations = 5}, rounding);
  alone(robagg::norm_bounded_mean{3}, rounding);
  alone(robagg::clip{3} | median{}, rounding);
  alone(robagg::clip{3} | robagg::geometric_median{}, 1e-6);
  alone(robagg::flag_aggregator{.subspace = 2, .scale = robagg::scale::rows}, 1e-6);
  check(weighted_subject_of<S>(robagg::adaptive_clip{1} | mean{}), weighted_subject_of<S>(robagg::adaptive_clip{3} | mean{}),
        rounding);
  check(weighted_subject_of<S>(robagg::adaptive_clip{1} | trimmed_mean{1}),
        weighted_subject_of<S>(robagg::adaptive_clip{3} | trimmed_mean{3}), rounding);
}

TEST_CASE("sums that overflow in double are formed again, not cut off") {
  matrix const x = matrix{{1}, {1.2}, {1.4}, {1.6}} * 1e308;
  std::vector<int> const w = {1, 2, 2, 1};
  auto const gives = [&](auto const& op, double expected) {
    INFO(robagg::describe(op));
    std::vector<float> const equal(4, .3f);
    for (matrix const& y : {numbers_of(op(x)), numbers_of(op(skip_nan(x))), numbers_of(op(weighted(x, equal)))}) {
      CHECK(std::abs(y(0, 0) / 1e308 - expected) <= 1e-14);
    }
  };
  gives(mean{}, 1.3);
  gives(trimmed_mean{0}, 1.3);
  gives(trimmed_mean{1}, 1.3);
  gives(robagg::interquartile_mean{}, 1.3);
  gives(robagg::mean_around_median{1}, 1.2);
  gives(robagg::phocas{1}, 1.2);
  gives(robagg::uncertainty_weighted{.lambda = 0}, 1.3);
  gives(robagg::uncertainty_weighted{.lambda = 1, .dispersion = robagg::dispersion::deviation}, 1.3 - std::sqrt(.05));
  CHECK(std::abs(robagg::interior_trimmed_mean{.1}(x)(0) / 1e308 - 1.3) <= 1e-14);
  CHECK(std::abs(mean{}(weighted(x, w))(0) / 1e308 - 7.8 / 6) <= 1e-14);
  CHECK(std::abs(trimmed_mean{0}(weighted(x, w))(0) / 1e308 - 7.8 / 6) <= 1e-14);
  CHECK(mean{}(matrix{{1.7e308}, {1.7e308}, {-1.7e308}})(0) == 1.7e308 / 3);
  // A long column.
  matrix const tall = matrix::Constant(3000, 1, 1.5e308);
  CHECK(std::abs(mean{}(tall)(0) / 1.5e308 - 1) <= 1e-12);
  CHECK(trimmed_mean{5}(skip_nan(tall))(0) == 1.5e308);
  // What is infinite stays so.
  CHECK(mean{}(matrix{{infinity}, {1e308}})(0) == infinity);
  CHECK(std::isnan(mean{}(matrix{{infinity}, {-infinity}})(0)));
  CHECK(robagg::uncertainty_weighted{.lambda = 1}(matrix{{1e200}, {-1e200}})(0) == -infinity);
}

TEST_CASE("whole weights are compared exactly, however large") {
  auto const middle = [](auto const& x, auto const& w) { return median{}(weighted(x, w))(0); };
  Eigen::Vector2f const two(0, 1);
  CHECK(middle(two, std::vector<int>{1'000'000, 1'000'003}) == 1);
  CHECK(middle(two, std::vector<int>{1'000'003, 1'000'003}) == .5f);
  CHECK(middle(two, std::vector<std::int64_t>{1'000'000'000'000, 1'000'000'000'001}) == 1);
  CHECK(middle(two, std::vector<double>{1'000'000'000'001., 1'000'000'000'000.}) == 0);
  Eigen::Vector3f const three(3, 1, 2);
  CHECK(middle(three, std::vector<std::int64_t>{(1 << 24) + 1, 1, 1 << 24}) == 2.5f);
  CHECK(middle(three, std::vector<std::int64_t>{(1 << 24) + 2, 1, 1 << 24}) == 3);
  CHECK(mean{}(weighted(Eigen::Vector2f(0, 1), std::vector<int>{1 << 30, 1 << 30}))(0) == .5f);
  CHECK(robagg::sign_majority{}(weighted(Eigen::Vector2f(-1, 1), std::vector<int>{100'000'000, 100'000'001}))(0) == 1);
  CHECK(trimmed_mean{0}(weighted(three, std::vector<int>{1 << 25, (1 << 25) + 2, 1 << 25}))(0) ==
        static_cast<float>((6. * (1 << 25) + 2) / (3. * (1 << 25) + 2)));
  // Powers of two times whole numbers are whole.
  CHECK(middle(two, std::vector<double>{.25, .25}) == .5f);
  CHECK(middle(Eigen::Vector3f(1, 2, 3), std::vector<float>{.25f, .5f, .75f}) == 2.5f);
  // Rounded weights tie where their rounding could have hidden it.
  CHECK(middle(Eigen::Vector3f(1, 2, 3), std::vector<double>{.1, .2, .3}) == 2.5f);
  CHECK(middle(Eigen::Vector3f(1, 2, 3), std::vector<float>{.1f, .2f, .3f}) == 2.5f);
}

TEMPLATE_TEST_CASE("distinct values have no false ties under the weights", "", float, double) {
  for (Index const n : {300, 1000, 3000}) {
    numbers random(static_cast<std::uint64_t>(n));
    Index wrong = 0;
    for (int trial = 0; trial < 100; ++trial) {
      Eigen::Matrix<TestType, Eigen::Dynamic, 1> x(n);
      std::vector<int> whole;
      std::vector<float> rounded;
      auto const places = permutation(n, random.bits());
      for (Index i = 0; i < n; ++i) {
        x(i) = static_cast<TestType>(places[static_cast<std::size_t>(i)]);
        whole.push_back(1 + static_cast<int>(random.below(100)));
        rounded.push_back(static_cast<float>(.1 + random.uniform()));
      }
      auto const by_hand = [&](auto const& w) {
        std::vector<double> sorted(static_cast<std::size_t>(n));
        double total = 0, sum = 0;
        for (Index i = 0; i < n; ++i) {
          auto const k = static_cast<std::size_t>(i);
          sorted[static_cast<std::size_t>(places[k])] = static_cast<double>(w[k]), total += static_cast<double>(w[k]);
        }
        for (std::size_t r = 0;; ++r) {
          sum += sorted[r];
          if (2 * sum == total) return static_cast<double>(r) + .5;
          if (2 * sum > total) return static_cast<double>(r);
        }
      };
      wrong += static_cast<double>(median{}(weighted(x, whole))(0)) != by_hand(whole);
      wrong += static_cast<double>(median{}(weighted(x, rounded))(0)) != by_hand(rounded);
    }
    INFO("n = " << n);
    CHECK(wrong == 0);
  }
}
