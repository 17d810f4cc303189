// SPDX-License-Identifier: BSL-1.0
// Weighted pinball regression over a simplex: a primal-dual interior point method with Mehrotra's predictor and corrector.
//
//     minimise   sum_i c_i rho_i(b_i - x_i'w) + n ridge |w|^2 / 2        w: P weights; x_i: form i, of N
//     subject to w >= 0 where nonnegative, the weights of each group sum to 1, above'w >= 0
//
// A form's residual is split: b_i - x_i'w = u_i - v_i with u, v >= 0. In the dual its multiplier lambda_i lies in a box,
// so that an iteration solves one P x P system and handles the N residuals as vectors. Multipliers in their boxes bound the
// objective from below: the gap that is reported holds whatever the iterations did.
#pragma once

#include "../../core.hpp"
#include "panels.hpp"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>
#include <functional>  // std::greater
#include <limits>
#include <vector>

namespace robagg::inline ROBAGG_ABI::detail {

// min sum_i c_i rho_i(b_i - x_i'w) + n ridge |w|^2 / 2, where x_i is form i and rho_i(e) = max(tau_i e, (tau_i - 1) e).
struct pinball_problem {
  using number = double;
  panels x;
  Eigen::VectorXd b, c, tau;  // of the residuals; of forms that only fill a packet c and tau are 1 and 1/2
  Index residuals = 0;
  std::vector<Index> group;  // of each variable, whose weights sum to 1; -1: none
  Index groups = 0;
  std::vector<char> nonnegative;  // of each variable
  std::vector<char> intercept;    // a variable whose x is 0 or 1: not scaled
  Eigen::MatrixXd above;          // variables x m: columns whose products with w stay >= 0
  double ridge = 0;
};
struct pinball_solution {
  Eigen::VectorXd w;
  double objective = 0, gap = 0;
  Index iterations = 0;
  bool converged = false, finite = true;
};

// A template, and its matrices of a number that it is told, so that only those who fit weights compile it.
template <class Problem>
class interior_point {
  using number = typename Problem::number;
  using matrix = Eigen::Matrix<number, Eigen::Dynamic, Eigen::Dynamic>;
  using vector = Eigen::Matrix<number, Eigen::Dynamic, 1>;
  using vec = Eigen::Array<number, Eigen::Dynamic, 1>;

 public:
  interior_point(Problem& p, double tolerance, Index most) : p_(p), tolerance_(tolerance), most_(most) {}

