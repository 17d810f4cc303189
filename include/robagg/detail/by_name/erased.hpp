// SPDX-License-Identifier: BSL-1.0
// Operators chosen at run time. An operator is compiled once for each type of number and, where it runs on one of the engines,
// for one kind of table: only its own weights, mixing or reduce, nothing around it. Pipes are put together from such operators
// at run time, by the rules of chain.hpp and to the same bits.
#pragma once

#include "../../diagnose.hpp"
#include "../columns/weighed_later.hpp"
#include "fields.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// What an operator does: n x d -> m x d, n x d -> d, or -> positions.
enum class verb { transform, aggregate, decide };
constexpr std::array<std::string_view, 3> enumerators(verb) { return {"transform", "aggregate", "decide"}; }

namespace detail {

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
template <class T>
using weighted_rows = weighted_table<held<rows_table<T> const&>, erased_weights>;

struct erased_facts {
  robagg::verb verb;
  int reads;
  measured needs;  // of a geometry
  bool coordinatewise, geometric, linear, scales, names_a_row, keeps_rows, moves_rows, leaves_rows_out;
};

// What an operator does with numbers T. Each is asked only of operators that can do it.
template <class T>
class erased_engine {
 public:
  using vector = workspace::vector_map<T>;
  using matrix = workspace::table_map<T>;
  // The result and, for rules that have one, its tie_break; otherwise the result again.
  virtual void aggregate(erased_table<T> const&, vector& y, vector& tie_break, workspace&) const = 0;
  // The same for a coordinate-wise rule, of rows that come from anywhere.
  virtual void columns(table_reader<T> const&, erased_weights const&, bool /*skips_nan*/, vector& /*y*/, workspace&) const {}
  virtual void transform(erased_table<T> const&, matrix& out, workspace&) const = 0;
  virtual void decide(vector const& /*scores*/, vector const& /*tie_break*/, std::vector<Index>& /*out*/, workspace&) const {}
  // How much rows count, where the operator knows (diagnose.hpp).
  virtual std::optional<Eigen::VectorXd> shares(erased_table<T> const&, workspace&) const = 0;
  virtual Eigen::VectorXd column_shares(table_reader<T> const&, bool /*skips_nan*/, workspace&) const { return {}; }

 protected:
  ~erased_engine() = default;
};

class erased_operator : public erased_engine<float>, public erased_engine<double> {
 public:
  using erased_engine<float>::aggregate, erased_engine<double>::aggregate;
  using erased_engine<float>::columns, erased_engine<double>::columns;
  using erased_engine<float>::transform, erased_engine<double>::transform;
  using erased_engine<float>::decide, erased_engine<double>::decide;
  using erased_engine<float>::shares, erased_engine<double>::shares;
  using erased_engine<float>::column_shares, erased_engine<double>::column_shares;
  explicit erased_operator(erased_facts const& known) : facts(known) {}
  virtual ~erased_operator() = default;
  virtual std::string name() const = 0;
  virtual std::string describe() const = 0;
  virtual void check(Index n) const = 0;
  virtual bool enough(Index n) const = 0;
  virtual Index rows(Index n) const = 0;
  virtual geometry::vector weights(geometry const& g, workspace& ws) const { return ws.vector<double>(g.rows()); }
  virtual geometry::matrix mixing(geometry const& g, workspace& ws) const { return ws.table<double>(0, g.rows()); }
  virtual std::shared_ptr<erased_operator const> without(Index i, Index n, workspace&) const = 0;
  // The stages of a pipe: none where this is no pipe.
  virtual std::vector<std::shared_ptr<erased_operator const>> stages() const { return {}; }

  erased_facts const facts;
};
using erased_pointer = std::shared_ptr<erased_operator const>;

// What any_aggregator, any_transform, any_decide and any_operator have in common.
class any_base {
 public:
  std::string name() const { return op_->name(); }
  std::string describe() const { return op_->describe(); }
  void check(Index n) const { op_->check(n); }

