// SPDX-License-Identifier: BSL-1.0
// Pooling along the keys: values by hand, the formula, masses, absent attention, pipes that never have the pooled table.
#include "laws.hpp"

using namespace robagg_test;
using robagg::pool_rows;

namespace {
matrix pooled_slowly(matrix const& x, Index kernel, bool keep_mass) {
  matrix y = matrix::Zero(x.rows(), x.cols());
  for (Index i = 0; i < x.rows(); ++i) {
    double before = 0, after = 0;
    for (Index j = 0; j < x.cols(); ++j) {
      if (std::isfinite(x(i, j))) before += x(i, j);
      for (Index k = std::max<Index>(0, j - kernel / 2); k <= std::min(x.cols() - 1, j + kernel / 2); ++k) {
        if (std::isfinite(x(i, k))) y(i, j) += x(i, k) / static_cast<double>(kernel);
      }
      after += y(i, j);
    }
    if (keep_mass) y.row(i) *= after > 0 ? before / after : 0;
  }
  return y;
}
}  // namespace

TEST_CASE("pooling averages neighbours and keeps a row's mass") {
  matrix const x{{0, 0, 1, 0, 0, 0}, {1, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0}};
  matrix const y = pool_rows{.kernel = 3}(x);
  CHECK(difference(y, matrix{{0, 1 / 3., 1 / 3., 1 / 3., 0, 0}, {.5, .5, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0}}) <= 1e-15);
  matrix const plain = pool_rows{.kernel = 3, .keep_mass = false}(x);
  CHECK(difference(plain.row(1), matrix{{1 / 3., 1 / 3., 0, 0, 0, 0}}) <= 1e-15);
  CHECK(same_bits(pool_rows{.kernel = 1}(x), x));
}

TEST_CASE("pooling agrees with its formula, in every kind of table") {
  for (Index const kernel : {1, 3, 5, 9}) {
    for (bool const keep_mass : {true, false}) {
      pool_rows const op{kernel, keep_mass};
      for (Index const d : {1, 2, 4, 5, 37, 600, 1300}) {
        matrix x = gauss(3, d, 7).cwiseAbs();
        if (d > 20) x(1, 3) = not_a_number, x(1, d - 1) = infinity, x(2, 0) = -infinity;
        INFO("kernel " << kernel << ", d " << d << ", keep_mass " << keep_mass);
        CHECK(difference(op(x), pooled_slowly(x, kernel, keep_mass)) <= 1e-13 * magnitude(pooled_slowly(x, kernel, keep_mass)));
        CHECK(difference(in<float>(op, x), pooled_slowly(x, kernel, keep_mass)) <=
              2e-6 * magnitude(pooled_slowly(x, kernel, keep_mass)));
      }
    }
  }
  check_all_presentations<double>(pool_rows{}, gauss(shown_rows, shown_cols).cwiseAbs());
}

TEST_CASE("a pipe reads the pooled rows as if they were a table") {
  matrix const x = gauss(6, 700, 3).cwiseAbs();
  matrix const y = pool_rows{}(x);
  CHECK(same_bits(in<double>(pool_rows{} | robagg::defensive{}, x), in<double>(robagg::defensive{}, y)));
  CHECK(same_bits(in<double>(pool_rows{} | robagg::median{}, x), in<double>(robagg::median{}, y)));
  std::vector<double> const w{1, 2, 0, 1, 1, 3};
  CHECK(same_bits(numbers_of((pool_rows{} | robagg::mean{})(robagg::weighted(x, w))),
                  numbers_of(robagg::mean{}(robagg::weighted(y, w)))));
  CHECK(((pool_rows{} | robagg::defensive{} | robagg::top{9})(x)) == (robagg::defensive{} | robagg::top{9})(y));
}

TEST_CASE("pooling obeys its laws and refuses even kernels") {
  auto const s = subject_of(pool_rows{});
  check_laws(s, {permutation_invariant, scale_equivariant, same_bits_in_any_order_of_storage, workspace_settles, no_columns,
                 needs_a_report, subset_is_those_rows});
  for (Index const kernel : {-1, 0, 2, 6})
    check_refuses(pool_rows{kernel}, gauss(2, 3), {"pool_rows: needs an odd kernel >= 1"});
}
