// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "detail/blocks.hpp"
#include "detail/ordered_choices.hpp"
#include "rankings.hpp"
#include "strengths.hpp"

#include <cstdint>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// Plackett and Luce's strengths: orders arise by choosing the best, then the best of the rest, and so on, each item with a
/// chance in proportion to its strength; those of the greatest likelihood.
///
/// Shapes     rankings of d items, full, partial or the top of each -> strengths, their errors, or resamples x d log strengths.
/// Ranges     alpha >= 0, ridge >= 0: as bradley_terry's.
/// Errors     alpha, ridge negative or not finite; no items; resamples < 1.
/// Guarantee  as bradley_terry's: the maximum to the last digits, components of the graph of "was placed before" and all.
///            Orders of two are comparisons, and the strengths are Bradley and Terry's. Items whose strengths lie further apart
///            than e^600 are not fitted: not_converged.
/// Cost       O(m k^2 + d^3 / 3) a step for m orders of k items, usually 4 to 8 steps; O(d^2) memory beside the orders.
/// NaN        none; in resamples as bradley_terry's.
/// Errors of strengths   covariance(r): the sandwich, with an order as the unit.
/// Source     Luce 1959; Plackett 1975; Hunter 2004. alpha is choix's.
/// Example    rankings r(3); r.add({0, 1, 2}), r.add({1, 0, 2}), r.add({2, 0, 1}); plackett_luce{}.fit(r).log_strengths
struct plackett_luce {
  double alpha = 0, ridge = 0;

  static constexpr void parameters(auto& op, auto visit) { visit("alpha", op.alpha), visit("ridge", op.ridge); }

  strengths fit(rankings const& r) const {
    problem p(*this, r);
    return p.fitted();
  }
  strength_errors covariance(rankings const& r) const {
    problem p(*this, r);
    p.fitted();
    return detail::sandwich(p.data.blocks, r.items(), p.ends);
  }
  /// Log strengths of resamples, each of as many orders, drawn with replacement (rounded, where counts are not whole).
  Eigen::MatrixXd bootstrap(rankings const& r, Index resamples, std::uint64_t seed) const {
    if (resamples < 1) detail::refuse(*this, "needs at least one resample", {{"resamples", resamples}});
    problem p(*this, r);
    p.fitted();
    std::vector<double> weights;
    for (auto const& order : r.orders()) weights.push_back(order.count);
    return detail::bootstrap(p.data.blocks, r.items(), p.one_scale, p.ends, std::move(weights), resamples, seed);
  }

 private:
  struct problem {
    bool one_scale;
    detail::condensation graph;
    detail::layout<detail::ordered_choices> data;
    std::vector<Eigen::VectorXd> ends;  // of the blocks

    problem(plackett_luce const& op, rankings const& r)
        : one_scale((detail::check_strengths(op, r.items()), op.alpha > 0 || op.ridge > 0)),
          graph(detail::condense(r.items(), edges(r))),
          data(graph, one_scale, false, blank(op)) {
      for (std::size_t k = 0; k < r.orders().size(); ++k) cut(r.orders()[k], k);
    }
    strengths fitted() { return detail::fit_blocks(data.blocks, graph, one_scale, ends); }

    // What an order says within each block: of items in different ones it is decided who is chosen first.
    void cut(rankings::order const& whole, std::size_t k) {
      std::vector<Index> met;
      for (Index j = 0; j < static_cast<Index>(whole.items.size()); ++j) {
        auto const item = static_cast<std::size_t>(whole.items[static_cast<std::size_t>(j)]);
        Index const b = data.block_of[item];
        if (b < 0) continue;
        auto& orders = data.blocks[static_cast<std::size_t>(b)].model.orders;
        if (orders.empty() || orders.back().among_all != k) {
          orders.push_back({{}, 0, whole.count, k});
          met.push_back(b);
        }
        orders.back().items.push_back(data.place[item]);
        if (j < whole.chosen) ++orders.back().chosen;
      }
      for (Index const b : met) {
        auto& orders = data.blocks[static_cast<std::size_t>(b)].model.orders;
        auto& one = orders.back();
        one.chosen = std::min(one.chosen, static_cast<Index>(one.items.size()) - 1);
        if (one.chosen < 1) orders.pop_back();
      }
    }
    static detail::graph_edges edges(rankings const& r) {
      detail::graph_edges out;
      for (auto const& order : r.orders()) detail::add_order_edges(out, order.items, order.chosen);
      std::sort(out.begin(), out.end());
      out.erase(std::unique(out.begin(), out.end()), out.end());
      return out;
    }
    static detail::ordered_choices blank(plackett_luce const& op) {
      detail::ordered_choices model;
      model.alpha = op.alpha;
      model.ridge = op.ridge;
      return model;
    }
  };
};

}  // namespace robagg::inline ROBAGG_ABI
