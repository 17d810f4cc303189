// SPDX-License-Identifier: BSL-1.0
// Multi-Krum averages the rows that Krum likes best: which and how many, with ties and with rows that lie.
#include "laws.hpp"

#include <robagg/location/multi_krum.hpp>

using namespace robagg_test;
using robagg::multi_krum;

namespace {
matrix mean_of_best(matrix const& x, Index m, Index neighbours) {
  auto best = reference::krum_order(x, neighbours);
  best.resize(static_cast<std::size_t>(m));
  return reference::mean(pick(x, best));
}
}  // namespace

TEST_CASE("multi_krum averages the m reports nearest to their neighbours") {
  matrix const w5{{1, 2}, {2, 1}, {1.5, 1.5}, {2, 2.5}, {100, -100}};
  CHECK(multi_krum{1}(w5) == Eigen::Vector2d(1.625, 1.75));                               // m = 4
  CHECK(multi_krum{.f = 1, .m = 2, .neighbours = 2}(w5) == Eigen::Vector2d(1.25, 1.75));  // scores 1.75, 2.5, 1, 2.5
  CHECK(multi_krum{.f = 1, .m = 3}(w5).isApprox(Eigen::Vector2d(1.5, 1.5)));              // the tie goes to row 1
  CHECK(multi_krum{.f = 1, .m = 1}(w5) == robagg::krum{1}(w5));
  CHECK(multi_krum{0}(matrix{{3, 4}}) == Eigen::Vector2d(3, 4));
}

TEST_CASE("multi_krum agrees with explicit neighbours") {
  for (Index const f : {0, 1, 3}) {
    auto const neighbours = [f](Index n) { return std::min(n - 1, std::max({Index{1}, f, n - f - 2})); };
    check_reference(
        subject_of(multi_krum{f}), [&](matrix const& x) { return mean_of_best(x, x.rows() - f, neighbours(x.rows())); },
        2 * f + 1);
    check_reference(
        subject_of(multi_krum{.f = f, .m = 2, .neighbours = f + 1}), [&](matrix const& x) { return mean_of_best(x, 2, f + 1); },
        2 * f + 2);
  }
}

TEST_CASE("multi_krum obeys its laws") {
  // Every averaged row is within D sqrt(5/4) of an honest one; this bound is far below and still has room.
  for (auto const& s : {subject_of(multi_krum{2}), subject_of<float>(multi_krum{2}), subject_of(multi_krum{.f = 2, .m = 3})}) {
    check_laws(s, {permutation_invariant, translation_equivariant, scale_equivariant, sign_equivariant,
                   same_bits_in_any_order_of_storage, workspace_settles, no_columns, needs_a_report, subset_is_those_rows,
                   around_is_moving, survives_within(2, 6 * (1 + 2. / 5))});
  }
  check_laws(subject_of(multi_krum{0}), {one_row_is_itself});
  check_four_inputs(multi_krum{2});
  check_outputs(multi_krum{2});
}

TEST_CASE("multi_krum averages honest rows only while at most f rows are not numbers or far") {
  for (lie const l : {lie::nan, lie::plus_infinity, lie::e30, lie::e38, lie::largest, lie::mixed}) {
    for (Index const n : {5, 9}) {  // n = 2f + 1 too
      auto const a = attack(gauss(n - 2, 30, 83), 2, l, std::numeric_limits<double>::max());
      INFO("liars send " << text(l) << ", n = " << n);
      CHECK(difference(in<double>(multi_krum{2}, a.table), reference::mean(gauss(n - 2, 30, 83))) < 1e-14);
    }
  }
  matrix x = gauss(7, 5);
  x.topRows(3).setConstant(not_a_number);
  CHECK(in<double>(multi_krum{2}, x).array().isNaN().all());
}

TEST_CASE("multi_krum refuses wrong numbers") {
  check_refuses(multi_krum{2}, gauss(4, 3), {"multi_krum: needs n > 2f", "n = 4", "f = 2"});
  check_refuses(multi_krum{-1}, gauss(4, 3), {"multi_krum: needs f >= 0", "f = -1"});
  check_refuses(multi_krum{.f = 1, .m = 4}, gauss(4, 3), {"needs 1 <= m <= n - f", "m = 4", "n = 4", "f = 1"});
  check_refuses(multi_krum{.f = 1, .m = -1}, gauss(4, 3), {"m = -1"});
  check_refuses(multi_krum{.f = 1, .neighbours = 4}, gauss(4, 3),
                {"needs 1 <= neighbours <= n - 1", "neighbours = 4", "n = 4"});
}
