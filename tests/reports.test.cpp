// SPDX-License-Identifier: BSL-1.0
// Tables and their wrappers: what each one means, in whatever order they are written, and what they refuse.
#include "laws.hpp"

using namespace robagg_test;
using robagg::around, robagg::median, robagg::mean, robagg::rows_of, robagg::skip_nan, robagg::subset, robagg::weighted,
    robagg::workspace;

namespace {
// Whole numbers are read as the float or double that holds them, in either storage order, in part.
template <class Op>
void check_whole_numbers(Op const& op, matrix const& values) {
  matrix const whole = (1000 * values).array().round();
  Eigen::Matrix<std::int16_t, shown_rows, shown_cols, Eigen::RowMajor> const small = whole.cast<std::int16_t>();
  CHECK(same_bits(numbers_of(op(small)), in<float>(op, whole)));
  Eigen::MatrixXi big = Eigen::MatrixXi::Constant(shown_rows + 3, shown_cols + 5, -7);
  big.block(1, 3, shown_rows, shown_cols) = whole.cast<int>();
  CHECK(same_bits(numbers_of(op(big.block(1, 3, shown_rows, shown_cols))), in<double>(op, whole)));
}

std::vector<double> const five = {1, 2, .5, 3, 1};
std::vector<Index> const three_rows = {4, 0, 2};
}  // namespace

TEST_CASE("tables are Eigen expressions of four scalars, in any order of storage") {
  STATIC_REQUIRE(robagg::reports<Eigen::MatrixXf>);
  STATIC_REQUIRE(robagg::reports<Eigen::Array<Eigen::half, 3, 4>>);
  STATIC_REQUIRE(robagg::reports<robagg::table<Eigen::bfloat16> const&>);
  STATIC_REQUIRE(robagg::reports<decltype(Eigen::MatrixXd().transpose())>);
  STATIC_REQUIRE_FALSE(robagg::any_reports<Eigen::Matrix<long, 2, 2>>);
  STATIC_REQUIRE_FALSE(robagg::any_reports<std::vector<double>>);
  STATIC_REQUIRE_FALSE(robagg::any_reports<double>);

  matrix const x = gauss(5, 3);
  Eigen::Vector3d const v = Eigen::Vector3d::Ones();
  STATIC_REQUIRE(robagg::weighted_reports<decltype(weighted(x, five))>);
  STATIC_REQUIRE_FALSE(robagg::reports<decltype(weighted(x, five))>);
  STATIC_REQUIRE(robagg::incomplete_reports<decltype(skip_nan(x))>);
  STATIC_REQUIRE_FALSE(robagg::reports<decltype(skip_nan(x))>);
  STATIC_REQUIRE(robagg::shifted_reports<decltype(around(x, v))>);
  STATIC_REQUIRE_FALSE(robagg::reports<decltype(around(x, v))>);
  STATIC_REQUIRE(robagg::reports<decltype(subset(x, three_rows))>);
}

