// SPDX-License-Identifier: BSL-1.0
// Where results go: what has another size and cannot be resized is refused by name, in every build; integers are rounded and
// never overflow; nothing is written or resized before an operator refuses.
#include "laws.hpp"

#include <robagg/any_aggregator.hpp>
#include <robagg/attack/constant_coordinate.hpp>
#include <robagg/attack/gaussian.hpp>
#include <robagg/attack/min_max.hpp>
#include <robagg/attack/optimal.hpp>
#include <robagg/geometry_state.hpp>

using namespace robagg_test;

namespace {

struct outputs {
  robagg::workspace ws;
  matrix x = gauss(9, 12, 5), small = matrix::Constant(2, 3, 7);
  std::vector<double> three = {7, 7, 7}, levels = ascending(12), outcomes = std::vector<double>(9, .5);
  robagg::table<float> f = x.cast<float>();

  static std::vector<double> ascending(Index n) {
    std::vector<double> v;
    for (Index k = 0; k < n; ++k) v.push_back((static_cast<double>(k) + 1) / (static_cast<double>(n) + 1));
    return v;
  }
  // `call` is refused a span of three values, by this operator, and writes nothing.
  void vector(std::string const& name, auto const& call) {
    INFO(name);
    CHECK_THROWS_WITH(call(std::span(three)), Catch::StartsWith(name + ": needs an output of "));
    CHECK(three == std::vector<double>{7, 7, 7});
    std::vector<double> grows;
    call(grows);
    CHECK(grows.size() > 3);
    std::array<double, 3> fixed{7, 7, 7};
    CHECK_THROWS_WITH(call(fixed), Catch::StartsWith(name + ": needs an output of "));
    Eigen::Matrix<double, Eigen::Dynamic, 1, 0, 3, 1> bounded;
    CHECK_THROWS_WITH(call(bounded), Catch::StartsWith(name + ": needs an output of "));
  }
  void rows(std::string const& name, auto const& call) {
    INFO(name);
    CHECK_THROWS_WITH(call(small.block(0, 0, 2, 3)),
                      Catch::StartsWith(name + ": needs an output of m x d values (rows = 2, columns = 3, "));
    CHECK((small.array() == 7).all());
    Eigen::Matrix<double, 2, 3> fixed;
    CHECK_THROWS_WITH(call(fixed), Catch::StartsWith(name + ": needs an output of m x d values"));
    Eigen::MatrixXd grows;
    call(grows);
    CHECK(grows.rows() > 2);
  }
};

}  // namespace

