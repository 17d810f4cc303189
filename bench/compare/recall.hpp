// SPDX-License-Identifier: BSL-1.0
// A small attention model that has learned to recall facts, and how well it still does when its cache is cut.
//
// A context has facts (a key with a value), filler, and questions (a key; the answer is its value). Some facts are asked
// all along, some in a burst now and then, most not yet. After the context come further questions: of the steady facts, of
// those whose burst returns, and of facts that were not asked before. The cache is cut at the end of the context, before
// they are known.
#pragma once

#include <robagg/decide/allocate.hpp>
#include <robagg/reports.hpp>

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

namespace robagg_compare {

using robagg::Index;
using robagg::table;

struct recall_task {
  static constexpr Index keys = 96, values = 24, fillers = 12;
  static constexpr Index length = 400, window = 32, facts = 80, steady = 8, bursts = 12, returning = 6, later = 8;
  enum class kind { steady, returning, fresh };
  static constexpr std::array<char const*, 3> kinds = {"steady", "returning", "fresh"};

  struct token {
    Index key = -1, value = -1, filler = -1;
    bool question() const { return key >= 0 && value < 0; }
  };
  struct question {
    Index key, answer;
    kind asked;
  };
  struct sequence {
    std::vector<token> context;
    std::vector<question> later;
  };
};
recall_task::sequence recall_sequence(std::uint64_t seed);

/// One layer of causal attention with grouped queries, learned embeddings, no position.
struct recall_model {
  static constexpr Index width = 32, query_heads = 4, kv_heads = 2, head_dim = 16;
  static constexpr Index tokens = recall_task::keys + recall_task::values + recall_task::fillers + 1;
  static constexpr Index group = query_heads / kv_heads;

  table<float> embedding, query, key, value, output, answer;
  std::array<table<float>*, 6> parameters() { return {&embedding, &query, &key, &value, &output, &answer}; }

  static recall_model untrained(std::uint64_t seed);
  /// What the model's loss on the questions of a context is, and its gradient.
  double loss(std::vector<recall_task::token> const& context, recall_model& gradient) const;
  /// Adam on fresh contexts; deterministic.
  void train(Index steps, std::uint64_t seed);

  table<float> embedded(std::vector<recall_task::token> const& context) const;
};
recall_model read_recall(std::filesystem::path const& npy);
std::string recall_as_npy(recall_model model);

/// What an inference engine has at the end of a context: queries of the window, keys and values of all of it.
struct recall_trace {
  table<float> queries;            ///< window x query_heads * head_dim
  table<float> keys, values;       ///< length x kv_heads * head_dim
  table<float> const* projection;  ///< query_heads * head_dim x width
};
using recall_policy = std::function<void(recall_trace const&, robagg::kept&)>;

/// Questions answered rightly, of each kind, when each KV head has only the kept keys.
std::array<double, 3> recall_accuracy(recall_model const& model, Index sequences, std::uint64_t seed,
                                      recall_policy const& policy);

}  // namespace robagg_compare
