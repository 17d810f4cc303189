// SPDX-License-Identifier: BSL-1.0
// Choices that are mixtures, guarded or spread: over options, scenarios, actions and sets. Not in robagg.hpp: include it beside
// that.
#pragma once

#include "mixture/bounded_reweight.hpp"
#include "mixture/density_guard.hpp"
#include "mixture/greedy_cover.hpp"
#include "mixture/jain_index.hpp"
#include "mixture/log_sum_exp_combine.hpp"
#include "mixture/maximin_mixture.hpp"
#include "mixture/mean_variance_mixture.hpp"
#include "mixture/regularised_mixture.hpp"
