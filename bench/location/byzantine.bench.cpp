// SPDX-License-Identifier: BSL-1.0
// The rest of the Byzantine-robust family, at the shapes at which others have published times, and at 25 x 100,000.
#include "bench.hpp"

using namespace robagg_bench;
using namespace robagg;

static bool const registered[] = {
    add_at("multi_krum", {{25, 100'000}, {80, 65'536}}, [](Index n) { return multi_krum{.f = n / 4, .m = n == 80 ? 12 : 0}; }),
    add_at("bulyan", {{25, 100'000}}, [](Index) { return bulyan{.f = 5}; }),
    add_at("minimum_diameter_averaging", {{25, 100'000}, {30, 2048}}, [](Index n) { return minimum_diameter_averaging{.f = n / 3}; }),
    add_at("smallest_max_eigenvalue_averaging", {{16, 4096}}, [](Index) { return smallest_max_eigenvalue_averaging{.f = 5}; }),
    add_at("covariance_filter", {{25, 100'000}, {64, 65'536}}, [](Index n) { return covariance_filter{.f = liars(n)}; }),
    add_at("centered_clipping", {{25, 100'000}, {25, 1'000'000}, {64, 65'536}},
           [](Index) { return centered_clipping{.radius = 100, .iterations = 5}; }),
    add_at("nearest_to", {{25, 100'000}}, [](Index n) { return nearest_to{.row = 0, .f = liars(n)}; }),
    add_at("comparative_gradient_elimination", {{25, 100'000}}, [](Index n) { return comparative_gradient_elimination{.f = liars(n)}; }),
    add_at("aksel", {{25, 100'000}}, [](Index) { return aksel{}; }),
    add_at("trust_weighted", {{25, 100'000}}, [](Index) { return trust_weighted{.row = 0}; }),
    add_at("divide_and_conquer", {{25, 100'000}}, [](Index n) { return divide_and_conquer{.f = liars(n)}; }),
    add_at("norm_bounded_mean", {{25, 100'000}, {64, 65'536}}, [](Index) { return norm_bounded_mean{.radius = 100}; }),
    add_at("flag_aggregator", {{25, 100'000}, {25, 1'000'000}}, [](Index) { return flag_aggregator{}; }),
    add_at("median_of_means", {{25, 100'000}}, [](Index) { return median_of_means{.groups = 11}; }),
    add_at("adaptive_clip|mean", {{25, 100'000}, {64, 65'536}}, [](Index n) { return adaptive_clip{.f = liars(n)} | mean{}; }),
    add_at("nearest_neighbour_mixing|mean", {{196, 4096}}, [](Index) { return nearest_neighbour_mixing{.f = 32} | mean{}; }),
};
