// SPDX-License-Identifier: BSL-1.0
// What tests include before robagg; scripts/mutate precompiles it. Assertions become exceptions, so that they can be tested;
// this must come before the first Eigen header.
#pragma once

#include <stdexcept>

namespace robagg_test {
struct assertion_failed : std::logic_error {
  using std::logic_error::logic_error;
};
}  // namespace robagg_test
#define eigen_assert(condition) ((condition) ? void() : throw ::robagg_test::assertion_failed(#condition))

#include "catch.hpp"

#include <Eigen/Core>
#include <Eigen/Eigenvalues>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>
