// SPDX-License-Identifier: BSL-1.0
// says: squared_distance
#include <robagg/core.hpp>
#include <robagg/pipe.hpp>
#include <robagg/transform/clip.hpp>

using namespace robagg;

// What an operator reads of the geometry is the type of its parameter: there is no more than that.
struct shortest {
#ifndef BROKEN
  auto weights(row_norms const& g, workspace& ws) const {
    auto w = ws.vector<double>(g.rows());
    for (Index i = 0; i < g.rows(); ++i) w(i) = g.squared_norm(i) == 0;
    return w;
  }
#else
  auto weights(row_norms const& g, workspace& ws) const {
    auto w = ws.vector<double>(g.rows());
    for (Index i = 0; i < g.rows(); ++i) w(i) = g.squared_distance(i, 0) == 0;
    return w;
  }
#endif
  void into(any_reports auto const& r, auto&& out, workspace& ws) const { detail::combine(*this, r, out, ws); }
};

void check(table<float> const& x, Eigen::VectorXf& y, workspace& ws) { (clip{.radius = 1} | shortest{}).into(x, y, ws); }
