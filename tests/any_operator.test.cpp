// SPDX-License-Identifier: BSL-1.0
// Rules by name: what `describe` prints is read back, and does the same to the bit.
#include "laws.hpp"

#include <robagg/parse.hpp>

#include <operators.hpp>

#include <array>
#include <optional>
#include <set>
#include <thread>

using namespace robagg_test;

namespace {
template <class T>
bool same_table(T const& a, T const& b) {
  return a.rows() == b.rows() && a.cols() == b.cols() &&
         ((a.array() == b.array()) || (a.array() != a.array() && b.array() != b.array())).all();
}
std::vector<double> const nine_weights = {1, 2, 1, 1, 3, 1, 2, 0, 1};

// The same bits again: of columns side by side, after another table in the same workspace, on eight threads that share the
// rule.
template <class Any>
void same_again(Any const& any, matrix const& x) {
  matrix const expected = any(x);
  CHECK(same_table(matrix(any(Eigen::MatrixXd(x))), expected));
  robagg::workspace ws;
  auto out = any(x);
  for (Index const columns : {x.cols(), x.cols() / 2, x.cols()}) {
    try {
      any.into(x.rightCols(columns), out, ws);
    } catch (robagg::bad_input const&) {}  // lists of levels have a length
  }
  CHECK(same_table(matrix(out), expected));
  std::array<matrix, 8> found;
  {
    std::vector<std::jthread> threads;
    for (auto& one : found) threads.emplace_back([&] { one = any(x); });
  }
  for (auto const& one : found) CHECK(same_table(one, expected));
}

// Read back, op is itself: as text, of doubles and of floats with weights. Of `Everything` also of columns and without NaN.
template <bool Everything = false, class Op>
void round_trip(Op const& op, matrix const& x) {
  using namespace robagg;
  std::string const text = describe(op);
  INFO(text);
  any_operator const read = parse(text);
  CHECK(read.describe() == text);
  CHECK(read.name() == name(op));
  auto const on = [&](auto const& any, auto const& table) {
    if constexpr (detail::accepts<Op, std::remove_cvref_t<decltype(table)>>()) CHECK(same_table(any(table), op(table)));
  };
  auto const on_all = [&](auto const& any) {
    robagg::table<float> const f = x.cast<float>();
    on(any, x), on(any, weighted(f, nine_weights));
    if constexpr (Everything) {
      on(any, f), on(any, Eigen::MatrixXf(f)), on(any, weighted(x, nine_weights));
      matrix gaps = x;
      if constexpr (detail::leaves_rows_out<Op>) {
        gaps.row(8).setConstant(not_a_number);
      } else {
        gaps(2, 1) = gaps(3, 1) = gaps(0, 4) = not_a_number;
      }
      if constexpr (aggregate<Op>) on(any, skip_nan(gaps)), on(any, weighted(skip_nan(gaps), nine_weights));
    }
  };
  if constexpr (transform<Op>) {
    CHECK(read.verb() == verb::transform);
    on_all(any_transform(read));
    same_again(any_transform(read), x);
  } else {
    CHECK(read.verb() == verb::aggregate);
    on_all(any_aggregator(read));
    same_again(any_aggregator(read), x);
    auto const known = any_aggregator(read).weights(x);
    if constexpr (detail::knows_weights<Op, matrix>) CHECK((known && same_bits(*known, robagg::weights(op, x))));
  }
}
template <bool Everything = false, class Op>
void round_trip(Op const& op) {
  round_trip<Everything>(op, gauss(9, 40));
}

struct unread {
  std::string missing;
  template <class Op>
  void look(std::string const& type) {
    using namespace robagg;
    std::string const name = type.substr(type.rfind(':') + 1);
    auto const in = [&](auto catalogue) {
      auto const names = detail::names_of(catalogue);
      return std::ranges::find(names, name) != names.end();
    };
    if ((transform<Op> && !in(detail::transforms{})) || (decide<Op> && !in(detail::decisions{}))) missing += " " + name;
  }
};
}  // namespace

