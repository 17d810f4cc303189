// SPDX-License-Identifier: BSL-1.0
// The uniform phantom: strategyproof and proportional.
#include "laws.hpp"

using namespace robagg_test;
using robagg::uniform_phantom;

namespace {

// The median of n reports and of phantoms k / n, k = 0..n, between low and high; with weights that many reports.
matrix with_phantoms(matrix const& x, double low, double high) {
  matrix y(1, x.cols());
  for (Index c = 0; c < x.cols(); ++c) {
    std::vector<double> all;
    for (Index i = 0; i < x.rows(); ++i) all.push_back(std::isnan(x(i, c)) ? high : std::clamp(x(i, c), low, high));
    for (Index k = 0; k <= x.rows(); ++k)
      all.push_back(low + (high - low) * static_cast<double>(k) / static_cast<double>(x.rows()));
    std::sort(all.begin(), all.end());
    y(0, c) = all[static_cast<std::size_t>(x.rows())];
  }
  return y;
}
double phantom_of(std::vector<double> const& reports, uniform_phantom op = {}) {
  return op(matrix(Eigen::Map<Eigen::VectorXd const>(reports.data(), static_cast<Index>(reports.size()))))(0);
}
std::vector<double> profile(numbers& random, std::size_t n) {
  std::vector<double> all;
  double const grid = random.below(2) == 0 ? 1 : 8;  // ties among half of them
  for (std::size_t i = 0; i < n; ++i) {
    double const value = random.uniform();
    all.push_back(grid == 1 ? value : std::round(value * grid) / grid);
  }
  return all;
}

}  // namespace

TEST_CASE("the uniform phantom by hand") {
  CHECK(phantom_of({0, 0, 1}) == 1 / 3.);  // the median is 0
  CHECK(phantom_of({.1, .45, .9}) == .45);
  CHECK(phantom_of({.3}) == .3);
  CHECK(std::abs(phantom_of({2, 9, 10}, {0, 10}) - 20 / 3.) <= 1e-14);
  CHECK(phantom_of({-5, -1, 7}) == 1 / 3.);  // outside: the nearer end
  CHECK(phantom_of({-5, -1}) == 0);
  CHECK(phantom_of({not_a_number, infinity, 1e300}) == 1);
  CHECK(uniform_phantom{}(robagg::weighted(matrix{{.2}, {.8}}, std::vector{3., 1.}))(0) == .25);
  CHECK(uniform_phantom{0, 5}(matrix{{5}, {3}, {3}, {1}, {0}})(0) == 3);  // the h-index of five papers
}

TEST_CASE("the uniform phantom agrees with its definition and obeys its laws") {
  for (auto const& [low, high] : {std::pair(0., 1.), {-2., 1.5}, {-1e30, 1e30}}) {
    auto s = subject_of(uniform_phantom{low, high});
    s.slack = 16 * std::max(1., high);
    for (Index const n : {1, 2, 3, 8, 33, 300, 2049}) {
      matrix const x = gauss(n, 19, 3);
      CHECK(difference(s.of(x), with_phantoms(x, low, high)) <= 4e-16 * std::max(1., high));
    }
  }
  for (Index const n : {9, 33, 300, 2049}) {
    auto s = weighted_subject_of<float>(uniform_phantom{-1, 1});
    check_exactness(s, s, sums::none, n);
  }
  for (auto const& s : {subject_of(uniform_phantom{-3, 3}), subject_of<float>(uniform_phantom{-3, 3})}) {
    check_laws(s, {permutation_invariant, sign_equivariant, same_bits_in_any_order_of_storage, slices_glue, workspace_settles,
                   no_columns, needs_a_report, subset_is_those_rows, equal_weights, weights_are_relative, weight_zero_is_absent,
                   skips_nan()});
  }
  matrix const inside = (gauss(7, 40, 3) / 8).cwiseMax(-1).cwiseMin(1);
  check_weights_repeat(weighted_subject_of<double>(uniform_phantom{-3, 3}), subject_of(uniform_phantom{-3, 3}), {1, 2, 1, 3});
  for (Index c = 0; c < inside.cols(); ++c) {  // unanimous reports are the result
    matrix const same = inside.row(0).replicate(7, 1);
    CHECK(same_bits(matrix(uniform_phantom{-1, 1}(same).transpose()), inside.row(0)));
  }
}

TEST_CASE("nobody gains from lying to the uniform phantom") {
  numbers random(3);
  for (int trial = 0; trial < 6000; ++trial) {
    auto const n = static_cast<std::size_t>(1 + random.below(9));
    auto x = profile(random, n);
    auto const liar = static_cast<std::size_t>(random.below(static_cast<Index>(n)));
    double const truth = x[liar], honest = phantom_of(x);
    x[liar] = random.below(4) == 0 ? 1e9 * (random.uniform() - .5) : random.uniform();
    double const lied = phantom_of(x);
    CHECK(std::abs(lied - truth) >= std::abs(honest - truth) - 1e-15);
    CHECK(std::abs(lied - honest) <= 1 / static_cast<double>(n) + 1e-15);  // at most its share
    CHECK(std::abs(lied - honest) <= std::abs(x[liar] - truth) + 1e-15);   // and no more than it moved
  }
}

TEST_CASE("the uniform phantom is proportional") {
  numbers random(5);
  for (int trial = 0; trial < 2000; ++trial) {
    auto const n = static_cast<std::size_t>(1 + random.below(9));
    std::vector<double> ends;
    for (std::size_t i = 0; i < n; ++i) ends.push_back(static_cast<double>(random.below(2)));
    double ones = 0;
    for (double const v : ends) ones += v;
    CHECK(std::abs(phantom_of(ends) - ones / static_cast<double>(n)) <= 1e-15);
    auto const x = profile(random, n);
    double const y = phantom_of(x);
    for (double const at : x) {  // agents within r of one spot are that near to the result, but for the others' share
      for (double const r : {0., .1, .3}) {
        double farthest = 0, group = 0;
        for (double const v : x) {
          if (v >= at && v <= at + r) group += 1, farthest = std::max(farthest, std::abs(v - y));
        }
        CHECK(farthest <= r + 1 - group / static_cast<double>(n) + 1e-15);
      }
    }
  }
}

TEST_CASE("the uniform phantom reads every input and refuses ranges that are none") {
  matrix const x = gauss(3, 2);
  for (auto const& [low, high] :
       {std::pair(1., 1.), {2., 1.}, {not_a_number, 1.}, {0., not_a_number}, {-infinity, 1.}, {-1e308, 1e308}})
    check_refuses(uniform_phantom{low, high}, x, {"uniform_phantom: needs low < high"});
  check_four_inputs(uniform_phantom{});
  check_outputs(uniform_phantom{});
}
