// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../detail/evict.hpp"
#include "../score/uncertainty_weighted.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Eviction policies of the KV-cache literature: which keys each head keeps, from the attention of the last queries.
///
/// Shapes     a cube of layers * heads tables, a table the attention of the queries that share a head's keys (G window rows)
///            to the keys before the window; value norms as a layers * heads x keys table, or norms::none, for those that weigh
///            values, which do not compile without; for the others neither -> `kept`: for each table the
///            ascending positions in the whole context, window included. A context that is no longer than the window is a cube of
///            tables without columns.
/// Ranges     keep in [0, 1]: the share of the context's keys, floor(keep L) a head and never less than 1 unless keep is 0;
///            heads: KV heads a layer; window: tokens that are kept before all others (when the budget is smaller, the last of
///            them); sinks: first keys that are kept as well; kernel odd.
/// Errors     keep or another share, heads, window, sinks or kernel out of range; norms of another shape or below 0;
///            those of the reduction; sinks that a layer has no budget for (cake).
/// Guarantee  the budget is met exactly, per head, layer or cache as the policy says; every head keeps its share of the window.
/// Cost       one read of the attention (mean, defensive), selection, and scratch for two scores and one byte a key.
/// NaN        as the reduction says; a key whose score is NaN is the last to be kept.
/// Ties       the higher score before flooring, then the first head, then the first key.
/// Plug in    policy.with(reduction): any aggregate in place of the policy's own: mean, worst_case, trimmed_mean, quantile,
///            soft_min, uncertainty_weighted, defensive.
/// Example    examples/cache_policies.cpp

/// SnapKV (Li et al., 2024): mean attention, average pooling, the same budget for every head.
struct snapkv {
  required<real, "keep"> keep;
  Index heads = 1, window = 32, sinks = 0, kernel = 5;
  group_reduction group = group_reduction::together;

  static constexpr void parameters(auto& op, auto visit) {
    visit("keep", op.keep), visit("heads", op.heads), visit("window", op.window), visit("sinks", op.sinks), visit("kernel", op.kernel), visit("group", op.group);
  }
  detail::eviction_plan plan() const {
    return {.keep = keep, .heads = heads, .window = window, .sinks = sinks, .kernel = kernel, .group = group};
  }
  mean reduction() const { return {}; }
  void into(cubes auto const& attention, auto&&... rest) const { detail::evict_into(*this, attention, rest...); }
  kept operator()(cubes auto const& attention, auto const&... norms) const { return detail::evicted(*this, attention, norms...); }
  auto with(aggregate auto const& other) const { return detail::with_reduction(*this, other); }
};

/// Ada-KV (Feng et al., 2024) over SnapKV's scores: one budget for the heads of a layer, of which each has a floor.
struct adakv {
  required<real, "keep"> keep;
  Index heads = 1, window = 32, sinks = 0, kernel = 5;
  double floor = .2;  ///< of a head's fair share

  static constexpr void parameters(auto& op, auto visit) {
    visit("keep", op.keep), visit("heads", op.heads), visit("window", op.window), visit("sinks", op.sinks), visit("kernel", op.kernel), visit("floor", op.floor);
  }
  detail::eviction_plan plan() const {
    return {.keep = keep, .heads = heads, .window = window, .sinks = sinks, .kernel = kernel, .floor = floor, .scope = budget_scope::layer};
  }
  mean reduction() const { return {}; }
  void into(cubes auto const& attention, auto&&... rest) const { detail::evict_into(*this, attention, rest...); }
  kept operator()(cubes auto const& attention, auto const&... norms) const { return detail::evicted(*this, attention, norms...); }
  auto with(aggregate auto const& other) const { return detail::with_reduction(*this, other); }
};

/// CriticalKV (Feng et al., 2025) over SnapKV's scores: half the budget to the highest, the rest by (score + epsilon) times the
/// value norm. With scope layer and a floor it is Ada-CriticalKV.
struct criticalkv {
  required<real, "keep"> keep;
  Index heads = 1, window = 32, sinks = 0, kernel = 5;
  double first_stage = .5, epsilon = 1e-4, floor = 0;
  budget_scope scope = budget_scope::head;

  static constexpr auto weighs = detail::norm_use::plain;
  static constexpr void parameters(auto& op, auto visit) {
    visit("keep", op.keep), visit("heads", op.heads), visit("window", op.window), visit("sinks", op.sinks), visit("kernel", op.kernel);
    visit("first_stage", op.first_stage), visit("epsilon", op.epsilon), visit("floor", op.floor), visit("scope", op.scope);
  }
  detail::eviction_plan plan() const {
    return {.keep = keep, .heads = heads, .window = window, .sinks = sinks, .kernel = kernel,
            .epsilon = epsilon, .first_stage = first_stage, .floor = floor, .scope = scope};
  }
  mean reduction() const { return {}; }
  void into(cubes auto const& attention, auto&&... rest) const { detail::evict_into(*this, attention, rest...); }
  kept operator()(cubes auto const& attention, auto const&... norms) const { return detail::evicted(*this, attention, norms...); }
  auto with(aggregate auto const& other) const { return detail::with_reduction(*this, other); }
};

/// CAKE (Qin et al., 2025): mean plus gamma times the variance over queries, pooled; layers share the budget by the entropy of
/// their attention and its variance. How those two are averaged over heads and queries was not read: here, their means.
struct cake {
  required<real, "keep"> keep;
  Index heads = 1, window = 32, sinks = 0, kernel = 5;
  double gamma = 200, tau1 = 1.6, tau2 = .6;

