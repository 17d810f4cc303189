// SPDX-License-Identifier: BSL-1.0
// Factors with which fast and slow clients count as they should: the worked numbers, and servers that are simulated.
#include "states.hpp"

using namespace robagg_test;

namespace {
using robagg::fedfix_state;
using robagg::fedfix_weights;
using robagg::server_schedule;
Eigen::Vector4d const client_durations(1, 2.5, 4.2, 7), client_shares(.1, .4, .3, .2);

// What each client has contributed per step of the server, with constant durations and factors d. Exact times, in tenths.
Eigen::Vector4d long_run(fedfix_weights const& rule, Eigen::Vector4d const& d, long steps) {
  long const tenths[] = {10, 25, 42, 70}, period = static_cast<long>(10 * rule.period);
  long ready[] = {10, 25, 42, 70}, now = 0, waiting = 0;
  Eigen::Vector4d sum = Eigen::Vector4d::Zero();
  for (long made = 0; made < steps;) {
    if (rule.schedule == server_schedule::fixed_times) {
      now += period, ++made;
      for (int i = 0; i < 4; ++i) {
        if (ready[i] <= now) sum(i) += d(i), ready[i] = now + tenths[i];
      }
    } else if (rule.schedule == server_schedule::synchronous) {
      sum += d, ++made;
    } else {  // the next arrival; who has arrived begins again at once
      int const i = static_cast<int>(std::min_element(ready, ready + 4) - ready);
      now = ready[i], sum(i) += d(i), ready[i] = now + tenths[i], ++waiting;
      if (waiting == (rule.schedule == server_schedule::buffered ? rule.buffer : 1)) waiting = 0, ++made;
    }
  }
  return sum / static_cast<double>(steps);
}
}  // namespace

TEST_CASE("fedfix factors by hand") {
  fedfix_weights const fixed{.period = 2}, each{.schedule = server_schedule::asynchronous},
      buffered{.schedule = server_schedule::buffered, .buffer = 2}, all{.schedule = server_schedule::synchronous};
  auto const d = [](fedfix_weights const& rule) { return numbers_of(rule(client_durations, client_shares)); };
  CHECK(difference(d(fixed), numbers_of(Eigen::Vector4d(.1, .8, .9, .8))) < 1e-15);
  Eigen::Vector4d const published(.1781, 1.781, 2.244, 2.4933);
  CHECK(difference(d(each), numbers_of(published)) < 5e-5);
  CHECK(difference(d(buffered), numbers_of(published / 2)) < 5e-5);
  CHECK(difference(d(all), numbers_of(client_shares)) < 1e-16);
  Eigen::Vector2d const exact = each(Eigen::Vector2d(1, 2));  // equal shares: 1/2 t (1 + 1/2)
  CHECK(exact == Eigen::Vector2d(.75, 1.5));
  CHECK(fixed(std::vector<int>{1, 2, 3, 4, 5}, std::vector<long>{1, 1, 1, 1, 1})
            .isApprox(Eigen::VectorXd{{.2, .2, .4, .4, .6}}, 1e-15));
  CHECK(difference(numbers_of(fixed(client_durations, client_shares * 7e307)), d(fixed)) < 1e-15);  // shares are relative
  fedfix_weights const capped{.period = 2, .longest = 4};
  CHECK(difference(d(capped), numbers_of(Eigen::Vector4d(.1, .8, .6, .4))) < 1e-15);
  fedfix_weights const capped_async{.schedule = server_schedule::asynchronous, .longest = 2};
  CHECK(capped_async(Eigen::Vector2d(1, 1e300)) == exact);
}

TEST_CASE("multiples of the period but for rounding are multiples") {
  for (double const period : {.1, .3, .7, 1. / 3}) {
    for (int k = 1; k < 2000; ++k) {
      double sum = 0;
      for (int j = 0; j < k % 20 + 1; ++j) sum += period;
      CHECK(fedfix_weights{.period = period}.steps(k * period) == k);
      CHECK(fedfix_weights{.period = period}.steps(sum) == k % 20 + 1);
    }
    CHECK(fedfix_weights{.period = period}.steps(3.001 * period) == 4);
  }
  CHECK(fedfix_weights{}.steps(1e-300) == 1);
  CHECK(fedfix_weights{.period = 1e300}.steps(1e-300) == 1);
}

