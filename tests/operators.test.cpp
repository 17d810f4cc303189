// SPDX-License-Identifier: BSL-1.0
// Which verb every operator is: exactly one, or none. The list is made from the headers (operators.cmake).
#include "laws.hpp"

#include <operators.hpp>

using namespace robagg_test;

namespace {

struct verbs {
  std::string transforms, aggregates, decides, elects, many;
};

template <class Op>
constexpr int verbs_of = robagg::transform<Op> + robagg::aggregate<Op> + robagg::decide<Op> + robagg::elect<Op>;

template <class Op>
void sort_out(verbs& all, std::string const& type) {
  std::string const name = " " + type.substr(type.rfind(':') + 1);
  if (verbs_of<Op> > 1) all.many += name;
  if (robagg::transform<Op>) all.transforms += name;
  if (robagg::aggregate<Op>) all.aggregates += name;
  if (robagg::decide<Op>) all.decides += name;
  if (robagg::elect<Op>) all.elects += name;
}

// Decisions of users: over anything with brackets, over any span, over Eigen's vectors only.
struct decides_by_brackets {
  using result_type = Index;
  void into(auto const& scores, Index& out, robagg::workspace&) const { out = scores[0] > 0; }
};
struct decides_by_eigen {
  using result_type = Index;
  template <class V>
  void into(Eigen::MatrixBase<V> const& scores, Index& out, robagg::workspace&) const {
    scores.derived().maxCoeff(&out);
  }
};
struct decides_by_vector {
  using result_type = Index;
  void into(Eigen::VectorXd const& scores, Index& out, robagg::workspace&) const { out = scores.size(); }
};
// Of a table, something that is no vector.
struct largest_entry {
  using result_type = double;
  void into(robagg::reports auto const& r, double& out, robagg::workspace&) const { out = r(0, 0); }
};
struct spread_of_any {
  using result_type = double;
  void into(robagg::any_reports auto const& r, auto& out, robagg::workspace&) const { out = static_cast<double>(r.rows()); }
};

template <class A, class B>
concept pipes = requires(A a, B b) {
  a | b;
  requires !std::same_as<decltype(a | b), robagg::detail::refused>;
};

}  // namespace

TEST_CASE("every operator is one verb or none") {
  verbs all;
#define SORT_OUT(...) sort_out<__VA_ARGS__>(all, #__VA_ARGS__);
  OPERATORS(SORT_OUT)
#undef SORT_OUT
  CHECK(all.many.empty());
  CHECK(
      all.transforms ==
      " pool_rows quantiles isotonic rearrange adaptive_clip bucketing clip group_means group_median nearest_neighbour_mixing ranks boosted");
  CHECK(
      all.aggregates ==
      " anti_cge constant_coordinate gaussian inner_product_manipulation little_is_enough mimic min_max infinity not_a_number sign_flip"
      " defensive aksel asymmetric_trimmed_mean biweight_location bulyan centered_clipping comparative_gradient_elimination covariance_filter divide_and_conquer flag_aggregator"
      " geometric_median hodges_lehmann huber independent_markets interior_trimmed_mean interpolated_median interquartile_mean krum mean mean_around_median median median_of_means"
      " minimum_diameter_averaging moulin_median multi_krum nearest_to norm_bounded_mean phocas quantile sigma_clipped_mean sign_majority"
      " smallest_max_eigenvalue_averaging trimean trimmed_mean trimmed_mean_by_share trust_weighted uniform_phantom winsorized_mean winsorized_mean_by_share"
      " gated_averaging linear_pool opinion_pool quantile_averaging_fit"
      " best_case soft_min uncertainty_weighted worst_case median_absolute_deviation quantile_range veto");
  CHECK(all.decides == " protect best top");
  CHECK(all.elects == " plurality run_off");
}

TEST_CASE("what reads tables or groups is no decision over scores") {
  STATIC_REQUIRE(robagg::decide<decides_by_brackets>);
  STATIC_REQUIRE(robagg::decide<decides_by_eigen>);
  STATIC_REQUIRE(robagg::decide<decides_by_vector>);
  STATIC_REQUIRE_FALSE(robagg::decide<largest_entry>);
  STATIC_REQUIRE_FALSE(robagg::decide<spread_of_any>);
  STATIC_REQUIRE_FALSE(robagg::decide<robagg::self_certainty>);
  STATIC_REQUIRE_FALSE(robagg::decide<robagg::allocate>);
  STATIC_REQUIRE_FALSE(robagg::aggregate<robagg::value_norms>);  // a norm a row
  STATIC_REQUIRE_FALSE(pipes<robagg::mean, robagg::self_certainty>);
  STATIC_REQUIRE_FALSE(pipes<robagg::mean, robagg::allocate>);
  STATIC_REQUIRE_FALSE(pipes<robagg::clip, robagg::value_norms>);
}
