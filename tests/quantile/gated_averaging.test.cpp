// SPDX-License-Identifier: BSL-1.0
// Weights from logits: by hand, at extremes, and what is refused.
#include "laws.hpp"

using namespace robagg_test;
using robagg::gated_averaging;

TEST_CASE("a gate's weights are the softmax of its logits") {
  matrix const q{{0, 1, 2}, {4, 6, 8}};
  std::vector<double> const even{7, 7}, log3{0, std::log(3.)}, huge{1e308, -1e308}, closed{-infinity, 5};
  CHECK(difference(numbers_of(gated_averaging{even}(q)), matrix{{2, 3.5, 5}}) <= 1e-15);
  CHECK(difference(numbers_of(gated_averaging{log3}(q)), matrix{{3, 4.75, 6.5}}) <= 1e-14);
  CHECK(same_bits(numbers_of(gated_averaging{huge}(q)), matrix{{0, 1, 2}}));
  CHECK(same_bits(numbers_of(gated_averaging{closed}(matrix{{not_a_number, infinity, 1}, {4, 6, 8}})), matrix{{4, 6, 8}}));
  std::vector<double> const by_level{0, std::log(3.), -infinity, 0, 0, 0};
  CHECK(difference(numbers_of(gated_averaging{by_level}(q)), matrix{{2, 2.25, 8}}) <= 1e-14);
  std::vector<double> const w{3, 1}, off{1, 0};
  CHECK(difference(numbers_of(gated_averaging{log3}(robagg::weighted(q, w))), matrix{{2, 3.5, 5}}) <= 1e-14);
  CHECK(same_bits(numbers_of(gated_averaging{log3}(robagg::weighted(q, off))), matrix{{0, 1, 2}}));
  std::vector<double> const absent_first{1e308, 0}, second{0, 1};
  CHECK(same_bits(numbers_of(gated_averaging{absent_first}(robagg::weighted(q, second))), matrix{{4, 6, 8}}));
  CHECK(std::isnan(gated_averaging{even}(matrix{{not_a_number}, {1}})(0)));
}

TEST_CASE("a gated average obeys its laws") {
  std::vector<double> const logits{.3, -1, 2, 0, .5};
  auto gate = subject_of(gated_averaging{logits});
  gate.rows = 5;
  check_laws(gate, {translation_equivariant, scale_equivariant, same_bits_in_any_order_of_storage, no_columns});
  std::vector<double> const three{1, 2, 3}, nan{0, not_a_number}, above{0, infinity}, none{-infinity, -infinity};
  check_refuses(gated_averaging{three}, gauss(2, 4),
                {"gated_averaging: needs a logit for each model, or for each level of each", "logits = 3"});
  check_refuses(gated_averaging{nan}, gauss(2, 4), {"needs logits below +infinity, not NaN", "at = 1"});
  check_refuses(gated_averaging{above}, gauss(2, 4), {"needs logits below +infinity"});
  check_refuses(gated_averaging{none}, gauss(2, 4), {"needs a model that is not closed"});
}
