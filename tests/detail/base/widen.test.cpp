// SPDX-License-Identifier: BSL-1.0
#include "inputs.hpp"

#include <robagg/detail/base/widen.hpp>

#include <cstring>

using namespace robagg_test;
namespace detail = robagg::detail;

namespace {
template <class S>
std::vector<S> all_of_16_bits() {
  std::vector<S> all(65536);
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto const bits = static_cast<std::uint16_t>(i);
    std::memcpy(static_cast<void*>(&all[i]), &bits, sizeof bits);
  }
  return all;
}
template <class S>
std::uint16_t bits_of(S x) {
  return std::bit_cast<std::uint16_t>(x);
}

// What bits of a half are worth, from their definition.
double worth(std::uint16_t bits, int exponent_bits) {
  int const fraction_bits = 15 - exponent_bits, bias = (1 << (exponent_bits - 1)) - 1,
            exponent = (bits & 0x7fff) >> fraction_bits;
  double const fraction = std::ldexp(bits & ((1 << fraction_bits) - 1), -fraction_bits), sign = bits >> 15 ? -1 : 1;
  if (exponent == (1 << exponent_bits) - 1) return fraction == 0 ? sign * infinity : not_a_number;
  return sign * (exponent == 0 ? std::ldexp(fraction, 1 - bias) : std::ldexp(1 + fraction, exponent - bias));
}

template <class S>
void check_16_bits(int exponent_bits) {
  auto const all = all_of_16_bits<S>();
  std::vector<float> wide(all.size());
  for (Index const first : {0, 1, 3}) {  // other lanes, other ends
    Index const w = 65536 - first;
    detail::widen(all.data() + first, w, wide.data());
    bool good = true;
    for (Index i = 0; i < w; ++i) {
      double const want = worth(static_cast<std::uint16_t>(first + i), exponent_bits);
      float const x = wide[static_cast<std::size_t>(i)];
      good = good && same_bits(static_cast<double>(x), want + 0.);
    }
    CHECK(good);
  }
  // Back again, and what lies between two neighbours: the nearer, ties to the even one.
  std::vector<float> values, want;
  for (std::size_t i = 0; i < all.size(); ++i) {
    float const x = static_cast<float>(worth(static_cast<std::uint16_t>(i), exponent_bits));
    double const next = worth(static_cast<std::uint16_t>(i + 1), exponent_bits);
    if (!std::isfinite(x)) continue;
    values.push_back(x), want.push_back(x);
    if (!std::isfinite(next) || (i & 0x7fff) == 0x7fff) continue;
    double const middle = .5 * (static_cast<double>(x) + next);
    for (double const y : {middle, .5 * (middle + static_cast<double>(x)), .5 * (middle + next)}) {
      if (static_cast<double>(static_cast<float>(y)) != y) continue;
      bool const tie = y == middle;
      values.push_back(static_cast<float>(y));
      want.push_back(static_cast<float>(tie ? (i % 2 == 0 ? static_cast<double>(x) : next)
                                        : std::abs(y - static_cast<double>(x)) < std::abs(next - y) ? static_cast<double>(x)
                                                                                                    : next));
    }
  }
  for (std::size_t cut : {0u, 1u, 5u}) {
    std::vector<S> narrow(values.size() - cut);
    detail::narrow(values.data() + cut, static_cast<Index>(narrow.size()), narrow.data());
    bool good = true;
    for (std::size_t i = 0; i < narrow.size(); ++i) {
      good = good && worth(bits_of(narrow[i]), exponent_bits) == static_cast<double>(want[i + cut]);
    }
    CHECK(good);
  }
}
}  // namespace

TEST_CASE("every half and bfloat16 is widened exactly, and every float goes to the nearest of them", "[widen]") {
  check_16_bits<Eigen::half>(5);
  check_16_bits<Eigen::bfloat16>(8);

  std::vector<float> const hard = {65519.f,
                                   65520.f,
                                   -65520.f,
                                   1e38f,
                                   std::numeric_limits<float>::infinity(),
                                   -0.f,
                                   1e-45f,
                                   std::numeric_limits<float>::quiet_NaN(),
                                   std::numeric_limits<float>::max(),
                                   2.98023e-8f};
  std::vector<Eigen::half> half(hard.size());
  std::vector<Eigen::bfloat16> brain(hard.size());
  detail::narrow(hard.data(), static_cast<Index>(hard.size()), half.data());
  detail::narrow(hard.data(), static_cast<Index>(hard.size()), brain.data());
  std::vector<std::uint16_t> const half_bits = {0x7bff, 0x7c00, 0xfc00, 0x7c00, 0x7c00, 0x8000, 0, 0, 0x7c00, 0};
  for (std::size_t i = 0; i < hard.size(); ++i) {
    INFO(hard[i]);
    if (i != 7) CHECK(bits_of(half[i]) == half_bits[i]);
  }
  CHECK((Eigen::numext::isnan)(half[7]));
  CHECK((Eigen::numext::isnan)(brain[7]));
  CHECK(bits_of(brain[8]) == 0x7f80);  // beyond the largest: infinite
  CHECK(bits_of(brain[5]) == 0x8000);
}

TEST_CASE("whole numbers are widened exactly at the ends of their ranges", "[widen]") {
  auto const check = []<class S>(S) {
    using T = detail::wide<S>;
    std::vector<S> values;
    for (int k = 0; k < 7; ++k) {
      values.insert(values.end(),
                    {std::numeric_limits<S>::min(), std::numeric_limits<S>::max(), S(0), static_cast<S>(-1), S(77)});
    }
    for (std::size_t n = 0; n <= values.size(); ++n) {
      std::vector<T> wide(n + 1, T(-5));
      detail::widen(values.data(), static_cast<Index>(n), wide.data());
      bool good = wide[n] == T(-5);  // not written
      for (std::size_t i = 0; i < n; ++i) good = good && wide[i] == static_cast<T>(values[i]);
      CHECK(good);
    }
  };
  check(std::int8_t{}), check(std::uint8_t{}), check(std::int16_t{}), check(std::uint16_t{}), check(std::int32_t{}),
      check(std::uint32_t{});
}

TEST_CASE("NaN is set where a byte says so, and counted", "[widen]") {
  auto const check = []<class T>(T) {
    for (std::size_t n = 0; n < 70; ++n) {
      std::vector<unsigned char> mask(n);
      std::vector<T> values(n, T(2));
      Index hidden = 0;
      for (std::size_t i = 0; i < n; ++i)
        mask[i] = static_cast<unsigned char>(i % 3 == 1 ? 1 + (7 * i) % 255 : 0), hidden += i % 3 == 1;
      detail::set_nan(mask.data(), static_cast<Index>(n), values.data());
      CHECK(detail::count_nan(values.data(), static_cast<Index>(n)) == hidden);
      for (std::size_t i = 0; i < n; ++i) CHECK((mask[i] != 0 ? std::isnan(values[i]) : values[i] == T(2)));
    }
  };
  check(float{}), check(double{});
}
