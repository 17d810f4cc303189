// SPDX-License-Identifier: BSL-1.0
// Scratch memory: stack order, alignment, and that a shape (or a smaller one) asks for memory once only.
#include "laws.hpp"

#include <robagg/parallel.hpp>

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

namespace {
// Runs its tasks one after the other, the last one first.
struct last_first {
  void operator()(Index tasks, auto const& task) const {
    while (tasks-- > 0) task(tasks);
  }
};

// What a workspace holds after tables that grow by one row or column, against a fresh one; and how often it grew.
void check_growth(auto const& op, std::vector<std::pair<Index, Index>> const& shapes) {
  matrix const all = gauss(64, 40000).cwiseAbs();
  workspace grown;
  int growths = 0;
  auto const run = [&](workspace& ws, std::pair<Index, Index> shape) {
    auto const x = all.topLeftCorner(shape.first, shape.second);
    if constexpr (robagg::detail::has_result<std::remove_cvref_t<decltype(op)>>) {
      std::vector<Index> out;
      op.into(x, out, ws);
    } else {
      Eigen::VectorXd out;
      op.into(x, out, ws);
    }
  };
  for (auto const& shape : shapes) {
    auto const before = grown.bytes();
    run(grown, shape);
    growths += grown.bytes() != before;
    auto const after = grown.bytes();
    run(grown, shape);
    CHECK(grown.bytes() == after);
  }
  std::size_t most = 0;  // a larger table may need less: an iteration along the columns
  for (auto const& shape : shapes) {
    workspace fresh;
    run(fresh, shape);
    most = std::max(most, fresh.bytes());
  }
  INFO(robagg::describe(op) << ": " << grown.bytes() << " after growing, " << most << " fresh, " << growths << " growths");
  CHECK(grown.bytes() <= 2 * most);
  CHECK(growths <= 16);
}
}  // namespace

TEST_CASE("shapes that grow slowly leave less than twice what the largest one needs, in few steps", "[long]") {
  using namespace robagg;
  std::vector<std::pair<Index, Index>> longer, wider, both;
  for (Index d = 4096; d < 4400; ++d) longer.emplace_back(4, d);
  for (Index n = 7; n <= 48; ++n) wider.emplace_back(n, 100), both.emplace_back(n, 20 * n);
  check_growth(defensive{} | top{.k = 64}, longer);
  if (instrumented) return;
  check_growth(ranks{} | median{}, longer);
  for (auto const& shapes : {wider, both}) {
    check_growth(median{}, shapes);
    check_growth(trimmed_mean{.f = 2}, shapes);
    check_growth(geometric_median{}, shapes);
    check_growth(flag_aggregator{}, shapes);
    check_growth(clip{.radius = 2} | nearest_neighbour_mixing{.f = 2} | median{}, shapes);
  }
  std::vector<std::pair<Index, Index>> sliced_ones;
  for (Index d = 39960; d < 40000; ++d) sliced_ones.emplace_back(4, d);
  check_growth(sliced(median{}, last_first{}), sliced_ones);
  check_growth(sliced(krum{.f = 1}, last_first{}), sliced_ones);
}

TEST_CASE("operators and sizes in turn take no more memory after their first round") {
  workspace ws;
  matrix const small = gauss(9, 50), large = gauss(30, 700);
  Eigen::VectorXd y;
  std::size_t held = 0;
  for (int round = 0; round < 3; ++round) {
    robagg::median{}.into(large, y, ws);
    robagg::krum{2}.into(small, y, ws);
    robagg::geometric_median{}.into(large, y, ws);
    (robagg::clip{2.} | robagg::median{}).into(small, y, ws);
    if (round == 0) held = ws.bytes();
  }
  CHECK(ws.bytes() == held);
}

