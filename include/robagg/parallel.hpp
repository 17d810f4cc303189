// SPDX-License-Identifier: BSL-1.0
// Threads, where they are asked for: sliced(op, executor) is op with its columns cut into slices that run at the same
// time, each(op, executor) handles several tables of a cube at once. The result is the same to the bit, whatever the
// executor does.
#pragma once

#include "executor.hpp"
#include "pipe.hpp"
#include "cube.hpp"

#include <algorithm>
#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// Runs tasks on `count` threads, this one and others that live as long as the call; 0 stands for as many as the
/// machine has. What a task throws is thrown on.
struct threads {
  Index count = 0;

  void operator()(Index tasks, auto const& task) const {
    Index const most = count > 0 ? count : static_cast<Index>(std::thread::hardware_concurrency());
    std::atomic<Index> next = 0;
    detail::guarded const run(task);
    auto const work = [&] {
      for (Index i = next++; i < tasks; i = next++) run(i);
    };
    {
      std::vector<std::jthread> others;
      for (Index t = 1; t < std::min(most, tasks); ++t) others.emplace_back(work);
      work();
    }
    run.rethrow();
  }
};

/// Runs tasks on OpenMP's threads, where the program is compiled with it (-fopenmp), and one after the other where not.
/// What a task throws is thrown on.
struct openmp {
  void operator()(Index tasks, auto const& task) const {
    detail::guarded const run(task);
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic)
#endif
    for (Index i = 0; i < tasks; ++i) run(i);
    run.rethrow();
  }
};

namespace detail {

// Everything that runs on the library's engines: sorted columns, geometry, mixing. They cut their own loops.
template <class Op>
inline constexpr bool sliceable =
    (requires { requires Op::coordinatewise; }) || geometric<Op> || linear<Op> || from_reports<Op>;
template <class A, class B>
inline constexpr bool sliceable<chain<A, B>> = geometric<chain<A, B>> || linear<chain<A, B>> || (linear<A> && column_rule<B>);

template <class Op>
inline constexpr bool sliceable_stages = sliceable<Op>;
template <staged Op>
inline constexpr bool sliceable_stages<Op> = sliceable<Op> || sliceable<stages_of<Op>>;

template <class Op>
struct column_traits {};
template <column_rule Op>
struct column_traits<Op> {
  static constexpr bool coordinatewise = true;
  static constexpr auto nan = Op::nan;
};

template <class Op, class Executor>
struct each_on : each_of<Op> {
  Executor run;

  template <cubes C>
  void into(C const& c, auto&& out, workspace& ws) const {
    workspace::loan const lent(ws, detail::borrowed(run));
    each_of<Op>::into(c, out, ws);
  }
  template <class C>
  auto operator()(C const& c) const {
    return each_of<Op>::evaluate(*this, c);
  }
};

template <class Op, class Executor>
struct sliced_op : column_traits<Op> {
  static_assert(sliceable_stages<Op>,
                "robagg: only coordinate-wise and geometric operators, and linear transforms followed by one of them, can be "
                "sliced: others look at whole rows (ranks by slices would be ranks within the slice)");
  Op op;
  Executor run;

  constexpr sliced_op(Op o, Executor e) : op(o), run(e) {}

  template <class R>
  static consteval bool accepts_table() {
    return detail::accepts<Op, R>();
  }
  static constexpr Index least_rows = detail::least_rows<Op>;
  void check(Index n) const { detail::check_parameters(op, n); }
  std::string name() const { return "sliced(" + robagg::name(op) + ")"; }
  std::string describe() const { return "sliced(" + robagg::describe(op) + ")"; }
  std::optional<sliced_op> without(Index i, Index n, workspace& ws) const {
    auto const other = detail::without_row(op, i, n, ws);
    return other ? std::optional<sliced_op>(std::in_place, *other, run) : std::nullopt;
  }
  Index rows(Index n) const
    requires makes_rows<Op>
  {
    return op.rows(n);
  }

  void into(any_reports auto const& r, auto&& out, workspace& ws) const {
    workspace::loan const lent(ws, detail::borrowed(run));
    op.into(r, out, ws);
  }
  template <class R>
    requires knows_scratch<Op, R>
  std::size_t scratch(R const& r) const {
    return detail::scratch(op, r);
  }
  auto operator()(auto const& r) const { return evaluate(*this, r); }
};

}  // namespace detail

/// `op` with its columns cut into slices that run on an executor, `threads{}` if none is given.
///
/// Shapes     those of op.
/// Errors     those of op; operators that look at whole rows (ranks) do not compile.
/// Guarantee  the same bits as op alone, for any number of threads. Geometric operators form their distances by slices,
///            decide once, and combine by slices.
/// Cost       that of op, divided among the threads from some ten thousand columns on; the workspace holds one child
///            per slice, so that nothing is allocated the second time.
/// Example    examples/federated_round.cpp
template <class Op, class Executor = threads>
  requires std::is_class_v<Op>
constexpr auto sliced(Op const& op, Executor run = {}) {
  if constexpr (detail::explain_executor<Executor>()) {
    return detail::sliced_op<Op, Executor>{op, run};
  } else {
    return detail::refused{};
  }
}

/// `each(op)` with the tables of a cube handled several at once on an executor, to the same bits.
///
/// Errors     those of op, of whichever table comes first to it; the others may have been written.
/// Example    examples/certified_vote.cpp
template <class Op, class Executor>
  requires std::is_class_v<Op>
constexpr auto each(Op const& op, Executor run) {
  if constexpr (detail::explain_executor<Executor>()) {
    return detail::each_on<Op, Executor>{{op}, run};
  } else {
    return detail::refused{};
  }
}

}  // namespace robagg::inline ROBAGG_ABI
