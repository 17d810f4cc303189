// SPDX-License-Identifier: BSL-1.0
// robagg-bench-kernels: robagg::kernels in a file without -march beside headers that are built for this machine. Answers are
// compared first; times are taken by turns, the best of each.
#include "cases.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace {

// Floats at a multiple of 64 bytes.
using floats = std::unique_ptr<float[], void (*)(void*)>;
floats aligned(Eigen::Index n) {
  auto const bytes = (static_cast<std::size_t>(n) * sizeof(float) + 63) / 64 * 64;
  return {static_cast<float*>(std::aligned_alloc(64, bytes)), &std::free};
}
floats random(Eigen::Index n) {
  floats x = aligned(n);
  Eigen::Map<Eigen::VectorXf>(x.get(), n).setRandom();
  return x;
}

// Seconds of a call, of `calls` of them.
double seconds(kernel_case const& one, float* out, int calls) {
  auto const begin = std::chrono::steady_clock::now();
  for (int k = 0; k < calls; ++k) one.run(out);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() / calls;
}

}  // namespace

int main() {
  constexpr Eigen::Index d = 1'000'000, few = 100'000;
  floats const large = random(25 * d), by_columns = random(25 * few), small = random(45);
  Eigen::VectorXf const weights = Eigen::VectorXf::LinSpaced(25, 1, 25);
  kernel_tables const tables{
      {large.get(), 25, d}, {by_columns.get(), 25, few}, {small.get(), 9, 5}, {weights.data(), 25}, {weights.data(), 9}};
  auto const headers = cases_of_headers(tables), kernels = cases_of_kernels(tables);
  floats const a = aligned(d), b = aligned(d);

  std::printf("%-60s %14s %14s %8s\n", "", "headers, us", "kernels, us", "ratio");
  for (std::size_t i = 0; i < headers.size(); ++i) {
    headers[i].run(a.get()), kernels[i].run(b.get());
    for (Eigen::Index j = 0; j < headers[i].columns; ++j) {
      if (!(std::abs(a.get()[j] - b.get()[j]) <= 1e-5f)) {
        std::printf("%s: column %d is %g with the headers and %g with the kernels\n", headers[i].name.c_str(),
                    static_cast<int>(j), static_cast<double>(a.get()[j]), static_cast<double>(b.get()[j]));
        return 1;
      }
    }
    int const calls = std::max(1, static_cast<int>(5e-3 / seconds(headers[i], a.get(), 1)));
    double of_headers = 1e9, of_kernels = 1e9;
    for (int round = 0; round < 25; ++round) {
      of_headers = std::min(of_headers, seconds(headers[i], a.get(), calls));
      of_kernels = std::min(of_kernels, seconds(kernels[i], b.get(), calls));
    }
    std::printf("%-60s %14.2f %14.2f %8.2f\n", headers[i].name.c_str(), of_headers * 1e6, of_kernels * 1e6,
                of_headers / of_kernels);
  }
}
