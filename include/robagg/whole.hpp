// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "detail/columns/weighed_later.hpp"
#include "detail/parts.hpp"
#include "diagnose.hpp"
#include "executor.hpp"
#include "pipe.hpp"
#include "tensors.hpp"

#include <string>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// How each report stands to the result of one tensor.
struct tensor_standing {
  std::string name;
  Eigen::VectorXd scores;  ///< the distance of each report to the result; NaN where there is no result, or the report lacks it
};

/// What `diagnose` returns of a whole model: over all that is measured, and which tensors reports stray in. Prints with fmt.
struct whole_standing : standing {
  std::vector<tensor_standing> tensors;
};

namespace detail {

// The rows W x of a reader.
template <class T>
struct mixed_rows {
  using Scalar = T;
  static constexpr int ColsAtCompileTime = Eigen::Dynamic;
  table_reader<T> const& base;
  mixing_plan<T> const& plan;

  Index rows() const { return plan.rows(); }
  Index cols() const { return base.cols(); }
  void load(Index j, tile<T> const& t, workspace& ws) const {
    auto const scope = ws.scope();
    table_mixer<T> const mixed(base, plan, t.width, ws);
    mixed(j, t.width, t.data, t.stride, ws);
  }
};
template <class T>
inline constexpr int traits_of<mixed_rows<T>> = lacks_rows;

template <class Op>
inline constexpr bool runs_on_tensors = column_rule<Op> || geometric<Op> || mixes_columns<Op>;
template <staged Op>
inline constexpr bool runs_on_tensors<Op> = geometric<Op> || runs_on_tensors<stages_of<Op>>;

// One rule over one model.
template <class Op>
class whole_run {
 public:
  whole_run(Op const& op, tensors const& model, workspace& ws, columns_elsewhere const* others = nullptr)
      : op_(op), model_(model), ws_(ws), others_(others) {
    static_assert(
        runs_on_tensors<Op>,
        "robagg: whole() takes coordinate-wise and geometric rules, and transforms that mix rows followed by one: this "
        "rule reads the table on its own, or makes no vector");
    if (ws.over_span()) refuse(op, "needs a workspace that may grow");
    if (weighted() && !accepts<Op, weighted_doubles>())
      refuse(op, "needs a model without weights: it has no weighted form", {{"n", model.rows()}});
  }

  // Into the outputs; where `found` is given, also how reports stand.
  void operator()(whole_standing* found) {
    for (Index k = 0; k < model_.size(); ++k) check_tensor(model_.at(k), k);
    for (Index k = 0; k < model_.size(); ++k) model_.at(k).make_room();
    if constexpr (column_rule<Op>) {
      of_columns(found);
    } else {
      of_rows(found);
    }
    for (Index k = 0; k < model_.size(); ++k) {
      if (model_.is_copied(k)) model_.at(k).copy_row(model_.copied_report(), ws_);
    }
  }

 private:
  using weighted_doubles =
      decltype(robagg::weighted(std::declval<table<double> const&>(), std::declval<std::vector<double> const&>()));
  bool weighted() const { return !model_.row_weights().empty(); }

