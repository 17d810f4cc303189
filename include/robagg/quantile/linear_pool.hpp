// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/base/normal.hpp"
#include "../detail/select/radix.hpp"
#include "../detail/table/check.hpp"
#include "../detail/table/output.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace robagg::inline ROBAGG_ABI {

/// What a forecast says beyond its outermost levels: all mass at the outermost quantiles; the first and last slope going on;
/// the normal distribution through the two outermost quantiles of a side.
enum class tails { clamp, linear, normal };
constexpr std::array<std::string_view, 3> enumerators(tails) { return {"clamp", "linear", "normal"}; }

/// The linear opinion pool of quantile forecasts: the quantiles of the average of their distribution functions. At least as
/// wide as the average of their quantiles (`mean`), with the same mean.
///
/// Shapes     p models x r levels -> a quantile for each of `at`, by default for each level.
/// Ranges     levels and `at` in (0, 1), levels ascending, rows that do not cross.
/// Errors     another number of levels, one alone for tails other than clamp, levels that do not ascend, values out of range;
///            rows that cross (isotonic and rearrange repair them), NaN or infinite; n = 0.
/// Guarantee  exact, up to rounding, for distribution functions that are linear between levels (and for linear and clamped
///            tails): the smallest x at which the pool reaches the level. Ascends with the level.
/// Cost       O(p^2 r + p r log(p r)) a table.
/// NaN        refused.   Weights  the models'.   Ties  equal quantiles of one model are a jump there.
/// Source     definition; Stone, 1961.             Example  examples/quantile_ensemble.cpp
struct linear_pool {
  list<double> levels;
  list<double> at = {};
  robagg::tails tails = robagg::tails::clamp;

  static constexpr int reads = detail::has_weights;
  static constexpr void parameters(auto& op, auto visit) {
    visit("levels", op.levels), visit("at", op.at), visit("tails", op.tails);
  }

  void check(Index) const {
    for (list<double> const values : {levels, at}) {
      for (double const v : values) {
        if (!(v > 0 && v < 1)) detail::refuse(*this, "needs levels in (0, 1)", {{"level", v}});
      }
    }
    for (Index k = 1; k < levels.size(); ++k) {
      if (!(levels[k - 1] < levels[k])) detail::refuse(*this, "needs ascending levels", {{"column", k}, {"level", levels[k]}});
    }
    if (tails != robagg::tails::clamp && levels.size() == 1)
      detail::refuse(*this, "needs two levels or more for its tails", {{"levels", 1}});
  }

  std::size_t scratch(auto const& r) const {
    return 5 * workspace::room<double>(r.rows() * (r.cols() + 2)) + 6 * workspace::room<double>(r.rows());
  }
  template <any_reports R>
  void into(R const& r, auto&& out, workspace& ws) const {
    auto&& entered = detail::enter(*this, r);
    detail::need(*this, scratch(r), ws);
    Index const n = r.rows(), d = r.cols(), size = d + 2;
    if (levels.size() != d) detail::refuse(*this, "needs a level for each column", {{"levels", levels.size()}, {"columns", d}});
    list<double> const wanted = at.empty() ? levels : at;
    auto const fit = [&] { detail::fit_vector(*this, out, wanted.size(), at.empty() ? "d" : "at.size()"); };
    if (d == 0) return fit();
    auto const scope = ws.scope();
    auto const& x = detail::plain_of(entered);
    double* const weights = ws.take<double>(n);
    detail::read_weights(r, weights);
    pool all{n,
             size,
             weights,
             ws.take<double>(n * size),
             ws.take<double>(size * (tails == tails::linear ? n : 1)),
             ws.take<double>(4 * n),
             tails};
    double total = 0;
    for (Index j = 0; j < n; ++j) total += weights[j];
    for (Index j = 0; j < n; ++j) weights[j] /= total;
    for (Index j = 0; j < n; ++j) read(x, j, all);
    fit();

    // All knots, and what the pool is there, from the right and from the left.
    Index knots = 0;
    double* const place = ws.take<double>(n * size);
    for (Index k = 0; k < n * size; ++k) place[k] = all.x[k];
    detail::sort_values(place, n * size, ws);
    knots = std::unique(place, place + n * size) - place;
    double* const right = ws.take<double>(knots);
    double* const left = ws.take<double>(knots);
    Index* const cursor = ws.take<Index>(n);
    std::fill_n(cursor, n, Index{0});
    for (Index k = 0; k < knots; ++k) {
      left[k] = right[k] = 0;
      for (Index j = 0; j < n; ++j) {
        if (weights[j] == 0) continue;
        left[k] += weights[j] * all.value(j, place[k], cursor[j]);
        while (cursor[j] < size && all.x[j * size + cursor[j]] <= place[k]) ++cursor[j];
        right[k] += weights[j] * all.value(j, place[k], cursor[j]);
      }
    }
    for (Index w = 0; w < wanted.size(); ++w) {
      double const p = wanted[w];
      // Sums of weights miss 1, and levels, by rounding.
      Index const k = std::partition_point(right, right + knots, [&](double v) { return v < p - 1e-14; }) - right;
      double value = 0;
      if (tails == tails::normal && (k == 0 || k == knots || left[k] >= p)) {
        value = all.search(p, k == 0 ? place[0] : place[std::min(k, knots) - 1], k == knots ? place[knots - 1] : place[k],
                           k == 0, k == knots);
      } else if (k == knots) {
        value = place[knots - 1];
      } else if (k == 0 || left[k] < p - 1e-14) {
        value = place[k];
      } else {
        double const from = right[k - 1], rise = left[k] - from;
        value =
            rise > 0 ? place[k - 1] + (place[k] - place[k - 1]) * std::min(1., std::max(0., (p - from) / rise)) : place[k - 1];
      }
      detail::store(out, w, &value, 1);
    }
  }
  /// One quantile for each of `at`, or of the levels.
  template <any_reports R>
  auto operator()(R const& r) const {
    workspace ws;
    Eigen::Matrix<detail::results_over<R>, Eigen::Dynamic, 1> out(at.empty() ? levels.size() : at.size());
    into(r, out, ws);
    return out;
  }

