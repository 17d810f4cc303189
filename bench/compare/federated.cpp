// SPDX-License-Identifier: BSL-1.0
#include "federated.hpp"

#include "draws.hpp"
#include "error.hpp"
#include "read.hpp"
#include "terminal.hpp"
#include "write.hpp"
#include "numbers.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <numeric>

namespace robagg_compare {
namespace {

double median_of(std::vector<double> values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  auto const middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// A radius for clip that needs no tuning: the median length of the reports. NaN counts as infinite.
double median_norm(table<float> const& x) {
  std::vector<double> norms;
  for (Index i = 0; i < x.rows(); ++i) {
    double const norm = std::sqrt(x.row(i).cast<double>().squaredNorm());
    norms.push_back(norm == norm ? norm : std::numeric_limits<double>::infinity());
  }
  return median_of(std::move(norms));
}

}  // namespace

double accuracy(digits const& data, digits::model const& model) {
  table<float> const scores = data.test * model;
  Index correct = 0;
  for (Index i = 0; i < scores.rows(); ++i) {
    int best = 0;
    bool valid = true;
    for (int c = 0; c < digits::classes; ++c) {
      valid = valid && scores(i, c) == scores(i, c);
      if (scores(i, c) > scores(i, best)) best = c;
    }
    correct += valid && best == data.test_labels[static_cast<std::size_t>(i)];
  }
  return static_cast<double>(correct) / static_cast<double>(scores.rows());
}

void check(federated_options const& o) {
  if (o.workers < 3 || o.workers > 1000) throw usage_error("--workers must be between 3 and 1000");
  if (o.liars < 0 || o.liars > o.workers - 2) throw usage_error("--liars must leave at least two honest workers");
  if (o.rounds < 1 || o.rounds > 1'000'000) throw usage_error("--rounds must be between 1 and 1,000,000");
  if (o.batch < 1 || o.batch > 10'000) throw usage_error("--batch must be between 1 and 10,000");
  if (!(o.momentum >= 0 && o.momentum < 1)) throw usage_error("--momentum must be at least 0 and below 1");
  if (!(o.rate > 0 && std::isfinite(o.rate))) throw usage_error("--rate must be above 0");
  for (double const strength : {o.strength.flip, o.strength.ipm, o.strength.alie}) {
    if (!std::isfinite(strength)) throw usage_error("--flip, --ipm and --alie must be finite");
  }
  if (!(o.heterogeneity >= 0 && o.heterogeneity <= 1)) throw usage_error("--heterogeneity must be between 0 and 1");
}

digits read_digits(std::filesystem::path const& file, std::uint64_t seed) {
  auto const loaded = read_table(file);
  auto const* const values = std::get_if<table<double>>(&loaded.values);
  if (values == nullptr || values->cols() != digits::inputs) {
    throw usage_error(fmt::format("{}: is not the digits file: 64 pixels and a label a line", file.string()));
  }
  Index const n = values->rows(), pixels = digits::inputs - 1;
  for (Index i = 0; i < n; ++i) {
    double const label = (*values)(i, pixels);
    bool good = label >= 0 && label < digits::classes && label == std::floor(label);
    for (Index c = 0; c < pixels; ++c) good = good && (*values)(i, c) >= 0 && (*values)(i, c) <= 16;
    if (!good) {
      throw usage_error(fmt::format("{}: sample {} is not 64 pixels of 0 to 16 and a label of 0 to 9", file.string(), i + 1));
    }
  }
  if (n < 100) throw usage_error(fmt::format("{}: holds {} samples; at least 100 are needed", file.string(), n));

  auto const order = shuffled(n, seed);
  digits data;
  Index const training = n * 1400 / 1797;
  data.train.resize(training, digits::inputs);
  data.test.resize(n - training, digits::inputs);
  for (Index i = 0; i < n; ++i) {
    auto const sample = values->row(order[static_cast<std::size_t>(i)]);
    bool const learned = i < training;
    auto row = learned ? data.train.row(i) : data.test.row(i - training);
    row.head(pixels) = (sample.head(pixels) / 16).cast<float>();
    row(pixels) = 1;
    (learned ? data.train_labels : data.test_labels).push_back(static_cast<int>(sample(pixels)));
  }
  return data;
}

std::vector<std::vector<Index>> deal(digits const& data, federated_options const& options) {
  Index const n = data.train.rows(), honest = options.workers - options.liars;
  if (n < honest) throw usage_error(fmt::format("--workers: {} samples are too few for {} honest workers", n, honest));
  std::vector<Index> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) {
    return data.train_labels[static_cast<std::size_t>(a)] < data.train_labels[static_cast<std::size_t>(b)];
  });
  std::vector<std::vector<Index>> own(static_cast<std::size_t>(options.workers));
  for (Index i = 0; i < n; ++i) own[static_cast<std::size_t>(i * honest / n)].push_back(order[static_cast<std::size_t>(i)]);
  for (Index i = honest; i < options.workers; ++i) own[static_cast<std::size_t>(i)] = own[static_cast<std::size_t>(i % honest)];
  return own;
}

training train(digits const& data, federated_options const& options, rule const& r, attack const& a) {
  Index const n = options.workers, honest = n - options.liars, samples = n * options.batch;
  auto const own_data = deal(data, options);
  auto const momentum = static_cast<float>(options.momentum), rate = static_cast<float>(options.rate);

  digits::model model = digits::model::Zero();
  table<float> computed = table<float>::Zero(n, digits::parameters);  // what each worker's momentum says
  table<float> reports(n, digits::parameters), inputs(samples, digits::inputs), scores(samples, digits::classes), truth;
  Eigen::VectorXf lie(digits::parameters), step(digits::parameters);
  robagg::workspace ws;
  draws random(options.seed ^ 0x726f62616767u);  // another stream than the shuffle's
  training result;

  for (Index round = 0; round < options.rounds; ++round) {
    truth = table<float>::Zero(samples, digits::classes);
    for (Index i = 0; i < samples; ++i) {
      Index const worker = i / options.batch;
      auto const& own = own_data[static_cast<std::size_t>(worker)];
      double const chance = random.share();
      Index const anyone = random.below(data.train.rows());
      Index const one = own[static_cast<std::size_t>(random.below(static_cast<Index>(own.size())))];
      Index const sample = chance < options.heterogeneity ? one : anyone;
      int const label = data.train_labels[static_cast<std::size_t>(sample)];
      inputs.row(i) = data.train.row(sample);
      truth(i, a.flips_labels && worker >= honest ? digits::classes - 1 - label : label) = 1;
    }
    scores.noalias() = inputs * model;
    for (Index i = 0; i < samples; ++i) {
      auto row = scores.row(i).array();
      row = (row - row.maxCoeff()).exp();
      row /= row.sum();
    }
    scores -= truth;
    for (Index i = 0; i < n; ++i) {
      Index const first = i * options.batch;
      Eigen::Map<digits::model> own(computed.row(i).data());
      own *= momentum;
      own.noalias() += (1 - momentum) / static_cast<float>(options.batch) *
                       inputs.middleRows(first, options.batch).transpose() * scores.middleRows(first, options.batch);
    }

    reports = computed;
    auto const seed = options.seed + static_cast<std::uint64_t>(round);
    if (a.craft && options.liars > 0) {
      // Liars know the rule, with the length that clip would take if nobody lied.
      attack_setting const known{options.liars, r.make({options.liars, median_norm(computed), seed}), seed};
      a.craft(computed.topRows(honest), known, lie);
      for (Index i = honest; i < n; ++i) reports.row(i) = lie.transpose();
    }
    auto const op = r.make({options.liars, median_norm(reports), seed});
    auto const start = std::chrono::steady_clock::now();
    op.into(reports, step, ws);
    result.seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    model -= rate * Eigen::Map<digits::model const>(step.data());
  }
  result.accuracy = accuracy(data, model);
  result.last = std::move(reports);
  return result;
}

std::string updates_as_csv(training const& run, Index liars) {
  std::string text = "worker";
  for (Index j = 0; j < run.last.cols(); ++j) text += fmt::format(",p{}", j);
  text += '\n';
  for (Index i = 0; i < run.last.rows(); ++i) {
    text += fmt::format("{} {}", i < run.last.rows() - liars ? "honest" : "liar", i + 1);
    for (float const value : run.last.row(i)) text += fmt::format(",{}", value);
    text += '\n';
  }
  return text;
}

federated_result compare_federated(digits const& data, federated_options const& options, std::vector<rule> const& rules) {
  check(options);
  federated_result result;
  result.options = options;
  result.attacks = chosen_attacks(options.attacks, options.strength);
  result.train_samples = data.train.rows();
  result.test_samples = data.test.rows();
  result.bytes = static_cast<double>(options.workers * digits::parameters) * sizeof(float);

  auto const baseline = gradient_rules().front();
  result.reference = train(data, options, baseline, result.attacks.front()).accuracy;

  progress shown(rules.size() * result.attacks.size());
  for (auto const& r : rules) {
    federated_result::line line{r, {}, {}, 1, 0};
    try {
      auto const op = r.make({options.liars, 1, 0});
      op.check(options.workers);
      line.description = op.describe();
    } catch (robagg::bad_input const& error) {
      result.unfit.emplace_back(r.label, error.what());
      continue;
    }
    std::vector<double> seconds;
    for (auto const& a : result.attacks) {
      shown.step(fmt::format("{}, {}", r.label, a.label));
      auto const run = train(data, options, r, a);
      line.accuracy.push_back(run.accuracy);
      seconds.insert(seconds.end(), run.seconds.begin(), run.seconds.end());
    }
    line.worst = *std::min_element(line.accuracy.begin(), line.accuracy.end());
    line.seconds = median_of(std::move(seconds));
    result.lines.push_back(std::move(line));
  }
  return result;
}

namespace {

// A fall of this many points is broken, one of less than the other is not.
constexpr double broken = 0.10, unharmed = 0.03;

// A pipe in one word, as --rules takes it.
std::string one_word(std::string label) {
  std::erase(label, ' ');
  return label;
}

std::string joined(std::vector<std::string> const& words, std::string_view between = ", ") {
  std::string text;
  for (auto const& w : words) text += (text.empty() ? "" : std::string(between)) + w;
  return text;
}

// What the reader sees, from the numbers.
std::string conclusion(federated_result const& result) {
  if (result.lines.empty()) return {};
  std::vector<std::string> fallen, safe, between;
  for (auto const& line : result.lines) {
    std::vector<std::string> lost;
    std::size_t held = 0;
    for (std::size_t k = 1; k < line.accuracy.size(); ++k) {
      double const fall = result.reference - line.accuracy[k];
      if (fall > broken) lost.push_back(result.attacks[k].label);
      held += fall <= unharmed;
    }
    if (!lost.empty()) {
      fallen.push_back(fmt::format("{} ({})", one_word(line.r.label), joined(lost)));
    } else if (held + 1 == line.accuracy.size()) {
      safe.push_back(one_word(line.r.label));
    } else {
      between.push_back(fmt::format("{} ({} of {} attacks)", one_word(line.r.label), held, line.accuracy.size() - 1));
    }
  }
  std::string text =
      fmt::format("When nobody lies, the mean reads {} % of the test digits correctly.", percent(result.reference));
  if (!fallen.empty()) text += fmt::format(" More than {:g} points below that: {}.", 100 * broken, joined(fallen));
  if (!safe.empty()) { text += fmt::format(" Within {:g} points of it under every attack: {}.", 100 * unharmed, joined(safe)); }
  if (!between.empty()) text += fmt::format(" Within {:g} points under most: {}.", 100 * unharmed, joined(between));
  return text;
}

}  // namespace

std::string as_text(federated_result const& result, bool colour) {
  auto const& o = result.options;
  std::string text = wrapped(fmt::format("Test accuracy in %, after {} workers, {} of them liars, trained for {} rounds.",
                                         o.workers, o.liars, o.rounds));
  text += fmt::format("\n{:<19}", "rule");
  auto const width = [](std::string const& head) { return std::max<std::size_t>(head.size(), 4) + 1; };
  for (auto const& a : result.attacks) text += fmt::format("{:>{}}", a.label, width(a.label));
  text += " | worst | us/round\n";
  auto const cell = [&](double accuracy, std::size_t columns) {
    return red(fmt::format("{:>{}}", percent(accuracy), columns), colour && result.reference - accuracy > broken);
  };
  for (auto const& line : result.lines) {
    text += fmt::format("{:<19}", line.r.label);
    for (std::size_t k = 0; k < line.accuracy.size(); ++k) text += cell(line.accuracy[k], width(result.attacks[k].label));
    text += fmt::format(" | {} | {:8.1f}\n", cell(line.worst, 5), 1e6 * line.seconds);
  }
  for (auto const& [label, reason] : result.unfit) text += fmt::format("{:<19} does not fit: {}\n", label, reason);

  text += '\n';
  for (auto const& a : result.attacks) text += fmt::format("{:<8} {}\n", a.label, a.meaning);
  text += fmt::format("{:<8} {}\n", "us/round", "microseconds per aggregation, the median over all rounds and attacks");
  text += '\n';
  for (auto const& line : result.lines) {
    if (line.r.label != line.r.name) text += fmt::format("{:<18} is {}\n", line.r.label, line.r.name);
  }
  text += wrapped(fmt::format(
      "Rules know f = {}; clip's radius is the median length of a round's reports; bucketing makes pairs. Softmax regression "
      "on {} digits, tested on {} others; a worker's report is the gradient of {} samples drawn from {}, with momentum {:g}; "
      "the server steps by {:g}. Seed {}.",
      o.liars, result.train_samples, result.test_samples, o.batch,
      o.heterogeneity > 0 ? fmt::format("all data, {:g} % of them from its own one or two digits", 100 * o.heterogeneity)
                          : std::string("all data"),
      o.momentum, o.rate, o.seed));
  return text + '\n' + wrapped(conclusion(result));
}

nlohmann::ordered_json as_json(federated_result const& result) {
  auto const& o = result.options;
  nlohmann::ordered_json json = {
      {"command", "federated"},
      {"settings",
       {{"workers", o.workers},
        {"liars", o.liars},
        {"rounds", o.rounds},
        {"train_samples", result.train_samples},
        {"test_samples", result.test_samples},
        {"batch", o.batch},
        {"momentum", o.momentum},
        {"rate", o.rate},
        {"heterogeneity", o.heterogeneity},
        {"seed", o.seed}}},
      {"attacks", nlohmann::ordered_json::object()},
      {"attack_free_accuracy_of_the_mean", result.reference},
      {"rules", nlohmann::ordered_json::array()},
      {"unfit", nlohmann::ordered_json::array()},
  };
  for (auto const& a : result.attacks) json["attacks"][a.label] = a.meaning;
  for (auto const& line : result.lines) {
    nlohmann::ordered_json accuracy;
    for (std::size_t k = 0; k < line.accuracy.size(); ++k) accuracy[result.attacks[k].label] = line.accuracy[k];
    json["rules"].push_back({{"rule", line.r.label},
                             {"operator", line.description},
                             {"accuracy", accuracy},
                             {"worst", line.worst},
                             {"microseconds_per_round", 1e6 * line.seconds},
                             {"gigabytes_per_second", 1e-9 * result.bytes / line.seconds}});
  }
  for (auto const& [label, reason] : result.unfit) json["unfit"].push_back({{"rule", label}, {"reason", reason}});
  return json;
}

std::string as_csv(federated_result const& result) {
  std::string text = csv_line({"rule", "attack", "accuracy", "microseconds_per_round", "gigabytes_per_second"});
  for (auto const& line : result.lines) {
    for (std::size_t k = 0; k < line.accuracy.size(); ++k) {
      text += csv_line({line.r.label, result.attacks[k].label, csv_number(line.accuracy[k]), csv_number(1e6 * line.seconds),
                        csv_number(1e-9 * result.bytes / line.seconds)});
    }
  }
  return text;
}

}  // namespace robagg_compare
