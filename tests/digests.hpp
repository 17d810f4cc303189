// SPDX-License-Identifier: BSL-1.0
// What the files digests*.test.cpp share: fixed tables, and what operators say of them, line by line.
#pragma once

#include "pch.hpp"

#include <bit>
#include <map>

// Bits are kept for x86-64 without SSE3, AVX or FMA: nothing is contracted there, and sums have the order that the library,
// or Eigen, gives them for two doubles a packet.
#if defined(__x86_64__) && !defined(__SSE3__) && !defined(__AVX__) && !defined(__FMA__)
#define ROBAGG_DIGESTS
#endif

namespace robagg_test::digests {

using namespace robagg;
using Index = robagg::Index;

// --- what an operator said -------------------------------------------------------------------------

// Numbers, and how many binary digits they have: 0 for whole numbers, which are compared exactly.
struct record {
  std::vector<double> values;
  std::vector<int> digits;
  bool answered = false;

  void add(double value, int digits_of_value) {
    values.push_back(value == 0 ? 0 : value);
    digits.push_back(digits_of_value);
  }
  void refused() { add(-77777, 0); }

  // FNV-1a over the bytes of the numbers as doubles, which hold each of them; all NaN are one, -0 is 0.
  std::uint64_t digest(bool only_whole = false) const {
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (only_whole && digits[i] > 0) continue;
      double const v = values[i];
      auto const bits = v != v ? std::uint64_t{0x7ff8} << 48 : std::bit_cast<std::uint64_t>(v);
      for (int shift = 0; shift < 64; shift += 8) hash = (hash ^ ((bits >> shift) & 255)) * 0x100000001b3u;
    }
    return hash;
  }
  // A few of those that are not whole: the first, the last, and some between.
  std::vector<std::size_t> sample() const {
    constexpr std::size_t most = 8;
    std::vector<std::size_t> all, some;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (digits[i] > 0) all.push_back(i);
    }
    for (std::size_t k = 0; k < std::min(most, all.size()); ++k)
      some.push_back(all[all.size() <= most ? k : k * (all.size() - 1) / (most - 1)]);
    return some;
  }
};

void put(record& r, std::floating_point auto v) { r.add(static_cast<double>(v), std::numeric_limits<decltype(v)>::digits); }
inline void put(record& r, Eigen::half v) { r.add(static_cast<double>(static_cast<float>(v)), 11); }
inline void put(record& r, Eigen::bfloat16 v) { r.add(static_cast<double>(static_cast<float>(v)), 8); }
void put(record& r, std::integral auto v) { r.add(static_cast<double>(v), 0); }
template <class E>
  requires std::is_enum_v<E>
void put(record& r, E v) {
  r.add(static_cast<double>(v), 0);
}
template <class X>
void put(record& r, Eigen::DenseBase<X> const& x) {
  put(r, x.rows()), put(r, x.cols());
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index j = 0; j < x.cols(); ++j) put(r, x.derived().coeff(i, j));
  }
}
void put(record& r, auto const&... all)
  requires(sizeof...(all) > 1)
{
  (put(r, all), ...);
}
inline void put(record& r, election const& e) {
  put(r, e.winner, e.runner_up, e.votes, e.runner_up_votes, e.margin, e.certified_radius, e.challenger, e.second_challenger);
}
inline void put(record& r, mixture const& m) {
  put(r, m.feasible, m.first, m.first_weight, m.second, m.second_weight, m.value, m.lower_bound);
}
inline void put(record& r, gated const& g) { put(r, g.choice, g.counts); }
inline void put(record& r, interval_score_parts const& s) {
  put(r, s.score, s.dispersion, s.underprediction, s.overprediction);
}
inline void put(record& r, outcome_score const& s) { put(r, s.brier, s.logarithmic, s.spherical, s.quadratic, s.ranked); }
inline void put(record& r, calibrated_interval const& c) { put(r, c.lower, c.upper, c.inverted); }
inline void put(record& r, candidate<std::int64_t> const& c) { put(r, c.label, c.representative, c.total, c.count); }
template <class T>
void put(record& r, std::vector<T> const& list) {
  put(r, list.size());
  for (auto const& v : list) put(r, v);
}
inline void put(record& r, verdict<std::int64_t> const& v) { put(r, v.answers, v.margin), put(r, v.changes, v.valid); }
inline void put(record& r, kept const& k) { put(r, k.positions, k.starts); }

// --- tables ------------------------------------------------------------------------------------------

