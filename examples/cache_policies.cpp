// SPDX-License-Identifier: BSL-1.0
// From queries and keys to the indices that each head keeps: no attention table in memory, nothing allocated after the first
// call, and every policy of the literature by its name.
#include <robagg/format.hpp>
#include <robagg/robagg.hpp>

#include <fmt/ranges.h>

int main() {
  using namespace robagg;
  Index const heads = 2, group = 2, window = 4, length = 40, head_dim = 8;
  table<float> keys(length, heads * head_dim), queries(window, heads * group * head_dim);
  for (Index i = 0; i < keys.size(); ++i) keys.data()[i] = std::sin(1.7f * static_cast<float>(i * i % 97));
  for (Index i = 0; i < queries.size(); ++i) queries.data()[i] = 3 * std::sin(2.3f * static_cast<float>(i * i % 89));

  // One head by hand: its queries, one head's after the other, and a pipe that reads the attention while it is computed.
  workspace ws;
  observation_window const observe{.window = window};
  table<float> of_head(group * window, head_dim), attention(heads * group * window, length - window);
  std::vector<Index> kept_by_head;
  for (Index h = 0; h < heads; ++h) {
    auto const scope = ws.scope();
    for (Index g = 0; g < group; ++g)
      of_head.middleRows(g * window, window) = queries.middleCols((h * group + g) * head_dim, head_dim);
    auto const lazy = observe.attention(of_head, keys.middleCols(h * head_dim, head_dim), ws);
    (pool_rows{} | defensive{} | top{.k = 6}).into(lazy, kept_by_head, ws);
    fmt::print("head {}: {}\n", h, kept_by_head);
    auto rows = attention.middleRows(h * group * window, group * window);
    observe.into(of_head, keys.middleCols(h * head_dim, head_dim), rows, ws);
  }

  // All heads of a layer, which share a budget.
  auto const layer = cube(attention, heads);
  kept out;
  defensivekv{.keep = .25, .heads = heads, .window = window}.into(layer, norms::none, out, ws);  // or the norms of their values
  for (Index h = 0; h < heads; ++h) fmt::print("defensivekv, head {}: {}\n", h, out[h]);
  kept const plugged = snapkv{.keep = .25, .heads = heads, .window = window}.with(trimmed_mean{1})(layer);
  fmt::print("snapkv with trimmed_mean, head 0: {}\n", plugged[0]);
  return kept_by_head.size() == 6 && out[0].size() + out[1].size() == 20 && plugged[0].size() == 10 ? 0 : 1;
}
