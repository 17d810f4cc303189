// SPDX-License-Identifier: BSL-1.0
// What runs tasks at the same time. The executors themselves are in parallel.hpp.
#pragma once

#include "detail/base/config.hpp"

#include <atomic>
#include <exception>

namespace robagg::inline ROBAGG_ABI {
namespace detail {

// A task that knows what it works on, so that it is no function pointer.
struct some_task {
  void* data;
  void operator()(Index) const;
};

}  // namespace detail

/// Something that runs task(0), ..., task(count - 1), in any order, several at once, and returns when all are done: a
/// thread pool of yours behind a lambda, or one of the two below. A task is any copyable callable, as std::function is.
/// Tasks that are run for an operator throw nothing into your threads: what the first one threw is thrown on where the
/// operator was called, and those that come later are skipped.
template <class E>
concept executor = requires(E const& run, Index count, detail::some_task const& task) { run(count, task); };

namespace detail {

// Tasks that may throw, where exceptions must not leave: the first is kept, and later tasks are skipped.
template <class Task>
class guarded {
 public:
  explicit guarded(Task const& task) : task_(task) {}
  void operator()(Index i) const noexcept {
#ifdef __cpp_exceptions
    if (failed_.test()) return;
    try {
      task_(i);
    } catch (...) {
      if (!failed_.test_and_set()) failure_ = std::current_exception();
    }
#else
    task_(i);
#endif
  }
  // Once all are done.
  void rethrow() const {
#ifdef __cpp_exceptions
    if (failure_) std::rethrow_exception(failure_);
#endif
  }

 private:
  Task const& task_;
  mutable std::atomic_flag failed_;
  mutable std::exception_ptr failure_;
};

// Something that runs task(argument, i) for i = 0 .. count - 1, in any order, several at once.
struct borrowed_executor {
  void const* self = nullptr;
  void (*run)(void const* self, Index count, void (*task)(void const*, Index), void const* argument) = nullptr;
};

// An executor as a workspace lends it; it must outlive the loan.
template <class Executor>
borrowed_executor borrowed(Executor const& run) {
  return {&run, [](void const* self, Index count, void (*task)(void const*, Index), void const* argument) {
            auto const call = [=](Index i) { task(argument, i); };
            guarded const safe(call);
            auto const shown = [&safe](Index i) { safe(i); };  // may be copied
            (*static_cast<Executor const*>(self))(count, shown);
            safe.rethrow();
          }};
}

template <class Executor>
consteval bool explain_executor() {
  static_assert(
      executor<Executor>,
      "robagg: this is no executor: it must be callable with (count, task), task(i) being any callable, as threads{}, "
      "openmp{} or a lambda [](robagg::Index count, auto const& task) are");
  return executor<Executor>;
}

}  // namespace detail
}  // namespace robagg::inline ROBAGG_ABI
