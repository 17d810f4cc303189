// SPDX-License-Identifier: BSL-1.0
#include "peers/by_column.hpp"

using namespace robagg_bench;

template <class T>
static T median_of(T* v, Index n) {
  T* const middle = v + n / 2;
  std::nth_element(v, middle, v + n);
  return n % 2 == 1 ? *middle : (*std::max_element(v, middle) + *middle) / 2;
}

static bool const median = add_peer(
    "nth_element", "median", [](Index) { return by_column{[](auto* v, Index n) { return median_of(v, n); }}; }, right_median);

static bool const trimmed_mean = add_peer(
    "nth_element", "trimmed_mean",
    [](Index) {
      return by_column{[](auto* v, Index n) {
        Index const f = liars(n);
        std::nth_element(v, v + f, v + n);
        std::nth_element(v + f, v + (n - f - 1), v + n);
        return mean_of(v + f, v + (n - f));
      }};
    },
    right_trimmed_mean);

static bool const mean_around_median = add_peer(
    "nth_element", "mean_around_median",
    [](Index) {
      return by_column{[](auto* v, Index n) {
        auto const m = median_of(v, n);
        Index const kept = n - liars(n);
        std::nth_element(v, v + (kept - 1), v + n, [m](auto a, auto b) { return std::abs(a - m) < std::abs(b - m); });
        return mean_of(v, v + kept);
      }};
    },
    right_mean_around_median);
