// SPDX-License-Identifier: BSL-1.0
// The report's page: its frame and style, and tables as HTML. figures.hpp has what is in it.
#pragma once

#include "plot.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace robagg_compare {

/// What `all` wrote into its folder.
struct stored_results {
  nlohmann::ordered_json run;                          ///< report.json: the machine, and the command of each part
  std::map<std::string, nlohmann::ordered_json> of;    ///< by the name of the part; those that are there
  std::string command(std::string const& part) const;  ///< that makes it alone
  nlohmann::ordered_json const* find(std::string const& part) const;  ///< null where it is not there
};
/// Numbers of JSON; NaN for null. `times` is a unit.
double number_of(nlohmann::ordered_json const& value);
std::vector<double> numbers_of(nlohmann::ordered_json const& values, double times = 1);

struct figure {
  std::string section, id, title;
  std::string look;   ///< one sentence: what to look at
  std::string body;   ///< the picture, or a table that is one
  std::string table;  ///< the numbers of a picture; empty where the body is a table
  std::string part;   ///< whose CSV and command stand below
};

/// A table in a box of its own that scrolls; the first cell of each row is its heading. Cells are HTML.
struct html_table {
  std::vector<std::string> headings;
  std::vector<std::vector<std::string>> rows;
  std::string text() const;
};
/// A table whose cells are shaded by their value from `low`, pale, to `high`.
struct heat_table {
  struct cell {
    std::optional<double> value;
    std::string text, note = {};  ///< the number, and what stands below it in small letters
    bool strong = false;
  };
  double low = 0, high = 1;
  std::vector<std::string> headings;
  std::vector<std::pair<std::string, std::vector<cell>>> rows;
  std::string text() const;
};

/// The numbers of a picture.
std::string table_of(plot_spec const& spec);
std::string table_of(interval_spec const& spec, std::string const& low, std::string const& high);

/// The whole page: one file that fetches nothing and runs nothing.
std::string page_of(stored_results const& results, std::vector<figure> const& figures);

}  // namespace robagg_compare
