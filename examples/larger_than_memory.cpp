// SPDX-License-Identifier: BSL-1.0
// Updates in a file that is never in memory as a whole: krum, slice by slice. The file holds 24 rows of a million
// floats (96 MB); a slice takes 3 MB.
#include <robagg/geometry_state.hpp>
#include <robagg/parallel.hpp>
#include <robagg/robagg.hpp>
#include <robagg/running.hpp>

#include <cstdio>
#include <fstream>
#include <random>
#include <vector>

namespace {

constexpr robagg::Index rows = 24, columns = 1'000'000, slice = 64 * robagg::geometry_state::alignment;

// Columns [first, first + width) of every row of the file.
robagg::table<float> read(std::ifstream& file, robagg::Index first, robagg::Index width) {
  robagg::table<float> part(rows, width);
  for (robagg::Index i = 0; i < rows; ++i) {
    file.seekg(static_cast<std::streamoff>((i * columns + first) * static_cast<robagg::Index>(sizeof(float))));
    file.read(reinterpret_cast<char*>(part.row(i).data()),
              static_cast<std::streamsize>(width * static_cast<robagg::Index>(sizeof(float))));
  }
  return part;
}

}  // namespace

int main() {
  char const* const path = "larger_than_memory.bin";
  {
    std::ofstream file(path, std::ios::binary);
    std::mt19937 random(1);
    std::vector<float> row(columns);
    for (robagg::Index i = 0; i < rows; ++i) {
      for (float& x : row) x = static_cast<float>(random()) * (i < 5 ? 1e-5f : 1e-9f);  // the first five lie
      file.write(reinterpret_cast<char const*>(row.data()), static_cast<std::streamsize>(row.size() * sizeof(float)));
    }
  }

  std::ifstream file(path, std::ios::binary);
  auto const each_slice = [&](auto const& visit) {
    for (robagg::Index j = 0; j < columns; j += slice) visit(j, read(file, j, std::min(slice, columns - j)));
  };
  robagg::geometry_state state(rows);
  auto const add_all = [&] { each_slice([&](robagg::Index j, auto const& part) { state.add(part, j, robagg::threads{}); }); };
  add_all();
  if (!state.complete()) state.next_round(), add_all();  // where rows are far
  Eigen::VectorXd const weights = state.weights(robagg::multi_krum{.f = 5});

  Eigen::VectorXf result(columns);  // or written to a file, slice by slice
  robagg::workspace ws;
  each_slice([&](robagg::Index j, auto const& part) {
    robagg::combine(weights, part, result.segment(j, part.cols()), ws, robagg::threads{});
  });

  // What needs no geometry can be had in one pass, report by report.
  robagg::running arrived(slice);
  for (robagg::Index i = 0; i < rows; ++i) arrived.add(read(file, 0, slice).row(i));

  std::printf("the five liars weigh %g in all; the result is about %.2f, the mean of all about %.0f\n", weights.head(5).sum(),
              static_cast<double>(result.mean()), arrived.mean().mean());
  std::remove(path);
  return weights.head(5).sum() == 0 && result.maxCoeff() < 5 ? 0 : 1;
}
