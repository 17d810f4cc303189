// SPDX-License-Identifier: BSL-1.0
// Several quantiles from one sort: the bits of one quantile each.
#include "laws.hpp"

using namespace robagg_test;
using robagg::quantile, robagg::quantile_rule, robagg::quantiles;

namespace {

std::vector<double> const shares = {.9, .1, .5, .25, 0, 1};

template <class S>
void check_rows(Index n, Index d, quantile_rule rule) {
  matrix x = gauss(n, d, 5);
  for (Index i = 0; i < x.size(); i += 9) x.data()[i] = i % 2 == 0 ? not_a_number : infinity;
  robagg::table<S> const values = x.cast<S>();
  Eigen::Matrix<S, Eigen::Dynamic, Eigen::Dynamic> const columns = values;
  quantiles const op{.ps = shares, .rule = rule};
  INFO(robagg::describe(op) << ", n = " << n << ", d = " << d);
  matrix const y = numbers_of(op(values)), gaps = numbers_of(op(robagg::skip_nan(values)));
  CHECK(same_bits(numbers_of(op(columns)), y));
  for (std::size_t k = 0; k < shares.size(); ++k) {
    quantile const one{shares[k], rule};
    CHECK(same_bits(matrix(y.row(static_cast<Index>(k))), numbers_of(one(values))));
    CHECK(same_bits(matrix(gaps.row(static_cast<Index>(k))), numbers_of(one(robagg::skip_nan(values)))));
  }
}

}  // namespace

TEST_CASE("quantiles are the bits of one quantile each") {
  for (Index const n : {1, 2, 8, 31, 40, 300, 2049}) {
    for (auto const rule : {quantile_rule::averaged, quantile_rule::linear, quantile_rule::closest_observation}) {
      check_rows<float>(n, 37, rule), check_rows<double>(n, 5, rule);
    }
  }
  check_rows<Eigen::half>(9, 700, quantile_rule::linear), check_rows<float>(25, 1030, quantile_rule::averaged);
  matrix const x = gauss(5, 20);
  std::vector<double> const w = {1, 2, .5, 1, 3};
  matrix const y = numbers_of(quantiles{.ps = shares}(robagg::weighted(x, w)));
  for (std::size_t k = 0; k < shares.size(); ++k)
    CHECK(same_bits(matrix(y.row(static_cast<Index>(k))), numbers_of(quantile{shares[k]}(robagg::weighted(x, w)))));
}

TEST_CASE("quantiles fit into pipes and other outputs") {
  matrix const x = gauss(9, 37);
  CHECK(difference(numbers_of((quantiles{.ps = shares} | robagg::best_case{})(x)), x.colwise().maxCoeff()) == 0);
  auto const s = subject_of(quantiles{.ps = shares});
  check_laws(s, {same_bits_in_any_order_of_storage, workspace_settles, fewer_rows_fit, no_columns, needs_a_report,
                 subset_is_those_rows});
  check_outputs(quantiles{.ps = shares});
}

TEST_CASE("quantiles refuse no shares, shares outside [0, 1] and weights where they have no meaning") {
  matrix const x = gauss(3, 2);
  std::vector<double> const none, outside = {.5, 1.5};
  check_refuses(quantiles{.ps = none}, x, {"quantiles: needs a share p in its list"});
  check_refuses(quantiles{.ps = outside}, x, {"quantiles: needs 0 <= p <= 1", "p = 1.5"});
  check_refuses(quantiles{.ps = shares, .rule = quantile_rule::linear}, robagg::weighted(x, std::vector{1., 2., 1.}),
                {"quantiles: needs rule averaged or inverse_cdf with weights"});
}