TEST_CASE("with the factors of its schedule every client contributes its share of each step") {
  for (auto const schedule :
       {server_schedule::fixed_times, server_schedule::synchronous, server_schedule::asynchronous, server_schedule::buffered}) {
    fedfix_weights const rule{.period = 2, .schedule = schedule, .buffer = 2};
    Eigen::Vector4d const d = rule(client_durations, client_shares);
    INFO(robagg::describe(rule));
    CHECK(difference(numbers_of(long_run(rule, d, 200000)), numbers_of(client_shares)) < 1e-4);
  }
  Eigen::Vector4d const plain = long_run({.schedule = server_schedule::asynchronous}, client_shares, 200000);
  CHECK(plain(0) / plain(3) > 3);  // without them the fast client decides
}

TEST_CASE("durations that are observed one by one") {
  for (auto const schedule :
       {server_schedule::fixed_times, server_schedule::asynchronous, server_schedule::buffered, server_schedule::synchronous}) {
    fedfix_weights const rule{.period = 2, .schedule = schedule, .buffer = 3};
    fedfix_state state(rule, 4);
    for (Index i = 0; i < 4; ++i) state.observe(i, client_durations(i));
    Eigen::VectorXd const once = rule(client_durations, client_shares);
    CHECK(same_bits(numbers_of(state.weights(client_shares)), numbers_of(once)));
    CHECK(same_bits(numbers_of(state.weights()), numbers_of(rule(client_durations))));
    fedfix_state left = state, right(rule, 4);
    for (Index i = 0; i < 4; ++i) {
      for (double const t : {.5, 3., 1.}) state.observe(i, t), (t == 3 ? left : right).observe(i, t);
    }
    left = fedfix_state::unpack(left.pack()), left.merge(right);
    CHECK(difference(numbers_of(left.weights(client_shares)), numbers_of(state.weights(client_shares))) < 1e-14);
    CHECK(state.count(2) == 4);
    CHECK(state.duration(2) == Approx((4.2 + 4.5) / 4));
  }
  fedfix_state varies({.period = 2}, 2);
  varies.observe(0, 1), varies.observe(0, 5), varies.observe(1, 3);  // 1 and 3 steps: 2 on average; 2
  CHECK(varies.weights() == Eigen::Vector2d(1, 1));
  std::vector<Index> const present{1};
  Eigen::VectorXd const w = varies.weights(Eigen::Vector2d(1, 3))(present);
  CHECK(w == Eigen::Matrix<double, 1, 1>(1.5));
}

TEST_CASE("durations that vary count right at fixed times") {
  // A client takes 1 or 5, at random; period 2: one step or three.
  numbers random(8);
  fedfix_state state({.period = 2}, 2);
  Eigen::Vector2d sum(0, 0);
  double ready[] = {1, 2}, taken[] = {1, 2};
  int const steps = 100000;
  for (int t = 1; t <= steps; ++t) {
    for (Index i = 0; i < 2; ++i) {
      if (ready[i] > 2. * t) continue;
      state.observe(i, taken[i]);
      sum(i) += state.weights()(i);
      taken[i] = i == 1 ? 2 : random.below(2) == 0 ? 1 : 5, ready[i] = 2. * t + taken[i];
    }
  }
  CHECK((sum / steps - Eigen::Vector2d(.5, .5)).cwiseAbs().maxCoeff() < 5e-3);
}

