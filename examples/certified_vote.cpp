// SPDX-License-Identifier: BSL-1.0
// Votes of models that were trained on parts of the data. However the training data is poisoned, the certificate says
// how many points cannot change the winner.
#include <robagg/format.hpp>
#include <robagg/parallel.hpp>
#include <robagg/robagg.hpp>

using namespace robagg;

// Eleven models on disjoint parts: seven rank the classes 0, 1, 2, two 1, 0, 2 and two 2, 0, 1.
static bool one_input() {
  table<float> scores(11, 3);  // models x classes
  for (Index m = 0; m < 11; ++m) {
    if (m < 7)
      scores.row(m) << 3, 2, 1;
    else if (m < 9)
      scores.row(m) << 2, 3, 1;
    else
      scores.row(m) << 2, 1, 3;
  }
  auto const vote = plurality{}(scores), final_round = run_off{}(scores);
  fmt::print("plurality: {}\nrun-off:   {}\n", vote, final_round);

  // The liars' best move against plurality: as many models as the certificate allows change sides, then one more.
  for (Index m = 0; m < vote.certified_radius; ++m) scores.row(m) << 0, 2, 1;
  bool const stands = plurality{}(scores).winner == 0;
  scores.row(vote.certified_radius) << 0, 2, 1;
  bool const falls = plurality{}(scores).winner != 0, run_off_stands = run_off{}(scores).winner == 0;
  fmt::print("after {} changed models plurality says class {}, the run-off class {}\n", vote.certified_radius + 1,
             plurality{}(scores).winner, run_off{}(scores).winner);
  return vote.certified_radius == 2 && final_round.certified_radius == 3 && stands && falls && run_off_stands;
}

// A data set in one call: 100 inputs, 20 partitions with 2 versions of each model, 3 classes.
static bool data_set() {
  Index const inputs = 100, models = 40, classes = 3;
  table<float> scores(inputs * models, classes);
  std::vector<Index> labels;
  for (Index i = 0; i < inputs; ++i) {
    labels.push_back(i % classes);
    for (Index m = 0; m < models; ++m) {  // the more models err, the later the input
      for (Index c = 0; c < classes; ++c)
        scores(i * models + m, c) = c == (m * 2 < i % 60 ? (i + 1) % classes : i % classes) ? 1.f : 0.f;
    }
  }
  auto const rule = boosted{.versions = 2} | run_off{};
  std::vector<election> const votes = each(rule, threads{})(cube(scores, inputs));
  std::vector<Index> const budgets = {0, 2, 5, 9};
  auto const shares = certified_accuracy(votes, labels, budgets);
  fmt::print("certified accuracy against {} poisoned points: {:.2f}\n", fmt::join(budgets, ", "), fmt::join(shares, ", "));

  // Finite aggregation: bucket h of the data feeds models h, h + 1 and h + 7, so that a point touches three of them.
  std::vector<Index> const shifts = {0, 1, 7};
  auto const shared = run_off{.bucket_map = shifts}(cube(scores, inputs)[0]);
  fmt::print("the first input with shared buckets: {}\n", shared);
  return shares[0] == .8 && shares[3] < shares[0] && votes[0].certified_radius == 10 && shared.certified_radius == 6;
}

int main() { return one_input() && data_set() ? 0 : 1; }