 protected:
  explicit any_base(erased_pointer op) : op_(std::move(op)) {}
  ~any_base() = default;
  erased_pointer op_;
};

// --- the engines, on erased tables ---------------------------------------------------------------

// detail::geometry_for.
template <class T>
geometry geometry_of(erased_operator const& op, measured much, erased_table<T> const& x, workspace& ws, Index from = -1) {
  auto const of = [&](auto const& table) { return detail::measure(table, ws, op, much, from); };
  return x.weights.size() == 0 ? of(x.rows) : of(weighted_rows<T>{{x.rows}, x.weights});
}

template <class T>
rows_table<T> rows_table_of(workspace::table_map<T> const& x, workspace& ws) {
  auto const rows = ws.take<T const*>(x.rows());
  for (Index i = 0; i < x.rows(); ++i) rows[i] = x.data() + i * x.outerStride();
  return {{rows, x.rows()}, x.cols()};
}

// What an operator does not read is refused as at compile time.
template <class T>
void check_kinds(erased_operator const& op, erased_table<T> const& x) {
  if (x.incomplete && (op.facts.reads & skips_nan) == 0) detail::refuse(op, "needs every entry and cannot skip NaN");
  if (x.weights.size() > 0 && (op.facts.reads & has_weights) == 0) detail::refuse(op, "has no weighted form");
}

// --- an operator ---------------------------------------------------------------------------------

template <class Op>
consteval erased_facts facts_of() {
  constexpr bool is_transform = makes_rows<Op>, is_decision = robagg::decide<Op>;
  int reads = 0;
  if constexpr (!is_decision) {
    reads = (accepts<Op, weighted_rows<float>>() ? has_weights : 0) |
            (accepts<Op, skip_nan_table<held<rows_table<float> const&>>>() ? skips_nan : 0);
  }
  return {is_transform  ? verb::transform
          : is_decision ? verb::decide
                        : verb::aggregate,
          reads, detail::needs<Op>(), requires {requires Op::coordinatewise;
}
, geometric<Op>, linear<Op>, scales<Op>, names_a_row<Op>, detail::keeps_rows<Op>(),
    requires { Op::moves_rows; }, leaves_rows_out<Op>
};  // namespace detail
}  // namespace robagg::inline ROBAGG_ABI

template <class Op>
class erased_base : public erased_operator {
 public:
  explicit erased_base(Op const& op, owned_lists lists) : erased_operator(facts_of<Op>()), op_(op), lists_(std::move(lists)) {}
  std::string name() const override { return robagg::name(op_); }
  std::string describe() const override { return robagg::describe(op_); }
  void check(Index n) const override { detail::check_parameters(op_, n); }
  bool enough(Index n) const override { return detail::enough(op_, n); }
  Index rows([[maybe_unused]] Index n) const override {
    if constexpr (makes_rows<Op>) {
      return op_.rows(n);
    } else {
      return 1;
    }
  }
  geometry::vector weights(geometry const& g, workspace& ws) const override {
    if constexpr (geometric<Op>) {
      return detail::weights_in(op_, g, ws);
    } else {
      return erased_operator::weights(g, ws);
    }
  }
  geometry::matrix mixing(geometry const& g, workspace& ws) const override {
    if constexpr (linear<Op>) {
      return detail::mixing_in(op_, g, ws);
    } else {
      return erased_operator::mixing(g, ws);
    }
  }

 protected:
  Op op_;
  owned_lists lists_;
};

// The same with numbers T: a layer for each type.
template <class Op, class T, class Base>
class erased_with : public Base {
 public:
  using Base::aggregate, Base::columns, Base::transform, Base::decide, Base::shares, Base::column_shares;
  using Base::Base;
  using vector = workspace::vector_map<T>;
  using matrix = workspace::table_map<T>;

