// SPDX-License-Identifier: BSL-1.0
#include "support.hpp"

#include "../votes.hpp"

#include <robagg/vote/plurality.hpp>
#include <robagg/vote/run_off.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <numeric>

using namespace robagg_compare;

namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

// The first digits only, so that tests are quick.
digits few_digits(Index train, Index test) {
  auto data = read_digits(ROBAGG_DIGITS, 1);
  data.train = data.train.topRows(train).eval();
  data.test = data.test.topRows(test).eval();
  data.train_labels.resize(at(train));
  data.test_labels.resize(at(test));
  return data;
}

// Certificates as the definitions read, slowly: bucket by bucket, pair by pair.
struct slow_vote {
  table<double> s;
  std::vector<Index> shifts;
  bool runs_off;
  Index n = s.rows(), classes = s.cols();

  bool prefers(Index m, Index a, Index b) const { return s(m, a) > s(m, b) || (s(m, a) == s(m, b) && a < b); }
  bool votes(Index m, Index a) const {
    for (Index b = 0; b < classes; ++b) {
      if (b != a && !prefers(m, a, b)) return false;
    }
    return true;
  }
  Index count(Index a) const {
    Index sum = 0;
    for (Index m = 0; m < n; ++m) sum += votes(m, a);
    return sum;
  }
  bool ahead(Index a, Index b) const { return count(a) > count(b) || (count(a) == count(b) && a < b); }
  Index gap(Index a, Index b) const { return count(a) - count(b) + (b > a); }
  Index least(Index g, auto power) const {  // buckets, the strongest first
    std::vector<Index> powers;
    for (Index h = 0; h < n; ++h) {
      Index sum = 0;
      for (Index const shift : shifts) sum += power((h + shift) % n);
      powers.push_back(sum);
    }
    std::sort(powers.rbegin(), powers.rend());
    Index r = 0;
    for (; g > 0; ++r) g -= powers[at(r)];
    return r;
  }
  Index overtaken(Index a, Index b) const {
    return least(gap(a, b), [&](Index m) { return 1 + votes(m, a) - votes(m, b); });
  }
  // The winner and the radius.
  std::pair<Index, Index> operator()() const {
    std::vector<Index> order(at(classes));
    std::iota(order.begin(), order.end(), Index{0});
    std::sort(order.begin(), order.end(), [&](Index a, Index b) { return ahead(a, b); });
    Index c = order[0], q = order[1], points = never;
    if (!runs_off) {
      for (Index b = 0; b < classes; ++b) {
        if (b != c) points = std::min(points, overtaken(c, b));
      }
      return {c, points - 1};
    }
    auto const second = [&](Index a, Index b) {
      Index p = 0;
      for (Index m = 0; m < n; ++m) p += prefers(m, a, b);
      return 2 * p - n + (b > a);
    };
    if (second(c, q) <= 0) std::swap(c, q);
    for (Index b = 0; b < classes; ++b) {
      if (b == c) continue;
      Index const wins = least(second(c, b), [&](Index m) { return 2 * prefers(m, c, b); });
      points = std::min(points, std::max(b == q ? 0 : overtaken(q, b), wins));
      for (Index d = 0; d < b; ++d) {
        if (d == c) continue;
        Index const both = least(std::max<Index>(gap(c, b), 0) + std::max<Index>(gap(c, d), 0),
                                 [&](Index m) { return 1 + 2 * votes(m, c) - votes(m, b) - votes(m, d); });
        points = std::min(points, std::max({both, overtaken(c, b), overtaken(c, d)}));
      }
    }
    return {c, points - 1};
  }
};

// Ballots by hand: the classes of each model, the best first.
table<double> ballots(std::vector<std::string> const& all) {
  table<double> scores(static_cast<Index>(all.size()), static_cast<Index>(all[0].size()));
  for (std::size_t m = 0; m < all.size(); ++m) {
    for (std::size_t i = 0; i < all[m].size(); ++i) scores(static_cast<Index>(m), all[m][i] - '0') = -static_cast<double>(i);
  }
  return scores;
}

}  // namespace

