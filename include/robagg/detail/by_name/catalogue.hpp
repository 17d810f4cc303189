// SPDX-License-Identifier: BSL-1.0
// The operators that have a name at run time, and tables as those read them.
#pragma once

#include "../../robagg.hpp"
#include "erased.hpp"

namespace robagg::inline ROBAGG_ABI::detail {

template <class... Ops>
struct catalogue {};
// All but attacks, and what is fitted.
using aggregates =
    catalogue<mean, median, trimmed_mean, trimmed_mean_by_share, asymmetric_trimmed_mean, interquartile_mean,
              interior_trimmed_mean, winsorized_mean, winsorized_mean_by_share, quantile, trimean, interpolated_median,
              sigma_clipped_mean, huber, biweight_location, hodges_lehmann, median_absolute_deviation, quantile_range,
              mean_around_median, phocas, sign_majority, geometric_median, krum, multi_krum, bulyan, minimum_diameter_averaging,
              smallest_max_eigenvalue_averaging, covariance_filter, centered_clipping, nearest_to,
              comparative_gradient_elimination, aksel, trust_weighted, divide_and_conquer, norm_bounded_mean, flag_aggregator,
              median_of_means, worst_case, best_case, uncertainty_weighted, soft_min, defensive, opinion_pool, veto,
              linear_pool, gated_averaging, uniform_phantom, moulin_median, independent_markets>;
using transforms = catalogue<clip, adaptive_clip, nearest_neighbour_mixing, bucketing, robagg::ranks, quantiles, pool_rows,
                             rearrange, isotonic, boosted, group_means, group_median>;
using decisions = catalogue<best, top, protect>;

template <class... Ops>
std::vector<std::string_view> names_of(catalogue<Ops...>) {
  return {type_name<Ops>()...};
}

template <class Op>
erased_pointer make_erased(std::vector<parameter> const& given) {
  Op op = detail::blank<Op>();
  owned_lists lists;
  detail::set_fields(robagg::name(op), detail::fields_of(op), given, lists);
  return std::make_shared<erased<Op>>(op, std::move(lists));
}
// nullptr where the catalogue has no such name.
template <class... Ops>
erased_pointer look_up(catalogue<Ops...>, std::string_view name, std::vector<parameter> const& given) {
  using maker = erased_pointer (*)(std::vector<parameter> const&);
  static constexpr std::pair<std::string_view, maker> makers[] = {{type_name<Ops>(), make_erased<Ops>}...};
  for (auto const& [known, make] : makers) {
    if (known == name) return make(given);
  }
  return nullptr;
}
#ifdef ROBAGG_CATALOGUE
ROBAGG_CATALOGUE class erased_pipe<>;
ROBAGG_CATALOGUE erased_pointer look_up(aggregates, std::string_view, std::vector<parameter> const&);
ROBAGG_CATALOGUE erased_pointer look_up(transforms, std::string_view, std::vector<parameter> const&);
ROBAGG_CATALOGUE erased_pointer look_up(decisions, std::string_view, std::vector<parameter> const&);
#endif
[[noreturn]] inline void refuse_name(std::string const& who, std::string_view kind, std::string_view name,
                                     std::vector<std::string_view> const& known) {
  std::string const nearest = nearest_name(name, known);
  throw_bad_input(who, "knows no " + std::string(kind) + " named '" + std::string(name) + "'" + nearest +
                           (nearest.empty() ? ";" : "") + " there are " + listed(known));
}
template <class... Ops>
erased_pointer make_operator(std::string const& who, std::string_view kind, catalogue<Ops...> all, std::string_view name,
                             std::vector<parameter> const& given) {
  auto made = detail::look_up(all, name, given);
  if (!made) detail::refuse_name(who, kind, name, detail::names_of(all));
  return made;
}

// The table as op reads it; what op does not read is refused.
template <class R>
auto erase(erased_operator const& op, R const& r, workspace& ws) {
  using T = wide_of<R>;
  auto&& x = detail::plain_of(r);
  using X = std::remove_cvref_t<decltype(x)>;
  Index const n = x.rows(), d = x.cols();
  auto const rows = ws.take<T const*>(n);
  if constexpr (has_addresses<X, T>) {
    for (Index i = 0; i < n; ++i) rows[i] = detail::row_address<T>(x, i);
  } else {
    tile<T> const copy(ws, n, d);
    detail::load(detail::readable(x), 0, copy, ws);
    for (Index i = 0; i < n; ++i) rows[i] = copy.row(i);
  }
  erased_table<T> erased{{{rows, n}, d}, {}, incomplete_reports<R>};
  if constexpr (weighted_reports<R>) {
    auto const w = ws.take<double>(n);
    detail::read_weights(r, w);
    erased.weights = {{w, n}, detail::weight_epsilon(r)};
  }
  detail::check_kinds(op, erased);
  return erased;
}

// An operator that leaves out rows which are absent as a whole, as over_rows_present asks it.
struct erased_rule {
  erased_pointer op;
  std::string name() const { return op->name(); }
  bool enough(Index n) const { return op->enough(n); }
  std::optional<erased_rule> without(Index i, Index n, workspace& ws) const {
    auto other = op->without(i, n, ws);
    return other ? std::optional(erased_rule{std::move(other)}) : std::nullopt;
  }
};
// The result of op over r, and its tie_break.
template <class R, class T>
void aggregate_erased(erased_pointer const& op, R const& r, workspace::vector_map<T>& y, workspace::vector_map<T>& tie_break,
                      workspace& ws) {
  if constexpr (incomplete_reports<R>) {
    if (op->facts.leaves_rows_out) {
      return detail::over_rows_present(
          erased_rule{op}, r, ws,
          [&](erased_rule const& rule, auto const& table, auto const&) {
            rule.op->aggregate(detail::erase(*rule.op, table, ws), y, tie_break, ws);
          },
          [&] { y.setConstant(std::numeric_limits<T>::quiet_NaN()), tie_break = y; });
    }
  }
  op->aggregate(detail::erase(*op, r, ws), y, tie_break, ws);
}
// How much the rows of r count.
template <class R>
std::optional<Eigen::VectorXd> shares_erased(erased_pointer const& op, R const& r, workspace& ws) {
  if constexpr (incomplete_reports<R>) {
    if (op->facts.leaves_rows_out) {
      std::optional<Eigen::VectorXd> all;
      detail::over_rows_present(
          erased_rule{op}, r, ws,
          [&](erased_rule const& rule, auto const& table, auto const& rows) {
            auto const shares = rule.op->shares(detail::erase(*rule.op, table, ws), ws);
            if (shares) all = detail::at_rows(*shares, rows, r.rows(), 0.);
          },
          [&] { all = Eigen::VectorXd::Constant(r.rows(), std::numeric_limits<double>::quiet_NaN()); });
      return all;
    }
  }
  return op->shares(detail::erase(*op, r, ws), ws);
}

}  // namespace robagg::inline ROBAGG_ABI::detail
