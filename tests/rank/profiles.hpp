// SPDX-License-Identifier: BSL-1.0
// Voters for the tests of rank/: random profiles with ties and missing scores, what rules are by definition, and laws.
#pragma once

#include "../laws.hpp"

#include <robagg/rank.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace robagg_test::profiles {

struct profile {
  matrix scores;
  std::vector<double> weights;
  auto voters() const { return robagg::weighted(scores, weights); }
};

// Few different scores, so that many are level; `missing` of them NaN; whole or no whole weights, sometimes 0.
inline profile drawn(std::uint64_t seed, Index most_voters = 6, Index most_items = 6, double missing = .2) {
  numbers random(seed);
  profile p{matrix(1 + random.below(most_voters), 1 + random.below(most_items)), {}};
  Index const levels = 1 + random.below(2 * most_items);
  for (Index i = 0; i < p.scores.rows(); ++i) {
    for (Index j = 0; j < p.scores.cols(); ++j) {
      bool const absent = static_cast<double>(random.below(1000)) < 1000 * missing;
      p.scores(i, j) = absent ? not_a_number : static_cast<double>(random.below(levels)) - 2;
    }
    double const w = static_cast<double>(random.below(4));
    p.weights.push_back(seed % 3 == 0 ? w / 7 : w);
  }
  p.weights[0] += 1;
  return p;
}

inline constexpr std::array ways = {robagg::unranked::last, robagg::unranked::pseudodistance, robagg::unranked::ignored};

// Does the voter place a before b? And level?
inline bool before(double a, double b, robagg::unranked way) {
  if (std::isnan(a)) return false;
  return std::isnan(b) ? way != robagg::unranked::ignored : a > b;
}
inline bool level(double a, double b, robagg::unranked way) {
  return a == b || (std::isnan(a) && std::isnan(b) && way == robagg::unranked::last);
}
// The weight of those who place a before b.
inline double wins(profile const& p, Index a, Index b, robagg::unranked way) {
  double sum = 0;
  for (Index i = 0; i < p.scores.rows(); ++i) {
    if (before(p.scores(i, a), p.scores(i, b), way)) sum += p.weights[static_cast<std::size_t>(i)];
  }
  return sum;
}
inline double margin(profile const& p, Index a, Index b, robagg::unranked way) {
  return wins(p, a, b, way) - wins(p, b, a, way);
}
// What an order costs: pairs that voters place the other way, and half of those that they place level.
inline double cost(profile const& p, std::vector<Index> const& order, robagg::unranked way) {
  double sum = 0;
  for (std::size_t x = 0; x < order.size(); ++x) {
    for (std::size_t y = x + 1; y < order.size(); ++y) {
      sum += wins(p, order[y], order[x], way);
      for (Index i = 0; i < p.scores.rows(); ++i) {
        if (level(p.scores(i, order[x]), p.scores(i, order[y]), way)) sum += .5 * p.weights[static_cast<std::size_t>(i)];
      }
    }
  }
  return sum;
}
inline std::vector<Index> items(Index d) {
  std::vector<Index> all(static_cast<std::size_t>(d));
  std::iota(all.begin(), all.end(), Index{0});
  return all;
}
// Items by descending score, the lower item first.
inline std::vector<Index> by_score(Eigen::VectorXd const& scores) {
  auto order = items(scores.size());
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return scores(a) > scores(b); });
  return order;
}
inline std::vector<Index> winners(Eigen::VectorXd const& scores) {
  std::vector<Index> all;
  for (Index i = 0; i < scores.size(); ++i) {
    if (scores(i) == scores.maxCoeff()) all.push_back(i);
  }
  return all;
}
// The item that beats all others, or -1.
inline Index condorcet_winner(profile const& p, robagg::unranked way) {
  for (Index a = 0; a < p.scores.cols(); ++a) {
    bool beats_all = true;
    for (Index b = 0; b < p.scores.cols(); ++b) beats_all = beats_all && (a == b || margin(p, a, b, way) > 1e-12);
    if (beats_all) return a;
  }
  return -1;
}

// --- laws, on `tries` random profiles --------------------------------------------------------------

inline constexpr int tries = 100;