TEST_CASE("an output of the wrong size is refused by name, and one that can grow does") {
  outputs o;
  auto const& x = o.x;
  auto& ws = o.ws;
  matrix const quantiles = x.array().abs().rowwise() + Eigen::RowVectorXd::LinSpaced(12, 0, 100).array();
  auto const of = [&](auto const& op) { o.vector(robagg::name(op), [&](auto&& out) { op.into(x, out, ws); }); };
  of(robagg::median{});
  of(robagg::mean{});
  of(robagg::krum{2});
  of(robagg::trust_weighted{1});
  of(robagg::aksel{});
  of(robagg::bulyan{1});
  of(robagg::median_of_means{3});
  of(robagg::divide_and_conquer{.f = 1, .columns_sampled = 6});
  of(robagg::clip{1} | robagg::geometric_median{});
  of(robagg::any_aggregator(robagg::mean{}));
  of(robagg::gated_averaging{o.outcomes});
  of(robagg::attack::gaussian{});
  of(robagg::attack::constant_coordinate{});
  of(robagg::attack::min_max{});
  of(robagg::attack::optimal{robagg::attack::little_is_enough{1}, robagg::median{}, 1, 2});
  of(robagg::value_norms{});
  matrix const nobody(0, 12);
  o.vector("veto", [&](auto&& out) { robagg::veto{.threshold = 0}.into(nobody, out, ws); });
  o.vector("opinion_pool", [&](auto&& out) { robagg::opinion_pool{}.into(quantiles, out, ws); });
  o.vector("linear_pool", [&](auto&& out) { robagg::linear_pool{o.levels}.into(robagg::isotonic{}(quantiles), out, ws); });
  o.vector("defensive", [&](auto&& out) { robagg::defensive{}.into(x, out, ws); });
  o.vector("defensive", [&](auto&& out) {
    robagg::defensive::state_of<double> state;
    state.add(x.row(0)), state.finish(out, ws);
  });
  robagg::quantile_averaging_fit fit;
  fit.weights = Eigen::MatrixXd::Constant(9, 12, 1 / 9.), fit.intercepts = Eigen::VectorXd::Zero(12);
  o.vector("quantile_averaging_fit", [&](auto&& out) { fit.into(x, out, ws); });
  o.vector("soft_argmax", [&](auto&& out) { robagg::soft_argmax{1}.into(x.row(0), out, ws); });
  o.vector("top", [&](auto&& out) { robagg::top{5}.into(x.row(0), out, ws); });
  o.vector("weighted_interval_score",
           [&](auto&& out) { robagg::weighted_interval_score{o.levels}.into(x, o.outcomes, out, ws); });
  o.vector("crps", [&](auto&& out) { robagg::crps{}.into(x, o.outcomes, out, ws); });
  std::vector<Index> const ns{1, 2, 3, 4};
  o.vector("best_of_n_curve", [&](auto&& out) { robagg::best_of_n_curve{ns}.into(x.row(0), x.row(1), out, ws); });
  o.vector("combine", [&](auto&& out) { robagg::combine(robagg::list<double>(o.outcomes), x, out, ws); });
  CHECK_THROWS_WITH(robagg::combine(robagg::list<double>(o.levels), x, o.three, ws),
                    Catch::Contains("combine: needs one coefficient per report (coefficients = 12, n = 9)"));

  auto const table_of = [&](auto const& op, auto const&... more) {
    o.rows(robagg::name(op), [&](auto&& out) { op.into(x, more..., out, ws); });
  };
  table_of(robagg::clip{1});
  table_of(robagg::nearest_neighbour_mixing{1} | robagg::bucketing{2});
  table_of(robagg::ranks{});
  table_of(robagg::boosted{3});
  table_of(robagg::pool_rows{});
  table_of(robagg::isotonic{});
  table_of(robagg::pinball{o.levels}, o.outcomes);
  table_of(robagg::value_weight{}, matrix(x.cwiseAbs()));
  table_of(robagg::observation_window{.window = 3}, gauss(9, 12, 6));
  o.rows("mean", [&](auto&& out) { robagg::each(robagg::mean{}).into(robagg::cube(x, 3), out, ws); });

  std::array<Index, 2> picks{7, 7};
  CHECK_THROWS_WITH(robagg::each(robagg::mean{} | robagg::best{}).into(robagg::cube(x, 3), std::span(picks), ws),
                    Catch::Contains("mean | best: needs an output of cube.size() values (size = 2, cube.size() = 3)"));
  CHECK(picks == std::array<Index, 2>{7, 7});
  std::array<robagg::gated, 2> both;
  CHECK_THROWS_WITH(robagg::gated_pick{}.into(x.row(0), x.row(1), both, ws),
                    Catch::Contains("gated_pick: needs an output of d values (size = 2, d = 12)"));
  std::vector<float> second(3, 7);
  Eigen::VectorXf first;
  CHECK_THROWS_WITH(robagg::defensive{}.into(o.f, std::span(second), first, ws),
                    Catch::Contains("defensive: needs an output of d values"));
  CHECK(second == std::vector<float>(3, 7));
  CHECK_THROWS_WITH(robagg::any_aggregator(robagg::defensive{}).into(o.f, std::span(second), first, ws),
                    Catch::Contains("defensive: needs an output of d values"));
  CHECK(second == std::vector<float>(3, 7));
}

