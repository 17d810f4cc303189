// SPDX-License-Identifier: BSL-1.0
// Ranks that work on one table together, and how they talk: on threads of one process here, through MPI in mpi.hpp.
#pragma once

#include "detail/collective.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

namespace robagg::inline ROBAGG_ABI {

/// What a rank has sent so far.
struct traffic {
  std::int64_t messages = 0;    ///< collective calls that carried data: gathers and exchanges
  std::int64_t bytes_sent = 0;  ///< of a gather once, however many ranks it goes to; of an exchange what went to others
  std::int64_t agreements = 0;  ///< collective calls that carried one number
};

/// What goes to each rank, and what comes from each.
using parts_to_send = std::span<std::span<std::byte const> const>;
using parts_to_receive = std::span<std::span<std::byte> const>;

/// Ranks 0 to size - 1, each of which calls the same collective operations in the same order.
///
///     gather(mine, all, sizes)              sizes[r] bytes of rank r, one behind the other, to everyone (allgatherv)
///     exchange(out, in)                     out[r] to rank r, in[r] from it (alltoallw); what is a rank's own stays
///     least(value)                          the least value of all ranks: how they agree
///
/// Shapes     sizes, out and in have one entry per rank. Sizes are known before: `sizes` is the same on all ranks, and in[r] is
///            as long as what rank r sends here.
/// Errors     what the implementation finds: thread_ranks refuses calls that do not fit each other on all ranks, MPI may not.
/// Source     the operations of MPI.     Example  examples/all_reduce.cpp
template <class C>
concept communicator = requires(C& c, std::span<std::byte const> mine, std::span<std::byte> all,
                                std::span<std::size_t const> sizes, parts_to_send out, parts_to_receive in, std::int64_t v) {
  { c.rank() } -> std::same_as<Index>;
  { c.size() } -> std::same_as<Index>;
  c.gather(mine, all, sizes);
  c.exchange(out, in);
  { c.least(v) } -> std::same_as<std::int64_t>;
  { c.counts() } -> std::same_as<traffic>;
};

/// One of the ranks that thread_ranks runs.
class thread_communicator {
 public:
  thread_communicator(detail::meeting_point& all, Index rank) : all_(all), rank_(rank) {}
  Index rank() const { return rank_; }
  Index size() const { return all_.size(); }
  traffic counts() const { return counts_; }

  void gather(std::span<std::byte const> mine, std::span<std::byte> all, std::span<std::size_t const> sizes) {
    all_.meet(rank_, {.kind = 1, .out = mine}, [&] { return all_.read_gather(all, sizes); });
    ++counts_.messages;
    counts_.bytes_sent += static_cast<std::int64_t>(mine.size());
  }
  void exchange(parts_to_send out, parts_to_receive in) {
    all_.meet(rank_, {.kind = 2, .parts = out}, [&] { return all_.read_exchange(rank_, in); });
    ++counts_.messages;
    counts_.bytes_sent += detail::bytes_to_others(out, rank_);
  }
  std::int64_t least(std::int64_t value) {
    all_.meet(rank_, {.kind = 3, .value = value}, [&] { return value = all_.read_least(), true; });
    ++counts_.agreements;
    return value;
  }

 private:
  detail::meeting_point& all_;
  Index rank_;
  traffic counts_;
};

/// Runs work(communicator) on `count` threads, each of which is a rank: for tests, simulations and machines with several
/// memories.
///
///     thread_ranks(3, [&](thread_communicator& ranks) { sharded(krum{.f = 2}, ranks)(shard[ranks.rank()], ...); });
///
/// Errors     what ranks throw is thrown on, of the first that did. A rank that is gone is bad_input
///            on all that wait for it: nobody hangs. count >= 1.
template <class Work>
void thread_ranks(Index count, Work const& work) {
  if (count < 1) detail::throw_bad_input("thread_ranks", "needs at least one rank", {{"count", count}});
  detail::meeting_point all(count);
  detail::run_ranks(all, [&](Index rank) {
    thread_communicator ranks(all, rank);
    work(ranks);
  });
}

}  // namespace robagg::inline ROBAGG_ABI
