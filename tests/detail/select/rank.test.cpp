// SPDX-License-Identifier: BSL-1.0
// Selection in one long vector, against a full sort: every rank of short vectors, some of long ones, inputs that tie,
// are sorted, or fool a sample.
#include "inputs.hpp"

#include <robagg/detail/select/radix.hpp>
#include <robagg/detail/select/rank.hpp>

#include <algorithm>

using namespace robagg_test;
namespace detail = robagg::detail;

namespace {

enum class shape {
  random,
  ties,
  two_values,
  sorted,
  reversed,
  organ_pipe,
  equal,
  infinite,
  denormal,
  zeros,
  heavy_tail,
  fooled
};
constexpr std::array all_shapes = {shape::random,   shape::ties,       shape::two_values, shape::sorted,
                                   shape::reversed, shape::organ_pipe, shape::equal,      shape::infinite,
                                   shape::denormal, shape::zeros,      shape::heavy_tail, shape::fooled};

// Is position i one of those that the sample reads?
std::vector<bool> sampled_positions(Index n) {
  std::vector<bool> read(static_cast<std::size_t>(n), false);
  if (n < 4) return read;
  Index const stretch = detail::sample_stretch(n);
  detail::generator random(static_cast<std::uint64_t>(n));
  for (Index i = 0; i < n / stretch; ++i) {
    read[static_cast<std::size_t>(i * stretch + detail::offset_below(random, stretch))] = true;
  }
  return read;
}

template <class T>
std::vector<T> shaped(shape kind, Index n) {
  using limits = std::numeric_limits<T>;
  numbers random(static_cast<std::uint64_t>(n) + 17);
  std::vector<T> x(static_cast<std::size_t>(n));
  for (T& v : x) {
    double const g = random.gauss();
    switch (kind) {
      case shape::ties:
        v = static_cast<T>(std::floor(8 * g));
        break;
      case shape::two_values:
        v = g < .84 ? T(1) : T(2);
        break;
      case shape::equal:
        v = T(3);
        break;
      case shape::infinite:
        v = static_cast<T>(random.below(3) == 0 ? g : g < 0 ? -infinity : infinity);
        break;
      case shape::denormal:
        v = static_cast<T>(std::floor(100 * g)) * limits::denorm_min();
        break;
      case shape::zeros:
        v = random.below(3) == 0 ? static_cast<T>(g) : g < 0 ? T(-0.) : T(0);
        break;
      case shape::heavy_tail:
        v = static_cast<T>(g < 0 ? -std::exp(20 * g * g) : 1 / g);
        break;
      default:
        v = static_cast<T>(g);
    }
  }
  if (kind == shape::sorted || kind == shape::reversed || kind == shape::organ_pipe) std::sort(x.begin(), x.end());
  if (kind == shape::reversed) std::reverse(x.begin(), x.end());
  if (kind == shape::organ_pipe) std::reverse(x.begin() + n / 2, x.end());
  if (kind == shape::fooled) {  // all that is sampled is low
    auto const read = sampled_positions(n);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = read[i] ? x[i] - 100 : x[i];
  }
  return x;
}

template <class T>
void check_ranks(std::vector<T> const& x, std::vector<T> const& sorted, Index first, robagg::workspace& ws) {
  Index const n = static_cast<Index>(x.size());
  auto const at = [&](Index i) { return sorted[static_cast<std::size_t>(i)]; };
  for (Index count = 1; count <= std::min<Index>(2, n - first); ++count) {
    T out[2] = {T(7e7), T(7e7)};
    detail::select_ranks(x.data(), n, first, count, out, ws);
    bool const right = out[0] == at(first) && (count == 1 ? out[1] == T(7e7) : out[1] == at(first + 1));
    CHECKED_ELSE(right) { FAIL("n = " << n << ", first = " << first << ", count = " << count); }
  }
  auto const found = detail::from_top(x.data(), n, n - 1 - first, ws);
  auto const above = sorted.end() - std::upper_bound(sorted.begin(), sorted.end(), at(first));
  auto const at_least = sorted.end() - std::lower_bound(sorted.begin(), sorted.end(), at(first));
  bool const counted = found.above == above && found.at_least == at_least;
  CHECKED_ELSE(counted) { FAIL("n = " << n << ", first = " << first << ": above and at_least"); }
}

template <class T>
void check_selection() {
  robagg::workspace ws;
  for (shape const kind : all_shapes) {
    INFO("shape " << static_cast<int>(kind) << ", " << sizeof(T) << " bytes");
    for (Index n = 1; n <= 5000; n += n < 100 ? (instrumented ? 7 : 1) : n < 300 ? 7 : n / 7) {
      auto const x = shaped<T>(kind, n);
      auto sorted = x;
      std::sort(sorted.begin(), sorted.end());
      for (Index first = 0; first < n; first += std::max<Index>(1, n / 23)) check_ranks(x, sorted, first, ws);
      check_ranks(x, sorted, n - 1, ws);
      check_ranks(x, sorted, (n - 1) / 2, ws);
    }
    for (Index const n : {Index{100'000}, Index{131'072}, Index{1'000'000}}) {
      if (instrumented && n > 100'000) continue;
      auto const x = shaped<T>(kind, n);
      auto sorted = x;
      std::sort(sorted.begin(), sorted.end());
      for (Index const first : {Index{0}, Index{9}, n / 5, (n - 1) / 2, n / 5 * 4, n - 100, n - 1}) {
        check_ranks(x, sorted, first, ws);
      }
    }
  }
}

// The definition: NaN below everything.
template <class T>
void check_not_numbers(Index n, Index nans, bool fool) {
  auto x = shaped<T>(shape::ties, n);
  numbers random(5);
  auto const sampled = sampled_positions(n);
  for (Index i = 0; i < nans; ++i) x[static_cast<std::size_t>(random.below(n))] = std::numeric_limits<T>::quiet_NaN();
  for (std::size_t i = 0; fool && i < x.size(); ++i) x[i] = sampled[i] ? std::numeric_limits<T>::quiet_NaN() : x[i];
  if (n > 2) x[1] = -std::numeric_limits<T>::infinity();
  auto sorted = x;
  std::sort(sorted.begin(), sorted.end(), [](T a, T b) { return detail::ordered_key(a) > detail::ordered_key(b); });
  auto const last = std::find_if(sorted.begin(), sorted.end(), [](T v) { return v != v; });
  robagg::workspace ws;
  for (Index rank = 0; rank < n; rank += 1 + n / 50) {
    INFO("n = " << n << ", " << nans << " NaN, rank " << rank);
    auto const found = detail::from_top(x.data(), n, rank, ws);
    T const value = sorted[static_cast<std::size_t>(rank)];
    if (value != value) {
      CHECK(std::isnan(found.value));
      CHECK(found.above == last - sorted.begin());
      CHECK(found.at_least == n);
    } else {
      CHECK(found.value == value);
      CHECK(found.above == std::find(sorted.begin(), sorted.end(), value) - sorted.begin());
      CHECK(found.at_least == std::count_if(sorted.begin(), last, [&](T v) { return v >= value; }));
    }
  }
}

template <class T, class O>
void check_positions(Index n, double share) {
  INFO(n << " values, " << share << " of them, " << sizeof(T) << " bytes, positions of " << sizeof(O));
  auto const x = shaped<T>(shape::ties, n);
  auto sorted = x;
  std::sort(sorted.begin(), sorted.end(), std::greater<>{});
  T const level = sorted[static_cast<std::size_t>(std::min(n - 1, static_cast<Index>(share * static_cast<double>(n))))];
  for (Index const from : {Index{0}, n / 3}) {
    std::vector<O> above, at_least;
    for (Index i = from; i < n; ++i) {
      if (x[static_cast<std::size_t>(i)] > level) above.push_back(static_cast<O>(i));
      if (x[static_cast<std::size_t>(i)] >= level) at_least.push_back(static_cast<O>(i));
    }
    auto const check = [&](std::vector<O> const& expected, auto append) {
      std::vector<O> out(expected.size() + 1, O(77));  // one more, to see that nothing is written there
      O* const end = append(out.data(), out.data() + expected.size());
      CHECK(end == out.data() + expected.size());
      CHECK(out.back() == O(77));
      out.pop_back();
      CHECK(out == expected);
    };
    check(above, [&](O* out, O* end) { return detail::append_positions<false>(x.data(), from, n, level, out, end); });
    check(at_least, [&](O* out, O* end) { return detail::append_positions<true>(x.data(), from, n, level, out, end); });
  }
  Index const tied = std::count(x.begin(), x.end(), level);
  for (Index const wanted : {Index{1}, (tied + 1) / 2, tied}) {
    Index const past = detail::past_ties(x.data(), n, level, wanted);
    CHECK(x[static_cast<std::size_t>(past - 1)] == level);
    CHECK(std::count(x.begin(), x.begin() + past, level) == wanted);
  }
}

}  // namespace

TEST_CASE("selection agrees with a full sort", "[long]") {
  check_selection<float>();
  check_selection<double>();
}

TEST_CASE("selection puts NaN below everything") {
  for (Index const n : {1, 2, 7, 64, 65, 1000, 20'000}) {
    for (Index const nans : {Index{0}, Index{1}, n / 3, 3 * n}) {
      check_not_numbers<float>(n, nans, false);
      check_not_numbers<double>(n, nans, n > 100);
    }
  }
}

TEST_CASE("selection does not write to its input and takes the same memory whatever the values") {
  robagg::workspace ws;
  auto const x = shaped<float>(shape::random, 30'000);
  auto const before = x;
  float out[2];
  detail::select_ranks(x.data(), Index{30'000}, Index{777}, Index{2}, out, ws);
  CHECK(x == before);
  auto const held = ws.bytes();
  for (shape const kind : all_shapes) {
    for (Index const n : {Index{30'000}, Index{8193}, Index{8192}, Index{100}}) {
      auto const y = shaped<float>(kind, n);
      detail::select_ranks(y.data(), n, n / 3, Index{2}, out, ws);
      CHECK(ws.bytes() == held);
    }
  }
}

TEST_CASE("selection stays within its room") {
  for (shape const kind : all_shapes) {
    for (Index const n : {1, 31, 33, 65, 129, 200, 511, 512, 513, 700, 1000, 2048, 8192, 8193, 30'000}) {
      auto const x = shaped<double>(kind, n);
      auto const room = static_cast<std::size_t>(detail::selection_room(n));
      for (Index rank = 0; rank < n; rank += 1 + n / 9) {
        std::vector<double> scratch(room + 64, 7e7);
        detail::from_top(x.data(), n, rank, scratch.data());
        CHECK(std::count(scratch.begin() + static_cast<Index>(room), scratch.end(), 7e7) == 64);
      }
    }
  }
}

TEST_CASE("keep_ranks leaves a range of ranks in its place, its ends at its ends") {
  for (shape const kind : all_shapes) {
    for (Index const n : {1, 2, 3, 50, 3000}) {
      auto const x = shaped<double>(kind, n);
      auto sorted = x;
      std::sort(sorted.begin(), sorted.end());
      std::array const ranges = {std::pair(Index{0}, n), std::pair(n / 4, n - n / 4), std::pair(n / 2, n / 2 + 1),
                                 std::pair(n / 2, n / 2)};
      for (auto const& [first, last] : ranges) {
        auto y = x;
        detail::keep_ranks(y.data(), n, first, last);
        if (first < last) {
          CHECK(y[static_cast<std::size_t>(first)] == sorted[static_cast<std::size_t>(first)]);
          CHECK(y[static_cast<std::size_t>(last - 1)] == sorted[static_cast<std::size_t>(last - 1)]);
        }
        std::sort(y.begin() + first, y.begin() + last);
        CHECK(std::equal(y.begin() + first, y.begin() + last, sorted.begin() + first));
      }
    }
  }
}

TEST_CASE("keep_between leaves the same range, those between its ends in their order") {
  robagg::workspace ws;
  for (shape const kind : all_shapes) {
    for (Index const n : {1, 2, 3, 50, 3000}) {
      auto const x = shaped<double>(kind, n);
      auto sorted = x;
      std::sort(sorted.begin(), sorted.end());
      std::array const ranges = {std::pair(Index{0}, n), std::pair(n / 4, n - n / 4), std::pair(n / 2, n / 2 + 1),
                                 std::pair(n / 2, n / 2)};
      for (auto const& [first, last] : ranges) {
        auto y = x;
        detail::keep_between(y.data(), n, first, last, ws);
        std::vector<double> expected;
        if (first < last) {
          double const low = sorted[static_cast<std::size_t>(first)], high = sorted[static_cast<std::size_t>(last - 1)];
          auto const kept = std::pair(sorted.begin() + first, sorted.begin() + last);
          expected.assign(static_cast<std::size_t>(std::count(kept.first, kept.second, low)), low);
          std::copy_if(x.begin(), x.end(), std::back_inserter(expected), [&](double v) { return v > low && v < high; });
          expected.resize(static_cast<std::size_t>(last - first), high);
        }
        CHECK(std::equal(expected.begin(), expected.end(), y.begin() + first));
      }
    }
  }
}

TEMPLATE_TEST_CASE("numbers, and positions by their scores, are sorted by digits as by comparison", "", float, double) {
  using T = TestType;
  numbers random(31);
  constexpr T most = std::numeric_limits<T>::max(), infinite = std::numeric_limits<T>::infinity(),
              tiny = std::numeric_limits<T>::denorm_min();
  robagg::workspace ws;
  // Gaussian; of every size; the extremes; equal; around an offset, without and with one far away; of few values.
  for (int const kind : {0, 1, 2, 3, 4, 5, 6}) {
    for (std::size_t const n : {0u, 1u, 2u, 16u, 17u, 33u, 256u, 257u, 1000u, 3000u, 4095u, 4096u, 20'000u}) {
      INFO("kind " << kind << ", " << n << " values");
      std::vector<T> x;
      for (std::size_t i = 0; i < n; ++i) {
        double const u = random.uniform();
        T const odd[] = {0, -T(0), most, -most, infinite, -infinite, tiny, -tiny};
        x.push_back(kind == 0   ? static_cast<T>(random.gauss())
                    : kind == 1 ? static_cast<T>(std::exp(80 * (u - .5)) * (i % 2 == 0 ? 1 : -1))
                    : kind == 2 ? odd[static_cast<std::size_t>(8 * u)]
                    : kind == 3 ? T(7)
                    : kind == 6 ? static_cast<T>(std::floor(40 * u) / 8)
                                : static_cast<T>(1e6 + 30 * u));
      }
      if (kind == 5 && n > 0) x[n / 3] = T(-1e30);
      auto const size = static_cast<robagg::Index>(n);
      std::vector<std::size_t> places(n);
      for (std::size_t i = 0; i < n; ++i) places[i] = i;
      std::stable_sort(places.begin(), places.end(), [&](std::size_t i, std::size_t k) { return x[i] < x[k]; });
      auto const scope = ws.scope();
      auto const sorted = robagg::detail::sort_scores<false>([&](robagg::Index i) { return x[static_cast<std::size_t>(i)]; },
                                                             [](robagg::Index) { return true; }, size, ws);
      REQUIRE(sorted.second == size);
      CHECK(std::equal(places.begin(), places.end(), sorted.first,
                       [](std::size_t i, auto const& pair) { return i == pair.place; }));
      std::vector<T> expected = x;
      std::sort(expected.begin(), expected.end());
      robagg::detail::sort_values(x.data(), size, ws);
      CHECK(x == expected);
    }
  }
}

TEST_CASE("positions above a level come in ascending order and stay within bounds") {
  for (Index const n : {1, 7, 63, 64, 65, 200, 2047, 2048, 5000, 20'000}) {
    for (double const share : {0., .001, .2, .9}) {
      check_positions<float, Index>(n, share);
      check_positions<float, std::int32_t>(n, share);
      check_positions<double, Index>(n, share);
      check_positions<double, std::uint16_t>(n, share);
    }
  }
}

TEST_CASE("an interpolated quantile is a number, whatever its neighbours") {
  auto const at = [](double p, std::vector<double> x) {
    return detail::interpolated_quantile(x.data(), static_cast<Index>(x.size()), p);
  };
  CHECK(at(.5, {3, 1, 2}) == 2);
  CHECK(at(.25, {4, 2}) == 2.5);
  CHECK((at(.3, {1, -infinity}) == -infinity && at(.3, {1, infinity}) == infinity));
  CHECK((at(0, {1, -infinity}) == -infinity && at(1, {1, -infinity}) == 1));
  CHECK((at(.3, {infinity, infinity}) == infinity && at(.3, {-infinity, -infinity}) == -infinity));
  CHECK((at(.5, {infinity, -infinity}) == -infinity && at(.51, {infinity, -infinity}) == infinity));
  CHECK((at(.5, {1.5e308, -1.5e308}) == 0 && at(.25, {1.5e308, -1.5e308}) == -.75e308));
}
