// SPDX-License-Identifier: BSL-1.0
// Trust by direction, against its formula in d-space, at every length, and where nobody is trusted.
#include "laws.hpp"

#include <robagg/location/trust_weighted.hpp>

using namespace robagg_test;
using robagg::trust_weighted;

namespace {
matrix trusted_mean(matrix const& x, Index row) {
  using vector = Eigen::Matrix<long double, 1, Eigen::Dynamic>;
  vector const own = x.row(row).cast<long double>();
  vector sum = vector::Zero(x.cols());
  long double trust = 0;
  for (Index i = 0; i < x.rows(); ++i) {
    vector const other = x.row(i).cast<long double>();
    long double const norm = other.norm(), t = other.dot(own) / norm / own.norm();
    if (i == row || !(t > 0)) continue;
    sum += t * (own.norm() / norm) * other, trust += t;
  }
  return (trust > 0 ? vector(sum / trust) : sum).cast<double>();
}
}  // namespace

TEST_CASE("trust_weighted averages by agreement with its row") {
  matrix const x{{1, 2}, {2, 1}, {1.5, 1.5}, {2, 2.5}, {100, -100}, {1, 1}};
  CHECK(difference(in<double>(trust_weighted{5}, x), matrix{{0.9452100142, 1.0016217525}}) <= 1e-9);
  // cos = 1/sqrt(2), at length 2; the others look away or nowhere.
  CHECK(difference(in<double>(trust_weighted{0}, matrix{{2, 0}, {5, 5}, {-1, 9}, {0, 0}}),
                   matrix{{std::sqrt(2.), std::sqrt(2.)}}) <= 1e-15);
  for (Index const row : {0, 2}) {
    auto s = subject_of(trust_weighted{row});
    s.slack = 256;
    check_reference(s, [=](matrix const& y) { return trusted_mean(y, row); }, row + 1,
                    {family::gauss, family::offset, family::tiny, family::huge});
  }
  check_reference(subject_of<float>(trust_weighted{1}), [](matrix const& y) { return trusted_mean(y, 1); }, 5, {family::gauss});
}

TEST_CASE("trust keeps its digits where rows are long, short, or far from most others") {
  matrix x = gauss(9, 12, 3).rowwise() + Eigen::RowVectorXd::Constant(12, 1e6);
  x.row(0) = gauss(1, 12, 4).row(0) * 1e-3, x.row(1) = gauss(1, 12, 5).row(0) * 1e-4;
  x.row(2) = gauss(1, 12, 6).row(0) * 1e30, x.row(3) = gauss(1, 12, 7).row(0) * 1e140;
  for (Index const row : {0, 1, 2, 4}) {
    matrix const expected = trusted_mean(x, row);
    INFO("row " << row);
    CHECK(difference(in<double>(trust_weighted{row}, x), expected) <= 1e-14 * magnitude(expected));
  }
}

TEST_CASE("trust_weighted obeys its laws") {
  for (auto s : {subject_of(trust_weighted{1}), subject_of<float>(trust_weighted{1})}) {
    s.slack = 64;
    check_laws(s, {scale_equivariant, sign_equivariant, same_bits_in_any_order_of_storage, workspace_settles, no_columns,
                   needs_a_report, subset_is_those_rows, around_is_moving});
  }
  matrix const x = gauss(9, 20);
  auto const order = permutation(9, 3);
  Index const place = std::find(order.begin(), order.end(), 4) - order.begin();
  CHECK(difference(in<double>(trust_weighted{place}, pick(x, order)), in<double>(trust_weighted{4}, x)) <= 1e-13);
}

TEST_CASE("no lie makes trust_weighted longer than its row, or turns it away") {
  for (lie const l : all_lies) {
    matrix const honest = rounded<float>(gauss(3, 30, 83));
    auto const single = attack(honest, 6, l, std::numeric_limits<float>::max());
    auto const twice = attack(honest, 6, l, std::numeric_limits<double>::max());
    Index own = 0;
    while (!same_bits(single.table.row(own), honest.row(0))) ++own;
    INFO("liars send " << text(l));
    for (matrix const& y : {in<double>(trust_weighted{own}, twice.table), in<float>(trust_weighted{own}, single.table)}) {
      CHECK(y.norm() <= honest.row(0).norm() * (1 + 1e-6));
      CHECK(y.row(0).dot(honest.row(0)) > 0);
    }
  }
}

TEST_CASE("where nobody is trusted the result is the origin; where the trusted row is no row, NaN") {
  matrix x{{1, 1}, {-1, 0}, {not_a_number, 1}, {0, 0}};
  CHECK(trust_weighted{0}(x).isZero(0));
  CHECK(trust_weighted{3}(x).isZero(0));  // no direction, no length
  CHECK(trust_weighted{0}(x.topRows(1)).isZero(0));
  CHECK(trust_weighted{2}(x).array().isNaN().all());
  Eigen::Vector2d const v(1, 1);
  CHECK(trust_weighted{0}(robagg::around(x, v)) == v);
}

TEST_CASE("trust_weighted refuses an unknown row, and reads every input kind") {
  check_refuses(trust_weighted{4}, gauss(4, 3), {"trust_weighted: needs 0 <= row < n", "row = 4", "n = 4"});
  check_refuses(trust_weighted{-1}, gauss(4, 3), {"needs 0 <= row < n", "row = -1"});
  check_four_inputs(trust_weighted{1});
  check_outputs(trust_weighted{1});
  auto const r = count_reads<float>(gauss(9, 700), [](auto const& e) { trust_weighted{1}(e); });
  CHECK(r.least() == 2);
  CHECK(r.most() == 2);
}
