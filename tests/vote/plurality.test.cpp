// SPDX-License-Identifier: BSL-1.0
// Plurality: the certificate is the exact number of ballots that cannot change the winner, by trying all of them.
#include "laws.hpp"

using namespace robagg_test;
using robagg::plurality;

namespace {

// One model per vote.
matrix table_of(reference::ballots const& votes) {
  Index const n = std::accumulate(votes.begin(), votes.end(), Index{0});
  matrix x = matrix::Zero(n, static_cast<Index>(votes.size()));
  Index i = 0;
  for (std::size_t c = 0; c < votes.size(); ++c) {
    for (Index v = 0; v < votes[c]; ++v) x(i++, static_cast<Index>(c)) = 1;
  }
  return x;
}

void every_election(reference::ballots& votes, std::size_t from, Index left, std::function<void()> const& visit) {
  if (from + 1 == votes.size()) {
    votes[from] = left;
    visit();
    return;
  }
  for (votes[from] = 0; votes[from] <= left; ++votes[from]) every_election(votes, from + 1, left - votes[from], visit);
  votes[from] = 0;
}

}  // namespace

TEST_CASE("the class with the most votes wins, the lower one of equals") {
  auto const e = plurality{}(table_of({4, 3, 2}));
  CHECK(e.winner == 0);
  CHECK(e.runner_up == 1);
  CHECK(e.votes == 4);
  CHECK(e.runner_up_votes == 3);
  CHECK(e.margin == 1);
  CHECK(e.certified_radius == 0);
  CHECK(plurality{}(table_of({7, 2, 2})).certified_radius == 2);
  CHECK(plurality{}(table_of({0, 2, 2})).winner == 1);
  CHECK(plurality{}(table_of({2, 0, 6})).certified_radius == 1);  // class 0 wins ties against class 2
  CHECK(plurality{}(table_of({6, 0, 2})).certified_radius == 2);
  CHECK(plurality{}(matrix{{1, 1}, {0, 0}, {2, 3}}).votes == 2);  // ties within a ballot: the lower class
}

TEST_CASE("the certified radius is exact in every small election") {
  int elections = 0;
  for (Index classes = 1; classes <= 4; ++classes) {
    for (Index n = 1; n <= (classes == 4 ? 6 : 8); ++n) {
      reference::ballots votes(static_cast<std::size_t>(classes), 0);
      every_election(votes, 0, n, [&] {
        matrix const x = table_of(votes);
        auto const e = plurality{}(x);
        INFO("classes " << classes << ", models " << n);
        REQUIRE(reference::count_votes(x) == votes);
        CHECK(e.winner == reference::elected(votes));
        CHECK(e.certified_radius == reference::exact_radius(votes));
        auto second = votes;
        second[static_cast<std::size_t>(e.winner)] = classes == 1 ? n : -1;
        CHECK(e.runner_up == reference::elected(second));
        CHECK(Index(e.votes) == votes[static_cast<std::size_t>(e.winner)]);
        CHECK(Index(e.runner_up_votes) == (classes == 1 ? 0 : votes[static_cast<std::size_t>(e.runner_up)]));
        CHECK(e.margin == e.votes - e.runner_up_votes);
        CHECK(e.challenger == e.runner_up);  // who needs the fewest ballots, and ties go to the lower class
        CHECK(e.second_challenger == -1);
        ++elections;
      });
    }
  }
  REQUIRE(elections > 300);
}

TEST_CASE("plurality counts the ballots of the reference") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    matrix x = sample(family::grid, 25, 6, seed);
    x(3, 0) = not_a_number, x(4, 5) = infinity, x(5, 2) = -infinity;
    auto const votes = reference::count_votes(x);
    auto const e = plurality{}(x);
    CHECK(e.winner == reference::elected(votes));
    CHECK(Index(e.votes) == votes[static_cast<std::size_t>(e.winner)]);
  }
}

TEST_CASE("NaN counts as -infinity in a ballot") {
  CHECK(plurality{}(matrix{{not_a_number, -1e300}}).winner == 1);
  CHECK(plurality{}(matrix{{not_a_number, -infinity}}).winner == 0);
  CHECK(plurality{}(matrix{{-infinity, not_a_number, -infinity}}).winner == 0);
  CHECK(plurality{}(matrix{{1, not_a_number, 2}}).winner == 2);
  CHECK(plurality{}(matrix::Constant(1, 3, not_a_number)).winner == 0);
}

TEST_CASE("plurality obeys its laws") {
  check_laws(subject_of(plurality{}), {permutation_invariant, same_bits_in_any_order_of_storage, workspace_settles,
                                       needs_a_report, subset_is_those_rows});
  matrix const x = gauss(9, 5);
  CHECK(same_bits(in<double>(plurality{}, x.array().exp() * 3), in<double>(plurality{}, x)));
  STATIC_REQUIRE_FALSE(reads_table<plurality, decltype(robagg::skip_nan(x))>);
}

TEST_CASE("plurality refuses an election without classes or models") {
  check_refuses(plurality{}, matrix(3, 0), {"plurality: needs at least one class", "K = 0"});
  check_refuses(plurality{}, matrix(0, 3), {"plurality: needs at least one report", "n = 0"});
}

TEST_CASE("plurality reads every input kind, each score once") {
  check_inputs(plurality{});
  auto const r = count_reads<float, Eigen::ColMajor>(gauss(9, 30), [](auto const& e) { plurality{}(e); });
  CHECK(r.least() == 1);
  CHECK(r.most() == 1);
}
