// SPDX-License-Identifier: BSL-1.0
// Rules for rankings against their definitions: every order, every chain, every pair.
#include "fuzz.hpp"

#include <robagg/rank.hpp>

#include <algorithm>
#include <numeric>

using namespace robagg_fuzz;
namespace ra = robagg;
using ra::unranked;

struct profile {
  matrix scores;
  std::vector<double> weights;
  unranked way;

  bool before(double a, double b) const { return !std::isnan(a) && (std::isnan(b) ? way != unranked::ignored : a > b); }
  bool level(double a, double b) const { return a == b || (std::isnan(a) && std::isnan(b) && way == unranked::last); }
  double wins(Index a, Index b, bool levels = false) const {
    double sum = 0;
    for (Index i = 0; i < scores.rows(); ++i) {
      bool const counts = levels ? level(scores(i, a), scores(i, b)) : before(scores(i, a), scores(i, b));
      sum += counts ? weights[static_cast<std::size_t>(i)] : 0;
    }
    return sum;
  }
  double margin(Index a, Index b) const { return wins(a, b) - wins(b, a); }
  double cost(std::vector<Index> const& order) const {
    double sum = 0;
    for (std::size_t x = 0; x < order.size(); ++x) {
      for (std::size_t y = x + 1; y < order.size(); ++y) sum += wins(order[y], order[x]) + .5 * wins(order[y], order[x], true);
    }
    return sum;
  }
};
static std::vector<Index> by_score(Eigen::VectorXd const& scores) {
  std::vector<Index> order(static_cast<std::size_t>(scores.size()));
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return scores(a) > scores(b); });
  return order;
}

