// SPDX-License-Identifier: BSL-1.0
// Old reports weigh less, in one call and in FedBuff's buffer.
#include "states.hpp"

using namespace robagg_test;

namespace {
using robagg::staleness;
using robagg::staleness_buffer;
using robagg::staleness_weights;
using four = Eigen::Vector4d;
}  // namespace

TEST_CASE("staleness weights by hand") {
  Eigen::Vector4i const ages(0, 3, 8, 15);
  CHECK(staleness_weights{}(ages) == four(1, 1. / 2, 1. / 3, 1. / 4));
  CHECK(difference(numbers_of(staleness_weights{.exponent = 1}(ages)), numbers_of(four(1, 1. / 4, 1. / 9, 1. / 16))) < 1e-16);
  CHECK(staleness_weights{.exponent = 0}(ages) == four::Ones());
  staleness_weights const threshold{.kind = staleness::threshold, .cutoff = 8, .after = .25};
  CHECK(threshold(ages) == four(1, 1, 1, .25));
  CHECK(threshold(std::vector<double>{8.000001, 1e300}) == Eigen::Vector2d(.25, .25));
  CHECK(staleness_weights{}(ages, std::vector<long>{10, 0, 30, 4}) == four(10, 0, 10, 1));
  CHECK(staleness_weights{.exponent = .3}.weight(4) == Approx(std::exp(-.3 * std::log(5.))));
  CHECK(robagg::describe(threshold) == "staleness_weights{.kind = threshold, .cutoff = 8, .after = 0.25}");
  for (double exponent : {.1, .5, .9}) {  // never grows with age
    double last = 1;
    for (double age = 0; age < 1e300; age = 2 * age + 1) {
      double const w = staleness_weights{.exponent = exponent}.weight(age);
      CHECK((w <= last && w > 0));
      last = w;
    }
  }
  matrix const reports = gauss(4, 3);
  Eigen::VectorXd const w = staleness_weights{}(ages);
  Eigen::VectorXd const mean = robagg::mean{}(robagg::weighted(reports, w)), by_hand = reports.transpose() * w / w.sum();
  CHECK(difference(numbers_of(mean), numbers_of(by_hand)) < 1e-15 * 9);
}

TEST_CASE("staleness weights refuse in a sentence") {
  auto const said = [](char const* rule) { return Catch::Contains(std::string("staleness_weights: ") + rule); };
  for (double const bad : {-1., -1e-300, not_a_number, infinity, -infinity}) {
    CHECK_THROWS_WITH(staleness_weights{}(std::vector<double>{0, bad}), said("needs ages >= 0 and finite (client = 1, age = "));
    CHECK_THROWS_WITH(staleness_weights{}(std::vector<int>{0, 1}, std::vector<double>{bad, 1}),
                      said("needs examples >= 0 and finite"));
    CHECK_THROWS_WITH(staleness_weights{}.weight(bad), said("needs ages >= 0"));
    CHECK_THROWS_WITH(staleness_weights{.exponent = bad}(std::vector<int>{1}), said("needs 0 <= exponent <= 1"));
    CHECK_THROWS_WITH(staleness_weights{.after = bad}(std::vector<int>{1}), said("needs 0 <= after <= 1"));
    if (bad < infinity || bad != bad)
      CHECK_THROWS_WITH(staleness_weights{.cutoff = bad}(std::vector<int>{1}), said("needs cutoff >= 0"));
  }
  CHECK_THROWS_WITH(staleness_weights{.exponent = 1.01}(std::vector<int>{1}), said("needs 0 <= exponent <= 1"));
  CHECK_THROWS_WITH(staleness_weights{}(std::vector<int>{}), said("needs a report that weighs something (n = 0)"));
  CHECK_THROWS_WITH(staleness_weights{}(std::vector<int>{1, 2}, std::vector<int>{0, 0}),
                    said("needs a report that weighs something"));
  CHECK_THROWS_WITH(staleness_weights{}(std::vector<int>{1, 2}, std::vector<int>{1}),
                    said("needs a number for each client (examples = 1, clients = 2)"));
  staleness_weights const dropping{.kind = staleness::threshold, .cutoff = 2, .after = 0};
  CHECK(dropping(std::vector<int>{2, 3}) == Eigen::Vector2d(1, 0));
  CHECK_THROWS_WITH(dropping(std::vector<int>{3, 4}), said("needs a report that weighs something"));
}

