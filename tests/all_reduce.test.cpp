// SPDX-License-Identifier: BSL-1.0
// One vector per rank: the bits of the rule on the table of all of them, on every rank; halves travel as halves; errors are
// everyone's; and 64 ranks, message by message.
#include "laws.hpp"

#include <robagg/all_reduce.hpp>
#include <robagg/robagg.hpp>

#include <mutex>

using namespace robagg_test;
using robagg::robust_all_reduce, robagg::thread_ranks, robagg::thread_communicator;

namespace {

template <class T>
robagg::table<T> gradients(Index n, Index d, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> noise;
  robagg::table<T> x(n, d);
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < d; ++j) x(i, j) = static_cast<T>(1 + noise(random));
  }
  return x;
}

// What each rank has sent.
template <class T, class Op>
std::vector<robagg::traffic> check_all_reduce(robagg::table<T> const& x, Op const& op) {
  INFO(robagg::describe(op) << " of " << x.rows() << " x " << x.cols());
  using vector = Eigen::Matrix<T, Eigen::Dynamic, 1>;
  vector expected(x.cols());
  robagg::workspace ws;
  op.into(x, expected, ws);
  auto const size = static_cast<std::size_t>(x.rows());
  std::vector<vector> found(size);
  std::vector<robagg::traffic> sent(size);
  thread_ranks(x.rows(), [&](thread_communicator& ranks) {
    auto const r = static_cast<std::size_t>(ranks.rank());
    std::span<T const> const mine(x.data() + ranks.rank() * x.cols(), static_cast<std::size_t>(x.cols()));
    robust_all_reduce(op, ranks)(mine, found[r]);
    sent[r] = ranks.counts();
  });
  for (auto const& one : found) CHECK(same_bits(numbers_of(one), numbers_of(expected)));
  return sent;
}
template <class T>
void check_all_reduces(Index n, Index d) {
  auto x = gradients<T>(n, d, static_cast<unsigned>(n + d));
  auto const f = static_cast<int>((n - 1) / 2 > 2 ? 2 : 0);
  check_all_reduce(x, robagg::median{});
  check_all_reduce(x, robagg::trimmed_mean{.f = f});
  check_all_reduce(x, robagg::geometric_median{.iterate = robagg::iterate::between_rows});
  if (n > 2 * f + 2) check_all_reduce(x, robagg::krum{.f = f});
  if (n > 4) check_all_reduce(x, robagg::nearest_neighbour_mixing{.f = 1} | robagg::median{});
}

}  // namespace

TEST_CASE("robust_all_reduce: the bits of the table on 1, 2, 3, 4 and 7 ranks", "[all_reduce]") {
  for (Index const n : {1, 2, 3, 4, 7}) {
    for (Index const d : {0, 1, 511, 5000}) check_all_reduces<float>(n, d);
    check_all_reduces<double>(n, 2000);
    check_all_reduces<Eigen::half>(n, 2000);
    check_all_reduces<Eigen::bfloat16>(n, 2000);
  }
}

TEST_CASE("robust_all_reduce: by hand, in place, and rows that are not finite", "[all_reduce]") {
  std::vector<Eigen::VectorXf> rows(3, Eigen::VectorXf(4));
  rows[0] << 1, 5, NAN, -1;
  rows[1] << 2, 3, 4, INFINITY;
  rows[2] << 100, 4, 2, 0;
  thread_ranks(3, [&](thread_communicator& ranks) {
    auto& mine = rows[static_cast<std::size_t>(ranks.rank())];
    robust_all_reduce(robagg::median{}, ranks)(mine, mine);
  });
  for (auto const& row : rows) CHECK(row == Eigen::Vector4f(2, 4, 4, 0));
  // In several pieces, the last one short and not on all ranks.
  auto long_ones = gradients<float>(3, 3 * 65536 + 70000, 9);
  Eigen::VectorXf const expected = robagg::median{}(long_ones);
  std::vector<Eigen::VectorXf> long_rows;
  for (Index i = 0; i < 3; ++i) long_rows.push_back(long_ones.row(i));
  thread_ranks(3, [&](thread_communicator& ranks) {
    auto& mine = long_rows[static_cast<std::size_t>(ranks.rank())];
    robust_all_reduce(robagg::median{}, ranks)(mine, mine);
  });
  for (auto const& row : long_rows) CHECK(same_bits(numbers_of(row), numbers_of(expected)));
  check_all_reduce(long_ones, robagg::trimmed_mean{.f = 1});
  check_all_reduce(long_ones, robagg::krum{.f = 0});

  auto x = gradients<float>(7, 3000, 1);
  x.row(2).setConstant(NAN), x(4, 2999) = INFINITY, x.row(5).setConstant(1e38f);
  check_all_reduce(x, robagg::median{});
  check_all_reduce(x, robagg::krum{.f = 2});
  check_all_reduce(x, robagg::geometric_median{.iterate = robagg::iterate::between_rows});
}

