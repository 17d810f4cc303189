// SPDX-License-Identifier: BSL-1.0
#include "cache.hpp"

#include "draws.hpp"
#include "error.hpp"
#include "read.hpp"
#include "records.hpp"
#include "terminal.hpp"
#include "write.hpp"

#include <robagg/cache/observation_window.hpp>
#include <robagg/cache/policies.hpp>
#include <robagg/score/best_case.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
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

// The share of a context of L keys that is this many.
double share_of(Index budget, Index L) { return std::min(1., (static_cast<double>(budget) + .25) / static_cast<double>(L)); }

// SnapKV with those budgets.
void pyramidkv(cube const& attention, double keep, Index heads, Index window, robagg::kept& out, robagg::workspace& ws) {
  Index const layers = attention.size() / heads, rows = attention[0].rows(), d = attention[0].cols();
  auto const budgets = pyramid_budgets(keep, layers, d, window);
  out.positions.clear(), out.starts.assign(1, 0);
  robagg::kept of_layer;
  matrix layer(heads * rows, d);
  for (Index l = 0; l < layers; ++l) {
    for (Index h = 0; h < heads; ++h) layer.middleRows(h * rows, rows) = attention[l * heads + h];
    double const share = share_of(budgets[static_cast<std::size_t>(l)], d + window);
    robagg::snapkv{.keep = share, .heads = heads, .window = window}.into(robagg::cube(layer, heads), of_layer, ws);
    for (Index h = 0; h < heads; ++h) {
      for (Index const j : of_layer[h]) out.positions.push_back(j);
      out.starts.push_back(static_cast<Index>(out.positions.size()));
    }
  }
}

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
      {"pyramidkv", [](cube const& a, matrix const&, double keep, Index heads, Index window, kept& out,
                       workspace& ws) { pyramidkv(a, keep, heads, window, out, ws); }},
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

// Room for the queries of `group` heads a table to d keys; values that are all alike.
attention_trace trace_of(std::string name, Index tables, Index group, Index d, cache_options const& o) {
  return {.name = std::move(name),
          .heads = o.heads,
          .window = o.window,
          .tables = tables,
          .observed = matrix(tables * group * o.window, d),
          .later = matrix(tables * group * o.later, d),
          .norms = matrix::Ones(tables, d)};
}

}  // namespace

std::vector<Index> pyramid_budgets(double keep, Index layers, Index keys, Index window) {
  constexpr double beta = 20;
  double const budget = std::floor(keep * static_cast<double>(keys + window) + 1e-9);
  double const b = std::max(0., budget - static_cast<double>(window));
  double const most = std::min(2 * b - b / beta, static_cast<double>(keys)), least = 2 * b - most;
  std::vector<Index> out;
  for (Index l = 0; l < layers; ++l) {
    double const beside = layers == 1 ? b : most - (most - least) * static_cast<double>(l) / static_cast<double>(layers - 1);
    Index const rounded = std::lround(beside);
    out.push_back(static_cast<Index>(std::min(budget, static_cast<double>(window))) + rounded);
  }
  return out;
}

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
  Index const d = o.keys, rows = o.window * o.group, later = o.later * o.group;
  auto t = trace_of(names[static_cast<std::size_t>(kind)], o.layers * o.heads, o.group, d, o);
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

