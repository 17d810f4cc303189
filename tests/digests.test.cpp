// SPDX-License-Identifier: BSL-1.0
// Every operator on fixed tables, against golden/digests.txt: a change that is to change no result changes no bit of it.
// ROBAGG_WRITE_DIGESTS=path writes the file instead (golden/README.md).
#include "digests.hpp"

#ifdef ROBAGG_DIGESTS

#include <robagg/parse.hpp>

#include <operators.hpp>

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <set>

namespace robagg_test::digests {
namespace {

// --- how lines are compared --------------------------------------------------------------------------

// Compared by a few values instead of all bits: within 4 units in the last place of the largest that the operator says on those
// tables, and so many units of a double more. Whole numbers, such as positions, have a digest there, too.
struct by_value {
  std::string_view name;
  double further = 0;
};
constexpr by_value not_by_digest[] = {
    // log, exp, pow, log1p, erfc, sin and cos are the C library's, whose last bit is its own.
    {"soft_min"},
    {"soft_argmax"},
    {"opinion_pool"},
    {"gated_averaging"},
    {"score_outcome"},
    {"self_certainty"},
    {"linear_pool"},
    {"logit_vote"},
    {"softmax_vote"},
    {"borda_vote"},
    {"majority_of_bests"},
    {"best_of_n_divergence"},
    {"attack::gaussian"},
    {"little_is_enough::strongest"},
    // Eigen's exp, and the C library's for the numbers that fill no packet.
    {"observation_window"},
    // The same in every step: hypot in rotations, exp, pow. Made wrong in the last bit, they moved results by 1, 1 and 690
    // units.
    {"covariance_filter", 64},
    {"exponentiated_gradient", 64},
    {"quantile_averaging", 0x1p14},
    // It stops where a step takes off less than 1e-10, and such a bit may cost it a step: 4e-9.
    {"flag_aggregator", 0x1p27}};
// By digest although they ask the C library, because positions and whole numbers are all that they answer with, or that is
// asked of it: cake, draws_for_hits, smallest_max_eigenvalue_averaging, divide_and_conquer.

std::string_view name_of(std::string_view key) { return key.substr(0, key.find_first_of("{ ")); }
by_value const* tolerance_of(std::string_view key) {
  auto const found = std::ranges::find(not_by_digest, name_of(key), &by_value::name);
  return found != std::end(not_by_digest) ? found : nullptr;
}

std::string text_of(double v) {
  char buffer[32];
  return v != v ? "nan" : std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, v).ptr);
}
std::string text_of(std::string_view key, record const& r) {
  if (!r.answered) return "refused";
  if (r.values.empty()) return "nothing";
  bool const few = tolerance_of(key) != nullptr;
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[(r.digest(few) >> shift) & 15];
  for (std::size_t k = 0; few && k < r.sample().size(); ++k) text += "," + text_of(r.values[r.sample()[k]]);
  return text;
}
// Is what is kept as near as it must be?
bool agrees(std::string_view key, record const& r, std::string_view kept) {
  std::string const now = text_of(key, r);
  auto const* const tolerance = tolerance_of(key);
  std::size_t const comma = now.find(',');
  if (tolerance == nullptr || comma == now.npos) return now == kept;
  if (kept.substr(0, comma) != now.substr(0, comma)) return false;
  double largest = 0;
  for (std::size_t i = 0; i < r.values.size(); ++i) {
    if (r.digits[i] > 0 && std::isfinite(r.values[i])) largest = std::max(largest, std::abs(r.values[i]));
  }
  auto const unit = [&](int digits) { return largest > 0 ? std::ldexp(1, std::ilogb(largest) + 1 - digits) : 0; };
  kept.remove_prefix(comma);
  for (std::size_t const i : r.sample()) {
    double expected = 0;
    if (kept.empty() || kept.front() != ',') return false;
    auto const [end, error] = std::from_chars(kept.data() + 1, kept.data() + kept.size(), expected);
    if (error != std::errc()) return false;
    kept.remove_prefix(static_cast<std::size_t>(end - kept.data()));
    double const found = r.values[i];
    if (found == expected || (found != found && expected != expected)) continue;
    if (!(std::abs(found - expected) <= 4 * unit(r.digits[i]) + tolerance->further * unit(53))) return false;
  }
  return kept.empty();
}

