// SPDX-License-Identifier: BSL-1.0
// Many small models, each trained on its own part of the digits: what certified voting votes with.
#pragma once

#include "federated.hpp"

#include <Eigen/Core>

#include <cstdint>
#include <vector>

namespace robagg_compare {

struct ensemble_options {
  Index models = 50;               ///< as many as hash buckets
  std::vector<Index> shifts = {};  ///< bucket h feeds the models (h + shift) mod models; empty: the model h
  Index versions = 1;              ///< whose scores are added; where there are more than one, each sees half of the pixels
  std::uint64_t seed = 1;
};

/// Which bucket a sample falls into and how a model is trained depend on nothing but content: on pixels and, of the
/// model, on the labels of its own points. That is what certificates ask for. Training is kernel ridge regression
/// towards one-hot labels, so that the scores are linear in the labels: `influence` times the labels, plus `start`.
struct ensemble {
  struct place {
    Index model, position;
  };
  ensemble_options options;
  std::vector<std::vector<Index>> points;  ///< per model: the training samples it learns from
  std::vector<std::vector<place>> feeds;   ///< per training sample: the models that learn from it
  std::vector<Eigen::MatrixXd> influence;  ///< per model: its points x test digits
  std::vector<table<float>> train, test;   ///< the pixels that each version sees
  table<double> start;                     ///< models x classes, tiny: how a model ranks what it has not seen
  table<double> scores;                    ///< for each test digit a block of models x classes
  double accuracy = 0;                     ///< of a model alone, the mean
  double classes_seen = 0;                 ///< by a model, the mean
  Index without_data = 0;                  ///< models

  auto scores_of(Index digit) const { return scores.middleRows(digit * options.models, options.models); }
};

/// The bucket that a sample falls into: its pixels decide, not its label.
Index bucket_of(Eigen::Ref<Eigen::RowVectorXf const> pixels, Index buckets);

/// `count` different shifts in 0..models-1, in increasing order.
std::vector<Index> draw_shifts(Index models, Index count, std::uint64_t seed);

ensemble train_ensemble(digits const& data, ensemble_options const& options);

/// What a model says of a test digit when it is trained again, from its points, with these labels of all training samples.
Eigen::RowVectorXd retrained(ensemble const& e, Index model, Index digit, std::vector<int> const& labels);

}  // namespace robagg_compare
