// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/table/check.hpp"
#include "../detail/geometry/combine.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Adds the scores of models that were trained on the same partition of the data from different seeds, before a vote:
/// `boosted{.versions = 4} | run_off{}` is DPA* + ROE.
///
/// Shapes     n x K scores -> n / versions x K sums; rows [v p, v (p + 1)) are the versions of partition p.
/// Ranges     versions >= 1 and a divisor of n.
/// Errors     other versions.
/// Guarantee  a poisoned point touches one partition and so one row: the certificates of the vote hold.
/// Cost       one read of the table.
/// NaN        propagates to its partition's sum.   Weights  no weighted form.   Ties  none.
/// Source     Rezaei, Banihashem, Chegini and Feizi, Run-off election, 2023 (DPA*).
/// Example    examples/certified_vote.cpp
struct boosted {
  required<count, "versions"> versions;

  static constexpr int reads = detail::plain;
  static constexpr void parameters(auto& op, auto visit) { visit("versions", op.versions); }

  void check(Index n) const {
    if (versions < 1) detail::refuse(*this, "needs versions >= 1", {{"versions", versions}});
    if (n % versions != 0) detail::refuse(*this, "needs the same versions of each model", {{"n", n}, {"versions", versions}});
  }
  Index rows(Index n) const { return versions < 1 ? n : n / versions; }

  template <any_reports R>
  void into(R const& r, auto&& out, workspace& ws) const {
    auto&& entered = detail::enter(*this, r);
    detail::need(*this, scratch(r), ws);
    ROBAGG_ASSERT(!detail::overlaps(out, detail::plain_of(r)) && "robagg: the output overlaps the table");
    using S = typename std::remove_cvref_t<decltype(out)>::Scalar;
    auto const scope = ws.scope();
    auto const& x = detail::plain_of(entered);
    Index const classes = x.cols();
    auto row = ws.vector<detail::wide_of<R>>(classes);
    auto sum = ws.vector<double>(classes);
    detail::fit_table(*this, out, rows(x.rows()), classes);
    for (Index p = 0; p < out.rows(); ++p) {
      sum.setZero();
      for (Index v = 0; v < versions; ++v) {
        detail::read_row(x, p * versions + v, 0, classes, row.data());
        sum += row.template cast<double>();
      }
      for (Index c = 0; c < classes; ++c) out.coeffRef(p, c) = detail::converted<S>(sum(c));
    }
  }
  std::size_t scratch(auto const& r) const { return 2 * workspace::room<double>(r.cols()); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }
};

}  // namespace robagg::inline ROBAGG_ABI
