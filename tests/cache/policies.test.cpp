// SPDX-License-Identifier: BSL-1.0
// Eviction policies against a slow reference of the whole pipeline, budgets, short contexts, the published code's oddities,
// and other reductions in their place.
#include "laws.hpp"

using namespace robagg_test;
using robagg::kept, robagg::defensivekv, robagg::layer_defensivekv, robagg::snapkv, robagg::adakv, robagg::criticalkv, robagg::cake,
    robagg::h2o, robagg::streaming_sinks, robagg::group_reduction, robagg::budget_scope;

namespace {
using lists = std::vector<std::vector<Index>>;

lists positions_of(kept const& k) {
  lists out;
  for (Index g = 0; g < k.size(); ++g) out.emplace_back(k[g].begin(), k[g].end());
  return out;
}
// Softmax rows over d + window keys of which d are shown, with some keys that matter.
matrix attention(Index tables, Index n, Index d, std::uint64_t seed) {
  matrix x = gauss(tables * n, d, seed).array().exp();
  for (Index i = 0; i < x.rows(); ++i) x.row(i) *= .8 / x.row(i).sum();
  return x;
}

struct pipeline {
  Index tables, d, window, heads;
  double keep;
  bool published = false;
  Index length() const { return d + window; }
};
std::vector<double> pool(std::vector<double> const& x, Index kernel, bool keep_mass) {
  Index const d = static_cast<Index>(x.size());
  std::vector<double> y(x.size(), 0.);
  for (Index j = 0; j < d; ++j) {
    for (Index k = std::max<Index>(0, j - kernel / 2); k <= std::min(d - 1, j + kernel / 2); ++k) y[static_cast<std::size_t>(j)] += x[static_cast<std::size_t>(k)] / static_cast<double>(kernel);
  }
  double const before = std::accumulate(x.begin(), x.end(), 0.), after = std::accumulate(y.begin(), y.end(), 0.);
  for (double& v : y) v *= keep_mass ? (after > 0 ? before / after : 0) : 1;
  return y;
}
std::vector<double> row_of(matrix const& x, Index i) { return {x.row(i).data(), x.row(i).data() + x.cols()}; }

// The positions with the highest (score, tie), as pairs (head, key), of heads [first, last).
void fill(lists& out, std::vector<std::vector<std::pair<double, double>>> const& scores, std::size_t first, std::size_t last, Index budget) {
  std::vector<std::tuple<double, double, std::size_t, std::size_t>> all;
  for (std::size_t g = first; g < last; ++g) {
    for (std::size_t j = 0; j < scores[g].size(); ++j) all.emplace_back(-scores[g][j].first, -scores[g][j].second, g, j);
  }
  std::sort(all.begin(), all.end());
  for (std::size_t k = 0; k < all.size() && static_cast<Index>(k) < budget; ++k) out[std::get<2>(all[k])].push_back(static_cast<Index>(std::get<3>(all[k])));
}
lists finish(lists out, pipeline const& p) {
  Index const budget = std::max<Index>(1, static_cast<Index>(std::floor(p.keep * static_cast<double>(p.length()) + 1e-9)));
  for (auto& one : out) {
    std::sort(one.begin(), one.end());
    for (Index j = p.length() - std::min(budget, p.window); j < p.length(); ++j) one.push_back(j);
  }
  return out;
}

lists defensive_slowly(matrix const& x, matrix const& norms, pipeline const& p, bool whole_cache) {
  Index const n = x.rows() / p.tables;
  std::vector<std::vector<std::pair<double, double>>> scores(static_cast<std::size_t>(p.tables));
  Index const budget = std::max<Index>(1, static_cast<Index>(std::floor(p.keep * static_cast<double>(p.length()) + 1e-9)));
  Index const of_keys = budget - std::min(budget, p.window);
  for (Index g = 0; g < p.tables; ++g) {
    std::vector<double> top(static_cast<std::size_t>(p.d), 0.), average(top);
    for (Index i = g * n; i < (g + 1) * n; ++i) {
      auto const raw = row_of(x, i), pooled = pool(raw, 5, true);
      for (std::size_t j = 0; j < top.size(); ++j) top[j] = std::max(top[j], pooled[j]), average[j] += raw[j] / static_cast<double>(n);
    }
    double const prior = std::accumulate(top.begin(), top.end(), 0.) / static_cast<double>(p.d);
    for (Index j = 0; j < p.d; ++j) {
      double total = 0;
      if (p.published) {
        for (Index h = g / p.heads * p.heads; h < (g / p.heads + 1) * p.heads; ++h) total += norms(h, j);
      } else {
        total = norms.row(g).sum();
      }
      auto const at = static_cast<std::size_t>(j);
      scores[static_cast<std::size_t>(g)].emplace_back(std::max(top[at], prior) * norms(g, j) / total, top[at]);
    }
    // The keys of most of the mass.
    double const mass = std::accumulate(average.begin(), average.end(), 0.);
    double window_mass = 1 - mass;
    if (p.published) window_mass = std::accumulate(average.end() - std::min(p.window, p.d), average.end(), 0.);
    std::vector<std::size_t> order(average.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return average[a] > average[b]; });
    Index cap = static_cast<Index>(std::floor(p.keep * static_cast<double>(p.d) + 1e-9)) - p.window;
    if (cap < 0) cap = p.published ? p.d + cap : 0;
    cap = std::min(cap, of_keys);
    double sum = 0;
    for (std::size_t k = 0; k < order.size() && static_cast<Index>(k) < cap; ++k) {
      sum += average[order[k]] / mass;
      if (sum >= .9 - window_mass) break;
      scores[static_cast<std::size_t>(g)][order[k]].first = infinity;
    }
  }
  lists out(scores.size());
  auto const together = static_cast<std::size_t>(whole_cache ? p.tables : p.heads);
  for (std::size_t g = 0; g < scores.size(); g += together) fill(out, scores, g, g + together, static_cast<Index>(together) * of_keys);
  return finish(out, p);
}
lists snap_slowly(matrix const& x, pipeline const& p) {
  Index const n = x.rows() / p.tables;
  lists out(static_cast<std::size_t>(p.tables));
  for (Index g = 0; g < p.tables; ++g) {
    auto const score = pool(row_of(x.middleRows(g * n, n).colwise().mean(), 0), 5, false);
    std::vector<std::vector<std::pair<double, double>>> one(out.size());
    for (double const v : score) one[static_cast<std::size_t>(g)].emplace_back(v, 0.);
    Index const budget = std::max<Index>(1, static_cast<Index>(std::floor(p.keep * static_cast<double>(p.length()) + 1e-9)));
    fill(out, one, static_cast<std::size_t>(g), static_cast<std::size_t>(g) + 1, budget - std::min(budget, p.window));
  }
  return finish(out, p);
}
}  // namespace

