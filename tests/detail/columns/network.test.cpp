// SPDX-License-Identifier: BSL-1.0
// The networks, by the zero-one principle: a network that sorts all inputs of 0 and 1 sorts everything. 64 inputs at a
// time: bit b of word w of value i is bit i of the number 64 w + b.
#include "inputs.hpp"

#include <robagg/detail/columns/sort.hpp>

#include <algorithm>

using namespace robagg_test;

namespace {
using robagg::detail::comparator;

// How many inputs come out wrong at the ranks [first, last).
template <int N>
std::uint64_t wrongly_sorted(robagg::detail::network<N> const& net, int first, int last) {
  static constexpr std::uint64_t patterns[6] = {0xaaaaaaaaaaaaaaaa, 0xcccccccccccccccc, 0xf0f0f0f0f0f0f0f0,
                                                0xff00ff00ff00ff00, 0xffff0000ffff0000, 0xffffffff00000000};
  std::uint64_t const words = N > 6 ? std::uint64_t{1} << (N > 6 ? N - 6 : 0) : 1,
                      used = N >= 6 ? ~std::uint64_t{0} : (std::uint64_t{1} << (1 << N)) - 1;
  std::uint64_t wrong = 0;
  for (std::uint64_t w = 0; w < words; ++w) {
    std::uint64_t v[32] = {}, count[6] = {};
    for (int i = 0; i < N; ++i) {
      v[i] = i < 6 ? patterns[i] : (w >> (i - 6) & 1 ? ~std::uint64_t{0} : 0);
      std::uint64_t carry = v[i];  // how many ones, in binary across six words
      for (auto& digit : count) {
        std::uint64_t const next = digit & carry;
        digit ^= carry, carry = next;
      }
    }
    for (int c = 0; c < net.size; ++c) {
      comparator const k = net.list[static_cast<std::size_t>(c)];
      std::uint64_t const a = v[k.low], b = v[k.high];
      if (k.lower) v[k.low] = a & b;
      if (k.upper) v[k.high] = a | b;
    }
    for (int r = first; r < last; ++r) {
      // Rank r is 1 where there are more than N - 1 - r ones.
      std::uint64_t more = 0, equal = ~std::uint64_t{0};
      for (int bit = 5; bit >= 0; --bit) {
        std::uint64_t const limit = (N - 1 - r) >> bit & 1 ? ~std::uint64_t{0} : 0;
        more |= equal & count[bit] & ~limit;
        equal &= ~(count[bit] ^ limit);
      }
      wrong += static_cast<std::uint64_t>(std::popcount((v[r] ^ more) & used));
    }
  }
  return wrong;
}

template <int N>
void check_networks() {
  INFO("n = " << N);
  CHECK(wrongly_sorted(robagg::detail::full_network<N>, 0, N) == 0);
  CHECK(wrongly_sorted(robagg::detail::middle_network<N>, (N - 1) / 2, N / 2 + 1) == 0);
}
template <int First, std::size_t... I>
void check_networks_from(std::index_sequence<I...>) {
  (check_networks<First + static_cast<int>(I)>(), ...);
}

// Which values come out of order when what goes in rises and falls, from any place on.
template <int N>
int wrongly_merged(robagg::detail::network<N> const& net) {
  int wrong = 0;
  for (int start = 0; start < N; ++start) {
    for (int ones = 0; ones <= N; ++ones) {
      std::array<int, static_cast<std::size_t>(N)> v{};
      for (int i = 0; i < ones; ++i) v[static_cast<std::size_t>((start + i) % N)] = 1;
      for (int c = 0; c < net.size; ++c) {
        auto const k = net.list[static_cast<std::size_t>(c)];
        auto &a = v[static_cast<std::size_t>(k.low)], &b = v[static_cast<std::size_t>(k.high)];
        if (a > b) std::swap(a, b);
      }
      wrong += !std::is_sorted(v.begin(), v.end());
    }
  }
  return wrong;
}

// The columns of x as the engine sorts them, ranks [first, last); with weights, each value's weight below it.
template <class T, bool Weighted>
matrix sorted_columns(matrix const& x, Index first, Index last) {
  using namespace robagg::detail;
  Index const n = x.rows(), width = 2 * unit<T>;
  robagg::workspace ws;
  robagg::table<T> const in = x.cast<T>();
  std::vector<T const*> rows;
  for (Index i = 0; i < n; ++i) rows.push_back(in.row(i).data());
  std::vector<T> weights(static_cast<std::size_t>(n));
  std::iota(weights.begin(), weights.end(), T(1));
  robagg::table<T> out = robagg::table<T>::Constant(n, width, std::numeric_limits<T>::quiet_NaN()), of = out;
  column_sorter<T, Weighted> sort(n, {first, last}, width, ws);
  auto const at = sort({.rows = rows.data(),
                        .offset = 0,
                        .packets = width / robagg::detail::lanes<T>,
                        .to = out.data(),
                        .stride = width,
                        .weights = weights.data(),
                        .weights_to = of.data()});
  matrix result(Weighted ? 2 * (last - first) : last - first, width);
  for (Index r = first; r < last; ++r) {
    for (Index c = 0; c < width; ++c) {
      result(r - first, c) = static_cast<double>(at.values[r * at.stride + c]);
      if (Weighted) result(last - first + r - first, c) = static_cast<double>(at.weights[r * at.stride + c]);
    }
  }
  return result;
}

template <class T>
void check_sorter(Index n, Index width, family kind) {
  matrix x = rounded<T>(sample(kind, n, width, 7));
  x(0, 1) = infinity, x(n / 2, 2) = -infinity, x(n - 1, 1) = not_a_number, x(n / 3, 0) = -not_a_number;
  matrix expected(n, width);
  for (Index c = 0; c < width; ++c) {
    std::vector<double> column;
    for (Index i = 0; i < n; ++i) column.push_back(std::isnan(x(i, c)) ? infinity : x(i, c));
    std::sort(column.begin(), column.end());
    for (Index i = 0; i < n; ++i) expected(i, c) = column[static_cast<std::size_t>(i)];
  }
  for (auto const& [first, last] :
       {std::pair<Index, Index>{0, n}, {(n - 1) / 2, n / 2 + 1}, {n / 4, n - n / 4}, {0, 1}, {n - 1, n}}) {
    INFO("n = " << n << ", ranks " << first << " to " << last);
    CHECK((sorted_columns<T, false>(x, first, last).array() == expected.middleRows(first, last - first).array()).all());
  }
  // Weights stay with their values.
  matrix const both = sorted_columns<T, true>(x, 0, n);
  CHECK((both.topRows(n).array() == expected.array()).all());
  Index strangers = 0;
  for (Index c = 0; c < width; ++c) {
    for (Index i = 0; i < n; ++i) {
      // The weights of several infinities may stand at one of them.
      if (both(i, c) < infinity) strangers += x(static_cast<Index>(both(n + i, c)) - 1, c) != both(i, c);
    }
    CHECK(both.col(c).tail(n).sum() == static_cast<double>(n * (n + 1) / 2));
  }
  CHECK(strangers == 0);
}
}  // namespace

TEST_CASE("every network sorts all zeros and ones, up to 22 rows") { check_networks_from<1>(std::make_index_sequence<22>{}); }
// Takes a minute: run it by name after a change to the networks.
TEST_CASE("every network sorts all zeros and ones, from 23 to 32 rows", "[.]") {
  check_networks_from<23>(std::make_index_sequence<10>{});
}

TEST_CASE("the merging networks sort what rises and falls") {
  CHECK(wrongly_merged(robagg::detail::bitonic_network<16>) == 0);
  CHECK(wrongly_merged(robagg::detail::bitonic_network<32>) == 0);
}

TEST_CASE("the sorter agrees with a sort of each column, for 1 to 300 rows") {
  for (Index n = 1; n <= 300; ++n) {
    check_sorter<float>(n, 2 * robagg::detail::unit<float>, n % 2 ? family::gauss : family::grid);
    check_sorter<double>(n, 2 * robagg::detail::unit<double>, n % 2 ? family::grid : family::gauss);
  }
}
