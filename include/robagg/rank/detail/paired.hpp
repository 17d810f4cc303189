// SPDX-License-Identifier: BSL-1.0
// The likelihood of Bradley and Terry's model over some items, with half wins or Davidson's ties, and with covariates.
#pragma once

#include "../comparisons.hpp"
#include "newton.hpp"
#include "strong_components.hpp"

#include <cmath>
#include <limits>
#include <vector>

namespace robagg::inline ROBAGG_ABI::detail {

// Adds so much to h that it is positive where a group of items may move together, which changes nothing: gradients have no
// part in that direction, so steps have none.
inline void pin_groups(Eigen::MatrixXd& h, std::vector<Index> const& group, Index groups) {
  Eigen::VectorXd size = Eigen::VectorXd::Zero(groups), sum = size;
  auto const n = static_cast<Index>(group.size());
  auto const of = [&](Index i) { return group[static_cast<std::size_t>(i)]; };
  for (Index i = 0; i < n; ++i) {
    size[of(i)] += 1;
    sum[of(i)] += h(i, i);
  }
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j <= i; ++j) {
      if (Index const g = of(i); g == of(j)) h(i, j) += sum[g] > 0 ? sum[g] / (size[g] * size[g]) : 1 / size[g];
    }
  }
}

struct paired {
  struct cell {
    Index a, b;
    double wins, losses, ties;
    std::size_t pair;  // among those of all items
  };
  struct chances {
    double win, loss, tie;
  };

  std::vector<cell> cells;
  std::vector<Index> group;    // of each item: those on one scale
  Eigen::MatrixXd covariates;  // a column for each pair: what is added to the log odds of its first item, times coefficients
  Index groups = 0;
  double alpha = 0, ridge = 0;
  bool davidson = false, fits_ties = false;

  // x: log strengths of the items, coefficients, and log_tie with Davidson's ties.
  Index items() const { return static_cast<Index>(group.size()); }
  Index coefficients() const { return covariates.rows(); }
  Index tie_at() const { return items() + coefficients(); }
  auto of(cell const& c) const { return covariates.col(static_cast<Index>(c.pair)); }
  double total() const {
    double sum = 0;
    for (auto const& c : cells) sum += c.wins + c.losses + c.ties;
    return sum;
  }

  // visit(cell, chances) for each cell. Strengths are scaled to the middle of their range, or, where that is too wide for
  // numbers or there are covariates, one pair at a time.
  void each(Eigen::VectorXd const& x, auto visit) const {
    Index const n = items();
    auto const logs = x.head(n);
    double const middle = (logs.maxCoeff() + logs.minCoeff()) / 2, log_tie = fits_ties ? x[tie_at()] : 0;
    bool const narrow = coefficients() == 0 && logs.maxCoeff() - middle + std::abs(log_tie) < 600;
    if (narrow && !fits_ties) {
      Eigen::VectorXd const e = (logs.array() - middle).exp();
      for (auto const& c : cells) {
        double const a = e[c.a], b = e[c.b], over = 1 / (a + b);
        visit(c, chances{a * over, b * over, 0});
      }
    } else if (narrow) {
      Eigen::VectorXd const root = ((logs.array() - middle) / 2).exp();
      double const nu = std::exp(log_tie);
      for (auto const& c : cells) {
        double const a = root[c.a] * root[c.a], b = root[c.b] * root[c.b], t = nu * root[c.a] * root[c.b],
                     over = 1 / (a + b + t);
        visit(c, chances{a * over, b * over, t * over});
      }
    } else {
      for (auto const& c : cells) {
        double const more = coefficients() > 0 ? of(c).dot(x.segment(n, coefficients())) : 0,
                     half = (logs[c.a] - logs[c.b] + more) / 2, most = std::max(std::abs(half), fits_ties ? log_tie : 0.),
                     a = std::exp(half - most), b = std::exp(-half - most), t = fits_ties ? std::exp(log_tie - most) : 0,
                     over = 1 / (a + b + t);
        visit(c, chances{a * over, b * over, t * over});
      }
    }
  }

