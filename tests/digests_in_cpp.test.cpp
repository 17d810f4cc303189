// SPDX-License-Identifier: BSL-1.0
// The operators of digests.test.cpp that have no name at run time, in files of their own, which take less memory to compile:
// tables seen from another origin, attacks, votes, scores.
#include "digests.hpp"

#ifdef ROBAGG_DIGESTS

#include <operators.hpp>

namespace robagg_test::digests {
namespace {

// What only a template reads: tables seen from another origin.
template <class S>
void run_around(lines& all) {
  auto const each = [&](auto const&... ops) {
    auto const one = [&](auto const& op) {
      for (table<S> const& x : tables_of<S>(kind::any)) {
        Eigen::Matrix<S, Eigen::Dynamic, 1> const origin = x.row(3).transpose();
        note<S>(all, describe(op), "around", [&](record& to) { put(to, op(around(x, origin))); });
      }
    };
    (one(ops), ...);
  };
  each(mean{}, median{}, trimmed_mean{2}, interquartile_mean{}, quantile{.p = .3}, mean_around_median{2}, phocas{2},
       sign_majority{}, worst_case{}, best_case{}, uncertainty_weighted{.5}, soft_min{.25},
       smallest_max_eigenvalue_averaging{1}, geometric_median{}, krum{.f = 2}, multi_krum{.f = 2, .m = 3}, bulyan{2},
       minimum_diameter_averaging{2}, covariance_filter{2}, centered_clipping{.radius = 8, .iterations = 3},
       nearest_to{.row = 3, .f = 2}, comparative_gradient_elimination{2}, aksel{}, trust_weighted{3},
       divide_and_conquer{.f = 2, .columns_sampled = 6, .iterations = 2}, norm_bounded_mean{8}, flag_aggregator{.subspace = 2},
       median_of_means{3}, clip{8}, adaptive_clip{2}, nearest_neighbour_mixing{2}, bucketing{.size = 3});
  each(clip{8} | median{}, clip{8} | nearest_neighbour_mixing{2} | mean{});
  table<S> const& x = tables_of<S>(kind::any).front();
  Eigen::Matrix<S, Eigen::Dynamic, 1> const origin = x.row(3).transpose();
  for (auto const& w : weights_for(x.rows())) {
    note<S>(all, describe(geometric_median{}), "weighted_around",
            [&](record& to) { put(to, geometric_median{}(around(weighted(x, w), origin))); });
  }
}

template <class S>
void run_attacks(call<S> const& run) {
  auto const on_all = [&](std::string const& key, auto const& op) {
    for (auto const& x : tables_of<S>(kind::any)) run(key, [&](record& to) { put(to, op(x)); });
  };
  auto const each = [&](auto const&... ops) { (on_all("attack::" + describe(ops), ops), ...); };
  using namespace attack;
  each(anti_cge{2}, constant_coordinate{.column = 3, .factor = -16}, gaussian{.mean = .5, .deviation = 2, .seed = 7},
       inner_product_manipulation{}, little_is_enough{}, mimic{3}, min_max{}, attack::infinity{}, attack::not_a_number{},
       sign_flip{.factor = 1.5});
  on_all("attack::optimal{little_is_enough, median}", optimal{little_is_enough{}, robagg::median{}, 2});
  on_all("attack::optimal{sign_flip, clip | krum}", optimal{sign_flip{}, clip{8} | krum{.f = 2}, 2});
  run("little_is_enough::strongest",
      [&](record& to) { put(to, little_is_enough::strongest(20, 4), little_is_enough::strongest(50, 12)); });
}

template <class S>
void run_budgets(call<S> const& run) {
  table<S> shares(11, 3);  // in eighths
  for (Index i = 0; i < 11; ++i) {
    Index const first = i * 5 % 9, second = i * 3 % (9 - first);
    shares.row(i) << static_cast<S>(static_cast<float>(first) / 8), static_cast<S>(static_cast<float>(second) / 8),
        static_cast<S>(static_cast<float>(8 - first - second) / 8);
  }
  run("independent_markets", [&](record& to) { put(to, independent_markets{}(shares)); });
}

template <class S>
void run_votes(call<S> const& run) {
  numbers_of_bits random(5);
  std::vector<std::int64_t> small, large;
  std::vector<S> judged;
  for (int i = 0; i < 150; ++i) {
    small.push_back(random.bits(3) - 1), large.push_back(small.back() < 0 ? -1 : small.back() * 1'000'000'007);
    judged.push_back(i % 29 == 11
                         ? std::numeric_limits<S>::quiet_NaN()
                         : static_cast<S>(random.bits(i % 3 == 0 ? 3 : 20)) / static_cast<S>(i % 3 == 0 ? 8 : 1 << 20));
  }
  auto const each = [&](auto const&... ops) {
    auto const one = [&](auto const& op) {
      run(describe(op), [&](record& to) { put(to, op(small, judged), op(large, judged)); });
    };
    (one(ops), ...);
  };
  each(majority{.k = 2}, best_of_n{.k = 3}, weighted_vote{.k = 9}, weighted_vote{.class_score = class_score::mean, .k = 9},
       softmax_vote{.temperature = .5, .k = 9}, logit_vote{.k = 9}, borda_vote{.k = 9}, borda_vote{.power = 2, .k = 9},
       filtered_vote{.keep = .3, .k = 9}, best_of_majority{.alpha = .1, .k = 2},
       best_of_majority{.min_count = 9, .k = 9, .underflow = underflow::fill_by_frequency}, majority_of_bests{.k = 9});
  run("majority{.k = 2}", [&](record& to) { put(to, majority{.k = 2}(small)); });

  std::vector<Index> const shifts = {0, 2, 5};
  std::vector<election> elections;
  auto const elect = [&](auto const&... ops) {
    auto const one = [&](auto const& op) {
      for (auto const& x : tables_of<S>(kind::any)) {
        run(describe(op), [&](record& to) {
          elections.push_back(op(x));
          put(to, elections.back());
        });
        if constexpr (requires { op.bucket_map; }) {
          for (auto const& w : weights_for(x.rows()))
            note<S>(run.all, describe(op), "weighted", [&](record& to) { put(to, op(weighted(x, w))); });
        }
      }
    };
    (one(ops), ...);
  };
  elect(plurality{}, plurality{.bucket_map = shifts}, run_off{}, run_off{.bucket_map = shifts}, robagg::ranks{} | run_off{},
        boosted{4} | run_off{});
  run("certified_accuracy", [&](record& to) {
    std::vector<Index> classes;
    for (std::size_t i = 0; i < elections.size(); ++i) classes.push_back(i % 3 == 0 ? 0 : elections[i].winner);
    put(to, certified_accuracy(elections, classes, std::vector<Index>{0, 1, 2, 5}));
  });
}

template <class S>
void run_scores(call<S> const& run) {
  using vector = Eigen::Matrix<S, Eigen::Dynamic, 1>;
  table<S> const x = tables_of<S>(kind::any)[2], ties = tables_of<S>(kind::any)[3];
  vector const first = x.row(0).transpose(), second = x.row(1).transpose(), tied = ties.row(0).transpose(),
               gaps = ties.row(1).transpose();
  run("conservative_mixture", [&](record& to) {
    for (double const threshold : {-2., 0., 1., 100.})
      put(to, conservative_mixture{threshold}(first, second), conservative_mixture{threshold}(gaps, tied));
  });
  run("gated_pick", [&](record& to) { put(to, gated_pick{}(first, second), gated_pick{.gate = false}(gaps, tied)); });
  run("soft_argmax", [&](record& to) { put(to, soft_argmax{2}(first), soft_argmax{.5}(gaps)); });
  std::vector<Index> const ns = {1, 2, 3, 5, 8, 13, 24};
  run("best_of_n_curve",
      [&](record& to) { put(to, best_of_n_curve{.ns = ns}(first, second), best_of_n_curve{.ns = ns}(tied, gaps)); });
  run("max_at_k", [&](record& to) { put(to, max_at_k{1}(first), max_at_k{5}(first), max_at_k{3}(tied)); });
  run("token_confidence", [&](record& to) {
    put(to, token_confidence{.top_k = 5}(first), token_confidence{.top_k = 99}(first), token_confidence{.top_k = 5}(gaps));
  });
  table<S> const trace = drawn<S>(kind::positive, 12, 1, 200);
  run("deepconf", [&](record& to) {
    for (auto const statistic :
         {trace_statistic::mean, trace_statistic::tail, trace_statistic::lowest, trace_statistic::bottom}) {
      put(to, deepconf{.statistic = statistic, .window = 13, .share = .005}(vector(trace.row(0).transpose())));
    }
  });
  run("deepconf_state", [&](record& to) {
    deepconf_state state(13);
    for (Index t = 0; t < trace.cols(); ++t)
      state.add(static_cast<double>(trace(0, t))), put(to, state.mean(), state.tail(), state.lowest());
  });
  run("deepconf_threshold",
      [&](record& to) { put(to, deepconf_threshold{.keep = .9}(first), deepconf_threshold{.keep = .1}(first)); });
  table<S> const probabilities = drawn<S>(kind::positive, 13, 5, 300);
  run("self_certainty", [&](record& to) {
    put(to, self_certainty{}(probabilities), self_certainty{}(weighted(probabilities, std::vector<double>{1, 0, 2, 1, .5})));
    put(to, self_certainty{.input = token_input::log_probabilities}(table<S>(-probabilities)));
  });
}

// Of numbers alone.
void run_numbers(call<double> const& run) {
  run("interval_score", [](record& to) { put(to, interval_score(-1, 2, 2.75, .1), interval_score(-1, 2, -3, .3)); });
  run("adaptive_miscoverage", [](record& to) {
    adaptive_miscoverage level(.1, .05);
    for (int t = 0; t < 20; ++t) level.add(t % 3 != 0), put(to, level.level());
  });
  run("pass_at_k",
      [](record& to) { put(to, pass_at_k(200, 13, 1), pass_at_k(200, 13, 10), pass_at_k(200, 150, 100), pass_at_k(9, 0, 3)); });
  run("best_of_n_divergence",
      [](record& to) { put(to, best_of_n_divergence(1), best_of_n_divergence(7), best_of_n_divergence(1000)); });
  run("draws_for_hits", [](record& to) {
    for (Index const hits : {1, 3}) {
      for (Index const good : {2, 40, 500}) put(to, draws_for_hits{.safety = .95, .hits = hits}(1000, good).value_or(-1));
    }
  });
}

}  // namespace

void run_in_cpp(lines& all) {
  auto const in = [&]<class S>(call<S> const& run) {
    run_around<S>(all), run_attacks(run), run_budgets(run), run_votes(run), run_scores(run);
  };
  in(call<float>{all}), in(call<double>{all});
  run_numbers({all});
}

}  // namespace robagg_test::digests

#endif
