// SPDX-License-Identifier: BSL-1.0
// One geometry over parts of a table: the same bits for parts in any order, merged in any order; a second round for far rows;
// and every way of using it wrongly is refused.
#include "laws.hpp"

#include <robagg/diagnose.hpp>
#include <robagg/format.hpp>
#include <robagg/geometry_state.hpp>
#include <robagg/parallel.hpp>

using namespace robagg_test;
using robagg::geometry_state;

namespace {
struct part {
  Index first, width;
};
constexpr part cut_parts[] = {{1024, 1536}, {0, 512}, {2560, 77}, {512, 512}};

void add_parts(geometry_state& state, auto const& x) {
  for (auto const& [first, width] : cut_parts) state.add(x.middleCols(first, width), first);
}
template <class T>
int aggregate_by_parts(robagg::table<T> const& x, auto const& op, Eigen::Matrix<T, Eigen::Dynamic, 1>& out) {
  geometry_state state(x.rows());
  int rounds = 1;
  add_parts(state, x);
  if (!state.complete()) state.next_round(), add_parts(state, x), ++rounds;
  REQUIRE(state.complete());
  Eigen::VectorXd const w = state.weights(op);
  robagg::workspace ws;
  for (auto const& [first, width] : cut_parts) robagg::combine(w, x.middleCols(first, width), out.segment(first, width), ws);
  return rounds;
}
// A state whose last row is far, so that it needs a second round.
robagg::table<float> table_with_a_far_row() {
  robagg::table<float> x = gauss(8, 1300, 3).cast<float>();
  x.row(7) *= 1e9f;
  return x;
}
template <class Op>
matrix answer_of(geometry_state state, Op const& op) {  // a copy: the state itself goes on
  return numbers_of(state.weights(op));
}

// Weighs all reports the same and asserts that what it reads is memory of a workspace.
struct reads_aligned {
  static constexpr int reads = robagg::detail::has_weights;
  Eigen::VectorXd weights(robagg::geometry const& g, robagg::workspace&) const {
    CHECK(reinterpret_cast<std::uintptr_t>(g.products().data()) % 64 == 0);
    return Eigen::VectorXd::Constant(g.rows(), g.total_weight());
  }
};
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
  geometry_state all(6), other(6), third(6);
  other.add(x.middleCols(512, 512), 512), other.add(x.middleCols(2560, 77), 2560);
  third.add(x.middleCols(1024, 1536), 1024);
  all.add(x.leftCols(512));
  CHECK_FALSE(third.complete());  // its columns begin somewhere else
  all.merge(third), all.merge(other);
  REQUIRE(all.complete());
  CHECK(same_bits(numbers_of(all.weights(robagg::geometric_median{})),
                  numbers_of(robagg::weights(robagg::geometric_median{}, x))));
  CHECK((all.mixing(robagg::bucketing{2}) * x - robagg::bucketing{2}(x)).cwiseAbs().maxCoeff() <= 1e-14);
}

TEST_CASE("a second round on several machines") {
  robagg::table<float> const x = table_with_a_far_row();
  geometry_state first(8), second(8);
  first.add(x.leftCols(512)), second.add(x.rightCols(788), 512);
  geometry_state all = first;
  all.merge(second);
  REQUIRE_FALSE(all.complete());
  all.next_round();
  geometry_state left = all, right = all;
  left.add(x.leftCols(512), 0), right.add(x.rightCols(788), 512);
  CHECK_FALSE(left.complete());
  CHECK_FALSE(right.complete());
  left.merge(right);
  REQUIRE(left.complete());
  robagg::geometric_median const op;
  CHECK(same_bits(numbers_of(left.weights(op)), numbers_of(robagg::weights(op, x))));
  // A second round that began elsewhere is another one.
  geometry_state other(8);
  robagg::table<float> y = x;
  y(0, 0) += 1;
  other.add(y), other.next_round(), other.add(y.leftCols(512));
  CHECK_THROWS_WITH(right.merge(other), Catch::Contains("merges second rounds that began in one state"));
  CHECK_THROWS_WITH(right.merge(first), Catch::Contains("merges states of the same reports in the same round"));
}

TEST_CASE("tensors of any width share one geometry") {
  // Two tensors: the same as one table whose second half begins at the next multiple of 512.
  matrix const a = gauss(5, 700, 1), b = gauss(5, 300, 2);
  matrix both = matrix::Zero(5, 1024 + 300);
  both.leftCols(700) = a, both.rightCols(300) = b;
  geometry_state state(5);
  state.add(a);
  CHECK(state.next_column() == 1024);
  state.add(matrix(5, 0));  // an empty tensor is none
  state.add(b);
  REQUIRE(state.complete());
  CHECK(same_bits(numbers_of(state.weights(robagg::krum{1})), numbers_of(robagg::weights(robagg::krum{1}, both))));
  CHECK(same_bits(numbers_of(state.weights(robagg::geometric_median{})),
                  numbers_of(robagg::weights(robagg::geometric_median{}, both))));
}

