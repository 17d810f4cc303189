// SPDX-License-Identifier: BSL-1.0
// Columns on several ranks: the bits of one machine, however they are cut; how much is sent; and errors that all ranks see.
#include "laws.hpp"

#include <robagg/parallel.hpp>
#include <robagg/robagg.hpp>
#include <robagg/sharded.hpp>

#include <atomic>
#include <mutex>

using namespace robagg_test;
using robagg::sharded, robagg::thread_ranks, robagg::thread_communicator;

namespace {

template <class T>
robagg::table<T> table_to_shard(Index n, Index d, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> noise;
  robagg::table<T> x(n, d);
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < d; ++j) x(i, j) = static_cast<T>(1 + noise(random));
  }
  return x;
}
template <class T>
robagg::table<T> table_with_far_rows(Index n, Index d, unsigned seed) {
  auto x = table_to_shard<T>(n, d, seed);
  x.row(1).array() += T(1e6);
  x.row(n - 2).array() *= T(-1e5);
  return x;
}

template <class X, class W, class Op>
void check_shards(Index size, X const& x, W const& weigh, Op const& op, std::int64_t most_messages) {
  INFO(robagg::describe(op) << " of " << x.rows() << " x " << x.cols() << " on " << size << " ranks");
  auto const expected = op(weigh(x));
  Eigen::Matrix<typename X::Scalar, Eigen::Dynamic, 1> joined(x.cols());
  joined.setConstant(typename X::Scalar(-7));
  std::int64_t messages = 0;
  std::mutex mutex;
  thread_ranks(size, [&](thread_communicator& ranks) {
    // Ranks have columns in the opposite order.
    auto const [first, columns] = robagg::shard_of(x.cols(), size - 1 - ranks.rank(), size);
    auto const mine = sharded(op, ranks)(weigh(x.middleCols(first, columns)), first);
    std::lock_guard const lock(mutex);
    joined.segment(first, columns) = mine;
    messages = std::max(messages, ranks.counts().messages);
  });
  CHECK(same_bits(numbers_of(joined), numbers_of(expected)));
  CHECK(messages == most_messages);
}
auto const as_it_is = [](auto const& x) -> decltype(auto) { return (x); };

// Headers and sums are two messages each: sizes, and what is of these sizes.
template <class X>
void check_rules_on_shards(Index size, X const& x, bool far) {
  auto const between = robagg::iterate::between_rows;
  std::int64_t const products = far ? 6 : 4;
  check_shards(size, x, as_it_is, robagg::median{}, 0);
  check_shards(size, x, as_it_is, robagg::trimmed_mean{.f = 2}, 0);
  check_shards(size, x, as_it_is, robagg::krum{.f = 2}, 4);
  check_shards(size, x, as_it_is, robagg::norm_bounded_mean{.radius = 3.}, 4);
  check_shards(size, x, as_it_is, robagg::geometric_median{.iterate = between}, products);
  check_shards(size, x, as_it_is, robagg::nearest_neighbour_mixing{.f = 2} | robagg::median{}, 4);
}

}  // namespace

TEST_CASE("sharded: the bits of one machine for 1, 2, 3, 4 and 7 ranks", "[sharded]") {
  for (Index const size : {1, 2, 3, 4, 7}) {
    check_rules_on_shards(size, table_to_shard<float>(9, 5000, 1), false);
    check_rules_on_shards(size, table_to_shard<double>(8, 2300, 2), false);
    check_rules_on_shards(size, table_with_far_rows<float>(9, 5000, 3), true);
    check_rules_on_shards(size, table_with_far_rows<double>(8, 1100, 4), true);
  }
}

namespace {

// What work(ranks) throws on each of `size` ranks.
template <class Work>
std::vector<std::string> errors_on_ranks(Index size, Work const& work) {
  std::vector<std::string> said(static_cast<std::size_t>(size));
  thread_ranks(size, [&](thread_communicator& ranks) {
    try {
      work(ranks);
    } catch (robagg::bad_input const& e) { said[static_cast<std::size_t>(ranks.rank())] = e.what(); }
    ranks.least(0);  // nobody is left behind: all can go on
  });
  return said;
}
void check_said(std::vector<std::string> const& said, std::string const& expected) {
  for (auto const& one : said) CHECK(one == expected);
}

}  // namespace

