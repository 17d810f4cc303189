// SPDX-License-Identifier: BSL-1.0
// The definitions of reference.hpp: compiled once for all tests.
#include "reference.hpp"

namespace robagg_test::reference {

double weight_of(weights const& w, Index i) { return w.empty() ? 1. : w[static_cast<std::size_t>(i)]; }

column present(matrix const& x, Index c, weights const& w, bool skip_nan) {
  column entries;
  for (Index i = 0; i < x.rows(); ++i) {
    if (weight_of(w, i) > 0 && !(skip_nan && std::isnan(x(i, c)))) entries.push_back({x(i, c), weight_of(w, i)});
  }
  return entries;
}

double total(column const& e) {
  real sum = 0;
  for (auto const& v : e) sum += v.weight;
  return static_cast<double>(sum);
}

column ascending(column e) {
  for (auto& v : e) {
    if (std::isnan(v.value)) v.value = infinity;
  }
  std::sort(e.begin(), e.end(), [](entry const& a, entry const& b) { return a.value < b.value; });
  return e;
}

double mean(column const& e) {
  real sum = 0;
  for (auto const& v : e) sum += static_cast<real>(v.weight) * static_cast<real>(v.value);
  return static_cast<double>(sum / static_cast<real>(total(e)));
}

matrix mean(matrix const& x, weights const& w, bool skip_nan) {
  return by_column(x, w, skip_nan, [](column const& e) { return mean(e); });
}

double quantile(column const& given, double p, double slack) {
  column const e = ascending(given);
  double const all = total(e), mark = p * all;
  double lower = e.back().value, upper = e.back().value, sum = all;
  for (std::size_t i = e.size(); i-- > 0;) {  // from the top, so that the smallest is kept
    if (sum >= mark - slack * all) lower = e[i].value;
    if (sum > mark + slack * all) upper = e[i].value;
    sum = 0;
    for (std::size_t k = 0; k < i; ++k) sum += e[k].weight;
  }
  return lower == upper ? lower : static_cast<double>((static_cast<real>(lower) + static_cast<real>(upper)) / 2);
}

matrix quantile(matrix const& x, double p, weights const& w, bool skip_nan) {
  double const slack = 4 * static_cast<double>(x.rows()) * 0x1p-52;
  return by_column(x, w, skip_nan, [&](column const& e) { return quantile(e, p, slack); });
}

matrix median(matrix const& x, weights const& w, bool skip_nan) { return quantile(x, .5, w, skip_nan); }

matrix trimean(matrix const& x, weights const& w, bool skip_nan) {
  return .25 * quantile(x, .25, w, skip_nan) + .5 * median(x, w, skip_nan) + .25 * quantile(x, .75, w, skip_nan);
}

double heaviest(weights w, Index n, Index f) {
  if (w.empty()) return static_cast<double>(std::min(n, f));
  std::sort(w.begin(), w.end(), std::greater<>{});
  return std::accumulate(w.begin(), w.begin() + std::min(f, n), 0.);
}

double trimmed_mean(column const& given, double cut) {
  column const e = ascending(given);
  double const all = total(e), slack = 1e-13 * all;
  if (!(all - 2 * cut > slack)) return not_a_number;
  real sum = 0, kept = 0, before = 0;
  for (auto const& v : e) {
    real const left = std::max<real>(before, cut), right = std::min<real>(before + v.weight, all - cut);
    before += v.weight;
    if (right - left <= slack) continue;
    sum += (right - left) * static_cast<real>(v.value);
    kept += right - left;
  }
  return static_cast<double>(sum / kept);
}

matrix trimmed_mean(matrix const& x, Index f, weights const& w, bool skip_nan) {
  double const cut = heaviest(w, x.rows(), f);
  return by_column(x, w, skip_nan, [&](column const& e) { return trimmed_mean(e, cut); });
}

double nearest_mean(column e, double centre, double keep) {
  for (auto& v : e) {
    if (std::isnan(v.value)) v.value = infinity;
  }
  std::stable_sort(e.begin(), e.end(),
                   [&](entry const& a, entry const& b) { return std::abs(a.value - centre) < std::abs(b.value - centre); });
  real sum = 0, kept = 0;
  for (auto const& v : e) {
    real const share = std::min<real>(v.weight, keep - kept);
    if (share <= 1e-13 * keep) continue;
    sum += share * static_cast<real>(v.value), kept += share;
  }
  return static_cast<double>(sum / kept);
}

matrix nearest_mean(matrix const& x, Index f, weights const& w, bool skip_nan, double (*centre)(column const&, double)) {
  double const cut = heaviest(w, x.rows(), f);
  return by_column(x, w, skip_nan, [&](column const& e) {
    double const keep = total(e) - cut;
    return keep - cut > 1e-13 * total(e) ? nearest_mean(e, centre(e, cut), keep) : not_a_number;
  });
}

matrix mean_around_median(matrix const& x, Index f, weights const& w, bool skip_nan) {
  return nearest_mean(x, f, w, skip_nan, [](column const& e, double) { return quantile(e, .5, 1e-13); });
}

matrix phocas(matrix const& x, Index f, weights const& w, bool skip_nan) {
  return nearest_mean(x, f, w, skip_nan, [](column const& e, double cut) { return trimmed_mean(e, cut); });
}

matrix interquartile_mean(matrix const& x, weights const& w, bool skip_nan) {
  return by_column(x, w, skip_nan, [](column const& e) { return trimmed_mean(e, total(e) / 4); });
}

double mean_between(column const& given, double low, double high, bool moves) {
  column const e = ascending(given);
  real const end = static_cast<real>(total(e)) - static_cast<real>(high), slack = 1e-13L * static_cast<real>(total(e));
  if (!(end - static_cast<real>(low) > slack)) return not_a_number;
  real sum = 0, kept = 0, before = 0, lowest = 0, highest = 0;
  for (auto const& v : e) {
    real const left = std::max<real>(before, low), right = std::min<real>(before + static_cast<real>(v.weight), end);
    before += static_cast<real>(v.weight);
    if (right - left <= slack) continue;
    if (kept == 0) lowest = static_cast<real>(v.value);
    highest = static_cast<real>(v.value), sum += (right - left) * highest, kept += right - left;
  }

  if (moves && low > 0) sum += static_cast<real>(low) * lowest, kept += static_cast<real>(low);
  if (moves && high > 0) sum += static_cast<real>(high) * highest, kept += static_cast<real>(high);
  return static_cast<double>(sum / kept);
}

matrix mean_between_shares(matrix const& x, double low, double high, bool moves, weights const& w, bool skip_nan) {
  return by_column(x, w, skip_nan, [&](column const& e) { return mean_between(e, low * total(e), high * total(e), moves); });
}

matrix mean_between_rows(matrix const& x, Index low, Index high, bool moves, weights const& w, bool skip_nan) {
  double const from = heaviest(w, x.rows(), low), to = heaviest(w, x.rows(), high);
  return by_column(x, w, skip_nan, [&](column const& e) { return mean_between(e, from, to, moves); });
}

matrix quantile_at(matrix const& x, double p, double m, bool skip_nan) {
  return by_column(x, {}, skip_nan, [&](column const& given) {
    column const e = ascending(given);
    real const n = static_cast<real>(e.size()), at = std::clamp<real>(n * p + m, 1, n), rank = std::floor(at);
    real const low = e[static_cast<std::size_t>(rank) - 1].value, share = at - rank;
    return static_cast<double>(share == 0 ? low
                                          : low + share * (static_cast<real>(e[static_cast<std::size_t>(rank)].value) - low));
  });
}

double median(column const& e) { return quantile(e, .5, 1e-13); }

double absolute_deviation(column e) {
  double const middle = median(e);
  for (auto& v : e) v.value = std::abs((std::isnan(v.value) ? infinity : v.value) - middle);
  return median(e);
}

matrix absolute_deviation(matrix const& x, weights const& w, bool skip_nan) {
  return by_column(x, w, skip_nan, [](column const& e) { return absolute_deviation(e); });
}

column clipped(column e, double low, double high, Index iterations, bool about_median, bool by_deviation) {
  std::erase_if(e, [](entry const& v) { return !std::isfinite(v.value); });
  for (Index step = 0; step < iterations && !e.empty(); ++step) {
    real const middle = mean(e);
    real squares = 0;
    for (auto const& v : e) squares += static_cast<real>(v.weight) * std::pow(static_cast<real>(v.value) - middle, 2);
    real const spread = by_deviation ? std::sqrt(squares / static_cast<real>(total(e)))
                                     : 1.482602218505602L * static_cast<real>(absolute_deviation(e));
    real const centre = about_median ? static_cast<real>(median(e)) : middle;
    column rest = e;
    std::erase_if(rest, [&](entry const& v) {
      auto const value = static_cast<real>(v.value);
      return value < centre - static_cast<real>(low) * spread || value > centre + static_cast<real>(high) * spread;
    });
    if (rest.empty()) break;
    e = rest;
  }
  return e;
}

double huber(column const& e, double k) {
  real const middle = median(e), deviation = absolute_deviation(e),
             reach = static_cast<real>(k) * 1.482602218505602L * deviation;
  if (!(reach > 0 && std::isfinite(reach))) return static_cast<double>(middle);
  auto const end_of_roots = [&](bool last) {
    real low = middle - reach - deviation, high = middle + reach + deviation;
    for (int step = 0; step < 100; ++step) {
      real const at = (low + high) / 2;
      real inner = 0, outer = 0;
      for (auto const& v : e) {
        real const gap = static_cast<real>(std::isnan(v.value) ? infinity : v.value) - at, weight = v.weight;
        std::abs(gap) < reach ? inner += weight* gap : outer += gap > 0 ? weight : -weight;
      }
      real const sum = inner + reach * outer;
      (sum > 0 || (last && sum == 0) ? low : high) = at;
    }
    return (low + high) / 2;
  };
  return static_cast<double>((end_of_roots(false) + end_of_roots(true)) / 2);
}

double biweight(column const& e, double c) {
  real const middle = median(e), scale = static_cast<real>(c) * static_cast<real>(absolute_deviation(e));
  if (!(scale > 0 && std::isfinite(scale))) return static_cast<double>(middle);
  real sum = 0, all = 0;
  for (auto const& v : e) {
    real const gap = static_cast<real>(std::isnan(v.value) ? infinity : v.value) - middle;
    if (!(std::abs(gap) < scale)) continue;
    real const weight = static_cast<real>(v.weight) * std::pow(1 - gap / scale * (gap / scale), 2);
    sum += weight * gap, all += weight;
  }
  return static_cast<double>(middle + sum / all);
}

matrix hodges_lehmann(matrix const& x, bool skip_nan) {
  return by_column(x, {}, skip_nan, [](column const& given) {
    column const e = ascending(given);
    std::vector<double> pairs;
    for (std::size_t i = 0; i < e.size(); ++i) {
      for (std::size_t k = i; k < e.size(); ++k) {
        double const y = .5 * e[i].value + .5 * e[k].value;
        pairs.push_back(std::isnan(y) ? infinity : y);
      }
    }
    std::sort(pairs.begin(), pairs.end());
    return std::midpoint(pairs[(pairs.size() - 1) / 2], pairs[pairs.size() / 2]);
  });
}

matrix sign_majority(matrix const& x, weights const& w, bool skip_nan) {
  return by_column(x, w, skip_nan, [](column const& e) {
    real votes = 0;
    for (auto const& v : e) votes += v.value > 0 ? v.weight : v.value < 0 ? -v.weight : 0;
    return votes > 0 ? 1. : votes < 0 ? -1. : 0.;
  });
}

real squared_distance(matrix const& x, Index i, Index k) {
  real sum = 0;
  for (Index c = 0; c < x.cols(); ++c) {
    real const gap = static_cast<real>(x(i, c)) - static_cast<real>(x(k, c));
    sum += gap * gap;
  }
  return std::isfinite(sum) ? sum : std::numeric_limits<real>::infinity();
}

std::vector<Index> krum_order(matrix const& x, Index neighbours) {
  std::vector<std::tuple<Index, real, Index>> scores;
  for (Index i = 0; i < x.rows(); ++i) {
    std::vector<real> d;
    for (Index k = 0; k < x.rows(); ++k) {
      if (k != i) d.push_back(squared_distance(x, i, k));
    }
    std::sort(d.begin(), d.end());
    Index missing = 0;
    real sum = 0;
    for (Index q = 0; q < neighbours; ++q) {
      real const v = d[static_cast<std::size_t>(q)];
      std::isfinite(v) ? sum += v : static_cast<real>(++missing);
    }
    scores.emplace_back(missing, sum, i);
  }
  std::sort(scores.begin(), scores.end());
  std::vector<Index> order;
  for (auto const& s : scores) order.push_back(std::get<2>(s));
  return order;
}

Index krum_row(matrix const& x, Index neighbours) { return krum_order(x, neighbours).front(); }

matrix krum(matrix const& x, Index f, Index neighbours) {
  Index const n = x.rows();
  if (neighbours == 0) neighbours = std::min(n - 1, std::max({Index{1}, f, n - f - 2}));
  return x.row(krum_row(x, neighbours));
}

std::vector<std::vector<Index>> subsets(Index n, Index k) {
  std::vector<std::vector<Index>> all;
  std::vector<Index> chosen;
  std::function<void(Index)> const extend = [&](Index next) {
    if (static_cast<Index>(chosen.size()) == k) return all.push_back(chosen);
    for (Index i = next; i < n; ++i) {
      chosen.push_back(i);
      extend(i + 1);
      chosen.pop_back();
    }
  };
  extend(0);
  return all;
}

double sum_of_distances(matrix const& x, matrix const& z, weights const& w) {
  real sum = 0;
  for (Index i = 0; i < x.rows(); ++i) {
    real square = 0;
    for (Index c = 0; c < x.cols(); ++c) {
      real const gap = static_cast<real>(x(i, c)) - static_cast<real>(z(0, c));
      square += gap * gap;
    }
    sum += static_cast<real>(weight_of(w, i)) * std::sqrt(square);
  }
  return static_cast<double>(sum);
}

matrix weiszfeld(matrix const& x, double nu, Index steps, matrix z, weights const& w) {
  using vector = std::vector<real>;
  auto const d = static_cast<std::size_t>(x.cols());
  vector at(z.data(), z.data() + z.size());
  for (Index t = 0; t < steps; ++t) {
    vector next(d, 0);
    real sum = 0;
    for (Index i = 0; i < x.rows(); ++i) {
      real square = 0;
      for (std::size_t c = 0; c < d; ++c) {
        real const gap = static_cast<real>(x(i, static_cast<Index>(c))) - at[c];
        square += gap * gap;
      }
      real const pull = static_cast<real>(weight_of(w, i)) / std::max(std::sqrt(square), static_cast<real>(nu));
      sum += pull;
      for (std::size_t c = 0; c < d; ++c) next[c] += pull * static_cast<real>(x(i, static_cast<Index>(c)));
    }
    for (std::size_t c = 0; c < d; ++c) at[c] = next[c] / sum;
  }
  for (std::size_t c = 0; c < d; ++c) z(0, static_cast<Index>(c)) = static_cast<double>(at[c]);
  return z;
}

matrix geometric_median(matrix const& x, weights const& w) {
  for (Index i = 0; i < x.rows(); ++i) {
    std::vector<real> pull(static_cast<std::size_t>(x.cols()), 0);
    real here = 0;
    for (Index k = 0; k < x.rows(); ++k) {
      real const distance = std::sqrt(squared_distance(x, i, k));
      if (distance == 0) here += weight_of(w, k);
      if (distance == 0) continue;
      for (Index c = 0; c < x.cols(); ++c) {
        pull[static_cast<std::size_t>(c)] +=
            static_cast<real>(weight_of(w, k)) * (static_cast<real>(x(k, c)) - static_cast<real>(x(i, c))) / distance;
      }
    }
    real square = 0;
    for (real const p : pull) square += p * p;
    if (weight_of(w, i) > 0 && std::sqrt(square) <= here) return x.row(i);
  }
  matrix const start = .97 * mean(x, w) + .03 * x.row(0);
  return weiszfeld(x, 0, 3000, start, w);
}

matrix nearest_neighbour_mixing(matrix const& x, Index f) {
  Index const n = x.rows();
  matrix y(n, x.cols());
  for (Index i = 0; i < n; ++i) {
    std::vector<std::pair<real, Index>> order;
    for (Index k = 0; k < n; ++k) order.emplace_back(k == i ? 0 : squared_distance(x, i, k), k);
    std::sort(order.begin(), order.end());
    std::vector<Index> near;
    for (Index k = 0; k < n - f; ++k) near.push_back(order[static_cast<std::size_t>(k)].second);
    y.row(i) = mean(pick(x, near));
  }
  return y;
}

matrix clip(matrix const& x, double radius, matrix const& centre) {
  matrix y = x;
  for (Index i = 0; i < x.rows(); ++i) {
    real square = 0;
    for (Index c = 0; c < x.cols(); ++c) {
      real const gap = static_cast<real>(x(i, c)) - static_cast<real>(centre(0, c));
      square += gap * gap;
    }
    real const norm = std::sqrt(square);
    if (norm <= static_cast<real>(radius)) continue;
    for (Index c = 0; c < x.cols(); ++c) {
      real const gap = static_cast<real>(x(i, c)) - static_cast<real>(centre(0, c));
      y(i, c) = std::isfinite(norm)
                    ? static_cast<double>(static_cast<real>(centre(0, c)) + gap * static_cast<real>(radius) / norm)
                    : centre(0, c);
    }
  }
  return y;
}

matrix clip(matrix const& x, double radius) { return clip(x, radius, matrix::Zero(1, x.cols())); }

matrix bucketing(matrix const& x, Index size, std::vector<Index> const& order) {
  Index const n = x.rows();
  matrix y((n + size - 1) / size, x.cols());
  for (Index b = 0; b < y.rows(); ++b) {
    y.row(b) = mean(pick(x, {order.begin() + b * size, order.begin() + std::min(n, (b + 1) * size)}));
  }
  return y;
}

matrix ranks(matrix const& x, tie_rule rule) {
  matrix y(x.rows(), x.cols());
  auto const above = [](double a, double b) { return std::isnan(b) ? !std::isnan(a) : a > b; };  // NaN is last
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index c = 0; c < x.cols(); ++c) {
      double higher = 0, level = 0, before = 0, kinds = 0;
      for (Index k = 0; k < x.cols(); ++k) {
        bool const higher_value = above(x(i, k), x(i, c)), equal = !higher_value && !above(x(i, c), x(i, k));
        higher += higher_value;
        level += equal;
        before += equal && k < c;
        bool first = higher_value;  // of its kind
        for (Index m = 0; m < k; ++m) first = first && (above(x(i, k), x(i, m)) || above(x(i, m), x(i, k)));
        kinds += first;
      }
      switch (rule) {
        case tie_rule::average:
          y(i, c) = higher + (level + 1) / 2;
          break;
        case tie_rule::minimum:
          y(i, c) = higher + 1;
          break;
        case tie_rule::maximum:
          y(i, c) = higher + level;
          break;
        case tie_rule::dense:
          y(i, c) = kinds + 1;
          break;
        case tie_rule::ordinal:
          y(i, c) = higher + before + 1;
          break;
      }
    }
  }
  return y;
}

