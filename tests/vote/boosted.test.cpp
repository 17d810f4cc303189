// SPDX-License-Identifier: BSL-1.0
#include "laws.hpp"

using namespace robagg_test;
using robagg::boosted;

TEST_CASE("boosted adds the versions of each partition") {
  matrix const x{{1, 2}, {3, 4}, {10, 20}, {30, 40}};
  CHECK(boosted{.versions = 2}(x) == matrix{{4, 6}, {40, 60}});
  CHECK(boosted{.versions = 1}(x) == x);
  CHECK(boosted{.versions = 4}(x) == matrix{{44, 66}});
  auto const vote = (boosted{.versions = 2} | robagg::run_off{})(x);
  CHECK((vote.winner == 1 && vote.votes == 2));
  robagg::table<Eigen::half> const narrow = matrix::Constant(100, 1, 30000).cast<Eigen::half>() * Eigen::half(.01f);
  CHECK(static_cast<double>(boosted{.versions = 100}(narrow)(0, 0)) == 30000);  // the sum is formed in double
}

TEST_CASE("boosted obeys its laws") {
  check_laws(subject_of(boosted{.versions = 1}), {same_bits_in_any_order_of_storage, workspace_settles, needs_a_report});
  CHECK(std::isnan(boosted{.versions = 2}(matrix{{1}, {not_a_number}})(0, 0)));
}

TEST_CASE("boosted refuses versions that do not divide the models") {
  check_refuses(boosted{.versions = 2}, gauss(5, 2),
                {"boosted: needs the same versions of each model", "n = 5", "versions = 2"});
  check_refuses(boosted{.versions = 0}, gauss(5, 2), {"boosted: needs versions >= 1", "versions = 0"});
}
