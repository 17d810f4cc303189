// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "core.hpp"
#include "detail/table/check.hpp"
#include "detail/table/part.hpp"

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace robagg::inline ROBAGG_ABI {
namespace detail {

// A named table of a model, whatever its kind, and where its result goes. Tables that are computed in float and in double are
// told apart once more where they are read.
class tensor {
 public:
  template <class T>
  using visitor = function_ref<void(table_reader<T> const&)>;

  explicit tensor(std::string name) : name_(std::move(name)) {}
  virtual ~tensor() = default;
  std::string const& name() const { return name_; }
  virtual Index rows() const = 0;
  virtual Index cols() const = 0;
  virtual bool has(Index row) const = 0;
  virtual bool in_double() const = 0;
  // Refuses what a table gets wrong, but for rows that are not there.
  virtual void check() const = 0;
  // Shows these rows, or all (nullptr).
  virtual void read(list<Index> const* rows, visitor<float> in_float, visitor<double> in_double) const = 0;
  // Makes room for results, which go to a sink, or nowhere.
  virtual void make_room() = 0;
  virtual column_sink<float> float_sink() = 0;
  virtual column_sink<double> double_sink() = 0;
  virtual void read_result(Index j, Index w, double* to) const = 0;
  virtual void copy_row(Index row, workspace& ws) = 0;

 private:
  std::string name_;
};

struct no_output {};

template <class R, class Out>
class tensor_of final : public tensor {
  using table_type = std::remove_cvref_t<R>;
  using T = wide_of<table_type>;
  static constexpr bool writes = !std::same_as<Out, no_output>;
  R table_;
  Out out_;

 public:
  tensor_of(std::string name, R table, Out out)
      : tensor(std::move(name)), table_(std::forward<R>(table)), out_(std::forward<Out>(out)) {}
  Index rows() const override { return table_.rows(); }
  Index cols() const override { return table_.cols(); }
  bool has(Index row) const override {
    if constexpr (requires { table_.pointers[row]; }) {
      return table_.pointers[row] != nullptr || table_.columns == 0;
    } else {
      return true;
    }
  }
  bool in_double() const override { return std::same_as<T, double>; }
  void check() const override {
    if constexpr (requires { table_.pointers; }) {
      if (table_.columns < 0) detail::refuse(*this, "rows_of needs d >= 0", {{"d", table_.columns}});
    } else {
      detail::check_rows(*this, table_);
    }
  }
  void read(list<Index> const* rows, visitor<float> in_float, visitor<double> in_double) const override {
    auto const show = [&](auto const& x) {
      auto const reader = reader_of<T>(x);
      if constexpr (std::same_as<T, float>) {
        in_float(reader);
      } else {
        in_double(reader);
      }
    };
    if (rows == nullptr) return show(table_);
    show(subset_table<table_type const&>{table_, *rows});
  }
  void make_room() override {
    if constexpr (writes) detail::fit_vector(*this, out_, cols());
  }
  column_sink<float> float_sink() override { return sink<float>(); }
  column_sink<double> double_sink() override { return sink<double>(); }
  void read_result([[maybe_unused]] Index j, [[maybe_unused]] Index w, [[maybe_unused]] double* to) const override {
    if constexpr (writes) {
      for (Index c = 0; c < w; ++c) to[c] = static_cast<double>(detail::element_at(out_, j + c));
    }
  }
  void copy_row([[maybe_unused]] Index row, [[maybe_unused]] workspace& ws) override {
    if constexpr (writes) {
      auto const scope = ws.scope();
      Index const most = std::min(cols(), block_columns);
      T* const values = ws.take<T>(most);
      for (Index j = 0; j < cols(); j += most) {
        Index const w = std::min(most, cols() - j);
        detail::read_row(table_, row, j, w, values);
        detail::store(out_, j, values, w);
      }
    }
  }

 private:
  template <class S>
  column_sink<S> sink() {
    if constexpr (writes) {
      return detail::sink_of<S>(out_);
    } else {
      return {};
    }
  }
};

}  // namespace detail

/// The tensors of a model as n reports (clients) hold them, each with the place where its aggregate goes: what `whole` reads as
/// one table without making it one.
///
///     tensors model(n);
///     model.add("conv1.weight", rows_of(buffers, d), conv1);    // n buffers; any table of n rows will do
///     model.add("bn1.mean", means, bn1_mean);
///     model.leave_out([](std::string_view name) { return name.starts_with("bn"); });      // of distances, not of the result
///     model.copy_from(0, [](std::string_view name) { return name == "step"; });           // not aggregated at all
///     whole(krum{.f = 2})(model);
///
/// Shapes     tables of n rows of float, double, half, bfloat16 or integers, mixed; outputs of their columns: an Eigen
///            vector, a std::vector or std::span, of any type of number. Without an output a tensor counts, and its result is
///            dropped.
/// Views      what has a name is referred to and must outlive the model, temporary tables move in; outputs have names, or are
///            spans or maps.
/// Weights    of the reports: weights(w), numbers of any type, copied.
/// Errors     bad_input, with the tensor's name: another number of rows, a name that is there already; when it is used, a
///            report without a tensor (a null pointer in rows_of), unless absent_tensors() allows it: such a report is then
///            absent in that tensor, and has no say in distances.
/// Cost       a small object for each tensor; nothing is copied.
/// Source     design of this library.      Example  examples/whole_model.cpp
class tensors {
 public:
  explicit tensors(Index reports) : rows_(reports) {
    if (reports < 1) detail::refuse(*this, "needs at least one report", {{"n", reports}});
  }
  static std::string name() { return "tensors"; }

  template <reports R>
  tensors& add(std::string name, R&& table) {
    return put<R>(std::move(name), std::forward<R>(table), detail::no_output{});
  }
  template <reports R, class Out>
  tensors& add(std::string name, R&& table, Out&& out) {
    static_assert(
        std::is_lvalue_reference_v<Out> || !requires { out.resize(0); },
        "robagg: this output ends with the statement: give it a name");
    using held_out = std::conditional_t<std::is_lvalue_reference_v<Out>, Out, std::remove_cvref_t<Out>>;
    static_assert(detail::writable_vector<held_out>, "robagg: the result needs a writable Eigen vector or a std::span");
    return put<R, held_out>(std::move(name), std::forward<R>(table), std::forward<Out>(out));
  }
  template <detail::listable W>
  tensors& weights(W const& w) {
    Eigen::Map<table<double> const> const nothing(nullptr, rows_, 0);
    take_weights(*this, robagg::weighted(nothing, w));
    return *this;
  }
  /// Tensors of these names have no say in who is trusted: running statistics, counters.
  tensors& leave_out(std::function<bool(std::string_view)> names) {
    left_out_ = std::move(names);
    for (auto& one : all_) one.left_out = left_out_(one.table->name());
    return *this;
  }
  /// Of tensors of these names the result is that of one report.
  tensors& copy_from(Index report, std::function<bool(std::string_view)> names) {
    if (report < 0 || report >= rows_) detail::refuse(*this, "copies from a report 0..n-1", {{"report", report}, {"n", rows_}});
    copied_report_ = report;
    copied_ = std::move(names);
    for (auto& one : all_) one.copied = copied_(one.table->name());
    return *this;
  }
  /// A report may lack tensors.
  tensors& absent_tensors(bool allowed = true) { return absent_ = allowed, *this; }

  Index rows() const { return rows_; }
  Index size() const { return static_cast<Index>(all_.size()); }
  std::string const& name_of(Index k) const { return at(k).name(); }
  Index columns_of(Index k) const { return at(k).cols(); }

  // For whole(), and sharded().
  template <class Op, class R>
  void take_weights(Op const& op, R const& all) {
    detail::check_rows(op, all);
    weights_.resize(static_cast<std::size_t>(rows_));
    for (Index i = 0; i < rows_; ++i) weights_[static_cast<std::size_t>(i)] = static_cast<double>(all.weights[i]);
    weight_epsilon_ = all.weights.epsilon();
  }
  detail::tensor& at(Index k) const { return *all_[static_cast<std::size_t>(k)].table; }
  bool is_measured(Index k) const { return !is_copied(k) && !all_[static_cast<std::size_t>(k)].left_out; }
  bool is_copied(Index k) const { return all_[static_cast<std::size_t>(k)].copied; }
  Index copied_report() const { return copied_report_; }
  bool may_lack() const { return absent_; }
  std::vector<double> const& row_weights() const { return weights_; }
  double weight_epsilon() const { return weight_epsilon_; }

 private:
  template <class R, class Out>
  tensors& put(std::string name, R&& table, Out&& out) {
    static_assert(!detail::dense<std::remove_cvref_t<R>> || detail::reads_in_place<std::remove_cvref_t<R>>,
                  "robagg: a costly expression is evaluated first: Eigen::MatrixXf(x)");
    if (table.rows() != rows_)
      detail::throw_bad_input("tensors", "needs one row for each report in '" + name + "'",
                              {{"rows", table.rows()}, {"n", rows_}});
    for (auto const& other : all_) {
      if (other.table->name() == name) detail::throw_bad_input("tensors", "has a tensor '" + name + "' already", {});
    }
    using X = detail::held<R>;
    bool const left_out = left_out_ && left_out_(name), copied = copied_ && copied_(name);
    all_.push_back(
        {std::make_unique<detail::tensor_of<X, Out>>(std::move(name), std::forward<R>(table), std::forward<Out>(out)), left_out,
         copied});
    return *this;
  }

  struct entry {
    std::unique_ptr<detail::tensor> table;
    bool left_out, copied;
  };
  Index rows_;
  std::vector<entry> all_;
  std::vector<double> weights_;
  double weight_epsilon_ = 0;
  std::function<bool(std::string_view)> left_out_, copied_;
  Index copied_report_ = 0;
  bool absent_ = false;
};

}  // namespace robagg::inline ROBAGG_ABI
