// SPDX-License-Identifier: BSL-1.0
// What an operator refuses at one door it refuses at all, in the same words, and writes nothing: every operator with
// parameters that are wrong through the call, `into` and weights; operators of every kind, with every way in which a table is
// wrong, also through diagnose, influence, a state, any_aggregator, pipes, slices and cubes.
#include "laws.hpp"

#include <robagg/any_aggregator.hpp>
#include <robagg/attack/anti_cge.hpp>
#include <robagg/attack/gaussian.hpp>
#include <robagg/attack/inner_product_manipulation.hpp>
#include <robagg/attack/little_is_enough.hpp>
#include <robagg/attack/mimic.hpp>
#include <robagg/attack/min_max.hpp>
#include <robagg/attack/optimal.hpp>
#include <robagg/attack/sign_flip.hpp>
#include <robagg/diagnose.hpp>
#include <robagg/geometry_state.hpp>
#include <robagg/parallel.hpp>

using namespace robagg_test;

namespace {

// One door: what it says contains the rule.
void knock(char const* door, std::string const& rule, robagg::detail::function_ref<void()> call) {
  std::string said = "nothing";
  try {
    call();
  } catch (robagg::bad_input const& e) { said = e.what(); }
  INFO("through " << door);
  CHECK_THAT(said, Catch::Contains(": " + rule));
}

// The doors that every operator has.
template <class Op, class R>
void front_doors(Op const& op, R const& x, std::string const& rule) {
  using namespace robagg;
  INFO(describe(op));
  workspace ws;
  table<double> rows = table<double>::Constant(2, 3, 7);
  Eigen::VectorXd y = Eigen::VectorXd::Constant(2, 7);
  knock("the call", rule, [&] { op(x); });
  if constexpr (transform<Op>) {
    knock("into", rule, [&] { op.into(x, rows, ws); });
  } else {
    knock("into", rule, [&] { op.into(x, y, ws); });
    if constexpr (detail::knows_weights<Op, R>) knock("weights", rule, [&] { weights(op, x); });
  }
  CHECK((rows.rows() == 2 && rows.cols() == 3 && (rows.array() == 7).all()));
  CHECK((y.size() == 2 && (y.array() == 7).all()));
}

template <class Op, class R>
void all_doors(Op const& op, R const& x, std::string const& rule) {
  using namespace robagg;
  front_doors(op, x, rule);
  INFO(describe(op));
  workspace ws;
  table<double> rows = table<double>::Constant(2, 3, 7);
  Eigen::VectorXd y = Eigen::VectorXd::Constant(2, 7);
  if constexpr (transform<Op>) {
    if constexpr (detail::accepts<decltype(op | mean{}), R>()) knock("a pipe", rule, [&] { (op | mean{}).into(x, y, ws); });
    if constexpr (detail::dense<R>) knock("a cube", rule, [&] { each(op).into(cube(x, 1), rows, ws); });
  } else {
    std::vector<Index> picked(2, 7);
    knock("a pipe", rule, [&] { (op | top{1}).into(x, picked, ws); });
    CHECK(picked == std::vector<Index>(2, 7));
    knock("influence", rule, [&] { influence(op, x); });
    if constexpr (detail::knows_weights<Op, R>) knock("diagnose", rule, [&] { diagnose(op, x); });
    if constexpr (detail::dense<R>) {
      knock("a cube", rule, [&] { each(op).into(cube(x, 1), rows, ws); });
      knock("a cube of decisions", rule, [&] {
        std::vector<Index> places(3, 7);
        try {
          each(op | best{}).into(cube(x, 1), places, ws);
        } catch (bad_input const&) {
          CHECK(places == std::vector<Index>(3, 7));
          throw;
        }
      });
    }
    // Behind weights that all are 1 as well.
    if constexpr (reports<R>) {
      std::vector<double> const ones(static_cast<std::size_t>(x.rows()), 1.);
      using W = decltype(weighted(x, ones));
      if constexpr (detail::accepts<Op, W>()) knock("a weighted table", rule, [&] { op.into(weighted(x, ones), y, ws); });
    }
  }
  if constexpr (detail::sliceable<Op>) {
    if constexpr (transform<Op>) {
      knock("slices", rule, [&] { sliced(op).into(x, rows, ws); });
    } else {
      knock("slices", rule, [&] { sliced(op).into(x, y, ws); });
    }
  }
  if constexpr (detail::dense<R> && detail::geometric<Op> && !detail::column_rule<Op>) {
    if (x.rows() > 0) {
      geometry_state state(x.rows());
      state.add(x, 0);
      REQUIRE(state.complete());
      knock("a state", rule, [&] { state.weights(op); });
    }
  }
  CHECK((rows.rows() == 2 && rows.cols() == 3 && (rows.array() == 7).all()));
  CHECK((y.size() == 2 && (y.array() == 7).all()));
}

// Every way in which a table is wrong, as far as op reads such tables.
template <class Op>
void all_tables(Op const& op) {
  using namespace robagg;
  matrix const x = gauss(9, 12, 3), nobody(0, 12);
  all_doors(op, nobody, "needs at least one report (n = 0)");

  std::vector<double const*> buffers(9, x.data());
  front_doors(op, rows_of(buffers, -1), "rows_of needs d >= 0 (d = -1)");
  buffers[4] = nullptr;
  front_doors(op, rows_of(buffers, 12), "rows_of has a null row (row = 4)");
  std::vector<Index> const unknown{0, 1, 2, 3, 4, 5, 6, 7, 9}, below{0, 1, 2, 3, 4, 5, 6, 7, -1}, none;
  front_doors(op, subset(x, unknown), "subset names an unknown row (row = 9, rows = 9)");
  front_doors(op, subset(x, below), "subset names an unknown row (row = -1, rows = 9)");
  front_doors(op, subset(x, none), "needs at least one report (n = 0)");

  std::vector<double> w(9, 1.), few(8, 1.), zero(9, 0.), infinite = w, negative = w, missing = w;
  if constexpr (detail::accepts<Op, decltype(weighted(x, w))>()) {
    infinite[2] = infinity, negative[3] = -1, missing[5] = not_a_number;
    all_doors(op, weighted(x, few), "needs one weight per row (weights = 8, n = 9)");
    all_doors(op, weighted(x, zero), "needs a weight above 0 (n = 9)");
    all_doors(op, weighted(x, infinite), "needs finite weights >= 0 (row = 2, weight = inf)");
    all_doors(op, weighted(x, negative), "needs finite weights >= 0 (row = 3, weight = -1)");
    all_doors(op, weighted(x, missing), "needs finite weights >= 0 (row = 5, weight = nan)");
  }
  Eigen::RowVectorXd const shorter = Eigen::RowVectorXd::Zero(11);
  Eigen::RowVectorXd origin = Eigen::RowVectorXd::Zero(12);
  origin(7) = infinity;
  if constexpr (detail::accepts<Op, decltype(around(x, origin))>()) {
    front_doors(op, around(x, shorter), "needs an origin with one value per column (origin = 11, d = 12)");
    front_doors(op, around(x, origin), "needs a finite origin (column = 7, value = inf)");
  }
}

}  // namespace