TEST_CASE("buckets and shifts") {
  auto const data = few_digits(1400, 1);
  std::vector<bool> used(250);
  for (Index i = 0; i < 1400; ++i) {
    auto const bucket = bucket_of(data.train.row(i), 250);
    REQUIRE((bucket >= 0 && bucket < 250));
    used[at(bucket)] = true;
  }
  CHECK(std::count(used.begin(), used.end(), true) > 240);
  Eigen::RowVectorXf image = data.train.row(0);
  image(64) = 7;  // the bias is no pixel
  CHECK(bucket_of(image, 1 << 20) == bucket_of(data.train.row(0), 1 << 20));
  image(20) += 1.f / 16;
  CHECK(bucket_of(image, 1 << 20) != bucket_of(data.train.row(0), 1 << 20));

  auto const shifts = draw_shifts(40, 5, 3);
  CHECK(shifts.size() == 5);
  CHECK(std::adjacent_find(shifts.begin(), shifts.end(), std::greater_equal<>()) == shifts.end());
  CHECK(shifts.back() < 40);
  CHECK(shifts == draw_shifts(40, 5, 3));
  CHECK(shifts != draw_shifts(40, 5, 4));
}

TEST_CASE("a model depends on its own points alone") {
  auto data = few_digits(200, 8);
  ensemble_options const finite{.models = 20, .shifts = {1, 4}, .seed = 5};
  for (auto const& options : {finite, ensemble_options{.models = 10, .versions = 3, .seed = 5}}) {
    auto const e = train_ensemble(data, options);
    REQUIRE(e.scores.rows() == 8 * options.models);
    CHECK(e.without_data == std::count_if(e.points.begin(), e.points.end(), [](auto const& own) { return own.empty(); }));
    for (Index p = 0; p < 200; ++p) {
      Index const bucket = bucket_of(data.train.row(p), options.models);
      auto const& feeds = e.feeds[at(p)];
      REQUIRE(feeds.size() == std::max<std::size_t>(options.shifts.size(), 1));
      for (std::size_t j = 0; j < feeds.size(); ++j) {
        CHECK(feeds[j].model == (bucket + (options.shifts.empty() ? 0 : options.shifts[j])) % options.models);
        CHECK(e.points[at(feeds[j].model)][at(feeds[j].position)] == p);
      }
    }
    // Trained again, it says the same; a flipped label moves it by the influence of its point.
    for (Index m = 0; m < options.models; ++m) {
      auto labels = data.train_labels;
      Eigen::RowVectorXd expected = e.scores_of(3).row(m);
      CHECK((retrained(e, m, 3, labels) - expected).norm() < 1e-9);
      if (e.points[at(m)].empty()) continue;
      int& label = labels[at(e.points[at(m)][0])];
      expected(label) -= e.influence[at(m)](0, 3);
      label = (label + 1) % 10;
      expected(label) += e.influence[at(m)](0, 3);
      CHECK((retrained(e, m, 3, labels) - expected).norm() < 1e-9);
    }
  }
  CHECK(train_ensemble(few_digits(10, 1), {.models = 20}).without_data >= 10);
  // The order of the samples is nothing to it; labels of other buckets are not either.
  auto const e = train_ensemble(data, finite);
  data.train = data.train.colwise().reverse().eval();
  std::reverse(data.train_labels.begin(), data.train_labels.end());
  CHECK(train_ensemble(data, finite).scores == e.scores);
  data.train_labels[0] = (data.train_labels[0] + 1) % 10;
  auto const poisoned = train_ensemble(data, finite);
  Index const bucket = bucket_of(data.train.row(0), 20);
  for (Index m = 0; m < 20; ++m) {
    bool const fed = m == (bucket + 1) % 20 || m == (bucket + 4) % 20;
    CHECK((poisoned.scores_of(0).row(m) == e.scores_of(0).row(m)) == !fed);
  }
}

TEST_CASE("certificates of trained models are what the definitions say") {
  auto const data = few_digits(300, 12);
  for (auto const& shifts : {std::vector<Index>{}, {2, 7, 11}}) {
    auto const e = train_ensemble(data, {.models = 21, .shifts = shifts});
    for (Index i = 0; i < 12; ++i) {
      auto const block = e.scores_of(i);
      for (bool const runs_off : {false, true}) {
        auto const vote = runs_off ? robagg::run_off{shifts}(block) : robagg::plurality{shifts}(block);
        auto const [winner, radius] = slow_vote{block, shifts.empty() ? std::vector<Index>{0} : shifts, runs_off}();
        CHECK(vote.winner == winner);
        CHECK(vote.certified_radius == radius);
      }
    }
  }
}

