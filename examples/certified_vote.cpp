// SPDX-License-Identifier: BSL-1.0
// Deep partition aggregation: eleven models, each trained on its own part of the data, vote. However the
// training data is poisoned, the certificate says how many points cannot change the winner.
#include <robagg/format.hpp>
#include <robagg/robagg.hpp>

int main() {
  using namespace robagg;
  Eigen::MatrixXf scores = Eigen::MatrixXf::Zero(11, 3);  // models x classes
  for (Index m = 0; m < 11; ++m) scores(m, m < 7 ? 0 : m < 9 ? 1 : 2) = 1;

  auto const vote = plurality{}(scores);
  fmt::print("{}\n", vote);

  // The liars' best move: as many models as the certificate allows change sides.
  for (Index m = 0; m < vote.certified_radius; ++m) scores.row(m) << 0, 2, 1;
  auto const attacked = plurality{}(scores);
  scores.row(vote.certified_radius) << 0, 2, 1;  // and one more
  auto const one_more = plurality{}(scores);
  fmt::print("after {} changed models: {}\nafter one more: {}\n", vote.certified_radius, attacked, one_more);
  return vote.winner == 0 && vote.certified_radius == 2 && attacked.winner == 0 && one_more.winner != 0 ? 0 : 1;
}