TEST_CASE("sharded: weights, pipes with a name, executors and shards of any size", "[sharded]") {
  auto const x = table_to_shard<float>(9, 4 * 512 + 77, 5);
  std::vector<float> const w = {1, 2, .5f, 1, 3, 1, 1, .25f, 1};
  auto const weigh = [&](auto const& part) { return robagg::weighted(part, w); };
  for (Index const size : {1, 3, 7}) {
    check_shards(size, x, weigh, robagg::median{}, 0);
    check_shards(size, x, weigh, robagg::geometric_median{.iterate = robagg::iterate::between_rows}, 4);
    check_shards(size, x, as_it_is, robagg::median_of_means{.groups = 3}, 2);  // which looks at no row
    check_shards(size, x, as_it_is, robagg::clip{.radius = 40.} | robagg::trimmed_mean{.f = 2}, 4);
  }
  // One shard on the last rank, nothing on others; and on an executor.
  robagg::krum const rule{.f = 2};
  auto const expected = rule(x);
  for (Index const owner : {0, 1, 2}) {
    thread_ranks(3, [&](thread_communicator& ranks) {
      Index const columns = ranks.rank() == owner ? x.cols() : 0;
      robagg::workspace ws;
      robagg::threads const run{2};
      robagg::workspace::loan const lent(ws, robagg::detail::borrowed(run));
      Eigen::VectorXf out;
      sharded(rule, ranks).into(x.leftCols(columns), 0, out, ws);
      if (!(columns == 0 ? out.size() == 0 : same_bits(numbers_of(out), numbers_of(expected)))) throw std::logic_error("bits");
    });
  }
}

TEST_CASE("sharded: diagnosis is that of a whole model, the same on every rank", "[sharded]") {
  auto x = table_to_shard<float>(9, 3000, 6);
  x.row(4).array() += 30;
  auto const check = [&](auto const& rule, bool bits) {
    Eigen::VectorXf out;
    robagg::tensors model(9);
    model.add("all", x, out);
    auto const expected = robagg::diagnose(robagg::whole(rule), model);
    std::vector<robagg::standing> found(4);
    thread_ranks(4, [&](thread_communicator& ranks) {
      auto const [first, columns] = robagg::shard_of(x.cols(), ranks.rank(), 4);
      found[static_cast<std::size_t>(ranks.rank())] =
          robagg::diagnose(sharded(rule, ranks), x.middleCols(first, columns), first);
    });
    for (auto const& one : found) {
      CHECK(same_bits(numbers_of(one.weights), numbers_of(found[0].weights)));
      CHECK(same_bits(numbers_of(one.scores), numbers_of(found[0].scores)));
      CHECK(one.rejected == expected.rejected);
      CHECK(one.kept == expected.kept);
      CHECK(one.weights.isApprox(expected.weights, 1e-12));
      CHECK(one.scores.isApprox(expected.scores, 1e-6));
      if (bits) CHECK(same_bits(numbers_of(one.scores), numbers_of(expected.scores)));
    }
  };
  check(robagg::multi_krum{.f = 2}, true);
  check(robagg::geometric_median{}, true);
  check(robagg::trimmed_mean{.f = 2}, false);
  check(robagg::nearest_neighbour_mixing{.f = 2} | robagg::median{}, false);
}

