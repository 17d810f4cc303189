// SPDX-License-Identifier: BSL-1.0
// What the pages promise while f rows lie. First a table of bombs, then the constants of the literature, for every
// subset of n-f rows of many small hostile tables. A rule is one line in either list.
#include "inputs.hpp"
#include "reference.hpp"

#include <robagg/attack/little_is_enough.hpp>
#include <robagg/attack/sign_flip.hpp>

using namespace robagg_test;

namespace {

using rule_for = any_call<matrix(Index f, matrix const& x)>;
template <class Make>
rule_for rule_of(Make make) {
  return [make](Index f, matrix const& x) { return in<double>(make(f), x); };
}

// --- bombs ---------------------------------------------------------------------------------------

struct bombed_rule {
  std::string name;
  rule_for rule;
  bool returns_row = false;  // then it is no worse than the worst honest row
};
std::vector<bombed_rule> bombed_rules() {
  using namespace robagg;
  return {
      {"median", rule_of([](Index) { return median{}; })},
      {"quantile", rule_of([](Index) { return quantile{.5}; })},
      {"trimmed_mean", rule_of([](Index f) { return trimmed_mean{f}; })},
      {"interquartile_mean", rule_of([](Index) { return interquartile_mean{}; })},
      {"mean_around_median", rule_of([](Index f) { return mean_around_median{f}; })},
      {"phocas", rule_of([](Index f) { return phocas{f}; })},
      {"sign_majority", rule_of([](Index) { return sign_majority{}; })},
      {"krum", rule_of([](Index f) { return krum{f}; }), true},
      {"geometric_median", rule_of([](Index) { return geometric_median{}; })},
      {"multi_krum", rule_of([](Index f) { return multi_krum{f}; })},
      {"bulyan", rule_of([](Index f) { return bulyan{f}; })},
      {"minimum_diameter_averaging", rule_of([](Index f) { return minimum_diameter_averaging{f}; })},
      {"smallest_max_eigenvalue_averaging", rule_of([](Index f) { return smallest_max_eigenvalue_averaging{f}; })},
      {"covariance_filter", rule_of([](Index f) { return covariance_filter{f}; })},
      {"centered_clipping", rule_of([](Index) { return centered_clipping{4, 3}; })},
      {"nearest_to", rule_of([](Index f) { return nearest_to{0, f}; })},
      {"comparative_gradient_elimination", rule_of([](Index f) { return comparative_gradient_elimination{f}; })},
      {"aksel", rule_of([](Index) { return aksel{}; })},
      {"trust_weighted", rule_of([](Index) { return trust_weighted{0}; })},
      {"divide_and_conquer", rule_of([](Index f) { return divide_and_conquer{f}; })},
      {"norm_bounded_mean", rule_of([](Index) { return norm_bounded_mean{4}; })},
      {"flag_aggregator", rule_of([](Index) { return flag_aggregator{}; })},
      {"median_of_means", rule_of([](Index) { return median_of_means{7}; })},
      {"adaptive_clip | trimmed_mean", rule_of([](Index f) { return adaptive_clip{f} | trimmed_mean{f}; })},
      {"nnm | mean_around_median", rule_of([](Index f) { return nearest_neighbour_mixing{f} | mean_around_median{f}; })},
      {"nnm | trimmed_mean", rule_of([](Index f) { return nearest_neighbour_mixing{f} | trimmed_mean{f}; })},
      {"nnm | krum", rule_of([](Index f) { return nearest_neighbour_mixing{f} | krum{f}; })},
      {"nnm | geometric_median", rule_of([](Index f) { return nearest_neighbour_mixing{f} | geometric_median{}; })},
      {"bucketing | median", rule_of([](Index) { return bucketing{2} | median{}; })},
      {"clip | median", rule_of([](Index) { return clip{4} | median{}; })},
      {"clip | mean", rule_of([](Index) { return clip{4} | mean{}; })},
      {"clip | krum", rule_of([](Index f) { return clip{4} | krum{f}; })},
  };
}

struct bomb {
  char const* name;
  double first, second;  // what the two liars put
  bool everywhere;       // in every column, or in one
};
constexpr std::array bombs = {bomb{"one NaN", not_a_number, not_a_number, false},
                              bomb{"one infinity", infinity, infinity, false},
                              bomb{"infinity and -infinity", infinity, -infinity, false},
                              bomb{"all 1e30", 1e30, 1e30, true},
                              bomb{"1e30 and -1e30", 1e30, -1e30, true},
                              bomb{"all 1e300", 1e300, 1e300, true},
                              bomb{"1e300 and -1e300", 1e300, -1e300, true},
                              bomb{"NaN and 1e30", not_a_number, 1e30, true},
                              bomb{"infinity and 1e300", infinity, 1e300, true}};

// Nine honest rows, and two that would be, but for what the bomb puts into them.
matrix bombed(matrix honest, bomb const& b) {
  if (b.everywhere) {
    honest.row(3).setConstant(b.first), honest.row(8).setConstant(b.second);
  } else {
    honest(3, 2) = b.first, honest(8, 2) = b.second;
  }
  return honest;
}

}  // namespace

