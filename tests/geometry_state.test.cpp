// SPDX-License-Identifier: BSL-1.0
// One geometry over parts of a table: the same bits for parts in any order, merged in any order; a second round for far rows.
#include "laws.hpp"

#include <robagg/diagnose.hpp>
#include <robagg/geometry_state.hpp>

using namespace robagg_test;

namespace {
struct part {
  Index first, width;
};
constexpr part parts[] = {{1024, 1536}, {0, 512}, {2560, 77}, {512, 512}};

template <class T>
int aggregate_by_parts(robagg::table<T> const& x, auto const& op, Eigen::Matrix<T, Eigen::Dynamic, 1>& out) {
  robagg::geometry_state state(x.rows());
  int rounds = 0;
  do {
    for (auto const& [first, width] : parts) state.add(x.middleCols(first, width), first);
    ++rounds;
  } while (!state.complete());
  Eigen::VectorXd const w = state.weights(op);
  robagg::workspace ws;
  for (auto const& [first, width] : parts) robagg::combine(w, x.middleCols(first, width), out.segment(first, width), ws);
  return rounds;
}
}  // namespace

TEST_CASE("parts of a table give the bits of the whole") {
  robagg::table<float> x = gauss(9, 2637, 4).cast<float>();
  Eigen::VectorXf out(2637);
  auto const pipe = robagg::nearest_neighbour_mixing{2} | robagg::geometric_median{};
  CHECK(aggregate_by_parts(x, pipe, out) == 1);
  CHECK(same_bits(numbers_of(out), numbers_of(pipe(x))));
  x.row(4) *= 1e15f;  // a far row: its products take a second round
  CHECK(aggregate_by_parts(x, pipe, out) == 2);
  CHECK(same_bits(numbers_of(out), numbers_of(pipe(x))));
}

TEST_CASE("states merge in any order") {
  robagg::table<double> const x = gauss(6, 2637, 5);
  robagg::geometry_state all(6), other(6), third(6);
  other.add(x.middleCols(512, 512), 512), other.add(x.middleCols(2560, 77), 2560);
  third.add(x.middleCols(1024, 1536), 1024);
  all.add(x.leftCols(512));
  all.merge(third), all.merge(other);
  REQUIRE(all.complete());
  CHECK(same_bits(numbers_of(all.weights(robagg::geometric_median{})), numbers_of(robagg::weights(robagg::geometric_median{}, x))));
  CHECK((all.mixing(robagg::bucketing{2}) * x - robagg::bucketing{2}(x)).cwiseAbs().maxCoeff() <= 1e-14);
}

TEST_CASE("tensors of any width share one geometry") {
  // Two tensors: the same as one table whose second half begins at the next multiple of 512.
  matrix const a = gauss(5, 700, 1), b = gauss(5, 300, 2);
  matrix both = matrix::Zero(5, 1024 + 300);
  both.leftCols(700) = a, both.rightCols(300) = b;
  robagg::geometry_state state(5);
  state.add(a), state.add(b);
  REQUIRE(state.complete());
  CHECK(same_bits(numbers_of(state.weights(robagg::krum{1})), numbers_of(robagg::weights(robagg::krum{1}, both))));
  CHECK(same_bits(numbers_of(state.weights(robagg::geometric_median{})), numbers_of(robagg::weights(robagg::geometric_median{}, both))));
}

TEST_CASE("weights of reports are those of weighted tables") {
  matrix const x = gauss(5, 600, 7);
  std::vector<double> const w = {1, 4, 0, 2, 1};
  robagg::geometry_state state(5, w);
  state.add(x);
  REQUIRE(state.complete());
  robagg::geometric_median const op;
  CHECK(same_bits(numbers_of(state.weights(op)), numbers_of(robagg::weights(op, robagg::weighted(x, w)))));
}

TEST_CASE("a state refuses what does not fit") {
  matrix const x = gauss(5, 600);
  robagg::geometry_state state(5);
  CHECK_THROWS_WITH(robagg::geometry_state(0), Catch::Contains("geometry_state: needs at least one report"));
  CHECK_THROWS_WITH(robagg::geometry_state(2, std::vector<double>{1, -1}), Catch::Contains("needs finite weights >= 0"));
  CHECK_THROWS_WITH(robagg::geometry_state(2, std::vector<double>{0, 0}), Catch::Contains("needs a weight above 0"));
  CHECK_THROWS_WITH(state.add(gauss(4, 3)), Catch::Contains("needs parts with one row per report"));
  CHECK_THROWS_WITH(state.add(x, 100), Catch::Contains("needs parts that begin at multiples of 512 columns"));
  CHECK_THROWS_WITH(state.weights(robagg::krum{1}), Catch::Contains("is asked before it is complete"));
  CHECK_THROWS_WITH(state.merge(robagg::geometry_state(4)), Catch::Contains("merges states of the same reports"));
  state.add(x);
  REQUIRE(state.complete());
  CHECK_THROWS_WITH(state.weights(robagg::krum{3}), Catch::Contains("krum: needs n > 2f"));
}