namespace {

constexpr std::array axis_names = {"layers", "batch", "heads", "queries", "keys"};

// An array of attention with its axes in order: (layers and batches, heads, queries, keys).
struct attention_array {
  matrix rows;
  Index layers = 1, heads = 1, queries = 1;
};

attention_array in_order(loaded_table const& array, std::string const& file, cache_options const& o) {
  auto const& shape = array.shape;
  std::vector<std::string> axes = o.axes;
  if (axes.empty()) {
    static constexpr std::array usual = {"layers", "batch", "heads", "queries", "keys"};
    if (shape.size() > usual.size())
      throw usage_error(fmt::format("{}: holds an array of {} dimensions; at most 5 are attention", file, shape.size()));
    axes.assign(usual.end() - static_cast<std::ptrdiff_t>(shape.size()), usual.end());
    if (shape.size() == 4) axes[0] = "layers";  // of one batch
  }
  if (axes.size() != shape.size())
    throw usage_error(fmt::format("--axes names {} axes, {} has {}", axes.size(), file, shape.size()));
  std::array<Index, axis_names.size()> size{1, 1, 1, 1, 1}, stride{0, 0, 0, 0, 0};
  Index step = 1;
  for (std::size_t k = shape.size(); k-- > 0; step *= shape[k]) {
    auto const place = std::find(axis_names.begin(), axis_names.end(), axes[k]) - axis_names.begin();
    if (place == static_cast<std::ptrdiff_t>(axis_names.size()) || stride[static_cast<std::size_t>(place)] != 0)
      throw usage_error(
          fmt::format("--axes: '{}' is no axis, or named twice; there are {}", axes[k], fmt::join(axis_names, ", ")));
    size[static_cast<std::size_t>(place)] = shape[k], stride[static_cast<std::size_t>(place)] = step;
  }
  if (stride[3] == 0 || stride[4] == 0) throw usage_error("--axes needs queries and keys");
  matrix const all = floats(array);
  attention_array out{matrix(size[0] * size[1] * size[2] * size[3], size[4]), size[0] * size[1], size[2], size[3]};
  Index row = 0;
  for (Index l = 0; l < size[0]; ++l) {
    for (Index b = 0; b < size[1]; ++b) {
      for (Index h = 0; h < size[2]; ++h) {
        for (Index q = 0; q < size[3]; ++q, ++row) {
          Index const from = l * stride[0] + b * stride[1] + h * stride[2] + q * stride[3];
          for (Index k = 0; k < size[4]; ++k) out.rows(row, k) = all.data()[from + k * stride[4]];
        }
      }
    }
  }
  return out;
}

// Weights are not negative, and those of a query sum to 1.
void refuse_other_than_attention(attention_array const& a, std::string const& file) {
  for (Index i = 0; i < a.rows.rows(); ++i) {
    double sum = 0;
    auto const refuse = [&](std::string const& what) {
      return usage_error(fmt::format(
          "{}: query {} of head {}, layer {}, {}: attention weights are at least 0 and sum to 1 over the keys (logits need a softmax; --axes says which axis is which)",
          file, i % a.queries, i / a.queries % a.heads, i / a.queries / a.heads, what));
    };
    for (Index k = 0; k < a.rows.cols(); ++k) {
      auto const w = static_cast<double>(a.rows(i, k));
      if (!std::isfinite(w)) throw refuse(fmt::format("has {} at key {}", w, k));
      if (w < 0) throw refuse(fmt::format("has {:g} at key {}", w, k));
      sum += w;
    }
    if (std::abs(sum - 1) > .01) throw refuse(fmt::format("sums to {:.4g}", sum));
  }
}

}  // namespace

