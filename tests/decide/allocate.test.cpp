// SPDX-License-Identifier: BSL-1.0
// One budget over many groups: floors, protected positions, ties, ragged groups, missing scores.
#include "laws.hpp"

using namespace robagg_test;
using robagg::allocate, robagg::kept;

namespace {
using score_lists = std::vector<std::vector<double>>;
using lists = std::vector<std::vector<Index>>;

lists lists_of(kept const& k) {
  lists out;
  for (Index g = 0; g < k.size(); ++g) out.emplace_back(k[g].begin(), k[g].end());
  return out;
}
// First the best of each group up to its floor, then the best of what is left, one after the other.
lists slowly(score_lists const& scores, score_lists const& ties, Index budget, std::vector<Index> const& floors) {
  struct place {
    double score, tie;
    std::size_t g, j;
  };
  auto const key = [](double v) { return std::isnan(v) ? std::pair(0, 0.) : std::pair(1, v); };
  auto const before = [&](place const& a, place const& b) {
    return std::tuple(key(b.score), key(b.tie), a.g, a.j) < std::tuple(key(a.score), key(a.tie), b.g, b.j);
  };
  std::vector<place> rest;
  lists out(scores.size());
  for (std::size_t g = 0; g < scores.size(); ++g) {
    std::vector<place> own;
    for (std::size_t j = 0; j < scores[g].size(); ++j) own.push_back({scores[g][j], ties[g][j], g, j});
    std::sort(own.begin(), own.end(), before);
    Index const floor = floors.empty() ? 0 : floors[floors.size() == 1 ? 0 : g];
    for (std::size_t k = 0; k < own.size(); ++k) {
      if (static_cast<Index>(k) < floor) {
        out[g].push_back(static_cast<Index>(own[k].j)), --budget;
      } else {
        rest.push_back(own[k]);
      }
    }
  }
  std::sort(rest.begin(), rest.end(), before);
  for (std::size_t k = 0; k < rest.size() && budget > 0; ++k, --budget) out[rest[k].g].push_back(static_cast<Index>(rest[k].j));
  for (auto& one : out) std::sort(one.begin(), one.end());
  return out;
}
}  // namespace

TEST_CASE("a budget over heads, with and without a floor") {
  score_lists const heads{{.9, .8, .7, .6}, {.3, .2, .15, .12}};
  std::vector<Index> const one{1}, uneven{0, 3};
  CHECK(lists_of(allocate{4}(heads)) == lists{{0, 1, 2, 3}, {}});
  CHECK(lists_of(allocate{4, one}(heads)) == lists{{0, 1, 2}, {0}});
  CHECK(lists_of(allocate{4, uneven}(heads)) == lists{{0}, {0, 1, 2}});
  CHECK(lists_of(allocate{0}(heads)) == lists{{}, {}});
  CHECK(lists_of(allocate{99}(heads)) == lists{{0, 1, 2, 3}, {0, 1, 2, 3}});
  CHECK(allocate{5}(score_lists{}).size() == 0);
  matrix const rows{{.9, .8, .7, .6}, {.3, .2, .15, .12}};
  CHECK(lists_of(allocate{4, one}(rows)) == lists{{0, 1, 2}, {0}});
  robagg::table<float> const floats = rows.cast<float>();
  CHECK(lists_of(allocate{4}(floats.leftCols(3))) == lists{{0, 1, 2}, {0}});  // rows with gaps between
}

TEST_CASE("a score of infinity protects its position") {
  score_lists const scores{{.1, infinity, .9}, {.5, infinity}};
  CHECK(lists_of(allocate{2}(scores)) == lists{{1}, {1}});
  CHECK(lists_of(allocate{3}(scores)) == lists{{1, 2}, {1}});
  std::vector<Index> const one{1}, two{2};
  CHECK(lists_of(allocate{2, one}(scores)) == lists{{1}, {1}});
  for (Index const budget : {0, 1})
    check_call_refused(allocate{budget}, [&](auto const& op) { op(scores); },
                       {"allocate: needs a budget of at least the floors and the protected positions", "needed = 2"});
  check_call_refused(allocate{3, two}, [&](auto const& op) { op(scores); },
                     {"needs a budget of at least the floors", "floors = 4"});
}

