// SPDX-License-Identifier: BSL-1.0
// The rest of the Byzantine-robust family, at the shapes at which others have published times, and at 25 x 100,000.
#include "bench.hpp"

using namespace robagg_bench;
using namespace robagg;

// The mean after mixing with f = 32, in double. Of 196 rows some two neighbours at the edge of a neighbourhood are as far
// as floats can tell: each may stand for the other.
static bool right_mean_of_mixed(answer const& out, matrix const& x, double tolerance) {
  Index const n = x.rows(), kept = n - 32;
  matrix const expected = (nearest_neighbour_mixing{.f = 32} | mean{})(x).transpose();
  Eigen::RowVectorXd allowed = Eigen::RowVectorXd::Constant(x.cols(), tolerance);
  for (Index i = 0; i < n; ++i) {
    std::vector<std::pair<double, Index>> near;
    for (Index k = 0; k < n; ++k) near.emplace_back((x.row(i) - x.row(k)).squaredNorm(), k);
    std::ranges::sort(near);
    auto const& [last, inside] = near[static_cast<std::size_t>(kept - 1)];
    auto const& [next, outside] = near[static_cast<std::size_t>(kept)];
    if (next - last < 2e-7 * next) allowed += (x.row(inside) - x.row(outside)).cwiseAbs() / static_cast<double>(kept * n);
  }
  return out.values.cols() == x.cols() && ((out.values.row(0) - expected.row(0)).array().abs() <= allowed.array()).all();
}

static bool const registered[] = {
    add_at("multi_krum", {{25, 100'000}, {80, 65'536}}, [](Index n) { return multi_krum{.f = n / 4, .m = n == 80 ? 12 : 0}; }),
    add_at("bulyan", {{25, 100'000}}, [](Index) { return bulyan{.f = 5}; }),
    add_at("minimum_diameter_averaging", {{25, 100'000}, {30, 2048}},
           [](Index n) { return minimum_diameter_averaging{.f = n / 3}; }),
    add_at("smallest_max_eigenvalue_averaging", {{16, 4096}}, [](Index) { return smallest_max_eigenvalue_averaging{.f = 5}; }),
    add_at("covariance_filter", {{25, 100'000}, {64, 65'536}}, [](Index n) { return covariance_filter{.f = liars(n)}; }),
    add_at("centered_clipping", {{25, 100'000}, {25, 1'000'000}, {64, 65'536}},
           [](Index) { return centered_clipping{.radius = 100, .iterations = 5}; }),
    add_at("nearest_to", {{25, 100'000}}, [](Index n) { return nearest_to{.row = 0, .f = liars(n)}; }),
    add_at("comparative_gradient_elimination", {{25, 100'000}},
           [](Index n) { return comparative_gradient_elimination{.f = liars(n)}; }),
    add_at("aksel", {{25, 100'000}}, [](Index) { return aksel{}; }),
    add_at("trust_weighted", {{25, 100'000}}, [](Index) { return trust_weighted{.row = 0}; }),
    add_at("divide_and_conquer", {{25, 100'000}}, [](Index n) { return divide_and_conquer{.f = liars(n)}; }),
    add_at("norm_bounded_mean", {{25, 100'000}, {64, 65'536}}, [](Index) { return norm_bounded_mean{.radius = 100}; }),
    add_at("flag_aggregator", {{25, 100'000}, {25, 1'000'000}}, [](Index) { return flag_aggregator{}; }),
    add_at("median_of_means", {{25, 100'000}}, [](Index) { return median_of_means{.groups = 11}; }),
    add_at("adaptive_clip|mean", {{25, 100'000}, {64, 65'536}}, [](Index n) { return adaptive_clip{.f = liars(n)} | mean{}; }),
    add_at(
        "nearest_neighbour_mixing|mean", {{196, 4096}}, [](Index) { return nearest_neighbour_mixing{.f = 32} | mean{}; },
        right_mean_of_mixed),
};