  pinball_solution solve() {
    Index const P = p_.x.variables(), N = p_.x.forms(), m = p_.above.cols(), E = p_.groups;
    pinball_solution out;
    scale();
    out.finite = std::isfinite(scale_x_);
    if (!out.finite || p_.residuals == 0) {
      out.w = start();
      out.converged = p_.residuals == 0;
      return out;
    }
    w_ = start();
    zw_.setZero(P);
    boxed_ = bound();
    nu_.setZero(E);
    zs_.setOnes(m);
    s_.resize(m);
    for (vec* const v : {&u_, &v_, &zu_, &zv_, &lambda_, &h_, &t_, &rp_, &cu_, &cv_, &dl_}) v->resize(N);
    begin();
    double const ridge = p_.ridge * static_cast<double>(p_.residuals);
    matrix M(P, P);
    matrix const units = unit_rows();
    vec best_w = w_;
    double best = not_known, best_bound = -best;
    for (out.iterations = 0;; ++out.iterations) {
      M.setZero();
      auto const [loss, value, pairs_product] = look(M);
      vec const re = vec::Ones(E) - (units * w_.matrix()).array();
      vec rd = ridge * w_ - xl_ - (units.transpose() * nu_.matrix()).array() - zw_;
      vec rg(m);
      double lowest = 0;
      if (m > 0) {
        vec const above = (p_.above.transpose() * w_.matrix()).array();
        rd -= (p_.above * zs_.matrix()).array();
        rg = s_ - above;
        lowest = above.minCoeff();
      }
      double const comp = pairs_product + (w_ * zw_).sum() + (s_ * zs_).sum();
      if (!std::isfinite(comp)) break;
      double const objective = loss + .5 * ridge * w_.matrix().squaredNorm();
      if (lowest >= -1e-10 && objective < best) {
        best = objective;
        best_w = w_;
      }
      best_bound = std::max(best_bound, lower_bound(w_, value, ridge));
      if (best < not_known &&
          best - best_bound <= tolerance_ * best + 1e-16) {  // half a unit in the last place of the largest term
        out.converged = true;
        break;
      }
      if (out.iterations == most_) break;

      for (Index j = 0; j < P; ++j) M(j, j) += boxed_[j] > 0 ? zw_[j] / w_[j] : 0;
      M.diagonal().array() += ridge;
      M.template triangularView<Eigen::StrictlyUpper>() = M.transpose();
      if (m > 0) M.noalias() += p_.above * (zs_ / s_).matrix().asDiagonal() * p_.above.transpose();
      // Models of very different sizes: to a unit diagonal first.
      vector const unit = M.diagonal().array().max(1e-300).rsqrt();
      matrix scaled = unit.asDiagonal() * M * unit.asDiagonal();
      scaled.diagonal().array() += m > 0 ? 1e-12 : 1e-14;  // rows that must not cross make it nearly singular
      Eigen::LLT<matrix> const factor(scaled);
      if (factor.info() != Eigen::Success) break;
      auto const solve = [&](matrix const& right) {
        return matrix(unit.asDiagonal() * factor.solve(unit.asDiagonal() * right));
      };
      matrix MU(P, E);
      if (E > 0) MU = solve(units.transpose());
      Eigen::LDLT<matrix> schur(E);
      if (E > 0) schur.compute(units * MU);

      struct direction {
        vec w, nu, zw, s, zs;
        movement forms;
        double primal, dual;  // how far until something is 0, at most 1
      };
      // What the products of variables and prices shall change by: of weights and constraints; of residuals it is in t_.
      auto const towards = [&](vec const& rw, vec const& rs, bool predictor) {
        direction d;
        vec rhs = xt_ - rd;
        for (Index j = 0; j < P; ++j) rhs[j] += boxed_[j] > 0 ? rw[j] / w_[j] : 0;
        if (m > 0) rhs += (p_.above * (zs_ / s_ * (rg + rs / zs_)).matrix()).array();
        vector const first = solve(rhs.matrix());
        d.nu = E > 0 ? vec(schur.solve(re.matrix() - units * first).array()) : vec(E);
        d.w = first.array();
        if (E > 0) d.w += (MU * d.nu.matrix()).array();
        d.forms = move(d.w, predictor);
        d.zs = d.s = vec(m);
        if (m > 0) {
          vec const by = (p_.above.transpose() * d.w.matrix()).array();
          d.zs = zs_ / s_ * (rg + rs / zs_ - by);
          d.s = (rs - s_ * d.zs) / zs_;
        }
        d.zw = vec::Zero(P);
        d.primal = std::min(d.forms.primal, longest(s_, d.s));
        d.dual = std::min(d.forms.dual, longest(zs_, d.zs));
        for (Index j = 0; j < P; ++j) {
          if (!(boxed_[j] > 0)) continue;
          d.zw[j] = (rw[j] - zw_[j] * d.w[j]) / w_[j];
          if (d.w[j] < 0) d.primal = std::min(d.primal, -w_[j] / d.w[j]);
          if (d.zw[j] < 0) d.dual = std::min(d.dual, -zw_[j] / d.zw[j]);
        }
        return d;
      };
      direction d = towards(-w_ * zw_, -s_ * zs_, true);
      double const ap = d.primal, ad = d.dual;
      double const after = pairs_product + ap * d.forms.first + ad * d.forms.second + ap * ad * d.forms.third +
                           ((w_ + ap * d.w) * (zw_ + ad * d.zw)).sum() + ((s_ + ap * d.s) * (zs_ + ad * d.zs)).sum();
      double const pairs = 2 * static_cast<double>(N) + boxed_.sum() + static_cast<double>(m);
      double const mu = comp / pairs * std::pow(after / comp, 3);
      aim(mu);
      d = towards(mu - w_ * zw_ - d.w * d.zw, mu - s_ * zs_ - d.s * d.zs, false);
      // A ridge couples the two sides: one step for both.
      double bp = std::min(1., .9995 * d.primal), bd = std::min(1., .9995 * d.dual);
      if (ridge > 0) bp = bd = std::min(bp, bd);
      step(bp, bd);
      w_ += bp * d.w;
      s_ += bp * d.s;
      nu_ += bd * d.nu;
      zw_ += bd * d.zw;
      zs_ += bd * d.zs;
    }
    bool const known = best < not_known;
    if (!known) best_w = start();  // the steps ended before they came near, or forecasts have to cross: nothing is proved
    out.w = tidy(best_w);
    double const objective = loss(out.w) + .5 * ridge * out.w.squaredNorm();
    out.objective = objective * scale_x_ * scale_c_;
    out.gap = known ? std::max(0., objective - best_bound) * scale_x_ * scale_c_ : not_known;
    for (Index j = 0; j < P; ++j) out.w[j] *= p_.intercept[static_cast<std::size_t>(j)] ? scale_x_ : 1;
    out.finite = std::isfinite(out.objective);
    return out;
  }