// Under the address sanitizer this is a test of who owns what: every temporary is gone when the table is read.
TEST_CASE("wrappers refer to what has a name and keep what has none") {
  matrix const x = with_gaps(gauss(5, 12), 4);
  Eigen::VectorXd const v = Eigen::VectorXd::Constant(12, 3);
  matrix const expected = reference::median(x, five, true), of_three = reference::median(pick(x, three_rows), {1, 1, .5}, true);
  auto const is = [](auto const& r, matrix const& y) { CHECK(difference(numbers_of(median{}(r)), y) <= 1e-15); };

  auto const kept_table = skip_nan(weighted(matrix(x), five));
  auto const kept_weights = weighted(skip_nan(x), std::vector(five));
  auto const kept_both = weighted(skip_nan(matrix(x)), Eigen::VectorXd(Eigen::Map<Eigen::VectorXd const>(five.data(), 5)));
  auto const kept_array = skip_nan(weighted(x, std::array{1., 2., .5, 3., 1.}));  // its values move with it
  auto const kept_origin = around(skip_nan(weighted(matrix(x), std::vector(five))), Eigen::VectorXd(v));
  auto const kept_rows = subset(skip_nan(weighted(matrix(x), std::vector(five))), std::vector(three_rows));
  auto const of_kept = subset(kept_both, three_rows);  // refers to a wrapper that keeps
  auto const rows_of_rows =
      subset(subset(skip_nan(weighted(x, five)), std::vector<int>{4, 1, 0, 2}), std::vector<Index>{0, 2, 3});
  auto const evaluated = skip_nan(weighted(x * matrix(matrix::Identity(12, 12)), five));
  is(kept_table, expected), is(kept_weights, expected), is(kept_both, expected), is(kept_array, expected),
      is(kept_origin, expected);
  is(kept_rows, of_three), is(of_kept, of_three), is(rows_of_rows, of_three);
  is(skip_nan(skip_nan(weighted(matrix(x), std::vector(five)))), expected);
  CHECK(median{}(evaluated).size() == 12);
  CHECK(difference(numbers_of(median{}(skip_nan(matrix(x)))), reference::median(x, {}, true)) <= 1e-15);
  CHECK(robagg::each(mean{})(robagg::cube(matrix(gauss(6, 3)), 2)).rows() == 2);

  auto const buffers = [&] { return std::vector<double const*>{x.row(0).data(), x.row(4).data()}; };
  auto const kept_buffers = rows_of(buffers(), 12);
  auto const picked_buffers = subset(rows_of(buffers(), 12), std::vector<Index>{1});
  CHECK(same_bits(numbers_of(mean{}(skip_nan(kept_buffers))), numbers_of(mean{}(skip_nan(pick(x, {0, 4}))))));
  CHECK(same_bits(numbers_of(median{}(picked_buffers)), numbers_of(median{}(x.row(4)))));

  // What keeps something moves; what refers can be copied.
  STATIC_REQUIRE_FALSE(std::copy_constructible<std::remove_const_t<decltype(kept_table)>>);
  STATIC_REQUIRE_FALSE(std::copy_constructible<std::remove_const_t<decltype(kept_weights)>>);
  STATIC_REQUIRE_FALSE(std::copy_constructible<std::remove_const_t<decltype(kept_origin)>>);
  STATIC_REQUIRE_FALSE(std::copy_constructible<std::remove_const_t<decltype(kept_rows)>>);
  STATIC_REQUIRE_FALSE(std::copy_constructible<std::remove_const_t<decltype(kept_buffers)>>);
  STATIC_REQUIRE_FALSE(std::copy_constructible<decltype(robagg::cube(matrix(), 1))>);
  STATIC_REQUIRE(std::move_constructible<std::remove_const_t<decltype(kept_origin)>>);
  STATIC_REQUIRE(std::copy_constructible<decltype(weighted(x, five))>);
  STATIC_REQUIRE(std::copy_constructible<decltype(skip_nan(x.topRows(2)))>);
  STATIC_REQUIRE(std::copy_constructible<decltype(weighted(x, std::span(five)))>);
  auto first = weighted(matrix(gauss(5, 2)), std::vector(five));
  auto const before = median{}(first);
  auto const moved = std::move(first);
  CHECK(median{}(moved) == before);
}

