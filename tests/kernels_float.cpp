// SPDX-License-Identifier: BSL-1.0
#define ROBAGG_FLOAT_KERNELS template
#include "pch.hpp"
