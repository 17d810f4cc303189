// SPDX-License-Identifier: BSL-1.0
// Weighted pinball regression over a simplex, by a primal-dual interior point: a predictor and a corrector after Mehrotra, with
// one small normal matrix over the variables. Residuals are boxed in the dual, so that they cost vectors alone. Optimal
// multipliers prove how near the optimum is, whatever the iterations did.
#pragma once

#include "../core.hpp"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>
#include <functional>  // std::greater
#include <limits>
#include <vector>

namespace robagg::inline ROBAGG_ABI::detail {

// min sum_i c_i rho_i(b_i - x_i'w) + n ridge |w|^2 / 2, where x_i is column i and rho_i(e) = max(tau_i e, (tau_i - 1) e).
struct pinball_problem {
  Eigen::MatrixXd x;               // variables x residuals
  Eigen::VectorXd b, c, tau;       // of the residuals
  std::vector<Index> group;        // of each variable, whose weights sum to 1; -1: none
  Index groups = 0;
  std::vector<char> nonnegative;   // of each variable
  std::vector<char> intercept;     // a variable whose x is 0 or 1: not scaled
  Eigen::MatrixXd above;           // variables x m: columns whose products with w stay >= 0
  double ridge = 0;
};
struct pinball_solution {
  Eigen::VectorXd w;
  double objective = 0, gap = 0;
  Index iterations = 0;
  bool converged = false, finite = true;
};

class interior_point {
 public:
  interior_point(pinball_problem& p, double tolerance, Index most) : p_(p), tolerance_(tolerance), most_(most) {}

