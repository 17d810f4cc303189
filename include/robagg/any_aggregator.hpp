// SPDX-License-Identifier: BSL-1.0
// An aggregator chosen at run time, by name and parameters or from an operator. Optional: robagg.hpp
// does not include it, because naming every operator compiles every operator.
#pragma once

#include "diagnose.hpp"
#include "robagg.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// A named parameter, a number or the name of a choice: `{"f", 2}`, `{"start", "origin"}`.
struct parameter {
  std::string name;
  std::variant<double, std::string> value;

  template <class A>
    requires std::is_arithmetic_v<A>
  parameter(std::string_view n, A v) : name(n), value(static_cast<double>(v)) {}
  parameter(std::string_view n, std::string_view v) : name(n), value(std::string(v)) {}
};

namespace detail {

template <class... Ops>
struct catalogue {};
// All but attacks, and what needs a list or a fit.
using aggregators = catalogue<mean, median, trimmed_mean, interquartile_mean, interior_trimmed_mean, quantile,
                              mean_around_median, phocas, sign_majority, geometric_median, krum, multi_krum, bulyan, minimum_diameter_averaging,
                              smallest_max_eigenvalue_averaging, covariance_filter, centered_clipping, nearest_to,
                              comparative_gradient_elimination, aksel, trust_weighted, divide_and_conquer, norm_bounded_mean,
                              flag_aggregator, median_of_means, worst_case, best_case, uncertainty_weighted, soft_min,
                              defensive, opinion_pool, veto>;

template <class V>
void set_parameter(std::string const& who, V& field, parameter const& p) {
  double const* const number = std::get_if<double>(&p.value);
  if constexpr (std::is_enum_v<V>) {
    std::string known;
    std::size_t k = 0;
    for (auto const& choice : enumerators(field)) {
      if (!number && choice == std::get<std::string>(p.value)) {
        field = static_cast<V>(k);
        return;
      }
      known += (k++ == 0 ? "" : ", ") + std::string(choice);
    }
    throw_bad_input(who, "needs " + p.name + " to be one of " + known);
  } else if constexpr (requires { field.pointer; }) {
    throw_bad_input(who, "takes no list by name: " + p.name + " is set on the operator itself");
  } else {
    if (!number) throw_bad_input(who, "needs a number for " + p.name);
    constexpr bool whole = whole_field<V> || std::is_integral_v<V>;
    if constexpr (whole) {
      if (!(*number == std::floor(*number) && std::abs(*number) < 1e9)) {
        throw_bad_input(who, "needs a whole number for " + p.name, {{p.name, *number}});
      }
    }
    if constexpr (whole_field<V>) {
      field = static_cast<Index>(*number);
    } else if constexpr (real_field<V>) {
      field = *number;
    } else {
      field = static_cast<V>(*number);
    }
  }
}

// The operator with these parameters; refuses unknown, repeated and missing ones.
template <class Op>
Op configured(std::vector<parameter> const& given) {
  Op op = detail::blank<Op>();
  std::string const who = name(op);
  std::size_t used = 0;
  std::string known;
  if constexpr (requires { Op::parameters(op, [](auto, auto&) {}); }) {
    Op::parameters(op, [&]<class V>(std::string_view field, V& value) {
      known += (known.empty() ? "" : ", ") + std::string(field);
      std::size_t found = 0;
      for (auto const& p : given) {
        if (p.name == field) set_parameter(who, value, p), ++found;
      }
      if (found > 1) throw_bad_input(who, "is given " + std::string(field) + " twice");
      if (found == 0 && (whole_field<V> || real_field<V>)) throw_bad_input(who, "needs " + std::string(field));
      used += found;
    });
  }
  if (used != given.size()) {
    throw_bad_input(who, "is given an unknown parameter; it has " + (known.empty() ? std::string("none") : known));
  }
  return op;
}

// Weights whose type is known by its rounding unit only.
struct erased_weights {
  list<double> values;  // empty: none
  double rounding = 0;
  using value_type = double;
  Index size() const { return values.size(); }
  bool fit(auto const& table) const { return table.rows() == size(); }
  double epsilon() const { return rounding; }
  double operator[](Index i) const { return values[i]; }
};

// A table whose kinds are sorted out at run time.
template <class T>
struct erased_table {
  rows_table<T> rows;
  erased_weights weights;
  bool incomplete;
};

// Rows that lie in memory as they are read.
template <class X, class T>
inline constexpr bool row_in_memory = false;
template <class T, class L>
inline constexpr bool row_in_memory<rows_table<T, L>, T> = true;
template <dense X, class T>
  requires requires(X const& x) { x.data(), x.outerStride(); }
inline constexpr bool row_in_memory<X, T> =
    std::same_as<typename X::Scalar, T> && bool(X::IsRowMajor) && X::InnerStrideAtCompileTime == 1;
template <class B, class L, class T>
inline constexpr bool row_in_memory<subset_table<B, L>, T> = row_in_memory<std::remove_cvref_t<B>, T>;

template <class X>
auto row_address(X const& x, Index i) {
  if constexpr (requires { x.pointers; }) {
    return x.pointers[i];
  } else if constexpr (requires { x.indices; }) {
    return detail::row_address(x.base, x.indices[i]);
  } else {
    return x.data() + i * x.outerStride();
  }
}

class erased_aggregator {
 public:
  template <class T>
  using vector_map = workspace::vector_map<T>;

