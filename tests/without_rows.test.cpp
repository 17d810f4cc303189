// SPDX-License-Identifier: BSL-1.0
// Tables whose columns are computed where they are read: what reads them by tiles gives the same bits as for a matrix, and
// what needs rows says so.
#include "laws.hpp"

#include <robagg/any_aggregator.hpp>
#include <robagg/diagnose.hpp>
#include <robagg/parallel.hpp>

using namespace robagg_test;

namespace {

struct own_rows {
  void into(robagg::reports auto const& r, auto&& out, robagg::workspace&) const { out = r.row(0); }
};
struct own_any {
  void into(robagg::any_reports auto const& r, auto&& out, robagg::workspace&) const { out = r.row(0); }
};

// Attention of 9 queries to 700 keys, and the matrix of it.
struct attention_of_9 {
  robagg::table<float> queries = gauss(9, 8, 1).cast<float>(), keys = gauss(703, 8, 2).cast<float>();
  robagg::observation_window window = {.window = 3};
  robagg::workspace ws;
  auto lazy() { return window.attention(queries, keys, ws); }
  robagg::table<float> matrix() { return window(queries, keys); }
};
using lazy_attention = decltype(std::declval<attention_of_9&>().lazy());

}  // namespace

TEST_CASE("a table without rows is a table, but none of plain reports") {
  STATIC_REQUIRE(robagg::any_reports<lazy_attention>);
  STATIC_REQUIRE_FALSE(robagg::reports<lazy_attention>);
  using pooled = decltype(robagg::pool_rows{}.view(std::declval<lazy_attention const&>(), std::declval<robagg::workspace&>()));
  STATIC_REQUIRE_FALSE(robagg::reports<pooled>);
  STATIC_REQUIRE(reads_table<robagg::median, lazy_attention>);
  STATIC_REQUIRE(reads_table<robagg::krum, pooled>);
  STATIC_REQUIRE(reads_table<robagg::plurality, lazy_attention>);
  STATIC_REQUIRE(reads_table<decltype(robagg::clip{1} | robagg::krum{1}), lazy_attention>);
  STATIC_REQUIRE_FALSE(reads_table<robagg::ranks, lazy_attention>);
  STATIC_REQUIRE_FALSE(reads_table<robagg::boosted, pooled>);
  STATIC_REQUIRE_FALSE(reads_table<robagg::opinion_pool, lazy_attention>);
  STATIC_REQUIRE_FALSE(reads_table<robagg::self_certainty, lazy_attention>);
  STATIC_REQUIRE_FALSE(reads_table<robagg::isotonic, lazy_attention>);
  STATIC_REQUIRE_FALSE(reads_table<decltype(robagg::ranks{} | robagg::median{}), lazy_attention>);
  STATIC_REQUIRE_FALSE(reads_table<own_rows, lazy_attention>);
  STATIC_REQUIRE_FALSE(reads_table<own_any, lazy_attention>);
}

TEST_CASE("operators that read by tiles read tables without rows, to the same bits") {
  attention_of_9 a;
  auto const lazy = a.lazy();
  auto const matrix_of_it = a.matrix();
  auto const same = [&](auto const& op) {
    INFO(robagg::describe(op));
    CHECK(same_bits(numbers_of(op(lazy)), numbers_of(op(matrix_of_it))));
  };
  same(robagg::median{});
  same(robagg::mean{});
  same(robagg::interior_trimmed_mean{.3});
  same(robagg::defensive{});
  same(robagg::krum{.f = 2});
  same(robagg::geometric_median{});
  same(robagg::bulyan{.f = 1});
  same(robagg::median_of_means{.groups = 3});
  same(robagg::aksel{});
  same(robagg::trust_weighted{.row = 4});
  same(robagg::divide_and_conquer{.f = 2, .columns_sampled = 100});
  same(robagg::clip{.1});
  same(robagg::nearest_neighbour_mixing{2} | robagg::median{});
  same(robagg::clip{.1} | robagg::geometric_median{});
  same(robagg::pool_rows{} | robagg::defensive{});
  same(robagg::plurality{});
  same(robagg::any_aggregator("median"));
  same(robagg::sliced(robagg::krum{.f = 2}));
  std::vector<double> const w = {1, 2, 1, 0, 3, 1, 2, 1, 1};
  CHECK(same_bits(numbers_of(robagg::median{}(robagg::weighted(lazy, w))),
                  numbers_of(robagg::median{}(robagg::weighted(matrix_of_it, w)))));
  CHECK(same_bits(numbers_of(robagg::median{}(robagg::skip_nan(lazy))),
                  numbers_of(robagg::median{}(robagg::skip_nan(matrix_of_it)))));
  CHECK(same_bits(numbers_of(robagg::plurality{}(robagg::weighted(lazy, w))),
                  numbers_of(robagg::plurality{}(robagg::weighted(matrix_of_it, w)))));
  CHECK(robagg::weights(robagg::krum{.f = 2}, lazy) == robagg::weights(robagg::krum{.f = 2}, matrix_of_it));
  CHECK(robagg::weights(robagg::median{}, lazy) == robagg::weights(robagg::median{}, matrix_of_it));
  CHECK(robagg::diagnose(robagg::median{}, lazy).scores == robagg::diagnose(robagg::median{}, matrix_of_it).scores);
  CHECK(robagg::influence(robagg::krum{.f = 2}, lazy) == robagg::influence(robagg::krum{.f = 2}, matrix_of_it));
}

TEST_CASE("rows are pooled twice without a matrix in between") {
  attention_of_9 a;
  auto const lazy = a.lazy();
  auto const once = robagg::pool_rows{}.view(lazy, a.ws);
  robagg::table<float> const steps = robagg::pool_rows{3}(robagg::pool_rows{}(a.matrix()));
  CHECK(difference(numbers_of(robagg::pool_rows{3}(once)), numbers_of(steps)) <= 1e-6);
}