TEST_CASE("replaced votes by hand") {
  auto const scores = ballots({"012", "012", "012", "012", "012", "012", "012", "102", "102", "201", "201"});
  auto const plural = robagg::plurality{}(scores), run_off = robagg::run_off{}(scores);
  CHECK(plural.certified_radius == 2);
  CHECK(replaced_until_changed(scores, plural, false, {}) == 3);
  CHECK(run_off.certified_radius == 3);
  CHECK(replaced_until_changed(scores, run_off, true, {}) == 4);

  // Two classes together push the winner out of the run-off.
  auto rows = std::vector<std::string>(9, "012");
  rows.insert(rows.end(), 9, "102");
  rows.insert(rows.end(), 6, "201");
  auto const close = ballots(rows);
  auto vote = robagg::run_off{}(close);
  CHECK(vote.certified_radius == 1);
  CHECK(vote.second_challenger >= 0);
  CHECK(replaced_until_changed(close, vote, true, {}) == 2);
  // A third class has to overtake the runner-up and to beat the winner; here that takes one more than certified + 1.
  rows = std::vector<std::string>(10, "012");
  rows.insert(rows.end(), 6, "120");
  rows.insert(rows.end(), 3, "201");
  auto const third = ballots(rows);
  vote = robagg::run_off{}(third);
  CHECK(vote.challenger == 2);
  CHECK(vote.certified_radius == 1);
  CHECK(replaced_until_changed(third, vote, true, {}) == 3);

  std::vector<Index> const shifts{0, 2};
  auto const spread = ballots({"012", "012", "021", "012", "102", "201"});
  auto const fa = robagg::plurality{shifts}(spread);
  CHECK(fa.certified_radius == 0);
  CHECK(replaced_until_changed(spread, fa, false, shifts) == 1);
  auto const fa_run_off = robagg::run_off{shifts}(spread);
  CHECK(fa_run_off.certified_radius == 1);
  CHECK(replaced_until_changed(spread, fa_run_off, true, shifts) == 2);
}

TEST_CASE("flipped labels") {
  auto const data = few_digits(300, 12);
  auto const e = train_ensemble(data, {.models = 15});
  Index changed = 0;
  for (Index i = 0; i < 12; ++i) {
    auto const block = e.scores_of(i);
    auto const vote = robagg::plurality{}(block);
    CHECK(flipped_until_changed(e, i, data.train_labels, vote, false, 0) == never);
    auto const points = flipped_until_changed(e, i, data.train_labels, vote, false, 15);
    CHECK(points > vote.certified_radius);
    changed += points <= 15;
    if (points <= 15) CHECK(flipped_until_changed(e, i, data.train_labels, vote, false, points - 1) == never);
  }
  CHECK(changed > 6);  // the attack is one
}