  virtual ~erased_aggregator() = default;
  virtual std::string name() const = 0;
  virtual std::string describe() const = 0;
  virtual void check(Index n) const = 0;
  virtual bool coordinatewise() const = 0;
  virtual std::shared_ptr<erased_aggregator const> without(Index i, Index n, workspace&) const = 0;
  // The result and, for rules that have one, its tie_break; otherwise the result again.
  virtual void into(erased_table<float> const&, vector_map<float>&, vector_map<float>& tie_break, workspace&) const = 0;
  virtual void into(erased_table<double> const&, vector_map<double>&, vector_map<double>& tie_break, workspace&) const = 0;
  virtual std::optional<Eigen::VectorXd> weights(erased_table<float> const&) const = 0;
  virtual std::optional<Eigen::VectorXd> weights(erased_table<double> const&) const = 0;
};

template <class Op>
class erased final : public erased_aggregator {
 public:
  explicit erased(Op const& op) : op_(op) {}
  std::string name() const override { return robagg::name(op_); }
  std::string describe() const override { return robagg::describe(op_); }
  void check(Index n) const override { detail::check_parameters(op_, n); }
  bool coordinatewise() const override { return requires { requires Op::coordinatewise; }; }
  std::shared_ptr<erased_aggregator const> without(Index i, Index n, workspace& ws) const override {
    auto const other = detail::without_row(op_, i, n, ws);
    return other ? std::make_shared<erased>(*other) : nullptr;
  }
  void into(erased_table<float> const& x, vector_map<float>& y, vector_map<float>& t, workspace& ws) const override {
    run(x, y, t, ws);
  }
  void into(erased_table<double> const& x, vector_map<double>& y, vector_map<double>& t, workspace& ws) const override {
    run(x, y, t, ws);
  }
  std::optional<Eigen::VectorXd> weights(erased_table<float> const& x) const override { return ask(x); }
  std::optional<Eigen::VectorXd> weights(erased_table<double> const& x) const override { return ask(x); }

 private:
  // Calls visit with the kind of table that x is, where op reads it.
  template <class T>
  void with_kind(erased_table<T> const& x, auto const& visit) const {
    if (x.incomplete) {
      with_weights(skip_nan(x.rows), x.weights, visit);
    } else {
      with_weights(x.rows, x.weights, visit);
    }
  }
  template <class X>
  void with_weights(X const& x, erased_weights const& w, auto const& visit) const {
    if (w.size() == 0) {
      visit_if_read(x, visit);
    } else {
      visit_if_read(weighted_table<held<X const&>, erased_weights>{{x}, w}, visit);
    }
  }
  template <class X>
  void visit_if_read(X const& x, auto const& visit) const {
    if constexpr (accepts<Op, X>()) {
      visit(x);
    } else {
      refuse(op_, incomplete_reports<X> ? "needs every entry and cannot skip NaN" : "has no weighted form");
    }
  }

  template <class T>
  void run(erased_table<T> const& table, vector_map<T>& y, vector_map<T>& tie_break, workspace& ws) const {
    with_kind(table, [&](auto const& x) {
      if constexpr (requires { op_.into(x, y, tie_break, ws); }) {
        op_.into(x, y, tie_break, ws);
      } else {
        op_.into(x, y, ws);
        tie_break = y;
      }
    });
  }
  template <class T>
  std::optional<Eigen::VectorXd> ask(erased_table<T> const& table) const {
    std::optional<Eigen::VectorXd> w;
    with_kind(table, [&]<class X>(X const& x) {
      if constexpr (knows_weights<Op, X>) w = robagg::weights(op_, x);
    });
    return w;
  }

