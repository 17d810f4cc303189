// SPDX-License-Identifier: BSL-1.0
// The former name of this, until 0.3.
#pragma once

#include "quantile_averaging.hpp"