TEST_CASE("every transform and decision can be read") {
  using namespace robagg;
  unread all;
#define LOOK(...) all.look<__VA_ARGS__>(#__VA_ARGS__);
  OPERATORS(LOOK)
#undef LOOK
  CHECK(all.missing == "");
}

TEST_CASE("aggregates are read back") {
  using namespace robagg;
  round_trip<true>(mean{}), round_trip<true>(median{}), round_trip<true>(trimmed_mean{2}), round_trip(interquartile_mean{}),
      round_trip(interior_trimmed_mean{.5});
  round_trip(quantile{.p = .3, .rule = quantile_rule::inverse_cdf}), round_trip(trimean{.rule = quantile_rule::inverse_cdf}),
      round_trip(mean_around_median{2}), round_trip(phocas{2}), round_trip(sign_majority{});
  round_trip(asymmetric_trimmed_mean{1, 2});
  round_trip(sigma_clipped_mean{.high = 2.5, .centre = centre::mean, .spread = spread::absolute_deviation});
  round_trip<true>(geometric_median{.smoothing = .1, .tolerance = 0, .max_iterations = 3, .start = start::origin}),
      round_trip<true>(krum{.f = 2, .neighbours = 3});
  round_trip(multi_krum{.f = 2, .m = 3}), round_trip(bulyan{1}), round_trip(minimum_diameter_averaging{2}),
      round_trip(smallest_max_eigenvalue_averaging{2});
  round_trip(covariance_filter{2}), round_trip(centered_clipping{.radius = 1.5, .iterations = 4}),
      round_trip(nearest_to{.row = 1, .f = 2});
  round_trip(comparative_gradient_elimination{2}), round_trip(aksel{.keep = 3}), round_trip(trust_weighted{1}),
      round_trip(norm_bounded_mean{1});
  round_trip(flag_aggregator{.subspace = 2, .scale = scale::rows}), round_trip(median_of_means{3}), round_trip(worst_case{}),
      round_trip(best_case{});
  round_trip(uncertainty_weighted{.lambda = .5, .dispersion = dispersion::deviation}), round_trip(soft_min{.25}),
      round_trip(defensive{2});
  round_trip(veto{.threshold = .5, .quorum = 2}), round_trip(uniform_phantom{-1, 2});
  matrix const shares = gauss(9, 5).cwiseAbs();
  matrix const forecasts = shares.rowwise().sum().cwiseInverse().asDiagonal() * shares;
  round_trip(opinion_pool{.extremise = 2}, forecasts);
}

TEST_CASE("lists are read back, and belong to what was read") {
  using namespace robagg;
  std::vector<double> const levels = {.1, .25, .5, .75, .9}, logits = {0, .5, 1, 0, 0, -1, 2, 0, 0};
  std::vector<Index> const columns = {0, 3, 7, 9}, order = {3, 1, 2, 0, 4, 5, 8, 7, 6};
  matrix sorted = gauss(9, 5);
  for (Index i = 0; i < 9; ++i) std::sort(sorted.row(i).begin(), sorted.row(i).end());
  round_trip(linear_pool{.levels = levels}, sorted);
  round_trip(gated_averaging{.logits = logits}, sorted);
  round_trip(divide_and_conquer{.f = 2, .columns = columns});
  std::vector<double> const phantoms = {-2, -1, -.5, 0, .5, 1, 2, 3};
  std::vector<Index> const teams = {0, 1, 2, 0, 1, 2, 0, 1, 2};
  round_trip(moulin_median{phantoms}), round_trip(group_means{teams}), round_trip(group_median{teams});
  round_trip(bucketing{.size = 2, .permutation = order});
  std::string text = describe(divide_and_conquer{.f = 2, .columns = columns});
  any_aggregator kept = [&] {
    any_aggregator const read = parse(text);
    return read;
  }();
  std::ranges::fill(text, ' ');
  matrix const x = gauss(9, 40);
  workspace ws;
  CHECK(same_bits(kept(x), divide_and_conquer{.f = 2, .columns = columns}(x)));
  CHECK(kept.without(1, 9, ws)->describe() == kept.describe());
}

