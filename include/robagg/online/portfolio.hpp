// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "experts.hpp"

namespace robagg::inline ROBAGG_ABI {

/// A portfolio of assets, or of strategies, that a rule rebalances: `portfolio_state folio(exponentiated_portfolio{}, 4);`.
///
///     folio.weights();                 // shares for the next period
///     folio.update(relatives);         // by what factor each asset changed in it
///
/// Rules      wealth_proportional, exponentiated_portfolio. (universal_portfolio has a state of its own.)
/// Shapes     N assets; relatives are any vector of N numbers.         Ranges  relatives > 0, finite, up to 1e100 either way.
/// Errors     bad_input, and nothing has changed: another number of assets, relatives out of range, and those of the rule.
/// Guarantee  log_wealth() >= the log wealth of the rule's competitor less bound(): see the rule. regret() is what was paid.
/// Cost       O(N) a period, no allocation after the constructor.
/// NaN        refused.     Weights  the prior, as in expert_state.     Ties  equal weights.
/// Source     as the rules.     Example  docs/experts.md
template <class Rule>
class portfolio_state : private detail::expert_engine<Rule> {
  using engine = detail::expert_engine<Rule>;

 public:
  explicit portfolio_state(Rule const& by, Index assets, list<double> prior = {}) : engine(by, assets, {}, false, prior) {}

  using engine::bound, engine::name, engine::regret, engine::regrets, engine::rounds, engine::rule, engine::weights;
  Index assets() const { return engine::experts(); }
  /// Of 1 at the beginning.
  double wealth() const { return std::exp(log_wealth_); }
  double log_wealth() const { return log_wealth_; }

  /// Returns by what factor the portfolio changed.
  template <detail::scores Relatives>
  double update(Relatives const& relatives) {
    auto&& x = detail::readable(relatives);
    Index const n = static_cast<Index>(relatives.size());
    if (n != assets()) detail::refuse(*this, "needs a relative for each asset", {{"relatives", n}, {"assets", assets()}});
    double factor = 0;
    for (Index k = 0; k < n; ++k) {
      auto const v = static_cast<double>(detail::score_at(x, k));
      if (!(v >= 1e-100 && v <= 1e100))
        detail::refuse(*this, "needs relatives > 0 and finite", {{"asset", k}, {"relative", v}});
      factor += weights()(k) * v;
    }
    for (Index k = 0; k < n; ++k) losses_(k) = Rule::loss_of(static_cast<double>(detail::score_at(x, k)), factor);
    double const own = Rule::loss_of(factor, factor);
    engine::update_by_losses(losses_, engine::everybody, &own);
    log_wealth_ += std::log(factor);
    return factor;
  }

  /// The state as bytes, and back: the same bits afterwards. Bytes that pack did not write are bad_input.
  std::vector<std::byte> pack() const {
    detail::byte_writer out(detail::packed_kind::portfolio, sizeof(double));
    auto const inner = engine::packed(detail::packed_kind::experts);
    out.put(log_wealth_);
    out.put_count(static_cast<Index>(inner.size()));
    for (std::byte const b : inner) out.put(static_cast<std::uint8_t>(b));
    return std::move(out).finish();
  }
  static portfolio_state unpack(std::span<std::byte const> bytes) {
    detail::byte_reader in(detail::type_name<Rule>(), bytes, detail::packed_kind::portfolio, sizeof(double));
    auto const log_wealth = in.get<double>();
    in.demand(std::isfinite(log_wealth));
    std::vector<std::byte> inner(static_cast<std::size_t>(in.get_count(1)));
    for (std::byte& b : inner) b = static_cast<std::byte>(in.get<std::uint8_t>());
    in.finish();
    portfolio_state state(engine::unpacked(inner, detail::packed_kind::experts));
    state.log_wealth_ = log_wealth;
    return state;
  }

 private:
  explicit portfolio_state(engine&& state) : engine(std::move(state)) {}
  double log_wealth_ = 0;
  Eigen::ArrayXd losses_ = Eigen::ArrayXd::Zero(assets());
};
template <class Rule>
portfolio_state(Rule, Index) -> portfolio_state<Rule>;
template <class Rule>
portfolio_state(Rule, Index, list<double>) -> portfolio_state<Rule>;

}  // namespace robagg::inline ROBAGG_ABI
