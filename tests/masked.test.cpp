// SPDX-License-Identifier: BSL-1.0
#include "inputs.hpp"

#include <cstddef>

using namespace robagg_test;
using robagg::masked, robagg::skip_nan, robagg::weighted, robagg::subset, robagg::around;

namespace {
struct masked_pair {
  robagg::table<float> values, gaps;  // the same, but for NaN where the mask is set
  Eigen::Matrix<bool, Eigen::Dynamic, Eigen::Dynamic> mask;
  std::vector<unsigned char> bytes;  // row by row
};
masked_pair mask_over(Index n, Index d) {
  masked_pair p{gauss(n, d).cast<float>(), {}, {}, std::vector<unsigned char>(static_cast<std::size_t>(n * d))};
  p.gaps = p.values, p.mask.resize(n, d);
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < d; ++j) {
      bool const hidden = (i * 7 + j * 3) % 5 == 0;
      p.mask(i, j) = hidden, p.bytes[static_cast<std::size_t>(i * d + j)] = hidden ? 200 : 0;
      if (hidden) p.gaps(i, j) = std::numeric_limits<float>::quiet_NaN();
    }
  }
  return p;
}
}  // namespace

TEST_CASE("a masked entry is an absent one, wherever the mask is", "[masked]") {
  for (auto const& [n, d] : {std::pair<Index, Index>{7, 37}, {1, 1}, {30, 600}, {2100, 3}, {5, 0}}) {
    INFO(n << " x " << d);
    auto const p = mask_over(n, d);
    robagg::median const op;
    matrix const want = numbers_of(op(skip_nan(p.gaps)));
    auto const same = [&](auto const& x) { CHECK(same_bits(numbers_of(op(x)), want)); };
    same(masked(p.values, p.mask));
    same(masked(p.values, p.bytes));
    same(masked(p.values, std::span(p.bytes)));
    same(masked(p.values, std::vector<unsigned char>(p.bytes)));  // kept
    same(masked(robagg::table<float>(p.values), p.mask));         // kept
    same(masked(p.values, p.mask.array() || p.mask.array()));     // evaluated
    robagg::table<std::int8_t> const rows = p.mask.cast<std::int8_t>() * -3;
    same(masked(p.values, rows));
    std::vector<std::byte> const raw(reinterpret_cast<std::byte const*>(p.bytes.data()),
                                     reinterpret_cast<std::byte const*>(p.bytes.data()) + p.bytes.size());
    same(masked(p.values, raw));
    Eigen::MatrixXf const columns = p.values;
    same(masked(columns, p.mask)), same(masked(columns, rows));
    same(masked(2 * columns - columns, rows));
    robagg::table<bool> big = robagg::table<bool>::Constant(n + 2, d + 5, true);
    big.block(1, 2, n, d) = p.mask;
    same(masked(p.values, big.block(1, 2, n, d)));
    // A NaN is absent as well, and masks add up.
    same(masked(p.gaps, robagg::table<bool>::Constant(n, d, false)));
    same(masked(masked(p.values, p.mask), p.mask));
  }
}

TEST_CASE("masks nest with the other wrappers", "[masked]") {
  auto const p = mask_over(9, 40);
  std::vector<double> const w = {1, 2, 3, 1, 2, 3, 1, 2, 3};
  std::vector<Index> const some = {8, 2, 5, 2, 0};
  auto const same = [](auto const& op, auto const& x, auto const& y) {
    CHECK(same_bits(numbers_of(op(x)), numbers_of(op(y))));
  };
  robagg::trimmed_mean const trimmed{.f = 1};
  same(trimmed, weighted(masked(p.values, p.mask), w), weighted(skip_nan(p.gaps), w));
  same(trimmed, masked(weighted(p.values, w), p.mask), weighted(skip_nan(p.gaps), w));
  same(trimmed, skip_nan(masked(p.values, p.mask)), skip_nan(p.gaps));
  same(trimmed, subset(masked(p.values, p.mask), some), subset(skip_nan(p.gaps), some));
  same(trimmed, subset(weighted(masked(p.values, p.mask), w), some), subset(weighted(skip_nan(p.gaps), w), some));
  Eigen::Matrix<bool, Eigen::Dynamic, Eigen::Dynamic> chosen(5, 40);
  for (Index k = 0; k < 5; ++k) chosen.row(k) = p.mask.row(some[static_cast<std::size_t>(k)]);
  same(trimmed, masked(subset(p.values, some), chosen), subset(skip_nan(p.gaps), some));
  same(robagg::uncertainty_weighted{.lambda = .5}, masked(p.values, p.mask), skip_nan(p.gaps));

  auto const each = robagg::each(robagg::median{});
  matrix const cubed = each(robagg::cube(skip_nan(p.gaps), 3)).cast<double>();
  CHECK(same_bits(each(robagg::cube(masked(p.values, p.mask), 3)).cast<double>(), cubed));
  CHECK(same_bits(each(robagg::cube(masked(p.values, p.bytes), 3)).cast<double>(), cubed));

  std::vector<std::vector<float>> buffers;
  for (Index i = 0; i < 9; ++i) buffers.emplace_back(p.values.row(i).begin(), p.values.row(i).end());
  same(trimmed, masked(robagg::rows_of(buffers), p.mask), skip_nan(p.gaps));
}

TEST_CASE("whole numbers and halves have no NaN to spare: masks say what is absent", "[masked]") {
  auto const p = mask_over(9, 40);
  robagg::table<std::uint16_t> const pixels = (p.values.array() * 1000 + 30000).cast<std::uint16_t>();
  robagg::table<float> gaps = pixels.cast<float>();
  gaps = p.mask.select(p.gaps, gaps);
  CHECK(same_bits(numbers_of(robagg::median{}(masked(pixels, p.mask))), numbers_of(robagg::median{}(skip_nan(gaps)))));
  Eigen::MatrixXi const counts = pixels.cast<int>();
  robagg::table<double> const wide = gaps.cast<double>();
  CHECK(same_bits(numbers_of(robagg::mean{}(masked(counts, p.bytes))), numbers_of(robagg::mean{}(skip_nan(wide)))));
  STATIC_REQUIRE(std::is_same_v<decltype(robagg::mean{}(masked(counts, p.mask)))::Scalar, double>);
  STATIC_REQUIRE(std::is_same_v<decltype(robagg::mean{}(pixels))::Scalar, float>);
}

TEST_CASE("a mask of another shape is refused when it is used", "[masked]") {
  robagg::table<float> const x = gauss(3, 4).cast<float>();
  CHECK_THROWS_WITH(
      robagg::median{}(masked(x, robagg::table<bool>::Constant(4, 3, false))),
      Catch::Contains("median: needs a mask of the table's shape (rows of the mask = 4, columns = 3, n = 3, d = 4)"));
  CHECK_THROWS_AS(robagg::median{}(masked(x, std::vector<unsigned char>(11))), robagg::bad_input);
  CHECK_THROWS_AS(robagg::median{}(masked(x, std::vector<unsigned char>(16))), robagg::bad_input);
  CHECK_THROWS_AS(robagg::median{}(masked(x, std::vector<unsigned char>())), robagg::bad_input);
}
