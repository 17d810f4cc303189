// SPDX-License-Identifier: BSL-1.0
// The code of docs/recipes.md, compiled and run; a test compares the lines.
#include <robagg/mixture.hpp>
#include <robagg/rank.hpp>
#include <robagg/robagg.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

using namespace robagg;
using vector = Eigen::VectorXd;

namespace {

int failures = 0;
void check(bool good, char const* what) {
  if (!good) fmt::print("wrong: {}\n", what), ++failures;
}

// clang-format off: as docs/recipes.md has it
// Each plays against the average of what the other has played; gamma is how much both fear variance.
vector fictitious_play(table<double> const& game, vector mine, double gamma, int rounds) {
  vector theirs = mine;
  for (int t = 1; t <= rounds; ++t) {
    vector const answer = mean_variance_mixture{gamma}(weighted(game, theirs)), theirs_to_us = mean_variance_mixture{gamma}(weighted(game, mine));
    mine += (answer - mine) / (t + 1.), theirs += (theirs_to_us - theirs) / (t + 1.);
  }
  return mine;
}

// x with |x - T(x)| <= tolerance, for a T that brings no two points further apart.
vector anchored(auto const& T, vector const& start, double tolerance) {
  vector x = start, y = T(x);
  for (int k = 0; (x - y).norm() > tolerance; ++k) {
    x = start / (k + 2.) + y * (1 - 1 / (k + 2.));
    y = T(x);
  }
  return x;
}

// Labels of groups of n noisy values, for group_means: the least sum of squared bias and variance of the groups' means.
std::vector<Index> choose_groups(vector const& x, double variance) {
  auto const n = static_cast<std::size_t>(x.size());
  std::vector<Index> order(n), labels(n);
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](Index i, Index k) { return x(i) < x(k); });
  std::vector<double> cost(n + 1, std::numeric_limits<double>::infinity());
  std::vector<std::size_t> first(n + 1);
  cost[0] = 0;
  for (std::size_t end = 1; end <= n; ++end) {  // the last group is [begin, end) of the sorted values
    double count = 0, mean = 0, bias = 0;
    for (std::size_t begin = end; begin-- > 0;) {
      double const gap = x(order[begin]) - mean;
      mean += gap / ++count, bias += gap * (x(order[begin]) - mean);
      if (cost[begin] + bias + variance < cost[end]) cost[end] = cost[begin] + bias + variance, first[end] = begin;
    }
  }
  Index group = 0;
  for (std::size_t end = n; end > 0; end = first[end], ++group)
    for (std::size_t i = first[end]; i < end; ++i) labels[static_cast<std::size_t>(order[i])] = group;
  return labels;
}

// Agents x places: how near each agent is to each place. Its mean is the crowd, whoever comes and goes.
table<double> embedding(table<double> const& agents, table<double> const& places, double width) {
  table<double> near(agents.rows(), places.rows());
  for (Index b = 0; b < places.rows(); ++b)
    near.col(b) = (-(agents.rowwise() - places.row(b)).rowwise().squaredNorm() / (2 * width * width)).array().exp();
  return near.array().colwise() / near.rowwise().sum().array();  // each agent has a mass of 1
}

// The anchor from which x is reached by the difference most like one that is known.
Index nearest_known_difference(Eigen::RowVectorXd const& x, table<double> const& anchors, table<double> const& known) {
  vector like(anchors.rows());
  for (Index a = 0; a < anchors.rows(); ++a) like(a) = -(known.rowwise() - (x - anchors.row(a))).rowwise().squaredNorm().minCoeff();
  return best{}(like);
}

// One step uphill in the density of the data.
vector mean_shift(Eigen::RowVectorXd const& x, table<double> const& data, double width) {
  vector const squares = (data.rowwise() - x).rowwise().squaredNorm();
  return mean{}(weighted(data, soft_argmax{.temperature = 2 * width * width}(vector(-squares))));
}

// What each bidder pays for the place it gets: what the others lose by it. Columns are places, 0 or more each.
vector payments(table<double> const& values) {
  auto const all = assignment{}(values);
  vector pays = vector::Zero(values.rows());
  for (Index i = 0; i < values.rows(); ++i) {
    table<double> others = values;
    others.row(i).setZero();
    Index const place = all.columns[static_cast<std::size_t>(i)];
    pays(i) = assignment{}(others).value - (all.value - (place < 0 ? 0 : values(i, place)));
  }
  return pays;
}
// clang-format on

