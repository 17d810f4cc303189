// SPDX-License-Identifier: BSL-1.0
// robagg-bench: Google Benchmark's options, and
//   --quick        a selection: float, long rows, and what compares with others from 3 x 1 to 1000 rows, up to half a second a
//   call
//   --cells=N      no table has more cells (5e8; quick 5e7)
#include "bench.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <map>
#include <new>
#include <set>

namespace robagg_bench {
namespace {

struct shape {
  Index n, d;
  auto operator<=>(shape const&) const = default;
};

// What others are asked for at every shape (bench/peers/peers.py).
std::set<std::string> const compared = {"mean",
                                        "worst_case",
                                        "median",
                                        "trimmed_mean",
                                        "mean_around_median",
                                        "krum",
                                        "nearest_neighbour_mixing|trimmed_mean",
                                        "clip",
                                        "clip|mean",
                                        "adaptive_clip",
                                        "nearest_to",
                                        "comparative_gradient_elimination",
                                        "centered_clipping",
                                        "geometric_median"};
constexpr double longest_call = .5;  // seconds, where that is a limit

struct selection {
  bool quick = false;
  double cells = 0;  // 0: not said

  // As long as fits, and even that not absurdly.
  Index longest(Index n) const {
    double const most = cells > 0 ? cells : quick ? 5e7 : 5e8;
    return std::min<Index>(10'000'000, static_cast<Index>(most / static_cast<double>(n)) / 1000 * 1000);
  }

