// SPDX-License-Identifier: BSL-1.0
// Steps of a server: worked numbers, a slow reference, whatever the rule before them returns.
#include "states.hpp"

using namespace robagg_test;

namespace {
using robagg::server_state;
using one_number = Eigen::Matrix<double, 1, 1>;

// Whole vectors at a time, as the definitions are written.
struct slow_server {
  std::string kind;
  double rate, beta1, beta2, tau;
  Eigen::ArrayXd m, v;
  int round = 0;

  slow_server(std::string name, double eta, double b1, double b2, double t, Index d)
      : kind(std::move(name)), rate(eta), beta1(b1), beta2(b2), tau(t), m(Eigen::ArrayXd::Zero(d)), v(m) {}
  Eigen::ArrayXd step(Eigen::ArrayXd const& by) {
    ++round;
    if (kind == "momentum") return v = beta1 * v - by, -rate * v;
    m = kind == "adagrad" ? by.eval() : (beta1 * m + (1 - beta1) * by).eval();
    if (kind == "adam") v = beta2 * v + (1 - beta2) * by.square();
    if (kind == "yogi") v -= (1 - beta2) * by.square() * (v - by.square()).sign();
    if (kind == "adagrad") v += by.square();
    double const bias = kind == "adam" ? std::sqrt(1 - std::pow(beta2, round + 1)) / (1 - std::pow(beta1, round + 1)) : 1;
    return rate * bias * m / (v.sqrt() + tau);
  }
};

template <class Rule>
void agrees_with(Rule const& rule, slow_server slow) {
  Index const d = slow.m.size();
  matrix const models = gauss(12, d, 21);
  server_state state(rule, d), by_changes(rule, d), left(rule, 2), right(rule, d - 2);
  Eigen::VectorXd model = Eigen::VectorXd::LinSpaced(d, -1, 1), other = model, parts = model, truth = model;
  for (Index t = 0; t < 12; ++t) {
    Eigen::VectorXd const aggregate = models.row(t), change = aggregate - truth, moved = aggregate - other;
    truth.array() += slow.step(change.array());
    state.step(aggregate, model), by_changes.step_by(moved, other);
    left.step(aggregate.head(2), parts.head(2)), right.step(aggregate.tail(d - 2), parts.tail(d - 2));
    if (t % 5 == 2) state = server_state<Rule>::unpack(state.pack());
  }
  CHECK(difference(numbers_of(model), numbers_of(truth)) < 1e-13);
  CHECK(same_bits(numbers_of(model), numbers_of(other)));
  CHECK(same_bits(numbers_of(model), numbers_of(parts)));
  CHECK(state.rounds() == 12);
}
template <class Rule>
void walks(Rule const& rule, std::initializer_list<double> expected) {
  server_state state(rule, 1);
  one_number model(1);
  double const aggregates[] = {2, 2, -3};
  for (std::size_t t = 0; t < 3; ++t) {
    state.step(one_number(aggregates[t]), model);
    CHECK(std::abs(model(0) - expected.begin()[t]) < 1e-14);
  }
}
template <class Rule>
void bears_and_refuses(Rule const& rule) {
  std::string const name = robagg::name(rule);
  auto const said = [&](char const* sentence) { return Catch::Contains(name + ": " + sentence); };
  server_state state(rule, 3);
  Eigen::Vector3f model(1, 2, 3);
  state.step_by(Eigen::Vector3d(1, -1, 0), model);
  Eigen::Vector3f const kept = model;
  auto const before = state.pack();
  for (double const bad : {not_a_number, infinity, -infinity, 1.0001e140, -1e308}) {
    CHECK_THROWS_WITH(state.step_by(Eigen::Vector3d(0, 1, bad), model),
                      said("needs a finite aggregate and model, no more than 1e140 apart (parameter = 2"));
    CHECK_THROWS_WITH(state.step(Eigen::Vector3d(0, bad, 1), model), said("needs a finite aggregate and model"));
    Eigen::Vector3d spoilt(0, 1, bad);
    if (!std::isfinite(bad))
      CHECK_THROWS_WITH(state.step_by(Eigen::Vector3d(1, 1, 1), spoilt), said("needs a finite aggregate"));
    CHECK(spoilt.head(2) == Eigen::Vector2d(0, 1));
  }
  CHECK_THROWS_WITH(state.step(Eigen::Vector2d(1, 2), model), said("needs an aggregate of d values (values = 2, d = 3)"));
  Eigen::VectorXf wide(4);
  CHECK_THROWS_WITH(state.step(Eigen::Vector3d(1, 2, 3), wide), said("needs a model of d values (values = 4, d = 3)"));
  CHECK((state.pack() == before && model == kept));
  for (int t = 0; t < 50; ++t)
    state.step_by(Eigen::Vector3d(1e38, -1e38, 0) * (t % 2), Eigen::VectorXd(Eigen::Vector3d::Zero()));
  CHECK(server_state<Rule>::unpack(state.pack()).pack() == state.pack());
  server_state<Rule> twins(rule, 2), none(rule, 0);
  Eigen::VectorXd empty(0);
  none.step(Eigen::VectorXd(0), empty);
  CHECK(none.rounds() == 1);
  Eigen::Vector2d same(5, 5);
  twins.step(Eigen::Vector2d(5, 5), same);
  CHECK(same == Eigen::Vector2d(5, 5));  // nothing to do, and no 0 / 0
  CHECK_THROWS_WITH(server_state<Rule>(rule, -1), said("needs d >= 0"));
  check_bytes(state, [](server_state<Rule>& s) {
    Eigen::VectorXd x = Eigen::VectorXd::Zero(s.size());
    s.step_by(Eigen::VectorXd(Eigen::VectorXd::Ones(s.size())), x);
  });
}
template <class Rule>
void refuses_rule(Rule const& rule, char const* sentence) {
  CHECK_THROWS_WITH(server_state<Rule>(rule, 1), Catch::Contains(robagg::name(rule) + ": " + sentence));
}
}  // namespace

