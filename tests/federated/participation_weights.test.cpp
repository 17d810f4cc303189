// SPDX-License-Identifier: BSL-1.0
// FedAU: the weights of the published code, without bias where clients come by chance, one by one and in one call.
#include "states.hpp"

#include <robagg/detail/base/random.hpp>

using namespace robagg_test;

namespace {
using robagg::participation_state;
using robagg::participation_weights;

matrix history_of(std::string const& rounds) {
  matrix x(static_cast<Index>(rounds.size()), 1);
  for (std::size_t t = 0; t < rounds.size(); ++t) x(static_cast<Index>(t), 0) = rounds[t] == '1';
  return x;
}
std::vector<Index> present_in(matrix const& history, Index t) {
  std::vector<Index> who;
  for (Index i = 0; i < history.cols(); ++i) {
    if (history(t, i) == 1) who.push_back(i);
  }
  return who;
}
matrix coins(Index rounds, std::vector<double> const& p, std::uint64_t seed) {
  numbers random(seed);
  matrix x(rounds, static_cast<Index>(p.size()));
  for (Index t = 0; t < rounds; ++t) {
    for (Index i = 0; i < x.cols(); ++i) x(t, i) = random.uniform() < p[static_cast<std::size_t>(i)];
  }
  return x;
}
// The mean of all intervals that have ended, cut at cutoff.
double mean_interval(matrix const& history, Index client, Index cutoff) {
  double sum = 0, count = 0;
  Index length = 0;
  for (Index t = 0; t < history.rows(); ++t) {
    ++length;
    if (history(t, client) == 1 || length == cutoff) sum += static_cast<double>(length), ++count, length = 0;
  }
  return count == 0 ? 1 : sum / count;
}
}  // namespace

TEST_CASE("participation weights by hand") {
  matrix const history = history_of("0010110000");
  double const cut[] = {1, 1, 1, 3, 3, 2.5, 2, 2, 2, 2.25}, whole[] = {1, 1, 1, 3, 3, 2.5, 2, 2, 2, 2};
  for (Index t = 0; t < 10; ++t) {
    CHECK(participation_weights{.cutoff = 3}(history.topRows(t))(0) == cut[t]);
    CHECK(participation_weights{.cutoff = 100000}(history.topRows(t))(0) == whole[t]);
  }
  participation_state state(participation_weights{.cutoff = 3}, 1);
  for (Index t = 0; t < 10; ++t) {
    CHECK(state.weights()(0) == cut[t]);
    Eigen::VectorXd const w = state.update(present_in(history, t));
    REQUIRE(w.size() == (history(t, 0) == 1));
    if (w.size() == 1) CHECK(w(0) == cut[t]);  // of this round, and not what it teaches
  }
  CHECK(participation_weights{.cutoff = 1}(history)(0) == 1);  // every round is an interval
  CHECK(participation_weights{}(matrix(0, 3)) == Eigen::Vector3d::Ones());
  CHECK(participation_weights{}(matrix(5, 0)).size() == 0);
}

TEST_CASE("participation weights are mean intervals, round after round and in one call") {
  for (Index const cutoff : {1, 2, 7, 50}) {
    matrix const history = coins(200, {.02, .1, .5, .9, 1, 0}, 3);
    participation_weights const rule{.cutoff = cutoff};
    participation_state state(rule, 6);
    for (Index t = 0; t < 200; ++t) {
      auto const who = present_in(history, t);
      Eigen::VectorXd const before = state.weights(), w = state.update(who);
      for (std::size_t k = 0; k < who.size(); ++k) CHECK(w(static_cast<Index>(k)) == before(who[k]));
      if (t % 40 == 7) state = participation_state::unpack(state.pack());
      if (t % 50 == 49) CHECK(same_bits(numbers_of(state.weights()), numbers_of(rule(history.topRows(t + 1)))));
    }
    CHECK(state.rounds() == 200);
    for (Index i = 0; i < 6; ++i) CHECK(std::abs(state.weights()(i) - mean_interval(history, i, cutoff)) < 1e-12 * 50);
    CHECK((state.weights().array() >= 1 && state.weights().array() <= static_cast<double>(cutoff)).all());
    robagg::table<std::int8_t> const flags = history.cast<std::int8_t>();
    CHECK(same_bits(numbers_of(rule(flags)), numbers_of(state.weights())));
    CHECK(same_bits(numbers_of(rule(history.cast<float>() * 1.f)), numbers_of(state.weights())));
  }
}

TEST_CASE("participation weights tend to 1 / p, and make changes without bias") {
  std::vector<double> const p{.05, .2, .5, 1};
  Index const rounds = 60000;
  for (Index const cutoff : {5, 100000}) {
    matrix const history = coins(rounds, p, 11);
    participation_state state(participation_weights{.cutoff = cutoff}, 4);
    Eigen::Vector4d counted = Eigen::Vector4d::Zero();
    for (Index t = 0; t < rounds; ++t) {
      auto const who = present_in(history, t);
      Eigen::VectorXd const w = state.update(who);
      for (std::size_t k = 0; k < who.size(); ++k) counted(who[k]) += w(static_cast<Index>(k)) / static_cast<double>(rounds);
    }
    for (Index i = 0; i < 4; ++i) {
      double const chance = p[static_cast<std::size_t>(i)];
      double const limit = (1 - std::pow(1 - chance, static_cast<double>(cutoff))) / chance;
      INFO("cutoff " << cutoff << ", p " << chance);
      CHECK(std::abs(state.weights()(i) / limit - 1) < .05);
      CHECK(std::abs(counted(i) / (limit * chance) - 1) < .05);  // 1 for all, however rarely they come
    }
  }
}

