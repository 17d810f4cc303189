// SPDX-License-Identifier: BSL-1.0
// What the tests of eviction policies share: attention, what is kept as lists, and the steps of the whole pipeline done slowly.
#pragma once

#include "../laws.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace robagg_test {

using kept_lists = std::vector<std::vector<Index>>;

inline kept_lists positions_of(robagg::kept const& k) {
  kept_lists out;
  for (Index g = 0; g < k.size(); ++g) out.emplace_back(k[g].begin(), k[g].end());
  return out;
}
// Softmax rows over d + window keys of which d are shown, with some keys that matter.
inline matrix attention_tables(Index tables, Index n, Index d, std::uint64_t seed) {
  matrix x = gauss(tables * n, d, seed).array().exp();
  for (Index i = 0; i < x.rows(); ++i) x.row(i) *= .8 / x.row(i).sum();
  return x;
}

struct eviction_pipeline {
  Index tables, d, window, heads;
  double keep;
  bool published = false;
  Index length() const { return d + window; }
  Index budget() const {
    return std::max<Index>(1, static_cast<Index>(std::floor(keep * static_cast<double>(length()) + 1e-9)));
  }
  Index of_keys() const { return budget() - std::min(budget(), window); }
};
// Scores of keys, with what breaks their ties.
using key_scores = std::vector<std::pair<double, double>>;

inline std::vector<double> pooled_neighbours(std::vector<double> const& x, Index kernel, bool keep_mass) {
  Index const d = static_cast<Index>(x.size());
  std::vector<double> y(x.size(), 0.);
  for (Index j = 0; j < d; ++j) {
    for (Index k = std::max<Index>(0, j - kernel / 2); k <= std::min(d - 1, j + kernel / 2); ++k) {
      y[static_cast<std::size_t>(j)] += x[static_cast<std::size_t>(k)] / static_cast<double>(kernel);
    }
  }
  double const before = std::accumulate(x.begin(), x.end(), 0.), after = std::accumulate(y.begin(), y.end(), 0.);
  for (double& v : y) v *= keep_mass ? (after > 0 ? before / after : 0) : 1;
  return y;
}
inline std::vector<double> row_of(matrix const& x, Index i) { return {x.row(i).data(), x.row(i).data() + x.cols()}; }

// The positions with the highest (score, tie), as pairs (head, key), of heads [first, last).
inline void keep_highest(kept_lists& out, std::vector<key_scores> const& scores, std::size_t first, std::size_t last,
                         Index budget) {
  std::vector<std::tuple<double, double, std::size_t, std::size_t>> all;
  for (std::size_t g = first; g < last; ++g) {
    for (std::size_t j = 0; j < scores[g].size(); ++j) all.emplace_back(-scores[g][j].first, -scores[g][j].second, g, j);
  }
  std::sort(all.begin(), all.end());
  for (std::size_t k = 0; k < all.size() && static_cast<Index>(k) < budget; ++k) {
    out[std::get<2>(all[k])].push_back(static_cast<Index>(std::get<3>(all[k])));
  }
}
inline kept_lists with_window(kept_lists out, eviction_pipeline const& p) {
  for (auto& one : out) {
    std::sort(one.begin(), one.end());
    for (Index j = p.length() - std::min(p.budget(), p.window); j < p.length(); ++j) one.push_back(j);
  }
  return out;
}

// DefensiveKV; with one budget for the whole cache, Layer-DefensiveKV.
inline kept_lists defensive_slowly(matrix const& x, matrix const& norms, eviction_pipeline const& p, bool whole_cache) {
  Index const n = x.rows() / p.tables, of_keys = p.of_keys();
  std::vector<key_scores> scores(static_cast<std::size_t>(p.tables));
  for (Index g = 0; g < p.tables; ++g) {
    std::vector<double> top(static_cast<std::size_t>(p.d), 0.), average(top);
    for (Index i = g * n; i < (g + 1) * n; ++i) {
      auto const raw = row_of(x, i), pooled = pooled_neighbours(raw, 5, true);
      for (std::size_t j = 0; j < top.size(); ++j) {
        top[j] = std::max(top[j], pooled[j]), average[j] += raw[j] / static_cast<double>(n);
      }
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
  kept_lists out(scores.size());
  auto const together = static_cast<std::size_t>(whole_cache ? p.tables : p.heads);
  for (std::size_t g = 0; g < scores.size(); g += together) {
    keep_highest(out, scores, g, g + together, static_cast<Index>(together) * of_keys);
  }
  return with_window(out, p);
}

// The pipeline for short and long contexts, small and large budgets, as written and as published.
template <class Visit>
void for_each_defensive_pipeline(Visit&& visit) {
  for (Index const d : {1, 3, 68, 200, 1500}) {
    for (double const keep : {0.001, .1, .2, .4, 1.}) {
      for (bool const published : {false, true}) {
        INFO("d " << d << ", keep " << keep << ", published " << published);
        visit(eviction_pipeline{4, d, 16, 2, keep, published}, attention_tables(4, 32, d, static_cast<std::uint64_t>(d)),
              matrix(gauss(4, d, 5).cwiseAbs()));
      }
    }
  }
}

// Two queries whose largest attention per key, mean and floor differ; in 64ths, so that sums are exact.
//   largest  26 32 18  6 13      mean 13 16 18 6 6.5, together 59.5: the window has 4.5
//   floored  26 32 19 19 19      the mean of the largest is 19
inline matrix worst_case_is_not_mean() {
  matrix x{{0, 32, 18, 6, 0}, {26, 0, 18, 6, 13}};
  x /= 64;
  return x;
}

}  // namespace robagg_test
