// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "fedfix_weights.hpp"

namespace robagg::inline ROBAGG_ABI {

/// fedfix_weights for durations that are observed as clients finish: their mean, for each client.
///
///     fedfix_state state(fedfix_weights{.period = 60}, clients);
///     state.observe(client, seconds);                             // when it has finished
///     Eigen::VectorXd w = state.weights(shares)(present);         // of those who contribute to this step
///     model += w.sum() * mean{}(weighted(changes, w));
///
/// Shapes     each client any number of durations. A client that has not finished once weighs 0 (its share, where synchronous).
/// Errors     those of the rule, and nothing has changed; a client that is not its own; weights where nobody has finished.
/// Guarantee  for fixed times the factor is the mean number of steps, which is right for durations that vary, too.
/// Cost       O(1) a duration, O(clients) for weights; three numbers a client.
/// Merge      of the same clients, seen by several servers or at other times: up to rounding what one would have seen.
/// Example    examples/participation.cpp
class fedfix_state {
 public:
  explicit fedfix_state(fedfix_weights const& by, Index clients) : rule_(by) {
    rule_.check();
    if (clients < 0) detail::refuse(rule_, "needs clients >= 0", {{"clients", clients}});
    sums_ = Eigen::ArrayXXd::Zero(clients, 3);
  }
  std::string name() const { return robagg::name(rule_); }
  fedfix_weights const& rule() const { return rule_; }
  Index clients() const { return sums_.rows(); }
  /// How often a client has finished.
  Index count(Index client) const { return static_cast<Index>(sums_(checked(client), count_column)); }
  /// Its mean duration; NaN where it has not finished.
  double duration(Index client) const { return sums_(checked(client), 0) / sums_(client, count_column); }

  void observe(Index client, double duration) {
    detail::read_number(rule_, duration, fedfix_weights::duration_rule);
    Eigen::Array3d const seen(std::min(duration, rule_.longest), rule_.needs_steps() ? rule_.steps(duration) : 0, 1);
    Eigen::Array3d const sum = sums_.row(checked(client)).transpose() + seen;
    check_sums(sum.transpose());
    sums_.row(client) = sum.transpose();
  }
  template <detail::numbers Shares>
  Eigen::VectorXd weights(Shares const& shares) const {
    Eigen::ArrayXd const count = sums_.col(count_column).max(1);
    return rule_.factors(sums_.col(0) / count, sums_.col(1) / count, rule_.read_shares(shares, clients()));
  }
  Eigen::VectorXd weights() const { return weights(Eigen::VectorXd::Ones(clients())); }

  void merge(fedfix_state const& other) {
    if (!detail::same_rule(other.rule_, rule_)) detail::refuse(rule_, "merges with the same parameters");
    if (other.clients() != clients()) {
      detail::refuse(rule_, "merges with the same clients", {{"clients", clients()}, {"other clients", other.clients()}});
    }
    Eigen::ArrayXXd const sums = sums_ + other.sums_;
    check_sums(sums);
    sums_ = sums;
  }
  /// The state as bytes, and back: the same bits afterwards. Bytes that pack did not write are bad_input.
  std::vector<std::byte> pack() const {
    detail::byte_writer out(detail::packed_kind::durations, sizeof(double));
    detail::put_rule(out, rule_), out.put_count(clients()), out.put(sums_.data(), sums_.size());
    return std::move(out).finish();
  }
  static fedfix_state unpack(std::span<std::byte const> bytes) {
    detail::byte_reader in("fedfix_weights", bytes, detail::packed_kind::durations, sizeof(double));
    auto const rule = detail::get_rule<fedfix_weights>(in);
    fedfix_state state(rule, in.get_count(3 * sizeof(double)));
    auto& sums = state.sums_;
    in.get(sums.data(), sums.size());
    in.finish();
    double const most = std::numeric_limits<double>::max();
    in.demand(detail::all_within(sums.col(0), 0, most) &&
              detail::all_within(sums.rightCols(2), 0, detail::largest_count, true));
    in.demand(((sums.col(0) > 0) == (sums.col(count_column) > 0)).all());
    Eigen::ArrayXd const count = sums.col(count_column), steps = sums.col(1);
    in.demand(rule.needs_steps() ? (steps >= count && (steps == 0) == (count == 0)).all() : (steps == 0).all());
    return state;
  }

 private:
  static constexpr Index count_column = 2;
  Index checked(Index client) const {
    if (client < 0 || client >= clients())
      detail::refuse(rule_, "needs its own clients", {{"client", client}, {"clients", clients()}});
    return client;
  }
  void check_sums(Eigen::Ref<Eigen::ArrayXXd const> const& sums) const {
    if (sums.isFinite().all() && (sums.rightCols(2) <= detail::largest_count).all()) return;
    detail::refuse(rule_, "needs durations whose sums are numbers", {{"clients", clients()}});
  }

  fedfix_weights rule_;
  Eigen::ArrayXXd sums_;  // of durations, of steps; how many
};

}  // namespace robagg::inline ROBAGG_ABI
