// SPDX-License-Identifier: BSL-1.0
// Best of n answers by an ensemble of reward models. One model has a blind spot: it loves answer 3.
// The mean falls for it, the pessimists do not.
#include <robagg/format.hpp>
#include <robagg/robagg.hpp>

int main() {
  using namespace robagg;
  Eigen::MatrixXf rewards(3, 4);  // reward models x answers
  rewards << 1.0f, 2.0f, 0.5f, 3.6f, 1.2f, 1.0f, 0.6f, -1.0f, 0.8f, 1.5f, 0.4f, 2.5f;

  Index const by_mean = (mean{} | best{})(rewards);
  Index const by_worst_case = (worst_case{} | best{})(rewards);
  Index const by_uncertainty = (uncertainty_weighted{.lambda = 0.5} | best{})(rewards);
  Index const by_soft_min = (soft_min{.beta = 1} | best{})(rewards);
  Index const by_low_quantile = (quantile{.p = 0.25} | best{})(rewards);
  // Withstands n / 4 liars, which of three models is none.
  Index const by_interquartile_mean = (interquartile_mean{} | best{})(rewards);
  Index const by_best_case = (best_case{} | best{})(rewards);
  fmt::print("best of 4 by mean {}, by best case {}\n", by_mean, by_best_case);
  fmt::print("          by worst case {}, uncertainty {}, soft minimum {}, lower quartile {}, interquartile mean {}\n",
             by_worst_case, by_uncertainty, by_soft_min, by_low_quantile, by_interquartile_mean);
  bool const as_expected = by_mean == 3 && by_best_case == 3 && by_worst_case == 1 && by_uncertainty == 1 && by_soft_min == 1 &&
                           by_low_quantile == 1 && by_interquartile_mean == 3;
  return as_expected ? 0 : 1;
}
