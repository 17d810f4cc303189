// SPDX-License-Identifier: BSL-1.0
// States as bytes: the layout, and that hostile bytes are refused or make a state that works, whatever is in it.
#include "inputs.hpp"

#include <robagg/cache/defensive.hpp>
#include <robagg/detail/bytes.hpp>
#include <robagg/geometry_state.hpp>
#include <robagg/robagg.hpp>
#include <robagg/running.hpp>

using namespace robagg_test;

namespace {
using bytes = std::vector<std::byte>;

// The same bytes with the checksum that belongs to them, as somebody hostile would send them.
bytes sealed(bytes b) {
  std::size_t const body = b.size() < 8 ? 0 : b.size() - 8;
  std::uint64_t const sum = robagg::detail::checksum(std::span(b).first(body));
  for (std::size_t k = 0; body + k < b.size(); ++k) b[body + k] = static_cast<std::byte>(sum >> 8 * k & 0xff);
  return b;
}
// Flipped, overwritten, cut or longer.
bytes damaged(bytes b, numbers& random) {
  auto const below = [&](std::size_t n) { return static_cast<std::size_t>(random.below(static_cast<Index>(n))); };
  for (std::size_t k = below(3) + 1; k > 0; --k) {
    switch (below(5)) {
      case 0:
        b.resize(below(b.size() + 1));
        break;
      case 1:
        b.insert(b.begin() + static_cast<std::ptrdiff_t>(below(b.size() + 1)), 1 + below(20),
                 static_cast<std::byte>(below(256)));
        break;
      case 2:
        if (!b.empty()) b[below(b.size())] ^= static_cast<std::byte>(1u << below(8));
        break;
      case 3:
        if (!b.empty()) b[below(b.size())] = static_cast<std::byte>(below(2) == 0 ? 0xff : below(256));
        break;
      default:  // a number
        if (b.size() > 16) {
          std::uint64_t const all[] = {0,
                                       1,
                                       512,
                                       1024,
                                       ~std::uint64_t{0},
                                       std::uint64_t{1} << 62,
                                       std::uint64_t{1} << 40,
                                       0x7ff0000000000000,
                                       0xfff0000000000000,
                                       0x7ff8000000000000,
                                       0x7fe0000000000000};
          std::size_t const at = below(2) == 0 ? below(b.size() - 8) : 9 + below((b.size() - 9) / 8) * 8;
          std::uint64_t const v = all[below(std::size(all))];
          for (std::size_t i = 0; i < 8 && at + i < b.size(); ++i) b[at + i] = static_cast<std::byte>(v >> 8 * i & 0xff);
        }
    }
  }
  return b;
}
// How many of the damaged states were refused; the others were used.
template <class State>
int refused_of(int tries, std::vector<bytes> const& packed, std::uint64_t seed, bool seal, auto&& use) {
  numbers random(seed);
  int refused = 0;
  for (int t = 0; t < tries; ++t) {
    bytes const& original = packed[static_cast<std::size_t>(random.below(static_cast<Index>(packed.size())))];
    bytes const b = seal ? sealed(damaged(original, random)) : damaged(original, random);
    if (b == original) {
      ++refused;
      continue;
    }
    try {
      State state = State::unpack(b);
      try {
        use(state);
      } catch (robagg::bad_input const&) {  // such as: is asked before it has all columns
      }
    } catch (robagg::bad_input const&) { ++refused; }
  }
  return refused;
}

std::vector<bytes> packed_geometries() {
  robagg::table<double> x = gauss(5, 1300);
  std::vector<bytes> all;
  std::vector<double> const w = {1, .5, .3, 0, 2};
  robagg::geometry_state near(5, w), far(5);
  all.push_back(near.pack());
  near.add(x.leftCols(700)), near.add(x.rightCols(100), 2048), all.push_back(near.pack());
  x.row(3) *= 1e12;
  far.add(x), all.push_back(far.pack());
  far.next_round(), all.push_back(far.pack());
  far.add(x.rightCols(276), 1024), all.push_back(far.pack());
  far.add(x.leftCols(1024), 0), all.push_back(far.pack());
  return all;
}
void use_geometry(robagg::geometry_state& state) {
  robagg::table<double> const x = gauss(state.rows(), 600, 3);
  auto const ignore = [](auto const& call) {
    try {
      call();
    } catch (robagg::bad_input const&) {}
  };
  if (state.rows() > 64) return;
  ignore([&] { state.add(x); });
  ignore([&] { state.next_round(); });
  ignore([&] { state.add(x, 0); });
  ignore([&] { state.weights(robagg::krum{1}); });
  ignore([&] { state.weights(robagg::geometric_median{}); });
  ignore([&] { state.weights(robagg::covariance_filter{1}); });
  ignore([&] { state.weights(robagg::smallest_max_eigenvalue_averaging{1}); });
  ignore([&] { state.weights(robagg::minimum_diameter_averaging{1}); });
  ignore([&] { state.weights(robagg::nearest_neighbour_mixing{1} | robagg::geometric_median{}); });
  ignore([&] { state.merge(robagg::geometry_state::unpack(state.pack())); });
}
std::vector<bytes> packed_running() {
  robagg::running a(3), b(4, 2);
  a.add(Eigen::Vector3d(1, not_a_number, 3)), b.add(Eigen::Vector4d(1, 2, 3, 4), 2), b.add(Eigen::Vector4d(1, 0, 0, 4), .5);
  return {a.pack(), b.pack(), robagg::running(2).pack()};
}
void use_running(robagg::running& state) {
  robagg::running other = robagg::running::unpack(state.pack());
  if (state.mean().size() == 3) state.add(Eigen::Vector3d(1, 2, 3));
  other.merge(state);
  other.score({.lambda = 1.});
}
std::vector<bytes> packed_defensive() {
  robagg::defensive::state a, b(robagg::defensive{2});
  a.add(Eigen::RowVector3f(.1f, .2f, .3f)), b.add(Eigen::RowVector2f(.3f, .1f)), b.add(Eigen::RowVector4f(.3f, .1f, .4f, .2f));
  return {a.pack(), b.pack(), robagg::defensive::state().pack()};
}
void use_defensive(robagg::defensive::state& state) {
  robagg::defensive::state other = robagg::defensive::state::unpack(state.pack());
  state.add(Eigen::RowVectorXf::Ones(state.cols() + 1));
  other.merge(state);
  other.finish();
}

int fuzz_all(int tries, std::uint64_t seed, bool seal) {
  return refused_of<robagg::geometry_state>(tries, packed_geometries(), seed, seal, use_geometry) +
         refused_of<robagg::running>(tries, packed_running(), seed, seal, use_running) +
         refused_of<robagg::defensive::state>(tries, packed_defensive(), seed, seal, use_defensive);
}
}  // namespace