  // All terms are products and sums that do not cancel: 1 - win is loss + tie.
  void gradient(Eigen::VectorXd const& x, Eigen::VectorXd& g) const {
    Index const n = items();
    g.setZero(x.size());
    g.head(tie_at()) = -ridge * x.head(tie_at());
    if (alpha > 0) g.head(n).array() += alpha * (1 - x.head(n).array().exp());
    double tie = 0;
    each(x, [&](cell const& c, chances const& p) {
      double const pull = c.wins * (p.loss + p.tie / 2) - c.losses * (p.win + p.tie / 2) + c.ties * (p.loss - p.win) / 2;
      g[c.a] += pull;
      g[c.b] -= pull;
      if (coefficients() > 0) g.segment(n, coefficients()) += pull * of(c);
      tie += c.ties * (p.win + p.loss) - (c.wins + c.losses) * p.tie;
    });
    if (fits_ties) g[tie_at()] = tie;
  }
  void curvature(Eigen::VectorXd const& x, Eigen::MatrixXd& h) const {
    Index const n = items(), t = tie_at();
    h.setZero(x.size(), x.size());
    double tie = 0;
    each(x, [&](cell const& c, chances const& p) {
      double const count = c.wins + c.losses + c.ties, w = count * ((p.win + p.loss) * p.tie / 4 + p.win * p.loss);
      h(c.a, c.a) += w, h(c.b, c.b) += w, h(std::max(c.a, c.b), std::min(c.a, c.b)) -= w;
      for (Index j = 0; j < coefficients(); ++j) {
        double const z = w * of(c)[j];
        h(n + j, c.a) += z, h(n + j, c.b) -= z;
        for (Index l = 0; l <= j; ++l) h(n + j, n + l) += z * of(c)[l];
      }
      if (!fits_ties) return;
      double const both = count * p.tie * (p.win - p.loss) / 2;
      h(t, c.a) -= both, h(t, c.b) += both, tie += count * p.tie * (p.win + p.loss);
      for (Index j = 0; j < coefficients(); ++j) h(t, n + j) -= both * of(c)[j];
    });
    if (fits_ties) h(t, t) = tie;
    for (Index j = n; j < n + coefficients(); ++j) h(j, j) += h(j, j) == 0 ? 1 : 0;  // a covariate that is always 0
    if (alpha == 0) detail::pin_groups(h, group, groups);
    h.diagonal().head(t).array() += ridge;
    if (alpha > 0) h.diagonal().head(n).array() += alpha * x.head(n).array().exp();
  }
  // The sum over comparisons of the squares of their gradients.
  void squares(Eigen::VectorXd const& x, Eigen::MatrixXd& sum) const {
    Index const n = items(), k = coefficients(), at = tie_at();
    sum.setZero(x.size(), x.size());
    each(x, [&](cell const& c, chances const& p) {
      double const win = p.loss + p.tie / 2, loss = -p.win - p.tie / 2, tie = (p.loss - p.win) / 2, w = c.wins, l = c.losses,
                   t = c.ties, pull = w * win * win + l * loss * loss + t * tie * tie;
      sum(c.a, c.a) += pull, sum(c.b, c.b) += pull, sum(c.a, c.b) -= pull, sum(c.b, c.a) -= pull;
      if (k > 0) {
        sum.col(c.a).segment(n, k) += pull * of(c), sum.col(c.b).segment(n, k) -= pull * of(c);
        sum.block(n, n, k, k) += pull * of(c) * of(c).transpose();
      }
      if (!fits_ties) return;
      double const rest = p.win + p.loss, both = t * tie * rest - (w * win + l * loss) * p.tie;
      sum(at, c.a) += both, sum(at, c.b) -= both;
      if (k > 0) sum.row(at).segment(n, k) += both * of(c).transpose();
      sum(at, at) += t * rest * rest + (w + l) * p.tie * p.tie;
    });
    sum.rightCols(x.size() - n).topRows(n) = sum.bottomRows(x.size() - n).leftCols(n).transpose();
    if (fits_ties && k > 0) sum.col(at).segment(n, k) = sum.row(at).segment(n, k).transpose();
  }

