// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/base/random.hpp"
#include "../detail/table/check.hpp"
#include "../detail/table/output.hpp"
#include "../detail/table/tile.hpp"

#include <cmath>

namespace robagg::inline ROBAGG_ABI::attack {

/// Noise instead of a report: every column is normal, with this mean and deviation.
///
/// Shapes     n x d honest reports -> the d values that every liar sends.
/// Ranges     mean finite; deviation >= 0 and finite. The seed decides the values, the same on every platform
///            but for the rounding of log, sin and cos; change it every round.
/// Errors     mean or deviation out of range; n = 0.
/// Guarantee  none: an attack.                Cost  O(d), no read of the table.
/// NaN        the honest reports are not looked at.
/// Weights    no weighted form.               Ties  none.
/// Source     byzfl's Gaussian; Box and Muller 1958.
/// Example    examples/attacks.cpp
struct gaussian {
  double mean = 0;
  double deviation = 1;
  std::uint64_t seed = 0;

  static constexpr int reads = detail::plain;
  static constexpr void parameters(auto& op, auto visit) {
    visit("mean", op.mean), visit("deviation", op.deviation), visit("seed", op.seed);
  }

  void check(Index) const {
    if (!std::isfinite(mean)) detail::refuse(*this, "needs a finite mean", {{"mean", mean}});
    if (!(deviation >= 0) || !std::isfinite(deviation)) {
      detail::refuse(*this, "needs a finite deviation >= 0", {{"deviation", deviation}});
    }
  }
  void into(any_reports auto const& r, auto&& out, workspace& ws) const {
    detail::check_table(*this, r);
    detail::need(*this, scratch(r), ws);
    ROBAGG_ASSERT(!detail::overlaps(out, detail::plain_of(r)) && "robagg: the output overlaps the table");
    auto const scope = ws.scope();
    detail::fit_vector(*this, out, r.cols());
    auto y = ws.vector<double>(detail::block_columns);
    detail::generator random(seed);
    auto const uniform = [&] { return (static_cast<double>(random() >> 11) + .5) * 0x1p-53; };  // never 0
    for (Index j = 0; j < r.cols(); j += y.size()) {
      Index const width = std::min(y.size(), r.cols() - j);
      for (Index c = 0; c < width; c += 2) {  // two independent values from two uniform ones
        double const length = deviation * std::sqrt(-2 * std::log(uniform())), angle = 6.283185307179586 * uniform();
        y(c) = mean + length * std::cos(angle);
        y(c + 1) = mean + length * std::sin(angle);
      }
      detail::store(out, j, y.data(), width);
    }
  }
  std::size_t scratch(auto const& r) const { return r.cols() > 0 ? workspace::room<double>(detail::block_columns) : 0; }
  auto operator()(auto const& r) const { return evaluate(*this, r); }
};

}  // namespace robagg::inline ROBAGG_ABI::attack