// --- by name -----------------------------------------------------------------------------------------

struct by_name {
  char const* text;
  kind tables = kind::any;
};
std::vector<by_name> const& catalogue() {
  static std::vector<by_name> const all = {
      {"mean"},
      {"median"},
      {"trimmed_mean{f = 2}"},
      {"interquartile_mean"},
      {"interior_trimmed_mean{share = .5}"},
      {"quantile{p = .3}"},
      {"quantile{p = .3, rule = inverse_cdf}"},
      {"quantile{p = .3, rule = linear}"},
      {"quantile{p = .3, rule = closest_observation}"},
      {"quantiles{ps = {.1, .5, .9}}"},
      {"interpolated_median"},
      {"trimmed_mean_by_share{low = .1, high = .25}"},
      {"asymmetric_trimmed_mean{low = 1, high = 2}"},
      {"uniform_phantom{low = -4, high = 6}"},
      {"moulin_median{phantoms = {-inf, -3, -1, -.5, 0, .25, 1, 2, 8, inf}}"},
      {"winsorized_mean{f = 2}"},
      {"winsorized_mean_by_share{low = .1, high = .25}"},
      {"sigma_clipped_mean{low = 1.5}"},
      {"sigma_clipped_mean{low = 2, high = 1.5, iterations = 2, centre = mean, spread = absolute_deviation}"},
      {"huber"},
      {"biweight_location"},
      {"hodges_lehmann"},
      {"median_absolute_deviation"},
      {"quantile_range"},
      {"trimean"},
      {"mean_around_median{f = 2}"},
      {"phocas{f = 2}"},
      {"sign_majority"},
      {"geometric_median"},
      {"geometric_median{smoothing = .1, tolerance = 0, max_iterations = 3, start = origin}"},
      {"krum{f = 2}"},
      {"multi_krum{f = 2, m = 3}"},
      {"bulyan{f = 2}"},
      {"minimum_diameter_averaging{f = 2}"},
      {"smallest_max_eigenvalue_averaging{f = 1}"},
      {"covariance_filter{f = 2}"},
      {"centered_clipping{radius = 8, iterations = 3}"},
      {"nearest_to{row = 1, f = 2}"},
      {"nearest_to{row = 3, f = 2}"},
      {"comparative_gradient_elimination{f = 2}"},
      {"aksel"},
      {"trust_weighted{row = 3}"},
      {"divide_and_conquer{f = 2, columns_sampled = 6, iterations = 2}"},
      {"norm_bounded_mean{radius = 8}"},
      {"flag_aggregator{subspace = 2}"},
      {"median_of_means{groups = 3}"},
      {"worst_case"},
      {"best_case"},
      {"uncertainty_weighted{lambda = .5}"},
      {"uncertainty_weighted{lambda = .5, ddof = 1, dispersion = deviation}"},
      {"soft_min{beta = .25}"},
      {"defensive", kind::positive},
      {"defensive{floor_strength = 0}", kind::positive},
      {"opinion_pool", kind::positive},
      {"opinion_pool{rule = logarithmic, extremise = 2}", kind::positive},
      {"veto{threshold = .5, quorum = 2}"},
      {"linear_pool{levels = {.05, .1, .25, .5, .75, .9, .95}}", kind::sorted},
      {"linear_pool{levels = {.05, .1, .25, .5, .75, .9, .95}, at = {.01, .3, .99}, tails = normal}", kind::sorted},
      {"gated_averaging{logits = {0, .5, 1, 0, 0, -1, 2, 0, 0, .25, -.75}}", kind::sorted},
      {"clip{radius = 8}"},
      {"adaptive_clip{f = 2}"},
      {"nearest_neighbour_mixing{f = 2}"},
      {"bucketing{size = 3}"},
      {"group_means{labels = {0, 2, 1, 1, 0, 2, 2, 0, 1, 0, 2}}"},
      {"group_median{labels = {0, 2, 1, 1, 0, 2, 2, 0, 1, 0, 2}}"},
      {"bucketing{size = 2, seed = 5}"},
      {"ranks"},
      {"ranks{ties = dense}"},
      {"pool_rows", kind::positive},
      {"pool_rows{kernel = 3, keep_mass = false}", kind::positive},
      {"rearrange"},
      {"rearrange{min_gap = .25}"},
      {"isotonic"},
      {"isotonic{min_gap = .25}"},
      {"boosted{versions = 4}"},
      {"boosted{versions = 11}"},
      {"best"},
      {"top{k = 5}"},
      {"protect{mass = .5}", kind::positive},
      {"protect{mass = .9, most = 4}", kind::positive},
      {"clip{radius = 8} | krum{f = 2}"},
      {"clip{radius = 8} | median"},
      {"nearest_neighbour_mixing{f = 2} | trimmed_mean{f = 2}"},
      {"clip{radius = 8} | nearest_neighbour_mixing{f = 2} | clip{radius = 4} | geometric_median"},
      {"adaptive_clip{f = 2} | multi_krum{f = 2}"},
      {"bucketing{size = 2} | krum{f = 1}"},
      {"ranks | clip{radius = 40} | ranks | mean"},
      {"pool_rows | defensive", kind::positive},
      {"clip{radius = 8} | nearest_neighbour_mixing{f = 1}"},
      {"adaptive_clip{f = 2} | median_of_means{groups = 3}"},
      {"nearest_neighbour_mixing{f = 2} | mean"},
      {"clip{radius = 8} | bulyan{f = 2}"},
      {"pool_rows | defensive | top{k = 5}", kind::positive},
      {"clip{radius = 8} | median | best"}};
  return all;
}

