// SPDX-License-Identifier: BSL-1.0
// An aggregator chosen at run time, from an operator or by name and parameters. Optional: robagg.hpp does not include it. The
// whole catalogue is compiled where a name is looked up in it; any_aggregator_of<median, krum>(name) compiles those two.
#pragma once

#include "detail/by_name/catalogue.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// An aggregator of any type: made by name, `any_aggregator("trimmed_mean", {{"f", 2}})`, by parse (parse.hpp), or from an
/// operator, pipes and your own included. It is an aggregate itself, so it pipes like one.
///
/// Shapes     those of the operator; tables of halves and integers are copied to float or double, column-major tables
///            and expressions copied too; row-major tables and rows_of are read in place.
/// Errors     bad_input for an unknown name (with the nearest one), an unknown, missing or repeated parameter, a number that
///            its type does not hold, and a table kind the operator does not read (its compile-time sentences, at run time).
///            No `around`.
/// Cost       one virtual call. Copies share the operator, and the lists that were read with it.
/// Guarantee, NaN, weights, ties   the operator's.    Example  examples/own_operator.cpp
class any_aggregator : public detail::any_base {
 public:
  // A template, so that the catalogue is compiled only where it is used.
  template <class Catalogue = detail::aggregates>
  explicit any_aggregator(std::string_view name, std::vector<parameter> const& parameters = {})
      : any_base(detail::make_operator("any_aggregator", "aggregator", Catalogue{}, name, parameters)) {}
  template <aggregate Op>
    requires(!std::same_as<Op, any_aggregator>)
  any_aggregator(Op const& op) : any_base(std::make_shared<detail::erased<Op>>(op)) {}
  explicit any_aggregator(detail::erased_pointer op) : any_base(std::move(op)) {}

  /// The names that can be asked for.
  static std::vector<std::string> names() {
    auto const all = detail::names_of(detail::aggregates{});
    return {all.begin(), all.end()};
  }

  std::optional<any_aggregator> without(Index i, Index n, workspace& ws) const {
    auto other = op_->without(i, n, ws);
    return other ? std::optional(any_aggregator(std::move(other))) : std::nullopt;
  }
  /// Is each column of the result made from that column alone?
  bool coordinatewise() const { return op_->facts.coordinatewise; }

  static constexpr int reads = detail::skips_nan | detail::has_weights | detail::lacks_rows;
  void into(any_reports auto const& r, auto&& out, auto&& tie_break, workspace& ws) const {
    detail::check_table(*this, r);
    auto const scope = ws.scope();
    using T = detail::wide_of<decltype(r)>;
    auto y = ws.vector<T>(r.cols()), t = ws.vector<T>(r.cols());
    detail::aggregate_erased(op_, r, y, t, ws);
    detail::fit_vector(*this, tie_break, r.cols());
    detail::fit_vector(*this, out, r.cols());
    detail::store(tie_break, 0, t.data(), r.cols());
    detail::store(out, 0, y.data(), r.cols());
  }
  void into(any_reports auto const& r, auto&& out, workspace& ws) const {
    detail::check_table(*this, r);
    auto const scope = ws.scope();
    auto unused = ws.vector<detail::wide_of<decltype(r)>>(r.cols());
    into(r, out, unused, ws);
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }

  /// How much each report counts in the result, as robagg::weights (diagnose.hpp) says; empty where that does not know.
  std::optional<Eigen::VectorXd> weights(any_reports auto const& r) const {
    detail::check_table(*this, r);
    workspace ws;
    return detail::shares_erased(op_, r, ws);
  }
};

/// The same from a catalogue of a few operators: `any_aggregator_of<median, krum>("krum", {{"f", 2}})`.
template <aggregate... Ops>
any_aggregator any_aggregator_of(std::string_view name, std::vector<parameter> const& parameters = {}) {
  return any_aggregator(
      detail::make_operator("any_aggregator_of", "aggregator", detail::catalogue<Ops...>{}, name, parameters));
}

}  // namespace robagg::inline ROBAGG_ABI