TEST_CASE("weights of reports are those of weighted tables, of any type") {
  matrix const x = gauss(5, 600, 7);
  std::vector<double> const w = {1, 4, 0, 2, 1};
  robagg::geometric_median const op;
  auto const expected = numbers_of(robagg::weights(op, robagg::weighted(x, w)));
  auto const with = [&](auto const& weights) {
    geometry_state state(5, weights);
    state.add(x);
    CHECK(same_bits(answer_of(state, op), expected));
  };
  with(w), with(std::vector<int>{1, 4, 0, 2, 1}), with(std::array<unsigned char, 5>{1, 4, 0, 2, 1});
  with(Eigen::Matrix<float, 5, 1>(1, 4, 0, 2, 1)), with(std::vector<std::int64_t>{3, 12, 0, 6, 3});
  std::vector<double> const odd = {.1, .7, .3, .1, .2};
  geometry_state state(5, odd);
  state.add(x);
  CHECK(same_bits(answer_of(state, op), numbers_of(robagg::weights(op, robagg::weighted(x, odd)))));
}

TEST_CASE("a weighted state refuses what a weighted table refuses") {
  matrix const x = gauss(7, 600, 7);
  geometry_state state(7, std::vector<int>(7, 1));  // equal weights are weights
  state.add(x);
  CHECK_THROWS_WITH(state.weights(robagg::krum{1}),
                    Catch::Contains("krum: needs a state without weights: it has no weighted form"));
  CHECK_THROWS_WITH(state.weights(robagg::nearest_neighbour_mixing{1} | robagg::geometric_median{}),
                    Catch::Contains("no weighted form"));
  CHECK_THROWS_WITH(state.mixing(robagg::nearest_neighbour_mixing{1}), Catch::Contains("no weighted form"));
  CHECK_THROWS_WITH(robagg::diagnose(robagg::multi_krum{1}, state), Catch::Contains("no weighted form"));
  state.add(x);  // nothing was answered: the round goes on
  auto const pipe = robagg::clip{20} | robagg::geometric_median{};
  matrix both(7, 1624);
  both << x, matrix::Zero(7, 424), x;
  CHECK(same_bits(numbers_of(state.weights(pipe)),
                  numbers_of(robagg::weights(pipe, robagg::weighted(both, std::vector<double>(7, 1.))))));
}

TEST_CASE("what operators read of a state is aligned, also of copies and moved states") {
  for (Index n = 1; n <= 12; ++n) {
    geometry_state state(n, std::vector<double>(static_cast<std::size_t>(n), 1.));
    state.add(gauss(n, 600));
    geometry_state copy = state, moved = std::move(state);
    copy.weights(reads_aligned{});
    moved.weights(reads_aligned{});
    state = copy;
    CHECK(state.weights(reads_aligned{})(0) == static_cast<double>(n));
    state = std::move(copy);
    state.weights(reads_aligned{});
    CHECK_THROWS_AS(copy.add(gauss(n, 600)), robagg::bad_input);
    CHECK_THROWS_AS(copy.weights(reads_aligned{}), robagg::bad_input);
  }
}

TEST_CASE("asking whether a state is complete changes nothing") {
  robagg::table<float> const x = table_with_a_far_row();
  geometry_state state(8);
  geometry_state const& looks = state;
  CHECK_FALSE(looks.complete());
  CHECK_THROWS_WITH(state.next_round(), "geometry_state: is asked before it has all columns (round = 1, first missing = 0)");
  state.add(matrix(8, 0));
  CHECK_FALSE(looks.complete());
  CHECK(state.pack() == geometry_state(8).pack());
  state.add(x);
  for (int k = 0; k < 3; ++k) CHECK_FALSE(looks.complete());
  CHECK_THROWS_WITH(state.weights(robagg::geometric_median{}), Catch::Contains("needs a second round: rows are far"));
  state.next_round();
  CHECK_FALSE(looks.complete());
  CHECK_THROWS_WITH(state.weights(robagg::geometric_median{}), Catch::Contains("(round = 2, first missing = 0)"));
  state.add(x.leftCols(1024));
  CHECK_FALSE(looks.complete());
  CHECK_THROWS_WITH(state.weights(robagg::geometric_median{}), Catch::Contains("first missing = 1024"));
  CHECK_THROWS_WITH(state.next_round(), Catch::Contains("is asked before it has all columns"));
  state.add(x.rightCols(276));
  for (int k = 0; k < 3; ++k) CHECK(looks.complete());
  CHECK_THROWS_WITH(state.next_round(), Catch::Contains("needs no third round"));
  for (auto const& radius : {1e6, 1e3}) {
    auto const pipe = robagg::clip{radius} | robagg::geometric_median{};
    CHECK(same_bits(numbers_of(state.weights(pipe)), numbers_of(robagg::weights(pipe, x))));
  }
}

