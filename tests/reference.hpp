// SPDX-License-Identifier: BSL-1.0
// Slow and obvious: every operator once more, straight from its definition, a column or a pair of rows at a time in
// long double. Nothing here calls the library.
#pragma once

#include "numbers.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <tuple>

namespace robagg_test::reference {

using real = long double;

struct entry {
  double value;
  double weight;
};
using column = std::vector<entry>;
using weights = std::vector<double>;  // empty: every row counts once

double weight_of(weights const& w, Index i);

// What is present of column c: rows with weight, without the NaN entries if those are absent.
column present(matrix const& x, Index c, weights const& w, bool skip_nan);
double total(column const& e);
column ascending(column e);

template <class F>
matrix by_column(matrix const& x, weights const& w, bool skip_nan, F f, double nothing = not_a_number) {
  matrix y(1, x.cols());
  for (Index c = 0; c < x.cols(); ++c) {
    column const e = present(x, c, w, skip_nan);
    y(0, c) = e.empty() ? nothing : f(e);
  }
  return y;
}

// --- location ------------------------------------------------------------------------------------

double mean(column const& e);
matrix mean(matrix const& x, weights const& w = {}, bool skip_nan = false);

// The middle of the smallest value at or below which there is at least p of the weight, and the smallest with more.
double quantile(column const& given, double p, double slack);
matrix quantile(matrix const& x, double p, weights const& w = {}, bool skip_nan = false);
matrix median(matrix const& x, weights const& w = {}, bool skip_nan = false);
matrix trimean(matrix const& x, weights const& w = {}, bool skip_nan = false);

// The weight of the f heaviest rows.
double heaviest(weights w, Index n, Index f);
// Lay the sorted rows side by side, each as wide as its weight; cut W_f off both ends; average what is left.
double trimmed_mean(column const& given, double cut);
matrix trimmed_mean(matrix const& x, Index f, weights const& w = {}, bool skip_nan = false);

// The mean of what is nearest to a centre: rows by distance, equal distances by row, `keep` of weight, the last in part.
double nearest_mean(column e, double centre, double keep);
matrix nearest_mean(matrix const& x, Index f, weights const& w, bool skip_nan, double (*centre)(column const&, double));
matrix mean_around_median(matrix const& x, Index f, weights const& w = {}, bool skip_nan = false);
matrix phocas(matrix const& x, Index f, weights const& w = {}, bool skip_nan = false);
matrix interquartile_mean(matrix const& x, weights const& w = {}, bool skip_nan = false);
// Lay the sorted rows side by side, cut both ends off; average what is left, or all with what was cut at the value where it
// ends.
double mean_between(column const& given, double low, double high, bool moves);
matrix mean_between_shares(matrix const& x, double low, double high, bool moves, weights const& w = {}, bool skip_nan = false);
matrix mean_between_rows(matrix const& x, Index low, Index high, bool moves, weights const& w = {}, bool skip_nan = false);

// Hyndman and Fan's types 4 to 9: from rank to rank in a straight line, rank 1 .. n at n p + m.
matrix quantile_at(matrix const& x, double p, double m, bool skip_nan = false);

double median(column const& e);
double absolute_deviation(column e);
matrix absolute_deviation(matrix const& x, weights const& w = {}, bool skip_nan = false);

// What astropy's sigma_clip keeps, up to a round that would leave nothing.
column clipped(column e, double low, double high, Index iterations, bool about_median, bool by_deviation);

// Huber's root, by halving: the middle of all, where nothing is within reach.
double huber(column const& e, double k);
double biweight(column const& e, double c);
matrix hodges_lehmann(matrix const& x, bool skip_nan = false);
matrix sign_majority(matrix const& x, weights const& w = {}, bool skip_nan = false);

// --- distances -----------------------------------------------------------------------------------

real squared_distance(matrix const& x, Index i, Index k);

// All rows, the least score first: neighbours out of sight, then the sum of the others, then the row.
std::vector<Index> krum_order(matrix const& x, Index neighbours);
Index krum_row(matrix const& x, Index neighbours);
matrix krum(matrix const& x, Index f, Index neighbours = 0);

// All sets of k of n rows, in lexicographic order.
std::vector<std::vector<Index>> subsets(Index n, Index k);

double sum_of_distances(matrix const& x, matrix const& z, weights const& w = {});
// T steps z <- sum a_i x_i / |x_i - z| / sum a_i / |x_i - z|, distances below nu counted as nu.
matrix weiszfeld(matrix const& x, double nu, Index steps, matrix z, weights const& w = {});
// The point of least sum of distances: a report, if the pulls of all others do not add up to more than its weight
// (no report passes otherwise); else Weiszfeld's steps, very many, from near the mean: at the mean itself there may be
// a report, where the steps end.
matrix geometric_median(matrix const& x, weights const& w = {});

// --- transforms ----------------------------------------------------------------------------------

matrix nearest_neighbour_mixing(matrix const& x, Index f);
matrix clip(matrix const& x, double radius, matrix const& centre);
matrix clip(matrix const& x, double radius);
matrix bucketing(matrix const& x, Index size, std::vector<Index> const& order);

enum class tie_rule { average, minimum, maximum, dense, ordinal };
matrix ranks(matrix const& x, tie_rule rule);

// --- scores --------------------------------------------------------------------------------------

matrix worst_case(matrix const& x, weights const& w = {}, bool skip_nan = false);
matrix best_case(matrix const& x, weights const& w = {}, bool skip_nan = false);
matrix uncertainty_weighted(matrix const& x, double lambda, int ddof, bool deviation, weights const& w = {},
                            bool skip_nan = false);
matrix soft_min(matrix const& x, double beta, weights const& w = {}, bool skip_nan = false);
// Row 0: the importances; row 1: the maxima before the floor.
matrix defensive(matrix const& x, double floor_strength);

// --- decisions and votes -------------------------------------------------------------------------

// All positions, best first: score, then tie_break, then position; NaN last.
std::vector<Index> preference(std::vector<double> const& scores, std::vector<double> const& tie_break);

// Each model's classes, best first; NaN counts as -infinity.
using ranking = std::vector<Index>;
std::vector<ranking> rankings(matrix const& x);
// Who wins, of models with weights, by first choices alone or after a second round.
Index elected(std::vector<ranking> const& rankings, std::vector<double> const& w, Index classes, bool second_round);

using ballots = std::vector<Index>;  // how many models vote for each class
ballots count_votes(matrix const& x);
Index elected(ballots const& votes);
// Can r ballots, changed at will, make another class win? Tries everything that they can do.
bool can_flip(ballots const& votes, Index winner, Index r);
// The most changed ballots that cannot change the winner; all of them where there is one class.
Index exact_radius(ballots const& votes);

}  // namespace robagg_test::reference
