// SPDX-License-Identifier: BSL-1.0
#include <robagg/mpi.hpp>

#include <cstdio>

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  auto const size = robagg::mpi_communicator(MPI_COMM_WORLD).size();
  MPI_Finalize();
  std::printf("one rank: %s\n", size == 1 ? "yes" : "no");
  return size == 1 ? 0 : 1;
}
