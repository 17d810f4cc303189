// SPDX-License-Identifier: BSL-1.0
// The point s of the simplex with the largest c.s - s'Qs / 2, for Q symmetric and positive semidefinite.
//
// An active set: options in use are the corners of a face, and s goes to the best point of its plane, or as far as the face
// reaches, where an option goes out of use. What is best there lets the option in whose slope is largest. The face always
// has a unique best point but for the newest corner, along which the slope may be constant: then s moves that way until it
// leaves the face. Every step gains, so that no face comes back.
#pragma once

#include "../../workspace.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace robagg::inline ROBAGG_ABI::detail {

class simplex_quadratic {
 public:
  static std::size_t scratch(Index n) {
    return workspace::room<double>(n * n) + 3 * workspace::room<double>(n) + workspace::room<Index>(n);
  }
  // Q(i, j) and c[i] of a size of about 1 at most.
  simplex_quadratic(Index n, double const* Q, double const* c, double* s, workspace& ws)
      : n_(n),
        Q_(Q),
        c_(c),
        s_(s),
        factor_(ws.take<double>(n * n)),
        step_(ws.take<double>(n)),
        slope_(ws.take<double>(n)),
        used_(ws.take<Index>(n)) {}

  // Returns what the objective may be below its maximum, at most.
  double maximise() {
    std::fill_n(s_, n_, 0.);
    Index const first = std::max_element(c_, c_ + n_) - c_;
    s_[first] = 1;
    used_[0] = first;
    count_ = 1;
    double gap = std::numeric_limits<double>::infinity();
    for (Index round = 0; round < 100 + 20 * n_; ++round) {
      Index const best = find_slopes();
      double const last = std::exchange(gap, slope_[best]);
      for (Index i = 0; i < n_; ++i) gap -= s_[i] * slope_[i];
      if (gap <= 1e-15) break;
      // What is in use already is only not quite right: once more, as long as that helps.
      if (std::find(used_, used_ + count_, best) == used_ + count_) {
        used_[count_++] = best;
      } else if (count_ == 1 || gap > last / 2) {
        break;
      }
      while (!move_to_best()) find_slopes();
    }
    return std::max(0., gap);
  }

 private:
  double q(Index i, Index j) const { return Q_[i * n_ + j]; }
  // Between corners: how the slope of moving from the first corner to i changes with moving to j.
  double between(Index i, Index j) const {
    Index const o = used_[0];
    return q(i, j) - q(i, o) - q(o, j) + q(o, o);
  }
  Index find_slopes() {
    for (Index i = 0; i < n_; ++i) {
      slope_[i] = c_[i];
      for (Index k = 0; k < count_; ++k) slope_[i] -= q(i, used_[k]) * s_[used_[k]];
    }
    return std::max_element(slope_, slope_ + n_) - slope_;
  }
  // One step; whether it ended inside the face, at the best point of its plane.
  bool move_to_best() {
    Index const k = count_ - 1;
    bool const flat = !solve(k);
    double first = 0, reach = flat ? std::numeric_limits<double>::infinity() : 1;
    for (Index a = 0; a < k; ++a) first -= step_[a];
    Index out = -1;
    for (Index a = 0; a < count_; ++a) {
      double const move = a == 0 ? first : step_[a - 1];
      if (move < 0 && s_[used_[a]] < -move * reach) {
        reach = s_[used_[a]] / -move;
        out = a;
      }
    }
    if (reach > 1e300) return true;  // nothing moves
    for (Index a = 0; a < count_; ++a) s_[used_[a]] += reach * (a == 0 ? first : step_[a - 1]);
    if (out < 0) return true;
    s_[used_[out]] = 0;
    std::copy(used_ + out + 1, used_ + count_, used_ + out), --count_;
    return count_ == 1;
  }
  // The step to the best point, by Cholesky; or, where the newest corner's direction is flat, along it.
  bool solve(Index k) {
    auto const at = [&](Index a, Index b) -> double& { return factor_[a * n_ + b]; };
    for (Index a = 0; a < k; ++a) {
      for (Index b = 0; b <= a; ++b) {
        double sum = between(used_[a + 1], used_[b + 1]);
        double const whole = sum;
        for (Index c = 0; c < b; ++c) sum -= at(a, c) * at(b, c);
        if (a > b) {
          at(a, b) = sum / at(b, b);
        } else if (sum > 1e-13 * whole && sum > 1e-300) {
          at(a, a) = std::sqrt(sum);
        } else if (a == k - 1) {
          return along(a), false;
        } else {
          at(a, a) = std::sqrt(std::max(1e-13 * whole, 1e-300));  // a corner that rounding made flat
        }
      }
    }
    for (Index a = 0; a < k; ++a) {
      step_[a] = slope_[used_[a + 1]] - slope_[used_[0]];
      for (Index c = 0; c < a; ++c) step_[a] -= at(a, c) * step_[c];
      step_[a] /= at(a, a);
    }
    back(k);
    return true;
  }
  void along(Index a) {
    for (Index c = 0; c < a; ++c) step_[c] = -factor_[a * n_ + c];
    back(a);
    step_[a] = 1;
  }
  void back(Index k) {
    for (Index a = k; a-- > 0;) {
      for (Index c = a + 1; c < k; ++c) step_[a] -= factor_[c * n_ + a] * step_[c];
      step_[a] /= factor_[a * n_ + a];
    }
  }

  Index n_, count_ = 0;
  double const *Q_, *c_;
  double *s_, *factor_, *step_, *slope_;
  Index* used_;
};

}  // namespace robagg::inline ROBAGG_ABI::detail
