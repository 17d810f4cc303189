// SPDX-License-Identifier: BSL-1.0
// Eviction: budgets are met whatever the attention says; snapkv, defensivekv and allocate keep what the slow way keeps.
#include "fuzz.hpp"

#include <robagg/cache/policies.hpp>
#include <robagg/location/median.hpp>

#include <algorithm>
#include <numeric>
#include <tuple>

using namespace robagg_fuzz;
namespace ra = robagg;
using lists = std::vector<std::vector<Index>>;

static lists lists_of(ra::kept const& k) {
  lists out;
  for (Index g = 0; g < k.size(); ++g) out.emplace_back(k[g].begin(), k[g].end());
  return out;
}
struct place {
  double score, tie;
  std::size_t group;
  Index position;
};
static bool before(place const& a, place const& b) {
  auto const key = [](double v) { return std::isnan(v) ? std::pair(0, 0.) : std::pair(1, v); };
  return std::tuple(key(b.score), key(b.tie), a.group, a.position) < std::tuple(key(a.score), key(a.tie), b.group, b.position);
}
static void take(lists& out, std::vector<place> from, Index budget) {
  std::sort(from.begin(), from.end(), before);
  for (place const& p : from) {
    if (budget-- <= 0) break;
    out[p.group].push_back(p.position);
  }
  for (auto& one : out) std::sort(one.begin(), one.end());
}

static void check_allocate(input& in) {
  auto const groups = static_cast<std::size_t>(in.between(0, 4));
  kind const numbers = in.any_kind();
  std::vector<std::vector<double>> scores(groups), ties(groups);
  std::vector<Index> floors;
  for (Index k = in.flag() ? static_cast<Index>(groups) : in.between(0, 2); k > 0; --k) floors.push_back(in.between(0, 3));
  Index const budget = in.between(0, 25);
  Index all = 0, reserved = 0, infinite = 0;
  for (std::size_t g = 0; g < groups; ++g) {
    Index const size = in.between(0, 8);
    scores[g] = in.numbers(size, numbers), ties[g] = in.numbers(size, kind::few);
    all += size;
    if (floors.size() == 1 || floors.size() == groups) reserved += std::min(size, floors[floors.size() == 1 ? 0 : g]);
    infinite += std::count(scores[g].begin(), scores[g].end(), infinity);
  }
  refused([&] {
    ra::kept const k = ra::allocate{budget, floors}(scores, ties);
    auto const kept = lists_of(k);
    Index total = 0;
    for (auto const& one : kept) {
      total += static_cast<Index>(one.size());
      demand(std::is_sorted(one.begin(), one.end(), std::less_equal<>{}), "allocate: ascending positions, each once");
    }
    demand(total == std::min(budget, all), "allocate: keeps exactly its budget");
    if (infinite > 0) {
      for (std::size_t g = 0; g < groups; ++g) {
        for (std::size_t j = 0; j < scores[g].size(); ++j) {
          bool const is_kept = std::binary_search(kept[g].begin(), kept[g].end(), static_cast<Index>(j));
          demand(scores[g][j] < infinity || std::isnan(scores[g][j]) || is_kept, "allocate: protected positions are kept");
        }
      }
      return;
    }
    lists slowly(groups);
    std::vector<place> rest;
    for (std::size_t g = 0; g < groups; ++g) {
      std::vector<place> own;
      for (std::size_t j = 0; j < scores[g].size(); ++j) own.push_back({scores[g][j], ties[g][j], g, static_cast<Index>(j)});
      std::sort(own.begin(), own.end(), before);
      Index const size = static_cast<Index>(own.size());
      Index const floor = std::min(size, floors.empty() ? 0 : floors[floors.size() == 1 ? 0 : g]);
      take(slowly, {own.begin(), own.begin() + floor}, floor);
      rest.insert(rest.end(), own.begin() + floor, own.end());
    }
    take(slowly, rest, budget - std::min(budget, reserved));
    demand(kept == slowly, "allocate: floors first, then the best of what is left");
  });
}

