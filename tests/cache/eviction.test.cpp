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

namespace {
// Buffers for the longest context, used for all: what is beyond the last position keeps what it had.
template <class I>
struct engine_buffers {
  std::vector<I> positions = std::vector<I>(5000, I{-7}), starts = std::vector<I>(12, I{-7});
  bool hold(kept const& k) const {
    auto const same = [](std::vector<Index> const& expected, std::vector<I> const& found) {
      return std::equal(expected.begin(), expected.end(), found.begin()) &&
             std::all_of(found.begin() + static_cast<std::ptrdiff_t>(expected.size()), found.end(),
                         [](I v) { return v == -7; });
    };
    return same(k.positions, positions) && same(k.starts, starts);
  }
};
}  // namespace

TEST_CASE("policies write into buffers of the caller's what they return, for shapes that grow and shrink") {
  robagg::workspace ws;
  bool uneven = false, empty = false;
  for (Index const d : {180, 30, 0, 420, 1}) {
    matrix const x = attention_tables(6, 40, d, 3), norms = gauss(6, d, 4).cwiseAbs();
    auto const c = robagg::cube(x, 6);
    auto const check = [&](auto const& policy, auto const&... more) {
      kept const k = policy(c, more...);
      engine_buffers<std::int32_t> narrow;
      engine_buffers<Index> wide;
      policy.into(c, more..., narrow.positions, std::span(narrow.starts), ws);
      policy.into(c, more..., std::span(wide.positions), wide.starts, ws);
      INFO(robagg::describe(policy) << ", " << d << " keys");
      CHECK((narrow.hold(k) && wide.hold(k)));
      CHECK(robagg::positions_needed(policy, 6, d) == static_cast<Index>(k.positions.size()));
      for (Index g = 1; g < 6; ++g) uneven = uneven || k[g].size() != k[0].size();
      empty = empty || k.positions.empty();
    };
    for (double const keep : {0., .004, .1, .75, 1.}) {
      check(snapkv{.keep = keep, .heads = 3, .window = 20});
      check(adakv{.keep = keep, .heads = 3, .window = 20});
      check(criticalkv{.keep = keep, .heads = 3, .window = 20, .scope = budget_scope::cache}, norms);
      check(cake{.keep = keep, .heads = 3, .window = 20});
      check(h2o{.keep = keep, .heads = 3});  // without a window and keys the context is empty
      check(defensivekv{.keep = keep, .heads = 3, .window = 20, .sinks = 2}, norms);
      check(layer_defensivekv{.keep = keep, .heads = 3, .window = 20}, robagg::norms::none);
      check(streaming_sinks{.keep = keep, .heads = 3, .window = 20});
      check(defensivekv{.keep = keep, .heads = 3, .window = 20}.with(robagg::trimmed_mean{2}), norms);
    }
  }
  CHECK((uneven && empty));
}

TEST_CASE("halves in an engine's buffer, with a row stride, into int32") {
  Index const tables = 2, n = 8, d = 40, row_stride = 64, table_stride = n * row_stride + 5;
  std::vector<std::uint16_t> bits(static_cast<std::size_t>(tables * table_stride), 0x7e00);  // NaN between the rows
  matrix const x = attention_tables(tables, n, d, 12);
  robagg::table<Eigen::half> const packed = x.cast<Eigen::half>();
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index j = 0; j < d; ++j)
      bits[static_cast<std::size_t>(i / n * table_stride + i % n * row_stride + j)] =
          Eigen::numext::bit_cast<std::uint16_t>(packed(i, j));
  }
  robagg::workspace ws;
  engine_buffers<std::int32_t> out;
  snapkv const policy{.keep = .4, .heads = 2, .window = 4};
  policy.into(robagg::cube(robagg::as_half(bits).data(), tables, n, d, table_stride, row_stride), out.positions, out.starts,
              ws);
  CHECK(out.hold(policy(robagg::cube(packed, tables))));
}

