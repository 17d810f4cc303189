// SPDX-License-Identifier: BSL-1.0
// says: this is no executor: it must be callable with
#include <robagg/location/median.hpp>
#include <robagg/parallel.hpp>

using namespace robagg;

// A function pointer is not enough: tasks know what they work on.
struct my_pool {
#ifndef BROKEN
  void operator()(Index count, auto const& task) const {
#else
  void operator()(Index count, void (*task)(Index)) const {
#endif
      for (Index i = 0; i < count; ++i) task(i);
}
}
;
void check(table<float> const& x) { each(median{}, my_pool{})(cube(x, 2)); }
