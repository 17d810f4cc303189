// SPDX-License-Identifier: BSL-1.0
// What must hold of operators whatever their values: a subject is an operator behind plain functions from table to
// table, so that a law is written and compiled once; a law is a name and a check.
#pragma once

#include "inputs.hpp"
#include "reference.hpp"

#include <initializer_list>
#include <optional>

namespace robagg_test {

// --- a subject -----------------------------------------------------------------------------------

struct subject {
  using call = std::function<matrix(matrix const&)>;

  std::string name;
  double epsilon;  // of the scalar it is called with
  double largest;  // finite value of that scalar
  Index rows = 9;  // of the tables it is tried on
  bool transforms, coordinatewise;
  double slack = 16;  // rounding it is allowed, in epsilons of the largest value
  call round, of, column_major;
  std::function<void(matrix const&, robagg::workspace&)> run;
  // Empty where the operator does not read such tables:
  std::function<matrix(matrix const&, Index, Index)> slice;
  std::function<matrix(matrix const&, std::vector<Index> const&)> subset;
  std::function<matrix(matrix const&, std::vector<double> const&)> weighted;
  std::function<matrix(matrix const&, std::vector<double> const&)> weighted_skip_nan;
  std::function<std::vector<matrix>(matrix const&)> equally_weighted;  // by weights of several values and types
  call skip_nan;
  std::function<matrix(matrix const&, matrix const&)> around;

