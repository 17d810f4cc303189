// SPDX-License-Identifier: BSL-1.0
// Divide and conquer: the top direction of the columns it looks at, which columns those are, and who survives.
#include "laws.hpp"

#include <robagg/location/divide_and_conquer.hpp>

#include <Eigen/SVD>

#include <set>

using namespace robagg_test;
using robagg::divide_and_conquer;

namespace {
// The rows that stand out least along the top right singular vector.
std::vector<Index> least_outlying(matrix const& x, Index kept) {
  Eigen::MatrixXd const centred = x.rowwise() - x.colwise().mean();
  Eigen::MatrixXd const v = Eigen::JacobiSVD<Eigen::MatrixXd>(centred, Eigen::ComputeThinV).matrixV();
  std::vector<std::pair<double, Index>> scores;
  for (Index i = 0; i < x.rows(); ++i) scores.emplace_back(std::abs(centred.row(i).dot(v.col(0))), i);
  std::sort(scores.begin(), scores.end());
  std::vector<Index> rows;
  for (Index k = 0; k < kept; ++k) rows.push_back(scores[static_cast<std::size_t>(k)].second);
  return rows;
}
}  // namespace

TEST_CASE("divide_and_conquer drops what stands out in the top direction") {
  matrix const w5{{1, 2}, {2, 1}, {1.5, 1.5}, {2, 2.5}, {100, -100}};
  CHECK(difference(in<double>(divide_and_conquer{1}, w5), matrix{{1.625, 1.75}}) <= 1e-15);
  for (family const kind : {family::gauss, family::offset, family::tiny, family::huge}) {
    for (Index const n : {5, 8, 17}) {
      for (Index const d : {3, 37}) {
        matrix const x = sample(kind, n, d, 7), expected = reference::mean(pick(x, least_outlying(x, n - 2)));
        INFO("family " << static_cast<int>(kind) << ", n = " << n << ", d = " << d);
        CHECK(difference(in<double>(divide_and_conquer{2}, x), expected) <= 1e-14 * magnitude(x));
        CHECK(difference(in<double>(divide_and_conquer{.f = 1, .filter = 2.9}, x), expected) <= 1e-14 * magnitude(x));
      }
    }
  }
  matrix const x = rounded<float>(gauss(9, 20)), expected = reference::mean(pick(x, least_outlying(x, 7)));
  CHECK(difference(in<float>(divide_and_conquer{2}, x), expected) <= 1e-6);
  CHECK(same_bits(in<double>(divide_and_conquer{.f = 2, .filter = 0}, x), in<double>(divide_and_conquer{0}, x)));
  CHECK(divide_and_conquer{1}(matrix::Constant(3, 4, 2.5)) == Eigen::Vector4d::Constant(2.5));  // nobody stands out
}

TEST_CASE("divide_and_conquer looks at the columns it is given, or at a sample by seed") {
  matrix const x = gauss(9, 40, 3);
  std::vector<Index> const some = {7, 3, 30};
  matrix sampled(9, 3);
  sampled << x.col(7), x.col(3), x.col(30);
  CHECK(difference(in<double>(divide_and_conquer{.f = 2, .columns = some}, x),
                   reference::mean(pick(x, least_outlying(sampled, 7)))) <= 1e-14);
  auto const one = [&](std::uint64_t seed) {
    return in<double>(divide_and_conquer{.f = 2, .columns_sampled = 2, .seed = seed}, x);
  };
  std::vector<matrix> seen;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    CHECK(same_bits(one(seed), one(seed)));
    // Two different columns: one of 780 pairs gives these rows.
    bool found = false;
    for (Index a = 0; a < 40 && !found; ++a) {
      for (Index b = 0; b < a && !found; ++b) {
        matrix pair(9, 2);
        pair << x.col(b), x.col(a);
        found = difference(one(seed), reference::mean(pick(x, least_outlying(pair, 7)))) <= 1e-13;
      }
    }
    CHECK(found);
    if (seed == 0 || difference(one(seed), seen.front()) > 0) seen.push_back(one(seed));
  }
  CHECK(seen.size() > 5);
}

