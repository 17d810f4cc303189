// SPDX-License-Identifier: BSL-1.0
// The ranks of MPI against one machine: bits of columns on several ranks and of all-reduces, messages in pieces, errors on all
// ranks. Run by mpirun; what is wrong is printed and makes the program fail.
#include <robagg/all_reduce.hpp>
#include <robagg/mpi.hpp>
#include <robagg/mpi.hpp>
#include <robagg/robagg.hpp>
#include <robagg/sharded.hpp>

#include <cstdio>
#include <cstring>
#include <random>
#include <string>

namespace {

using robagg::Index;
static_assert(robagg::communicator<robagg::mpi_communicator>);

int failures = 0;
void check(bool right, char const* what, Index rank) {
  if (!right) ++failures, std::fprintf(stderr, "rank %d: wrong: %s\n", static_cast<int>(rank), what);
}
template <class A, class B>
bool same_bytes(A const& a, B const& b) {
  auto const size = static_cast<std::size_t>(b.size()) * sizeof(*b.data());
  return a.size() == b.size() && (size == 0 || std::memcmp(a.data(), b.data(), size) == 0);
}
template <class T>
robagg::table<T> same_on_all(Index n, Index d) {
  std::mt19937 random(5);
  robagg::table<T> x(n, d);
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < d; ++j) x(i, j) = static_cast<T>(static_cast<float>(random() % 20011) / 1000.f);
  }
  return x;
}

template <class T, class Op>
void compare(robagg::mpi_communicator& ranks, Op const& op) {
  Index const rank = ranks.rank(), size = ranks.size();
  auto x = same_on_all<T>(7, 6000);
  if constexpr (sizeof(T) >= 4) x.row(3) *= T(1e6);  // far: two rounds
  auto const expected = op(x);
  auto const [first, columns] = robagg::shard_of(x.cols(), rank, size);
  auto const mine = robagg::sharded(op, ranks)(x.middleCols(first, columns), first);
  check(same_bytes(mine, expected.segment(first, columns).eval()), "sharded", rank);
}
template <class T, class Op>
void compare_all_reduce(robagg::mpi_communicator& ranks, Op const& op) {
  auto const x = same_on_all<T>(ranks.size(), 5000);
  Eigen::Matrix<T, Eigen::Dynamic, 1> expected(x.cols());
  robagg::workspace ws;
  op.into(x, expected, ws);
  Eigen::Matrix<T, Eigen::Dynamic, 1> const mine = x.row(ranks.rank());
  check(same_bytes(robagg::robust_all_reduce(op, ranks)(mine), expected), "robust_all_reduce", ranks.rank());
}

void run(std::size_t most) {
  robagg::mpi_communicator ranks(MPI_COMM_WORLD, most);
  Index const rank = ranks.rank(), size = ranks.size();
  robagg::geometric_median const between{.iterate = robagg::iterate::between_rows};
  compare<float>(ranks, robagg::median{});
  compare<float>(ranks, robagg::krum{.f = 2});
  compare<float>(ranks, between);
  compare<double>(ranks, between);
  compare<double>(ranks, robagg::nearest_neighbour_mixing{.f = 2} | robagg::median{});
  compare_all_reduce<float>(ranks, robagg::median{});
  compare_all_reduce<double>(ranks, robagg::trimmed_mean{.f = 0});
  compare_all_reduce<Eigen::half>(ranks, robagg::median{});
  compare_all_reduce<Eigen::bfloat16>(ranks, between);
  compare_all_reduce<float>(ranks, between);

  for (Index wrong = 0; wrong < size; ++wrong) {
    std::string said;
    try {
      Eigen::VectorXf const mine = Eigen::VectorXf::Ones(1000);
      robagg::robust_all_reduce(robagg::trimmed_mean{.f = rank == wrong ? 9 : 0}, ranks)(mine);
    } catch (robagg::bad_input const& e) { said = e.what(); }
    auto const expected =
        "rank " + std::to_string(wrong) + ": trimmed_mean: needs n > 2f (n = " + std::to_string(size) + ", f = 9)";
    check(said == expected, said.c_str(), rank);
  }
  // Bytes of all sizes, and what is counted.
  auto const count = static_cast<std::size_t>(size);
  std::vector<std::size_t> sizes(count);
  std::size_t total = 0;
  for (std::size_t r = 0; r < count; ++r) total += sizes[r] = 100 * r;
  std::vector<std::byte> const mine(sizes[static_cast<std::size_t>(rank)], static_cast<std::byte>(rank)),
      out(40, static_cast<std::byte>(rank));
  std::vector<std::byte> all(total), in(40 * count);
  std::vector<std::span<std::byte const>> const sent(count, out);
  std::vector<std::span<std::byte>> received;
  for (std::size_t r = 0; r < count; ++r) received.push_back(std::span(in).subspan(40 * r, 40));
  auto const before = ranks.counts();
  ranks.gather(mine, all, sizes), ranks.exchange(sent, received);
  bool right = ranks.least(7 + rank) == 7;
  for (std::size_t r = 0, at = 0; r < count; ++r) {
    for (std::size_t k = 0; k < sizes[r]; ++k) right = right && all[at++] == static_cast<std::byte>(r);
    // One's own stays.
    auto const from = static_cast<std::byte>(static_cast<Index>(r) == rank ? 0 : r);
    for (std::size_t k = 0; k < 40; ++k) right = right && in[40 * r + k] == from;
  }
  auto const after = ranks.counts();
  right = right && after.messages == before.messages + 2 && after.agreements == before.agreements + 1;
  right = right && after.bytes_sent - before.bytes_sent == static_cast<std::int64_t>(mine.size() + 40 * (count - 1));
  check(right, "bytes", rank);
  bool refused = false;
  try {
    ranks.gather(mine, in, sizes);  // another size on all ranks
  } catch (robagg::bad_input const&) { refused = true; }
  check(refused, "buffers of other sizes", rank);
}

}  // namespace

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  run(robagg::mpi_communicator::largest);
  run(37);  // in pieces
  try {
    robagg::mpi_communicator const none(MPI_COMM_WORLD, 0);
    check(false, "most = 0", 0);
  } catch (robagg::bad_input const&) {}
  int all = 0;
  MPI_Allreduce(&failures, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  MPI_Finalize();
  return all == 0 ? 0 : 1;
}
