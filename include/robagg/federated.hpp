// SPDX-License-Identifier: BSL-1.0
// What a federated server does around a rule: weights that know who took part, how late, how often, and through whom; and its
// steps. Not in robagg.hpp: include it beside that.
#pragma once

#include "federated/fed_adagrad.hpp"
#include "federated/fed_adam.hpp"
#include "federated/fed_yogi.hpp"
#include "federated/fedavg_momentum.hpp"
#include "federated/fedfix_state.hpp"
#include "federated/fedfix_weights.hpp"
#include "federated/importance_shares.hpp"
#include "federated/participation_weights.hpp"
#include "federated/server_state.hpp"
#include "federated/staleness_buffer.hpp"
#include "federated/staleness_weights.hpp"