 private:
  using V = panels::V;
  static constexpr Index L = panels::L;
  static constexpr double not_known = std::numeric_limits<double>::infinity();
  static V load(vec const& x, Index i) { return detail::load<V>(x.data() + i); }
  static void store(vec& x, Index i, V v) { detail::store<V>(x.data() + i, v); }

  // One visit a panel, with its forms' values at w.
  void at_values(auto const& w, auto&& visit) {
    p_.x.for_each([&](Index o, Index n) {
      p_.x.values(o, n, w.data(), values_);
      visit(o, n);
    });
  }

  // Residuals that are surely positive on both sides, prices in the middle of their boxes.
  void begin() {
    double sum = 0;
    at_values(w_, [&](Index o, Index n) {
      for (Index i = 0; i < n; ++i) rp_[o + i] = p_.b[o + i] - values_[i], sum += std::abs(rp_[o + i]);
    });
    double const delta = std::max(sum / static_cast<double>(p_.residuals), 1e-3);
    u_ = rp_.max(0.) + delta;
    v_ = (-rp_).max(0.) + delta;
    zu_ = zv_ = p_.c.array() / 2;
    lambda_ = p_.c.array() * (p_.tau.array() - .5);
    xl_.setZero(w_.size());
    p_.x.for_each([&](Index o, Index n) { p_.x.add_weighted(o, n, lambda_.data() + o, xl_.data()); });
    zw_ = std::max(1., xl_.abs().maxCoeff()) * boxed_;
    if (p_.above.cols() > 0) s_ = (p_.above.transpose() * w_.matrix()).array().max(0.) + delta;
  }

  // The first read of an iteration: the loss at w, the prices' value, the sum of products of residuals and prices; the matrix,
  // and what the predictor needs, while a panel is in cache.
  struct seen {
    double loss, value, products;
  };
  seen look(matrix& M) {
    xl_.setZero();
    xt_.setZero(w_.size());
    seen sum{0, 0, 0};
    at_values(w_, [&](Index o, Index n) {
      V loss{}, value{}, products{};
      for (Index i = 0; i < n; i += L) {
        Index const k = o + i;
        V const b = detail::load<V>(p_.b.data() + k), c = detail::load<V>(p_.c.data() + k),
                above = c * detail::load<V>(p_.tau.data() + k);
        V const e = b - detail::load<V>(values_ + i), u = load(u_, k), v = load(v_, k), zu = load(zu_, k), zv = load(zv_, k);
        loss += detail::upper(above * e, (above - c) * e);
        V const lambda = detail::upper(detail::lower(load(lambda_, k), above), above - c);
        store(lambda_, k, lambda);
        value += b * lambda;
        products += u * zu + v * zv;
        V const rp = e - u + v, h = 1. / (u / zu + v / zv);
        store(rp_, k, rp), store(h_, k, h), store(t_, k, h * e);
      }
      sum.loss += detail::sum_of_doubles<V>(loss), sum.value += detail::sum_of_doubles<V>(value),
          sum.products += detail::sum_of_doubles<V>(products);
      p_.x.add_weighted(o, n, lambda_.data() + o, xl_.data());
      p_.x.add_weighted(o, n, t_.data() + o, xt_.data());
      p_.x.add_products(o, n, h_.data() + o, M);
    });
    return sum;
  }

