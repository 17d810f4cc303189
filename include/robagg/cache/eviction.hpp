// SPDX-License-Identifier: BSL-1.0
// What every eviction policy does: score every key of every head, keep some whatever their scores, share a budget among the
// rest. A policy says by a plan what it is made of, and by a reduction how queries become one score.
#pragma once

#include "pool_rows.hpp"
#include "protect.hpp"
#include "value_weight.hpp"
#include "../cube.hpp"
#include "../decide/allocate.hpp"
#include "../location/mean.hpp"

#include <cmath>
#include <limits>
#include <numeric>

namespace robagg::inline ROBAGG_ABI {

/// Eviction policies of the KV-cache literature: which keys each head keeps, from the attention of the last queries.
///
/// Shapes     a cube of layers * heads tables, a table the attention of the queries that share a head's keys (G window rows)
///            to the keys before the window; value norms as a layers * heads x keys table, or norms::none, for those that
///            weigh values, which do not compile without; for the others neither -> `kept`: for each table the ascending
///            positions in the whole context, window included. A context that is no longer than the window is a cube of
///            tables without columns.
/// Buffers    policy.into(attention, positions, starts, ws), with norms before them where the policy takes some, writes into
///            two spans of yours, of int32 or any integers: head h keeps positions[starts[h]] to positions[starts[h + 1]],
///            without the last. They have room for positions_needed(policy, tables, keys), and tables + 1, or more.
/// Ranges     keep in [0, 1]: the share of the context's keys, floor(keep L) a head and never less than 1 unless keep is 0;
///            heads: KV heads a layer; window: tokens that are kept before all others (when the budget is smaller, the last
///            of them); sinks: first keys that are kept as well; kernel odd.
/// Errors     keep or another share, heads, window, sinks or kernel out of range; norms of another shape or below 0; those of
///            the reduction; sinks that a layer has no budget for (cake); spans that are too small, overlap, or whose
///            integers do not hold every position. Nothing has been written then.
/// Guarantee  the budget is met exactly, per head, layer or cache as the policy says; every head keeps its share of the
///            window.
/// Cost       one read of the attention (mean, defensive), selection, and scratch for two scores and one byte a key.
/// NaN        as the reduction says; a key whose score is NaN is the last to be kept.
/// Ties       the higher score before flooring, then the first head, then the first key.
/// Plug in    policy.with(reduction): any aggregate in place of the policy's own: mean, worst_case, trimmed_mean, quantile,
///            soft_min, uncertainty_weighted, defensive.
/// Source     Li et al., SnapKV, 2024: the window of observation, scores that are pooled, a budget a head. Feng et al.,
///            Ada-KV, 2024: budgets shared over heads, with a floor. Feng et al., Taming the fragility of KV cache eviction
///            in LLM inference (DefensiveKV), 2025: other reductions, value norms, protected mass. Each policy's page names
///            its own.
/// Example    examples/cache_policies.cpp, examples/engine_buffers.cpp

/// Among which keys the budget is shared: those of each head, of a layer, or of the whole cache.
enum class budget_scope { head, layer, cache };
constexpr std::array<std::string_view, 3> enumerators(budget_scope) { return {"head", "layer", "cache"}; }

/// How the queries of the heads that share their keys are reduced: all together, or each head alone and then their mean or
/// maximum.
enum class group_reduction { together, mean, max };
constexpr std::array<std::string_view, 3> enumerators(group_reduction) { return {"together", "mean", "max"}; }

/// Said in place of value norms to a policy that weighs keys by them: all values are alike.
enum class norms { none };

namespace detail {

// What a policy does with value norms: `uses_norms`.
enum class norm_use { none, normalised, plain };
template <class Policy>
inline constexpr norm_use norms_used = norm_use::none;
template <class Policy>
  requires requires { Policy::uses_norms; }
inline constexpr norm_use norms_used<Policy> = Policy::uses_norms;

struct eviction_plan {
  double keep = 1;
  Index heads = 1, window = 32, sinks = 0, kernel = 1;
  bool pools_rows = false;  // before the reduction, masses kept; otherwise the scores after it
  group_reduction group = group_reduction::together;
  norm_axis axis = norm_axis::keys;
  double epsilon = 0;         // added before plain norms
  double first_stage = 0;     // share of the budget that goes to the highest scores before norms
  double protected_mass = 0;  // share of the attention whose keys are kept, less that of the window
  double recent = 0;          // share of the budget that goes to the last keys; 1: all but the sinks', whatever the scores
  double floor = 0;           // share of a head's fair budget that is its own
  budget_scope scope = budget_scope::head;
  bool by_dispersion = false;  // budgets of layers by entropy^(1 / tau1) variance^(1 / tau2)
  double tau1 = 1, tau2 = 1;
  bool as_published = false;
};

// floor(share n), where the product's rounding does not count: 100 (1 - .8) is 20.
inline Index share_of(double share, Index n) {
  return static_cast<Index>(std::floor(share * static_cast<double>(n) + 1e-9 * static_cast<double>(n)));
}

// What a head keeps of all keys, d of them before the window.
inline Index budget_of(eviction_plan const& plan, Index d) {
  Index const length = d + plan.window;
  return plan.keep > 0 ? std::clamp<Index>(share_of(plan.keep, length), std::min<Index>(1, length), length) : 0;
}

// op's plan, if it is one for so many tables with d keys before the window.
template <class Op>
eviction_plan checked_plan(Op const& op, Index tables, Index d) {
  constexpr Index most = std::numeric_limits<Index>::max() / 2;
  eviction_plan const plan = op.plan();
  if (!(plan.keep >= 0 && plan.keep <= 1)) refuse(op, "needs 0 <= keep <= 1", {{"keep", plan.keep}});
  if (plan.heads < 1 || tables % plan.heads != 0)
    refuse(op, "needs whole layers of heads", {{"tables", tables}, {"heads", plan.heads}});
  if (plan.window < 0 || plan.sinks < 0)
    refuse(op, "needs window and sinks >= 0", {{"window", plan.window}, {"sinks", plan.sinks}});
  if (tables < 0 || d < 0 || plan.window > most - d || (tables > 0 && d + plan.window > most / tables)) {
    refuse(op, "needs keys that can be counted", {{"tables", tables}, {"keys", d}, {"window", plan.window}});
  }
  return plan;
}

template <class T>
struct evictor {
  using values = Eigen::Map<Eigen::Matrix<T, Eigen::Dynamic, 1>>;
  eviction_plan const& plan;
  Index rows, d;  // queries; keys before the window

