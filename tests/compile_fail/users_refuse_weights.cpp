// SPDX-License-Identifier: BSL-1.0
// says: satisfaction of .*reports<|satisfy 'reports'
#include <robagg/core.hpp>

#include <vector>

using namespace robagg;

// An operator that names plain reports only refuses weights instead of ignoring them.
struct refuses_weights {
  void into(reports auto const&, auto&&, workspace&) const {}
};
Eigen::VectorXf y;
workspace ws;

void check(table<float> const& x, std::vector<double> const& w, Eigen::VectorXf const& v) {
  static_cast<void>(x), static_cast<void>(w), static_cast<void>(v);
#ifndef BROKEN
  refuses_weights{}.into(x, y, ws);
#else
  refuses_weights{}.into(weighted(x, w), y, ws);
#endif
}