  pinball_solution solve() {
    Index const P = p_.x.rows(), N = p_.x.cols(), m = p_.above.cols(), E = p_.groups;
    pinball_solution out;
    scale();
    out.finite = std::isfinite(scale_x_);
    if (!out.finite || N == 0) {
      out.w = start(), out.converged = N == 0;
      return out;
    }
    using vec = Eigen::ArrayXd;
    vec w = start(), zw = vec::Zero(P), nu = vec::Zero(E), s(m), zs = vec::Ones(m);
    vec const c = p_.c, ct = c * p_.tau.array(), cu = c - ct;
    vec e = p_.b.array() - (p_.x.transpose() * w.matrix()).array();
    double const delta = std::max(e.abs().mean(), 1e-3);
    vec u = e.max(0.) + delta, v = (-e).max(0.) + delta, lambda = ct - c / 2;
    vec xl = (p_.x * lambda.matrix()).array();
    zw.setConstant(std::max(1., xl.abs().maxCoeff()));
    vec const boxed = bound();
    zw *= boxed;
    if (m > 0) s = (p_.above.transpose() * w.matrix()).array().max(0.) + delta;

    double const ridge = p_.ridge * static_cast<double>(N), best_gap_wanted = tolerance_;
    Eigen::MatrixXd M(P, P);
    Eigen::MatrixXd const units = unit_rows();
    vec best_w = w;
    double best = std::numeric_limits<double>::infinity(), best_bound = -best;
    for (out.iterations = 0;; ++out.iterations) {
      vec const zu = ct - lambda, zv = cu + lambda;
      // What is left of the equations.
      vec const rp = e - u + v;
      vec const re = vec::Ones(E) - (units * w.matrix()).array();
      vec rd = ridge * w - xl - (units.transpose() * nu.matrix()).array() - zw;
      vec rg(m);
      if (m > 0) {
        rd -= (p_.above * zs.matrix()).array();
        rg = s - (p_.above.transpose() * w.matrix()).array();
      }
      double const comp = (u * zu).sum() + (v * zv).sum() + (w * zw).sum() + (s * zs).sum();
      if (!std::isfinite(comp)) break;
      // A proof costs two reads of the data: once it may succeed.
      bool const near = comp <= 1e-3 * ((ct * u).sum() + (cu * v).sum()) || out.iterations >= 8 || out.iterations == 0;
      if (auto const [objective, lower] = near ? certificate(w, lambda, zs) : bounds{not_known, -not_known}; std::isfinite(objective)) {
        bool const feasible = m == 0 || (p_.above.transpose() * tidy(w)).minCoeff() >= -1e-10;
        if (feasible && objective < best) best = objective, best_w = w;
        best_bound = std::max(best_bound, lower);
        if (best - best_bound <= best_gap_wanted * (best + 1e-12)) {
          out.converged = true;
          break;
        }
      }
      if (out.iterations == most_) break;

      vec const hu = u / zu, hv = v / zv, H = 1 / (hu + hv);
      normal_matrix(H, M);
      for (Index j = 0; j < P; ++j) M(j, j) += boxed[j] > 0 ? zw[j] / w[j] : 0;
      M.diagonal().array() += ridge;
      if (m > 0) M.noalias() += p_.above * (zs / s).matrix().asDiagonal() * p_.above.transpose();
      // Models of very different sizes: to a unit diagonal first.
      Eigen::VectorXd const unit = M.diagonal().array().max(1e-300).rsqrt();
      Eigen::MatrixXd scaled = unit.asDiagonal() * M * unit.asDiagonal();
      scaled.diagonal().array() += m > 0 ? 1e-12 : 1e-14;  // rows that must not cross make it nearly singular
      Eigen::LLT<Eigen::MatrixXd> const factor(scaled);
      if (factor.info() != Eigen::Success) break;
      auto const solve = [&](Eigen::MatrixXd const& right) {
        return Eigen::MatrixXd(unit.asDiagonal() * factor.solve(unit.asDiagonal() * right));
      };
      Eigen::MatrixXd MU(P, E);
      if (E > 0) MU = solve(units.transpose());
      Eigen::LDLT<Eigen::MatrixXd> schur(E);
      if (E > 0) schur.compute(units * MU);

      struct direction {
        vec w, nu, lambda, u, v, zu, zv, zw, s, zs;
      };
      auto const towards = [&](vec const& ru, vec const& rv, vec const& rw, vec const& rs) {
        direction d;
        vec const t = H * (rp - ru / zu + rv / zv);
        vec rhs = (p_.x * t.matrix()).array() - rd;
        for (Index j = 0; j < P; ++j) rhs[j] += boxed[j] > 0 ? rw[j] / w[j] : 0;
        if (m > 0) rhs += (p_.above * (zs / s * (rg + rs / zs)).matrix()).array();
        Eigen::VectorXd const first = solve(rhs.matrix());
        d.nu = E > 0 ? vec(schur.solve(re.matrix() - units * first).array()) : vec(E);
        d.w = first.array();
        if (E > 0) d.w += (MU * d.nu.matrix()).array();
        d.lambda = t - H * (p_.x.transpose() * d.w.matrix()).array();
        d.u = (ru + u * d.lambda) / zu, d.v = (rv - v * d.lambda) / zv;
        d.zu = -d.lambda, d.zv = d.lambda;
        if (m > 0) {
          vec const move = (p_.above.transpose() * d.w.matrix()).array();
          d.zs = zs / s * (rg + rs / zs - move);
          d.s = (rs - s * d.zs) / zs;
        } else {
          d.zs = d.s = vec(0);
        }
        d.zw = vec::Zero(P);
        for (Index j = 0; j < P; ++j) d.zw[j] = boxed[j] > 0 ? (rw[j] - zw[j] * d.w[j]) / w[j] : 0;
        return d;
      };
      auto const longest = [](vec const& x, vec const& step) {
        double most = 1;
        for (Index i = 0; i < x.size(); ++i) most = step[i] < 0 ? std::min(most, -x[i] / step[i]) : most;
        return most;
      };
      auto const primal_step = [&](direction const& d) {
        double step = std::min({longest(u, d.u), longest(v, d.v), longest(s, d.s)});
        for (Index j = 0; j < P; ++j) step = boxed[j] > 0 && d.w[j] < 0 ? std::min(step, -w[j] / d.w[j]) : step;
        return step;
      };
      auto const dual_step = [&](direction const& d) {
        double step = std::min({longest(zu, d.zu), longest(zv, d.zv), longest(zs, d.zs)});
        for (Index j = 0; j < P; ++j) step = boxed[j] > 0 && d.zw[j] < 0 ? std::min(step, -zw[j] / d.zw[j]) : step;
        return step;
      };
      direction d = towards(-u * zu, -v * zv, -w * zw, -s * zs);
      double const ap = primal_step(d), ad = dual_step(d);
      double const after = ((u + ap * d.u) * (zu + ad * d.zu)).sum() + ((v + ap * d.v) * (zv + ad * d.zv)).sum() +
                           ((w + ap * d.w) * (zw + ad * d.zw)).sum() + ((s + ap * d.s) * (zs + ad * d.zs)).sum();
      double const pairs = 2 * static_cast<double>(N) + boxed.sum() + static_cast<double>(m);
      double const mu = comp / pairs * std::pow(after / comp, 3);
      d = towards(mu - u * zu - d.u * d.zu, mu - v * zv - d.v * d.zv, mu - w * zw - d.w * d.zw, mu - s * zs - d.s * d.zs);
      // A ridge couples the two sides: one step for both.
      double bp = std::min(1., .9995 * primal_step(d)), bd = std::min(1., .9995 * dual_step(d));
      if (ridge > 0) bp = bd = std::min(bp, bd);
      w += bp * d.w, u += bp * d.u, v += bp * d.v, s += bp * d.s;
      lambda += bd * d.lambda, nu += bd * d.nu, zw += bd * d.zw, zs += bd * d.zs;
      e = p_.b.array() - (p_.x.transpose() * w.matrix()).array(), xl = (p_.x * lambda.matrix()).array();  // anew: data may be 1e6 apart
    }
    if (!(best < not_known)) {  // the steps ended before they came near
      auto const [objective, lower] = certificate(start(), lambda, zs);
      best = objective, best_w = start(), best_bound = std::max(best_bound, lower);
    }
    out.objective = best * scale_x_ * scale_c_;
    out.gap = (best - best_bound) * scale_x_ * scale_c_;
    out.w = tidy(best_w);
    for (Index j = 0; j < P; ++j) out.w[j] *= p_.intercept[static_cast<std::size_t>(j)] ? scale_x_ : 1;
    out.finite = std::isfinite(out.objective);
    return out;
  }