  // Tensors that are aggregated.
  template <class Visit>
  void for_each(Visit const& visit) const {
    for (Index k = 0; k < model_.size(); ++k) {
      if (!model_.is_copied(k)) visit(model_.at(k), k);
    }
  }
  // The reports for which has(i) holds, or nullptr where it does for all.
  template <class Has>
  list<Index> const* rows_that(Has const& has, list<Index>& shown) const {
    Index const n = model_.rows();
    Index* const rows = ws_.take<Index>(n);
    Index count = 0;
    for (Index i = 0; i < n; ++i) {
      if (has(i)) rows[count++] = i;
    }
    shown = {rows, count};
    return count == n ? nullptr : &shown;
  }
  void check_tensor(tensor const& one, Index k) const {
    one.check();
    if (model_.is_copied(k)) {
      if (one.has(model_.copied_report())) return;
      throw_bad_input("tensors", "copies '" + one.name() + "' from a report that lacks it",
                      {{"report", model_.copied_report()}});
    }
    Index present = 0;
    for (Index i = 0; i < model_.rows(); ++i) {
      if (one.has(i)) {
        ++present;
      } else if (!model_.may_lack()) {
        throw_bad_input("tensors", "needs '" + one.name() + "' of every report, or absent_tensors()", {{"report", i}});
      }
    }
    if constexpr (column_rule<Op>) {
      if (present == 0) throw_bad_input(robagg::name(op_), "needs '" + one.name() + "' of some report", {{"n", model_.rows()}});
      check_parameters(op_, present);
    } else if (present < model_.rows() && !model_.is_measured(k)) {
      throw_bad_input("tensors", "needs what is left out of distances, '" + one.name() + "', of every report that counts",
                      {{"reports", present}, {"n", model_.rows()}});
    }
  }
  list<double> weights_of_rows(list<Index> const* rows) const {
    if (!weighted()) return {nullptr, 0};
    Index const m = rows == nullptr ? model_.rows() : rows->size();
    double* const w = ws_.take<double>(m);
    for (Index i = 0; i < m; ++i) w[i] = model_.row_weights()[static_cast<std::size_t>(rows == nullptr ? i : (*rows)[i])];
    return {w, m};
  }
  template <class T>
  static column_sink<T> sink_of_tensor(tensor& one) {
    if constexpr (std::same_as<T, float>) {
      return one.float_sink();
    } else {
      return one.double_sink();
    }
  }
  template <class T, class Rule>
  void reduce(Rule const& rule, table_reader<T> const& x, list<double> weights, tensor& one) const {
    auto const sink = sink_of_tensor<T>(one);
    if (sink.write == nullptr) return;
    if (weights.size() > 0) return detail::reduce_reader<T>(rule, x, weights, model_.weight_epsilon(), false, sink, ws_);
    detail::reduce_columns<false, T>(rule, x, nullptr, x.rows(), x.rows(), nullptr, sink, ws_);
  }

  void of_columns(whole_standing* found) {
    Index const n = model_.rows();
    Index all_columns = 0;
    if (found != nullptr) found->weights = found->scores = Eigen::VectorXd::Zero(n);
    for_each([&](tensor& one, Index k) {
      auto const scope = ws_.scope();
      list<Index> shown;
      auto const* const rows = rows_that([&](Index i) { return one.has(i); }, shown);
      auto const weights = weights_of_rows(rows);
      auto const take = [&]<class T>(table_reader<T> const& x) {
        reduce(op_, x, weights, one);
        if (found == nullptr) return;
        stand(*found, x, rows, one, model_.is_measured(k));
        Eigen::VectorXd shares(x.rows()), kept(x.rows());
        detail::column_shares<T>(op_, x, false, shares.data(), kept.data(), ws_);
        for (Index i = 0; i < x.rows(); ++i)
          found->weights(rows == nullptr ? i : (*rows)[i]) += static_cast<double>(x.cols()) * shares(i);
        all_columns += x.cols();
      };
      one.read(rows, take, take);
    });
    if (found != nullptr) average(*found, all_columns);
  }
  // What was added up over columns.
  void average(whole_standing& found, Index columns) const {
    double count = static_cast<double>(columns);
    if (others_ != nullptr) {
      others_->add_up(found.weights.data(), found.weights.size());
      others_->add_up(found.scores.data(), found.scores.size());
      others_->add_up(&count, 1);
    }
    if (count > 0) found.weights /= count;
    detail::take_roots(found.scores.data(), found.scores.size());
  }

  void of_rows(whole_standing* found) {
    auto const scope = ws_.scope();
    Index const n = model_.rows();
    list<Index> shown;
    auto const* const rows = rows_that(
        [&](Index i) {
          bool all = true;
          for (Index k = 0; k < model_.size(); ++k) all = all && (!model_.is_measured(k) || model_.at(k).has(i));
          return all;
        },
        shown);
    Index const m = rows == nullptr ? n : rows->size();
    if (m == 0) refuse(op_, "needs a report that has every measured tensor", {{"n", n}});
    std::optional<Op> rest = op_;
    for (Index i = n - 1, left = n; rows != nullptr && i >= 0 && rest; --i) {
      if (std::find(rows->begin(), rows->end(), i) == rows->end()) rest = detail::without_row(*rest, i, left--, ws_);
    }
    if (!rest) refuse(op_, "names a report that lacks a tensor", {{"n", n}});
    check_parameters(*rest, m);
    if constexpr (staged<Op> && !geometric<Op>) {
      decide(rest->stages(m), rows, m, found);
    } else {
      decide(*rest, rows, m, found);
    }
  }

