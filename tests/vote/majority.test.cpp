// SPDX-License-Identifier: BSL-1.0
// Majority among answers, and its `changes` against every possible change of answers.
#include "votes.hpp"

using namespace robagg_test;
using robagg::majority;

TEST_CASE("majority counts answers") {
  auto const v = majority{.k = 9}(abcd().labels, abcd().scores);
  CHECK(labels_of(v) == std::vector<int>{0, 1, 2, 3});
  CHECK(totals_of(v) == std::vector<double>{5, 3, 1, 1});
  CHECK((v.margin == 2 && v.changes == 1 && v.valid == 10 && v.label() == 0 && v.representative() == 0));
  std::vector<std::string> const texts = {"", "b", "a", "b", "a", "c"};
  auto const t = majority{}(texts);
  CHECK((t.label() == "b" && t.representative() == 1 && t.answers[0].count == 2 && t.margin == 0 && t.valid == 5));
  std::vector<std::optional<char>> const optional = {{}, 'x', {}, 'x', 'y'};
  CHECK(majority{}(optional).label() == 'x');
  CHECK(majority{}(std::vector<char>{'x', 'y', 'y'}).label() == 'y');
  CHECK(majority{}(std::vector<std::uint8_t>{255, 0, 255}).label() == 255);
  CHECK(majority{}(std::vector<std::uint64_t>{~0ull, 0, ~0ull}).label() == ~0ull);
  Eigen::VectorXi const eigen{{3, 3, -1, -1, -1}};
  CHECK((majority{}(eigen).label() == 3 && majority{}(eigen).margin == 2));
}

TEST_CASE("majority is the reference's") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    samples const s = some_samples(seed);
    auto const expected = slow_vote(s, std::vector<double>(s.labels.size(), 1));
    for (Index const k : {1, 2, 9}) check_verdict(majority{.k = k}(s.labels, s.scores), expected, k);
  }
  check_labels(majority{.k = 3});
}

TEST_CASE("nobody is eligible without a valid answer") {
  auto const v = majority{}(std::vector<int>{-1, -7});
  CHECK((!v && v.answers.empty() && v.margin == 0 && v.changes == -1 && v.valid == 0));
}

TEST_CASE("so many changes, and no fewer, alter a majority") {
  constexpr int classes = 4;  // three answers and one that nobody gave
  int elections = 0;
  for (int n = 1; n <= (instrumented ? 5 : 6); ++n) {
    int codes = 1, others = 1;
    for (int i = 0; i < n; ++i) codes *= classes - 1, others *= classes;
    std::vector<int> winner(static_cast<std::size_t>(others));
    auto const read = [n](int code, int base) {
      std::vector<int> labels;
      for (int i = 0; i < n; ++i, code /= base) labels.push_back(code % base);
      return labels;
    };
    for (int code = 0; code < others; ++code) winner[static_cast<std::size_t>(code)] = majority{}(read(code, classes)).label();
    for (int code = 0; code < codes; ++code) {
      auto const labels = read(code, classes - 1);
      auto const v = majority{}(labels);
      int least = n + 1;
      for (int other = 0; other < others; ++other) {
        if (winner[static_cast<std::size_t>(other)] == v.label()) continue;
        auto const changed = read(other, classes);
        int moves = 0;
        for (std::size_t i = 0; i < labels.size(); ++i) moves += labels[i] != changed[i];
        least = std::min(least, moves);
      }
      if (v.changes != least) FAIL("changes " << v.changes << ", in truth " << least << " in election " << code << " of " << n);
      ++elections;
    }
  }
  CHECK(elections == (instrumented ? 363 : 1092));
}

TEST_CASE("answers with equal hashes, and many of them") {
  struct same_hash {
    int value;
    bool operator==(same_hash const&) const = default;
  };
  static_assert(!robagg::answers<std::vector<same_hash>>);
  std::vector<double> doubles;
  for (int i = 0; i < 3000; ++i) doubles.push_back(i % 1000 * 1e-300);  // denormal steps: hashes differ in few bits
  doubles.push_back(5e-300), doubles.push_back(not_a_number);
  auto const v = majority{}(doubles);
  CHECK((v.label() == 5e-300 && v.answers[0].count == 4 && v.valid == 3001));
  std::vector<std::uint64_t> spread;  // multiples of 2^32
  for (std::uint64_t i = 0; i < 5000; ++i) spread.push_back((i % 1250) << 32);
  spread.push_back(7ull << 32);
  CHECK(majority{}(spread).label() == 7ull << 32);
  std::vector<int> long_list;  // more samples than answers: private tables
  for (int i = 0; i < 100'000; ++i) long_list.push_back(i % 7 == 0 ? 3 : i % 11);
  CHECK((majority{.k = 2}(long_list).label() == 3 && majority{}(long_list).valid == 100'000));
}

TEST_CASE("majority refuses what is no election") {
  check_vote_errors(majority{});
  CHECK_THROWS_AS(majority{}(std::vector<int>{}), robagg::bad_input);
  CHECK_THROWS_AS(majority{.k = 0}(std::vector<int>{1}), robagg::bad_input);
}
