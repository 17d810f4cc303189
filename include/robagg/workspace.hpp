// SPDX-License-Identifier: BSL-1.0
// Scratch memory that grows on the first call and never after, or memory of the caller's.
#pragma once

#include "detail/base/dispatch.hpp"
#include "detail/base/function_ref.hpp"
#include "error.hpp"
#include "executor.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>  // std::uintptr_t
#include <cstring>  // std::memset, for ROBAGG_POISON_WORKSPACE
#include <limits>
#include <memory>
#include <new>  // std::align_val_t
#include <span>
#include <type_traits>
#include <utility>  // std::exchange
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// Scratch memory for operators: hand the same one to every call, and after the first call of a
/// shape (or a larger one) nothing is allocated. Not shared between threads: one each.
///
/// It holds what the largest call has needed, and less than twice that where shapes grow slowly. (Rows so far from the
/// others that they take a second read may ask for more, once.)
///
/// Memory is taken in stack order. What is taken after `auto scope = ws.scope();` is given back
/// when `scope` ends; the maps that `vector` and `table` return are valid until then, aligned to 64
/// bytes and not initialised.
///
///     alignas(64) std::byte memory[16384];
///     workspace ws{std::span(memory)};            // never allocates
///     bytes_needed(median{}, x) <= ws.bytes();    // is it enough, whatever the values are?
class workspace {
 public:
  workspace() = default;
  /// Works in the caller's memory, at any address, and never allocates. Operators that find too little refuse (bad_input)
  /// before they write; executors have one slice.
  explicit workspace(std::span<std::byte> memory) noexcept : lent_(true) {
    std::size_t const skipped = -reinterpret_cast<std::uintptr_t>(memory.data()) % alignment;
    if (memory.size() > skipped) main_ = {memory.data() + skipped, memory.size() - skipped};
  }
  // The same for memory that should do, but may be exceeded: then it allocates.
  struct first_memory {
    std::span<std::byte> bytes;
  };
  explicit workspace(first_memory memory) noexcept : workspace(memory.bytes) { spills_ = true; }
  // Takes from another one, which other code was compiled for.
  explicit workspace(dispatch::scratch const& from) noexcept : foreign_(&from) {}
  workspace(workspace&& other) noexcept { swap(other); }
  workspace& operator=(workspace&& other) noexcept {
    workspace moved(std::move(other));
    swap(moved);
    return *this;
  }
  ~workspace() { free_all(); }

  // Lends an executor until the returned object ends.
  class loan {
   public:
    loan(workspace& ws, detail::borrowed_executor executor) noexcept
        : ws_(ws), before_(std::exchange(ws.executor_, executor)) {}
    ~loan() { ws_.executor_ = before_; }
    loan(loan const&) = delete;
    loan& operator=(loan const&) = delete;

   private:
    workspace& ws_;
    detail::borrowed_executor before_;
  };

  class frame {
   public:
    explicit frame(workspace& ws) noexcept : ws_(ws), place_(ws.mark()) {}
    ~frame() { ws_.release(place_); }
    frame(frame const&) = delete;
    frame& operator=(frame const&) = delete;

   private:
    workspace& ws_;
    dispatch::place place_;
  };

  /// Everything taken from now on is given back when the returned object ends.
  [[nodiscard]] frame scope() noexcept { return frame(*this); }

