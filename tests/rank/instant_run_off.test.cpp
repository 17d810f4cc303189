// SPDX-License-Identifier: BSL-1.0
#include "profiles.hpp"

using namespace robagg_test;
using robagg::eliminate, robagg::instant_run_off, robagg::unranked;

namespace {

// Round after round as one does by hand.
std::vector<double> run_off_by_hand(profiles::profile const& p, eliminate ties, unranked way) {
  Index const d = p.scores.cols();
  std::vector<double> round_of(static_cast<std::size_t>(d), -1);
  std::vector<Index> left = profiles::items(d);
  for (double round = 0;; ++round) {
    std::vector<double> votes(static_cast<std::size_t>(d), 0);
    for (Index i = 0; i < p.scores.rows(); ++i) {
      std::vector<Index> first;
      for (Index const a : left) {
        if (std::isnan(p.scores(i, a)) && way != unranked::last) continue;
        bool leads = true;
        for (Index const b : left) leads = leads && !profiles::before(p.scores(i, b), p.scores(i, a), unranked::last);
        if (leads) first.push_back(a);
      }
      for (Index const a : first)
        votes[static_cast<std::size_t>(a)] += p.weights[static_cast<std::size_t>(i)] / static_cast<double>(first.size());
    }
    double fewest = infinity;
    for (Index const a : left) fewest = std::min(fewest, votes[static_cast<std::size_t>(a)]);
    std::vector<Index> last;
    for (Index const a : left) {
      if (votes[static_cast<std::size_t>(a)] <= fewest + 1e-9) last.push_back(a);
    }
    if (last.size() == left.size() && (ties == eliminate::all || left.size() == 1)) {
      for (Index const a : left) round_of[static_cast<std::size_t>(a)] = round;
      return round_of;
    }
    if (ties == eliminate::lowest) last.resize(1);
    for (Index const a : last) {
      round_of[static_cast<std::size_t>(a)] = round;
      left.erase(std::find(left.begin(), left.end(), a));
    }
  }
}

}  // namespace

TEST_CASE("instant run-off eliminates round after round") {
  // 2 has the fewest first places; its voters' votes pass to 1, which overtakes 0.
  matrix const x{{3, 2, 1}, {1, 3, 2}, {1, 2, 3}};
  std::vector<double> const w = {5, 4, 3};
  CHECK(instant_run_off{}(robagg::weighted(x, w)) == Eigen::Vector3d(1, 2, 0));
  matrix const circle{{3, 2, 1}, {1, 3, 2}, {2, 1, 3}};
  CHECK(instant_run_off{}(circle) == Eigen::Vector3d(0, 0, 0));
  CHECK(instant_run_off{eliminate::lowest}(circle) == Eigen::Vector3d(0, 2, 1));
  CHECK((instant_run_off{} | robagg::best{})(robagg::weighted(x, w)) == 1);
}

TEST_CASE("instant run-off agrees with rounds by hand and obeys its laws") {
  for (unranked const way : profiles::ways) {
    for (eliminate const ties : {eliminate::all, eliminate::lowest}) {
      for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        auto const p = profiles::drawn(seed, 9, 8);
        auto const got = instant_run_off{ties, way}(p.voters());
        auto const wanted = run_off_by_hand(p, ties, way);
        CAPTURE(seed, p.scores, got);
        CHECK(std::equal(wanted.begin(), wanted.end(), got.data()));
      }
    }
    profiles::check_anonymous(instant_run_off{eliminate::all, way});
    profiles::check_neutral(instant_run_off{eliminate::all, way});
    profiles::check_weights_are_voters(instant_run_off{eliminate::all, way});
  }
  profiles::check_rank_errors(instant_run_off{}, "instant_run_off");
}
