// SPDX-License-Identifier: BSL-1.0
// NNM: which rows are neighbours (ties to the lowest), and that lies reach no honest row's mixture unless they are near.
#include "laws.hpp"

using namespace robagg_test;
using robagg::nearest_neighbour_mixing;

TEST_CASE("every report becomes the mean of its n - f nearest") {
  matrix const w5{{1, 2}, {2, 1}, {1.5, 1.5}, {2, 2.5}, {100, -100}};
  matrix const y = nearest_neighbour_mixing{1}(w5);
  matrix expected(5, 2);
  expected.topRows(4).rowwise() = Eigen::RowVector2d(1.625, 1.75);
  expected.row(4) << 26.375, -23.75;
  CHECK(difference(y, expected) <= 1e-14);
  // Row 0 is as far from row 1 as from row 2: the lower one counts. Far rows tie for row 3, too.
  matrix const ties{{0}, {1}, {-1}, {2}};
  CHECK(difference(nearest_neighbour_mixing{2}(ties), matrix{{.5}, {.5}, {-.5}, {1.5}}) <= 1e-15);
  CHECK(same_bits(nearest_neighbour_mixing{3}(ties), ties));  // only itself
}

TEST_CASE("nearest-neighbour mixing agrees with explicit neighbours") {
  for (Index const f : {0, 1, 3}) {
    check_reference(
        subject_of(nearest_neighbour_mixing{f}), [f](matrix const& x) { return reference::nearest_neighbour_mixing(x, f); },
        f + 1);
  }
  check_reference(
      subject_of<float>(nearest_neighbour_mixing{2}), [](matrix const& x) { return reference::nearest_neighbour_mixing(x, 2); },
      3);
}

TEST_CASE("nearest-neighbour mixing obeys its laws") {
  for (auto const& s : {subject_of(nearest_neighbour_mixing{2}), subject_of<float>(nearest_neighbour_mixing{2})}) {
    check_laws(s, {permutation_invariant, translation_equivariant, scale_equivariant, sign_equivariant,
                   same_bits_in_any_order_of_storage, workspace_settles, no_columns, needs_a_report, subset_is_those_rows,
                   around_is_moving});
  }
  check_laws(subject_of(nearest_neighbour_mixing{0}), {one_row_is_itself});
}

TEST_CASE("a far or non-finite row is no honest row's neighbour") {
  matrix const honest = gauss(7, 30, 91);
  matrix const expected = reference::nearest_neighbour_mixing(honest, 0).row(0);  // all honest rows: their mean
  for (lie const l : {lie::nan, lie::plus_infinity, lie::minus_infinity, lie::e30, lie::e38, lie::largest}) {
    for (bool const in_float : {false, true}) {
      auto const a = attack(honest, 2, l, static_cast<double>(std::numeric_limits<float>::max()));
      matrix const y =
          in_float ? in<float>(nearest_neighbour_mixing{2}, a.table) : in<double>(nearest_neighbour_mixing{2}, a.table);
      INFO("liars send " << text(l));
      for (Index i = 0; i < 9; ++i) {
        if (i == a.liars[0] || i == a.liars[1]) continue;
        CHECK(difference(y.row(i), expected) <= (in_float ? 1e-6 : 1e-14));
      }
      if (!std::isfinite(a.table(0, 0))) CHECK_FALSE(y.row(0).array().isFinite().any());
    }
  }
}

TEST_CASE("a row that is not a number stays none, wherever it stands") {
  for (Index const i : {0, 3, 6}) {
    matrix x = gauss(7, 5);
    x(i, 2) = not_a_number;
    matrix const y = nearest_neighbour_mixing{1}(x);
    CHECK_FALSE(y.row(i).allFinite());
    CHECK((y.array().isFinite().rowwise().all().count()) == 6);
  }
}

TEST_CASE("mixing before a rule keeps the bound of the rule") {
  // f = 2 of 9: kappa' = 8 f / (n - f) (kappa + 1).
  auto const bound = [](double kappa) { return 8 * 2. / 7 * (kappa + 1); };
  nearest_neighbour_mixing const mix = {2};
  check_laws(subject_of(mix | robagg::trimmed_mean{2}), {survives_within(2, bound(6 * .4 * 1.4))});
  check_laws(subject_of(mix | robagg::median{}), {survives_within(2, bound(4 * 1.4 * 1.4))});
  check_laws(subject_of(mix | robagg::geometric_median{}), {survives_within(2, bound(4 * 1.4 * 1.4))});
  check_laws(subject_of(mix | robagg::krum{.f = 2, .neighbours = 6}), {survives_within(2, bound(6 * 1.4))});
}

TEST_CASE("nearest-neighbour mixing refuses f >= n") {
  check_refuses(nearest_neighbour_mixing{4}, gauss(4, 3), {"nearest_neighbour_mixing: needs f < n", "f = 4", "n = 4"});
  check_refuses(nearest_neighbour_mixing{-1}, gauss(4, 3), {"needs f >= 0", "f = -1"});
}

TEST_CASE("nearest-neighbour mixing reads every input kind, twice, and no more where rows are far") {
  check_four_inputs(nearest_neighbour_mixing{2});
  check_outputs(nearest_neighbour_mixing{2});
  matrix x = gauss(9, 700);
  auto const call = [](auto const& e) { nearest_neighbour_mixing{2}(e); };
  auto const r = count_reads<float>(x, call);
  CHECK(r.least() == 2);
  CHECK(r.most() == 2);
  x.row(3) *= 1e9;
  CHECK(count_reads<float>(x, call).most() == 2);
}
