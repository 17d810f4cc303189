// SPDX-License-Identifier: BSL-1.0
// Ranks that are threads: what they send each other arrives, what does not fit is refused on all, and nobody waits for ever.
#include <robagg/communicator.hpp>

#include <atomic>
#include <numeric>

using robagg::thread_communicator, robagg::thread_ranks;

namespace {

static_assert(robagg::communicator<thread_communicator>);
static_assert(!robagg::communicator<int>);

std::byte byte_between(robagg::Index from, robagg::Index to, std::size_t k) {
  return static_cast<std::byte>(17 * from + 5 * to + static_cast<robagg::Index>(k));
}

using bytes = std::vector<std::byte>;
std::vector<std::span<std::byte const>> to_send(std::vector<bytes> const& parts) { return {parts.begin(), parts.end()}; }
std::vector<std::span<std::byte>> to_receive(std::vector<bytes>& parts) { return {parts.begin(), parts.end()}; }

}  // namespace

TEST_CASE("communicator: unequal bytes to all, and to each", "[communicator]") {
  for (robagg::Index const size : {1, 2, 3, 4, 7, 64}) {
    std::atomic<int> right = 0;
    thread_ranks(size, [&](thread_communicator& ranks) {
      auto const rank = ranks.rank();
      auto const count = static_cast<std::size_t>(size);
      // Rank r sends r bytes to all, and to rank s (r + 2 s) % 5.
      std::vector<std::size_t> sizes(count);
      std::iota(sizes.begin(), sizes.end(), std::size_t{0});
      std::vector<std::byte> mine, all(count * (count - 1) / 2);
      for (std::size_t k = 0; k < sizes[static_cast<std::size_t>(rank)]; ++k) mine.push_back(byte_between(rank, 0, k));
      std::vector<std::vector<std::byte>> out(count), in(count);
      for (std::size_t s = 0; s < count; ++s) {
        std::size_t const sent = (static_cast<std::size_t>(rank) + 2 * s) % 5;
        for (std::size_t k = 0; k < sent; ++k) out[s].push_back(byte_between(rank, static_cast<robagg::Index>(s), k));
        in[s].resize((s + 2 * static_cast<std::size_t>(rank)) % 5);
      }
      auto const own = in[static_cast<std::size_t>(rank)];
      ranks.gather(mine, all, sizes);
      ranks.exchange(to_send(out), to_receive(in));
      bool same = true;
      std::size_t at = 0, others = 0;
      for (robagg::Index r = 0; r < size; ++r) {
        for (std::size_t k = 0; k < static_cast<std::size_t>(r); ++k) same = same && all[at++] == byte_between(r, 0, k);
        auto const& part = in[static_cast<std::size_t>(r)];
        for (std::size_t k = 0; k < part.size(); ++k)
          same = same && part[k] == (r == rank ? own[k] : byte_between(r, rank, k));  // one's own stays
        others += r == rank ? 0 : out[static_cast<std::size_t>(r)].size();
      }
      same = same && ranks.least(100 - rank) == 101 - size && ranks.size() == size;
      auto const counts = ranks.counts();
      same = same && counts.messages == 2 && counts.agreements == 1 &&
             counts.bytes_sent == static_cast<std::int64_t>(mine.size() + others);
      right += same;
    });
    CHECK(right == size);
  }
}

TEST_CASE("communicator: calls that do not fit each other are refused on all ranks", "[communicator]") {
  std::atomic<int> refused = 0;
  auto const each = [&](auto const& call) {
    refused = 0;
    CHECK_THROWS_WITH(thread_ranks(3,
                                   [&](thread_communicator& ranks) {
                                     try {
                                       call(ranks);
                                     } catch (robagg::bad_input const&) {
                                       ++refused;
                                       throw;
                                     }
                                   }),
                      Catch::StartsWith("communicator: needs ranks whose calls fit each other (rank = "));
    CHECK(refused == 3);
  };
  std::vector<std::size_t> const ones(3, 1), few(2, 1);
  each([&](thread_communicator& ranks) {
    std::vector<std::byte> mine(1), all(3);
    if (ranks.rank() == 1) return static_cast<void>(ranks.least(3));
    ranks.gather(mine, all, ones);
  });
  each([&](thread_communicator& ranks) {
    std::vector<std::byte> mine(ranks.rank() == 1 ? 2 : 1), all(3);
    ranks.gather(mine, all, ones);
  });
  each([&](thread_communicator& ranks) {
    std::vector<std::byte> mine(1), all(ranks.rank() == 1 ? 4 : 3);
    ranks.gather(mine, all, ones);
  });
  each([&](thread_communicator& ranks) {
    std::vector<std::byte> mine(1), all(3);
    ranks.gather(mine, all, ranks.rank() == 1 ? few : ones);
  });
  auto const exchange = [&](auto const& change) {
    each([&](thread_communicator& ranks) {
      std::vector<bytes> out(3, bytes(1)), in(3, bytes(1));
      if (ranks.rank() == 2) change(out, in);
      ranks.exchange(to_send(out), to_receive(in));
    });
  };
  exchange([](auto& out, auto&) { out[1].resize(2); });
  exchange([](auto&, auto& in) { in[0].resize(2); });
  exchange([](auto& out, auto&) { out.resize(2); });
  exchange([](auto&, auto& in) { in.resize(4); });
}

TEST_CASE("communicator: who waits for a rank that is gone is told", "[communicator]") {
  std::atomic<int> told = 0;
  CHECK_THROWS_WITH(thread_ranks(4,
                                 [&](thread_communicator& ranks) {
                                   if (ranks.rank() == 2) throw std::runtime_error("mine");
                                   try {
                                     ranks.least(0);
                                   } catch (robagg::bad_input const& e) {
                                     told += std::string(e.what()) == "communicator: waits for a rank that is gone (rank = 2)";
                                     ranks.least(0);  // refused again
                                   }
                                 }),
                    "mine");
  CHECK(told == 3);
  CHECK_THROWS_WITH(thread_ranks(2,
                                 [](thread_communicator& ranks) {
                                   if (ranks.rank() == 0) ranks.least(0);
                                 }),
                    "communicator: waits for a rank that is gone (rank = 1)");
  CHECK_THROWS_WITH(thread_ranks(0, [](thread_communicator&) {}), "thread_ranks: needs at least one rank (count = 0)");
}