TEST_CASE("wrappers mean the same in every order") {
  matrix const x = with_gaps(gauss(5, 12), 4);
  Eigen::VectorXd const v = Eigen::VectorXd::Constant(12, 3);
  std::vector<double> const picked = {five[4], five[0], five[2]};
  matrix const rows = pick(x, three_rows), expected = reference::median(rows, picked, true);
  auto const is = [&](auto const& r) { CHECK(difference(numbers_of(median{}(r)), expected) <= 1e-15); };
  is(weighted(skip_nan(subset(x, three_rows)), picked));
  is(skip_nan(weighted(subset(x, three_rows), picked)));
  is(subset(weighted(skip_nan(x), five), three_rows));
  is(subset(skip_nan(weighted(x, five)), three_rows));
  is(skip_nan(subset(weighted(x, five), three_rows)));
  is(skip_nan(skip_nan(weighted(subset(x, three_rows), picked))));
  is(around(skip_nan(weighted(subset(x, three_rows), picked)), v));
  is(subset(weighted(skip_nan(around(x, v)), five), three_rows));
  STATIC_REQUIRE(std::is_same_v<decltype(weighted(skip_nan(x), five)), decltype(skip_nan(weighted(x, five)))>);
  STATIC_REQUIRE(std::is_same_v<decltype(around(weighted(x, five), v)), decltype(weighted(around(x, v), five))>);

  std::vector<Index> const again = {2, 0};  // of the three: rows 2 and 4
  matrix const two = pick(x, {2, 4});
  CHECK(difference(numbers_of(mean{}(skip_nan(subset(subset(x, three_rows), again)))), reference::mean(two, {}, true)) <=
        1e-15);
  CHECK(difference(numbers_of(mean{}(skip_nan(subset(subset(weighted(x, five), three_rows), again)))),
                   reference::mean(two, {.5, 1}, true)) <= 1e-15);
}

TEST_CASE("a subset may name a row twice") {
  matrix const x = gauss(5, 12);
  std::vector<Index> const twice = {1, 3, 1};
  CHECK(same_bits(numbers_of(mean{}(subset(x, twice))), in<double>(mean{}, pick(x, twice))));
}

TEST_CASE("weights are numbers of any type") {
  matrix const x = gauss(3, 12);
  matrix const expected = reference::median(x, {1, 2, 4});
  auto const is = [&](auto const& w) { CHECK(difference(numbers_of(median{}(weighted(x, w))), expected) <= 1e-15); };
  is(std::vector<int>{1, 2, 4});
  is(std::vector<float>{1, 2, 4});
  is(std::array{1., 2., 4.});
  is(Eigen::Vector3d(1, 2, 4));
  std::vector<double> const w = {1, 2, 4};
  is(std::span(w));
  is(robagg::list(w));
}

TEST_CASE("only ratios of weights count, also where their sum overflows or vanishes") {
  matrix const x = gauss(3, 12), expected = reference::mean(x, {1, 2, 4});
  for (double const unit : {4e307, 1e-320, 1.}) {
    std::vector<double> const w = {unit, 2 * unit, 4 * unit};
    CHECK(difference(numbers_of(mean{}(weighted(x, w))), expected) <= 1e-15);
    CHECK(difference(numbers_of(median{}(weighted(x, w))), in<double>(median{}, x.row(2))) <= 1e-15);
  }
}

TEST_CASE("rows_of reads separate buffers without copying") {
  std::vector<float> a = {1, 2, 3}, b = {4, 5, 6}, c = {7, 0, 9};
  std::vector<float const*> const buffers = {a.data(), b.data(), c.data()};
  auto const x = rows_of(buffers, 3);
  CHECK(median{}(x) == Eigen::Vector3f(4, 2, 6));
  a[0] = 100;
  CHECK(median{}(x)(0) == 7);
  CHECK(median{}(subset(x, std::vector<Index>{1}))(2) == 6);
  CHECK(mean{}(weighted(x, std::vector{0., 1., 1.}))(1) == 2.5);
  std::array<float*, 2> const writable = {a.data(), b.data()};
  CHECK(mean{}(rows_of(writable, 2))(1) == 3.5);
}

TEST_CASE("a container of rows is read where it is") {
  std::vector<std::vector<float>> rows = {{1, 2, 3}, {4, 5, 6}, {7, 0, 9}};
  auto const x = rows_of(rows);
  CHECK(median{}(x) == Eigen::Vector3f(4, 2, 6));
  rows[0][0] = 100;
  CHECK(median{}(x)(0) == 7);
  CHECK(mean{}(weighted(x, std::vector{0., 1., 1.}))(1) == 2.5);
  std::array const pair = {Eigen::Vector2d(1, 2), Eigen::Vector2d(3, 4)};
  CHECK(mean{}(rows_of(pair)) == Eigen::Vector2d(2, 3));
  rows[2].pop_back();
  CHECK_THROWS_WITH(rows_of(rows), Catch::Contains("rows_of: needs rows of one length (row = 2, length = 2, d = 3)"));
  rows.clear();
  CHECK_THROWS_WITH(median{}(rows_of(rows)), Catch::Contains("median: needs at least one report"));
}

