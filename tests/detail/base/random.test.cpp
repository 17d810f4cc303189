// SPDX-License-Identifier: BSL-1.0
// The generator is SplitMix64, value for value, and the shuffle gives every order.
#include "inputs.hpp"

#include <robagg/detail/base/random.hpp>

#include <map>

using namespace robagg_test;
using robagg::detail::generator;

TEST_CASE("the generator gives the published values of SplitMix64") {
  generator random(1234567);
  for (std::uint64_t const value :
       {6457827717110365317u, 3203168211198807973u, 9817491932198370423u, 4593380528125082431u, 16408922859458223821u}) {
    CHECK(random() == value);
  }
}

TEST_CASE("numbers below n are below n and equally frequent") {
  generator random(5);
  for (std::uint64_t const n : {1u, 2u, 3u, 7u, 10u}) {
    std::map<std::uint64_t, int> counts;
    for (int i = 0; i < 7000; ++i) ++counts[random.below(n)];
    CHECK(counts.size() == n);
    CHECK(counts.rbegin()->first == n - 1);
    double const mean = 7000. / static_cast<double>(n);
    for (auto const& [value, times] : counts) CHECK(std::abs(times - mean) <= 6 * std::sqrt(mean));
  }
  // Two thirds of all draws are accepted here; the rest is drawn again.
  std::uint64_t const large = (~std::uint64_t{0} / 3) * 2;
  for (int i = 0; i < 100; ++i) CHECK(random.below(large) < large);
}

TEST_CASE("the shuffle makes every order of four, about equally often") {
  std::map<std::vector<int>, int> counts;
  for (std::uint64_t seed = 0; seed < 24 * 200; ++seed) {
    Eigen::Vector4i v(0, 1, 2, 3);
    robagg::detail::shuffle(v, 4, generator(seed));
    ++counts[{v(0), v(1), v(2), v(3)}];
  }
  CHECK(counts.size() == 24);
  for (auto const& [order, times] : counts) CHECK(std::abs(times - 200) <= 90);
}
