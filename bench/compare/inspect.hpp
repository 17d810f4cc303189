// SPDX-License-Identifier: BSL-1.0
// One real table under every rule that fits it: what comes out, which rows made it, how fast.
#pragma once

#include "read.hpp"
#include "rules.hpp"

#include <nlohmann/json_fwd.hpp>

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace robagg_compare {

struct inspect_options {
  Index liars = -1;        ///< f; below 0: a quarter, (n - 1) / 4
  bool influence = false;  ///< whatever it costs
  bool masked = false;     ///< NaN are entries that are absent
  double patience = 2;     ///< seconds that leaving out every row may take a rule, unless influence
};

struct inspection {
  static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  struct line {
    std::string label, description;
    double norm = unknown, to_mean = unknown, to_median = unknown;
    std::optional<double> change;  ///< the largest that leaving out one row makes
    Index changed_by = -1;         ///< that row
    double seconds = unknown;
    Eigen::VectorXd weights;  ///< of the rows in the result; empty where the result is no mixture
    Eigen::VectorXd moved;    ///< share of columns in which nudging a row moves the result, else empty
    double skipped = 0;       ///< seconds that leaving out rows would have taken
  };
  std::string file, type;
  Index rows = 0, columns = 0, nan = 0, infinite = 0, liars = 0;
  Index nudged_columns = 0;  ///< how many `moved` looks at, evenly spread
  bool default_liars = false;
  double radius = 0;  ///< of clip: the median length of the rows
  double bytes = 0;
  std::vector<line> lines;
  std::vector<std::pair<std::string, std::string>> unfit;
  std::vector<std::string> names;  ///< of the rows, if they have any
  std::vector<std::string> explained, said;
  Index masked = -1;  ///< entries that a mask takes out; below 0: there is no mask
};

/// NaN in place of the entries where a second table of the same shape, of 0 and 1, has 0; how many those are.
Index apply_mask(loaded_table& values, loaded_table const& mask, std::string const& mask_file);

inspection inspect(loaded_table const& loaded, std::string const& file, inspect_options const& options,
                   std::vector<rule> const& rules);

std::string as_text(inspection const& result);
nlohmann::ordered_json as_json(inspection const& result);
std::string as_csv(inspection const& result);

/// Row numbers in short: `0,3-7`. Cut off after `length` characters.
std::string row_ranges(std::vector<Index> const& rows, std::size_t length = 40);
/// Shares of rows in short: which rows have one, who has most and who least.
std::string row_shares(Eigen::VectorXd const& shares);

}  // namespace robagg_compare
