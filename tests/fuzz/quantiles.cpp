// SPDX-License-Identifier: BSL-1.0
// Fitted weights against other weights, within the gap that they prove; repairs and scores against their definitions.
#include "fuzz.hpp"

#include <robagg/cube.hpp>
#include <robagg/quantile/conformal_quantile.hpp>
#include <robagg/quantile/crps.hpp>
#include <robagg/quantile/exponentiated_gradient.hpp>
#include <robagg/quantile/isotonic.hpp>
#include <robagg/quantile/linear_pool.hpp>
#include <robagg/quantile/opinion_pool.hpp>
#include <robagg/quantile/pinball.hpp>
#include <robagg/quantile/quantile_averaging.hpp>
#include <robagg/quantile/rearrange.hpp>
#include <robagg/quantile/weighted_interval_score.hpp>

#include <algorithm>

using namespace robagg_fuzz;
namespace ra = robagg;

static std::vector<double> levels_of(Index r) {
  std::vector<double> levels;
  for (Index k = 1; k <= r; ++k) levels.push_back(static_cast<double>(k) / static_cast<double>(r + 1));
  return levels;
}
static double pinball(double level, double y, double q) { return y > q ? level * (y - q) : (level - 1) * (y - q); }

static void check_fit(input& in) {
  Index const n = in.between(1, 6), p = in.between(1, 4), r = in.between(1, 3);
  auto const levels = levels_of(r);
  matrix const x = in.table(n * p, r, in.any_of({kind::few, kind::plain}));
  std::vector<double> y = in.numbers(n, kind::plain), c;
  for (Index i = 0; i < n; ++i) c.push_back(static_cast<double>(in.between(0, 3)));
  c[0] += 1;
  ra::quantile_averaging op{.levels = levels,
                            .weights = in.any_of({ra::weight_sharing::coarse, ra::weight_sharing::per_level}),
                            .intercept = in.between(0, 3) == 0,
                            .noncrossing = in.between(0, 3) == 0,
                            .ridge = in.any_of({0., 0., 1.})};
  auto const fit = op.fit(ra::cube(x, n), y, c);
  auto const loss = [&](Eigen::MatrixXd const& w, Eigen::VectorXd const& offset) {
    double sum = .5 * op.ridge * static_cast<double>(std::count_if(c.begin(), c.end(), [](double v) { return v > 0; })) *
                 w.squaredNorm();
    for (Index i = 0; i < n; ++i) {
      for (Index k = 0; k < r; ++k) {
        double const q = w.col(k).dot(x.col(k).segment(i * p, p)) + offset(k);
        auto const at = static_cast<std::size_t>(i);
        sum += c[at] * pinball(levels[static_cast<std::size_t>(k)], y[at], q);
      }
    }
    return sum;
  };
  demand(fit.weights.allFinite() && fit.intercepts.allFinite(), "fitted weights are finite");
  demand((fit.weights.array() >= 0).all(), "fitted weights are not negative");
  demand((fit.weights.colwise().sum().array() - 1).abs().maxCoeff() <= 1e-9, "fitted weights sum to 1");
  double const own = loss(fit.weights, fit.intercepts), scale = 1 + std::abs(own);
  demand(fit.status != ra::fit_status::overflow && fit.gap >= 0, "small numbers do not overflow, and the gap is one");
  demand(op.ridge > 0 || std::abs(own - fit.objective) <= 1e-7 * scale, "the objective is the loss of the weights");
  if (fit.status == ra::fit_status::optimal) demand(fit.gap <= 1e-7 * scale, "what is optimal has a small gap");
  // How far the levels of one observation cross.
  auto const crossing = [&](Eigen::MatrixXd const& w, Eigen::VectorXd const& offset) {
    double most = 0;
    for (Index i = 0; i < n; ++i) {
      for (Index k = 1; k < r; ++k) {
        double const low = w.col(k - 1).dot(x.col(k - 1).segment(i * p, p)) + offset(k - 1);
        most = std::max(most, low - w.col(k).dot(x.col(k).segment(i * p, p)) - offset(k));
      }
    }
    return most;
  };
  if (fit && op.noncrossing)
    demand(crossing(fit.weights, fit.intercepts) <= 1e-6, "noncrossing: no level is below the one before");
  if (op.noncrossing && op.ridge > 0) return;  // levels that are fitted together count the ridge once a level
  for (Index trial = 0; trial < p + 6; ++trial) {
    Eigen::VectorXd w = Eigen::VectorXd::Zero(p), offset = Eigen::VectorXd::Zero(r);
    if (trial < p) {
      w(trial) = 1;
    } else {
      for (double& v : w) v = static_cast<double>(in.between(0, 4));
      w = (w.array() + (w.sum() == 0 ? 1 : 0)).matrix();
      w /= w.sum();
    }
    if (op.noncrossing && crossing(w.replicate(1, r), offset) > 0) continue;
    demand(fit.objective - fit.gap <= loss(w.replicate(1, r), offset) + 1e-7 * scale,
           "no weights are better than the gap allows");
  }
}
static void check_hostile_fit(input& in) {
  Index const n = in.between(0, 4), p = in.between(0, 4), r = in.between(0, 4);
  auto levels = levels_of(r);
  if (in.between(0, 7) == 0) levels = in.numbers(r, kind::hostile);
  matrix const x = in.table(n * p, r, in.between(0, 3) == 0 ? kind::hostile : kind::plain) * in.any_of({1., 1e8, 1e150, 1e300});
  std::vector<double> const y = in.numbers(n, in.any_of({kind::plain, kind::hostile})), c = in.weights(n);
  std::vector<Index> groups;
  for (Index k = 0; k < r; ++k) groups.push_back(in.between(0, 2));
  ra::quantile_averaging const op{.levels = levels,
                                  .weights = in.any_of({ra::weight_sharing::coarse, ra::weight_sharing::per_level,
                                                        ra::weight_sharing::grouped, ra::weight_sharing::fine}),
                                  .groups = groups,
                                  .nonnegative = in.flag(),
                                  .unit_sum = in.flag(),
                                  .intercept = in.flag(),
                                  .noncrossing = in.flag(),
                                  .ridge = in.any_of({0., 1e-3, 1e300}),
                                  .missing = in.any_of({ra::missing::refuse, ra::missing::renormalise})};
  refused([&] {
    auto const fit = op.fit(ra::cube(x, n), y, c);
    if (fit) demand(fit.weights.allFinite() && fit.intercepts.allFinite(), "a fit that succeeds is finite");
    if (fit && op.nonnegative) demand((fit.weights.array() >= 0).all(), "weights that may not be negative are not");
    refused([&] { fit(x.topRows(p)); });
    refused([&] { fit(ra::skip_nan(x.topRows(p))); });
  });
  refused([&] {
    auto const fit = ra::exponentiated_gradient{.levels = levels}.fit(ra::cube(x, n), y);
    if (fit) demand((fit.weights.array() >= 0).all(), "exponentiated weights are not negative");
  });
}
template <class Op>
static void check_repair(Op const& op, matrix const& x, char const* name) {
  matrix y;
  if (refused([&] { y = op(x); })) return;
  demand(y.rows() == x.rows() && y.cols() == x.cols(), std::string(name) + ": keeps the shape");
  for (Index i = 0; i < y.rows(); ++i) {
    if (x.row(i).hasNaN()) continue;
    for (Index k = 1; k < y.cols(); ++k) demand(!(y(i, k) < y(i, k - 1)), std::string(name) + ": ascends");
    bool const sorted = std::is_sorted(x.row(i).begin(), x.row(i).end());
    if (sorted)
      demand(same_bits(matrix(y.row(i)), matrix(x.row(i))) || y.row(i) == x.row(i), std::string(name) + ": keeps what ascends");
  }
  demand(!refused([&] { demand(same_bits(matrix(op(y)), y), std::string(name) + ": idempotent"); }),
         "a result is no bad input");
}
static void check_scores(input& in) {
  Index const n = in.between(0, 6), r = in.between(0, 9);
  kind const numbers = in.any_kind();
  matrix const q = in.table(n, r, numbers);
  check_repair(ra::rearrange{}, q, "rearrange"), check_repair(ra::isotonic{}, q, "isotonic");
  auto const levels = levels_of(r);
  std::vector<double> const y = in.numbers(n, numbers);
  ra::weighted_interval_score const op{levels};
  refused([&] {
    Eigen::VectorXd const score = op(q, y), other = ra::weighted_interval_score{levels, 1}(q, y);
    demand(score.size() == n && other.size() == n, "a score for each forecast");
    for (Index i = 0; i < n && numbers != kind::hostile; ++i) {
      double sum = 0;
      for (Index k = 0; k < r; ++k)
        sum += 2 * pinball(levels[static_cast<std::size_t>(k)], y[static_cast<std::size_t>(i)], q(i, k));
      demand(std::abs(score(i) - sum / static_cast<double>(r)) <= 1e-9, "twice the mean pinball loss");
    }
  });
  if (n == 0) return;
  matrix const sorted = ra::rearrange{}(matrix(in.table(n, r, kind::plain)));
  std::vector<double> const truth = in.numbers(n, kind::plain);
  refused([&] {
    auto const parts = op.parts(sorted, truth);
    Eigen::VectorXd const score = op(sorted, truth);
    for (Index i = 0; i < n; ++i) {
      auto const& s = parts[static_cast<std::size_t>(i)];
      demand(std::abs(s.score - score(i)) <= 1e-9, "parts and pinball losses are one score");
      demand(std::abs(s.dispersion + s.underprediction + s.overprediction - s.score) <= 1e-9, "parts add up");
    }
  });
  refused([&] { ra::crps{}(q, y), ra::crps{.fair = true}(q, y); });
  refused([&] {
    matrix const pool = ra::linear_pool{.levels = levels}(sorted);
    demand(pool.allFinite() && pool.size() == r, "a pool of finite forecasts is finite");
  });
  refused([&] { ra::linear_pool{.levels = levels}(ra::weighted(q, in.weights(n))); });
  refused([&] {
    matrix shares = q.cwiseAbs();
    ra::opinion_pool{}(shares), ra::opinion_pool{}(ra::weighted(shares, in.weights(n)));
  });
}

ROBAGG_FUZZ(in) {
  switch (in.between(0, 2)) {
    case 0:
      return check_fit(in);
    case 1:
      return check_hostile_fit(in);
    default:
      return check_scores(in);
  }
}