TEST_CASE("distances take the memory that they need, and where that is too much a sentence says so") {
  if (instrumented) return;  // the address sanitizer ends the program where memory is not to be had
  workspace ws;
  matrix const x = gauss(1500, 2);
  Eigen::VectorXd y;
  auto const squares = [&] { return static_cast<double>(ws.peak()) / (8. * 1500 * 1500); };
  robagg::geometric_median const between = {.iterate = robagg::iterate::between_rows};
  robagg::geometric_median{}.into(x, y, ws);
  CHECK(squares() < .02);  // along the columns
  robagg::krum{200}.into(x, y, ws);
  CHECK(squares() < 1.6);
  CHECK(ws.bytes() == ws.peak());
  between.into(x, y, ws);
  CHECK(squares() < 2.1);
  matrix far = x;
  far.topRows(3) *= 1e9;
  between.into(far, y, ws);  // three rows' products
  CHECK(squares() < 2.2);

  matrix const many = matrix::Ones(4'000'000, 1);
  Eigen::VectorXd untouched = Eigen::VectorXd::Constant(1, 7);
  auto const held = ws.bytes();
  for (auto const& refused : {std::function<void()>([&] { between.into(many, untouched, ws); }),
                              std::function<void()>([&] { robagg::krum{1}.into(many, untouched, ws); })}) {
    CHECK_THROWS_WITH(refused(), Catch::Contains("needs n^2 distances in memory (n = 4000000, gigabytes = "));
  }
  CHECK(untouched(0) == 7);
  CHECK(ws.bytes() == held);
  robagg::geometric_median{}.into(x, y, ws);
  CHECK(same_bits(y.transpose(), in<double>(robagg::geometric_median{}, x)));
}

TEST_CASE("an allocation that fails changes nothing") {
  if (instrumented) return;
  workspace ws;
  CHECK_FALSE(ws.reserve(std::size_t{1} << 60));
  CHECK(ws.bytes() == 0);
  CHECK_THROWS_AS(ws.take<double>(Index{1} << 58), std::bad_alloc);
  CHECK_THROWS_AS(ws.take<double>(std::numeric_limits<Index>::max()), std::bad_alloc);
  CHECK(ws.take<double>(3) != nullptr);
}

TEST_CASE("over the caller's memory nothing is allocated") {
  alignas(64) std::byte memory[1024];
  for (std::size_t skip = 0; skip < 70; ++skip) {
    workspace ws{std::span(memory).subspan(skip, 900)};
    INFO("from byte " << skip);
    CHECK(ws.bytes() >= 900 - 63);
    auto const* const p = reinterpret_cast<std::byte*>(ws.take<double>(100));
    CHECK(reinterpret_cast<std::uintptr_t>(p) % 64 == 0);
    CHECK(p >= memory + skip);
    CHECK(p + 800 <= memory + skip + 900);
    CHECK_THROWS_AS(ws.take<double>(13), robagg::bad_input);
    CHECK(ws.bytes() <= 900);
  }
  workspace nothing{std::span<std::byte>()};
  CHECK_THROWS_AS(nothing.take<char>(1), robagg::bad_input);
  CHECK(nothing.bytes() == 0);
}

namespace {
// Takes more than anybody would think.
struct greedy_mean {
  void into(robagg::any_reports auto const& r, auto&& out, robagg::workspace& ws) const {
    robagg::detail::combine(*this, r, out, ws);
  }
  auto operator()(robagg::any_reports auto const& r) const { return robagg::evaluate(*this, r); }
  auto weights(robagg::geometry const& g, robagg::workspace& ws) const {
    auto w = ws.vector<double>(g.rows());
    auto const scope = ws.scope();
    auto much = ws.vector<double>(100'000), more = ws.vector<double>(10);
    much.setConstant(1. / static_cast<double>(g.rows())), more.setZero();
    w = much.head(g.rows());
    return w;
  }
};
}  // namespace

TEST_CASE("small tables run on the stack, and operators that take more than that all the same") {
  matrix const x = gauss(5, 3);
  robagg::workspace ws;
  for (int k = 0; k < 3; ++k) {
    Eigen::VectorXd y;
    greedy_mean{}.into(x, y, ws);
    CHECK(difference(numbers_of(y), reference::mean(x)) <= 1e-14);
  }
  CHECK(difference(numbers_of((robagg::clip{100} | greedy_mean{})(x)), reference::mean(x)) <= 1e-14);
}
