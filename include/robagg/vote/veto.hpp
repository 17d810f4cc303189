// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/columns/engine.hpp"

namespace robagg::inline ROBAGG_ABI {

/// What becomes of an item that nobody has judged.
enum class when_empty { refuse, accept };
constexpr std::array<std::string_view, 2> enumerators(when_empty) { return {"refuse", "accept"}; }

/// Refuses an item when at least `quorum` judges give it a risk of `threshold` or more: any one by default. Fails closed.
///
/// Shapes     m judges x n items, risks (or 0 and 1) -> n flags, 1 refused, 0 accepted. m = 0 is allowed.
/// Ranges     any threshold but NaN; 1 <= quorum <= m (m: unanimity, m / 2 + 1: a majority); empty: refuse, or accept.
/// Errors     threshold NaN; quorum < 1 or, with judges, above m.
/// Guarantee  q = quorum liars can force a refusal; of f honest judges that flag an item f - q + 1 must be silenced to let
///            it pass (q = 1: all). The price with q = 1: m independent judges with 2 % false alarms refuse 5.9 % (m = 3),
///            9.6 % (5), 18.3 % (10) of the harmless.
/// Cost       one read of the table, O(m n).
/// NaN        counts as a risk above every threshold. Under skip_nan it is an abstention, and an item from which all abstain
///            is one that nobody has judged.
/// Weights    no weighted form.                   Ties  a risk equal to the threshold refuses.
/// Source     definition: the quorum-th largest risk against a threshold.   Example  examples/veto.cpp
struct veto {
  static constexpr detail::kernel_number<veto> kernel{26};
  required<real, "threshold"> threshold;
  Index quorum = 1;
  when_empty empty = when_empty::refuse;

  static constexpr bool coordinatewise = true;
  static constexpr Index least_rows = 0;
  static constexpr int reads = detail::skips_nan;
  static constexpr void parameters(auto& op, auto visit) {
    visit("threshold", op.threshold), visit("quorum", op.quorum), visit("empty", op.empty);
  }

  void check(Index m) const {
    if (threshold.value != threshold.value) detail::refuse(*this, "needs a threshold that is not NaN");
    if (quorum < 1 || (m > 0 && quorum > m)) detail::refuse(*this, "needs 1 <= quorum <= m", {{"quorum", quorum}, {"m", m}});
  }
  void into(any_reports auto const& r, auto&& out, workspace& ws) const {
    if (r.rows() > 0) return detail::columns(*this, r, out, ws);
    detail::check_table(*this, r);
    detail::fit_vector(*this, out, r.cols());
    using T = detail::wide_of<decltype(r)>;
    T const nobody = static_cast<T>(reduce_nothing());
    for (Index j = 0; j < r.cols(); ++j) detail::store(out, j, &nobody, 1);
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::highest;
  double reduce_nothing() const { return empty == when_empty::refuse; }
  template <class X>
  auto reduce(X const& x) const {
    return flag<X>(x.size(), [&](Index i) { return x[i]; });
  }
  template <class X>
  auto reduce(X const& x, auto const& w) const {
    using V = typename X::packet_type;
    auto const absent = detail::all<V>(-std::numeric_limits<detail::lane_of<V>>::infinity());
    return flag<X>(x.size(), [&](Index i) { return w.present(i) > V{} ? V(x[i]) : absent; });
  }

 private:
  template <class X>
  auto flag(Index m, auto const& risk) const {
    using V = typename X::packet_type;
    using T = detail::lane_of<V>;
    // The smallest T at or above the threshold: a narrowed one could be higher or lower.
    T level = static_cast<T>(threshold.value);
    if (static_cast<double>(level) < threshold) level = std::nextafter(level, std::numeric_limits<T>::infinity());
    V const limit = detail::all<V>(level), one = detail::all<V>(T(1));
    using C = decltype(detail::as_count(one));
    C flags{};
    for (Index i = 0; i < m; ++i) flags = flags + detail::as_count(V(risk(i) < limit ? V{} : one));
    return flags < detail::all<C>(static_cast<detail::lane_of<C>>(quorum)) ? V{} : one;
  }
};

}  // namespace robagg::inline ROBAGG_ABI
