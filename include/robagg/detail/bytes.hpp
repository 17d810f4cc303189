// SPDX-License-Identifier: BSL-1.0
// States as bytes that travel between machines and versions: a header, little-endian numbers, a checksum. A reader refuses
// bytes that do not fit, and counts before anything of that size is allocated.
#pragma once

#include "../error.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace robagg::inline ROBAGG_ABI::detail {

enum class packed_kind : std::uint8_t {
  geometry_state = 1,
  running = 2,
  defensive = 3,
  experts = 16,
  portfolio = 17,
  universal_portfolio = 18,
  participation = 32,
  staleness = 33,
  durations = 34,
  importance = 35,
  server = 36,
  shard = 48,
  shard_sums = 49,
  shard_numbers = 50
};

inline constexpr std::array<std::uint8_t, 7> packed_header = {'r', 'o', 'b', 'a', 'g', 'g', 1};  // the last one is the version

// FNV-1a: finds what was changed by accident.
inline std::uint64_t checksum(std::span<std::byte const> bytes) {
  std::uint64_t sum = 0xcbf29ce484222325;
  for (std::byte const b : bytes) sum = (sum ^ static_cast<std::uint64_t>(b)) * 0x100000001b3;
  return sum;
}

template <std::size_t Size>
using unsigned_of = std::conditional_t<Size == 1, std::uint8_t, std::conditional_t<Size == 4, std::uint32_t, std::uint64_t>>;

class byte_writer {
 public:
  // `scalar` is the size of the numbers that the state computes in.
  byte_writer(packed_kind kind, std::size_t scalar) {
    put(packed_header.data(), static_cast<Index>(packed_header.size()));
    put(static_cast<std::uint8_t>(kind));
    put(static_cast<std::uint8_t>(scalar));
  }
  template <class T>
  void put(T value) {
    auto const bits = std::bit_cast<unsigned_of<sizeof(T)>>(value);
    for (std::size_t b = 0; b < sizeof(T); ++b) {
      bytes_.push_back(static_cast<std::byte>(static_cast<std::uint64_t>(bits) >> 8 * b & 0xff));
    }
  }
  template <class T>
  void put(T const* values, Index n) {
    for (Index i = 0; i < n; ++i) put(values[i]);
  }
  void put_count(Index n) { put(std::int64_t{n}); }

  std::vector<std::byte> finish() && {
    put(checksum(bytes_));
    return std::move(bytes_);
  }

 private:
  std::vector<std::byte> bytes_;
};

class byte_reader {
 public:
  byte_reader(std::string_view who, std::span<std::byte const> bytes, packed_kind kind, std::size_t scalar)
      : who_(who), rest_(bytes) {
    for (std::size_t b = 0; b < packed_header.size(); ++b) {
      if (get<std::uint8_t>() == packed_header[b]) continue;
      refuse(b + 1 < packed_header.size() ? "needs bytes that pack made" : "needs bytes that the same version of pack made");
    }
    if (get<std::uint8_t>() != static_cast<std::uint8_t>(kind)) refuse("needs bytes of the same kind of state");
    if (get<std::uint8_t>() != scalar) refuse("needs bytes of a state in the same numbers");
    if (rest_.size() < sizeof(std::uint64_t)) refuse("needs all bytes that pack made");
    auto const body = bytes.first(bytes.size() - sizeof(std::uint64_t));
    rest_ = bytes.last(sizeof(std::uint64_t));
    if (get<std::uint64_t>() != checksum(body)) refuse("needs bytes as pack made them: some are missing or changed");
    rest_ = body.subspan(packed_header.size() + 2);
  }

  template <class T>
  T get() {
    if (rest_.size() < sizeof(T)) refuse("needs all bytes that pack made");
    std::uint64_t bits = 0;
    for (std::size_t b = 0; b < sizeof(T); ++b) bits |= static_cast<std::uint64_t>(rest_[b]) << 8 * b;
    rest_ = rest_.subspan(sizeof(T));
    return std::bit_cast<T>(static_cast<unsigned_of<sizeof(T)>>(bits));
  }
  template <class T>
  void get(T* values, Index n) {
    for (Index i = 0; i < n; ++i) values[i] = get<T>();
  }
  Index get_index() {
    auto const n = get<std::int64_t>();
    demand(n >= 0 && n <= std::numeric_limits<Index>::max());
    return static_cast<Index>(n);
  }
  // How many things of so many bytes follow, at least: no more than there are bytes.
  Index get_count(std::size_t size) { return demand_count(get_index(), size); }
  // So many things are to follow.
  Index demand_count(Index n, std::size_t size) const {
    demand(static_cast<std::uint64_t>(n) <= rest_.size() / size);
    return n;
  }
  bool get_flag() {
    auto const flag = get<std::uint8_t>();
    demand(flag <= 1);
    return flag == 1;
  }

  // How many bytes follow.
  std::size_t rest() const { return rest_.size(); }

  // What no pack would have written.
  void demand(bool fits) const {
    if (!fits) refuse("needs bytes as pack made them: they contradict themselves");
  }
  void finish() const {
    if (!rest_.empty()) refuse("needs the bytes that pack made and no more");
  }

 private:
  [[noreturn]] void refuse(std::string_view rule) const {
    detail::throw_bad_input(std::string(who_), rule, {{"bytes left", rest_.size()}});
  }

  std::string_view who_;
  std::span<std::byte const> rest_;
};

}  // namespace robagg::inline ROBAGG_ABI::detail
