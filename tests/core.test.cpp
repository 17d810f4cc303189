// SPDX-License-Identifier: BSL-1.0
// The algebra: who is a transform, an aggregate, a decision, an election; what a pipe means and how often it reads.
#include "laws.hpp"

using namespace robagg_test;
using robagg::bucketing, robagg::clip, robagg::geometric_median, robagg::krum, robagg::mean, robagg::median,
    robagg::nearest_neighbour_mixing, robagg::plurality, robagg::ranks, robagg::trimmed_mean;

namespace {

// Operators of a user: no base, no registration.
struct midrange {
  void into(robagg::reports auto const& r, auto&& out, robagg::workspace&) const {
    for (Index c = 0; c < r.cols(); ++c) out[c] = (r.col(c).minCoeff() + r.col(c).maxCoeff()) / 2;
  }
  auto operator()(robagg::any_reports auto const& r) const { return robagg::evaluate(*this, r); }
};
struct doubled {
  Index rows(Index n) const { return n; }
  void into(robagg::reports auto const& r, auto&& out, robagg::workspace&) const {
    for (Index i = 0; i < r.rows(); ++i) {
      for (Index c = 0; c < r.cols(); ++c) out(i, c) = 2 * r(i, c);
    }
  }
};
struct first_positive {
  using result_type = Index;
  void into(auto const& scores, Index& out, robagg::workspace&) const {
    for (out = 0; out < static_cast<Index>(scores.size()) && !(scores[out] > 0);) ++out;
  }
};

enum class plain_enum { a = 1, b = 2 };

using tabled = robagg::table<double>;
template <class A, class B>
concept joins = requires(A a, B b) {
  a | b;
  requires !std::same_as<decltype(a | b), robagg::detail::refused>;
};

// Both using-directives at once: Eigen combines its enum flags with |.
namespace both {
using namespace robagg;
using namespace Eigen;
static_assert((RowMajor | DontAlign) == (int(RowMajor) | int(DontAlign)));
[[maybe_unused]] Matrix<double, Dynamic, Dynamic, int(RowMajor) | int(DontAlign)> const in_a_type;
}  // namespace both

}  // namespace

TEST_CASE("concepts look at members only") {
  STATIC_REQUIRE(robagg::aggregate<mean>);
  STATIC_REQUIRE(robagg::aggregate<krum>);
  STATIC_REQUIRE(robagg::aggregate<robagg::defensive>);
  STATIC_REQUIRE(robagg::aggregate<midrange>);
  STATIC_REQUIRE(robagg::transform<clip>);
  STATIC_REQUIRE(robagg::transform<ranks>);
  STATIC_REQUIRE(robagg::transform<doubled>);
  STATIC_REQUIRE(robagg::decide<robagg::best>);
  STATIC_REQUIRE(robagg::decide<robagg::top>);
  STATIC_REQUIRE(robagg::decide<first_positive>);
  STATIC_REQUIRE(robagg::elect<plurality>);

  STATIC_REQUIRE_FALSE(robagg::aggregate<clip>);
  STATIC_REQUIRE_FALSE(robagg::aggregate<robagg::best>);
  STATIC_REQUIRE_FALSE(robagg::aggregate<plurality>);
  STATIC_REQUIRE_FALSE(robagg::transform<mean>);
  STATIC_REQUIRE_FALSE(robagg::decide<mean>);
  STATIC_REQUIRE_FALSE(robagg::elect<robagg::best>);
  STATIC_REQUIRE_FALSE(robagg::aggregate<int>);
  STATIC_REQUIRE_FALSE(robagg::transform<plain_enum>);
  STATIC_REQUIRE_FALSE(robagg::aggregate<Eigen::MatrixXd>);
}

TEST_CASE("a pipe is what its last stage makes of it") {
  STATIC_REQUIRE(robagg::aggregate<decltype(clip{1} | median{})>);
  STATIC_REQUIRE(robagg::transform<decltype(clip{1} | nearest_neighbour_mixing{1})>);
  STATIC_REQUIRE(robagg::elect<decltype(ranks{} | plurality{})>);
  STATIC_REQUIRE_FALSE(robagg::aggregate<decltype(mean{} | robagg::best{})>);

  STATIC_REQUIRE(joins<clip, median>);
  STATIC_REQUIRE(joins<clip, plurality>);
  STATIC_REQUIRE(joins<midrange, robagg::best>);
  STATIC_REQUIRE(joins<doubled, median>);
  STATIC_REQUIRE_FALSE(joins<median, clip>);
  STATIC_REQUIRE_FALSE(joins<median, median>);
  STATIC_REQUIRE_FALSE(joins<clip, robagg::best>);
  STATIC_REQUIRE_FALSE(joins<robagg::best, median>);
  STATIC_REQUIRE_FALSE(joins<plurality, robagg::best>);
  STATIC_REQUIRE_FALSE(joins<tabled, median>);
}