  template <class Rule>
  void decide(Rule const& rule, list<Index> const* rows, Index m, whole_standing* found) {
    measured_tensors const x{model_, rows, others_};
    auto const given = weights_of_rows(rows);
    auto w = ws_.vector<double>(m);
    w.setOnes();
    for (Index i = 0; i < given.size(); ++i) w(i) = given[i];
    weight_kind const kind = given.size() > 0 ? detail::normalise_weights(w.data(), m) : weight_kind::equal;
    geometry::weighting const weights{w, detail::rounding_of(kind, model_.weight_epsilon(), m)};
    auto const measure = [&](auto const& op) {
      return detail::measure_tensors(op, x, weights,
                                     found != nullptr ? measured::products : needs<std::remove_cvref_t<decltype(op)>>(),
                                     found != nullptr ? m : detail::seen_from(op, m), ws_);
    };
    if constexpr (geometric<Rule>) {
      auto const g = measure(rule);
      standing d;
      auto coefficients = ws_.vector<double>(m);
      if (found != nullptr) {
        detail::decide_from(rule, g, d, ws_);
        coefficients = d.weights;
      } else {
        coefficients = detail::weights_in(rule, g, ws_);
      }
      Index* const counting = ws_.take<Index>(m);
      double* const amounts = ws_.take<double>(m);
      Index count = 0;
      for (Index i = 0; i < m; ++i) {
        if (coefficients(i) != 0) {
          counting[count] = i;
          amounts[count++] = coefficients(i);
        }
      }
      if (found != nullptr) {
        static_cast<standing&>(*found) = d;
        found->weights = spread(d.weights, rows, 0);
        found->scores = Eigen::VectorXd::Zero(model_.rows());
      }
      for_each([&](tensor& one, Index k) {
        auto const take = [&]<class T>(table_reader<T> const& t) {
          if (auto const sink = sink_of_tensor<T>(one); sink.write != nullptr)
            detail::weigh_chosen(counting, amounts, count, t, sink, ws_);
          if (found != nullptr) stand(*found, t, rows, one, model_.is_measured(k));
        };
        one.read(rows, take, take);
      });
      if (found != nullptr) found->scores = spread(d.scores, rows, infinity);
    } else {
      if (weighted() && !keeps_rows<decltype(rule.first)>())
        refuse(rule, "needs a model without weights: its rows are mixed", {{"n", model_.rows()}});
      auto const g = measure(rule.first);
      if (found != nullptr) found->weights = found->scores = Eigen::VectorXd::Zero(model_.rows());
      Index all_columns = 0;
      for_each([&](tensor& one, Index k) {
        auto const take = [&]<class T>(table_reader<T> const& t) {
          auto const of_tensor = ws_.scope();
          auto const plan = detail::plan_for<table<T>>(rule.first, g, ws_);
          mixed_rows<T> const mixed{t, plan};
          auto const reader = reader_of<T>(mixed);
          reduce(rule.second, static_cast<table_reader<T> const&>(reader), given, one);
          if (found == nullptr) return;
          stand(*found, t, rows, one, model_.is_measured(k));
          Eigen::VectorXd shares(mixed.rows()), kept(mixed.rows());
          detail::column_shares<T>(rule.second, static_cast<table_reader<T> const&>(reader), false, shares.data(), kept.data(),
                                   ws_);
          auto const W = detail::mixing_in(rule.first, g, ws_);
          found->weights += static_cast<double>(t.cols()) * spread(W.transpose() * shares, rows, 0);
          all_columns += t.cols();
        };
        one.read(rows, take, take);
      });
      if (found != nullptr) average(*found, all_columns);
    }
  }

