// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "detail/wealth_polynomial.hpp"
#include "wealth_proportional.hpp"
#include "../detail/base/random.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Cover's universal portfolio: all portfolios that are rebalanced to constant weights, each with a share of the money, uniform
/// at first. Its wealth is the mean of theirs.
///
/// Shapes     N assets; relatives are any vector of N numbers. `universal_portfolio folio(2);`
/// Ranges     up to 4,096 assets; relatives > 0, finite, up to 1e100 either way; samples >= 2, for more than two assets.
/// Errors     bad_input, and nothing has changed: another number of assets, too few samples; those of portfolio_state.
/// Guarantee  log wealth >= that of the best constant portfolio less bound() = (N - 1) ln(T + 1). Exact for two assets, up to
///            rounding: the polynomial of wealth in the weight, by coefficients that are never negative. Beyond, a mean over
///            `samples` portfolios that the seed draws: error() is the standard error of the wealth, relative, as the sample
///            tells it, which is too low once few samples hold all the wealth.
/// Cost       O(T) a period for two assets, in memory for T numbers (`reserve` at first); O(samples N) beyond.
/// Merge      none.     NaN  refused.     Weights  the prior is uniform.     Ties  equal weights.
/// Source     Cover, 1991; Cover and Ordentlich, 1996, for the bound.      Example  docs/experts.md
class universal_portfolio {
 public:
  explicit universal_portfolio(Index assets, Index samples = 1000, std::uint64_t seed = 1, Index reserve = 0)
      : seed_(seed), sampled_(wealth_proportional{}, assets == 2 ? 1 : std::max<Index>(samples, 1)) {
    if (assets < 1 || assets > most_assets) refuse("needs 1 to 4096 assets", {{"assets", assets}});
    if (assets != 2 && samples < 2) refuse("needs at least two samples", {{"samples", samples}});
    weights_ = Eigen::ArrayXd::Constant(assets, 1 / static_cast<double>(assets));
    if (assets == 2) {
      polynomial_.coefficients.reserve(static_cast<std::size_t>(std::max<Index>(reserve, 0)) + 1);
      return;
    }
    draws_.resize(samples, assets);
    factors_.resize(samples);
    detail::generator random(seed);
    for (Index s = 0; s < samples; ++s) {
      for (Index k = 0; k < assets; ++k) draws_(s, k) = -std::log((static_cast<double>(random() >> 11) + .5) * 0x1p-53);
      draws_.row(s) /= draws_.row(s).sum();
    }
    weigh();
  }
  std::string name() const { return "universal_portfolio"; }
  Index assets() const { return weights_.size(); }
  Index rounds() const { return rounds_; }
  bool exact() const { return assets() == 2; }
  Eigen::ArrayXd const& weights() const { return weights_; }
  double log_wealth() const { return exact() ? log_wealth_ : sampled_.log_wealth(); }
  double wealth() const { return std::exp(log_wealth()); }
  double bound() const { return static_cast<double>(assets() - 1) * std::log1p(static_cast<double>(rounds_)); }
  double error() const {
    if (exact()) return 0;
    auto const count = static_cast<double>(draws_.rows());
    return std::sqrt(std::max(0., count * sampled_.weights().square().sum() - 1) / (count - 1));
  }

  /// Returns by what factor the portfolio changed.
  template <detail::scores Relatives>
  double update(Relatives const& relatives) {
    auto&& x = detail::readable(relatives);
    Index const n = static_cast<Index>(relatives.size());
    if (n != assets()) refuse("needs a relative for each asset", {{"relatives", n}, {"assets", assets()}});
    for (Index k = 0; k < n; ++k) {
      auto const v = static_cast<double>(detail::score_at(x, k));
      if (!(v >= 1e-100 && v <= 1e100)) refuse("needs relatives > 0 and finite", {{"asset", k}, {"relative", v}});
    }
    double factor = 0;
    if (exact()) {
      factor = polynomial_.multiply(static_cast<double>(detail::score_at(x, 0)), static_cast<double>(detail::score_at(x, 1)));
      log_wealth_ += std::log(factor);
    } else {
      factors_.setZero();
      for (Index k = 0; k < n; ++k) factors_ += static_cast<double>(detail::score_at(x, k)) * draws_.col(k).array();
      factor = sampled_.update(factors_.cwiseMax(1e-100).cwiseMin(1e100));  // they were, up to rounding
    }
    ++rounds_;
    weigh();
    return factor;
  }

