// SPDX-License-Identifier: BSL-1.0
// The geometry: squared distances and inner products of rows that are near, far from the origin, tiny, huge, or far
// from one another, against long double.
#include "inputs.hpp"
#include "reference.hpp"

#include <robagg/detail/geometry/combine.hpp>
#include <robagg/detail/geometry/geometry.hpp>

using namespace robagg_test;
using reference::real;

namespace {

// The rows and the origin.
matrix with_origin(matrix const& x) {
  matrix all = matrix::Zero(x.rows() + 1, x.cols());
  all.topRows(x.rows()) = x;
  return all;
}

template <class S>
double worst_distance_error(robagg::geometry const& g, matrix const& x) {
  matrix const all = with_origin(x);
  double worst = 0;
  for (Index i = 0; i < all.rows(); ++i) {
    for (Index k = 0; k < i; ++k) {
      real const exact = reference::squared_distance(all, i, k);
      worst = std::max(worst, static_cast<double>(std::abs(static_cast<real>(g.squared_distance(i, k)) - exact) / exact));
    }
  }
  return worst;
}

// The errors of (x_i - p).(x_k - p) for every pivot p: the geometry has chosen one, where all products vanish.
double product_error(robagg::geometry const& g, matrix const& x) {
  matrix const all = with_origin(x);
  Index pivot = 0;
  while (pivot < x.rows() && g.inner(pivot, pivot) != 0) ++pivot;
  if (pivot == x.rows()) return infinity;
  double worst = 0;
  for (Index i = 0; i < all.rows(); ++i) {
    for (Index k = 0; k < all.rows(); ++k) {
      real dot = 0, a = 0, b = 0;
      for (Index c = 0; c < x.cols(); ++c) {
        real const p = all(pivot, c), u = static_cast<real>(all(i, c)) - p, v = static_cast<real>(all(k, c)) - p;
        dot += u * v, a += u * u, b += v * v;
      }
      if (a == 0 || b == 0) continue;
      worst = std::max(worst, static_cast<double>(std::abs(static_cast<real>(g.inner(i, k)) - dot) / std::sqrt(a * b)));
    }
  }
  return worst;
}

}  // namespace

TEST_CASE("distances are exact to rounding in every family") {
  for (family const kind : all_families) {
    for (Index const d : {1, 37, 512, 513, 1500}) {
      matrix const x = sample(kind, 7, d, 3), narrow = rounded<float>(x);
      robagg::table<float> const floats = narrow.cast<float>();
      robagg::workspace ws;
      INFO("family " << static_cast<int>(kind) << ", d = " << d);
      if (kind == family::grid && d == 1) continue;  // equal rows have no relative error
      CHECK(worst_distance_error<double>(robagg::detail::measure(x, ws), x) <= 1e-14);
      if (kind == family::offset && d == 1) continue;
      CHECK(worst_distance_error<float>(robagg::detail::measure(floats, ws), narrow) <= 5e-7);
    }
  }
}

TEST_CASE("floats keep six digits wherever the reports are, for any number of points") {
  struct place {
    double centre, spread;
  };
  for (auto const& [centre, spread] : {place{1e5, 1e-2}, place{0, 1e30}, place{0, 1e-25}, place{1e30, 1e25}, place{0, 1}}) {
    for (Index n = 1; n <= 13; ++n) {
      matrix const x = rounded<float>((gauss(n, 700, 40 + static_cast<std::uint64_t>(n)) * spread).array() + centre);
      robagg::table<float> const floats = x.cast<float>();
      robagg::workspace ws;
      INFO(n << " rows at " << centre << " +- " << spread);
      CHECK(worst_distance_error<float>(robagg::detail::measure(floats, ws), x) <= 1e-6);
    }
  }
  // Huge, tiny and ordinary rows in one block: every pair keeps its digits.
  matrix x = rounded<float>(gauss(9, 700, 3));
  x.row(2) *= 1e25, x.row(5) *= 1e-25, x.row(6) = x.row(5) * 3;
  x = rounded<float>(x);
  robagg::table<float> const floats = x.cast<float>();
  robagg::workspace ws;
  CHECK(worst_distance_error<float>(robagg::detail::measure(floats, ws), x) <= 1e-6);
}

