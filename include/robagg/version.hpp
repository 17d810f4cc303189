// SPDX-License-Identifier: BSL-1.0
// The version of these headers, for #if.
#pragma once

#define ROBAGG_VERSION "0.2.0"
#define ROBAGG_VERSION_MAJOR 0
#define ROBAGG_VERSION_MINOR 2
#define ROBAGG_VERSION_PATCH 0
