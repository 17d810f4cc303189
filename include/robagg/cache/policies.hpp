// SPDX-License-Identifier: BSL-1.0
// Every eviction policy.
#pragma once

#include "adakv.hpp"
#include "cake.hpp"
#include "criticalkv.hpp"
#include "defensivekv.hpp"
#include "h2o.hpp"
#include "layer_defensivekv.hpp"
#include "snapkv.hpp"
#include "streaming_sinks.hpp"
