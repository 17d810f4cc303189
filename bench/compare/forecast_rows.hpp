// SPDX-License-Identifier: BSL-1.0
// Between the files of forecasts and the set that is scored: rows as they were written, and what tells them apart.
#pragma once

#include "forecasts.hpp"
#include "records.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace robagg_compare {

namespace fs = std::filesystem;
using names = std::vector<std::string>;

enum role : std::size_t { level, value, kind, model, made, due, outcome, roles };
/// The columns that have a role, by the first of these names that is there.
extern std::array<names, roles> const known_names;

/// The values of a column in all files. Two spellings of a number or of a date are one value, unless some value has a zero
/// before another digit: then they are codes.
class column_values {
 public:
  explicit column_values(std::string column) : name(std::move(column)) {}
  std::uint32_t number_of(std::string const& raw);
  std::string canonical(std::string const& raw) const;
  std::string canonical(std::uint32_t number) const { return canonical(raw_[number]); }
  bool codes() const { return codes_; }
  /// A value that is written both as a code and as a number, such as 01 and 1; empty if none is.
  std::string ambiguous() const;

  std::string name;

 private:
  std::vector<std::string> raw_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
  bool codes_ = false, dates_ = false;
};

/// A header: which column has which role, and where the others are.
struct forecast_header {
  std::array<std::size_t, roles> column;
  std::vector<std::pair<std::string, std::size_t>> others;
  names unread;  ///< *_name, without a name

  explicit forecast_header(named_records const& records);
  bool has(role r) const { return column[r] != named_records::none; }
};

/// Rows that are wanted: column=value or column~part. Several on one column are alternatives; those on several have all to
/// hold.
class conditions {
 public:
  explicit conditions(names const& where);
  /// Does this row meet all of them? A file without the column has no such row.
  bool met(named_records const& row);
  /// The same for a file that may lack the columns.
  bool met_where_there(named_records const& row) const;
  /// After a row that is met was not of a kind that is read.
  void not_read(std::string const& kind_of_row) { ++unread_[kind_of_row]; }
  void read_one() { ++read_; }
  /// Throws for conditions that no row meets, or only rows that are not read.
  void check() const;

 private:
  struct condition {
    std::string text, column, value;
    bool contains, met = false, column_seen = false;
    std::set<std::string> values = {};
    bool is(std::string const& field) const;
  };
  std::vector<condition> all_;
  std::set<std::string> columns_;
  std::map<std::string, Index> unread_;
  Index read_ = 0;
};

/// What was forecast, as the files say it: no two rows of it differ in what may be a key.
struct raw_task {
  std::vector<std::int32_t> ids;  ///< of values, by column; -1: not in that file
  std::optional<double> made, due;
};

/// A number that a model gives: at a level, of a sample, or of a category.
struct raw_cell {
  std::uint32_t task, model, file, line;
  double level, value;  ///< level: also the number of a sample or of a category
};

/// All rows of all files.
struct raw_forecasts {
  std::vector<column_values> columns;
  names models, files;
  std::vector<raw_task> tasks;
  std::vector<raw_cell> quantiles, samples, categories;
  std::vector<double> outcomes;  ///< of the raw tasks, where the rows say them
  std::vector<std::uint64_t> outcome_places;
  bool dates = false, timed = false, due_given = false;
  column_values category_names{"category"};

  std::string place(std::uint32_t file, std::uint32_t line) const;
  Index column_of(std::string const& name) const;  ///< -1: none
  Index add_column(std::string const& name);
};

/// A file of forecasts, with the date and the model that its name says.
struct input_file {
  fs::path path;
  std::string date = {}, model = {};
};
/// `skipped` counts the files of folders that are not read, by extension.
std::vector<input_file> all_files(std::vector<fs::path> const& given, std::map<std::string, Index>& skipped);
/// Models are named after files, or after folders where files of several have one and the same name. True: some are.
bool name_models(std::vector<input_file>& files);

/// Reads rows of forecasts.
class row_reader {
 public:
  row_reader(raw_forecasts& all, conditions& where, reading_options const& options)
      : raw_(all), where_(where), options_(options) {}
  void read(input_file const& input);
  /// How the files are written.
  std::vector<std::string> explained() const;
  /// Throws for models that are named in the options, and are not there.
  void check_models() const;

  std::map<std::string, Index> rows_of_kind;
  Index at_the_ends = 0;  ///< rows with the level 0 or 1

 private:
  void read_row(named_records const& row, forecast_header const& h, input_file const& input);
  std::uint32_t task_of(named_records const& row, forecast_header const& h, input_file const& input);
  std::optional<double> time_of(named_records const& row, std::string const& text, char const* what);
  void set_outcome(named_records const& row, forecast_header const& h, std::uint32_t task);
  bool chosen(std::string const& name) const;
  std::uint32_t model_of(std::string const& name);

  raw_forecasts& raw_;
  conditions& where_;
  reading_options const& options_;
  std::uint32_t file_ = 0;
  std::vector<Index> place_;  // of the file's other columns among all
  std::unordered_map<std::string, std::uint32_t> tasks_, models_;
  std::string key_;
  column_values samples_{"sample"};
  std::set<std::string> seen_models_, unread_;
  std::array<std::set<std::string>, roles> roles_;
  std::map<std::string, Index> formats_;
};

/// Outcomes from files. They are read before tasks are numbered, because their values, too, say which columns hold codes.
class truth_reader {
 public:
  truth_reader(raw_forecasts& raw, conditions const& where, reading_options const& options)
      : raw_(raw), where_(where), options_(options) {}
  void read(fs::path const& path);
  /// Gives tasks their outcomes: by the columns that files share with them, of those in `join`, and target dates where they
  /// are known.
  void join(forecast_set& set, std::vector<bool> const& join, std::vector<bool> const& due_known);

 private:
  struct observed {
    std::vector<std::uint32_t> ids;
    std::optional<double> due, version;
    double value;
    std::uint32_t line;
    std::string category;  // of a pmf: the one that came
  };
  struct file {
    std::string name;
    std::vector<Index> columns = {};  // that it shares, of the raw columns
    bool has_due = false;
    std::vector<observed> rows = {};
    double step = 0;  // between values, most often; 0: not known
  };
  using by_key = std::unordered_map<std::string, observed const*>;
  struct found {
    double value = 0;
    std::optional<double> version = {};
    std::string place = {};
  };
  // What a file says of tasks, beside what others have said.
  struct matching {
    file const& from;
    std::vector<bool> used;                      // of its columns
    bool by_date;                                // tasks have target dates, and so has the file
    std::vector<std::string> const* categories;  // of a pmf
    by_key all;
    Index matched = 0, gaps = 0;
  };

  by_key latest(file const& f, std::vector<bool> const& used, bool pmf) const;
  std::vector<std::string> task_key(matching const& m, forecast_task const& task) const;
  std::string about(forecast_task const& task, bool due_known) const;
  void match(matching& m, forecast_task const& task, bool due_known, std::optional<found>& out) const;
  void refuse_unmatched(forecast_set const& set, std::vector<bool> const& join, std::vector<bool> const& due_known) const;
  double step_of(file const& f) const;
  void refuse_finer(forecast_set const& set, file const& f, std::vector<bool> const& due_known) const;

  raw_forecasts& raw_;
  conditions const& where_;
  reading_options const& options_;
  std::vector<file> files_;
};

}  // namespace robagg_compare