struct pipeline {
  Index tables, heads, queries, keys, window, sinks;
  double keep;
  Index length() const { return keys + window; }
  Index budget() const {
    auto const share = static_cast<Index>(std::floor(keep * static_cast<double>(length()) * (1 + 1e-9)));
    return keep > 0 ? std::clamp<Index>(share, std::min<Index>(1, length()), length()) : 0;
  }
};
// Whatever the scores: ascending positions of the context, the window's first, and the budget of all heads together.
static void check_kept(ra::kept const& k, pipeline const& p, bool per_head, std::string const& name) {
  auto const kept = lists_of(k);
  demand(static_cast<Index>(kept.size()) == p.tables, name + ": a list for each head");
  Index total = 0;
  for (auto const& one : kept) {
    total += static_cast<Index>(one.size());
    demand(std::is_sorted(one.begin(), one.end(), std::less_equal<>{}), name + ": ascending positions, each once");
    demand(one.empty() || (one.front() >= 0 && one.back() < p.length()), name + ": positions of the context");
    demand(!per_head || static_cast<Index>(one.size()) == p.budget(), name + ": the budget of each head");
    for (Index j = p.length() - std::min(p.window, p.budget()); j < p.length(); ++j)
      demand(std::binary_search(one.begin(), one.end(), j), name + ": the share of the window");
  }
  demand(total == p.tables * p.budget(), name + ": exactly the budget");
}
// Scores in 64ths of 1, 2 or 4 queries, so that means are exact; no pooling.
static void check_slowly(pipeline const& p, matrix const& x) {
  lists snap(static_cast<std::size_t>(p.tables)), defensive = snap;
  Index const of_window = std::min(p.window, p.budget()), of_keys = p.budget() - of_window;
  for (Index layer = 0; layer < p.tables; layer += p.heads) {
    std::vector<place> together;
    for (Index g = layer; g < layer + p.heads; ++g) {
      auto const rows = x.middleRows(g * p.queries, p.queries);
      std::vector<place> own;
      double sum = 0;
      for (Index j = 0; j < p.keys; ++j) sum += rows.col(j).maxCoeff();
      for (Index j = 0; j < p.keys; ++j) {
        double const top = rows.col(j).maxCoeff();
        own.push_back({rows.col(j).sum(), 0, static_cast<std::size_t>(g), j});
        together.push_back({std::max(top * static_cast<double>(p.keys), sum), top, static_cast<std::size_t>(g), j});
      }
      take(snap, own, of_keys);
    }
    take(defensive, together, of_keys * p.heads);
  }
  for (auto* all : {&snap, &defensive}) {
    for (auto& one : *all)
      for (Index j = p.length() - of_window; j < p.length(); ++j) one.push_back(j);
  }
  auto const attention = ra::cube(x, p.tables);
  demand(lists_of(ra::snapkv{.keep = p.keep, .heads = p.heads, .window = p.window, .kernel = 1}(attention)) == snap,
         "snapkv: the highest means");
  ra::defensivekv const op{.keep = p.keep, .heads = p.heads, .window = p.window, .kernel = 1, .protected_mass = 0};
  demand(lists_of(op(attention, ra::norms::none)) == defensive, "defensivekv: the highest maxima, floored");
}

ROBAGG_FUZZ(in) {
  Index const what = in.between(0, 5);
  if (what == 0) return check_allocate(in);
  Index const heads = in.between(1, 2);
  pipeline p{heads * in.between(0, 2), heads, in.any_of<Index>({1, 2, 4}), in.between(0, 40), in.between(0, 6), 0, 0};
  p.keep = static_cast<double>(in.between(0, 20)) / 20;
  if (what == 1) {
    matrix x = in.table(p.tables * p.queries, p.keys, kind::few);
    if (p.tables == 0 || p.keys == 0) return;
    return check_slowly(p, x.cwiseAbs() / 64);
  }
  p.sinks = in.between(0, 3);
  if (in.between(0, 7) == 0) p.keep = in.any_double();
  matrix const x = in.table(p.tables * p.queries, p.keys, in.any_kind());
  matrix norms = in.table(p.tables, p.keys, in.any_kind()).cwiseAbs();
  Index const kernel = in.between(0, 9);
  double const share = in.flag() ? in.number(kind::hostile) : static_cast<double>(in.between(0, 10)) / 10;
  auto const attention = ra::cube(x, p.tables);
  auto const run = [&](auto op, bool per_head, auto const&... more) {
    op.keep = p.keep, op.heads = p.heads, op.window = p.window, op.sinks = p.sinks;
    if constexpr (requires { op.kernel; }) op.kernel = kernel;
    refused([&] { check_kept(op(attention, more...), p, per_head, ra::describe(op)); });
    if constexpr (requires { op.with(ra::median{}); })
      refused([&] { check_kept(op.with(ra::median{})(attention, more...), p, per_head, ra::describe(op) + " with median"); });
  };
  switch (in.between(0, 7)) {
    case 0:
      return run(ra::snapkv{.keep = 1, .group = in.any_of({ra::group_reduction::mean, ra::group_reduction::max})}, true);
    case 1:
      return run(ra::adakv{.keep = 1, .floor = share}, false);
    case 2:
      return run(ra::criticalkv{.keep = 1, .first_stage = share, .epsilon = 1e-4, .floor = .1}, true, norms);
    case 3:
      return run(ra::cake{.keep = 1}, false);
    case 4:
      return run(ra::h2o{.keep = 1, .recent = share}, true);
    case 5:
      return run(ra::defensivekv{.keep = 1, .protected_mass = share, .as_published = in.flag()}, false, norms);
    case 6:
      return run(ra::layer_defensivekv{.keep = 1, .floor_strength = share}, false, ra::norms::none);
    default:
      return run(ra::streaming_sinks{.keep = 1}, true);
  }
}
