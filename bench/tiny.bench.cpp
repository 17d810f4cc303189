// SPDX-License-Identifier: BSL-1.0
// Tables of a few columns, whose sizes the compiler knows or not, beside what one writes by hand (by_hand.hpp): the counter
// of_by_hand is our time over theirs. Results must agree before the clock starts. Calls read 32 tables in turn, so that no
// branch is learnt by heart, ours and theirs by turns, and the fastest of many rounds counts. Names: tiny
// operator/scalar/sizes, how/n/d, where how is `into` with a workspace, or `call`, which returns a vector as the hand-written
// function then does.
#include "bench.hpp"
#include "by_hand.hpp"

#include <array>
#include <cmath>

using namespace robagg_bench;

namespace {

constexpr std::size_t tables = 32;

template <class X, class Out, class W>
struct tiny_case {
  using T = typename X::Scalar;
  std::vector<X, Eigen::aligned_allocator<X>> whole, some;  // without NaN, and with one in ten
  W weights;
  Index liars = 1;
  robagg::workspace ws;
  Out ours, theirs;

  tiny_case(Index n, Index d) : whole(tables, X(n, d)), ours(d), theirs(d) {
    cells<double> next(n, d * static_cast<Index>(tables));
    for (auto& x : whole) {
      for (Index i = 0; i < n; ++i) {
        for (Index j = 0; j < d; ++j) x(i, j) = static_cast<T>(next());
      }
    }
    some = whole;
    Index at = 0;
    for (auto& x : some) {
      for (Index k = 0; k < x.size(); ++k) x.data()[k] = (at++ * 7919 % 97) % 10 == 0 ? T(NAN) : x.data()[k];
    }
    if constexpr (requires { weights.resize(std::size_t{}); }) weights.resize(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<double>(1 + i % 3);
  }
  bool agree(double tolerance) const {
    for (Index j = 0; j < ours.size(); ++j) {
      auto const a = static_cast<double>(ours(j)), b = static_cast<double>(theirs(j));
      if (std::isnan(a) != std::isnan(b) || std::abs(a - b) > tolerance * std::max(1., std::abs(b))) return false;
    }
    return true;
  }
};

// Not inlined into the loop, where a compiler would find that nothing changes.
template <class F>
EIGEN_DONT_INLINE void once(F const& f, std::size_t k) {
  f(k);
  benchmark::ClobberMemory();
}
template <class F>
double seconds_per_call(F const& f) {
  constexpr int rounds = 16;
  auto const start = std::chrono::steady_clock::now();
  for (int r = 0; r < rounds; ++r) {
    for (std::size_t k = 0; k < tables; ++k) once(f, k);
  }
  return seconds_since(start) / static_cast<double>(rounds * tables);
}

void compare(benchmark::State& state, double bytes, double tolerance, auto const& ours, auto const& theirs, auto const& c) {
  for (std::size_t k = 0; k < tables; ++k) {
    ours(k), theirs(k);
    if (!c.agree(tolerance)) return state.SkipWithError("the result differs from the one by hand");
  }
  double best = 1e30, by_hand = 1e30;
  for (auto _ : state) best = std::min(best, seconds_per_call(ours)), by_hand = std::min(by_hand, seconds_per_call(theirs));
  state.counters["seconds"] = best;
  state.counters["bytes/s"] = bytes / best;
  state.counters["of_by_hand"] = best / by_hand;
}

// op of view(table, weights) in both ways, beside by_hand(table, case, out).
template <class X, class W>
void enter(char const* name, char const* sizes, Index n, Index d, auto make, auto view, auto by_hand, double tolerance) {
  using T = typename X::Scalar;
  using Out = Eigen::Matrix<T, X::ColsAtCompileTime, 1>;
  using C = tiny_case<X, Out, W>;
  for (bool const into : {true, false}) {
    std::string const full = std::string("tiny ") + name + (sizeof(T) == 4 ? "/float/" : "/double/") + sizes +
                             (into ? ", into/" : ", call/") + std::to_string(n) + "/" + std::to_string(d);
    auto const run = [=](benchmark::State& state) {
      C c(n, d);
      auto const op = make(c);
      double const bytes = static_cast<double>(n * d * static_cast<Index>(sizeof(T)));
      double const close = tolerance + (sizeof(T) == 4 ? 1e-5 : 1e-12);
      if (into) {
        compare(
            state, bytes, close, [&](std::size_t k) { op.into(view(c, k), c.ours, c.ws); },
            [&](std::size_t k) { by_hand(c, k, c.theirs); }, c);
      } else {
        compare(
            state, bytes, close, [&](std::size_t k) { c.ours = op(view(c, k)); },
            [&](std::size_t k) {
              Out out(d);
              by_hand(c, k, out);
              c.theirs = std::move(out);
            },
            c);
      }
    };
    benchmark::RegisterBenchmark(full.c_str(), run)->Unit(benchmark::kMillisecond);
  }
}

template <class X, class W>
void enter_all(char const* sizes, Index n, Index d) {
  auto const whole = [](auto& c, std::size_t k) -> auto& { return c.whole[k]; };
  enter<X, W>(
      "median", sizes, n, d, [](auto&) { return robagg::median{}; }, whole,
      [](auto& c, std::size_t k, auto& out) { by_hand::median(c.whole[k], out); }, 0);
  enter<X, W>(
      "trimmed_mean", sizes, n, d, [](auto& c) { return robagg::trimmed_mean{.f = c.liars}; }, whole,
      [](auto& c, std::size_t k, auto& out) { by_hand::trimmed_mean(c.whole[k], c.liars, out); }, 0);
  enter<X, W>(
      "weighted median", sizes, n, d, [](auto&) { return robagg::median{}; },
      [](auto& c, std::size_t k) { return robagg::weighted(c.whole[k], c.weights); },
      [](auto& c, std::size_t k, auto& out) { by_hand::weighted_median(c.whole[k], c.weights, out); }, 0);
  enter<X, W>(
      "median of what is present", sizes, n, d, [](auto&) { return robagg::median{}; },
      [](auto& c, std::size_t k) { return robagg::skip_nan(c.some[k]); },
      [](auto& c, std::size_t k, auto& out) { by_hand::present_median(c.some[k], out); }, 0);
  enter<X, W>(
      "worst_case", sizes, n, d, [](auto&) { return robagg::worst_case{}; }, whole,
      [](auto& c, std::size_t k, auto& out) { by_hand::worst_case(c.whole[k], out); }, 0);
  enter<X, W>(
      "uncertainty_weighted", sizes, n, d, [](auto&) { return robagg::uncertainty_weighted{.lambda = .5}; }, whole,
      [](auto& c, std::size_t k, auto& out) { by_hand::uncertainty_weighted(c.whole[k], .5, out); }, 0);
  if (n == 7) {
    // Both stop within 1e-6 of the least sum of distances, not at the same place.
    enter<X, W>(
        "geometric_median", sizes, n, d, [](auto&) { return robagg::geometric_median{}; }, whole,
        [](auto& c, std::size_t k, auto& out) { by_hand::geometric_median(c.whole[k], 1e-6, 1000, out); }, 1e-4);
  }
}

template <class T, int N, int D>
void enter_shape() {
  constexpr int order = D == 1 ? Eigen::ColMajor : Eigen::RowMajor;
  enter_all<Eigen::Matrix<T, N, D, order>, std::array<double, std::size_t{N}>>("fixed", N, D);
  enter_all<robagg::table<T>, std::vector<double>>("dynamic", N, D);
}
template <class T>
void enter_scalar() {
  enter_shape<T, 7, 3>(), enter_shape<T, 5, 1>(), enter_shape<T, 3, 16>(), enter_shape<T, 9, 9>();
}
bool const registered = (enter_scalar<double>(), enter_scalar<float>(), true);

}  // namespace
