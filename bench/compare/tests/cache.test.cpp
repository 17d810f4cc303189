// SPDX-License-Identifier: BSL-1.0
// Eviction judged: the generator, the trained model and its gradient, arrays of your own, and the table.
#include "support.hpp"

#include "../cache.hpp"

#include <robagg/cache/observation_window.hpp>

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstring>

using namespace robagg_compare;

namespace {

void keep_all(recall_trace const& t, robagg::kept& kept, Index from = 0) {
  kept.positions.clear(), kept.starts.assign(1, 0);
  for (Index h = 0; h < recall_model::kv_heads; ++h) {
    for (Index j = from; j < t.keys.rows(); ++j) kept.positions.push_back(j);
    kept.starts.push_back(static_cast<Index>(kept.positions.size()));
  }
}
std::string npy(std::string const& shape, std::vector<float> const& values) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }";
  header.resize(117, ' ');
  std::string text("\x93NUMPY\x01\x00\x76\x00", 10);
  text += header + "\n";
  text.append(reinterpret_cast<char const*>(values.data()), values.size() * sizeof(float));
  return text;
}
double of(cache_result const& r, std::string const& policy, std::size_t trace, double cache_result::retained::* what) {
  for (auto const& line : r.lines) {
    if (line.policy == policy) return line.of_trace[trace][0].*what;
  }
  return -1;
}

}  // namespace

TEST_CASE("the trained model recalls everything from a full cache and nothing from the window alone") {
  auto const model = read_recall(ROBAGG_RECALL);
  auto const full = recall_accuracy(model, 20, 77, [](recall_trace const& t, robagg::kept& k) { keep_all(t, k); });
  auto const window = recall_accuracy(
      model, 20, 77, [](recall_trace const& t, robagg::kept& k) { keep_all(t, k, t.keys.rows() - recall_task::window); });
  for (double const a : full) CHECK(a > .97);
  for (double const a : window) CHECK(a < .2);
}

TEST_CASE("the gradient of the model is that of its loss") {
  auto model = recall_model::untrained(3);
  auto const context = recall_sequence(5).context;
  recall_model gradient = model, unused = model;
  model.loss(context, gradient);
  for (std::size_t p = 0; p < 6; ++p) {
    double sum = 0, squares = 0;
    auto& x = *model.parameters()[p];
    table<float> const before = x, direction = *gradient.parameters()[p];
    float const step = .02f / direction.norm();
    x = before + step * direction;
    sum += model.loss(context, unused);
    x = before - step * direction;
    sum -= model.loss(context, unused);
    x = before;
    squares = static_cast<double>(direction.squaredNorm());
    INFO("parameter " << p);
    CHECK(std::abs(sum / (2 * static_cast<double>(step)) / squares - 1) < .03);
  }
}

TEST_CASE("training is deterministic, and the file is its end") {
  auto a = recall_model::untrained(7), b = a, unused = a;
  std::string const before = recall_as_npy(a);
  a.train(20, 9), b.train(20, 9);
  CHECK(recall_as_npy(a) == recall_as_npy(b));
  CHECK(recall_as_npy(a) != before);
  auto const context = recall_sequence(1).context;
  CHECK(read_recall(ROBAGG_RECALL).loss(context, unused) < .1);
  CHECK(a.loss(context, unused) > 1);
  folder const here;
  put(here / "model.npy", recall_as_npy(a));
  CHECK(recall_as_npy(read_recall(here / "model.npy")) == recall_as_npy(a));
  put(here / "other.npy", npy("(1, 3)", {1, 2, 3}));
  CHECK_THAT(complaint([&] { read_recall(here / "other.npy"); }), Catch::Contains("does not hold the recall model"));
}