TEST_CASE("the first answer ends the first round") {
  matrix const x = gauss(5, 512), y = gauss(5, 512, 2) * 5;
  geometry_state state(5), other(5);
  other.add(y, 512);
  state.add(x);
  REQUIRE(state.complete());
  CHECK_THROWS_WITH(state.next_round(), Catch::Contains("needs no second round: it is complete"));
  geometry_state look = state;
  auto const before = numbers_of(look.weights(robagg::geometric_median{}));
  CHECK_THROWS_WITH(look.add(y), Catch::Contains("geometry_state: needs all columns before its first answer (columns = 512)"));
  CHECK_THROWS_WITH(look.merge(other), Catch::Contains("needs all columns before its first answer"));
  CHECK(same_bits(answer_of(look, robagg::geometric_median{}), before));
  state.add(y);  // the copy was asked, not this one
  CHECK_FALSE(same_bits(numbers_of(state.weights(robagg::geometric_median{})), before));
  geometry_state mixed(5), diagnosed(5);
  mixed.add(x), mixed.mixing(robagg::bucketing{2});
  CHECK_THROWS_AS(mixed.add(y), robagg::bad_input);
  diagnosed.add(x), robagg::diagnose(robagg::krum{1}, diagnosed);
  CHECK_THROWS_AS(diagnosed.add(y), robagg::bad_input);
}

TEST_CASE("every block of columns is added once a round, and the second round is the first once more") {
  robagg::table<float> const x = table_with_a_far_row();
  geometry_state state(8);
  state.add(x.leftCols(700), 512);
  auto const twice = Catch::Contains("needs every block of columns once a round");
  CHECK_THROWS_WITH(state.add(x.leftCols(700), 512), twice);
  CHECK_THROWS_WITH(state.add(x.leftCols(513), 0), twice);
  CHECK_THROWS_WITH(state.add(x.leftCols(3), 1024), twice);  // in the block that the 700 end in
  CHECK_THROWS_WITH(state.merge(state), twice);
  CHECK_FALSE(state.complete());  // columns 0 .. 511 are missing
  CHECK_THROWS_WITH(state.weights(robagg::krum{1}), Catch::Contains("first missing = 0"));
  state.add(x.leftCols(300), 0);
  state.add(x, 2048);
  CHECK_THROWS_WITH(state.next_round(), Catch::Contains("first missing = 1536"));
  state.add(x.leftCols(512), 1536);
  state.next_round();
  auto const other = Catch::Contains("needs the columns of the first round in the second");
  CHECK_THROWS_WITH(state.add(x.leftCols(301), 0), other);
  CHECK_THROWS_WITH(state.add(x.leftCols(299), 0), other);
  CHECK_THROWS_WITH(state.add(x.leftCols(699), 512), other);
  CHECK_THROWS_WITH(state.add(x, 4096), other);
  state.add(x.leftCols(300), 0), state.add(x.leftCols(512), 512), state.add(x.middleCols(512, 188), 1024);  // cut otherwise
  CHECK_THROWS_WITH(state.add(x.leftCols(300), 0), twice);
  CHECK_FALSE(state.complete());
  state.add(x.leftCols(512), 1536), state.add(x, 2048);
  CHECK(state.complete());
  CHECK_THROWS_WITH(state.add(x), other);
}

