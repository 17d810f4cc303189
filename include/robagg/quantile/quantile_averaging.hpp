// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../cube.hpp"
#include "../detail/table/check.hpp"
#include "../detail/table/output.hpp"
#include "../scores.hpp"
#include "detail/interior_point.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// How many weights an ensemble of p models x r levels has. coarse: one for each model. per_level: one for each model and
/// level. grouped: one for each model and group of levels. fine: each level of the ensemble is a sum of all p r quantiles, with
/// weights of its own: (p r) x r.
enum class weight_sharing { coarse, per_level, grouped, fine };
constexpr std::array<std::string_view, 4> enumerators(weight_sharing) { return {"coarse", "per_level", "grouped", "fine"}; }

/// What a model without a forecast, a row of NaN, is: refused; or absent, and its weight goes to the others.
enum class missing { refuse, renormalise };
constexpr std::array<std::string_view, 2> enumerators(missing) { return {"refuse", "renormalise"}; }

/// How a fit ended: proved optimal; near it, by the gap that is given; out of iterations, or of digits; data that no double
/// holds.
enum class fit_status { optimal, near_optimal, not_converged, overflow };
constexpr std::array<std::string_view, 4> enumerators(fit_status) {
  return {"optimal", "near_optimal", "not_converged", "overflow"};
}

/// Fitted weights: an aggregator of tables of models x levels.
///
/// Errors     other models or levels than it was fitted to; a forecast that is NaN or infinite, unless its weight is 0; nothing
///            present at a level; a model left out where weights may be negative.
/// NaN        refused. Under skip_nan, or with missing::renormalise, the model is left out at that level.
/// Weights    of the models, times the fitted ones: weight 0 leaves a model out. What is left is scaled
///            so that the weights of a level have the sum that they had.
struct quantile_averaging_fit {
  Eigen::MatrixXd weights;     ///< models x levels; fine: (model, level of it) x levels, models first
  Eigen::VectorXd intercepts;  ///< of the levels
  double objective = 0;        ///< sum over observations and levels of the weighted pinball loss, ridge included
  double gap = 0;              ///< the objective is at most so far above the optimum
  Index iterations = 0;
  fit_status status = fit_status::optimal;
  robagg::missing missing = robagg::missing::refuse;

  static constexpr int reads = detail::has_weights | detail::skips_nan;
  explicit operator bool() const { return status == fit_status::optimal || status == fit_status::near_optimal; }

