// SPDX-License-Identifier: BSL-1.0
// What every test includes.
#pragma once

#include "before_robagg.hpp"

#include "kernels.hpp"

#include <robagg/robagg.hpp>