attention_trace read_attention(std::filesystem::path const& path, cache_options const& o) {
  std::string const file = path.string();
  auto const array = read_array(path, 2);
  auto const a = in_order(array, file, o);
  refuse_other_than_attention(a, file);
  Index const d = a.rows.cols() - std::min(a.rows.cols(), o.window + o.later), tables = a.layers * a.heads;
  if (a.queries < o.window + o.later || d < 1) {
    throw usage_error(fmt::format("{}: has {} queries and {} keys; more than --window {} and --later {} together are needed",
                                  file, a.queries, a.rows.cols(), o.window, o.later));
  }
  // Heads of a layer in the file, and KV heads: an array without an axis of layers has as many layers as are told.
  bool const flat = array.shape.size() < 4 && o.axes.empty();
  Index const in_layer = o.query_heads > 0 ? o.query_heads : flat && o.heads_given ? o.heads : a.heads;
  Index const kv = o.heads_given ? o.heads : in_layer;
  if (tables % in_layer != 0)
    throw usage_error(fmt::format("{}: has {} tables, not whole layers of --{} {}", file, tables,
                                  o.query_heads > 0 ? "query-heads" : "heads", in_layer));
  if (!flat && in_layer != a.heads)
    throw usage_error(fmt::format("{}: has {} heads a layer, not --query-heads {}", file, a.heads, in_layer));
  if (kv > in_layer || in_layer % kv != 0 || (kv != in_layer && o.query_heads == 0))
    throw usage_error(fmt::format(
        "{}: has {} heads a layer, not --heads {}; if they are query heads that share KV heads, --query-heads {} says so", file,
        in_layer, kv, in_layer));
  if (o.query_heads > 0 && !o.heads_given) throw usage_error("--query-heads needs --heads, the KV heads that they share");
  Index const group = in_layer / kv;
  auto t = trace_of(path.filename().string(), tables / group, group, d, o);
  t.heads = kv;
  t.found = fmt::format("{}: {}, {} of {}; {}, {}", file, counted(tables / in_layer, "layer"), counted(kv, "KV head"),
                        counted(group, "query head"), counted(a.queries, "query"), counted(a.rows.cols(), "key"));
  for (Index h = 0; h < tables; ++h) {
    Index const end = (h + 1) * a.queries;
    t.observed.middleRows(h * o.window, o.window) = a.rows.middleRows(end - o.later - o.window, o.window).leftCols(d);
    t.later.middleRows(h * o.later, o.later) = a.rows.middleRows(end - o.later, o.later).leftCols(d);
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
  Index const of_layer = k.shape.size() > 3 ? k.shape[k.shape.size() - 3] : tables, heads = o.heads_given ? o.heads : of_layer;
  if (tables % heads != 0 || (k.shape.size() > 3 && heads != of_layer))
    throw usage_error(fmt::format("{}: has {} heads, not whole layers of --heads {}", keys_file.string(),
                                  k.shape.size() > 3 ? of_layer : tables, heads));
  for (auto const* x : {&queries, &keys}) {
    if (!x->allFinite())
      throw usage_error(fmt::format("{}: holds NaN or infinite values", (x == &queries ? queries_file : keys_file).string()));
  }
  auto t = trace_of(keys_file.filename().string(), tables, group, d, o);
  t.heads = heads;
  t.found = fmt::format("{}: {}, {} of {}; {}", keys_file.string(), counted(tables / heads, "layer"), counted(heads, "KV head"),
                        counted(group, "query head"), counted(tokens, "token"));
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

cache_result compare_cache(std::vector<attention_trace> const& traces, recall_model const* model, cache_options const& given) {
  cache_result result{.options = given, .traces = {}, .lines = {}};
  auto const& o = result.options;
  for (auto const& t : traces) {
    result.traces.push_back(t.name);
    if (!t.found.empty()) result.explained.push_back(t.found), result.said.push_back(t.found + ".");
    // A budget within the window leaves no policy a choice.
    Index const L = t.observed.cols() + t.window;
    std::erase_if(result.options.keep, [&](double keep) {
      auto const budget = static_cast<Index>(std::floor(keep * static_cast<double>(L) + 1e-9));
      if (budget > t.window) return false;
      result.said.push_back(fmt::format(
          "{}: --keep {:g} of {} keys is {}, within the window of {}: policies differ in nothing, and it is left out.", t.name,
          keep, L, budget, t.window));
      return true;
    });
    if (o.keep.empty()) throw usage_error(result.said.back());
  }
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
  for (auto const& sentence : result.said) text += wrapped(sentence);
  if (!result.said.empty()) text += "\n";
  for (std::size_t t = 0; t < result.traces.size(); ++t) {
    text += fmt::format("{}: the share of its attention that a later query finds kept\n{:<23}", result.traces[t], "policy");
    for (double const keep : o.keep) text += fmt::format(" | {:>4.4g} % kept: mean   5 % worst <.5", 100 * keep);
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
                                 {"said", result.said},
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