  /// The ensemble's quantiles for one table of the models'.
  template <any_reports R>
  void into(R const& r, auto&& out, workspace& ws) const {
    auto&& entered = detail::enter(*this, r);
    detail::need(*this, scratch(r), ws);
    Index const p = r.rows(), levels = r.cols();
    bool const fine = weights.rows() != p, skips = incomplete_reports<R> || missing == robagg::missing::renormalise;
    if (levels != weights.cols() || (fine && weights.rows() != p * levels)) {
      detail::refuse(*this, "needs the models and levels that it was fitted to",
                     {{"models", p}, {"levels", levels}, {"weights", weights.rows()}, {"fitted levels", weights.cols()}});
    }
    auto const scope = ws.scope();
    auto const& x = detail::plain_of(entered);
    auto values = ws.table<double>(p, levels);
    auto own = ws.vector<double>(p), sum = ws.vector<double>(levels);
    detail::read_weights(r, own.data());
    for (Index j = 0; j < p; ++j) {
      for (Index l = 0; l < levels; ++l) values(j, l) = static_cast<double>(x(j, l));
    }
    for (Index k = 0; k < levels; ++k) {
      double all = 0, present = 0, lowest = 0;
      sum(k) = 0;
      for (Index t = 0; t < weights.rows(); ++t) {
        Index const j = fine ? t / levels : t, l = fine ? t % levels : k;
        double const weight = weights(t, k), value = values(j, l);
        if (weight == 0) continue;
        all += weight;
        lowest = std::min(lowest, weight);
        if (own(j) == 0 || (skips && value != value)) continue;
        if (!std::isfinite(value))
          detail::refuse(*this, "needs finite forecasts", {{"model", j}, {"column", l}, {"value", value}});
        present += own(j) * weight;
        sum(k) += own(j) * weight * value;
      }
      if (present != all) {
        if (lowest < 0)
          detail::refuse(*this, "needs all models alike where weights may be negative", {{"level", k}, {"weight", lowest}});
        if (present == 0) detail::refuse(*this, "needs a model that is present and has a weight", {{"level", k}});
        sum(k) *= all / present;
      }
      sum(k) += intercepts(k);
    }
    detail::fit_vector(*this, out, levels);
    detail::store(out, 0, sum.data(), levels);
  }
  std::size_t scratch(auto const& r) const {
    return workspace::room<double>(r.rows() * r.cols()) + workspace::room<double>(r.rows()) + workspace::room<double>(r.cols());
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  /// The fit of the other models, at the same sums of weights; none where they have no weight at some level.
  std::optional<quantile_averaging_fit> without(Index model, Index models, auto& /* workspace */) const {
    auto fit = *this;
    Index const terms = weights.rows() / models, before = model * terms, after = weights.rows() - before - terms;
    fit.weights.resize(weights.rows() - terms, weights.cols());
    fit.weights << weights.topRows(before), weights.bottomRows(after);
    for (Index k = 0; k < weights.cols(); ++k) {
      double const all = weights.col(k).sum(), present = fit.weights.col(k).sum();
      if (all == present) continue;
      if (!(present / all > 0)) return std::nullopt;
      fit.weights.col(k) *= all / present;
    }
    return fit;
  }
};

namespace detail {

// What forecasts, outcomes and weights of observations may get wrong; `absent`: models may have no forecast, a row of NaN.
template <class Op, cubes C, class Y, class W>
void check_averaging(Op const& op, C const& forecasts, Y const& y, W const& weights, list<double> levels, bool absent = false) {
  Index const n = forecasts.size(), r = levels.size();
  if (!forecasts.valid())
    refuse(op, "needs a cube whose rows divide into its tables", {{"rows", forecasts.length()}, {"tables", n}});
  if (n < 1) refuse(op, "needs at least one observation", {{"n", n}});
  if (forecasts[0].rows() < 1) refuse(op, "needs at least one model", {{"models", forecasts[0].rows()}});
  if (forecasts[0].cols() != r || r < 1)
    refuse(op, "needs a level for each column", {{"levels", r}, {"columns", forecasts[0].cols()}});
  auto const outcomes = static_cast<Index>(y.size()), given = static_cast<Index>(weights.size());
  if (outcomes != n || given != n) {
    refuse(op, "needs an outcome and a weight for each observation",
           {{"observations", n}, {"outcomes", outcomes}, {"weights", given}});
  }
  for (Index k = 0; k < r; ++k) {
    if (!(levels[k] > 0 && levels[k] < 1)) refuse(op, "needs levels in (0, 1)", {{"column", k}, {"level", levels[k]}});
  }
  for (Index i = 0; i < n; ++i) {
    auto const x = forecasts[i];
    double const outcome = static_cast<double>(detail::score_at(y, i)),
                 weight = static_cast<double>(detail::score_at(weights, i));
    if (!std::isfinite(outcome)) refuse(op, "needs finite outcomes", {{"observation", i}, {"outcome", outcome}});
    if (!(weight >= 0) || !std::isfinite(weight))
      refuse(op, "needs finite weights >= 0", {{"observation", i}, {"weight", weight}});
    for (Index j = 0; j < x.rows(); ++j) {
      Index there = 0;
      for (Index k = 0; k < r; ++k) there += !std::isnan(static_cast<double>(x(j, k)));
      if (absent && there == 0) continue;
      for (Index k = 0; k < r; ++k) {
        double const value = static_cast<double>(x(j, k));
        if (!std::isfinite(value))
          refuse(op, "needs finite forecasts", {{"observation", i}, {"model", j}, {"column", k}, {"value", value}});
      }
    }
  }
}

}  // namespace detail

/// Quantile regression averaging: the weights of an ensemble of quantile forecasts that minimise the pinball loss, which is the
/// weighted interval score, on past observations. `fit(cube, y)` returns an aggregator.
///
/// Shapes     a cube of n observations, each a table of p models x r levels; n outcomes y; if wanted n observation weights
///            (those of a kernel make weights local) -> a fit.
/// Ranges     levels in (0, 1), one a column; groups: a label a level, for grouped; ridge >= 0; tolerance: of the certified
///            gap, relative to the objective.
/// Errors     other lengths; levels out of range; NaN or infinite forecasts, outcomes or weights; n = 0; grouped without
///            labels.
/// Guarantee  the fit says by how much it may be off: with nonnegative and unit_sum `gap` is proved by duality, without them
///            it is an estimate. Never worse than the best single model or even weights on the data it was fitted to
///            (unit_sum). Equal models get nearly equal weights. noncrossing: on the training data no level is below the one
///            before it.
/// Cost       O(n r P^2) an iteration for P weights that are fitted together, usually 10 to 25; O(n r P) memory, allocated.
///            Levels that share nothing are fitted one after the other.
/// NaN        refused. With missing::renormalise (which needs nonnegative, unit_sum and not fine) a row of NaN is a model
///            that was absent, and so it is to the fitted aggregator: its weight goes to the others. An absent forecast
///            counts as what the ensemble of the others says, in up to 20 fits, each with the weights of the one before.
///            `objective` is the loss of the ensemble with its weights moved, never above that of even weights; `gap` is that
///            of the last fit, and no proof that no other weights are better. Observations that no model forecast are left
///            out; a model that never forecast is refused.
/// Ties       many weights are often optimal: compare objectives, not weights.
/// Source     Taillardat and others call it QRA; the families of weights as in quantgen (R. Tibshirani). Solved without a
///            linear programming library; its observation weights are applied to the residuals that they belong to.
/// Example    examples/quantile_ensemble.cpp
struct quantile_averaging {
  list<double> levels;
  weight_sharing weights = weight_sharing::coarse;
  list<Index> groups = {};
  bool nonnegative = true, unit_sum = true, intercept = false, noncrossing = false;
  double ridge = 0, tolerance = 1e-10;
  Index iterations = 100;
  robagg::missing missing = robagg::missing::refuse;