  void aggregate(erased_table<T> const& x, vector& y, [[maybe_unused]] vector& tie_break, workspace& ws) const final {
    if constexpr (column_rule<Op>) {
      reader<rows_table<T>, T> const table(x.rows);
      detail::reduce_reader<T>(op(), table, x.weights.values, x.weights.rounding, x.incomplete, sink_of<T>(y), ws);
      tie_break = y;
    } else if constexpr (geometric<Op>) {
      auto const scope = ws.scope();
      if constexpr (iterates<Op>) {
        if (op().along_columns(x.rows.rows(), x.rows.cols())) {
          with_kind(x, [&](auto const& table) { op().into(table, y, ws); });
          tie_break = y;
          return;
        }
      }
      auto const w = op().weights(own_geometry(x, ws), ws);
      detail::sum_rows(w, x.rows, y, ws);
      tie_break = y;
    } else if constexpr (robagg::aggregate<Op>) {
      with_kind(x, [&](auto const& table) {
        if constexpr (requires { op().into(table, y, tie_break, ws); }) {
          op().into(table, y, tie_break, ws);
        } else {
          op().into(table, y, ws);
          tie_break = y;
        }
      });
    }
  }
  void columns([[maybe_unused]] table_reader<T> const& x, [[maybe_unused]] erased_weights const& w,
               [[maybe_unused]] bool skips_nan, [[maybe_unused]] vector& y, [[maybe_unused]] workspace& ws) const final {
    if constexpr (column_rule<Op>) detail::reduce_reader<T>(op(), x, w.values, w.rounding, skips_nan, sink_of<T>(y), ws);
  }
  void transform([[maybe_unused]] erased_table<T> const& x, [[maybe_unused]] matrix& out,
                 [[maybe_unused]] workspace& ws) const final {
    if constexpr (makes_rows<Op>) {
      if constexpr (detail::accepts<Op, weighted_rows<T>>()) {
        if (x.weights.size() > 0) return op().into(weighted_rows<T>{{x.rows}, x.weights}, out, ws);
      }
      op().into(x.rows, out, ws);
    }
  }
  void decide([[maybe_unused]] vector const& scores, [[maybe_unused]] vector const& tie_break,
              [[maybe_unused]] std::vector<Index>& out, [[maybe_unused]] workspace& ws) const final {
    if constexpr (robagg::decide<Op>) {
      typename Op::result_type chosen{};
      if constexpr (requires { op().into(scores, tie_break, chosen, ws); }) {
        op().into(scores, tie_break, chosen, ws);
      } else {
        op().into(scores, chosen, ws);
      }
      if constexpr (std::convertible_to<typename Op::result_type, Index>) {
        out = {chosen};
      } else {
        out.assign(chosen.begin(), chosen.end());
      }
    }
  }
  std::optional<Eigen::VectorXd> shares([[maybe_unused]] erased_table<T> const& x, [[maybe_unused]] workspace& ws) const final {
    if constexpr (column_rule<Op>) {
      if (x.weights.size() > 0) return std::nullopt;
      reader<rows_table<T>, T> const table(x.rows);
      return column_shares(table, x.incomplete, ws);
    } else if constexpr (geometric<Op>) {
      if constexpr (iterates<Op>) {
        std::optional<Eigen::VectorXd> w;
        with_kind(x, [&](auto const& table) { w = robagg::weights(op(), table); });
        return w;
      }
      return detail::owned(op().weights(own_geometry(x, ws), ws), x.rows.rows());
    } else if constexpr (from_reports<Op>) {
      return detail::owned(op().weights_from(x.rows, ws), x.rows.rows());
    } else if constexpr (knows_weights<Op, rows_table<T>>) {
      return x.weights.size() > 0 || x.incomplete ? std::nullopt : std::optional(robagg::weights(op(), x.rows));
    } else {
      return std::nullopt;
    }
  }
  Eigen::VectorXd column_shares([[maybe_unused]] table_reader<T> const& x, [[maybe_unused]] bool skips_nan,
                                [[maybe_unused]] workspace& ws) const final {
    Eigen::VectorXd counts = Eigen::VectorXd::Zero(x.rows()), kept = counts;
    if constexpr (column_rule<Op>) detail::column_shares<T>(op(), x, skips_nan, counts.data(), kept.data(), ws);
    return counts;
  }