 private:
  static constexpr double not_known = std::numeric_limits<double>::infinity();

  void scale() {
    double largest = p_.b.size() > 0 ? p_.b.cwiseAbs().maxCoeff() : 0;
    for (Index j = 0; j < p_.x.rows(); ++j) {
      if (p_.b.size() > 0 && !p_.intercept[static_cast<std::size_t>(j)]) largest = std::max(largest, p_.x.row(j).cwiseAbs().maxCoeff());
    }
    scale_x_ = p_.x.allFinite() && p_.b.allFinite() ? (largest > 0 ? largest : 1) : std::numeric_limits<double>::infinity();
    if (!std::isfinite(scale_x_) || p_.b.size() == 0) return;
    scale_c_ = p_.c.maxCoeff();
    for (Index j = 0; j < p_.x.rows(); ++j) {
      if (p_.intercept[static_cast<std::size_t>(j)]) continue;
      p_.x.row(j) /= scale_x_;
      if (p_.above.cols() > 0) p_.above.row(j) /= scale_x_;
    }
    p_.b /= scale_x_, p_.c /= scale_c_, p_.ridge /= scale_x_ * scale_c_;
  }
  // Even weights in each group.
  Eigen::ArrayXd start() const {
    Eigen::ArrayXd w = Eigen::ArrayXd::Zero(p_.x.rows());
    std::vector<double> size(static_cast<std::size_t>(p_.groups), 0);
    for (Index const g : p_.group) {
      if (g >= 0) ++size[static_cast<std::size_t>(g)];
    }
    for (Index j = 0; j < w.size(); ++j) {
      Index const g = p_.group[static_cast<std::size_t>(j)];
      w[j] = g >= 0 ? 1 / size[static_cast<std::size_t>(g)] : p_.intercept[static_cast<std::size_t>(j)] ? 0 : 1 / static_cast<double>(w.size());
    }
    return w;
  }
  Eigen::ArrayXd bound() const {
    Eigen::ArrayXd yes(p_.x.rows());
    for (Index j = 0; j < yes.size(); ++j) yes[j] = p_.nonnegative[static_cast<std::size_t>(j)] ? 1 : 0;
    return yes;
  }
  Eigen::MatrixXd unit_rows() const {
    Eigen::MatrixXd units = Eigen::MatrixXd::Zero(p_.groups, p_.x.rows());
    for (Index j = 0; j < p_.x.rows(); ++j) {
      if (Index const g = p_.group[static_cast<std::size_t>(j)]; g >= 0) units(g, j) = 1;
    }
    return units;
  }
  // x diag(h) x', some columns at a time.
  void normal_matrix(Eigen::ArrayXd const& h, Eigen::MatrixXd& M) const {
    constexpr Index block = 256;
    Eigen::MatrixXd weighted(p_.x.rows(), block);
    M.setZero();
    for (Index i = 0; i < p_.x.cols(); i += block) {
      Index const size = std::min(block, p_.x.cols() - i);
      auto part = p_.x.middleCols(i, size);
      weighted.leftCols(size) = part * h.segment(i, size).matrix().asDiagonal();
      M.noalias() += weighted.leftCols(size) * part.transpose();
    }
  }
  // No weight below 0, each group's sum 1.
  Eigen::VectorXd tidy(Eigen::ArrayXd const& raw) const {
    Eigen::VectorXd w = raw;
    std::vector<double> sum(static_cast<std::size_t>(p_.groups), 0);
    for (Index j = 0; j < w.size(); ++j) {
      auto const at = static_cast<std::size_t>(j);
      if (p_.nonnegative[at]) w[j] = std::max(0., w[j]);
      if (p_.group[at] >= 0) sum[static_cast<std::size_t>(p_.group[at])] += w[j];
    }
    for (Index j = 0; j < w.size(); ++j) {
      if (Index const g = p_.group[static_cast<std::size_t>(j)]; g >= 0) w[j] /= sum[static_cast<std::size_t>(g)];
    }
    return w;
  }

