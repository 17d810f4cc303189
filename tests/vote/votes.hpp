// SPDX-License-Identifier: BSL-1.0
// What the tests of votes among answers share: samples, and the slow truth about sums of weights.
#pragma once

#include "../laws.hpp"

#include <map>
#include <optional>
#include <string>

namespace robagg_test {

struct samples {
  std::vector<int> labels;
  std::vector<double> scores;
};

// Few answers, some invalid; few different scores, so that there are ties; some unknown.
inline samples some_samples(std::uint64_t seed) {
  robagg::detail::generator next(seed);
  samples s;
  std::size_t const n = 1 + next() % 60, answers = 1 + next() % 6;
  for (std::size_t i = 0; i < n; ++i) {
    s.labels.push_back(static_cast<int>(next() % (answers + 1)) - 1);
    s.scores.push_back(next() % 9 == 0 ? not_a_number : static_cast<double>(next() % 8) / 8);
  }
  return s;
}

// Sums of the weights of each answer, NaN for no vote; the best first, equal ones by appearance among those that vote.
inline std::vector<robagg::candidate<int>> slow_vote(samples const& s, std::vector<double> const& weights) {
  std::vector<robagg::candidate<int>> all;
  std::vector<double> best;
  for (std::size_t i = 0; i < s.labels.size(); ++i) {
    if (s.labels[i] < 0 || std::isnan(weights[i])) continue;
    auto at = std::find_if(all.begin(), all.end(), [&](auto const& c) { return c.label == s.labels[i]; });
    if (at == all.end()) at = all.insert(at, {s.labels[i], -1, 0, 0});
    at->total += weights[i], ++at->count;
    auto const& known = s.scores;
    bool const better = at->representative < 0 || known[i] > known[static_cast<std::size_t>(at->representative)] ||
                        (std::isnan(known[static_cast<std::size_t>(at->representative)]) && !std::isnan(known[i]));
    if (better) at->representative = static_cast<Index>(i);
  }
  std::stable_sort(all.begin(), all.end(), [](auto const& a, auto const& b) { return a.total > b.total; });
  return all;
}

template <class V>
void check_verdict(V const& v, std::vector<robagg::candidate<int>> const& expected, Index k, double tolerance = 0) {
  REQUIRE(static_cast<Index>(v.answers.size()) == std::min(k, static_cast<Index>(expected.size())));
  for (std::size_t r = 0; r < v.answers.size(); ++r) {
    CHECK(static_cast<int>(v.answers[r].label) == expected[r].label);
    CHECK(v.answers[r].representative == expected[r].representative);
    CHECK(v.answers[r].count == expected[r].count);
    CHECK(std::abs(v.answers[r].total - expected[r].total) <= tolerance);
  }
  double const margin = expected.empty() ? 0 : expected[0].total - (expected.size() > 1 ? expected[1].total : 0);
  CHECK(std::abs(v.margin - margin) <= 2 * tolerance);
}

// The same answers as integers of another type, as large integers that are hashed, and as texts.
template <class Op>
void check_labels(Op const& op) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    samples const s = some_samples(seed);
    auto const plain = op(s.labels, s.scores);
    std::vector<std::int64_t> large;
    std::vector<std::string> texts;
    std::vector<float> const narrow(s.scores.begin(), s.scores.end());
    for (int const label : s.labels) {
      large.push_back(label < 0 ? -5 : label * 1'000'000'007LL);
      texts.push_back(label < 0 ? "" : "answer " + std::to_string(label));
    }
    auto const hashed = op(large, narrow);
    auto const text = op(texts, Eigen::Map<Eigen::VectorXd const>(s.scores.data(), static_cast<Index>(s.scores.size())));
    REQUIRE((hashed.answers.size() == plain.answers.size() && text.answers.size() == plain.answers.size()));
    CHECK((hashed.valid == plain.valid && hashed.changes == plain.changes));
    for (std::size_t r = 0; r < plain.answers.size(); ++r) {
      auto const& c = plain.answers[r];
      CHECK(hashed.answers[r].label == c.label * 1'000'000'007LL);
      CHECK(text.answers[r].label == "answer " + std::to_string(c.label));
      CHECK((hashed.answers[r].total == c.total && hashed.answers[r].count == c.count));
      CHECK((text.answers[r].total == c.total && text.answers[r].representative == c.representative));
    }
  }
}

// What every vote with scores refuses.
template <class Op>
void check_vote_errors(Op op) {
  auto const says = [](auto const& call) {
    try {
      call();
    } catch (robagg::bad_input const& e) { return std::string(e.what()); }
    return std::string();
  };
  std::vector<int> const labels = {1, 2};
  std::vector<double> const scores = {.5, .25}, none, one = {1};
  CHECK(says([&] { op(std::vector<int>{}, none); }) == robagg::name(op) + ": needs at least one answer (N = 0)");
  CHECK(says([&] { op(labels, one); }) == robagg::name(op) + ": needs one score per answer (answers = 2, scores = 1)");
  robagg::verdict<int> before = op(labels, scores), after = before;
  op.k = 0;
  robagg::workspace ws;
  CHECK(says([&] { op.into(labels, scores, after, ws); }) == robagg::name(op) + ": needs k >= 1 (k = 0)");
  CHECK(after.answers.size() == before.answers.size());
}
template <class Op>
std::string refusal(Op const& op, std::vector<double> const& scores) {
  try {
    op(std::vector<int>(scores.size(), 1), scores);
  } catch (robagg::bad_input const& e) { return e.what(); }
  return "";
}

// The example of the literature on best-of-majority: A five times, B three times, C and D once.
inline samples abcd() {
  samples s;
  for (auto const& [label, times, score] : {std::tuple{0, 5, .6}, {1, 3, .9}, {2, 1, .99}, {3, 1, .2}}) {
    s.labels.insert(s.labels.end(), static_cast<std::size_t>(times), label);
    s.scores.insert(s.scores.end(), static_cast<std::size_t>(times), score);
  }
  return s;
}
template <class V>
std::vector<int> labels_of(V const& v) {
  std::vector<int> out;
  for (auto const& c : v.answers) out.push_back(static_cast<int>(c.label));
  return out;
}
template <class V>
std::vector<double> totals_of(V const& v) {
  std::vector<double> out;
  for (auto const& c : v.answers) out.push_back(c.total);
  return out;
}
inline bool near(std::vector<double> const& a, std::vector<double> const& b, double tolerance) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!(std::abs(a[i] - b[i]) <= tolerance)) return false;
  }
  return true;
}

}  // namespace robagg_test
