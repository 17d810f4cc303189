// SPDX-License-Identifier: BSL-1.0
// Short enough to stay, against all that stays.
#include "laws.hpp"

#include <robagg/attack/anti_cge.hpp>

using namespace robagg_test;
using robagg::attack::anti_cge;

namespace {

matrix anti_cge_by_definition(matrix const& x, Index f) {
  std::vector<Index> order;
  for (Index i = 0; i < x.rows(); ++i) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return x.row(a).norm() < x.row(b).norm(); });
  auto const stay = static_cast<std::size_t>(x.rows() - f);
  double const next = x.row(order[stay]).norm();
  order.resize(stay);
  matrix const sum = pick(x, order).colwise().sum();
  return -.999 * next / sum.norm() * sum;
}

}  // namespace

TEST_CASE("anti_cge turns on the reports that stay with it") {
  // Lengths 5, 1, 2, 10: with f = 2 the second and the third stay, sum (0, 3), and the liars are just below 5.
  matrix const honest{{3, 4}, {0, 1}, {0, 2}, {6, 8}};
  CHECK(difference(in<double>(anti_cge{2}, honest), matrix{{0, -.999 * 5}}) < 1e-13);
  CHECK(difference(in<double>(anti_cge{3}, honest), matrix{{0, -.999 * 2}}) < 1e-13);
  CHECK(in<double>(anti_cge{1}, matrix{{1, 0}, {-1, 0}, {3, 3}}) == matrix{{0, 0}});  // they cancel
  matrix broken = honest;
  broken.row(0).setConstant(not_a_number);
  broken(3, 1) = infinity;
  CHECK(in<double>(anti_cge{2}, broken).array().isNaN().all());
  broken.row(3) = honest.row(3);
  CHECK(in<double>(anti_cge{2}, broken).allFinite());
}

TEST_CASE("anti_cge agrees with its definition, hides among the shortest and obeys its laws") {
  for (Index const f : {1, 2}) {
    auto subject = subject_of(anti_cge{f});
    subject.slack = 2000;  // where the rows nearly cancel, their sum has fewer digits
    check_reference(subject, [f](matrix const& x) { return anti_cge_by_definition(x, f); }, f + 1,
                    {family::gauss, family::tiny, family::huge});
  }
  matrix const x = gauss(9, 20);
  auto const shorter = (x.rowwise().norm().array() <= in<double>(anti_cge{3}, x).norm()).count();
  CHECK(shorter == 6);
  check_laws(subject_of(anti_cge{2}),
             {permutation_invariant, scale_equivariant, sign_equivariant, workspace_settles, same_bits_in_any_order_of_storage,
              no_columns, needs_a_report, subset_is_those_rows, around_is_moving});
  check_four_inputs(anti_cge{2});
  check_outputs(anti_cge{2});
}

TEST_CASE("anti_cge refuses wrong numbers") {
  check_refuses(anti_cge{0}, gauss(4, 2), {"anti_cge: needs 1 <= f < n honest reports", "f = 0", "n = 4"});
  check_refuses(anti_cge{4}, gauss(4, 2), {"f = 4"});
}
