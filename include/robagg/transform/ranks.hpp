// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/table/check.hpp"
#include "../detail/geometry/combine.hpp"
#include "../detail/select/ties.hpp"

#include <cstdint>
#include <limits>

namespace robagg::inline ROBAGG_ABI {

/// What equal values share: the average, the lowest or the highest of their ranks, one dense rank, or
/// nothing (ordinal: the lower column first).
enum class ties { average, minimum, maximum, dense, ordinal };
constexpr std::array<std::string_view, 5> enumerators(ties) { return {"average", "minimum", "maximum", "dense", "ordinal"}; }

/// Replaces every value by its rank in its row, 1 for the largest: voters on different scales become
/// comparable.
///
/// Shapes     n x d reports -> n x d ranks, 1..d (half holds whole ranks up to 2,048 only, float up to 16,777,216).
/// Errors     n = 0 and d >= 2^31 are bad_input.
/// Guarantee  one row moves no rank but its own, and only within 1..d.
/// Cost       one read and one write of the table, O(n d log d).
/// NaN        ranks last, all NaN of a row as ties.    Weights  rows keep theirs in a pipe.
/// Ties       as `ties` says.                 Source   definition.   Example  examples/no_allocation.cpp
struct ranks {
  robagg::ties ties = robagg::ties::average;

  static constexpr bool keeps_rows = true;
  static constexpr int reads = detail::plain;
  static constexpr void parameters(auto& op, auto visit) { visit("ties", op.ties); }

  Index rows(Index n) const { return n; }

  template <any_reports R>
  void into(R const& r, auto&& out, workspace& ws) const {
    auto&& entered = detail::enter(*this, r);
    detail::need(*this, scratch(r), ws);
    ROBAGG_ASSERT(!detail::overlaps(out, detail::plain_of(r)) && "robagg: the output overlaps the table");
    using T = detail::wide_of<R>;
    using S = typename std::remove_cvref_t<decltype(out)>::Scalar;
    auto const scope = ws.scope();
    auto const& x = detail::plain_of(entered);
    Index const d = x.cols();
    auto values = ws.vector<T>(d);
    if (d > std::numeric_limits<std::int32_t>::max()) detail::refuse(*this, "needs d < 2^31", {{"d", d}});
    detail::fit_table(*this, out, x.rows(), d);
    for (Index i = 0; i < x.rows(); ++i) {
      detail::read_row(x, i, 0, d, values.data());
      Index group = 0;
      detail::sort_into_ties(values.data(), d, ws, [&](auto const& number, Index first, Index end) {
        for (Index c = first; c < end; ++c) out.coeffRef(i, number(c)) = detail::converted<S>(rank(first, end, c, group));
        ++group;
      });
    }
  }
  std::size_t scratch(auto const& r) const {
    return workspace::room<double>(r.cols()) + detail::order_scratch<double>(r.cols());
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

 private:
  // Place c of the tied places [first, end), all from 0.
  double rank(Index first, Index end, Index c, Index group) const {
    switch (ties) {
      case robagg::ties::average:
        return .5 * static_cast<double>(first + 1 + end);
      case robagg::ties::minimum:
        return static_cast<double>(first + 1);
      case robagg::ties::maximum:
        return static_cast<double>(end);
      case robagg::ties::dense:
        return static_cast<double>(group + 1);
      case robagg::ties::ordinal:
        break;
    }
    return static_cast<double>(c + 1);
  }
};

}  // namespace robagg::inline ROBAGG_ABI
