// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/geometry/combine.hpp"
#include "../detail/table/output.hpp"

#include <cmath>

namespace robagg::inline ROBAGG_ABI {

/// How much each key's value can move the output of its head: the L1 norm of v or of v W_o, the mean over query heads.
///
/// Shapes     d values x head_dim -> d norms; with the output projections of the G query heads, G head_dim x hidden (one on
///            top of the other), the mean of |v W_g| over g.
/// Errors     no keys' head_dim; a projection whose rows do not divide into heads.
/// Guarantee  >= 0.                          Cost  one read of the values; with projections O(d G head_dim hidden).
/// NaN        a value with NaN or infinities has norm 0.        Ties  none.
/// Source     CriticalKV (Feng et al., 2025).                   Example  examples/cache_policies.cpp
struct value_norms {
  using result_type = Eigen::VectorXd;  // one norm a row: no aggregate

  void into(reports auto const& values, auto&& out, workspace& ws) const {
    norms(values, out, ws, [](auto const& v) { return static_cast<double>(v.template lpNorm<1>()); });
  }
  void into(reports auto const& values, reports auto const& given_projections, auto&& out, workspace& ws) const {
    auto&& projections = detail::readable(given_projections);
    Index const dim = values.cols(), heads = dim > 0 ? projections.rows() / dim : 0;
    if (heads < 1 || projections.rows() % dim != 0) {
      detail::refuse(*this, "needs projections of head_dim rows a query head",
                     {{"rows", projections.rows()}, {"head_dim", dim}});
    }
    using T = detail::wide_of<decltype(values)>;
    auto const scope = ws.scope();
    auto W = ws.table<T>(projections.rows(), projections.cols());
    for (Index i = 0; i < W.rows(); ++i) detail::read_row(projections, i, 0, W.cols(), W.row(i).data());
    auto moved = ws.vector<T>(W.cols());
    norms(values, out, ws, [&](auto const& v) {
      double sum = 0;
      for (Index g = 0; g < heads; ++g) {
        moved.setZero();
        for (Index c = 0; c < dim; ++c) moved += v(c) * W.row(g * dim + c).transpose();
        sum += static_cast<double>(moved.template lpNorm<1>());
      }
      return sum / static_cast<double>(heads);
    });
  }
  auto operator()(reports auto const& values) const {
    workspace ws;
    Eigen::Matrix<detail::results_over<decltype(values)>, Eigen::Dynamic, 1> out;
    into(values, out, ws);
    return out;
  }

 private:
  void norms(auto const& values, auto& out, workspace& ws, auto const& norm) const {
    using T = detail::wide_of<decltype(values)>;
    if (values.cols() < 1) detail::refuse(*this, "needs values of at least one dimension", {{"head_dim", values.cols()}});
    detail::fit_vector(*this, out, values.rows());
    auto const scope = ws.scope();
    auto&& x = detail::readable(values);
    auto v = ws.vector<T>(x.cols());
    for (Index i = 0; i < x.rows(); ++i) {
      detail::read_row(x, i, 0, x.cols(), v.data());
      double const size = norm(v);
      T const stored = std::isfinite(size) ? static_cast<T>(size) : T(0);
      detail::store(out, i, &stored, 1);
    }
  }
};

}  // namespace robagg::inline ROBAGG_ABI