TEST_CASE("results are plain objects, of fixed size where the table is") {
  Eigen::Matrix<float, 5, 3> const fixed = gauss(5, 3).cast<float>();
  STATIC_REQUIRE(std::is_same_v<decltype(median{}(fixed)), Eigen::Vector3f>);
  STATIC_REQUIRE(std::is_same_v<decltype(median{}(tabled())), Eigen::VectorXd>);
  STATIC_REQUIRE(
      std::is_same_v<decltype(median{}(robagg::table<Eigen::half>())), Eigen::Matrix<Eigen::half, Eigen::Dynamic, 1>>);
  STATIC_REQUIRE(std::is_same_v<decltype(clip{1}(tabled())), tabled>);
  STATIC_REQUIRE(std::is_same_v<decltype(clip{1}(fixed)), Eigen::Matrix<float, Eigen::Dynamic, 3, Eigen::RowMajor>>);
  STATIC_REQUIRE(std::is_same_v<decltype(plurality{}(fixed)), robagg::election>);
  STATIC_REQUIRE(std::is_same_v<decltype((mean{} | robagg::best{})(fixed)), Index>);
  STATIC_REQUIRE(std::is_same_v<decltype((mean{} | robagg::top{2})(fixed)), std::vector<Index>>);
  Eigen::Matrix<double, 4, 1> const column(1, 2, 3, 10);
  CHECK(clip{5}(column)(3) == 5);
  CHECK(median{}(column)(0) == 2.5);
}

TEST_CASE("a pipe gives what its stages give one after the other") {
  auto const check = [](auto const& a, auto const& b) {
    for (family const kind : {family::gauss, family::grid, family::offset, family::tiny, family::huge}) {
      for (Index const d : {3, 600}) {
        matrix const x = sample(kind, 9, d, 19), half_way = in<double>(a, x), expected = in<double>(b, half_way);
        INFO(robagg::describe(a | b) << ", family " << static_cast<int>(kind) << ", d = " << d);
        double const gap = difference(in<double>(a | b, x), expected), allowed = 1e-11 * magnitude(half_way);
        INFO("off by " << gap << ", allowed " << allowed);
        CHECK(gap <= allowed);
      }
    }
  };
  nearest_neighbour_mixing const mix = {2};
  geometric_median const smoothed = {.smoothing = .1, .tolerance = 0, .max_iterations = 3, .start = robagg::start::origin};
  check(mix, median{});
  check(mix, trimmed_mean{2});
  check(mix, mean{});
  check(mix, smoothed);
  check(clip{1}, median{});
  check(clip{1}, mix);
  check(clip{1}, smoothed);
  check(clip{1}, mean{});
  check(bucketing{2}, krum{1});
  check(bucketing{2}, trimmed_mean{1});
  check(ranks{}, mean{});
  check(ranks{}, mix);
  check(mix, ranks{});
  check(clip{1} | mix, clip{.9});
}

TEST_CASE("krum after clipping chooses as it does in two steps") {
  // Ties aside: rows that were clipped to equal mixtures are at distance 0, exactly.
  for (family const kind : {family::gauss, family::huge, family::offset}) {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      matrix const x = sample(kind, 9, 5, seed);
      INFO("family " << static_cast<int>(kind) << ", seed " << seed);
      CHECK(difference(in<double>(clip{1} | krum{2}, x), in<double>(krum{2}, in<double>(clip{1}, x))) <= 1e-11);
    }
  }
}

TEST_CASE("pipes of many stages are one operator, however they are grouped") {
  matrix const x = attack(gauss(9, 40), 2, lie::e30, 1).table;
  auto const a = clip{4};
  auto const b = nearest_neighbour_mixing{2};
  auto const left = ((a | b) | a) | median{};
  auto const right = a | (b | (a | median{}));
  STATIC_REQUIRE(std::is_same_v<decltype(left), decltype(right)>);
  matrix const steps = in<double>(median{}, in<double>(a, in<double>(b, in<double>(a, x))));
  CHECK(difference(in<double>(left, x), steps) <= 1e-12);
  CHECK(same_bits(in<double>(right, x), in<double>(left, x)));
  CHECK(robagg::name(left) == "clip | nearest_neighbour_mixing | clip | median");
  CHECK(robagg::describe(a | mean{}) == "clip{.radius = 4} | mean{}");
}