  /// The state as bytes, and back: the same bits afterwards. Bytes that pack did not write are bad_input.
  std::vector<std::byte> pack() const {
    detail::byte_writer out(detail::packed_kind::universal_portfolio, sizeof(double));
    auto const inner = sampled_.pack();
    out.put(seed_);
    out.put_count(assets());
    out.put_count(exact() ? 1 : draws_.rows());
    auto const& c = polynomial_.coefficients;
    out.put_count(rounds_);
    out.put(log_wealth_);
    out.put_count(static_cast<Index>(c.size()));
    out.put(c.data(), static_cast<Index>(c.size()));
    for (std::byte const b : inner) out.put(static_cast<std::uint8_t>(b));
    return std::move(out).finish();
  }
  static universal_portfolio unpack(std::span<std::byte const> bytes) {
    detail::byte_reader in("universal_portfolio", bytes, detail::packed_kind::universal_portfolio, sizeof(double));
    auto const seed = in.get<std::uint64_t>();
    Index const assets = in.get_index(), samples = in.get_index(), rounds = in.get_index();
    auto const log_wealth = in.get<double>();
    std::vector<double> polynomial(static_cast<std::size_t>(in.get_count(sizeof(double))));
    in.get(polynomial.data(), static_cast<Index>(polynomial.size()));
    std::vector<std::byte> inner;
    inner.resize(in.rest());
    for (std::byte& b : inner) b = static_cast<std::byte>(in.get<std::uint8_t>());
    in.finish();
    auto sampled = portfolio_state<wealth_proportional>::unpack(inner);
    // What the sample needs is known before it is drawn: as many as there are weights, of a number of assets with a bound.
    in.demand(assets >= 1 && assets <= most_assets && rounds < most_rounds && std::isfinite(log_wealth));
    in.demand(assets == 2 ? samples == 1 && static_cast<Index>(polynomial.size()) == rounds + 1
                          : samples >= 2 && polynomial.size() == 1 && sampled.rounds() == rounds);
    in.demand(sampled.assets() == samples && sampled.rule().power == 1);
    double sum = 0;
    for (double const c : polynomial) {
      in.demand(c >= 0 && c <= std::numeric_limits<double>::max());
      sum += c;
    }
    in.demand(sum > 0 && std::isfinite(sum * static_cast<double>(rounds + 2)));
    universal_portfolio state(assets, samples, seed);
    state.sampled_ = std::move(sampled);
    state.rounds_ = rounds;
    state.log_wealth_ = log_wealth;
    state.polynomial_.coefficients = std::move(polynomial);
    state.weigh();
    return state;
  }

 private:
  static constexpr Index most_assets = 1 << 12, most_rounds = std::numeric_limits<Index>::max() / 4;
  [[noreturn]] void refuse(std::string_view rule, std::initializer_list<detail::named_value> values) const {
    detail::refuse(*this, rule, values);
  }
  void weigh() {
    if (!exact()) {
      weights_.matrix().noalias() = draws_.transpose() * sampled_.weights().matrix();
      return;
    }
    double first = 0, second = 0;
    polynomial_.integrals(first, second);
    weights_ << first / (first + second), second / (first + second);
  }

  std::uint64_t seed_;
  Index rounds_ = 0;
  double log_wealth_ = 0;
  detail::wealth_polynomial polynomial_;  // of two assets
  portfolio_state<wealth_proportional> sampled_;
  Eigen::MatrixXd draws_;
  Eigen::ArrayXd weights_, factors_;
};

}  // namespace robagg::inline ROBAGG_ABI
