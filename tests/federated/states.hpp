// SPDX-License-Identifier: BSL-1.0
// What every packed state of a server is tried with: bytes that were damaged, and those that somebody hostile sealed anew.
#pragma once

#include "../inputs.hpp"

#include <robagg/federated.hpp>
#include <robagg/robagg.hpp>

namespace robagg_test {

using packed_bytes = std::vector<std::byte>;

// The checksum that belongs to them.
inline packed_bytes sealed_again(packed_bytes b) {
  std::size_t const body = b.size() - 8;
  std::uint64_t const sum = robagg::detail::checksum(std::span(b).first(body));
  for (std::size_t k = 0; k < 8; ++k) b[body + k] = static_cast<std::byte>(sum >> 8 * k & 0xff);
  return b;
}
// Another number in place of one of 8 bytes.
template <class T>
packed_bytes with_number(packed_bytes b, std::size_t at, T value) {
  auto const bits = std::bit_cast<std::uint64_t>(value);
  for (std::size_t k = 0; k < 8; ++k) b[at + k] = static_cast<std::byte>(bits >> 8 * k & 0xff);
  return robagg_test::sealed_again(std::move(b));
}

// Bytes come back as they were; cut or changed ones are refused; sealed nonsense is refused, or packs again to itself and can
// be used.
template <class State>
void check_bytes(State const& state, auto const& use) {
  packed_bytes const packed = state.pack();
  CHECK(State::unpack(packed).pack() == packed);
  int accepted = 0;
  for (std::size_t n = 0; n < packed.size(); ++n) {
    packed_bytes flipped = packed;
    flipped[n] ^= std::byte{16};
    try {
      State::unpack(std::span(packed).first(n)), ++accepted;
    } catch (robagg::bad_input const&) {}
    try {
      State::unpack(flipped), ++accepted;
    } catch (robagg::bad_input const&) {}
  }
  CHECK(accepted == 0);
  packed_bytes longer = packed;
  longer.insert(longer.end() - 8, std::byte{0});
  CHECK_THROWS_WITH(State::unpack(sealed_again(longer)), Catch::Contains("the bytes that pack made and no more"));
  std::uint64_t const nasty[] = {0,
                                 1,
                                 512,
                                 ~std::uint64_t{0},
                                 std::uint64_t{1} << 62,
                                 std::uint64_t{1} << 40,
                                 0x7ff0000000000000,
                                 0xfff0000000000000,
                                 0x7ff8000000000000,
                                 0x7fe0000000000000,
                                 0x3ff8000000000000,
                                 0xbff0000000000000};
  for (std::size_t at = 9; at + 16 <= packed.size(); ++at) {
    for (std::uint64_t const v : nasty) {
      packed_bytes const b = with_number(packed, at, v);
      try {
        State hostile = State::unpack(b);
        if (hostile.pack() != b) FAIL("other bytes at " << at);
        use(hostile);
      } catch (robagg::bad_input const&) {}
    }
  }
}

}  // namespace robagg_test
