// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"
#include "../pipe.hpp"
#include "../detail/base/logarithm.hpp"
#include "../detail/table/check.hpp"

#include <cmath>

namespace robagg::inline ROBAGG_ABI {

/// What the rows of a table of tokens hold.
enum class token_input { probabilities, log_probabilities };
constexpr std::array<std::string_view, 2> enumerators(token_input) { return {"probabilities", "log_probabilities"}; }

/// How certain a model was of the text that it wrote: the mean over tokens of -(1/V) sum log(V p), the Kullback-Leibler
/// divergence of its next-token distribution from the uniform one.
///
/// Shapes     T tokens x V probabilities, or their natural logarithms -> a number; to weigh tokens or mask them,
///            weighted(table, mask). One token at a time: self_certainty::state.
/// Ranges     log_floor < 0: a log-probability below it counts as it, so that p = 0 does not make a trace infinitely
///            certain. The default is the smallest normal double's.
/// Errors     no tokens; no vocabulary; log_floor.
/// Guarantee  0 for uniform rows, >= 0 for rows that sum to 1. Rows of the k most likely tokens alone are not comparable
///            with whole ones: V is then k, and the row is used as it is.
/// Cost       one read of the table, about a multiplication per probability.
/// NaN        a NaN probability makes its token NaN, and the result. Negative probabilities count as 0.
/// Ties       none.                           Source  Kang, Zhao and Song, Scalable best-of-n selection via
///            self-certainty, 2025.           Example  examples/trace_confidence.cpp
struct self_certainty {
  token_input input = token_input::probabilities;
  double log_floor = -708.39641853226408;

  using result_type = double;
  static constexpr int reads = detail::has_weights;
  static constexpr void parameters(auto& op, auto visit) { visit("input", op.input), visit("log_floor", op.log_floor); }

  void check(Index) const {
    if (!(log_floor < 0)) detail::refuse(*this, "needs log_floor < 0", {{"log_floor", log_floor}});
  }

  /// Of one token: a row of V probabilities or logarithms, any vector.
  template <class Row>
  double of_token(Row const& row) const {
    check(1);
    auto const size = static_cast<Index>(row.size());
    if (size < 1) detail::refuse(*this, "needs a vocabulary", {{"V", size}});
    if constexpr (detail::contiguous_of<Row, float> || detail::contiguous_of<Row, double>) {
      return of_values(row.data(), size);
    } else if constexpr (detail::dense<Row>) {  // strided, half, or an expression
      static_assert(Row::IsVectorAtCompileTime, "robagg: self_certainty::of_token takes one token, a vector");
      using T = detail::wide<typename Row::Scalar>;
      Eigen::Matrix<T, Eigen::Dynamic, 1> values(size);
      auto&& x = detail::readable(row);
      for (Index v = 0; v < size; ++v) values(v) = static_cast<T>(x.coeff(v));
      return of_values(values.data(), size);
    } else {
      static_assert(detail::dense<Row>, "robagg: self_certainty::of_token takes float or double numbers, or an Eigen vector");
    }
  }

  template <any_reports R>
  void into(R const& r, double& out, workspace& ws) const {
    auto&& entered = detail::enter(*this, r);
    detail::need(*this, scratch(r), ws);
    if (r.cols() < 1) detail::refuse(*this, "needs a vocabulary", {{"V", r.cols()}});
    auto const scope = ws.scope();
    auto const& x = detail::plain_of(entered);
    auto row = ws.vector<detail::wide_of<R>>(x.cols());
    auto weight = ws.vector<double>(x.rows());
    detail::read_weights(r, weight.data());
    double sum = 0, total = 0;
    for (Index t = 0; t < x.rows(); ++t) {
      if (weight(t) == 0) continue;
      detail::read_row(x, t, 0, x.cols(), row.data());
      sum += weight(t) * of_values(row.data(), row.size());
      total += weight(t);
    }
    out = sum / total;
  }
  std::size_t scratch(auto const& r) const { return workspace::room<double>(r.cols()) + workspace::room<double>(r.rows()); }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  /// Tokens as they come: add(op.of_token(row)) after each, value() at any time. A weight is as in a weighted table: >= 0,
  /// relative, and 0 leaves the token out; others are bad_input. value() is NaN before the first token, and from a NaN token
  /// on.
  class state {
   public:
    void add(double token, double weight = 1) {
      bool const fits = weight >= 0 && total_ + weight < std::numeric_limits<double>::infinity();
      if (!fits) detail::refuse(self_certainty{}, "needs finite weights >= 0", {{"weight", weight}});
      if (weight == 0) return;
      sum_ += weight * token;
      total_ += weight;
      ++tokens_;
    }
    double value() const { return sum_ / total_; }
    /// How many tokens have a weight above 0.
    Index tokens() const { return tokens_; }

   private:
    double sum_ = 0, total_ = 0;
    Index tokens_ = 0;
  };

 private:
  template <class T>
  double of_values(T const* x, Index size) const {
    double sum = 0;
    if (input == token_input::probabilities) {
      sum = detail::sum_of_logs(x, size, std::max(std::exp(log_floor), std::numeric_limits<double>::min()));
    } else {
      for (Index v = 0; v < size; ++v) sum += x[v] < log_floor ? log_floor : static_cast<double>(x[v]);
    }
    return -(sum / static_cast<double>(size) + std::log(static_cast<double>(size)));
  }
};

}  // namespace robagg::inline ROBAGG_ABI