TEST_CASE("what is refused for another reason leaves its output as it was") {
  outputs o;
  auto& ws = o.ws;
  matrix bad = gauss(9, 12, 5);
  bad(4, 3) = not_a_number;
  matrix const good = gauss(9, 12, 5);
  auto const stays = [&](auto const& call) {
    std::vector<double> out(7, 7.);
    CHECK_THROWS_AS(call(out), robagg::bad_input);
    CHECK(out == std::vector<double>(7, 7.));
  };
  auto const stays_table = [&](auto const& call) {
    matrix out = matrix::Constant(2, 3, 7);
    CHECK_THROWS_AS(call(out), robagg::bad_input);
    CHECK((out.rows() == 2 && out.cols() == 3 && (out.array() == 7).all()));
  };
  std::vector<double> const closed(9, -infinity);
  std::vector<Index> const too_many{1, 13};
  Eigen::VectorXd const nothing = Eigen::VectorXd::Constant(4, not_a_number);
  stays([&](auto& out) { robagg::opinion_pool{}.into(bad, out, ws); });
  stays([&](auto& out) { robagg::opinion_pool{}.into(good.leftCols(1), out, ws); });
  stays([&](auto& out) { robagg::linear_pool{o.levels}.into(bad, out, ws); });
  stays([&](auto& out) { robagg::gated_averaging{closed}.into(good, out, ws); });
  stays([&](auto& out) { robagg::soft_argmax{1}.into(nothing, out, ws); });
  stays([&](auto& out) { robagg::top{1}.into(nothing, out, ws); });
  stays([&](auto& out) { robagg::protect{2}.into(nothing, out, ws); });
  stays([&](auto& out) { robagg::weighted_interval_score{o.levels, -1}.into(good, o.outcomes, out, ws); });
  stays([&](auto& out) { robagg::crps{}.into(good.leftCols(0), o.outcomes, out, ws); });
  stays([&](auto& out) { robagg::best_of_n_curve{too_many}.into(good.row(0), good.row(1), out, ws); });
  stays([&](auto& out) { robagg::value_norms{}.into(good.leftCols(0), out, ws); });
  stays([&](auto& out) { robagg::trimmed_mean{5}.into(good, out, ws); });
  stays([&](auto& out) { robagg::krum{5}.into(good, out, ws); });
  stays([&](auto& out) { (robagg::ranks{} | robagg::trimmed_mean{5}).into(good, out, ws); });
  stays([&](auto& out) { robagg::veto{.threshold = not_a_number}.into(good.topRows(0), out, ws); });
  std::vector<double> const uneven{8, 1, 1, 1, 1, 1, 1, 1, 1};  // the heaviest row has the majority
  stays([&](auto& out) { robagg::trimmed_mean{3}.into(robagg::weighted(good, uneven), out, ws); });
  stays_table([&](auto& out) { robagg::value_weight{}.into(good, good, out, ws); });
  stays_table([&](auto& out) { robagg::boosted{2}.into(good, out, ws); });
  stays_table([&](auto& out) { robagg::isotonic{.min_gap = -1}.into(good, out, ws); });
  stays_table([&](auto& out) { robagg::each(robagg::krum{4}).into(robagg::cube(good, 3), out, ws); });
  std::vector<std::vector<Index>> lists(2, {7});
  CHECK_THROWS_WITH(robagg::each(robagg::mean{} | robagg::top{0}).into(robagg::cube(good, 3), lists, ws),
                    Catch::Contains("top: needs k >= 1 (k = 0)"));
  CHECK(lists == std::vector<std::vector<Index>>(2, {7}));
  Index place = 7;
  CHECK_THROWS_AS(robagg::best{}.into(nothing, place, ws), robagg::bad_input);
  CHECK(place == 7);
}