TEST_CASE("rows that differ by one constant keep six digits") {
  robagg::table<float> x = robagg::table<float>::Zero(2, 100'000);
  x.row(1).setConstant(.1725f);
  robagg::workspace ws;
  double const exact = 1e5 * static_cast<double>(.1725f) * static_cast<double>(.1725f);
  CHECK(std::abs(robagg::detail::measure(x, ws).squared_distance(0, 1) - exact) <= 1e-6 * exact);
}

TEST_CASE("a constant difference does not add up its rounding") {
  // The same float error in every column: lanes of at most 32 additions keep it below 1e-6.
  robagg::table<float> x = robagg::table<float>::Zero(2, 4096);
  x.row(1).setConstant(.1f);
  robagg::workspace ws;
  double const exact = 4096 * static_cast<double>(.1f) * static_cast<double>(.1f);
  CHECK(std::abs(robagg::detail::measure(x, ws).squared_distance(0, 1) - exact) <= 1e-6 * exact);
}

TEST_CASE("inner products about the pivot survive far rows") {
  for (double const far : {1e3, 1e6, 1e30, 1e150}) {
    matrix x = gauss(8, 40, 5);
    x.row(2) *= far;
    x.row(5) = -x.row(2) * .3;
    robagg::workspace ws;
    INFO("a row at " << far);
    auto const g = robagg::detail::measure(x, ws);
    CHECK(product_error(g, x) <= 1e-7);
    CHECK(g.located_rows() == 8);
  }
  matrix const x = sample(family::offset, 8, 40, 5);  // here the origin is what is far
  robagg::workspace ws;
  CHECK(product_error(robagg::detail::measure(x, ws), x) <= 1e-7);
}

TEST_CASE("rows that are not numbers, or too far for a double, have no geometry") {
  for (lie const l : {lie::nan, lie::plus_infinity, lie::minus_infinity, lie::largest}) {
    auto const a = attack(gauss(6, 30), 2, l, std::numeric_limits<double>::max());
    robagg::workspace ws;
    auto const g = robagg::detail::measure(a.table, ws);
    INFO("liars send " << text(l));
    CHECK(g.located_rows() == 6);
    for (Index i = 0; i < 8; ++i) {
      bool const lies = i == a.liars[0] || i == a.liars[1];
      CHECK(g.located(i) == !lies);
      for (Index k = 0; k < 8; ++k) {
        if (lies && i != k) CHECK(g.squared_distance(i, k) == infinity);
        if (lies) CHECK(g.inner(i, k) == 0);
      }
    }
    CHECK(g.located(g.origin()));
  }
  robagg::workspace ws;
  matrix const nothing = matrix::Constant(3, 4, not_a_number);
  CHECK(robagg::detail::measure(nothing, ws).located_rows() == 0);
}

TEST_CASE("norms are the distances to the origin, and to a row, to the bit") {
  using robagg::detail::measured;
  struct anything {
    static std::string name() { return "anything"; }
  };
  for (Index const n : {1, 2, 7, 8, 9, 30}) {
    for (Index const d : {1, 15, 16, 17, 511, 512, 513, 8192, 8200}) {
      matrix x = sample(family::gauss, n, d, 4);
      if (n > 2) x.row(1).setZero(), x(2, d - 1) = not_a_number;
      auto const check = [&](auto const& table, auto const& plain) {
        robagg::workspace ws;
        Index const m = plain.rows();
        auto const all = robagg::detail::measure(table, ws);
        auto const norms = robagg::detail::measure(table, ws, anything{}, measured::norms);
        auto const seen = robagg::detail::measure(table, ws, anything{}, measured::norms, m - 1);
        Index off = 0;
        for (Index i = 0; i < m; ++i) {
          off += norms.squared_norm(i) != all.squared_norm(i);
          off += seen.squared_norm(i) != all.seen_from(m - 1).squared_norm(i);
        }
        INFO("n = " << n << ", d = " << d);
        CHECK(off == 0);
      };
      robagg::table<float> const floats = x.cast<float>();
      shown_matrix<float, Eigen::ColMajor> const columns = floats;
      Eigen::RowVectorXd const origin = gauss(1, d, 9).row(0);
      check(floats, floats), check(columns, columns), check(x, x), check(robagg::around(x, origin), x);
    }
  }
  // Squares that leave the range of floats are formed again, one way or another.
  for (family const kind : {family::tiny, family::huge}) {
    robagg::table<float> const x = sample(kind, 9, 700, 5).cast<float>();
    robagg::workspace ws;
    auto const all = robagg::detail::measure(x, ws);
    auto const norms = robagg::detail::measure(x, ws, anything{}, measured::norms);
    for (Index i = 0; i < 9; ++i) CHECK(std::abs(norms.squared_norm(i) / all.squared_norm(i) - 1) <= 1e-6);
  }
}

TEST_CASE("the geometry of a mixture is that of the mixed rows") {
  matrix const x = gauss(7, 30, 9), W = gauss(4, 7, 10), y = W * x;
  robagg::workspace ws;
  auto const g = robagg::detail::mixed(robagg::detail::measure(x, ws), W, false, ws);
  matrix const all = with_origin(y);
  for (Index i = 0; i <= 4; ++i) {
    for (Index k = 0; k < i; ++k) {
      double const exact = static_cast<double>(reference::squared_distance(all, i, k));
      CHECK(std::abs(g.squared_distance(i, k) - exact) <= 1e-12 * exact);
    }
  }
}

TEST_CASE("weights travel with the geometry") {
  matrix const x = gauss(3, 5);
  robagg::workspace ws;
  auto const g = robagg::detail::measure(robagg::weighted(x, std::vector{1., 0., 2.5}), ws);
  CHECK(g.weight(1) == 0);
  CHECK(g.weight(2) == 2.5 * g.weight(0));  // only ratios count
  CHECK(g.total_weight() == 3.5 * g.weight(0));
  CHECK(robagg::detail::measure(x, ws).total_weight() == 3);
}
