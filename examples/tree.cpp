// SPDX-License-Identifier: BSL-1.0
// A tree of processes on one machine: twelve leaves report to three middles, those to the root. Once through shared memory,
// where a report is written once and read where it is; once through sockets, which copy it at every step. Linear rules fold
// each report as it comes (running, O(d) memory); robust ones wait for all of them. A leaf that is killed takes its own report
// with it, and the root says whose.
#include <cstdio>

#if !defined(__unix__) && !defined(__APPLE__)
int main() { std::puts("this example needs POSIX"); }
#else

#include <robagg/diagnose.hpp>
#include <robagg/robagg.hpp>
#include <robagg/running.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

constexpr int leaves = 12, middles = 3, killed = 7;
constexpr robagg::Index d = 200'000;
using report = Eigen::Map<Eigen::VectorXf>;
using steady = std::chrono::steady_clock;

int must(int result, char const* what) {
  if (result < 0) std::perror(what), std::_Exit(2);
  return result;
}

// What a leaf has learned: leaves 1 and 10 lie.
void learn(int leaf, report to) {
  std::minstd_rand random(static_cast<unsigned>(leaf) + 1);
  for (float& x : to) x = (leaf == 1 || leaf == 10 ? -10.f : 1.f) + static_cast<float>(random() % 1000) * 2e-4f;
}

