// SPDX-License-Identifier: BSL-1.0
// The geometric median, against d-space iterations with other steps: the exact point, byzfl's smoothed dialect, weights,
// and rows so far away that distances alone lose the honest ones.
#include "laws.hpp"

#include <robagg/diagnose.hpp>

using namespace robagg_test;
using robagg::geometric_median;
using robagg::iterate;
using robagg::start;

namespace {
constexpr geometric_median exact_by(iterate way) { return {.tolerance = 1e-13, .max_iterations = 20000, .iterate = way}; }
constexpr geometric_median byzfl = {.smoothing = .1, .tolerance = 0, .max_iterations = 3, .start = start::origin};
constexpr std::array ways = {iterate::between_rows, iterate::along_columns};
}  // namespace

TEST_CASE("the geometric median has the least sum of distances") {
  for (iterate const way : ways) {
    INFO((way == iterate::between_rows ? "between rows" : "along columns"));
    geometric_median const exact = exact_by(way);
    geometric_median byzfl_so = byzfl;
    byzfl_so.iterate = way;
    matrix const w5{{1, 2}, {2, 1}, {1.5, 1.5}, {2, 2.5}, {100, -100}};
    CHECK(difference(in<double>(exact, w5), matrix{{1.5652258463, 1.506378396}}) <= 1e-9);
    CHECK(difference(in<double>(byzfl_so, w5), matrix{{1.8026621894, 1.3676476038}}) <= 1e-9);
    // A report that the others cannot pull away is the median itself.
    CHECK(exact(matrix{{0, 0}, {1, 0}, {-1, 0}, {0, 1}, {0, -1}}) == Eigen::Vector2d(0, 0));
    CHECK(exact(matrix{{3, 1}, {3, 1}, {3, 1}, {9, 9}, {-7, 2}}) == Eigen::Vector2d(3, 1));
    CHECK(exact(matrix{{1}, {2}, {10}})(0) == 2);
  }
}

TEST_CASE("the geometric median is the one of d-space") {
  for (iterate const way : ways) {
    INFO((way == iterate::between_rows ? "between rows" : "along columns"));
    geometric_median const exact = exact_by(way);
    for (family const kind : all_families) {
      for (Index const n : {3, 5, 8, 11}) {
        for (Index const d : {2, 5, 37}) {
          matrix const x = sample(kind, n, d, 13), y = in<double>(exact, x), best = reference::geometric_median(x);
          INFO("family " << static_cast<int>(kind) << ", n = " << n << ", d = " << d);
          double const sum = reference::sum_of_distances(x, best);
          CHECK(reference::sum_of_distances(x, y) <= sum * (1 + 1e-10));
          if (kind != family::grid) CHECK((y - best).norm() <= 1e-5 * sum / static_cast<double>(n));
        }
      }
    }
  }
}

TEST_CASE("the default tolerance leaves a share of two millionths") {
  for (iterate const way : ways) {
    INFO((way == iterate::between_rows ? "between rows" : "along columns"));
    for (Index const n : {3, 4, 9, 20}) {
      matrix const x = gauss(n, 6, 3);
      double const best = reference::sum_of_distances(x, reference::geometric_median(x));
      CHECK(reference::sum_of_distances(x, in<double>(geometric_median{.iterate = way}, x)) <= best * (1 + 2e-6));
      CHECK(reference::sum_of_distances(x, in<float>(geometric_median{.iterate = way}, x)) <= best * (1 + 3e-6));
    }
  }
}

TEST_CASE("smoothed steps from the origin are Weiszfeld's") {
  for (iterate const way : ways) {
    INFO((way == iterate::between_rows ? "between rows" : "along columns"));
    // In n-space a distance near 0 is a difference of squares, and 1 / nu enlarges its rounding: 1e-11, as for golden rows.
    for (double const nu : {.1, 1e-3, 2.}) {
      for (Index const steps : {0, 1, 3, 40}) {
        geometric_median const op = {
            .smoothing = nu, .tolerance = 0, .max_iterations = steps, .start = start::origin, .iterate = way};
        auto s = subject_of(op);
        s.slack = 1e-11 / s.epsilon;
        check_reference(s, [=](matrix const& x) { return reference::weiszfeld(x, nu, steps, matrix::Zero(1, x.cols())); }, 1,
                        {family::gauss, family::grid, family::tiny});
      }
    }
  }
}

