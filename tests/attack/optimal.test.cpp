// SPDX-License-Identifier: BSL-1.0
// The strength that harms a rule most.
#include "laws.hpp"

#include <robagg/attack/optimal.hpp>

using namespace robagg_test;
using robagg::attack::inner_product_manipulation;
using robagg::attack::little_is_enough;
using robagg::attack::optimal;
using robagg::attack::sign_flip;

namespace {

// byzfl's search, with the rule and the attack as functions.
double searched(matrix const& honest, Index f, std::function<matrix(double)> const& lie,
                std::function<matrix(matrix const&)> const& rule, Index evaluations) {
  matrix table(honest.rows() + f, honest.cols());
  table.topRows(honest.rows()) = honest;
  auto const harm = [&](double strength) {
    table.bottomRows(f) = lie(strength).replicate(f, 1);
    return (rule(table) - reference::mean(honest)).norm();
  };
  double best = 0, most = harm(0), step = 10;
  --evaluations;
  for (bool pays = true; pays && evaluations > 0; --evaluations) {
    double const now = harm(best + step);
    pays = now > most;
    if (pays) best += step, most = now, step *= 2;
    if (!pays) step *= .8;
  }
  for (; evaluations > 0; --evaluations, step *= .8) {
    double const now = harm(best + step);
    if (now > most) best += step, most = now;
  }
  return best;
}

// Follows the last report up to 50.
struct follows_to_fifty {
  double beyond = 0;
  void into(robagg::reports auto const& x, auto&& out, robagg::workspace&) const {
    for (Index c = 0; c < x.cols(); ++c) out(c) = std::abs(x(x.rows() - 1, c)) <= 50 ? x(x.rows() - 1, c) : beyond;
  }
};

}  // namespace

TEST_CASE("optimal finds the strength that harms most") {
  matrix const honest = gauss(8, 6, 3).array() + 2;
  robagg::workspace ws;
  // The mean moves with the lie, however strong: 10, 30, 70, ...
  CHECK(optimal{inner_product_manipulation{}, robagg::mean{}, 2}.strength(honest, ws) == 10 * (std::pow(2, 19) - 1));
  CHECK(optimal{little_is_enough{}, robagg::mean{}, 2, 3}.strength(honest, ws) == 30);
  CHECK(optimal{sign_flip{}, robagg::mean{}, 2, 3, 1., .5}.strength(honest, ws) == 2.5);
  CHECK(optimal{sign_flip{}, robagg::mean{}, 2, 1, 1.}.strength(honest, ws) == 1);
  // 10, 30, not 70, 62, 55.6, 50.48, but 46.384; steps shrink on, by then 13.1072, until 3.436 more are not too many.
  double const step = 40 * std::pow(.8, 4);
  double const last = 30 + step + step * std::pow(.8, 7);
  matrix const one = matrix::Ones(2, 1);
  CHECK(std::abs(optimal{sign_flip{}, follows_to_fifty{}, 1, 15}.strength(one, ws) - last) < 1e-12);
  CHECK(optimal{sign_flip{}, follows_to_fifty{}, 1, 14}.strength(one, ws) == 30 + step);
  CHECK(optimal{sign_flip{}, follows_to_fifty{not_a_number}, 1}.strength(one, ws) == 70);  // nothing is worse
  // Sixteen evaluations, and the result is the attack of that strength.
  auto const attack = optimal{inner_product_manipulation{}, robagg::krum{2}, 2, 16, 0., .1};
  double const found = attack.strength(honest, ws);
  CHECK(same_bits(in<double>(attack, honest), in<double>(inner_product_manipulation{found}, honest)));
  // Lies that turn the result to infinity or NaN are the worst, and end the search.
  Eigen::MatrixXf const large = Eigen::MatrixXf::Constant(3, 1, 1e38f);
  CHECK(std::isinf(optimal{sign_flip{}, robagg::mean{}, 2}(large)(0)));
  CHECK(optimal{sign_flip{}, robagg::mean{}, 1, 100, 1e308, 1e308}.strength(honest, ws) == 1e308);
}

TEST_CASE("optimal agrees with a search in plain steps") {
  for (std::uint64_t const seed : {1u, 2u, 3u, 4u, 5u, 6u}) {
    matrix const honest = gauss(9, 4, seed);
    robagg::workspace ws;
    auto const little = [&](double s) { return reference::uncertainty_weighted(honest, -s, 1, true); };
    auto const inner = [&](double s) -> matrix { return -s * reference::mean(honest); };
    auto const median = [](matrix const& x) { return reference::median(x); };
    auto const mixed = [](matrix const& x) { return reference::trimmed_mean(reference::nearest_neighbour_mixing(x, 3), 3); };
    for (Index const evaluations : {2, 5, 20}) {
      INFO("seed " << seed << ", " << evaluations << " evaluations");
      CHECK(optimal{little_is_enough{}, robagg::median{}, 3, evaluations}.strength(honest, ws) ==
            searched(honest, 3, little, median, evaluations));
      CHECK(optimal{inner_product_manipulation{}, robagg::nearest_neighbour_mixing{3} | robagg::trimmed_mean{3}, 3, evaluations}
                .strength(honest, ws) == searched(honest, 3, inner, mixed, evaluations));
    }
  }
}

TEST_CASE("optimal obeys the laws of its attack") {
  auto const attack = optimal{little_is_enough{}, robagg::trimmed_mean{2}, 2};
  CHECK(robagg::name(attack) == "optimal");
  CHECK(robagg::describe(attack) == "optimal{little_is_enough{}, trimmed_mean{.f = 2}, 2}");
  check_laws(subject_of(attack), {permutation_invariant, same_bits_in_any_order_of_storage, workspace_settles, no_columns,
                                  needs_a_report, subset_is_those_rows});
  check_outputs(attack);
}

TEST_CASE("optimal refuses wrong numbers") {
  matrix const x = gauss(4, 2);
  check_refuses(optimal{sign_flip{}, robagg::mean{}, 0}, x, {"optimal: needs f >= 1", "f = 0"});
  check_refuses(optimal{sign_flip{}, robagg::mean{}, 1, 0}, x, {"optimal: needs evaluations >= 1", "evaluations = 0"});
  check_refuses(optimal{sign_flip{}, robagg::mean{}, 1, 5, infinity}, x,
                {"optimal: needs a finite start, step and ratio > 0", "start = inf"});
  check_refuses(optimal{sign_flip{}, robagg::mean{}, 1, 5, 0., infinity}, x, {"step = inf"});
  check_refuses(optimal{sign_flip{}, robagg::mean{}, 1, 5, 0., 1., 0.}, x, {"ratio = 0"});
  check_refuses(optimal{sign_flip{}, robagg::trimmed_mean{3}, 2}, x, {"trimmed_mean: needs n > 2f", "n = 6", "f = 3"});
  check_refuses(optimal{little_is_enough{}, robagg::mean{}, 2}, gauss(1, 2), {"little_is_enough: needs two honest reports"});
}
