// SPDX-License-Identifier: BSL-1.0
// Kemeny's order as an integer programme, by other people's code: which of two items comes first, for every pair, without
// cycles of three.
#include "profiles.hpp"

#include <iostream>

#ifdef ROBAGG_HAS_GLPK
#include <glpk.h>
#endif

using namespace robagg_test;

#ifdef ROBAGG_HAS_GLPK
namespace {

// What the cheapest order costs, where above(a, b) is what it costs to put a above b.
double least_by_programme(matrix const& above) {
  int const d = static_cast<int>(above.rows());
  glp_term_out(GLP_OFF);
  glp_prob* const ip = glp_create_prob();
  glp_set_obj_dir(ip, GLP_MIN);
  glp_add_cols(ip, d * (d - 1) / 2);
  auto const variable = [&](int a, int b) { return a * d - a * (a + 1) / 2 + b - a; };  // a < b; from 1
  double constant = 0;
  for (int a = 0; a < d; ++a) {
    for (int b = a + 1; b < d; ++b) {
      glp_set_col_kind(ip, variable(a, b), GLP_BV);
      glp_set_obj_coef(ip, variable(a, b), above(a, b) - above(b, a));
      constant += above(b, a);
    }
  }
  std::vector<int> at_row{0}, at_col{0};
  std::vector<double> value{0};
  for (int a = 0; a < d; ++a) {
    for (int b = a + 1; b < d; ++b) {
      for (int c = b + 1; c < d; ++c) {
        int const row = glp_add_rows(ip, 1);
        glp_set_row_bnds(ip, row, GLP_DB, 0, 1);
        for (auto const& [at, sign] : {std::pair{variable(a, b), 1.}, {variable(b, c), 1.}, {variable(a, c), -1.}})
          at_row.push_back(row), at_col.push_back(at), value.push_back(sign);
      }
    }
  }
  glp_load_matrix(ip, static_cast<int>(value.size()) - 1, at_row.data(), at_col.data(), value.data());
  glp_iocp options;
  glp_init_iocp(&options);
  options.msg_lev = GLP_MSG_OFF, options.presolve = GLP_ON;
  bool const solved = glp_intopt(ip, &options) == 0 && glp_mip_status(ip) == GLP_OPT;
  double const least = solved ? constant + glp_mip_obj_val(ip) : not_a_number;
  glp_delete_prob(ip);
  return least;
}

}  // namespace

TEST_CASE("kemeny costs what an integer programme finds", "[long]") {
  int entangled = 0;
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    numbers random(seed);
    Index const d = 8 + random.below(7), n = 3 + random.below(6);
    profiles::profile p{matrix(n, d), {}};
    for (Index e = 0; e < p.scores.size(); ++e) {
      bool const missing = seed % 3 == 0 && random.below(8) == 0;
      p.scores.data()[e] = missing ? not_a_number : static_cast<double>(random.below(seed % 2 == 0 ? 6 : 100));
    }
    for (Index i = 0; i < n; ++i) p.weights.push_back(static_cast<double>(1 + random.below(4)));
    auto const way = profiles::ways[seed % 3];
    matrix above = matrix::Zero(d, d);
    double ties = 0;
    for (Index a = 0; a < d; ++a) {
      for (Index b = 0; b < d; ++b) {
        if (a != b) above(a, b) = profiles::wins(p, b, a, way);
        for (Index i = 0; i < n && a < b; ++i) {
          if (profiles::level(p.scores(i, a), p.scores(i, b), way)) ties += .5 * p.weights[static_cast<std::size_t>(i)];
        }
      }
    }
    auto const found = robagg::kemeny{way}.solve(p.voters());
    CAPTURE(seed, d, n);
    CHECK(found.optimal);
    CHECK(found.cost == Approx(least_by_programme(above) + ties).epsilon(1e-9));
    entangled +=
        found.cost > ties + above.cwiseMin(above.transpose()).sum() / 2 + 1e-9;  // majorities that contradict each other
  }
  CHECK(entangled > 6);
}
#else
TEST_CASE("kemeny costs what an integer programme finds") {
  std::cout << "kemeny_programme: skipped, there is no GLPK (glpk.h, libglpk)\n";
}
#endif
