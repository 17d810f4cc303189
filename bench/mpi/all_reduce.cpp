// SPDX-License-Identifier: BSL-1.0
// Robust all-reduces beside MPI_Allreduce(MPI_SUM): mpirun -n 2 robagg-bench-mpi. Answers are checked before the clock starts.
#include <robagg/all_reduce.hpp>
#include <robagg/location/median.hpp>
#include <robagg/location/trimmed_mean.hpp>
#include <robagg/mpi.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  bool right = true;
  {
    robagg::mpi_communicator ranks(MPI_COMM_WORLD);
    robagg::Index const d = robagg::Index{4} << 20;
    auto const n = static_cast<float>(ranks.size());
    Eigen::VectorXf mine(d), sums(d), out(d);
    std::mt19937 random(static_cast<unsigned>(ranks.rank()));
    for (auto& x : mine) x = static_cast<float>(random() % 1000);
    robagg::workspace of_median, of_mean;
    auto const median = robagg::robust_all_reduce(robagg::median{}, ranks);
    auto const mean = robagg::robust_all_reduce(robagg::trimmed_mean{.f = 0}, ranks);
    auto const run = [&](int what) {
      if (what == 0) MPI_Allreduce(mine.data(), sums.data(), static_cast<int>(d), MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
      if (what == 1) median.into(mine, out, of_median);
      if (what == 2) mean.into(mine, out, of_mean);
    };
    run(0), run(1), run(2);
    right = (out - sums / n).cwiseAbs().maxCoeff() < 1e-3f;
    std::vector<double> times[3];
    for (int round = 0; round < 25; ++round) {
      for (int what = 0; what < 3; ++what) {
        MPI_Barrier(MPI_COMM_WORLD);
        double const start = MPI_Wtime();
        run(what);
        MPI_Barrier(MPI_COMM_WORLD);
        times[what].push_back(MPI_Wtime() - start);
      }
    }
    char const* const names[] = {"MPI_Allreduce(MPI_SUM)", "median", "trimmed_mean{.f = 0}"};
    for (int what = 0; what < 3; ++what) {
      std::ranges::sort(times[what]);
      double const middle = times[what][12];
      if (ranks.rank() == 0) std::printf("%-24s %7.2f ms  %.2f\n", names[what], 1e3 * middle, middle / times[0][12]);
    }
  }
  MPI_Finalize();
  return right ? 0 : 1;
}
