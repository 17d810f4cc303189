// SPDX-License-Identifier: BSL-1.0
// Many linear forms of a few variables, in panels that stay in the first level of cache: 256 forms, variable after variable.
// What a fit asks of them runs in registers: their values, sums weighted by form, and the matrix of their weighted products.
#pragma once

#include "../../detail/base/packet.hpp"

#include <Eigen/Core>

#include <algorithm>

namespace robagg::inline ROBAGG_ABI::detail {

class panels {
 public:
  static constexpr Index width = 256;
  using V = packet<double>;
  static constexpr Index L = lanes<double>;

  panels() = default;
  panels(Index variables, Index forms)
      : variables_(variables),
        forms_((forms + 7) / 8 * 8),
        stride_(std::min(width, forms_)),
        x_(Eigen::VectorXd::Zero((forms_ + width - 1) / width * stride_ * variables)),
        scaled_(stride_ * variables) {}

  /// A multiple of the packet: forms beyond those that were asked for are 0.
  Index forms() const { return forms_; }
  Index variables() const { return variables_; }
  double& operator()(Index variable, Index form) { return x_[at(form) + variable * stride_]; }
  double operator()(Index variable, Index form) const { return x_[at(form) + variable * stride_]; }
  template <class Visit>
  void for_rows(Index variable, Visit visit) {
    for (Index o = 0; o < forms_; o += width)
      visit(Eigen::Map<Eigen::ArrayXd>(x_.data() + at(o) + variable * stride_, std::min(width, forms_ - o)));
  }
  /// visit(first form, how many) for every panel.
  void for_each(auto&& visit) const {
    for (Index o = 0; o < forms_; o += width) visit(o, std::min(width, forms_ - o));
  }

  /// Of the n forms from o on, at w.
  void values(Index o, Index n, double const* w, double* out) const {
    double const* const x = x_.data() + at(o);
    Index i = 0;
    for (; i + 4 * L <= n; i += 4 * L) {
      V sum[4]{};
      for (Index j = 0; j < variables_; ++j) {
        V const f = detail::all<V>(w[j]);
        ROBAGG_UNROLL for (Index q = 0; q < 4; ++q) sum[q] += f * detail::load<V>(x + j * stride_ + i + q * L);
      }
      ROBAGG_UNROLL for (Index q = 0; q < 4; ++q) detail::store<V>(out + i + q * L, sum[q]);
    }
    for (; i < n; i += L) {
      V sum{};
      for (Index j = 0; j < variables_; ++j) sum += detail::all<V>(w[j]) * detail::load<V>(x + j * stride_ + i);
      detail::store<V>(out + i, sum);
    }
  }

  /// sums[j] += the sum of t over the forms, by their coefficients of variable j.
  void add_weighted(Index o, Index n, double const* t, double* sums) const {
    for (Index j = 0; j < variables_; ++j) {
      double const* const row = x_.data() + at(o) + j * stride_;
      V a{}, b{};
      Index i = 0;
      for (; i + 2 * L <= n; i += 2 * L) {
        a += detail::load<V>(row + i) * detail::load<V>(t + i);
        b += detail::load<V>(row + i + L) * detail::load<V>(t + i + L);
      }
      for (; i < n; i += L) a += detail::load<V>(row + i) * detail::load<V>(t + i);
      sums[j] += detail::sum_of_doubles<V>(a + b);
    }
  }

  /// The lower half of M += the sum of h x x' over the forms x, in squares of sums that fit into registers.
  void add_products(Index o, Index n, double const* h, Eigen::MatrixXd& M) const {
    constexpr Index edge = L >= 8 ? 4 : 3;
    double const* const x = x_.data() + at(o);
    double* const scaled = scaled_.data();
    for (Index j = 0; j < variables_; ++j) {
      for (Index i = 0; i < n; i += L)
        detail::store<V>(scaled + j * stride_ + i, detail::load<V>(h + i) * detail::load<V>(x + j * stride_ + i));
    }
    for (Index r = 0; r < variables_; r += edge) {
      for (Index c = 0; c <= r; c += edge) {
        double const *left[edge], *right[edge];
        V sum[edge][edge];
        // The last variable stands in for those beyond it; what comes of that is not kept.
        ROBAGG_UNROLL for (Index k = 0; k < edge; ++k) {
          left[k] = scaled + std::min(r + k, variables_ - 1) * stride_;
          right[k] = x + std::min(c + k, variables_ - 1) * stride_;
          ROBAGG_UNROLL for (Index l = 0; l < edge; ++l) sum[k][l] = V{};
        }
        for (Index i = 0; i < n; i += L) {
          V a[edge], b[edge];
          ROBAGG_UNROLL for (Index k = 0; k < edge; ++k) {
            a[k] = detail::load<V>(left[k] + i);
            b[k] = detail::load<V>(right[k] + i);
          }
          ROBAGG_UNROLL for (Index k = 0; k < edge; ++k) {
            ROBAGG_UNROLL for (Index l = 0; l < edge; ++l) sum[k][l] += a[k] * b[l];
          }
        }
        for (Index k = 0; k < edge && r + k < variables_; ++k) {
          for (Index l = 0; l < edge && c + l <= r + k; ++l) M(r + k, c + l) += detail::sum_of_doubles<V>(sum[k][l]);
        }
      }
    }
  }

 private:
  Index at(Index form) const { return (form - form % width) * variables_ + form % width; }

  Index variables_ = 0, forms_ = 0, stride_ = 0;
  Eigen::VectorXd x_;
  mutable Eigen::VectorXd scaled_;
};

}  // namespace robagg::inline ROBAGG_ABI::detail
