// SPDX-License-Identifier: BSL-1.0
// Transforms, decisions and whole pipes chosen at run time, from operators or from text (parse.hpp). Optional.
#pragma once

#include "any_aggregator.hpp"

#include <string>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// A transform of any type, from an operator or from parse: as any_aggregator, but n x d -> m x d.
///
/// Shapes, errors, cost   as any_aggregator.      Guarantee, NaN, ties   the operator's.
/// Weights    rows keep theirs in a pipe where the transform keeps rows in place.     Example  examples/rules_by_name.cpp
class any_transform : public detail::any_base {
 public:
  template <transform Op>
    requires(!std::same_as<Op, any_transform>)
  any_transform(Op const& op) : any_base(std::make_shared<detail::erased<Op>>(op)) {}
  explicit any_transform(detail::erased_pointer op) : any_base(std::move(op)) {}

  Index rows(Index n) const { return op_->rows(n); }

  static constexpr int reads = detail::has_weights | detail::lacks_rows;
  void into(any_reports auto const& r, auto&& out, workspace& ws) const {
    detail::check_table(*this, r);
    auto const scope = ws.scope();
    using T = detail::wide_of<decltype(r)>;
    auto rows = ws.table<T>(op_->rows(r.rows()), r.cols());
    auto const x = detail::erase(*op_, r, ws);
    op_->transform(x, rows, ws);
    detail::fit_table(*this, out, rows.rows(), rows.cols());
    for (Index i = 0; i < rows.rows(); ++i) {
      auto row = out.row(i);
      detail::store(row, 0, rows.data() + i * rows.outerStride(), rows.cols());
    }
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }
};

/// A decision of any type, d scores -> positions (one for `best`), from an operator or from parse; of a pipe that ends in a
/// decision, n x d -> positions.
///
/// Errors     those of the operators; a table for a decision alone and a vector for such a pipe are bad_input.
/// Cost       one virtual call and, of scores that are not contiguous, a copy.
/// Guarantee, NaN, weights, ties   the operators'.     Example  examples/rules_by_name.cpp
class any_decide : public detail::any_base {
 public:
  template <decide Op>
    requires(!std::same_as<Op, any_decide>)
  any_decide(Op const& op) : any_base(std::make_shared<detail::erased<Op>>(op)) {}
  explicit any_decide(detail::erased_pointer op) : any_base(std::move(op)) {}

  using result_type = std::vector<Index>;
  /// Does it begin with a transform or an aggregate?
  bool reads_tables() const { return !op_->stages().empty(); }
  static constexpr int reads = detail::skips_nan | detail::has_weights | detail::lacks_rows;  // no `around`

  template <detail::scores V>
  void into(V const& scores, auto&& out, workspace& ws) const {
    into(scores, scores, out, ws);
  }
  template <detail::scores V, detail::scores B>
  void into(V const& scores, B const& tie_break, auto&& out, workspace& ws) const {
    if (reads_tables())
      detail::refuse(*this, "reads a table of reports, not their scores: write a vector as a table of one row");
    detail::check_tie_breaks(*this, static_cast<Index>(scores.size()), tie_break);
    auto const scope = ws.scope();
    using T = std::common_type_t<detail::wide<scalar_of<V>>, detail::wide<scalar_of<B>>>;
    auto const s = copied<T>(scores, ws), t = copied<T>(tie_break, ws);
    decided(*op_, s, t, out, ws);
  }
  template <any_reports R>
    requires(!detail::scores<R>)
  void into(R const& r, auto&& out, workspace& ws) const {
    if (!reads_tables()) detail::refuse(*this, "reads d scores, not a table of reports");
    detail::check_table(*this, r);
    auto const scope = ws.scope();
    using T = detail::wide_of<R>;
    auto y = ws.vector<T>(r.cols()), tie_break = ws.vector<T>(r.cols());
    detail::aggregate_erased(op_, r, y, tie_break, ws);
    decided(*op_->stages().back(), y, tie_break, out, ws);
  }
  std::vector<Index> operator()(auto const& x) const {
    workspace ws;
    std::vector<Index> out;
    into(x, out, ws);
    return out;
  }

 private:
  template <class V>
  using scalar_of = std::remove_cvref_t<decltype(std::declval<V const&>()[0])>;
  // Into a std::vector<Index>, or through one.
  void decided(auto const& op, auto const& scores, auto const& tie_break, auto& out, workspace& ws) const {
    if constexpr (std::is_same_v<std::remove_reference_t<decltype(out)>, std::vector<Index>>) {
      op.decide(scores, tie_break, out, ws);
    } else {
      detail::check_positions<std::remove_cvref_t<decltype(out[0])>>(*this, scores.size());
      std::vector<Index> chosen;
      op.decide(scores, tie_break, chosen, ws);
      auto const count = static_cast<Index>(chosen.size());
      detail::fit_vector(*this, out, count, "m");
      for (Index k = 0; k < count; ++k) detail::put_position(out, k, chosen[static_cast<std::size_t>(k)]);
    }
  }
  template <class T>
  static auto copied(auto const& scores, workspace& ws) {
    auto copy = ws.vector<T>(static_cast<Index>(scores.size()));
    auto&& readable = detail::readable(scores);
    auto const* const from = detail::score_values(readable, ws);
    for (Index j = 0; j < copy.size(); ++j) copy(j) = static_cast<T>(from[j]);
    return copy;
  }
};

/// What parse returns: an operator of any verb. Converts to any_aggregator, any_transform or any_decide, whichever its verb is;
/// to another one is bad_input.
class any_operator : public detail::any_base {
 public:
  explicit any_operator(detail::erased_pointer op) : any_base(std::move(op)) {}
  robagg::verb verb() const { return op_->facts.verb; }

  operator any_aggregator() const { return any_aggregator(as(robagg::verb::aggregate, "aggregator")); }
  operator any_transform() const { return any_transform(as(robagg::verb::transform, "transform")); }
  operator any_decide() const { return any_decide(as(robagg::verb::decide, "decision")); }

 private:
  detail::erased_pointer as(robagg::verb wanted, std::string_view kind) const {
    if (verb() != wanted) {
      detail::throw_bad_input(describe(), "is no " + std::string(kind) + ": its verb is " +
                                              std::string(enumerators(wanted)[static_cast<std::size_t>(verb())]));
    }
    return op_;
  }
};

}  // namespace robagg::inline ROBAGG_ABI
