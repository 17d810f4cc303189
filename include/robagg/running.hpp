// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "pipe.hpp"
#include "detail/bytes.hpp"
#include "score/uncertainty_weighted.hpp"

#include <cmath>
#include <limits>
#include <span>

namespace robagg::inline ROBAGG_ABI {

/// Reports that arrive one at a time and are not kept: the mean, the weighted mean, the mean of clipped reports, and the
/// scores of a reward ensemble (worst case, best case, uncertainty-weighted), in O(d) memory.
///
/// Shapes     d columns; add() takes any Eigen vector of d numbers, integers and expressions too.
/// Ranges     weight >= 0; radius >= 0: every report is shortened to it on arrival (norm_bounded_mean), infinity by
///            default.
/// Errors     bad_input, and nothing has changed: for a report of another length, a weight or radius out of range, weights
///            whose sum is infinite; a result before the first report that weighs something; a merge with other columns or
///            another radius.
/// Guarantee  the same results as the operators on the whole table, up to rounding in double. Any report moves the mean of
///            clipped reports by at most 2 radius / n; nothing else here is robust.
/// Cost       O(d) a report, two passes over it with a radius; merge() O(d).
/// NaN        propagates in mean and best_case, as infinities do in the mean; worst_case is -infinity in its column; with a
///            radius a report that is not finite counts as zeros. An infinite value is infinite variance.
/// Weights    of the mean and the variance (ddof 0). A report of weight 0 is absent.        Ties  none.
/// Source     Welford 1962; Chan, Golub and LeVeque 1983 (merging).
/// Example    examples/larger_than_memory.cpp
class running {
 public:
  explicit running(Index columns, double radius = std::numeric_limits<double>::infinity())
      : mean_(Eigen::ArrayXd::Zero(std::max<Index>(columns, 0))),
        squares_(mean_),
        least_(mean_),
        most_(mean_),
        radius_(radius) {
    if (columns < 0) refuse("needs d >= 0", {{"d", columns}});
    if (!(radius >= 0)) refuse("needs radius >= 0", {{"radius", radius}});
    least_.setConstant(infinity);
    most_.setConstant(-infinity);
  }
  std::string name() const { return "running"; }

  Index rows() const { return rows_; }
  Index columns() const { return mean_.size(); }
  double radius() const { return radius_; }
  double weight() const { return weight_; }

  template <class Row>
  void add(Eigen::DenseBase<Row> const& row, double weight = 1) {
    static_assert(Row::IsVectorAtCompileTime, "robagg: running::add takes one report, a vector");
    if (row.size() != mean_.size()) refuse("needs reports of one length", {{"values", row.size()}, {"d", mean_.size()}});
    if (!(weight >= 0 && weight < infinity)) refuse("needs finite weights >= 0", {{"weight", weight}});
    if (weight == 0) return;
    check_sum(weight);
    auto&& x = detail::readable(row.derived());
    double const factor = clip_factor(x), share = weight / (weight_ + weight);
    for (Index j = 0; j < mean_.size(); ++j) {
      double const value = factor == 0 ? 0 : factor * static_cast<double>(x.coeff(j));
      take(j, value, value == value ? 0 : value, share);
      least_[j] = value < least_[j] ? value : value == value ? least_[j] : -infinity;
      most_[j] = most_[j] < value || value != value ? value : most_[j];  // NaN stays: nothing is above it
    }
    ++rows_;
    weight_ += weight;
  }