  double tolerance(matrix const& x) const { return slack * epsilon * magnitude(x); }
};

template <class Op, class R>
concept reads_table = robagg::detail::accepts<Op, R>();

// The table itself, with weights, with NaN as absent: what every law begins with.
template <class S, class Op>
subject plain_subject_of(Op op) {
  using table = robagg::table<S>;
  subject s;
  s.name = robagg::describe(op) + (sizeof(S) == 4 ? " in float" : "");
  s.epsilon = static_cast<double>(std::numeric_limits<S>::epsilon());
  s.largest = static_cast<double>(std::numeric_limits<S>::max());
  s.transforms = robagg::transform<Op>;
  s.coordinatewise = requires { requires Op::coordinatewise; };
  s.round = [](matrix const& x) { return rounded<S>(x); };
  s.of = [op](matrix const& x) { return in<S>(op, x); };
  std::vector<double> const none;
  using weighted_table = decltype(robagg::weighted(std::declval<table const&>(), none));
  if constexpr (reads_table<Op, weighted_table>) {
    s.weighted = [op](matrix const& x, std::vector<double> const& w) {
      table const values = x.cast<S>();
      return numbers_of(op(robagg::weighted(values, w)));
    };
  }
  if constexpr (!robagg::detail::leaves_rows_out<Op> &&
                reads_table<Op, decltype(robagg::skip_nan(std::declval<table const&>()))>) {
    s.skip_nan = [op](matrix const& x) {
      table const values = x.cast<S>();
      return numbers_of(op(robagg::skip_nan(values)));
    };
  }
  return s;
}
// And in every storage, in slices, of chosen rows, about another origin.
template <class S = double, class Op>
subject subject_of(Op op) {
  using table = robagg::table<S>;
  subject s = plain_subject_of<S>(op);
  s.column_major = [op](matrix const& x) {
    shown_matrix<S, Eigen::ColMajor> const values = x.cast<S>();
    return numbers_of(op(values));
  };
  s.run = [op](matrix const& x, robagg::workspace& ws) {
    table const values = x.cast<S>();
    if constexpr (robagg::elect<Op>) {
      op.elect(values, ws);
    } else if constexpr (robagg::transform<Op>) {
      table out(op.rows(x.rows()), x.cols());
      op.into(values, out, ws);
    } else {
      Eigen::Matrix<S, Eigen::Dynamic, 1> out(x.cols());
      op.into(values, out, ws);
    }
  };
  if constexpr (requires { requires Op::coordinatewise; }) {
    s.slice = [op](matrix const& x, Index first, Index width) {
      table const values = x.cast<S>();
      return numbers_of(op(values.middleCols(first, width)));
    };
  }
  s.subset = [op](matrix const& x, std::vector<Index> const& rows) {
    table const values = x.cast<S>();
    return numbers_of(op(robagg::subset(values, rows)));
  };
  using vector = Eigen::Matrix<S, 1, Eigen::Dynamic>;
  if constexpr (reads_table<Op, decltype(robagg::around(std::declval<table const&>(), std::declval<vector const&>()))>) {
    s.around = [op](matrix const& x, matrix const& v) {
      table const values = x.cast<S>();
      vector const origin = v.row(0).template cast<S>();
      return numbers_of(op(robagg::around(values, origin)));
    };
  }
  return s;
}
// And with weights of every kind.
template <class S, class Op>
subject weighted_subject_of(Op op) {
  using table = robagg::table<S>;
  subject s = plain_subject_of<S>(op);
  std::vector<double> const none;
  if constexpr (reads_table<Op, decltype(robagg::weighted(std::declval<table const&>(), none))>) {
    s.equally_weighted = [op, weighted = s.weighted](matrix const& x) {
      table const values = x.cast<S>();
      auto const n = static_cast<std::size_t>(x.rows());
      auto const by = [&](auto w) { return numbers_of(op(robagg::weighted(values, std::vector(n, w)))); };
      return std::vector{weighted(x, std::vector(n, .1)), weighted(x, std::vector(n, 1e-310)), by(1.3f), by(7)};
    };
  }
  using skipping_table = decltype(robagg::skip_nan(std::declval<table const&>()));
  if constexpr (!robagg::detail::leaves_rows_out<Op> &&
                reads_table<Op, decltype(robagg::weighted(std::declval<skipping_table>(), none))>) {
    s.weighted_skip_nan = [op](matrix const& x, std::vector<double> const& w) {
      table const values = x.cast<S>();
      return numbers_of(op(robagg::weighted(robagg::skip_nan(values), w)));
    };
  }
  return s;
}

// --- agreement with the reference ----------------------------------------------------------------

// expected(x) for several sizes and families; `scale` says how large a result may be (for its rounding).
inline void check_reference(subject const& s, std::function<matrix(matrix const&)> const& expected, Index least_rows = 1,
                            std::vector<family> const& families = {all_families.begin(), all_families.end()}) {
  for (family const kind : families) {
    for (Index const n : {1, 2, 3, 5, 8, 11, 16, 17, 33}) {
      if (n < least_rows) continue;
      for (Index const d : {1, 6, 37, 520}) {
        if (d > 37 && n > 5) continue;  // 520 columns: more than one block
        matrix const x = s.round(sample(kind, n, d, 11));
        INFO(s.name << ", family " << static_cast<int>(kind) << ", n = " << n << ", d = " << d);
        matrix const want = expected(x), got = s.of(x);
        double const gap = difference(got, want), allowed = s.slack * s.epsilon * std::max(magnitude(x), magnitude(want));
        INFO("off by " << gap << ", allowed " << allowed);
        CHECK(gap <= allowed);
      }
    }
  }
}

// --- laws ----------------------------------------------------------------------------------------

struct law {
  char const* name;
  std::function<void(subject const&)> check;
};

inline void check_laws(subject const& s, std::initializer_list<law> laws) {
  for (law const& l : laws) {
    INFO(s.name << ": " << l.name);
    l.check(s);
  }
}

// The order of the rows does not matter (without ties); a transform's rows move along.
inline law const permutation_invariant = {
    "row permutations", [](subject const& s) {
      for (std::uint64_t const seed : {1u, 2u, 3u}) {
        matrix const x = s.round(gauss(s.rows, 20, seed));
        auto const p = permutation(s.rows, seed);
        matrix const y = s.of(x);
        CHECK(difference(s.of(pick(x, p)), s.transforms ? pick(y, p) : y) <= s.tolerance(x));
      }
    }};
inline law const translation_equivariant = {"translation", [](subject const& s) {
                                              matrix const x = s.round(gauss(s.rows, 20)), v = s.round(gauss(1, 20, 9) * 3);
                                              matrix const moved = s.round(x.rowwise() + v.row(0)), y = s.of(x);
                                              CHECK(difference(s.of(moved), y.rowwise() + v.row(0)) <= s.tolerance(moved));
                                            }};
inline law const scale_equivariant = {"scale", [](subject const& s) {
                                        matrix const x = s.round(gauss(s.rows, 20)), y = s.of(x);
                                        for (double const factor : {8., .25, 0x1p-40, 3.}) {
                                          matrix const scaled = s.round(x * factor);
                                          CHECK(difference(s.of(scaled), y * factor) <= s.tolerance(scaled));
                                        }
                                      }};
inline law const sign_equivariant = {"sign", [](subject const& s) {
                                       matrix const x = s.round(gauss(s.rows, 20));
                                       CHECK(difference(s.of(-x), -s.of(x)) <= s.tolerance(x));
                                     }};
// How many columns of y leave the range of the values of x, to the bit.
inline Index columns_outside(matrix const& y, matrix const& x) {
  Index outside = 0;
  for (Index c = 0; c < x.cols(); ++c) outside += !(y(0, c) >= x.col(c).minCoeff() && y(0, c) <= x.col(c).maxCoeff());
  return outside;
}
// Between the smallest and the largest value of each column, where these are equal too.
inline law const inside_column_range = {"inside the column range", [](subject const& s) {
                                          for (family const kind : all_families) {
                                            matrix const x = s.round(sample(kind, s.rows, 40, 3)),
                                                         equal = x.row(0).replicate(s.rows, 1);
                                            INFO("family " << static_cast<int>(kind));
                                            CHECK(columns_outside(s.of(x), x) == 0);
                                            CHECK(columns_outside(s.of(equal), equal) == 0);
                                          }
                                        }};

// f rows lie: the result stays in the column range of the honest rows ...
inline law survives_inside(Index f) {
  return {"survives liars inside the honest range", [f](subject const& s) {
            for (family const kind : {family::gauss, family::grid, family::offset}) {
              matrix const honest = s.round(sample(kind, s.rows - f, 40, 5));
              for (lie const l : all_lies) {
                matrix const y = s.of(attack(honest, f, l, s.largest).table);
                INFO("family " << static_cast<int>(kind) << ", liars send " << text(l));
                CHECK(columns_outside(y, honest) == 0);
              }
            }
          }};
}
// ... or within `times` its width of it ...
inline law survives_near(Index f, double times) {
  return {"survives liars near the honest range", [f, times](subject const& s) {
            for (family const kind : {family::gauss, family::grid, family::offset}) {
              matrix const honest = s.round(sample(kind, s.rows - f, 40, 5));
              for (lie const l : all_lies) {
                matrix const y = s.of(attack(honest, f, l, s.largest).table);
                INFO("family " << static_cast<int>(kind) << ", liars send " << text(l));
                Index outside = 0;
                for (Index c = 0; c < honest.cols(); ++c) {
                  double const low = honest.col(c).minCoeff(), high = honest.col(c).maxCoeff(), room = times * (high - low);
                  outside += !(y(0, c) >= low - room && y(0, c) <= high + room);
                }
                CHECK(outside == 0);
              }
            }
          }};
}
// One liar more, and there is no bound.
inline law breaks_at(Index f) {
  return {"has no bound with one liar more", [f](subject const& s) {
            matrix const honest = s.round(gauss(s.rows - f, 40, 5));
            CHECK((s.of(attack(honest, f, lie::e30, s.largest).table).array().abs() > 1e25).all());
          }};
}
// ... or |result - mean of the honest|^2 <= kappa times their mean squared deviation. Of a transform: one row each,
// and the honest rows are meant.
inline law survives_within(Index f, double kappa) {
  return {"survives liars within kappa", [f, kappa](subject const& s) {
            for (family const kind : {family::gauss, family::grid, family::offset}) {
              matrix const honest = s.round(sample(kind, s.rows - f, 40, 6));
              matrix const middle = reference::mean(honest);
              double const spread = (honest.rowwise() - middle.row(0)).squaredNorm() / static_cast<double>(honest.rows());
              for (lie const l : all_lies) {
                attacked const a = attack(honest, f, l, s.largest);
                matrix const y = s.of(a.table);
                INFO("family " << static_cast<int>(kind) << ", liars send " << text(l));
                for (Index i = 0; i < y.rows(); ++i) {
                  if (s.transforms && std::find(a.liars.begin(), a.liars.end(), i) != a.liars.end()) continue;
                  CHECK((y.row(i) - middle).squaredNorm() <= kappa * spread + s.tolerance(honest) * s.tolerance(honest));
                }
              }
            }
          }};
}

inline law const same_bits_in_any_order_of_storage = {"storage order", [](subject const& s) {
                                                        for (Index const d : {3, 37, 1030}) {
                                                          matrix const x = gauss(s.rows, d, 17);
                                                          CHECK(same_bits(s.column_major(x), s.of(x)));
                                                        }
                                                      }};
inline law const slices_glue = {"column slices", [](subject const& s) {
                                  matrix const x = gauss(s.rows, 1030, 19), whole = s.of(x);
                                  matrix glued(whole.rows(), whole.cols());
                                  Index first = 0;
                                  for (Index const width : {1, 17, 500, 512}) {
                                    glued.middleCols(first, width) = s.slice(x, first, width);
                                    first += width;
                                  }
                                  REQUIRE(first == x.cols());
                                  CHECK(same_bits(glued, whole));
                                }};
inline law const workspace_settles = {"the workspace settles", [](subject const& s) {
                                        robagg::workspace ws;
                                        s.run(gauss(3 * s.rows, 1100), ws);
                                        auto const held = ws.bytes();
                                        s.run(gauss(3 * s.rows, 1100), ws);
                                        CHECK(ws.bytes() == held);
                                        for (Index const d : {600, 70, 1}) s.run(gauss(3 * s.rows, d), ws);
                                        CHECK(ws.bytes() == held);
                                      }};
inline law const fewer_rows_fit = {"the workspace of many rows serves fewer", [](subject const& s) {
                                     robagg::workspace ws;
                                     s.run(gauss(60, 600), ws);
                                     auto const held = ws.bytes();
                                     for (Index n = 60; n >= s.rows; --n) s.run(gauss(n, 600), ws);
                                     CHECK(ws.bytes() == held);
                                   }};
inline law const no_columns = {"no columns", [](subject const& s) {
                                 matrix const y = s.of(matrix(s.rows, 0));
                                 CHECK(y.cols() == 0);
                               }};
inline law const one_row_is_itself = {"one row", [](subject const& s) {
                                        matrix const x = s.round(gauss(1, 40));
                                        CHECK(same_bits(s.of(x), x));
                                      }};
inline law const needs_a_report = {
    "no rows",
    [](subject const& s) { CHECK_THROWS_WITH(s.of(matrix(0, 3)), Catch::Contains("needs at least one report (n = 0)")); }};
inline law const subset_is_those_rows = {"subset", [](subject const& s) {
                                           matrix const x = gauss(s.rows + 4, 40, 23);
                                           auto rows = permutation(s.rows + 4, 5);
                                           rows.resize(static_cast<std::size_t>(s.rows));
                                           CHECK(same_bits(s.subset(x, rows), s.of(pick(x, rows))));
                                         }};
// A table carried to another origin and back.
inline law const around_is_moving = {
    "around", [](subject const& s) {
      matrix const x = s.round(gauss(s.rows, 20, 29)), v = s.round(gauss(1, 20, 31) * 4);
      matrix const moved = s.round(x.rowwise() - v.row(0));
      matrix const y = s.of(moved);
      CHECK(difference(s.around(x, v), y.rowwise() + v.row(0)) <= s.tolerance(x) + s.tolerance(moved));
    }};

inline law const equal_weights = {"equal weights", [](subject const& s) {
                                    for (family const kind : {family::gauss, family::grid, family::offset}) {
                                      matrix const x = s.round(sample(kind, s.rows, 40, 37));
                                      for (double const w : {1., .1, 7.}) {
                                        std::vector<double> const all(static_cast<std::size_t>(s.rows), w);
                                        CHECK(difference(s.weighted(x, all), s.of(x)) <= s.tolerance(x));
                                      }
                                    }
                                  }};
inline law const weights_are_relative = {"a common factor", [](subject const& s) {
                                           matrix const x = s.round(gauss(s.rows, 40, 37));
                                           std::vector<double> w, eight;
                                           for (Index i = 0; i < s.rows; ++i)
                                             w.push_back(1 + .1 * static_cast<double>(i % 4)), eight.push_back(8 * w.back());
                                           CHECK(same_bits(s.weighted(x, w), s.weighted(x, eight)));
                                         }};
inline law const weight_zero_is_absent = {
    "weight 0", [](subject const& s) {
      matrix x = s.round(gauss(s.rows + 2, 40, 37));
      x.row(1).setConstant(not_a_number);
      x.row(s.rows).setConstant(infinity);
      std::vector<double> w, kept;
      std::vector<Index> rows;
      for (Index i = 0; i < s.rows + 2; ++i) {
        bool const absent = i == 1 || i == s.rows;
        w.push_back(absent ? 0 : 1 + .1 * static_cast<double>(i % 4));
        if (!absent) kept.push_back(w.back()), rows.push_back(i);
      }
      CHECK(difference(s.weighted(x, w), s.weighted(pick(x, rows), kept)) <= s.tolerance(x));
    }};

// A row of weight 3 counts as three rows. For rules with an f, `repeated` has W_f in its place.
inline void check_weights_repeat(subject const& s, subject const& repeated, std::vector<double> const& w) {
  for (family const kind : {family::gauss, family::grid, family::offset}) {
    matrix const x = s.round(sample(kind, static_cast<Index>(w.size()), 40, 47));
    std::vector<Index> rows;
    for (std::size_t i = 0; i < w.size(); ++i) rows.insert(rows.end(), static_cast<std::size_t>(w[i]), static_cast<Index>(i));
    INFO(s.name << " with weights against " << repeated.name << " on repeated rows");
    CHECK(difference(s.weighted(x, w), repeated.of(pick(x, rows))) <= s.tolerance(x));
  }
}

// --- exactness -----------------------------------------------------------------------------------

// Weights of 1 to 3, of which the heaviest are 3: W_f is 3 f.
inline std::vector<double> small_weights(Index n, std::uint64_t seed) {
  numbers random(seed);
  std::vector<double> w;
  for (Index i = 0; i < n; ++i) w.push_back(i % 4 == 1 ? 3 : 1 + static_cast<double>(random.below(3)));
  return w;
}
inline std::vector<Index> repeated_rows(std::vector<double> const& w) {
  std::vector<Index> rows;
  for (std::size_t i = 0; i < w.size(); ++i) rows.insert(rows.end(), static_cast<std::size_t>(w[i]), static_cast<Index>(i));
  return rows;
}
// Values of few digits, whose sums are exact, with ties and without.
inline matrix few_digits(Index n, Index d, std::uint64_t seed) {
  numbers random(seed);
  matrix x(n, d);
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<double>(random.below(i % d % 2 == 0 ? 9 : 1024) - 4) / 16;
  return x;
}
// NaN in some columns: the others are clean.
inline matrix with_some_gaps(matrix x, std::uint64_t seed) {
  numbers random(seed);
  for (Index c = 0; c < x.cols(); ++c) {
    for (Index k = c % 3 == 1 ? 1 + x.rows() / 9 : 0; k > 0; --k) x(random.below(x.rows()), c) = not_a_number;
  }
  return x;
}
inline bool clean(matrix const& x, Index c) { return (x.col(c).array() == x.col(c).array()).all(); }

// What a rule adds up: nothing (it chooses among the values), the values, or what is rounded before (exponentials).
enum class sums { none, exact, rounded };

// Equal weights are none. Whole weights are repeated rows (`repeated` is the rule that has W_f for f): to the bit where all
// sums are exact or a rule chooses among the values, otherwise up to rounding. A column without NaN is itself under skip_nan,
// whatever its neighbours hold.
inline void check_exactness(subject const& s, subject const& repeated, sums kind, Index n) {
  Index const d = n <= 300 ? 37 : n <= 2049 ? 19 : 3;
  INFO(s.name << ", n = " << n);
  matrix const exact = few_digits(n, d, 3), x = s.round(gauss(n, d, 5));
  if (s.weighted) {
    for (matrix const& y : s.equally_weighted(x)) CHECK(same_bits(y, s.of(x)));
    auto const w = small_weights(n, 7);
    auto const rows = repeated_rows(w);
    if (kind != sums::rounded) CHECK(same_bits(s.weighted(exact, w), repeated.of(pick(exact, rows))));
    matrix const got = s.weighted(x, w), want = repeated.of(pick(x, rows));
    if (kind == sums::none) {
      CHECK(same_bits(got, want));
    } else {
      double const sum = static_cast<double>(rows.size()) * s.epsilon * x.cwiseAbs().sum() / static_cast<double>(x.size());
      for (Index c = 0; c < d; ++c) {
        // Rounded sums are known to a share of the values, not of the result.
        double const size = kind == sums::rounded ? x.col(c).cwiseAbs().maxCoeff() : std::abs(want(0, c));
        double const allowed = s.epsilon < 1e-15 ? sum : 2 * s.epsilon * size;
        INFO("column " << c << ": " << got(0, c) << " against " << want(0, c));
        CHECK(std::abs(got(0, c) - want(0, c)) <= allowed);
      }
    }
  }
  if (s.skip_nan) {
    auto const clean_columns_agree = [&](matrix const& gaps, matrix const& got, matrix const& want, Index first = 0) {
      for (Index c = 0; c < got.cols(); ++c) {
        INFO("column " << first + c);
        if (clean(gaps, first + c)) CHECK(same_bits(got(0, c), want(0, first + c)));
      }
    };
    matrix const gaps = with_some_gaps(x, 11), plain = s.of(x);
    clean_columns_agree(gaps, s.skip_nan(gaps), plain);
    for (Index const first : {0, 1, 2})
      clean_columns_agree(gaps, s.skip_nan(gaps.middleCols(first, d - 2 - first % 2)), plain, first);
    for (Index const c : {0, 2}) CHECK(same_bits(s.skip_nan(gaps.col(c)), plain.col(c)));
    if (s.weighted_skip_nan) {
      auto w = small_weights(n, 13);
      for (double const factor : {1., .1}) {
        for (double& v : w) v *= factor;
        clean_columns_agree(gaps, s.weighted_skip_nan(gaps, w), s.weighted(x, w));
      }
    }
  }
}

inline matrix with_gaps(matrix x, std::uint64_t seed) {
  numbers random(seed);
  for (Index i = 0; i < x.size(); ++i) {
    if (random.uniform() < .35) x.data()[i] = not_a_number;
  }
  x.col(0).setConstant(not_a_number);  // nothing
  x.col(1).setConstant(not_a_number);  // one value
  x(x.rows() - 1, 1) = 1.5;
  return x;
}
// Each column by itself, from the rows that have a value; `nothing` where none has, NaN where they are too few.
inline law skips_nan(double nothing = not_a_number) {
  return {"skip_nan", [nothing](subject const& s) {
            matrix const x = s.round(with_gaps(gauss(s.rows, 60, 53), 3)), y = s.skip_nan(x);
            for (Index c = 0; c < x.cols(); ++c) {
              std::vector<Index> there;
              for (Index i = 0; i < x.rows(); ++i) {
                if (!std::isnan(x(i, c))) there.push_back(i);
              }
              INFO("column " << c << " with " << there.size() << " values");
              if (there.empty()) {
                CHECK(same_bits(y(0, c), nothing));
                continue;
              }
              matrix const values = pick(x, there).col(c);
              bool enough = true;
              matrix expected;
              try {
                expected = s.of(values);
              } catch (robagg::bad_input const&) { enough = false; }
              if (enough) {
                CHECK(std::abs(y(0, c) - expected(0, 0)) <= s.tolerance(values));
              } else {
                CHECK(std::isnan(y(0, c)));
              }
            }
          }};
}

// --- errors and outputs --------------------------------------------------------------------------

// op refuses x, saying each of `words`, and writes nothing.
template <class Op, class R>
void check_refuses(Op const& op, R const& x, std::initializer_list<char const*> words) {
  robagg::workspace ws;
  std::string said;
  auto const attempt = [&](auto&& call) {
    said.clear();
    try {
      call();
    } catch (robagg::bad_input const& e) { said = e.what(); }
    for (char const* word : words) CHECK_THAT(said, Catch::Contains(word));
  };
  INFO(robagg::describe(op));
  if constexpr (robagg::elect<Op>) {
    attempt([&] { op.elect(x, ws); });
  } else if constexpr (robagg::transform<Op>) {
    robagg::table<typename R::Scalar> out(2, 3);
    out.setConstant(typename R::Scalar(7));
    attempt([&] { op.into(x, out, ws); });
    CHECK((out.rows() == 2 && out.cols() == 3 && (out.array() == typename R::Scalar(7)).all()));
  } else {
    Eigen::Matrix<typename R::Scalar, Eigen::Dynamic, 1> out(2);
    out.setConstant(typename R::Scalar(7));
    attempt([&] { op.into(x, out, ws); });
    CHECK((out.size() == 2 && (out.array() == typename R::Scalar(7)).all()));
  }
  attempt([&] { op(x); });
}

// The same for a call that is given the operator.
template <class Op, class Call>
void check_call_refused(Op const& op, Call const& call, std::initializer_list<char const*> words) {
  std::string said;
  try {
    call(op);
  } catch (robagg::bad_input const& e) { said = e.what(); }
  for (char const* word : words) CHECK_THAT(said, Catch::Contains(word));
}

// Every kind of output holds the same bits, of integers the nearest ones; a wrong size is bad_input and an overlap an
// assertion, and nothing is written.
template <class Op>
void check_outputs(Op const& op, Index n = 9) {
  INFO(robagg::describe(op));
  Index const d = 37;
  matrix x = gauss(n, d, 59);
  robagg::workspace ws;
  if constexpr (robagg::transform<Op>) {
    matrix const expected = op(x);
    matrix resized(1, 2);
    op.into(x, resized, ws);
    CHECK(same_bits(resized, expected));

    Index const m = expected.rows();
    Eigen::MatrixXd big = Eigen::MatrixXd::Constant(m + 2, d + 2, 7);
    op.into(x, big.block(1, 1, m, d), ws);
    CHECK(same_bits(big.block(1, 1, m, d), expected));
    big.block(1, 1, m, d).setConstant(7);
    CHECK((big.array() == 7).all());

    CHECK_THROWS_WITH(op.into(x, big.block(0, 0, m + 1, d), ws), Catch::Contains("needs an output of m x d values"));
    CHECK_THROWS_WITH(op.into(x, big.block(0, 0, m, d + 1), ws), Catch::Contains("needs an output of m x d values"));
    CHECK((big.array() == 7).all());
    matrix const before = x;
    CHECK_THROWS_AS(op.into(x, x, ws), assertion_failed);
    CHECK(same_bits(x, before));
  } else {
    Eigen::VectorXd const expected = op(x);
    Eigen::VectorXd resized(2);
    op.into(x, resized, ws);
    CHECK(same_bits(resized, expected));

    Eigen::MatrixXd big = Eigen::MatrixXd::Constant(d, 3, 7);
    op.into(x, big.col(1), ws);
    CHECK(same_bits(big.col(1), expected));
    big.col(1).setConstant(7);
    CHECK((big.array() == 7).all());

    CHECK_THROWS_WITH(op.into(x, big.topRows(d - 1).col(0), ws),
                      Catch::Contains("needs an output of d values (size = 36, d = 37)"));
    CHECK((big.array() == 7).all());
    Eigen::Matrix<double, 3, 1> fixed = Eigen::Matrix<double, 3, 1>::Constant(7);
    CHECK_THROWS_WITH(op.into(x, fixed, ws), Catch::Contains("needs an output of d values (size = 3, d = 37)"));
    CHECK((fixed.array() == 7).all());

    std::vector<std::int8_t> whole;
    op.into(x, whole, ws);
    REQUIRE(whole.size() == static_cast<std::size_t>(d));
    for (std::size_t j = 0; j < whole.size(); ++j) {
      double const y = expected(static_cast<Index>(j));
      CHECK(whole[j] == (std::isnan(y) ? 0 : std::clamp(std::nearbyint(y), -128., 127.)));
    }

    std::vector<double> plain;
    op.into(x, plain, ws);
    CHECK(same_bits(Eigen::Map<Eigen::VectorXd>(plain.data(), d), expected));
    op.into(x, std::span(plain), ws);
    CHECK(same_bits(Eigen::Map<Eigen::VectorXd>(plain.data(), d), expected));
    plain.resize(static_cast<std::size_t>(d) + 1, 7);
    CHECK_THROWS_WITH(op.into(x, std::span(plain), ws), Catch::Contains("needs an output of d values (size = 38, d = 37)"));
    CHECK(plain.back() == 7);

    matrix const before = x;
    CHECK_THROWS_AS(op.into(x, Eigen::Map<Eigen::VectorXd>(x.data() + d, d), ws), assertion_failed);
    CHECK(same_bits(x, before));
  }
}

}  // namespace robagg_test