TEST_CASE("the defensive policies agree with the whole pipeline done slowly") {
  for (Index const d : {1, 3, 68, 200, 1500}) {
    for (double const keep : {0.001, .1, .2, .4, 1.}) {
      for (bool const published : {false, true}) {
        pipeline const p{4, d, 16, 2, keep, published};
        matrix const x = attention(4, 32, d, static_cast<std::uint64_t>(d)), norms = gauss(4, d, 5).cwiseAbs();
        INFO("d " << d << ", keep " << keep << ", published " << published);
        auto const c = robagg::cube(x, 4);
        CHECK(positions_of(defensivekv{.keep = keep, .heads = 2, .window = 16, .as_published = published}(c, norms)) == defensive_slowly(x, norms, p, false));
        CHECK(positions_of(layer_defensivekv{.keep = keep, .heads = 2, .window = 16, .as_published = published}(c, norms)) == defensive_slowly(x, norms, p, true));
        CHECK(positions_of(snapkv{.keep = keep, .heads = 2, .window = 16}(c)) == snap_slowly(x, p));
      }
    }
  }
}

TEST_CASE("every policy meets its budget and keeps the window") {
  Index const d = 180, window = 20, tables = 6;
  matrix const x = attention(tables, 40, d, 3), norms = gauss(tables, d, 4).cwiseAbs();
  auto const c = robagg::cube(x, tables);
  auto const check = [&](auto const& policy, double keep, Index scope, auto const&... more) {
    kept const k = policy(c, more...);
    Index const budget = keep > 0 ? std::max<Index>(1, static_cast<Index>(keep * 200 + 1e-9)) : 0;
    INFO(robagg::describe(policy));
    REQUIRE(k.size() == tables);
    for (Index g = 0; g < tables; g += scope) {
      Index sum = 0;
      for (Index h = g; h < g + scope; ++h) {
        sum += static_cast<Index>(k[h].size());
        CHECK(std::is_sorted(k[h].begin(), k[h].end()));
        CHECK(std::adjacent_find(k[h].begin(), k[h].end()) == k[h].end());
        for (Index j = 200 - std::min(budget, window); j < 200; ++j) CHECK(std::binary_search(k[h].begin(), k[h].end(), j));
      }
      CHECK(sum == scope * budget);
    }
  };
  for (double const keep : {0., .004, .05, .1, .3, .75, 1.}) {
    check(snapkv{.keep = keep, .heads = 3, .window = window}, keep, 1);
    check(snapkv{.keep = keep, .heads = 3, .window = window, .sinks = 4, .group = group_reduction::max}, keep, 1);
    check(adakv{.keep = keep, .heads = 3, .window = window}, keep, 3);
    check(criticalkv{.keep = keep, .heads = 3, .window = window}, keep, 1, norms);
    check(criticalkv{.keep = keep, .heads = 3, .window = window, .floor = .2, .scope = budget_scope::layer}, keep, 3, norms);
    check(cake{.keep = keep, .heads = 3, .window = window}, keep, 6);
    check(h2o{.keep = keep, .heads = 3, .window = window}, keep, 1);
    check(defensivekv{.keep = keep, .heads = 3, .window = window, .sinks = 2}, keep, 3, norms);
    check(defensivekv{.keep = keep, .heads = 3, .window = window}, keep, 3, robagg::norms::none);
    check(layer_defensivekv{.keep = keep, .heads = 3, .window = window}, keep, 6, norms);
    check(streaming_sinks{.keep = keep, .heads = 3, .window = window}, keep, 1);
    check(defensivekv{.keep = keep, .heads = 3, .window = window}.with(robagg::trimmed_mean{2}), keep, 3, norms);
    check(snapkv{.keep = keep, .heads = 3, .window = window}.with(robagg::worst_case{}), keep, 1);
  }
}

