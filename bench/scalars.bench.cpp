// SPDX-License-Identifier: BSL-1.0
// Tables of halves and whole numbers against the same table of floats in the same process: the counters say how many bytes, and
// how many entries, are read in a second as a share of float's. The answer is that of the floats, rounded to the type.
#include "bench.hpp"

using namespace robagg_bench;

namespace {

template <class S, class Op>
void time_scalar(benchmark::State& state, Op const& op, Index n, Index d) {
  using R = robagg::detail::result_of<S>;
  cells<double> next(n, d);
  robagg::table<S> x(n, d);
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < d; ++j) x(i, j) = static_cast<S>(std::floor(next() * 60 + 60));  // which all of them hold
  }
  robagg::table<float> const y = x.template cast<float>();
  robagg::workspace ws;
  Eigen::Matrix<R, Eigen::Dynamic, 1> out(d);
  Eigen::VectorXf expected(d);
  double of_float = 1e30;
  for (int i = 0; i < 5; ++i) {
    auto const start = std::chrono::steady_clock::now();
    op.into(y, expected, ws);
    of_float = std::min(of_float, seconds_since(start));
  }
  op.into(x, out, ws);
  for (Index j = 0; j < d; ++j) {
    if (out(j) != static_cast<R>(expected(j))) return state.SkipWithError("the result differs from that of floats");
  }
  double const entries = static_cast<double>(n) * static_cast<double>(d), size = sizeof(S);
  double const share = of_float / fastest(state, entries * size, [&] { op.into(x, out, ws); });
  state.counters["bytes_of_float"] = share * size / 4;
  state.counters["entries_of_float"] = share;
}

template <class S>
void enter(char const* scalar) {
  for (auto const& [n, d] : {std::pair<Index, Index>{10, 11'000'000}, {25, 100'000}}) {
    std::string const shape = std::string("/") + scalar + "/row_major/" + std::to_string(n) + "/" + std::to_string(d);
    auto const rule = [&, n = n, d = d](std::string const& name, auto op) {
      benchmark::RegisterBenchmark(("scalars " + name + shape).c_str(), [=](benchmark::State& s) {
        time_scalar<S>(s, op, n, d);
      })->Unit(benchmark::kMillisecond);
    };
    rule("median", robagg::median{}), rule("mean", robagg::mean{}), rule("krum", robagg::krum{.f = 2}),
        rule("defensive", robagg::defensive{});
  }
}

bool const registered = [] {
  enter<Eigen::half>("half"), enter<Eigen::bfloat16>("bfloat16"), enter<std::uint16_t>("uint16");
  return true;
}();

}  // namespace
