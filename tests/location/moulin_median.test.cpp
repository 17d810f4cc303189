// SPDX-License-Identifier: BSL-1.0
// Moulin's generalised medians: phantoms that are given.
#include "laws.hpp"

using namespace robagg_test;
using robagg::moulin_median;

namespace {

double moulin_by_sorting(std::vector<double> all, std::vector<double> const& phantoms) {
  for (double& v : all) v = std::isnan(v) ? infinity : v;
  all.insert(all.end(), phantoms.begin(), phantoms.end());
  std::sort(all.begin(), all.end());
  return all[(all.size() - 1) / 2];
}
std::vector<double> some_phantoms(numbers& random, Index count) {
  std::vector<double> all;
  for (Index k = 0; k < count; ++k) {
    Index const kind = random.below(6);
    all.push_back(kind == 0 ? -infinity : kind == 1 ? infinity : kind == 2 ? 0 : 2 * random.gauss());
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace

TEST_CASE("the generalised median by hand") {
  std::vector<double> const three = {.3, .4, .5}, none;
  CHECK(moulin_median{three}(matrix{{.2}, {.9}})(0) == .4);
  CHECK(moulin_median{none}(matrix{{.7}})(0) == .7);
  // Order statistics are phantoms at the ends.
  matrix const x{{5}, {1}, {4}, {2}};
  std::vector<double> const ends = {-infinity, infinity, infinity}, low = {-infinity, -infinity, -infinity},
                            high = {infinity, infinity, infinity};
  CHECK(moulin_median{ends}(x)(0) == 4);
  CHECK(moulin_median{low}(x)(0) == 1);
  CHECK(moulin_median{high}(x)(0) == 5);
}

TEST_CASE("the generalised median agrees with sorting and obeys its laws") {
  numbers random(7);
  for (Index const n : {1, 2, 3, 8, 33, 300, 2049}) {
    for (Index const count : {n - 1, n + 1}) {
      auto const phantoms = some_phantoms(random, count);
      matrix x = gauss(n, 23, static_cast<std::uint64_t>(n));
      x(0, 2) = not_a_number, x(n - 1, 3) = infinity, x(0, 4) = -infinity;
      matrix const y = moulin_median{phantoms}(x).transpose();
      for (Index c = 0; c < x.cols(); ++c) {
        Eigen::VectorXd const column = x.col(c);
        CHECK(y(0, c) == moulin_by_sorting({column.begin(), column.end()}, phantoms));
      }
    }
  }
  std::vector<double> uniform, eight;
  for (int k = 1; k < 9; ++k) uniform.push_back(k / 9.), eight.push_back(k - 4.5);
  matrix const x = (gauss(9, 40, 3) / 4).array().abs().min(1);
  CHECK(difference(moulin_median{uniform}(x), robagg::uniform_phantom{}(x)) <= 1e-16);
  for (auto const& s : {subject_of(moulin_median{eight}), subject_of<float>(moulin_median{eight})}) {
    check_laws(s, {permutation_invariant, sign_equivariant, inside_column_range, same_bits_in_any_order_of_storage, slices_glue,
                   no_columns, subset_is_those_rows});
  }
}

TEST_CASE("nobody gains from lying to a generalised median") {
  numbers random(9);
  for (int trial = 0; trial < 3000; ++trial) {
    Index const n = 1 + random.below(6);
    auto const phantoms = some_phantoms(random, n + 1 - 2 * random.below(2));
    matrix x = gauss(n, 1, static_cast<std::uint64_t>(trial));
    double const truth = x(0, 0), honest = moulin_median{phantoms}(x)(0);
    x(0, 0) = 3 * random.gauss();
    double const lied = moulin_median{phantoms}(x)(0);
    CHECK((lied == honest || std::abs(lied - truth) >= std::abs(honest - truth)));
  }
}

TEST_CASE("the generalised median refuses phantoms that are no set for n reports") {
  matrix const x = gauss(3, 2);
  std::vector<double> const four = {1, 2, 3, 4}, three = {1, 2, 3}, unsorted = {2, 1}, unknown = {not_a_number, 1},
                            later = {1, 2, 3, not_a_number};
  CHECK_NOTHROW(moulin_median{four}(x));
  check_refuses(moulin_median{three}, x, {"moulin_median: needs n + 1 or n - 1 phantoms", "n = 3", "phantoms = 3"});
  check_refuses(moulin_median{unsorted}, x, {"needs phantoms in ascending order", "phantom = 1"});
  check_refuses(moulin_median{unknown}, x, {"none of them NaN", "phantom = 0"});
  check_refuses(moulin_median{later}, x, {"none of them NaN", "phantom = 3"});
  check_refuses(moulin_median{three}, matrix(0, 2), {"moulin_median"});
  std::vector<double> const six = {-2, -1, 0, .5, 1, 2}, eight = {-4, -3, -2, -1, 1, 2, 3, 4};
  check_four_inputs(moulin_median{six});  // of seven rows
  check_outputs(moulin_median{eight});    // of nine
}