  // How far residuals and prices may move along with dw, and the sums from which the products after a step follow.
  struct movement {
    double primal = 1, dual = 1, first = 0, second = 0, third = 0;
  };
  movement move(vec const& dw, bool predictor) {
    V fall{}, price_fall{}, first{}, second{}, third{};
    at_values(dw, [&](Index o, Index n) {
      for (Index i = 0; i < n; i += L) {
        Index const k = o + i;
        V const dl = load(t_, k) - load(h_, k) * detail::load<V>(values_ + i);
        V const u = load(u_, k), v = load(v_, k), zu = load(zu_, k), zv = load(zv_, k);
        V const up = dl / zu, down = dl / zv;
        V const cu = predictor ? -u : load(cu_, k), cv = predictor ? -v : load(cv_, k);
        V const du = cu + u * up, dv = cv - v * down;
        price_fall = detail::upper(price_fall, detail::upper(up, -down));
        fall = detail::upper(fall, detail::upper(-du / u, -dv / v));
        store(dl_, k, dl);
        if (predictor) {
          first += du * zu + dv * zv;
          second += (v - u) * dl;
          third += (dv - du) * dl;
        } else {
          store(cu_, k, du), store(cv_, k, dv);
        }
      }
    });
    movement out;
    for (Index l = 0; l < L; ++l) {
      out.primal = std::min(out.primal, 1 / detail::get(fall, l));
      out.dual = std::min(out.dual, 1 / detail::get(price_fall, l));
    }
    out.first = detail::sum_of_doubles<V>(first);
    out.second = detail::sum_of_doubles<V>(second);
    out.third = detail::sum_of_doubles<V>(third);
    return out;
  }

  // The corrector's: every product shall be mu, less what the predictor's move brings in second order.
  void aim(double mu) {
    xt_.setZero();
    V const centre = detail::all<V>(mu);
    p_.x.for_each([&](Index o, Index n) {
      for (Index i = 0; i < n; i += L) {
        Index const k = o + i;
        V const u = load(u_, k), v = load(v_, k), over_zu = 1. / load(zu_, k), over_zv = 1. / load(zv_, k), dl = load(dl_, k);
        V const du = u * dl * over_zu - u, dv = -v * dl * over_zv - v;
        V const cu = (centre + du * dl) * over_zu - u, cv = (centre - dv * dl) * over_zv - v;
        store(cu_, k, cu), store(cv_, k, cv), store(t_, k, load(h_, k) * (load(rp_, k) - cu + cv));
      }
      p_.x.add_weighted(o, n, t_.data() + o, xt_.data());
    });
  }
  void step(double primal, double dual) {
    V const bp = detail::all<V>(primal), bd = detail::all<V>(dual);
    for (Index k = 0; k < u_.size(); k += L) {
      V const dl = bd * load(dl_, k);
      store(u_, k, load(u_, k) + bp * load(cu_, k));
      store(v_, k, load(v_, k) + bp * load(cv_, k));
      store(lambda_, k, load(lambda_, k) + dl);
      store(zu_, k, load(zu_, k) - dl);
      store(zv_, k, load(zv_, k) + dl);
    }
  }
  double loss(vector const& w) {
    double sum = 0;
    at_values(w, [&](Index o, Index n) {
      for (Index i = 0; i < n; ++i) {
        double const e = p_.b[o + i] - values_[i], tau = p_.tau[o + i];
        sum += p_.c[o + i] * std::max(tau * e, (tau - 1) * e);
      }
    });
    return sum;
  }
  static double longest(vec const& x, vec const& step) {
    double most = 1;
    for (Index i = 0; i < x.size(); ++i) most = step[i] < 0 ? std::min(most, -x[i] / step[i]) : most;
    return most;
  }

