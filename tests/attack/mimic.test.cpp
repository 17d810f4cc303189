// SPDX-License-Identifier: BSL-1.0
// A copy of one row.
#include "laws.hpp"

#include <robagg/attack/mimic.hpp>

using namespace robagg_test;
using robagg::attack::mimic;

TEST_CASE("mimic copies a row") {
  matrix honest = gauss(5, 600);
  honest.row(0).setConstant(not_a_number);
  honest(1, 3) = infinity;
  for (Index const row : {0, 1, 4}) CHECK(same_bits(in<double>(mimic{row}, honest), honest.row(row)));
  CHECK(same_bits(in<double>(mimic{}, honest), honest.row(0)));
  check_laws(subject_of(mimic{3}),
             {translation_equivariant, scale_equivariant, sign_equivariant, slices_glue, same_bits_in_any_order_of_storage,
              workspace_settles, no_columns, needs_a_report, subset_is_those_rows});
  check_refuses(mimic{4}, gauss(4, 2), {"mimic: needs an honest row", "row = 4", "n = 4"});
  check_refuses(mimic{-1}, gauss(4, 2), {"row = -1"});
}