TEST_CASE("sharded: every error on one of three ranks is bad_input on all, with the rank", "[sharded]") {
  auto const x = table_to_shard<float>(5, 3 * 512, 7);
  for (Index const wrong : {0, 1, 2}) {
    auto const rank = "rank " + std::to_string(wrong) + ": ";
    auto const with = [&](auto const& right_rule, auto const& wrong_rule, auto const& call) {
      return errors_on_ranks(3, [&](thread_communicator& ranks) {
        Index const first = 512 * ranks.rank();
        auto const mine = x.middleCols(first, 512);
        if (ranks.rank() == wrong) {
          call(sharded(wrong_rule, ranks), mine, first);
        } else {
          sharded(right_rule, ranks)(mine, first);
        }
      });
    };
    auto const plain = [](auto const& rule, auto const& mine, Index first) { rule(mine, first); };
    auto const shifted = [](auto const& rule, auto const& mine, Index first) { rule(mine, first + 1); };
    auto const short_out = [](auto const& rule, auto const& mine, Index first) {
      std::vector<float> few(3);
      std::span<float> out(few);
      rule(mine, first, out);
    };
    auto const weightless = [](auto const& rule, auto const& mine, Index first) {
      rule(robagg::weighted(mine, std::vector<double>(4, 1.)), first);
    };
    auto const number = std::to_string(512 * wrong + 1);
    // A rule's own errors, in every kind of rule.
    check_said(with(robagg::trimmed_mean{.f = 1}, robagg::trimmed_mean{.f = 3}, plain),
               rank + "trimmed_mean: needs n > 2f (n = 5, f = 3)");
    check_said(with(robagg::median{}, robagg::median{}, shifted),
               rank + "median: needs shards that begin at multiples of 512 columns (first_column = " + number + ")");
    for (auto const& said :
         {with(robagg::krum{.f = 1}, robagg::krum{.f = 4}, plain), with(robagg::krum{.f = 1}, robagg::krum{.f = 1}, shifted),
          with(robagg::krum{.f = 1}, robagg::krum{.f = 1}, short_out),
          with(robagg::krum{.f = 1}, robagg::krum{.f = 1}, weightless), with(robagg::median{}, robagg::median{}, short_out),
          with(robagg::median{}, robagg::median{}, weightless),
          with(robagg::geometric_median{}, robagg::geometric_median{.tolerance = -1.}, plain)}) {
      CHECK(said[0].starts_with(rank));
      check_said(said, said[0]);
    }
  }
}

TEST_CASE("sharded: ranks that contradict each other", "[sharded]") {
  auto const x = table_to_shard<float>(5, 3 * 512, 8);
  auto const y = table_to_shard<double>(5, 3 * 512, 8);
  robagg::krum const rule{.f = 1};
  auto const on_three = [&](auto const& call) {
    auto const said = errors_on_ranks(3, call);
    check_said(said, said[0]);
    return said[0];
  };
  CHECK(on_three([&](auto& ranks) {
          sharded(robagg::krum{.f = ranks.rank() == 1 ? 0 : 1}, ranks)(x.middleCols(512 * ranks.rank(), 512),
                                                                       512 * ranks.rank());
        }) == "rank 0: krum: needs the same rule on all ranks (rank = 1, and rank = 0)");
  CHECK(on_three([&](auto& ranks) {
          sharded(rule, ranks)(x.topRows(ranks.rank() == 2 ? 4 : 5).middleCols(512 * ranks.rank(), 512), 512 * ranks.rank());
        }) == "rank 0: krum: needs the same reports on all ranks (rank = 2, n = 4, and rank = 0, has n = 5)");
  CHECK(on_three([&](auto& ranks) {
          Index const first = 512 * ranks.rank();
          ranks.rank() == 2 ? void(sharded(rule, ranks)(y.middleCols(first, 512), first))
                            : void(sharded(rule, ranks)(x.middleCols(first, 512), first));
        }) == "rank 0: krum: needs one type of number on all ranks (rank = 2, and rank = 0)");
  CHECK(on_three([&](auto& ranks) {
          robagg::geometric_median const weighs;
          std::vector<double> w(5, 1.);
          w[3] = ranks.rank() == 1 ? 2. : 3.;
          sharded(weighs, ranks)(robagg::weighted(x.middleCols(512 * ranks.rank(), 512), w), 512 * ranks.rank());
        }) == "rank 0: geometric_median: needs the same weights on all ranks (rank = 1, and rank = 0)");
  CHECK(on_three([&](auto& ranks) { sharded(rule, ranks)(x.leftCols(512), 512 * (2 * ranks.rank())); }) ==
        "rank 0: krum: needs every column on one rank (rank = 1, first_column = 1024, expected = 512)");
  CHECK(on_three([&](auto& ranks) { sharded(rule, ranks)(x.leftCols(512), 512 * (ranks.rank() / 2)); }) ==
        "rank 0: krum: needs every column on one rank (rank = 1, first_column = 0, expected = 512)");
  // A shard that ends within a block is the last.
  CHECK(on_three([&](auto& ranks) { sharded(rule, ranks)(x.leftCols(511), 512 * ranks.rank()); }) ==
        "rank 0: krum: needs every column on one rank (rank = 1, first_column = 512, expected = 511)");
  CHECK_THROWS_WITH(robagg::shard_of(-1, 0, 1), Catch::Contains("shard_of: needs columns >= 0"));
  CHECK_THROWS_WITH(robagg::shard_of(1, 1, 1), Catch::Contains("a rank 0..size-1"));
}

