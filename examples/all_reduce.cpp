// SPDX-License-Identifier: BSL-1.0
// Data-parallel training with one lying rank: seven ranks learn to read digits by softmax regression, each from samples of its
// own. The mean of their gradients is the liar's to choose; a robust all-reduce of the same gradients is not. The ranks are
// threads here: with mpi_communicator (mpi.hpp) in place of thread_communicator they are processes.
#include <robagg/all_reduce.hpp>
#include <robagg/robagg.hpp>

#include <fmt/format.h>

#include <fstream>
#include <string>

namespace {

using robagg::Index;
constexpr Index pixels = 64, digits = 10, train = 1500;

struct samples {
  Eigen::MatrixXf images;  // one a row, and a 1
  std::vector<Index> digit;
};
samples read(char const* path) {
  std::ifstream file(path);
  std::vector<float> values;
  samples all;
  for (std::string number; std::getline(file, number, values.size() % (pixels + 1) == pixels ? '\n' : ',');)
    values.push_back(std::stof(number));
  auto const rows = static_cast<Index>(values.size()) / (pixels + 1);
  all.images = Eigen::Map<robagg::table<float>>(values.data(), rows, pixels + 1);
  for (Index i = 0; i < rows; ++i) all.digit.push_back(static_cast<Index>(all.images(i, pixels)));
  all.images /= 16, all.images.col(pixels).setOnes();
  return all;
}

// Of the cross-entropy of samples rank, rank + ranks, ...
Eigen::VectorXf gradient(samples const& all, Eigen::VectorXf const& model, Index rank, Index ranks) {
  Eigen::Map<Eigen::MatrixXf const> const w(model.data(), pixels + 1, digits);
  Index const count = (train - rank + ranks - 1) / ranks;
  Eigen::MatrixXf x(count, pixels + 1);
  for (Index i = 0; i < count; ++i) x.row(i) = all.images.row(rank + i * ranks);
  Eigen::MatrixXf p = x * w;
  for (Index i = 0; i < count; ++i) {
    p.row(i) = (p.row(i).array() - p.row(i).maxCoeff()).exp().matrix().eval();
    p.row(i) /= p.row(i).sum();
    p(i, all.digit[static_cast<std::size_t>(rank + i * ranks)]) -= 1;
  }
  Eigen::MatrixXf const g = x.transpose() * p / static_cast<float>(count);
  return g.reshaped();
}
// Which share of the other samples a model reads.
double accuracy(samples const& all, Eigen::VectorXf const& model) {
  Eigen::Map<Eigen::MatrixXf const> const w(model.data(), pixels + 1, digits);
  Index const rows = all.images.rows();
  Index right = 0;
  for (Index i = train; i < rows; ++i) {
    Eigen::RowVectorXf const scores = all.images.row(i) * w;
    Index best = 0;
    scores.maxCoeff(&best);
    right += best == all.digit[static_cast<std::size_t>(i)];
  }
  return static_cast<double>(right) / static_cast<double>(rows - train);
}

template <class Rule>
double train_with(Rule const& rule, samples const& all, bool lies) {
  constexpr Index ranks = 7, liar = 3;
  Eigen::VectorXf learned;
  robagg::thread_ranks(ranks, [&](robagg::thread_communicator& others) {
    Eigen::VectorXf model = Eigen::VectorXf::Zero((pixels + 1) * digits), step;
    auto const all_reduce = robagg::robust_all_reduce(rule, others);
    for (int round = 0; round < 60; ++round) {
      Eigen::VectorXf mine = gradient(all, model, others.rank(), ranks);
      if (lies && others.rank() == liar) mine *= -20;  // uphill
      all_reduce(mine, step);
      model -= .8f * step;
    }
    if (others.rank() == 0) learned = model;
  });
  double const share = accuracy(all, learned);
  fmt::print("{:<50} {:<15} reads {:.1f} % of the digits\n", robagg::describe(rule), lies ? "one rank lies" : "all are honest",
             100 * share);
  return share;
}

}  // namespace

int main(int argc, char** argv) {
  samples const all = read(argc > 1 ? argv[1] : "data/digits.csv");
  double const honest = train_with(robagg::mean{}, all, false), lied_to = train_with(robagg::mean{}, all, true);
  double const trimmed = train_with(robagg::trimmed_mean{.f = 1}, all, true);
  double const mixed = train_with(robagg::nearest_neighbour_mixing{.f = 1} | robagg::geometric_median{}, all, true);
  bool const right = honest > .85 && lied_to < .3 && trimmed > honest - .05 && mixed > honest - .05;
  return right ? 0 : 1;
}
