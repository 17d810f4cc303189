// SPDX-License-Identifier: BSL-1.0
// says: robagg: a sparse matrix is no table
#include <robagg/location/median.hpp>
#include <Eigen/SparseCore>

using namespace robagg;

void check(table<float> const& x) {
#ifndef BROKEN
  median{}(x);
#else
  median{}(Eigen::SparseMatrix<float>(x.sparseView()));
#endif
}
