// SPDX-License-Identifier: BSL-1.0
// Which keys of a KV cache to keep. Averaging the attention of recent queries evicts a key that one of
// them needs; the worst case over the queries, floored at the prior risk, keeps it.
#include <robagg/format.hpp>
#include <robagg/robagg.hpp>

#include <fmt/ranges.h>

int main() {
  using namespace robagg;
  table<float> attention(4, 6);  // queries x keys
  attention << .50f, .40f, .04f, .02f, .02f, .02f, .45f, .45f, .04f, .02f, .02f, .02f, .50f, .40f, .04f, .02f, .02f, .02f, .10f,
      .10f, .05f, .05f, .05f, .65f;  // this one looks elsewhere

  auto const by_mean = (mean{} | top{.k = 2})(attention);
  auto const defended = (defensive{} | top{.k = 2})(attention);
  Eigen::VectorXf const importance = defensive{}(attention);
  fmt::print("kept by mean {}, by the defensive rule {}\nimportance [{:.3f}]\n", by_mean, defended,
             fmt::join(importance, ", "));
  return by_mean == std::vector<Index>{0, 1} && defended == std::vector<Index>{0, 5} ? 0 : 1;
}