TEST_CASE("buffers that will not do are refused, and nothing is written") {
  matrix const x = attention_tables(2, 8, 50, 9);
  auto const c = robagg::cube(x, 2);
  robagg::workspace ws;
  auto const refused = [&](auto const& policy, auto& positions, auto&& starts, std::string const& sentence) {
    auto const before = std::vector(positions.begin(), positions.end());
    auto const starts_before = std::vector(starts.begin(), starts.end());
    CHECK_THROWS_WITH(policy.into(c, positions, starts, ws), Catch::Contains(sentence));
    CHECK(std::vector(positions.begin(), positions.end()) == before);
    CHECK(std::vector(starts.begin(), starts.end()) == starts_before);
  };
  snapkv const half{.keep = .5, .window = 4};  // 27 of 54 each
  REQUIRE(robagg::positions_needed(half, 2, 50) == 54);
  std::vector<std::int32_t> enough(54, 7), one_less(53, 7), starts(3, 7), two(2, 7);
  refused(half, one_less, starts, "snapkv: needs room for all positions that are kept (room = 53, positions = 54)");
  refused(half, enough, two, "snapkv: needs room for a start of every group and the end of the last (room = 2, groups = 2)");
  refused(half, enough, std::span(enough).last(3), "needs positions and starts that do not overlap");
  auto in_front = std::span(enough).first(54);
  std::vector<std::int32_t> arena(57, 7);
  auto behind = std::span(arena).subspan(2, 54);
  refused(half, behind, std::span(arena).first(3), "needs positions and starts that do not overlap");
  refused(cake{.keep = .1, .heads = 2, .window = 4, .sinks = 4}.with(robagg::mean{}), enough, two, "room = 2, groups = 2");
  // An allocation that is refused when others are done already.
  matrix one_sided = x;
  one_sided.bottomRows(8).setZero();
  CHECK_THROWS_WITH((cake{.keep = .2, .window = 4, .sinks = 6}.into(robagg::cube(one_sided, 2), enough, starts, ws)),
                    Catch::Contains("needs a budget of at least the floors and the protected positions"));
  CHECK((std::count(enough.begin(), enough.end(), 7) == 54 && std::count(starts.begin(), starts.end(), 7) == 3));
  // Numbers that do not hold the last key, or the last start.
  std::vector<std::int8_t> tiny(200, 7), tiny_starts(3, 7);
  refused(snapkv{.keep = .5, .window = 90}, tiny, starts, "last position = 139, largest number = 127");
  refused(snapkv{.keep = 1, .window = 20}, arena, tiny_starts, "needs room for all positions");
  std::vector<std::int32_t> many(200, 7);
  refused(snapkv{.keep = 1, .window = 20}, many, tiny_starts, "needs an output whose numbers hold every position");
  refused(snapkv{.keep = 0, .window = Index{1} << 31}, many, starts, "last position = 2147483697, largest number = 2147483647");
  // As much as is needed, and the ends of one array.
  half.into(c, in_front, starts, ws);
  CHECK(starts == std::vector<std::int32_t>{0, 27, 54});
  half.into(c, std::span(arena).last(54), std::span(arena).first(3), ws);
  CHECK(std::equal(enough.begin(), enough.end(), arena.begin() + 3));
}

TEST_CASE("the room for positions follows from budget and shape") {
  CHECK(robagg::positions_needed(snapkv{.keep = .5}, 4, 68) == 4 * 50);
  CHECK(robagg::positions_needed(snapkv{.keep = 0}, 4, 68) == 0);
  CHECK(robagg::positions_needed(snapkv{.keep = 1e-9}, 4, 68) == 4);
  CHECK(robagg::positions_needed(h2o{.keep = 1}, 3, 0) == 0);
  CHECK(robagg::positions_needed(adakv{.keep = .5, .heads = 2}.with(robagg::median{}), 0, 9) == 0);
  Index before = 0;
  for (Index d = 0; d < 300; ++d) {
    Index const needed = robagg::positions_needed(layer_defensivekv{.keep = .3, .heads = 2, .window = 7}, 2, d);
    CHECK(needed >= before);
    before = needed;
  }
  auto const refused = [](auto const& policy, Index tables, Index keys, std::string const& sentence) {
    CHECK_THROWS_WITH(robagg::positions_needed(policy, tables, keys), Catch::Contains(sentence));
  };
  constexpr Index most = std::numeric_limits<Index>::max();
  refused(snapkv{.keep = 2}, 4, 68, "snapkv: needs 0 <= keep <= 1 (keep = 2)");
  refused(snapkv{.keep = .5, .heads = 3}, 4, 68, "needs whole layers of heads");
  refused(snapkv{.keep = .5}, -1, 68, "needs keys that can be counted (tables = -1");
  refused(snapkv{.keep = .5}, 1, -1, "needs keys that can be counted");
  refused(snapkv{.keep = .5}, 1, most, "needs keys that can be counted");
  refused(snapkv{.keep = .5, .window = most}, 1, 1, "needs keys that can be counted");
  refused(snapkv{.keep = .5}, most, 68, "needs keys that can be counted");
}
