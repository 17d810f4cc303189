// SPDX-License-Identifier: BSL-1.0
// Leaderboards: systems ranked by every rule, how sure the ranks are, and what decides. From scores here; battles.hpp and
// judges.hpp have theirs of battles and of judges.
#pragma once

#include "plot.hpp"
#include "read_ranks.hpp"

#include <robagg/rank.hpp>

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace robagg_compare {

struct ranks_options {
  robagg::unranked unranked = robagg::unranked::ignored;
  Index resamples = 1000;
  double level = .95;
  std::uint64_t seed = 1;
};

/// What leaderboards have in common.
struct leaderboard {
  struct line {
    std::string rule;
    Eigen::VectorXd scores, ranks;
    double tau = 1;  ///< Kendall's tau b to the first rule
  };
  ranks_options options;
  std::string file;
  std::vector<std::string> systems, explained, said;
  std::vector<line> lines;       ///< the first rule leads
  robagg::uncertain_ranks sure;  ///< of the first rule; low, high and first are NaN where they are not known
  double kemeny_cost = 0, kemeny_bound = 0;
  /// Without this voter (task, judge) another system would be first: names of both.
  std::vector<std::pair<std::string, std::string>> decisive;

  leaderboard(ranks_options const& chosen, file_notes const& notes, std::vector<std::string> names)
      : options(chosen), file(notes.file), systems(std::move(names)), explained(notes.explained), said(notes.said) {}
  void add(std::string rule, Eigen::VectorXd scores);
  /// Rules that count majorities: copeland, schulze, ranked_pairs, kemeny.
  void add_majorities(table<double> const& x, Eigen::VectorXd const& weights);
  /// borda, which leads, and its intervals; majorities; and who decides, of voters x systems.
  void add_voters(table<double> const& x, std::vector<std::string> const& voters);
  /// Systems from the best to the worst.
  std::vector<std::size_t> by_rank() const;
};

/// The table of a leaderboard; `more`: columns beside the names, a heading and a cell for each system.
std::string as_table(leaderboard const& board, std::vector<std::pair<std::string, std::vector<std::string>>> const& more = {});
/// How many pairs Kemeny's order contradicts, and whether none does on fewer; who decides. `voter`: task, judge, battle.
std::string kemeny_sentence(leaderboard const& board, std::string_view voter);
std::string decisive_sentences(leaderboard const& board, std::string_view voter);
/// What every leaderboard's JSON and CSV have.
nlohmann::ordered_json board_json(leaderboard const& board);
std::string as_csv(leaderboard const& board);
/// The ranks by the first rule, as dots and bars.
interval_spec as_plot(leaderboard const& board);

struct ranks_result : leaderboard {
  using leaderboard::leaderboard;
  std::vector<std::string> tasks;
  Index missing = 0;
};

ranks_result compare_ranks(score_file const& scores, ranks_options const& options);
std::string as_text(ranks_result const& result);
nlohmann::ordered_json as_json(ranks_result const& result);

}  // namespace robagg_compare
