// SPDX-License-Identifier: BSL-1.0
// says: this list would outlive the temporary container that it is made from: give the container a name
#include <robagg/transform/bucketing.hpp>

#include <vector>

using namespace robagg;

void check(table<float> const& x) {
  std::vector<Index> const order = {1, 0};
#ifndef BROKEN
  bucketing{.size = 1, .permutation = order}(x);
#else
  bucketing{.size = 1, .permutation = std::vector<Index>(order)}(x);
#endif
}
