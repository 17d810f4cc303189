// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../scores.hpp"
#include "deepconf_threshold.hpp"  // these two are here until 0.3
#include "token_confidence.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

namespace detail {

// A sum that remembers what rounding takes from it, so that what was added can be taken away again.
class running_sum {
 public:
  void add(double v) {
    double const next = sum_ + v, part = next - sum_;
    rest_ += (sum_ - (next - part)) + (v - part);
    sum_ = next;
  }
  double value() const { return sum_ + rest_; }

 private:
  double sum_ = 0, rest_ = 0;
};

}  // namespace detail

/// Which groups of tokens speak for a trace: all of them, the last, the worst, or the worst tenth.
enum class trace_statistic { mean, tail, lowest, bottom };
constexpr std::array<std::string_view, 4> enumerators(trace_statistic) { return {"mean", "tail", "lowest", "bottom"}; }

/// The confidence of a trace from those of its tokens: a group is `window` neighbouring tokens, its confidence their mean.
///
/// Shapes     T token confidences -> a number: the mean of all tokens, the last group, the lowest group, or the mean of the
///            max(1, floor(share x groups)) lowest groups. A trace shorter than the window is one group.
/// Ranges     window >= 1; 0 < share <= 1.
/// Errors     no tokens; window; share.
/// Guarantee  deepconf_state gives the same for mean, tail and lowest, token by token.
/// Cost       O(T); scratch for T numbers. Sums of groups are compensated and do not drift.
/// NaN        a NaN or infinite token makes NaN of the groups that hold it, and they come first among the lowest: a trace
///            with one has the confidence NaN (mean: always).
/// Ties       none.   Source  Fu et al., Deep think with confidence, 2025, whose code rounds token confidences; scorio
///            averages all groups up to the 10 % quantile instead of a count.   Example  examples/trace_confidence.cpp
struct deepconf {
  trace_statistic statistic = trace_statistic::bottom;
  Index window = 2048;
  double share = .1;

  static constexpr void parameters(auto& op, auto visit) {
    visit("statistic", op.statistic), visit("window", op.window), visit("share", op.share);
  }

  template <detail::scores V>
  void into(V const& tokens, double& out, workspace& ws) const {
    auto const T = static_cast<Index>(tokens.size());
    if (T < 1) detail::refuse(*this, "needs at least one token", {{"T", T}});
    if (window < 1) detail::refuse(*this, "needs window >= 1", {{"window", window}});
    if (!(share > 0 && share <= 1)) detail::refuse(*this, "needs 0 < share <= 1", {{"share", share}});
    auto const scope = ws.scope();
    auto const* const x = detail::score_values(tokens, ws);
    Index const w = statistic == trace_statistic::mean ? T : std::min(window, T), groups = T - w + 1;
    double* const group = ws.take<double>(groups);
    for (Index t = 0; t < T; ++t) {
      if (!std::isfinite(x[t])) return void(out = std::numeric_limits<double>::quiet_NaN());
    }
    detail::running_sum sum;
    for (Index t = 0; t < T; ++t) {
      sum.add(static_cast<double>(x[t]));
      if (t >= w) sum.add(-static_cast<double>(x[t - w]));
      if (t >= w - 1) group[t - w + 1] = sum.value() / static_cast<double>(w);
    }
    if (statistic == trace_statistic::mean || statistic == trace_statistic::tail) {
      out = group[groups - 1];
    } else {
      Index const many = statistic == trace_statistic::lowest
                             ? 1
                             : std::max<Index>(1, static_cast<Index>(share * static_cast<double>(groups)));
      std::nth_element(group, group + (many - 1), group + groups);
      double low = 0;
      for (Index g = 0; g < many; ++g) low += group[g];
      out = low / static_cast<double>(many);
    }
  }
  auto operator()(detail::scores auto const& tokens) const {
    workspace ws;
    double out = 0;
    into(tokens, out, ws);
    return out;
  }
};

/// The same while a trace is being written, with the rule that stops it: once a full window is below the threshold.
/// Memory for one window, allocated when it is made. A NaN or infinite token makes NaN of everything from there on, as in
/// deepconf, and such a trace is never stopped; before the first token everything is NaN.
class deepconf_state {
 public:
  explicit deepconf_state(Index window = 2048) : ring_(static_cast<std::size_t>(std::max<Index>(window, 1))) {
    if (window < 1) detail::refuse(deepconf{}, "needs window >= 1", {{"window", window}});
  }

  void add(double token) {
    auto& place = ring_[static_cast<std::size_t>(tokens_) % ring_.size()];
    bool const full = tokens_ >= window();
    known_ = known_ && std::isfinite(token);
    if (known_) {
      group_.add(token);
      if (full) group_.add(-place);
      all_.add(token);
    }
    place = token;
    ++tokens_;
    if (tokens_ >= window()) lowest_ = tokens_ == window() ? tail() : std::min(lowest_, tail());
  }

  Index tokens() const { return tokens_; }
  Index window() const { return static_cast<Index>(ring_.size()); }
  double mean() const { return of(all_, tokens_); }
  double tail() const { return of(group_, std::min(tokens_, window())); }                      ///< of the last window
  double lowest() const { return tokens_ >= window() ? (known_ ? lowest_ : nan()) : tail(); }  ///< of all full windows
  /// Is the last full window below the threshold? Never before a window is full. An infinite threshold stops every trace then,
  /// or none; a NaN is bad_input.
  bool stop(double threshold) const {
    if (threshold != threshold) detail::refuse(deepconf{}, "needs a threshold that is not NaN", {{"threshold", threshold}});
    return tokens_ >= window() && tail() < threshold;
  }

 private:
  static double nan() { return std::numeric_limits<double>::quiet_NaN(); }
  double of(detail::running_sum const& s, Index n) const {
    return known_ && n > 0 ? s.value() / static_cast<double>(n) : nan();
  }

  std::vector<double> ring_;
  Index tokens_ = 0;
  detail::running_sum group_, all_;
  double lowest_ = 0;
  bool known_ = true;
};

}  // namespace robagg::inline ROBAGG_ABI