TEST_CASE("sharded: rows that are not finite on one rank, and memory that is not there", "[sharded]") {
  for (float const bad : {NAN, INFINITY, 1e38f}) {
    auto x = table_to_shard<float>(9, 2048, 9);
    x(3, 1500) = bad, x(5, 3) = -bad;
    check_rules_on_shards(1, x, false || bad == 1e38f);
    check_rules_on_shards(3, x, bad == 1e38f);
  }
  robagg::table<float> const none(4, 0);
  check_shards(3, none, as_it_is, robagg::krum{.f = 1}, 4);
  // What is no bad_input is itself where it happened, and bad_input elsewhere.
  std::atomic<int> own = 0, told = 0;
  thread_ranks(3, [&](thread_communicator& ranks) {
    try {
      robagg::detail::collective_call<thread_communicator>::run(ranks, [&](auto&) {
        if (ranks.rank() == 1) throw std::runtime_error("no\nmore");
      });
    } catch (robagg::bad_input const& e) {
      told += std::string(e.what()) == "rank 1: no?more";
    } catch (std::runtime_error const&) { ++own; }
  });
  CHECK(own == 1);
  CHECK(told == 2);
}

TEST_CASE("sharded: bytes of others are checked", "[sharded]") {
  using namespace robagg::detail;
  robagg::workspace ws;
  auto const refused = [&](std::vector<std::byte> const& bytes, Index first, Index last, bool squares = true) {
    block_sums all(ws, 3, 8);
    try {
      unpack_sums(bytes, first, last, squares, all);
    } catch (robagg::bad_input const&) { return true; }
    return false;
  };
  block_sums sums(ws, 3, 8);
  for (Index block = 2; block < 9; ++block) {
    std::fill_n(sums.next(), 3, 1.);
    sums.add(block);
  }
  auto const good = pack_sums(sums);
  CHECK(!refused(good, 2, 9));
  CHECK(refused(good, 2, 10));
  CHECK(refused(good, 1, 9));
  CHECK(refused(good, 2, 8));
  CHECK(refused(good, 0, 7));
  for (std::size_t b = 0; b < good.size(); ++b) {
    auto changed = good;
    changed[b] ^= std::byte{4};
    CHECK(refused(changed, 2, 9));
    CHECK(refused({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(b)}, 2, 9));
  }
  // With a checksum that fits, too.
  auto const made = [&](Index size, std::vector<std::array<std::int64_t, 2>> const& nodes, double value = 1.) {
    byte_writer out(packed_kind::shard_sums, sizeof(double));
    out.put_count(size), out.put_count(static_cast<Index>(nodes.size()));
    for (auto const& [level, index] : nodes) {
      out.put(level), out.put(index);
      for (Index s = 0; s < size; ++s) out.put(value);
    }
    return std::move(out).finish();
  };
  CHECK(!refused(made(3, {{1, 1}}, INFINITY), 2, 4));
  CHECK(!refused(made(3, {{1, 1}}, NAN), 2, 4));
  CHECK(refused(made(3, {{1, 1}}, -1.), 2, 4));
  CHECK(!refused(made(3, {{1, 1}}, -1.), 2, 4, false));
  CHECK(refused(made(3, {{1, 1}}, INFINITY), 2, 4, false));
  CHECK(refused(made(3, {{1, 1}}, NAN), 2, 4, false));
  CHECK(!refused(made(3, {{1, 1}, {2, 1}}), 2, 8));
  CHECK(refused(made(2, {{1, 1}, {2, 1}}), 2, 8));
  CHECK(refused(made(3, {{2, 1}, {1, 1}}), 2, 8));
  CHECK(refused(made(3, {{1, 1}, {1, 1}}), 2, 8));
  CHECK(refused(made(3, {{1, 1}}), 2, 8));
  CHECK(refused(made(3, {{1, -1}}), 2, 8));
  CHECK(refused(made(3, {{62, 0}}), 0, 8));
  CHECK(refused(made(3, {{63, 0}}), 0, 8));
  CHECK(refused(made(3, {{200, 0}}), 0, 8));
  CHECK(refused(made(3, {{1, 1}, {2, 1}, {0, 8}}), 2, 8));
  auto const header = [](Index first, Index columns) { return shard_header{5, first, columns, 1, 2, 4}.pack(); };
  CHECK(shard_header::unpack(header(512, 7)).columns == 7);
  CHECK_THROWS_AS(shard_header::unpack(header(511, 7)), robagg::bad_input);
  CHECK_THROWS_AS(shard_header::unpack(header(-512, 7)), robagg::bad_input);
  CHECK_THROWS_AS(shard_header::unpack(header(0, std::numeric_limits<Index>::max())), robagg::bad_input);
  CHECK_THROWS_AS(shard_header::unpack(header(column_ranges::most / 512 * 512, 4096)), robagg::bad_input);
  // A length that is none is refused before anything of it is allocated.
  CHECK(errors_on_ranks(2, [](thread_communicator& ranks) {
          std::uint64_t const size = ranks.rank() == 1 ? std::uint64_t{1} << 60 : 3;
          if (ranks.rank() == 1) {
            std::vector<std::byte> all(16);
            std::vector<std::size_t> const eight(2, 8);
            ranks.gather(std::as_bytes(std::span(&size, 1)), all, eight);
          } else {
            gather_unequal(ranks, std::vector<std::byte>(3), 10);
          }
        })[0] == "communicator: is sent more than there can be (rank = 1, most = 10)");
}