TEST_CASE("one step from a report is Vardi and Zhang's") {
  geometric_median const one = {.tolerance = 0, .max_iterations = 1, .iterate = iterate::between_rows};
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    matrix const x = gauss(6, 3, seed);
    Index k = 0;  // the report with the least sum of distances, where the iteration starts
    for (Index i = 1; i < 6; ++i) {
      if (reference::sum_of_distances(x, x.row(i)) < reference::sum_of_distances(x, x.row(k))) k = i;
    }
    Eigen::RowVectorXd pull = Eigen::RowVectorXd::Zero(3);
    double sum = 0;
    for (Index i = 0; i < 6; ++i) {
      if (i == k) continue;
      pull += (x.row(i) - x.row(k)).normalized();
      sum += 1 / (x.row(i) - x.row(k)).norm();
    }
    double const length = pull.norm();  // against the weight of the report itself, 1
    matrix const expected = x.row(k) + std::max(0., 1 - 1 / length) / sum * pull;
    CHECK(difference(in<double>(one, x), expected) <= 1e-12);
  }
}

TEST_CASE("the geometric median obeys its laws", "[long]") {
  for (iterate const way : ways) {
    INFO((way == iterate::between_rows ? "between rows" : "along columns"));
    geometric_median const exact = exact_by(way);
    for (auto s : {subject_of(exact), subject_of<float>(exact)}) {
      s.slack = 1e-7 / s.epsilon;  // an iteration stops where the sum is flat, not where the point is exact
      if (s.epsilon > 1e-10) s.slack = 100;
      check_laws(
          s, {permutation_invariant, translation_equivariant, scale_equivariant, sign_equivariant,
              survives_within(2, 4 * 1.4 * 1.4), same_bits_in_any_order_of_storage, workspace_settles, no_columns,
              one_row_is_itself, needs_a_report, subset_is_those_rows, around_is_moving, equal_weights, weight_zero_is_absent});
    }
    auto s = subject_of(exact);
    check_laws(s, {weights_are_relative});
    s.rows = 9;
    check_laws(s, {survives_within(4, 4 * 5. * 5)});
  }
}

TEST_CASE("a weight counts as so many equal reports in the geometric median") {
  for (iterate const way : ways) {
    INFO((way == iterate::between_rows ? "between rows" : "along columns"));
    geometric_median const exact = exact_by(way);
    auto s = subject_of(exact);
    s.slack = 1e-7 / s.epsilon;
    for (family const kind : {family::gauss, family::offset}) {
      matrix const x = sample(kind, 7, 4, 5);
      std::vector<double> const w = {1, 2, 3, 1, 4, 1, 2};
      double const best = reference::sum_of_distances(x, reference::geometric_median(x, w), w);
      CHECK(reference::sum_of_distances(x, s.weighted(x, w), w) <= best * (1 + 1e-10));
    }
    check_weights_repeat(s, s, {1, 2, 3, 1, 4, 1, 2});
    // More than half of the weight on one report: it is the median.
    matrix const x = gauss(5, 3);
    CHECK(same_bits(s.weighted(x, {1, 1, 5, 1, 1}), x.row(2)));
  }
}

TEST_CASE("the start is the origin that around says") {
  for (iterate const way : ways) {
    INFO((way == iterate::between_rows ? "between rows" : "along columns"));
    geometric_median const one = {.smoothing = .1, .tolerance = 0, .max_iterations = 1, .start = start::origin, .iterate = way};
    matrix const x = gauss(6, 20), v = gauss(1, 20, 7);
    Eigen::VectorXd const origin = v.row(0);
    CHECK(difference(numbers_of(one(robagg::around(x, origin))), reference::weiszfeld(x, .1, 1, v)) <= 1e-14);
    geometric_median const none = {.max_iterations = 0, .start = start::origin, .iterate = way};
    CHECK(difference(numbers_of(none(robagg::around(x, origin))), v) == 0);
  }
}

TEST_CASE("rows at 1e30 move the geometric median as rows at a distance do, and keep its digits") {
  for (iterate const way : ways) {
    INFO((way == iterate::between_rows ? "between rows" : "along columns"));
    geometric_median const exact = exact_by(way);
    // In the limit a far row pulls with a unit vector whatever its distance: 1e9 and 1e150 give the same point.
    matrix x = gauss(7, 10, 3);
    x.row(0).setConstant(1e12), x.row(4).setConstant(-1e11);
    x(4, 0) = 1e11;
    matrix const near = in<double>(exact, x);
    matrix y = x;
    y.row(0) *= 1e90, y.row(4) *= 1e91;
    CHECK(difference(in<double>(exact, y), near) <= 1e-8);
    CHECK(difference(near, reference::geometric_median(x)) <= 1e-7);
  }
}

TEST_CASE("rows that are not numbers weigh nothing in the geometric median") {
  for (iterate const way : ways) {
    INFO((way == iterate::between_rows ? "between rows" : "along columns"));
    geometric_median const exact = exact_by(way);
    matrix x = gauss(7, 5);
    matrix const honest = x.topRows(4);
    x.bottomRows(3).setConstant(not_a_number);
    x(5, 0) = infinity;
    CHECK(difference(in<double>(exact, x), in<double>(exact, honest)) <= 1e-12);
    x.row(3).setConstant(infinity);
    CHECK(in<double>(exact, x).array().isNaN().all());  // half of the weight or more
    x = gauss(6, 5);
    x.topRows(3).setConstant(not_a_number);
    CHECK(in<double>(exact, x).array().isNaN().all());
  }
}

