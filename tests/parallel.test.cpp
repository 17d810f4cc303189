// SPDX-License-Identifier: BSL-1.0
// Slices: the same bits for any executor and any number of threads, one child workspace each.
#include "laws.hpp"

#include <robagg/parallel.hpp>

#include <atomic>
#include <functional>
#include <stdexcept>
#include <thread>

using namespace robagg_test;

namespace {
// Counts tasks and runs them backwards.
struct backwards {
  int* tasks;
  void operator()(Index count, auto const& task) const {
    for (Index i = count; i-- > 0; ++*tasks) task(i);
  }
};

// The pool of a user, whose threads must not see exceptions; it takes tasks as std::function.
struct own_pool {
  void operator()(Index count, std::function<void(Index)> task) const {
    std::vector<std::jthread> workers;
    for (Index t = 0; t < 2; ++t) {
      workers.emplace_back([=] {
        for (Index i = t; i < count; i += 2) task(i);
      });
    }
  }
};
struct fails_itself {
  void operator()(Index, auto const&) const { throw std::runtime_error("no threads left"); }
};
void serially(Index count, std::function<void(Index)> const& task) {
  for (Index i = 0; i < count; ++i) task(i);
}
struct takes_pointers {
  void operator()(Index, void (*)(Index)) const {}
};
struct changes_itself {
  void operator()(Index, auto const&) {}
};

template <class T>
void check_slices(auto const& op) {
  INFO(robagg::describe(op));
  robagg::table<T> const x = sample(family::gauss, 9, 40'013, 5).cast<T>();
  matrix const alone = numbers_of(op(x));
  int tasks = 0;
  CHECK(same_bits(numbers_of(robagg::sliced(op, backwards{&tasks})(x)), alone));
  CHECK(tasks > 1);
  for (Index const count : {1, 2, 5}) CHECK(same_bits(numbers_of(robagg::sliced(op, robagg::threads{count})(x)), alone));
  CHECK(same_bits(numbers_of(robagg::sliced(op, robagg::openmp{})(x)), alone));
  Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic> const columns = x;
  CHECK(same_bits(numbers_of(robagg::sliced(op)(columns)), alone));
}
}  // namespace

TEST_CASE("slices give the same bits as one run") {
  check_slices<float>(robagg::median{});
  check_slices<double>(robagg::trimmed_mean{2});
  check_slices<float>(robagg::mean{});
  check_slices<float>(robagg::uncertainty_weighted{.5});
}

TEST_CASE("geometric operators measure by slices, decide once and combine by slices") {
  check_slices<float>(robagg::krum{2});
  check_slices<double>(robagg::geometric_median{});
  check_slices<float>(robagg::geometric_median{.iterate = robagg::iterate::along_columns});
  check_slices<double>(robagg::centered_clipping{9, 3, robagg::iterate::along_columns});
  check_slices<float>(robagg::clip{9});
  check_slices<float>(robagg::clip{9} | robagg::mean{});
  check_slices<double>(robagg::nearest_to{1, 2});
  check_slices<float>(robagg::nearest_neighbour_mixing{2});
  check_slices<float>(robagg::nearest_neighbour_mixing{2} | robagg::trimmed_mean{2});
  // Far rows take a second read of their own, also in slices.
  robagg::table<float> x = sample(family::gauss, 9, 40'013, 5).cast<float>();
  x.row(3) *= 1e12f;
  auto const op = robagg::geometric_median{};
  CHECK(same_bits(numbers_of(robagg::sliced(op, robagg::threads{3})(x)), numbers_of(op(x))));
}

TEST_CASE("a sliced operator says what it slices") {
  CHECK(robagg::describe(robagg::sliced(robagg::trimmed_mean{2})) == "sliced(trimmed_mean{.f = 2})");
  CHECK(robagg::name(robagg::sliced(robagg::median{})) == "sliced(median)");
}

TEST_CASE("slices read weights, absent entries and mixed rows") {
  matrix const x = with_gaps(gauss(9, 20'000), 8);
  std::vector<double> const w = {1, 2, 1, 1, 3, 1, 2, 1, 1};
  auto const table = robagg::weighted(robagg::skip_nan(x), w);
  CHECK(
      same_bits(numbers_of(robagg::sliced(robagg::median{}, robagg::threads{3})(table)), numbers_of(robagg::median{}(table))));
  matrix const full = gauss(9, 20'000);
  auto const pipe = robagg::nearest_neighbour_mixing{2} | robagg::median{};
  auto const sliced_pipe = robagg::nearest_neighbour_mixing{2} | robagg::sliced(robagg::median{}, robagg::threads{3});
  CHECK(same_bits(numbers_of(sliced_pipe(full)), numbers_of(pipe(full))));
}

TEST_CASE("few columns are one slice, and what a task throws comes out") {
  int tasks = 0;
  robagg::sliced(robagg::median{}, backwards{&tasks})(gauss(5, 100));
  CHECK(tasks == 0);
  auto const thrower = [](Index i) {
    if (i == 3) throw std::runtime_error("task 3");
  };
  CHECK_THROWS_WITH(robagg::threads{2}(8, thrower), "task 3");
  check_refuses(robagg::sliced(robagg::trimmed_mean{3}), gauss(4, 3), {"trimmed_mean: needs n > 2f"});
}

TEST_CASE("a kept workspace holds the children") {
  matrix const x = gauss(9, 30'000);
  robagg::workspace ws;
  Eigen::VectorXd out(30'000);
  auto const op = robagg::sliced(robagg::median{}, robagg::threads{2});
  op.into(x, out, ws);
  auto const bytes = ws.bytes();
  CHECK(bytes > 0);
  op.into(x, out, ws);
  CHECK(ws.bytes() == bytes);
}

TEST_CASE("each runs tables at the same time, to the same bits") {
  matrix const x = gauss(60, 7);
  auto const tables = robagg::cube(x, 20);
  int tasks = 0;
  CHECK(same_bits(robagg::each(robagg::median{}, backwards{&tasks})(tables), robagg::each(robagg::median{})(tables)));
  CHECK(tasks == 20);
  CHECK(same_bits(robagg::each(robagg::clip{1}, robagg::threads{3})(tables), robagg::each(robagg::clip{1})(tables)));
  auto const alone = robagg::each(robagg::run_off{})(tables),
             together = robagg::each(robagg::run_off{}, robagg::threads{3})(tables);
  REQUIRE(together.size() == 20);
  for (std::size_t i = 0; i < 20; ++i) CHECK(same_bits(numbers_of(together[i]), numbers_of(alone[i])));
  CHECK_THROWS_AS(robagg::each(robagg::trimmed_mean{2}, robagg::threads{2})(tables), robagg::bad_input);
}

TEST_CASE("an executor takes any callable") {
  STATIC_REQUIRE(robagg::executor<robagg::threads>);
  STATIC_REQUIRE(robagg::executor<robagg::openmp>);
  STATIC_REQUIRE(robagg::executor<backwards>);
  STATIC_REQUIRE(robagg::executor<own_pool>);
  STATIC_REQUIRE(robagg::executor<decltype(&serially)>);
  STATIC_REQUIRE_FALSE(robagg::executor<int>);
  STATIC_REQUIRE_FALSE(robagg::executor<takes_pointers>);
  STATIC_REQUIRE_FALSE(robagg::executor<changes_itself>);

  robagg::table<float> const x = sample(family::gauss, 9, 40'013, 5).cast<float>();
  matrix const alone = numbers_of(robagg::median{}(x));
  CHECK(same_bits(numbers_of(robagg::sliced(robagg::median{}, own_pool{})(x)), alone));
  CHECK(same_bits(numbers_of(robagg::sliced(robagg::median{}, serially)(x)), alone));
  auto const lambda = [](Index count, auto& task) {
    for (Index i = 0; i < count; ++i) task(i);
  };
  CHECK(same_bits(numbers_of(robagg::sliced(robagg::median{}, lambda)(x)), alone));
}

TEST_CASE("what is thrown on the threads of an executor is thrown where the operator was called") {
  matrix const x = gauss(60, 7);
  auto const tables = robagg::cube(x, 20);
  CHECK_THROWS_AS(robagg::each(robagg::trimmed_mean{2}, own_pool{})(tables), robagg::bad_input);
  CHECK_THROWS_AS(robagg::each(robagg::trimmed_mean{2}, robagg::openmp{})(tables), robagg::bad_input);
  CHECK_THROWS_WITH(robagg::each(robagg::median{}, fails_itself{})(tables), "no threads left");
  CHECK_THROWS_WITH(robagg::openmp{}(8,
                                     [](Index i) {
                                       if (i == 3) throw std::runtime_error("task 3");
                                     }),
                    "task 3");
  // Nothing is left behind for the next call, and tasks after the first failure are skipped.
  robagg::workspace ws;
  matrix out(20, 7);
  auto const op = robagg::each(robagg::median{}, own_pool{});
  CHECK_THROWS_AS(robagg::each(robagg::trimmed_mean{2}, own_pool{}).into(tables, out, ws), robagg::bad_input);
  op.into(tables, out, ws);
  CHECK(same_bits(out, robagg::each(robagg::median{})(tables)));
  std::atomic<int> run = 0;
  CHECK_THROWS(robagg::threads{1}(100, [&](Index) { ++run, throw std::runtime_error("first"); }));
  CHECK(run == 1);
}