TEST_CASE("wrong parameters are refused at every door") {
  using namespace robagg;
  matrix const x = gauss(9, 12, 3);
  auto const wrong = [&](auto const& op, char const* rule) { front_doors(op, x, rule); };
  wrong(trimmed_mean{5}, "needs n > 2f (n = 9, f = 5)");
  wrong(trimmed_mean{-1}, "needs f >= 0");
  wrong(interior_trimmed_mean{1.}, "needs 0 <= share < 1");
  wrong(quantile{not_a_number}, "needs 0 <= p <= 1");
  wrong(mean_around_median{9}, "needs ");
  wrong(phocas{5}, "needs ");
  wrong(soft_min{not_a_number}, "needs a finite beta > 0");
  wrong(uncertainty_weighted{not_a_number}, "needs a finite lambda");
  wrong(uncertainty_weighted{.lambda = 1, .ddof = 2}, "needs ddof 0 or 1");
  wrong(defensive{not_a_number}, "needs a finite floor_strength >= 0");
  wrong(veto{.threshold = not_a_number}, "needs a threshold that is not NaN");
  wrong(veto{.threshold = 0, .quorum = 10}, "needs 1 <= quorum <= m");
  wrong(krum{5}, "needs n > 2f");
  wrong(multi_krum{.f = 1, .m = 9}, "needs 1 <= m <= n - f");
  wrong(bulyan{2}, "needs n >= 4f + 3");
  wrong(median_of_means{10}, "needs 1 <= groups <= n");
  wrong(minimum_diameter_averaging{5}, "needs n > 2f");
  wrong(smallest_max_eigenvalue_averaging{5}, "needs n > 2f");
  wrong(comparative_gradient_elimination{5}, "needs n > 2f");
  wrong(covariance_filter{5}, "needs n > 2f");
  wrong(centered_clipping{not_a_number}, "needs radius >= 0");
  wrong(flag_aggregator{.subspace = 10}, "needs 1 <= subspace <= n");
  wrong(geometric_median{.smoothing = -1}, "needs a finite smoothing >= 0");
  wrong(nearest_to{.row = 9, .f = 1}, "needs 0 <= row < n");
  wrong(nearest_to{.row = -1, .f = 1}, "needs 0 <= row < n");
  wrong(trust_weighted{9}, "needs 0 <= row < n");
  wrong(aksel{10}, "needs 1 <= keep <= n");
  wrong(divide_and_conquer{5}, "needs n > 2f");
  std::vector<Index> const column{12}, twice{0, 1, 2, 3, 4, 5, 6, 7, 7};
  wrong(divide_and_conquer{.f = 1, .filter = 10}, "needs filter f < n");
  wrong(norm_bounded_mean{not_a_number}, "needs radius >= 0");
  wrong(opinion_pool{.extremise = -1}, "needs a finite extremise >= 0");
  wrong(attack::mimic{9}, "needs an honest row");
  wrong(attack::gaussian{.deviation = -1}, "needs a finite deviation >= 0");
  wrong(attack::little_is_enough{infinity}, "needs finite deviations");
  wrong(attack::inner_product_manipulation{infinity}, "needs a finite factor");
  wrong(attack::sign_flip{infinity}, "needs a finite factor");
  wrong(attack::anti_cge{9}, "needs 1 <= f < n");
  wrong(attack::min_max{-1}, "needs a finite most >= 0");
  wrong(attack::optimal{attack::sign_flip{}, trimmed_mean{5}, 1}, "needs n > 2f");

  wrong(clip{not_a_number}, "needs radius >= 0");
  wrong(adaptive_clip{10}, "needs 0 <= f <= n");
  wrong(nearest_neighbour_mixing{9}, "needs f < n");
  wrong(bucketing{0}, "needs size >= 1");
  wrong(bucketing{.size = 2, .permutation = column}, "needs a permutation of all rows");
  wrong(bucketing{.size = 2, .permutation = twice}, "has a row twice in its permutation");
  wrong(boosted{2}, "needs the same versions of each model");
  wrong(pool_rows{4}, "needs an odd kernel >= 1");
  wrong(isotonic{.min_gap = -1}, "needs a finite min_gap >= 0");
  wrong(rearrange{.min_gap = not_a_number}, "needs a finite min_gap >= 0");

  // Pipes: either stage, and what the first one leaves.
  wrong(clip{not_a_number} | geometric_median{}, "needs radius >= 0");
  wrong(clip{1} | krum{5}, "needs n > 2f");
  wrong(clip{1} | trimmed_mean{5}, "needs n > 2f");
  wrong(ranks{} | trimmed_mean{5}, "needs n > 2f");
  wrong(ranks{} | nearest_to{.row = 9, .f = 0}, "needs 0 <= row < n");
  wrong(bucketing{3} | krum{2}, "needs n > 2f (n = 3, f = 2)");
  wrong(bucketing{3} | nearest_to{.row = 3, .f = 0}, "needs 0 <= row < n (row = 3, n = 3)");
  wrong(nearest_neighbour_mixing{1} | clip{not_a_number}, "needs radius >= 0");
  wrong(any_aggregator(trimmed_mean{5}), "needs n > 2f");
  wrong(any_aggregator("krum", {{"f", 5}}), "needs n > 2f");
  wrong(any_aggregator(clip{1} | trust_weighted{9}), "needs 0 <= row < n");
  wrong(sliced(trimmed_mean{5}), "needs n > 2f");
}

