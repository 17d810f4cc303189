// SPDX-License-Identifier: BSL-1.0
// What fits of strengths share: blocks of items that are fitted together, from the components of the graph of wins.
#pragma once

#include "../strengths.hpp"
#include "multinomial.hpp"
#include "newton.hpp"
#include "strong_components.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace robagg::inline ROBAGG_ABI::detail {

template <class Model>
struct block {
  std::vector<Index> items;
  Model model;
};

// The blocks of items, still without data, and where each item is: its block (-1: nothing to fit) and its place there.
template <class Model>
struct layout {
  std::vector<block<Model>> blocks;
  std::vector<Index> block_of, place;

  // together: one block for all components that have something to fit.
  layout(condensation const& graph, bool one_scale, bool together, Model const& blank)
      : block_of(graph.component.size(), -1), place(graph.component.size(), 0) {
    std::vector<Index> size(static_cast<std::size_t>(graph.components), 0), number(size.size(), -1), group(size.size(), -1);
    for (Index const c : graph.component) ++size[static_cast<std::size_t>(c)];
    for (std::size_t i = 0; i < block_of.size(); ++i) {
      auto const c = static_cast<std::size_t>(graph.component[i]);
      if (!one_scale && size[c] < 2) continue;
      bool const one = one_scale || together;
      if (number[c] < 0) {
        number[c] = one ? 0 : static_cast<Index>(blocks.size());
        if (number[c] == static_cast<Index>(blocks.size())) blocks.push_back({{}, blank});
        auto& model = blocks[static_cast<std::size_t>(number[c])].model;
        group[c] = one_scale ? 0 : model.groups;
        model.groups = group[c] + 1;
      }
      auto& b = blocks[static_cast<std::size_t>(number[c])];
      block_of[i] = number[c];
      place[i] = static_cast<Index>(b.items.size());
      b.items.push_back(static_cast<Index>(i));
      b.model.group.push_back(group[c]);
    }
  }
};

// Less their mean, in each group.
template <class Model>
void centre(Model const& model, auto&& x) {
  for (Index g = 0; g < model.groups; ++g) {
    double sum = 0, size = 0;
    for (std::size_t i = 0; i < model.group.size(); ++i) {
      if (model.group[i] == g) {
        sum += x[static_cast<Index>(i)];
        size += 1;
      }
    }
    for (std::size_t i = 0; i < model.group.size(); ++i) {
      if (model.group[i] == g) x[static_cast<Index>(i)] -= sum / size;
    }
  }
}

// Fits the blocks, each from where x has it, and returns what they say; x is where the fits end, not centred.
template <class Model>
strengths fit_blocks(std::vector<block<Model>>& blocks, condensation const& graph, bool one_scale,
                     std::vector<Eigen::VectorXd>& x) {
  strengths out;
  out.log_strengths.setZero(static_cast<Index>(graph.component.size()));
  out.component = graph.component;
  out.components = graph.components;
  out.above = graph.above;
  out.one_scale = one_scale || graph.components == 1;
  x.clear();
  for (auto& [items, model] : blocks) {
    newton_end end;
    x.push_back(model.start());
    bool const finite = model.solve(x.back(), end);
    Eigen::VectorXd logs = x.back();
    detail::centre(model, logs);
    for (std::size_t i = 0; i < items.size(); ++i) out.log_strengths[items[i]] = logs[static_cast<Index>(i)];
    if (model.coefficients() > 0) out.coefficients = logs.segment(model.items(), model.coefficients());
    if (model.davidson) out.log_tie = logs[model.tie_at()];
    out.iterations = std::max(out.iterations, end.iterations);
    if (double const total = model.total(); total > 0) out.gradient_norm = std::max(out.gradient_norm, end.gradient / total);
    if (!finite) out.status = std::max(out.status, strengths_status::no_finite_ties);
    if (!end.converged) out.status = strengths_status::not_converged;
  }
  return out;
}

template <class Model>
strength_errors sandwich(std::vector<block<Model>> const& blocks, Index d, std::vector<Eigen::VectorXd> const& x) {
  strength_errors out;
  out.covariance.setZero(d, d);
  out.standard_errors.setZero(d);
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    auto const& [items, model] = blocks[b];
    Index const n = model.items(), k = model.coefficients(), all = n + k + (model.fits_ties ? 1 : 0);
    Eigen::VectorXd const at = x[b].head(all);
    Eigen::MatrixXd h(all, all), c(all, all);
    bool const solved = detail::factor(model, at, h) > 0;
    model.squares(at, c);
    auto const lower = h.template triangularView<Eigen::Lower>();
    for (int side = 0; solved && side < 2; ++side) {
      lower.solveInPlace(c);
      lower.adjoint().solveInPlace(c);
      for (Index j = 0; j < all; ++j) detail::centre(model, c.col(j));
      c.transposeInPlace();
    }
    if (!solved) c.setConstant(std::numeric_limits<double>::quiet_NaN());
    for (Index i = 0; i < n; ++i) {
      for (Index j = 0; j < n; ++j)
        out.covariance(items[static_cast<std::size_t>(i)], items[static_cast<std::size_t>(j)]) = (c(i, j) + c(j, i)) / 2;
    }
    if (k > 0) out.coefficient_covariance = (c.block(n, n, k, k) + c.block(n, n, k, k).transpose()) / 2;
    if (model.fits_ties) out.tie_standard_error = std::sqrt(c(n + k, n + k));
  }
  out.standard_errors = out.covariance.diagonal().cwiseMax(0).cwiseSqrt();
  return out;
}

// Fits again and again to as many comparisons, drawn from those there are: weights are the counts of all cells.
template <class Model>
Eigen::MatrixXd bootstrap(std::vector<block<Model>> blocks, Index d, bool one_scale, std::vector<Eigen::VectorXd> const& x,
                          std::vector<double> weights, Index resamples, std::uint64_t seed) {
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(resamples, d);
  multinomial const draw(std::move(weights));
  double const draws = std::round(draw.total());
  generator random(seed);
  std::vector<double> counts;
  for (Index r = 0; r < resamples; ++r) {
    draw(draws, random, counts);
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      auto& [items, model] = blocks[b];
      model.set_counts(counts);
      newton_end end;
      Eigen::VectorXd now = x[b];
      bool const fits = (one_scale || model.intact()) && model.solve(now, end) && end.converged;
      detail::centre(model, now);
      for (std::size_t i = 0; i < items.size(); ++i)
        out(r, items[i]) = fits ? now[static_cast<Index>(i)] : std::numeric_limits<double>::quiet_NaN();
    }
  }
  return out;
}

// What is wrong with the parameters of either model.
template <class Op>
void check_strengths(Op const& op, Index items) {
  if (!(op.alpha >= 0) || !std::isfinite(op.alpha)) refuse(op, "needs a finite alpha >= 0", {{"alpha", op.alpha}});
  if (!(op.ridge >= 0) || !std::isfinite(op.ridge)) refuse(op, "needs a finite ridge >= 0", {{"ridge", op.ridge}});
  if (items < 1) refuse(op, "needs at least one item", {{"items", items}});
}

}  // namespace robagg::inline ROBAGG_ABI::detail
