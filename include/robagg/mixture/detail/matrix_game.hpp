// SPDX-License-Identifier: BSL-1.0
// The value of a matrix game, by the simplex method on a condensed tableau.
//
// A has a row for each thing that nature may do and a column for each option of ours, all entries in [1, 2]. Nature's q >= 0
// with q'A <= 1 and the largest sum has value 1 / sum; q / sum is her mixture, and the shadow prices over their sum are ours.
// q = 0 is where it starts, so that no first phase is needed. The tableau has a row for each option and a column for each q;
// one pivot exchanges a row with a column, m n multiplications.
#pragma once

#include "../../workspace.hpp"

#include <algorithm>
#include <cmath>

namespace robagg::inline ROBAGG_ABI::detail {

class matrix_game {
 public:
  static std::size_t scratch(Index rows, Index options) {
    return workspace::room<double>((options + 1) * (rows + 1)) + workspace::room<Index>(rows + options);
  }
  // A(i, j) is what option j gives in row i.
  matrix_game(Index rows, Index options, auto const& A, workspace& ws)
      : m_(options), n_(rows), tableau_(ws.take<double>((m_ + 1) * (n_ + 1))), names_(ws.take<Index>(m_ + n_)) {
    for (Index j = 0; j < m_; ++j) {
      for (Index i = 0; i < n_; ++i) row(j)[i] = A(i, j);
      row(j)[n_] = 1;
    }
    for (Index i = 0; i < n_; ++i) {  // q_i is in no basis
      row(m_)[i] = -1;
      names_[i] = i;
    }
    row(m_)[n_] = 0;
    for (Index j = 0; j < m_; ++j) names_[n_ + j] = n_ + j;  // the slack of option j is
  }
  // Our mixture of options; `pivots` at most. Whether that was enough is for the caller to say, who knows the game.
  void solve(Index pivots, double* ours) {
    Index idle = 0;  // pivots that gained nothing, after which the lowest names go first: that cannot turn in a circle
    double last = 0;
    for (; pivots > 0; --pivots) {
      Index const column = entering(idle > 8);
      if (column < 0) break;
      Index const leaving = leaving_row(column);
      if (leaving < 0) break;
      pivot(leaving, column);
      idle = row(m_)[n_] > last ? 0 : idle + 1;
      last = row(m_)[n_];
    }
    std::fill_n(ours, m_, 0.);
    double sum = 0;
    for (Index i = 0; i < n_; ++i) {
      if (names_[i] >= n_) sum += ours[names_[i] - n_] = std::max(0., row(m_)[i]);
    }
    for (Index j = 0; j < m_; ++j) ours[j] /= sum;
  }
  // And nature's.
  void theirs(double* mixture) const {
    std::fill_n(mixture, n_, 0.);
    double sum = 0;
    for (Index j = 0; j < m_; ++j) {
      if (names_[n_ + j] < n_) sum += mixture[names_[n_ + j]] = std::max(0., row(j)[n_]);
    }
    for (Index i = 0; i < n_; ++i) mixture[i] /= sum;
  }

 private:
  static constexpr double none = 1e-12;  // entries are about 1

  auto line(Index j) const { return Eigen::Map<Eigen::ArrayXd>(row(j), n_ + 1); }
  double* row(Index j) const { return tableau_ + j * (n_ + 1); }
  Index entering(bool by_name) const {
    Index best = -1;
    for (Index i = 0; i < n_; ++i) {
      if (!(row(m_)[i] < -none)) continue;
      if (best < 0 || (by_name ? names_[i] < names_[best] : row(m_)[i] < row(m_)[best])) best = i;
    }
    return best;
  }
  Index leaving_row(Index column) const {
    Index best = -1;
    double least = 0;
    for (Index j = 0; j < m_; ++j) {
      if (!(row(j)[column] > none)) continue;
      double const ratio = std::max(0., row(j)[n_]) / row(j)[column];
      if (best < 0 || ratio < least || (ratio == least && names_[n_ + j] < names_[n_ + best])) {
        best = j;
        least = ratio;
      }
    }
    return best;
  }
  void pivot(Index leaving, Index column) {
    double* const own = row(leaving);
    double const inverse = 1 / own[column];
    own[column] = 1;
    line(leaving) *= inverse;
    for (Index j = 0; j <= m_; ++j) {
      double const factor = row(j)[column];
      if (j == leaving || factor == 0) continue;
      row(j)[column] = 0;
      line(j) -= factor * line(leaving);
    }
    std::swap(names_[column], names_[n_ + leaving]);
  }

  Index m_, n_;
  double* tableau_;
  Index* names_;  // of columns, then of rows: i < n for q_i, n + j for the slack of option j
};

}  // namespace robagg::inline ROBAGG_ABI::detail