  // Of the rows that are read, as of all: the others have `absent`.
  template <class V>
  Eigen::VectorXd spread(V const& values, list<Index> const* rows, double absent) const {
    if (rows == nullptr) return values;
    Eigen::VectorXd const own = values;
    Eigen::VectorXd all = Eigen::VectorXd::Constant(model_.rows(), absent);
    for (Index i = 0; i < rows->size(); ++i) all((*rows)[i]) = own(i);
    return all;
  }
  // Adds the tensor's scores, and their squares to the overall ones.
  template <class T>
  void stand(whole_standing& found, table_reader<T> const& x, list<Index> const* rows, tensor& one, bool counts) {
    double const none = std::numeric_limits<double>::quiet_NaN();
    Eigen::VectorXd own = Eigen::VectorXd::Constant(x.rows(), none);
    if (sink_of_tensor<T>(one).write != nullptr && x.cols() > 0) {
      auto const scope = ws_.scope();
      double* const values = ws_.take<double>(block_columns * norm_blocks);
      auto const result = [&](Index j, Index w, T* to) {
        one.read_result(j, w, values);
        for (Index c = 0; c < w; ++c) to[c] = static_cast<T>(values[c]);
      };
      own = detail::norms_over_table(table_points<T>{x, result}, x.rows(), ws_);
      if (counts) found.scores += spread(own, rows, 0);
      detail::take_roots(own.data(), own.size());
    }
    found.tensors.push_back({one.name(), spread(own, rows, none)});
  }

  Op const& op_;
  tensors const& model_;
  workspace& ws_;
  columns_elsewhere const* others_;
};

}  // namespace detail

/// A rule over a model of many tensors as if they were one long row: one geometry, one decision, one combination into every
/// tensor's place, and nothing concatenated.
///
///     whole(krum{.f = 2})(model);                                 // model: see tensors.hpp
///     whole(nearest_neighbour_mixing{.f = 2} | median{})(model, threads{});
///     auto who = diagnose(whole(geometric_median{}), model);      // who.rejected, who.tensors[k].scores
///
/// Shapes     n reports of tensors -> the outputs that the model names.
/// Rules      coordinate-wise ones, geometric ones, transforms that mix rows followed by either, and pipes with a name. Rules
///            that read the table on their own (aksel) do not compile.
/// Errors     those of the rule; of tensors; outputs of another size that cannot be resized; results over tensors of which
///            some report lacks one.
/// Guarantee  the bits of the rule on the concatenated table, with iterate::between_rows, where all tensors have one type of
///            number, whatever their sizes; mixed types within rounding of the table in the widest. The same on any executor.
/// Cost       that of the rule on one table. Memory: that of the geometry, and one block of 512 columns where tensors meet.
/// NaN        as the rule: a report that is not finite in a measured tensor has no geometry in any.
/// Weights    those of the model.       Ties  as the rule.
/// Source     design of this library.   Example  examples/whole_model.cpp
template <class Op>
struct whole_rule {
  Op op;

  void operator()(tensors const& model) const {
    workspace ws;
    into(model, ws);
  }
  template <executor Executor>
  void operator()(tensors const& model, Executor const& run) const {
    workspace ws;
    workspace::loan const lent(ws, detail::borrowed(run));
    into(model, ws);
  }
  /// With a workspace of yours; after the first call nothing is allocated.
  void into(tensors const& model, workspace& ws) const { detail::whole_run<Op>(op, model, ws)(nullptr); }
};
template <class Op>
whole_rule<Op> whole(Op const& op) {
  return {op};
}

/// How reports count in the result of a whole model, who is rejected, and how far each is from the result in each tensor.
/// Writes the results, too.
///
/// Cost  that of the rule, of a geometry, and one more read.     Otherwise as diagnose of a table.    Example
///       examples/whole_model.cpp
template <class Op>
whole_standing diagnose(whole_rule<Op> const& rule, tensors const& model) {
  whole_standing found;
  workspace ws;
  detail::whole_run<Op>(rule.op, model, ws)(&found);
  detail::find_rejected(found);
  return found;
}

}  // namespace robagg::inline ROBAGG_ABI
