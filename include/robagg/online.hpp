// SPDX-License-Identifier: BSL-1.0
// Online aggregation of experts: weights that learn round after round, and portfolios. Not in robagg.hpp: include it beside
// that.
#pragma once

#include "online/aggregating_algorithm.hpp"
#include "online/boa.hpp"
#include "online/experts.hpp"
#include "online/exponentiated_portfolio.hpp"
#include "online/fixed_share.hpp"
#include "online/forecast_loss.hpp"
#include "online/hedge.hpp"
#include "online/ml_ewa.hpp"
#include "online/ml_poly.hpp"
#include "online/ml_prod.hpp"
#include "online/portfolio.hpp"
#include "online/project_simplex.hpp"
#include "online/projected_gradient.hpp"
#include "online/universal_portfolio.hpp"
#include "online/wealth_proportional.hpp"