TEST_CASE("a pipe of any length reads the table at most twice") {
  nearest_neighbour_mixing const mix = {2};
  matrix const x = gauss(9, 700);
  auto const reads_are = [&](int expected, auto const& op) {
    INFO(robagg::describe(op));
    for (auto const& r : {count_reads<double>(x, [&](auto const& e) { op(e); }),
                          count_reads<float, Eigen::ColMajor>(x, [&](auto const& e) { op(e); })}) {
      CHECK(r.least() == expected);
      CHECK(r.most() == expected);
    }
  };
  reads_are(2, clip{4} | mix | clip{4} | median{});
  reads_are(2, clip{4} | mix | clip{4} | mean{});
  reads_are(2, clip{4} | mix | clip{4} | krum{2});
  reads_are(2, mix | trimmed_mean{2});
  reads_are(1, bucketing{2} | mean{});
  reads_are(1, ranks{} | median{});
  reads_are(1, ranks{} | plurality{});
  reads_are(2, clip{4} | plurality{});
  reads_are(1, mean{} | robagg::best{});
}

TEST_CASE("a pipe reads a third time where rows are far and inner products are needed") {
  matrix x = gauss(9, 700);
  x.row(3) *= 1e9;
  auto const reads = [&](auto const& op) { return count_reads<double>(x, [&](auto const& e) { op(e); }); };
  nearest_neighbour_mixing const mix = {2};
  CHECK(reads(clip{4} | mix | clip{4} | krum{2}).most() == 3);
  CHECK(reads(clip{4} | mix | clip{4} | median{}).most() == 3);
  CHECK(reads(robagg::geometric_median{}).most() == 3);
  CHECK(reads(mix | trimmed_mean{2}).most() == 2);  // distances are enough
}

TEST_CASE("pipes obey the laws of operators") {
  auto s = subject_of(nearest_neighbour_mixing{2} | trimmed_mean{2});
  check_laws(s, {permutation_invariant, translation_equivariant, scale_equivariant, sign_equivariant,
                 same_bits_in_any_order_of_storage, workspace_settles, no_columns, needs_a_report, subset_is_those_rows,
                 around_is_moving, survives_within(2, 8 * 2. / 7 * (6 * .4 * 1.4 + 1))});
  check_laws(subject_of(bucketing{2} | geometric_median{.tolerance = 1e-13}),
             {same_bits_in_any_order_of_storage, workspace_settles, no_columns, needs_a_report, subset_is_those_rows});
  check_laws(subject_of(clip{4} | nearest_neighbour_mixing{2}),
             {permutation_invariant, same_bits_in_any_order_of_storage, workspace_settles, no_columns, around_is_moving});
  check_outputs(nearest_neighbour_mixing{2} | median{});
  check_outputs(nearest_neighbour_mixing{2} | geometric_median{});
  check_outputs(clip{4} | nearest_neighbour_mixing{2});
  check_four_inputs(clip{4} | nearest_neighbour_mixing{2} | median{});
}

TEST_CASE("weights go through a pipe whose rows stay, and not through one that mixes them") {
  matrix const x = gauss(9, 20);
  std::vector<double> const w = {1, 2, 0, 1, 3, 1, .5, 2, 1};
  matrix const clipped = reference::clip(x, 3);
  auto const gives = [&](auto const& op, matrix const& expected, double allowed) {
    CHECK(difference(numbers_of(op(robagg::weighted(x, w))), expected) <= allowed);
  };
  gives(clip{3} | mean{}, reference::mean(clipped, w), 1e-14);
  gives(clip{3} | median{}, reference::median(clipped, w), 1e-14);
  gives(clip{3} | trimmed_mean{2}, reference::trimmed_mean(clipped, 2, w), 1e-14);
  gives(clip{3} | geometric_median{.tolerance = 1e-13}, reference::geometric_median(clipped, w), 1e-6);
  using weighted_table = decltype(robagg::weighted(x, w));
  STATIC_REQUIRE(reads_table<decltype(clip{3} | median{}), weighted_table>);
  STATIC_REQUIRE_FALSE(reads_table<decltype(bucketing{2} | median{}), weighted_table>);
  STATIC_REQUIRE_FALSE(reads_table<decltype(nearest_neighbour_mixing{2} | median{}), weighted_table>);
  STATIC_REQUIRE_FALSE(reads_table<decltype(clip{3} | krum{2}), weighted_table>);
  STATIC_REQUIRE_FALSE(reads_table<krum, weighted_table>);
  STATIC_REQUIRE_FALSE(reads_table<midrange, weighted_table>);                   // a plain table is all that it asked for
  STATIC_REQUIRE(reads_table<geometric_median, decltype(robagg::skip_nan(x))>);  // rows that are absent as a whole
  STATIC_REQUIRE(reads_table<decltype(clip{3} | median{}), decltype(robagg::skip_nan(x))>);
  STATIC_REQUIRE_FALSE(reads_table<clip, decltype(robagg::skip_nan(x))>);
  STATIC_REQUIRE_FALSE(reads_table<decltype(clip{3} | bucketing{2}), decltype(robagg::skip_nan(x))>);
}

