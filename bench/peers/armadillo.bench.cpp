// SPDX-License-Identifier: BSL-1.0
#include "peers/by_column.hpp"

#define ARMA_DONT_USE_WRAPPER
#include <armadillo>

using namespace robagg_bench;

namespace {

struct arma_median {
  void into(auto const& x, auto& out, robagg::workspace&) const {
    using T = typename std::remove_cvref_t<decltype(x)>::Scalar;
    // Looks at the table and never writes to it.
    arma::Mat<T> const table(const_cast<T*>(x.data()), static_cast<arma::uword>(x.rows()), static_cast<arma::uword>(x.cols()),
                             false, true);
    arma::Mat<T> result(out.data(), 1, static_cast<arma::uword>(out.size()), false, true);
    result = arma::median(table, 0);
  }
};

bool const registered = add_peer<column_major>("Armadillo", "median", [](Index) { return arma_median{}; }, right_median);

}  // namespace