  // What a head keeps of all keys, of the window, of those before it, and of the first of those whatever their scores.
  Index budget() const { return detail::budget_of(plan, d); }
  Index of_window() const { return std::min(plan.window, budget()); }
  Index of_keys() const { return budget() - of_window(); }
  Index of_sinks() const { return std::min(plan.sinks, of_keys()); }

  struct head {
    T *scores, *ties, *average;  // d of each; the average as the attention came, where a mass is protected
  };

  template <class Reduction, class X>
  void score(Reduction const& reduction, X const& x, head const& to, workspace& ws) const {
    if (plan.recent == 1) {
      std::fill_n(to.scores, d, T(0)), std::fill_n(to.ties, d, T(0));
    } else if (plan.group == group_reduction::together) {
      reduce(reduction, x, to, ws);
    } else {
      auto const scope = ws.scope();
      Index const heads = rows / plan.window;
      auto part = ws.table<T>(3, d);
      Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>> scores(to.scores, d), ties(to.ties, d), average(to.average, d);
      for (Index g = 0; g < heads; ++g) {
        head const one{part.row(0).data(), part.row(1).data(), part.row(2).data()};
        reduce(reduction, x.middleRows(g * plan.window, plan.window), g == 0 ? to : one, ws);
        if (g == 0) continue;
        auto const join = [&](auto& all, Index k) {
          auto const more = part.row(k).transpose().array();
          if (plan.group == group_reduction::mean || k == 2) {
            all += more;
          } else {
            all = (all < more).select(more, all);
          }
        };
        join(scores, 0);
        join(ties, 1);
        if (plan.protected_mass > 0) join(average, 2);
      }
      if (plan.group == group_reduction::mean) {
        scores /= static_cast<T>(heads);
        ties /= static_cast<T>(heads);
      }
      average /= static_cast<T>(heads);
    }
  }

