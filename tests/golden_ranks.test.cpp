// SPDX-License-Identifier: BSL-1.0
// Rankings: the numbers of other people's code (golden/ensembles_public.json), each within its own tolerance.
#include "golden_case.hpp"
#include "rank/profiles.hpp"

using namespace robagg_test;

namespace {

using items = std::vector<Index>;

// Ranks, 1 = best, are scores negated.
bool profile_agrees(golden_case const& c) {
  profiles::profile const p{-golden_table(c.in("ranks")), list_of(c.in("weights"))};
  auto const x = p.voters();
  bool good =
      c.agrees_rows(robagg::pairwise_margins(x), c.out("margins")) && c.agrees(robagg::borda{}(x), c.out("borda_scores"));
  auto const kemeny = robagg::kemeny{}.solve(x, true);
  good = good && c.agrees(kemeny.cost, c.out("kemeny_cost")) && kemeny.items == c.out("kemeny_lexmin_order").get<items>() &&
         c.agrees(kemeny.optima, c.out("kemeny_num_optimal"));
  if (c.has("average_ranks")) good = good && c.agrees_rows(robagg::ranks{}(p.scores), c.out("average_ranks"));
  if (!c.has("borda_order")) return good;
  Eigen::VectorXd const copeland = robagg::copeland{}(x), minimax = robagg::minimax{}(x), schulze = robagg::schulze{}(x);
  Eigen::VectorXd const half = (copeland.array() + static_cast<double>(copeland.size() - 1)) / 2;
  auto const lowest = profiles::by_score(robagg::instant_run_off{robagg::eliminate::lowest}(x));
  return good && profiles::by_score(robagg::borda{}(x)) == c.out("borda_order").get<items>() &&
         c.agrees(profiles::cost(p, profiles::by_score(robagg::borda{}(x)), robagg::unranked::last),
                  c.out("borda_kemeny_cost")) &&
         c.agrees(copeland, c.out("copeland_scores")) && c.agrees(half, c.out("copeland_half")) &&
         profiles::winners(copeland) == c.out("copeland_winners").get<items>() && c.agrees(minimax, c.out("minimax_scores")) &&
         profiles::winners(minimax) == c.out("minimax_winners").get<items>() &&
         c.agrees_rows(robagg::schulze{}.strengths(x), c.out("schulze_strengths")) &&
         profiles::winners(schulze) == c.out("schulze_winners").get<items>() &&
         profiles::by_score(robagg::ranked_pairs{}(x)) == c.out("ranked_pairs_lex_order").get<items>() &&
         profiles::winners(robagg::instant_run_off{}(x)) == c.out("irv_eliminate_all_tied_winners").get<items>() &&
         items{lowest[0]} == c.out("irv_lowest_index_eliminated_first_winner").get<items>() &&
         c.agrees(robagg::footrule_optimal{}.cost(x), c.out("footrule_cost"));
}

// Scores of systems by tasks: a task is a voter.
bool one_level_agrees(golden_case const& c) {
  matrix const x = golden_table(c.in("scores")).transpose();
  return c.agrees(robagg::borda{}(x), c.out("borda_points")) && c.agrees(robagg::mean{}(x), c.out("mean_score"));
}
// Systems by instances by metrics: all as voters, and metric by metric.
bool two_levels_agree(golden_case const& c) {
  auto const& scores = c.in("scores");
  Index const systems = static_cast<Index>(scores.size()), instances = static_cast<Index>(scores[0].size()),
              metrics = static_cast<Index>(scores[0][0].size());
  matrix x(metrics * instances, systems);
  for (Index s = 0; s < systems; ++s) {
    matrix const own = golden_table(scores[static_cast<std::size_t>(s)]);
    for (Index m = 0; m < metrics; ++m) x.col(s).segment(m * instances, instances) = own.col(m);
  }
  bool good = c.agrees(robagg::borda{}(x), c.out("one_level_points"));
  auto const by_metric = robagg::each(robagg::borda{})(robagg::cube(x, metrics));
  if (c.has("two_level_points")) good = good && c.agrees(robagg::borda{}(by_metric), c.out("two_level_points"));
  return good;
}

// Vickrey, Clarke and Groves: who takes part pays what the others lose by it.
bool payments_agree(golden_case const& c) {
  matrix const x = golden_table(c.in("values"));
  auto const found = robagg::assignment{}(x);
  std::vector<double> payments;
  for (Index i = 0; i < x.rows(); ++i) {
    items others = profiles::items(x.rows());
    others.erase(others.begin() + i);
    Index const own = found.columns[static_cast<std::size_t>(i)];
    double const with = found.value - (own < 0 ? 0 : x(i, own));
    payments.push_back((others.empty() ? 0 : robagg::assignment{}(pick(x, others)).value) - with);
  }
  return c.agrees(found.value, c.out("welfare")) &&
         c.agrees(Eigen::Map<Eigen::VectorXd const>(payments.data(), x.rows()), c.out("payments"));
}

golden_checks const ranks_asked = {
    {"ranking_profile", {34, profile_agrees}},
    {"kemeny",
     {3,
      [](golden_case const& c) {
        profiles::profile const p{-golden_table(c.in("ranks")), list_of(c.in("weights"))};
        auto const found = robagg::kemeny{}.solve(p.voters(), true);
        return c.agrees(found.cost, c.out("cost")) && found.items == c.out("lexmin_order").get<items>() &&
               c.agrees(found.optima, c.out("num_optimal"));
      }}},
    {"kendall_distance",
     {12,
      [](golden_case const& c) {
        auto const k = robagg::kendall(list_of(c.in("a")), list_of(c.in("b")));
        return c.agrees(k.discordant, c.out("discordant")) && c.agrees(k.distance(.5), c.out("K_half")) &&
               c.agrees(k.tau_b(), c.out("tau_b"));
      }}},
    {"spearman_footrule",
     {12,
      [](golden_case const& c) {
        return c.agrees(robagg::footrule_distance(list_of(c.in("a")), list_of(c.in("b"))), c.out("footrule"));
      }}},
    {"rank_scores",
     {10,
      [](golden_case const& c) {
        auto x = list_of(c.in("x"));
        if (!c.all["params"]["descending"].get<bool>())
          for (double& v : x) v = -v;
        bool good = true;
        for (auto const& [ties, name] : {std::pair(robagg::ties::average, "average"),
                                         {robagg::ties::minimum, "min"},
                                         {robagg::ties::maximum, "max"},
                                         {robagg::ties::dense, "dense"},
                                         {robagg::ties::ordinal, "ordinal"}}) {
          auto const ranks = robagg::order{ties}(x);
          good =
              good && c.agrees(Eigen::Map<Eigen::VectorXd const>(ranks.data(), static_cast<Index>(ranks.size())), c.out(name));
        }
        return good;
      }}},
    {"benchmark_borda_one_level", {6, one_level_agrees}},
    {"benchmark_borda_instance_level", {5, two_levels_agree}},
    {"vcg_matching", {8, payments_agree}},
};

}  // namespace

TEST_CASE("rankings are those of other people's code") { check_golden(ranks_asked); }