TEST_CASE("a buffer of changes makes the steps of FedBuff") {
  staleness_buffer buffer(staleness_weights{}, 2, 2);
  CHECK_FALSE(buffer.add(Eigen::Vector2d(2, 4), 0));
  CHECK(buffer.add(Eigen::Vector2d(4, 0), 0));
  CHECK(buffer.take() == Eigen::Vector2d(3, 2));
  for (int k = 0; k < 2; ++k) buffer.next();
  CHECK(buffer.steps() == 3);
  buffer.add(Eigen::RowVector2f(2, 4), 3), buffer.add(Eigen::Vector2i(8, -4), 0);  // ages 0 and 3: weights 1 and 1/2
  CHECK(buffer.weight() == 1.5);
  CHECK(difference(numbers_of(buffer.mean()), numbers_of(Eigen::Vector2d(4, 4. / 3))) < 1e-15 * 4);
  CHECK(difference(numbers_of(buffer.take()), numbers_of(Eigen::Vector2d(3, 1))) < 1e-15 * 4);
  CHECK((buffer.steps() == 4 && buffer.count() == 0 && buffer.weight() == 0));
  buffer.add(Eigen::Vector2d(6, 6), 4, 3);
  CHECK(buffer.take() == Eigen::Vector2d(18, 18));  // before it is full; examples
}

TEST_CASE("a buffer's mean is that of the reports side by side, in any parts") {
  Index const n = 12, d = 5;
  matrix const x = gauss(n, d, 4);
  staleness_weights const rule{.exponent = .7};
  staleness_buffer whole(rule, n, d), front(rule, n, d), back(rule, n, d);
  for (auto* buffer : {&whole, &front, &back}) {
    for (int k = 0; k < 9; ++k) buffer->next();
  }
  std::vector<Index> ages;
  std::vector<double> examples;
  for (Index i = 0; i < n; ++i) {
    ages.push_back(i * 5 % 9), examples.push_back(static_cast<double>(i % 4));
    whole.add(x.row(i), 9 - ages.back(), examples.back());
    (i < 5 ? front : back).add(x.row(i), 9 - ages.back(), examples.back());
    if (i == 6) whole = staleness_buffer::unpack(whole.pack());
  }
  front = staleness_buffer::unpack(front.pack()), front.merge(back);
  CHECK((front.full() && front.count() == n));
  Eigen::VectorXd const w = rule(ages, examples), mean = robagg::mean{}(robagg::weighted(x, w));
  for (auto* buffer : {&whole, &front}) {
    CHECK(std::abs(buffer->weight() - w.sum()) < 1e-14 * w.sum());
    CHECK(difference(numbers_of(buffer->mean()), numbers_of(mean)) < 1e-14);
    CHECK(difference(numbers_of(buffer->take()), numbers_of(x.transpose() * w / static_cast<double>(n))) < 1e-14);
  }
}

TEST_CASE("a buffer with a radius bears liars; without, it refuses what would spoil it") {
  Index const d = 3;
  staleness_buffer bounded(staleness_weights{}, 4, d, 2), open(staleness_weights{}, 4, d);
  for (double const bad : {not_a_number, infinity, -infinity}) {
    bounded.add(Eigen::Vector3d::Constant(bad), 0);
    auto const before = open.pack();
    CHECK_THROWS_WITH(open.add(Eigen::Vector3d(0, bad, 0), 0),
                      Catch::Contains("staleness_buffer: needs finite changes, or a radius (column = 1"));
    CHECK(open.pack() == before);
  }
  bounded.add(Eigen::Vector3d::Constant(1e308), 0);
  CHECK(bounded.take().norm() <= .5 * (1 + 1e-15));
}

