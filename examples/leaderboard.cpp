// SPDX-License-Identifier: BSL-1.0
// A leaderboard from a table of scores: systems on tasks with scales of their own, one task far off the others', one result
// missing. Who is first, how sure is that, and which task decides it?
#include <robagg/format.hpp>
#include <robagg/rank.hpp>
#include <robagg/robagg.hpp>

#include <cmath>
#include <string>

int main() {
  using namespace robagg;
  std::vector<std::string> const systems = {"ada", "bea", "cyd", "dot"};
  robagg::table<double> scores(5, 4);  // tasks x systems, the larger the better
  scores << .91, .90, .72, .70,        //
      .81, .83, .64, .69,              //
      .77, .75, .70, NAN,              //
      34., 33., 31., 30.,              //
      .12, .14, 97., .11;              // a metric on a scale of its own, of which one system has learnt the test set

  Index const by_mean = (mean{} | best{})(scores.topRows(2));
  Index const by_all = (mean{} | best{})(robagg::table<double>(scores.array().isNaN().select(0, scores)));
  fmt::print("by mean score: {}, with the last tasks {}\n", systems[static_cast<std::size_t>(by_mean)],
             systems[static_cast<std::size_t>(by_all)]);

  // The result that is missing: ignored, and not a last place.
  auto const points = borda{unranked::ignored}(scores);
  auto const sure = rank_intervals{.resamples = 1000, .seed = 7}(borda{unranked::ignored}, scores);
  auto const places = (kemeny{unranked::ignored} | order{})(scores);
  for (std::size_t s = 0; s < systems.size(); ++s) {
    auto const i = static_cast<Index>(s);
    fmt::print("{}: {:.2f} points, rank {} in {} .. {}, first in {:.0f} %, group {}, by Kemeny {}\n", systems[s], points(i),
               sure.rank(i), sure.low(i), sure.high(i), 100 * sure.first(i), sure.group[s] + 1, places[s]);
  }
  auto const consensus = kemeny{unranked::ignored}.solve(scores, true);
  fmt::print("the median ranking disagrees on {} pairs, no order on fewer than {}; {} such orders\n", consensus.cost,
             consensus.lower_bound, consensus.optima);
  auto const without = ranks_without_each(borda{unranked::ignored}, scores);
  for (Index task = 0; task < scores.rows(); ++task) {
    Index first = 0;
    without.row(task).minCoeff(&first);
    if (sure.rank(first) != 1)
      fmt::print("without task {} {} would be first\n", task, systems[static_cast<std::size_t>(first)]);
  }
  std::vector<double> const theirs = {1, 2, 3, 4};
  auto const agreement = kendall((-sure.rank).eval(), (-Eigen::Map<Eigen::VectorXd const>(theirs.data(), 4)).eval());
  fmt::print("Kendall's tau to ada, bea, cyd, dot: {:.2f}\n", agreement.tau_b());

  // Three reviewers, three papers, one each.
  robagg::table<double> interest(3, 3);
  interest << 9, 8, 1, 8, 2, 1, 5, 4, 3;
  auto const match = assignment{}(interest);
  fmt::print("papers {} with interest {}\n", fmt::join(match.columns, ", "), match.value);

  bool const as_expected = by_all == 2 && sure.rank.minCoeff() == sure.rank(0) && consensus.optimal && match.value == 19;
  return as_expected ? 0 : 1;
}