TEST_CASE("any reduction takes the place of the policy's own") {
  matrix const x = attention(2, 8, 90, 6);
  auto const c = robagg::cube(x, 2);
  auto const same = [&](auto const& policy, auto const& reduction) {
    // Unpooled, unprotected and with one budget a head it is the reduction and the highest scores.
    kept const k = policy.with(reduction)(c);
    for (Index g = 0; g < 2; ++g) {
      INFO(robagg::name(policy.with(reduction)));
      std::vector<Index> expected = (reduction | robagg::top{20})(c[g]);
      CHECK(std::vector<Index>(k[g].begin(), k[g].end()) == expected);
    }
  };
  snapkv const plain{.keep = 20 / 90., .window = 0, .kernel = 1};
  same(plain, robagg::mean{});
  same(plain, robagg::worst_case{});
  same(plain, robagg::trimmed_mean{1});
  same(plain, robagg::quantile{.9});
  same(plain, robagg::soft_min{5});
  same(plain, robagg::uncertainty_weighted{-200});
  same(plain, robagg::uncertainty_weighted{.5});
  same(plain, robagg::geometric_median{});
  same(plain, robagg::defensive{});
  CHECK(robagg::name(plain.with(robagg::median{})) == "snapkv with median");
  // Pooled rows reach a rule that is not coordinate-wise as a table.
  matrix const pooled = robagg::pool_rows{}(x);
  auto const a = defensivekv{.keep = .3, .window = 0, .protected_mass = 0}.with(robagg::geometric_median{})(c, robagg::norms::none);
  auto const b = snapkv{.keep = .3, .window = 0, .kernel = 1}.with(robagg::geometric_median{})(robagg::cube(pooled, 2));
  CHECK(positions_of(a) == positions_of(b));
}

