// SPDX-License-Identifier: BSL-1.0
// Tables of a few packets: the bits of the engine, which a wide table goes through, whatever their shape, storage and weights,
// known at compile time or not.
#include "inputs.hpp"

#include <robagg/location/mean.hpp>
#include <robagg/location/mean_around_median.hpp>
#include <robagg/location/median.hpp>
#include <robagg/location/trimmed_mean.hpp>
#include <robagg/score/soft_min.hpp>
#include <robagg/score/uncertainty_weighted.hpp>
#include <robagg/score/worst_case.hpp>

using namespace robagg_test;

namespace {

// Every few values a lie, or a number of few digits, so that there are ties.
template <class T>
robagg::table<T> hostile_table(Index n, Index d, std::uint64_t seed) {
  constexpr T most = std::numeric_limits<T>::max(), infinite = std::numeric_limits<T>::infinity();
  T const lies[] = {infinite, -infinite, static_cast<T>(not_a_number), T(0), -T(0), most, -most, T(1), T(1), T(-1)};
  robagg::table<T> x = gauss(n, d, seed).cast<T>();
  for (Index i = 0; i < x.size(); ++i) {
    if (seed % 3 > 0 && (i * 7 + i / 5) % 9 == 0) x.data()[i] = lies[static_cast<std::size_t>(i % (seed % 3 == 1 ? 10 : 3))];
  }
  return x;
}

// What op says of the first columns of `wide`, and of x, which are the same.
template <class T>
void check_small(auto const& op, robagg::table<T> const& wide, auto const& x, std::vector<double> const& w) {
  auto const check = [&](char const* how, auto const& of) {
    INFO(robagg::describe(op) << " of " << x.rows() << " x " << x.cols() << ", " << how << ", " << sizeof(T) << " bytes");
    matrix const expected = numbers_of(op(of(wide)));
    CHECK(same_bits(numbers_of(op(of(x))), expected.leftCols(x.cols())));
  };
  check("plain", [](auto const& t) -> auto const& { return t; });
  check("weighted", [&](auto const& t) { return robagg::weighted(t, w); });
  check("skip_nan", [](auto const& t) { return robagg::skip_nan(t); });
  check("both", [&](auto const& t) { return robagg::weighted(robagg::skip_nan(t), w); });
}

template <class T>
void check_small_shapes(Index n, Index d) {
  for (std::uint64_t const seed : {3u, 4u, 5u}) {
    auto const wide = hostile_table<T>(n, 1000, seed);
    robagg::table<T> const x = wide.leftCols(d);
    Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic> const columns = x;
    std::vector<double> w;
    for (Index i = 0; i < n; ++i)
      w.push_back(seed == 3 ? .1 * static_cast<double>(1 + i % 7) : static_cast<double>((i + 1) % 3));
    auto const check = [&](auto const& op) {
      check_small<T>(op, wide, x, w);
      check_small<T>(op, wide, columns, w);
    };
    check(robagg::median{});
    check(robagg::mean{});
    check(robagg::worst_case{});
    check(robagg::soft_min{2});
    check(robagg::uncertainty_weighted{.lambda = .5});
    if (n >= 9) check(robagg::trimmed_mean{1});
    std::vector<Index> all;
    std::vector<T const*> buffers;
    for (Index i = 0; i < n; ++i) all.push_back(i), buffers.push_back(x.data() + i * d);
    check_small<T>(robagg::median{}, wide, robagg::subset(columns, all), w);
    check_small<T>(robagg::median{}, wide, robagg::rows_of(buffers, d), w);
    if (n >= 3) check_small<T>(robagg::mean_around_median{1}, wide, x, std::vector<double>(w.size(), 2.));
  }
}

template <class T, int N, int D>
void check_fixed() {
  for (std::uint64_t const seed : {3u, 4u, 5u}) {
    auto const wide = hostile_table<T>(N, 1000, seed);
    Eigen::Matrix<T, N, D, D == 1 ? Eigen::ColMajor : Eigen::RowMajor> const x = wide.leftCols(D);
    std::vector<double> w(std::size_t{N}, 2.);
    w[1] = seed == 3 ? 0 : 2;  // equal weights of some rows
    check_small<T>(robagg::median{}, wide, x, w);
    check_small<T>(robagg::trimmed_mean{1}, wide, x, w);
    check_small<T>(robagg::uncertainty_weighted{.lambda = .5}, wide, x, w);
    check_small<T>(robagg::worst_case{}, wide, x, w);
  }
}

}  // namespace

TEMPLATE_TEST_CASE("small tables have the bits of large ones", "", float, double) {
  for (Index const n : {1, 2, 3, 5, 7, 9, 16, 17, 31, 32, 33}) {
    for (Index const d : {1, 2, 3, 9, 16, 17}) check_small_shapes<TestType>(n, d);
  }
}

TEMPLATE_TEST_CASE("and so have small tables of fixed size", "", float, double) {
  check_fixed<TestType, 7, 3>();
  check_fixed<TestType, 5, 1>();
  check_fixed<TestType, 4, 9>();
}

TEST_CASE("small tables need no workspace, and are refused one over too little memory") {
  Eigen::Matrix<double, 7, 3, Eigen::RowMajor> const x = Eigen::Matrix<double, 7, 3, Eigen::RowMajor>::Constant(2);
  Eigen::Vector3d out = Eigen::Vector3d::Constant(5);
  robagg::workspace own;
  robagg::median{}.into(x, out, own);
  CHECK(own.bytes() == 0);
  CHECK(out == Eigen::Vector3d::Constant(2));
  std::byte little[8];
  robagg::workspace lent{std::span(little)};
  out.setConstant(5);
  CHECK_THROWS_AS(robagg::median{}.into(x, out, lent), robagg::bad_input);
  CHECK(out == Eigen::Vector3d::Constant(5));
}