matrix worst_case(matrix const& x, weights const& w, bool skip_nan) {
  return by_column(x, w, skip_nan, [](column const& e) {
    double least = infinity;
    for (auto const& v : e) least = std::isnan(v.value) ? -infinity : std::min(least, v.value);
    return least;
  });
}

matrix best_case(matrix const& x, weights const& w, bool skip_nan) {
  return by_column(x, w, skip_nan, [](column const& e) {
    double most = -infinity;
    for (auto const& v : e) most = std::isnan(v.value) || std::isnan(most) ? not_a_number : std::max(most, v.value);
    return most;
  });
}

matrix uncertainty_weighted(matrix const& x, double lambda, int ddof, bool deviation, weights const& w, bool skip_nan) {
  return by_column(x, w, skip_nan, [&](column const& e) {
    real const m = static_cast<real>(mean(e));
    real sum = 0;
    for (auto const& v : e)
      sum += static_cast<real>(v.weight) * (static_cast<real>(v.value) - m) * (static_cast<real>(v.value) - m);
    real const variance = sum / (static_cast<real>(total(e)) - ddof);
    return static_cast<double>(m - static_cast<real>(lambda) * (deviation ? std::sqrt(variance) : variance));
  });
}

matrix soft_min(matrix const& x, double beta, weights const& w, bool skip_nan) {
  return by_column(x, w, skip_nan, [&](column const& e) {
    real least = std::numeric_limits<real>::infinity(), sum = 0;
    for (auto const& v : e) least = std::min(least, static_cast<real>(v.value));
    for (auto const& v : e) {
      sum += static_cast<real>(v.weight) * std::exp(-static_cast<real>(beta) * (static_cast<real>(v.value) - least));
    }
    return static_cast<double>(least - std::log(sum / static_cast<real>(total(e))) / static_cast<real>(beta));
  });
}

