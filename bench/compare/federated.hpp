// SPDX-License-Identifier: BSL-1.0
// Training with liars: n workers, f of whom lie, learn to read handwritten digits by softmax
// regression; the server merges their reports with one rule after the other, under every attack.
#pragma once

#include "attacks.hpp"
#include "rules.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace robagg_compare {

struct digits {
  table<float> train, test;  ///< 64 pixels in [0, 1] and a 1 for the bias
  std::vector<int> train_labels, test_labels;
  static constexpr Index inputs = 65, classes = 10, parameters = inputs * classes;
  /// One model or gradient: a row for each input, a column for each class.
  using model = Eigen::Matrix<float, inputs, classes, Eigen::RowMajor>;
};
/// The share of the test digits that a model reads correctly; one with a NaN is not.
double accuracy(digits const& data, digits::model const& model);

struct federated_options {
  Index workers = 25, liars = 5, rounds = 500;
  Index batch = 16;          ///< samples a worker looks at in a round
  double momentum = 0.9;     ///< kept by each worker
  double rate = 1;           ///< the server's step
  double heterogeneity = 0;  ///< the share of samples that a worker draws from its own, else from all
  std::uint64_t seed = 1;
  attack_strength strength = {};
  std::vector<std::string> attacks = {};  ///< by label; the usual ones if empty
};

/// Throws usage_error for options that make no sense together.
void check(federated_options const& options);

/// The samples in an order that the seed decides; 1,400 of 1,797 are for training.
digits read_digits(std::filesystem::path const& file, std::uint64_t seed);

/// Each worker's own training samples, sorted by digit: a worker has one or two digits. Liars have
/// copies of honest workers' samples, so that nothing that is to be learned is lost when they lie.
std::vector<std::vector<Index>> deal(digits const& data, federated_options const& options);

struct training {
  double accuracy = 0;          ///< share of the test digits that are read correctly
  std::vector<double> seconds;  ///< that aggregating took, one value a round
  table<float> last;            ///< the reports of the last round, liars in the last rows
};
/// The same seed gives every rule and attack the same samples in the same order. A digit for which
/// the model has a NaN is not read correctly.
training train(digits const& data, federated_options const& options, rule const& r, attack const& a);

struct federated_result {
  struct line {
    rule r;
    std::string description;
    std::vector<double> accuracy;  ///< per attack
    double worst = 0;
    double seconds = 0;  ///< per round, the median
  };
  federated_options options;
  std::vector<attack> attacks;
  double reference = 0;  ///< the accuracy of the mean when nobody lies
  std::vector<line> lines;
  std::vector<std::pair<std::string, std::string>> unfit;  ///< rules that cannot run, and why
  Index train_samples = 0, test_samples = 0;
  double bytes = 0;  ///< that a rule reads in a round
};

federated_result compare_federated(digits const& data, federated_options const& options, std::vector<rule> const& rules);

/// The reports of the last round of one training, as CSV with a line for each worker, which the command table reads.
std::string updates_as_csv(training const& run, Index liars);

std::string as_text(federated_result const& result, bool colour);
nlohmann::ordered_json as_json(federated_result const& result);
std::string as_csv(federated_result const& result);

}  // namespace robagg_compare
