// SPDX-License-Identifier: BSL-1.0
// Defensive eviction: the maximum over queries, the floor at their mean, ties at the floor, and absent attention.
#include "laws.hpp"

using namespace robagg_test;
using robagg::defensive;

namespace {
matrix attention(Index n, Index d, std::uint64_t seed = 1) { return gauss(n, d, seed).array().exp() / 100; }
}  // namespace

TEST_CASE("keys are rated by their largest attention, at least by the mean of those") {
  matrix const o{{.70, .05, .05, .05, .05}, {.05, .05, .05, .05, .60}, {.60, .05, .05, .05, .10}};
  CHECK(difference(in<double>(defensive{}, o), matrix{{.70, .29, .29, .29, .60}}) <= 1e-15);
  CHECK(difference(in<double>(defensive{0}, o), matrix{{.70, .05, .05, .05, .60}}) == 0);
  CHECK(difference(in<double>(defensive{2}, o), matrix{{.70, .58, .58, .58, .60}}) <= 1e-15);
  CHECK((defensive{}(matrix::Constant(3, 4, .25)).array() == .25).all());  // all equal: unchanged
}

TEST_CASE("defensive agrees with its two lines") {
  for (double const strength : {0., 1., 2.5}) {
    auto s = subject_of(defensive{strength});
    for (Index const n : {1, 2, 9}) {
      for (Index const d : {1, 37, 1300}) {
        matrix const x = attention(n, d), expected = reference::defensive(x, strength);
        CHECK(difference(s.of(x), expected.row(0)) <= s.tolerance(x));
        CHECK(difference(in<float>(defensive{strength}, x), expected.row(0)) <= 1e-7 * magnitude(expected));
        robagg::workspace ws;
        Eigen::VectorXd out, raw;
        defensive{strength}.into(x, out, raw, ws);
        CHECK(same_bits(raw.transpose(), expected.row(1)));
        CHECK(same_bits(out.transpose(), s.of(x)));
      }
    }
  }
}

TEST_CASE("defensive obeys its laws") {
  auto const s = subject_of(defensive{});
  check_laws(s, {permutation_invariant, scale_equivariant, same_bits_in_any_order_of_storage, workspace_settles, no_columns,
                 needs_a_report, subset_is_those_rows, equal_weights, weights_are_relative, weight_zero_is_absent});
  check_weights_repeat(s, s, {1, 2, 3, 1, 4, 1, 2});
  check_laws(subject_of(defensive{0}), {skips_nan(0)});
  matrix const one = attention(1, 40);
  CHECK(same_bits(in<double>(defensive{0}, one), one));
  CHECK_FALSE(bool(s.around));  // attention has no other origin
}

TEST_CASE("an honest query keeps its keys and at most d / strength keys rise above the floor") {
  for (lie const l : all_lies) {
    matrix const honest = attention(4, 200, 3);
    matrix const y = in<double>(defensive{2}, attack(honest, 3, l, 1e3).table);
    INFO("liars send " << text(l));
    CHECK(y.allFinite());
    CHECK((y.array() >= honest.colwise().maxCoeff().array()).all());
    CHECK((y.array() > y.minCoeff()).count() <= 100);
  }
}

TEST_CASE("NaN and infinite attention is absent, and a key without any scores 0") {
  matrix const x{{not_a_number, .2, infinity, -infinity}, {infinity, not_a_number, not_a_number, .1}};
  auto const y = defensive{0}(x);
  CHECK(y == Eigen::Vector4d(0, .2, 0, .1));
  CHECK(std::abs(defensive{}(x)(0) - .075) <= 1e-16);  // the floor is the mean of the four
  CHECK(same_bits(in<double>(defensive{0}, x), numbers_of(defensive{0}(robagg::skip_nan(x)))));
}

TEST_CASE("ties at the floor go to the larger raw maximum") {
  matrix const o{{.9, .01, .03, .02, .04}, {.8, .02, .01, .02, .01}};
  CHECK((defensive{} | robagg::top{3})(o) == std::vector<Index>{0, 2, 4});
  // Without the second score the lowest positions would be kept.
  CHECK(robagg::top{3}(defensive{}(o)) == std::vector<Index>{0, 1, 2});
  CHECK((defensive{100} | robagg::best{})(o) == 0);
}

TEST_CASE("defensive refuses a negative or infinite strength") {
  matrix const x = attention(2, 2);
  check_refuses(defensive{-1}, x, {"defensive: needs a finite floor_strength >= 0", "floor_strength = -1"});
  check_refuses(defensive{infinity}, x, {"needs a finite floor_strength >= 0"});
  check_refuses(defensive{not_a_number}, x, {"needs a finite floor_strength >= 0"});
}