TEST_CASE("transforms are read back") {
  using namespace robagg;
  round_trip<true>(clip{1.5}), round_trip(adaptive_clip{2}), round_trip(nearest_neighbour_mixing{2}),
      round_trip(bucketing{.size = 2, .seed = 18446744073709551615u});
  round_trip(robagg::ranks{.ties = ties::dense}), round_trip(pool_rows{.kernel = 3, .keep_mass = false}),
      round_trip(rearrange{}), round_trip(isotonic{});
  matrix labels = matrix::Zero(8, 4);
  for (Index i = 0; i < 8; ++i) labels(i, i % 3) = 1;
  CHECK(same_table(any_transform(parse("boosted{versions = 4}"))(labels), boosted{4}(labels)));
}

TEST_CASE("pipes are read back") {
  using namespace robagg;
  round_trip<true>(clip{1} | krum{2}), round_trip(clip{3} | median{}), round_trip(nearest_neighbour_mixing{2} | median{}),
      round_trip(clip{1} | mean{});
  round_trip(clip{1} | nearest_neighbour_mixing{2} | clip{.5} | geometric_median{}),
      round_trip(clip{1} | nearest_neighbour_mixing{2} | trimmed_mean{1});
  round_trip(robagg::ranks{} | clip{100} | robagg::ranks{} | mean{}), round_trip(pool_rows{} | defensive{}),
      round_trip(pool_rows{} | median{});
  round_trip(bucketing{.size = 2} | krum{.f = 1}), round_trip(clip{2} | bulyan{1}),
      round_trip(adaptive_clip{2} | median_of_means{3});
  round_trip(clip{2} | nearest_neighbour_mixing{1}), round_trip(robagg::ranks{} | clip{2} | nearest_neighbour_mixing{1});
  round_trip(robagg::ranks{} | clip{40} | krum{2}),
      round_trip(clip{2} | robagg::ranks{} | clip{30} | nearest_neighbour_mixing{1} | geometric_median{});
  auto const far = sample(all_families.back(), 9, 300, 3);
  round_trip(clip{1} | nearest_neighbour_mixing{2} | krum{1}, far),
      round_trip(nearest_neighbour_mixing{2} | geometric_median{}, far);
}

// Numbers of all kinds, side by side.
static matrix anything(Index n, Index d) {
  double const kinds[] = {0, -0., 1, -1, 3, 1e-310, 1e38, -1e38, 1e308, infinity, -infinity, not_a_number};
  numbers random(static_cast<std::uint64_t>(100 * n + d));
  return matrix::NullaryExpr(n, d, [&] { return kinds[random.below(std::size(kinds))]; });
}

