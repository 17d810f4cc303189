// SPDX-License-Identifier: BSL-1.0
// What a file that links robagg::kernels may count on: operators of its own, errors of its own type, memory.
#include <robagg/robagg.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <vector>

namespace {

Eigen::Index allocations = 0;
bool out_of_memory = false;

}  // namespace

void* operator new(std::size_t n) {
  ++allocations;
  if (void* const p = std::malloc(n)) return p;
  throw std::bad_alloc();
}
void* operator new(std::size_t n, std::align_val_t alignment, std::nothrow_t const&) noexcept {
  ++allocations;
  std::size_t const size =
      (n + static_cast<std::size_t>(alignment) - 1) / static_cast<std::size_t>(alignment) * static_cast<std::size_t>(alignment);
  return out_of_memory ? nullptr : std::aligned_alloc(static_cast<std::size_t>(alignment), size);
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }

namespace {

using robagg::Index;
template <class T>
using rows_of = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// The second smallest value, by an operator that the library has no number for.
struct second_smallest {
  static constexpr bool coordinatewise = true;
  static constexpr int reads = robagg::detail::any_table;
  void check(Index n) const {
    if (n < 2) robagg::detail::refuse(*this, "needs n >= 2", {{"n", n}});
  }
  void into(auto const& r, auto&& out, robagg::workspace& ws) const { robagg::detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return robagg::evaluate(*this, r); }

  static constexpr auto nan = robagg::detail::nan_is::highest;
  robagg::detail::rank_range wanted(Index n) const { return {n == 1 ? 0 : 1, std::min<Index>(n, 2)}; }
  auto reduce(auto const& x) const { return x[x.wanted.first]; }
  auto reduce(auto const& x, auto const& w) const {
    using V = std::remove_cvref_t<decltype(x[0])>;
    // The largest value of which less than half of the weight is below.
    V y = x[0];
    auto sum = w[0];
    auto const half = w.mark(.5);
    for (Index i = 1; i < x.size(); ++i) {
      y = robagg::detail::as_packet<V>(sum) < robagg::detail::as_packet<V>(half) ? x[i] : y;
      sum = sum + w[i];
    }
    return y;
  }
};
// And one that sorts nothing.
struct largest_gap {
  static constexpr bool coordinatewise = true;
  static constexpr int reads = robagg::detail::plain;
  void into(auto const& r, auto&& out, robagg::workspace& ws) const { robagg::detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return robagg::evaluate(*this, r); }
  static constexpr auto nan = robagg::detail::nan_is::nan;
  auto reduce(auto const& x) const {
    auto low = x[0], high = x[0];
    for (Index i = 1; i < x.size(); ++i) low = robagg::detail::lower(low, x[i]), high = robagg::detail::upper(high, x[i]);
    return high - low;
  }
};

template <class T>
void check_own_operators(Index n, Index d) {
  INFO("n = " << n << ", d = " << d << ", " << sizeof(T) << " bytes");
  rows_of<T> const x = rows_of<T>::Random(n, d);
  auto const second = second_smallest{}(x);
  auto const gap = largest_gap{}(x);
  bool same = true;
  for (Index j = 0; j < d; ++j) {
    std::vector<T> column(x.col(j).begin(), x.col(j).end());
    std::sort(column.begin(), column.end());
    same = same && second(j) == column[1] && gap(j) == column.back() - column.front();
  }
  CHECK(same);
  Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic> const by_columns = x;
  CHECK(second_smallest{}(by_columns) == second);
}

}  // namespace

TEST_CASE("the set of instructions is the one that the environment asks for") {
  char const* const asked = std::getenv("ROBAGG_KERNELS");
  if (asked == nullptr) return;
  std::string const name = asked;
  bool available = name == "baseline";
#ifdef __x86_64__
  available = available || (name == "avx2" && __builtin_cpu_supports("avx2")) ||
              (name == "avx512" && __builtin_cpu_supports("avx512vl"));
#endif
  CHECK((robagg::dispatch::chosen().name == name) == available);
}

TEST_CASE("operators of one's own run on the library's sorter") {
  for (Index const n : {2, 3, 7, 16, 31, 32, 33, 64, 70, 129, 2100}) {
    for (Index const d : {1, 3, 5, 16, 17, 70, 300}) {
      check_own_operators<float>(n, d);
#ifdef ROBAGG_KERNELS_DOUBLE
      check_own_operators<double>(n, d);
#endif
    }
  }
  rows_of<float> const x = rows_of<float>::Random(40, 50);
  Eigen::VectorXf const one = Eigen::VectorXf::Ones(40);
  // With weights, the value at half of them: here of 41 values.
  Eigen::VectorXf const w = one + Eigen::VectorXf::Unit(40, 0);
  auto const y = second_smallest{}(robagg::weighted(x, w));
  bool same = true;
  for (Index j = 0; j < 50; ++j) {
    std::vector<float> column(x.col(j).begin(), x.col(j).end());
    column.push_back(x(0, j));
    std::sort(column.begin(), column.end());
    same = same && y(j) == column[20];
  }
  CHECK(same);
}

