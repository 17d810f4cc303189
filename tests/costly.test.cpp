// SPDX-License-Identifier: BSL-1.0
// Expressions that are costly to read, such as products, are evaluated once at every door.
#include "laws.hpp"

#include <robagg/any_aggregator.hpp>
#include <robagg/attack/constant_coordinate.hpp>
#include <robagg/attack/min_max.hpp>
#include <robagg/attack/optimal.hpp>
#include <robagg/attack/sign_flip.hpp>
#include <robagg/diagnose.hpp>
#include <robagg/geometry_state.hpp>
#include <robagg/parallel.hpp>

using namespace robagg_test;

namespace {

struct counted_factor {
  int* reads;
  double operator()(double v) const {
    ++*reads;
    return v;
  }
};
// How often call(product) reads the 9 x 5 coefficients of a factor of a 9 x 40 product, on average.
template <class Call>
double evaluations(Call const& call) {
  matrix const factor = gauss(9, 5, 3).cwiseAbs();
  matrix other = gauss(5, 40, 5).cwiseAbs();
  for (Index i = 0; i < 5; ++i) std::sort(other.data() + i * 40, other.data() + (i + 1) * 40);  // quantiles that do not cross
  int reads = 0;
  call(factor.unaryExpr(counted_factor{&reads}) * other);
  return reads / 45.;
}

std::vector<double> levels_of_40() {
  std::vector<double> levels;
  for (int k = 1; k <= 40; ++k) levels.push_back(k / 41.);
  return levels;
}
std::vector<double> const forty_levels = levels_of_40(), nine(9);

template <class Op>
void reads_once(Op const& op) {
  INFO(robagg::describe(op));
  CHECK(evaluations([&](auto const& x) { op(x); }) == 1);
  CHECK(evaluations([&](auto const& x) {
          robagg::workspace ws;
          if constexpr (robagg::elect<Op>) {
            op.elect(x, ws);
          } else if constexpr (robagg::transform<Op>) {
            matrix out(op.rows(9), 40);
            op.into(x, out, ws);
          } else if constexpr (robagg::aggregate<Op>) {
            Eigen::VectorXd out(40);
            op.into(x, out, ws);
          } else {
            typename Op::result_type out;
            op.into(x, out, ws);
          }
        }) == 1);
}

// A user's, which reads coefficients as it likes.
struct twice_the_middle {
  void into(robagg::reports auto const& r, auto&& out, robagg::workspace&) const {
    for (Index j = 0; j < r.cols(); ++j) out[j] = r(4, j) + r(4, j);
  }
  auto operator()(robagg::any_reports auto const& r) const { return robagg::evaluate(*this, r); }
};

}  // namespace

TEST_CASE("a product is evaluated once by every operator") {
  reads_once(robagg::median{});
  reads_once(robagg::mean{});
  reads_once(robagg::defensive{});
  reads_once(robagg::krum{.f = 1});
  reads_once(robagg::geometric_median{});
  reads_once(robagg::centered_clipping{.radius = 1});
  reads_once(robagg::nearest_to{.row = 1, .f = 1});
  reads_once(robagg::aksel{});
  reads_once(robagg::trust_weighted{.row = 1});
  reads_once(robagg::divide_and_conquer{.f = 1});
  reads_once(robagg::bulyan{.f = 1});
  reads_once(robagg::median_of_means{.groups = 3});
  reads_once(robagg::veto{.threshold = 1});
  reads_once(robagg::linear_pool{forty_levels});
  reads_once(robagg::opinion_pool{});
  reads_once(robagg::clip{1});
  reads_once(robagg::adaptive_clip{1});
  reads_once(robagg::bucketing{2});
  reads_once(robagg::nearest_neighbour_mixing{1});
  reads_once(robagg::ranks{});
  reads_once(robagg::pool_rows{});
  reads_once(robagg::isotonic{});
  reads_once(robagg::rearrange{});
  reads_once(robagg::boosted{3});
  reads_once(robagg::plurality{});
  reads_once(robagg::run_off{});
  reads_once(robagg::self_certainty{});
  reads_once(robagg::attack::constant_coordinate{.column = 2});
  reads_once(robagg::attack::min_max{});
  reads_once(robagg::attack::optimal<robagg::attack::sign_flip, robagg::median>{{}, {}, 2});
  CHECK(evaluations([](auto const& x) { twice_the_middle{}(x); }) == 1);
}

