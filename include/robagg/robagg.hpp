// SPDX-License-Identifier: BSL-1.0
// Every operator. Optional, and included by name: parallel.hpp (threads), format.hpp (fmt), any_aggregator.hpp (run-time
// choice), diagnose.hpp (who counted), geometry_state.hpp and running.hpp (reports that are never in one table), and
// attack/ (what liars send).
#pragma once

#include "core.hpp"
#include "cube.hpp"

#include "location/aksel.hpp"
#include "location/bulyan.hpp"
#include "location/centered_clipping.hpp"
#include "location/comparative_gradient_elimination.hpp"
#include "location/covariance_filter.hpp"
#include "location/divide_and_conquer.hpp"
#include "location/flag_aggregator.hpp"
#include "location/geometric_median.hpp"
#include "location/interquartile_mean.hpp"
#include "location/krum.hpp"
#include "location/mean.hpp"
#include "location/mean_around_median.hpp"
#include "location/median.hpp"
#include "location/median_of_means.hpp"
#include "location/minimum_diameter_averaging.hpp"
#include "location/multi_krum.hpp"
#include "location/nearest_to.hpp"
#include "location/norm_bounded_mean.hpp"
#include "location/phocas.hpp"
#include "location/quantile.hpp"
#include "location/sign_majority.hpp"
#include "location/smallest_max_eigenvalue_averaging.hpp"
#include "location/trimmed_mean.hpp"
#include "location/trust_weighted.hpp"

#include "transform/adaptive_clip.hpp"
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
#include "vote/best_of_majority.hpp"
#include "vote/best_of_n.hpp"
#include "vote/boosted.hpp"
#include "vote/borda_vote.hpp"
#include "vote/certified_accuracy.hpp"
#include "vote/filtered_vote.hpp"
#include "vote/logit_vote.hpp"
#include "vote/majority.hpp"
#include "vote/majority_of_bests.hpp"
#include "vote/plurality.hpp"
#include "vote/run_off.hpp"
#include "vote/softmax_vote.hpp"
#include "vote/weighted_vote.hpp"