// Names of voters do not matter, nor do their scales.
template <class Op>
void check_anonymous(Op const& op) {
  for (std::uint64_t seed = 1; seed <= tries; ++seed) {
    profile const p = drawn(seed);
    auto const order = permutation(p.scores.rows(), seed);
    profile q{pick(p.scores, order), {}};
    for (Index const i : order) q.weights.push_back(p.weights[static_cast<std::size_t>(i)]);
    q.scores = q.scores.array().cube() * .5;
    CAPTURE(seed, p.scores);
    CHECK(difference(op(p.voters()).transpose(), op(q.voters()).transpose()) <= 1e-12);
  }
}
// Nor do names of items, but for rules that break ties by index.
template <class Op>
void check_neutral(Op const& op) {
  for (std::uint64_t seed = 1; seed <= tries; ++seed) {
    profile const p = drawn(seed);
    auto const order = permutation(p.scores.cols(), seed);
    profile q = p;
    for (Index j = 0; j < p.scores.cols(); ++j) q.scores.col(j) = p.scores.col(order[static_cast<std::size_t>(j)]);
    auto const x = op(p.voters()), y = op(q.voters());
    CAPTURE(seed, p.scores);
    for (Index j = 0; j < p.scores.cols(); ++j) {
      double const was = x(order[static_cast<std::size_t>(j)]);
      CHECK((y(j) == Approx(was).margin(1e-12) || (std::isnan(was) && std::isnan(y(j)))));
    }
  }
}
// A weight is so many equal voters, and a weight of 0 none; half the table as floats gives the same.
template <class Op>
void check_weights_are_voters(Op const& op) {
  for (std::uint64_t seed = 1; seed <= tries; ++seed) {
    if (seed % 3 == 0) continue;
    profile const p = drawn(seed);
    std::vector<Index> rows;
    for (Index i = 0; i < p.scores.rows(); ++i) {
      for (double w = p.weights[static_cast<std::size_t>(i)]; w > 0; --w) rows.push_back(i);
    }
    matrix const repeated = pick(p.scores, rows);
    CAPTURE(seed, p.scores);
    CHECK(same_bits(op(p.voters()).transpose(), op(repeated).transpose()));
    robagg::table<float> const narrow = repeated.cast<float>();
    CHECK(same_bits(op(repeated).transpose().template cast<float>().eval().template cast<double>(),
                    op(narrow).transpose().template cast<double>()));
    Eigen::MatrixXd const by_column = repeated;
    CHECK(same_bits(op(repeated).transpose(), op(robagg::skip_nan(by_column)).transpose()));
  }
}
// An item that beats all others comes first, alone.
template <class Op>
void check_condorcet(Op const& op, robagg::unranked way) {
  int found = 0;
  for (std::uint64_t seed = 1; seed <= tries; ++seed) {
    profile const p = drawn(seed);
    Index const winner = condorcet_winner(p, way);
    if (winner < 0) continue;
    ++found;
    CAPTURE(seed, p.scores);
    CHECK(winners(op(p.voters())) == std::vector<Index>{winner});
  }
  CHECK(found > tries / 5);
}
// Raising an item in one ballot never moves it from the winners.
template <class Op>
void check_monotone(Op const& op) {
  for (std::uint64_t seed = 1; seed <= tries; ++seed) {
    profile p = drawn(seed, 5, 5, 0.);
    auto const first = winners(op(p.voters()));
    Index const winner = first[0], voter = static_cast<Index>(seed) % p.scores.rows();
    p.scores(voter, winner) += 1.5;
    auto const then = winners(op(p.voters()));
    CAPTURE(seed, p.scores, winner);
    CHECK(std::find(then.begin(), then.end(), winner) != then.end());
  }
}
// What every rule refuses, and tables of no or one item.
template <class Op>
void check_rank_errors(Op const& op, std::string const& name) {
  matrix const x = gauss(3, 4);
  CHECK_THROWS_WITH(op(x.topRows(0)), name + ": needs at least one report (n = 0)");
  std::vector<double> const huge = {1e308, 1e308, 1};
  CHECK_THROWS_WITH(op(robagg::weighted(x, huge)), Catch::StartsWith(name + ": needs weights with a finite sum (sum = inf)"));
  CHECK(op(x.leftCols(0)).size() == 0);
  CHECK(op(x.leftCols(1)).size() == 1);
  Eigen::VectorXd out(3);
  std::span<double> const narrow(out.data(), 3);
  robagg::workspace ws;
  CHECK_THROWS_WITH(op.into(x, narrow, ws), Catch::StartsWith(name + ": needs an output of d values"));
  // The caller's memory, exactly enough.
  std::vector<std::byte> memory(robagg::bytes_needed(op, x) + 64);
  robagg::workspace own{std::span(memory)};
  op.into(x, out, own);
  CHECK(same_bits(out.transpose(), op(x).transpose()));
}

}  // namespace robagg_test::profiles