TEST_CASE("heads that share keys are reduced together, or apart") {
  matrix x = matrix::Constant(4, 10, .01);  // two heads of two queries
  x(0, 3) = .9, x(2, 5) = .5, x(3, 5) = .5;
  auto const keeps = [&](group_reduction g) { return positions_of(snapkv{.keep = 1 / 12. + 2 / 12., .window = 2, .kernel = 1, .group = g}.with(robagg::median{})(robagg::cube(x, 1)))[0]; };
  CHECK(keeps(group_reduction::together) == std::vector<Index>{5, 10, 11});
  CHECK(keeps(group_reduction::max) == std::vector<Index>{5, 10, 11});
  x(2, 5) = x(3, 5) = .3;
  CHECK(keeps(group_reduction::mean) == std::vector<Index>{3, 10, 11});
}

TEST_CASE("layers share the cache by the dispersion of their attention") {
  matrix x = matrix::Zero(2 * 8, 100);
  x.topRows(8) = attention(1, 8, 100, 2);      // attention everywhere, different for every query
  x.bottomRows(8).col(4).setConstant(.9);      // one key for all
  kept const k = cake{.keep = .3, .window = 0}(robagg::cube(x, 2));
  CHECK(k[0].size() + k[1].size() == 60);
  CHECK(k[0].size() > k[1].size());
}

TEST_CASE("hostile and empty attention") {
  matrix x = attention(2, 8, 50, 9);
  x(3, 7) = not_a_number, x(4, 8) = infinity, x(5, 9) = -infinity, x.row(12).setZero(), x(1, 1) = 1e300;
  auto const c = robagg::cube(x, 2);
  for (double const keep : {.1, .5}) {
    for (kept const& k : {defensivekv{.keep = keep, .heads = 2, .window = 4}(c, robagg::norms::none), snapkv{.keep = keep, .window = 4}(c), cake{.keep = keep, .window = 4}(c),
                          defensivekv{.keep = keep, .window = 4}.with(robagg::trimmed_mean{1})(c, robagg::norms::none)}) {
      CHECK(k[0].size() + k[1].size() == 2 * static_cast<std::size_t>(keep * 54));
    }
  }
  matrix const nothing(16, 0);
  auto const only_window = defensivekv{.keep = .5, .window = 4}(robagg::cube(nothing, 2), robagg::norms::none);
  CHECK(positions_of(only_window) == lists{{2, 3}, {2, 3}});
  matrix const no_layers(0, 9);
  CHECK(snapkv{.keep = .5}(robagg::cube(no_layers, 0)).size() == 0);
  robagg::table<Eigen::half> const half = x.cast<Eigen::half>();
  kept const in_half = defensivekv{.keep = .5, .window = 4}(robagg::cube(half, 2), robagg::norms::none);
  CHECK(in_half[0].size() + in_half[1].size() == 2 * 27);
}

TEST_CASE("the first keys and the last ones are kept of any number of keys, without a hole") {
  Index const d = (Index{1} << 24) + 4096;
  robagg::table<float> const x = robagg::table<float>::Zero(1, d);
  kept const k = streaming_sinks{.keep = 5e-5, .window = 32}(robagg::cube(x, 1));
  auto const positions = k[0];
  Index const count = static_cast<Index>(positions.size());
  REQUIRE(count == static_cast<Index>(5e-5 * static_cast<double>(d + 32)));
  for (Index i = 0; i < count; ++i) CHECK(positions[static_cast<std::size_t>(i)] == (i < 4 ? i : d + 32 - (count - i)));
}