TEST_CASE("parts of every kind and scalar type") {
  robagg::table<float> const x = gauss(6, 1100, 9).cast<float>();
  robagg::table<double> const doubles = x.leftCols(512).cast<double>();
  robagg::table<Eigen::half> const halves = x.middleCols(512, 512).cast<Eigen::half>();
  std::vector<float const*> rows;
  std::vector<Index> const order = {0, 1, 2, 3, 4, 5};
  for (Index i = 0; i < 6; ++i) rows.push_back(x.row(i).data() + 1024);
  robagg::geometric_median const op;
  geometry_state state(6), expected(6);
  state.add(doubles), state.add(robagg::subset(halves, order)), state.add(robagg::rows_of(rows, 76));
  robagg::table<float> rounded = x;
  rounded.middleCols(512, 512) = halves.cast<float>();
  expected.add(doubles), expected.add(rounded.rightCols(588));
  CHECK(same_bits(answer_of(state, op), answer_of(expected, op)));
  // A float part makes distances as rough as floats are, also through a merge.
  robagg::table<double> far = gauss(6, 512, 2);
  far.row(5) *= 1e3;
  geometry_state in_double(6), in_float(6);
  in_double.add(far);
  CHECK(in_double.complete());
  in_float.add(x.leftCols(512), 512);
  in_double.merge(in_float);
  CHECK_FALSE(in_double.complete());

  // A costly expression is evaluated once, for both verbs.
  geometry_state costly(6);
  robagg::workspace ws;
  Eigen::VectorXd out(512);
  robagg::table<double> const one = robagg::table<double>::Identity(512, 512);
  auto const reads = count_reads<double>(matrix(doubles), [&](auto const& e) { costly.add(e * one); });
  auto const by_hand = count_reads<double>(matrix(doubles), [&](auto const& e) { CHECK(matrix(e * one) == doubles); });
  CHECK((reads.most() == by_hand.most() && reads.least() == by_hand.least()));
  CHECK(same_bits(answer_of(costly, op), numbers_of(robagg::weights(op, doubles))));
  Eigen::VectorXd const w = costly.weights(op);
  auto const again = count_reads<double>(matrix(doubles), [&](auto const& e) { robagg::combine(w, e * one, out, ws); });
  CHECK(again.most() == by_hand.most());
}