TEST_CASE("two bombs among eleven rows move no robust rule far") {
  for (std::uint64_t const seed : {1u, 2u, 3u}) {
    matrix x(11, 10);
    numbers random(seed);
    for (Index i = 0; i < x.size(); ++i) x.data()[i] = random.gauss();
    matrix const honest = pick(x, {0, 1, 2, 4, 5, 6, 7, 9, 10}), middle = reference::mean(honest);
    double const worst_row = (honest.rowwise() - middle.row(0)).cwiseAbs().maxCoeff();
    for (bomb const& b : bombs) {
      matrix const table = bombed(x, b);
      INFO(b.name << ", seed " << seed);
      if (b.first + b.second != 0) CHECK(!(difference(in<double>(robagg::mean{}, table), middle) < 3));
      for (auto const& [name, rule, returns_row] : bombed_rules()) {
        double const error = difference(rule(2, table), middle);
        INFO(name << " is " << error << " off");
        CHECK(error < (returns_row ? worst_row + 1e-12 : 3));
      }
    }
  }
}

// --- constants -----------------------------------------------------------------------------------

namespace {

// A small table, f rows of which lie, and of each subset of n-f rows what the constants refer to.
struct promised_table {
  Index f;
  matrix x;
  struct subset {
    matrix mean;
    double squares;   // the mean squared deviation
    double diameter;  // the largest distance
    double largest;   // eigenvalue of the covariance, or a little more
  };
  std::vector<subset> subsets;
};

// |result - mean|^2 against the mean squared deviation, the square of the diameter, or the largest eigenvalue.
enum class measure { kappa, lambda, high_dimensional };

struct promise {
  std::string name;
  rule_for rule;
  measure what;
  any_call<double(double n, double f, double d)> constant;
};

// An upper bound within a few thousandths: the trace of a power is at least that of the eigenvalue.
double largest_eigenvalue(matrix const& deviations) {
  matrix C = deviations.transpose() * deviations / static_cast<double>(deviations.rows());
  double logarithm = 0, power = 1;
  for (int k = 0; k < 10; ++k) {
    double const trace = C.trace();
    if (!(trace > 0)) return 0;
    logarithm += std::log(trace) / power, power *= 2;
    C = ((C / trace) * (C / trace)).eval();
  }
  double const trace = C.trace();
  return trace > 0 ? std::exp(logarithm + std::log(trace) / power) : 0;
}

promised_table hostile(numbers& random) {
  Index const n = 3 + random.below(5), f = 1 + random.below((n - 1) / 2), d = 1 + random.below(4), honest = n - f;
  promised_table t{f, matrix(n, d), {}};
  bool const grid = random.below(4) == 0, offset = random.below(4) == 0;
  for (Index i = 0; i < n; ++i) {
    for (Index c = 0; c < d; ++c)
      t.x(i, c) = (grid ? static_cast<double>(random.below(3)) : random.gauss()) + (offset ? 100 : 0);
  }
  matrix const truth = t.x.topRows(honest);
  Index const plan = random.below(6);  // the last: each liar as it likes
  matrix const back = in<double>(robagg::attack::sign_flip{std::pow(10., 2 * random.uniform() - 1)}, truth);
  matrix const little = in<double>(robagg::attack::little_is_enough{4 * random.uniform()}, truth);
  matrix far(1, d);
  for (Index c = 0; c < d; ++c) far(0, c) = random.gauss() * std::pow(10., 6 * random.uniform());
  for (Index i = honest; i < n; ++i) {
    switch (plan == 5 ? random.below(5) : plan) {
      case 0:
        t.x.row(i) = far;
        break;
      case 1:
        t.x.row(i) *= std::pow(10., 6 * random.uniform());
        break;
      case 2:
        t.x.row(i) = back;
        break;
      case 3:
        t.x.row(i) = little;
        break;
      case 4:
        t.x.row(i) = truth.row(random.below(honest));
        break;
    }
  }
  t.x = pick(t.x, permutation(n, random.bits()));
  for (unsigned set = 0; set < 1u << n; ++set) {
    std::vector<Index> rows;
    for (Index i = 0; i < n; ++i) {
      if (set >> i & 1u) rows.push_back(i);
    }
    if (static_cast<Index>(rows.size()) != honest) continue;
    matrix const y = pick(t.x, rows), mean = y.colwise().mean(), deviations = y.rowwise() - mean.row(0);
    double diameter = 0;
    for (Index i = 0; i < honest; ++i) {
      for (Index k = 0; k < i; ++k) diameter = std::max(diameter, (y.row(i) - y.row(k)).norm());
    }
    t.subsets.push_back(
        {mean, deviations.squaredNorm() / static_cast<double>(honest), diameter, largest_eigenvalue(deviations)});
  }
  return t;
}

// How much of its allowance the rule has used on the worst subset: more than 1 breaks the promise.
double used(promise const& p, promised_table const& t) {
  auto const n = static_cast<double>(t.x.rows()), f = static_cast<double>(t.f), d = static_cast<double>(t.x.cols());
  matrix const y = p.rule(t.f, t.x);
  double const constant = p.constant(n, f, d), rounding = 1e-9 * magnitude(t.x);
  double most = 0;
  for (auto const& s : t.subsets) {
    double const gap = std::max(0., (y - s.mean).norm() - rounding);
    double const allowed = p.what == measure::kappa    ? std::sqrt(constant * s.squares)
                           : p.what == measure::lambda ? constant * s.diameter
                                                       : std::sqrt(constant * s.largest);
    double const share = gap == 0 ? 0 : gap / allowed;
    most = share <= most ? most : share;  // a NaN stays
  }
  return most;
}

double trimmed_mean_kappa(double n, double f, double) { return 6 * f / (n - 2 * f) * (1 + f / (n - 2 * f)); }
double median_kappa(double n, double f, double) { return 4 * (1 + f / (n - 2 * f)) * (1 + f / (n - 2 * f)); }
double krum_kappa(double n, double f, double) { return 6 * (1 + f / (n - 2 * f)); }
template <double (*Kappa)(double, double, double)>
double after_mixing(double n, double f, double d) {
  return 8 * f / (n - f) * (Kappa(n, f, d) + 1);
}
double width(double n, double f, double d) { return std::min(2 * std::sqrt(n - f), std::sqrt(d)); }

std::vector<promise> promises() {
  using namespace robagg;
  using enum measure;
  auto const trimmed = [](Index f) { return trimmed_mean{f}; };
  auto const middle = [](Index) { return median{}; };
  auto const geometric = [](Index) { return geometric_median{.tolerance = 1e-10}; };
  rule_for const krums = [](Index f, matrix const& x) { return in<double>(krum{.f = f, .neighbours = x.rows() - f - 1}, x); };
  rule_for const mixed_krum = [](Index f, matrix const& x) {
    return in<double>(nearest_neighbour_mixing{f} | krum{.f = f, .neighbours = x.rows() - f - 1}, x);
  };
  auto const mixed = [](auto rule) { return rule_of([rule](Index f) { return nearest_neighbour_mixing{f} | rule(f); }); };
  return {
      // Allouah et al., Fixing by mixing, 2023, table 1.
      {"trimmed_mean", rule_of(trimmed), kappa, trimmed_mean_kappa},
      {"median", rule_of(middle), kappa, median_kappa},
      {"geometric_median", rule_of(geometric), kappa, median_kappa},
      {"krum", krums, kappa, krum_kappa},
      {"nnm | trimmed_mean", mixed(trimmed), kappa, after_mixing<trimmed_mean_kappa>},
      {"nnm | median", mixed(middle), kappa, after_mixing<median_kappa>},
      {"nnm | geometric_median", mixed(geometric), kappa, after_mixing<median_kappa>},
      {"nnm | krum", mixed_krum, kappa, after_mixing<krum_kappa>},
      // Farhadkhani et al., Byzantine machine learning made easy by resilient averaging of momentums, 2022.
      {"trimmed_mean", rule_of(trimmed), lambda, [](double n, double f, double d) { return f / (n - f) * width(n, f, d); }},
      {"mean_around_median", rule_of([](Index f) { return mean_around_median{f}; }), lambda,
       [](double n, double f, double d) { return 2 * f / (n - f) * width(n, f, d); }},
      {"median", rule_of(middle), lambda, [](double n, double f, double d) { return n / (2 * (n - f)) * width(n, f, d); }},
      {"krum", krums, lambda, [](double n, double f, double) { return 1 + std::sqrt((n - f) / (n - 2 * f)); }},
      {"geometric_median", rule_of(geometric), lambda,
       [](double n, double f, double) { return 1 + std::sqrt((n - f) * (n - f) / (n * (n - 2 * f))); }},
      {"minimum_diameter_averaging", rule_of([](Index f) { return minimum_diameter_averaging{f}; }), lambda,
       [](double n, double f, double) { return 2 * f / (n - f); }},
      {"smallest_max_eigenvalue_averaging", rule_of([](Index f) { return smallest_max_eigenvalue_averaging{f}; }),
       high_dimensional, [](double n, double f, double) { return 4 * f / (n - f) * std::pow(1 + f / (n - 2 * f), 2); }},
      // Allouah et al., Adaptive gradient clipping, 2025.
      {"adaptive_clip | trimmed_mean", rule_of([](Index f) { return adaptive_clip{f} | trimmed_mean{f}; }), kappa,
       [](double n, double f, double d) { return trimmed_mean_kappa(n, f, d) + 2 * f / (n - 2 * f); }},
      // The trace of a covariance is at most d times its largest eigenvalue.
      {"krum", krums, high_dimensional, [](double n, double f, double d) { return d * krum_kappa(n, f, d); }},
  };
}

}  // namespace

TEST_CASE("no hostile table breaks the constants of the literature") {
  auto const all = promises();
  std::vector<double> most(all.size(), 0);
  promise const broken{"mean", rule_of([](Index) { return robagg::mean{}; }), measure::kappa, krum_kappa};
  double broken_most = 0;
  numbers random(20);
  constexpr int tables = instrumented ? 300 : 2000;
  for (int k = 0; k < tables; ++k) {
    promised_table const t = hostile(random);
    for (std::size_t i = 0; i < all.size(); ++i) {
      double const share = used(all[i], t);
      if (!(share <= most[i])) most[i] = share;
      if (share <= 1) continue;
      CAPTURE(all[i].name, share, t.f, t.x);
      CHECK(share <= 1);
    }
    broken_most = std::max(broken_most, used(broken, t));
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    CAPTURE(all[i].name, static_cast<int>(all[i].what), most[i]);
    CHECK(most[i] > .2);  // the tables are hostile enough to say something
  }
  CHECK(broken_most > 100);
}
