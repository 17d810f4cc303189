// SPDX-License-Identifier: BSL-1.0
// What liars send. They know every honest report, agree on one vector, and all send it.
#pragma once

#include <robagg/reports.hpp>

#include <Eigen/Core>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace robagg_compare {

using robagg::Index;
using robagg::table;

/// The honest reports backwards: -scale times their mean.
struct sign_flipping {
  double scale = 1;
  void into(robagg::reports auto const& honest, auto&& row) const;
};

/// A small step backwards that hides among the honest reports, or a large one that does not: -tau times
/// their mean (Xie et al., Fall of empires, 2020).
struct inner_product_manipulation {
  double tau = 0.1;
  void into(robagg::reports auto const& honest, auto&& row) const;
};

/// As far from the mean as honest reports are: mean + tau standard deviations, column by column, n - 1
/// in the variance (Baruch et al., A little is enough, 2019).
struct a_little_is_enough {
  double tau = 1.5;
  void into(robagg::reports auto const& honest, auto&& row) const;
};

/// The same value everywhere: an infinity or a NaN, as from a broken machine.
struct constant {
  double value;
  void into(robagg::reports auto const& honest, auto&& row) const;
};

/// A copy of one honest report, which then counts for more than its share (Karimireddy et al. 2022).
struct mimic {
  Index source = 0;
  void into(robagg::reports auto const& honest, auto&& row) const;
};

namespace detail {

inline double mean_of_column(robagg::reports auto const& x, Index c) {
  double sum = 0;
  for (Index i = 0; i < x.rows(); ++i) sum += static_cast<double>(x(i, c));
  return sum / static_cast<double>(x.rows());
}
template <class Row>
void put(Row& row, Index c, double value) {
  row(c) = static_cast<typename Row::Scalar>(value);
}

}  // namespace detail

void sign_flipping::into(robagg::reports auto const& honest, auto&& row) const {
  for (Index c = 0; c < honest.cols(); ++c) detail::put(row, c, -scale * detail::mean_of_column(honest, c));
}
void inner_product_manipulation::into(robagg::reports auto const& honest, auto&& row) const {
  for (Index c = 0; c < honest.cols(); ++c) detail::put(row, c, -tau * detail::mean_of_column(honest, c));
}
void a_little_is_enough::into(robagg::reports auto const& honest, auto&& row) const {
  for (Index c = 0; c < honest.cols(); ++c) {
    double const mean = detail::mean_of_column(honest, c);
    double squares = 0;
    for (Index i = 0; i < honest.rows(); ++i) {
      double const gap = static_cast<double>(honest(i, c)) - mean;
      squares += gap * gap;
    }
    detail::put(row, c, mean + tau * std::sqrt(squares / static_cast<double>(honest.rows() - 1)));
  }
}
void constant::into(robagg::reports auto const& honest, auto&& row) const {
  for (Index c = 0; c < honest.cols(); ++c) detail::put(row, c, value);
}
void mimic::into(robagg::reports auto const& honest, auto&& row) const {
  for (Index c = 0; c < honest.cols(); ++c) detail::put(row, c, static_cast<double>(honest(source, c)));
}

/// One column of the comparison.
struct attack {
  std::string label;    ///< the short column head
  std::string meaning;  ///< the legend
  /// What all liars send. Empty: each sends what it computes itself.
  std::function<void(table<float> const& honest, Eigen::VectorXf& row)> craft = {};
  bool flips_labels = false;  ///< liars learn that a digit y is a 9 - y
};

/// How strong the attacks with a strength are.
struct attack_strength {
  double flip = 10, ipm = 0.1, alie = 1.5;
};

/// Every attack; the first one is none.
std::vector<attack> all_attacks(attack_strength const& strength = {});

}  // namespace robagg_compare