  /// What another one has seen.
  void merge(running const& other) {
    if (other.mean_.size() != mean_.size())
      refuse("merges with the same columns", {{"d", mean_.size()}, {"other d", other.mean_.size()}});
    if (other.radius_ != radius_) refuse("merges with the same radius", {{"radius", radius_}, {"other radius", other.radius_}});
    if (other.weight_ == 0) return;
    check_sum(other.weight_);
    if (other.rows_ > std::numeric_limits<Index>::max() / 2 - rows_) {
      refuse("needs reports that can be counted", {{"n", rows_}, {"other n", other.rows_}});
    }
    double const share = other.weight_ / (weight_ + other.weight_);
    for (Index j = 0; j < mean_.size(); ++j) {
      take(j, other.mean_[j], other.squares_[j], share);
      least_[j] = std::min(least_[j], other.least_[j]);
      most_[j] = most_[j] != most_[j] || other.most_[j] <= most_[j] ? most_[j] : other.most_[j];
    }
    rows_ += other.rows_;
    weight_ += other.weight_;
  }

  Eigen::VectorXd mean() const { return seen(), mean_; }
  Eigen::VectorXd worst_case() const { return seen(), least_; }
  Eigen::VectorXd best_case() const { return seen(), most_; }
  Eigen::VectorXd variance() const { return seen(), squares_ / weight_; }
  /// As the operator scores, with ddof 0.
  Eigen::VectorXd score(uncertainty_weighted const& op) const {
    op.check(rows_);
    if (op.ddof != 0) refuse("needs ddof = 0", {{"ddof", op.ddof}});
    Eigen::VectorXd y = mean_, spread = variance();
    for (Index j = 0; j < y.size() && op.lambda != 0.; ++j) {
      double const part = op.lambda * (op.dispersion == dispersion::variance ? spread(j) : std::sqrt(spread(j)));
      y(j) = std::isinf(part) ? -part : y(j) - part;
    }
    return y;
  }

  /// The state as bytes, and back: the same bits afterwards. Bytes that pack did not write are bad_input.
  std::vector<std::byte> pack() const {
    detail::byte_writer out(detail::packed_kind::running, sizeof(double));
    out.put(radius_);
    out.put(weight_);
    out.put_count(rows_);
    out.put_count(mean_.size());
    for (auto const* values : {&mean_, &squares_, &least_, &most_}) out.put(values->data(), values->size());
    return std::move(out).finish();
  }
  static running unpack(std::span<std::byte const> bytes) {
    detail::byte_reader in("running", bytes, detail::packed_kind::running, sizeof(double));
    auto const radius = in.get<double>(), weight = in.get<double>();
    Index const rows = in.get_index();
    running state(in.get_count(4 * sizeof(double)), radius);
    in.demand(weight >= 0 && weight < infinity && (rows > 0) == (weight > 0) && rows < std::numeric_limits<Index>::max() / 2);
    state.weight_ = weight;
    state.rows_ = rows;
    for (auto* values : {&state.mean_, &state.squares_, &state.least_, &state.most_}) in.get(values->data(), values->size());
    in.finish();
    return state;
  }

 private:
  static constexpr double infinity = std::numeric_limits<double>::infinity();
  [[noreturn]] void refuse(std::string_view rule, std::initializer_list<detail::named_value> values) const {
    detail::refuse(*this, rule, values);
  }
  void seen() const {
    if (rows_ == 0) refuse("needs at least one report", {{"n", 0}});
  }
  void check_sum(double weight) const {
    if (!(weight_ + weight < infinity)) refuse("needs weights whose sum is finite", {{"sum", weight_}, {"weight", weight}});
  }
  // Reports whose mean is `value`, about which their squares sum to `squares`, join with a share of the weight of all. What
  // is infinite is so for good, and its squares too; they alone remember a NaN.
  void take(Index j, double value, double squares, double share) {
    double const step = value - mean_[j];
    if (std::isfinite(step)) {
      mean_[j] += share * step;
      squares_[j] += squares + weight_ * share * step * step;
    } else {  // or finite, and the step overflows
      bool const finite = std::isfinite(value) && std::isfinite(mean_[j]);
      mean_[j] = finite ? (1 - share) * mean_[j] + share * value : mean_[j] + value;
      squares_[j] += squares + infinity;
    }
  }
  template <class X>
  double clip_factor(X const& x) const {
    if (radius_ == infinity) return 1;
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
