// SPDX-License-Identifier: BSL-1.0
// The ranks of an MPI program. The only header that includes <mpi.h>: link robagg::mpi.
#pragma once

#include "communicator.hpp"

#include <mpi.h>

#include <algorithm>
#include <functional>
#include <vector>

namespace robagg::inline ROBAGG_ABI {

/// The communicator (communicator.hpp) over the processes of an MPI_Comm.
///
///     MPI_Init(&argc, &argv);
///     robagg::mpi_communicator ranks(MPI_COMM_WORLD);
///     robagg::sharded(robagg::krum{.f = 2}, ranks)(my_columns, first_column, result);
///
/// Shapes     any number of bytes: what is longer than `most`, at most 2^31 - 1, the largest count of MPI, travels in pieces;
///            it is the same on all ranks.
/// Errors     bad_input where MPI reports an error (by default MPI ends the program instead) or most < 1.
/// Cost       a duplicate of the MPI_Comm, so that messages meet no others: construction and destruction are collective,
///            before MPI_Finalize. Not copied.
/// Source     MPI 3.1, chapters 3 and 5.     Example  tests/mpi/ranks.cpp
class mpi_communicator {
 public:
  static constexpr std::size_t largest = 0x7fffffff;

  explicit mpi_communicator(MPI_Comm all, std::size_t most = largest) : most_(most) {
    if (most < 1 || most > largest)
      detail::throw_bad_input("mpi_communicator", "needs a longest message of 1..2^31-1 bytes", {{"most", most}});
    check(MPI_Comm_dup(all, &all_));
    int rank = 0, size = 0;
    check(MPI_Comm_rank(all_, &rank));
    check(MPI_Comm_size(all_, &size));
    rank_ = rank;
    size_ = size;
  }
  mpi_communicator(mpi_communicator const&) = delete;
  mpi_communicator& operator=(mpi_communicator const&) = delete;
  ~mpi_communicator() { MPI_Comm_free(&all_); }

  Index rank() const { return rank_; }
  Index size() const { return size_; }
  traffic counts() const { return counts_; }

  void gather(std::span<std::byte const> mine, std::span<std::byte> all, std::span<std::size_t const> sizes) {
    fits(mine.size() == sizes[self()] && all.size() == total(sizes));
    if (all.size() <= most_) {
      std::vector<int> counts, starts;
      for (int at = 0; std::size_t const size : sizes) {
        counts.push_back(static_cast<int>(size));
        starts.push_back(at);
        at += static_cast<int>(size);
      }
      // In place on all ranks or on none: a part may be empty.
      bool const placed =
          std::greater_equal<>()(mine.data(), all.data()) && std::less<>()(mine.data(), all.data() + all.size());
      check(MPI_Allgatherv(placed ? MPI_IN_PLACE : mine.data(), counts[self()], MPI_BYTE, all.data(), counts.data(),
                           starts.data(), MPI_BYTE, all_));
    } else {
      std::size_t at = 0;
      for (int root = 0; std::size_t const size : sizes) {
        auto const part = all.subspan(at, size);
        if (root == rank_ && mine.data() != part.data()) std::ranges::copy(mine, part.begin());
        in_pieces(size,
                  [&](std::size_t from, int count) { check(MPI_Bcast(part.data() + from, count, MPI_BYTE, root, all_)); });
        at += size;
        ++root;
      }
    }
    ++counts_.messages;
    counts_.bytes_sent += static_cast<std::int64_t>(mine.size());
  }
  void exchange(parts_to_send out, parts_to_receive in) {
    fits(out.size() == static_cast<std::size_t>(size_) && in.size() == out.size());
    std::vector<MPI_Request> requests;
    auto const each = [&](auto parts, auto const& pass) {
      for (int other = 0; auto const& part : parts) {
        if (other != rank_) {
          in_pieces(part.size(), [&](std::size_t at, int count) {
            check(pass(part.data() + at, count, other, &requests.emplace_back(MPI_REQUEST_NULL)));
          });
        }
        ++other;
      }
    };
    each(in, [&](std::byte* at, int count, int other, MPI_Request* request) {
      return MPI_Irecv(at, count, MPI_BYTE, other, 0, all_, request);
    });
    each(out, [&](std::byte const* at, int count, int other, MPI_Request* request) {
      return MPI_Isend(at, count, MPI_BYTE, other, 0, all_, request);
    });
    check(MPI_Waitall(static_cast<int>(requests.size()), requests.data(), MPI_STATUSES_IGNORE));
    ++counts_.messages;
    counts_.bytes_sent += detail::bytes_to_others(out, rank_);
  }
  std::int64_t least(std::int64_t value) {
    std::int64_t all = value;
    check(MPI_Allreduce(&value, &all, 1, MPI_INT64_T, MPI_MIN, all_));
    ++counts_.agreements;
    return all;
  }

 private:
  std::size_t self() const { return static_cast<std::size_t>(rank_); }
  static std::size_t total(std::span<std::size_t const> sizes) {
    std::size_t sum = 0;
    for (std::size_t const size : sizes) sum += size;
    return sum;
  }
  template <class Pass>
  void in_pieces(std::size_t size, Pass const& pass) const {
    for (std::size_t at = 0; at < size; at += most_) pass(at, static_cast<int>(std::min(most_, size - at)));
  }
  static void fits(bool sizes) {
    if (!sizes) detail::throw_bad_input("mpi_communicator", "needs buffers of the sizes that it is told");
  }
  static void check(int code) {
    if (code != MPI_SUCCESS) detail::throw_bad_input("mpi_communicator", "is told of an error by MPI", {{"code", code}});
  }

  MPI_Comm all_ = MPI_COMM_NULL;
  std::size_t most_;
  int rank_ = 0, size_ = 1;
  traffic counts_;
};

}  // namespace robagg::inline ROBAGG_ABI
