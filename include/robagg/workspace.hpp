// SPDX-License-Identifier: BSL-1.0
// Scratch memory that grows on the first call and never after.
#pragma once

#include "detail/config.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>      // std::memset, for ROBAGG_POISON_WORKSPACE
#include <memory>
#include <new>          // std::align_val_t
#include <type_traits>
#include <utility>      // std::exchange
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// Scratch memory for operators: hand the same one to every call, and after the first call of a
/// shape (or a larger one) nothing is allocated. Not shared between threads: one each.
///
/// Memory is taken in stack order. What is taken after `auto scope = ws.scope();` is given back
/// when `scope` ends; the maps that `vector` and `table` return are valid until then, aligned to 64
/// bytes and not initialised.
class workspace {
 public:
  workspace() = default;
  workspace(workspace&& other) noexcept
      : blocks_(std::exchange(other.blocks_, {})), children_(std::exchange(other.children_, {})),
        block_(std::exchange(other.block_, 0)), used_(std::exchange(other.used_, 0)) {}
  workspace& operator=(workspace&& other) noexcept {
    blocks_ = std::exchange(other.blocks_, {});
    children_ = std::exchange(other.children_, {});
    block_ = std::exchange(other.block_, 0), used_ = std::exchange(other.used_, 0);
    return *this;
  }

  // Something that runs task(argument, i) for i = 0 .. count - 1, in any order, several at once.
  struct borrowed_executor {
    void const* self = nullptr;
    void (*run)(void const* self, Index count, void (*task)(void const*, Index), void const* argument) = nullptr;
  };
  // Lends an executor until the returned object ends.
  class loan {
   public:
    loan(workspace& ws, borrowed_executor executor) noexcept : ws_(ws), before_(std::exchange(ws.executor_, executor)) {}
    ~loan() { ws_.executor_ = before_; }
    loan(loan const&) = delete;
    loan& operator=(loan const&) = delete;

   private:
    workspace& ws_;
    borrowed_executor before_;
  };

  class frame {
   public:
    explicit frame(workspace& ws) noexcept : ws_(ws), block_(ws.block_), used_(ws.used_) {}
    ~frame() { ws_.block_ = block_, ws_.used_ = used_; }
    frame(frame const&) = delete;
    frame& operator=(frame const&) = delete;

   private:
    workspace& ws_;
    std::size_t block_, used_;
  };

  /// Everything taken from now on is given back when the returned object ends.
  [[nodiscard]] frame scope() noexcept { return frame(*this); }

  template <class T>
  using vector_map = Eigen::Map<Eigen::Matrix<T, Eigen::Dynamic, 1>, Eigen::AlignedMax>;
  template <class T>
  using table_map =
      Eigen::Map<Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>, Eigen::AlignedMax>;

  /// n values in a row.
  template <class T>
  vector_map<T> vector(Index n) {
    return {take<T>(n), n};
  }
  /// A row-major rows x cols table.
  template <class T>
  table_map<T> table(Index rows, Index cols) {
    return {take<T>(rows * cols), rows, cols};
  }

  template <class T>
  T* take(Index n) {
    static_assert(std::is_trivially_destructible_v<T>, "robagg: a workspace holds plain values only");
    return static_cast<T*>(static_cast<void*>(take_bytes(static_cast<std::size_t>(n) * sizeof(T))));
  }

  /// Runs visit(first, last, ws) for slices of 0..count cut at multiples of `grain`, of `least` grains or more: all at
  /// once on the executor that `sliced` or `each` has lent, each with a child workspace of its own; otherwise once for
  /// everything with this one.
  template <class Visit>
  void for_slices(Index count, Index grain, Visit const& visit, Index least = 16) {
    Index const slices = executor_.run == nullptr ? 1 : std::min<Index>(most_slices, count / (least * grain));
    if (slices <= 1) return visit(Index{0}, count, *this);
    while (static_cast<Index>(children_.size()) < slices) children_.push_back(std::make_unique<workspace>());
    Index const grains = (count + grain - 1) / grain;
    auto const task = [&](Index i) {
      visit(i * grains / slices * grain, std::min(count, (i + 1) * grains / slices * grain), *children_[static_cast<std::size_t>(i)]);
    };
    executor_.run(executor_.self, slices, [](void const* t, Index i) { (*static_cast<decltype(task) const*>(t))(i); }, &task);
  }

  /// How much memory the workspace holds.
  std::size_t bytes() const noexcept {
    std::size_t sum = 0;
    for (auto const& child : children_) sum += child->bytes();
    for (auto const& b : blocks_) sum += b.size;
    return sum;
  }

 private:
  static constexpr std::size_t alignment = 64;
  struct release {
    void operator()(std::byte* p) const noexcept { ::operator delete(p, std::align_val_t{alignment}); }
  };
  struct block {
    std::unique_ptr<std::byte, release> memory;
    std::size_t size;
  };

  // First fit, never going back to an earlier block: a sequence of smaller requests then always
  // fits where a larger one did, which is what "no allocation after the first call" rests on.
  std::byte* take_bytes(std::size_t n) {
    n = (n + alignment - 1) / alignment * alignment;
    while (block_ < blocks_.size() && blocks_[block_].size - used_ < n) ++block_, used_ = 0;
    if (block_ == blocks_.size()) grow(n);
    std::byte* const p = blocks_[block_].memory.get() + used_;
    used_ += n;
#ifdef ROBAGG_POISON_WORKSPACE
    std::memset(p, 0xff, n);  // NaN in every floating type: reading what was never written shows
#endif
    return p;
  }
  void grow(std::size_t n) {
    std::size_t const least = 16 * 1024;
    std::size_t const size = n < least ? least : n;
    auto* const p = static_cast<std::byte*>(::operator new(size, std::align_val_t{alignment}));
    blocks_.push_back({std::unique_ptr<std::byte, release>(p), size});
  }

  static constexpr Index most_slices = 64;
  std::vector<block> blocks_;
  std::vector<std::unique_ptr<workspace>> children_;
  borrowed_executor executor_;
  std::size_t block_ = 0, used_ = 0;
};

namespace detail {

// An executor (parallel.hpp) as a workspace lends it; it must outlive the loan.
template <class Executor>
workspace::borrowed_executor borrowed(Executor const& run) {
  return {&run, [](void const* self, Index count, void (*task)(void const*, Index), void const* argument) {
            (*static_cast<Executor const*>(self))(count, [=](Index i) { task(argument, i); });
          }};
}

}  // namespace detail
}  // namespace robagg::inline ROBAGG_ABI
