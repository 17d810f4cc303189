// SPDX-License-Identifier: BSL-1.0
// Ordered keys: integers in the order of the floating-point numbers, NaN below everything, both zeros equal.
#include "inputs.hpp"

#include <robagg/detail/base/order.hpp>

using namespace robagg_test;

namespace {
template <class T>
void check_order() {
  using limits = std::numeric_limits<T>;
  std::vector<T> values = {-limits::infinity(),
                           limits::lowest(),
                           T(-2),
                           T(-1),
                           -limits::min(),
                           -limits::denorm_min(),
                           T(0),
                           limits::denorm_min(),
                           limits::min(),
                           T(1),
                           std::nextafter(T(1), T(2)),
                           limits::max(),
                           limits::infinity()};
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t k = 0; k < values.size(); ++k) {
      auto const a = robagg::detail::ordered_key(values[i]), b = robagg::detail::ordered_key(values[k]);
      CHECK((a < b) == (i < k));
    }
    CHECK(robagg::detail::ordered_key(limits::quiet_NaN()) < robagg::detail::ordered_key(values[i]));
  }
  CHECK(robagg::detail::ordered_key(T(-0.)) == robagg::detail::ordered_key(T(0)));
  CHECK(robagg::detail::ordered_key(-limits::quiet_NaN()) == robagg::detail::ordered_key(limits::quiet_NaN()));
  numbers random(3);
  for (int i = 0; i < 2000; ++i) {
    T const a = static_cast<T>(random.gauss()), b = static_cast<T>(random.gauss() * 1e-20);
    CHECK((robagg::detail::ordered_key(a) < robagg::detail::ordered_key(b)) == (a < b));
  }
}
}  // namespace

TEST_CASE("keys have the order of their numbers") {
  check_order<float>();
  check_order<double>();
}
