// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "detail/numbers.hpp"

namespace robagg::inline ROBAGG_ABI {

/// Two tiers that equal one: a client that reports to several gateways is shared out among them, in proportion to its contact
/// with each, so that all in all it counts once.
///
///     auto w = importance_shares{}(contact, examples);                 // gateways x clients
///     table<double> models(gateways, d);                               // of gateway g: of weight w.row(g).sum()
///     models.row(g) = mean{}(weighted(reports, w.row(g)));             // at the gateway; weights of 0 are absent
///     Eigen::VectorXd tier = w.rowwise().sum();
///     global = mean{}(weighted(models, tier));                         // in the cloud: the weighted mean over one tier
///
/// Shapes     gateways x clients of contact (time in view, passes, or 1 and 0) -> shares of the same shape; with examples they
///            are multiplied by each client's. importance_state takes contacts one after the other.
/// Ranges     contact >= 0; examples >= 0.
/// Errors     bad_input for others, for NaN, and for a client that no gateway has seen, unless allow_unseen: its shares are 0.
/// Guarantee  each column sums to 1 (or to examples), up to rounding. Then means of gateways' means equal the mean of all;
///            robust rules do not compose that way: liars who gather behind one gateway may own its result.
/// Cost       O(gateways clients).      NaN  refused.     Weights  are what it makes.     Ties  none.
/// Source     Design of this library, for tiers as in SemSpaceFL (satellites, gateways, cloud).
/// Example    examples/participation.cpp
struct importance_shares {
  bool allow_unseen = false;

  static constexpr void parameters(auto& op, auto visit) { visit("allow_unseen", op.allow_unseen); }
  void check() const {}

  template <reports R>
  table<double> operator()(R const& contact) const {
    auto&& x = detail::readable(contact);
    table<double> shares(x.rows(), x.cols());
    for (Index g = 0; g < x.rows(); ++g) {
      for (Index i = 0; i < x.cols(); ++i) {
        shares(g, i) = static_cast<double>(x(g, i));
        if (contact_rule.fits(shares(g, i))) continue;
        detail::refuse(*this, contact_rule.sentence, {{"gateway", g}, {"client", i}, {"contact", shares(g, i)}});
      }
    }
    for (Index i = 0; i < x.cols(); ++i) {
      bool const seen = x.rows() > 0 && (shares.col(i).array() > 0).any();
      if (!seen && allow_unseen) continue;
      if (!seen) detail::refuse(*this, "needs a gateway that has seen the client, or allow_unseen", {{"client", i}});
      Eigen::VectorXd column = shares.col(i);
      detail::make_shares(*this, column, ""), shares.col(i) = column;
    }
    return shares;
  }
  template <reports R, detail::numbers Examples>
  table<double> operator()(R const& contact, Examples const& examples) const {
    table<double> w = (*this)(contact);
    w.array().rowwise() *= detail::read_numbers(*this, examples, w.cols(), detail::example_rule).transpose().array();
    return w;
  }

 private:
  friend class importance_state;
  static constexpr detail::number_rule contact_rule{"contact", "needs contact >= 0 and finite"};
};

/// The same for contacts that come one after the other: `state.add(gateway, client, seconds)`.
///
/// Shapes     any number of contacts; shares() and weights(examples) are gateways x clients.
/// Errors     those of the rule, and nothing has changed; gateways and clients that are not its own.
/// Guarantee  shares are those of the sums of all contacts: the rule's on a table of them, to the same bits.
/// Cost       O(1) a contact; O(gateways clients) memory and for shares.
/// Merge      of other times, or of what each gateway has seen, with the same gateways and clients: contacts add up.
/// Example    docs/federated.md
class importance_state {
 public:
  importance_state(importance_shares const& by, Index gateways, Index clients) : rule_(by) {
    if (gateways < 0 || clients < 0) {
      detail::refuse(rule_, "needs gateways and clients >= 0", {{"gateways", gateways}, {"clients", clients}});
    }
    contact_ = table<double>::Zero(gateways, clients);
  }
  std::string name() const { return robagg::name(rule_); }
  importance_shares const& rule() const { return rule_; }
  Index gateways() const { return contact_.rows(); }
  Index clients() const { return contact_.cols(); }
  table<double> const& contact() const { return contact_; }

  void add(Index gateway, Index client, double contact = 1) {
    if (gateway < 0 || gateway >= gateways()) {
      detail::refuse(rule_, "needs its own gateways", {{"gateway", gateway}, {"gateways", gateways()}});
    }
    if (client < 0 || client >= clients()) {
      detail::refuse(rule_, "needs its own clients", {{"client", client}, {"clients", clients()}});
    }
    detail::read_number(rule_, contact, importance_shares::contact_rule);
    contact_(gateway, client) = detail::read_number(rule_, contact_(gateway, client) + contact, sum_rule);
  }
  table<double> shares() const { return rule_(contact_); }
  template <detail::numbers Examples>
  table<double> weights(Examples const& examples) const {
    return rule_(contact_, examples);
  }

  void merge(importance_state const& other) {
    if (other.rule_.allow_unseen != rule_.allow_unseen) detail::refuse(rule_, "merges with the same parameters");
    if (other.gateways() != gateways() || other.clients() != clients()) {
      detail::refuse(rule_, "merges with the same gateways and clients",
                     {{"gateways", gateways()},
                      {"other gateways", other.gateways()},
                      {"clients", clients()},
                      {"other clients", other.clients()}});
    }
    table<double> const sum = contact_ + other.contact_;
    for (double const v : sum.reshaped()) detail::read_number(rule_, v, sum_rule);
    contact_ = sum;
  }
  /// The state as bytes, and back: the same bits afterwards. Bytes that pack did not write are bad_input.
  std::vector<std::byte> pack() const {
    detail::byte_writer out(detail::packed_kind::importance, sizeof(double));
    detail::put_rule(out, rule_), out.put_count(gateways()), out.put_count(clients()),
        out.put(contact_.data(), contact_.size());
    return std::move(out).finish();
  }
  static importance_state unpack(std::span<std::byte const> bytes) {
    detail::byte_reader in("importance_shares", bytes, detail::packed_kind::importance, sizeof(double));
    auto const rule = detail::get_rule<importance_shares>(in);
    Index const gateways = in.get_index(), clients = in.get_index();
    if (gateways > 0 && clients > 0) {
      in.demand_count(gateways, sizeof(double));
      in.demand_count(clients, sizeof(double) * static_cast<std::size_t>(gateways));
    } else {  // there are no contacts that say how many of the others there may be, and loops go over them
      in.demand(gateways <= 1 << 20 && clients <= 1 << 20);
    }
    importance_state state(rule, gateways, clients);
    in.get(state.contact_.data(), state.contact_.size());
    in.finish();
    in.demand(detail::all_within(state.contact_.array(), 0, std::numeric_limits<double>::max()));
    return state;
  }

 private:
  static constexpr detail::number_rule sum_rule{"contact", "needs contacts whose sum is finite"};
  importance_shares rule_;
  table<double> contact_;
};

}  // namespace robagg::inline ROBAGG_ABI
