// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../error.hpp"

#include <array>
#include <cmath>
#include <compare>  // std::partial_ordering
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// How strengths were fitted: to the last digits; the data has no finite maximum in its tie parameter (the strengths are those
/// of half wins then); out of iterations or digits.
enum class strengths_status { converged, no_finite_ties, not_converged };
constexpr std::array<std::string_view, 3> enumerators(strengths_status) {
  return {"converged", "no_finite_ties", "not_converged"};
}

/// Fitted strengths, and how far they go.
///
/// Finite strengths exist on one scale only where each item is above each other one by some chain of wins: within a strong
/// component of the graph of wins. Items that always win, or always lose, or were never compared, are components of their own.
/// Without alpha and ridge each component is fitted by itself, with mean 0: the limit of the likelihood's maximum, in which the
/// chances between components are 0 and 1. Log strengths of different components must not be subtracted: ask `compare` or
/// `probability`. With alpha or ridge all items are on one scale, and the components still say what the data alone says.
struct strengths {
  Eigen::VectorXd log_strengths;  ///< of mean 0, in each component or, with one scale, in all
  /// The log of Davidson's nu: -inf without ties, inf with nothing else, NaN where it has no finite maximum.
  double log_tie = -std::numeric_limits<double>::infinity();
  Eigen::VectorXd coefficients;  ///< of covariates, where there are any
  std::vector<Index> component;  ///< of each item: 0, 1, ...; none has beaten an earlier one
  Index components = 0;
  /// Pairs of components, sorted: some item of the first has beaten one of the second.
  std::vector<std::pair<Index, Index>> above;
  bool one_scale = false;    ///< may all log strengths be compared?
  double gradient_norm = 0;  ///< the largest entry of the gradient, for each comparison
  Index iterations = 0;      ///< the most of any component
  strengths_status status = strengths_status::converged;

  bool connected() const { return components == 1; }
  explicit operator bool() const { return status == strengths_status::converged; }

  /// Is item i stronger than item j? unordered: no chain of wins joins them. O(component pairs).
  std::partial_ordering compare(Index i, Index j) const {
    auto const a = component_of(i), b = component_of(j);
    if (one_scale || a == b) return log_strengths[i] <=> log_strengths[j];
    if (reaches(a, b)) return std::partial_ordering::greater;
    return reaches(b, a) ? std::partial_ordering::less : std::partial_ordering::unordered;
  }
  /// The chance that i beats j (that it is placed before j) where covariates are 0: NaN where they cannot be compared. Where
  /// ties are half wins, a tie counts half; with Davidson's, what the chances of i and of j leave is that of a tie.
  double probability(Index i, Index j) const {
    auto const a = component_of(i), b = component_of(j);
    if (one_scale || a == b) {
      double const gap = log_strengths[j] - log_strengths[i];
      return 1 / (1 + std::exp(gap) + std::exp(log_tie + gap / 2));
    }
    auto const order = compare(i, j);
    return order > 0 ? 1 : order < 0 ? 0 : std::numeric_limits<double>::quiet_NaN();
  }
  /// Which components are below one by some chain of wins, itself among them: O(component pairs). For all pairs of many items
  /// ask once for each component.
  std::vector<bool> reached_from(Index of_component) const {
    std::vector<bool> reached(static_cast<std::size_t>(components), false);
    if (of_component < 0 || of_component >= components)
      detail::refuse(*this, "needs one of its components", {{"component", of_component}, {"components", components}});
    reached[static_cast<std::size_t>(of_component)] = true;
    for (auto const& [from, to] : above) {  // sorted, and components are numbered so that edges go up: one pass will do
      if (reached[static_cast<std::size_t>(from)]) reached[static_cast<std::size_t>(to)] = true;
    }
    return reached;
  }

 private:
  Index component_of(Index i) const {
    if (i < 0 || i >= log_strengths.size())
      detail::refuse(*this, "needs items in 0..items-1", {{"item", i}, {"items", log_strengths.size()}});
    return component[static_cast<std::size_t>(i)];
  }
  bool reaches(Index a, Index b) const { return a <= b && reached_from(a)[static_cast<std::size_t>(b)]; }
};

/// How far log strengths may be off: the robust (sandwich) covariance, which holds also where the model does not.
struct strength_errors {
  Eigen::MatrixXd covariance;              ///< of the centred log strengths; 0 between components without a common scale
  Eigen::VectorXd standard_errors;         ///< the roots of its diagonal; 0 for an item that is a component of its own
  Eigen::MatrixXd coefficient_covariance;  ///< of the coefficients, where there are any
  double tie_standard_error = 0;           ///< of log_tie, where it is fitted
};

}  // namespace robagg::inline ROBAGG_ABI
