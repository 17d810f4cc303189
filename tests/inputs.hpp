// SPDX-License-Identifier: BSL-1.0
// Tables for the tests: families of honest and hostile rows, and one table of values shown in every way the library reads.
#pragma once

#include "pch.hpp"

#include "any_call.hpp"
#include "numbers.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <functional>
#include <span>
#include <type_traits>
#include <utility>

namespace robagg_test {

// --- families ------------------------------------------------------------------------------------

enum class family { gauss, grid, offset, tiny, huge };
inline constexpr std::array all_families = {family::gauss, family::grid, family::offset, family::tiny, family::huge};

matrix sample(family kind, Index n, Index d, std::uint64_t seed);
matrix gauss(Index n, Index d, std::uint64_t seed = 1);

// Largest finite magnitude.
double magnitude(matrix const& x);

// --- lies ----------------------------------------------------------------------------------------

enum class lie { nan, plus_infinity, minus_infinity, e30, e38, largest, copy, zeros, mixed };
inline constexpr std::array all_lies = {lie::nan,     lie::plus_infinity, lie::minus_infinity, lie::e30,  lie::e38,
                                        lie::largest, lie::copy,          lie::zeros,          lie::mixed};
char const* text(lie kind);

// The honest rows in order, with f rows that lie spread between them, row 0 first.
struct attacked {
  matrix table;
  std::vector<Index> liars;
};
attacked attack(matrix const& honest, Index f, lie kind, double largest);

// --- comparing -----------------------------------------------------------------------------------

bool same_bits(double a, double b);
bool same_bits(matrix const& a, matrix const& b);
// The largest difference; infinite where shapes differ or only one value is NaN or infinite.
double difference(matrix const& a, matrix const& b);

// --- calling -------------------------------------------------------------------------------------

// Whatever an operator answers, as one table of doubles.
template <class Y>
matrix numbers_of(Y const& y) {
  if constexpr (requires { y.certified_radius; }) {
    return matrix{{double(y.winner), double(y.runner_up), y.votes, y.runner_up_votes, y.margin, double(y.certified_radius),
                   double(y.challenger), double(y.second_challenger)}};
  } else if constexpr (requires { requires bool(Y::IsVectorAtCompileTime) && Y::ColsAtCompileTime == 1; }) {
    return y.template cast<double>().transpose();
  } else {
    return y.template cast<double>();
  }
}
template <class S, class Op>
matrix in(Op const& op, matrix const& x) {
  robagg::table<S> const values = x.cast<S>();
  return numbers_of(op(values));
}
// The values as the scalar S holds them.
template <class S>
matrix rounded(matrix const& x) {
  return x.cast<S>().template cast<double>();
}

// --- one table, every way to show it -------------------------------------------------------------

inline constexpr int shown_rows = 7, shown_cols = 37;  // an odd table: no multiple of a packet or a lane

// How often each coefficient was read.
struct reads {
  Eigen::Matrix<int, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> counts;
  int least() const { return counts.minCoeff(); }
  int most() const { return counts.maxCoeff(); }
};

// An expression over `values` that counts: element i of the index table is read as values[i].
template <class S>
struct counting {
  S const* values;
  int* counts;
  S operator()(Index i) const {
    ++counts[i];
    return values[i];
  }
};

// Calls op(expression) and says how often it read each coefficient of the row-major table x.
template <class S, int Order = Eigen::RowMajor, class Op>
reads count_reads(matrix const& x, Op&& op) {
  robagg::table<S> const values = x.cast<S>();
  reads r{Eigen::Matrix<int, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>::Zero(x.rows(), x.cols())};
  Eigen::Matrix<Index, Eigen::Dynamic, Eigen::Dynamic, Order> places(x.rows(), x.cols());
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index j = 0; j < x.cols(); ++j) places(i, j) = i * x.cols() + j;
  }
  op(places.unaryExpr(counting<S>{values.data(), r.counts.data()}));
  return r;
}

template <class S, int Order>
using shown_matrix = Eigen::Matrix<S, Eigen::Dynamic, Eigen::Dynamic, Order>;

// Storage order, static and dynamic size, strided Map, Block, expression, in one order.
template <class S, int Order, class Visit>
void show_dense(matrix const& values, Visit&& visit) {
  S const poison = static_cast<S>(not_a_number);
  Index const n = values.rows(), d = values.cols();
  shown_matrix<S, Order> const dynamic = values.cast<S>();
  visit(dynamic, "matrix");

  Eigen::Matrix<S, shown_rows, shown_cols, Order> const fixed = dynamic;
  visit(fixed, "fixed size");

  using strides = Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>;
  Index const inner = 2, outer = inner * (Order == Eigen::RowMajor ? d : n) + 3;
  std::vector<S> memory(static_cast<std::size_t>(outer * std::max(n, d)), poison);
  Eigen::Map<shown_matrix<S, Order>, Eigen::Unaligned, strides> strided(memory.data(), n, d, strides(outer, inner));
  strided = dynamic;
  visit(strided, "strided map");

  shown_matrix<S, Order> big = shown_matrix<S, Order>::Constant(n + 3, d + 5, poison);
  big.block(1, 3, n, d) = dynamic;
  visit(big.block(1, 3, n, d), "block");
}

