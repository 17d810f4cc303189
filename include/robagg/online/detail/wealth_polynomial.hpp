// SPDX-License-Identifier: BSL-1.0
// The wealth of portfolios of two assets as a function of the first one's weight b: coefficients c_j of the Bernstein
// polynomials C(t, j) b^j (1 - b)^(t - j), whose integrals are 1 / (t + 1). A period multiplies it by a line. No coefficient is
// ever negative, so that nothing cancels. Their mean is kept at 1.
#pragma once

#include "../../detail/base/config.hpp"

#include <vector>

namespace robagg::inline ROBAGG_ABI::detail {

struct wealth_polynomial {
  std::vector<double> coefficients{1};

  // By what factor its integral changes.
  double multiply(double first, double second) {
    auto& c = coefficients;
    auto const degree = static_cast<double>(c.size());
    double sum = 0;
    c.push_back(0);
    for (std::size_t j = c.size(); j-- > 0;) {
      auto const share = static_cast<double>(j) / degree;
      c[j] = (1 - share) * second * c[j] + (j > 0 ? share * first * c[j - 1] : 0);
      sum += c[j];
    }
    double const factor = sum / (degree + 1);
    for (double& v : c) v /= factor;
    return factor;
  }
  // The integrals of b and of 1 - b times it, up to a factor.
  void integrals(double& first, double& second) const {
    double const count = static_cast<double>(coefficients.size());
    double j = 0;
    first = second = 0;
    for (double const c : coefficients) {
      first += (j + 1) * c;
      second += (count - j) * c;
      j += 1;
    }
  }
};

}  // namespace robagg::inline ROBAGG_ABI::detail