TEST_CASE("packed states have one layout on every machine") {
  robagg::defensive::state state(robagg::defensive{2});
  state.add(Eigen::RowVector2f(1, .5f));
  unsigned char const expected[] = {
      'r', 'o', 'b', 'a', 'g', 'g', 1, 3,    4,                                 // version, kind, size of numbers
      0,   0,   0,   0,   0,   0,   0, 0x40, 1, 0, 0,    0,    0, 0, 0, 0,      // floor_strength, queries
      2,   0,   0,   0,   0,   0,   0, 0,    0, 0, 0x80, 0x3f, 0, 0, 0, 0x3f};  // keys and their maxima
  bytes const packed = state.pack();
  REQUIRE(packed.size() == std::size(expected) + 8);
  for (std::size_t b = 0; b < std::size(expected); ++b) CHECK(packed[b] == static_cast<std::byte>(expected[b]));
}

TEST_CASE("what says that bytes do not fit") {
  bytes const packed = packed_running()[0];
  auto const with = [&](std::size_t at, int value) {
    bytes b = packed;
    b[at] = static_cast<std::byte>(value);
    return sealed(b);
  };
  auto const said = [](char const* rule) { return Catch::Contains(std::string("running: needs ") + rule); };
  CHECK_THROWS_WITH(robagg::running::unpack({}), said("all bytes that pack made"));
  CHECK_THROWS_WITH(robagg::running::unpack(with(0, 'R')), said("bytes that pack made"));
  CHECK_THROWS_WITH(robagg::running::unpack(with(6, 2)), said("bytes that the same version of pack made"));
  CHECK_THROWS_WITH(robagg::running::unpack(packed_defensive()[0]), said("bytes of the same kind of state"));
  CHECK_THROWS_WITH(robagg::running::unpack(packed_geometries()[0]), said("bytes of the same kind of state"));
  CHECK_THROWS_WITH(robagg::running::unpack(with(8, 4)), said("bytes of a state in the same numbers"));
  CHECK_THROWS_WITH(robagg::defensive::state_of<double>::unpack(packed_defensive()[0]), Catch::Contains("in the same numbers"));
  bytes changed = packed;
  changed[30] ^= std::byte{4};
  CHECK_THROWS_WITH(robagg::running::unpack(changed), said("bytes as pack made them: some are missing or changed"));
  changed.assign(packed.begin(), packed.end() - 1);
  CHECK_THROWS_WITH(robagg::running::unpack(changed), said("bytes as pack made them: some are missing or changed"));
  changed = packed, changed.insert(changed.end() - 8, std::byte{0});
  CHECK_THROWS_WITH(robagg::running::unpack(sealed(changed)), said("the bytes that pack made and no more"));
  CHECK_THROWS_WITH(robagg::running::unpack(with(9 + 7, 0xbf)), Catch::Contains("needs radius >= 0"));
  for (int const high : {1, 0x40, 0xff}) {  // more columns than there are bytes, of which none is allocated
    CHECK_THROWS_WITH(robagg::running::unpack(with(9 + 31, high)), said("bytes as pack made them: they contradict themselves"));
  }
  bytes huge = packed_geometries()[0];
  for (std::size_t const at : {std::size_t{9 + 7}, std::size_t{9 + 3}, std::size_t{9 + 1}}) {
    bytes b = huge;
    b[at] = std::byte{0x7f};
    CHECK_THROWS_WITH(robagg::geometry_state::unpack(sealed(b)), Catch::Contains("they contradict themselves"));
  }
}