  Op op_;
};

template <class... Ops>
std::shared_ptr<erased_aggregator const> make_aggregator(catalogue<Ops...>, std::string_view name,
                                                         std::vector<parameter> const& given) {
  std::shared_ptr<erased_aggregator const> made;
  auto const make = [&]<class Op>(std::type_identity<Op>) {
    if (type_name<Op>() == name) made = std::make_shared<erased<Op>>(detail::configured<Op>(given));
  };
  (make(std::type_identity<Ops>{}), ...);
  if (made) return made;
  std::string known;
  ((known += (known.empty() ? "" : ", ") + std::string(type_name<Ops>())), ...);
  throw_bad_input("any_aggregator", "knows no aggregator named '" + std::string(name) + "'; there are " + known);
}

}  // namespace detail

/// An aggregator of any type: made by name, `any_aggregator("trimmed_mean", {{"f", 2}})`, or from an
/// operator, pipes and your own included. It is an aggregate itself, so it pipes like one.
///
/// Shapes     those of the operator; half and bfloat16 tables are copied to float, column-major tables
///            and expressions copied too; row-major tables and rows_of are read in place.
/// Errors     bad_input for an unknown name, an unknown, missing or repeated parameter, and a table kind
///            the operator does not read (its compile-time sentences, at run time). No `around`.
/// Cost       one virtual call. Copies share the operator.
/// Guarantee, NaN, weights, ties   the operator's.    Example  examples/own_operator.cpp
class any_aggregator {
 public:
  // A template, so that the catalogue is compiled only where it is used.
  template <class Catalogue = detail::aggregators>
  explicit any_aggregator(std::string_view name, std::vector<parameter> const& parameters = {})
      : op_(detail::make_aggregator(Catalogue{}, name, parameters)) {}
  template <aggregate Op>
    requires(!std::same_as<Op, any_aggregator>)
  any_aggregator(Op const& op) : op_(std::make_shared<detail::erased<Op>>(op)) {}

  /// The names that can be asked for.
  static std::vector<std::string> names() { return names_of(detail::aggregators{}); }

  std::string name() const { return op_->name(); }
  std::string describe() const { return op_->describe(); }
  void check(Index n) const { op_->check(n); }
  std::optional<any_aggregator> without(Index i, Index n, workspace& ws) const {
    auto other = *this;
    other.op_ = op_->without(i, n, ws);
    return other.op_ ? std::optional(other) : std::nullopt;
  }
  /// Is each column of the result made from that column alone?
  bool coordinatewise() const { return op_->coordinatewise(); }

  static constexpr int reads = detail::skips_nan | detail::has_weights | detail::lacks_rows;
  void into(any_reports auto const& r, auto&& out, auto&& tie_break, workspace& ws) const {
    detail::check_table(*this, r);
    auto const scope = ws.scope();
    using T = detail::wide_of<decltype(r)>;
    auto y = ws.vector<T>(r.cols()), t = ws.vector<T>(r.cols());
    op_->into(erase(r, ws), y, t, ws);
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
    return op_->weights(erase(r, ws));
  }

 private:
  template <class... Ops>
  static std::vector<std::string> names_of(detail::catalogue<Ops...>) {
    return {std::string(detail::type_name<Ops>())...};
  }

  template <class R>
  static auto erase(R const& r, workspace& ws) {
    using T = detail::wide_of<R>;
    auto const& x = detail::plain_of(r);
    using X = std::remove_cvref_t<decltype(x)>;
    Index const n = x.rows(), d = x.cols();
    auto rows = ws.vector<T const*>(n);
    if constexpr (detail::row_in_memory<X, T>) {
      for (Index i = 0; i < n; ++i) rows(i) = detail::row_address(x, i);
    } else {
      detail::tile<T> const copy(ws, n, d);
      detail::load(detail::readable(x), 0, copy, ws);
      for (Index i = 0; i < n; ++i) rows(i) = copy.row(i);
    }
    detail::erased_table<T> erased{{{rows.data(), n}, d}, {}, incomplete_reports<R>};
    if constexpr (weighted_reports<R>) {
      auto w = ws.vector<double>(n);
      detail::read_weights(r, w.data());
      erased.weights = {{w.data(), n}, detail::weight_epsilon(r)};
    }
    return erased;
  }

  std::shared_ptr<detail::erased_aggregator const> op_;
};

}  // namespace robagg::inline ROBAGG_ABI