  // Log odds of all comparisons of an item, which are near where opponents are alike.
  Eigen::VectorXd start() const {
    Eigen::VectorXd wins = Eigen::VectorXd::Zero(items()), losses = wins;
    for (auto const& c : cells) {
      wins[c.a] += c.wins + c.ties / 2;
      losses[c.b] += c.wins + c.ties / 2;
      losses[c.a] += c.losses + c.ties / 2;
      wins[c.b] += c.losses + c.ties / 2;
    }
    Eigen::VectorXd x = Eigen::VectorXd::Zero(tie_at() + (davidson ? 1 : 0));
    if (davidson) x[tie_at()] = std::numeric_limits<double>::quiet_NaN();  // solve knows better
    for (Index i = 0; i < items(); ++i) {
      double const all = (wins[i] + losses[i]) / 100;
      if (all > 0) x[i] = std::log((wins[i] + all) / (losses[i] + all));
    }
    for (Index g = 0; alpha == 0 && g < groups; ++g) {
      double sum = 0, size = 0;
      for (Index i = 0; i < items(); ++i) {
        if (group[static_cast<std::size_t>(i)] == g) {
          sum += x[i];
          size += 1;
        }
      }
      for (Index i = 0; i < items(); ++i) {
        if (group[static_cast<std::size_t>(i)] == g) x[i] -= sum / size;
      }
    }
    return x;
  }

  void set_counts(std::vector<double> const& counts) {
    for (auto& c : cells) {
      c.wins = counts[3 * c.pair];
      c.losses = counts[3 * c.pair + 1];
      c.ties = counts[3 * c.pair + 2];
    }
  }
  graph_edges edges(bool with_ties = true) const {
    graph_edges out;
    for (auto const& c : cells) {
      if (c.wins > 0 || (with_ties && c.ties > 0)) out.emplace_back(c.a, c.b);
      if (c.losses > 0 || (with_ties && c.ties > 0)) out.emplace_back(c.b, c.a);
    }
    return out;
  }
  bool intact() const { return detail::strong_components(items(), edges()).second == groups; }

  // More ties and larger gaps together may raise the likelihood for ever: unless some cycle of the graph has more wins than
  // ties. Most have one of wins alone.
  bool finite_ties() const {
    if (alpha > 0 || ridge > 0 || detail::strong_components(items(), edges(false)).second < items()) return true;
    std::vector<long_edge> all;
    for (auto const& c : cells) {
      if (c.wins > 0) all.push_back({c.a, c.b, 1});
      if (c.losses > 0) all.push_back({c.b, c.a, 1});
      if (c.ties > 0) {
        all.push_back({c.a, c.b, -1});
        all.push_back({c.b, c.a, -1});
      }
    }
    return !detail::can_be_spaced(items(), all);
  }

  // false: log_tie has no finite maximum, and ties are half wins.
  bool solve(Eigen::VectorXd& x, newton_end& end) {
    constexpr double unbounded = std::numeric_limits<double>::infinity();
    fits_ties = false;
    if (!davidson) {
      end = detail::maximise(*this, x);
      return true;
    }
    Index const n = tie_at();
    double ties = 0, others = 0;
    for (auto const& c : cells) {
      ties += c.ties;
      others += c.wins + c.losses;
    }
    bool const finite = ties == 0 || others == 0 || finite_ties();
    fits_ties = ties > 0 && others > 0 && finite;
    if (fits_ties) {
      if (!std::isfinite(x[n])) x[n] = std::log(2 * ties / others);
      end = detail::maximise(*this, x);
    } else {
      Eigen::VectorXd head = x.head(n);
      end = detail::maximise(*this, head);
      x << head, (!finite ? std::numeric_limits<double>::quiet_NaN() : ties > 0 ? unbounded : -unbounded);
    }
    return finite;
  }
};

}  // namespace robagg::inline ROBAGG_ABI::detail
