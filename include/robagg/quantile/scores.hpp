// SPDX-License-Identifier: BSL-1.0
// The former name of these, until 0.3.
#pragma once

#include "crossing_penalty.hpp"
#include "crps.hpp"
#include "interval_coverage.hpp"
#include "interval_score.hpp"
#include "interval_width.hpp"
#include "pinball.hpp"
#include "weighted_interval_score.hpp"