// Calls visit(table) with x as a rule may be shown it. Halves are floats once they are read, so that plain tables are enough.
template <bool MaySkip, class S>
void in_each_column(table<S> const& x, auto const& visit) {
  visit(x, "plain");
  if constexpr (std::is_same_v<S, float> || std::is_same_v<S, double>) {
    for (auto const& w : weights_for(x.rows())) {
      visit(weighted(x, w), "weighted");
      if constexpr (MaySkip) visit(weighted(skip_nan(x), w), "weighted_skip_nan");
    }
    if constexpr (MaySkip) visit(skip_nan(x), "skip_nan");
  }
}

template <class S>
void run_by_name(lines& all) {
  for (auto const& [text, which] : catalogue()) {
    any_operator const op = parse(text);
    std::string const key = op.describe();
    for (table<S> const& x : tables_of<S>(which)) {
      if (op.verb() == verb::aggregate) {
        any_aggregator const rule(op);
        in_each_column<true>(x, [&](auto const& r, char const* column) {
          note<S>(all, key, column, [&](record& to) {
            workspace ws;
            Eigen::Matrix<S, Eigen::Dynamic, 1> y, tie_break;
            rule.into(r, y, tie_break, ws);
            put(to, y, tie_break);
          });
        });
        note<S>(all, key, "counts", [&](record& to) {
          if (auto const counts = rule.weights(x)) put(to, *counts);
        });
      } else if (op.verb() == verb::transform) {
        any_transform const rule(op);
        in_each_column<false>(
            x, [&](auto const& r, char const* column) { note<S>(all, key, column, [&](record& to) { put(to, rule(r)); }); });
      } else {
        any_decide const rule(op);
        note<S>(all, key, "plain", [&](record& to) {
          if (rule.reads_tables()) return put(to, rule(x));
          Eigen::Matrix<S, Eigen::Dynamic, 1> const scores = x.row(1).transpose();
          put(to, rule(scores));
        });
      }
    }
  }
}