TEST_CASE("who has not finished weighs nothing, and hostile durations") {
  fedfix_state state({.schedule = server_schedule::asynchronous}, 3);
  auto const said = [](char const* rule) { return Catch::Contains(std::string("fedfix_weights: ") + rule); };
  CHECK_THROWS_WITH(state.weights(), said("needs a report that weighs something (n = 3)"));
  CHECK(std::isnan(state.duration(1)));
  state.observe(0, 1), state.observe(2, 2);
  CHECK(difference(numbers_of(state.weights()), numbers_of(Eigen::Vector3d(.5, 0, 1))) < 1e-15);
  auto const before = state.pack();
  for (double const bad : {0., -1., not_a_number, infinity}) {
    CHECK_THROWS_WITH(state.observe(1, bad), said("needs durations > 0 and finite (duration = "));
    CHECK_THROWS_WITH(fedfix_weights{}(Eigen::Vector2d(1, bad)), said("needs durations > 0 and finite (client = 1"));
    CHECK_THROWS_WITH(fedfix_weights{.period = bad}(Eigen::Vector2d(1, 1)), said("needs period > 0"));
    if (bad != infinity) CHECK_THROWS_WITH(fedfix_weights{.longest = bad}(Eigen::Vector2d(1, 1)), said("needs longest > 0"));
    if (bad != 0)
      CHECK_THROWS_WITH(state.weights(Eigen::Vector3d(1, bad, 1)), said("needs shares >= 0 and finite (client = 1"));
  }
  CHECK_THROWS_WITH(state.observe(3, 1), said("needs its own clients (client = 3, clients = 3)"));
  CHECK_THROWS_WITH(state.observe(-1, 1), said("needs its own clients"));
  CHECK_THROWS_WITH(state.count(3), said("needs its own clients"));
  CHECK_THROWS_WITH(state.weights(Eigen::Vector2d(1, 1)), said("needs a number for each client (share = 2, clients = 3)"));
  CHECK_THROWS_WITH(state.weights(Eigen::Vector3d(0, 0, 0)), said("needs a client with a share above 0"));
  CHECK_THROWS_WITH(state.weights(Eigen::Vector3d(0, 1, 0)), said("needs a report that weighs something"));
  CHECK_THROWS_WITH(state.merge(fedfix_state({.schedule = server_schedule::asynchronous}, 2)),
                    said("merges with the same clients"));
  CHECK_THROWS_WITH(state.merge(fedfix_state({}, 3)), said("merges with the same parameters"));
  CHECK(state.pack() == before);
  state.observe(1, 1e308);
  CHECK_THROWS_WITH(state.observe(1, 1e308), said("needs durations whose sums are numbers"));
  CHECK_THROWS_WITH(state.merge(state), said("needs durations whose sums are numbers"));
  CHECK(state.count(1) == 1);
  fedfix_weights const each{.schedule = server_schedule::asynchronous};
  CHECK_THROWS_WITH(each(Eigen::Vector2d(1e308, 1e-308)), said("needs durations whose ratios are numbers"));
  CHECK(each(Eigen::Vector2d(1e308, 1e308)) == Eigen::Vector2d(1, 1));
  CHECK_THROWS_WITH(fedfix_weights{}(Eigen::Vector2d(1, 1e300)), said("needs durations of periods that can be counted"));
  CHECK_THROWS_WITH(fedfix_weights{}(Eigen::VectorXd()), said("needs a client with a share above 0"));
  CHECK_THROWS_WITH(fedfix_weights{.buffer = 0}(Eigen::Vector2d(1, 1)), said("needs buffer >= 1"));
  CHECK_THROWS_WITH(fedfix_state({.period = -1}, 1), said("needs period > 0"));
  CHECK_THROWS_WITH(fedfix_state({}, -1), said("needs clients >= 0"));
}

TEST_CASE("durations travel as bytes") {
  fedfix_state state({.period = 2, .longest = 100}, 2);
  state.observe(0, 3), state.observe(0, 1), state.observe(1, 9);
  check_bytes(state, [](fedfix_state& s) {
    if (s.clients() > 0) s.observe(0, 2);
    s.merge(s), s.weights();
  });
  auto const packed = state.pack();
  auto const refused = Catch::Contains("fedfix_weights: needs bytes as pack made them: they contradict themselves");
  std::size_t const sums = 9 + 8 + 3 * 8 + 1 + 8;
  for (double const bad : {0., -1., infinity, not_a_number}) {
    CHECK_THROWS_WITH(fedfix_state::unpack(with_number(packed, sums, bad)), refused);
  }
  CHECK_THROWS_WITH(fedfix_state::unpack(with_number(packed, sums + 16, 1.)), refused);  // fewer steps than durations
  CHECK_THROWS_WITH(fedfix_state::unpack(with_number(packed, sums + 32, 1.5)), refused);
}
