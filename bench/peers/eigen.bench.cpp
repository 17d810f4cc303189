// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

namespace {

template <class F>
struct reduction {
  F f;
  void into(auto const& x, auto& out, robagg::workspace&) const { out = f(x.colwise()).transpose(); }
};
template <class F>
reduction(F) -> reduction<F>;

bool const mean = add_peer(
    "Eigen", "mean", [](Index) { return reduction{[](auto const& columns) { return columns.mean(); }}; },
    [](answer const& out, matrix const& x, double tolerance) { return close(out.values, reference::mean(x), tolerance); });

bool const worst_case = add_peer(
    "Eigen", "worst_case", [](Index) { return reduction{[](auto const& columns) { return columns.minCoeff(); }}; },
    [](answer const& out, matrix const& x, double) { return close(out.values, reference::worst_case(x), 0); });

bool const best_case = add_peer(
    "Eigen", "best_case", [](Index) { return reduction{[](auto const& columns) { return columns.maxCoeff(); }}; },
    [](answer const& out, matrix const& x, double) { return close(out.values, reference::best_case(x), 0); });

}  // namespace
