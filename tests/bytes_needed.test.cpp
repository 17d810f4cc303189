// SPDX-License-Identifier: BSL-1.0
// Every operator in the caller's memory: bytes_needed is enough for any data, is no more than a few times what is taken,
// and less is refused before anything is written.
#include "laws.hpp"

#include <robagg/attack/anti_cge.hpp>
#include <robagg/attack/constant_coordinate.hpp>
#include <robagg/attack/gaussian.hpp>
#include <robagg/attack/little_is_enough.hpp>
#include <robagg/attack/mimic.hpp>
#include <robagg/attack/min_max.hpp>
#include <robagg/attack/optimal.hpp>
#include <robagg/parallel.hpp>

#include <map>

namespace bytes_needed_test {
namespace {

using namespace robagg_test;
using namespace robagg;
struct memory_of {
  std::vector<std::byte> bytes;
  std::size_t first;

  // `size` bytes that begin `offset` bytes after an aligned address.
  memory_of(std::size_t size, std::size_t offset)
      : bytes(size + 192), first(-reinterpret_cast<std::uintptr_t>(bytes.data()) % 64 + offset), size_(size) {}
  std::span<std::byte> span() { return std::span(bytes).subspan(first, size_); }

 private:
  std::size_t size_;
};

// Something to write to, filled with 7.
template <class Op, class R>
auto output_for(Op const& op, R const& x) {
  using S = typename R::Scalar;
  if constexpr (robagg::detail::has_result<Op>) {
    return typename Op::result_type{};
  } else if constexpr (robagg::detail::makes_rows<Op>) {
    return robagg::table<S>::Constant(op.rows(x.rows()), x.cols(), S(7)).eval();
  } else {
    return Eigen::Matrix<S, Eigen::Dynamic, 1>::Constant(x.cols(), S(7)).eval();
  }
}
template <class Op, class R, class Out>
void run_in(Op const& op, R const& x, Out& out, workspace& ws) {
  if constexpr (robagg::detail::can_elect<Op>) {
    out = op.elect(x, ws);
  } else {
    op.into(x, out, ws);
  }
}

struct needs {
  std::size_t bound = 0, peak = 0;
};

template <class Op, class R>
void check_room(Op const& op, R const& x, needs& seen) {
  seen.bound = bytes_needed(op, x);
  workspace plenty;
  auto expected = output_for(op, x), out = expected;
  std::string refused;
  try {
    run_in(op, x, expected, plenty);
  } catch (bad_input const& e) { refused = e.what(); }
  INFO(describe(op) << ", " << x.rows() << " x " << x.cols() << ", " << sizeof(typename R::Scalar) << " bytes: " << seen.bound
                    << " bytes");
  memory_of enough(seen.bound, 1);
  workspace ws{enough.span()};
  if (!refused.empty()) {
    CHECK_THROWS_WITH(run_in(op, x, out, ws), refused);
    seen.peak = std::max(seen.peak, seen.bound / 2);
    return;
  }
  run_in(op, x, out, ws);
  if constexpr (requires { out.winner; } || requires { out.setZero(); }) {
    CHECK(same_bits(numbers_of(out), numbers_of(expected)));
  } else {
    CHECK(out == expected);
  }
  seen.peak = std::max(seen.peak, ws.peak());
  if (seen.bound < 64 + 63) return;
  memory_of little(seen.bound - 63 - 64, 0);
  workspace short_of{little.span()};
  auto untouched = output_for(op, x);
  if constexpr (requires { untouched.setZero(); }) untouched.setConstant(typename R::Scalar(7));
  CHECK_THROWS_WITH(run_in(op, x, untouched, short_of), Catch::Contains("memory"));
  if constexpr (requires { untouched.setZero(); }) CHECK((untouched.array() == typename R::Scalar(7)).all());
}

// Made once for all operators.
template <class S>
std::vector<matrix> const& hostile_tables(Index n, Index d) {
  static std::map<std::pair<Index, Index>, std::vector<matrix>> made;
  std::vector<matrix>& tables = made[{n, d}];
  if (!tables.empty()) return tables;
  tables.push_back(gauss(n, d, 3));
  for (family const kind : all_families) {
    if (n * d <= 1024) tables.push_back(sample(kind, n, d, 3));
  }
  Index const f = std::max<Index>(1, n / 4);
  if (n > 1) {
    double const largest =
        static_cast<double>(std::numeric_limits<std::conditional_t<std::is_same_v<S, double>, double, float>>::max());
    for (lie const kind : {lie::nan, lie::e30, lie::mixed}) {
      if (n * d > 8192 && kind != lie::mixed) continue;
      tables.push_back(robagg_test::attack(gauss(n - f, d, 4), f, kind, largest).table);
    }
    matrix far = gauss(n, d);
    far.topRows(n - 1 - n / 2) *= 1e12;  // nearly all products come from a second read
    tables.push_back(far);
  }
  return tables;
}

constexpr std::array<std::pair<Index, Index>, 9> room_shapes = {
    {{1, 1}, {7, 3}, {9, 64}, {32, 32}, {33, 700}, {64, 16}, {90, 5}, {5, 9000}, {250, 3}}};

// show(table, visit) calls visit(x) with the table of some kind.
template <class S>
void check_shapes(auto const& op, auto const& all, auto const& show) {
  for (auto const& shape : all) {
    Index const n = shape.first, d = shape.second;
    if (instrumented && (n > 9 || n * d > 1024)) continue;
    needs seen;
    for (matrix const& values : hostile_tables<S>(n, d)) {
      robagg::table<S> const x = values.template cast<S>();
      show(x, [&](auto const& shown) {
        if constexpr (requires { op.check(n); }) {
          try {
            op.check(shown.rows());
          } catch (bad_input const&) { return; }
        }
        check_room(op, shown, seen);
      });
    }
    INFO(describe(op) << ", " << n << " x " << d << ": bound " << seen.bound << ", taken " << seen.peak);
    CHECK(seen.bound <= 4 * seen.peak + 4096);
  }
}
void check_plain(auto const& op) {
  check_shapes<float>(op, room_shapes, [](auto const& x, auto const& visit) { visit(x); });
}

// Every kind of table.
template <class S>
void check_kinds(auto const& op) {
  auto const on = [&](auto const& show) {
    check_shapes<S>(op, room_shapes, [&](auto const& x, auto const& visit) {
      show(x, [&](auto const& shown) {
        if constexpr (robagg::detail::accepts<std::remove_cvref_t<decltype(op)>, std::remove_cvref_t<decltype(shown)>>())
          visit(shown);
      });
    });
  };
  std::vector<double> w;
  std::vector<S const*> pointers;
  std::vector<Index> rows;
  on([&](auto const& x, auto const& visit) {
    Eigen::Matrix<S, Eigen::Dynamic, Eigen::Dynamic> const by_column = x;
    visit(by_column);
    visit(x.rowwise().reverse());
    pointers.clear(), rows.clear(), w.clear();
    for (Index i = 0; i < x.rows(); ++i)
      pointers.push_back(x.row(i).data()), rows.push_back(x.rows() - 1 - i),
          w.push_back(i % 4 == 1 ? 0. : 1. + static_cast<double>(i % 3));
    visit(rows_of(pointers, x.cols()));
    visit(subset(by_column, rows));
    visit(weighted(x, w));
    visit(skip_nan(by_column));
    visit(weighted(skip_nan(x), w));
    Eigen::Matrix<S, Eigen::Dynamic, 1> const v = x.row(0).transpose().unaryExpr([](S s) { return s - s == S(0) ? s : S(1); });
    visit(around(x, v));
    visit(weighted(around(by_column, v), w));
  });
}
}  // namespace

TEST_CASE("bytes_needed holds for coordinate-wise rules and every kind of table", "[long]") {
  check_plain(mean{});
  check_plain(sign_majority{});
  check_plain(mean_around_median{.f = 1});
  check_plain(phocas{.f = 1});
  check_plain(interquartile_mean{});
  check_plain(quantile{.p = .3});
  check_plain(sigma_clipped_mean{});
  check_plain(hodges_lehmann{});
  check_plain(uncertainty_weighted{.lambda = 1.});
  check_plain(soft_min{.beta = 1});
  check_plain(worst_case{});
  check_plain(sliced(median{}));
  check_kinds<float>(median{});
  check_kinds<double>(trimmed_mean{.f = 1});
  check_kinds<Eigen::half>(median{});
  check_kinds<float>(defensive{});
  constexpr std::array<std::pair<Index, Index>, 2> tall = {{{2050, 2}, {3000, 40}}};
  check_shapes<float>(median{}, tall, [](auto const& x, auto const& visit) {
    visit(x);
    Eigen::MatrixXf const by_column = x;
    visit(by_column);
    std::vector<int> const w(static_cast<std::size_t>(x.rows()), 3);
    visit(weighted(x, w));
  });
}

TEST_CASE("bytes_needed holds for geometric rules and every kind of table", "[long]") {
  check_plain(krum{.f = 1});
  check_plain(multi_krum{.f = 1});
  check_plain(bulyan{.f = 1});
  check_plain(minimum_diameter_averaging{.f = 1});
  check_plain(covariance_filter{.f = 1});
  check_plain(centered_clipping{.radius = 2});
  check_plain(nearest_to{.row = 0, .f = 1});
  check_plain(comparative_gradient_elimination{.f = 1});
  check_plain(aksel{});
  check_plain(trust_weighted{.row = 0});
  check_plain(divide_and_conquer{.f = 1, .columns_sampled = 20, .iterations = 2});
  check_plain(norm_bounded_mean{.radius = 2});
  check_plain(flag_aggregator{.subspace = 1});
  check_plain(median_of_means{.groups = 1});
  check_plain(sliced(krum{.f = 1}));
  constexpr std::array<std::pair<Index, Index>, 3> few = {{{5, 3}, {7, 40}, {9, 200}}};
  check_shapes<float>(smallest_max_eigenvalue_averaging{.f = 1}, few, [](auto const& x, auto const& visit) { visit(x); });
  check_kinds<float>(geometric_median{});
  check_kinds<double>(geometric_median{});
  check_kinds<Eigen::half>(krum{.f = 1});
}

TEST_CASE("bytes_needed holds for transforms and pipes", "[long]") {
  check_plain(clip{.radius = 1});
  check_plain(adaptive_clip{.f = 1});
  check_plain(nearest_neighbour_mixing{.f = 1});
  check_plain(bucketing{.size = 2});
  check_plain(ranks{});
  check_plain(pool_rows{});
  check_plain(rearrange{});
  check_plain(isotonic{});
  check_plain(bucketing{.size = 2} | krum{.f = 1});
  check_plain(nearest_neighbour_mixing{.f = 1} | geometric_median{});
  check_plain(clip{.radius = 1} | nearest_neighbour_mixing{.f = 1});
  check_plain(clip{.radius = 1} | nearest_neighbour_mixing{.f = 1} | bucketing{.size = 2} | median{});
  check_plain(ranks{} | clip{.radius = 100} | ranks{} | mean{});
  check_plain(pool_rows{} | defensive{} | top{.k = 2});
  check_plain(pool_rows{} | median{});
  check_plain(defensive{} | best{});
  check_kinds<float>(clip{.radius = 1} | trimmed_mean{.f = 1});
  check_kinds<double>(clip{.radius = 1} | geometric_median{});
}

TEST_CASE("bytes_needed holds for elections and attacks", "[long]") {
  std::vector<Index> const shift = {0};
  check_plain(plurality{});
  check_plain(run_off{});
  check_plain(run_off{.bucket_map = shift});
  check_plain(ranks{} | plurality{});
  check_plain(boosted{.versions = 1});
  check_plain(robagg::attack::gaussian{});
  check_plain(robagg::attack::constant_coordinate{});
  check_plain(robagg::attack::min_max{});
  check_plain(robagg::attack::mimic{});
  check_plain(robagg::attack::anti_cge{.f = 1});
  check_plain(robagg::attack::optimal{robagg::attack::little_is_enough{}, nearest_neighbour_mixing{.f = 1} | median{}, 1, 3});
  check_kinds<double>(plurality{});
}

TEST_CASE("bytes_needed of scores, cubes and pooled attention") {
  Eigen::VectorXf const scores = gauss(1, 5000).row(0).transpose().cast<float>();
  std::vector<Index> kept;
  for (Index d : {1, 30, 5000}) {
    auto const head = scores.head(d);
    memory_of memory(bytes_needed(top{.k = 5}, head), 1);
    workspace ws{memory.span()};
    top{.k = 5}.into(head, kept, ws);
    CHECK(kept == top{.k = 5}(head));
  }
  robagg::table<float> const x = gauss(24, 300).cast<float>();
  auto const three = cube(x, 3);
  auto const rule = each(clip{.radius = 1} | median{});
  memory_of memory(bytes_needed(rule, three), 1);
  workspace ws{memory.span()};
  robagg::table<float> y;
  rule.into(three, y, ws);
  CHECK(y == rule(three));
}

TEST_CASE("bytes_needed holds for quantile forecasts and confidence") {
  std::vector<double> const levels = {.1, .5, .9}, logits(5, 0.);
  std::vector<double> const five = {1., 2., 0., 1., 3.};
  matrix const forecasts = gauss(5, 3).cwiseAbs();
  auto const check = [&](auto const& op) {
    needs seen;
    check_room(op, forecasts, seen);
    check_room(op, weighted(forecasts, five), seen);
  };
  check(linear_pool{.levels = levels});
  check(opinion_pool{});
  check(gated_averaging{.logits = logits});
}

}  // namespace bytes_needed_test
