// SPDX-License-Identifier: BSL-1.0
// Who counted: weights, rejected rows, scores, iterations, influence; for geometric and coordinate-wise operators and pipes.
#include "laws.hpp"

#include <robagg/diagnose.hpp>
#include <robagg/format.hpp>

using namespace robagg_test;

namespace {
// Seven honest rows and two liars (rows 2 and 6) far away.
matrix with_two_liars() {
  matrix x = gauss(9, 12, 3);
  x.row(2).array() += 1e3;
  x.row(6).array() -= 1e3;
  return x;
}
std::vector<Index> const liars = {2, 6};
}  // namespace

TEST_CASE("weights are those of the result") {
  matrix const x = with_two_liars();
  auto const combine = [&](auto const& op) {
    Eigen::VectorXd const w = robagg::weights(op, x);
    INFO(robagg::describe(op));
    CHECK(difference(numbers_of(op(x)), w.transpose() * x) <= 1e-12 * magnitude(x));
    return w;
  };
  CHECK(combine(robagg::krum{2}).sum() == 1);
  combine(robagg::geometric_median{});
  combine(robagg::nearest_neighbour_mixing{2} | robagg::geometric_median{});
  combine(robagg::clip{4} | robagg::mean{});
}

TEST_CASE("coordinate-wise operators count rows by the columns that keep them") {
  matrix x(5, 2);
  x << 1, 10, 2, 20, 3, 30, 4, 40, 100, -100;
  // Kept of column 0: rows 1, 2, 3; of column 1 (-100, 10, 20, 30, 40): rows 0, 1, 2.
  Eigen::VectorXd const trimmed = robagg::weights(robagg::trimmed_mean{1}, x);
  matrix expected(5, 1);
  expected << 1. / 6, 1. / 3, 1. / 3, 1. / 6, 0;
  CHECK(difference(trimmed, expected) <= 1e-15);
  expected << 0, .5, .5, 0, 0;  // the medians are 3 (row 2) and 20 (row 1)
  CHECK(difference(robagg::weights(robagg::median{}, x), expected) == 0);
  expected << .2, .2, .2, .2, .2;
  CHECK(difference(robagg::weights(robagg::mean{}, x), expected) <= 1e-15);
  // Nearest to the median 3: rows 0 to 3; nearest to 20: rows 0 to 3.
  expected << .25, .25, .25, .25, 0;
  CHECK(difference(robagg::weights(robagg::mean_around_median{1}, x), expected) == 0);
  CHECK(difference(robagg::weights(robagg::phocas{1}, x), expected) == 0);
  // The smallest of column 0 is row 0's, of column 1 row 4's.
  expected << .5, 0, 0, 0, .5;
  CHECK(difference(robagg::weights(robagg::worst_case{}, x), expected) == 0);
  expected << 0, 0, 0, .5, .5;
  CHECK(difference(robagg::weights(robagg::best_case{}, x), expected) == 0);
  x.row(0).setConstant(not_a_number);
  expected << .5, .5, 0, 0, 0;  // NaN is above everything: 2, 3, 4 | 100, NaN and -100, 20, 30 | 40, NaN
  CHECK(robagg::weights(robagg::trimmed_mean{2}, x)(0) == 0);
}

TEST_CASE("a pipe of mixing and columns carries weights back to the reports") {
  matrix const x = with_two_liars();
  auto const pipe = robagg::nearest_neighbour_mixing{2} | robagg::trimmed_mean{2};
  Eigen::VectorXd const w = robagg::weights(pipe, x);
  CHECK(std::abs(w.sum() - 1) <= 1e-12);
  for (Index const i : liars) CHECK(w(i) <= .02);  // they are nobody's neighbours but their own
}

TEST_CASE("diagnose finds the liars") {
  matrix const x = with_two_liars();
  auto const check = [&](auto const& op) {
    auto const d = robagg::diagnose(op, x);
    INFO(robagg::describe(op));
    CHECK(same_bits(numbers_of(d.result), numbers_of(op(x))));
    CHECK(std::ranges::includes(d.rejected, liars));
    CHECK(d.kept.size() + d.rejected.size() == 9);
    Index worst = 0;
    d.scores.maxCoeff(&worst);
    CHECK((worst == 2 || worst == 6));
    return d;
  };
  auto const g = check(robagg::geometric_median{});
  CHECK(g.rejected == liars);
  CHECK(g.iterations > 0);
  CHECK(g.converged);
  CHECK_FALSE(robagg::diagnose(robagg::geometric_median{.max_iterations = 1}, x).converged);
  check(robagg::krum{2});
  CHECK(check(robagg::trimmed_mean{2}).rejected == liars);
  CHECK(check(robagg::nearest_neighbour_mixing{2} | robagg::trimmed_mean{2}).rejected == liars);
  CHECK(fmt::format("{}", g).find("rejected {2, 6}") != std::string::npos);
  check_refuses(robagg::krum{5}, x, {"krum: needs n > 2f"});
}

TEST_CASE("influence is the distance between the results with and without a report") {
  matrix const x = gauss(7, 5, 8);
  auto const check = [&](auto const& op) {
    INFO(robagg::describe(op));
    Eigen::VectorXd const moved = robagg::influence(op, x);
    for (Index i = 0; i < 7; ++i) {
      std::vector<Index> rows;
      for (Index k = 0; k < 7; ++k) {
        if (k != i) rows.push_back(k);
      }
      matrix const others = numbers_of(op(robagg::subset(x, rows))), all = numbers_of(op(x));
      CHECK(std::abs(moved(i) - (others - all).norm()) <= 1e-7 * (1 + moved(i)));
    }
  };
  check(robagg::krum{1});
  check(robagg::geometric_median{});
  check(robagg::clip{1.5} | robagg::geometric_median{});
  check(robagg::median{});
  check(robagg::mean{});
  matrix liar = x;
  liar.row(3).setConstant(infinity);
  CHECK(robagg::influence(robagg::geometric_median{}, liar)(3) <= 1e-5);  // as far as the iteration goes
  CHECK_THROWS_WITH(robagg::influence(robagg::mean{}, gauss(1, 2)), Catch::Contains("needs two reports"));
}
