// SPDX-License-Identifier: BSL-1.0
// How sure was a model of what it wrote? Confidences from its token probabilities, at the end or while it writes, and a vote
// that listens to the sure ones.
#include <robagg/confidence/deepconf.hpp>
#include <robagg/confidence/self_certainty.hpp>
#include <robagg/vote/filtered_vote.hpp>

#include <fmt/format.h>

int main() {
  using namespace robagg;
  // Four tokens over a vocabulary of five: the model gets less sure.
  table<float> probabilities(4, 5);
  probabilities << .96f, .01f, .01f, .01f, .01f, .8f, .05f, .05f, .05f, .05f, .5f, .2f, .1f, .1f, .1f, .2f, .2f, .2f, .2f, .2f;
  self_certainty const certainty;
  fmt::print("self-certainty {:.3f} nats; of the tokens:", certainty(probabilities));
  for (Index t = 0; t < 4; ++t) fmt::print(" {:.3f}", certainty.of_token(probabilities.row(t)));
  std::vector<double> const mask = {1, 1, 0, 0};
  fmt::print("; of the first two {:.3f}\n", certainty(weighted(probabilities, mask)));

  // The same as DeepConf measures it, in groups of two tokens, stopped when a group is too unsure.
  deepconf_state trace(2);
  Index stopped = -1;
  for (Index t = 0; t < 4; ++t) {
    Eigen::VectorXf const logs = probabilities.row(t).array().log();
    trace.add(token_confidence{.top_k = 2}(logs));
    if (stopped < 0 && trace.stop(1.6)) stopped = t;
  }
  fmt::print("confidence: mean {:.3f}, lowest group {:.3f}; stopped after token {}\n", trace.mean(), trace.lowest(), stopped);

  std::vector<int> const answers = {7, 7, 3, 7, 3};
  std::vector<double> const confidences = {1.2, 1.1, 3.5, 1.3, 3.4};
  auto const sure = filtered_vote{.keep = .4}(answers, confidences);
  fmt::print("the two surest of five traces say {}\n", sure.label());
  return certainty.of_token(probabilities.row(3)) < 1e-6 && stopped == 2 && sure.label() == 3 ? 0 : 1;
}