// Calls visit(table, what) with the same values shown in every way. values is shown_rows x shown_cols.
template <class S, class Visit>
void for_each_presentation(matrix const& values, Visit&& visit) {
  show_dense<S, Eigen::RowMajor>(values, [&](auto const& x, char const* what) { visit(x, std::string("row-major ") + what); });
  show_dense<S, Eigen::ColMajor>(values,
                                 [&](auto const& x, char const* what) { visit(x, std::string("column-major ") + what); });

  robagg::table<S> const plain = values.cast<S>();
  robagg::table<S> const upside_down = plain.colwise().reverse();
  visit(upside_down.colwise().reverse(), "row-major expression");
  Eigen::Array<S, Eigen::Dynamic, Eigen::Dynamic> const across = plain.transpose();
  Eigen::Array<S, Eigen::Dynamic, Eigen::Dynamic> const sideways = plain;
  visit(across.transpose(), "transposed array");
  visit(sideways.max(sideways), "column-major expression");

  std::vector<std::vector<S>> clients;
  std::vector<S const*> pointers;
  for (Index i = 0; i < plain.rows(); ++i) {
    clients.emplace_back(plain.data() + i * plain.cols(), plain.data() + (i + 1) * plain.cols());
    pointers.push_back(clients.back().data());
  }
  visit(robagg::rows_of(pointers, plain.cols()), "rows_of");

  std::vector<Index> backwards;
  for (Index i = plain.rows() - 1; i >= 0; --i) backwards.push_back(i);
  visit(robagg::subset(upside_down, backwards), "subset");
  shown_matrix<S, Eigen::ColMajor> const column_major = upside_down;
  visit(robagg::subset(column_major, backwards), "column-major subset");
}

// The whole product for one scalar: the same bits from every presentation, and the widened answer.
template <class S, class Op>
void check_all_presentations(Op const& op, matrix const& values) {
  matrix const expected = in<S>(op, values);
  for_each_presentation<S>(values, [&](auto const& x, std::string const& what) {
    INFO(robagg::describe(op) << ", " << what << ", " << sizeof(S) << " bytes");
    CHECK(same_bits(numbers_of(op(x)), expected));
  });
}
template <class Op>
void check_half(Op const& op, matrix const& values) {
  matrix const narrow = rounded<Eigen::half>(values), brief = rounded<Eigen::bfloat16>(values);
  CHECK(same_bits(in<Eigen::half>(op, narrow), rounded<Eigen::half>(in<float>(op, narrow))));
  CHECK(same_bits(in<Eigen::bfloat16>(op, brief), rounded<Eigen::bfloat16>(in<float>(op, brief))));
}

// {float, double, half, bfloat16} x all presentations.
template <class Op>
void check_inputs(Op const& op) {
  matrix const values = gauss(shown_rows, shown_cols, 41);
  check_all_presentations<float>(op, values);
  check_all_presentations<double>(op, values);
  check_all_presentations<Eigen::half>(op, values);
  check_all_presentations<Eigen::bfloat16>(op, values);
  check_half(op, values);
}

// A rule that reads whole rows leaves out those that are absent as a whole: it is the same rule over the others, and NaN where
// they are too few for it.
template <class Op>
void check_absent_rows(Op const& op) {
  if constexpr (robagg::detail::leaves_rows_out<Op> && !requires(robagg::workspace& ws) { op.without(Index{}, Index{}, ws); }) {
    matrix x = gauss(9, shown_cols, 47);
    std::vector<Index> there;
    for (Index i = 0; i < x.rows(); ++i) {
      if (i == 2 || i == 8) {
        x.row(i).setConstant(not_a_number);
      } else {
        there.push_back(i);
      }
    }
    matrix expected = matrix::Constant(1, x.cols(), not_a_number);
    try {
      expected = numbers_of(op(robagg::subset(x, there)));
    } catch (robagg::bad_input const&) {}
    CHECK(same_bits(numbers_of(op(robagg::skip_nan(x))), expected));
    x(4, 5) = not_a_number;
    CHECK_THROWS_WITH(
        op(robagg::skip_nan(x)),
        Catch::Contains("needs rows that are there, or absent, as a whole (row = 4, entries absent = 1, d = 37)"));
  }
}

// Four combinations that between them meet every scalar, order, size and kind of memory.
template <class Op>
void check_four_inputs(Op const& op) {
  INFO(robagg::describe(op));
  matrix const values = gauss(shown_rows, shown_cols, 43);

  Eigen::Matrix<float, shown_rows, shown_cols, Eigen::ColMajor> const fixed = values.cast<float>();
  CHECK(same_bits(numbers_of(op(fixed)), in<float>(op, values)));

  std::vector<double> memory(static_cast<std::size_t>(3 * shown_cols * shown_rows), not_a_number);
  using strides = Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>;
  Eigen::Map<matrix, Eigen::Unaligned, strides> strided(memory.data(), shown_rows, shown_cols, strides(3 * shown_cols, 3));
  strided = values;
  CHECK(same_bits(numbers_of(op(strided)), in<double>(op, values)));

  using half = Eigen::half;
  shown_matrix<half, Eigen::ColMajor> big =
      shown_matrix<half, Eigen::ColMajor>::Constant(shown_rows + 2, shown_cols + 2, half(1000.f));
  big.block(1, 1, shown_rows, shown_cols) = values.cast<half>();
  CHECK(
      same_bits(numbers_of(op(big.block(1, 1, shown_rows, shown_cols))), rounded<half>(in<float>(op, rounded<half>(values)))));

  using brief = Eigen::bfloat16;
  robagg::table<brief> const upside_down = values.colwise().reverse().cast<brief>();
  CHECK(same_bits(numbers_of(op(upside_down.colwise().reverse())), rounded<brief>(in<float>(op, rounded<brief>(values)))));

  check_absent_rows(op);
}

}  // namespace robagg_test
