// SPDX-License-Identifier: BSL-1.0
// The confidence of traces, whole and while they are being written.
#include "laws.hpp"

using namespace robagg_test;
using robagg::deepconf, robagg::deepconf_state, robagg::trace_statistic;

namespace {
std::vector<double> const deepconf_ramp = {1, 1, 1, 2, 2, 2};

std::vector<double> some_trace(std::size_t n, std::uint64_t seed) {
  robagg::detail::generator next(seed);
  std::vector<double> x;
  for (std::size_t i = 0; i < n; ++i) x.push_back(static_cast<double>(next() % 1000) / 64);
  return x;
}
std::vector<double> groups_of(std::vector<double> const& x, std::size_t window) {
  std::vector<double> groups;
  std::size_t const w = std::min(window, x.size());
  for (std::size_t i = 0; i + w <= x.size(); ++i)
    groups.push_back(std::accumulate(x.begin() + long(i), x.begin() + long(i + w), 0.) / double(w));
  return groups;
}
}  // namespace

TEST_CASE("the confidence of a trace") {
  CHECK(deepconf{.statistic = trace_statistic::mean, .window = 3}(deepconf_ramp) == 1.5);
  CHECK(deepconf{.statistic = trace_statistic::tail, .window = 3}(deepconf_ramp) == 2);
  CHECK(deepconf{.statistic = trace_statistic::lowest, .window = 3}(deepconf_ramp) == 1);
  CHECK(std::abs(deepconf{.window = 3, .share = .5}(deepconf_ramp)-7. / 6) < 1e-15);
  CHECK(deepconf{}(deepconf_ramp) == 1.5);  // shorter than the window
  for (std::size_t const n : {1u, 7u, 50u, 500u}) {
    auto const x = some_trace(n, n);
    auto groups = groups_of(x, 16);
    CHECK(deepconf{.statistic = trace_statistic::tail, .window = 16}(x) == groups.back());  // 64ths: exact
    std::sort(groups.begin(), groups.end());
    CHECK(deepconf{.statistic = trace_statistic::lowest, .window = 16}(x) == groups[0]);
    auto const many = std::max<std::size_t>(1, groups.size() / 10);
    CHECK(std::abs(deepconf{.window = 16}(x)-std::accumulate(groups.begin(), groups.begin() + long(many), 0.) / double(many)) <
          1e-13);
  }
}

TEST_CASE("while a trace is being written") {
  auto const x = some_trace(300, 9);
  deepconf_state state(16);
  CHECK((std::isnan(state.mean()) && !state.stop(infinity)));
  for (std::size_t t = 0; t < x.size(); ++t) {
    state.add(x[t]);
    std::vector<double> const so_far(x.begin(), x.begin() + long(t) + 1);
    CHECK(state.lowest() == deepconf{.statistic = trace_statistic::lowest, .window = 16}(so_far));
    CHECK(state.tail() == deepconf{.statistic = trace_statistic::tail, .window = 16}(so_far));
    CHECK(std::abs(state.mean() - deepconf{.statistic = trace_statistic::mean}(so_far)) < 1e-13);
    CHECK(state.stop(7) == (t >= 15 && state.tail() < 7));
  }
  CHECK(state.tokens() == 300);
}

TEST_CASE("windows do not drift") {
  deepconf_state state(4);
  state.add(1e16), state.add(-1e16);
  for (int i = 0; i < 100'000; ++i) state.add(.1);
  CHECK(std::abs(state.tail() - .1) < 1e-12);
  std::vector<double> x(100'000, .1);
  x[0] = 1e12;
  CHECK(std::abs(deepconf{.statistic = trace_statistic::tail, .window = 100}(x)-.1) < 1e-10);
}

TEST_CASE("unknown tokens, errors") {
  std::vector<double> x = some_trace(40, 2);
  x[7] = not_a_number;
  deepconf_state state(4);
  for (double const v : x) state.add(v);
  for (auto const s : {trace_statistic::mean, trace_statistic::tail, trace_statistic::lowest, trace_statistic::bottom}) {
    CHECK(std::isnan(deepconf{.statistic = s, .window = 4}(x)));
  }
  CHECK((std::isnan(state.lowest()) && std::isnan(state.mean()) && std::isnan(state.tail()) && !state.stop(infinity)));
  x[7] = infinity;
  CHECK(std::isnan(deepconf{.window = 4}(x)));

  CHECK_THROWS_AS(deepconf{}(std::vector<double>{}), robagg::bad_input);
  CHECK_THROWS_AS((deepconf{.window = 0}(deepconf_ramp)), robagg::bad_input);
  CHECK_THROWS_AS((deepconf{.share = 0}(deepconf_ramp)), robagg::bad_input);
  CHECK_THROWS_AS(deepconf_state(0), robagg::bad_input);
}

TEST_CASE("a stopping rule refuses a NaN threshold") {
  deepconf_state state(2);
  CHECK_THROWS_WITH(state.stop(not_a_number), Catch::Contains("deepconf: needs a threshold that is not NaN"));
  CHECK((std::isnan(state.tail()) && std::isnan(state.lowest())));
  state.add(1), state.add(2);
  CHECK((state.stop(infinity) && !state.stop(-infinity)));
}