TEST_CASE("divide_and_conquer keeps who survives every iteration, or else the last") {
  // Each of the columns singles out another row: of three rows, one survives two iterations, none or one three.
  matrix const x = matrix{{10, 0, 0}, {0, 10, 0}, {0, 0, 10}};
  std::set<Index> sizes;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    divide_and_conquer const op = {.f = 1, .columns_sampled = 1, .iterations = 3, .seed = seed};
    matrix const y = in<double>(op, x) / 10;
    Index const survivors = static_cast<Index>((y.array() > 0).count());
    CHECK(std::abs(y.sum() - 1) <= 1e-15);
    CHECK(y.maxCoeff() == 1 / static_cast<double>(survivors));
    sizes.insert(survivors);
  }
  CHECK(sizes == std::set<Index>{1, 2});
}

TEST_CASE("divide_and_conquer obeys its laws") {
  for (auto const& s : {subject_of(divide_and_conquer{2}), subject_of<float>(divide_and_conquer{2})}) {
    check_laws(s, {permutation_invariant, translation_equivariant, scale_equivariant, sign_equivariant,
                   same_bits_in_any_order_of_storage, workspace_settles, no_columns, needs_a_report, subset_is_those_rows,
                   around_is_moving});
  }
  check_laws(subject_of(divide_and_conquer{.f = 2, .columns_sampled = 11, .iterations = 3}),
             {permutation_invariant, same_bits_in_any_order_of_storage, workspace_settles, subset_is_those_rows});
  check_laws(subject_of(divide_and_conquer{0}), {one_row_is_itself});
}

TEST_CASE("divide_and_conquer survives liars who agree, and rows that are not numbers") {
  for (Index const f : {1, 2, 4}) {
    for (lie const l : all_lies) {
      INFO("f = " << f << ", liars send " << text(l));
      matrix const honest = rounded<float>(gauss(9 - f, 30, 83));
      auto const single = attack(honest, f, l, std::numeric_limits<float>::max());
      auto const twice = attack(honest, f, l, std::numeric_limits<double>::max());
      for (matrix const& y : {in<double>(divide_and_conquer{f}, twice.table), in<float>(divide_and_conquer{f}, single.table)}) {
        CHECK(y.norm() <= 2 * honest.rowwise().norm().maxCoeff());
      }
    }
  }
  matrix x = gauss(7, 5);
  x.topRows(3).setConstant(not_a_number);
  CHECK(divide_and_conquer{2}(x).array().isNaN().all());
  CHECK(difference(in<double>(divide_and_conquer{3}, x), reference::mean(x.bottomRows(4))) <= 1e-14);
}

TEST_CASE("divide_and_conquer refuses wrong numbers, and reads every input kind") {
  matrix const x = gauss(4, 3);
  std::vector<Index> const unknown = {0, 3}, negative = {-1};
  check_refuses(divide_and_conquer{2}, x, {"divide_and_conquer: needs n > 2f", "n = 4", "f = 2"});
  check_refuses(divide_and_conquer{-1}, x, {"needs f >= 0", "f = -1"});
  check_refuses(divide_and_conquer{.f = 1, .columns_sampled = 0}, x, {"needs columns_sampled >= 1", "columns_sampled = 0"});
  check_refuses(divide_and_conquer{.f = 1, .iterations = 0}, x, {"needs iterations >= 1", "iterations = 0"});
  check_refuses(divide_and_conquer{.f = 1, .filter = -1}, x, {"needs filter >= 0", "filter = -1"});
  check_refuses(divide_and_conquer{.f = 1, .filter = not_a_number}, x, {"needs filter >= 0"});
  check_refuses(divide_and_conquer{.f = 1, .filter = 4}, x, {"needs filter f < n", "filter = 4", "n = 4"});
  check_refuses(divide_and_conquer{.f = 1, .columns = unknown}, x,
                {"has an unknown column in its columns", "column = 3", "d = 3"});
  check_refuses(divide_and_conquer{.f = 1, .columns = negative}, x, {"column = -1"});
  check_four_inputs(divide_and_conquer{2});
  check_outputs(divide_and_conquer{2});
}
