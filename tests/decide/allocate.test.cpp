// SPDX-License-Identifier: BSL-1.0
// One budget over many groups: floors, protected positions, ties, ragged groups, missing scores.
#include "laws.hpp"

using namespace robagg_test;
using robagg::allocate, robagg::kept;

namespace {
using groups = std::vector<std::vector<double>>;
using lists = std::vector<std::vector<Index>>;

lists lists_of(kept const& k) {
  lists out;
  for (Index g = 0; g < k.size(); ++g) out.emplace_back(k[g].begin(), k[g].end());
  return out;
}
// First the best of each group up to its floor, then the best of what is left, one after the other.
lists slowly(groups const& scores, groups const& ties, Index budget, std::vector<Index> const& floors) {
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
  groups const heads{{.9, .8, .7, .6}, {.3, .2, .15, .12}};
  std::vector<Index> const one{1}, uneven{0, 3};
  CHECK(lists_of(allocate{4}(heads)) == lists{{0, 1, 2, 3}, {}});
  CHECK(lists_of(allocate{4, one}(heads)) == lists{{0, 1, 2}, {0}});
  CHECK(lists_of(allocate{4, uneven}(heads)) == lists{{0}, {0, 1, 2}});
  CHECK(lists_of(allocate{0}(heads)) == lists{{}, {}});
  CHECK(lists_of(allocate{99}(heads)) == lists{{0, 1, 2, 3}, {0, 1, 2, 3}});
  CHECK(allocate{5}(groups{}).size() == 0);
  matrix const rows{{.9, .8, .7, .6}, {.3, .2, .15, .12}};
  CHECK(lists_of(allocate{4, one}(rows)) == lists{{0, 1, 2}, {0}});
  robagg::table<float> const floats = rows.cast<float>();
  CHECK(lists_of(allocate{4}(floats.leftCols(3))) == lists{{0, 1, 2}, {0}});  // rows with gaps between
}

TEST_CASE("a score of infinity protects its position") {
  groups const scores{{.1, infinity, .9}, {.5, infinity}};
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
    groups scores(static_cast<std::size_t>(1 + random.below(4))), ties;
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
    groups zeros = ties;
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
    groups slow(6);
    for (std::size_t g = 0; g < 6; ++g) {
      for (Index j = 0; j < 5000; ++j) slow[g].push_back(static_cast<double>(scores(static_cast<Index>(g), j)));
    }
    groups zeros = slow;
    for (auto& g : zeros) std::fill(g.begin(), g.end(), 0.);
    std::vector<Index> const floor{900};
    CHECK(lists_of(allocate{6000}(scores)) == slowly(slow, zeros, 6000, {}));
    CHECK(lists_of(allocate{6000, floor}(scores)) == slowly(slow, zeros, 6000, floor));
  }
}

TEST_CASE("allocate refuses budgets and floors that make no sense") {
  groups const scores{{1, 2}, {3}};
  std::vector<Index> const three{1, 1, 1}, negative{-1};
  check_call_refused(allocate{-1}, [&](auto const& op) { op(scores); }, {"allocate: needs budget >= 0", "budget = -1"});
  check_call_refused(allocate{3, three}, [&](auto const& op) { op(scores); }, {"needs no floor, one, or one a group"});
  check_call_refused(allocate{3, negative}, [&](auto const& op) { op(scores); }, {"needs floors >= 0"});
}
