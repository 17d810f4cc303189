// SPDX-License-Identifier: BSL-1.0
// The code of README.md, compiled and run; a test compares the lines.
#include <robagg/robagg.hpp>

#include <string>
#include <vector>

using namespace std;
namespace ra = robagg;

// A program has names of its own.
struct best {};
struct count {};
struct list {};
struct scale {};
struct start {};
struct threads {};

int main() {
  ra::table<float> updates(9, 40), rewards(5, 8), attention(4, 512), logits(11, 10);
  for (auto* const x : {&updates, &rewards, &attention, &logits}) {
    for (ra::Index i = 0; i < x->size(); ++i) x->data()[i] = static_cast<float>((i * 7919) % 101) / 101.f;
  }
  Eigen::VectorXd const samples = Eigen::VectorXd::LinSpaced(9, 1, 9);
  Eigen::VectorXf model_step(updates.cols());
  vector<string> const answers = {"17", "42", "42", "17", "9"};
  vector<double> const scores = {.9, .6, .6, .8, .99};
  ra::workspace ws;

  // clang-format off: as README has it
auto step = ra::trimmed_mean{.f = 2}(updates);                        // n x d -> d, two clients may lie
auto rule = ra::nearest_neighbour_mixing{.f = 2} | ra::krum{.f = 2};  // stages pipe; two reads of the table in all
rule.into(updates, model_step, ws);                                   // no allocation after the first call
auto pick = (ra::uncertainty_weighted{.lambda = 0.5} | ra::best{})(rewards);  // which answer
auto kept = (ra::defensive{} | ra::top{.k = 256})(attention);         // which keys of a cache
auto vote = ra::run_off{}(logits);                                    // vote.winner, vote.certified_radius
auto said = ra::best_of_majority{.min_count = 2}(answers, scores);    // which of many sampled answers
auto fair = ra::median{}(ra::weighted(ra::skip_nan(updates), samples));  // weights, and NaN as absent
  // clang-format on

  bool const shapes = step.size() == 40 && model_step.size() == 40 && pick < 8 && kept.size() == 256 && vote.winner < 10 &&
                      vote.certified_radius >= 0 && said.label() == "17" && fair.size() == 40;
  return shapes ? 0 : 1;
}
