// SPDX-License-Identifier: BSL-1.0
// Ranks that are threads: where they meet, and what they read of each other there. And what ranks of any kind do together:
// messages of unequal sizes, and errors that all of them see.
#pragma once

#include "../error.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace robagg::inline ROBAGG_ABI::detail {

// All ranks come, read what the others brought, and leave together. Who ends without coming breaks the meeting for all.
class meeting_point {
 public:
  struct offer {
    int kind = 0;
    std::span<std::byte const> out{};
    std::span<std::span<std::byte const> const> parts{};
    std::int64_t value = 0;
  };
  explicit meeting_point(Index count) : offers_(static_cast<std::size_t>(count)) {}
  Index size() const { return static_cast<Index>(offers_.size()); }

  template <class Read>
  void meet(Index rank, offer const& mine, Read const& read) {
    offers_[static_cast<std::size_t>(rank)] = mine;
    wait();
    bool const same = std::ranges::all_of(offers_, [&](offer const& o) { return o.kind == mine.kind; });
    if (!same || !read()) {
      std::lock_guard const lock(mutex_);
      fits_ = false;
    }
    wait();
    if (!fits_) throw_bad_input("communicator", "needs ranks whose calls fit each other", {{"rank", rank}});
  }
  bool read_gather(std::span<std::byte> all, std::span<std::size_t const> sizes) const {
    if (sizes.size() != offers_.size()) return false;
    std::size_t at = 0;
    for (std::size_t r = 0; r < offers_.size(); ++r) {
      auto const out = offers_[r].out;
      if (out.size() != sizes[r] || all.size() - at < out.size()) return false;
      // A rank's own part may be in its place already.
      if (!out.empty() && out.data() != all.data() + at) std::memcpy(all.data() + at, out.data(), out.size());
      at += out.size();
    }
    return at == all.size();
  }
  bool read_exchange(Index rank, std::span<std::span<std::byte> const> in) const {
    auto const self = static_cast<std::size_t>(rank);
    if (in.size() != offers_.size()) return false;
    for (std::size_t r = 0; r < offers_.size(); ++r) {
      auto const parts = offers_[r].parts;
      if (parts.size() != offers_.size()) return false;
      if (r == self) continue;
      if (parts[self].size() != in[r].size()) return false;
      if (!in[r].empty()) std::memcpy(in[r].data(), parts[self].data(), in[r].size());
    }
    return true;
  }
  std::int64_t read_least() const { return std::ranges::min(offers_, {}, &offer::value).value; }

  // A rank has ended.
  void leave(Index rank) {
    std::lock_guard const lock(mutex_);
    if (gone_ < 0) gone_ = rank;
    changed_.notify_all();
  }

 private:
  void wait() {
    std::unique_lock lock(mutex_);
    auto const turn = turn_;
    if (gone_ < 0 && ++here_ == size()) {
      here_ = 0;
      ++turn_;
      changed_.notify_all();
      return;
    }
    changed_.wait(lock, [&] { return turn_ != turn || gone_ >= 0; });
    if (turn_ == turn) throw_bad_input("communicator", "waits for a rank that is gone", {{"rank", gone_}});
  }

  std::vector<offer> offers_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Index here_ = 0, gone_ = -1;
  std::uint64_t turn_ = 0;
  bool fits_ = true;
};

inline std::int64_t bytes_to_others(std::span<std::span<std::byte const> const> parts, Index self) {
  std::size_t sum = 0;
  for (std::size_t r = 0; r < parts.size(); ++r) sum += static_cast<Index>(r) == self ? 0 : parts[r].size();
  return static_cast<std::int64_t>(sum);
}

