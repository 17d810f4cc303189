// SPDX-License-Identifier: BSL-1.0
#include "laws.hpp"

using namespace robagg_test;
using robagg::deepconf, robagg::deepconf_state, robagg::token_confidence, robagg::trace_statistic;

namespace {
std::vector<double> const ramp = {1, 1, 1, 2, 2, 2};

std::vector<double> some_trace(std::size_t n, std::uint64_t seed) {
  robagg::detail::generator next(seed);
  std::vector<double> x;
  for (std::size_t i = 0; i < n; ++i) x.push_back(static_cast<double>(next() % 1000) / 64);
  return x;
}
std::vector<double> groups_of(std::vector<double> const& x, std::size_t window) {
  std::vector<double> groups;
  std::size_t const w = std::min(window, x.size());
  for (std::size_t i = 0; i + w <= x.size(); ++i) groups.push_back(std::accumulate(x.begin() + long(i), x.begin() + long(i + w), 0.) / double(w));
  return groups;
}
}  // namespace

TEST_CASE("the confidence of a trace") {
  CHECK(deepconf{.statistic = trace_statistic::mean, .window = 3}(ramp) == 1.5);
  CHECK(deepconf{.statistic = trace_statistic::tail, .window = 3}(ramp) == 2);
  CHECK(deepconf{.statistic = trace_statistic::lowest, .window = 3}(ramp) == 1);
  CHECK(std::abs(deepconf{.window = 3, .share = .5}(ramp) - 7. / 6) < 1e-15);
  CHECK(deepconf{}(ramp) == 1.5);  // shorter than the window
  for (std::size_t const n : {1u, 7u, 50u, 500u}) {
    auto const x = some_trace(n, n);
    auto groups = groups_of(x, 16);
    CHECK(deepconf{.statistic = trace_statistic::tail, .window = 16}(x) == groups.back());  // 64ths: exact
    std::sort(groups.begin(), groups.end());
    CHECK(deepconf{.statistic = trace_statistic::lowest, .window = 16}(x) == groups[0]);
    auto const many = std::max<std::size_t>(1, groups.size() / 10);
    CHECK(std::abs(deepconf{.window = 16}(x) - std::accumulate(groups.begin(), groups.begin() + long(many), 0.) / double(many)) < 1e-13);
  }
}

TEST_CASE("the confidence of a token") {
  std::vector<double> const logs = {-.5, -3, -1, -9, -2, -1};
  CHECK(token_confidence{.top_k = 1}(logs) == .5);
  CHECK(token_confidence{.top_k = 2}(logs) == .75);
  CHECK(token_confidence{.top_k = 4}(logs) == 4.5 / 4);
  CHECK(token_confidence{}(logs) == 16.5 / 6);
  std::vector<float> many;
  for (int v = 0; v < 5000; ++v) many.push_back(-1 - static_cast<float>(v * 7 % 5000) / 64);
  CHECK(std::abs(token_confidence{}(many) - (1 + 9.5 / 64)) < 1e-12);
  CHECK(token_confidence{.top_k = 1}(std::vector<double>{not_a_number, -4}) == 4);
  CHECK_THROWS_AS(token_confidence{}(std::vector<double>{}), robagg::bad_input);
  CHECK_THROWS_AS(token_confidence{.top_k = 0}(logs), robagg::bad_input);
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
  CHECK(std::abs(deepconf{.statistic = trace_statistic::tail, .window = 100}(x) - .1) < 1e-10);
}

TEST_CASE("unknown tokens, thresholds, errors") {
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

  std::vector<double> const warm_up = {5, 1, 4, 2, 3};
  CHECK(std::abs(robagg::deepconf_threshold{}(warm_up) - 1.4) < 1e-12);
  CHECK(std::abs(robagg::deepconf_threshold{.keep = .1}(warm_up) - 4.6) < 1e-12);
  CHECK(robagg::deepconf_threshold{.keep = 1}(warm_up) == 1);
  CHECK_THROWS_AS(robagg::deepconf_threshold{}(std::vector<double>{}), robagg::bad_input);
  CHECK_THROWS_AS(robagg::deepconf_threshold{}(std::vector<double>{not_a_number}), robagg::bad_input);
  CHECK_THROWS_AS(deepconf{}(std::vector<double>{}), robagg::bad_input);
  CHECK_THROWS_AS((deepconf{.window = 0}(warm_up)), robagg::bad_input);
  CHECK_THROWS_AS((deepconf{.share = 0}(warm_up)), robagg::bad_input);
  CHECK_THROWS_AS(deepconf_state(0), robagg::bad_input);
}

TEST_CASE("infinite confidences make a threshold, never NaN") {
  using list = std::vector<double>;
  auto const threshold = [](double keep, list const& c) { return robagg::deepconf_threshold{.keep = keep}(c); };
  CHECK(threshold(.9, {-infinity, 1, 2, 3}) == -infinity);
  CHECK(threshold(.5, {-infinity, 1, 2, 3}) == 1.5);
  CHECK(threshold(.1, {1, 2, 3, infinity}) == infinity);
  CHECK(threshold(.5, {1, 2, 3, infinity}) == 2.5);
  CHECK(threshold(.25, {-infinity, infinity}) == infinity);
  CHECK(threshold(.5, {-infinity, infinity}) == -infinity);
  CHECK(threshold(.75, {-infinity, infinity}) == -infinity);
  std::vector<double> const some = {-infinity, -1, 0, 2, infinity};
  for (std::size_t code = 0; code < 625; ++code) {
    list const c = {some[code % 5], some[code / 5 % 5], some[code / 25 % 5], some[code / 125]};
    for (double const keep : {0., .1, .3, .5, .9, 1.}) CHECK_FALSE(std::isnan(threshold(keep, c)));
  }
  CHECK(threshold(.5, {-1.5e308, 1.5e308}) == 0);  // the step between them overflows
}

TEST_CASE("a stopping rule refuses a NaN threshold") {
  deepconf_state state(2);
  CHECK_THROWS_WITH(state.stop(not_a_number), Catch::Contains("deepconf: needs a threshold that is not NaN"));
  CHECK((std::isnan(state.tail()) && std::isnan(state.lowest())));
  state.add(1), state.add(2);
  CHECK((state.stop(infinity) && !state.stop(-infinity)));
}