  // The objective at w, and a bound below it: any multipliers in their box give one.
  struct bounds {
    double objective, lower;
  };
  bounds certificate(Eigen::ArrayXd const& raw, Eigen::ArrayXd const& lambda, Eigen::ArrayXd const& zs) const {
    Eigen::VectorXd const w = tidy(raw);
    Eigen::ArrayXd const e = p_.b.array() - (p_.x.transpose() * w).array(), c = p_.c, tau = p_.tau;
    double const n_ridge = p_.ridge * static_cast<double>(p_.x.cols());
    double const objective = (c * (tau * e).max((tau - 1) * e)).sum() + .5 * n_ridge * w.squaredNorm();
    Eigen::ArrayXd const boxed = lambda.min(c * tau).max(-c * (1 - tau));
    Eigen::ArrayXd pull = (p_.x * boxed.matrix()).array();
    if (p_.above.cols() > 0) pull += (p_.above * zs.max(0.).matrix()).array();
    double lower = (p_.b.array() * boxed).sum();
    for (Index g = 0; g < p_.groups; ++g) lower -= highest_of_group(g, pull, w, n_ridge);
    // A variable that may be anything has to be pulled by nothing; what is left of it counts by the size of its solution.
    for (Index j = 0; j < w.size(); ++j) {
      auto const at = static_cast<std::size_t>(j);
      if (p_.group[at] >= 0) continue;
      double const left = p_.nonnegative[at] ? std::max(0., pull[j]) : std::abs(pull[j]);
      lower -= n_ridge > 0 ? left * left / (2 * n_ridge) : left * std::abs(w[j]);
    }
    return {objective, std::min(lower, objective)};
  }

  // The most that pull'v - ridge |v|^2 / 2 comes to over a group's weights v, which sum to 1.
  double highest_of_group(Index g, Eigen::ArrayXd const& pull, Eigen::VectorXd const& w, double ridge) const {
    std::vector<double> pulls;
    double free = 0;
    for (Index j = 0; j < w.size(); ++j) {
      if (p_.group[static_cast<std::size_t>(j)] != g) continue;
      pulls.push_back(pull[j]);
      free += p_.nonnegative[static_cast<std::size_t>(j)] ? 0 : std::abs(w[j]);
    }
    std::sort(pulls.begin(), pulls.end(), std::greater<>{});
    if (ridge > 0) {  // v = (pull - t) / ridge, of those that are positive or of all
      double sum = 0, t = 0;
      std::size_t size = 0;
      for (std::size_t k = 0; k < pulls.size(); ++k) {
        sum += pulls[k];
        double const level = (sum - ridge) / static_cast<double>(k + 1);
        if (free > 0 || pulls[k] > level) t = level, size = k + 1;
      }
      double most = 0;
      for (std::size_t k = 0; k < size; ++k) {
        double const v = (pulls[k] - t) / ridge;
        most += v * (pulls[k] - .5 * ridge * v);
      }
      return most;
    }
    // All on the one that is pulled most; without a sign all have to be pulled alike.
    double sum = 0;
    for (double const v : pulls) sum += v;
    return free > 0 ? sum / static_cast<double>(pulls.size()) + (pulls.front() - pulls.back()) * free : pulls.front();
  }

  pinball_problem& p_;
  double tolerance_, scale_x_ = 1, scale_c_ = 1;
  Index most_;
};

}  // namespace robagg::inline ROBAGG_ABI::detail