 private:
  // Each model's distribution function: knots x with probabilities p, of which the first is 0 and the last 1 unless tails are
  // normal; equal knots are a jump.
  struct pool {
    Index n, size;
    double const* weights;
    double *x, *p, *normal;  // normal: location and scale of the lower and the upper tail
    robagg::tails tails;

    double const* levels_of(Index j) const { return p + (tails == tails::linear ? j * size : 0); }
    // Just before v where `c` knots are below it, up to v where so many are not above.
    double value(Index j, double v, Index c) const {
      double const *const knot = x + j * size, *const level = levels_of(j);
      if (tails == tails::normal && (c <= 1 || c >= size - 1)) return tail(j, v, c <= 1);
      if (c == 0) return 0;
      if (c == size) return 1;
      double const step = knot[c] - knot[c - 1];
      return step > 0 ? level[c - 1] + (level[c] - level[c - 1]) * ((v - knot[c - 1]) / step) : level[c - 1];
    }
    double tail(Index j, double v, bool lower) const {
      double const location = normal[4 * j + (lower ? 0 : 2)], scale = normal[4 * j + (lower ? 1 : 3)];
      if (!(scale > 0)) return lower ? (v < location ? 0 : levels_of(j)[1]) : 1;
      return detail::normal_probability((v - location) / scale);
    }
    double probability(double v) const {
      double sum = 0;
      for (Index j = 0; j < n; ++j) {
        auto const* const knots = x + j * size;
        if (weights[j] > 0) sum += weights[j] * value(j, v, std::upper_bound(knots, knots + size, v) - knots);
      }
      return sum;
    }
    // Where the pool reaches q, between two places, or beyond the one that there is.
    double search(double q, double low, double high, bool open_low, bool open_high) const {
      double step = std::max({1e-3, high - low, std::abs(low) * 1e-3, std::abs(high) * 1e-3});
      for (; open_low && probability(low) >= q && std::isfinite(low); step *= 2) low -= step;
      for (; open_high && probability(high) < q && std::isfinite(high); step *= 2) high += step;
      for (int k = 0; k < 200 && low < high; ++k) {
        double const middle = low + (high - low) / 2;
        if (middle <= low || middle >= high) break;
        (probability(middle) >= q ? high : low) = middle;
      }
      return high;
    }
  };

  template <class X>
  void read(X const& table, Index j, pool& all) const {
    Index const d = levels.size(), size = all.size;
    double *const x = all.x + j * size, *const p = all.p + (tails == tails::linear ? j * size : 0);
    for (Index k = 0; k < d; ++k) {
      double const q = static_cast<double>(table(j, k));
      if (!std::isfinite(q)) detail::refuse(*this, "needs finite quantiles", {{"model", j}, {"column", k}, {"value", q}});
      if (k > 0 && q < x[k])
        detail::refuse(*this, "needs quantiles that do not cross: isotonic or rearrange repair them",
                       {{"model", j}, {"column", k}});
      x[k + 1] = q;
      p[k + 1] = levels[k];
    }
    p[0] = 0;
    p[size - 1] = 1;
    x[0] = x[1];
    x[size - 1] = x[d];
    if (tails == tails::linear && d > 1) {
      x[0] = x[1] - (x[2] - x[1]) * (levels[0] / (levels[1] - levels[0]));
      x[size - 1] = x[d] + (x[d] - x[d - 1]) * ((1 - levels[d - 1]) / (levels[d - 1] - levels[d - 2]));
    }
    if (tails == tails::normal) {
      auto const through = [&](Index a, Index b, double* to) {
        double const za = detail::normal_quantile(levels[a]), zb = detail::normal_quantile(levels[b]);
        to[1] = d > 1 ? (x[b + 1] - x[a + 1]) / (zb - za) : 0;
        to[0] = x[a + 1] - to[1] * za;
      };
      through(0, std::min<Index>(1, d - 1), all.normal + 4 * j);
      through(d - 1, std::max<Index>(d - 2, 0), all.normal + 4 * j + 2);
    }
  }
};

}  // namespace robagg::inline ROBAGG_ABI