// What each rank sends to all, of any size up to `most`.
template <class C>
std::vector<std::vector<std::byte>> gather_unequal(C& ranks, std::span<std::byte const> mine, std::size_t most) {
  auto const count = static_cast<std::size_t>(ranks.size());
  std::vector<std::size_t> const numbers(count, sizeof(std::size_t));
  std::vector<std::size_t> sizes(count);
  std::size_t const own = mine.size();
  ranks.gather(std::as_bytes(std::span(&own, 1)), std::as_writable_bytes(std::span(sizes)), numbers);
  std::size_t total = 0;
  for (std::size_t r = 0; r < count; ++r) {
    if (sizes[r] > most) throw_bad_input("communicator", "is sent more than there can be", {{"rank", r}, {"most", most}});
    total += sizes[r];
  }
  std::vector<std::byte> bytes(total);
  ranks.gather(mine, bytes, sizes);
  std::vector<std::vector<std::byte>> parts;
  for (auto at = bytes.begin(); std::size_t const size : sizes) {
    parts.emplace_back(at, at + static_cast<std::ptrdiff_t>(size));
    at += static_cast<std::ptrdiff_t>(size);
  }
  return parts;
}

// One call that all ranks make, which succeeds or fails on all of them. Before each message, and at the end, ranks agree that
// none has failed: where one has, all throw what it says.
template <class C>
class collective_call {
 public:
  static constexpr std::size_t longest_text = 4096;

  // work(call), and whatever goes wrong in it goes wrong on all ranks.
  template <class Work>
  static void run(C& ranks, Work const& work) {
    collective_call call(ranks);
    std::string text;
    std::exception_ptr other;
    try {
      work(call);
      call.ready();
      return;
    } catch (bad_input const& e) {
      if (call.over_) throw;
      text = e.what();
    } catch (std::exception const& e) {
      text = e.what();
      other = std::current_exception();
    } catch (...) {
      text = "failed";
      other = std::current_exception();
    }
    call.agree(text, other);
  }
  // No rank has failed yet.
  void ready() { agree({}, nullptr); }

  // The bytes of all ranks, once all are ready for them.
  std::vector<std::vector<std::byte>> gather(std::span<std::byte const> mine, std::size_t most) {
    ready();
    return detail::gather_unequal(ranks_, mine, most);
  }
  C& ranks() { return ranks_; }

 private:
  explicit collective_call(C& ranks) : ranks_(ranks) {}
  void agree(std::string text, std::exception_ptr const& other) {
    Index const size = ranks_.size(), rank = ranks_.rank();
    bool const failed = !text.empty();
    over_ = true;  // what the communicator itself refuses is not told again
    auto const first = static_cast<Index>(ranks_.least(failed ? rank : size));
    over_ = first != size;
    if (!over_) return;
    if (first < 0 || first > size) throw_bad_input("communicator", "is told of a rank that is none", {{"rank", first}});
    if (text.size() > longest_text) text.resize(longest_text);
    auto const bytes =
        detail::gather_unequal(ranks_, std::as_bytes(std::span(text)), longest_text)[static_cast<std::size_t>(first)];
    std::string said;
    for (std::byte const b : bytes) {
      auto const c = std::to_integer<unsigned char>(b);
      said += c >= 0x20 && c < 0x7f ? static_cast<char>(c) : '?';
    }
    if (other) std::rethrow_exception(other);
    throw bad_input("rank " + std::to_string(first), said);
  }

  C& ranks_;
  bool over_ = false;
};

// run(rank) on a thread each.
template <class Run>
void run_ranks(meeting_point& all, Run const& run) {
  std::exception_ptr first;
  std::mutex mutex;
  auto const one = [&](Index rank) {
    try {
      run(rank);
    } catch (...) {
      std::lock_guard const lock(mutex);
      if (!first) first = std::current_exception();  // those that waited for it come later
    }
    all.leave(rank);
  };
  {
    std::vector<std::jthread> others;
    for (Index r = 1; r < all.size(); ++r) others.emplace_back([&one, r] { one(r); });
    one(0);
  }
  if (first) std::rethrow_exception(first);
}

}  // namespace robagg::inline ROBAGG_ABI::detail