  static constexpr void parameters(auto& op, auto visit) {
    visit("keep", op.keep), visit("heads", op.heads), visit("window", op.window), visit("sinks", op.sinks), visit("kernel", op.kernel);
    visit("gamma", op.gamma), visit("tau1", op.tau1), visit("tau2", op.tau2);
  }
  detail::eviction_plan plan() const {
    return {.keep = keep, .heads = heads, .window = window, .sinks = sinks, .kernel = kernel, .by_dispersion = true, .tau1 = tau1, .tau2 = tau2};
  }
  uncertainty_weighted reduction() const { return {.lambda = -gamma}; }
  void into(cubes auto const& attention, auto&&... rest) const { detail::evict_into(*this, attention, rest...); }
  kept operator()(cubes auto const& attention, auto const&... norms) const { return detail::evicted(*this, attention, norms...); }
  auto with(aggregate auto const& other) const { return detail::with_reduction(*this, other); }
};

/// H2O (Zhang et al., 2023): accumulated attention, half the budget to the last keys. Its scores are those of all queries so
/// far, which the rows of the tables have to be; with the window's alone it is an approximation.
struct h2o {
  required<real, "keep"> keep;
  Index heads = 1, window = 0, sinks = 0;
  double recent = .5;  ///< of the budget

  static constexpr void parameters(auto& op, auto visit) {
    visit("keep", op.keep), visit("heads", op.heads), visit("window", op.window), visit("sinks", op.sinks), visit("recent", op.recent);
  }
  detail::eviction_plan plan() const { return {.keep = keep, .heads = heads, .window = window, .sinks = sinks, .recent = recent}; }
  mean reduction() const { return {}; }
  void into(cubes auto const& attention, auto&&... rest) const { detail::evict_into(*this, attention, rest...); }
  kept operator()(cubes auto const& attention, auto const&... norms) const { return detail::evicted(*this, attention, norms...); }
  auto with(aggregate auto const& other) const { return detail::with_reduction(*this, other); }
};

/// DefensiveKV (Feng et al., 2025): rows pooled with their mass kept, the worst case over queries and grouped heads, the floor
/// at the prior risk, value norms, the keys of 90 % of the mean attention kept first; one budget for the heads of a layer.
///
/// The published code differs, and `as_published` does as it does: norms are normalised over heads; the mass of the window is
/// measured on as many keys before it; a cap below 0, in short contexts, protects all but that many.
struct defensivekv {
  required<real, "keep"> keep;
  Index heads = 1, window = 32, sinks = 0, kernel = 5;
  double floor_strength = 1, protected_mass = .9;
  bool as_published = false;

  static constexpr auto weighs = detail::norm_use::normalised;
  static constexpr void parameters(auto& op, auto visit) {
    visit("keep", op.keep), visit("heads", op.heads), visit("window", op.window), visit("sinks", op.sinks), visit("kernel", op.kernel);
    visit("floor_strength", op.floor_strength), visit("protected_mass", op.protected_mass), visit("as_published", op.as_published);
  }
  detail::eviction_plan plan() const {
    return {.keep = keep, .heads = heads, .window = window, .sinks = sinks, .kernel = kernel, .pools_rows = true,
            .axis = as_published ? norm_axis::heads : norm_axis::keys,
            .protected_mass = protected_mass, .scope = budget_scope::layer, .as_published = as_published};
  }
  defensive reduction() const { return {floor_strength}; }
  void into(cubes auto const& attention, auto&&... rest) const { detail::evict_into(*this, attention, rest...); }
  kept operator()(cubes auto const& attention, auto const&... norms) const { return detail::evicted(*this, attention, norms...); }
  auto with(aggregate auto const& other) const { return detail::with_reduction(*this, other); }
};

/// Layer-DefensiveKV: the same with one budget for the whole cache, which needs the attention of all layers first.
struct layer_defensivekv {
  required<real, "keep"> keep;
  Index heads = 1, window = 32, sinks = 0, kernel = 5;
  double floor_strength = 1, protected_mass = .9;
  bool as_published = false;

  static constexpr auto weighs = detail::norm_use::normalised;
  static constexpr void parameters(auto& op, auto visit) { defensivekv::parameters(op, visit); }
  detail::eviction_plan plan() const {
    auto plan = defensivekv{keep, heads, window, sinks, kernel, floor_strength, protected_mass, as_published}.plan();
    plan.scope = budget_scope::cache;
    return plan;
  }
  defensive reduction() const { return {floor_strength}; }
  void into(cubes auto const& attention, auto&&... rest) const { detail::evict_into(*this, attention, rest...); }
  kept operator()(cubes auto const& attention, auto const&... norms) const { return detail::evicted(*this, attention, norms...); }
  auto with(aggregate auto const& other) const { return detail::with_reduction(*this, other); }
};

/// StreamingLLM (Xiao et al., 2024): the first keys and the last ones, whatever the attention.
struct streaming_sinks {
  required<real, "keep"> keep;
  Index heads = 1, window = 32, sinks = 4;

  static constexpr void parameters(auto& op, auto visit) {
    visit("keep", op.keep), visit("heads", op.heads), visit("window", op.window), visit("sinks", op.sinks);
  }
  detail::eviction_plan plan() const { return {.keep = keep, .heads = heads, .window = window, .sinks = sinks, .recent = 1}; }
  mean reduction() const { return {}; }
  void into(cubes auto const& attention, auto&&... rest) const { detail::evict_into(*this, attention, rest...); }
  kept operator()(cubes auto const& attention, auto const&... norms) const { return detail::evicted(*this, attention, norms...); }
};

}  // namespace robagg::inline ROBAGG_ABI
