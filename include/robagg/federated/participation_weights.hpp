// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "detail/numbers.hpp"

namespace robagg::inline ROBAGG_ABI {

/// FedAU: a client that takes part in one round of three weighs three, on average; nobody has to know how often it will.
///
/// Shapes     rounds x clients of 0 and 1 (who took part) -> a weight for each client in the round that follows. No rounds: 1
///            each. participation_state takes round after round, to the same bits.
/// Ranges     cutoff >= 1 rounds: an absence of so many is an interval of its own, and no weight is larger.
/// Errors     bad_input for another cutoff, and for entries other than 0 and 1.
/// Guarantee  weights are in [1, cutoff]; where a client takes part by chance, with probability p a round, its weight tends to
///            (1 - (1 - p)^cutoff) / p: 1 / p where absences are shorter than cutoff.
/// Cost       O(rounds clients).     NaN  refused.     Weights  are what it makes.     Ties  none.
/// Source     Wang and Ji, A lightweight method for tackling unknown participation statistics in federated averaging, 2024.
/// Example    examples/participation.cpp
struct participation_weights {
  Index cutoff = 50;

  static constexpr void parameters(auto& op, auto visit) { visit("cutoff", op.cutoff); }
  void check() const {
    if (cutoff < 1 || static_cast<double>(cutoff) > detail::largest_count) {
      detail::refuse(*this, "needs cutoff >= 1", {{"cutoff", cutoff}});
    }
  }
  template <reports R>
  Eigen::VectorXd operator()(R const& history) const;
};

/// The same round after round.
///
///     participation_state state(participation_weights{.cutoff = 50}, clients);
///     auto w = state.update(present);                                // of those who take part, in the order of their reports
///     model += w.sum() / clients * mean{}(weighted(changes, w));     // any rule that reads weights
///
/// Shapes     present: the numbers of the clients that take part, each once; nobody, too.
/// Errors     bad_input, and nothing has changed: clients that are not its own, or twice; another cutoff in a merge.
/// Cost       O(clients) a round; three numbers a client.
/// Merge      of other clients, of another server: they come after these. Not of other rounds of the same clients: where two
///            histories meet an interval would be cut in two.
/// Example    examples/participation.cpp
class participation_state {
 public:
  explicit participation_state(participation_weights const& by, Index clients) : rule_(by) {
    rule_.check();
    if (clients < 0) detail::refuse(rule_, "needs clients >= 0", {{"clients", clients}});
    since_ = intervals_ = Eigen::ArrayXd::Zero(clients);
    weights_ = Eigen::VectorXd::Ones(clients);
  }
  std::string name() const { return robagg::name(rule_); }
  participation_weights const& rule() const { return rule_; }
  Index clients() const { return weights_.size(); }
  Index rounds() const { return rounds_; }
  /// Of each client, should it take part in the next round.
  Eigen::VectorXd const& weights() const { return weights_; }

  /// A round: the weights of those who take part in it. What it teaches is for the rounds that follow.
  template <detail::numbers Clients>
  Eigen::VectorXd update(Clients const& present) {
    auto const who = detail::read_clients(rule_, present, clients());
    Eigen::VectorXd out(static_cast<Index>(who.size()));
    for (Index k = 0; k < out.size(); ++k) out(k) = weights_(who[static_cast<std::size_t>(k)]);
    since_ += 1;
    ++rounds_;
    for (Index const i : who) end_interval(i);
    end_long_absences();
    return out;
  }

  /// The clients of another server, after these.
  void merge(participation_state const& other) {
    if (other.rule_.cutoff != rule_.cutoff) {
      detail::refuse(rule_, "merges with the same cutoff", {{"cutoff", rule_.cutoff}, {"other cutoff", other.rule_.cutoff}});
    }
    Index const n = clients(), m = other.clients();
    for (auto [mine, more] : {std::pair{&since_, &other.since_}, std::pair{&intervals_, &other.intervals_}}) {
      Eigen::ArrayXd const tail = *more;
      mine->conservativeResize(n + m);
      mine->tail(m) = tail;
    }
    Eigen::VectorXd const tail = other.weights_;
    weights_.conservativeResize(n + m);
    weights_.tail(m) = tail;
    rounds_ = std::max(rounds_, other.rounds_);
  }
  /// The state as bytes, and back: the same bits afterwards. Bytes that pack did not write are bad_input.
  std::vector<std::byte> pack() const {
    detail::byte_writer out(detail::packed_kind::participation, sizeof(double));
    detail::put_rule(out, rule_), out.put_count(rounds_), out.put_count(clients());
    for (double const* values : {since_.data(), intervals_.data(), weights_.data()}) out.put(values, clients());
    return std::move(out).finish();
  }
  static participation_state unpack(std::span<std::byte const> bytes) {
    detail::byte_reader in("participation_weights", bytes, detail::packed_kind::participation, sizeof(double));
    auto const rule = detail::get_rule<participation_weights>(in);
    Index const rounds = in.get_index();
    participation_state state(rule, in.get_count(3 * sizeof(double)));
    for (double* values : {state.since_.data(), state.intervals_.data(), state.weights_.data()})
      in.get(values, state.clients());
    in.finish();
    in.demand(static_cast<double>(rounds) <= detail::largest_count);
    double const most = static_cast<double>(rounds), cutoff = static_cast<double>(rule.cutoff);
    in.demand(detail::all_within(state.since_, 0, std::min(most, cutoff - 1), true));
    in.demand(detail::all_within(state.intervals_, 0, most, true) && detail::all_within(state.weights_, 1, cutoff));
    in.demand((state.intervals_ > 0 || state.weights_.array() == 1).all());
    state.rounds_ = rounds;
    return state;
  }

 private:
  friend participation_weights;
  void end_interval(Index i) {
    double const rounds = since_(i), before = intervals_(i);
    weights_(i) = before == 0 ? rounds : (before * weights_(i) + rounds) / (before + 1);
    intervals_(i) = before + 1;
    since_(i) = 0;
  }
  void end_long_absences() {
    auto const cutoff = static_cast<double>(rule_.cutoff);
    for (Index i = 0; i < clients(); ++i) {
      if (since_(i) == cutoff) end_interval(i);
    }
  }

  participation_weights rule_;
  Eigen::ArrayXd since_, intervals_;  // rounds since the last interval ended; how many have
  Eigen::VectorXd weights_;
  Index rounds_ = 0;
};

template <reports R>
Eigen::VectorXd participation_weights::operator()(R const& history) const {
  participation_state state(*this, history.cols());
  auto&& x = detail::readable(history);
  for (Index t = 0; t < x.rows(); ++t) {
    state.since_ += 1;
    for (Index i = 0; i < x.cols(); ++i) {
      auto const v = static_cast<double>(x(t, i));
      if (v != 0 && v != 1)
        detail::refuse(*this, "needs 0 or 1 for each round and client", {{"round", t}, {"client", i}, {"value", v}});
      if (v == 1) state.end_interval(i);
    }
    state.end_long_absences();
  }
  return state.weights_;
}

}  // namespace robagg::inline ROBAGG_ABI
