// SPDX-License-Identifier: BSL-1.0
// The laws themselves: compiled once for all tests.
#include "laws.hpp"

namespace robagg_test {

void check_reference(subject const& s, any_call<matrix(matrix const&)> const& expected, Index least_rows,
                     std::vector<family> const& families) {
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

void check_laws(subject const& s, std::initializer_list<law> laws) {
  for (law const& l : laws) {
    INFO(s.name << ": " << l.name);
    l.check(s);
  }
}

law const permutation_invariant = {"row permutations", [](subject const& s) {
                                     for (std::uint64_t const seed : {1u, 2u, 3u}) {
                                       matrix const x = s.round(gauss(s.rows, 20, seed));
                                       auto const p = permutation(s.rows, seed);
                                       matrix const y = s.of(x);
                                       CHECK(difference(s.of(pick(x, p)), s.transforms ? pick(y, p) : y) <= s.tolerance(x));
                                     }
                                   }};

law const translation_equivariant = {"translation", [](subject const& s) {
                                       matrix const x = s.round(gauss(s.rows, 20)), v = s.round(gauss(1, 20, 9) * 3);
                                       matrix const moved = s.round(x.rowwise() + v.row(0)), y = s.of(x);
                                       CHECK(difference(s.of(moved), y.rowwise() + v.row(0)) <= s.tolerance(moved));
                                     }};

law const scale_equivariant = {"scale", [](subject const& s) {
                                 matrix const x = s.round(gauss(s.rows, 20)), y = s.of(x);
                                 for (double const factor : {8., .25, 0x1p-40, 3.}) {
                                   matrix const scaled = s.round(x * factor);
                                   CHECK(difference(s.of(scaled), y * factor) <= s.tolerance(scaled));
                                 }
                               }};

law const sign_equivariant = {"sign", [](subject const& s) {
                                matrix const x = s.round(gauss(s.rows, 20));
                                CHECK(difference(s.of(-x), -s.of(x)) <= s.tolerance(x));
                              }};

Index columns_outside(matrix const& y, matrix const& x) {
  Index outside = 0;
  for (Index c = 0; c < x.cols(); ++c) outside += !(y(0, c) >= x.col(c).minCoeff() && y(0, c) <= x.col(c).maxCoeff());
  return outside;
}

law const inside_column_range = {"inside the column range", [](subject const& s) {
                                   for (family const kind : all_families) {
                                     matrix const x = s.round(sample(kind, s.rows, 40, 3)),
                                                  equal = x.row(0).replicate(s.rows, 1);
                                     INFO("family " << static_cast<int>(kind));
                                     CHECK(columns_outside(s.of(x), x) == 0);
                                     CHECK(columns_outside(s.of(equal), equal) == 0);
                                   }
                                 }};

law survives_inside(Index f) {
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

law survives_near(Index f, double times) {
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

law breaks_at(Index f) {
  return {"has no bound with one liar more", [f](subject const& s) {
            matrix const honest = s.round(gauss(s.rows - f, 40, 5));
            CHECK((s.of(attack(honest, f, lie::e30, s.largest).table).array().abs() > 1e25).all());
          }};
}

law survives_within(Index f, double kappa) {
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

law const same_bits_in_any_order_of_storage = {"storage order", [](subject const& s) {
                                                 for (Index const d : {3, 37, 1030}) {
                                                   matrix const x = gauss(s.rows, d, 17);
                                                   CHECK(same_bits(s.column_major(x), s.of(x)));
                                                 }
                                               }};

law const slices_glue = {"column slices", [](subject const& s) {
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

law const workspace_settles = {"the workspace settles", [](subject const& s) {
                                 robagg::workspace ws;
                                 s.run(gauss(3 * s.rows, 1100), ws);
                                 auto const held = ws.bytes();
                                 s.run(gauss(3 * s.rows, 1100), ws);
                                 CHECK(ws.bytes() == held);
                                 for (Index const d : {600, 70, 1}) s.run(gauss(3 * s.rows, d), ws);
                                 CHECK(ws.bytes() == held);
                               }};

law const fewer_rows_fit = {"the workspace of many rows serves fewer", [](subject const& s) {
                              robagg::workspace ws;
                              s.run(gauss(60, 600), ws);
                              auto const held = ws.bytes();
                              for (Index n = 60; n >= s.rows; --n) s.run(gauss(n, 600), ws);
                              CHECK(ws.bytes() == held);
                            }};

law const no_columns = {"no columns", [](subject const& s) {
                          matrix const y = s.of(matrix(s.rows, 0));
                          CHECK(y.cols() == 0);
                        }};

law const one_row_is_itself = {"one row", [](subject const& s) {
                                 matrix const x = s.round(gauss(1, 40));
                                 CHECK(same_bits(s.of(x), x));
                               }};

law const needs_a_report = {"no rows", [](subject const& s) {
                              CHECK_THROWS_WITH(s.of(matrix(0, 3)), Catch::Contains("needs at least one report (n = 0)"));
                            }};

law const subset_is_those_rows = {"subset", [](subject const& s) {
                                    matrix const x = gauss(s.rows + 4, 40, 23);
                                    auto rows = permutation(s.rows + 4, 5);
                                    rows.resize(static_cast<std::size_t>(s.rows));
                                    CHECK(same_bits(s.subset(x, rows), s.of(pick(x, rows))));
                                  }};

law const around_is_moving = {
    "around", [](subject const& s) {
      matrix const x = s.round(gauss(s.rows, 20, 29)), v = s.round(gauss(1, 20, 31) * 4);
      matrix const moved = s.round(x.rowwise() - v.row(0));
      matrix const y = s.of(moved);
      CHECK(difference(s.around(x, v), y.rowwise() + v.row(0)) <= s.tolerance(x) + s.tolerance(moved));
    }};

law const equal_weights = {"equal weights", [](subject const& s) {
                             for (family const kind : {family::gauss, family::grid, family::offset}) {
                               matrix const x = s.round(sample(kind, s.rows, 40, 37));
                               for (double const w : {1., .1, 7.}) {
                                 std::vector<double> const all(static_cast<std::size_t>(s.rows), w);
                                 CHECK(difference(s.weighted(x, all), s.of(x)) <= s.tolerance(x));
                               }
                             }
                           }};

law const weights_are_relative = {"a common factor", [](subject const& s) {
                                    matrix const x = s.round(gauss(s.rows, 40, 37));
                                    std::vector<double> w, eight;
                                    for (Index i = 0; i < s.rows; ++i)
                                      w.push_back(1 + .1 * static_cast<double>(i % 4)), eight.push_back(8 * w.back());
                                    CHECK(same_bits(s.weighted(x, w), s.weighted(x, eight)));
                                  }};

law const weight_zero_is_absent = {"weight 0", [](subject const& s) {
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

void check_weights_repeat(subject const& s, subject const& repeated, std::vector<double> const& w) {
  for (family const kind : {family::gauss, family::grid, family::offset}) {
    matrix const x = s.round(sample(kind, static_cast<Index>(w.size()), 40, 47));
    std::vector<Index> rows;
    for (std::size_t i = 0; i < w.size(); ++i) rows.insert(rows.end(), static_cast<std::size_t>(w[i]), static_cast<Index>(i));
    INFO(s.name << " with weights against " << repeated.name << " on repeated rows");
    CHECK(difference(s.weighted(x, w), repeated.of(pick(x, rows))) <= s.tolerance(x));
  }
}

std::vector<double> small_weights(Index n, std::uint64_t seed) {
  numbers random(seed);
  std::vector<double> w;
  for (Index i = 0; i < n; ++i) w.push_back(i % 4 == 1 ? 3 : 1 + static_cast<double>(random.below(3)));
  return w;
}

std::vector<Index> repeated_rows(std::vector<double> const& w) {
  std::vector<Index> rows;
  for (std::size_t i = 0; i < w.size(); ++i) rows.insert(rows.end(), static_cast<std::size_t>(w[i]), static_cast<Index>(i));
  return rows;
}

matrix few_digits(Index n, Index d, std::uint64_t seed) {
  numbers random(seed);
  matrix x(n, d);
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<double>(random.below(i % d % 2 == 0 ? 9 : 1024) - 4) / 16;
  return x;
}

matrix with_some_gaps(matrix x, std::uint64_t seed) {
  numbers random(seed);
  for (Index c = 0; c < x.cols(); ++c) {
    for (Index k = c % 3 == 1 ? 1 + x.rows() / 9 : 0; k > 0; --k) x(random.below(x.rows()), c) = not_a_number;
  }
  return x;
}

bool clean(matrix const& x, Index c) { return (x.col(c).array() == x.col(c).array()).all(); }

void check_exactness(subject const& s, subject const& repeated, sums kind, Index n) {
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

matrix with_gaps(matrix x, std::uint64_t seed) {
  numbers random(seed);
  for (Index i = 0; i < x.size(); ++i) {
    if (random.uniform() < .35) x.data()[i] = not_a_number;
  }
  x.col(0).setConstant(not_a_number);  // nothing
  x.col(1).setConstant(not_a_number);  // one value
  x(x.rows() - 1, 1) = 1.5;
  return x;
}

law skips_nan(double nothing) {
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

}  // namespace robagg_test
