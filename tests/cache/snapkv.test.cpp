// SPDX-License-Identifier: BSL-1.0
// SnapKV: means that are pooled afterwards, one budget a head, heads reduced together or apart; by hand and done slowly.
#include "eviction.hpp"

using namespace robagg_test;
using robagg::snapkv, robagg::group_reduction;

namespace {
kept_lists snap_slowly(matrix const& x, eviction_pipeline const& p) {
  Index const n = x.rows() / p.tables;
  kept_lists out(static_cast<std::size_t>(p.tables));
  for (Index g = 0; g < p.tables; ++g) {
    auto const score = pooled_neighbours(row_of(x.middleRows(g * n, n).colwise().mean(), 0), 5, false);
    std::vector<key_scores> one(out.size());
    for (double const v : score) one[static_cast<std::size_t>(g)].emplace_back(v, 0.);
    keep_highest(out, one, static_cast<std::size_t>(g), static_cast<std::size_t>(g) + 1, p.of_keys());
  }
  return with_window(out, p);
}
}  // namespace

TEST_CASE("snapkv by hand: the neighbours of the highest mean, and of every head as many") {
  // Of 10 keys 5 a head: the window's two and three before it.
  matrix const x{{0, .9, 0, 0, 0, .5, 0, 0},  // means .45 and .5: one query alone is less than two,
                 {0, 0, 0, 0, 0, .5, 0, 0},
                 {.01, 0, 0, 0, 0, 0, 0, 0},  // and a quiet head lends nothing: its neighbours, then the first of equals
                 {.01, 0, 0, 0, 0, 0, 0, 0}};
  auto const heads = robagg::cube(x, 2);
  CHECK(positions_of(snapkv{.keep = .5, .heads = 2, .window = 2, .kernel = 3}(heads)) ==
        kept_lists{{4, 5, 6, 8, 9}, {0, 1, 2, 8, 9}});
  CHECK(positions_of(snapkv{.keep = .5, .heads = 2, .window = 2, .kernel = 1}(heads)) ==
        kept_lists{{0, 1, 5, 8, 9}, {0, 1, 2, 8, 9}});
  CHECK(positions_of(snapkv{.keep = .4, .heads = 2, .window = 2, .sinks = 1, .kernel = 1}(heads)) ==
        kept_lists{{0, 5, 8, 9}, {0, 1, 8, 9}});
  // What is pooled beyond the first key is lost: .25 / 3 for two keys, .3 / 3 for three.
  matrix const end{{.5, 0, 0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, .6, 0, 0}};
  CHECK(positions_of(snapkv{.keep = .5, .window = 2, .kernel = 3}(robagg::cube(end, 1))) == kept_lists{{4, 5, 6, 8, 9}});
}

TEST_CASE("snapkv agrees with the whole pipeline done slowly") {
  for (Index const d : {1, 3, 68, 200, 1500}) {
    for (double const keep : {0.001, .1, .2, .4, 1.}) {
      for (Index const window : {16, 4}) {
        matrix const x = attention_tables(4, 32, d, static_cast<std::uint64_t>(d));
        INFO("d " << d << ", keep " << keep << ", window " << window);
        CHECK(positions_of(snapkv{.keep = keep, .heads = 2, .window = window}(robagg::cube(x, 4))) ==
              snap_slowly(x, {4, d, window, 2, keep}));
      }
    }
  }
}

TEST_CASE("heads that share keys are reduced together, or apart") {
  matrix x = matrix::Constant(4, 10, .01);  // two heads of two queries
  x(0, 3) = .9, x(2, 5) = .5, x(3, 5) = .5;
  auto const keeps = [&](group_reduction g) {
    return positions_of(
        snapkv{.keep = 1 / 12. + 2 / 12., .window = 2, .kernel = 1, .group = g}.with(robagg::median{})(robagg::cube(x, 1)))[0];
  };
  CHECK(keeps(group_reduction::together) == std::vector<Index>{5, 10, 11});
  CHECK(keeps(group_reduction::max) == std::vector<Index>{5, 10, 11});
  x(2, 5) = x(3, 5) = .3;  // medians: key 3 has .455 and .01, together .01; key 5 has .01 and .3, together .155
  CHECK(keeps(group_reduction::mean) == std::vector<Index>{3, 10, 11});
  CHECK(keeps(group_reduction::max) == std::vector<Index>{3, 10, 11});
  CHECK(keeps(group_reduction::together) == std::vector<Index>{5, 10, 11});
  x(0, 3) = .7, x.col(7).setConstant(.2);  // key 3 has .355 and .01; key 7 has .2 in both
  CHECK(keeps(group_reduction::max) == std::vector<Index>{3, 10, 11});
  CHECK(keeps(group_reduction::mean) == std::vector<Index>{7, 10, 11});
}

TEST_CASE("heads reduced apart agree with medians that are pooled and joined slowly") {
  Index const heads = 3, window = 4, d = 60;
  auto const median_of = [](std::vector<double> v) {
    std::sort(v.begin(), v.end());
    return (v[(v.size() - 1) / 2] + v[v.size() / 2]) / 2;
  };
  int differ = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    matrix x = attention_tables(1, heads * window, d, seed + 40);
    if (seed % 4 == 3) x.middleRows(window, window).setZero();  // a head that sees nothing
    auto const medians = [&](Index first, Index rows) {
      std::vector<double> scores;
      for (Index j = 0; j < d; ++j) {
        std::vector<double> column;
        for (Index i = first; i < first + rows; ++i) column.push_back(x(i, j));
        scores.push_back(median_of(column));
      }
      return pooled_neighbours(scores, 3, false);
    };
    std::vector<double> const together = medians(0, heads * window);
    std::vector<double> highest(together.size(), 0.), sum(highest);
    for (Index h = 0; h < heads; ++h) {
      auto const one = medians(h * window, window);
      for (std::size_t j = 0; j < one.size(); ++j) highest[j] = std::max(highest[j], one[j]), sum[j] += one[j];
    }
    auto const keeps = [&](group_reduction g) {
      snapkv const op{.keep = 14. / 64, .window = window, .kernel = 3, .group = g};
      return positions_of(op.with(robagg::median{})(robagg::cube(x, 1)));
    };
    auto const best_of = [&](std::vector<double> const& scores) {
      kept_lists out(1);
      key_scores of_keys;
      for (double const v : scores) of_keys.emplace_back(v, 0.);
      keep_highest(out, {of_keys}, 0, 1, 10);
      return with_window(out, {1, d, window, 1, 14. / 64});
    };
    INFO("seed " << seed);
    CHECK(keeps(group_reduction::together) == best_of(together));
    CHECK(keeps(group_reduction::max) == best_of(highest));
    CHECK(keeps(group_reduction::mean) == best_of(sum));
    differ += best_of(together) != best_of(highest) && best_of(sum) != best_of(highest) && best_of(sum) != best_of(together);
  }
  CHECK(differ > 10);
}

TEST_CASE("snapkv refuses queries that do not divide into heads") {
  matrix const x = attention_tables(2, 8, 50, 9);
  check_call_refused(snapkv{.keep = .5, .window = 3, .group = group_reduction::max},
                     [&](auto const& op) { op(robagg::cube(x, 2)); }, {"needs the window's queries of every head"});
}