TEST_CASE("whole numbers are tables, rows and scores") {
  robagg::table<std::uint16_t> const pixels{{1, 65535, 7}, {2, 65533, 7}, {9, 65534, 8}};
  STATIC_REQUIRE(std::is_same_v<decltype(median{}(pixels))::Scalar, float>);
  CHECK(median{}(pixels) == Eigen::Vector3f(2, 65534, 7));
  CHECK(mean{}(pixels)(0) == 4);
  STATIC_REQUIRE(std::is_same_v<decltype(median{}(Eigen::MatrixXi()))::Scalar, double>);
  robagg::table<std::uint32_t> const counts{{4294967295u}, {4294967293u}};
  CHECK(median{}(counts)(0) == 4294967294.);  // no float holds it
  CHECK(median{}(-counts.cast<std::int32_t>())(0) == 2.);
  std::vector<std::vector<std::int16_t>> const rows = {{-3, 4}, {5, -6}, {1, 2}};
  CHECK(median{}(rows_of(rows)) == Eigen::Vector2f(1, 2));
  CHECK(mean{}(weighted(pixels, std::vector{1, 1, 0})) == Eigen::Vector3f(1.5f, 65534, 7));
  CHECK(median{}(skip_nan(pixels)) == median{}(pixels));
  CHECK(robagg::ranks{}(pixels.row(0)) == robagg::table<float>{{3, 1, 2}});
  Eigen::Matrix<std::uint8_t, Eigen::Dynamic, 1> bytes;
  workspace ws;
  median{}.into(pixels, bytes, ws);
  CHECK((bytes(0) == 2 && bytes(1) == 255));  // rounded, as far as they go
  CHECK(robagg::best{}(Eigen::VectorXi{{3, 9, 9}}) == 1);
  CHECK(robagg::best{}(std::vector<std::uint8_t>{200, 100, 201}) == 2);
  CHECK((median{} | robagg::top{.k = 2})(pixels) == std::vector<Index>{1, 2});
}

TEST_CASE("operators of every family read whole numbers") {
  matrix const values = gauss(shown_rows, shown_cols, 43);
  check_whole_numbers(median{}, values), check_whole_numbers(robagg::trimmed_mean{.f = 2}, values);
  check_whole_numbers(robagg::uncertainty_weighted{.lambda = .5}, values), check_whole_numbers(robagg::defensive{}, values);
  check_whole_numbers(robagg::krum{.f = 2}, values), check_whole_numbers(robagg::geometric_median{}, values);
  check_whole_numbers(robagg::clip{.radius = 100} | robagg::mean{}, values);
  check_whole_numbers(robagg::nearest_neighbour_mixing{.f = 2}, values), check_whole_numbers(robagg::ranks{}, values);
  check_whole_numbers(robagg::plurality{}, values), check_whole_numbers(robagg::rearrange{}, values);
}

TEST_CASE("16-bit integers are the bits of halves or bfloat16") {
  std::vector<std::uint16_t> const halves = {0x3c00, 0x4000, 0xc000, 0x3800}, brains = {0x3f80, 0x4000, 0xc000, 0x3f00};
  using half_map = Eigen::Map<robagg::table<Eigen::half> const>;
  using bfloat16_map = Eigen::Map<robagg::table<Eigen::bfloat16> const>;
  matrix const values{{1, 2, -2, .5}};
  CHECK(numbers_of(half_map(robagg::as_half(halves).data(), 1, 4)) == values);
  CHECK(numbers_of(bfloat16_map(robagg::as_bfloat16(brains).data(), 1, 4)) == values);
  CHECK(robagg::as_half(halves).size() == 4);
}