TEST_CASE("a comparison of votes") {
  auto const data = few_digits(400, 40);
  votes_options const options{.models = {12}, .spread = 2, .versions = 2, .budgets = {3, 1, 3}, .attack = 3};
  auto const result = compare_votes(data, options);
  REQUIRE(result.lines.size() == 6);
  CHECK(result.options.budgets == std::vector<Index>{1, 3});
  for (std::size_t i = 0; i < 6; ++i) {
    auto const& line = result.lines[i];
    CAPTURE(line.rule);
    CHECK(line.rule == std::vector<std::string>{"DPA", "DPA+ROE", "DPA*", "DPA*+ROE", "FA", "FA+ROE"}[i]);
    CHECK(line.models == (i < 4 ? 12 : 24));
    CHECK(line.contradicted() == 0);
    CHECK(line.tight() >= 36);
    CHECK(line.certified(0) > 0.8);
    CHECK(line.certified(13) == 0);
    CHECK(line.certified(line.median_radius()) >= 0.5);
    CHECK(line.certified(line.median_radius() + 1) < 0.5);
    for (Index r = 0; r <= 3; ++r) {
      CHECK(line.certified(r + 1) <= line.certified(r));
      CHECK(line.after_replacing(r) >= line.certified(r));
      CHECK(line.after_flipping(r) >= line.certified(r));
    }
    CHECK(line.after_flipping(3) < line.certified(0));
  }
  auto const text = as_text(result);
  CHECK(text.find("No attack changed a prediction within its certificate: 240 predictions") != std::string::npos);
  CHECK(text.find("; shifts") != std::string::npos);
  for (std::size_t begin = 0; begin < text.size();) {
    auto const end = text.find('\n', begin);
    CAPTURE(text.substr(begin, end - begin));
    CHECK(end - begin <= 80);
    begin = end + 1;
  }
  CHECK(text == as_text(compare_votes(data, options)));
  auto const json = as_json(result);
  CHECK(json["rules"][5]["shifts"].size() == 2);
  CHECK(json["rules"][1]["budgets"][0]["certified_accuracy"] == result.lines[1].certified(1));
  auto const csv = as_csv(result);
  CHECK(csv.starts_with(
      "rule,partitions,models,budget,certified_accuracy,after_replacing_votes,after_flipping_labels\nDPA,12,12,0,"));
  CHECK(csv.find("\nFA+ROE,12,24,4,") != std::string::npos);

  auto const drawing = as_plot(result);
  REQUIRE(drawing.series.size() == 6);
  CHECK(drawing.series[3].name == "DPA*+ROE of 12");
  CHECK(drawing.series[3].dashed);
  CHECK(drawing.series[3].x[2] == 2);
  CHECK(drawing.series[3].y[2] == 100 * result.lines[3].certified(2));
  CHECK(drawing.series[3].y.back() == 0);

  // A wrong certificate would be seen.
  auto wrong = result;
  wrong.lines[0].digits[0].vote.certified_radius = wrong.lines[0].digits[0].replaced;
  CHECK(wrong.lines[0].contradicted() == 1);
  CHECK(as_text(wrong).find("1 PREDICTIONS CHANGED WITHIN") != std::string::npos);

  auto const peaceful = compare_votes(data, {.models = {12}, .spread = 1, .versions = 1, .attack = 0});
  CHECK(peaceful.lines.size() == 2);
  CHECK(as_text(peaceful).find("Nobody attacked.") != std::string::npos);
}

TEST_CASE("what attacks leave, by hand") {
  votes_result::line line;
  auto const digit = [](bool right, Index radius, Index replaced, Index flipped) {
    verdict v{{}, right, replaced, flipped};
    v.vote.certified_radius = radius;
    return v;
  };
  line.digits = {digit(true, 1, 2, 3), digit(true, 4, 6, never), digit(false, 0, 1, 1), digit(true, 2, 3, 3)};
  line.curve = {0.75, 0.75, 0.5, 0.25, 0.25};
  CHECK(line.after_replacing(1) == 0.75);
  CHECK(line.after_replacing(2) == 0.5);
  CHECK(line.after_replacing(3) == 0.25);
  CHECK(line.after_flipping(0) == 0.75);
  CHECK(line.after_flipping(2) == 0.75);
  CHECK(line.after_flipping(3) == 0.25);
  CHECK(line.median_radius() == 2);
  CHECK(line.contradicted() == 0);
  CHECK(line.tight() == 3);
}

TEST_CASE("options of votes") {
  CHECK(complaint([] { check(votes_options{.models = {}}); }) == "--models needs at least one number");
  CHECK(complaint([] { check(votes_options{.models = {50, 0}}); }) == "--models must be between 5 and 1000");
  CHECK(complaint([] { check(votes_options{.spread = 65}); }) == "--spread must be between 1 and 64");
  CHECK(complaint([] { check(votes_options{.versions = 0}); }) == "--versions must be between 1 and 64");
  CHECK(complaint([] { check(votes_options{.spread = 20}); }).find("more than 4000 models") != std::string::npos);
  CHECK(complaint([] { check(votes_options{.budgets = {-1}}); }) == "--budgets must be between 0 and 1000");
  CHECK(complaint([] { check(votes_options{.attack = -1}); }) == "--attack must be between 0 and 1000");
}
