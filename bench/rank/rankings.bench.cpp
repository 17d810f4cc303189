// SPDX-License-Identifier: BSL-1.0
// Rankings of 332 systems by 41 tasks, consensus of few items, an assignment, and strengths from battles. Each answer is
// checked against an independent way to it before the clock starts. bench/peers/ranks.py times other people's code on the same
// sizes.
#include "bench.hpp"

#include <robagg/rank.hpp>

#include <cmath>
#include <numeric>

using namespace robagg_bench;

namespace {

constexpr Index tasks = 41, systems = 332;

// In [0, 1).
struct shares {
  cells<double> next;
  shares(Index n, Index d) : next(n, d) {}
  double operator()() { return (next() + 1) / 2; }
};

matrix leaderboard(Index n, Index d) {
  shares next(n, d);
  matrix x(n, d);
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < d; ++j) x(i, j) = std::floor(8 * next()) + static_cast<double>(j) / 100;  // with ties at a task
  }
  return x;
}

using check = std::function<bool()>;
void enter(std::string const& name, double bytes, std::function<std::pair<std::function<void()>, check>()> make) {
  benchmark::RegisterBenchmark(("rank/" + name).c_str(), [=](benchmark::State& state) {
    auto const [run, right] = make();
    run();
    if (!right()) return state.SkipWithError("the answer differs from the definition");
    fastest(state, bytes, run);
  })->Unit(benchmark::kMillisecond);
}

// Of each item, over all voters and other items: 1 for one below, 1/2 for a level one; and wins less defeats by majority.
std::pair<Eigen::VectorXd, Eigen::VectorXd> counted(matrix const& x) {
  Index const d = x.cols();
  Eigen::VectorXd points = Eigen::VectorXd::Zero(d), majorities = points;
  for (Index a = 0; a < d; ++a) {
    for (Index b = 0; b < d; ++b) {
      auto const wins = static_cast<double>((x.col(a).array() > x.col(b).array()).count()),
                 losses = static_cast<double>((x.col(a).array() < x.col(b).array()).count());
      if (a != b)
        points(a) += wins + (static_cast<double>(x.rows()) - wins - losses) / 2,
            majorities(a) += (wins > losses) - (wins < losses);
    }
  }
  return {points, majorities};
}

struct battles {
  std::vector<Index> winners, losers;
  battles(Index items, Index count) {
    shares next(count, 3);
    for (Index k = 0; k < count; ++k) {
      auto const a = static_cast<Index>(next() * static_cast<double>(items)) % items;
      auto const b = (a + 1 + static_cast<Index>(next() * static_cast<double>(items - 1)) % (items - 1)) % items;
      double const gap = static_cast<double>(b - a) / static_cast<double>(items);
      bool const first = next() < 1 / (1 + std::exp(gap));
      winners.push_back(first ? a : b), losers.push_back(first ? b : a);
    }
  }
};

// Hunter's iteration: at a maximum every item has as many wins as its chances say.
bool expects_its_wins(robagg::comparisons const& c, Eigen::VectorXd const& strengths) {
  Eigen::VectorXd excess = Eigen::VectorXd::Zero(c.items());
  for (auto const& pair : c.pairs()) {
    double const chance = 1 / (1 + std::exp(strengths(pair.second) - strengths(pair.first)));
    double const gap = pair.wins - chance * (pair.wins + pair.losses);
    excess(pair.first) += gap, excess(pair.second) -= gap;
  }
  return excess.cwiseAbs().maxCoeff() < 1e-9 * c.total();
}

