// SPDX-License-Identifier: BSL-1.0
// The engine of coordinate-wise operators against the reference: any number of rows and columns, every way to store a
// table, values that are hard to order, and memory around the table that must not be read.
#include "laws.hpp"

using namespace robagg_test;

namespace {
// Values to get wrong: ties, zeros of both signs, denormals, and in the first `liars` rows NaN, infinities, the largest.
template <class T>
matrix hard_values(Index n, Index d, Index liars, numbers& random) {
  constexpr auto tiny = static_cast<double>(std::numeric_limits<T>::denorm_min()),
                 most = static_cast<double>(std::numeric_limits<T>::max());
  matrix x(n, d);
  for (Index c = 0; c < d; ++c) {
    for (Index i = 0; i < n; ++i) {
      double const u = random.uniform();
      double const kinds[] = {random.gauss(), std::floor(4 * u), u < .5 ? 0. : -0., tiny * std::floor(5 * u), 1e5 + 1e-2 * u};
      x(i, c) = kinds[c % 5];
    }
    for (Index i = 0; i < liars; ++i) {
      double const lies[] = {not_a_number, -not_a_number, infinity, -infinity, most, -most};
      x(i, c) = lies[static_cast<std::size_t>(random.uniform() * 6)];
    }
  }
  return rounded<T>(x);
}

// The same table in every storage, rows and columns beginning at any address, the memory around them poisoned.
template <class T>
void in_every_storage(matrix const& x, Index shift, auto const& check) {
  Index const n = x.rows(), d = x.cols(), stride = d + 3;
  T const poison = std::numeric_limits<T>::quiet_NaN();
  std::vector<T> memory(static_cast<std::size_t>(shift + n * stride + 64), poison);
  Eigen::Map<robagg::table<T>, Eigen::Unaligned, Eigen::OuterStride<>> rows(memory.data() + shift, n, d,
                                                                            Eigen::OuterStride<>(stride));
  rows = x.cast<T>();
  check("row-major", rows);
  std::vector<std::vector<T>> buffers;
  std::vector<T const*> pointers;
  for (Index i = 0; i < n; ++i) {
    buffers.emplace_back(static_cast<std::size_t>(i % 5 + d + 16), poison);
    for (Index c = 0; c < d; ++c) buffers.back()[static_cast<std::size_t>(i % 5 + c)] = rows(i, c);
    pointers.push_back(buffers.back().data() + i % 5);
  }
  check("rows_of", robagg::rows_of(pointers, d));
  using by_column = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
  std::vector<T> other(static_cast<std::size_t>(shift + (n + 2) * d + 64), poison);
  Eigen::Map<by_column, Eigen::Unaligned, Eigen::OuterStride<>> columns(other.data() + shift, n, d,
                                                                        Eigen::OuterStride<>(n + 2));
  columns = x.cast<T>();
  check("column-major", columns);
}

template <class T>
void check_engine(Index n, Index d, numbers& random) {
  Index const f = (n - 1) / 3;
  matrix const x = hard_values<T>(n, d, f, random);
  double const slack = 4 * static_cast<double>(std::numeric_limits<T>::epsilon());
  matrix const median = reference::median(x), quantile = reference::quantile(x, .8), trimmed = reference::trimmed_mean(x, f),
               around = reference::mean_around_median(x, f);
  in_every_storage<T>(x, n % 7, [&](char const* storage, auto const& table) {
    INFO(storage << ", n = " << n << ", d = " << d << ", " << sizeof(T) << " bytes");
    auto const near = [&](auto const& got, matrix const& want) {
      matrix const y = numbers_of(got);
      Index off = 0;
      for (Index c = 0; c < d; ++c) {
        double const a = y(0, c), b = want(0, c);
        off += !(a == b || (std::isnan(a) && std::isnan(b)) ||
                 std::abs(a - b) <= slack * std::abs(b) + static_cast<double>(std::numeric_limits<T>::denorm_min()) ||
                 std::abs(a - b) <= slack * std::abs(median(0, c)) + slack * x.col(c).bottomRows(n - f).cwiseAbs().maxCoeff());
        off += a == 0 && std::signbit(a);
      }
      return off;
    };
    CHECK(near(robagg::median{}(table), median) == 0);
    CHECK(near(robagg::quantile{.8}(table), quantile) == 0);
    CHECK(near(robagg::trimmed_mean{f}(table), trimmed) == 0);
    CHECK(near(robagg::mean_around_median{f}(table), around) == 0);
  });
}
}  // namespace