TEST_CASE("states and combinations on an executor have the same bits") {
  robagg::table<float> x = gauss(7, 40'000, 6).cast<float>();
  x.row(3) *= 1e8f;
  robagg::threads const run{4};
  geometry_state one(7), many(7);
  one.add(x, 0), many.add(x.leftCols(20'480), 0, run), many.add(x.rightCols(19'520), 20'480, run);
  one.next_round(), many.next_round();
  one.add(x, 0), many.add(x.leftCols(20'480), 0, run), many.add(x.rightCols(19'520), 20'480, run);
  Eigen::VectorXd const w = one.weights(robagg::geometric_median{});
  CHECK(same_bits(numbers_of(w), numbers_of(many.weights(robagg::geometric_median{}))));
  robagg::workspace ws;
  Eigen::VectorXf a, b;
  robagg::combine(w, x, a, ws), robagg::combine(w, x, b, ws, run);
  CHECK(same_bits(numbers_of(a), numbers_of(b)));
}

TEST_CASE("a combination refuses what is no part") {
  matrix const x = gauss(5, 60);
  robagg::workspace ws;
  Eigen::VectorXd out = Eigen::VectorXd::Constant(60, 7);
  CHECK_THROWS_WITH(robagg::combine(Eigen::VectorXd(Eigen::VectorXd::Ones(4)), x, out, ws),
                    "combine: needs one coefficient per report (coefficients = 4, n = 5)");
  CHECK_THROWS_AS(robagg::combine(Eigen::VectorXd(Eigen::VectorXd::Ones(6)), x, out, ws), robagg::bad_input);
  Eigen::VectorXd w = Eigen::VectorXd::Constant(5, .2);
  std::vector<double const*> rows(5, nullptr);
  CHECK_THROWS_WITH(robagg::combine(w, robagg::rows_of(rows, 60), out, ws), Catch::Contains("combine: rows_of has a null row"));
  std::vector<Index> const unknown = {0, 1, 2, 3, 5};
  CHECK_THROWS_WITH(robagg::combine(w, robagg::subset(x, unknown), out, ws),
                    Catch::Contains("combine: subset names an unknown row"));
  CHECK((out.array() == 7).all());
  w(1) = not_a_number;
  robagg::combine(w, x, out, ws);
  CHECK(out.array().isNaN().all());
}

TEST_CASE("a state says who counted") {
  matrix x = gauss(9, 700, 3);
  x.row(2).array() += 1e3, x.row(6).array() -= 1e3;
  auto const compare = [&](auto const& op) {
    geometry_state state(9);
    state.add(x);
    if (!state.complete()) state.next_round(), state.add(x);
    robagg::standing const seen = robagg::diagnose(op, state);
    auto const expected = robagg::diagnose(op, x);
    CHECK(same_bits(numbers_of(seen.weights), numbers_of(expected.weights)));
    CHECK(same_bits(numbers_of(seen.scores), numbers_of(expected.scores)));
    CHECK((seen.kept == expected.kept && seen.rejected == expected.rejected));
    CHECK((seen.iterations == expected.iterations && seen.converged == expected.converged));
    CHECK(same_bits(numbers_of(robagg::weights(op, state)), numbers_of(seen.weights)));
    CHECK(fmt::format("{}", seen) == fmt::format("{}", expected));
  };
  compare(robagg::geometric_median{}),
      compare(robagg::geometric_median{.max_iterations = 1, .iterate = robagg::iterate::between_rows}),
      compare(robagg::multi_krum{2});
  compare(robagg::nearest_neighbour_mixing{2} | robagg::geometric_median{});
}

TEST_CASE("a state refuses what does not fit") {
  matrix const x = gauss(5, 600);
  geometry_state state(5);
  CHECK_THROWS_WITH(geometry_state(0), Catch::Contains("geometry_state: needs at least one report"));
  CHECK_THROWS_WITH(geometry_state(-1), Catch::Contains("geometry_state: needs at least one report"));
  CHECK_THROWS_WITH(geometry_state(2, std::vector<double>{1, -1}), Catch::Contains("needs finite weights >= 0"));
  CHECK_THROWS_WITH(geometry_state(2, std::vector<double>{0, 0}), Catch::Contains("needs a weight above 0"));
  CHECK_THROWS_WITH(geometry_state(2, std::vector<double>{1, 1, 1}), Catch::Contains("needs one weight per row"));
  CHECK_THROWS_WITH(geometry_state(2, std::vector<float>{}), Catch::Contains("needs one weight per row"));
  CHECK_THROWS_WITH(state.add(gauss(4, 3)), Catch::Contains("needs parts with one row per report"));
  for (Index const first : {Index{100}, Index{-512}, std::numeric_limits<Index>::max() / 512 * 512}) {
    CHECK_THROWS_WITH(state.add(x, first), Catch::Contains("needs parts that begin at multiples of 512 columns"));
  }
  CHECK_THROWS_WITH(state.weights(robagg::krum{1}), Catch::Contains("is asked before it has all columns"));
  CHECK_THROWS_WITH(state.merge(geometry_state(4)), Catch::Contains("merges states of the same reports"));
  CHECK_THROWS_WITH(state.merge(geometry_state(5, std::vector<int>{1, 2, 1, 1, 1})),
                    Catch::Contains("merges states of the same weights"));
  CHECK_THROWS_WITH(state.merge(geometry_state(5, std::vector<int>(5, 1))),
                    Catch::Contains("merges states of the same weights"));
  std::vector<double const*> const null(5, nullptr);
  CHECK_THROWS_WITH(state.add(robagg::rows_of(null, 3)), Catch::Contains("geometry_state: rows_of has a null row"));
  state.add(x);  // nothing of that has left a trace
  REQUIRE(state.complete());
  CHECK(same_bits(answer_of(state, robagg::krum{1}), numbers_of(robagg::weights(robagg::krum{1}, x))));
  CHECK_THROWS_WITH(state.weights(robagg::krum{3}), Catch::Contains("krum: needs n > 2f"));
}

TEST_CASE("a geometry travels as bytes, at any time") {
  robagg::table<float> const x = table_with_a_far_row();
  auto const carried = [](geometry_state const& state) {
    auto const bytes = state.pack();
    geometry_state const there = geometry_state::unpack(bytes);
    CHECK(there.pack() == bytes);
    return there;
  };
  std::vector<double> const w = {1, .3, 2, 0, 1, 1, .7, 1};
  auto const pipe = robagg::clip{40} | robagg::geometric_median{};
  auto const expected = numbers_of(robagg::weights(pipe, robagg::weighted(x, w)));
  geometry_state state = carried(geometry_state(8, w));
  state.add(x.leftCols(512));
  geometry_state elsewhere = carried(geometry_state(8, w));
  elsewhere.add(x.rightCols(276), 1024);
  state = carried(state);
  state.add(x.middleCols(512, 512));
  state.merge(carried(elsewhere));
  REQUIRE_FALSE(state.complete());
  state.next_round();
  geometry_state other = carried(state);
  state = carried(state);
  state.add(x.leftCols(512)), state = carried(state);
  other.add(x.rightCols(276), 1024), other.add(x.middleCols(512, 512), 512);
  state.merge(carried(other));
  REQUIRE(carried(state).complete());
  CHECK(same_bits(answer_of(carried(state), pipe), expected));
  CHECK(same_bits(answer_of(state, pipe), expected));
  // An answered state stays answered.
  geometry_state near(8);
  near.add(gauss(8, 512));
  near.weights(robagg::krum{1});
  CHECK_THROWS_WITH(carried(near).add(x), Catch::Contains("needs all columns before its first answer"));
}
