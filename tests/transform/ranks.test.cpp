// SPDX-License-Identifier: BSL-1.0
// Ranks along a row: five ways with ties, NaN last, and the scale of a row that does not matter.
#include "laws.hpp"

using namespace robagg_test;
using robagg::ranks;
using robagg::ties;

TEST_CASE("ranks count from 1 for the largest and treat ties as asked") {
  matrix const x{{10, 30, 20, 30, 5}};
  CHECK(same_bits(ranks{}(x), matrix{{4, 1.5, 3, 1.5, 5}}));
  CHECK(same_bits(ranks{ties::minimum}(x), matrix{{4, 1, 3, 1, 5}}));
  CHECK(same_bits(ranks{ties::maximum}(x), matrix{{4, 2, 3, 2, 5}}));
  CHECK(same_bits(ranks{ties::dense}(x), matrix{{3, 1, 2, 1, 4}}));
  CHECK(same_bits(ranks{ties::ordinal}(x), matrix{{4, 1, 3, 2, 5}}));
  CHECK(same_bits(ranks{}(matrix{{-0., 0.}}), matrix{{1.5, 1.5}}));
}

TEST_CASE("ranks agree with counting") {
  matrix x = sample(family::grid, 8, 30, 3);
  x.row(3) = gauss(1, 30);
  x(1, 4) = x(1, 9) = x(2, 0) = not_a_number;
  x(4, 3) = infinity, x(4, 5) = -infinity, x(4, 6) = not_a_number;
  x.row(5).setConstant(not_a_number);
  for (int kind = 0; kind < 5; ++kind) {
    INFO("ties " << kind);
    ranks const op = {static_cast<ties>(kind)};
    matrix const expected = reference::ranks(x, static_cast<reference::tie_rule>(kind));
    CHECK(same_bits(op(x), expected));
    CHECK(same_bits(in<float>(op, x), expected));
  }
}

TEST_CASE("ranks obey their laws") {
  check_laws(subject_of(ranks{}), {permutation_invariant, same_bits_in_any_order_of_storage, workspace_settles, no_columns,
                                   needs_a_report, subset_is_those_rows});
  matrix const x = gauss(5, 40), y = ranks{}(x);
  matrix const stretched = x.array().exp() * 3 - 8;
  CHECK(same_bits(ranks{}(stretched), y));
}

TEST_CASE("ranks keep the weights of their rows in a pipe") {
  matrix const x = gauss(4, 10);
  std::vector<double> const w = {1, 2, 0, 3};
  CHECK(difference(numbers_of((ranks{} | robagg::mean{})(robagg::weighted(x, w))),
                   reference::mean(reference::ranks(x, reference::tie_rule::average), w)) <= 1e-14);
}

TEST_CASE("ranks read every input kind, once, and write to every output kind") {
  check_four_inputs(ranks{});
  check_outputs(ranks{});
  auto const r = count_reads<double>(gauss(9, 700), [](auto const& e) { ranks{}(e); });
  CHECK(r.least() == 1);
  CHECK(r.most() == 1);
}
