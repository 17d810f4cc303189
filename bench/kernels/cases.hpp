// SPDX-License-Identifier: BSL-1.0
// What bench/kernels/main.cpp and the two builds of cases.cpp share.
#pragma once

#include <Eigen/Core>

#include <functional>
#include <string>
#include <vector>

struct kernel_tables {
  using rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Eigen::Map<rows const, Eigen::Aligned64> large;                  // 25 x 1,000,000
  Eigen::Map<Eigen::MatrixXf const, Eigen::Aligned64> by_columns;  // 25 x 100,000
  Eigen::Map<rows const, Eigen::Aligned64> small;                  // 9 x 5
  Eigen::Map<Eigen::VectorXf const> weights, few_weights;          // 25 and 9
};
// A rule on a table, writing to `out`; both builds are asked for the same ones.
struct kernel_case {
  std::string name;
  Eigen::Index columns;
  std::function<void(float* out)> run;
};
std::vector<kernel_case> cases_of_headers(kernel_tables const& x);  // built with -march=native
std::vector<kernel_case> cases_of_kernels(kernel_tables const& x);  // robagg::kernels, without -march
