// SPDX-License-Identifier: BSL-1.0
// robagg::catalogue: operators by name.
#define ROBAGG_CATALOGUE template
#include <robagg/detail/by_name/catalogue.hpp>