TEST_CASE("steps of a server by hand") {
  walks(robagg::fedavg_momentum{}, {2, 2.9, -2.19});  // v: -1, -.9, 5.09
  walks(robagg::fedavg_momentum{.rate = 1, .momentum = 0}, {2, 2, -3});
  walks(robagg::fedavg_momentum{.rate = .5, .momentum = 0}, {1.5, 1.75, -.625});
  // From the formulas, number by number.
  walks(robagg::fed_adam{}, {1.0735108701389573, 1.1583223724147775, 1.1252067457500177});
  walks(robagg::fed_yogi{}, {1.00990099009901, 1.0232375629616024, 1.0178021345327792});
  walks(robagg::fed_adagrad{}, {1.0999000999000998, 1.1667509878462456, 1.071610640125129});
  server_state even(robagg::fed_yogi{.beta2 = 0}, 1);  // v is 4, and stays where it is that of the change
  one_number moved(0);
  even.step_by(one_number(2), moved), even.step_by(one_number(2), moved);
  CHECK(moved(0) == Approx(.01 * (.2 + .38) / 2.001).epsilon(1e-12));
  CHECK(robagg::fed_adam{}.factor(1) == Approx(.1 * std::sqrt(1 - .99 * .99) / (1 - .9 * .9)));
}

TEST_CASE("steps of a server agree with whole vectors, in parts, across bytes") {
  agrees_with(robagg::fedavg_momentum{.rate = .7, .momentum = .8}, {"momentum", .7, .8, 0, 0, 6});
  agrees_with(robagg::fed_adam{.rate = .2, .beta1 = .8, .beta2 = .95, .tau = .01}, {"adam", .2, .8, .95, .01, 6});
  agrees_with(robagg::fed_adam{.beta1 = 0, .beta2 = 0}, {"adam", .1, 0, 0, 1e-3, 6});
  agrees_with(robagg::fed_yogi{.rate = .2, .beta1 = .8, .beta2 = .95, .tau = .01}, {"yogi", .2, .8, .95, .01, 6});
  agrees_with(robagg::fed_yogi{.beta2 = 0}, {"yogi", .01, .9, 0, 1e-3, 6});
  agrees_with(robagg::fed_adagrad{.rate = .3, .tau = .1}, {"adagrad", .3, 0, 0, .1, 6});
  // More than a block.
  agrees_with(robagg::fedavg_momentum{}, {"momentum", 1, .9, 0, 0, 150});
  agrees_with(robagg::fed_adam{}, {"adam", .1, .9, .99, 1e-3, 150});
  agrees_with(robagg::fed_yogi{}, {"yogi", .01, .9, .99, 1e-3, 66});
  agrees_with(robagg::fed_adagrad{}, {"adagrad", .1, 0, 0, 1e-3, 65});
}

