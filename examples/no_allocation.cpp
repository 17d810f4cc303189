// SPDX-License-Identifier: BSL-1.0
// A service that aggregates every few milliseconds: one rule, one workspace, one output, no memory
// taken after the first round. Reports are cut, averaged in fresh buckets every round, then ranked
// against one another.
#include <robagg/format.hpp>
#include <robagg/robagg.hpp>

int main() {
  using namespace robagg;
  table<float> reports(12, 64);
  Eigen::VectorXf result(reports.cols());
  Eigen::MatrixXf history(reports.cols(), 4);
  workspace ws;
  std::size_t after_first_round = 0;
  for (std::uint64_t round = 0; round < 4; ++round) {
    for (Index i = 0; i < reports.rows(); ++i) {
      for (Index j = 0; j < reports.cols(); ++j) {
        reports(i, j) = static_cast<float>((i + static_cast<Index>(round)) * j % 13) + (i == 0 ? 1e6f : 0.f);
      }
    }
    auto const rule = clip{.radius = 50} | bucketing{.size = 2, .seed = round} | median{};
    rule.into(reports, result, ws);
    (ranks{} | mean{}).into(reports, history.col(static_cast<Index>(round)), ws);  // any writable vector will do
    if (round == 0) after_first_round = ws.bytes();
  }
  fmt::print("workspace: {} bytes after the first round, {} after the last\n", after_first_round, ws.bytes());
  // The same rule in memory of our own: bytes_needed says how much, whatever the reports say.
  auto const rule = clip{.radius = 50} | bucketing{.size = 2} | median{};
  std::vector<std::byte> memory(bytes_needed(rule, reports));
  workspace in_memory{std::span(memory)};
  rule.into(reports, result, in_memory);
  fmt::print("in {} bytes of our own, {} of them taken\n", memory.size(), in_memory.peak());
  fmt::print("largest value kept: {}, mean rank of column 0: {}\n", result.maxCoeff(), history(0, 3));
  return ws.bytes() == after_first_round && result.maxCoeff() < 50.f ? 0 : 1;
}
