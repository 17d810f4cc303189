// SPDX-License-Identifier: BSL-1.0
// robagg-bench-data n d FILE: writes the table that the benchmarks read as n x d floats, row by row, and its
// median, d floats, to FILE.median: programs in other languages read the same, and can tell.
#include "tables.hpp"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>

static bool write(std::string const& file, robagg::table<float> const& x) {
  std::ofstream out(file, std::ios::binary);
  out.write(reinterpret_cast<char const*>(x.data()),
            static_cast<std::streamsize>(x.size()) * static_cast<std::streamsize>(sizeof(float)));
  return static_cast<bool>(out.flush());
}

int main(int argc, char** argv) {
  robagg::Index const n = argc == 4 ? std::atoll(argv[1]) : 0, d = argc == 4 ? std::atoll(argv[2]) : 0;
  if (n < 1 || d < 1) {
    std::cerr << "usage: robagg-bench-data n d FILE\n";
    return 2;
  }
  robagg_bench::cells<float> next(n, d);
  robagg::table<float> x(n, d);
  for (robagg::Index k = 0; k < n * d; ++k) x.data()[k] = next();
  robagg::table<float> const y = robagg::median{}(x).transpose();
  std::string const file = argv[3];
  if (!write(file, x) || !write(file + ".median", y)) {
    std::cerr << "robagg-bench-data: cannot write " << file << "\n";
    return 1;
  }
}
