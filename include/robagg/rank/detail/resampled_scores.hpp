// SPDX-License-Identifier: BSL-1.0
// What an aggregate says of a table whose rows count so often: by sums of what each row gives, by weights, or by the rows.
#pragma once

#include "../../pipe.hpp"

#include <vector>

namespace robagg::inline ROBAGG_ABI::detail {

// score(weights, counts, scores, ws) of the rows so often.
template <class Op, class R>
auto resampled_scorer(Op const& op, R const& r) {
  using counted = decltype(weighted(detail::without_weights(r), std::declval<Eigen::VectorXd const&>()));
  if constexpr (requires { op.row_points(r); }) {
    robagg::table<double> points = op.row_points(detail::without_weights(r));
    robagg::table<double> const present =
        points.array().isNaN().select(robagg::table<double>::Zero(points.rows(), points.cols()), 1.);
    bool const all = (present.array() > 0).all();
    if (!all) points = (present.array() > 0).select(points, 0.);
    return [points, present, all](Eigen::VectorXd const& w, Eigen::VectorXd const&, Eigen::VectorXd& scores, workspace&) {
      scores.setZero();
      for (Index i = 0; i < w.size(); ++i) {
        if (w(i) > 0) scores += w(i) * points.row(i).transpose();
      }
      if (!all) scores.array() /= (present.transpose() * w).array();
    };
  } else if constexpr (detail::accepts<Op, counted>()) {
    return [&op, &r](Eigen::VectorXd const& w, Eigen::VectorXd const&, Eigen::VectorXd& scores, workspace& ws) {
      op.into(weighted(detail::without_weights(r), w), scores, ws);
    };
  } else {
    return [&op, &r](Eigen::VectorXd const&, Eigen::VectorXd const& counts, Eigen::VectorXd& scores, workspace& ws) {
      std::vector<Index> rows;
      for (Index i = 0; i < counts.size(); ++i) rows.insert(rows.end(), static_cast<std::size_t>(counts(i)), i);
      op.into(subset(detail::without_weights(r), list<Index>(rows)), scores, ws);
    };
  }
}

}  // namespace robagg::inline ROBAGG_ABI::detail
