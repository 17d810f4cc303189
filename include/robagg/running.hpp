// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "core.hpp"
#include "score/uncertainty_weighted.hpp"

#include <limits>

namespace robagg::inline ROBAGG_ABI {

/// Reports that arrive one at a time and are not kept: the mean, the weighted mean, the mean of clipped reports, and the
/// scores of a reward ensemble (worst case, best case, uncertainty-weighted), in O(d) memory.
///
/// Shapes     d columns; add() takes any Eigen vector of d values.
/// Ranges     weight >= 0; radius >= 0: every report is shortened to it on arrival (norm_bounded_mean), infinity by
///            default.
/// Errors     a report of another length, a weight or radius out of range; a result before the first report.
/// Guarantee  the same results as the operators on the whole table, up to rounding in double. Any report moves the mean of
///            clipped reports by at most 2 radius / n; nothing else here is robust.
/// Cost       O(d) a report, two passes over it with a radius; merge() O(d).
/// NaN        propagates in mean and best_case, as infinities do in the mean; worst_case is -infinity in its column; with a
///            radius a report that is not finite counts as zeros.
/// Weights    of the mean and the variance (ddof 0).        Ties  none.
/// Source     Welford 1962; Chan, Golub and LeVeque 1983 (merging).
/// Example    examples/larger_than_memory.cpp
class running {
 public:
  explicit running(Index columns, double radius = std::numeric_limits<double>::infinity())
      : mean_(Eigen::ArrayXd::Zero(std::max<Index>(columns, 0))), squares_(mean_), least_(mean_), most_(mean_), radius_(radius) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (columns < 0) refuse("needs d >= 0", {{"d", columns}});
    if (!(radius >= 0)) refuse("needs radius >= 0", {{"radius", radius}});
    least_.setConstant(infinity), most_.setConstant(-infinity);
  }
  std::string name() const { return "running"; }

  Index rows() const { return rows_; }
  double weight() const { return weight_; }

  template <class Row>
  void add(Eigen::DenseBase<Row> const& row, double weight = 1) {
    static_assert(Row::IsVectorAtCompileTime, "robagg: running::add takes one report, a vector");
    if (row.size() != mean_.size()) refuse("needs reports of one length", {{"values", row.size()}, {"d", mean_.size()}});
    if (!(weight >= 0 && weight < std::numeric_limits<double>::infinity())) refuse("needs finite weights >= 0", {{"weight", weight}});
    if (weight == 0) return;
    Row const& x = row.derived();
    double const factor = clip_factor(x);
    ++rows_, weight_ += weight;
    double const share = weight / weight_;
    for (Index j = 0; j < mean_.size(); ++j) {
      double const value = factor == 0 ? 0 : factor * static_cast<double>(x.coeff(j)), step = value - mean_[j];
      mean_[j] += share * step;
      squares_[j] += weight * step * (value - mean_[j]);
      least_[j] = value < least_[j] ? value : value == value ? least_[j] : -std::numeric_limits<double>::infinity();
      most_[j] = most_[j] < value || value != value ? value : most_[j];  // NaN stays: nothing is above it
    }
  }

  /// What another one has seen.
  void merge(running const& other) {
    if (other.mean_.size() != mean_.size()) refuse("merges with the same columns", {{"d", mean_.size()}, {"other d", other.mean_.size()}});
    if (other.weight_ == 0) return;
    double const share = other.weight_ / (weight_ + other.weight_);
    squares_ += other.squares_ + weight_ * share * (other.mean_ - mean_).square();
    mean_ = weight_ == 0 ? other.mean_ : Eigen::ArrayXd(mean_ + share * (other.mean_ - mean_));
    for (Index j = 0; j < mean_.size(); ++j) {
      least_[j] = std::min(least_[j], other.least_[j]);
      most_[j] = most_[j] != most_[j] || other.most_[j] <= most_[j] ? most_[j] : other.most_[j];
    }
    rows_ += other.rows_, weight_ += other.weight_;
  }

  Eigen::VectorXd mean() const { return seen(), mean_; }
  Eigen::VectorXd worst_case() const { return seen(), least_; }
  Eigen::VectorXd best_case() const { return seen(), most_; }
  Eigen::VectorXd variance() const { return seen(), squares_.max(0.) / weight_; }
  /// As the operator scores, with ddof 0.
  Eigen::VectorXd score(uncertainty_weighted const& op) const {
    op.check(rows_);
    if (op.ddof != 0) refuse("needs ddof = 0", {{"ddof", op.ddof}});
    Eigen::ArrayXd const spread = variance().array();
    return mean_ - op.lambda.value * (op.dispersion == dispersion::variance ? spread : Eigen::ArrayXd(spread.sqrt()));
  }

 private:
  [[noreturn]] void refuse(std::string_view rule, std::initializer_list<detail::named_value> values) const {
    detail::refuse(*this, rule, values);
  }
  void seen() const {
    if (rows_ == 0) refuse("needs at least one report", {{"n", 0}});
  }
  template <class X>
  double clip_factor(X const& x) const {
    if (radius_ == std::numeric_limits<double>::infinity()) return 1;
    double most = 0, sum = 0;
    for (Index j = 0; j < x.size(); ++j) {
      double const value = std::abs(static_cast<double>(x.coeff(j)));
      most = value > most || value != value ? value : most;
    }
    if (!std::isfinite(most)) return 0;
    if (most == 0) return 1;
    for (Index j = 0; j < x.size(); ++j) {
      double const value = static_cast<double>(x.coeff(j)) / most;
      sum += value * value;
    }
    double const norm = most * std::sqrt(sum);  // may overflow: then the report is that long
    return norm <= radius_ ? 1 : radius_ / most / std::sqrt(sum);
  }

  Eigen::ArrayXd mean_, squares_, least_, most_;
  double radius_, weight_ = 0;
  Index rows_ = 0;
};

}  // namespace robagg::inline ROBAGG_ABI