 private:
  Op const& op() const { return this->op_; }
  geometry own_geometry(erased_table<T> const& x, workspace& ws) const {
    return detail::geometry_of(*this, detail::needs<Op>(), x, ws, detail::seen_from(op(), x.rows.rows()));
  }

  // Calls visit with the kind of table that x is, of those that Op reads.
  void with_kind(erased_table<T> const& x, auto const& visit) const {
    auto const weighted_or_not = [&](auto const& table) {
      using X = std::remove_cvref_t<decltype(table)>;
      using W = weighted_table<held<X const&>, erased_weights>;
      if (x.weights.size() == 0) return visit(table);
      if constexpr (accepts<Op, W>()) visit(W{{table}, x.weights});
    };
    using S = skip_nan_table<held<rows_table<T> const&>>;
    if (!x.incomplete) return weighted_or_not(x.rows);
    if constexpr (accepts<Op, S>()) weighted_or_not(S{{x.rows}});
  }
};

template <class Op>
class erased final : public erased_with<Op, double, erased_with<Op, float, erased_base<Op>>> {
 public:
  explicit erased(Op const& op, owned_lists lists = {})
      : erased_with<Op, double, erased_with<Op, float, erased_base<Op>>>(op, std::move(lists)) {}
  erased_pointer without(Index i, Index n, workspace& ws) const override {
    auto const other = detail::without_row(this->op_, i, n, ws);
    return other ? std::make_shared<erased>(*other, this->lists_) : nullptr;
  }
};

// --- a pipe --------------------------------------------------------------------------------------

// Stages [first, last) of a pipe, all linear, as one linear transform: chain::mixing.
class linear_run {
 public:
  linear_run(erased_pointer const* first, erased_pointer const* last) : first_(first), last_(last) {}
  // What they and `next`, if it is geometric, need of the geometry.
  measured needs(erased_operator const* next) const {
    measured much = (*first_)->facts.needs;
    bool names_a_row = (*first_)->facts.names_a_row;
    for (auto const* s = first_ + 1; s != last_; ++s) {
      much = need_after(s, much, names_a_row, (*s)->facts);
      names_a_row = names_a_row || (*s)->facts.names_a_row;
    }
    return next != nullptr && next->facts.geometric ? need_after(last_, much, names_a_row, next->facts) : much;
  }
  bool keeps_rows() const {
    return std::all_of(first_, last_, [](auto const& s) { return s->facts.keeps_rows; });
  }
  Index rows(Index n) const {
    for (auto const* s = first_; s != last_; ++s) n = (*s)->rows(n);
    return n;
  }
  geometry::matrix mixing(geometry const& g, workspace& ws) const {
    if (last_ - first_ == 1) return (*first_)->mixing(g, ws);
    linear_run const before(first_, last_ - 1);
    auto result = ws.table<double>(rows(g.rows()), g.rows());
    auto const scope = ws.scope();
    auto const W = before.mixing(g, ws);
    result.noalias() = (*(last_ - 1))->mixing(before.after(g, W, **(last_ - 1), ws), ws).lazyProduct(W);
    return result;
  }
  // Those of the rows for a geometric operator that follows: chain::weights.
  geometry::vector weights(erased_operator const& next, geometry const& g, workspace& ws) const {
    auto result = ws.vector<double>(g.rows());
    auto const scope = ws.scope();
    auto const W = mixing(g, ws);
    auto const w = next.weights(after(g, W, next, ws), ws);
    detail::carry_back(w, W, result);
    return result;
  }