// Whole weights, so that sums are exact.
static void check_profile(input& in) {
  Index const n = in.between(1, 6), d = in.between(1, 6);
  profile p{matrix(n, d), {}, in.any_of({unranked::last, unranked::pseudodistance, unranked::ignored})};
  for (double& v : p.scores.reshaped()) v = in.number(kind::few);
  p.scores = (p.scores.array() == -3).select(not_a_number, p.scores);
  for (Index i = 0; i < n; ++i) p.weights.push_back(static_cast<double>(in.between(0, 3)));
  p.weights[0] += 1;
  auto const voters = ra::weighted(p.scores, p.weights);

  matrix strongest = matrix::Zero(d, d), margins = strongest;
  for (Index a = 0; a < d; ++a) {
    for (Index b = 0; b < d; ++b) margins(a, b) = a == b ? 0 : p.margin(a, b), strongest(a, b) = std::max(0., margins(a, b));
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (Index a = 0; a < d; ++a) {
      for (Index b = 0; b < d; ++b) {
        for (Index k = 0; k < d; ++k) {
          double const through = std::min(strongest(a, k), strongest(k, b));
          if (a != b && through > strongest(a, b)) strongest(a, b) = through, changed = true;
        }
      }
    }
  }
  auto const schulze = ra::schulze{p.way}(voters), copeland = ra::copeland{p.way}(voters), minimax = ra::minimax{p.way}(voters);
  auto const pairs = ra::ranked_pairs{p.way}(voters);
  Index winner = -1;
  for (Index a = 0; a < d; ++a) {
    double wins = 0, worst = 0;
    for (Index b = 0; b < d; ++b) {
      if (a == b) continue;
      wins += margins(a, b) > 0 ? 1 : margins(a, b) < 0 ? -1 : 0, worst = std::min(worst, margins(a, b));
    }
    demand(schulze(a) == -static_cast<double>((strongest.col(a).array() > strongest.row(a).transpose().array()).count()),
           "schulze: by the strongest chains");
    demand(copeland(a) == wins, "copeland: wins less losses");
    demand(minimax(a) == worst, "minimax: less the worst defeat");
    if (wins == static_cast<double>(d - 1)) winner = a;
  }
  if (winner >= 0) demand(by_score(pairs).front() == winner, "ranked pairs: who beats all others is first");
  // Locked in order of margins, largest first, the lower items first among equal ones.
  matrix locked = matrix::Zero(d, d);
  std::vector<std::pair<Index, Index>> order;
  for (Index a = 0; a < d; ++a) {
    for (Index b = 0; b < d; ++b)
      if (margins(a, b) > 0) order.emplace_back(a, b);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](auto const& x, auto const& y) { return margins(x.first, x.second) > margins(y.first, y.second); });
  bool distinct = true;  // then no order of ties decides
  for (std::size_t k = 1; k < order.size(); ++k)
    distinct = distinct && margins(order[k - 1].first, order[k - 1].second) != margins(order[k].first, order[k].second);
  for (auto const& [a, b] : order) {
    if (locked(b, a) > 0) continue;  // b reaches a: a circle
    for (Index x = 0; x < d; ++x) {
      for (Index y = 0; y < d; ++y)
        if ((x == a || locked(x, a) > 0) && (y == b || locked(b, y) > 0)) locked(x, y) = 1;
    }
  }
  for (Index a = 0; distinct && a < d; ++a) {
    for (Index b = 0; b < d; ++b)
      if (locked(a, b) > 0) demand(pairs(a) > pairs(b), "ranked pairs: locked pairs hold");
  }

  auto permutation = by_score(Eigen::VectorXd::Zero(d));
  double best = infinity, optima = 0;
  std::vector<Index> first;
  do {
    double const cost = p.cost(permutation);
    if (cost < best) best = cost, optima = 0, first = permutation;
    optima += cost == best ? 1 : 0;
  } while (std::next_permutation(permutation.begin(), permutation.end()));
  auto const found = ra::kemeny{p.way}.solve(voters, true);
  demand(found.optimal && found.cost == best && found.lower_bound == best, "kemeny: the least cost");
  demand(found.items == first, "kemeny: the first of the cheapest orders");
  demand(found.optima == optima, "kemeny: how many there are");
  auto const searched = ra::kemeny{.unranked = p.way, .exact = 2}.solve(voters);
  demand(searched.lower_bound <= best && searched.cost >= best && p.cost(searched.items) == searched.cost,
         "kemeny: bounds that hold where not all is searched");
}
static void check_distances(input& in) {
  Index const n = in.between(0, 20);
  auto const numbers = in.any_kind();
  std::vector<double> const a = in.numbers(n, numbers), b = in.numbers(in.flag() ? n : in.between(0, 20), numbers);
  auto const weights = in.weights(n);
  refused([&] {
    ra::kendall_pairs const fast = ra::kendall(a, b);
    ra::kendall_pairs slow;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (std::isnan(a[i]) || std::isnan(b[i])) continue;
      ++slow.items;
      for (std::size_t j = 0; j < i; ++j) {
        if (std::isnan(a[j]) || std::isnan(b[j])) continue;
        int const s = (a[i] > a[j]) - (a[i] < a[j]), t = (b[i] > b[j]) - (b[i] < b[j]);
        slow.concordant += s * t > 0, slow.discordant += s * t < 0, slow.tied_both += s == 0 && t == 0;
        slow.tied_first += s == 0 && t != 0, slow.tied_second += s != 0 && t == 0;
      }
    }
    demand(fast.items == slow.items && fast.concordant == slow.concordant && fast.discordant == slow.discordant &&
               fast.tied_first == slow.tied_first && fast.tied_second == slow.tied_second && fast.tied_both == slow.tied_both,
           "kendall: pairs of every kind");
    double const footrule = ra::footrule_distance(a, b), rho = ra::spearman_rho(a, b);
    demand(footrule >= 0 && std::isfinite(footrule), "footrule: a distance");
    demand(std::isnan(rho) || std::abs(rho) <= 1 + 1e-9, "rho: a correlation");
    if (slow.tied_first + slow.tied_second + slow.tied_both == 0)
      demand(slow.discordant <= footrule && footrule <= 2 * slow.discordant,
             "footrule: between kendall's distance and twice that");
    ra::spearman_rho(a, b, weights), ra::footrule_distance(a, b, weights);
  });
}
// Anything: bad_input or a score for each item.
static void check_hostile(input& in) {
  matrix const x = in.table(in.between(0, 12), in.between(0, 12), kind::hostile);
  auto const w = in.weights(x.rows());
  auto const way = in.any_of({unranked::last, unranked::pseudodistance, unranked::ignored});
  auto const run = [&](auto const& rule) {
    refused([&] { demand(rule(x).size() == x.cols(), "a score for each item"); });
    refused([&] { demand(rule(ra::weighted(x, w)).size() == x.cols(), "a score for each item"); });
  };
  run(ra::borda{way}), run(ra::copeland{way}), run(ra::minimax{way}), run(ra::schulze{way}), run(ra::ranked_pairs{way});
  run(ra::kemeny{.unranked = way, .exact = 8}), run(ra::instant_run_off{}), run(ra::median_rank{}), run(ra::footrule_optimal{});
  refused([&] {
    auto const found = ra::assignment{}(x);
    Index chosen = 0;
    for (Index const c : found.columns) chosen += c >= 0 ? 1 : 0;
    demand(chosen == std::min(x.rows(), x.cols()), "assignment: as many as there can be");
  });
  refused([&] { ra::pairwise_margins(x); });
}

ROBAGG_FUZZ(in) {
  switch (in.between(0, 3)) {
    case 0:
      return check_distances(in);
    case 1:
      return check_hostile(in);
    default:
      return check_profile(in);
  }
}
