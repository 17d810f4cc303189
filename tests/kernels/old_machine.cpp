// SPDX-License-Identifier: BSL-1.0
// Runs on a processor without AVX, in an emulator, whatever sets robagg::kernels has. It uses algorithms that the sets were
// compiled with as well.
#include <robagg/location/median.hpp>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <vector>

int main() {
  robagg::table<float> const x = robagg::table<float>::Random(9, 33);
  Eigen::VectorXf const y = robagg::median{}(x);
  int wrong = 0;
  for (Eigen::Index j = 0; j < x.cols(); ++j) {
    std::vector<float> column(x.col(j).begin(), x.col(j).end());
    std::nth_element(column.data(), column.data() + 4, column.data() + 9, std::greater<>{});
    wrong += column[4] != y(j);
  }
  std::printf("%s: %d columns of %d are wrong\n", robagg::dispatch::chosen().name, wrong, static_cast<int>(x.cols()));
  return wrong;
}