  static constexpr void parameters(auto& op, auto visit) {
    visit("levels", op.levels), visit("weights", op.weights), visit("groups", op.groups), visit("nonnegative", op.nonnegative);
    visit("unit_sum", op.unit_sum), visit("intercept", op.intercept), visit("noncrossing", op.noncrossing);
    visit("ridge", op.ridge), visit("tolerance", op.tolerance), visit("iterations", op.iterations);
    visit("missing", op.missing);
  }

  template <cubes C, class Y>
  quantile_averaging_fit fit(C const& forecasts, Y const& y) const {
    return fit(forecasts, y, Eigen::VectorXd::Ones(static_cast<Index>(y.size())).eval());
  }
  template <cubes C, class Y, class W>
  quantile_averaging_fit fit(C const& forecasts, Y const& y, W const& observation_weights) const {
    data d = read(forecasts, y, observation_weights);
    auto out = d.absent.empty() ? fit_complete(d) : fit_with_absent(d);
    out.missing = missing;
    return out;
  }

 private:
  struct data {
    Index n, p, r;
    Eigen::MatrixXd q;  // p r x n
    Eigen::VectorXd y, c;
    std::vector<std::pair<Index, Index>> absent;  // observation, model: whose q is what the others say
    Eigen::MatrixXd scale;                        // r x n: by how much those others' weights grow, where there are any
    bool sorted = true;
  };

  // Templates, so that only those who fit compile them.
  quantile_averaging_fit fit_complete(auto const& d) const {
    // The levels that share weights, in order of appearance.
    std::vector<std::vector<Index>> parts;
    for (Index k = 0; k < d.r; ++k) {
      auto const same = [&](Index a, Index b) {
        return weights == weight_sharing::coarse || (weights == weight_sharing::grouped && groups[a] == groups[b]);
      };
      auto const found = std::find_if(parts.begin(), parts.end(), [&](auto const& part) { return same(part.front(), k); });
      if (found == parts.end()) {
        parts.push_back({k});
      } else {
        found->push_back(k);
      }
    }
    Index const terms = weights == weight_sharing::fine ? d.p * d.r : d.p;
    quantile_averaging_fit out;
    out.weights = Eigen::MatrixXd::Zero(terms, d.r);
    out.intercepts = Eigen::VectorXd::Zero(d.r);
    bool const coupled =
        noncrossing && !(nonnegative && !intercept && parts.size() == 1 && weights == weight_sharing::coarse && d.sorted);
    if (coupled) {
      solve(d, parts, out, true);
    } else {
      for (auto const& part : parts) solve(d, {part}, out, false);
    }
    return out;
  }

  // What `objective` says.
  double loss(auto const& d, quantile_averaging_fit const& f) const {
    double sum = .5 * ridge * static_cast<double>((d.c.array() > 0).count()) * f.weights.squaredNorm();
    for (Index i = 0; i < d.n; ++i) {
      for (Index k = 0; k < d.r && d.c[i] > 0; ++k) {
        double forecast = f.intercepts[k];
        for (Index j = 0; j < d.p; ++j) forecast += f.weights(j, k) * d.q(j * d.r + k, i);
        double const over = d.y[i] - forecast;
        sum += d.c[i] * (over > 0 ? levels[k] * over : (levels[k] - 1) * over);
      }
    }
    return sum;
  }

