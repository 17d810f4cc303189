// SPDX-License-Identifier: BSL-1.0
// What must hold of operators whatever their values: a subject is an operator behind plain functions from table to
// table, so that a law is written and compiled once; a law is a name and a check.
#pragma once

#include "inputs.hpp"
#include "reference.hpp"

#include <initializer_list>
#include <optional>

namespace robagg_test {

// --- a subject -----------------------------------------------------------------------------------

struct subject {
  using call = any_call<matrix(matrix const&)>;

  std::string name;
  double epsilon;  // of the scalar it is called with
  double largest;  // finite value of that scalar
  Index rows = 9;  // of the tables it is tried on
  bool transforms, coordinatewise;
  double slack = 16;  // rounding it is allowed, in epsilons of the largest value
  call round, of, column_major;
  any_call<void(matrix const&, robagg::workspace&)> run;
  // Empty where the operator does not read such tables:
  any_call<matrix(matrix const&, Index, Index)> slice;
  any_call<matrix(matrix const&, std::vector<Index> const&)> subset;
  any_call<matrix(matrix const&, std::vector<double> const&)> weighted;
  any_call<matrix(matrix const&, std::vector<double> const&)> weighted_skip_nan;
  any_call<std::vector<matrix>(matrix const&)> equally_weighted;  // by weights of several values and types
  call skip_nan;
  any_call<matrix(matrix const&, matrix const&)> around;