TEST_CASE("a buffer refuses in a sentence, and nothing has changed") {
  staleness_buffer buffer(staleness_weights{}, 2, 3);
  buffer.next(), buffer.add(Eigen::Vector3d(1, 2, 3), 1);
  auto const before = buffer.pack();
  auto const said = [](char const* rule) { return Catch::Contains(std::string("staleness_buffer: ") + rule); };
  CHECK_THROWS_WITH(buffer.add(Eigen::Vector3d::Zero(), 2), said("needs an age >= 0: no client has a model of a step to come"));
  CHECK_THROWS_WITH(buffer.add(Eigen::Vector3d::Zero(), -1), said("needs an age >= 0"));
  for (double const bad : {-1., not_a_number, infinity}) {
    CHECK_THROWS_WITH(buffer.add(Eigen::Vector3d::Zero(), 0, bad), said("needs examples >= 0 and finite"));
  }
  CHECK_THROWS_WITH(buffer.add(Eigen::Vector2d::Zero(), 0), Catch::Contains("running: needs reports of one length"));
  CHECK_THROWS_WITH(buffer.merge(staleness_buffer(staleness_weights{}, 2, 3)), said("merges within the same step"));
  CHECK_THROWS_WITH(buffer.merge(staleness_buffer(staleness_weights{}, 3, 3)), said("merges with the same rule and capacity"));
  CHECK_THROWS_WITH(buffer.merge(staleness_buffer(staleness_weights{.exponent = 1}, 2, 3)), said("merges with the same rule"));
  staleness_buffer wide(staleness_weights{}, 2, 4), clipped(staleness_weights{}, 2, 3, 1);
  wide.next(), clipped.next();
  CHECK_THROWS_WITH(buffer.merge(wide), Catch::Contains("running: merges with the same columns"));
  CHECK_THROWS_WITH(buffer.merge(clipped), Catch::Contains("running: merges with the same radius"));
  CHECK(buffer.pack() == before);
  buffer.add(Eigen::Vector3d::Zero(), 0);
  CHECK_THROWS_WITH(buffer.add(Eigen::Vector3d::Zero(), 0),
                    said("needs its step before the next change (count = 2, capacity = 2)"));
  staleness_buffer nothing(staleness_weights{}, 2, 1);
  CHECK_THROWS_WITH(nothing.take(), said("needs a change that weighs something (count = 0)"));
  nothing.add(Eigen::Matrix<double, 1, 1>(1), 0, 0);
  CHECK_THROWS_WITH(nothing.mean(), said("needs a change that weighs something (count = 1)"));
  CHECK_THROWS_WITH(staleness_buffer(staleness_weights{}, 0, 1), said("needs capacity >= 1"));
  CHECK_THROWS_WITH(staleness_buffer(staleness_weights{}, 1, -1), Catch::Contains("needs d >= 0"));
  CHECK_THROWS_WITH(staleness_buffer(staleness_weights{}, 1, 1, -1), Catch::Contains("needs radius >= 0"));
  CHECK_THROWS_WITH(staleness_buffer(staleness_weights{.exponent = 2}, 1, 1), Catch::Contains("needs 0 <= exponent <= 1"));
}

TEST_CASE("a buffer travels as bytes") {
  staleness_buffer buffer(staleness_weights{.kind = staleness::threshold, .cutoff = 1, .after = .5}, 5, 2);
  for (int k = 0; k < 3; ++k) buffer.next();
  buffer.add(Eigen::Vector2d(1, 2), 0), buffer.add(Eigen::Vector2d(-1, 1), 3, 2);
  check_bytes(buffer, [](staleness_buffer& b) {
    if (!b.full()) b.add(Eigen::Vector2d(1, 1), b.steps());
    b.merge(b), b.take();
  });
  auto const packed = buffer.pack();
  auto const refused = Catch::Contains("staleness_buffer: needs bytes as pack made them: they contradict themselves");
  std::size_t const capacity = 9 + 8 + 1 + 3 * 8, count = capacity + 16;
  CHECK_THROWS_WITH(staleness_buffer::unpack(with_number(packed, capacity, std::int64_t{0})), refused);
  CHECK_THROWS_WITH(staleness_buffer::unpack(with_number(packed, count, std::int64_t{1})), refused);
  CHECK_THROWS_WITH(staleness_buffer::unpack(with_number(packed, count, std::int64_t{1} << 60)), refused);
  std::ptrdiff_t const inner = static_cast<std::ptrdiff_t>(count) + 16, end = static_cast<std::ptrdiff_t>(packed.size()) - 8;
  packed_bytes const sum(packed.begin() + inner, packed.begin() + end), spoilt = with_number(sum, 9 + 32, not_a_number);
  packed_bytes whole = packed;
  std::copy(spoilt.begin(), spoilt.end(), whole.begin() + inner);
  CHECK_THROWS_WITH(staleness_buffer::unpack(sealed_again(whole)), refused);  // a mean that no add would have made
  packed_bytes kind = packed;
  kind[9 + 8] = std::byte{2};
  CHECK_THROWS_WITH(staleness_buffer::unpack(sealed_again(kind)), refused);
}
