// SPDX-License-Identifier: BSL-1.0
// Google Benchmark over every operator. A benchmark first checks its answer against tests/reference.hpp on a
// small table of the same height and storage, and fails without timing if it is wrong. Counters: bytes of table
// per second, and the ratio to a plain read of the same table in the same process, which is what travels
// between machines. Names: operator/scalar/storage/n/d, and for somebody else's code /peer at the end.
//
// An operator is instantiated once per scalar and storage and is type-erased from there on; main.cpp has the rest.
#pragma once

#include <robagg/robagg.hpp>

#include "reference.hpp"
#include "tables.hpp"

#include <benchmark/benchmark.h>

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace robagg_bench {

using robagg_test::matrix;
namespace reference = robagg_test::reference;

inline bool close(matrix const& y, matrix const& expected, double tolerance) {
  if (y.rows() != expected.rows() || y.cols() != expected.cols()) return false;
  double const bound = tolerance * std::max(1., expected.cwiseAbs().maxCoeff());
  return ((y - expected).array().abs() <= bound).all();  // not of a NaN
}

// What a call has written, whatever the verb. Scores of a decision are the first row.
struct answer {
  matrix values;
  Index winner = -1;
  std::vector<Index> indices;
};

// One operator about to read one table.
struct call {
  call() = default;
  call(call const&) = delete;
  virtual ~call() = default;
  virtual void run() = 0;
  virtual answer result() const = 0;
};

template <class Op, class X>
class call_of final : public call {
 public:
  call_of(Op op, X x) : op_(std::move(op)), x_(std::move(x)) {
    if constexpr (robagg::transform<Op>) {
      rows_.resize(op_.rows(x_.rows()), x_.cols());
    } else if constexpr (!robagg::elect<Op> && !robagg::decide<Op>) {
      vector_.resize(x_.cols());
    }
  }
  void run() override {
    if constexpr (robagg::elect<Op>) {
      indices_.assign(1, op_.elect(x_, ws_).winner);
    } else if constexpr (robagg::transform<Op>) {
      op_.into(x_, rows_, ws_);
    } else if constexpr (!robagg::decide<Op>) {
      op_.into(x_, vector_, ws_);
    } else if constexpr (std::is_same_v<typename Op::result_type, Index>) {
      indices_.resize(1);
      op_.into(x_.row(0), indices_.front(), ws_);
    } else {
      op_.into(x_.row(0), indices_, ws_);
    }
  }
  answer result() const override {
    answer a{rows_.template cast<double>(), indices_.empty() ? -1 : indices_.front(), indices_};
    if (vector_.size() > 0) a.values = vector_.transpose().template cast<double>();
    return a;
  }

 private:
  using T = typename X::Scalar;
  Op op_;
  X x_;
  robagg::workspace ws_;
  Eigen::Matrix<T, Eigen::Dynamic, 1> vector_;
  robagg::table<T> rows_;
  std::vector<Index> indices_;
};

// Which tables: all heights and lengths; the heights at which others are timed too; a few for what is not
// coordinate-wise; a few for weights.
enum class grid { wide, peers, geometric, small, weighted };

struct subject {
  std::string name, peer;  // no peer: robagg's own
  grid shapes;
  unsigned storages;
  bool one_row;  // reads the first row only
  std::function<std::unique_ptr<call>(stored_table<float> const&)> on_float;
  std::function<std::unique_ptr<call>(stored_table<double> const&)> on_double;
  std::function<bool(answer const&, matrix const&, double)> right;
  std::vector<std::pair<Index, Index>> at = {};  // these rows and columns instead of a grid
};

inline std::vector<subject>& subjects() {
  static std::vector<subject> all;
  return all;
}

template <unsigned storages, class T, class Make>
std::unique_ptr<call> start(Make const& make, stored_table<T> const& x) {
  std::unique_ptr<call> started;
  auto const in = [&]<storage s>(std::integral_constant<storage, s> wanted) {
    if constexpr ((storages & s) != 0) {
      auto const view = x.view(wanted);
      using Op = std::remove_cvref_t<decltype(make(x.n))>;
      if (x.kind == s) started = std::make_unique<call_of<Op, std::remove_const_t<decltype(view)>>>(make(x.n), view);
    }
  };
  in(std::integral_constant<storage, row_major>{});
  in(std::integral_constant<storage, column_major>{});
  in(std::integral_constant<storage, rows_of>{});
  return started;
}

// make(n) gives the operator for n rows, right(answer, x, tolerance) checks it.
template <unsigned storages>
bool enlist(std::string name, std::string peer, grid shapes, auto make, auto right) {
  using Op = std::remove_cvref_t<decltype(make(Index{}))>;
  subjects().push_back({std::move(name), std::move(peer), shapes, storages, robagg::decide<Op>,
                        [=](stored_table<float> const& x) { return start<storages>(make, x); },
                        [=](stored_table<double> const& x) { return start<storages>(make, x); }, right});
  return true;
}

/// A coordinate-wise operator: every height, length and storage.
bool add_columns(std::string name, auto make, auto right) {
  return enlist<every_storage>(std::move(name), "", grid::wide, make, right);
}
/// A geometric operator: heights and lengths at which others are timed, and long rows.
bool add_geometric(std::string name, auto make, auto right) {
  return enlist<row_major>(std::move(name), "", grid::geometric, make, right);
}
/// An operator at given heights and lengths.
bool add_at(std::string name, std::vector<std::pair<Index, Index>> shapes, auto make, auto right) {
  enlist<row_major>(std::move(name), "", grid::small, make, right);
  subjects().back().at = std::move(shapes);
  return true;
}
/// The same, checked against itself in double, where its tests check it.
bool add_at(std::string name, std::vector<std::pair<Index, Index>> shapes, auto make) {
  return add_at(std::move(name), std::move(shapes), make, [make](answer const& out, matrix const& x, double tolerance) {
    return close(out.values, make(x.rows())(x).transpose(), tolerance);
  });
}
/// Any other operator: a few row-major tables.
bool add(std::string name, auto make, auto right) { return enlist<row_major>(std::move(name), "", grid::small, make, right); }

/// Somebody else's code for what the operator `name` does: a struct with into(x, out, ws) and, if it is not both,
/// the storage that it reads.
template <unsigned storages = row_major | column_major>
bool add_peer(std::string peer, std::string name, auto make, auto right) {
  return enlist<storages>(std::move(name), std::move(peer), grid::peers, make, right);
}

// The weights of the weighted forms: 1, 2, 3, 1, ...
inline std::vector<double> some_weights(Index n) {
  std::vector<double> w;
  for (Index i = 0; i < n; ++i) w.push_back(static_cast<double>(1 + i % 3));
  return w;
}
template <class Op>
struct weighted_form {
  Op op;
  std::vector<double> w;
  void into(auto const& x, auto&& out, robagg::workspace& ws) const { op.into(robagg::weighted(x, w), out, ws); }
};
/// `weighted name`, whose weights are some_weights(n).
bool add_weighted(std::string const& name, auto make, auto right) {
  auto const make_weighted = [=](Index n) { return weighted_form<decltype(make(n))>{make(n), some_weights(n)}; };
  return enlist<row_major>("weighted " + name, "", grid::weighted, make_weighted, right);
}

// Runs the loop of a benchmark; the seconds of the fastest call, because what else the machine does only ever
// adds. Calls so short that a clock would show are averaged.
double fastest(benchmark::State& state, double bytes, auto call) {
  bool const clock_each = bytes > 2e5;
  double best = 1e30;
  auto const start = std::chrono::steady_clock::now();
  for (auto _ : state) {
    auto const before = clock_each ? std::chrono::steady_clock::now() : start;
    call();
    benchmark::ClobberMemory();
    if (clock_each) best = std::min(best, seconds_since(before));
  }
  double const seconds = clock_each ? best : seconds_since(start) / static_cast<double>(state.iterations());
  state.counters["seconds"] = seconds;
  state.counters["bytes/s"] = bytes / seconds;
  return seconds;
}

// How many rows may lie: a fifth, except where published measurements have another number.
inline Index liars(Index n) { return n == 64 ? 8 : n / 5; }

// The checks that an operator shares with its peers.
inline bool right_median(answer const& out, matrix const& x, double tolerance) {
  return close(out.values, reference::median(x), tolerance);
}
inline bool right_trimmed_mean(answer const& out, matrix const& x, double tolerance) {
  return close(out.values, reference::trimmed_mean(x, liars(x.rows())), tolerance);
}
inline bool right_mean_around_median(answer const& out, matrix const& x, double tolerance) {
  return close(out.values, reference::mean_around_median(x, liars(x.rows())), tolerance);
}

}  // namespace robagg_bench
