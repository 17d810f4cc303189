// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "comparisons.hpp"
#include "covariate_comparisons.hpp"
#include "detail/blocks.hpp"
#include "detail/paired.hpp"
#include "strengths.hpp"

#include <array>
#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// What a tie is: half a win of each; or, in Davidson's model, an outcome of its own, of chance
/// nu sqrt(a b) / (a + b + nu sqrt(a b)) for strengths a and b, with nu fitted beside them.
enum class tie_model { half_wins, davidson };
constexpr std::array<std::string_view, 2> enumerators(tie_model) { return {"half_wins", "davidson"}; }

/// Either kind of comparisons.
template <class C>
concept compared = std::same_as<C, comparisons> || std::same_as<C, covariate_comparisons>;

/// Bradley and Terry's strengths: those for which i beats j with chance a_i / (a_i + a_j), of the greatest likelihood.
///
/// Shapes     comparisons of d items, with or without covariates -> strengths, their errors, or resamples x d log strengths.
/// Ranges     alpha >= 0: so many pseudo-observations pull each strength to their mean, 1: the prior Gamma(alpha + 1, alpha).
///            ridge >= 0: ridge / 2 times the sum of squared log strengths is taken off the log likelihood.
/// Errors     alpha, ridge negative or not finite; no items; resamples < 1.
/// Guarantee  the maximum to the last digits, whatever the order of items: the log likelihood is concave, and Newton's method
///            ends where steps are below 1e-9 and errors near their squares; `gradient_norm` shows it. Finite strengths exist
///            where the graph of wins is strongly connected, which is checked first; what else there is, items that always
///            win or lose and islands, is fitted apart and named (see `strengths`). With alpha or ridge > 0 there is always
///            one scale for all. Davidson's nu is infinite where all are ties; it has no finite maximum where no cycle of the
///            graph has more wins than ties, and then the status says so. Resamples are the same for the same seed.
/// Cost       O(pairs + d^3 / 3) a step, usually 3 to 6 steps, and O(d^2) memory, where d is the size of the largest
///            component; of all together with alpha, ridge, covariates or Davidson's ties. Whatever the number of
///            comparisons. A resample is a draw for each pair and outcome, and about 3 steps. Covariates z times
///            coefficients, fitted beside the strengths, is added to the log odds; in Cost each pair counts once for each row
///            that differs. The graph does not say whether coefficients have a finite maximum: where they have none,
///            not_converged. ridge gives one: it holds for coefficients times the largest covariate of their column.
/// NaN        none: comparisons have no place for one. A component that falls apart in a resample has no finite strengths
///            there: NaN in its columns of that row. Never with alpha > 0.
/// Errors of strengths   covariance(c), the sandwich: right also where the model is wrong, not where comparisons hang
///                       together (the same judge, the same prompt). A count is so many comparisons.
/// Dialects   choix adds alpha in each step of an iteration with strengths of mean 1, which has the same fixed point.
/// Source     Bradley and Terry 1952; Davidson 1970; Hunter 2004 for when a maximum exists.
/// Example    comparisons c(2); c.add(0, 1, 3), c.add(1, 0); bradley_terry{}.fit(c).log_strengths is (log 3 / 2, -log 3 / 2)
struct bradley_terry {
  double alpha = 0, ridge = 0;
  tie_model ties = tie_model::half_wins;

  static constexpr void parameters(auto& op, auto visit) {
    visit("alpha", op.alpha), visit("ridge", op.ridge), visit("ties", op.ties);
  }

  strengths fit(compared auto const& c) const {
    problem p(*this, c);
    return p.fitted();
  }
  strength_errors covariance(compared auto const& c) const {
    problem p(*this, c);
    p.fitted();
    auto errors = detail::sandwich(p.data.blocks, c.items(), p.ends);
    if (auto& v = errors.coefficient_covariance; v.size() > 0) v = p.unit.asDiagonal() * v * p.unit.asDiagonal();
    return errors;
  }
  /// Log strengths of resamples, each of as many comparisons, drawn with replacement (rounded, where counts are not whole).
  Eigen::MatrixXd bootstrap(compared auto const& c, Index resamples, std::uint64_t seed) const {
    if (resamples < 1) detail::refuse(*this, "needs at least one resample", {{"resamples", resamples}});
    problem p(*this, c);
    p.fitted();
    std::vector<double> weights;
    for (auto const& pair : p.pairs) weights.insert(weights.end(), {pair.wins, pair.losses, pair.ties});
    return detail::bootstrap(p.data.blocks, c.items(), p.one_scale, p.ends, std::move(weights), resamples, seed);
  }

 private:
  template <class C>
  static constexpr bool has_covariates = std::same_as<std::remove_cvref_t<C>, covariate_comparisons>;
  struct problem {
    std::vector<compared_pair> pairs;
    bool one_scale;
    detail::condensation graph;
    detail::layout<detail::paired> data;
    std::vector<Eigen::VectorXd> ends;  // of the blocks
    Eigen::VectorXd unit;               // coefficients are fitted to covariates of at most 1: times these

    problem(bradley_terry const& op, compared auto const& c)
        : pairs((detail::check_strengths(op, c.items()), c.pairs())),
          one_scale(op.alpha > 0 || op.ridge > 0),
          graph(detail::condense(c.items(), edges(pairs))),
          data(graph, one_scale, op.ties == tie_model::davidson || has_covariates<decltype(c)>, blank(op)) {
      for (std::size_t k = 0; k < pairs.size(); ++k) {
        auto const& pair = pairs[k];
        auto const i = static_cast<std::size_t>(pair.first), j = static_cast<std::size_t>(pair.second);
        if (!one_scale && graph.component[i] != graph.component[j]) continue;  // decided
        data.blocks[static_cast<std::size_t>(data.block_of[i])].model.cells.push_back(
            {data.place[i], data.place[j], pair.wins, pair.losses, pair.ties, k});
      }
      if constexpr (has_covariates<decltype(c)>) {
        auto const& z = c.covariates();
        unit = (z.cwiseAbs().rowwise().maxCoeff().array() > 0).select(z.cwiseAbs().rowwise().maxCoeff().cwiseInverse(), 0);
        for (auto& block : data.blocks) block.model.covariates = unit.asDiagonal() * z;
      }
    }
    strengths fitted() {
      auto fit = detail::fit_blocks(data.blocks, graph, one_scale, ends);
      if (fit.coefficients.size() == 0) fit.coefficients.setZero(unit.size());  // nothing was left to fit
      fit.coefficients.array() *= unit.array();
      return fit;
    }

    static detail::graph_edges edges(std::vector<compared_pair> const& pairs) {
      detail::graph_edges out;
      for (auto const& p : pairs) {
        if (p.wins > 0 || p.ties > 0) out.emplace_back(p.first, p.second);
        if (p.losses > 0 || p.ties > 0) out.emplace_back(p.second, p.first);
      }
      return out;
    }
    static detail::paired blank(bradley_terry const& op) {
      detail::paired model;
      model.alpha = op.alpha;
      model.ridge = op.ridge;
      model.davidson = op.ties == tie_model::davidson;
      return model;
    }
  };
};

}  // namespace robagg::inline ROBAGG_ABI
