// SPDX-License-Identifier: BSL-1.0
// Certified voting: models that were trained on parts of the handwritten digits vote. How many test digits are read
// correctly whatever r poisoned training points do, and what is left when r points are poisoned.
#pragma once

#include "ensemble.hpp"
#include "plot.hpp"

#include <robagg/vote/election.hpp>

#include <nlohmann/json_fwd.hpp>

#include <limits>
#include <string>
#include <vector>

namespace robagg_compare {

struct votes_options {
  std::vector<Index> models = {50, 250};  ///< partitions of the training data
  Index spread = 4;                       ///< of finite aggregation: buckets that a model learns from
  Index versions = 4;                     ///< of boosted models: models per partition
  std::vector<Index> budgets = {2, 5, 10, 15, 20, 25, 30};
  Index attack = 30;  ///< the most labels that an attack flips; 0: nobody attacks
  std::uint64_t seed = 1;
};

/// Throws usage_error for options that make no sense together.
void check(votes_options const& options);

constexpr Index never = std::numeric_limits<Index>::max();

/// One prediction, and what changes it.
struct verdict {
  robagg::election vote;
  bool right = false;
  Index replaced = never;  ///< buckets whose models' votes an adversary replaced until the winner changed
  Index flipped = never;   ///< labels flipped until it changed
};

/// The attacks on one prediction, both greedy: how many points they need until the winner changes. One replaces all
/// votes of the models that a bucket feeds (`shifts` as in ensemble_options); the other flips labels of training
/// samples, at most `most`, and trains again what it touched.
Index replaced_until_changed(table<double> scores, robagg::election const& vote, bool runs_off,
                             std::vector<Index> const& shifts);
Index flipped_until_changed(ensemble const& e, Index digit, std::vector<int> labels, robagg::election const& vote,
                            bool runs_off, Index most);

struct votes_result {
  struct line {
    std::string rule;
    bool runs_off = false;
    Index partitions = 0, models = 0;
    std::vector<Index> shifts;
    double accuracy_alone = 0, classes_seen = 0;
    Index without_data = 0;
    std::vector<verdict> digits;
    std::vector<double> curve;  ///< certified accuracy for the budgets 0, 1, ..., until it is 0

    double certified(Index budget) const { return budget < Index(curve.size()) ? curve[std::size_t(budget)] : 0; }
    double after_replacing(Index budget) const;  ///< what an attack leaves
    double after_flipping(Index budget) const;
    Index median_radius() const;  ///< half of the digits are right and certified to this; -1: not half are right
    Index contradicted() const;   ///< predictions that an attack changed within their certificate: none
    Index tight() const;          ///< predictions that one replaced bucket more than certified changed
  };
  votes_options options;
  Index train_samples = 0, test_samples = 0;
  std::vector<line> lines;
};

/// Two lines, plurality and run-off, for each kind of ensemble: DPA, boosted (DPA*), finite aggregation (FA).
votes_result compare_votes(digits const& data, votes_options const& options);

std::string as_text(votes_result const& result);
nlohmann::ordered_json as_json(votes_result const& result);
/// The whole curves: a line for every rule and budget.
std::string as_csv(votes_result const& result);
/// The certified accuracy over the budget: a line for every rule, dashed with a run-off.
plot_spec as_plot(votes_result const& result);

}  // namespace robagg_compare
