// SPDX-License-Identifier: BSL-1.0
// Operators of every engine on tables of any shape, type and order: bad_input or a result, the same one however the table is
// laid out or cut; coordinate-wise rules against tests/reference.hpp; what is promised while few rows lie.
#include "fuzz.hpp"

#include "../reference.hpp"

#include <robagg/parallel.hpp>

using namespace robagg_fuzz;
namespace ra = robagg;
namespace reference = robagg_test::reference;

struct reported {
  matrix x;
  Index f, liars;  // liars <= f: the last rows; the others are small numbers
  bool promised;
  double beta, p, radius;
};

// The result of each way to show the same table, which is one result. Empty where it is refused, which all of them are.
template <class T>
static matrix shown(auto const& op, matrix const& given) {
  ra::table<T> const x = given.cast<T>();
  Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic> const columns = x;
  ra::table<T> result;
  bool const no = refused([&] { result = op(x); });
  auto const agrees = [&](auto const& call, char const* what) {
    ra::table<T> other;
    demand(refused([&] { other = call(); }) == no && (no || same_bits(other, result)), ra::describe(op) + what);
  };
  agrees([&] { return ra::table<T>(op(columns)); }, ": column-major tables give the same bits");
  if constexpr (std::is_same_v<T, float> && !std::is_same_v<std::remove_cvref_t<decltype(op)>, ra::defensive>) {
    agrees([&] { return ra::table<T>(ra::sliced(op, ra::threads{2})(x)); }, ": threads give the same bits");
  }
  return no ? matrix() : matrix(result.template cast<double>());
}
// Short numbers are widened before any operator sees them: one operator of each engine takes them as well.
template <class Op>
static matrix run(Op const& op, matrix const& x, int type) {
  if constexpr (std::is_same_v<Op, ra::median> || std::is_same_v<Op, ra::krum>) {
    if (type == 2) return shown<Eigen::half>(op, x);
    if (type == 3) return shown<Eigen::bfloat16>(op, x);
  }
  return type % 2 == 0 ? shown<float>(op, x) : shown<double>(op, x);
}
static void check_near(matrix const& result, matrix const& expected, double tolerance, std::string const& what) {
  demand(result.size() == expected.size(), what + ": a number for each column");
  for (Index j = 0; j < result.size(); ++j) {
    double const a = result.reshaped<Eigen::RowMajor>()(j), b = expected.reshaped<Eigen::RowMajor>()(j);
    demand(same(a, b) || std::abs(a - b) <= tolerance * (1 + std::abs(b)), what + " is the reference's");
  }
}

// `slow`: what the rule is by definition. `robust`: within the honest range while f rows lie.
template <class Op, class Slow>
static void check_columns(input& in, reported const& r, Op const& op, Slow const& slow, bool robust) {
  int const type = static_cast<int>(in.between(0, 3));
  matrix const y = run(op, r.x, type);
  std::string const what = ra::describe(op);
  if (y.size() > 0) {
    matrix const honest = r.x.topRows(r.x.rows() - r.liars);
    Eigen::VectorXd const result = y.reshaped();
    for (Index j = 0; r.promised && robust && j < result.size(); ++j) {
      demand(result(j) >= honest.col(j).minCoeff() - 1e-2 && result(j) <= honest.col(j).maxCoeff() + 1e-2,
             what + ": stays within the honest range");
    }
    bool const short_numbers = type > 1 && std::is_same_v<Op, ra::median>;
    bool const exact_input = r.liars == 0 && r.promised;  // numbers that every type holds
    if (exact_input)
      check_near(y, slow(r.x, reference::weights{}, false), short_numbers ? 2e-2 : type % 2 == 1 ? 1e-9 : 1e-4, what);
  }
  if constexpr ((Op::reads & ra::detail::skips_nan) != 0) {
    matrix gaps = r.x;
    bool const nobody_lies = r.liars == 0 && r.promised;
    for (double& v : gaps.reshaped()) v = in.between(0, 5) == 0 ? not_a_number : v;
    refused([&] {
      matrix const absent = op(ra::skip_nan(gaps)).transpose();
      if (nobody_lies) check_near(absent, slow(gaps, reference::weights{}, true), 1e-9, what + " of what is present");
    });
    if constexpr ((Op::reads & ra::detail::has_weights) != 0) {
      auto const w = in.weights(r.x.rows());
      refused([&] {
        matrix const weighed = op(ra::weighted(r.x, w)).transpose();
        double const sum = std::accumulate(w.begin(), w.end(), 0.);
        bool const whole = std::all_of(w.begin(), w.end(), [](double v) { return v == std::floor(v) && v < 1e6; });
        if (nobody_lies && whole && sum > 0) check_near(weighed, slow(r.x, w, false), 1e-9, what + " with weights");
        op(ra::weighted(ra::skip_nan(gaps), w));
      });
    }
  }
}
// Rules that look at whole rows: finite while few lie; `longest` bounds the result's length.
template <class Op>
static void check_rows(input& in, reported const& r, Op const& op, bool promised, double longest = infinity) {
  int const type = static_cast<int>(in.between(0, 3));
  matrix const y = run(op, r.x, type);
  std::string const what = ra::describe(op);
  if (y.size() == 0) return;
  if (promised) demand(y.allFinite(), what + ": finite while few lie");
  if (y.allFinite()) demand(y.norm() <= longest * 1.01 + 1e-6, what + ": no longer than the radius");
}

