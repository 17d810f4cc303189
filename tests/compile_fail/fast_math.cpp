// SPDX-License-Identifier: BSL-1.0
// says: delete the NaN tests
#ifdef BROKEN
#define __FAST_MATH__ 1
#endif
#include <robagg/location/mean.hpp>
