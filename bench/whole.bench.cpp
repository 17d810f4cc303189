// SPDX-License-Identifier: BSL-1.0
// A rule over a model of many tensors beside the same rule on the concatenated table, in the same process: the counter
// times_one_table is how much longer the tensors take, memory_share what the workspace holds, as a share of one client's model.
// The bits must be the same before the clock starts.
#include "bench.hpp"

#include <robagg/whole.hpp>

using namespace robagg_bench;

namespace {

struct model_shape {
  Index clients, values, tensors;
};

template <class Op>
void time_whole(benchmark::State& state, Op const& op, model_shape shape) {
  auto const [n, d, count] = shape;
  cells<float> next(n, d);
  robagg::table<float> all(n, d);
  for (float& value : all.reshaped<Eigen::RowMajor>()) value = static_cast<float>(next());
  std::vector<robagg::table<float>> parts;
  std::vector<Eigen::VectorXf> results(static_cast<std::size_t>(count));
  robagg::tensors model(n);
  Index at = 0;
  for (Index k = 0; k < count; ++k) {  // widths that are no multiples of anything
    Index const width = k + 1 == count ? d - at : d / count + (37 * k) % 101 - 50;
    parts.push_back(all.middleCols(at, width)), at += width;
  }
  for (std::size_t k = 0; k < parts.size(); ++k) model.add("tensor " + std::to_string(k), parts[k], results[k]);

  robagg::workspace of_table, of_tensors;
  Eigen::VectorXf expected(d);
  op.into(all, expected, of_table);
  robagg::whole(op).into(model, of_tensors);
  at = 0;
  for (auto const& part : results) {
    if (part != expected.segment(at, part.size())) {
      state.SkipWithError("the tensors give another result than the table");
      return;
    }
    at += part.size();
  }
  double one_table = 1e30;
  for (int i = 0; i < 5; ++i) {
    auto const start = std::chrono::steady_clock::now();
    op.into(all, expected, of_table);
    one_table = std::min(one_table, seconds_since(start));
  }
  auto const bytes = static_cast<double>(all.size()) * sizeof(float);
  state.counters["times_one_table"] = fastest(state, bytes, [&] { robagg::whole(op).into(model, of_tensors); }) / one_table;
  state.counters["memory_share"] = static_cast<double>(of_tensors.bytes()) / (static_cast<double>(d) * sizeof(float));
}

bool const registered_models = [] {
  for (auto const shape : {model_shape{40, 3'900'000, 12}, {10, 11'000'000, 3}, {10, 11'000'000, 300}}) {
    auto const add = [&](std::string const& name, auto const& op) {
      auto const full = "whole/" + name + "/" + std::to_string(shape.clients) + "/" + std::to_string(shape.values) + "/" +
                        std::to_string(shape.tensors);
      benchmark::RegisterBenchmark(full.c_str(), [=](benchmark::State& state) { time_whole(state, op, shape); });
    };
    add("mean", robagg::mean{});
    add("median", robagg::median{});
    add("krum", robagg::krum{.f = 3});
    add("geometric_median", robagg::geometric_median{.iterate = robagg::iterate::between_rows});
    add("clip_mean", robagg::clip{.radius = 100.} | robagg::mean{});
    add("mixing_median", robagg::nearest_neighbour_mixing{.f = 3} | robagg::median{});
  }
  return true;
}();

}  // namespace
