// SPDX-License-Identifier: BSL-1.0
// Repair by isotonic regression: values by hand, projections, and that no outcome makes the repaired forecast worse.
#include "repair.hpp"

using namespace robagg_test;
using robagg::isotonic;

TEST_CASE("isotonic regression by hand") {
  matrix const q{{3, 1, 2, 5}, {1, 2, 3, 4}};
  CHECK(same_bits(isotonic{}(q), matrix{{2, 2, 2, 5}, {1, 2, 3, 4}}));
  std::vector<double> const w{1, 1, 2};
  CHECK(difference(isotonic{w}(matrix{{3, 1, 2}}), matrix{{2, 2, 2}}) <= 1e-15);
  matrix const gaps{{3, not_a_number, 1, 2}};
  CHECK(same_bits(isotonic{}(gaps), matrix{{2, not_a_number, 2, 2}}));
  matrix const y = isotonic{{}, .5}(q);
  for (Index k = 1; k < 4; ++k) CHECK((y.col(k) - y.col(k - 1)).minCoeff() >= .5 - 1e-12);
}

TEST_CASE("an isotonic forecast is never worse, whatever the outcome") { CHECK(largest_harm(isotonic{}) <= 1e-12); }

TEST_CASE("isotonic rows of every width, in every storage") {
  for_each_crossing_table([](robagg::table<float> const& x) {
    robagg::table<float> const pooled = isotonic{}(x);
    for (Index i = 0; i < 5; ++i) {
      if (i == 3) continue;
      // The projection: ascends, same mean, and at right angles to what was taken off.
      auto const y = pooled.row(i).cast<double>().eval(), z = x.row(i).cast<double>().eval();
      for (Index k = 1; k < x.cols(); ++k) REQUIRE(y[k] >= y[k - 1]);
      CHECK(std::abs(y.sum() - z.sum()) <= 1e-4 * (1 + z.cwiseAbs().sum()));
      CHECK(std::abs((z - y).dot(y)) <= 1e-4 * (1 + z.squaredNorm()));
    }
    check_repair_of_storages(isotonic{}, x, pooled);
  });
}

namespace {
// Pool adjacent violators, by sums.
void pool_violators(std::vector<double>& x) {
  std::vector<std::pair<long double, int>> pools;
  for (double const v : x) {
    pools.emplace_back(v, 1);
    for (auto last = pools.rbegin(); pools.size() > 1; last = pools.rbegin()) {
      auto const before = last + 1;
      if (!(before->first * last->second >= last->first * before->second)) break;
      before->first += last->first, before->second += last->second;
      pools.pop_back();
    }
  }
  std::size_t at = 0;
  for (auto const& [sum, size] : pools) {
    for (int k = 0; k < size; ++k) x[at++] = static_cast<double>(sum / size);
  }
}
}  // namespace

TEMPLATE_TEST_CASE("isotonic rows of all kinds, many at a time", "", float, double) {
  using T = TestType;
  for_each_mixed_table<T>([](robagg::table<T> const& with_infinities) {
    robagg::table<T> const x = with_infinities.unaryExpr([](T v) { return v > std::numeric_limits<T>::max() ? T(99) : v; });
    matrix const want = changed_rows<double>(x.template cast<double>(), pool_violators);
    robagg::table<T> const got = isotonic{}(x);
    for (Index i = 0; i < x.rows(); ++i) {
      double largest = 0, before = -infinity;
      for (T const v : x.row(i)) largest = v == v ? std::max(largest, static_cast<double>(std::abs(v))) : largest;
      for (Index k = 0; k < x.cols(); ++k) {
        double const y = static_cast<double>(got(i, k)), w = want(i, k);
        if (x(i, k) != x(i, k)) {
          REQUIRE(y != y);
          continue;
        }
        // Half a unit of the result, and of a double.
        double const half_unit = sizeof(T) == 4 ? std::abs(w) * 0x1p-24 + 0x1p-149 : 0;
        REQUIRE(std::abs(y - w) <= half_unit + 1e-15 * largest);
        REQUIRE(y >= before);
        before = y;
      }
    }
    // Whichever rows are beside it.
    for (Index const i : {Index{0}, x.rows() / 2, x.rows() - 1}) {
      robagg::table<T> const alone = isotonic{}(robagg::table<T>(with_infinities.row(i))), all = isotonic{}(with_infinities);
      CHECK(same_bits(matrix(alone.template cast<double>()), matrix(all.row(i).template cast<double>())));
    }
  });
}

TEST_CASE("isotonic regression obeys its laws") {
  check_laws(subject_of(isotonic{}), {permutation_invariant, scale_equivariant, same_bits_in_any_order_of_storage,
                                      workspace_settles, no_columns, needs_a_report, subset_is_those_rows});
  check_refuses(isotonic{{}, infinity}, gauss(2, 3), {"isotonic: needs a finite min_gap >= 0"});
  std::vector<double> const two{1, 1}, zero{1, 0, 1};
  check_refuses(isotonic{two}, gauss(2, 3), {"isotonic: needs a weight for each column"});
  check_refuses(isotonic{zero}, gauss(2, 3), {"isotonic: needs finite weights > 0"});
}