TEST_CASE("defensive reads every input kind, once, and writes to every output kind") {
  check_four_inputs(defensive{});
  check_outputs(defensive{});
  auto const r = count_reads<float>(attention(5, 1300), [](auto const& e) { defensive{}(e); });
  CHECK(r.least() == 1);
  CHECK(r.most() == 1);
  matrix const x = attention(3, 10);
  robagg::workspace ws;
  Eigen::VectorXd out;
  std::vector<double> small(9, 7.);
  CHECK_THROWS_WITH(defensive{}.into(x, out, std::span(small), ws), Catch::Contains("defensive: needs an output of d values"));
  CHECK(small == std::vector<double>(9, 7.));
}

TEST_CASE("queries that come one at a time give the same bits") {
  for (Index const d : {1, 15, 700}) {
    matrix x = attention(9, d, 4);
    x(2, 0) = not_a_number, x(3, d - 1) = infinity;
    defensive::state_of<double> all, first, second(defensive{}, d);
    for (Index i = 0; i < 9; ++i) all.add(x.row(i)), (i < 4 ? first : second).add(x.row(i).transpose());
    first.merge(second);
    robagg::workspace ws;
    Eigen::VectorXd out, raw, expected, expected_raw;
    defensive{}.into(x, expected, expected_raw, ws);
    for (auto const* state : {&all, &first}) {
      state->finish(out, raw, ws);
      CHECK(same_bits(out.transpose(), expected.transpose()));
      CHECK(same_bits(raw.transpose(), expected_raw.transpose()));
      CHECK(state->rows() == 9);
      CHECK(same_bits(state->finish().transpose(), expected.transpose()));
    }
    robagg::table<float> const narrow = x.cast<float>();
    defensive::state floats;
    for (Index i = 0; i < 9; ++i) floats.add(narrow.row(i));
    CHECK(same_bits(floats.finish().cast<double>().transpose(), in<float>(defensive{}, x)));
  }
}

TEST_CASE("a later query may see more keys, never fewer") {
  defensive::state_of<double> s(defensive{0});
  s.add(Eigen::RowVector2d(.3, .2));
  s.add(Eigen::RowVector3d(.1, .4, .5));
  CHECK(s.finish() == Eigen::Vector3d(.3, .4, .5));
  check_call_refused(s,
                     [](auto const&) {
                       defensive::state_of<double> t;
                       t.add(Eigen::RowVector2d(1, 2));
                       t.add(Eigen::RowVectorXd(1));
                     },
                     {"defensive: needs queries that are no shorter than the last", "keys = 1, before = 2"});
  s.clear();
  CHECK(s.cols() == 0);
  check_call_refused(s, [](auto const& state) { state.finish(); }, {"defensive: needs at least one report"});
}

TEST_CASE("a state refuses states and sizes that are not its own") {
  defensive::state one, two(defensive{2});
  one.add(Eigen::RowVector2f(.3f, .2f)), two.add(Eigen::RowVector2f(.1f, .9f));
  auto const before = one.pack();
  check_call_refused(one, [&](auto const&) { one.merge(two); },
                     {"defensive: merges with the same floor_strength", "floor_strength = 1, other = 2"});
  check_call_refused(one, [&](auto const&) { one.add(Eigen::RowVectorXf::Ones(1)); }, {"no shorter than the last"});
  CHECK(one.pack() == before);
  check_call_refused(one, [](auto const&) { defensive::state(defensive{}, -1); }, {"needs reserve >= 0"});
  check_call_refused(one, [](auto const&) { defensive::state(defensive{not_a_number}); },
                     {"needs a finite floor_strength >= 0"});
  defensive::state longer, integers;  // states may differ in their keys, as queries do
  longer.add(Eigen::RowVector3f(.1f, .4f, .5f)), one.merge(longer), longer.merge(one);
  CHECK(one.finish() == longer.finish());
  integers.add(Eigen::RowVector2i(1, 0));
  CHECK(integers.finish() == Eigen::Vector2f(1, .5f));
}

TEST_CASE("a state of queries travels as bytes") {
  matrix const x = attention(6, 50, 2);
  defensive::state_of<double> all(defensive{.5}), half(defensive{.5});
  for (Index i = 0; i < 6; ++i) {
    all.add(x.row(i).head(30 + i));
    all = defensive::state_of<double>::unpack(all.pack());
    if (i < 3) half.add(x.row(i).head(30 + i));
  }
  half = defensive::state_of<double>::unpack(half.pack());
  for (Index i = 3; i < 6; ++i) half.add(x.row(i).head(30 + i));
  CHECK(all.pack() == half.pack());
  CHECK((all.rows() == 6 && all.cols() == 35));
  CHECK(same_bits(all.finish().transpose(), half.finish().transpose()));
}
