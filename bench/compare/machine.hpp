// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace robagg_compare {

/// What numbers depend on besides the code: processor, cores, compiler, flags, commit, and the date.
nlohmann::ordered_json this_machine();

}  // namespace robagg_compare
