// SPDX-License-Identifier: BSL-1.0
// OpenMP's threads, in a program that is compiled with them: the same bits, and what a task throws comes out.
#include "kernels.hpp"

#include <robagg/parallel.hpp>

#include <omp.h>

#include <atomic>
#include <cstdio>
#include <stdexcept>
#include <string>

namespace {
int failures = 0;
void expect(bool holds, char const* what) {
  if (!holds) ++failures, std::printf("wrong: %s\n", what);
}
}  // namespace

int main() {
  omp_set_num_threads(4);
  std::atomic<int> threads = 0;
  robagg::openmp{}(64, [&](robagg::Index) { threads = std::max(threads.load(), omp_get_num_threads()); });
  expect(threads == 4, "tasks run on OpenMP's threads");

  robagg::table<float> x(9, 40'000);
  for (robagg::Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(i * 2654435761 % 1000);
  expect(robagg::sliced(robagg::median{}, robagg::openmp{})(x) == robagg::median{}(x), "slices give the same bits");

  std::string said;
  try {
    robagg::openmp{}(64, [](robagg::Index i) {
      if (i == 3) throw std::runtime_error("task 3");
    });
  } catch (std::runtime_error const& e) { said = e.what(); }
  expect(said == "task 3", "what a task throws comes out");

  auto const refused = [&](auto const& call) {
    said.clear();
    try {
      call();
    } catch (robagg::bad_input const& e) { said = e.what(); }
    return said.starts_with("trimmed_mean: needs n > 2f");
  };
  robagg::table<float> const many = robagg::table<float>::Zero(40, 10);
  expect(refused([&] { robagg::each(robagg::trimmed_mean{2}, robagg::openmp{})(robagg::cube(many, 10)); }),
         "each refuses bad input");
  expect(refused([&] { robagg::sliced(robagg::trimmed_mean{5}, robagg::openmp{})(x); }), "sliced refuses bad input");
  // The next call starts anew.
  expect(robagg::each(robagg::trimmed_mean{1}, robagg::openmp{})(robagg::cube(many, 10)).rows() == 10, "and then serves again");
  return failures;
}