void stag_hunt() {
  table<double> hunt(2, 2);  // rows: the other hunts the stag, or a hare; columns: so do I
  hunt << 4, 3, 0, 3;
  Eigen::Vector2d const trusting(.9, .1);
  auto const answer = [&](double gamma) { return mean_variance_mixture{gamma}(weighted(hunt, trusting))(0); };
  check(answer(.1) == 1 && std::abs(answer(.5) - 5 / 12.) < 1e-14 && std::abs(answer(2) - 5 / 48.) < 1e-14, "answers");
  double const bold = fictitious_play(hunt, trusting, .1, 300)(0), afraid = fictitious_play(hunt, trusting, .5, 300)(0);
  fmt::print("who trusts at first hunts the stag {:.3f} of the time with gamma .1, {:.3f} with .5\n", bold, afraid);
  check(bold > .99 && afraid < .01, "stag hunt");
}

void halpern() {
  // Each player of a zero-sum game follows its own gain: T turns the plane, and without an anchor x goes round for ever.
  auto const turn = [](vector const& x) { return vector(Eigen::Vector2d(-x(1), x(0))); };
  vector const start = Eigen::Vector2d(3, 4);
  vector x = start;
  int rounds = 0;
  for (; rounds < 1000; ++rounds) {
    double const residual = (x - turn(x)).norm();
    check(residual <= 2 * start.norm() / (rounds + 1) + 1e-12, "the bound of the residual");
    x = start / (rounds + 2.) + turn(x) * (1 - 1 / (rounds + 2.));
  }
  check((anchored(turn, start, 1e-2) - turn(anchored(turn, start, 1e-2))).norm() <= 1e-2, "anchored");
  fmt::print("after {} rounds {:.4f} from where it stays\n", rounds, x.norm());
}

void groups() {
  vector x(7);
  x << 5.1, .1, 5, 0, 4.9, -.1, 5.05;
  std::vector<Index> const two = {1, 0, 1, 0, 1, 0, 1}, chosen = choose_groups(x, .05), one = choose_groups(x, 100);
  check(chosen == two || chosen == std::vector<Index>{0, 1, 0, 1, 0, 1, 0}, "groups");
  check(one == std::vector<Index>(7), "much noise, one group");
  std::vector<Index> const all = choose_groups(x, 1e-9);
  check(group_means{all}(table<double>(x)).rows() == 7, "no noise, no groups");
  // No partition of the sorted values into neighbours is better: all 2^6 of them.
  vector sorted = x;
  std::sort(sorted.data(), sorted.data() + 7);
  auto const cost = [](vector const& v, std::vector<Index> const& labels) {
    auto const means = group_means{labels}(table<double>(v));
    double sum = .05 * static_cast<double>(means.rows());
    for (Index i = 0; i < 7; ++i) sum += std::pow(v(i) - means(labels[static_cast<std::size_t>(i)], 0), 2);
    return sum;
  };
  for (unsigned cuts = 0; cuts < 64; ++cuts) {
    std::vector<Index> labels(7);
    for (std::size_t i = 1; i < 7; ++i) labels[i] = labels[i - 1] + static_cast<Index>(cuts >> (i - 1) & 1);
    check(cost(x, chosen) <= cost(sorted, labels) + 1e-12, "the best partition");
  }
}

void crowd() {
  table<double> agents(5, 1), places(3, 1);
  agents << .1, .9, 1.1, 2, 2.1;
  places << 0, 1, 2;
  table<double> near = embedding(agents, places, .1);
  vector const all = mean{}(near);
  check(std::abs(all.sum() - 1) < 1e-12 && (all - Eigen::Vector3d(.2, .4, .4)).norm() < 1e-9,
        "the histogram, for small widths");
  std::vector<Index> const teams = {0, 0, 1, 1, 2};
  vector const robust = (group_means{teams} | median{})(near);
  check((robust - Eigen::Vector3d(0, .5, .5)).norm() < 1e-9, "the median of teams");
}

void offline() {
  table<double> anchors(3, 2), known(2, 2), data(4, 1);
  anchors << 0, 0, 5, 5, 9, 0;
  known << 1, 0, 0, -1;
  check(nearest_known_difference(Eigen::RowVector2d(5, 4.1), anchors, known) == 1, "COCOA");
  data << 0, .1, -.1, 9;
  double const step = mean_shift(Eigen::RowVectorXd::Constant(1, .5), data, .3)(0);
  double const hand = (.1 * std::exp(-.16 / .18) - .1 * std::exp(-.36 / .18)) /
                      (std::exp(-.25 / .18) + std::exp(-.16 / .18) + std::exp(-.36 / .18));
  check(std::abs(step - hand) < 1e-12, "one step of mean shift");
}

void auction() {
  table<double> values(3, 2);
  values << 5, 2, 3, 1, 1, .5;
  vector const pays = payments(values);
  fmt::print("the bidders pay {}, {} and {}\n", pays(0), pays(1), pays(2));
  check((pays - Eigen::Vector3d(2.5, .5, 0)).norm() < 1e-15, "payments");
}

}  // namespace

int main() {
  stag_hunt(), halpern(), groups(), crowd(), offline(), auction();
  return failures;
}