TEST_CASE("the geometric median refuses parameters out of range") {
  matrix const x = gauss(3, 2);
  check_refuses(geometric_median{.smoothing = -1}, x, {"geometric_median: needs a finite smoothing >= 0", "smoothing = -1"});
  check_refuses(geometric_median{.smoothing = infinity}, x, {"needs a finite smoothing"});
  check_refuses(geometric_median{.tolerance = not_a_number}, x, {"needs tolerance >= 0"});
  check_refuses(geometric_median{.max_iterations = -2}, x, {"needs max_iterations >= 0", "max_iterations = -2"});
}

TEST_CASE("the geometric median reads every input kind, twice") {
  check_four_inputs(byzfl);
  check_four_inputs(geometric_median{.max_iterations = 3, .iterate = iterate::along_columns});
  check_outputs(exact_by(iterate::automatic));
  check_outputs(exact_by(iterate::along_columns));
  auto const r = count_reads<float>(gauss(9, 700), [](auto const& e) { geometric_median{}(e); });
  CHECK(r.least() == 2);
  CHECK(r.most() == 2);
}

TEST_CASE("a row that is not a number and one at 1e30 do not hide each other in float") {
  // The sums of their squares are NaN and infinity, in this order and the other.
  for (bool const swapped : {false, true}) {
    matrix x = rounded<float>(gauss(7, 3, 5));
    x.row(swapped ? 1 : 0).setConstant(1e30), x(swapped ? 0 : 1, 2) = not_a_number;
    for (iterate const way : ways) {
      CHECK(difference(in<float>(exact_by(way), x), in<double>(exact_by(iterate::automatic), x)) <= 1e-6);
    }
  }
}

TEST_CASE("both ways of the geometric median agree where rows are many, far or in half") {
  for (Index const n : {30, 200}) {
    for (Index const d : {2, 600, 1100}) {  // an even number on a line has many medians
      for (double const offset : {0., 1e6}) {
        matrix x = gauss(n, d, 7).array() + offset;
        for (Index i = 0; i < n / 3; ++i) {
          if (i % 3 == 0) x.row(i).setConstant(i % 2 == 0 ? 1e30 : -1e30);
          if (i % 3 == 1) x(i, d / 2) = not_a_number;
          if (i % 3 == 2) x.row(i).array() += 5;
        }
        INFO("n = " << n << ", d = " << d << ", offset " << offset);
        double const scale = 1e-5 * std::sqrt(static_cast<double>(d));
        matrix const between = in<double>(geometric_median{.iterate = iterate::between_rows}, x);
        for (start const from : {start::inside, start::origin}) {
          geometric_median const along = {.start = from, .iterate = iterate::along_columns};
          CHECK((in<double>(along, x) - between).norm() <= scale);
          matrix const y = rounded<float>(x);
          CHECK((in<float>(along, y) - in<double>(along, y)).norm() <=
                scale + 6e-8 * offset * std::sqrt(static_cast<double>(d)));
        }
      }
    }
  }
}

TEST_CASE("the way of the geometric median follows from its shape") {
  CHECK(!geometric_median{}.along_columns(25, 100000));
  CHECK(!geometric_median{}.along_columns(5, 5));
  CHECK(geometric_median{}.along_columns(1000, 10000));
  CHECK(geometric_median{}.along_columns(1000, 100000));
  CHECK(!geometric_median{}.along_columns(128, 131072));  // two reads a step
  CHECK(geometric_median{}.along_columns(5000, 2));
  CHECK(!geometric_median{.iterate = iterate::between_rows}.along_columns(5000, 2));
  CHECK(geometric_median{.iterate = iterate::along_columns}.along_columns(3, 2));
  matrix const x = gauss(200, 700, 3);
  robagg::table<double> const values = x;
  auto const d = robagg::diagnose(geometric_median{}, values);
  CHECK(d.along_columns);
  CHECK(d.converged);
  CHECK(d.iterations > 0);
  CHECK(same_bits(numbers_of(d.result), in<double>(geometric_median{}, x)));
  CHECK(difference(matrix(d.weights.transpose() * x), in<double>(geometric_median{}, x)) <= 1e-12);
  CHECK(difference(matrix(d.scores), matrix((x.rowwise() - d.result.transpose()).rowwise().norm())) <= 1e-12);
  CHECK(!robagg::diagnose(geometric_median{.iterate = iterate::between_rows}, values).along_columns);
}
