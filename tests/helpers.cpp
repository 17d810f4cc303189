// SPDX-License-Identifier: BSL-1.0
// Functions of the library that tests call often and that take long where they are not optimised. They are inline; these
// copies are linked first.
#include "pch.hpp"

#include "laws.hpp"

#include <algorithm>
#include <cstring>

namespace {

// The address of a function keeps it.
struct kept {
  unsigned char bytes[16];
  template <class Function>
  explicit kept(Function f) {
    static_assert(sizeof f <= sizeof bytes);
    std::memcpy(bytes, &f, sizeof f);
  }
};

using robagg::geometry, robagg::workspace;
template <class Op>
kept weights_of() {
  if constexpr (requires { &Op::weights; }) {
    return kept(&Op::weights);
  } else {  // overloaded
    return kept(static_cast<workspace::vector_map<double> (Op::*)(geometry const&, workspace&) const>(&Op::weights));
  }
}
template <class Op>
kept mixing_of() {
  return kept(&Op::mixing);
}
template <class Op>
kept factors_of() {
  return kept(&Op::factors);
}
template <class T>
using iterator = typename std::vector<T>::iterator;

}  // namespace

extern kept const robagg_test_kept[];
kept const robagg_test_kept[] = {
    weights_of<robagg::mean>(),
    weights_of<robagg::geometric_median>(),
    weights_of<robagg::krum>(),
    weights_of<robagg::multi_krum>(),
    weights_of<robagg::minimum_diameter_averaging>(),
    weights_of<robagg::smallest_max_eigenvalue_averaging>(),
    weights_of<robagg::covariance_filter>(),
    weights_of<robagg::centered_clipping>(),
    weights_of<robagg::nearest_to>(),
    weights_of<robagg::comparative_gradient_elimination>(),
    weights_of<robagg::norm_bounded_mean>(),
    weights_of<robagg::flag_aggregator>(),
    factors_of<robagg::clip>(),
    factors_of<robagg::adaptive_clip>(),
    mixing_of<robagg::bucketing>(),
    mixing_of<robagg::nearest_neighbour_mixing>(),
    kept(&robagg::detail::find_pivot),
    kept(&robagg::detail::products_from),
    kept(static_cast<robagg::detail::prepared_weights (*)(workspace::vector_map<double>, robagg::detail::weight_kind, double,
                                                          bool, workspace&, bool)>(&robagg::detail::prepare_weights)),
    kept(&robagg::detail::mixed<workspace::table_map<double>>),
    kept(&std::sort<iterator<float>>),
    kept(&std::sort<iterator<double>>)};