TEST_CASE("robust_all_reduce: an error on one rank is bad_input on all", "[all_reduce]") {
  auto const x = gradients<float>(3, 2000, 2);
  for (Index const wrong : {0, 1, 2}) {
    auto const on_all = [&](auto const& call) {
      std::vector<std::string> said(3);
      thread_ranks(3, [&](thread_communicator& ranks) {
        Eigen::VectorXf const mine = x.row(ranks.rank());
        try {
          call(ranks, mine, ranks.rank() == wrong);
        } catch (robagg::bad_input const& e) { said[static_cast<std::size_t>(ranks.rank())] = e.what(); }
        ranks.least(0);
      });
      CHECK(said[1] == said[0]);
      CHECK(said[2] == said[0]);
      return said[0];
    };
    auto const rank = "rank " + std::to_string(wrong) + ": ";
    CHECK(on_all([](auto& ranks, auto const& mine, bool fails) {
            robust_all_reduce(robagg::trimmed_mean{.f = fails ? 2 : 1}, ranks)(mine);
          }) == rank + "trimmed_mean: needs n > 2f (n = 3, f = 2)");
    CHECK(on_all([](auto& ranks, auto const& mine, bool fails) {
            std::vector<float> memory(fails ? 1999 : 2000, 7.f);
            std::span<float> out(memory);
            robust_all_reduce(robagg::median{}, ranks)(mine, out);
          }) == rank + "median: needs an output of d values (size = 1999, d = 2000)");
    auto const other = on_all([](auto& ranks, auto const& mine, bool fails) {
      Eigen::VectorXf const one = mine.head(fails ? 1000 : 2000);
      robust_all_reduce(robagg::median{}, ranks)(one);
    });
    CHECK(other.starts_with("rank 0: median: needs vectors of one size and type, and one rule, on all ranks (d = "));
    CHECK(on_all([](auto& ranks, auto const& mine, bool fails) {
            robust_all_reduce(robagg::trimmed_mean{.f = fails ? 0 : 1}, ranks)(mine);
          }).starts_with("rank 0: trimmed_mean: needs vectors of one size and type, and one rule"));
    CHECK(on_all([](auto& ranks, auto const& mine, bool fails) {
            Eigen::VectorXd const wide = mine.template cast<double>();
            fails ? void(robust_all_reduce(robagg::median{}, ranks)(wide))
                  : void(robust_all_reduce(robagg::median{}, ranks)(mine));
          }).starts_with("rank 0: median: needs vectors of one size and type"));
    CHECK(on_all([](auto& ranks, auto const& mine, bool fails) {
            Eigen::Matrix<Eigen::half, -1, 1> const half = mine.template cast<Eigen::half>();
            Eigen::Matrix<Eigen::bfloat16, -1, 1> const other_half = mine.template cast<Eigen::bfloat16>();
            fails ? void(robust_all_reduce(robagg::median{}, ranks)(half))
                  : void(robust_all_reduce(robagg::median{}, ranks)(other_half));
          }).starts_with("rank 0: median: needs vectors of one size and type"));
    CHECK(on_all([](auto& ranks, auto const& mine, bool fails) {
            std::vector<float> memory(mine.begin(), mine.end());
            memory.resize(4000);
            std::span<float const> const one(memory.data(), 2000);
            std::span<float> out(memory.data() + (fails ? 1500 : 2000), 2000);
            robust_all_reduce(robagg::median{}, ranks)(one, out);
          }) == rank + "median: needs an output that is the vector itself or apart from it (distance = 1500)");
    CHECK(on_all([](auto& ranks, auto const& mine, bool fails) {
            Eigen::MatrixXf two(2, 2000);
            two.row(0) = two.row(1) = mine.transpose();
            Eigen::VectorXf out;
            fails ? robust_all_reduce(robagg::median{}, ranks)(two.row(1), out)
                  : robust_all_reduce(robagg::median{}, ranks)(mine, out);
          }) == rank + "median: needs contiguous vectors (stride = 2)");
  }
}

TEST_CASE("robust_all_reduce: 64 ranks, bits and bytes", "[all_reduce]") {
  Index const n = 64, d = 64 * 512;
  auto const x = gradients<float>(n, d, 3);
  // The vector but for one's own 64th, a 64th of the result to 63 others; with headers and their sizes, 100 bytes or less each.
  auto const least = 2 * 4 * (d - d / n);
  for (auto const& one : check_all_reduce(x, robagg::median{})) {
    CHECK(one.messages == 4);
    CHECK(one.bytes_sent >= least);
    CHECK(one.bytes_sent <= least + 100);
  }
  // One node of 65 * 64 / 2 distances besides, another header, and their sizes.
  for (auto const& one : check_all_reduce(x, robagg::krum{.f = 10})) {
    CHECK(one.messages == 8);
    CHECK(one.bytes_sent >= least + 8 * 65 * 64 / 2);
    CHECK(one.bytes_sent <= least + 8 * 65 * 64 / 2 + 300);
  }
}