// What the sanitizers see of every rule: tables of all shapes and numbers, in one workspace.
TEST_CASE("every aggregator gives a result, or says what it refuses, whatever the table") {
  using namespace robagg;
  std::vector<std::string> texts = {"trimmed_mean_by_share{low = .2, high = .1}",
                                    "asymmetric_trimmed_mean{low = 1, high = 0}",
                                    "interior_trimmed_mean{share = .5}",
                                    "winsorized_mean_by_share{low = .2, high = .1}",
                                    "quantile{p = .3}",
                                    "quantile{p = .9, rule = inverse_cdf}",
                                    "centered_clipping{radius = 2}",
                                    "nearest_to{row = 0, f = 1}",
                                    "trust_weighted{row = 0}",
                                    "norm_bounded_mean{radius = 1}",
                                    "median_of_means{groups = 2}",
                                    "uncertainty_weighted{lambda = 1}",
                                    "soft_min{beta = 1}",
                                    "veto{threshold = .5}",
                                    "clip{radius = 1} | nearest_neighbour_mixing{f = 1} | krum{f = 1}",
                                    "ranks | mean",
                                    "pool_rows | median",
                                    "adaptive_clip{f = 1} | geometric_median"};
  std::set<std::string> tried;
  for (std::string const& name : any_aggregator::names()) texts.push_back(name);
  for (std::string const& name : any_aggregator::names()) texts.push_back(name + "{f = 1}");
  workspace ws;
  for (std::string const& text : texts) {
    std::optional<any_aggregator> rule;
    try {
      rule = parse(text);
    } catch (bad_input const&) { continue; }  // with f, or without
    tried.insert(rule->name());
    INFO(text);
    for (Index const n : {1, 2, 3, 9, 33}) {
      std::vector<double> const w(static_cast<std::size_t>(n), .5);
      for (Index const d : {0, 1, 7, 33}) {
        for (matrix const& x : {gauss(n, d), sample(family::grid, n, d, 5), anything(n, d)}) {
          auto const on = [&](auto const& reports) {
            Eigen::VectorXd out;
            try {
              rule->into(reports, out, ws);
              CHECK(out.size() == d);
            } catch (bad_input const&) {}
          };
          table<float> const f = x.cast<float>();
          on(x), on(f), on(Eigen::MatrixXf(f)), on(skip_nan(x)), on(weighted(skip_nan(f), w));
        }
      }
    }
  }
  for (std::string const& name : any_aggregator::names()) {
    INFO(name);
    CHECK(tried.contains(name));
  }
}

TEST_CASE("decisions are read back") {
  using namespace robagg;
  matrix const x = gauss(9, 40);
  Eigen::VectorXd const scores = x.row(0);
  CHECK(any_decide(parse("best"))(scores) == std::vector<Index>{best{}(scores)});
  CHECK(any_decide(parse("top{.k = 5}"))(scores) == top{5}(scores));
  CHECK(any_decide(parse(describe(protect{.mass = .5})))(scores.cwiseAbs()) == protect{.mass = .5}(scores.cwiseAbs()));
  CHECK(any_decide(parse("pool_rows | defensive | top{k = 5}"))(x) == (pool_rows{} | defensive{} | top{5})(x));
  CHECK(any_decide(parse("defensive{.floor_strength = 9} | top{k = 5}"))(x) == (defensive{9} | top{5})(x));
  any_operator const mixed = parse("clip{.radius = 1} | median | best");
  CHECK(mixed.verb() == verb::decide);
  CHECK(mixed.describe() == "clip{.radius = 1} | median{} | best{}");
  CHECK(any_decide(mixed)(x) == std::vector<Index>{(clip{1} | median{} | best{})(x)});
  std::vector<float> const three = {1, 5, 2};
  CHECK(any_decide(parse("best"))(three) == std::vector<Index>{1});
  // Into other integers.
  robagg::workspace ws;
  std::array<std::int32_t, 5> five{};
  Eigen::VectorXi one;
  std::vector<std::int8_t> tiny{7};
  any_decide const tops = parse("top{.k = 5}");
  tops.into(scores, std::span(five), ws);
  CHECK(std::vector<Index>(five.begin(), five.end()) == top{5}(scores));
  any_decide(mixed).into(x, one, ws);
  CHECK((one.size() == 1 && one(0) == (clip{1} | median{} | best{})(x)));
  CHECK_THROWS_WITH(tops.into(scores, std::span(five).first(4), ws),
                    Catch::Contains("needs an output of m values (size = 4, m = 5)"));
  CHECK_THROWS_WITH(tops.into(Eigen::VectorXd::Ones(200), tiny, ws), Catch::Contains("largest number = 127"));
  CHECK(tiny == std::vector<std::int8_t>{7});
}

TEST_CASE("a few operators by name") {
  using namespace robagg;
  matrix const x = gauss(9, 40);
  CHECK(same_bits(any_aggregator_of<median, krum>("krum", {{"f", 2}})(x), krum{.f = 2}(x)));
  CHECK_THROWS_WITH(
      (any_aggregator_of<median, krum>("mean")),
      Catch::Contains("any_aggregator_of: knows no aggregator named 'mean'") && Catch::Contains("there are median, krum"));
}