matrix defensive(matrix const& x, double floor_strength) {
  matrix y(2, x.cols());
  real sum = 0;
  for (Index c = 0; c < x.cols(); ++c) {
    double most = -infinity;
    for (Index i = 0; i < x.rows(); ++i) {
      if (std::isfinite(x(i, c))) most = std::max(most, x(i, c));
    }
    y(1, c) = std::isfinite(most) ? most : 0;
    sum += static_cast<real>(y(1, c));
  }
  for (Index c = 0; c < x.cols(); ++c) {
    y(0, c) = std::max(y(1, c), static_cast<double>(static_cast<real>(floor_strength) * sum / static_cast<real>(x.cols())));
  }
  return y;
}

std::vector<Index> preference(std::vector<double> const& scores, std::vector<double> const& tie_break) {
  std::vector<Index> order(scores.size());
  std::iota(order.begin(), order.end(), Index{0});
  auto const key = [](double v) { return std::pair(!std::isnan(v), std::isnan(v) ? 0. : v); };
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) {
    auto const i = static_cast<std::size_t>(a), k = static_cast<std::size_t>(b);
    return std::pair(key(scores[i]), key(tie_break[i])) > std::pair(key(scores[k]), key(tie_break[k]));
  });
  return order;
}

std::vector<ranking> rankings(matrix const& x) {
  std::vector<ranking> all;
  for (Index i = 0; i < x.rows(); ++i) {
    std::vector<double> row(x.row(i).data(), x.row(i).data() + x.cols());
    for (double& v : row) v = std::isnan(v) ? -std::numeric_limits<double>::infinity() : v;
    all.push_back(preference(row, row));
  }
  return all;
}

