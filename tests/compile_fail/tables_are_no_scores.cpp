// SPDX-License-Identifier: BSL-1.0
// says: no match for .*operator\||invalid operands to binary expression
#include <robagg/confidence/self_certainty.hpp>
#include <robagg/decide/best.hpp>
#include <robagg/location/mean.hpp>

using namespace robagg;

// self_certainty reads a table of tokens, not the d results of an aggregate.
#ifndef BROKEN
auto const rule = mean{} | best{};
#else
auto const rule = mean{} | self_certainty{};
#endif
