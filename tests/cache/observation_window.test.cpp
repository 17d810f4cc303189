// SPDX-License-Identifier: BSL-1.0
// Attention from queries and keys: the softmax, the causal window, hostile logits, and rules that read it without a table.
#include "laws.hpp"

using namespace robagg_test;
using robagg::observation_window;

namespace {
matrix attended_slowly(matrix const& q, matrix const& k, Index window, double scale, bool causal) {
  Index const before = k.rows() - window;
  matrix y = matrix::Zero(q.rows(), before);
  for (Index i = 0; i < q.rows(); ++i) {
    std::vector<double> logits;
    for (Index j = 0; j < k.rows(); ++j) {
      bool const seen = !causal || j <= before + i % window;
      double const logit = seen ? q.row(i).dot(k.row(j)) * scale : -infinity;
      logits.push_back(logit == logit ? logit : -infinity);
    }
    double const top = *std::max_element(logits.begin(), logits.end());
    double sum = 0;
    for (double const l : logits) sum += top == -infinity ? 0 : std::exp(l - top);
    for (Index j = 0; j < before && sum > 0; ++j) y(i, j) = std::exp(logits[static_cast<std::size_t>(j)] - top) / sum;
  }
  return y;
}
}  // namespace

TEST_CASE("the attention of the window's queries is a causal softmax") {
  for (bool const causal : {true, false}) {
    for (Index const length : {4, 5, 37, 700}) {
      for (Index const heads : {1, 3}) {
        matrix const q = gauss(4 * heads, 6, 1), k = gauss(length, 6, 2);
        observation_window const op{.window = 4, .causal = causal};
        matrix const expected = attended_slowly(q, k, 4, 1 / std::sqrt(6.), causal);
        INFO("keys " << length << ", heads " << heads << ", causal " << causal);
        CHECK(difference(op(q, k), expected) <= 1e-14);
        CHECK(difference(numbers_of(op(robagg::table<float>(q.cast<float>()), robagg::table<float>(k.cast<float>()))),
                         expected) <= 1e-6);
        CHECK(difference(op(Eigen::MatrixXd(q), Eigen::MatrixXd(k)), expected) <= 1e-14);  // column-major
        matrix const wide = gauss(length, 18, 2);                                          // interleaved heads
        CHECK(difference(op(q, wide.middleCols(6, 6)),
                         attended_slowly(q, wide.middleCols(6, 6), 4, 1 / std::sqrt(6.), causal)) <= 1e-14);
      }
    }
  }
  robagg::table<Eigen::half> const q = gauss(4, 8, 1).cast<Eigen::half>(), k = gauss(30, 8, 2).cast<Eigen::half>();
  CHECK(difference(numbers_of(observation_window{.window = 4}(q, k)),
                   attended_slowly(q.cast<double>(), k.cast<double>(), 4, 1 / std::sqrt(8.), true)) <= 1e-6);
  robagg::table<Eigen::bfloat16> const q16 = gauss(4, 8, 1).cast<Eigen::bfloat16>(),
                                       k16 = gauss(30, 8, 2).cast<Eigen::bfloat16>();
  CHECK(difference(numbers_of(observation_window{.window = 4}(q16, k16)),
                   attended_slowly(q16.cast<double>(), k16.cast<double>(), 4, 1 / std::sqrt(8.), true)) <= 1e-6);
}

TEST_CASE("rules read the attention without a table, and know the mass on the window") {
  matrix const q = gauss(12, 5, 3), k = gauss(600, 5, 4);
  robagg::workspace ws;
  observation_window const op{.window = 4, .scale = .7};
  matrix const table = op(q, k);
  auto const lazy = op.attention(q, k, ws);
  Eigen::VectorXd out;
  robagg::defensive{}.into(lazy, out, ws);
  CHECK(same_bits(out.transpose(), in<double>(robagg::defensive{}, table)));
  robagg::median{}.into(lazy, out, ws);
  CHECK(same_bits(out.transpose(), in<double>(robagg::median{}, table)));
  (robagg::pool_rows{} | robagg::defensive{}).into(lazy, out, ws);
  CHECK(difference(out.transpose(), in<double>(robagg::pool_rows{} | robagg::defensive{}, table)) <= 1e-15);
  for (Index i = 0; i < 12; ++i) CHECK(std::abs(lazy.mass(i) - table.row(i).sum()) <= 1e-14);
}

TEST_CASE("hostile logits") {
  matrix q = gauss(4, 3, 5), k = gauss(40, 3, 6);
  q.row(1).setConstant(not_a_number);
  k(7, 0) = not_a_number, k(8, 1) = infinity, k(9, 1) = -infinity, k(10, 2) = 1e300;
  matrix const y = observation_window{.window = 4}(q, k);
  CHECK(y.allFinite());
  CHECK(y.row(1).isZero());
  CHECK(y.col(7).isZero());
  CHECK((y.rowwise().sum().array() <= 1 + 1e-12).all());
  matrix const far = observation_window{.window = 4}(1e4 * gauss(4, 3, 5), gauss(40, 3, 6));
  CHECK(far.allFinite());
  CHECK(difference(far, attended_slowly(1e4 * gauss(4, 3, 5), gauss(40, 3, 6), 4, 1 / std::sqrt(3.), true)) <= 1e-12);
  CHECK(observation_window{.window = 4}(q, k.topRows(4)).cols() == 0);  // nothing but the window
}

TEST_CASE("observation_window refuses shapes that do not fit") {
  matrix const q = gauss(8, 3), k = gauss(20, 3);
  auto const refused = [&](observation_window op, matrix const& a, matrix const& b, char const* rule) {
    check_call_refused(op, [&](auto const& o) { o(a, b); }, {"observation_window: ", rule});
  };
  refused({.window = 0}, q, k, "needs window >= 1");
  refused({.window = 3}, q, k, "needs the window's queries of every head");
  refused({.window = 4, .scale = infinity}, q, k, "needs a finite scale");
  refused({.window = 4}, gauss(8, 2), k, "needs queries and keys of one head_dim");
  refused({.window = 8}, q, k.topRows(5), "needs at least the window's keys");
}
