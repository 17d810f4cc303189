// SPDX-License-Identifier: BSL-1.0
#define ROBAGG_DOUBLE_KERNELS template
#include "pch.hpp"