TEST_CASE("what a client that stays away and then comes each time gains") {  // docs/federated.md
  participation_state state(participation_weights{.cutoff = 50}, 1);
  for (int t = 0; t < 50; ++t) state.update(std::vector<Index>{});
  double sum = 0, expected = 20;
  for (int m = 1; m <= 20; ++m) sum += state.update(std::vector<Index>{0})(0), expected += 49. / m;
  CHECK(sum == Approx(expected));
  CHECK(sum / 70 == Approx(2.804).epsilon(1e-3));
}

TEST_CASE("participation weights go into weighted, and servers' clients together") {
  participation_weights const rule{.cutoff = 9};
  matrix const history = coins(40, {.3, .6, .1, .8}, 5);
  participation_state all(rule, 4), left(rule, 1), right(rule, 3);
  for (Index t = 0; t < 40; ++t) {
    all.update(present_in(history, t)), left.update(present_in(history.leftCols(1), t));
    right.update(present_in(history.rightCols(3), t));
  }
  left.merge(right);
  CHECK(left.pack() == all.pack());
  participation_state twice = all;
  twice.merge(twice);
  CHECK(twice.clients() == 8);
  CHECK(twice.weights().tail(4) == all.weights());
  std::vector<Index> const present{3, 0};
  Eigen::VectorXd const w = all.update(present);
  Eigen::VectorXd const expected = twice.weights()(present);
  CHECK(w == expected);  // in the order of the reports
  matrix const reports = gauss(2, 3);
  Eigen::VectorXd const mean = robagg::mean{}(robagg::weighted(reports, w));
  Eigen::VectorXd const by_hand = (w(0) * reports.row(0) + w(1) * reports.row(1)).transpose() / (w(0) + w(1));
  CHECK(difference(numbers_of(mean), numbers_of(by_hand)) < 1e-15 * 9);
  CHECK(all.update(Eigen::VectorXi(0)).size() == 0);  // nobody came
  CHECK(all.update(std::array<unsigned, 2>{1u, 2u}).size() == 2);
}

TEST_CASE("participation weights refuse in a sentence, and nothing has changed") {
  participation_state state(participation_weights{.cutoff = 4}, 3);
  state.update(std::vector<Index>{1});
  auto const before = state.pack();
  auto const said = [](char const* rule) { return Catch::Contains(std::string("participation_weights: ") + rule); };
  CHECK_THROWS_WITH(state.update(std::vector<Index>{0, 3}), said("needs its own clients (client = 3, clients = 3)"));
  CHECK_THROWS_WITH(state.update(std::vector<Index>{-1}), said("needs its own clients"));
  CHECK_THROWS_WITH(state.update(std::vector<Index>{2, 1, 2}), said("needs each client once (client = 2)"));
  CHECK_THROWS_WITH(state.merge(participation_state(participation_weights{.cutoff = 5}, 3)),
                    said("merges with the same cutoff"));
  CHECK(state.pack() == before);
  CHECK_THROWS_WITH(participation_state(participation_weights{.cutoff = 0}, 3), said("needs cutoff >= 1 (cutoff = 0)"));
  CHECK_THROWS_WITH(participation_state(participation_weights{.cutoff = -7}, 3), said("needs cutoff >= 1"));
  CHECK_THROWS_WITH(participation_state(participation_weights{.cutoff = std::numeric_limits<Index>::max()}, 3),
                    said("needs cutoff >= 1"));
  CHECK_THROWS_WITH(participation_state(participation_weights{}, -1), said("needs clients >= 0"));
  CHECK_THROWS_WITH(participation_weights{.cutoff = 0}(matrix(0, 0)), said("needs cutoff >= 1"));
  for (double const bad : {not_a_number, infinity, -1., .5, 1e38}) {
    matrix history = matrix::Ones(3, 2);
    history(2, 1) = bad;
    CHECK_THROWS_WITH(participation_weights{}(history), said("needs 0 or 1 for each round and client (round = 2, client = 1"));
  }
}

TEST_CASE("participation weights travel as bytes") {
  participation_state state(participation_weights{.cutoff = 4}, 3);
  state.update(std::vector<Index>{1}), state.update(std::vector<Index>{1, 2});
  check_bytes(state, [](participation_state& s) {
    if (s.clients() > 0) s.update(std::vector<Index>{0});
    s.update(std::vector<Index>{}), s.merge(s);
  });
  auto const packed = state.pack();
  auto const refused = Catch::Contains("participation_weights: needs bytes as pack made them: they contradict themselves");
  std::size_t const since = 9 + 4 * 8, intervals = since + 24, weights = intervals + 24;
  CHECK_THROWS_WITH(participation_state::unpack(with_number(packed, 9, 1.)), refused);      // another rule
  CHECK_THROWS_WITH(participation_state::unpack(with_number(packed, since, 3.)), refused);  // longer than all rounds
  CHECK_THROWS_WITH(participation_state::unpack(with_number(packed, since, .5)), refused);
  CHECK_THROWS_WITH(participation_state::unpack(with_number(packed, intervals + 8, 3.)), refused);
  CHECK_THROWS_WITH(participation_state::unpack(with_number(packed, weights, 2.)), refused);       // no interval has ended
  CHECK_THROWS_WITH(participation_state::unpack(with_number(packed, weights + 8, 4.5)), refused);  // above the cutoff
  CHECK_THROWS_WITH(participation_state::unpack(with_number(packed, weights + 8, not_a_number)), refused);
  CHECK_THROWS_WITH(participation_state::unpack(robagg::running(2).pack()), Catch::Contains("the same kind of state"));
}