  void scale() {
    double largest = p_.residuals > 0 ? p_.b.cwiseAbs().maxCoeff() : 0;
    bool finite = p_.b.allFinite();
    for (Index j = 0; j < p_.x.variables(); ++j) {
      p_.x.for_rows(j, [&](auto row) {
        finite = finite && row.allFinite();
        if (!p_.intercept[static_cast<std::size_t>(j)]) largest = std::max(largest, row.abs().maxCoeff());
      });
    }
    scale_x_ = finite ? (largest > 0 ? largest : 1) : not_known;
    if (!std::isfinite(scale_x_) || p_.residuals == 0) return;
    scale_c_ = p_.c.head(p_.residuals).maxCoeff();
    for (Index j = 0; j < p_.x.variables(); ++j) {
      if (p_.intercept[static_cast<std::size_t>(j)]) continue;
      p_.x.for_rows(j, [&](auto row) { row /= scale_x_; });
      if (p_.above.cols() > 0) p_.above.row(j) /= scale_x_;
    }
    p_.b /= scale_x_;
    p_.c.head(p_.residuals) /= scale_c_;
    p_.ridge /= scale_x_ * scale_c_;
  }
  // Even weights in each group.
  vec start() const {
    vec w = vec::Zero(p_.x.variables());
    std::vector<double> size(static_cast<std::size_t>(p_.groups), 0);
    for (Index const g : p_.group) {
      if (g >= 0) ++size[static_cast<std::size_t>(g)];
    }
    for (Index j = 0; j < w.size(); ++j) {
      Index const g = p_.group[static_cast<std::size_t>(j)];
      w[j] = g >= 0                                      ? 1 / size[static_cast<std::size_t>(g)]
             : p_.intercept[static_cast<std::size_t>(j)] ? 0
                                                         : 1 / static_cast<double>(w.size());
    }
    return w;
  }
  vec bound() const {
    vec yes(p_.x.variables());
    for (Index j = 0; j < yes.size(); ++j) yes[j] = p_.nonnegative[static_cast<std::size_t>(j)] ? 1 : 0;
    return yes;
  }
  matrix unit_rows() const {
    matrix units = matrix::Zero(p_.groups, p_.x.variables());
    for (Index j = 0; j < p_.x.variables(); ++j) {
      if (Index const g = p_.group[static_cast<std::size_t>(j)]; g >= 0) units(g, j) = 1;
    }
    return units;
  }
  // No weight below 0, each group's sum 1.
  vector tidy(vec const& raw) const {
    vector w = raw;
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

  // No weights have less loss: any multipliers in their box give such a bound.
  double lower_bound(vec const& w, double value, double n_ridge) const {
    vec pull = xl_;
    if (p_.above.cols() > 0) pull += (p_.above * zs_.max(0.).matrix()).array();
    double lower = value;
    for (Index g = 0; g < p_.groups; ++g) lower -= highest_of_group(g, pull, w, n_ridge);
    // A variable that may be anything has to be pulled by nothing; what is left of it counts by the size of its solution.
    for (Index j = 0; j < w.size(); ++j) {
      auto const at = static_cast<std::size_t>(j);
      if (p_.group[at] >= 0) continue;
      double const left = p_.nonnegative[at] ? std::max(0., pull[j]) : std::abs(pull[j]);
      lower -= n_ridge > 0 ? left * left / (2 * n_ridge) : left * std::abs(w[j]);
    }
    return lower;
  }

  // The most that pull'v - ridge |v|^2 / 2 comes to over a group's weights v, which sum to 1.
  double highest_of_group(Index g, vec const& pull, vec const& w, double ridge) const {
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
        if (free > 0 || pulls[k] > level) {
          t = level;
          size = k + 1;
        }
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

  Problem& p_;
  double tolerance_, scale_x_ = 1, scale_c_ = 1;
  Index most_;
  vec u_, v_;                      // N: the parts of the residuals above and below 0
  vec zu_, zv_;                    // N: the dual slacks of u >= 0 and v >= 0
  vec lambda_;                     // N: the multiplier of each residual
  vec h_, t_, rp_, cu_, cv_, dl_;  // N: scratch of one iteration
  vec w_, zw_, boxed_;             // P: the weights, the dual slacks of w >= 0, which weights are >= 0
  vec nu_;                         // a group: the multiplier of its sum
  vec s_, zs_;                     // a column of `above`: its slack and its multiplier
  vec xl_, xt_;                    // P: sum_i lambda_i x_i and sum_i t_i x_i
  alignas(64) double values_[panels::width];
};

}  // namespace robagg::inline ROBAGG_ABI::detail