TEST_CASE("simulated attention is attention, and bursts that return are kept by the worst case") {
  cache_options o{.keep = {.2}, .heads = 2, .group = 2, .layers = 2, .keys = 300, .later = 40};
  std::vector<attention_trace> traces;
  for (auto const kind : {burst::none, burst::returning, burst::new_keys}) traces.push_back(simulated_attention(o, kind));
  for (auto const& t : traces) {
    CHECK(t.observed.rows() == 4 * 2 * 32);
    CHECK((t.observed.rowwise().sum().array() - 1).abs().maxCoeff() < 1e-4f);
    CHECK(t.observed.minCoeff() >= 0);
  }
  auto const r = compare_cache(traces, nullptr, o);
  CHECK(of(r, "unprotected", 1, &cache_result::retained::worst) >
        of(r, "unprotected, mean", 1, &cache_result::retained::worst));
  CHECK(of(r, "unprotected", 0, &cache_result::retained::mean) < of(r, "unprotected, mean", 0, &cache_result::retained::mean));
  CHECK(of(r, "streaming_sinks", 0, &cache_result::retained::mean) < of(r, "snapkv", 0, &cache_result::retained::mean));
  CHECK(as_json(r)["policies"].size() == r.lines.size());
  CHECK_THAT(as_text(r), Catch::Contains("bursts at new keys"));
  CHECK_THAT(as_csv(r), Catch::Contains("snapkv,bursts that return,0.2,worst,"));
}

TEST_CASE("a pyramid of budgets") {
  // Six layers of one head, 100 keys and a window of 8: 25 beside the window on average.
  cache_options const o{.keep = {.3}, .window = 8, .heads = 1, .group = 1, .layers = 6, .keys = 102, .later = 10};
  auto const trace = simulated_attention(o, burst::none);
  auto const budgets = pyramid_budgets(.3, 6, 102, 8);
  CHECK(budgets == std::vector<Index>{8 + 49, 8 + 39, 8 + 30, 8 + 20, 8 + 11, 8 + 1});  // 48.75, 39.25, ... 1.25
  CHECK(pyramid_budgets(.8, 3, 100, 10) == std::vector<Index>{110, 88, 66});            // no more than all keys
  CHECK(pyramid_budgets(.3, 1, 102, 8) == std::vector<Index>{33});
  auto const r = compare_cache({trace}, nullptr, o);
  CHECK(of(r, "pyramidkv", 0, &cache_result::retained::mean) > of(r, "streaming_sinks", 0, &cache_result::retained::mean));
}

