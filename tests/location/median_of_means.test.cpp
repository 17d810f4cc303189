// SPDX-License-Identifier: BSL-1.0
// The median of means: how rows are grouped, and how many groups may be spoilt.
#include "laws.hpp"

#include <robagg/location/median_of_means.hpp>

using namespace robagg_test;
using robagg::median_of_means;

namespace {
matrix means_of_groups(matrix const& x, Index groups) {
  matrix means(groups, x.cols());
  std::vector<std::vector<Index>> members(static_cast<std::size_t>(groups));
  for (Index i = 0; i < x.rows(); ++i) {
    Index group = 0;
    while ((group + 1) * x.rows() / groups <= i) ++group;
    members[static_cast<std::size_t>(group)].push_back(i);
  }
  for (Index k = 0; k < groups; ++k) means.row(k) = reference::mean(pick(x, members[static_cast<std::size_t>(k)]));
  return means;
}
}  // namespace

TEST_CASE("median_of_means groups neighbouring rows as evenly as can be") {
  matrix const x{{1}, {3}, {10}, {20}, {60}, {7}, {9}};
  CHECK(median_of_means{3}(x)(0) == 15);                   // {1, 3}, {10, 20}, {60, 7, 9}
  CHECK(median_of_means{2}(x)(0) == Approx(12 + 7 / 3.));  // {1, 3, 10}, {20, 60, 7, 9}
  CHECK(same_bits(in<double>(median_of_means{7}, x), in<double>(robagg::median{}, x)));
  CHECK(median_of_means{1}(x)(0) == Approx(110 / 7.));
  for (Index const groups : {1, 2, 3, 5, 8}) {
    check_reference(
        subject_of(median_of_means{groups}), [=](matrix const& y) { return reference::median(means_of_groups(y, groups)); },
        groups);
  }
  check_reference(
      subject_of<float>(median_of_means{4}), [](matrix const& y) { return reference::median(means_of_groups(y, 4)); }, 4);
}

TEST_CASE("median_of_means obeys its laws") {
  for (auto const& s : {subject_of(median_of_means{5}), subject_of<float>(median_of_means{5})}) {
    check_laws(s, {translation_equivariant, scale_equivariant, sign_equivariant, same_bits_in_any_order_of_storage,
                   workspace_settles, no_columns, needs_a_report, subset_is_those_rows});
  }
  check_laws(subject_of(median_of_means{1}), {one_row_is_itself});
  matrix const x = gauss(9, 20);
  Eigen::VectorXd const v = gauss(1, 20, 7).row(0);
  CHECK(same_bits(numbers_of(median_of_means{5}(robagg::around(x, v))), in<double>(median_of_means{5}, x)));
}

TEST_CASE("median_of_means stays between the means of honest groups") {
  for (lie const l : all_lies) {
    matrix const honest = gauss(13, 30, 5);
    auto const a = attack(honest, 2, l, std::numeric_limits<double>::max());  // liars are rows 0 and 14
    INFO("liars send " << text(l));
    matrix const groups = means_of_groups(a.table, 5).middleRows(1, 3);  // of 3 rows each; the outer ones are spoilt
    Eigen::ArrayXXd const y = in<double>(median_of_means{5}, a.table).array();
    CHECK((y >= groups.colwise().minCoeff().array() - 1e-14).all());
    CHECK((y <= groups.colwise().maxCoeff().array() + 1e-14).all());
  }
}

TEST_CASE("median_of_means refuses groups out of range, and reads every input kind once") {
  check_refuses(median_of_means{0}, gauss(3, 2), {"median_of_means: needs 1 <= groups <= n", "groups = 0"});
  check_refuses(median_of_means{4}, gauss(3, 2), {"median_of_means: needs 1 <= groups <= n", "groups = 4", "n = 3"});
  check_four_inputs(median_of_means{3});
  check_outputs(median_of_means{3});
  auto const r = count_reads<double>(gauss(9, 700), [](auto const& e) { median_of_means{3}(e); });
  CHECK(r.least() == 1);
  CHECK(r.most() == 1);
}
