// SPDX-License-Identifier: BSL-1.0
// What all eviction policies do: budgets, windows, other reductions in place of their own, norms, hostile and empty attention,
// and what they refuse.
#include "eviction.hpp"

using namespace robagg_test;
using robagg::kept, robagg::defensivekv, robagg::layer_defensivekv, robagg::snapkv, robagg::adakv, robagg::criticalkv,
    robagg::cake, robagg::h2o, robagg::streaming_sinks, robagg::group_reduction, robagg::budget_scope;

TEST_CASE("every policy meets its budget and keeps the window") {
  Index const d = 180, window = 20, tables = 6;
  matrix const x = attention_tables(tables, 40, d, 3), norms = gauss(tables, d, 4).cwiseAbs();
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
  matrix const x = attention_tables(2, 8, 90, 6);
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
  auto const a =
      defensivekv{.keep = .3, .window = 0, .protected_mass = 0}.with(robagg::geometric_median{})(c, robagg::norms::none);
  auto const b = snapkv{.keep = .3, .window = 0, .kernel = 1}.with(robagg::geometric_median{})(robagg::cube(pooled, 2));
  CHECK(positions_of(a) == positions_of(b));
}

TEST_CASE("hostile and empty attention") {
  matrix x = attention_tables(2, 8, 50, 9);
  x(3, 7) = not_a_number, x(4, 8) = infinity, x(5, 9) = -infinity, x.row(12).setZero(), x(1, 1) = 1e300;
  auto const c = robagg::cube(x, 2);
  for (double const keep : {.1, .5}) {
    for (kept const& k : {defensivekv{.keep = keep, .heads = 2, .window = 4}(c, robagg::norms::none),
                          snapkv{.keep = keep, .window = 4}(c), cake{.keep = keep, .window = 4}(c),
                          defensivekv{.keep = keep, .window = 4}.with(robagg::trimmed_mean{1})(c, robagg::norms::none)}) {
      CHECK(k[0].size() + k[1].size() == 2 * static_cast<std::size_t>(keep * 54));
    }
  }
  matrix const nothing(16, 0);
  auto const only_window = defensivekv{.keep = .5, .window = 4}(robagg::cube(nothing, 2), robagg::norms::none);
  CHECK(positions_of(only_window) == kept_lists{{2, 3}, {2, 3}});
  matrix const no_layers(0, 9);
  CHECK(snapkv{.keep = .5}(robagg::cube(no_layers, 0)).size() == 0);
  robagg::table<Eigen::half> const half = x.cast<Eigen::half>();
  kept const in_half = defensivekv{.keep = .5, .window = 4}(robagg::cube(half, 2), robagg::norms::none);
  CHECK(in_half[0].size() + in_half[1].size() == 2 * 27);
}

TEST_CASE("norms that are all alike change nothing, as norms::none says by name") {
  matrix const x = attention_tables(4, 12, 90, 8), ones = matrix::Ones(4, 90);
  auto const c = robagg::cube(x, 4);
  auto const alike = [&](auto const& policy) {
    CHECK(positions_of(policy(c, ones)) == positions_of(policy(c, robagg::norms::none)));
  };
  alike(defensivekv{.keep = .3, .heads = 2, .window = 6});
  alike(layer_defensivekv{.keep = .3, .heads = 2, .window = 6});
  alike(criticalkv{.keep = .3, .heads = 2, .window = 6});
  CHECK(positions_of(snapkv{.keep = .3, .window = 6}(c)) ==
        positions_of(snapkv{.keep = .3, .window = 6}(c, robagg::norms::none)));
}

TEST_CASE("policies refuse what makes no sense") {
  matrix const x = attention_tables(2, 8, 50, 9);
  auto const c = robagg::cube(x, 2);
  for (double const keep : {-.1, 1.1, not_a_number})
    check_call_refused(snapkv{.keep = keep}, [&](auto const& op) { op(c); }, {"snapkv: needs 0 <= keep <= 1"});
  check_call_refused(adakv{.keep = .5, .heads = 3}, [&](auto const& op) { op(c); },
                     {"adakv: needs whole layers of heads", "tables = 2, heads = 3"});
  check_call_refused(snapkv{.keep = .5, .kernel = 4}, [&](auto const& op) { op(c); }, {"needs an odd kernel"});
  check_call_refused(snapkv{.keep = .5, .window = -1}, [&](auto const& op) { op(c); }, {"needs window and sinks >= 0"});
  check_call_refused(snapkv{.keep = .5}, [&](auto const& op) { op(robagg::cube(x, 3)); },
                     {"needs a cube whose rows divide into its tables"});
  check_call_refused(snapkv{.keep = .5}.with(robagg::trimmed_mean{9}), [&](auto const& op) { op(c); }, {"trimmed_mean"});
}
