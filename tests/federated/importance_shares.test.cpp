// SPDX-License-Identifier: BSL-1.0
// Clients that several gateways see: two tiers equal one.
#include "states.hpp"

#include <robagg/running.hpp>

using namespace robagg_test;

namespace {
using robagg::importance_shares;
using robagg::importance_state;

matrix contacts_of(Index gateways, Index clients, std::uint64_t seed) {
  numbers random(seed);
  matrix x(gateways, clients);
  for (Index k = 0; k < x.size(); ++k) x.data()[k] = random.below(3) == 0 ? 0 : 100 * random.uniform();
  for (Index i = 0; i < clients; ++i) x(i % gateways, i) += 1;
  return x;
}
}  // namespace

TEST_CASE("importance shares by hand") {
  matrix contact(2, 3);
  contact << 30, 1, 0, 10, 1, 5;
  matrix shares(2, 3), weights(2, 3);
  shares << .75, .5, 0, .25, .5, 1;
  weights << 75, 20, 0, 25, 20, 7;
  CHECK(importance_shares{}(contact) == shares);
  CHECK(importance_shares{}(contact.cast<int>()) == shares);
  CHECK(importance_shares{}(contact, std::vector<int>{100, 40, 7}) == weights);
  CHECK(importance_shares{}(contact, Eigen::Vector3d(0, 0, 0)) == matrix::Zero(2, 3));
  matrix const huge = contact * 5e306, tiny = contact * 1e-320;
  CHECK(difference(importance_shares{}(huge), shares) < 1e-15);
  CHECK(difference(importance_shares{}(tiny), shares) < 1e-2);  // of subnormal numbers
  CHECK(importance_shares{}(matrix(0, 0)).size() == 0);
  matrix unseen = contact;
  unseen.col(1).setZero();
  CHECK(importance_shares{.allow_unseen = true}(unseen) == (matrix(2, 3) << .75, 0, 0, .25, 0, 1).finished());
  CHECK(importance_shares{.allow_unseen = true}(matrix(0, 2)).cols() == 2);  // no gateways: nobody is seen
}

TEST_CASE("two tiers with importance shares equal one") {
  Index const gateways = 4, clients = 30, d = 7;
  matrix const reports = gauss(clients, d, 2), contact = contacts_of(gateways, clients, 6);
  std::vector<double> examples;
  for (Index i = 0; i < clients; ++i) examples.push_back(static_cast<double>(10 + i * 37 % 90));
  matrix const w = importance_shares{}(contact, examples);
  Eigen::VectorXd const one_tier = robagg::mean{}(robagg::weighted(reports, examples));
  matrix models(gateways, d);
  robagg::running cloud(d);
  for (Index g = 0; g < gateways; ++g) {
    models.row(g) = robagg::mean{}(robagg::weighted(reports, w.row(g))).transpose();
    robagg::running gateway(d);  // as reports come in; then a tree of them
    for (Index i = 0; i < clients; ++i) gateway.add(reports.row(i), w(g, i));
    cloud.merge(gateway);
  }
  Eigen::VectorXd const weights = w.rowwise().sum(), two_tiers = robagg::mean{}(robagg::weighted(models, weights));
  CHECK(difference(numbers_of(two_tiers), numbers_of(one_tier)) < 1e-14);
  CHECK(difference(numbers_of(cloud.mean()), numbers_of(one_tier)) < 1e-14);
  CHECK(difference(w.colwise().sum(), Eigen::Map<Eigen::RowVectorXd const>(examples.data(), clients)) < 1e-13);
  // Counted by each gateway in full, those whom many see count more: something else.
  matrix const full =
      (contact.array() > 0).cast<double>().rowwise() * Eigen::Map<Eigen::RowVectorXd const>(examples.data(), clients).array();
  for (Index g = 0; g < gateways; ++g) models.row(g) = robagg::mean{}(robagg::weighted(reports, full.row(g))).transpose();
  Eigen::VectorXd const counts = full.rowwise().sum(), twice = robagg::mean{}(robagg::weighted(models, counts));
  CHECK(difference(numbers_of(twice), numbers_of(one_tier)) > 1e-3);
}

TEST_CASE("contacts one by one, in any parts") {
  matrix const contact = contacts_of(3, 8, 9);
  importance_state all({}, 3, 8), left({}, 3, 8), right({}, 3, 8);
  for (Index k = 0; k < contact.size(); ++k) {
    all.add(k / 8, k % 8, contact.data()[k]);
    (k % 2 == 0 ? left : right).add(k / 8, k % 8, contact.data()[k]);
  }
  CHECK(same_bits(all.shares(), importance_shares{}(contact)));
  Eigen::VectorXd const examples = Eigen::VectorXd::LinSpaced(8, 1, 8);
  CHECK(same_bits(all.weights(examples), importance_shares{}(contact, examples)));
  left = importance_state::unpack(left.pack()), left.merge(importance_state::unpack(right.pack()));
  CHECK(left.pack() == all.pack());
  all.merge(all);
  CHECK(difference(all.shares(), importance_shares{}(contact)) < 1e-15);
  importance_state passes({}, 2, 1);
  passes.add(0, 0), passes.add(1, 0), passes.add(1, 0), passes.add(1, 0);
  CHECK(passes.shares() == Eigen::Vector2d(.25, .75));
}