TEST_CASE("allocate agrees with taking one position after the other") {
  numbers random(11);
  robagg::workspace ws;
  for (int round = 0; round < (instrumented ? 300 : 3000); ++round) {
    score_lists scores(static_cast<std::size_t>(1 + random.below(4))), ties;
    Index total = 0, reserved = 0;
    double const levels = random.uniform() < .5 ? 4 : 1000, missing = random.uniform() < .3 ? .5 : 0;
    for (auto& g : scores) {
      for (Index j = random.below(9); j > 0; --j)
        g.push_back(random.uniform() < missing ? not_a_number : std::floor(random.uniform() * levels) - 1);
    }
    ties = scores;
    for (auto& g : ties) {
      for (double& v : g) v = random.uniform() < .1 ? not_a_number : static_cast<double>(random.below(3));
    }
    std::vector<Index> floors;
    if (random.uniform() < .6) {
      for (std::size_t g = 0; g < scores.size(); ++g) floors.push_back(random.below(4));
    }
    for (std::size_t g = 0; g < scores.size(); ++g) {
      total += static_cast<Index>(scores[g].size());
      if (!floors.empty()) reserved += std::min(floors[g], static_cast<Index>(scores[g].size()));
    }
    Index const budget = reserved + random.below(total - reserved + 2);
    kept with_ties, without;
    allocate const op{budget, floors};
    op.into(scores, ties, with_ties, ws);
    op.into(scores, without, ws);
    score_lists zeros = ties;
    for (auto& g : zeros) std::fill(g.begin(), g.end(), 0.);
    INFO("round " << round << ", budget " << budget);
    CHECK(lists_of(with_ties) == slowly(scores, ties, budget, floors));
    CHECK(lists_of(without) == slowly(scores, zeros, budget, floors));
  }
}

TEST_CASE("allocate agrees on long groups that are one matrix") {
  robagg::table<float> scores = gauss(6, 5000, 9).cast<float>();
  for (bool const ties : {false, true}) {
    if (ties) scores = (scores.array() * 4).round();
    score_lists slow(6);
    for (std::size_t g = 0; g < 6; ++g) {
      for (Index j = 0; j < 5000; ++j) slow[g].push_back(static_cast<double>(scores(static_cast<Index>(g), j)));
    }
    score_lists zeros = slow;
    for (auto& g : zeros) std::fill(g.begin(), g.end(), 0.);
    std::vector<Index> const floor{900};
    CHECK(lists_of(allocate{6000}(scores)) == slowly(slow, zeros, 6000, {}));
    CHECK(lists_of(allocate{6000, floor}(scores)) == slowly(slow, zeros, 6000, floor));
  }
}

TEST_CASE("allocate refuses budgets and floors that make no sense") {
  score_lists const scores{{1, 2}, {3}};
  std::vector<Index> const three{1, 1, 1}, negative{-1};
  check_call_refused(allocate{-1}, [&](auto const& op) { op(scores); }, {"allocate: needs budget >= 0", "budget = -1"});
  check_call_refused(allocate{3, three}, [&](auto const& op) { op(scores); }, {"needs no floor, one, or one a group"});
  check_call_refused(allocate{3, negative}, [&](auto const& op) { op(scores); }, {"needs floors >= 0"});
}

TEST_CASE("allocate writes into buffers of the caller's what it returns") {
  numbers random(17);
  robagg::workspace ws;
  bool none = false, all = false;
  for (int round = 0; round < 200; ++round) {  // shapes that grow and shrink
    score_lists scores(static_cast<std::size_t>(random.below(5))), ties;
    Index total = 0;
    for (auto& g : scores) {
      for (Index j = random.below(200); j > 0; --j)
        g.push_back(random.uniform() < .05 ? not_a_number : std::floor(random.gauss() * 9));
      total += static_cast<Index>(g.size());
    }
    ties = scores;
    for (auto& g : ties) std::reverse(g.begin(), g.end());
    std::vector<Index> const floor{round % 4 == 3 ? 2 : 0};
    Index const budgets[] = {0, total + 5, random.below(total + 1), 10 + total / 2};
    allocate const op{budgets[round % 4], floor};
    kept const k = op(scores), tied = op(scores, ties);
    auto const m = static_cast<std::ptrdiff_t>(k.positions.size());
    std::vector<std::int32_t> positions(static_cast<std::size_t>(m) + 3, -7), starts(scores.size() + 3, -7);
    std::vector<Index> wide(static_cast<std::size_t>(m)), wide_starts(scores.size() + 1);
    INFO("round " << round << ", budget " << op.budget.value << " of " << total);
    CHECK(robagg::positions_needed(op, scores) == m);
    none = none || (m == 0 && total > 0), all = all || op.budget > total;
    op.into(scores, positions, std::span(starts), ws);
    op.into(scores, wide, wide_starts, ws);
    CHECK((wide == k.positions && wide_starts == k.starts));
    CHECK((std::equal(wide.begin(), wide.end(), positions.begin()) &&
           std::equal(k.starts.begin(), k.starts.end(), starts.begin())));
    CHECK(std::all_of(positions.begin() + m, positions.end(), [](auto v) { return v == -7; }));
    op.into(scores, ties, std::span(positions), starts, ws);
    op.into(scores, ties, wide, wide_starts, ws);
    CHECK((wide == tied.positions && wide_starts == tied.starts));
    CHECK(std::equal(wide.begin(), wide.end(), positions.begin()));
    CHECK((starts.back() == -7 && positions.back() == -7));
  }
  CHECK((none && all));
}