  // Keys that are kept whatever their scores.
  void mark(head const& of, unsigned char* marks, workspace& ws) const {
    Index const free = of_keys() - of_sinks();
    std::fill_n(marks, d, static_cast<unsigned char>(0));
    std::fill_n(marks, std::min(d, of_sinks()), static_cast<unsigned char>(1));
    Index const last = std::clamp<Index>(share_of(plan.recent, budget()) - of_window(), 0, std::min(d, free));
    std::fill_n(marks + (d - last), last, static_cast<unsigned char>(1));
    auto const scope = ws.scope();
    if (Index const first = std::min(share_of(plan.first_stage, budget()) - of_window(), free); first > 0) {
      auto const level = detail::from_top(of.scores, d, first - 1, ws);
      detail::positions_with_ties(
          of.scores, d, level.value, first - level.above, no_tie_break{}, [&](Index, Index j) { marks[j] = 1; }, ws);
    }
    if (plan.protected_mass > 0) {
      Index most = share_of(plan.keep, d) - plan.window;
      if (most < 0) most = plan.as_published ? d + most : 0;
      index_list list{ws.take<Index>(d)};
      double const mass = std::clamp(plan.protected_mass - window_mass(of.average), 0., 1.);
      protect{mass, std::clamp<Index>(most, 0, free)}.into(values(of.average, d), list, ws);
      for (Index const j : list) marks[j] = 1;
    }
  }

 private:
  struct index_list {
    Index* first;
    Index count = 0;
    void clear() { count = 0; }
    void push_back(Index j) { first[count++] = j; }
    Index operator[](Index k) const { return first[k]; }
    Index* begin() const { return first; }
    Index* end() const { return first + count; }
  };

  template <class Reduction, class X>
  void reduce(Reduction const& reduction, X const& x, head const& to, workspace& ws) const {
    auto const scope = ws.scope();
    values scores(to.scores, d), ties(to.ties, d), average(to.average, d);
    if constexpr (requires { reduction.pooled(plan.kernel, x, scores, ties, average, ws); }) {
      if (plan.pools_rows) return reduction.pooled(plan.kernel, x, scores, ties, average, ws);  // all in one read
    }
    auto const from = [&](auto const& table) {
      if constexpr (requires { reduction.into(table, scores, ties, ws); }) {
        reduction.into(table, scores, ties, ws);
      } else {
        reduction.into(table, scores, ws);
        ties = scores;
      }
    };
    if (!plan.pools_rows || plan.kernel == 1) {
      from(x);
    } else if constexpr (requires { Reduction::nan; }) {
      from(pool_rows{plan.kernel}.view(x, ws));
    } else {
      auto pooled = ws.table<T>(x.rows(), d);
      pool_rows{plan.kernel}.into(x, pooled, ws);
      from(pooled);
    }
    if (!plan.pools_rows && plan.kernel > 1) smooth(to, ws);
    if (plan.protected_mass > 0) mean{}.into(x, average, ws);
  }
  void smooth(head const& to, workspace& ws) const {
    auto const scope = ws.scope();
    key_pooling const pool{plan.kernel, false};
    T* const padded = ws.take<T>(pool.room(d));
    pool.pad(to.scores, Index{0}, d, Index{0}, d, padded);
    T const share = T(1) / static_cast<T>(plan.kernel);
    T const* const from[] = {padded};
    pool.sums<T>(from, 1, d, [&to, share](Index c, Index, auto sum, auto, auto zero) {
      using V = decltype(zero);
      V const y = V(sum(0) * share);
      detail::store<V>(to.scores + c, y), detail::store<V>(to.ties + c, y);
    });
  }