Index elected(std::vector<ranking> const& rankings, std::vector<double> const& w, Index classes, bool second_round) {
  std::vector<double> first(static_cast<std::size_t>(classes), 0);
  auto const leader = [&] { return static_cast<Index>(std::max_element(first.begin(), first.end()) - first.begin()); };
  for (std::size_t m = 0; m < rankings.size(); ++m) first[static_cast<std::size_t>(rankings[m][0])] += w[m];
  Index const one = leader();
  if (!second_round || classes == 1) return one;
  first[static_cast<std::size_t>(one)] = -1;
  Index const two = leader();
  double for_one = 0, for_two = 0;
  for (std::size_t m = 0; m < rankings.size(); ++m) {
    for (Index const c : rankings[m]) {
      if (c != one && c != two) continue;
      (c == one ? for_one : for_two) += w[m];
      break;
    }
  }
  return for_one == for_two ? std::min(one, two) : for_one > for_two ? one : two;
}

ballots count_votes(matrix const& x) {
  ballots votes(static_cast<std::size_t>(x.cols()), 0);
  for (ranking const& r : rankings(x)) ++votes[static_cast<std::size_t>(r.front())];
  return votes;
}

Index elected(ballots const& votes) {
  return static_cast<Index>(std::max_element(votes.begin(), votes.end()) - votes.begin());  // the first of equals
}

bool can_flip(ballots const& votes, Index winner, Index r) {
  if (elected(votes) != winner) return true;
  if (r == 0) return false;
  for (std::size_t from = 0; from < votes.size(); ++from) {
    for (std::size_t to = 0; to < votes.size() && votes[from] > 0; ++to) {
      if (from == to) continue;
      ballots changed = votes;
      --changed[from], ++changed[to];
      if (can_flip(changed, winner, r - 1)) return true;
    }
  }
  return false;
}

Index exact_radius(ballots const& votes) {
  Index const n = std::accumulate(votes.begin(), votes.end(), Index{0}), winner = elected(votes);
  Index r = 0;
  while (r < n && !can_flip(votes, winner, r + 1)) ++r;
  return r;
}

}  // namespace robagg_test::reference
