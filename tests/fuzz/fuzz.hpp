// SPDX-License-Identifier: BSL-1.0
// What the fuzz targets share: bytes as shapes, numbers and texts; demands that end the program in a sentence.
#pragma once

#include <robagg/core.hpp>

#include <fuzzer/FuzzedDataProvider.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

namespace robagg_fuzz {

using Eigen::Index;
using matrix = robagg::table<double>;

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

// libFuzzer keeps the input of a program that aborts.
inline void demand(bool holds, std::string const& text) {
  if (holds) return;
  std::fprintf(stderr, "DEMAND: %s\n", text.c_str());
  std::abort();
}

// Did it say bad_input? Everything else that is thrown ends the program.
template <class Call>
bool refused(Call&& call) {
  try {
    call();
    return false;
  } catch (robagg::bad_input const& e) {
    demand(e.what()[0] != '\0', "bad_input has a sentence");
    return true;
  }
}

inline bool same(double a, double b) { return a == b || (a != a && b != b); }
inline bool same_bits(auto const& a, auto const& b) {
  using S = std::remove_cvref_t<decltype(a.derived().coeff(0, 0))>;
  if (a.rows() != b.rows() || a.cols() != b.cols()) return false;
  for (Index i = 0; i < a.rows(); ++i) {
    for (Index j = 0; j < a.cols(); ++j) {
      S const x = a.derived().coeff(i, j), y = b.derived().coeff(i, j);
      if (std::memcmp(&x, &y, sizeof(S)) != 0 && !(x != x && y != y)) return false;
    }
  }
  return true;
}

// What numbers a table has. `few` makes ties; `hostile` is everything that has bits.
enum class kind { few, plain, hostile };

class input {
 public:
  input(std::uint8_t const* bytes, std::size_t size) : bytes_(bytes, size) {}

  bool flag() { return (byte() & 1) != 0; }
  Index between(Index low, Index high) { return low + static_cast<Index>(bits<std::uint16_t>()) % (high - low + 1); }
  template <class T>
  T any_of(std::initializer_list<T> values) {
    return values.begin()[between(0, static_cast<Index>(values.size()) - 1)];
  }
  kind any_kind() { return any_of({kind::few, kind::plain, kind::hostile}); }
  template <class T>
  T bits() {
    return bytes_.ConsumeIntegral<T>();
  }
  double any_double() { return std::bit_cast<double>(bits<std::uint64_t>()); }

  // A byte each; one of them announces arbitrary bits.
  double number(kind k) {
    static constexpr double special[] = {0,     -0.,    infinity, -infinity, not_a_number, 1e308,  -1e308, 1e38,
                                         -1e38, 1e-310, 1e154,    -1e160,    0x1p53,       1e-160, 65504,  1e17};
    auto const b = byte();
    if (k == kind::few) return (b & 7) - 3;
    if (k == kind::plain || (b >= 16 && b < 224)) return (static_cast<double>(b) - 120) / 16;
    if (b < 16) return special[b];
    if (b < 240) return std::bit_cast<float>(bits<std::uint32_t>());
    return any_double();
  }
  std::vector<double> numbers(Index n, kind k) {
    std::vector<double> all;
    for (Index i = 0; i < n; ++i) all.push_back(number(k));
    return all;
  }
  matrix table(Index rows, Index cols, kind k) {
    matrix x(rows, cols);
    for (double& v : x.reshaped<Eigen::RowMajor>()) v = number(k);
    return x;
  }
  // Whole or not, some of them 0; hostile ones are refused.
  std::vector<double> weights(Index n) {
    bool const hostile = between(0, 15) == 0, whole = flag();
    std::vector<double> w;
    for (Index i = 0; i < n; ++i) w.push_back(hostile ? number(kind::hostile) : (byte() % 5) / (whole ? 1. : 7.));
    return w;
  }
  std::string rest() { return bytes_.ConsumeRemainingBytesAsString(); }
  std::string text(std::size_t most) { return bytes_.ConsumeRandomLengthString(most); }
  std::size_t left() { return bytes_.remaining_bytes(); }

 private:
  // Where there are no more, from a generator, so that large tables need few.
  std::uint8_t byte() {
    if (bytes_.remaining_bytes() > 0) return bytes_.ConsumeIntegral<std::uint8_t>();
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::uint8_t>(state_ >> 56);
  }

  FuzzedDataProvider bytes_;
  std::uint64_t state_ = 1;
};

}  // namespace robagg_fuzz

// A target: what it does to an input.
#define ROBAGG_FUZZ(in)                                                         \
  static void fuzz(robagg_fuzz::input& in);                                     \
  extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const*, std::size_t);      \
  extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* b, std::size_t n) { \
    robagg_fuzz::input in(b, n);                                                \
    return fuzz(in), 0;                                                         \
  }                                                                             \
  static void fuzz(robagg_fuzz::input& in)