TEST_CASE("whole numbers are the nearest ones, ties to even, as far as their type goes") {
  matrix const x{{300, -5, not_a_number, .5, 1.5, 2.5, -.5, infinity, -infinity, 254.5, 254.6, 1e300}};
  robagg::workspace ws;
  auto const in_type = [&]<class S>(S, std::vector<double> const& expected) {
    std::vector<S> vector;
    robagg::mean{}.into(x, vector, ws);
    for (std::size_t j = 0; j < expected.size(); ++j) CHECK(static_cast<double>(vector[j]) == expected[j]);
    std::vector<S> kept(vector.size());
    robagg::mean{}.into(x, std::span(kept), ws);
    CHECK(kept == vector);
    robagg::table<S> rows;
    robagg::ranks{}.into(x, rows, ws);
    CHECK(static_cast<double>(rows(0, 2)) == 12);
    (robagg::bucketing{1} | robagg::clip{infinity}).into(x.middleCols(3, 4), rows, ws);
    for (Index j = 0; j < 4; ++j) CHECK(static_cast<double>(rows(0, j)) == expected[static_cast<std::size_t>(j) + 3]);
  };
  in_type(std::uint8_t{}, {255, 0, 0, 0, 2, 2, 0, 255, 0, 254, 255, 255});
  in_type(std::int8_t{}, {127, -5, 0, 0, 2, 2, 0, 127, -128, 127, 127, 127});
  in_type(int{}, {300, -5, 0, 0, 2, 2, 0, 2147483647, -2147483648., 254, 255, 2147483647});
  in_type(std::int64_t{}, {300, -5, 0, 0, 2, 2, 0, 0x1p63, -0x1p63, 254, 255, 0x1p63});
  in_type(std::uint64_t{}, {300, 0, 0, 0, 2, 2, 0, 0x1p64, 0, 254, 255, 0x1p64});
  Eigen::Matrix<bool, Eigen::Dynamic, 1> flags;
  robagg::veto{.threshold = 1}.into(x, flags, ws);
  CHECK((flags(0) && !flags(1) && flags(2) && !flags(3) && flags(4)));
  Eigen::VectorXi scattered = Eigen::VectorXi::Constant(24, 7);
  robagg::mean{}.into(x, Eigen::Map<Eigen::VectorXi, 0, Eigen::InnerStride<2>>(scattered.data(), 12), ws);
  CHECK((scattered(0) == 300 && scattered(1) == 7 && scattered(4) == 0));
  // Floating numbers as before.
  Eigen::Matrix<Eigen::half, Eigen::Dynamic, 1> half;
  robagg::mean{}.into(x, half, ws);
  CHECK((half(11) == std::numeric_limits<Eigen::half>::infinity() && (Eigen::numext::isnan)(half(2))));
}

TEST_CASE("a position that its type does not hold is refused") {
  matrix const x = gauss(1, 300, 3);
  robagg::workspace ws;
  std::uint8_t place = 7;
  std::vector<std::uint8_t> places{7};
  std::vector<std::int8_t> kept{7};
  CHECK_THROWS_WITH(
      robagg::best{}.into(x.row(0), place, ws),
      Catch::Contains("best: needs an output whose numbers hold every position (last position = 299, largest number = 255)"));
  CHECK_THROWS_WITH(robagg::top{2}.into(x.row(0), places, ws),
                    Catch::Contains("top: needs an output whose numbers hold every position"));
  CHECK_THROWS_WITH(
      robagg::protect{}.into(x.row(0).head(129), kept, ws),
      Catch::Contains(
          "protect: needs an output whose numbers hold every position (last position = 128, largest number = 127)"));
  CHECK((place == 7 && places == std::vector<std::uint8_t>{7} && kept == std::vector<std::int8_t>{7}));
  robagg::best{}.into(x.row(0).head(256), place, ws);
  CHECK(place == robagg::best{}(x.row(0).head(256)));
  Eigen::VectorXf in_floats;  // hold all positions to 2^24
  robagg::top{2}.into(x.row(0), in_floats, ws);
  CHECK(in_floats.size() == 2);
}
