// SPDX-License-Identifier: BSL-1.0
// Greedy covers: the same as looking at every row each time, and 1 - 1/e of the best by trying all.
#include "laws.hpp"

#include <robagg/mixture/greedy_cover.hpp>

using namespace robagg_test;
using robagg::greedy_cover;

namespace {

using cover_values = std::vector<double>;

double covered(matrix const& x, cover_values const& value, std::vector<Index> const& rows) {
  double sum = 0;
  for (Index j = 0; j < x.cols(); ++j) {
    bool const has = std::any_of(rows.begin(), rows.end(), [&](Index i) { return x(i, j) != 0; });
    sum += has ? value[static_cast<std::size_t>(j)] : 0;
  }
  return sum;
}
std::vector<Index> eagerly(matrix const& x, cover_values value, Index k) {
  std::vector<Index> rows;
  for (Index round = 0; round < k; ++round) {
    Index best = -1;
    double most = 0;
    for (Index i = 0; i < x.rows(); ++i) {
      double gain = 0;
      for (Index j = 0; j < x.cols(); ++j) gain += x(i, j) != 0 ? value[static_cast<std::size_t>(j)] : 0;
      if (gain > most) best = i, most = gain;
    }
    if (best < 0) break;
    for (Index j = 0; j < x.cols(); ++j) value[static_cast<std::size_t>(j)] *= x(best, j) == 0;
    rows.push_back(best);
  }
  return rows;
}

}  // namespace

TEST_CASE("a greedy cover by hand") {
  matrix const x{{1, 1, 1, 0, 0}, {0, 1, 1, 1, 0}, {0, 0, 0, 1, 1}, {0, 0, 0, 0, 0}};
  auto const found = greedy_cover{2}(x);
  CHECK((found.rows == std::vector<Index>{0, 2} && found.value == 5));
  CHECK(greedy_cover{9}(x).rows.size() == 2);  // nothing is left
  CHECK(greedy_cover{0}(x).rows.empty());
  CHECK(greedy_cover{1}(x, cover_values{0, 0, 0, 0, 7}).rows == std::vector<Index>{2});
  CHECK(greedy_cover{3}(x, cover_values{0, 0, 0, 0, 0}).rows.empty());
  CHECK(greedy_cover{1}(matrix{{.5, -2}, {1, 1}}).rows == std::vector<Index>{0});  // not 0 is had; ties to the first
  CHECK(greedy_cover{1}(matrix(0, 3)).rows.empty());
}

TEST_CASE("a lazy cover is the greedy one, at least 1 - 1/e of the best") {
  numbers random(3);
  double worst = 1;
  for (int trial = 0; trial < 600; ++trial) {
    Index const n = 1 + random.below(9), d = 1 + random.below(9), k = 1 + random.below(4);
    matrix x(n, d);
    for (Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<double>(random.below(3) == 0);
    cover_values value;
    for (Index j = 0; j < d; ++j) value.push_back(trial % 2 == 0 ? static_cast<double>(1 + random.below(3)) : random.uniform());
    auto const found = greedy_cover{k}(x, value);
    CHECK(found.rows == eagerly(x, value, k));
    CHECK(std::abs(found.value - covered(x, value, found.rows)) <= 1e-14);
    double best = 0;
    for (auto const& rows : reference::subsets(n, std::min(n, k))) best = std::max(best, covered(x, value, rows));
    CHECK(found.value >= (1 - std::exp(-1)) * best - 1e-14);
    if (best > 0) worst = std::min(worst, found.value / best);
  }
  CHECK(worst < .95);  // it is not exact
  matrix many(400, 300);
  for (Index i = 0; i < many.size(); ++i) many.data()[i] = static_cast<double>(random.below(40) == 0);
  CHECK(greedy_cover{60}(many).rows == eagerly(many, cover_values(300, 1), 60));
}

TEST_CASE("covers refuse what is none and change nothing") {
  matrix const x{{1, 0}, {0, 1}};
  robagg::cover kept{{5}, 3};
  robagg::workspace ws;
  auto const says = [&](Index k, matrix const& table, cover_values const& value, char const* rule) {
    CHECK_THROWS_WITH(greedy_cover{k}.into(table, value, kept, ws), Catch::Contains(rule));
    CHECK((kept.rows == std::vector<Index>{5} && kept.value == 3));
  };
  says(-1, x, {1, 1}, "greedy_cover: needs k >= 0");
  says(1, x, {1}, "needs a value for each element");
  for (double const bad : {-1., not_a_number, infinity}) says(1, x, {1, bad}, "needs finite values >= 0");
  says(1, matrix{{1, not_a_number}}, {1, 1}, "needs a table without NaN");
}