TEST_CASE("norms that are all alike change nothing, as norms::none says by name") {
  matrix const x = attention(4, 12, 90, 8), ones = matrix::Ones(4, 90);
  auto const c = robagg::cube(x, 4);
  auto const alike = [&](auto const& policy) { CHECK(positions_of(policy(c, ones)) == positions_of(policy(c, robagg::norms::none))); };
  alike(defensivekv{.keep = .3, .heads = 2, .window = 6});
  alike(layer_defensivekv{.keep = .3, .heads = 2, .window = 6});
  alike(criticalkv{.keep = .3, .heads = 2, .window = 6});
  CHECK(positions_of(snapkv{.keep = .3, .window = 6}(c)) == positions_of(snapkv{.keep = .3, .window = 6}(c, robagg::norms::none)));
}

TEST_CASE("policies refuse what makes no sense") {
  matrix const x = attention(2, 8, 50, 9), norms = matrix::Ones(2, 50);
  auto const c = robagg::cube(x, 2);
  for (double const keep : {-.1, 1.1, not_a_number}) check_call_refused(snapkv{.keep = keep}, [&](auto const& op) { op(c); }, {"snapkv: needs 0 <= keep <= 1"});
  check_call_refused(adakv{.keep = .5, .heads = 3}, [&](auto const& op) { op(c); }, {"adakv: needs whole layers of heads", "tables = 2, heads = 3"});
  check_call_refused(snapkv{.keep = .5, .kernel = 4}, [&](auto const& op) { op(c); }, {"needs an odd kernel"});
  check_call_refused(snapkv{.keep = .5, .window = -1}, [&](auto const& op) { op(c); }, {"needs window and sinks >= 0"});
  check_call_refused(snapkv{.keep = .5, .window = 3, .group = group_reduction::max}, [&](auto const& op) { op(c); }, {"needs the window's queries of every head"});
  check_call_refused(defensivekv{.keep = .5}, [&](auto const& op) { op(c, matrix::Ones(2, 49)); }, {"defensivekv: needs a value norm for every key"});
  check_call_refused(defensivekv{.keep = .5, .floor_strength = -1}, [&](auto const& op) { op(c, norms); }, {"defensive: needs a finite floor_strength >= 0"});
  check_call_refused(snapkv{.keep = .5}, [&](auto const& op) { op(robagg::cube(x, 3)); }, {"needs a cube whose rows divide into its tables"});
  check_call_refused(snapkv{.keep = .5}.with(robagg::trimmed_mean{9}), [&](auto const& op) { op(c); }, {"trimmed_mean"});
  for (double const share : {-.1, 1.1, not_a_number}) {
    check_call_refused(h2o{.keep = .5, .recent = share}, [&](auto const& op) { op(c); }, {"h2o: needs shares in [0, 1]"});
    check_call_refused(adakv{.keep = .5, .floor = share}, [&](auto const& op) { op(c); }, {"adakv: needs shares in [0, 1]"});
    check_call_refused(defensivekv{.keep = .5, .protected_mass = share}, [&](auto const& op) { op(c, norms); }, {"defensivekv: needs shares in [0, 1]"});
  }
  check_call_refused(criticalkv{.keep = .5}, [&](auto const& op) { op(c, matrix::Constant(2, 50, -1)); }, {"criticalkv: needs norms >= 0", "norm = -1"});
  // A layer whose attention says nothing has no budget for its sinks: refused before anything is written.
  matrix layers = matrix::Zero(2 * 8, 50);
  layers.topRows(8) = attention(1, 8, 50, 2);
  kept out{{7}, {0, 1}};
  robagg::workspace ws;
  CHECK_THROWS_WITH((cake{.keep = .1, .window = 0, .sinks = 4}.into(robagg::cube(layers, 2), out, ws)), Catch::Contains("needs a budget of at least the floors and the protected positions"));
  CHECK((out.positions == std::vector<Index>{7} && out.starts == std::vector<Index>{0, 1}));
}
