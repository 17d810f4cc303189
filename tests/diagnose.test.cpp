// SPDX-License-Identifier: BSL-1.0
// Who counted: weights, rejected rows, scores, iterations, influence; for geometric and coordinate-wise operators and pipes.
#include "laws.hpp"

#include <robagg/any_aggregator.hpp>
#include <robagg/attack/mimic.hpp>
#include <robagg/diagnose.hpp>
#include <robagg/format.hpp>
#include <robagg/parallel.hpp>

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

namespace {
// Every influence is the distance to what `others(i)` answers for the rows without i, where that is one.
void check_named_rows(auto const& op, matrix const& x, auto const& others) {
  INFO(robagg::describe(op));
  Eigen::VectorXd const moved = robagg::influence(op, x);
  matrix const all = numbers_of(op(x));
  for (Index i = 0; i < x.rows(); ++i) {
    std::vector<Index> rows;
    for (Index k = 0; k < x.rows(); ++k) {
      if (k != i) rows.push_back(k);
    }
    auto const other = others(i);
    double const expected = other ? (numbers_of((*other)(pick(x, rows))) - all).norm() : infinity;
    INFO("without row " << i);
    CHECK((moved(i) == expected || std::abs(moved(i) - expected) <= 1e-7 * (1 + expected)));
  }
}
}  // namespace

TEST_CASE("a row that an operator names is the same one when another is dropped") {
  matrix const x{{0, 0}, {.1, 0}, {0, .1}, {100, 100}, {.1, .1}, {.05, 0}};
  CHECK(std::abs(robagg::influence(robagg::nearest_to{.row = 2, .f = 1}, x)(0) - .0160078) <= 1e-6);
  auto const naming = [](Index row, auto const& make) {
    return [=](Index i) { return i == row ? std::nullopt : std::optional(make(i < row ? row - 1 : row)); };
  };
  for (Index const row : {0, 2, 5}) {
    auto const check = [&](auto const& make) { check_named_rows(make(row), x, naming(row, make)); };
    check([](Index r) { return robagg::nearest_to{.row = r, .f = 1}; });
    check([](Index r) { return robagg::trust_weighted{.row = r}; });
    check([](Index r) { return robagg::attack::mimic{.row = r}; });
    check([](Index r) { return robagg::clip{1} | robagg::nearest_to{.row = r, .f = 1}; });
    check([](Index r) { return robagg::nearest_neighbour_mixing{1} | robagg::ranks{} | robagg::trust_weighted{.row = r}; });
    check([](Index r) { return robagg::any_aggregator("nearest_to", {{"row", r}, {"f", 1}}); });
    check([](Index r) { return robagg::sliced(robagg::trust_weighted{.row = r}); });
  }
  std::vector<Index> const order{3, 0, 5, 1, 4, 2};
  auto const bucketed = [&](auto const& last) {
    check_named_rows(robagg::bucketing{.size = 2, .permutation = order} | last, x, [&](Index i) {
      static std::vector<Index> left;
      left.clear();
      for (Index const row : order) {
        if (row != i) left.push_back(row - (i < row));
      }
      return std::optional(robagg::bucketing{.size = 2, .permutation = left} | last);
    });
  };
  bucketed(robagg::mean{});
  bucketed(robagg::median{});
  bucketed(robagg::nearest_to{.row = 1, .f = 0});  // a bucket, which has its place
  std::vector<double> const logits{1, 2, 3, 4, 5, 6};
  check_named_rows(robagg::gated_averaging{logits}, x, [&](Index i) {
    static std::vector<double> left;
    left = logits;
    left.erase(left.begin() + i);
    return std::optional(robagg::gated_averaging{left});
  });
}

TEST_CASE("influence counts weights, and nothing is left without the only row that weighs") {
  matrix const x = gauss(6, 4, 8);
  std::vector<double> const w{1, 2, 0, 1, 3, 1}, only{0, 0, 1, 0, 0, 0};
  auto const check = [&](auto const& op) {
    INFO(robagg::describe(op));
    Eigen::VectorXd const moved = robagg::influence(op, robagg::weighted(x, w)),
                          alone = robagg::influence(op, robagg::weighted(x, only));
    CHECK(moved(2) <= 1e-12);
    CHECK((moved(4) > 1e-3 && std::isfinite(moved(4))));
    CHECK(alone(2) == infinity);
    CHECK(alone(0) <= 1e-12);
  };
  check(robagg::geometric_median{});
  check(robagg::clip{1} | robagg::geometric_median{});
  check(robagg::median{});
  check(robagg::mean{});
}

TEST_CASE("weights of tables that skip NaN or have another origin") {
  matrix x(5, 2);
  x << 1, 10, 2, 20, 3, 30, 4, 40, 100, not_a_number;
  matrix expected(5, 1);
  expected << 0, .25, .5 + .25, 0, 0;  // 3; 20 and 30
  CHECK(difference(robagg::weights(robagg::median{}, robagg::skip_nan(x)), expected) == 0);
  expected << .1 + .125, .1 + .125, .1 + .125, .1 + .125, .1;
  CHECK(difference(robagg::weights(robagg::mean{}, robagg::skip_nan(x)), expected) <= 1e-15);
  x(4, 1) = 50;
  Eigen::RowVectorXd const origin{{2, 30}};
  CHECK(same_bits(robagg::weights(robagg::median{}, robagg::around(x, origin)), robagg::weights(robagg::median{}, x)));
  auto const pipe = robagg::clip{5} | robagg::median{};
  Eigen::VectorXd const w = robagg::weights(pipe, robagg::around(x, origin));
  matrix const moved = x.rowwise() - origin;
  CHECK(difference(w, robagg::weights(pipe, moved)) <= 1e-12);
}
