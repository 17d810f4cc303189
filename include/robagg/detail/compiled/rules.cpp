// SPDX-License-Identifier: BSL-1.0
// Of robagg::kernels: what is compiled for files without -march themselves, and for no other set.
#define ROBAGG_RULES template
#include <robagg/detail/geometry/combine.hpp>
#include <robagg/detail/geometry/krum_score.hpp>
