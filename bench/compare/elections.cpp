// SPDX-License-Identifier: BSL-1.0
#include "elections.hpp"

#include "error.hpp"
#include "read.hpp"
#include "records.hpp"
#include "terminal.hpp"
#include "write.hpp"
#include "numbers.hpp"

#include <robagg/vote/plurality.hpp>
#include <robagg/vote/run_off.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

namespace robagg_compare {
namespace {

using names = std::vector<std::string>;

names const input_names = {"input", "input_id", "id", "task", "item", "question"},
            model_names = {"model", "model_id", "worker", "annotator"},
            class_names = {"class", "prediction", "predicted", "answer"}, label_names = {"label", "truth", "gold", "target"};

// Two spellings of a number are one class.
std::string class_text(std::string const& text) {
  auto const number = is_code(text) ? std::nullopt : as_number(text);
  return number ? fmt::format("{}", *number) : text;
}

// Sorted, as ties go to the lower class: by number where all are numbers.
std::vector<Index> sorted_places(names& classes) {
  bool const numbers =
      std::all_of(classes.begin(), classes.end(), [](auto const& c) { return as_number(c).has_value() && !is_code(c); });
  auto const before = classes;
  std::sort(classes.begin(), classes.end(),
            [&](auto const& a, auto const& b) { return numbers ? *as_number(a) < *as_number(b) : a < b; });
  std::vector<Index> place;
  for (auto const& c : before) place.push_back(std::find(classes.begin(), classes.end(), c) - classes.begin());
  return place;
}

struct said_vote {
  Index input, model, of;  // class
  double score;
  Index line;
};

// Votes one by one become tables of the models that voted.
void fill(vote_file& out, numbering& inputs, numbering& classes, std::vector<said_vote>& votes,
          std::vector<Index> const& labels, std::string const& file) {
  auto const place = sorted_places(classes.all);
  out.classes = classes.all;
  auto const K = static_cast<Index>(out.classes.size());
  if (K < 2)
    throw usage_error(fmt::format("{}: holds one class alone, '{}': there is nothing to elect", file,
                                  out.classes.empty() ? "" : out.classes[0]));
  std::sort(votes.begin(), votes.end(), [](auto const& a, auto const& b) {
    return std::tie(a.input, a.model, a.line) < std::tie(b.input, b.model, b.line);
  });
  out.inputs.resize(inputs.all.size());
  for (std::size_t i = 0; i < inputs.all.size(); ++i) {
    out.inputs[i].name = inputs.all[i];
    if (i < labels.size() && labels[i] >= 0) out.inputs[i].label = place[at(labels[i])];
  }
  Index partial = 0;
  for (std::size_t v = 0; v < votes.size();) {
    auto& input = out.inputs[at(votes[v].input)];
    std::vector<Eigen::RowVectorXd> rows;
    for (Index const i = votes[v].input; v < votes.size() && votes[v].input == i;) {
      Index const m = votes[v].model;
      Eigen::RowVectorXd row = Eigen::RowVectorXd::Constant(K, out.ranked ? -std::numeric_limits<double>::infinity() : 0);
      std::vector<bool> given(at(K), false);
      for (; v < votes.size() && votes[v].input == i && votes[v].model == m; ++v) {
        Index const c = place[at(votes[v].of)];
        bool const again = given[at(c)] || (!out.ranked && std::find(given.begin(), given.end(), true) != given.end());
        if (again)
          throw usage_error(fmt::format("{}: line {}: model '{}' votes twice on input '{}'", file, votes[v].line,
                                        out.models[at(m)], input.name));
        given[at(c)] = true, row(c) = out.ranked ? votes[v].score : 1;
      }
      partial += out.ranked && std::find(given.begin(), given.end(), false) != given.end();
      rows.push_back(row), input.models.push_back(m);
    }
    input.scores.resize(static_cast<Index>(rows.size()), K);
    for (std::size_t r = 0; r < rows.size(); ++r) input.scores.row(static_cast<Index>(r)) = rows[r];
  }
  if (partial > 0)
    out.said.push_back(fmt::format("{} without scores for some classes, which come last for {}.",
                                   partial == 1 ? "1 vote is" : fmt::format("{} votes are", partial),
                                   partial == 1 ? "it" : "them"));
}

void read_long(named_records& row, vote_file& out, std::size_t model, std::size_t given) {
  auto const input = row.needed(input_names), label = row.find(label_names),
             score = row.find({"score", "probability", "logit"});
  out.ranked = score != named_records::none;
  numbering inputs, models, classes;
  std::vector<said_vote> votes;
  std::vector<Index> labels;
  while (row.next()) {
    if (absent(row[given])) continue;
    auto const value = row.number(score, "score");
    if (out.ranked && (!value || std::isnan(*value))) throw row.wrong("a vote has no score");
    Index const i = inputs.of(row[input]);
    votes.push_back({i, models.of(row[model]), classes.of(class_text(row[given])), value.value_or(1), row.line()});
    labels.resize(inputs.all.size(), -1);
    if (absent(row[label])) continue;
    Index const right = classes.of(class_text(row[label]));
    if (labels[at(i)] >= 0 && labels[at(i)] != right)
      throw row.wrong(fmt::format("the label of input '{}' is '{}', but '{}' before", row[input], row[label],
                                  classes.all[at(labels[at(i)])]));
    labels[at(i)] = right;
  }
  if (votes.empty()) throw usage_error(fmt::format("{}: holds no votes", row.file()));
  out.models = models.all;
  fill(out, inputs, classes, votes, labels, row.file());
}

void read_wide(named_records& row, vote_file& out) {
  auto const input = row.find(input_names), label = row.find(label_names);
  std::vector<std::size_t> columns;
  for (std::size_t c = 0; c < row.headings().size(); ++c) {
    bool const unnamed = row.headings()[c].empty() || row.headings()[c].starts_with("unnamed:");
    if (c == input || c == label || unnamed) continue;
    columns.push_back(c), out.models.push_back(row.title(c));
  }
  if (columns.size() < 2)
    throw usage_error(
        fmt::format("{}: has neither the columns input, model and class nor one for each of several models", row.file()));
  numbering inputs, classes;
  std::vector<said_vote> votes;
  std::vector<Index> labels;
  while (row.next()) {
    auto const name = input == named_records::none ? fmt::format("{}", labels.size()) : row[input];
    Index const i = inputs.of(name);
    if (i < static_cast<Index>(labels.size())) throw row.wrong(fmt::format("input '{}' is there twice", name));
    for (std::size_t m = 0; m < columns.size(); ++m) {
      if (!absent(row[columns[m]]))
        votes.push_back({i, static_cast<Index>(m), classes.of(class_text(row[columns[m]])), 1, row.line()});
    }
    labels.push_back(absent(row[label]) ? -1 : classes.of(class_text(row[label])));
  }
  if (votes.empty()) throw usage_error(fmt::format("{}: holds no votes", row.file()));
  fill(out, inputs, classes, votes, labels, row.file());
}

// Whole numbers from a file: labels.
std::vector<Index> read_labels(std::filesystem::path const& file) {
  loaded_table loaded;
  auto const name = file.string();
  if (name.ends_with(".npy") || name.find(".npz") != name.npos)
    loaded = read_array(file, 1);
  else
    loaded = read_table(file);
  auto const values = std::visit([](auto const& x) { return table<double>(x.template cast<double>()); }, loaded.values);
  std::vector<Index> labels;
  if (values.rows() > 1 && values.cols() > 1)
    throw usage_error(
        fmt::format("{}: holds {} x {} numbers; one label an input is needed", name, values.rows(), values.cols()));
  for (double const v : values.reshaped()) {
    if (!(v >= 0 && v <= 0x1p53) || v != std::floor(v))
      throw usage_error(fmt::format("{}: the label {} is no whole number", name, v));
    labels.push_back(static_cast<Index>(v));
  }
  return labels;
}

void read_arrays(std::filesystem::path const& path, vote_file& out) {
  auto const array = read_array(path, 2);
  auto const& shape = array.shape;
  if (shape.size() > 3)
    throw usage_error(fmt::format("{}: holds an array of {} dimensions; inputs x models (x classes) are needed", path.string(),
                                  shape.size()));
  auto const all = std::visit([](auto const& x) { return table<double>(x.template cast<double>()); }, array.values);
  Index const S = shape[0], n = shape[1];
  out.ranked = shape.size() == 3;
  if (!all.allFinite()) throw usage_error(fmt::format("{}: holds NaN or infinite values", path.string()));
  constexpr Index most = 100'000;
  double const highest = std::clamp(all.maxCoeff(), 0., static_cast<double>(most));
  Index const K = out.ranked ? shape[2] : static_cast<Index>(highest) + 1;
  if (K < 2 || K > most)
    throw usage_error(fmt::format("{}: holds {}; 2 to {} are needed", path.string(),
                                  K > most ? "too many classes" : counted(K, "class"), most));
  for (Index m = 0; m < n; ++m) out.models.push_back(fmt::format("{}", m));
  for (Index c = 0; c < K; ++c) out.classes.push_back(fmt::format("{}", c));
  for (Index i = 0; i < S; ++i) {
    auto& input = out.inputs.emplace_back();
    input.name = fmt::format("{}", i);
    for (Index m = 0; m < n; ++m) input.models.push_back(m);
    if (out.ranked) {
      input.scores = all.middleRows(i * n, n);
      continue;
    }
    input.scores.setZero(n, K);
    for (Index m = 0; m < n; ++m) {
      if (all(i, m) < 0 || all(i, m) != std::floor(all(i, m)))
        throw usage_error(fmt::format("{}: {} in row {} is no class: whole numbers from 0 are (scores have three dimensions)",
                                      path.string(), all(i, m), i));
      input.scores(m, static_cast<Index>(all(i, m))) = 1;
    }
  }
}

}  // namespace

vote_file read_votes(std::filesystem::path const& path, std::filesystem::path const& labels) {
  vote_file out;
  auto const name = path.string();
  if (name.ends_with(".npy") || name.find(".npz") != name.npos) {
    read_arrays(path, out);
    out.explained.push_back(
        fmt::format("{}: an array of inputs x models{}", name, out.ranked ? " x classes, of scores" : ", of classes"));
  } else {
    named_records row(path);
    auto const model = row.find(model_names), given = row.find(class_names);
    bool const by_line = model != named_records::none && given != named_records::none;
    if (by_line)
      read_long(row, out, model, given);
    else
      read_wide(row, out);
    out.explained.push_back(fmt::format(
        "{}: {}; {}", name, row.format(),
        by_line ? fmt::format("a line a vote ({})", out.ranked ? "scores" : "classes") : "a line an input, a column a model"));
  }
  if (!labels.empty()) {
    auto const known = read_labels(labels);
    if (known.size() != out.inputs.size())
      throw usage_error(fmt::format("--labels: {} has {}, the file {}", labels.string(),
                                    counted(static_cast<Index>(known.size()), "label"),
                                    counted(static_cast<Index>(out.inputs.size()), "input")));
    for (std::size_t i = 0; i < known.size(); ++i) {
      auto const c = std::find(out.classes.begin(), out.classes.end(), fmt::format("{}", known[i]));
      if (c == out.classes.end()) throw usage_error(fmt::format("--labels: {} is a class that nobody votes for", known[i]));
      out.inputs[i].label = c - out.classes.begin();
    }
  }
  out.explained.push_back(fmt::format("classes: {}", fmt::join(out.classes, ", ")));
  out.explained.push_back(fmt::format("models: {}", fmt::join(out.models, ", ")));
  return out;
}

elections_result compare_elections(vote_file const& votes, std::string const& file, elections_options const& options) {
  elections_result result{options, file, votes.classes,   {},        static_cast<Index>(votes.models.size()), 0,
                          {},      {},   votes.explained, votes.said};
  for (Index const b : options.budgets) {
    if (b < 0) throw usage_error("--budgets must not be negative");
  }
  Eigen::VectorXd weights = Eigen::VectorXd::Ones(result.models);
  if (!options.weights.empty()) weights.setZero();
  for (auto const& [name, weight] : options.weights) {
    auto const m = std::find(votes.models.begin(), votes.models.end(), name);
    if (m == votes.models.end())
      throw usage_error(fmt::format("--weights: there is no model '{}'; there are {}", name, fmt::join(votes.models, ", ")));
    weights(m - votes.models.begin()) = weight;
  }
  std::vector<std::string> rules{"plurality"};
  if (votes.ranked)
    rules.push_back("run_off");
  else
    result.said.push_back("Models say one class each: without scores there is no run-off.");
  Index fewest = result.models, silent = 0;
  for (auto const& rule : rules) result.lines.push_back({rule, {}, 0, {}, 0, 0});
  robagg::workspace ws;
  for (auto const& input : votes.inputs) {
    Eigen::VectorXd w(static_cast<Index>(input.models.size()));
    for (Index m = 0; m < w.size(); ++m) w(m) = weights(input.models[at(m)]);
    if (!(w.sum() > 0)) {
      ++silent;
      continue;
    }
    result.names.push_back(input.name), result.labels.push_back(input.label), result.labelled += input.label >= 0;
    fewest = std::min(fewest, w.size());
    for (auto& line : result.lines) {
      auto const elect = [&](auto const& rule) {
        return options.weights.empty() ? rule.elect(input.scores, ws) : rule.elect(robagg::weighted(input.scores, w), ws);
      };
      auto const vote = line.rule == "plurality" ? elect(robagg::plurality{}) : elect(robagg::run_off{});
      line.votes.push_back(vote), line.ties += vote.votes == vote.runner_up_votes;
    }
  }
  if (silent > 0)
    result.said.push_back(fmt::format("{} without a vote {} left out.", counted(silent, "input"), silent == 1 ? "is" : "are"));
  if (result.names.empty()) throw usage_error(fmt::format("{}: nobody votes on any input", file));
  if (fewest < result.models)
    result.said.push_back(
        fmt::format("Not every model votes on every input: {} of {} on the one with fewest.", fewest, result.models));
  for (auto& line : result.lines) {
    std::vector<Index> radii;
    for (std::size_t i = 0; i < line.votes.size(); ++i) {
      auto const& vote = line.votes[i];
      radii.push_back(vote.certified_radius);
      if (result.labels[i] != vote.winner) continue;
      if (static_cast<Index>(line.curve.size()) <= vote.certified_radius) line.curve.resize(at(vote.certified_radius + 1), 0);
      for (Index r = 0; r <= vote.certified_radius; ++r) line.curve[at(r)] += 1 / static_cast<double>(result.labelled);
    }
    std::nth_element(radii.begin(), radii.begin() + static_cast<std::ptrdiff_t>(radii.size() / 2), radii.end());
    line.median_radius = radii[radii.size() / 2], line.accuracy = line.certified(0);
  }
  return result;
}

std::string as_text(elections_result const& result) {
  auto const n = static_cast<Index>(result.names.size());
  std::string text =
      fmt::format("{}: {}, {}, {}, {} with a label\n\n", result.file, counted(n, "input"), counted(result.models, "model"),
                  result.classes.size() == 1 ? "1 class" : fmt::format("{} classes", result.classes.size()), result.labelled);
  names heads{"rule"};
  if (result.labelled > 0) {
    for (Index const r : result.options.budgets) heads.push_back(fmt::format("r = {}", r));
  }
  heads.push_back("median radius"), heads.push_back("ties");
  text_table lines(heads);
  for (auto const& line : result.lines) {
    names cells{line.rule};
    if (result.labelled > 0) {
      for (Index const r : result.options.budgets) cells.push_back(fmt::format("{:.1f}", 100 * line.certified(r)));
    }
    cells.push_back(fmt::format("{}", line.median_radius)), cells.push_back(fmt::format("{}", line.ties));
    lines.add(cells);
  }
  text += lines.text() + "\n";
  std::string notes;
  if (result.labelled > 0)
    notes += "r: certified accuracy in %, the share of inputs that are right whatever r of the models say. ";
  notes +=
      "median radius: half of the inputs keep their winner whatever so many models say. ties: inputs whose first two have equally many "
      "votes; the lower class wins. --csv has every input with its winner and certificate.";
  text += wrapped(notes);
  for (auto const& sentence : result.said) text += wrapped(sentence);
  return text;
}

nlohmann::ordered_json as_json(elections_result const& result) {
  nlohmann::ordered_json json = {{"command", "votes"},
                                 {"file", result.file},
                                 {"inputs", result.names.size()},
                                 {"models", result.models},
                                 {"classes", result.classes},
                                 {"labelled", result.labelled},
                                 {"said", result.said},
                                 {"rules", nlohmann::ordered_json::array()}};
  for (auto const& line : result.lines) {
    nlohmann::ordered_json one = {{"rule", line.rule}, {"median_radius", line.median_radius}, {"ties", line.ties}};
    if (result.labelled > 0) one["accuracy"] = line.accuracy, one["certified_accuracy"] = line.curve;
    for (std::size_t i = 0; i < line.votes.size(); ++i) {
      auto const& v = line.votes[i];
      one["elections"].push_back({{"input", result.names[i]},
                                  {"winner", result.classes[at(v.winner)]},
                                  {"runner_up", result.classes[at(v.runner_up)]},
                                  {"votes", v.votes},
                                  {"runner_up_votes", v.runner_up_votes},
                                  {"certified_radius", v.certified_radius}});
    }
    json["rules"].push_back(one);
  }
  return json;
}

std::string as_csv(elections_result const& result) {
  std::string text =
      csv_line({"rule", "input", "winner", "runner_up", "votes", "runner_up_votes", "certified_radius", "label"});
  for (auto const& line : result.lines) {
    for (std::size_t i = 0; i < line.votes.size(); ++i) {
      auto const& v = line.votes[i];
      text += csv_line({line.rule, result.names[i], result.classes[at(v.winner)], result.classes[at(v.runner_up)],
                        csv_number(v.votes), csv_number(v.runner_up_votes), fmt::format("{}", v.certified_radius),
                        result.labels[i] < 0 ? "" : result.classes[at(result.labels[i])]});
    }
  }
  return text;
}

plot_spec as_plot(elections_result const& result) {
  plot_spec spec;
  spec.title = fmt::format("Certified accuracy of {}", result.file), spec.x_label = "changed models r",
  spec.y_label = "certified accuracy in %";
  spec.y_range = {0, 100};
  for (auto const& line : result.lines) {
    auto& series = spec.series.emplace_back();
    series.name = line.rule;
    for (Index r = 0; r <= static_cast<Index>(line.curve.size()); ++r)
      series.x.push_back(static_cast<double>(r)), series.y.push_back(100 * line.certified(r));
  }
  return spec;
}

}  // namespace robagg_compare
