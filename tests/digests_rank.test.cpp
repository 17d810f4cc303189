// SPDX-License-Identifier: BSL-1.0
// Rankings among the digests: rules of robagg/rank.hpp, which have no name at run time.
#include "digests.hpp"

#include <robagg/rank.hpp>

#ifdef ROBAGG_DIGESTS

namespace robagg_test::digests {
namespace {

// Whole weights and others, what is missing, and tables with and without level items: scores, as doubles.
template <class S>
void run_rules(call<S> const& run) {
  auto const each = [&](auto const&... ops) {
    auto const one = [&](auto const& op) {
      run(describe(op), [&](record& to) {
        for (auto const& x : tables_of<S>(kind::any)) {
          table<S> const narrow = x.leftCols(std::min<Index>(x.cols(), 24));
          put(to, op(narrow));
          for (auto const& w : weights_for(x.rows())) put(to, op(weighted(narrow, w)));
        }
      });
    };
    (one(ops), ...);
  };
  for (auto const way : {unranked::last, unranked::pseudodistance, unranked::ignored})
    each(borda{way}, copeland{way}, minimax{way}, schulze{way}, ranked_pairs{way}, median_rank{way});
  each(borda{.ties = ties::minimum}, instant_run_off{}, instant_run_off{.ties = eliminate::lowest}, kemeny{.exact = 10},
       footrule_optimal{});
}

void run_others(lines& all) {
  auto const run = [&](std::string const& key, auto visit) { digests::note<double>(all, key, "plain", visit); };
  table<double> const x = drawn<double>(kind::any, 18, 9, 12);
  run("rank_intervals{.resamples = 99}", [&](record& to) {
    auto const found = rank_intervals{.resamples = 99}(borda{}, x);
    put(to, found.rank, found.low, found.high), put(to, found.first, found.group);
  });
  run("ranks_without_each(borda{})", [&](record& to) { put(to, ranks_without_each(borda{}, x)); });
  run("panel{}", [&](record& to) {
    auto const found = panel{.quorum = 2}(median{}, cube(x, 3));
    put(to, found.scores, found.deviation, found.range), put(to, found.correlation, found.effective);
    put(to, found.judges, found.failed, found.best);
  });
  run("assignment{}", [&](record& to) {
    for (Index const columns : {5, 9, 12}) {
      auto const found = assignment{}(table<double>(x.leftCols(columns)));
      put(to, found.columns, found.value);
    }
  });
  run("kendall", [&](record& to) {
    auto const found = kendall(Eigen::VectorXd(x.row(0)), Eigen::VectorXd(x.row(1)));
    put(to, found.tau_b(), found.distance());
    put(to, footrule_distance(Eigen::VectorXd(x.row(0)), Eigen::VectorXd(x.row(1))),
        spearman_rho(Eigen::VectorXd(x.row(0)), Eigen::VectorXd(x.row(1))));
  });
}

}  // namespace

void run_rankings(lines& all) { run_rules(call<double>{all}), run_rules(call<float>{all}), run_others(all); }

}  // namespace robagg_test::digests

#endif
