// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"

#include <array>
#include <string_view>

namespace robagg::inline ROBAGG_ABI {

/// What it means that a voter gives an item no score (NaN):
///
/// last              the voter ranks the item below all that have a score, equal to the others without one;
/// pseudodistance    the same, but among items without a score the voter has no opinion;
/// ignored           the voter says nothing about the item at all.
///
/// Source: Brancotte et al., Rank aggregation with ties, 2015 (unification, pseudodistance, induced measure).
enum class unranked { last, pseudodistance, ignored };
constexpr std::array<std::string_view, 3> enumerators(unranked) { return {"last", "pseudodistance", "ignored"}; }

}  // namespace robagg::inline ROBAGG_ABI
