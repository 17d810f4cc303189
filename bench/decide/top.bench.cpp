// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

static bool const registered = add(
    "top", [](Index) { return robagg::top{.k = 100}; },
    [](answer const& out, matrix const& x, double) {
      std::vector<double> const scores(x.row(0).data(), x.row(0).data() + x.cols());
      auto order = reference::preference(scores, scores);
      order.resize(100);
      std::sort(order.begin(), order.end());
      return out.indices == order;
    });
