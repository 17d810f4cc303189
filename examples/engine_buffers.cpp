// SPDX-License-Identifier: BSL-1.0
// Eviction in the loop of an inference engine: attention as halves in a buffer of 16-bit integers whose rows have room for the
// whole cache, positions into int32, no memory taken after the first eviction, neither exceptions nor RTTI.
#include <robagg/cache/defensive.hpp>
#include <robagg/cache/snapkv.hpp>
#include <robagg/decide/top.hpp>

#include <algorithm>
#include <cstdio>

namespace {
using robagg::Index;
constexpr Index heads = 2, window = 8, cells = 96;

// How much head h attends to a token: to the last ones, and to one early token of its own.
float attention_to(Index h, Index token, Index now) {
  return token == 3 + 10 * h ? .4f : .1f / static_cast<float>(now - token + 1);
}
std::uint16_t half_bits(float x) { return Eigen::numext::bit_cast<std::uint16_t>(Eigen::half(x)); }
}  // namespace

int main() {
  using namespace robagg;
  // The engine's: which token is in a cell of each head, and the attention of the last tokens' queries, heads x window x cells.
  std::vector<std::int32_t> tokens(heads * cells);
  std::vector<std::uint16_t> attention(heads * window * cells);
  Index length = 0;  // of every head's cache, the window's own tokens included

  // Ours, asked for once: room for what is kept of a full cache, less than half of it.
  snapkv const policy{.keep = .4, .heads = heads, .window = window};
  std::vector<std::int32_t> positions(static_cast<std::size_t>(positions_needed(policy, heads, cells - window)));
  std::vector<std::int32_t> starts(heads + 1);
  std::vector<std::int32_t> defended(16);
  workspace ws;
  std::size_t held = 0, allocations = 0;

  for (std::int32_t now = 0; now < 400; ++now) {
    for (Index h = 0; h < heads; ++h) tokens[static_cast<std::size_t>(h * cells + length)] = now;
    if (++length < cells) continue;

    for (Index h = 0; h < heads; ++h) {  // as the engine's softmax leaves it
      for (Index q = 0; q < window; ++q) {
        for (Index j = 0; j < length; ++j) {
          attention[static_cast<std::size_t>((h * window + q) * cells + j)] =
              half_bits(attention_to(h, tokens[static_cast<std::size_t>(h * cells + j)], now));
        }
      }
    }

    // All heads at once: tables of the keys before the window, `cells` numbers from row to row.
    auto const halves = as_half(attention);
    policy.into(cube(halves.data(), heads, window, length - window, window * cells, cells), positions, starts, ws);
    for (Index h = 0; h < heads; ++h) {  // positions ascend: cells move forward, within the head
      auto* const cell = tokens.data() + h * cells;
      auto const first = starts[static_cast<std::size_t>(h)], last = starts[static_cast<std::size_t>(h) + 1];
      for (auto k = first; k < last; ++k) cell[k - first] = cell[positions[static_cast<std::size_t>(k)]];
    }
    // Or one head with a rule of your own, through a map of its rows.
    Eigen::Map<table<Eigen::half> const, Eigen::Unaligned, Eigen::OuterStride<>> const head(
        halves.data(), window, length - window, Eigen::OuterStride<>(cells));
    (pool_rows{} | defensive{} | top{.k = 16}).into(head, std::span(defended), ws);

    length = starts[1] - starts[0];  // snapkv keeps as many of every head
    if (held != ws.bytes()) held = ws.bytes(), ++allocations;
  }

  bool remembered = true;
  for (Index h = 0; h < heads; ++h) {
    auto const* const first = tokens.data() + h * cells;
    remembered = remembered && std::find(first, first + length, 3 + 10 * h) != first + length;
  }
  std::printf("%td tokens kept of 400, the early ones %s; the workspace grew %zu times, to %zu bytes\n", length,
              remembered ? "among them" : "lost", allocations, held);
  return remembered && length < cells && allocations == 1 ? 0 : 1;
}