// Derived from an operator of the library, and another rule.
struct first_row : robagg::median {
  void into(auto const& r, auto&& out, robagg::workspace& ws) const { robagg::detail::columns(*this, r, out, ws); }
  auto operator()(auto const& r) const { return robagg::evaluate(*this, r); }
  auto reduce(auto const& x) const { return x.row(0); }
};
TEST_CASE("an operator that is derived from one of the library's is its own") {
  rows_of<float> const x = rows_of<float>::Random(7, 40);
  CHECK(first_row{}(x) == x.row(0).transpose());
}

TEST_CASE("errors are of the caller's type, and change nothing") {
  rows_of<float> const x = rows_of<float>::Random(4, 30);
  Eigen::VectorXf out = Eigen::VectorXf::Constant(30, 7);
  robagg::workspace ws;
  CHECK_THROWS_AS((robagg::trimmed_mean{.f = 2}.into(x, out, ws)), robagg::bad_input);
  CHECK_THROWS_WITH((second_smallest{}(x.topRows(1))), Catch::Contains("needs n >= 2"));
  CHECK((out.array() == 7).all());
}

TEST_CASE("second calls allocate nothing, and memory that is not there is an error of the caller's") {
  rows_of<float> const x = rows_of<float>::Random(40, 3000);
  Eigen::VectorXf const w = Eigen::VectorXf::LinSpaced(40, 1, 3);
  Eigen::VectorXf out(3000);
  auto const all = [&](robagg::workspace& ws) {
    robagg::median{}.into(x, out, ws), robagg::hodges_lehmann{}.into(x, out, ws);
    robagg::trimmed_mean{.f = 3}.into(robagg::weighted(x, w), out, ws), robagg::krum{.f = 3}.into(x, out, ws);
    (robagg::nearest_neighbour_mixing{.f = 3} | robagg::median{}).into(x, out, ws);
    robagg::geometric_median{}.into(x, out, ws), second_smallest{}.into(x, out, ws);
  };
  robagg::workspace ws;
  all(ws), all(ws);
  Eigen::Index const before = allocations;
  robagg::median{}.into(x, out, ws), robagg::krum{.f = 3}.into(x, out, ws), second_smallest{}.into(x, out, ws);
  robagg::trimmed_mean{.f = 3}.into(robagg::weighted(x, w), out, ws);
  (robagg::nearest_neighbour_mixing{.f = 3} | robagg::median{}).into(x, out, ws);
  CHECK(allocations == before);

  rows_of<float> const tall = rows_of<float>::Random(2000, 100);
  robagg::workspace empty;
  Eigen::VectorXf of_tall(100);
  out_of_memory = true;
  CHECK_THROWS_AS(robagg::trimmed_mean{.f = 3}.into(tall, of_tall, empty), std::bad_alloc);
  out_of_memory = false;
  robagg::trimmed_mean{.f = 3}.into(tall, of_tall, empty);
  CHECK(of_tall == robagg::trimmed_mean{.f = 3}(tall));
}

TEST_CASE("memory of the caller's is enough where bytes_needed says so") {
  alignas(64) static std::byte memory[8 << 20];
  for (Index const n : {3, 9, 25, 33, 100, 700, 2049}) {
    for (Index const d : {1, 5, 40, 600}) {
      INFO("n = " << n << ", d = " << d);
      rows_of<float> const x = rows_of<float>::Random(n, d);
      Eigen::VectorXf const w = Eigen::VectorXf::LinSpaced(n, 1, 2);
      auto const check = [&](auto const& op, auto const& table) {
        std::size_t const bytes = robagg::bytes_needed(op, table);
        REQUIRE(bytes <= sizeof memory);
        robagg::workspace ws{std::span(memory, bytes)};
        Eigen::VectorXf out(d);
        op.into(table, out, ws);
        CHECK(out == op(table));
      };
      check(robagg::median{}, x), check(robagg::mean{}, x), check(robagg::hodges_lehmann{}, x);
      check(robagg::trimmed_mean{.f = 1}, robagg::weighted(x, w)), check(robagg::median{}, robagg::skip_nan(x));
      check(second_smallest{}, x), check(second_smallest{}, robagg::weighted(x, w));
      if (n <= 100) check(robagg::krum{.f = 1}, x), check(robagg::geometric_median{}, x);
      if (n > 3 && n <= 100) check(robagg::nearest_neighbour_mixing{.f = 1} | robagg::trimmed_mean{.f = 1}, x);
      check(robagg::median{}, Eigen::MatrixXf(x));
    }
  }
}
