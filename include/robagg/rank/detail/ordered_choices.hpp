// SPDX-License-Identifier: BSL-1.0
// The likelihood of Plackett and Luce's model over some items.
#pragma once

#include "../rankings.hpp"
#include "paired.hpp"

#include <cmath>
#include <vector>

namespace robagg::inline ROBAGG_ABI::detail {

// Item after item is above the next; the last chosen above all that were not.
inline void add_order_edges(graph_edges& edges, auto const& items, Index chosen) {
  auto const at = [&](Index i) { return static_cast<Index>(items[static_cast<std::size_t>(i)]); };
  for (Index i = 0; i + 1 < chosen; ++i) edges.emplace_back(at(i), at(i + 1));
  for (Index i = chosen; i < static_cast<Index>(items.size()); ++i) edges.emplace_back(at(chosen - 1), at(i));
}

struct ordered_choices {
  struct order {
    std::vector<Index> items;
    Index chosen;
    double count;
    std::size_t among_all;
  };
  std::vector<order> orders;
  std::vector<Index> group;
  Index groups = 0;
  double alpha = 0, ridge = 0;
  static constexpr bool davidson = false, fits_ties = false;

  Index items() const { return static_cast<Index>(group.size()); }
  static constexpr Index coefficients() { return 0; }
  Index tie_at() const { return items(); }
  double total() const {
    double sum = 0;
    for (auto const& o : orders) sum += o.count * static_cast<double>(o.chosen);
    return sum;
  }

  // Strengths further apart than e^600 are as far as numbers go: no maximum is found there.
  static Eigen::ArrayXd scaled(Eigen::VectorXd const& x) {
    return (x.array() - (x.maxCoeff() + x.minCoeff()) / 2).min(300).max(-300).exp();
  }
  // visit(order, own, second): own[j] is the gradient by the item at j; second[j] the sum over the choices that it was there
  // for of 1 / (strengths to choose from)^2. Nothing is 1 less a chance: differences of near numbers would lose digits.
  void each(Eigen::ArrayXd const& e, auto visit) const {
    std::vector<double> own, second;
    for (auto const& o : orders) {
      if (o.count == 0) continue;
      auto const k = o.items.size(), chosen = static_cast<std::size_t>(o.chosen);
      own.assign(k, 0);
      second.assign(k, 0);
      double rest = 0;
      for (std::size_t j = k; j-- > 0;) {
        double const sum = rest + e[o.items[j]];
        if (j < chosen) {
          own[j] = rest / sum;
          second[j] = 1 / sum;
        }
        rest = sum;
      }
      double first = 0, squares = 0;
      for (std::size_t j = 0; j < k; ++j) {
        own[j] -= e[o.items[j]] * first;
        first += second[j];
        squares += second[j] * second[j];
        second[j] = squares;
      }
      visit(o, own, second);
    }
  }

  void gradient(Eigen::VectorXd const& x, Eigen::VectorXd& g) const {
    g = -ridge * x;
    if (alpha > 0) g.array() += alpha * (1 - x.array().exp());
    each(scaled(x), [&](order const& o, auto const& own, auto const&) {
      for (std::size_t j = 0; j < own.size(); ++j) g[o.items[j]] += o.count * own[j];
    });
  }
  void curvature(Eigen::VectorXd const& x, Eigen::MatrixXd& h) const {
    h.setZero(x.size(), x.size());
    Eigen::ArrayXd const e = scaled(x);
    each(e, [&](order const& o, auto const&, auto const& second) {
      for (std::size_t j = 0; j < o.items.size(); ++j) {
        double const shared = o.count * e[o.items[j]] * second[j];
        double* const column = h.col(o.items[j]).data();
        for (std::size_t l = j + 1; l < o.items.size(); ++l) column[o.items[l]] -= shared * e[o.items[l]];
      }
    });
    // Either half of the matrix has a part of each pair. Rows have sums of 0, which gives the diagonal without a difference.
    for (Index a = 0; a < h.cols(); ++a) {
      for (Index b = a + 1; b < h.cols(); ++b) {
        double const both = h(a, b) + h(b, a);
        h(b, a) = both;
        h(a, a) -= both;
        h(b, b) -= both;
      }
    }
    if (alpha == 0) detail::pin_groups(h, group, groups);
    h.diagonal().array() += ridge;
    if (alpha > 0) h.diagonal().array() += alpha * x.array().exp();
  }
  // The sum over orders of the squares of their gradients.
  void squares(Eigen::VectorXd const& x, Eigen::MatrixXd& sum) const {
    sum.setZero(x.size(), x.size());
    each(scaled(x), [&](order const& o, auto const& own, auto const&) {
      for (std::size_t j = 0; j < own.size(); ++j) {
        for (std::size_t l = 0; l < own.size(); ++l) sum(o.items[j], o.items[l]) += o.count * own[j] * own[l];
      }
    });
  }

  Eigen::VectorXd start() const { return Eigen::VectorXd::Zero(items()); }
  void set_counts(std::vector<double> const& counts) {
    for (auto& o : orders) o.count = counts[o.among_all];
  }
  bool intact() const {
    graph_edges edges;
    for (auto const& o : orders) {
      if (o.count > 0) detail::add_order_edges(edges, o.items, o.chosen);
    }
    return detail::strong_components(items(), edges).second == groups;
  }
  bool solve(Eigen::VectorXd& x, newton_end& end) const {
    end = detail::maximise(*this, x);
    return true;
  }
};

}  // namespace robagg::inline ROBAGG_ABI::detail
