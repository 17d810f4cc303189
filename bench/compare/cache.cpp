// SPDX-License-Identifier: BSL-1.0
#include "cache.hpp"

#include "draws.hpp"
#include "error.hpp"
#include "read.hpp"
#include "terminal.hpp"
#include "write.hpp"

#include <robagg/cache/observation_window.hpp>
#include <robagg/cache/policies.hpp>
#include <robagg/score/best_case.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <functional>

namespace robagg_compare {
namespace {

using matrix = table<float>;
using cube = decltype(robagg::cube(std::declval<matrix const&>(), Index{}));

struct named_policy {
  std::string name;
  std::function<void(cube const&, matrix const& norms, double keep, Index heads, Index window, robagg::kept&,
                     robagg::workspace&)>
      evict;
};

std::vector<named_policy> policies() {
  using namespace robagg;
  auto const weighing = [](std::string name, auto make) {
    return named_policy{std::move(name),
                        [make](cube const& a, matrix const& norms, double keep, Index heads, Index window, kept& out,
                               workspace& ws) { make(keep, heads, window).into(a, norms, out, ws); }};
  };
  auto const plain = [](std::string name, auto make) {
    return named_policy{std::move(name), [make](cube const& a, matrix const&, double keep, Index heads, Index window, kept& out,
                                                workspace& ws) { make(keep, heads, window).into(a, out, ws); }};
  };
  auto const snap = [](double keep, Index heads, Index window) {
    return snapkv{.keep = keep, .heads = heads, .window = window};
  };
  auto const ada = [](double keep, Index heads, Index window) { return adakv{.keep = keep, .heads = heads, .window = window}; };
  auto const critical = [](double keep, Index heads, Index window) {
    return criticalkv{.keep = keep, .heads = heads, .window = window};
  };
  auto const defended = [](double keep, Index heads, Index window) {
    return defensivekv{.keep = keep, .heads = heads, .window = window};
  };
  auto const unprotected = [](double keep, Index heads, Index window) {
    return defensivekv{.keep = keep, .heads = heads, .window = window, .protected_mass = 0};
  };
  auto const with = [](auto make, auto reduction) {
    return [=](double keep, Index heads, Index window) { return make(keep, heads, window).with(reduction); };
  };
  return {
      plain("streaming_sinks", [](double keep, Index heads,
                                  Index window) { return streaming_sinks{.keep = keep, .heads = heads, .window = window}; }),
      plain("h2o", [](double keep, Index heads, Index window) { return h2o{.keep = keep, .heads = heads, .window = window}; }),
      plain("snapkv", snap),
      plain("adakv", ada),
      weighing("criticalkv", critical),
      plain("cake",
            [](double keep, Index heads, Index window) { return cake{.keep = keep, .heads = heads, .window = window}; }),
      plain("snapkv, defensive", with(snap, defensive{})),
      plain("adakv, defensive", with(ada, defensive{})),
      weighing("criticalkv, defensive", with(critical, defensive{})),
      weighing("defensivekv", defended),
      weighing("layer_defensivekv",
               [](double keep, Index heads, Index window) {
                 return layer_defensivekv{.keep = keep, .heads = heads, .window = window};
               }),
      weighing("unprotected", unprotected),
      weighing("unprotected, mean", with(unprotected, mean{})),
  };
}

cache_result::retained judge(matrix const& later, Index tables, robagg::kept const& kept) {
  std::vector<double> shares;
  Index const n = later.rows() / tables;
  for (Index i = 0; i < later.rows(); ++i) {
    double all = 0, found = 0;
    for (Index j = 0; j < later.cols(); ++j) all += static_cast<double>(later(i, j));
    for (Index const j : kept[i / n]) found += j < later.cols() ? static_cast<double>(later(i, j)) : 0;
    shares.push_back(all > 0 ? found / all : 1);
  }
  cache_result::retained r;
  std::sort(shares.begin(), shares.end());
  for (double const s : shares)
    r.mean += s / static_cast<double>(shares.size()), r.outliers += (s < .5) / static_cast<double>(shares.size());
  r.worst = shares.front(), r.fifth = shares[shares.size() / 20];
  return r;
}

// Softmax in place.
void normalise(Eigen::Ref<Eigen::RowVectorXf> row) {
  row = (row.array() - row.maxCoeff()).exp();
  row /= row.sum();
}

matrix floats(loaded_table const& loaded) {
  return std::visit([](auto const& x) { return matrix(x.template cast<float>()); }, loaded.values);
}

}  // namespace

void check(cache_options const& o) {
  for (double const keep : o.keep) {
    if (!(keep > 0 && keep <= 1)) throw usage_error(fmt::format("--keep must be above 0 and at most 1, not {:g}", keep));
  }
  if (o.keep.empty()) throw usage_error("--keep needs a share");
  for (auto const& [name, value] : {std::pair("--window", o.window),
                                    {"--heads", o.heads},
                                    {"--group", o.group},
                                    {"--layers", o.layers},
                                    {"--later", o.later},
                                    {"--sequences", o.sequences}}) {
    if (value < 1) throw usage_error(fmt::format("{} must be at least 1", name));
  }
  if (o.keys < 16) throw usage_error("--keys must be at least 16");
}

attention_trace simulated_attention(cache_options const& o, burst kind) {
  static constexpr std::array names = {"no bursts", "bursts that return", "bursts at new keys"};
  draws random(o.seed);
  attention_trace t{.name = names[static_cast<std::size_t>(kind)],
                    .heads = o.heads,
                    .window = o.window,
                    .tables = o.layers * o.heads,
                    .observed = {},
                    .later = {},
                    .norms = {}};
  Index const d = o.keys, rows = o.window * o.group, later = o.later * o.group;
  t.observed.resize(t.tables * rows, d), t.later.resize(t.tables * later, d), t.norms.resize(t.tables, d);
  Index const words = std::max<Index>(1, d / 300), sets = 6;
  for (Index h = 0; h < t.tables; ++h) {
    double const sharpness = 1.5 + 2 * random.uniform();  // heads differ in entropy
    Eigen::RowVectorXf base(d);
    for (Index j = 0; j < d; ++j) {
      base[j] = static_cast<float>(sharpness * random.normal() - static_cast<double>(d - j) / (.5 * static_cast<double>(d)));
      t.norms(h, j) = static_cast<float>(std::exp(.3 * random.normal()));
    }
    auto const word = [&](auto&& visit) {  // a few keys side by side
      Index const first = random.below(d - 3);
      for (Index j = first; j < first + 3; ++j) visit(j);
    };
    for (Index k = 0; k < d / 100; ++k) word([&](Index j) { base[j] += 3; });
    base[0] += 5;
    t.norms(h, 0) *= .1f;  // a sink's value is small
    std::vector<std::vector<Index>> bursts(static_cast<std::size_t>(2 * sets));
    for (auto& b : bursts) {
      for (Index k = 0; k < words; ++k) word([&](Index j) { b.push_back(j); });
    }
    auto const write = [&](auto&& row, Index burst_set) {
      row = base;
      for (Index j = 0; j < d; ++j) row[j] += static_cast<float>(.5 * random.normal());
      if (burst_set >= 0) {
        for (Index const j : bursts[static_cast<std::size_t>(burst_set)]) row[j] += static_cast<float>(4 + 2 * sharpness);
      }
      normalise(row);
    };
    // All query heads of a KV head burst together: they read the same token.
    std::vector<Index> seen;
    for (Index q = 0; q < o.window; ++q) {
      Index const b = kind != burst::none && random.chance(.1) ? random.below(sets) : -1;
      if (b >= 0) seen.push_back(b);
      for (Index g = 0; g < o.group; ++g) write(t.observed.row(h * rows + g * o.window + q), b);
    }
    for (Index q = 0; q < o.later; ++q) {
      bool const bursts_now = kind != burst::none && random.chance(.1) && !seen.empty();
      Index const b = !bursts_now               ? -1
                      : kind == burst::new_keys ? sets + random.below(sets)
                                                : seen[static_cast<std::size_t>(random.below(static_cast<Index>(seen.size())))];
      for (Index g = 0; g < o.group; ++g) write(t.later.row(h * later + g * o.later + q), b);
    }
  }
  return t;
}

attention_trace read_attention(std::filesystem::path const& file, cache_options const& o) {
  auto const array = read_array(file, 2);
  matrix const all = floats(array);
  Index const queries = array.shape[array.shape.size() - 2], tables = all.rows() / queries;
  Index const d = all.cols() - std::min(all.cols(), o.window + o.later);
  if (queries < o.window + o.later || d < 1) {
    throw usage_error(fmt::format("{}: has {} queries and {} keys; more than --window {} and --later {} together are needed",
                                  file.string(), queries, all.cols(), o.window, o.later));
  }
  if (tables % o.heads != 0)
    throw usage_error(fmt::format("{}: has {} tables, not whole layers of --heads {}", file.string(), tables, o.heads));
  attention_trace t{.name = file.filename().string(),
                    .heads = o.heads,
                    .window = o.window,
                    .tables = tables,
                    .observed = {},
                    .later = {},
                    .norms = matrix::Ones(tables, d)};
  t.observed.resize(tables * o.window, d), t.later.resize(tables * o.later, d);
  for (Index h = 0; h < tables; ++h) {
    t.observed.middleRows(h * o.window, o.window) =
        all.middleRows((h + 1) * queries - o.later - o.window, o.window).leftCols(d);
    t.later.middleRows(h * o.later, o.later) = all.middleRows((h + 1) * queries - o.later, o.later).leftCols(d);
  }
  return t;
}

attention_trace read_queries(std::filesystem::path const& queries_file, std::filesystem::path const& keys_file,
                             std::filesystem::path const& values_file, cache_options const& o) {
  auto const q = read_array(queries_file, 3), k = read_array(keys_file, 3);
  Index const tokens = k.shape[k.shape.size() - 2], dim = k.shape.back(), d = tokens - o.window - o.later;
  if (q.shape[q.shape.size() - 2] != tokens || q.shape.back() != dim) {
    throw usage_error(fmt::format("{}: needs the tokens and the dimension of {}", queries_file.string(), keys_file.string()));
  }
  if (d < 1)
    throw usage_error(fmt::format("{}: has {} tokens; more than --window {} and --later {} together are needed",
                                  keys_file.string(), tokens, o.window, o.later));
  matrix const queries = floats(q), keys = floats(k);
  Index const tables = keys.rows() / tokens, query_heads = queries.rows() / tokens,
              group = query_heads / std::max<Index>(tables, 1);
  if (query_heads != group * tables || group < 1)
    throw usage_error(fmt::format("{}: its heads are no multiple of those of {}", queries_file.string(), keys_file.string()));
  if (tables % o.heads != 0)
    throw usage_error(fmt::format("{}: has {} heads, not whole layers of --heads {}", keys_file.string(), tables, o.heads));
  attention_trace t{.name = keys_file.filename().string(),
                    .heads = o.heads,
                    .window = o.window,
                    .tables = tables,
                    .observed = {},
                    .later = {},
                    .norms = matrix::Ones(tables, d)};
  t.observed.resize(tables * group * o.window, d), t.later.resize(tables * group * o.later, d);
  robagg::workspace ws;
  for (Index h = 0; h < tables; ++h) {
    matrix window(group * o.window, dim), later(group * o.later, dim), part;
    for (Index g = 0; g < group; ++g) {
      Index const from = (h * group + g) * tokens + d;
      window.middleRows(g * o.window, o.window) = queries.middleRows(from, o.window);
      later.middleRows(g * o.later, o.later) = queries.middleRows(from + o.window, o.later);
    }
    robagg::observation_window{.window = o.window}.into(window, keys.middleRows(h * tokens, d + o.window), part, ws);
    t.observed.middleRows(h * window.rows(), window.rows()) = part;
    robagg::observation_window{.window = o.later}.into(later, keys.middleRows(h * tokens, tokens), part, ws);
    t.later.middleRows(h * later.rows(), later.rows()) = part.leftCols(d);
  }
  if (!values_file.empty()) {
    auto const v = read_array(values_file, 3);
    matrix const values = floats(v);
    if (v.shape != k.shape)
      throw usage_error(fmt::format("{}: needs the shape of {}", values_file.string(), keys_file.string()));
    for (Index h = 0; h < tables; ++h) t.norms.row(h) = robagg::value_norms{}(values.middleRows(h * tokens, d)).transpose();
  }
  return t;
}

cache_result compare_cache(std::vector<attention_trace> const& traces, recall_model const* model, cache_options const& o) {
  cache_result result{.options = o, .traces = {}, .lines = {}};
  for (auto const& t : traces) result.traces.push_back(t.name);
  auto all = policies();
  progress shown(all.size());
  robagg::workspace ws;
  robagg::kept kept;
  for (auto const& policy : all) {
    shown.step(policy.name);
    cache_result::line line{.policy = policy.name, .of_trace = {}, .recall = {}};
    for (auto const& t : traces) {
      auto& of_keep = line.of_trace.emplace_back();
      for (double const keep : o.keep) {
        policy.evict(robagg::cube(t.observed, t.tables), t.norms, keep, t.heads, t.window, kept, ws);
        of_keep.push_back(judge(t.later, t.tables, kept));
      }
    }
    for (double const keep : o.keep) {
      if (model == nullptr) break;
      constexpr Index heads = recall_model::kv_heads, group = recall_model::group, dim = recall_model::head_dim,
                      w = recall_task::window;
      line.recall.push_back(recall_accuracy(*model, o.sequences, o.seed, [&](recall_trace const& trace, robagg::kept& out) {
        Index const d = trace.keys.rows() - w;
        matrix attention(heads * group * w, d), norms(heads, d), part;
        for (Index h = 0; h < heads; ++h) {
          matrix queries(group * w, dim);
          for (Index g = 0; g < group; ++g) queries.middleRows(g * w, w) = trace.queries.middleCols((h * group + g) * dim, dim);
          robagg::observation_window{.window = w}.into(queries, trace.keys.middleCols(h * dim, dim), part, ws);
          attention.middleRows(h * group * w, group * w) = part;
          auto norm = norms.row(h);
          robagg::value_norms{}.into(trace.values.topRows(d).middleCols(h * dim, dim),
                                     trace.projection->middleRows(h * group * dim, group * dim), norm, ws);
        }
        policy.evict(robagg::cube(attention, heads), norms, keep, heads, w, out, ws);
      }));
    }
    result.lines.push_back(std::move(line));
  }
  return result;
}

std::string as_text(cache_result const& result) {
  auto const& o = result.options;
  std::string text;
  for (std::size_t t = 0; t < result.traces.size(); ++t) {
    text += fmt::format("{}: the share of its attention that a later query finds kept\n{:<23}", result.traces[t], "policy");
    for (double const keep : o.keep) text += fmt::format(" | {:>4.0f} % kept: mean   5 % worst <.5", 100 * keep);
    text += "\n";
    for (auto const& line : result.lines) {
      text += fmt::format("{:<23}", line.policy);
      for (auto const& r : line.of_trace[t]) {
        text += fmt::format(" |              {:.3f} {:.3f} {:.3f} {:>2.0f}%", r.mean, r.fifth, r.worst, 100 * r.outliers);
      }
      text += "\n";
    }
    text += "\n";
  }
  if (!result.lines.front().recall.empty()) {
    text +=
        fmt::format("recall by a trained model, % of questions of each kind answered rightly after eviction\n{:<23}", "policy");
    for (double const keep : o.keep) text += fmt::format(" | {:>4.0f} % kept: steady returning fresh", 100 * keep);
    text += "\n";
    for (auto const& line : result.lines) {
      text += fmt::format("{:<23}", line.policy);
      for (auto const& r : line.recall)
        text += fmt::format(" |              {:>6.1f} {:>9.1f} {:>5.1f}", 100 * r[0], 100 * r[1], 100 * r[2]);
      text += "\n";
    }
    text +=
        "\n" +
        wrapped(fmt::format(
            "Recall: contexts of {} tokens with {} facts, {} of which are asked all along, {} in bursts, half of which return; {} contexts of {} later questions. "
            "'A, B' is policy A with reduction B; 'unprotected' is defensivekv without the keys that it keeps for their mean attention. Seed {}.",
            recall_task::length, recall_task::facts, recall_task::steady, recall_task::bursts, o.sequences,
            3 * recall_task::later, o.seed)) +
        "\n";
  }
  return text;
}

nlohmann::ordered_json as_json(cache_result const& result) {
  auto const& o = result.options;
  nlohmann::ordered_json json = {{"command", "cache"},
                                 {"settings",
                                  {{"keep", o.keep},
                                   {"window", o.window},
                                   {"heads", o.heads},
                                   {"group", o.group},
                                   {"layers", o.layers},
                                   {"keys", o.keys},
                                   {"later", o.later},
                                   {"sequences", o.sequences},
                                   {"seed", o.seed}}},
                                 {"policies", nlohmann::ordered_json::array()}};
  for (auto const& line : result.lines) {
    nlohmann::ordered_json one = {{"policy", line.policy}};
    for (std::size_t t = 0; t < result.traces.size(); ++t) {
      for (std::size_t k = 0; k < o.keep.size(); ++k) {
        auto const& r = line.of_trace[t][k];
        one["retained"][result.traces[t]].push_back(
            {{"keep", o.keep[k]}, {"mean", r.mean}, {"q05", r.fifth}, {"worst", r.worst}, {"outliers", r.outliers}});
      }
    }
    for (std::size_t k = 0; k < line.recall.size(); ++k) {
      auto const& r = line.recall[k];
      one["recall"].push_back({{"keep", o.keep[k]}, {"steady", r[0]}, {"returning", r[1]}, {"fresh", r[2]}});
    }
    json["policies"].push_back(one);
  }
  return json;
}

std::string as_csv(cache_result const& result) {
  std::string text = csv_line({"policy", "trace", "keep", "measure", "value"});
  for (auto const& line : result.lines) {
    auto const add = [&](std::string const& trace, double keep, std::string const& measure, double value) {
      text += csv_line({line.policy, trace, csv_number(keep), measure, csv_number(value)});
    };
    for (std::size_t k = 0; k < result.options.keep.size(); ++k) {
      double const keep = result.options.keep[k];
      for (std::size_t t = 0; t < result.traces.size(); ++t) {
        auto const& r = line.of_trace[t][k];
        add(result.traces[t], keep, "mean", r.mean), add(result.traces[t], keep, "q05", r.fifth);
        add(result.traces[t], keep, "worst", r.worst), add(result.traces[t], keep, "outliers", r.outliers);
      }
      for (std::size_t q = 0; q < 3 && k < line.recall.size(); ++q)
        add("recall", keep, recall_task::kinds[q], line.recall[k][q]);
    }
  }
  return text;
}

}  // namespace robagg_compare
