// SPDX-License-Identifier: BSL-1.0
// Texts as rules: bad_input, or a rule whose description is read back as the same one and that takes any table.
#include "fuzz.hpp"

#include <robagg/parse.hpp>

using namespace robagg_fuzz;
namespace ra = robagg;

// A text that is nearly a rule: known names and fields, any numbers, and now and then something else.
static std::string some_rule(input& in) {
  static char const* const stages[] = {"median{}",
                                       "mean{}",
                                       "trimmed_mean{.f = @}",
                                       "krum{.f = @, .neighbours = @}",
                                       "multi_krum{.f = @, .m = @}",
                                       "clip{.radius = @}",
                                       "quantile{.p = @}",
                                       "best{}",
                                       "top{.k = @}",
                                       "nearest_neighbour_mixing{.f = @}",
                                       "bucketing{.size = @, .seed = @}",
                                       "ranks{}",
                                       "geometric_median{.smoothing = @, .tolerance = @, .max_iterations = 9}",
                                       "huber{.k = @}",
                                       "sigma_clipped_mean{.low = @, .high = @}",
                                       "soft_min{.beta = @}",
                                       "worst_case{}",
                                       "uncertainty_weighted{.lambda = @, .ddof = @}",
                                       "centered_clipping{.radius = @, .iterations = 3}",
                                       "bulyan{.f = @}",
                                       "phocas{.f = @}",
                                       "mean_around_median{.f = @}",
                                       "winsorized_mean{.f = @}",
                                       "covariance_filter{.f = @}",
                                       "hodges_lehmann{}",
                                       "trimean{}",
                                       "defensive{.floor_strength = @}",
                                       "quantiles{.ps = {@, @}}",
                                       "group_means{.labels = {@, @, @, @}}",
                                       "median_of_means{.groups = @}",
                                       "adaptive_clip{.f = @}",
                                       "soft_argmax{.temperature = @}",
                                       "pool_rows{.kernel = @}",
                                       "smallest_max_eigenvalue_averaging{.f = @}",
                                       "minimum_diameter_averaging{.f = @}",
                                       "uniform_phantom{.low = @, .high = @}",
                                       "asymmetric_trimmed_mean{.low = @, .high = @}",
                                       "divide_and_conquer{.f = @}",
                                       "aksel{.keep = @}",
                                       "flag_aggregator{}",
                                       "trust_weighted{.row = @}",
                                       "nearest_to{.row = @, .f = @}",
                                       "interior_trimmed_mean{.share = @}",
                                       "isotonic{}"};
  static char const* const numbers[] = {"0",      "1",
                                        "2",      "3",
                                        "-1",     "1e400",
                                        "1e-400", "nan",
                                        "inf",    "-inf",
                                        "0.5",    "1e18",
                                        "0x1p3",  "9223372036854775808",
                                        "1e308",  "4611686018427387904",
                                        "{}",     "2.5",
                                        "-0",     "1,"};
  std::string text;
  for (Index k = in.between(1, 3); k > 0; --k) {
    std::string const stage = stages[in.between(0, static_cast<Index>(std::size(stages)) - 1)];
    for (char const c : stage)
      text += c == '@' ? std::string(numbers[in.between(0, std::size(numbers) - 1)]) : std::string(1, c);
    if (k > 1) text += " | ";
  }
  if (in.between(0, 7) == 0 && !text.empty())
    text[static_cast<std::size_t>(in.between(0, static_cast<Index>(text.size()) - 1))] = static_cast<char>(in.bits<char>());
  return text;
}

// What a rule makes of a table, whatever its verb.
static matrix applied(ra::any_operator const& rule, auto const& x) {
  if (rule.verb() == ra::verb::aggregate) {
    ra::any_aggregator const aggregate = rule;
    return matrix(aggregate(x));
  }
  if constexpr (!ra::incomplete_reports<std::remove_cvref_t<decltype(x)>>) {
    if (rule.verb() == ra::verb::transform) {
      ra::any_transform const transform = rule;
      return matrix(transform(x));
    }
  }
  std::vector<double> numbers;
  ra::any_decide const decide = rule;
  for (Index const position : decide(x)) numbers.push_back(static_cast<double>(position));
  return Eigen::Map<matrix>(numbers.data(), 1, static_cast<Index>(numbers.size()));
}

ROBAGG_FUZZ(in) {
  bool const made = in.between(0, 3) != 0;
  matrix const x = made ? in.table(in.between(0, 9), in.between(0, 9), in.any_kind()) : matrix::Ones(4, 3);
  auto const w = in.weights(x.rows());
  std::string const text = made ? some_rule(in) : in.rest();
  refused([&] {
    ra::any_operator const rule = ra::parse(text);
    std::string const said = ra::describe(rule);
    demand(!refused([&] { demand(ra::describe(ra::parse(said)) == said, "a description is read back as itself"); }),
           "a description is a rule: " + said);
    matrix once, again;
    bool const no = refused([&] { once = applied(rule, x); });
    demand(refused([&] { again = applied(ra::parse(said), x); }) == no && (no || same_bits(once, again)),
           "a description does the same, to the same bits: " + said);
    refused([&] { applied(rule, ra::weighted(x, w)); });
    if (rule.verb() == ra::verb::aggregate) refused([&] { applied(rule, ra::skip_nan(x)); });
  });
}