TEST_CASE("importance shares refuse in a sentence, and nothing has changed") {
  auto const said = [](char const* rule) { return Catch::Contains(std::string("importance_shares: ") + rule); };
  importance_state state({}, 2, 3);
  state.add(1, 1, 1e308);
  auto const before = state.pack();
  for (double const bad : {-1., not_a_number, infinity, -infinity}) {
    matrix contact = matrix::Ones(2, 3);
    contact(1, 2) = bad;
    CHECK_THROWS_WITH(importance_shares{}(contact), said("needs contact >= 0 and finite (gateway = 1, client = 2, contact = "));
    CHECK_THROWS_WITH(importance_shares{}(matrix::Ones(2, 1), std::vector<double>{bad}),
                      said("needs examples >= 0 and finite"));
    CHECK_THROWS_WITH(state.add(0, 0, bad), said("needs contact >= 0 and finite"));
  }
  CHECK_THROWS_WITH(importance_shares{}(matrix::Zero(2, 3)),
                    said("needs a gateway that has seen the client, or allow_unseen (client = 0)"));
  CHECK_THROWS_WITH(importance_shares{}(matrix(0, 2)), said("needs a gateway that has seen the client"));
  CHECK_THROWS_WITH(importance_shares{}(matrix::Ones(2, 3), std::vector<int>{1, 2}),
                    said("needs a number for each client (examples = 2, clients = 3)"));
  CHECK_THROWS_WITH(state.shares(), said("needs a gateway that has seen the client"));
  CHECK_THROWS_WITH(state.add(2, 0), said("needs its own gateways (gateway = 2, gateways = 2)"));
  CHECK_THROWS_WITH(state.add(-1, 0), said("needs its own gateways"));
  CHECK_THROWS_WITH(state.add(0, 3), said("needs its own clients"));
  CHECK_THROWS_WITH(state.add(0, -1), said("needs its own clients"));
  CHECK_THROWS_WITH(state.add(1, 1, 1e308), said("needs contacts whose sum is finite"));
  CHECK_THROWS_WITH(state.merge(state), said("needs contacts whose sum is finite"));
  CHECK_THROWS_WITH(state.merge(importance_state({}, 3, 3)), said("merges with the same gateways and clients"));
  CHECK_THROWS_WITH(state.merge(importance_state({}, 2, 2)), said("merges with the same gateways and clients"));
  CHECK_THROWS_WITH(state.merge(importance_state({.allow_unseen = true}, 2, 3)), said("merges with the same parameters"));
  CHECK(state.pack() == before);
  CHECK_THROWS_WITH(importance_state({}, -1, 2), said("needs gateways and clients >= 0"));
  CHECK_THROWS_WITH(importance_state({}, 2, -1), said("needs gateways and clients >= 0"));
}

TEST_CASE("contacts travel as bytes") {
  importance_state state({.allow_unseen = true}, 2, 2);
  state.add(0, 1, 3), state.add(1, 0, 4), state.add(1, 1, 1);
  check_bytes(state, [](importance_state& s) {
    if (s.contact().size() > 0) s.add(0, 0, 1);
    s.merge(s), s.shares();
  });
  CHECK(importance_state::unpack(importance_state({}, 3, 0).pack()).gateways() == 3);
  CHECK_THROWS_WITH(importance_state::unpack(with_number(importance_state({}, 3, 0).pack(), 18, std::int64_t{1} << 40)),
                    Catch::Contains("they contradict themselves"));  // loops over no clients of so many gateways
  auto const packed = state.pack();
  auto const refused = Catch::Contains("importance_shares: needs bytes as pack made them: they contradict themselves");
  std::size_t const gateways = 9 + 8 + 1;
  for (std::int64_t const bad : {std::int64_t{3}, std::int64_t{1} << 61, std::int64_t{1} << 62, std::int64_t{-1}}) {
    CHECK_THROWS_WITH(importance_state::unpack(with_number(packed, gateways, bad)), refused);
    CHECK_THROWS_WITH(importance_state::unpack(with_number(packed, gateways + 8, bad)), refused);
  }
  CHECK_THROWS_WITH(importance_state::unpack(with_number(packed, gateways + 16, -1.)), refused);
  CHECK_THROWS_WITH(importance_state::unpack(with_number(packed, gateways + 16, infinity)), refused);
}
