// SPDX-License-Identifier: BSL-1.0
// Bucketing: the permutation, the short last bucket, and a shuffle that is the same everywhere.
#include "laws.hpp"

using namespace robagg_test;
using robagg::bucketing;

namespace {
std::vector<Index> const identity9 = {0, 1, 2, 3, 4, 5, 6, 7, 8};
}

TEST_CASE("buckets average consecutive places of the permutation") {
  matrix const w5{{1, 2}, {2, 1}, {1.5, 1.5}, {2, 2.5}, {100, -100}};
  std::vector<Index> const order = {0, 1, 2, 3, 4}, other = {4, 2, 0, 1, 3};
  CHECK(difference(bucketing{2, order}(w5), matrix{{1.5, 1.5}, {1.75, 2}, {100, -100}}) <= 1e-15);
  CHECK(difference(bucketing{2, other}(w5), matrix{{50.75, -49.25}, {1.5, 1.5}, {2, 2.5}}) <= 1e-14);
  CHECK(difference(bucketing{9, order}(w5), matrix{{21.3, -18.6}}) <= 1e-14);  // one bucket: the mean
  CHECK(bucketing{2}.rows(5) == 3);
  CHECK(bucketing{5}.rows(5) == 1);
}

TEST_CASE("bucketing agrees with its definition") {
  for (Index const size : {1, 2, 3, 7}) {
    for (Index const n : {1, 4, 6, 9}) {
      auto const order = permutation(n, 3);
      auto s = subject_of(bucketing{size, order});
      for (family const kind : all_families) {
        matrix const x = sample(kind, n, 37, 7);
        CHECK(difference(s.of(x), reference::bucketing(x, size, order)) <= s.tolerance(x));
      }
    }
  }
}

TEST_CASE("without a permutation the seed shuffles, the same everywhere") {
  matrix const x = gauss(9, 5);
  matrix const y = bucketing{.size = 1, .seed = 7}(x);
  // A permutation of the rows ...
  std::vector<Index> order;
  for (Index i = 0; i < 9; ++i) {
    for (Index k = 0; k < 9; ++k) {
      if (same_bits(y.row(i), x.row(k))) order.push_back(k);
    }
  }
  CHECK(std::is_permutation(order.begin(), order.end(), identity9.begin(), identity9.end()));
  CHECK(order != identity9);
  // ... that is the same in every call, another one for another seed, and what larger buckets are made of.
  CHECK(same_bits(bucketing{.size = 1, .seed = 7}(x), y));
  CHECK_FALSE(same_bits(bucketing{.size = 1, .seed = 8}(x), y));
  CHECK(same_bits(bucketing{.size = 4, .seed = 7}(x), bucketing{4, order}(x)));
  // Held down: these seeds mean these orders in every version of the library.
  CHECK(order == std::vector<Index>{2, 6, 5, 1, 7, 8, 0, 4, 3});
}

TEST_CASE("bucketing obeys its laws") {
  check_laws(subject_of(bucketing{2, identity9}), {translation_equivariant, scale_equivariant, sign_equivariant,
                                                   same_bits_in_any_order_of_storage, no_columns, around_is_moving});
  check_laws(subject_of(bucketing{2}), {same_bits_in_any_order_of_storage, workspace_settles, no_columns, one_row_is_itself,
                                        needs_a_report, subset_is_those_rows});
}

TEST_CASE("f liars spoil at most f buckets") {
  for (lie const l : all_lies) {
    matrix const honest = gauss(9, 30, 5);
    auto const a = attack(honest, 2, l, std::numeric_limits<double>::max());
    INFO("liars send " << text(l));
    matrix const y = in<double>(bucketing{.size = 2} | robagg::median{}, a.table);  // 6 buckets, 2 spoilt
    CHECK(columns_outside(y, honest) == 0);
  }
}

TEST_CASE("NaN stays in its bucket") {
  matrix x = gauss(4, 3);
  x(1, 2) = not_a_number;
  std::vector<Index> const order = {0, 1, 2, 3};
  matrix const y = bucketing{2, order}(x);
  CHECK(std::isnan(y(0, 2)));
  CHECK(y.leftCols(2).allFinite());
  CHECK(y.row(1).allFinite());
}

TEST_CASE("long permutations are checked in one pass") {
  Index const n = 200'000;  // comparing all pairs would take minutes
  auto order = permutation(n, 7);
  bucketing{1000, order}.check(n);
  auto const says = [&](char const* rule, char const* row) {
    check_call_refused(bucketing{1000, order}, [n](auto const& op) { op.check(n); }, {rule, row});
  };
  order[150'000] = order[10];
  says("has a row twice in its permutation", ("row = " + std::to_string(order[10])).c_str());
  order[150'001] = n;
  says("has a row twice in its permutation", "row");  // what comes first
  order[9] = -1;
  says("has an unknown row in its permutation", "row = -1");
}

TEST_CASE("bucketing refuses what is no permutation") {
  matrix const x = gauss(3, 2);
  std::vector<Index> const two = {0, 1}, twice = {0, 1, 1}, unknown = {0, 1, 3}, negative = {0, -1, 2};
  check_refuses(bucketing{0}, x, {"bucketing: needs size >= 1", "size = 0"});
  check_refuses(bucketing{1, two}, x, {"needs a permutation of all rows", "permutation = 2", "n = 3"});
  check_refuses(bucketing{1, twice}, x, {"has a row twice in its permutation", "row = 1"});
  check_refuses(bucketing{1, unknown}, x, {"has an unknown row in its permutation", "row = 3", "n = 3"});
  check_refuses(bucketing{1, negative}, x, {"row = -1"});
}

TEST_CASE("bucketing reads every input kind, once, also with the rule behind it") {
  check_four_inputs(bucketing{2});
  check_outputs(bucketing{2});
  for (auto const& r : {count_reads<double>(gauss(9, 700), [](auto const& e) { bucketing{2}(e); }),
                        count_reads<double>(gauss(9, 700), [](auto const& e) { (bucketing{2} | robagg::median{})(e); })}) {
    CHECK(r.least() == 1);
    CHECK(r.most() == 1);
  }
}
