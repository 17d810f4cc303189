// SPDX-License-Identifier: BSL-1.0
#define ROBAGG_CATALOGUE template
#include "pch.hpp"

#include <robagg/any_aggregator.hpp>
