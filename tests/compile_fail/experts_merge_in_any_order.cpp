// SPDX-License-Identifier: BSL-1.0
// says: this rule cannot be merged: its weights depend on the order of rounds
#include <robagg/online.hpp>

using namespace robagg;

void check(expert_state<hedge>& one, expert_state<hedge> const& other, expert_state<boa>& ordered) {
  one.merge(other);
#ifdef BROKEN
  ordered.merge(ordered);
#endif
  static_cast<void>(ordered);
}
