// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../core.hpp"

#include <algorithm>

namespace robagg::inline ROBAGG_ABI {

/// How much quantiles cross: the mean over rows and pairs of levels l < h of max(0, q_l - q_h + margin).
/// Source  the margin loss of Fakoor et al., 2023, from its code.
template <reports Q>
double crossing_penalty(Q const& given, double margin = 0) {
  auto&& q = detail::readable(given);
  double sum = 0;
  for (Index i = 0; i < q.rows(); ++i) {
    for (Index h = 1; h < q.cols(); ++h) {
      for (Index l = 0; l < h; ++l) sum += std::max(0., static_cast<double>(q(i, l)) - static_cast<double>(q(i, h)) + margin);
    }
  }
  double const pairs = static_cast<double>(q.rows()) * static_cast<double>(q.cols() * (q.cols() - 1) / 2);
  return pairs > 0 ? sum / pairs : 0;
}

}  // namespace robagg::inline ROBAGG_ABI
