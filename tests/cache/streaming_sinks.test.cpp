// SPDX-License-Identifier: BSL-1.0
// StreamingLLM: the first keys and the last ones, whatever the attention.
#include "eviction.hpp"

using namespace robagg_test;
using robagg::kept, robagg::streaming_sinks;

TEST_CASE("streaming_sinks by hand: the window, then the sinks, then the last keys") {
  matrix x = matrix::Zero(1, 10);
  x(0, 5) = 1;
  auto const keeps = [&](double keep) {
    return positions_of(streaming_sinks{.keep = keep, .window = 3, .sinks = 2}(robagg::cube(x, 1)))[0];
  };
  using list = std::vector<Index>;
  CHECK(keeps(0) == list{});
  CHECK(keeps(.01) == list{12});  // one at least
  CHECK(keeps(.3) == list{10, 11, 12});
  CHECK(keeps(.35) == list{0, 10, 11, 12});
  CHECK(keeps(.4) == list{0, 1, 10, 11, 12});
  CHECK(keeps(.5) == list{0, 1, 9, 10, 11, 12});
  CHECK(keeps(.9) == list{0, 1, 4, 5, 6, 7, 8, 9, 10, 11, 12});
}

TEST_CASE("the first keys and the last ones are kept of any number of keys, without a hole") {
  Index const d = (Index{1} << 24) + 4096;
  robagg::table<float> const x = robagg::table<float>::Zero(1, d);
  kept const k = streaming_sinks{.keep = 5e-5, .window = 32}(robagg::cube(x, 1));
  auto const positions = k[0];
  Index const count = static_cast<Index>(positions.size());
  REQUIRE(count == static_cast<Index>(5e-5 * static_cast<double>(d + 32)));
  for (Index i = 0; i < count; ++i) CHECK(positions[static_cast<std::size_t>(i)] == (i < 4 ? i : d + 32 - (count - i)));
}
