// SPDX-License-Identifier: BSL-1.0
// Clipping: factors, rows without a norm, and the centre that `around` gives.
#include "laws.hpp"

using namespace robagg_test;
using robagg::clip;

TEST_CASE("clip shortens what is longer than the radius and nothing else") {
  matrix const x{{3, 4}, {.3, .4}, {0, 0}, {-30, 40}};
  matrix const y = clip{1}(x);
  CHECK(difference(y, matrix{{.6, .8}, {.3, .4}, {0, 0}, {-.6, .8}}) <= 1e-15);
  CHECK(same_bits(y.row(1), x.row(1)));
  CHECK(same_bits(clip{infinity}(x), x));
  CHECK(same_bits(clip{0}(x), matrix::Zero(4, 2)));
}

TEST_CASE("clip agrees with its formula") {
  for (double const radius : {0., .5, 2., 1e6}) {
    check_reference(subject_of(clip{radius}), [=](matrix const& x) { return reference::clip(x, radius); });
  }
  check_reference(subject_of(clip{1e-25}), [=](matrix const& x) { return reference::clip(x, 1e-25); }, 1, {family::tiny});
  check_reference(subject_of<float>(clip{2}), [](matrix const& x) { return reference::clip(x, 2); });
  check_reference(subject_of<float>(clip{1e-25}), [](matrix const& x) { return reference::clip(x, 1e-25); }, 1,
                  {family::tiny, family::gauss});
}

TEST_CASE("clip obeys its laws") {
  for (auto const& s : {subject_of(clip{4}), subject_of<float>(clip{4})}) {
    check_laws(s, {permutation_invariant, sign_equivariant, same_bits_in_any_order_of_storage, workspace_settles, no_columns,
                   needs_a_report, subset_is_those_rows, around_is_moving});
  }
}

TEST_CASE("clip around a vector shortens the distance to it") {
  for (family const kind : {family::gauss, family::offset}) {
    matrix const x = sample(kind, 6, 20, 3), v = sample(kind, 1, 20, 4);
    double const radius = kind == family::gauss ? 2 : .03;
    Eigen::RowVectorXd const centre = v.row(0);
    CHECK(difference(clip{radius}(robagg::around(x, centre)), reference::clip(x, radius, v)) <= 1e-15 * magnitude(x) * 4);
  }
}

TEST_CASE("a row without a finite norm becomes the origin") {
  matrix x = gauss(6, 5);
  x(0, 2) = not_a_number;
  x(3, 0) = infinity;
  x.row(4).setConstant(std::numeric_limits<double>::max());
  matrix const y = clip{1}(x);
  for (Index const i : {0, 3, 4}) CHECK(y.row(i).isZero(0));
  for (Index const i : {1, 2, 5}) CHECK(std::abs(y.row(i).norm() - 1) <= 1e-15);
  Eigen::VectorXd const centre = Eigen::VectorXd::Constant(5, 3);
  CHECK((clip{1}(robagg::around(x, centre)).row(0).array() == 3).all());
  CHECK(clip{infinity}(x).row(3).isZero(0));
  matrix const all = matrix::Constant(3, 2, not_a_number);
  CHECK(clip{1}(all).isZero(0));
}

TEST_CASE("every lie leaves clip with a norm of at most the radius") {
  for (lie const l : all_lies) {
    auto const a = attack(gauss(7, 30), 2, l, static_cast<double>(std::numeric_limits<float>::max()));
    INFO("liars send " << text(l));
    for (matrix const& y : {in<double>(clip{2}, a.table), in<float>(clip{2}, a.table)}) {
      CHECK(y.rowwise().norm().maxCoeff() <= 2 * (1 + 1e-6));
    }
  }
}

TEST_CASE("clip refuses a radius below 0") {
  check_refuses(clip{-1}, gauss(3, 2), {"clip: needs radius >= 0", "radius = -1"});
  check_refuses(clip{not_a_number}, gauss(3, 2), {"clip: needs radius >= 0"});
}

TEST_CASE("clip reads every input kind, twice, and writes to every output kind") {
  check_inputs(clip{4});
  check_outputs(clip{4});
  auto const call = [](auto const& e) { clip{4}(e); };
  for (auto const& r : {count_reads<double>(gauss(9, 700), call), count_reads<double, Eigen::ColMajor>(gauss(9, 700), call)}) {
    CHECK(r.least() == 2);
    CHECK(r.most() == 2);
  }
}
