// SPDX-License-Identifier: BSL-1.0
#define ROBAGG_KERNELS template
#include "kernels.hpp"
