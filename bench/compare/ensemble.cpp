// SPDX-License-Identifier: BSL-1.0
#include "ensemble.hpp"

#include "draws.hpp"
#include "numbers.hpp"

#include <robagg/cube.hpp>
#include <robagg/vote/boosted.hpp>

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace robagg_compare {
namespace {

constexpr double ridge = 0.01, width = 8;  // of the kernel, in squared pixels
constexpr Index pixels = digits::inputs - 1;

// Sums of squares of sixteenths below 2^24 / 256: exact in float, whatever the order.
double kernel(auto const& a, auto const& b) { return std::exp(-static_cast<double>((a - b).squaredNorm()) / width); }

table<float> columns_of(table<float> const& x, std::vector<Index> const& columns) {
  table<float> chosen(x.rows(), static_cast<Index>(columns.size()));
  for (Index c = 0; c < chosen.cols(); ++c) chosen.col(c) = x.col(columns[at(c)]);
  return chosen;
}

// The matrix of a model's ridge regression, factored.
Eigen::LLT<Eigen::MatrixXd> regression(std::vector<Index> const& points, table<float> const& train) {
  auto const m = static_cast<Index>(points.size());
  Eigen::MatrixXd gram(m, m);
  for (Index i = 0; i < m; ++i) {
    gram(i, i) = 1 + ridge;
    for (Index j = 0; j < i; ++j) gram(i, j) = gram(j, i) = kernel(train.row(points[at(i)]), train.row(points[at(j)]));
  }
  return Eigen::LLT<Eigen::MatrixXd>(gram);
}

// Points of a model in an order that their pixels decide.
std::vector<Index> by_content(table<float> const& train) {
  std::vector<Index> order(at(train.rows()));
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) {
    auto const x = train.row(a), y = train.row(b);
    return std::lexicographical_compare(x.data(), x.data() + x.size(), y.data(), y.data() + y.size());
  });
  return order;
}

void measure(ensemble& e, digits const& data) {
  Index const n = e.options.models;
  Index right = 0, seen = 0;
  for (Index i = 0; i < e.scores.rows(); ++i) {
    Index best = 0;
    for (Index c = 1; c < digits::classes; ++c) {
      if (e.scores(i, c) > e.scores(i, best)) best = c;
    }
    right += best == data.test_labels[at(i / n)];
  }
  for (auto const& own : e.points) {
    std::vector<bool> known(at(digits::classes));
    for (Index const p : own) known[at(data.train_labels[at(p)])] = true;
    seen += std::count(known.begin(), known.end(), true);
    e.without_data += own.empty();
  }
  e.accuracy = static_cast<double>(right) / static_cast<double>(e.scores.rows());
  e.classes_seen = static_cast<double>(seen) / static_cast<double>(n);
}

}  // namespace

// Not the plain sum of the pixels: the sums of 1,400 digits take 157 values, and most of 1,000 buckets would be empty.
Index bucket_of(Eigen::Ref<Eigen::RowVectorXf const> image, Index buckets) {
  std::uint64_t hash = 0;
  for (Index c = 0; c < pixels; ++c) hash = draws(hash + static_cast<std::uint64_t>(std::lround(16 * image(c)))).bits();
  return static_cast<Index>(hash % static_cast<std::uint64_t>(buckets));
}

std::vector<Index> draw_shifts(Index models, Index count, std::uint64_t seed) {
  auto shifts = shuffled(models, seed ^ 0x736869667473u);
  shifts.resize(at(count));
  std::sort(shifts.begin(), shifts.end());
  return shifts;
}

ensemble train_ensemble(digits const& data, ensemble_options const& options) {
  Index const n = options.models, versions = options.versions, tests = data.test.rows();
  ensemble e;
  e.options = options;
  auto const shifts = options.shifts.empty() ? std::vector<Index>{0} : options.shifts;

  e.points.resize(at(n));
  e.feeds.resize(at(data.train.rows()));
  for (Index const p : by_content(data.train)) {
    Index const bucket = bucket_of(data.train.row(p), n);
    for (Index const shift : shifts) {
      Index const m = (bucket + shift) % n;
      e.feeds[at(p)].push_back({m, static_cast<Index>(e.points[at(m)].size())});
      e.points[at(m)].push_back(p);
    }
  }

  for (Index v = 0; v < versions; ++v) {
    auto columns = shuffled(pixels, options.seed ^ (0x706978656cu + static_cast<std::uint64_t>(v)));
    columns.resize(at(versions == 1 ? pixels : pixels / 2));
    e.train.push_back(columns_of(data.train, columns));
    e.test.push_back(columns_of(data.test, columns));
  }

  // A model has no opinion on digits that it has not seen. If all models then preferred the lower one, as a tie is
  // read, the second round of a run-off would be lost to it.
  e.start.resize(n, digits::classes);
  draws random(options.seed ^ 0x7374617274u);
  for (Index i = 0; i < e.start.size(); ++i) e.start.data()[i] = 1e-6 * random.share();

  table<double> said(tests * n * versions, digits::classes);  // of each test digit by each version of each model
  for (Index m = 0; m < n; ++m) {
    auto const& own = e.points[at(m)];
    auto const size = static_cast<Index>(own.size());
    Eigen::MatrixXd truth = Eigen::MatrixXd::Zero(size, digits::classes), similar(size, tests);
    for (Index i = 0; i < size; ++i) truth(i, data.train_labels[at(own[at(i)])]) = 1;
    auto& influence = e.influence.emplace_back(Eigen::MatrixXd::Zero(size, tests));
    for (Index v = 0; v < versions; ++v) {
      for (Index t = 0; t < tests; ++t) {
        for (Index i = 0; i < size; ++i) similar(i, t) = kernel(e.train[at(v)].row(own[at(i)]), e.test[at(v)].row(t));
      }
      if (size > 0) regression(own, e.train[at(v)]).solveInPlace(similar);
      influence += similar;
      for (Index t = 0; t < tests; ++t) {
        auto row = said.row((t * n + m) * versions + v);
        row = similar.col(t).transpose() * truth;
        if (v == 0) row += e.start.row(m);
      }
    }
  }
  e.scores = robagg::each(robagg::boosted{.versions = versions})(robagg::cube(said, tests));
  measure(e, data);
  return e;
}

Eigen::RowVectorXd retrained(ensemble const& e, Index model, Index digit, std::vector<int> const& labels) {
  auto const& own = e.points[at(model)];
  auto const size = static_cast<Index>(own.size());
  Eigen::RowVectorXd said = e.start.row(model);
  Eigen::MatrixXd truth = Eigen::MatrixXd::Zero(size, digits::classes);
  for (Index i = 0; i < size; ++i) truth(i, labels[at(own[at(i)])]) = 1;
  for (std::size_t v = 0; size > 0 && v < e.train.size(); ++v) {
    Eigen::MatrixXd const coefficients = regression(own, e.train[v]).solve(truth);
    for (Index i = 0; i < size; ++i) said += kernel(e.train[v].row(own[at(i)]), e.test[v].row(digit)) * coefficients.row(i);
  }
  return said;
}

}  // namespace robagg_compare