  // Absent forecasts become those of the ensemble of the others, with these weights; even ones where theirs are all 0. With
  // the weight 1 / S of an observation, where the others have the weight S, the gradient is that of the ensemble whose weights
  // are moved: where one fit gives the next, there is none left.
  static void fill_absent(auto& d, Eigen::MatrixXd const& weights) {
    Eigen::VectorXd own(d.p);
    d.scale.setOnes(d.r, d.n);
    for (auto at = d.absent.begin(); at != d.absent.end();) {
      Index const i = at->first;
      auto end = at;
      Eigen::VectorXd present = Eigen::VectorXd::Ones(d.p);
      for (; end != d.absent.end() && end->first == i; ++end) present[end->second] = 0;
      for (Index k = 0; k < d.r; ++k) {
        own = weights.col(k).cwiseProduct(present);
        if (own.sum() > .01) d.scale(k, i) = 1 / own.sum();
        if (!(own.sum() > 1e-9)) own = present;
        double sum = 0;
        for (Index j = 0; j < d.p; ++j) sum += own[j] > 0 ? own[j] * d.q(j * d.r + k, i) : 0;
        for (auto one = at; one != end; ++one) d.q(one->second * d.r + k, i) = sum / own.sum();
      }
      at = end;
    }
    for (Index i = 0; i < d.n; ++i) {
      for (Index t = 1; t < d.p * d.r; ++t) d.sorted = d.sorted && (t % d.r == 0 || d.q(t - 1, i) <= d.q(t, i));
    }
  }

  quantile_averaging_fit fit_with_absent(auto& d) const {
    quantile_averaging_fit best;
    best.weights = Eigen::MatrixXd::Constant(d.p, d.r, 1 / static_cast<double>(d.p));
    best.intercepts = Eigen::VectorXd::Zero(d.r);
    best.status = fit_status::not_converged;
    fill_absent(d, best.weights);
    best.objective = loss(d, best);
    auto now = best;
    for (int round = 0; round < 20; ++round) {
      auto const fitted = fit_complete(d);
      double const before = now.objective;
      now.weights = (now.weights + fitted.weights) / 2;
      now.intercepts = (now.intercepts + fitted.intercepts) / 2;
      fill_absent(d, now.weights);
      now.objective = loss(d, now);
      now.iterations += fitted.iterations;
      now.gap = fitted.gap;
      now.status = fitted.status;
      if (now.objective < best.objective) best = now;
      if (std::abs(now.objective - before) <= 1e-6 * before) break;
    }
    return best;
  }

  template <cubes C, class Y, class W>
  data read(C const& forecasts, Y const& y, W const& observation_weights) const {
    bool const renormalise = missing == robagg::missing::renormalise;
    if (renormalise && !(nonnegative && unit_sum && weights != weight_sharing::fine))
      detail::refuse(*this, "needs nonnegative, unit_sum and weights that are not fine to renormalise");
    detail::check_averaging(*this, forecasts, y, observation_weights, levels, renormalise);
    data d{forecasts.size(), forecasts[0].rows(), levels.size(), {}, {}, {}, {}, {}};
    if (weights == weight_sharing::grouped && groups.size() != d.r)
      detail::refuse(*this, "needs a group for each level", {{"groups", groups.size()}, {"levels", d.r}});
    if (!(ridge >= 0) || !std::isfinite(ridge)) detail::refuse(*this, "needs a finite ridge >= 0", {{"ridge", ridge}});
    d.q.resize(d.p * d.r, d.n);
    d.y.resize(d.n);
    d.c.resize(d.n);
    Eigen::VectorX<Index> missed = Eigen::VectorX<Index>::Zero(d.p);
    for (Index i = 0; i < d.n; ++i) {
      auto const x = forecasts[i];
      d.y[i] = static_cast<double>(detail::score_at(y, i));
      d.c[i] = static_cast<double>(detail::score_at(observation_weights, i));
      auto const first_absent = d.absent.size();
      for (Index j = 0; j < d.p; ++j) {
        for (Index k = 0; k < d.r; ++k) {
          double const value = static_cast<double>(x(j, k));
          d.q(j * d.r + k, i) = value;
          d.sorted = d.sorted && (k == 0 || !(d.q(j * d.r + k - 1, i) > value));
        }
        if (renormalise && std::isnan(d.q(j * d.r, i))) {
          d.absent.emplace_back(i, j);
          ++missed[j];
        }
      }
      if (static_cast<Index>(d.absent.size() - first_absent) == d.p)  // nobody: left out
        d.absent.resize(first_absent), d.c[i] = 0, d.q.col(i).setConstant(d.y[i]);
    }
    for (Index j = 0; j < d.p; ++j) {
      if (missed[j] == d.n) detail::refuse(*this, "needs a forecast of each model", {{"model", j}});
    }
    return d;
  }

