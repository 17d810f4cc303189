// SPDX-License-Identifier: BSL-1.0
// Rows taken in one after the other: the bits of the column by column way, which tables stored by columns take.
#include "inputs.hpp"

#include <robagg/location/mean.hpp>
#include <robagg/score/best_case.hpp>
#include <robagg/score/worst_case.hpp>
#include <robagg/transform/clip.hpp>

using namespace robagg_test;

namespace {
template <class T>
void check_folds(Index n, Index d, Index first) {
  matrix values = gauss(n, d + first, static_cast<std::uint64_t>(n + d));
  if (n > 2) values(1, first + d / 2) = not_a_number, values(2, first) = -infinity;
  if (n > 8) values.row(5).setConstant(1e30), values.row(6).setConstant(1e-25), values.row(7).setConstant(-0.);
  robagg::table<T> const rows = values.cast<T>();
  Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic> const columns = rows;
  INFO("n = " << n << ", d = " << d << ", first column " << first << ", " << sizeof(T) << " bytes");
  auto const check = [&](auto const& op) {
    CHECK(same_bits(numbers_of(op(rows.middleCols(first, d))), numbers_of(op(columns.middleCols(first, d)))));
  };
  check(robagg::mean{});
  check(robagg::worst_case{});
  check(robagg::best_case{});
  check(robagg::clip{1} | robagg::mean{});
  check(robagg::clip{1});
}
}  // namespace

TEST_CASE("many rows of few columns give the bits of columns one after the other") {
  for (Index const n : {33, 64, 65, 129, 1500, 3000}) {
    for (Index const d : {1, 2, 3, 16, 17}) {
      for (Index const first : {0, 1}) {
        check_folds<float>(n, d, first);
        check_folds<double>(n, d, first);
      }
    }
  }
}

TEST_CASE("rows one after the other give the bits of columns one after the other") {
  for (Index const n : {1, 2, 3, 7, 8, 9, 15, 16, 17, 40, 257}) {
    for (Index const d : {1, 15, 16, 17, 100, 1023, 1040, 2100}) {
      for (Index const first : {0, 1, 5}) {
        check_folds<float>(n, d, first);
        check_folds<double>(n, d, first);
      }
    }
  }
}
