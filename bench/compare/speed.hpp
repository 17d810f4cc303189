// SPDX-License-Identifier: BSL-1.0
// How fast rules are beside a plain read of the same table: a short measurement; scripts/bench has the thorough one.
#pragma once

#include "plot.hpp"
#include "rules.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace robagg_compare {

struct speed_options {
  Index rows = 25, columns = 100'000;                        ///< of the table of floats that all rules are timed on
  std::vector<Index> more_rows = {5, 10, 25, 50, 100, 200};  ///< of tables of `row_columns` columns
  std::vector<Index> more_columns = {100, 1000, 10'000, 100'000, 1'000'000};  ///< of tables of `rows` rows
  Index row_columns = 20'000;
  double patience = .2;  ///< seconds for each number, and at least five repeats
};
void check(speed_options const& options);

struct speed_result {
  struct line {
    std::string rule, description;
    double seconds = 0;                       ///< the median of the repeats
    std::string checked;                      ///< what its answer was compared with before; empty: nothing
    std::vector<double> by_rows, by_columns;  ///< seconds; empty for rules that are not followed, NaN where it does not fit
  };
  speed_options options;
  double read = 0;  ///< seconds of a plain read, the median
  std::vector<double> read_by_rows, read_by_columns;
  std::vector<line> lines;
  std::vector<std::pair<std::string, std::string>> unfit;  ///< rules that cannot run, and why
};

/// Throws std::runtime_error for a rule whose answer is not that of slow code.
speed_result compare_speed(speed_options const& options, std::vector<rule> const& rules);

std::string as_text(speed_result const& result);
nlohmann::ordered_json as_json(speed_result const& result);
std::string as_csv(speed_result const& result);
/// Time over the number of columns.
plot_spec as_plot(speed_result const& result);

}  // namespace robagg_compare
