// SPDX-License-Identifier: BSL-1.0
// What operators and pipes read of the geometry.
#include "laws.hpp"

#include <robagg/location/comparative_gradient_elimination.hpp>
#include <robagg/location/nearest_to.hpp>
#include <robagg/location/norm_bounded_mean.hpp>
#include <robagg/transform/adaptive_clip.hpp>
#include <robagg/transform/bucketing.hpp>

using namespace robagg_test;

namespace {
// A template says nothing about what it reads, and gets everything.
struct says_nothing {
  auto weights(auto const& g, robagg::workspace& ws) const {
    auto w = ws.vector<double>(g.rows());
    for (Index i = 0; i < g.rows(); ++i) w(i) = g.inner(i, i) >= 0 && g.norm(i) >= 0 ? 1 / static_cast<double>(g.rows()) : 0;
    return w;
  }
  void into(robagg::any_reports auto const& r, auto&& out, robagg::workspace& ws) const {
    robagg::detail::combine(*this, r, out, ws);
  }
};
template <class Op>
constexpr auto needs_of(Op const&) {
  return robagg::detail::needs<Op>();
}
}  // namespace

TEST_CASE("a pipe needs what its stages need") {
  using namespace robagg;
  using robagg::detail::measured;
  static_assert(needs_of(mean{}) == measured::weights);
  static_assert(needs_of(clip{1}) == measured::norms);
  static_assert(needs_of(krum{1}) == measured::distances);
  static_assert(needs_of(geometric_median{}) == measured::products);
  static_assert(needs_of(says_nothing{}) == measured::products);
  static_assert(needs_of(norm_bounded_mean{1}) == measured::norms);
  static_assert(needs_of(clip{1} | mean{}) == measured::norms);
  static_assert(needs_of(clip{1} | adaptive_clip{1} | comparative_gradient_elimination{1}) == measured::norms);
  static_assert(needs_of(bucketing{2} | mean{}) == measured::weights);
  static_assert(needs_of(bucketing{2} | clip{1}) == measured::products);
  static_assert(needs_of(clip{1} | nearest_to{0, 1}) == measured::products);
  static_assert(needs_of(nearest_neighbour_mixing{1} | mean{}) == measured::distances);
  matrix const x = gauss(5, 7);
  CHECK(difference(numbers_of(evaluate(says_nothing{}, x)), reference::mean(x)) <= 1e-14);
  CHECK(difference(numbers_of((clip{1e9} | says_nothing{})(x)), reference::mean(x)) <= 1e-14);
  // Rows that are scaled are known by their norms: as the written table gives them, of which one is shortened and still
  // longest.
  Eigen::VectorXd norms = x.rowwise().norm();
  std::sort(norms.data(), norms.data() + 5);
  clip const longest{.5 * (norms(3) + norms(4))};
  robagg::table<double> const clipped = longest(x);
  CHECK(difference(numbers_of((longest | comparative_gradient_elimination{1})(x)),
                   numbers_of(comparative_gradient_elimination{1}(clipped))) <= 1e-14);
  CHECK(difference(numbers_of((longest | nearest_to{0, 2})(x)), numbers_of(nearest_to{0, 2}(clipped))) <= 1e-14);
}