 private:
  // chain::needs, of the stages before `end` and one more.
  measured need_after(erased_pointer const* end, measured much, bool names_a_row, erased_facts const& next) const {
    if (next.needs == measured::weights && !names_a_row) return much;
    return linear_run(first_, end).by_norms(much, next) && !names_a_row ? measured::norms : measured::products;
  }
  bool by_norms(measured much, erased_facts const& next) const {
    return much <= measured::norms && next.needs == measured::norms && !next.names_a_row &&
           std::all_of(first_, last_, [](auto const& s) { return s->facts.scales; });
  }
  geometry after(geometry const& g, geometry::matrix const& W, erased_operator const& next, workspace& ws) const {
    if (next.facts.needs == measured::weights) return detail::only_weights(g, W.rows(), keeps_rows(), ws);
    if (!g.has_distances()) return detail::scaled(g, W.diagonal(), keeps_rows(), ws);
    return detail::mixed(g, W, keeps_rows(), ws);
  }
  erased_pointer const *first_, *last_;
};

// transform | ... | aggregate | decision, some of it. A template, so that only those who parse compile it.
template <class Operator = erased_operator>
class erased_pipe final : public Operator {
 public:
  explicit erased_pipe(std::vector<erased_pointer> stages) : Operator(facts_of_pipe(stages)), stages_(std::move(stages)) {}
  std::string name() const override {
    return joined([](erased_operator const& op) { return op.name(); });
  }
  std::string describe() const override {
    return joined([](erased_operator const& op) { return op.describe(); });
  }
  void check(Index n) const override {
    for (auto const& s : stages_) {
      s->check(n);
      n = s->facts.verb == verb::transform ? s->rows(n) : 1;
    }
  }
  bool enough(Index n) const override {
    for (auto const& s : stages_) {
      if (!s->enough(n)) return false;
      if (s->facts.verb != verb::transform) break;
      n = s->rows(n);
    }
    return true;
  }
  Index rows(Index n) const override {
    for (auto const& s : stages_) n = s->rows(n);
    return n;
  }
  std::vector<erased_pointer> stages() const override { return stages_; }
  // As chain::without: rows that a stage names are reports while the stages before it keep them in place.
  erased_pointer without(Index i, Index n, workspace& ws) const override {
    std::vector<erased_pointer> others;
    bool in_place = true;
    for (auto const& s : stages_) {
      others.push_back(in_place ? s->without(i, n, ws) : s);
      if (!others.back()) return nullptr;
      if (s->facts.verb == verb::transform) in_place = in_place && s->rows(n) == n && !s->facts.moves_rows;
    }
    return std::make_shared<erased_pipe>(std::move(others));
  }
  void aggregate(erased_table<float> const& x, workspace::vector_map<float>& y, workspace::vector_map<float>& t,
                 workspace& ws) const override {
    run<float>(x, &y, &t, nullptr, ws);
  }
  void aggregate(erased_table<double> const& x, workspace::vector_map<double>& y, workspace::vector_map<double>& t,
                 workspace& ws) const override {
    run<double>(x, &y, &t, nullptr, ws);
  }
  void transform(erased_table<float> const& x, workspace::table_map<float>& out, workspace& ws) const override {
    run<float>(x, nullptr, nullptr, &out, ws);
  }
  void transform(erased_table<double> const& x, workspace::table_map<double>& out, workspace& ws) const override {
    run<double>(x, nullptr, nullptr, &out, ws);
  }
  std::optional<Eigen::VectorXd> shares(erased_table<float> const& x, workspace& ws) const override {
    return shares_of<float>(x, ws);
  }
  std::optional<Eigen::VectorXd> shares(erased_table<double> const& x, workspace& ws) const override {
    return shares_of<double>(x, ws);
  }

 private:
  static erased_facts facts_of_pipe(std::vector<erased_pointer> const& stages) {
    auto const& last = stages.back()->facts;
    auto const& result = last.verb == verb::decide ? stages[stages.size() - 2]->facts : last;
    bool keeps = true, moves = false;
    for (auto const& s : stages) {
      if (s->facts.verb == verb::transform) {
        keeps = keeps && s->facts.keeps_rows;
        moves = moves || s->facts.moves_rows;
      }
    }
    bool const transforms = stages.front()->facts.verb == verb::transform;
    erased_facts facts{};
    facts.verb = last.verb;
    facts.keeps_rows = keeps;
    facts.moves_rows = moves;
    facts.leaves_rows_out = transforms ? last.verb != verb::transform : stages.front()->facts.leaves_rows_out;
    facts.reads = !transforms ? stages.front()->facts.reads : keeps ? result.reads & has_weights : 0;
    if (facts.leaves_rows_out) facts.reads |= skips_nan;
    return facts;
  }
  std::string joined(auto const& text) const {
    std::string all;
    for (auto const& s : stages_) all += (all.empty() ? "" : " | ") + text(*s);
    return all;
  }

