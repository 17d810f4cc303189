// SPDX-License-Identifier: BSL-1.0
// Interior trimming: values by hand, laws, refusals.
#include "laws.hpp"

using namespace robagg_test;
using robagg::interior_trimmed_mean;

TEST_CASE("interior trimming averages the extremes") {
  matrix const f{{.1, .3, .6}, {.2, .5, .9}, {.05, .2, .4}, {.5, .8, 1}, {0, .1, .2}};
  CHECK(difference(numbers_of(interior_trimmed_mean{.2}(f)), matrix{{.1875, .4, .625}}) <= 1e-15);
  CHECK(difference(numbers_of(interior_trimmed_mean{.5}(f)), matrix{{.1875, .4, .625}}) <= 1e-15);
  CHECK(difference(numbers_of(interior_trimmed_mean{.6}(f)), matrix{{.25, .45, .6}}) <= 1e-15);
  CHECK(same_bits(numbers_of(interior_trimmed_mean{.1}(f)), numbers_of(robagg::mean{}(f))));
  check_refuses(interior_trimmed_mean{1}, f, {"interior_trimmed_mean: needs 0 <= share < 1"});
  auto const s = subject_of(interior_trimmed_mean{.4});
  check_laws(s, {permutation_invariant, scale_equivariant, same_bits_in_any_order_of_storage, workspace_settles, no_columns,
                 needs_a_report, inside_column_range});
}

TEST_CASE("interior trimming agrees with sorted values whose middle is left out") {
  for (Index const n : {1, 2, 3, 4, 7, 10, 33, 300, instrumented ? 301 : 2049}) {
    matrix const x = 10 * gauss(n, 5, static_cast<std::uint64_t>(n));
    for (double const share : {0., .1, .2, 1 / 3., .5, .8, .99}) {
      Index dropped = static_cast<Index>(std::floor(share * static_cast<double>(n) + 1e-9));
      if ((n - dropped) % 2 != 0) --dropped;  // as many below as above
      if (dropped < 0) dropped = 0;
      Index const below = dropped == 0 ? n : (n - dropped) / 2;
      auto const y = numbers_of(interior_trimmed_mean{share}(x));
      for (Index j = 0; j < 5; ++j) {
        std::vector<double> sorted;
        for (Index i = 0; i < n; ++i) sorted.push_back(x(i, j));
        std::sort(sorted.begin(), sorted.end());
        double sum = 0;
        for (Index i = 0; i < n; ++i) sum += i < below || i >= n - below ? sorted[static_cast<std::size_t>(i)] : 0;
        double const right = sum / static_cast<double>(dropped == 0 ? n : n - dropped);
        INFO("n " << n << ", share " << share << ", column " << j);
        CHECK(std::abs(y(0, j) - right) <= 1e-12 * 40);
      }
    }
  }
}

TEST_CASE("interior trimming of hostile columns") {
  // A share that is rounded down, 1 - .8, is still two of ten.
  matrix const ten = gauss(10, 3, 2);
  CHECK(same_bits(numbers_of(interior_trimmed_mean{1 - .8}(ten)), numbers_of(interior_trimmed_mean{.2}(ten))));
  // Of five the middle one is dropped: NaN counts as +infinity, sums beyond the largest number do not overflow.
  matrix const x{
      {1, 1e308, -infinity, 3}, {2, 1.2e308, 0, 3}, {100, 1.7e308, 0, 3}, {4, 1.4e308, 0, 3}, {not_a_number, 1.6e308, 1, 3}};
  auto const y = numbers_of(interior_trimmed_mean{.2}(x));
  CHECK(y(0, 0) == infinity);
  CHECK(std::abs(y(0, 1) / 1.375e308 - 1) <= 1e-15);  // 1 1.2 1.6 1.7
  CHECK(y(0, 2) == -infinity);
  CHECK(y(0, 3) == 3);
  robagg::table<float> const floats{{1.f, 3e38f}, {9.f, 3.1e38f}, {2.f, 3.2e38f}};
  auto const z = interior_trimmed_mean{.34}(floats);
  CHECK((z(0) == 5 && std::abs(z(1) / 3.1e38f - 1) <= 1e-6));
}