  template <class T>
  using vector_map = Eigen::Map<Eigen::Matrix<T, Eigen::Dynamic, 1>, Eigen::AlignedMax>;
  template <class T>
  using table_map = Eigen::Map<Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>, Eigen::AlignedMax>;

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
    return static_cast<T*>(static_cast<void*>(take_bytes(room<T>(n))));
  }
  /// How many bytes taking n values takes.
  template <class T>
  static constexpr std::size_t room(Index n) {
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max() / 2;
    auto const count = static_cast<std::size_t>(n);
    return count > most / sizeof(T) ? most : (count * sizeof(T) + alignment - 1) / alignment * alignment;
  }

  // Itself, for code that was compiled elsewhere.
  dispatch::scratch shared() noexcept {
    return {this, [](void* self, std::size_t n) -> void* { return static_cast<workspace*>(self)->take_bytes(n); },
            [](void* self) { return static_cast<workspace*>(self)->mark(); },
            [](void* self, dispatch::place to) { static_cast<workspace*>(self)->release(to); }};
  }

  /// Makes sure that so many bytes can be taken at once, or says that they are not to be had.
  bool reserve(std::size_t n) { return find(n) != nullptr || add_block(n); }

  /// How many slices `for_slices` cuts.
  Index slices(Index count, Index grain, Index least = 16) const noexcept {
    return executor_.run == nullptr || lent_ ? 1 : std::clamp<Index>(count / (least * grain), 1, most_slices);
  }
  /// Runs visit(first, last, ws) for slices of 0..count cut at multiples of `grain`, of `least` grains or more: all at
  /// once on the executor that `sliced` or `each` has lent, each with a child workspace of its own; otherwise once for
  /// everything with this one.
  void for_slices(Index count, Index grain, detail::function_ref<void(Index first, Index last, workspace& ws)> visit,
                  Index least = 16) {
    Index const slices = this->slices(count, grain, least);
    if (slices == 1) return visit(Index{0}, count, *this);
    while (static_cast<Index>(children_.size()) < slices) children_.push_back(std::make_unique<workspace>());
    Index const grains = (count + grain - 1) / grain;
    auto const task = [&](Index i) {
      visit(i * grains / slices * grain, std::min(count, (i + 1) * grains / slices * grain),
            *children_[static_cast<std::size_t>(i)]);
    };
    executor_.run(executor_.self, slices, [](void const* t, Index i) { (*static_cast<decltype(task) const*>(t))(i); }, &task);
  }

  /// How much memory the workspace holds.
  std::size_t bytes() const noexcept {
    std::size_t sum = main_.size;
    for (auto const& child : children_) sum += child->bytes();
    for (auto const& b : more_) sum += b.size;
    return sum;
  }
  /// How much was taken at once, at most, so far.
  std::size_t peak() const noexcept {
    std::size_t sum = peak_;
    for (auto const& child : children_) sum += child->peak();
    return sum;
  }
  /// Has an executor been lent to it?
  bool has_executor() const noexcept { return executor_.run != nullptr; }
  /// Does it work in the caller's memory?
  bool over_span() const noexcept { return lent_ && !spills_; }
  /// Or in memory that it may exceed?
  bool may_spill() const noexcept { return spills_; }
  /// How much of that is left.
  std::size_t left() const noexcept { return main_.size - used_; }

  static constexpr std::size_t alignment = 64;

 private:
  struct block {
    std::byte* memory = nullptr;
    std::size_t size = 0;
  };
  block const& at(std::size_t b) const { return b == 0 ? main_ : more_[b - 1]; }

  dispatch::place mark() const noexcept {
    return foreign_ != nullptr ? foreign_->mark(foreign_->self) : dispatch::place{block_, used_, taken_};
  }
  void release(dispatch::place to) noexcept {
    if (foreign_ != nullptr) return foreign_->release(foreign_->self, to);
    block_ = to.block;
    used_ = to.used;
    taken_ = to.taken;
    if (block_ == 0 && used_ == 0 && !more_.empty() && !lent_) coalesce();
  }
  std::byte* take_bytes(std::size_t n) {
    if (n == 0) return nullptr;
    if (foreign_ != nullptr) return static_cast<std::byte*>(foreign_->take(foreign_->self, n));
    bool const fits = block_ == 0 && main_.size - used_ >= n;
    std::byte* const p = fits ? main_.memory + used_ : find_or_add(n);
    used_ += n;
    taken_ += n;
    peak_ = std::max(peak_, taken_);
#ifdef ROBAGG_POISON_WORKSPACE
    std::memset(p, 0xff, n);  // NaN in every floating type: reading what was never written shows
#endif
    return p;
  }
  EIGEN_DONT_INLINE std::byte* find_or_add(std::size_t n) {
    if (std::byte* const p = find(n)) return p;
    if (over_span())
      detail::throw_bad_input("workspace", "needs more memory than it was given",
                              {{"bytes", main_.size}, {"missing", n - left()}});
    if (!add_block(n)) out_of_memory();
    return find(n);
  }
  // Goes on to the first block with so much room. Never back to an earlier one: that would not be stack order.
  std::byte* find(std::size_t n) noexcept {
    std::size_t b = block_, used = used_;
    while (b <= more_.size() && at(b).size - used < n) {
      ++b;
      used = 0;
    }
    if (b > more_.size()) return nullptr;
    block_ = b;
    used_ = used;
    return at(b).memory + used;
  }
  bool add_block(std::size_t n) {
    if (over_span()) return false;
    if (main_.size == 0) return (main_ = allocate(std::max(n, least_block))).size > 0;
    more_.push_back({});
    if ((more_.back() = allocate(std::max(n, least_block))).size > 0) return true;
    more_.pop_back();
    return false;
  }
  // Nothing is taken: one block instead of several. If it was one before, then half as large again at least: shapes that
  // grow by little cost few allocations, and what is held stays below twice what is needed.
  void coalesce() noexcept {
    settled_ = std::max(peak_, settled_ + settled_ / 2);
    free_all();
    main_ = allocate(settled_);
  }
  void free_all() noexcept {
    if (!lent_) free(main_);
    for (auto const& b : more_) free(b);
    main_ = {}, more_.clear();
  }
  static block allocate(std::size_t n) noexcept {
    n = (n + alignment - 1) / alignment * alignment;
    auto* const p = static_cast<std::byte*>(::operator new(n, std::align_val_t{alignment}, std::nothrow));
    return {p, p == nullptr ? 0 : n};
  }
  static void free(block const& b) noexcept {
    if (b.memory != nullptr) ::operator delete(b.memory, std::align_val_t{alignment});
  }
  [[noreturn, gnu::cold]] static void out_of_memory() {
#if defined(__cpp_exceptions)
    throw std::bad_alloc();
#else
    std::abort();
#endif
  }
  void swap(workspace& other) noexcept {
    std::swap(foreign_, other.foreign_), std::swap(main_, other.main_), std::swap(more_, other.more_),
        std::swap(children_, other.children_);
    std::swap(block_, other.block_), std::swap(used_, other.used_), std::swap(taken_, other.taken_);
    std::swap(peak_, other.peak_), std::swap(settled_, other.settled_), std::swap(lent_, other.lent_),
        std::swap(spills_, other.spills_);
  }

  static constexpr std::size_t least_block = 16 * 1024;
  static constexpr Index most_slices = 64;
  dispatch::scratch const* foreign_ = nullptr;
  block main_;               // all there is, between calls
  std::vector<block> more_;  // until nothing is taken
  std::vector<std::unique_ptr<workspace>> children_;
  detail::borrowed_executor executor_;
  std::size_t block_ = 0, used_ = 0, taken_ = 0, peak_ = 0, settled_ = 0;
  bool lent_ = false, spills_ = false;
};

}  // namespace robagg::inline ROBAGG_ABI
