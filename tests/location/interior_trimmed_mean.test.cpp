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