TEST_CASE("a server steps on the result of any rule, in models of any kind") {
  matrix reports = gauss(7, 5, 3);
  reports.row(2).setConstant(not_a_number);
  server_state state(robagg::fed_adam{}, 5);
  Eigen::VectorXd model = Eigen::VectorXd::Zero(5);
  auto const before = state.pack();
  CHECK_THROWS_WITH(state.step(robagg::mean{}(reports), model), Catch::Contains("fed_adam: needs a finite aggregate"));
  CHECK((state.pack() == before && model == Eigen::VectorXd::Zero(5)));
  Eigen::VectorXd const robust = robagg::trimmed_mean{.f = 1}(reports);
  state.step(robust, model);
  auto const first = [&](auto aggregate, auto to) {
    server_state again(robagg::fed_adam{}, 5);
    again.step(aggregate, to);
    double most = 0;
    for (Index j = 0; j < 5; ++j)
      most = std::max(most, std::abs(static_cast<double>(robagg::detail::score_at(to, j)) - model(j)));
    return most;
  };
  CHECK(first(robust, Eigen::RowVectorXd(Eigen::RowVectorXd::Zero(5))) == 0);
  CHECK(first(robust, std::vector<double>(5)) == 0);
  CHECK(first(std::vector<double>(robust.data(), robust.data() + 5), std::array<double, 5>{}) == 0);
  CHECK(first(robust, Eigen::VectorXf(Eigen::VectorXf::Zero(5))) < 1e-8);
  CHECK(first(robust, Eigen::Matrix<Eigen::half, 5, 1>(Eigen::Matrix<Eigen::half, 5, 1>::Zero())) < 1e-3);
  CHECK(first(robust, Eigen::Matrix<Eigen::bfloat16, 5, 1>(Eigen::Matrix<Eigen::bfloat16, 5, 1>::Zero())) < 1e-2);
  matrix layers = matrix::Zero(3, 5), identity = matrix::Identity(5, 5);
  server_state in_place(robagg::fed_adam{}, 5);
  in_place.step(identity * robust, layers.row(1));  // a product is evaluated once
  CHECK(layers.row(1).transpose() == model);
  CHECK((layers.row(0).isZero(0) && layers.row(2).isZero(0)));
  server_state towards(robagg::fedavg_momentum{.momentum = 0}, 5);
  towards.step(2 * model, model);  // an expression of the model itself
  CHECK(difference(numbers_of(model), numbers_of(layers.row(1).transpose() * 2)) < 1e-16);
}

