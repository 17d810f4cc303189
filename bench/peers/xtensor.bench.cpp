// SPDX-License-Identifier: BSL-1.0
#include "peers/by_column.hpp"

#include <xtensor/xadapt.hpp>
#include <xtensor/xsort.hpp>
#include <xtensor/xtensor.hpp>

using namespace robagg_bench;

namespace {

struct xt_median {
  void into(auto const& x, auto& out, robagg::workspace&) const {
    auto const n = static_cast<std::size_t>(x.rows()), d = static_cast<std::size_t>(x.cols());
    std::array<std::size_t, 2> const shape{n, d};
    std::array<std::ptrdiff_t, 2> const strides{x.outerStride(), 1};
    // xtensor partitions containers of its own only; the copy is nothing beside that.
    using T = typename std::remove_cvref_t<decltype(x)>::Scalar;
    xt::xtensor<T, 2> const table = xt::adapt(x.data(), n * d, xt::no_ownership(), shape, strides);
    xt::xtensor<T, 1> const result = xt::median(table, 0);
    std::copy(result.begin(), result.end(), out.data());
  }
};

bool const registered = add_peer<row_major>("xtensor", "median", [](Index) { return xt_median{}; }, right_median);

}  // namespace