  // The stages up to a decision; the result goes to y and tie_break, or rows to `out`.
  template <class T>
  void run(erased_table<T> x, workspace::vector_map<T>* y, workspace::vector_map<T>* tie_break, workspace::table_map<T>* out,
           workspace& ws) const {
    erased_pointer const *s = stages_.data(), *const end = s + stages_.size() - (this->facts.verb == verb::decide);
    auto const scope = ws.scope();
    while (s != end) {
      // Linear stages are one where the pipe begins with them; behind a stage that writes rows, each works on rows.
      bool const leading = s == stages_.data();
      erased_pointer const* next = s;
      while (next != end && (*next)->facts.linear && (leading || next == s)) ++next;
      linear_run const linear(s, next);
      erased_operator const* const follower = leading && next != end ? next->get() : nullptr;
      if (next != s) {
        auto const g = detail::geometry_of(*this, linear.needs(follower), x, ws);
        if (follower != nullptr && follower->facts.geometric) {
          detail::sum_rows(linear.weights(*follower, g, ws), x.rows, *y, ws);
          *tie_break = *y;
          return;
        }
        mixing_plan<T> const plan(linear.mixing(g, ws), ws);
        erased_weights const weights = linear.keeps_rows() ? x.weights : erased_weights{};
        if (follower != nullptr && follower->facts.coordinatewise) {
          mixed_table<rows_table<T>> const mixed{x.rows, plan};
          reader<mixed_table<rows_table<T>>, T> const table(mixed);
          follower->columns(table, weights, false, *y, ws);
          *tie_break = *y;
          return;
        }
        auto rows = next == end ? *out : ws.table<T>(plan.rows(), x.rows.cols());
        detail::mix_rows(plan, x.rows, rows, ws);
        x = {detail::rows_table_of(rows, ws), weights, false};
      } else if ((*s)->facts.verb == verb::aggregate) {
        return (*s)->aggregate(x, *y, *tie_break, ws);
      } else {
        ++next;
        auto rows = next == end ? *out : ws.table<T>((*s)->rows(x.rows.rows()), x.rows.cols());
        (*s)->transform({x.rows, leading ? erased_weights{} : x.weights, false}, rows, ws);
        x = {detail::rows_table_of(rows, ws), (*s)->facts.keeps_rows ? x.weights : erased_weights{}, false};
      }
      s = next;
    }
  }

  // diagnose.hpp's weights of pipes.
  template <class T>
  std::optional<Eigen::VectorXd> shares_of(erased_table<T> const& x, workspace& ws) const {
    erased_operator const& last = *stages_.back();
    linear_run const linear(stages_.data(), stages_.data() + stages_.size() - 1);
    if (!std::all_of(stages_.begin(), stages_.end() - 1, [](auto const& s) { return s->facts.linear; })) return std::nullopt;
    auto const scope = ws.scope();
    auto const g = detail::geometry_of(*this, linear.needs(&last), x, ws);
    if (last.facts.geometric) return detail::owned(linear.weights(last, g, ws), g.rows());
    if (!last.facts.coordinatewise || x.weights.size() > 0) return std::nullopt;
    auto const W = linear.mixing(g, ws);
    mixing_plan<T> const plan(W, ws);
    mixed_table<rows_table<T>> const mixed{x.rows, plan};
    reader<mixed_table<rows_table<T>>, T> const table(mixed);
    return Eigen::VectorXd(W.transpose() * last.column_shares(table, false, ws));
  }

  std::vector<erased_pointer> stages_;
};

}  // namespace detail
}  // namespace robagg::inline ROBAGG_ABI