bool const rankings_registered = [] {
  auto const shared = std::make_shared<matrix>(leaderboard(tasks, systems));
  auto const truth = std::make_shared<std::pair<Eigen::VectorXd, Eigen::VectorXd>>(counted(*shared));
  double const bytes = static_cast<double>(tasks * systems) * sizeof(double);
  auto const of_table = [=](std::string const& name, auto rule, auto right) {
    enter(name + "/41/332", bytes, [=] {
      auto out = std::make_shared<Eigen::VectorXd>();
      auto ws = std::make_shared<robagg::workspace>();
      return std::pair<std::function<void()>, check>([=] { rule.into(*shared, *out, *ws); }, [=] { return right(*out); });
    });
  };
  of_table("borda", robagg::borda{}, [=](auto const& out) { return out.isApprox(truth->first, 1e-12); });
  of_table("copeland", robagg::copeland{}, [=](auto const& out) { return out == truth->second; });
  // Who wins all majorities is first; nobody beats Schulze's winner by a chain that is not beaten back.
  auto const plausible = [=](auto const& out) {
    Index first = 0, winner = 0;
    out.maxCoeff(&first);
    return truth->second.maxCoeff(&winner) < static_cast<double>(systems - 1) || first == winner;
  };
  of_table("schulze", robagg::schulze{}, plausible);
  of_table("ranked_pairs", robagg::ranked_pairs{}, plausible);
  of_table("footrule_optimal", robagg::footrule_optimal{}, [](auto const& out) {  // an order
    Eigen::VectorXd sorted = out;
    std::sort(sorted.begin(), sorted.end());
    return sorted == Eigen::VectorXd::LinSpaced(systems, 0, systems - 1);
  });
  enter("rank_intervals of borda/41/332/1000 draws", bytes, [=] {
    auto out = std::make_shared<robagg::uncertain_ranks>();
    return std::pair<std::function<void()>, check>(
        [=] { *out = robagg::rank_intervals{}(robagg::borda{}, *shared); },
        [=] { return (out->low.array() <= out->high.array()).all() && std::abs(out->first.sum() - 1) < 1e-9; });
  });
  for (Index const items : {20, 22, 24}) {
    enter("kemeny/25/" + std::to_string(items), static_cast<double>(25 * items) * sizeof(double), [=] {
      shares next(25, items);
      auto x = std::make_shared<matrix>(25, items);
      for (double& v : x->reshaped()) v = next();
      auto out = std::make_shared<std::decay_t<decltype(robagg::kemeny{}.solve(*x))>>();
      auto const right = [=] {  // no exchange of neighbours is cheaper, and the bound is met
        auto const cost = [&](std::vector<Index> const& order) {
          double sum = 0;
          for (std::size_t a = 0; a < order.size(); ++a) {
            for (std::size_t b = a + 1; b < order.size(); ++b)
              sum += static_cast<double>((x->col(order[a]).array() < x->col(order[b]).array()).count());
          }
          return sum;
        };
        bool best = out->cost == out->lower_bound && cost(out->items) == out->cost;
        for (std::size_t k = 0; best && k + 1 < out->items.size(); ++k) {
          auto other = out->items;
          std::swap(other[k], other[k + 1]);
          best = cost(other) >= out->cost;
        }
        return best;
      };
      return std::pair<std::function<void()>, check>([=] { *out = robagg::kemeny{.exact = 24}.solve(*x); }, right);
    });
  }
  for (Index const n : {332, 500}) {
    enter("assignment/" + std::to_string(n), static_cast<double>(n * n) * sizeof(double), [=] {
      shares next(n, n);
      auto x = std::make_shared<matrix>(n, n);
      for (double& v : x->reshaped<Eigen::RowMajor>()) v = next();
      auto out = std::make_shared<std::decay_t<decltype(robagg::assignment{}(*x))>>();
      auto const right = [=] {  // every column once, and no exchange of two is better
        std::vector<bool> taken(static_cast<std::size_t>(n), false);
        for (Index const c : out->columns) {
          if (c < 0 || taken[static_cast<std::size_t>(c)]) return false;
          taken[static_cast<std::size_t>(c)] = true;
        }
        for (Index a = 0; a < n; ++a) {
          for (Index b = 0; b < a; ++b) {
            auto const p = out->columns[static_cast<std::size_t>(a)], q = out->columns[static_cast<std::size_t>(b)];
            if ((*x)(a, q) + (*x)(b, p) > (*x)(a, p) + (*x)(b, q) + 1e-12) return false;
          }
        }
        return true;
      };
      return std::pair<std::function<void()>, check>([=] { *out = robagg::assignment{}(*x); }, right);
    });
  }
  enter("kendall/100000", 1.6e6, [] {
    shares next(2, 100000);
    auto a = std::make_shared<Eigen::VectorXd>(100000), b = std::make_shared<Eigen::VectorXd>(100000);
    for (Index i = 0; i < 100000; ++i) (*a)(i) = next(), (*b)(i) = .5 * (*a)(i) + next();
    auto tau = std::make_shared<double>(0);
    return std::pair<std::function<void()>, check>([=] { *tau = robagg::kendall(*a, *b).tau_b(); },
                                                   [=] {
                                                     double agree = 0, pairs = 0;  // of some pairs
                                                     for (Index i = 0; i < 100000; i += 97) {
                                                       for (Index k = 0; k < i; k += 101)
                                                         pairs += 1,
                                                             agree += ((*a)(i) < (*a)(k)) == ((*b)(i) < (*b)(k)) ? 1 : -1;
                                                     }
                                                     return std::abs(agree / pairs - *tau) < .02;
                                                   });
  });
  for (auto const& [items, count] : {std::pair<Index, Index>(200, 2'000'000), {60, 140'000}}) {
    auto const label = std::to_string(items) + "/" + std::to_string(count);
    auto const c = [items = items, count = count] {
      battles const all(items, count);
      auto made = std::make_shared<robagg::comparisons>(items);
      made->add_all(all.winners, all.losers);
      return made;
    };
    double const size = 8. * static_cast<double>(items);
    enter("bradley_terry/" + label, size, [=] {
      auto const data = c();
      auto out = std::make_shared<robagg::strengths>();
      return std::pair<std::function<void()>, check>([=] { *out = robagg::bradley_terry{}.fit(*data); },
                                                     [=] { return expects_its_wins(*data, out->log_strengths); });
    });
    if (items == 60) {
      enter("bradley_terry, 100 bootstraps/" + label, size, [=] {
        auto const data = c();
        auto out = std::make_shared<Eigen::MatrixXd>();
        return std::pair<std::function<void()>, check>(
            [=] { *out = robagg::bradley_terry{}.bootstrap(*data, 100, 1); },
            [=] {
              Eigen::VectorXd const mean = out->colwise().mean();
              return (mean - robagg::bradley_terry{}.fit(*data).log_strengths).cwiseAbs().maxCoeff() < .05;
            });
      });
    }
  }
  return true;
}();

}  // namespace