TEST_CASE("a server refuses what would spoil it, and nothing has changed") {
  bears_and_refuses(robagg::fedavg_momentum{});
  bears_and_refuses(robagg::fed_adam{});
  bears_and_refuses(robagg::fed_yogi{});
  bears_and_refuses(robagg::fed_adagrad{});
  server_state state(robagg::fedavg_momentum{}, 2);
  Eigen::Vector2f model(0, 1);
  auto const before = state.pack();
  CHECK_THROWS_WITH(state.step_by(Eigen::Vector2d(1, 1e39), model),
                    Catch::Contains("fedavg_momentum: needs a step that the model's numbers hold (parameter = 1"));
  CHECK((state.pack() == before && model == Eigen::Vector2f(0, 1)));
  for (Index const at : {0, 63, 64, 129}) {  // any number of any block
    server_state many(robagg::fed_adam{}, 130);
    Eigen::VectorXd by = Eigen::VectorXd::Ones(130), to = by;
    by(at) = -infinity;
    CHECK_THROWS_WITH(many.step_by(by, to),
                      Catch::Contains("(parameter = " + std::to_string(at) + ", model = 1, change = -inf)"));
    CHECK(to == Eigen::VectorXd::Ones(130));
    by(at) = 1, to(at) = not_a_number;
    CHECK_THROWS_WITH(many.step_by(by, to), Catch::Contains("(parameter = " + std::to_string(at) + ", model = nan"));
    CHECK((many.rounds() == 0 && to(at == 0 ? 1 : 0) == 1));
  }
  Eigen::VectorXd largest = Eigen::VectorXd::Constant(2, 1e140), origin = Eigen::VectorXd::Zero(2);
  server_state(robagg::fed_adam{}, 2).step_by(largest, origin);
  CHECK(origin.allFinite());
  for (double const bad : {-1., not_a_number, infinity}) {
    refuses_rule(robagg::fedavg_momentum{.rate = bad}, "needs rate > 0");
    refuses_rule(robagg::fedavg_momentum{.momentum = bad}, "needs 0 <= momentum < 1");
    refuses_rule(robagg::fed_adam{.rate = bad}, "needs rate > 0");
    refuses_rule(robagg::fed_adam{.beta1 = bad}, "needs 0 <= beta1 < 1");
    refuses_rule(robagg::fed_yogi{.beta2 = bad}, "needs 0 <= beta2 < 1");
    refuses_rule(robagg::fed_yogi{.tau = bad}, "needs tau > 0");
    refuses_rule(robagg::fed_adagrad{.rate = bad}, "needs rate > 0");
    refuses_rule(robagg::fed_adagrad{.tau = bad}, "needs tau > 0");
  }
  refuses_rule(robagg::fedavg_momentum{.momentum = 1}, "needs 0 <= momentum < 1");
  refuses_rule(robagg::fed_adam{.tau = 0}, "needs tau > 0");
  refuses_rule(robagg::fed_adam{.rate = 0}, "needs rate > 0");
}

TEST_CASE("adaptive servers bound a round, whatever the aggregate") {
  for (double const size : {1e-30, 1., 1e30, 1e140}) {
    Eigen::Vector2d adagrad(0, 0), yogi(0, 0);
    server_state(robagg::fed_adagrad{.rate = .1}, 2).step_by(Eigen::Vector2d(size, -size), adagrad);
    server_state(robagg::fed_yogi{.rate = .1}, 2).step_by(Eigen::Vector2d(size, -size), yogi);
    CHECK(adagrad.cwiseAbs().maxCoeff() <= .1);
    CHECK(yogi.cwiseAbs().maxCoeff() <= .1 * (1 + 1e-12));  // (1 - beta1) / sqrt(1 - beta2) = 1
  }
}

TEST_CASE("a server's bytes say which rule made them") {
  server_state adam(robagg::fed_adam{}, 2);
  Eigen::Vector2d model(0, 0);
  auto const fresh = adam.pack();
  adam.step(Eigen::Vector2d(1, 2), model);
  auto const packed = adam.pack();
  auto const refused = Catch::Contains("needs bytes as pack made them: they contradict themselves");
  CHECK_THROWS_WITH(server_state<robagg::fed_yogi>::unpack(packed), refused);
  std::size_t const rounds = 9 + 8 + 4 * 8, memory = rounds + 16;
  CHECK_THROWS_WITH(server_state<robagg::fed_adam>::unpack(with_number(packed, rounds, std::int64_t{0})), refused);
  CHECK_THROWS_WITH(server_state<robagg::fed_adam>::unpack(with_number(packed, rounds, std::int64_t{1} << 60)), refused);
  CHECK_THROWS_WITH(server_state<robagg::fed_adam>::unpack(with_number(packed, rounds + 8, std::int64_t{3})), refused);
  CHECK_THROWS_WITH(server_state<robagg::fed_adam>::unpack(with_number(packed, memory, not_a_number)), refused);
  CHECK_THROWS_WITH(server_state<robagg::fed_adam>::unpack(with_number(packed, memory + 16, -1.)), refused);
  CHECK_THROWS_WITH(server_state<robagg::fed_adam>::unpack(with_number(packed, 9 + 8, -1.)), Catch::Contains("needs rate > 0"));
  CHECK(server_state<robagg::fed_adam>::unpack(fresh).rounds() == 0);
}