  double tolerance(matrix const& x) const { return slack * epsilon * magnitude(x); }
};

template <class Op, class R>
concept reads_table = robagg::detail::accepts<Op, R>();

// The table itself, with weights, with NaN as absent: what every law begins with.
template <class S, class Op>
subject plain_subject_of(Op op) {
  using table = robagg::table<S>;
  subject s;
  s.name = robagg::describe(op) + (sizeof(S) == 4 ? " in float" : "");
  s.epsilon = static_cast<double>(std::numeric_limits<S>::epsilon());
  s.largest = static_cast<double>(std::numeric_limits<S>::max());
  s.transforms = robagg::transform<Op>;
  s.coordinatewise = requires { requires Op::coordinatewise; };
  s.round = [](matrix const& x) { return rounded<S>(x); };
  s.of = [op](matrix const& x) { return in<S>(op, x); };
  std::vector<double> const none;
  using weighted_table = decltype(robagg::weighted(std::declval<table const&>(), none));
  if constexpr (reads_table<Op, weighted_table>) {
    s.weighted = [op](matrix const& x, std::vector<double> const& w) {
      table const values = x.cast<S>();
      return numbers_of(op(robagg::weighted(values, w)));
    };
  }
  if constexpr (!robagg::detail::leaves_rows_out<Op> &&
                reads_table<Op, decltype(robagg::skip_nan(std::declval<table const&>()))>) {
    s.skip_nan = [op](matrix const& x) {
      table const values = x.cast<S>();
      return numbers_of(op(robagg::skip_nan(values)));
    };
  }
  return s;
}
// And in every storage, in slices, of chosen rows, about another origin.
template <class S = double, class Op>
subject subject_of(Op op) {
  using table = robagg::table<S>;
  subject s = plain_subject_of<S>(op);
  s.column_major = [op](matrix const& x) {
    shown_matrix<S, Eigen::ColMajor> const values = x.cast<S>();
    return numbers_of(op(values));
  };
  s.run = [op](matrix const& x, robagg::workspace& ws) {
    table const values = x.cast<S>();
    if constexpr (robagg::elect<Op>) {
      op.elect(values, ws);
    } else if constexpr (robagg::transform<Op>) {
      table out(op.rows(x.rows()), x.cols());
      op.into(values, out, ws);
    } else {
      Eigen::Matrix<S, Eigen::Dynamic, 1> out(x.cols());
      op.into(values, out, ws);
    }
  };
  if constexpr (requires { requires Op::coordinatewise; }) {
    s.slice = [op](matrix const& x, Index first, Index width) {
      table const values = x.cast<S>();
      return numbers_of(op(values.middleCols(first, width)));
    };
  }
  s.subset = [op](matrix const& x, std::vector<Index> const& rows) {
    table const values = x.cast<S>();
    return numbers_of(op(robagg::subset(values, rows)));
  };
  using vector = Eigen::Matrix<S, 1, Eigen::Dynamic>;
  if constexpr (reads_table<Op, decltype(robagg::around(std::declval<table const&>(), std::declval<vector const&>()))>) {
    s.around = [op](matrix const& x, matrix const& v) {
      table const values = x.cast<S>();
      vector const origin = v.row(0).template cast<S>();
      return numbers_of(op(robagg::around(values, origin)));
    };
  }
  return s;
}
// And with weights of every kind.
template <class S, class Op>
subject weighted_subject_of(Op op) {
  using table = robagg::table<S>;
  subject s = plain_subject_of<S>(op);
  std::vector<double> const none;
  if constexpr (reads_table<Op, decltype(robagg::weighted(std::declval<table const&>(), none))>) {
    s.equally_weighted = [op, weighted = s.weighted](matrix const& x) {
      table const values = x.cast<S>();
      auto const n = static_cast<std::size_t>(x.rows());
      using other = std::conditional_t<std::is_same_v<S, float>, int, float>;  // each costs every rule some functions
      auto const by_others = numbers_of(op(robagg::weighted(values, std::vector(n, static_cast<other>(7)))));
      return std::vector{weighted(x, std::vector(n, .1)), weighted(x, std::vector(n, 1e-310)), by_others};
    };
  }
  using skipping_table = decltype(robagg::skip_nan(std::declval<table const&>()));
  if constexpr (!robagg::detail::leaves_rows_out<Op> &&
                reads_table<Op, decltype(robagg::weighted(std::declval<skipping_table>(), none))>) {
    s.weighted_skip_nan = [op](matrix const& x, std::vector<double> const& w) {
      table const values = x.cast<S>();
      return numbers_of(op(robagg::weighted(robagg::skip_nan(values), w)));
    };
  }
  return s;
}

// --- agreement with the reference ----------------------------------------------------------------

// expected(x) for several sizes and families; `scale` says how large a result may be (for its rounding).
void check_reference(subject const& s, any_call<matrix(matrix const&)> const& expected, Index least_rows = 1,
                     std::vector<family> const& families = {all_families.begin(), all_families.end()});

// --- laws ----------------------------------------------------------------------------------------

struct law {
  char const* name;
  any_call<void(subject const&)> check;
};

void check_laws(subject const& s, std::initializer_list<law> laws);

// The order of the rows does not matter (without ties); a transform's rows move along.
extern law const permutation_invariant;
extern law const translation_equivariant;
extern law const scale_equivariant;
extern law const sign_equivariant;
// How many columns of y leave the range of the values of x, to the bit.
Index columns_outside(matrix const& y, matrix const& x);
// Between the smallest and the largest value of each column, where these are equal too.
extern law const inside_column_range;

// f rows lie: the result stays in the column range of the honest rows ...
law survives_inside(Index f);
// ... or within `times` its width of it ...
law survives_near(Index f, double times);
// One liar more, and there is no bound.
law breaks_at(Index f);
// ... or |result - mean of the honest|^2 <= kappa times their mean squared deviation. Of a transform: one row each,
// and the honest rows are meant.
law survives_within(Index f, double kappa);

extern law const same_bits_in_any_order_of_storage;
extern law const slices_glue;
extern law const workspace_settles;
extern law const fewer_rows_fit;
extern law const no_columns;
extern law const one_row_is_itself;
extern law const needs_a_report;
extern law const subset_is_those_rows;
// A table carried to another origin and back.
extern law const around_is_moving;

extern law const equal_weights;
extern law const weights_are_relative;
extern law const weight_zero_is_absent;

// A row of weight 3 counts as three rows. For rules with an f, `repeated` has W_f in its place.
void check_weights_repeat(subject const& s, subject const& repeated, std::vector<double> const& w);

// --- exactness -----------------------------------------------------------------------------------

// Weights of 1 to 3, of which the heaviest are 3: W_f is 3 f.
std::vector<double> small_weights(Index n, std::uint64_t seed);
std::vector<Index> repeated_rows(std::vector<double> const& w);
// Values of few digits, whose sums are exact, with ties and without.
matrix few_digits(Index n, Index d, std::uint64_t seed);
// NaN in some columns: the others are clean.
matrix with_some_gaps(matrix x, std::uint64_t seed);
bool clean(matrix const& x, Index c);

// What a rule adds up: nothing (it chooses among the values), the values, or what is rounded before (exponentials).
enum class sums { none, exact, rounded };

// Equal weights are none. Whole weights are repeated rows (`repeated` is the rule that has W_f for f): to the bit where all
// sums are exact or a rule chooses among the values, otherwise up to rounding. A column without NaN is itself under skip_nan,
// whatever its neighbours hold.
void check_exactness(subject const& s, subject const& repeated, sums kind, Index n);

matrix with_gaps(matrix x, std::uint64_t seed);
// Each column by itself, from the rows that have a value; `nothing` where none has, NaN where they are too few.
law skips_nan(double nothing = not_a_number);

// --- errors and outputs --------------------------------------------------------------------------

// op refuses x, saying each of `words`, and writes nothing.
template <class Op, class R>
void check_refuses(Op const& op, R const& x, std::initializer_list<char const*> words) {
  robagg::workspace ws;
  std::string said;
  auto const attempt = [&](auto&& call) {
    said.clear();
    try {
      call();
    } catch (robagg::bad_input const& e) { said = e.what(); }
    for (char const* word : words) CHECK_THAT(said, Catch::Contains(word));
  };
  INFO(robagg::describe(op));
  if constexpr (robagg::elect<Op>) {
    attempt([&] { op.elect(x, ws); });
  } else if constexpr (robagg::transform<Op>) {
    robagg::table<typename R::Scalar> out(2, 3);
    out.setConstant(typename R::Scalar(7));
    attempt([&] { op.into(x, out, ws); });
    CHECK((out.rows() == 2 && out.cols() == 3 && (out.array() == typename R::Scalar(7)).all()));
  } else {
    Eigen::Matrix<typename R::Scalar, Eigen::Dynamic, 1> out(2);
    out.setConstant(typename R::Scalar(7));
    attempt([&] { op.into(x, out, ws); });
    CHECK((out.size() == 2 && (out.array() == typename R::Scalar(7)).all()));
  }
  attempt([&] { op(x); });
}

// The same for a call that is given the operator.
template <class Op, class Call>
void check_call_refused(Op const& op, Call const& call, std::initializer_list<char const*> words) {
  std::string said;
  try {
    call(op);
  } catch (robagg::bad_input const& e) { said = e.what(); }
  for (char const* word : words) CHECK_THAT(said, Catch::Contains(word));
}

// Every kind of output holds the same bits, of integers the nearest ones; a wrong size is bad_input and an overlap an
// assertion, and nothing is written.
template <class Op>
void check_outputs(Op const& op, Index n = 9) {
  INFO(robagg::describe(op));
  Index const d = 37;
  matrix x = gauss(n, d, 59);
  robagg::workspace ws;
  if constexpr (robagg::transform<Op>) {
    matrix const expected = op(x);
    matrix resized(1, 2);
    op.into(x, resized, ws);
    CHECK(same_bits(resized, expected));

    Index const m = expected.rows();
    Eigen::MatrixXd big = Eigen::MatrixXd::Constant(m + 2, d + 2, 7);
    op.into(x, big.block(1, 1, m, d), ws);
    CHECK(same_bits(big.block(1, 1, m, d), expected));
    big.block(1, 1, m, d).setConstant(7);
    CHECK((big.array() == 7).all());

    CHECK_THROWS_WITH(op.into(x, big.block(0, 0, m + 1, d), ws), Catch::Contains("needs an output of m x d values"));
    CHECK_THROWS_WITH(op.into(x, big.block(0, 0, m, d + 1), ws), Catch::Contains("needs an output of m x d values"));
    CHECK((big.array() == 7).all());
    matrix const before = x;
    CHECK_THROWS_AS(op.into(x, x, ws), assertion_failed);
    CHECK(same_bits(x, before));
  } else {
    Eigen::VectorXd const expected = op(x);
    Eigen::VectorXd resized(2);
    op.into(x, resized, ws);
    CHECK(same_bits(resized, expected));

    Eigen::MatrixXd big = Eigen::MatrixXd::Constant(d, 3, 7);
    op.into(x, big.col(1), ws);
    CHECK(same_bits(big.col(1), expected));
    big.col(1).setConstant(7);
    CHECK((big.array() == 7).all());

    CHECK_THROWS_WITH(op.into(x, big.topRows(d - 1).col(0), ws),
                      Catch::Contains("needs an output of d values (size = 36, d = 37)"));
    CHECK((big.array() == 7).all());
    Eigen::Matrix<double, 3, 1> fixed = Eigen::Matrix<double, 3, 1>::Constant(7);
    CHECK_THROWS_WITH(op.into(x, fixed, ws), Catch::Contains("needs an output of d values (size = 3, d = 37)"));
    CHECK((fixed.array() == 7).all());

    std::vector<std::int8_t> whole;
    op.into(x, whole, ws);
    REQUIRE(whole.size() == static_cast<std::size_t>(d));
    for (std::size_t j = 0; j < whole.size(); ++j) {
      double const y = expected(static_cast<Index>(j));
      CHECK(whole[j] == (std::isnan(y) ? 0 : std::clamp(std::nearbyint(y), -128., 127.)));
    }

    std::vector<double> plain;
    op.into(x, plain, ws);
    CHECK(same_bits(Eigen::Map<Eigen::VectorXd>(plain.data(), d), expected));
    op.into(x, std::span(plain), ws);
    CHECK(same_bits(Eigen::Map<Eigen::VectorXd>(plain.data(), d), expected));
    plain.resize(static_cast<std::size_t>(d) + 1, 7);
    CHECK_THROWS_WITH(op.into(x, std::span(plain), ws), Catch::Contains("needs an output of d values (size = 38, d = 37)"));
    CHECK(plain.back() == 7);

    matrix const before = x;
    CHECK_THROWS_AS(op.into(x, Eigen::Map<Eigen::VectorXd>(x.data() + d, d), ws), assertion_failed);
    CHECK(same_bits(x, before));
  }
}

}  // namespace robagg_test
