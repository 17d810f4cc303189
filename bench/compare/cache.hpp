// SPDX-License-Identifier: BSL-1.0
// Eviction policies judged: by the attention that later queries lose (of a generator, or of your own model), and by what a
// small trained model still recalls.
#pragma once

#include "recall.hpp"

#include <robagg/cube.hpp>

#include <nlohmann/json_fwd.hpp>

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace robagg_compare {

struct cache_options {
  std::vector<double> keep = {.1, .2, .4};  ///< shares of the cache
  Index window = 32, heads = 4, group = 4;  ///< observed queries a head; KV heads a layer; query heads a KV head
  Index layers = 4, keys = 1024, later = 64;
  Index sequences = 100;    ///< of the recall task
  Index query_heads = 0;    ///< a layer, in a file of attention; 0: as many as KV heads
  bool heads_given = true;  ///< are `heads` those of the file, or only of simulations?
  std::vector<std::string> axes =
      {};  ///< of a file of attention: layers, batch, heads, queries, keys; empty: the last of these
  std::uint64_t seed = 1;
};
void check(cache_options const& options);

/// Attention of the window's queries to the keys before them, and of queries that come later.
struct attention_trace {
  std::string name;
  Index heads = 1, window = 1;   ///< KV heads a layer; observed queries a query head
  Index tables = 0;              ///< layers * heads
  table<float> observed, later;  ///< tables on top of one another, a row a query
  table<float> norms;            ///< of the values, a row a table
  std::string found = {};        ///< how a file was understood
};

/// Attention with the failure that evictions suffer from. Keys have a stable importance that all queries of a head share
/// (heads differ in how concentrated it is), a few heavy hitters, an attention sink, recency; some queries, of the window and
/// later, look at a small set of keys that others do not look at (a burst).
enum class burst { none, returning, new_keys };
attention_trace simulated_attention(cache_options const& options, burst later);

/// From .npy arrays. Attention: (..., heads, queries, keys) of weights that sum to 1, the last `later` queries of each table
/// judged, the `window` before them observed, keys before both; where query heads share KV heads, those of a KV head are one
/// table. What cannot be attention is refused. Queries (..., query heads, tokens, dim) and keys (..., KV heads, tokens, dim):
/// the same from their softmax; values, if given, weigh.
attention_trace read_attention(std::filesystem::path const& attention, cache_options const& options);
attention_trace read_queries(std::filesystem::path const& queries, std::filesystem::path const& keys,
                             std::filesystem::path const& values, cache_options const& options);

/// Keys that PyramidKV keeps in each layer, of `keys` before a window: on average those of the other policies, linearly fewer
/// from the first layer to the last, which has a twentieth of its share; none has more than there are.
std::vector<Index> pyramid_budgets(double keep, Index layers, Index keys, Index window);

struct cache_result {
  /// Of the share of its attention that a later query finds kept.
  struct retained {
    double mean = 0, fifth = 0, worst = 0, outliers = 0;  ///< mean, 5 % quantile, least, share of queries below 0.5
  };
  struct line {
    std::string policy;
    std::vector<std::vector<retained>> of_trace;  ///< per trace and keep
    std::vector<std::array<double, 3>> recall;    ///< per keep, in the order of recall_task::kind
  };
  cache_options options;  ///< of `keep`, those that leave more than the window
  std::vector<std::string> traces;
  std::vector<line> lines;
  std::vector<std::string> explained = {}, said = {};
};

cache_result compare_cache(std::vector<attention_trace> const& traces, recall_model const* model, cache_options const& options);

std::string as_text(cache_result const& result);
nlohmann::ordered_json as_json(cache_result const& result);
std::string as_csv(cache_result const& result);

}  // namespace robagg_compare
