// SPDX-License-Identifier: BSL-1.0
// An aggregator chosen at run time, by name and parameters or from an operator. Optional: robagg.hpp
// does not include it, because naming every operator compiles every operator.
#pragma once

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
using aggregators = catalogue<mean, median, trimmed_mean, quantile, krum, geometric_median, worst_case, best_case,
                              uncertainty_weighted, soft_min, defensive>;

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
  } else {
    if (!number) throw_bad_input(who, "needs a number for " + p.name);
    constexpr bool whole = std::same_as<V, count> || std::is_integral_v<V>;
    if constexpr (whole) {
      if (!(*number == std::floor(*number) && std::abs(*number) < 1e9)) {
        throw_bad_input(who, "needs a whole number for " + p.name, {{p.name, *number}});
      }
    }
    if constexpr (std::same_as<V, count>) {
      field = static_cast<Index>(*number);
    } else if constexpr (std::same_as<V, real>) {
      field = *number;
    } else {
      field = static_cast<V>(*number);
    }
  }
}

// The operator with these parameters; refuses unknown, repeated and missing ones.
template <class Op>
Op configured(std::vector<parameter> const& given) {
  Op op = blank<Op>();
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
      if (found == 0 && (std::same_as<V, count> || std::same_as<V, real>)) throw_bad_input(who, "needs " + std::string(field));
      used += found;
    });
  }
  if (used != given.size()) {
    throw_bad_input(who, "is given an unknown parameter; it has " + (known.empty() ? std::string("none") : known));
  }
  return op;
}

// A table whose kinds have been sorted out at run time.
template <class T>
struct erased_table {
  rows_table<T> rows;
  list<double> weights;  // empty: none
  bool incomplete;
};

class erased_aggregator {
 public:
  template <class T>
  using vector_map = workspace::vector_map<T>;

  virtual ~erased_aggregator() = default;
  virtual std::string name() const = 0;
  virtual std::string describe() const = 0;
  virtual void check(Index n) const = 0;
  virtual void into(erased_table<float> const&, vector_map<float>&, workspace&) const = 0;
  virtual void into(erased_table<double> const&, vector_map<double>&, workspace&) const = 0;
  virtual bool weights(erased_table<float> const&, Eigen::VectorXd&, workspace&) const = 0;
  virtual bool weights(erased_table<double> const&, Eigen::VectorXd&, workspace&) const = 0;
};

template <class Op>
class erased final : public erased_aggregator {
 public:
  explicit erased(Op const& op) : op_(op) {}
  std::string name() const override { return robagg::name(op_); }
  std::string describe() const override { return robagg::describe(op_); }
  void check(Index n) const override { check_parameters(op_, n); }
  void into(erased_table<float> const& x, vector_map<float>& y, workspace& ws) const override { run(x, y, ws); }
  void into(erased_table<double> const& x, vector_map<double>& y, workspace& ws) const override { run(x, y, ws); }
  bool weights(erased_table<float> const& x, Eigen::VectorXd& w, workspace& ws) const override { return ask(x, w, ws); }
  bool weights(erased_table<double> const& x, Eigen::VectorXd& w, workspace& ws) const override { return ask(x, w, ws); }

 private:
  template <class X, class T>
  void run_on(X const& x, vector_map<T>& y, workspace& ws) const {
    if constexpr (accepts<Op, X>) {
      op_.into(x, y, ws);
    } else if constexpr (incomplete_reports<X>) {
      refuse(op_, "needs every entry and cannot skip NaN");
    } else {
      refuse(op_, "has no weighted form");
    }
  }
  template <class T>
  void run(erased_table<T> const& x, vector_map<T>& y, workspace& ws) const {
    if (x.incomplete) {
      auto const present = skip_nan(x.rows);
      x.weights.empty() ? run_on(present, y, ws) : run_on(weighted(present, x.weights), y, ws);
    } else {
      x.weights.empty() ? run_on(x.rows, y, ws) : run_on(weighted(x.rows, x.weights), y, ws);
    }
  }
  template <class T>
  bool ask(erased_table<T> const& x, Eigen::VectorXd& to, workspace& ws) const {
    if constexpr (geometric<Op>) {
      enter(op_, x.rows);
      auto const scope = ws.scope();
      auto const w = op_.weights(geometry_for<Op>(x.rows, ws), ws);
      for (Index i = 0; i < to.size(); ++i) to(i) = w(i);
      return true;
    } else {
      return false;
    }
  }

  Op op_;
};

template <class... Ops>
std::shared_ptr<erased_aggregator const> make_aggregator(catalogue<Ops...>, std::string_view name,
                                                         std::vector<parameter> const& given) {
  std::shared_ptr<erased_aggregator const> made;
  auto const make = [&]<class Op>(std::type_identity<Op>) {
    if (type_name<Op>() == name) made = std::make_shared<erased<Op>>(configured<Op>(given));
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

  template <any_reports R>
    requires(!shifted_reports<R>)
  void into(R const& r, auto&& out, workspace& ws) const {
    using T = detail::wide_of<R>;
    detail::enter(*this, r);
    auto const scope = ws.scope();
    auto y = ws.vector<T>(r.cols());
    op_->into(erase(r, ws), y, ws);
    detail::fit_vector(out, r.cols());
    detail::store(out, 0, y.data(), r.cols());
  }
  auto operator()(any_reports auto const& r) const { return evaluate(*this, r); }

  /// How much each report weighs in the result, where the result is a mixture of the reports.
  std::optional<Eigen::VectorXd> weights(reports auto const& r) const {
    workspace ws;
    Eigen::VectorXd w(r.rows());
    bool const known = op_->weights(erase(r, ws), w, ws);
    return known ? std::optional(w) : std::nullopt;
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
    if constexpr (std::same_as<X, detail::rows_table<T>>) {
      for (Index i = 0; i < n; ++i) rows(i) = x.pointers[i];
    } else if constexpr (requires { requires std::same_as<typename X::Scalar, T> && bool(X::IsRowMajor) && X::InnerStrideAtCompileTime == 1; x.data(); }) {
      for (Index i = 0; i < n; ++i) rows(i) = x.data() + i * x.outerStride();
    } else {
      detail::tile<T> const copy(ws, n, d);
      detail::load(detail::readable(x), 0, copy, ws);
      for (Index i = 0; i < n; ++i) rows(i) = copy.row(i);
    }
    detail::erased_table<T> erased{{{rows.data(), n}, d}, {}, incomplete_reports<R>};
    if constexpr (weighted_reports<R>) {
      auto w = ws.vector<double>(n);
      for (Index i = 0; i < n; ++i) w(i) = detail::weight_at(r, i);
      erased.weights = {w.data(), n};
    }
    return erased;
  }

  std::shared_ptr<detail::erased_aggregator const> op_;
};

}  // namespace robagg::inline ROBAGG_ABI
