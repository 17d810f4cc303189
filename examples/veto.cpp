// SPDX-License-Identifier: BSL-1.0
// Three judges look at four answers. One is enough to refuse; a judge that fails counts as a refusal, and an answer that
// nobody has looked at is refused.
#include <robagg/vote/veto.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

int main() {
  using namespace robagg;
  float const failed = std::nanf("");
  table<float> const risk{{.1f, .9f, .2f, failed}, {.0f, .8f, .1f, .1f}, {.2f, .1f, .7f, .1f}};
  auto const any = veto{.threshold = .5}(risk), majority = veto{.threshold = .5, .quorum = 2}(risk);
  fmt::print("one judge is enough: {}\ntwo must agree:      {}\n", fmt::join(any, " "), fmt::join(majority, " "));
  auto const abstain = veto{.threshold = .5}(skip_nan(risk));
  table<float> const nobody(0, 2);
  fmt::print("failing is abstaining: {}\nno judges at all:    {}\n", fmt::join(abstain, " "),
             fmt::join(veto{.threshold = .5}(nobody), " "));
  return any == Eigen::Vector4f(0, 1, 1, 1) && majority == Eigen::Vector4f(0, 1, 0, 0) && abstain(3) == 0 ? 0 : 1;
}