  std::set<shape> shapes(subject const& s, bool is_float, storage kind) const {
    std::set<shape> at;
    if (quick && !is_float) return at;
    for (auto const& [n, d] : s.at) at.insert({n, d});
    if (!s.at.empty()) return at;
    if (is_float && kind == row_major && s.peer.empty() && compared.contains(s.name)) {
      double const most = cells > 0 ? 2 * cells : 1e8;
      for (Index const n : {3, 7, 25, 64, 200, 1000}) {
        for (Index const d : {1, 16, 1000, 100'000, 1'000'000}) {
          if (static_cast<double>(n * d) <= most) at.insert({n, d});
        }
      }
    }
    auto const add = [&](std::initializer_list<Index> heights, std::initializer_list<Index> lengths) {
      for (Index const n : heights) {
        for (Index const d : lengths) at.insert({n, d > 0 ? std::min(d, longest(n)) : longest(n)});
      }
    };
    // Long rows, and the heights and lengths at which others are timed.
    Index const longer = 0;
    if (s.shapes == grid::small) {
      quick ? add({25}, {1'000'000}) : add({9, 25, 64}, {10'000, 1'000'000});
    } else if (s.shapes == grid::geometric) {
      add({25, 64}, {100'000}), add({64}, {65'536}), add({8, 16, 25, 64}, {1'000'000}), add({128}, {100'000});
      std::erase_if(at, [&](shape const& x) { return x.d > longest(x.n); });
    } else if (s.shapes == grid::weighted) {
      add({9, 16, 25}, {100'000, longer});
      if (quick) std::erase_if(at, [&](shape const& x) { return x.d != longest(x.n); });
    } else {
      bool const peers = s.shapes == grid::peers;
      if (peers || (quick && kind != rows_of)) add({9, 16, 25, 64, 256}, {100'000});
      if (kind == row_major) add({64}, {65'536});  // published measurements
      if (peers) return at;
      if (!quick) add({3, 5, 9, 15, 16, 25, 32, 51, 64, 100, 128, 256}, {1000, 100'000, longer});
      if (quick && kind == row_major) add({9, 15, 16, 25, 32, 64, 128, 256}, {longer});
      if (quick && kind != row_major) add({9, 25, 64}, {longer});
    }
    return at;
  }
};

// Small tables are many, which calls read in turn: of one that is read again and again a processor learns every branch.
constexpr Index tables_of(shape at) { return std::clamp<Index>(65'536 / (at.n * at.d), 1, 64); }

// The tables and the operator of the last benchmark: the next often needs the same.
struct {
  std::string table_name, call_name;
  std::vector<std::shared_ptr<void const>> tables;
  std::vector<std::unique_ptr<call>> started;
  double read = 1e30;  // the fastest plain read of the first table so far
} last;

template <class T>
stored_table<T> const& table_of(shape at, storage kind, Index number) {
  std::string const name = std::to_string(sizeof(T)) + name_of(kind) + std::to_string(at.n) + "x" + std::to_string(at.d);
  if (last.table_name != name) {
    last = {};
    for (Index k = 0; k < tables_of(at); ++k) { last.tables.push_back(std::make_shared<stored_table<T>>(at.n, at.d, kind, k)); }
    last.table_name = name;
  }
  return *static_cast<stored_table<T> const*>(last.tables[static_cast<std::size_t>(number)].get());
}

template <class T>
std::unique_ptr<call> start_on(subject const& s, stored_table<T> const& x) {
  if constexpr (std::is_same_v<T, float>) {
    return s.on_float(x);
  } else {
    return s.on_double(x);
  }
}

// Google Benchmark calls a benchmark several times; one check is enough for a height and a storage.
template <class T>
bool right(subject const& s, shape at, storage kind) {
  static std::map<std::tuple<subject const*, Index, storage>, bool> known;
  auto const [found, fresh] = known.try_emplace({&s, at.n, kind}, false);
  if (fresh) {
    stored_table<T> const x(at.n, std::min<Index>(at.d, 517), kind);
    auto const started = start_on(s, x);
    started->run();
    matrix cells(x.n, x.d);
    for (Index i = 0; i < x.n; ++i) {
      for (Index j = 0; j < x.d; ++j) cells(i, j) = static_cast<double>(x.at(i, j));
    }
    found->second = s.right(started->result(), cells, std::is_same_v<T, float> ? 1e-5 : 1e-9);
  }
  return found->second;
}

template <class T>
void measure(benchmark::State& state, subject const& s, std::string const& name, shape at, storage kind, bool limited) try {
  if (!right<T>(s, at, kind)) {
    state.SkipWithError("the result differs from the reference");
    return;
  }
  auto const& x = table_of<T>(at, kind, 0);
  if (last.call_name != name) {
    last.started.clear();
    for (Index k = 0; k < tables_of(at); ++k) last.started.push_back(start_on(s, table_of<T>(at, kind, k)));
    last.call_name = name;
    auto const start = std::chrono::steady_clock::now();
    for (auto const& started : last.started) started->run();  // workspaces grow, pages appear
    if (limited && seconds_since(start) > longest_call) {
      last.call_name.clear();
      state.SkipWithError("takes longer than half a second");
      return;
    }
  }
  last.read = std::min(last.read, x.plain_read());
  double const bytes = static_cast<double>((s.one_row ? at.d : at.n * at.d) * static_cast<Index>(sizeof(T)));
  std::size_t next = 0;
  double const seconds = fastest(state, bytes, [&] {
    last.started[next]->run();
    next = next + 1 < last.started.size() ? next + 1 : 0;
  });
  if (!s.one_row) state.counters["of_a_read"] = last.read / seconds;
} catch (std::bad_alloc const&) {
  last = {};
  state.SkipWithError("not enough memory for this table");
}

void enter(selection const& chosen) {
  // Table by table, so that each is made once.
  for (bool const is_float : {true, false}) {
    for (storage const kind : {row_major, column_major, rows_of}) {
      std::map<shape, std::vector<subject const*>> readers;
      for (auto const& s : subjects()) {
        if ((s.storages & kind) == 0) continue;
        for (shape const at : chosen.shapes(s, is_float, kind)) readers[at].push_back(&s);
      }
      for (auto const& [at, all] : readers) {
        for (subject const* s : all) {
          std::string const name = s->name + (is_float ? "/float/" : "/double/") + name_of(kind) + "/" + std::to_string(at.n) +
                                   "/" + std::to_string(at.d) + (s->peer.empty() ? "" : "/" + s->peer);
          auto const run = [=, at = at, limited = chosen.quick](benchmark::State& state) {
            is_float ? measure<float>(state, *s, name, at, kind, limited) : measure<double>(state, *s, name, at, kind, limited);
          };
          benchmark::RegisterBenchmark(name.c_str(), run)->Unit(benchmark::kMillisecond);
        }
      }
    }
  }
}

}  // namespace
}  // namespace robagg_bench

int main(int argc, char** argv) {
  robagg_bench::selection chosen;
  int kept = 1;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--quick") == 0) {
      chosen.quick = true;
    } else if (std::strncmp(argv[i], "--cells=", 8) == 0) {
      chosen.cells = std::atof(argv[i] + 8);
    } else {
      argv[kept++] = argv[i];
    }
  }
  argc = kept;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  robagg_bench::enter(chosen);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
