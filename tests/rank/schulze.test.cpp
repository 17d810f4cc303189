// SPDX-License-Identifier: BSL-1.0
#include "profiles.hpp"

using namespace robagg_test;
using robagg::schulze, robagg::unranked;

namespace {

// The strongest chains, by trying until nothing changes.
matrix chains(profiles::profile const& p, unranked way) {
  Index const d = p.scores.cols();
  matrix s = matrix::Zero(d, d);
  for (Index a = 0; a < d; ++a) {
    for (Index b = 0; b < d; ++b) s(a, b) = std::max(0., profiles::margin(p, a, b, way));
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (Index a = 0; a < d; ++a) {
      for (Index b = 0; b < d; ++b) {
        for (Index k = 0; k < d; ++k) {
          double const through = std::min(s(a, k), s(k, b));
          if (a != b && through > s(a, b)) s(a, b) = through, changed = true;
        }
      }
    }
  }
  return s;
}

}  // namespace

TEST_CASE("schulze agrees with chains tried out") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    auto const p = profiles::drawn(seed, 9, 12);
    auto const wanted = chains(p, unranked::last);
    auto const got = schulze{}.strengths(p.voters());
    auto const scores = schulze{}(p.voters());
    CAPTURE(seed, p.scores);
    CHECK(difference(got, wanted) <= 1e-12);
    for (Index a = 0; a < got.rows(); ++a) {
      CHECK(scores(a) == -static_cast<double>((got.col(a).array() > got.row(a).transpose().array()).count()));
    }
  }
}

TEST_CASE("schulze obeys its laws") {
  for (unranked const way : profiles::ways) {
    profiles::check_anonymous(schulze{way});
    profiles::check_neutral(schulze{way});
    profiles::check_weights_are_voters(schulze{way});
    profiles::check_condorcet(schulze{way}, way);
  }
  profiles::check_monotone(schulze{});
  profiles::check_rank_errors(schulze{}, "schulze");
}