TEST_CASE("what is not written as it should be is refused with what should be") {
  using namespace robagg;
  using Catch::Contains;
  auto const refused = [](std::string_view text, auto const&... parts) {
    INFO(text);
    CHECK_THROWS_WITH(parse(text), (Contains(parts) && ...));
  };
  refused("medan", "parse: knows no operator named 'medan'; did you mean median?");
  refused("nearest_neighbor_mixing{f = 1} | median", "did you mean nearest_neighbour_mixing?");
  refused("", "needs an operator's name, where the text ends");
  refused("median |", "needs an operator's name, where the text ends");
  refused("| median", "needs an operator's name, at '| median'");
  refused("median{} krum{f = 1}", "needs | between stages, at 'krum{f = 1}'");
  refused("trimmed_mean", "trimmed_mean: needs f");
  refused("trimmed_mean{.g = 2}", "trimmed_mean: is given an unknown parameter 'g'; it has f");
  refused("trimmed_mean{.f 2}", "needs = after the field f");
  refused("trimmed_mean{.f = }", "needs a value");
  refused("trimmed_mean{.f = 2", "needs , or } after the value of f, where the text ends");
  refused("trimmed_mean{.f = 2.5}", "needs a whole number for f", "f = 2.5");
  refused("trimmed_mean{.f = 99999999999999999999}", "needs f from -9223372036854775808 to 9223372036854775807");
  refused("trimmed_mean{.f = 1, .f = 2}", "is given f twice");
  refused("centered_clipping{.radius = wide}", "needs a number for radius, not 'wide'");
  refused("geometric_median{.start = outside}", "needs start to be one of inside, origin", "did you mean inside?");
  refused("linear_pool{.levels = .5}", "needs a list for levels");
  refused("linear_pool{.levels = {.1, x}}", "needs a number for levels, not 'x'");
  refused("linear_pool{.levels = {.1", "needs } at the end of a list");
  refused("krum{f = 2} | clip{radius = 1}", "does not fit: a pipe goes transform | ... | aggregate | decision");
  refused("best | median", "does not fit"), refused("median | median", "does not fit"),
      refused("clip{radius = 1} | best", "does not fit");
  refused("sliced(median{})", "sliced is put around an operator in C++"), refused("gated", "in C++"), refused("each", "in C++");
  refused("skip_nan(x)", "is said of a table"), refused("run_off", "is an election"), refused("state", "is a state");
  CHECK_THROWS_WITH(any_transform(parse("median")), "median{}: is no transform: its verb is aggregate");
  CHECK_THROWS_WITH(any_decide(parse("median")), "median{}: is no decision: its verb is aggregate");
  CHECK_THROWS_WITH(any_aggregator(parse("clip{radius = 1}")), "clip{.radius = 1}: is no aggregator: its verb is transform");
  matrix const x = gauss(9, 40);
  CHECK_THROWS_WITH(any_decide(parse("best"))(x), "best: reads d scores, not a table of reports");
  CHECK_THROWS_WITH(any_decide(parse("median | best"))(Eigen::VectorXd(x.col(0))),
                    Contains("median | best: reads a table of reports"));
  check_refuses(any_aggregator(parse("clip{radius = 1} | krum{f = 2}")), weighted(x, nine_weights),
                {"clip | krum: has no weighted form"});
  matrix gaps = x;
  gaps(4, 3) = not_a_number;
  check_refuses(any_aggregator(parse("clip{radius = 1} | median")), skip_nan(gaps),
                {"clip | median: needs rows that are there, or absent, as a whole"});
  check_refuses(any_aggregator(parse("clip{radius = 1} | krum{f = 5}")), x, {"krum: needs n > 2f", "n = 9", "f = 5"});
}