TEST_CASE("far rows stay out of pipes of any length") {
  matrix const honest = gauss(7, 30, 3);
  matrix const middle = reference::mean(honest);
  double const spread = (honest.rowwise() - middle.row(0)).squaredNorm() / 7;
  for (lie const l : all_lies) {
    for (double const largest : {3e38, 1e150, std::numeric_limits<double>::max()}) {
      matrix const x = attack(honest, 2, l, largest).table;
      INFO("liars send " << text(l) << ", at most " << largest);
      auto const near = [&](matrix const& y) {
        CHECK(y.allFinite());
        CHECK((y - middle).squaredNorm() <= 10 * spread);
      };
      nearest_neighbour_mixing const mix = {2};
      near(in<double>(clip{20} | mix | geometric_median{}, x));
      near(in<double>(mix | clip{20} | median{}, x));
      near(in<double>(mix | mix | krum{2}, x));
      near(in<double>(clip{20} | trimmed_mean{2}, x));
    }
  }
}

TEST_CASE("a table whose origin is out of sight is mixed all the same") {
  // Distances between rows are 1e152, to the origin 1e160: its square is infinite.
  matrix const x = 1e160 * (1 + 1e-8 * gauss(9, 5).array());
  for (Index f = 0; f < 9; ++f) {  // of some, n - f shares of 1 / (n - f) do not add up to 1
    nearest_neighbour_mixing const mix = {f};
    matrix const mixed = in<double>(mix, x);
    INFO("f = " << f);
    CHECK(mixed.allFinite());
    CHECK(difference(in<double>(mix | geometric_median{}, x), in<double>(geometric_median{}, mixed)) <= 1e148);
  }
}

TEST_CASE("a pipe says which of its stages refuses, and writes nothing") {
  check_refuses(bucketing{2} | trimmed_mean{2}, gauss(8, 3), {"trimmed_mean: needs n > 2f", "n = 4", "f = 2"});
  check_refuses(clip{-1} | median{}, gauss(8, 3), {"clip: needs radius >= 0"});
  check_refuses(clip{1} | nearest_neighbour_mixing{9}, gauss(8, 3), {"nearest_neighbour_mixing: needs f < n"});
  check_refuses(clip{1} | median{}, matrix(0, 3), {"clip | median: needs at least one report"});
  check_refuses(bucketing{0} | median{}, gauss(8, 3), {"bucketing: needs size >= 1"});
  robagg::workspace ws;
  Index out = 7;
  CHECK_THROWS_AS((trimmed_mean{2} | robagg::best{}).into(gauss(4, 3), out, ws), robagg::bad_input);
  CHECK_THROWS_AS((mean{} | robagg::best{}).into(matrix::Constant(3, 2, not_a_number), out, ws), robagg::bad_input);
  CHECK(out == 7);
}

TEST_CASE("a user's struct with the members takes part") {
  matrix const x{{1, 2}, {3, 8}, {2, 2}};
  CHECK(midrange{}(x) == Eigen::Vector2d(2, 5));
  CHECK((clip{1e9} | midrange{})(x) == Eigen::Vector2d(2, 5));
  CHECK((doubled{} | median{})(x) == Eigen::Vector2d(4, 4));
  CHECK((clip{1e9} | doubled{} | midrange{} | robagg::best{})(x) == 1);
  using robagg::operator|;  // where no operand is the library's
  CHECK((doubled{} | midrange{})(x) == Eigen::Vector2d(4, 10));
  CHECK((midrange{} | first_positive{})(x) == 0);
}