// --- the file ----------------------------------------------------------------------------------------

// "krum{.f = 2} float: around=0123456789abcdef plain=...", sorted, after lines that begin with #.
using kept_lines = std::map<std::string, std::map<std::string, std::string>>;

kept_lines read_kept(std::string const& path) {
  kept_lines all;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::size_t const colon = line.find(": ");
    auto& columns = all[line.substr(0, colon)];
    for (std::size_t at = colon + 2; at < line.size();) {
      std::size_t const end = std::min(line.find(' ', at), line.size()), equals = line.find('=', at);
      columns[line.substr(at, equals - at)] = line.substr(equals + 1, end - equals - 1);
      at = end + 1;
    }
  }
  return all;
}
void write(lines const& all, std::string const& path) {
  std::ofstream file(path);
  file << "# What every operator says on fixed tables: made and read by digests.test.cpp (README.md).\n";
  for (auto const& [key, columns] : all) {
    file << key << ":";
    for (auto const& [column, r] : columns) file << " " << column << "=" << text_of(key, r);
    file << "\n";
  }
  REQUIRE(file.flush().good());
}

// What operators answer with: documented like them, and lines of nothing.
constexpr std::string_view results[] = {
    "kept", "election", "mixture", "gated", "calibrated_interval", "conformal_fit", "outcome_score", "interval_score_parts"};

}  // namespace
}  // namespace robagg_test::digests

TEST_CASE("no result has changed by a bit") {
  using namespace robagg_test::digests;
  lines all;
  run_by_name<float>(all), run_by_name<double>(all), run_by_name<Eigen::half>(all), run_by_name<Eigen::bfloat16>(all);
  run_in_cpp(all), run_caches_and_forecasts(all), run_rankings(all);

  // Every operator that there is has a line: those that have a name at run time, and those that the headers document.
  std::set<std::string_view> covered;
  for (auto const& [key, columns] : all) {
    if (key.find(" | ") == key.npos) covered.insert(name_of(key));
  }
  std::set<std::string> missing;
  auto const look_for = [&](std::string_view name) {
    if (!covered.contains(name) && std::ranges::find(results, name) == std::end(results)) missing.emplace(name);
  };
  auto const look_for_all = [&](auto catalogue) {
    for (auto const name : robagg::detail::names_of(catalogue)) look_for(name);
  };
  look_for_all(robagg::detail::aggregates{}), look_for_all(robagg::detail::transforms{}),
      look_for_all(robagg::detail::decisions{});
#define NAME(...) look_for(std::string_view(#__VA_ARGS__).substr(std::string_view("robagg::").size()));
  OPERATORS(NAME)
#undef NAME
  CHECK(missing == std::set<std::string>{});

  if (char const* const path = std::getenv("ROBAGG_WRITE_DIGESTS"); path != nullptr) {
    write(all, path);
    WARN("written, not compared: " << path);
    return;
  }
  auto const kept = read_kept(ROBAGG_GOLDEN_DIR "/digests.txt");
  for (auto const& [key, columns] : kept) {
    INFO(key << ": a line that no operator answers to");
    CHECK(all.contains(key));
  }
  for (auto const& [key, columns] : all) {
    INFO(key);
    auto const line = kept.find(key);
    if (line == kept.end()) {
      FAIL_CHECK("an operator without a line");
      continue;
    }
    std::set<std::string> here, there;
    for (auto const& [column, r] : columns) here.insert(column);
    for (auto const& [column, text] : line->second) there.insert(column);
    CHECK(here == there);
    for (auto const& [column, r] : columns) {
      auto const text = line->second.find(column);
      if (text == line->second.end() || agrees(key, r, text->second)) continue;
      FAIL_CHECK(column << " was " << text->second << " and is " << text_of(key, r));
    }
  }
}

#else

TEST_CASE("no result has changed by a bit") { WARN("not compared: bits are kept for x86-64 without SSE3, AVX and FMA"); }

#endif