TEST_CASE("sharded: 25 reports of 2.1 million columns are at most 40 kB a rank", "[sharded][long]") {
  Index const n = 25, d = 2'100'000, size = 3;
  // How long messages are does not depend on what is in a row.
  std::vector<float> const row(static_cast<std::size_t>(d), 1.f);
  std::vector<robagg::traffic> sent(static_cast<std::size_t>(size));
  thread_ranks(size, [&](thread_communicator& ranks) {
    auto const [first, columns] = robagg::shard_of(d, ranks.rank(), size);
    std::vector<float const*> const rows(static_cast<std::size_t>(n), row.data() + first);
    sharded(robagg::krum{.f = 4}, ranks)(robagg::rows_of(rows, columns), first);
    sent[static_cast<std::size_t>(ranks.rank())] = ranks.counts();
  });
  for (auto const& one : sent) {
    INFO(one.bytes_sent << " bytes");
    CHECK(one.bytes_sent <= 40'000);
    CHECK(one.bytes_sent > 8 * 26 * 25 / 2);
    CHECK(one.messages == 4);
  }
}

TEST_CASE("shard_of: all columns, nearly equal, and few nodes a rank", "[sharded]") {
  for (Index const d : {Index{0}, Index{1}, Index{512}, Index{513}, Index{70'000}, Index{2'100'000}}) {
    for (Index const size : {1, 2, 3, 4, 5, 7, 64}) {
      INFO(d << " columns on " << size << " ranks");
      Index next = 0;
      for (Index r = 0; r < size; ++r) {
        auto const [first, columns] = robagg::shard_of(d, r, size);
        if (columns == 0) continue;
        CHECK(first == next);
        CHECK(first % 512 == 0);
        CHECK(columns <= d / size + d / size / 8 + 1024);
        next = first + columns;
        robagg::workspace ws;
        robagg::detail::block_sums sums(ws, 1, 64);
        for (Index block = first / 512; block * 512 < next; ++block) *sums.next() = 0, sums.add(block);
        CHECK(33 + sums.count() * (16 + 8 * 26 * 25 / 2) <= 40'000);
      }
      CHECK(next == d);
    }
  }
}
