// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../detail/columns.hpp"
#include "../detail/tree.hpp"

#include <cmath>

namespace robagg::inline ROBAGG_ABI {

/// The two defensive steps of KV-cache eviction: each key's worst-case importance (the maximum over
/// the observed queries), then a floor at the prior risk (the mean of those maxima over the keys).
///
/// Shapes     n queries x d keys, attention weights >= 0 -> d importances; as a second result
///            (`tie_break`) the maxima before the floor, so that ties at the floor are broken by them.
/// Ranges     floor_strength >= 0: the floor is floor_strength times the mean; 0 is the bare maximum.
/// Errors     floor_strength negative or not finite; n = 0.
/// Guarantee  a key that any observed query needs is never rated below that query's attention. One
///            spurious query can keep a key, by design: it protects from eviction, not from inflation.
///            At most d / floor_strength keys rise above the floor.
/// Cost       one read of the table, O(n d), and one of the d maxima.
/// NaN        NaN and infinities count as absent; a key with no query left scores 0.
/// Weights    a weight above 0 counts in full, 0 is an absent query.
/// Ties       below the floor all keys tie; `defensive{} | top{...}` breaks them by the raw maximum.
/// Source     Feng et al., DefensiveKV, 2025: worst-case estimation and adaptive prior-risk correction.
/// Example    examples/cache_eviction.cpp
struct defensive {
  double floor_strength = 1;

  static constexpr int reads = detail::skips_nan | detail::has_weights;
  static constexpr void parameters(auto& op, auto visit) { visit("floor_strength", op.floor_strength); }

  void check(Index) const {
    if (!(floor_strength >= 0) || !std::isfinite(floor_strength)) {
      detail::refuse(*this, "needs a finite floor_strength >= 0", {{"floor_strength", floor_strength}});
    }
  }

  void into(any_reports auto const& r, auto&& out, auto&& tie_break, workspace& ws) const {
    auto const scope = ws.scope();
    auto raw = maxima(r, out, ws);
    detail::fit_vector(tie_break, r.cols());
    detail::store(tie_break, 0, raw.data(), r.cols());
    floored(raw, out, ws);
  }
  void into(any_reports auto const& r, auto&& out, workspace& ws) const {
    auto const scope = ws.scope();
    floored(maxima(r, out, ws), out, ws);
  }
  auto operator()(any_reports auto const& r) const { return evaluate(*this, r); }

  static constexpr auto nan = detail::nan_is::nan;
  template <class X>
  auto reduce(X const& x) const {
    auto y = nobody<X>();
    for (Index i = 0; i < x.size(); ++i) y = larger(y, x[i]);
    return or_zero(y);
  }
  template <class X>
  auto reduce(X const& x, auto const& w) const {
    auto y = nobody<X>();
    for (Index i = 0; i < x.size(); ++i) y = w[i] > decltype(y){} ? larger(y, x[i]) : y;
    return or_zero(y);
  }
  double reduce_nothing() const { return 0; }

 private:
  auto maxima(any_reports auto const& r, [[maybe_unused]] auto const& out, workspace& ws) const {
    ROBAGG_ASSERT(!detail::overlaps(out, detail::plain_of(r)) && "robagg: the output overlaps the table");
    detail::enter(*this, r);
    auto raw = ws.vector<detail::wide_of<decltype(r)>>(r.cols());
    detail::columns(*this, r, raw, ws);
    return raw;
  }
  template <class T>
  void floored(workspace::vector_map<T> raw, auto& out, workspace& ws) const {
    Index const d = raw.size();
    detail::fit_vector(out, d);
    if (d > 0 && floor_strength > 0) {
      T const floor = static_cast<T>(floor_strength * detail::tree_mean(raw.data(), d, ws));
      raw = raw.cwiseMax(floor);
    }
    detail::store(out, 0, raw.data(), d);
  }

  static constexpr float infinity = std::numeric_limits<float>::infinity();
  template <class X>
  static auto nobody() {
    return detail::all<typename X::packet_type>(-infinity);
  }
  // NaN and infinities are absent.
  template <class V>
  static EIGEN_ALWAYS_INLINE V larger(V y, V x) {
    return detail::upper(y, V(x < infinity ? x : detail::all<V>(-infinity)));
  }
  template <class V>
  static V or_zero(V y) {
    return y == -infinity ? V{} : y;
  }
};

}  // namespace robagg::inline ROBAGG_ABI