TEST_CASE("a product is evaluated once by pipes, slices and operators chosen at run time") {
  reads_once(robagg::clip{1} | robagg::krum{.f = 1});
  reads_once(robagg::clip{1} | robagg::median{});
  reads_once(robagg::clip{1} | robagg::nearest_neighbour_mixing{1});
  reads_once(robagg::ranks{} | robagg::krum{.f = 1});
  reads_once(robagg::clip{1} | robagg::plurality{});
  reads_once(robagg::pool_rows{} | robagg::defensive{});
  reads_once(robagg::clip{1} | twice_the_middle{});
  reads_once(robagg::krum{.f = 1} | robagg::best{});
  reads_once(robagg::defensive{} | robagg::top{2});
  reads_once(robagg::sliced(robagg::krum{.f = 1}));
  reads_once(robagg::sliced(robagg::clip{1} | robagg::median{}));
  reads_once(robagg::any_aggregator(robagg::krum{.f = 1}));
  reads_once(robagg::any_aggregator(robagg::median{}));
}

TEST_CASE("a product is evaluated once by everything that asks an operator") {
  auto const once = [](char const* what, auto const& call) {
    INFO(what);
    CHECK(evaluations(call) == 1);
  };
  auto const all = [&](auto const& op) {
    INFO(robagg::describe(op));
    once("diagnose", [&](auto const& x) { robagg::diagnose(op, x); });
    once("weights", [&](auto const& x) { robagg::weights(op, x); });
    once("influence", [&](auto const& x) { robagg::influence(op, x); });
    once("any_aggregator::weights", [&](auto const& x) { robagg::any_aggregator(op).weights(x); });
  };
  all(robagg::krum{.f = 1});
  all(robagg::median{});
  all(robagg::aksel{});
  all(robagg::nearest_neighbour_mixing{1} | robagg::median{});
  once("geometry_state", [](auto const& x) { robagg::geometry_state(9).add(x, 0); });
  once("each", [](auto const& x) { robagg::each(robagg::krum{.f = 0})(robagg::cube(x, 3)); });
  once("each on threads", [](auto const& x) { robagg::each(robagg::clip{1}, robagg::threads{2})(robagg::cube(x, 3)); });
  once("value_norms", [](auto const& x) { robagg::value_norms{}(x); });
  once("value_weight", [](auto const& x) { robagg::value_weight{}(matrix::Ones(9, 40), x); });
  once("pinball", [](auto const& x) { robagg::pinball{forty_levels}(x, nine); });
  once("crps", [](auto const& x) { robagg::crps{}(x, nine); });
  once("crossing_penalty", [](auto const& x) { robagg::crossing_penalty(x); });
  once("strength", [](auto const& x) {
    robagg::workspace ws;
    robagg::attack::optimal<robagg::attack::sign_flip, robagg::median>{{}, {}, 2}.strength(x, ws);
  });
}

TEST_CASE("a product in a wrapper is evaluated once, and an expression that is read in place stays there") {
  std::vector<double> const w = {1, 2, 1, 3, 1, 2, 1, 1, 1};
  std::vector<Index> const rows = {8, 1, 2, 3, 4, 5};
  Eigen::VectorXd const v = Eigen::VectorXd::Ones(40);
  auto const once = [](auto const& call) { CHECK(evaluations(call) == 1); };
  once([&](auto const& x) { robagg::median{}(robagg::weighted(x, w)); });
  once([&](auto const& x) { robagg::geometric_median{}(robagg::weighted(x, w)); });
  once([&](auto const& x) { robagg::krum{.f = 1}(robagg::subset(x, rows)); });
  once([&](auto const& x) { robagg::median{}(robagg::skip_nan(x)); });
  once([&](auto const& x) { robagg::krum{.f = 1}(robagg::around(x, v)); });
  once([&](auto const& x) { robagg::plurality{}(robagg::weighted(x, w)); });

  // An expression in place: a read for the distances, one for the result.
  auto const reads = count_reads<double>(gauss(9, 40), [](auto const& x) { robagg::krum{.f = 1}(x); });
  CHECK(reads.least() == 2);
  CHECK(reads.most() == 2);
}

TEST_CASE("scores that are costly are evaluated once") {
  Eigen::VectorXd const b = gauss(1, 5, 3).row(0).transpose();
  auto const once = [&](auto const& op) {
    INFO(robagg::describe(op));
    matrix const factor = gauss(40, 5, 3);
    int reads = 0;
    op(factor.unaryExpr(counted_factor{&reads}) * b);
    CHECK(reads == 200);
  };
  once(robagg::best{});
  once(robagg::top{3});
  once(robagg::protect{});
  once(robagg::soft_argmax{1.});
  once(robagg::deepconf{});
}