// Whole numbers from a linear congruential generator, times a power of two: exact in the scalar, so that nothing is rounded,
// and as long as it holds, so that the order of a sum shows.
class numbers_of_bits {
 public:
  explicit numbers_of_bits(std::uint64_t seed) : state_(seed) {}
  std::int64_t bits(int n) {  // of n bits, at most 62
    std::uint64_t const high = next();
    return static_cast<std::int64_t>((high << 31 | next()) >> (62 - n));
  }

 private:
  std::uint64_t next() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return state_ >> 33;
  }
  std::uint64_t state_;
};

enum class kind { any, positive, sorted };

// About a centre that each column has, two rows far away.
template <class S>
table<S> drawn(kind k, std::uint64_t seed, Index n, Index d) {
  constexpr int length = std::numeric_limits<S>::digits - 2;
  numbers_of_bits random(seed);
  std::vector<std::int64_t> centre;
  for (Index j = 0; j < d; ++j) centre.push_back(random.bits(3) - 4);
  table<S> x(n, d);
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < d; ++j) {
      std::int64_t const m = random.bits(length) - (std::int64_t{1} << (length - 1)) +
                             centre[static_cast<std::size_t>(j)] * (std::int64_t{1} << (length - 3));
      x(i, j) = static_cast<S>(
          std::ldexp(static_cast<double>(k == kind::any ? m : std::abs(m)), 3 - length + (i == 2 || i == 7 ? 3 : 0)));
    }
    if (k == kind::sorted) std::sort(x.row(i).data(), x.row(i).data() + d);
  }
  return x;
}
// Small whole numbers, a row that is hardly there, and one with an infinity.
template <class S>
table<S> tied(kind k) {
  numbers_of_bits random(4);
  table<S> x(11, 24);
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index j = 0; j < x.cols(); ++j)
      x(i, j) = static_cast<S>(static_cast<float>(random.bits(2) - (k == kind::any ? 2 : 0)));
  }
  for (Index const j : {0, 3, 4, 17, 23}) x(1, j) = std::numeric_limits<S>::quiet_NaN();
  x(4, 3) = std::numeric_limits<S>::quiet_NaN(), x(4, 9) = std::numeric_limits<S>::infinity();
  return x;
}
template <class S>
std::vector<table<S>> const& tables_of(kind k) {
  static auto const all = [] {
    std::vector<std::vector<table<S>>> kinds;
    for (kind const each : {kind::any, kind::positive, kind::sorted}) {
      kinds.push_back({drawn<S>(each, 1, 11, 7)});
      if (each == kind::sorted) continue;
      kinds.back().push_back(drawn<S>(each, 2, 12, 130)), kinds.back().push_back(drawn<S>(each, 3, 40, 33)),
          kinds.back().push_back(tied<S>(each));
    }
    return kinds;
  }();
  return all[static_cast<std::size_t>(k)];
}
// Whole numbers, which count as that many rows, and others.
inline std::vector<std::vector<double>> weights_for(Index n) {
  std::vector<std::vector<double>> both(2);
  for (Index i = 0; i < n; ++i)
    both[0].push_back(static_cast<double>(i * 5 % 4)), both[1].push_back(static_cast<double>(1 + i * 7 % 11) / 8);
  return both;
}

// --- the lines ---------------------------------------------------------------------------------------

template <class S>
inline constexpr std::string_view scalar_name = std::is_same_v<S, float>         ? "float"
                                                : std::is_same_v<S, double>      ? "double"
                                                : std::is_same_v<S, Eigen::half> ? "half"
                                                                                 : "bfloat16";

// By line, "krum{.f = 2} float", and column.
using lines = std::map<std::string, std::map<std::string, record>>;

// What `call` puts is added to a column; that it refuses is, too.
inline void note(lines& all, std::string const& line, std::string const& column, detail::function_ref<void(record&)> call) {
  record& r = all[line][column];
  try {
    call(r);
    r.answered = true;
  } catch (bad_input const&) { r.refused(); }
}
template <class S>
void note(lines& all, std::string const& key, std::string const& column, detail::function_ref<void(record&)> call) {
  digests::note(all, key + " " + std::string(scalar_name<S>), column, call);
}

// In the plain column of a key.
template <class S>
struct call {
  lines& all;
  void operator()(std::string const& key, detail::function_ref<void(record&)> visit) const {
    note<S>(all, key, "plain", visit);
  }
};

// What has no name at run time: digests_in_cpp.test.cpp, digests_caches.test.cpp, digests_rank.test.cpp.
void run_in_cpp(lines& all);
void run_caches_and_forecasts(lines& all);
void run_rankings(lines& all);

}  // namespace robagg_test::digests