TEST_CASE("the engine agrees with the reference for 1 to 300 rows and 1 to 100 columns") {
  numbers random(20);
  for (Index n = 1; n <= 300; n += n < 40 ? 1 : 7) {
    Index const d = 1 + static_cast<Index>(random.uniform() * 100);
    check_engine<float>(n, d, random);
    check_engine<double>(n, d, random);
  }
}

TEST_CASE("the engine agrees with the reference where rows are single long columns") {
  numbers random(21);
  for (Index const n : {2047, 2048, 2049, 3001}) {
    check_engine<float>(n, 3, random);
    check_engine<double>(n, 1, random);
  }
  // With weights and absent entries, on either side of that limit.
  for (Index const n : {2040, 2060}) {
    matrix const x = with_gaps(gauss(n, 4), 50);
    std::vector<double> w;
    for (Index i = 0; i < n; ++i) w.push_back(1 + static_cast<double>(i % 3));
    auto const table = robagg::weighted(robagg::skip_nan(x), w);
    CHECK(difference(numbers_of(robagg::median{}(table)), reference::median(x, w, true)) <= 1e-12);
    CHECK(difference(numbers_of(robagg::trimmed_mean{9}(table)), reference::trimmed_mean(x, 9, w, true)) <= 1e-12);
    CHECK(difference(numbers_of(robagg::mean{}(table)), reference::mean(x, w, true)) <= 1e-12);
  }
}

namespace {
// Few columns and many are not computed in the same way: the bits are the same, in as many bytes as are asked for.
template <class T>
void check_few_columns(Index n, numbers& random) {
  robagg::table<T> const x = hard_values<T>(n, 20, (n - 1) / 3, random).template cast<T>();
  auto const check = [&](auto const& op, auto const& show) {
    Eigen::Matrix<T, Eigen::Dynamic, 1> all, few;
    robagg::workspace plenty;
    op.into(show(x), all, plenty);
    for (Index const d : {1, 2, 3, 4, 8}) {
      INFO(robagg::describe(op) << " of " << n << " x " << d << ", " << sizeof(T) << " bytes");
      auto const part = x.middleCols(20 - d, d);
      std::vector<std::byte> memory(robagg::bytes_needed(op, show(part)));
      robagg::workspace ws{std::span(memory)};
      few.resize(d);
      op.into(show(part), few, ws);
      CHECK(same_bits(numbers_of(few), numbers_of(all.tail(d).eval())));
    }
  };
  std::vector<int> const twice(static_cast<std::size_t>(n), 2);
  auto const in_every_form = [&](auto const& op) {
    check(op, [](auto const& table) -> auto const& { return table; });
    check(op, [&](auto const& table) { return robagg::weighted(table, twice); });
    check(op, [](auto const& table) { return robagg::skip_nan(table); });
  };
  in_every_form(robagg::median{});
  in_every_form(robagg::trimmed_mean{.f = n / 4});
  check(robagg::quantile{.p = .1}, [](auto const& table) -> auto const& { return table; });
  check(robagg::trimmed_mean{.f = (n - 1) / 2}, [](auto const& table) -> auto const& { return table; });
  check(robagg::interquartile_mean{}, [](auto const& table) -> auto const& { return table; });
  check(robagg::mean_around_median{.f = n / 3}, [](auto const& table) -> auto const& { return table; });
  check(robagg::huber{}, [](auto const& table) -> auto const& { return table; });
}
}  // namespace

TEST_CASE("columns that are taken one by one have the bits of packets of them") {
  numbers random(22);
  for (Index const n : {31, 33, 49, 97, 101, 150, 320, 400, 1100, 2048}) {
    check_few_columns<float>(n, random);
    check_few_columns<double>(n, random);
  }
}

TEST_CASE("blocks and slices begin anywhere: every width around the sizes of blocks gives the same columns") {
  Eigen::MatrixXf const values = gauss(13, 700).cast<float>();
  robagg::table<float> const x = values;
  auto const all = robagg::trimmed_mean{2}(x);
  for (Index const first : {0, 1, 3, 15, 16, 17, 63}) {
    for (Index const width : {1, 15, 16, 17, 63, 64, 65, 255, 256, 257, 271, 272, 520}) {
      INFO("columns " << first << " to " << first + width);
      CHECK((robagg::trimmed_mean{2}(x.middleCols(first, width)).array() == all.segment(first, width).array()).all());
      CHECK((robagg::trimmed_mean{2}(values.middleCols(first, width)).array() == all.segment(first, width).array()).all());
    }
  }
}
