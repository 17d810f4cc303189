// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "detail/numbers.hpp"

#include <array>

namespace robagg::inline ROBAGG_ABI {

/// When the server makes a step: every `period`, of all who have finished; when all have; on every arrival; after every
/// `buffer`.
enum class server_schedule { fixed_times, synchronous, asynchronous, buffered };
constexpr std::array<std::string_view, 4> enumerators(server_schedule) {
  return {"fixed_times", "synchronous", "asynchronous", "buffered"};
}

/// FedFix, and what belongs to other schedules: the factor of each client's changes with which a fast client and a slow one
/// count as they should in the long run, a client's share for each step of the server.
///
/// Shapes     how long each of n clients takes, and its share (by itself 1 / n) -> n factors d. fedfix_state takes durations as
///            they are observed. The step: model += sum of d times change over those who contribute; that is w.sum() times the
///            mean of weighted(changes, w), where w are the d of those.
/// Ranges     durations > 0 in the units of period; shares >= 0, relative; period > 0; buffer >= 1; longest > 0: no duration
///            counts for more.
/// Schedules  with share p, duration t: fixed_times p ceil(t / period); synchronous p; asynchronous p t sum of 1 / t over all
///            clients; buffered the same divided by buffer. A multiple of period, but for rounding, is one.
/// Errors     bad_input for others, for NaN, no shares above 0, and durations so far apart that a factor is no number.
/// Guarantee  where durations do not change, what client i contributes is on average p per step of the server.
/// Cost       O(n).      NaN  refused.     Weights  are what it makes.     Ties  none.
/// Source     Fraboni, Vidal, Kameni and Lorenzi, A general theory for federated optimization with asynchronous and
///            heterogeneous clients updates, 2023.
/// Example    examples/participation.cpp
struct fedfix_weights {
  double period = 1;
  server_schedule schedule = server_schedule::fixed_times;
  Index buffer = 10;
  double longest = std::numeric_limits<double>::infinity();

  static constexpr void parameters(auto& op, auto visit) {
    visit("period", op.period), visit("schedule", op.schedule), visit("buffer", op.buffer), visit("longest", op.longest);
  }
  void check() const {
    if (!(period > 0 && std::isfinite(period))) detail::refuse(*this, "needs period > 0", {{"period", period}});
    if (buffer < 1) detail::refuse(*this, "needs buffer >= 1", {{"buffer", buffer}});
    if (!(longest > 0)) detail::refuse(*this, "needs longest > 0", {{"longest", longest}});
  }
  /// How many steps at fixed times a client takes.
  double steps(double duration) const {
    double const exact = std::min(duration, longest) / period;
    double const steps = std::max(1., std::ceil(exact - 4 * std::numeric_limits<double>::epsilon() * exact));
    if (!(steps <= detail::largest_count)) {
      detail::refuse(*this, "needs durations of periods that can be counted", {{"duration", duration}, {"period", period}});
    }
    return steps;
  }
  template <detail::numbers Durations, detail::numbers Shares>
  Eigen::VectorXd operator()(Durations const& durations, Shares const& shares) const {
    check();
    Eigen::VectorXd const t = detail::read_numbers(*this, durations, duration_rule);
    return factors(t.cwiseMin(longest), t.unaryExpr([&](double v) { return needs_steps() ? steps(v) : 0; }),
                   read_shares(shares, t.size()));
  }
  template <detail::numbers Durations>
  Eigen::VectorXd operator()(Durations const& durations) const {
    return (*this)(durations, Eigen::VectorXd::Ones(static_cast<Index>(durations.size())));
  }

 private:
  friend class fedfix_state;
  static constexpr detail::number_rule duration_rule{"duration", "needs durations > 0 and finite", true};
  bool needs_steps() const { return schedule == server_schedule::fixed_times; }

  template <detail::numbers Shares>
  Eigen::VectorXd read_shares(Shares const& shares, Index n) const {
    Eigen::VectorXd p = detail::read_numbers(*this, shares, n, {"share", "needs shares >= 0 and finite"});
    return detail::make_shares(*this, p, "needs a client with a share above 0"), p;
  }
  // Of clients whose duration is 0 nothing is known: they weigh nothing.
  Eigen::VectorXd factors(Eigen::VectorXd const& t, Eigen::VectorXd const& steps, Eigen::VectorXd const& p) const {
    Eigen::VectorXd d = p;
    if (schedule == server_schedule::fixed_times) {
      d.array() *= steps.array();
    } else if (schedule != server_schedule::synchronous) {
      double least = std::numeric_limits<double>::infinity(), rate = 0;
      for (double const v : t) least = v > 0 ? std::min(least, v) : least;
      for (double const v : t) rate += v > 0 ? least / v : 0;  // of arrivals, while the fastest client takes `least`
      double const count = schedule == server_schedule::buffered ? static_cast<double>(buffer) : 1;
      for (Index i = 0; i < d.size(); ++i) d(i) = t(i) > 0 ? d(i) * (t(i) / least * rate) / count : 0;
    }
    detail::need_weight(*this, d);
    if (!d.array().isFinite().all()) detail::refuse(*this, "needs durations whose ratios are numbers", {{"clients", d.size()}});
    return d;
  }
};

}  // namespace robagg::inline ROBAGG_ABI