  // The groups of levels in `parts`, together.
  template <class Data>
  void solve(Data const& d, std::vector<std::vector<Index>> const& parts, quantile_averaging_fit& out, bool coupled) const {
    bool const fine = weights == weight_sharing::fine;
    Index const terms = fine ? d.p * d.r : d.p, block = terms + (intercept ? 1 : 0),
                P = block * static_cast<Index>(parts.size());
    Index of_levels = 0;
    for (auto const& part : parts) of_levels += static_cast<Index>(part.size());
    Index const residuals = (d.c.array() > 0).count() * of_levels;  // a weight of 0 is an absent observation
    detail::pinball_problem problem;
    problem.x = detail::panels(P, residuals);
    problem.residuals = residuals;
    Index const forms = problem.x.forms();
    problem.b.setZero(forms);
    problem.c.setOnes(forms);
    problem.tau.setConstant(forms, .5);
    // The forecasts of a level for an observation. With sums of 1 the outcome can be taken off each, and large offsets with it.
    auto const write = [&](Index k, Index i, Index first, double sign, auto&& to, Index form) {
      double const off = unit_sum ? d.y[i] : 0;
      for (Index t = 0; t < terms; ++t) to(first + t, form) += sign * (d.q(fine ? t : t * d.r + k, i) - off);
      if (intercept) to(first + terms, form) += sign;
    };
    problem.ridge = ridge;
    problem.groups = unit_sum ? static_cast<Index>(parts.size()) : 0;
    std::vector<Index> part_of(static_cast<std::size_t>(d.r), -1);
    Index column = 0;
    for (std::size_t g = 0; g < parts.size(); ++g) {
      auto const first = static_cast<Index>(g) * block;
      for (Index t = 0; t < block; ++t) {
        problem.group.push_back(unit_sum && t < terms ? static_cast<Index>(g) : -1);
        problem.nonnegative.push_back(nonnegative && t < terms);
        problem.intercept.push_back(t == terms);
      }
      for (Index const k : parts[g]) {
        part_of[static_cast<std::size_t>(k)] = static_cast<Index>(g);
        for (Index i = 0; i < d.n; ++i) {
          if (!(d.c[i] > 0)) continue;
          write(k, i, first, 1, problem.x, column);
          problem.b[column] = unit_sum ? 0 : d.y[i];
          problem.c[column] = d.absent.empty() ? d.c[i] : d.c[i] * d.scale(k, i);
          problem.tau[column] = levels[k];
          ++column;
        }
      }
    }
    if (coupled) {
      std::vector<Index> order(static_cast<std::size_t>(d.r));
      for (Index k = 0; k < d.r; ++k) order[static_cast<std::size_t>(k)] = k;
      std::sort(order.begin(), order.end(), [&](Index a, Index b) { return levels[a] < levels[b]; });
      std::vector<std::pair<Index, Index>> pairs;
      for (std::size_t k = 1; k < order.size(); ++k) {
        bool const apart = part_of[static_cast<std::size_t>(order[k - 1])] != part_of[static_cast<std::size_t>(order[k])];
        if (apart || fine || !nonnegative || !d.sorted) pairs.emplace_back(order[k - 1], order[k]);
      }
      problem.above = Eigen::MatrixXd::Zero(P, d.n * static_cast<Index>(pairs.size()));
      Index at = 0;
      for (auto const& [low, high] : pairs) {
        for (Index i = 0; i < d.n; ++i, ++at) {
          write(high, i, part_of[static_cast<std::size_t>(high)] * block, 1, problem.above, at);
          write(low, i, part_of[static_cast<std::size_t>(low)] * block, -1, problem.above, at);
        }
      }
    }
    auto const solution = detail::interior_point(problem, tolerance, iterations).solve();
    for (std::size_t g = 0; g < parts.size(); ++g) {
      auto const first = static_cast<Index>(g) * block;
      for (Index const k : parts[g]) {
        out.weights.col(k) = solution.w.segment(first, terms);
        if (intercept) out.intercepts[k] = solution.w[first + terms];
      }
    }
    out.objective += solution.objective;
    out.gap += solution.gap;
    out.iterations = std::max(out.iterations, solution.iterations);
    fit_status const status = !solution.finite                            ? fit_status::overflow
                              : solution.converged                        ? fit_status::optimal
                              : solution.gap <= 1e-5 * solution.objective ? fit_status::near_optimal
                                                                          : fit_status::not_converged;
    out.status = std::max(out.status, status);
  }
};

}  // namespace robagg::inline ROBAGG_ABI
