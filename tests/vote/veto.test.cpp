// SPDX-License-Identifier: BSL-1.0
#include "laws.hpp"

using namespace robagg_test;
using robagg::veto, robagg::when_empty;

namespace {

matrix slow_veto(matrix const& x, double threshold, Index quorum) {
  matrix y(1, x.cols());
  for (Index j = 0; j < x.cols(); ++j) {
    Index flags = 0;
    for (Index i = 0; i < x.rows(); ++i) flags += !(x(i, j) < threshold);
    y(0, j) = flags >= quorum;
  }
  return y;
}

}  // namespace

TEST_CASE("one judge is enough, or a quorum") {
  matrix const x{{.9, .1, .1, .5, not_a_number}, {.1, .1, .8, .1, 0}, {.2, .1, .7, 0, 0}};
  CHECK(numbers_of(veto{.threshold = .5}(x)) == matrix{{1, 0, 1, 1, 1}});
  CHECK(numbers_of(veto{.threshold = .5, .quorum = 2}(x)) == matrix{{0, 0, 1, 0, 0}});
  CHECK(numbers_of(veto{.threshold = .05, .quorum = 3}(x)) == matrix{{1, 1, 1, 0, 0}});
  CHECK(numbers_of(veto{.threshold = infinity}(matrix{{1e308, infinity, not_a_number}})) == matrix{{0, 1, 1}});
  CHECK(numbers_of(veto{.threshold = -infinity}(matrix{{-infinity}})) == matrix{{1}});
}

TEST_CASE("veto agrees with its definition") {
  check_reference(subject_of(veto{.threshold = .25}), [](matrix const& x) { return slow_veto(x, .25, 1); });
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    matrix x = sample(family::gauss, 7, 40, seed);
    x(3, 5) = x(2, 5) = not_a_number;
    CHECK(same_bits(in<double>(veto{.threshold = .25, .quorum = 3}, x), slow_veto(x, .25, 3)));
    CHECK(same_bits(in<float>(veto{.threshold = .25, .quorum = 3}, x), slow_veto(x.cast<float>().cast<double>(), .25, 3)));
  }
  // A threshold that float does not have: .1f is above .1, and the largest float below .1 is not.
  robagg::table<float> const x{{.1f, std::nextafter(.1f, 0.f)}};
  CHECK(numbers_of(veto{.threshold = .1}(x)) == matrix{{1, 0}});
  robagg::table<float> const y{{.3f, std::nextafter(.3f, 1.f)}};
  CHECK(numbers_of(veto{.threshold = .3}(y)) == matrix{{static_cast<double>(.3f) >= .3 ? 1. : 0., 1}});
}

TEST_CASE("what nobody has judged is refused") {
  matrix const none(0, 3);
  CHECK(numbers_of(veto{.threshold = .5}(none)) == matrix{{1, 1, 1}});
  CHECK(numbers_of(veto{.threshold = .5, .empty = when_empty::accept}(none)) == matrix{{0, 0, 0}});
  matrix const x{{not_a_number, .9, not_a_number}, {not_a_number, not_a_number, .1}};
  CHECK(numbers_of(veto{.threshold = .5}(robagg::skip_nan(x))) == matrix{{1, 1, 0}});
  CHECK(numbers_of(veto{.threshold = .5, .empty = when_empty::accept}(robagg::skip_nan(x))) == matrix{{0, 1, 0}});
}

TEST_CASE("the price of asking many judges") {
  // All outcomes of m judges with 2 % false alarms.
  for (auto const& [m, price] : {std::pair{3, .0588}, {5, .0961}, {10, .1829}}) {
    double refused = 0;
    matrix x(m, 1);
    for (int outcome = 0; outcome < 1 << m; ++outcome) {
      double chance = 1;
      for (int i = 0; i < m; ++i) x(i, 0) = outcome >> i & 1, chance *= x(i, 0) > 0 ? .02 : .98;
      refused += chance * veto{.threshold = 1}(x)(0);
    }
    CHECK(std::abs(refused - price) < 5e-5);
  }
}

TEST_CASE("veto obeys its laws") {
  auto const s = subject_of(veto{.threshold = .25});
  check_laws(s, {permutation_invariant, same_bits_in_any_order_of_storage, slices_glue, workspace_settles, no_columns,
                 subset_is_those_rows});
  check_four_inputs(veto{.threshold = .25});
  check_outputs(veto{.threshold = .25});
  matrix const x = gauss(3, 2);
  check_refuses(veto{.threshold = .5, .quorum = 4}, x, {"veto: needs 1 <= quorum <= m", "quorum = 4", "m = 3"});
  check_refuses(veto{.threshold = .5, .quorum = 0}, x, {"veto: needs 1 <= quorum <= m"});
  check_refuses(veto{.threshold = not_a_number}, x, {"veto: needs a threshold that is not NaN"});
}