ROBAGG_FUZZ(in) {
  Index const what = in.between(0, 14);
  reported r{};
  Index const n = in.between(0, 40), d = in.between(0, 70);
  r.f = in.between(0, 6), r.beta = in.any_of({.25, 1., 30.}), r.p = static_cast<double>(in.between(0, 20)) / 20;
  r.radius = in.any_of({0., .5, 3., 1e30});
  bool const arbitrary = in.flag();
  r.promised = !arbitrary && n > 2 * r.f;
  r.liars = r.promised ? std::min(r.f, in.between(0, 6)) : 0;
  if (arbitrary) {
    r.x = in.table(n, d, kind::hostile);
    r.beta = in.flag() ? in.any_double() : r.beta, r.p = in.flag() ? in.any_double() : r.p;
    r.radius = in.flag() ? in.any_double() : r.radius;
  } else {
    r.x = in.table(n, d, in.flag() ? kind::few : kind::plain);
    r.x.bottomRows(r.liars) = in.table(r.liars, d, kind::hostile);
  }
  bool const few_pairs = 2 * (n - r.f) * (n - r.f + 1) > n * (n + 1);
  using w = reference::weights;
  switch (what) {
    case 0:
      return check_columns(
          in, r, ra::median{}, [](matrix const& x, w const& k, bool s) { return reference::median(x, k, s); }, true);
    case 1:
      return check_columns(
          in, r, ra::trimmed_mean{.f = r.f},
          [&](matrix const& x, w const& k, bool s) { return reference::trimmed_mean(x, r.f, k, s); }, true);
    case 2: {
      double const rows = static_cast<double>(n);
      bool const robust = static_cast<double>(r.f) <= std::min(std::ceil(rows * r.p), std::ceil(rows * (1 - r.p))) - 1;
      return check_columns(
          in, r, ra::quantile{.p = r.p}, [&](matrix const& x, w const& k, bool s) { return reference::quantile(x, r.p, k, s); },
          robust);
    }
    case 3:
      return check_columns(
          in, r, ra::mean_around_median{.f = r.f},
          [&](matrix const& x, w const& k, bool s) { return reference::mean_around_median(x, r.f, k, s); }, false);
    case 4:
      return check_columns(
          in, r, ra::worst_case{}, [](matrix const& x, w const& k, bool s) { return reference::worst_case(x, k, s); }, false);
    case 5:
      return check_columns(
          in, r, ra::soft_min{.beta = r.beta},
          [&](matrix const& x, w const& k, bool s) { return reference::soft_min(x, r.beta, k, s); }, false);
    case 6:
      return check_columns(
          in, r, ra::hodges_lehmann{}, [](matrix const& x, w const&, bool s) { return reference::hodges_lehmann(x, s); },
          few_pairs);
    case 7:
      return check_rows(in, r, ra::krum{.f = r.f}, r.promised);
    case 8:
      return check_rows(in, r, ra::multi_krum{.f = r.f}, r.promised);
    case 9:
      return check_rows(in, r, ra::geometric_median{.max_iterations = 50}, r.promised);
    case 10:
      return check_rows(in, r, ra::nearest_neighbour_mixing{.f = r.f} | ra::median{}, r.promised);
    case 11:
      return check_rows(in, r, ra::clip{.radius = r.radius} | ra::mean{}, false, r.radius);
    case 12:
      return check_rows(in, r, ra::mean{}, r.promised && r.liars == 0);
    case 13:
      return check_rows(in, r, ra::geometric_median{.max_iterations = 20, .iterate = ra::iterate::along_columns}, r.promised);
    default:
      return check_rows(in, r, ra::defensive{}, true);
  }
}