TEST_CASE("wrong parameters of operators of every kind are refused at every door") {
  using namespace robagg;
  matrix const x = gauss(9, 12, 3);
  all_doors(trimmed_mean{5}, x, "needs n > 2f (n = 9, f = 5)");
  all_doors(krum{5}, x, "needs n > 2f (n = 9, f = 5)");
  all_doors(trust_weighted{9}, x, "needs 0 <= row < n (row = 9, n = 9)");
  all_doors(bulyan{2}, x, "needs n >= 4f + 3");
  all_doors(opinion_pool{.extremise = -1}, x, "needs a finite extremise >= 0");
  all_doors(attack::optimal{attack::sign_flip{}, trimmed_mean{5}, 1}, x, "needs n > 2f");
  all_doors(clip{not_a_number}, x, "needs radius >= 0");
  all_doors(isotonic{.min_gap = -1}, x, "needs a finite min_gap >= 0");
  all_doors(ranks{} | trimmed_mean{5}, x, "needs n > 2f");
}

TEST_CASE("wrong tables are refused at every door") {
  using namespace robagg;
  all_tables(median{});
  all_tables(mean{});
  all_tables(defensive{});
  all_tables(geometric_median{});
  all_tables(nearest_to{.row = 0, .f = 1});
  all_tables(trust_weighted{0});
  all_tables(bulyan{1});
  all_tables(attack::mimic{0});
  all_tables(clip{1} | geometric_median{});
  all_tables(clip{1} | median{});
  all_tables(ranks{} | mean{});
  all_tables(sliced(mean{}));
  all_tables(clip{1});
  all_tables(bucketing{2});
  all_tables(isotonic{});
  all_tables(ranks{});
}

TEST_CASE("veto alone is asked of nobody") {
  matrix const nobody(0, 3);
  CHECK(each(robagg::veto{.threshold = 0})(robagg::cube(nobody, 1)).isOnes());
  CHECK(robagg::veto{.threshold = 0}(nobody).isOnes());
  CHECK_THROWS_WITH(robagg::veto{.threshold = 0}(robagg::rows_of(std::vector<double const*>{}, -1)),
                    Catch::Contains("rows_of needs d >= 0"));
}
