// SPDX-License-Identifier: BSL-1.0
// Rows that are absent as a whole: see also check_absent_rows in inputs.hpp, which every geometric rule obeys.
#include "inputs.hpp"

#include <robagg/diagnose.hpp>

using namespace robagg_test;
using robagg::aksel, robagg::around, robagg::bad_input, robagg::bucketing, robagg::bulyan, robagg::bytes_needed, robagg::clip,
    robagg::cube, robagg::diagnose, robagg::geometric_median, robagg::influence, robagg::krum, robagg::masked, robagg::median,
    robagg::nearest_neighbour_mixing, robagg::nearest_to, robagg::skip_nan, robagg::subset, robagg::top, robagg::trust_weighted,
    robagg::weighted, robagg::workspace;

namespace {
struct sensors {
  matrix all, there;  // all: rows 0, 3 and 10 are absent
  std::vector<Index> rows;
  std::vector<double> weights, their_weights;
};
sensors some_offline() {
  sensors s{gauss(11, 70), {}, {}, {}, {}};
  for (Index i = 0; i < 11; ++i) {
    s.weights.push_back(1 + static_cast<double>(i % 3));
    if (i == 0 || i == 3 || i == 10) {
      s.all.row(i).setConstant(not_a_number);
    } else {
      s.rows.push_back(i), s.their_weights.push_back(s.weights.back());
    }
  }
  s.there.resize(8, 70);
  for (Index k = 0; k < 8; ++k) s.there.row(k) = s.all.row(s.rows[static_cast<std::size_t>(k)]);
  return s;
}
void same_result(auto const& a, auto const& b) { CHECK(same_bits(numbers_of(a), numbers_of(b))); }
}  // namespace

TEST_CASE("reports that are absent take no part, and the others keep their numbers", "[present]") {
  sensors const s = some_offline();
  auto const x = skip_nan(s.all);
  same_result(nearest_to{.row = 4, .f = 1}(x), nearest_to{.row = 2, .f = 1}(s.there));
  same_result(trust_weighted{.row = 9}(x), trust_weighted{.row = 7}(s.there));
  CHECK(nearest_to{.row = 3, .f = 1}(x).array().isNaN().all());  // the trusted one is offline
  std::vector<Index> const order = {10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0}, theirs = {7, 6, 5, 4, 3, 2, 1, 0};
  same_result((bucketing{.size = 2, .permutation = order} | krum{.f = 1})(x),
              (bucketing{.size = 2, .permutation = theirs} | krum{.f = 1})(s.there));
  matrix const origin = gauss(1, 70, 9);
  same_result(geometric_median{}(around(weighted(x, s.weights), origin.row(0))),
              geometric_median{}(around(weighted(s.there, s.their_weights), origin.row(0))));
  CHECK((krum{.f = 1} | top{.k = 3})(x) == (krum{.f = 1} | top{.k = 3})(s.there));
  same_result(robagg::each(krum{.f = 1})(cube(x, 1)).row(0).transpose(), krum{.f = 1}(s.there));

  // n counts the reports that are there: f = 3 of 8 is right, 4 are too many.
  CHECK(krum{.f = 3}(x).array().isFinite().all());
  CHECK(krum{.f = 4}(x).array().isNaN().all());
  CHECK(bulyan{.f = 2}(x).array().isNaN().all());
  CHECK_THROWS_AS(krum{.f = 6}(x), bad_input);  // of 11, too
  std::vector<double> absent_only(11, 0.);
  absent_only[3] = 1;
  CHECK(geometric_median{}(weighted(x, absent_only)).array().isNaN().all());
  matrix const nobody = matrix::Constant(4, 3, not_a_number);
  CHECK(geometric_median{}(skip_nan(nobody)).array().isNaN().all());
  CHECK(geometric_median{}(skip_nan(matrix(4, 0))).size() == 0);
}

TEST_CASE("a mask over whole numbers says which reports are absent", "[present]") {
  Eigen::MatrixXi const x = (100 * gauss(6, 20)).cast<int>();
  Eigen::Matrix<bool, Eigen::Dynamic, Eigen::Dynamic> mask =
      Eigen::Matrix<bool, Eigen::Dynamic, Eigen::Dynamic>::Constant(6, 20, false);
  mask.row(1).setConstant(true);
  same_result(geometric_median{}(masked(x, mask)), geometric_median{}(subset(x, std::vector<Index>{0, 2, 3, 4, 5})));
  mask(3, 7) = true;
  CHECK_THROWS_WITH(geometric_median{}(masked(x, mask)), Catch::Contains("as a whole (row = 3, entries absent = 1, d = 20)"));
}

TEST_CASE("who counted, who was rejected, who moved the result, where reports are absent", "[present]") {
  sensors const s = some_offline();
  auto const check = [&](auto const& op) {
    INFO(robagg::describe(op));
    Eigen::VectorXd const w = robagg::weights(op, skip_nan(s.all)), theirs = robagg::weights(op, s.there),
                          moved = influence(op, skip_nan(s.all)), they_moved = influence(op, s.there);
    auto const d = diagnose(op, skip_nan(s.all)), of_them = diagnose(op, s.there);
    same_result(d.result, of_them.result);
    CHECK((w(0) == 0 && w(3) == 0 && w(10) == 0 && moved(0) == 0 && d.scores(3) == infinity && d.weights(10) == 0));
    for (Index k = 0; k < 8; ++k) {
      Index const i = s.rows[static_cast<std::size_t>(k)];
      CHECK((w(i) == theirs(k) && moved(i) == they_moved(k) && d.scores(i) == of_them.scores(k) &&
             d.weights(i) == of_them.weights(k)));
    }
    std::vector<Index> kept, rejected;
    for (Index const k : of_them.kept) kept.push_back(s.rows[static_cast<std::size_t>(k)]);
    for (Index const k : of_them.rejected) rejected.push_back(s.rows[static_cast<std::size_t>(k)]);
    CHECK((d.kept == kept && d.rejected == rejected));
  };
  check(krum{.f = 2}), check(geometric_median{}), check(nearest_neighbour_mixing{.f = 2} | median{}), check(aksel{});
  CHECK(robagg::weights(krum{.f = 4}, skip_nan(s.all)).array().isNaN().all());
  CHECK(diagnose(krum{.f = 4}, skip_nan(s.all)).result.array().isNaN().all());
}

TEST_CASE("rules with absent reports run in the caller's memory", "[present]") {
  sensors const s = some_offline();
  auto const check = [&](auto const& op, auto const& x) {
    INFO(robagg::describe(op));
    std::vector<std::byte> memory(bytes_needed(op, x));
    Eigen::VectorXd out(70);
    workspace ws{std::span<std::byte>(memory)};
    op.into(x, out, ws);
    same_result(out, op(x));
    workspace little{std::span<std::byte>(memory).first(64)};
    CHECK_THROWS_AS(op.into(x, out, little), bad_input);
  };
  check(krum{.f = 2}, skip_nan(s.all)), check(geometric_median{}, weighted(skip_nan(s.all), s.weights)),
      check(bulyan{.f = 1}, skip_nan(s.all)), check(clip{.radius = 2} | median{}, skip_nan(s.all)),
      check(nearest_to{.row = 4, .f = 1}, skip_nan(s.all));
}
