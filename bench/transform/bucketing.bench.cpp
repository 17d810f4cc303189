// SPDX-License-Identifier: BSL-1.0
#include "bench.hpp"

using namespace robagg_bench;

// The buckets are the operator's own shuffle: what any of them must keep is the mean of all rows when every
// bucket is full, and here the last is not, so the mean is weighted by how many rows a bucket has.
static bool const registered = add(
    "bucketing", [](Index) { return robagg::bucketing{.size = 2, .seed = 7}; },
    [](answer const& out, matrix const& x, double tolerance) {
      matrix const y = out.values;
      matrix mean = y.colwise().sum() * 2;
      if (x.rows() % 2 == 1) mean -= y.row(y.rows() - 1);
      return y.rows() == (x.rows() + 1) / 2 && close(mean, x.colwise().sum(), tolerance);
    });