TEST_CASE("zeros are +0 from every kind of table") {
  robagg::table<float> const x = robagg::table<float>::Constant(3, 1, -0.f);
  Eigen::MatrixXf const y = x;
  std::vector<float const*> const buffers = {x.data(), x.data() + 1, x.data() + 2};
  for (float const zero :
       {median{}(x)(0), median{}(y)(0), median{}(rows_of(buffers, 1))(0), median{}(subset(y, std::vector<Index>{1}))(0),
        median{}(weighted(x, std::vector{1., 2., 2.}))(0), mean{}(x)(0), robagg::krum{1}(y)(0)}) {
    CHECK(same_bits(static_cast<double>(zero), 0.));
  }
}

TEST_CASE("a product is evaluated once, and its values are right") {
  matrix const a = gauss(6, 6), b = gauss(6, 600);
  matrix const product = a * b;
  CHECK(difference(numbers_of(median{}(a * b)), in<double>(median{}, product)) <= 1e-13);
  CHECK(difference(numbers_of(robagg::krum{1}(a * b)), in<double>(robagg::krum{1}, product)) <= 1e-13);
}

TEST_CASE("tables that are wrong are refused by name and value") {
  matrix const x = gauss(5, 3);
  auto const weights_say = [&](std::vector<double> const& w, std::initializer_list<char const*> words) {
    check_refuses(median{}, weighted(x, w), words);
  };
  weights_say({1, 2}, {"median: needs one weight per row", "weights = 2", "n = 5"});
  weights_say({1, 1, -1, 1, 1}, {"median: needs finite weights >= 0", "row = 2", "weight = -1"});
  weights_say({1, 1, 1, 1, infinity}, {"needs finite weights >= 0", "row = 4"});
  weights_say({not_a_number, 1, 1, 1, 1}, {"needs finite weights >= 0", "row = 0"});
  weights_say({0, 0, 0, 0, 0}, {"needs a weight above 0"});

  std::vector<Index> const unknown = {0, 5}, negative = {-1};
  check_refuses(median{}, subset(x, unknown), {"median: subset names an unknown row", "row = 5", "rows = 5"});
  check_refuses(median{}, subset(x, negative), {"row = -1"});
  std::vector<double> const two = {1, 1};
  check_refuses(median{}, subset(weighted(x, two), three_rows), {"needs one weight per row"});
  std::vector<Index> const none;
  check_refuses(median{}, subset(x, none), {"needs at least one report", "n = 0"});

  std::vector<double> const row = {1, 2, 3};
  std::vector<double const*> const missing = {row.data(), nullptr};
  check_refuses(median{}, rows_of(missing, 3), {"median: rows_of has a null row", "row = 1"});

  Eigen::VectorXd const short_origin = Eigen::VectorXd::Ones(2);
  Eigen::VectorXd wild = Eigen::VectorXd::Ones(3);
  wild(1) = not_a_number;
  check_refuses(robagg::krum{1}, around(x, short_origin),
                {"krum: needs an origin with one value per column", "origin = 2", "d = 3"});
  check_refuses(robagg::krum{1}, around(x, wild), {"krum: needs a finite origin"});
}

TEST_CASE("a negative number of columns is refused") {
  std::vector<double> const row = {1, 2, 3};
  std::vector<double const*> const one = {row.data()};
  check_refuses(median{}, rows_of(one, -1), {"median: rows_of needs d >= 0", "d = -1"});
}

TEST_CASE("the weights of a subset go on through pipes") {
  matrix const x = gauss(9, 12, 3);
  std::vector<double> const w{1, 2, 3, 4, 5, 6, 7, 8, 9}, own{9, 2, 6};
  std::vector<Index> const rows{8, 1, 5};
  matrix const y = pick(x, rows);
  auto const check = [&](auto const& pipe) {
    INFO(robagg::describe(pipe));
    CHECK(same_bits(numbers_of(pipe(subset(robagg::weighted(x, w), rows))), numbers_of(pipe(robagg::weighted(y, own)))));
  };
  check(robagg::clip{1} | robagg::mean{});
  check(robagg::clip{1} | median{});
  check(robagg::clip{1} | robagg::geometric_median{});
  check(robagg::ranks{} | robagg::mean{});
}
