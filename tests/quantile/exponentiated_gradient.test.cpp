// SPDX-License-Identifier: BSL-1.0
// Multiplicative steps towards the optimum of quantile averaging, and the proof of how near they are.
#include "history.hpp"

#include <robagg/quantile/exponentiated_gradient.hpp>
#include <robagg/quantile/quantile_averaging.hpp>

using namespace robagg_test;
using robagg::exponentiated_gradient, robagg::fit_status, robagg::quantile_averaging;

TEST_CASE("exponentiated gradient comes near, with a proof") {
  auto const h = history(8, 200, 5, 4, 0);
  double const best = quantile_averaging{.levels = h.levels}.fit(h.tables(), h.y).objective;
  auto const fit = exponentiated_gradient{.levels = h.levels, .iterations = 2000, .tolerance = 1e-9}.fit(h.tables(), h.y);
  CHECK((fit.objective >= best * (1 - 1e-9) && fit.objective <= best * (1 + 1e-3)));
  CHECK((fit.gap >= fit.objective - best - 1e-9 * best && fit.gap <= .02 * best));
  CHECK(std::abs(fit.weights.col(0).sum() - 1) <= 1e-12);
  CHECK(fit.status == fit_status::not_converged);
  CHECK(bool(exponentiated_gradient{.levels = h.levels, .tolerance = .05}.fit(h.tables(), h.y)));
  check_call_refused(exponentiated_gradient{.levels = h.levels, .iterations = 0},
                     [&](auto const& op) { op.fit(h.tables(), h.y); }, {"exponentiated_gradient: needs iterations >= 1"});
}