// POSIX shared memory: all reports, whether they are complete, and what the middles fold.
class shared_memory {
 public:
  struct middle_state {
    std::size_t size;
    std::byte bytes[4 * sizeof(double) * d + 256];  // running, packed
  };
  struct layout {
    std::atomic<int> complete[leaves];
    middle_state folded[middles];
    float reports[leaves][d];
  };
  shared_memory() {
    std::string const name = "/robagg-tree-" + std::to_string(getpid());
    int const file = must(shm_open(name.c_str(), O_CREAT | O_EXCL | O_RDWR, 0600), "shm_open");
    shm_unlink(name.c_str());  // it lives as long as it is mapped
    must(ftruncate(file, sizeof(layout)), "ftruncate");
    void* const at = mmap(nullptr, sizeof(layout), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    must(at == MAP_FAILED ? -1 : close(file), "mmap");
    memory_ = static_cast<layout*>(at);
  }
  ~shared_memory() { munmap(memory_, sizeof(layout)); }
  shared_memory(shared_memory const&) = delete;
  shared_memory& operator=(shared_memory const&) = delete;
  layout* operator->() const { return memory_; }

 private:
  layout* memory_;
};

template <class Work>
pid_t start(Work const& work) {
  pid_t const child = must(fork(), "fork");
  if (child == 0) work(), std::_Exit(0);
  return child;
}

struct answer {
  Eigen::VectorXf robust;
  Eigen::VectorXd mean, weights;
  std::vector<int> lost;
  double milliseconds = 0;
};
answer decide(std::vector<float const*> const& rows, std::vector<robagg::running> const& folded, std::vector<int> lost,
              steady::time_point began) {
  std::chrono::duration<double, std::milli> const arrived = steady::now() - began;
  robagg::running all(d);
  for (auto const& state : folded) all.merge(state);
  auto const seen = robagg::diagnose(robagg::nearest_neighbour_mixing{.f = 2} | robagg::krum{.f = 2}, robagg::rows_of(rows, d));
  return {seen.result, all.mean(), seen.weights, std::move(lost), arrived.count()};
}

answer through_shared_memory() {
  shared_memory const memory;
  auto const began = steady::now();
  std::vector<pid_t> others;
  for (int m = 0; m < middles; ++m) {
    others.push_back(start([&] {
      std::vector<pid_t> own;
      for (int leaf = m; leaf < leaves; leaf += middles) {
        own.push_back(start([&] {
          learn(leaf, report(memory->reports[leaf], d));
          if (leaf == killed) raise(SIGKILL);
          memory->complete[leaf].store(1, std::memory_order_release);
        }));
      }
      robagg::running folded(d);
      for (std::size_t k = 0; k < own.size(); ++k) {
        waitpid(own[k], nullptr, 0);
        int const leaf = m + static_cast<int>(k) * middles;
        if (memory->complete[leaf].load(std::memory_order_acquire)) folded.add(report(memory->reports[leaf], d));
      }
      auto const bytes = folded.pack();
      std::copy(bytes.begin(), bytes.end(), memory->folded[m].bytes);
      memory->folded[m].size = bytes.size();
    }));
  }
  std::vector<int> lost;
  std::vector<float const*> rows;
  std::vector<robagg::running> folded;
  for (int m = 0; m < middles; ++m) {
    waitpid(others[static_cast<std::size_t>(m)], nullptr, 0);
    folded.push_back(robagg::running::unpack({memory->folded[m].bytes, memory->folded[m].size}));
  }
  for (int leaf = 0; leaf < leaves; ++leaf)
    memory->complete[leaf].load() ? rows.push_back(memory->reports[leaf]) : lost.push_back(leaf);
  return decide(rows, folded, std::move(lost), began);
}

// read or write until everything is through, or the other end is gone.
bool transfer(auto call, int end, auto* data, std::size_t count) {
  std::size_t left = count * sizeof(*data);
  for (auto at = reinterpret_cast<std::uintptr_t>(data); left > 0;) {
    auto const done = call(end, reinterpret_cast<decltype(data)>(at), left);
    if (done <= 0) return false;
    at += static_cast<std::size_t>(done), left -= static_cast<std::size_t>(done);
  }
  return true;
}
// A process and the socket to it.
template <class Work>
int connected(Work const& work) {
  int ends[2];
  must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
  start([&] { close(ends[0]), work(ends[1]); });
  close(ends[1]);
  return ends[0];
}

answer through_sockets() {
  auto const began = steady::now();
  std::vector<int> others;
  for (int m = 0; m < middles; ++m) {
    others.push_back(connected([m](int up) {
      std::vector<int> own;
      for (int leaf = m; leaf < leaves; leaf += middles) {
        own.push_back(connected([leaf](int middle) {
          Eigen::VectorXf values(d);
          learn(leaf, report(values.data(), d));
          if (leaf == killed) raise(SIGKILL);
          transfer(write, middle, values.data(), d);
        }));
      }
      robagg::running folded(d);
      Eigen::VectorXf values(d);
      for (int const leaf : own) {
        char const complete = transfer(read, leaf, values.data(), d);
        transfer(write, up, &complete, 1);
        if (complete) folded.add(values), transfer(write, up, values.data(), d);
      }
      auto const bytes = folded.pack();
      auto const size = bytes.size();
      transfer(write, up, &size, 1), transfer(write, up, bytes.data(), size);
    }));
  }
  std::vector<int> lost;
  std::vector<std::vector<float> > reports(leaves);
  std::vector<float const*> rows;
  std::vector<robagg::running> folded;
  for (int m = 0; m < middles; ++m) {
    int const from = others[static_cast<std::size_t>(m)];
    for (int leaf = m; leaf < leaves; leaf += middles) {
      char complete = 0;
      auto& values = reports[static_cast<std::size_t>(leaf)];
      if (transfer(read, from, &complete, 1) && complete) values.resize(d), transfer(read, from, values.data(), d);
    }
    std::size_t size = 0;
    transfer(read, from, &size, 1);
    std::vector<std::byte> bytes(size);
    transfer(read, from, bytes.data(), size), close(from);
    folded.push_back(robagg::running::unpack(bytes));
  }
  for (int leaf = 0; leaf < leaves; ++leaf) {
    auto const& values = reports[static_cast<std::size_t>(leaf)];
    values.empty() ? lost.push_back(leaf) : rows.push_back(values.data());
  }
  while (waitpid(-1, nullptr, 0) > 0) {}
  return decide(rows, folded, std::move(lost), began);
}

}  // namespace

int main() {
  answer const shared = through_shared_memory(), sent = through_sockets();
  std::printf("lost: leaf %d; %td of %d reports\n", shared.lost.empty() ? -1 : shared.lost[0], shared.weights.size(), leaves);
  std::printf("mean %.3f, robust %.3f\n", shared.mean.mean(), static_cast<double>(shared.robust.mean()));
  std::printf("until all has arrived: shared memory %.1f ms, sockets %.1f ms\n", shared.milliseconds, sent.milliseconds);
  bool const right = shared.lost == std::vector<int>{killed} && sent.lost == shared.lost && shared.robust == sent.robust &&
                     shared.mean == sent.mean && shared.mean.mean() < 0 && std::abs(shared.robust.mean() - 1.1f) < .02f;
  return right ? 0 : 1;
}
#endif
