// SPDX-License-Identifier: BSL-1.0
// Every rule on every kind of table: sizes known when compiling, both orders in memory, strides, halves, integers, weights of
// any type, many rows, one row, one column.
#include "profiles.hpp"

#include <robagg/rank.hpp>

using namespace robagg_test;

namespace {

template <class Op>
void check_tables(Op const& op) {
  CAPTURE(robagg::describe(op));
  check_four_inputs(op);
  // Integers, as the doubles that they are.
  matrix const x = sample(family::grid, 9, 6, 2);
  Eigen::MatrixXi const by_column = x.cast<int>();
  robagg::table<std::int8_t> const small = x.cast<std::int8_t>();
  auto const wanted = numbers_of(op(x));
  CHECK(same_bits(numbers_of(op(by_column)), wanted));
  CHECK(same_bits(numbers_of(op(small)), wanted));
  // Weights of any type, in any list; one of 0 is no voter.
  std::vector<int> const whole = {1, 3, 0, 2, 1, 1, 1, 4, 1};
  std::array<float, 9> const single = {1, 3, 0, 2, 1, 1, 1, 4, 1};
  Eigen::VectorXd const vector = Eigen::Map<Eigen::VectorXi const>(whole.data(), 9).cast<double>();
  matrix const repeated = pick(x, {0, 1, 1, 1, 3, 3, 4, 5, 6, 7, 7, 7, 7, 8});
  auto const counted = numbers_of(op(repeated));
  CHECK(same_bits(numbers_of(op(robagg::weighted(x, whole))), counted));
  CHECK(same_bits(numbers_of(op(robagg::weighted(x, std::span(single)))), counted));
  CHECK(same_bits(numbers_of(op(robagg::weighted(by_column, vector))), counted));
  // Vectors and spans take what it says.
  robagg::workspace ws;
  Eigen::VectorXf narrow(6);
  std::vector<double> memory(6);
  std::span<double> const out(memory);
  op.into(x, narrow, ws), op.into(x, out, ws);
  CHECK(same_bits(narrow.cast<double>().transpose(), wanted.template cast<float>().template cast<double>()));
  CHECK(same_bits(Eigen::Map<Eigen::RowVectorXd const>(memory.data(), 6), wanted));
  // One voter's favourite, one item, and more voters than a column's sort takes: three kinds of them, 683 times each.
  matrix const one{{3, 1, 2}};
  CHECK(profiles::winners(numbers_of(op(one)).row(0).transpose()) == std::vector<Index>{0});
  CHECK(numbers_of(op(matrix(gauss(5, 1)))).allFinite());
  matrix tall(2049, 4);
  matrix const kinds{{4, 3, 2, 1}, {1, 4, 3, 2}, {2, 1, 4, 3}};
  for (Index i = 0; i < tall.rows(); ++i) tall.row(i) = kinds.row(i % 3);
  CHECK(same_bits(numbers_of(op(tall)), numbers_of(op(robagg::weighted(kinds, std::array{683, 683, 683})))));
}

}  // namespace

TEST_CASE("rules of rank/ read every kind of table") {
  check_tables(robagg::borda{});
  check_tables(robagg::copeland{});
  check_tables(robagg::minimax{});
  check_tables(robagg::schulze{});
  check_tables(robagg::ranked_pairs{});
  check_tables(robagg::instant_run_off{});
  check_tables(robagg::kemeny{});
  check_tables(robagg::footrule_optimal{});
  check_tables(robagg::median_rank{});
}