TEST_CASE("a geometry that contradicts itself is refused") {
  auto const refused = [](bytes b, std::size_t at, auto value, char const* rule = "they contradict themselves") {
    auto const bits = std::bit_cast<std::array<std::byte, sizeof(value)>>(value);  // little-endian machines run the tests
    REQUIRE(at + bits.size() + 8 <= b.size());
    std::ranges::copy(bits, b.begin() + static_cast<std::ptrdiff_t>(at));
    INFO("at " << at);
    CHECK_THROWS_WITH(robagg::geometry_state::unpack(sealed(b)), Catch::Contains(rule));
  };
  using whole = std::int64_t;
  auto const all = packed_geometries();
  bytes const first = all[1], second = all[3], third = all[4];
  // Header, n, five weights and their rounding, four flags, two ranges of columns, nodes: level, index, 15 sums.
  std::size_t const weights = 17, flags = 65, ranges = 69, nodes = ranges + 8 + 4 * 8;
  refused(first, weights, -1., "needs finite weights >= 0"), refused(first, weights, not_a_number, "needs finite weights >= 0");
  refused(first, flags - 8, -1.), refused(first, flags - 8, not_a_number), refused(first, flags - 8, 1.);
  refused(first, flags, std::uint8_t{2}), refused(first, flags, std::uint8_t{0});  // weights, and none
  refused(first, ranges, whole{-1}), refused(first, ranges, whole{1} << 59);
  refused(first, ranges + 8, whole{1}), refused(first, ranges + 8, whole{2048}), refused(first, ranges + 16, whole{0});
  refused(first, ranges + 16, whole{1400}), refused(first, ranges + 16, whole{400}),
      refused(first, ranges + 16, whole{1} << 61);
  refused(first, ranges + 24, whole{512});
  refused(first, nodes, whole{1} << 56), refused(first, nodes + 8, whole{200}), refused(first, nodes + 8, whole{2}),
      refused(first, nodes + 8, whole{0});
  refused(first, nodes + 16, whole{1} << 58), refused(first, nodes + 16, whole{1}), refused(first, nodes + 24, -1.);
  // In the second round: the pivot, 15 sums of the first round, its columns, those of the second, nodes.
  std::size_t const sums = flags + 4 + 16, seen = sums + 15 * 8;
  refused(second, flags + 4, whole{5}), refused(second, flags + 12, not_a_number), refused(second, flags + 12, infinity);
  refused(second, sums, -1.), refused(second, seen, whole{0}), refused(second, seen + 8, whole{512});
  refused(second, seen + 16, std::numeric_limits<whole>::max());
  refused(third, seen + 16, whole{1024});  // where the second round has more columns than the first
  refused(third, third.size() - 16, infinity), refused(third, third.size() - 16, not_a_number);
}

TEST_CASE("damaged bytes are refused, and hostile ones harmless") {
  CHECK(fuzz_all(400, 1, false) == 3 * 400);  // the checksum finds every damage
  CHECK(fuzz_all(400, 2, true) > 3 * 200);
}

TEST_CASE("hostile bytes for a long time", "[.fuzz]") {
  char const* const tries = std::getenv("ROBAGG_FUZZ_TRIES");
  std::uint64_t const seed = static_cast<std::uint64_t>(std::random_device{}());
  INFO("seed " << seed);
  int const n = tries == nullptr ? 10'000 : std::atoi(tries);
  WARN("refused " << fuzz_all(n, seed, true) << " of " << 3 * n);
}