TEST_CASE("attention of one's own, and queries with keys") {
  folder const here;
  Index const tables = 2, tokens = 30, dim = 4;
  cache_options const o{.keep = {.5}, .window = 4, .heads = 2, .later = 6};
  std::vector<float> values;
  for (Index i = 0; i < tables * tokens * dim; ++i) values.push_back(std::sin(static_cast<float>(i * i % 101)));
  put(here / "k.npy", npy("(1, 2, 30, 4)", values));
  put(here / "q.npy", npy("(1, 2, 30, 4)", values));
  auto const t = read_queries(here / "q.npy", here / "k.npy", here / "k.npy", o);
  CHECK((t.tables == 2 && t.observed.rows() == 8 && t.observed.cols() == 20 && t.later.rows() == 12 && t.later.cols() == 20));
  CHECK(t.norms(1, 3) == Approx(std::abs(values[132]) + std::abs(values[133]) + std::abs(values[134]) + std::abs(values[135])));
  // The first later query sees 25 keys.
  double sum = 0, first = 0;
  auto const at = [&](Index token, Index c) { return static_cast<double>(values[static_cast<std::size_t>(token * dim + c)]); };
  for (Index j = 0; j < 25; ++j) {
    double logit = 0;
    for (Index c = 0; c < dim; ++c) logit += at(24, c) * at(j, c) / 2;
    sum += std::exp(logit);
    if (j == 0) first = std::exp(logit);
  }
  CHECK(static_cast<double>(t.later(0, 0)) == Approx(first / sum).epsilon(1e-5));

  // Weights that say where they come from.
  auto const weight = [](Index table_number, Index q, Index k) {
    return static_cast<float>(1 + (table_number * 7 + q * 3 + k) % 11);
  };
  auto const attention = [&](Index count) {
    std::vector<float> weights;
    for (Index i = 0; i < count * 30; ++i) {
      float total = 0;
      for (Index k = 0; k < 30; ++k) total += weight(i / 30, i % 30, k);
      for (Index k = 0; k < 30; ++k) weights.push_back(weight(i / 30, i % 30, k) / total);
    }
    return weights;
  };
  put(here / "a.npy", npy("(2, 30, 30)", attention(2)));
  auto const a = read_attention(here / "a.npy", o);
  auto const whole = attention(2);
  auto const at_place = [&](Index table_number, Index q, Index k) {
    return whole[static_cast<std::size_t>((table_number * 30 + q) * 30 + k)];
  };
  CHECK((a.observed(0, 0) == at_place(0, 20, 0) && a.observed(4, 1) == at_place(1, 20, 1) &&
         a.later(6, 19) == at_place(1, 24, 19)));
  CHECK(a.found.find("1 layer, 2 KV heads of 1 query head; 30 queries, 30 keys") != std::string::npos);
  // Axes: four are layers, heads, ...; query heads share KV heads.
  put(here / "g.npy", npy("(1, 8, 30, 30)", attention(8)));
  auto of_file = o;
  of_file.heads_given = false;
  auto const plain = read_attention(here / "g.npy", of_file);
  CHECK((plain.heads == 8 && plain.tables == 8));
  of_file.heads = 2, of_file.heads_given = true, of_file.query_heads = 8;
  auto const grouped = read_attention(here / "g.npy", of_file);
  CHECK((grouped.heads == 2 && grouped.tables == 2 && grouped.observed.rows() == 8 * 4 && grouped.later == plain.later));
  of_file.query_heads = 0;
  CHECK_THAT(complaint([&] { read_attention(here / "g.npy", of_file); }),
             Catch::Contains("has 8 heads a layer, not --heads 2; if they are query heads"));
  of_file.heads_given = false, of_file.axes = {"batch", "heads", "queries", "keys"};
  CHECK(read_attention(here / "g.npy", of_file).later == plain.later);
  of_file.axes = {"heads", "layers", "queries", "keys"};
  CHECK(read_attention(here / "g.npy", of_file).heads == 1);
  of_file.axes = {"heads", "queries", "keys"};
  CHECK_THAT(complaint([&] { read_attention(here / "g.npy", of_file); }), Catch::Contains("--axes names 3 axes"));
  // What is no attention.
  for (auto const& [value, words] :
       {std::pair{-.5f, "has -0.5 at key 3"}, {2.f, "sums to "}, {std::nanf(""), "has nan at key 3"}}) {
    auto wrong = attention(2);
    wrong[static_cast<std::size_t>((30 + 5) * 30 + 3)] = value;
    put(here / "w.npy", npy("(2, 30, 30)", wrong));
    auto const sentence = complaint([&] { read_attention(here / "w.npy", o); });
    CHECK_THAT(sentence, Catch::Contains("query 5 of head 1, layer 0") && Catch::Contains(words));
  }
  // A budget within the window leaves no choice.
  auto tight = o;
  tight.keep = {.1, .5};
  auto const result = compare_cache({a}, nullptr, tight);
  CHECK(result.options.keep == std::vector<double>{.5});
  CHECK_THAT(as_text(result), Catch::Contains("--keep 0.1 of 24 keys is 2, within the window of 4"));
  tight.keep = {.1};
  CHECK_THAT(complaint([&] { compare_cache({a}, nullptr, tight); }), Catch::Contains("within the window of 4"));
  CHECK(compare_cache({a, t}, nullptr, o).traces.size() == 2);

  auto const refused = [&](cache_options const& bad, char const* words) {
    CHECK_THAT(complaint([&] { read_attention(here / "a.npy", bad); }), Catch::Contains(words));
  };
  refused({.window = 28, .heads = 2, .later = 6}, "has 30 queries and 30 keys; more than --window 28 and --later 6");
  refused({.window = 4, .heads = 3, .later = 6}, "not whole layers of --heads 3");
  CHECK_THAT(complaint([&] { read_queries(here / "a.npy", here / "k.npy", {}, o); }),
             Catch::Contains("needs the tokens and the dimension of"));
  CHECK_THAT(complaint([&] { read_attention(here / "none.npy", o); }), Catch::Contains("cannot be opened"));
  CHECK_THAT(complaint([] { check(cache_options{.keep = {1.5}}); }), Catch::Contains("--keep must be above 0"));
}
