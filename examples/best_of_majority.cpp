// SPDX-License-Identifier: BSL-1.0
// Ten sampled answers and what a reward model says of them. It overrates an answer that was given once: best-of-n falls for
// it, the majority ignores the rewards, best-of-majority asks the rewards about what was said often enough.
#include <robagg/core.hpp>
#include <robagg/vote/best_of_majority.hpp>
#include <robagg/vote/best_of_n.hpp>
#include <robagg/vote/borda_vote.hpp>
#include <robagg/vote/filtered_vote.hpp>
#include <robagg/vote/logit_vote.hpp>
#include <robagg/vote/majority.hpp>
#include <robagg/vote/majority_of_bests.hpp>
#include <robagg/vote/softmax_vote.hpp>
#include <robagg/vote/weighted_vote.hpp>

#include <fmt/format.h>

#include <string>

int main() {
  using namespace robagg;
  std::vector<std::string> const answers = {"42", "42", "17", "42", "3/4", "17", "42", "", "17", "42", "9"};
  std::vector<double> const rewards = {.6, .6, .9, .6, .99, .9, .6, .1, .9, .6, .2};  // "": no answer was found

  auto const show = [](char const* rule, verdict<std::string> const& v) {
    fmt::print("{:<18} {:>4}, sample {}, total {:.3f}, ahead by {:.3f}", rule, v.label(), v.representative(),
               v.answers[0].total, v.margin);
    fmt::print("{}\n", v.changes > 0 ? fmt::format("; {} changed answer would alter it", v.changes) : "");
    return v.label();
  };
  auto const most = show("majority", majority{}(answers, rewards));
  auto const highest = show("best of n", best_of_n{}(answers, rewards));
  auto const gated = show("best of majority", best_of_majority{.min_count = 2}(answers, rewards));
  show("majority of bests", majority_of_bests{}(answers, rewards));
  show("weighted vote", weighted_vote{}(answers, rewards));
  show("softmax vote", softmax_vote{.temperature = .1}(answers, rewards));
  show("logit vote", logit_vote{}(answers, rewards));
  show("Borda vote", borda_vote{.power = 1}(answers, rewards));
  show("filtered vote", filtered_vote{.keep = .4}(answers, rewards));

  auto const three = best_of_majority{.min_count = 2, .k = 3}(answers, rewards);
  fmt::print("three answers to submit:");
  for (auto const& c : three.answers) fmt::print(" {} ({} samples)", c.label, c.count);
  fmt::print(", no more were given twice\n");
  return most == "42" && highest == "3/4" && gated == "17" && three.answers.size() == 2 ? 0 : 1;
}
