// SPDX-License-Identifier: BSL-1.0
// Sizes that numbers of 32 bits do not hold. Up to 9 GB of memory and some minutes: `robagg_tests "[huge]"` runs them, alone.
#include "cache/eviction.hpp"
#include "laws.hpp"

#include <algorithm>
#include <cstdint>

using namespace robagg_test;

namespace {
constexpr Index huge_rows = 4, huge_columns = 720'000'000;  // 2.9 billion entries; the last row begins beyond 4 GB
using wide_table = Eigen::Matrix<Eigen::half, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Rows 1 and 2 differ in the last column only, row 0 from both by 1, row 3 lies.
float huge_entry(Index i, Index j) {
  if (i == 3) return 60'000;
  return static_cast<float>(j % 7) + (i == 0 ? 1.f : 0.f) + (i == 2 && j == huge_columns - 1 ? .5f : 0.f);
}
wide_table huge_table() {
  wide_table x(huge_rows, huge_columns);
  for (Index i = 0; i < huge_rows; ++i) {
    Eigen::half period[7];
    for (Index j = 0; j < 7; ++j) period[j] = Eigen::half(huge_entry(i, j));
    Eigen::half* const to = x.row(i).data();
    for (Index j = 0; j < huge_columns; ++j) to[j] = period[j % 7];
    to[huge_columns - 1] = Eigen::half(huge_entry(i, huge_columns - 1));
  }
  return x;
}
// expected(j) at both ends, where 32 bits end, and here and there.
template <class Expected>
void check_columns(Eigen::Matrix<Eigen::half, Eigen::Dynamic, 1> const& out, Expected const& expected) {
  REQUIRE(out.size() == huge_columns);
  Index wrong = 0;
  auto const look = [&](Index j) { wrong += static_cast<float>(out(j)) != expected(j); };
  for (Index j = 0; j < 4096; ++j) look(j), look(huge_columns - 1 - j), look((Index{1} << 29) + j), look(j * 175'000);
  CHECK(wrong == 0);
}
}  // namespace

TEST_CASE("tables of more than 2^31 entries", "[.][huge]") {
  wide_table const x = huge_table();
  robagg::workspace ws;
  Eigen::Matrix<Eigen::half, Eigen::Dynamic, 1> out(huge_columns);
  robagg::median{}.into(x, out, ws);
  check_columns(out, [](Index j) { return static_cast<float>(j % 7) + (j == huge_columns - 1 ? .75f : .5f); });
  robagg::trimmed_mean{1}.into(x, out, ws);
  check_columns(out, [](Index j) { return static_cast<float>(j % 7) + (j == huge_columns - 1 ? .75f : .5f); });
  robagg::krum{1}.into(x, out, ws);
  check_columns(out, [](Index j) { return huge_entry(1, j); });
  robagg::nearest_to{.row = 2, .f = 1}.into(robagg::subset(x, std::vector<Index>{3, 2, 1}), out, ws);
  check_columns(out, [](Index j) { return huge_entry(1, j) + (j == huge_columns - 1 ? .25f : 0.f); });
}

TEST_CASE("one column of 10^8 numbers", "[.][huge]") {
  constexpr Index n = 100'000'000;
  Eigen::VectorXf x(n);
  for (Index i = 0; i < n; ++i) x(i) = static_cast<float>((i * 7919) % 1'000'003);  // each number about 100 times
  std::vector<float> sorted(x.begin(), x.end());
  std::sort(sorted.begin(), sorted.end());
  auto const at = [&](Index rank) { return sorted[static_cast<std::size_t>(rank)]; };
  CHECK(robagg::median{}(x)(0) == (at(n / 2 - 1) + at(n / 2)) / 2);
  CHECK(robagg::quantile{.p = .25, .rule = robagg::quantile_rule::inverse_cdf}(x)(0) == at(n / 4 - 1));
  std::vector<std::uint8_t> w(static_cast<std::size_t>(n), 2);
  CHECK(robagg::median{}(robagg::weighted(x, w))(0) == robagg::median{}(x)(0));
  x(17) = std::numeric_limits<float>::quiet_NaN();
  CHECK(robagg::median{}(robagg::skip_nan(x))(0) == robagg::median{}(x.tail(n - 18))(0));
  CHECK(std::abs(robagg::mean{}(x.tail(n - 18))(0) - 500'001) <= 30);
}

TEST_CASE("100,000 rows of two columns", "[.][huge]") {
  Index const n = 100'000, f = n / 4;
  robagg::table<double> x = gauss(n, 2, 3);
  x.topRows(f).setConstant(1e12);
  auto const near_honest = [&](auto const& op) {
    INFO(robagg::describe(op));
    CHECK((op(x) - x.bottomRows(n - f).colwise().mean().transpose()).norm() <= 1.5);
  };
  near_honest(robagg::median{});
  near_honest(robagg::trimmed_mean{f});
  near_honest(robagg::geometric_median{});
  near_honest(robagg::nearest_to{.row = n - 1, .f = f});
  // All pairs are 80 GB, which nobody takes by surprise.
  CHECK(robagg::bytes_needed(robagg::krum{f}, x) >= 8 * static_cast<std::size_t>(n) * static_cast<std::size_t>(n) / 2);
}

TEST_CASE("2^24 + 1 keys", "[.][huge]") {
  constexpr Index keys = (Index{1} << 24) + 1;
  robagg::table<float> attention = robagg::table<float>::Constant(2, keys, 1e-8f);
  attention(0, keys - 1) = .3f;
  attention(1, 12'345'678) = .2f;
  Eigen::VectorXf const scores = robagg::defensive{}(attention);
  CHECK(scores.size() == keys);
  CHECK(robagg::top{2}(scores) == std::vector<Index>{12'345'678, keys - 1});
  CHECK(robagg::best{}(scores) == keys - 1);
  auto const kept = positions_of(robagg::snapkv{.keep = .25, .window = 2, .kernel = 1}(robagg::cube(attention, 1)));
  REQUIRE(kept.size() == 1);
  REQUIRE(static_cast<Index>(kept[0].size()) == (keys + 2) / 4);
  CHECK(std::ranges::binary_search(kept[0], keys - 1));
  CHECK(std::ranges::binary_search(kept[0], 12'345'678));
  CHECK(kept[0].back() == keys + 1);
}
