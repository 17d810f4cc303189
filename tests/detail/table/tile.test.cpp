// SPDX-License-Identifier: BSL-1.0
// Where memory is: overlaps by steps, against a set of addresses.
#include "laws.hpp"

#include <array>
#include <set>

using namespace robagg_test;
using robagg::detail::footprint, robagg::detail::overlaps;

namespace {

// Every byte of n x m elements at p + i stride + j outer_stride.
template <class T>
std::set<char const*> bytes_of(T const* p, Index n, Index stride, Index m, Index outer_stride) {
  std::set<char const*> all;
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < m; ++j) {
      for (std::size_t b = 0; b < sizeof(T); ++b)
        all.insert(reinterpret_cast<char const*>(p + i * stride + j * outer_stride) + b);
    }
  }
  return all;
}
template <class X>
std::set<char const*> addresses_of(X const& x) {
  std::set<char const*> all;
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index j = 0; j < x.cols(); ++j) all.merge(bytes_of(&x.coeffRef(i, j), 1, 1, 1, 1));
  }
  return all;
}
bool meet(std::set<char const*> const& a, std::set<char const*> const& b) {
  return std::any_of(a.begin(), a.end(), [&](char const* p) { return b.contains(p); });
}

template <class A, class B>
void check_footprints(std::uint64_t seed) {
  std::array<double, 400> memory = {};
  auto* const place = reinterpret_cast<char*>(memory.data() + 200);
  numbers random(seed);
  int met = 0, wrong = 0;
  for (int t = 0; t < 4000; ++t) {
    auto const some = [&](auto* p) {
      struct part {
        decltype(p) at;
        Index n, stride, m, outer;
      };
      return part{p + random.below(12), random.below(5), random.below(13) - 6, random.below(4), random.below(25) - 12};
    };
    auto const a = some(reinterpret_cast<A*>(place));
    auto const b = some(reinterpret_cast<B*>(place));
    bool const expected = meet(bytes_of(a.at, a.n, a.stride, a.m, a.outer), bytes_of(b.at, b.n, b.stride, b.m, b.outer));
    footprint const x(a.at, a.n, a.stride, a.m, a.outer), y(b.at, b.n, b.stride, b.m, b.outer);
    met += expected, wrong += x.overlaps(y) != expected, wrong += y.overlaps(x) != expected;
  }
  CHECK(wrong == 0);
  CHECK(met > 500);
  CHECK(met < 3500);
}

}  // namespace

TEST_CASE("footprints overlap where an element shares a byte, whatever the strides") {
  check_footprints<float, float>(1);
  check_footprints<float, double>(2);
  check_footprints<double, float>(3);
  check_footprints<Eigen::half, float>(4);
}

TEST_CASE("parts of one matrix overlap where they share an element") {
  auto const check = [](auto m) {
    auto const& x = std::as_const(m);
    int met = 0, wrong = 0;
    std::vector<Index> const rows = {3, 1};
    for (Index i = 0; i < 4; ++i) {
      for (Index j = 0; j < 5; ++j) {
        for (Index n = 1; i + n <= 4; ++n) {
          for (Index d = 1; j + d <= 5; ++d) {
            auto const table = x.block(i, j, n, d);
            auto const in_table = addresses_of(table);
            auto const judge = [&](auto const& out) {
              bool const expected = meet(addresses_of(out), in_table);
              met += expected, wrong += overlaps(out, table) != expected;
              wrong += overlaps(out, table.transpose()) != expected;
              if (n == 4) {
                auto const some = robagg::subset(table, rows);
                wrong += overlaps(out, some) != (meet(addresses_of(out), addresses_of(table.row(1))) ||
                                                 meet(addresses_of(out), addresses_of(table.row(3))));
              }
            };
            for (Index k = 0; k < 5; ++k) judge(m.col(k)), judge(m.col(k).head(2)), judge(m.middleCols(k, 1).topRows(3));
            for (Index k = 0; k < 4; ++k) judge(m.row(k)), judge(m.row(k).tail(2)), judge(m.row(k).transpose().head(3));
            judge(m.block(1, 1, 2, 2)), judge(m.block(0, 3, 3, 2)), judge(m);
          }
        }
      }
    }
    CHECK(wrong == 0);
    CHECK(met > 1000);
  };
  check(robagg::table<float>(robagg::table<float>::Zero(4, 5)));
  check(Eigen::MatrixXd(Eigen::MatrixXd::Zero(4, 5)));
}

TEST_CASE("vectors, spans and rows apart are judged too") {
  std::vector<float> memory(24);
  Eigen::Map<robagg::table<float>> const x(memory.data(), 4, 4);
  CHECK(overlaps(memory, x));
  CHECK_FALSE(overlaps(std::span(memory).subspan(16, 4), x));
  CHECK(overlaps(std::span(memory).subspan(15, 4), x));
  CHECK_FALSE(overlaps(std::vector<float>(), x));
  CHECK_FALSE(overlaps(std::vector<double>(4), x));
  std::vector<float const*> const rows = {memory.data(), memory.data() + 8, nullptr};
  auto const apart = robagg::rows_of(rows, 4);
  CHECK(overlaps(std::span(memory).subspan(11, 4), apart));
  CHECK_FALSE(overlaps(std::span(memory).subspan(4, 4), apart));
  CHECK_FALSE(overlaps(std::span(memory).subspan(12, 4), apart));
}

TEST_CASE("results may be written beside the table, into the same matrix") {
  for (bool const column : {true, false}) {
    robagg::table<float> m = gauss(12, 22).cast<float>();
    robagg::workspace ws;
    Eigen::VectorXf const expected = robagg::median{}(m.block(0, 0, 10, 10));
    if (column) {
      robagg::median{}.into(m.block(0, 0, 10, 10), m.col(15).head(10), ws);
      CHECK(m.col(15).head(10) == expected);
    } else {
      robagg::krum{2}.into(m.block(0, 0, 10, 10), m.row(3).tail(10), ws);
      CHECK(m.row(3).tail(10).allFinite());
    }
    CHECK_THROWS_AS(robagg::median{}.into(m.block(0, 0, 10, 10), m.col(9).head(10), ws), assertion_failed);
    CHECK_THROWS_AS(robagg::clip{1}.into(m.block(0, 0, 4, 5), m.block(3, 4, 4, 5), ws), assertion_failed);
    robagg::clip{1}.into(m.block(0, 0, 4, 5), m.block(0, 5, 4, 5), ws);
    robagg::clip{1}.into(m.block(0, 0, 4, 5), m.block(4, 0, 4, 5), ws);
  }
}