  // How much attention is on the window; as published, on as many keys before it.
  double window_mass(T const* average) const {
    if (!plan.as_published) return 1 - detail::mass_of(average, d);
    Index const last = std::min(d, plan.window);
    return detail::mass_of(average + (d - last), last);
  }
};

// CAKE's preference for a layer: the entropy of its attention to some power times its variance over queries to another.
template <class T, cubes C>
double preference(eviction_plan const& plan, C const& attention, Index layer, workspace& ws) {
  auto const scope = ws.scope();
  double entropy = 0, variance = 0;
  for (Index h = 0; h < plan.heads; ++h) {
    auto const x = attention[layer * plan.heads + h];
    Index const n = x.rows(), d = x.cols();
    auto const own = ws.scope();
    tile<T> const t = detail::working_tile<T>(ws, n, d);
    for (Index j = 0; j < d; j += t.width) {
      auto const part = t.first_columns(std::min(t.width, d - j));
      detail::load(x, j, part, ws);
      for (Index c = 0; c < part.width; ++c) {
        double sum = 0, squares = 0;
        for (Index i = 0; i < n; ++i) {
          double const p = static_cast<double>(detail::present(part.row(i)[c]));
          if (p > 0) entropy -= p * std::log(p) / static_cast<double>(n);
          double const step = p - sum;
          sum += step / static_cast<double>(i + 1);
          squares += step * (p - sum);
        }
        variance += squares / static_cast<double>(n);
      }
    }
  }
  // Of no attention that is a mass they may overflow: budgets are shares of what is finite.
  auto const power = [](double x, double tau) { return std::min(1e100, std::pow(std::max(0., x), 1 / tau)); };
  return power(entropy, plan.tau1) * power(variance, plan.tau2);
}

// What each head of a layer keeps of its keys: shares of a total by preference, none more than there are.
inline void divide_by_preference(double const* preference, Index layers, Index total, Index most, Index* budgets) {
  std::fill_n(budgets, layers, Index{0});
  for (Index left = std::min(total, layers * most); left > 0;) {
    double sum = 0;
    Index open = 0;
    for (Index l = 0; l < layers; ++l) {
      if (budgets[l] < most) {
        sum += preference[l];
        ++open;
      }
    }
    Index given = 0;
    for (Index l = 0; l < layers; ++l) {
      if (budgets[l] == most) continue;
      double const share = sum > 0 ? preference[l] / sum : 1 / static_cast<double>(open);
      Index const more = std::min({most - budgets[l], share_of(share, left), left - given});
      budgets[l] += more;
      given += more;
    }
    for (Index l = 0; l < layers && given == 0; ++l) {  // less than one each
      if (budgets[l] < most) {
        ++budgets[l];
        given = 1;
      }
    }
    left -= given;
  }
}

// Takes the positions that are chosen, which are all below `end`; one function for every kind of output.
using kept_writer = function_ref<void(Index const* positions, Index const* starts, Index groups, Index end)>;

template <class Op, cubes C, class Norms>
void evict(Op const& op, C const& attention, Norms const& norms, kept_writer write, workspace& ws) {
  constexpr bool has_norms = !std::is_same_v<Norms, std::nullptr_t>;
  using T = wide_of<decltype(attention[0])>;
  if (!attention.valid())
    refuse(op, "needs a cube whose rows divide into its tables", {{"rows", attention.length()}, {"tables", attention.size()}});
  Index const groups = attention.size(), d = groups > 0 ? attention[0].cols() : 0, rows = groups > 0 ? attention[0].rows() : 0;
  eviction_plan const plan = detail::checked_plan(op, groups, d);
  Index const layers = groups / plan.heads;
  check_parameters(pool_rows{plan.kernel}, 1);
  if (groups > 0 && rows < 1) refuse(op, "needs at least one query", {{"n", rows}});
  if (plan.group != group_reduction::together && (plan.window < 1 || rows % plan.window != 0)) {
    refuse(op, "needs the window's queries of every head to reduce the heads apart", {{"n", rows}, {"window", plan.window}});
  }
  if constexpr (has_norms) {
    if (norms.rows() != groups || norms.cols() != d) {
      refuse(op, "needs a value norm for every key of every head",
             {{"rows", norms.rows()}, {"cols", norms.cols()}, {"tables", groups}, {"keys", d}});
    }
    for (Index g = 0; g < groups; ++g) {
      for (Index j = 0; j < d; ++j) {
        auto const norm = static_cast<double>(norms(g, j));
        if (norm < 0) refuse(op, "needs norms >= 0", {{"table", g}, {"key", j}, {"norm", norm}});
      }
    }
  }
  for (double const share : {plan.first_stage, plan.protected_mass, plan.recent, plan.floor}) {
    if (!(share >= 0 && share <= 1)) refuse(op, "needs shares in [0, 1]", {{"share", share}});
  }
  auto const& reduction = op.reduction();
  if (groups > 0) check_parameters(reduction, plan.group == group_reduction::together ? rows : plan.window);

  auto const scope = ws.scope();
  evictor<T> const of{plan, rows, d};
  auto scores = ws.table<T>(groups, d), ties = ws.table<T>(groups, d);
  auto average = ws.vector<T>(d);
  auto* const marks = ws.take<unsigned char>(groups * d);
  for (Index g = 0; g < groups && d > 0; ++g) {
    auto const one = attention[g];
    auto&& x = detail::readable(one);
    typename evictor<T>::head const head{scores.row(g).data(), ties.row(g).data(), average.data()};
    of.score(reduction, x, head, ws);
    of.mark(head, marks + g * d, ws);
  }
  if constexpr (has_norms) {
    for (Index l = 0; l < layers && norms_used<Op> == norm_use::normalised; ++l) {
      auto part = scores.middleRows(l * plan.heads, plan.heads);
      value_weight{plan.axis}.into(part, norms.middleRows(l * plan.heads, plan.heads), part, ws);
    }
    for (Index g = 0; g < groups && norms_used<Op> == norm_use::plain; ++g) {
      for (Index j = 0; j < d; ++j) scores(g, j) = (scores(g, j) + static_cast<T>(plan.epsilon)) * static_cast<T>(norms(g, j));
    }
  }
  for (Index k = 0; k < groups * d; ++k) {
    T& score = scores.data()[k];
    score = marks[k] != 0 ? std::numeric_limits<T>::infinity() : std::min(score, std::numeric_limits<T>::max());
  }

  // What every head, or layer, or the cache keeps of the keys before the window.
  Index const together = plan.scope == budget_scope::head    ? 1
                         : plan.scope == budget_scope::layer ? plan.heads
                                                             : std::max<Index>(groups, 1);
  Index* const budgets = ws.take<Index>(layers);
  if (plan.by_dispersion) {
    double* const wishes = ws.take<double>(layers);
    for (Index l = 0; l < layers; ++l) wishes[l] = detail::preference<T>(plan, attention, l, ws);
    detail::divide_by_preference(wishes, layers, layers * of.of_keys(), d, budgets);
  } else {
    std::fill_n(budgets, layers, std::min(d, of.of_keys()));
  }
  Index const of_window = of.of_window();
  // Results wait until nothing can be refused any more: an allocation may be, where protected keys exceed it.
  Index const all = groups * of.budget();
  Index* const starts = ws.take<Index>(groups + 1);
  Index* const positions = ws.take<Index>(all);
  Index* next = positions;
  starts[0] = 0;
  for (Index g = 0; g < groups; g += together) {
    auto const own = ws.scope();
    Index const budget = together * budgets[g / plan.heads];
    Index const floor = std::clamp<Index>(share_of(plan.floor, of.budget()) - of_window, 0, budgets[g / plan.heads]);
    Index* const chosen = ws.take<Index>(budget);
    Index* const parts = ws.take<Index>(together + 1);
    allocate{budget, list<Index>(&floor, 1)}.into(scores.middleRows(g, together), ties.middleRows(g, together),
                                                  detail::span_of(chosen, budget), detail::span_of(parts, together + 1), ws);
    for (Index k = 0; k < together; ++k) {
      next = std::copy(chosen + parts[k], chosen + parts[k + 1], next);
      for (Index j = d + plan.window - of_window; j < d + plan.window; ++j) *next++ = j;
      starts[g + k + 1] = next - positions;
    }
  }
  write(positions, starts, groups, d + plan.window);
}

// Norms are what the policy asks for: a table, norms::none, or nothing.
template <class Op, class Norms>
void evict_by(Op const& op, cubes auto const& attention, Norms const& given, auto const& to, workspace& ws) {
  constexpr bool weighs = norms_used<Op> != norm_use::none, given_some = reports<Norms>;
  constexpr bool complete = !weighs || !std::is_same_v<Norms, std::nullptr_t>, read = weighs || !given_some;
  static_assert(complete, "robagg: this policy weighs keys by the norms of their values: pass a table of them, or norms::none");
  static_assert(read, "robagg: this policy does not weigh keys by the norms of their values: pass none of them");
  [[maybe_unused]] auto const write = [&](auto... chosen) { detail::write_kept(op, to, chosen...); };
  if constexpr (complete && given_some && read) {
    detail::evict(op, attention, detail::readable(given), write, ws);
  } else if constexpr (complete && read) {
    detail::evict(op, attention, nullptr, write, ws);
  }
}
template <class X>
concept value_norms_or_none = reports<X> || std::is_same_v<X, robagg::norms>;

template <class Op>
void evict_into(Op const& op, cubes auto const& attention, kept& out, workspace& ws) {
  detail::evict_by(op, attention, nullptr, detail::kept_to(out), ws);
}
template <class Op>
void evict_into(Op const& op, cubes auto const& attention, value_norms_or_none auto const& norms, kept& out, workspace& ws) {
  detail::evict_by(op, attention, norms, detail::kept_to(out), ws);
}
template <class Op>
void evict_into(Op const& op, cubes auto const& attention, integers_in_memory auto&& positions,
                integers_in_memory auto&& starts, workspace& ws) {
  detail::evict_by(op, attention, nullptr, detail::kept_to(positions, starts), ws);
}
template <class Op>
void evict_into(Op const& op, cubes auto const& attention, value_norms_or_none auto const& norms,
                integers_in_memory auto&& positions, integers_in_memory auto&& starts, workspace& ws) {
  detail::evict_by(op, attention, norms, detail::kept_to(positions, starts), ws);
}
template <class Op>
kept evicted(Op const& op, cubes auto const& attention, auto const&... norms) {
  workspace ws;
  kept out;
  detail::evict_into(op, attention, norms..., out, ws);
  return out;
}

// A policy with another reduction.
template <class Policy, aggregate Reduction>
struct policy_with {
  Policy policy;
  Reduction other;

  static constexpr norm_use uses_norms = norms_used<Policy>;
  std::string name() const { return robagg::name(policy) + " with " + robagg::name(other); }
  eviction_plan plan() const { return policy.plan(); }
  Reduction const& reduction() const { return other; }
  void into(cubes auto const& attention, auto&&... rest) const { detail::evict_into(*this, attention, rest...); }
  kept operator()(cubes auto const& attention, auto const&... norms) const {
    return detail::evicted(*this, attention, norms...);
  }
};

template <class Policy, class Reduction>
policy_with<Policy, Reduction> with_reduction(Policy const& policy, Reduction const& reduction) {
  return {policy, reduction};
}

template <class Op>
concept evicts = requires(Op const& op) {
  { op.plan() } -> std::same_as<eviction_plan>;
};

}  // namespace detail

/// How many positions a policy keeps in all, from its budget and shapes alone: of `tables`, the heads of all layers, with so
/// many keys before the window. More keys never need less room, so that buffers for the longest context do for all.
template <detail::evicts Policy>
Index positions_needed(Policy const& policy, Index tables, Index keys) {
  return tables * detail::budget_of(detail::checked_plan(policy, tables, keys), keys);
}

}  // namespace robagg::inline ROBAGG_ABI
