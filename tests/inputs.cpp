// SPDX-License-Identifier: BSL-1.0
// Tables for the tests, and how they are compared.
#include "inputs.hpp"

namespace robagg_test {

matrix sample(family kind, Index n, Index d, std::uint64_t seed) {
  numbers random(seed + 1000 * static_cast<std::uint64_t>(n) + 77 * static_cast<std::uint64_t>(d));
  matrix x(n, d);
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < d; ++j) {
      switch (kind) {
        case family::gauss:
          x(i, j) = random.gauss() + static_cast<double>(j % 5);
          break;
        case family::grid:
          x(i, j) = static_cast<double>(random.below(5)) - 2;
          break;  // ties in every column
        case family::offset:
          x(i, j) = 1e5 + 1e-2 * random.gauss();
          break;  // close together, far from 0
        case family::tiny:
          x(i, j) = 1e-25 * random.gauss();
          break;  // squares vanish in float
        case family::huge:
          x(i, j) = 1e30 * random.gauss();
          break;  // squares overflow in float
      }
    }
  }
  return x;
}

matrix gauss(Index n, Index d, std::uint64_t seed) { return sample(family::gauss, n, d, seed); }

double magnitude(matrix const& x) {
  double m = 0;
  for (Index i = 0; i < x.size(); ++i) {
    if (std::isfinite(x.data()[i])) m = std::max(m, std::abs(x.data()[i]));
  }
  return m;
}

char const* text(lie kind) {
  constexpr std::array names = {"NaN", "+infinity", "-infinity", "1e30", "1e38", "largest", "copy", "zeros", "mixed"};
  return names[static_cast<std::size_t>(kind)];
}

attacked attack(matrix const& honest, Index f, lie kind, double largest) {
  Index const n = honest.rows() + f;
  attacked a{matrix(n, honest.cols()), {}};
  numbers random(static_cast<std::uint64_t>(kind) + 5);
  for (Index t = 0; t < f; ++t) a.liars.push_back(f == 1 ? 0 : t * (n - 1) / (f - 1));
  for (Index i = 0, h = 0; i < n; ++i) {
    bool const lies = std::find(a.liars.begin(), a.liars.end(), i) != a.liars.end();
    if (!lies) {
      a.table.row(i) = honest.row(h++);
      continue;
    }
    for (Index j = 0; j < honest.cols(); ++j) {
      std::array const values = {not_a_number, infinity, -infinity, 1e30, -1e38, largest, honest(honest.rows() - 1, j), 0.};
      a.table(i, j) = values[static_cast<std::size_t>(kind == lie::mixed ? random.below(8) : static_cast<Index>(kind))];
    }
  }
  return a;
}

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) || (std::isnan(a) && std::isnan(b));
}

bool same_bits(matrix const& a, matrix const& b) {
  if (a.rows() != b.rows() || a.cols() != b.cols()) return false;
  for (Index i = 0; i < a.size(); ++i) {
    if (!same_bits(a.data()[i], b.data()[i])) return false;
  }
  return true;
}

double difference(matrix const& a, matrix const& b) {
  if (a.rows() != b.rows() || a.cols() != b.cols()) return infinity;
  double worst = 0;
  for (Index i = 0; i < a.size(); ++i) {
    double const x = a.data()[i], y = b.data()[i];
    if (same_bits(x, y) || x == y) continue;
    double const gap = std::abs(x - y);
    worst = std::isnan(gap) ? infinity : std::max(worst, gap);
  }
  return worst;
}

}  // namespace robagg_test
