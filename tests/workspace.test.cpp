// SPDX-License-Identifier: BSL-1.0
// Scratch memory: stack order, alignment, and that a shape (or a smaller one) asks for memory once only.
#include "laws.hpp"

using namespace robagg_test;
using robagg::workspace;

TEST_CASE("memory is aligned, apart, and given back at the end of its scope") {
  workspace ws;
  CHECK(ws.bytes() == 0);
  auto* const first = ws.take<double>(3);
  auto* const second = ws.take<float>(5);
  CHECK(reinterpret_cast<std::uintptr_t>(first) % 64 == 0);
  CHECK(reinterpret_cast<std::uintptr_t>(second) % 64 == 0);
  CHECK(reinterpret_cast<std::byte*>(second) >= reinterpret_cast<std::byte*>(first + 3));
  double* inner = nullptr;
  {
    auto const scope = ws.scope();
    inner = ws.take<double>(100);
  }
  CHECK(ws.take<double>(100) == inner);
}

TEST_CASE("memory that is in use stays where it is while more is taken") {
  workspace ws;
  auto kept = ws.vector<double>(1000);
  kept.setLinSpaced(0, 999);
  for (Index n = 1; n < 1 << 20; n *= 4) {
    auto const scope = ws.scope();
    ws.vector<double>(n).setConstant(-1);
    auto more = ws.table<float>(n, 3);
    more.setConstant(-1);
    CHECK(more.rows() == n);
  }
  CHECK(kept == Eigen::VectorXd::LinSpaced(1000, 0, 999));
}

TEST_CASE("the same requests, and smaller ones, take no more memory") {
  workspace ws;
  auto const round = [&](Index n) {
    auto const scope = ws.scope();
    ws.take<double>(n);
    for (int i = 0; i < 3; ++i) {
      auto const nested = ws.scope();
      ws.take<float>(4 * n);
      ws.take<char>(n / 2);
    }
    ws.take<double>(2 * n);
  };
  round(5000);
  auto const held = ws.bytes();
  CHECK(held > 0);
  for (Index const n : {5000, 4999, 100, 1, 0, 5000}) round(n);
  CHECK(ws.bytes() == held);
}

TEST_CASE("a moved workspace brings its memory along") {
  workspace a;
  {
    auto const scope = a.scope();
    a.take<double>(5000);
  }
  auto const held = a.bytes();
  workspace const b = std::move(a);
  CHECK(b.bytes() == held);
}

TEST_CASE("a workspace that has seen a table serves any smaller one") {
  check_laws(subject_of(robagg::median{}), {fewer_rows_fit});
  check_laws(subject_of(robagg::krum{2}), {fewer_rows_fit});
  check_laws(subject_of(robagg::nearest_neighbour_mixing{2}), {fewer_rows_fit});
}

TEST_CASE("one workspace serves different operators, and goes on after an error") {
  workspace ws;
  matrix const x = gauss(9, 700), bad = matrix::Constant(9, 700, not_a_number);
  Eigen::VectorXd y;
  std::size_t held = 0;
  for (int i = 0; i < 3; ++i) {
    CHECK_THROWS_AS(robagg::krum{5}.into(x, y, ws), robagg::bad_input);
    Index k = 0;
    CHECK_THROWS_AS((robagg::mean{} | robagg::best{}).into(bad, k, ws), robagg::bad_input);
    robagg::krum{2}.into(x, y, ws);
    CHECK(same_bits(y.transpose(), in<double>(robagg::krum{2}, x)));
    robagg::median{}.into(x, y, ws);
    CHECK(same_bits(y.transpose(), in<double>(robagg::median{}, x)));
    if (i == 0) held = ws.bytes();
  }
  CHECK(ws.bytes() == held);
}
