// SPDX-License-Identifier: BSL-1.0
// Everything except the optional headers parallel.hpp (threads), format.hpp (fmt) and any_aggregator.hpp (run-time
// choice).
#pragma once

#include "core.hpp"
#include "cube.hpp"

#include "location/geometric_median.hpp"
#include "location/interquartile_mean.hpp"
#include "location/krum.hpp"
#include "location/mean.hpp"
#include "location/mean_around_median.hpp"
#include "location/median.hpp"
#include "location/phocas.hpp"
#include "location/quantile.hpp"
#include "location/sign_majority.hpp"
#include "location/trimmed_mean.hpp"

#include "transform/bucketing.hpp"
#include "transform/clip.hpp"
#include "transform/nearest_neighbour_mixing.hpp"
#include "transform/ranks.hpp"

#include "score/best_case.hpp"
#include "score/soft_min.hpp"
#include "score/uncertainty_weighted.hpp"
#include "score/worst_case.hpp"

#include "cache/defensive.hpp"

#include "decide/best.hpp"
#include "decide/top.hpp"

#include "vote/plurality.hpp"
