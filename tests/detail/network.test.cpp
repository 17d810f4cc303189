// SPDX-License-Identifier: BSL-1.0
// The sorting network, by the zero-one principle: a network that sorts all tables of 0 and 1 sorts everything.
#include "inputs.hpp"

#include <robagg/detail/network.hpp>

#include <algorithm>

using namespace robagg_test;

namespace {
template <class T>
bool sorts_all_zeros_and_ones(Index n) {
  Index const d = Index{1} << n;  // column c holds the bits of c
  robagg::workspace ws;
  robagg::detail::tile<T> const t(ws, n, d);
  for (Index i = 0; i < n; ++i) {
    for (Index c = 0; c < d; ++c) t.row(i)[c] = static_cast<T>((c >> i) & 1);
  }
  robagg::detail::sort_columns(t);
  for (Index c = 0; c < d; ++c) {
    Index const zeros = n - std::popcount(static_cast<std::uint64_t>(c));
    for (Index i = 0; i < n; ++i) {
      if (t.row(i)[c] != static_cast<T>(i < zeros ? 0 : 1)) return false;
    }
  }
  return true;
}
}  // namespace

TEST_CASE("the network sorts every table of zeros and ones up to 16 rows") {
  for (Index n = 1; n <= 16; ++n) {
    INFO("n = " << n);
    CHECK(sorts_all_zeros_and_ones<float>(n));
  }
  for (Index n = 1; n <= 10; ++n) CHECK(sorts_all_zeros_and_ones<double>(n));
}

TEST_CASE("the network sorts larger tables, with ties and infinities") {
  robagg::workspace ws;
  for (Index n = 1; n <= 130; ++n) {
    auto const scope = ws.scope();
    matrix x = sample(n % 2 ? family::gauss : family::grid, n, 33, 7);
    x(0, 3) = infinity, x(n / 2, 4) = -infinity, x(n - 1, 3) = infinity;
    robagg::detail::tile<double> const t(ws, n, 33);
    for (Index i = 0; i < n; ++i) std::copy_n(x.row(i).data(), 33, t.row(i));
    robagg::detail::sort_columns(t);
    Index wrong = 0;
    for (Index c = 0; c < 33; ++c) {
      std::vector<double> column(static_cast<std::size_t>(n));
      for (Index i = 0; i < n; ++i) column[static_cast<std::size_t>(i)] = x(i, c);
      std::sort(column.begin(), column.end());
      for (Index i = 0; i < n; ++i) wrong += t.row(i)[c] != column[static_cast<std::size_t>(i)];
    }
    INFO("n = " << n);
    CHECK(wrong == 0);
  }
}
