// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <stdexcept>

namespace robagg_compare {

/// A wrong file or option: what() is the one sentence that the user sees.
struct usage_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace robagg_compare
