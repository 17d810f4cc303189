// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "comparisons.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// Comparisons that come with numbers which may have swayed them: who was shown first, who wrote more.
///
///     covariate_comparisons c(winners, losers, tied, z);  // z: a row for each comparison, of the winner less of the loser
///     bradley_terry{}.fit(c).coefficients;                // log odds for each unit of a column; strengths are what is left
///
/// Ranges     items as in comparisons; covariates finite. For who was shown first: 1 where the winner was, -1 where the loser
///            was.
/// Errors     what comparisons refuse; covariates that are not finite, without columns, or of another number of rows.
/// Cost       O(n log n): equal comparisons with equal covariates are counted together.
/// Source     definition; Agresti, Categorical data analysis, 1990 (Bradley and Terry's model as a logistic regression, order
///            effects).
/// Example    covariate_comparisons c(winners, losers, tied, shown_first); bradley_terry{}.fit(c).coefficients
class covariate_comparisons {
 public:
  template <class Winners, class Losers, class Tied, class Derived>
  covariate_comparisons(Winners const& winners, Losers const& losers, Tied const& tied, Eigen::DenseBase<Derived> const& z) {
    comparisons all;
    all.add_all(winners, losers, tied);
    auto const n = static_cast<Index>(winners.size());
    Eigen::MatrixXd const rows = z.derived().template cast<double>().transpose();
    if (rows.cols() != n || rows.rows() < 1)
      detail::refuse(*this, "needs a row of covariates for each comparison",
                     {{"comparisons", n}, {"rows", rows.cols()}, {"columns", rows.rows()}});
    std::vector<one> list;
    for (Index i = 0; i < n; ++i) {
      if (!rows.col(i).allFinite()) detail::refuse(*this, "needs finite covariates", {{"comparison", i}});
      auto const at = [i](auto const& values) { return values[static_cast<decltype(values.size())>(i)]; };
      auto const a = static_cast<Index>(at(winners)), b = static_cast<Index>(at(losers));
      list.push_back({{std::min(a, b), std::max(a, b), 0, 0, 0}, i, a < b ? 1. : -1.});
      auto& pair = list.back().pair;
      (at(tied) ? pair.ties : a < b ? pair.wins : pair.losses) = 1;
    }
    // Sorted by all that makes them equal; a comparison with its items turned has turned covariates.
    auto const order = [&](one const& x, one const& y) {
      if (x.pair.first != y.pair.first) return x.pair.first < y.pair.first ? -1 : 1;
      if (x.pair.second != y.pair.second) return x.pair.second < y.pair.second ? -1 : 1;
      for (Index j = 0; j < rows.rows(); ++j) {
        double const p = x.sign * rows(j, x.row), q = y.sign * rows(j, y.row);
        if (p != q) return p < q ? -1 : 1;
      }
      return 0;
    };
    std::sort(list.begin(), list.end(), [&](one const& x, one const& y) { return order(x, y) < 0; });
    covariates_.resize(rows.rows(), n);
    one const* before = nullptr;
    for (auto const& next : list) {
      if (before != nullptr && order(*before, next) == 0) {
        auto& sum = pairs_.back();
        sum.wins += next.pair.wins;
        sum.losses += next.pair.losses;
        sum.ties += next.pair.ties;
      } else {
        covariates_.col(static_cast<Index>(pairs_.size())) = next.sign * rows.col(next.row);
        pairs_.push_back(next.pair);
      }
      before = &next;
    }
    covariates_.conservativeResize(rows.rows(), static_cast<Index>(pairs_.size()));
    items_ = all.items();
  }

  Index items() const { return items_; }
  std::vector<compared_pair> const& pairs() const { return pairs_; }  ///< sorted; a pair once for each row of covariates
  Eigen::MatrixXd const& covariates() const { return covariates_; }   ///< a column for each of pairs(), of first less second

 private:
  struct one {
    compared_pair pair;
    Index row;
    double sign;
  };
  Index items_ = 0;
  std::vector<compared_pair> pairs_;
  Eigen::MatrixXd covariates_;
};

}  // namespace robagg::inline ROBAGG_ABI