TEST_CASE("allocate refuses buffers and tie_breaks that will not do, and writes nothing") {
  score_lists const scores{{3, 1, 2}, {5, 4}}, short_ties{{1, 1, 1}, {1}}, one_group{{1, 1, 1}};
  robagg::workspace ws;
  std::vector<std::int32_t> positions(3, 7), starts(3, 7);
  auto const refused = [&](std::string const& sentence, auto const& call) {
    CHECK_THROWS_WITH(call(), Catch::Contains(sentence));
    CHECK((positions == std::vector<std::int32_t>(3, 7) && starts == std::vector<std::int32_t>(3, 7)));
  };
  refused("allocate: needs room for all positions that are kept (room = 3, positions = 4)",
          [&] { allocate{4}.into(scores, positions, starts, ws); });
  refused("needs room for a start of every group and the end of the last (room = 2, groups = 2)",
          [&] { allocate{3}.into(scores, positions, std::span(starts).first(2), ws); });
  refused("needs positions and starts that do not overlap", [&] { allocate{3}.into(scores, starts, starts, ws); });
  refused("needs one tie_break per score (scores = 2, tie_breaks = 1)",
          [&] { allocate{3}.into(scores, short_ties, positions, starts, ws); });
  refused("needs tie_breaks for every group (groups = 2, tie_breaks = 1)",
          [&] { allocate{3}.into(scores, one_group, positions, starts, ws); });
  refused("needs a budget of at least the floors", [&] {
    std::vector<Index> const two{2};
    allocate{3, two}.into(scores, positions, starts, ws);
  });
  std::vector<std::int8_t> tiny(2, 7);
  score_lists const long_ones{std::vector<double>(129, 1.), {1}};
  refused("last position = 128, largest number = 127", [&] { allocate{2}.into(long_ones, tiny, starts, ws); });
  CHECK(tiny == std::vector<std::int8_t>(2, 7));
  // Scores in memory that the result would take.
  std::vector<double> arena(20, 1.);
  std::span const integers(reinterpret_cast<Index*>(arena.data()), 20);
  std::vector<std::span<double const>> const in_arena{std::span(arena).first(4), std::span(arena).subspan(4, 4)};
  std::vector<Index> apart(5);
  auto const overlaps = [&](std::string const& sentence, auto const& call) {
    CHECK_THROWS_WITH(call(), Catch::Contains(sentence));
    CHECK(arena == std::vector<double>(20, 1.));
  };
  overlaps("does not overlap the scores (group = 1)", [&] { allocate{2}.into(in_arena, integers.subspan(7, 4), apart, ws); });
  overlaps("does not overlap the scores (group = 0)", [&] { allocate{2}.into(in_arena, apart, integers.first(3), ws); });
  score_lists const other{{1, 2, 3, 4}, {1, 2, 3, 4}};
  overlaps("does not overlap the tie_breaks (group = 1)",
           [&] { allocate{2}.into(other, in_arena, integers.subspan(7, 4), apart, ws); });
  allocate{2}.into(in_arena, std::span(apart).first(2), std::span(apart).last(3), ws);
  CHECK(apart == std::vector<Index>{0, 1, 0, 2, 2});
  CHECK_THROWS_WITH(robagg::positions_needed(allocate{-1}, scores), Catch::Contains("needs budget >= 0"));
  CHECK(robagg::positions_needed(allocate{3}, score_lists{}) == 0);
}
