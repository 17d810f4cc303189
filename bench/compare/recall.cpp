// SPDX-License-Identifier: BSL-1.0
#include "recall.hpp"

#include "draws.hpp"
#include "error.hpp"
#include "read.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace robagg_compare {
namespace {

using task = recall_task;
using matrix = table<float>;
constexpr Index dim = recall_model::head_dim;

// The embeddings that a token is the sum of: key, value or question, filler.
template <class Visit>
void parts(task::token const& t, Visit const& visit) {
  if (t.key >= 0) visit(t.key);
  if (t.value >= 0) visit(task::keys + t.value);
  if (t.filler >= 0) visit(task::keys + task::values + t.filler);
  if (t.question()) visit(recall_model::tokens - 1);
}

// Softmax of the first `seen` logits, the others 0.
void attend(Eigen::Ref<Eigen::RowVectorXf> logits, Index seen) {
  auto row = logits.head(seen).array();
  row = (row - row.maxCoeff()).exp();
  row /= row.sum();
  logits.tail(logits.size() - seen).setZero();
}

float const scale = 1 / std::sqrt(static_cast<float>(dim));

}  // namespace

task::sequence recall_sequence(std::uint64_t seed) {
  draws random(seed);
  task::sequence s;
  s.context.resize(task::length);
  auto const keys = shuffled(task::keys, random), places = shuffled(task::length - 2 * task::window, random);
  std::vector<Index> answers;
  for (Index f = 0; f < task::facts; ++f) {
    answers.push_back(random.below(task::values));
    s.context[static_cast<std::size_t>(places[static_cast<std::size_t>(f)])] = {keys[static_cast<std::size_t>(f)],
                                                                                answers.back(), -1};
  }
  // Facts 0 .. steady - 1 are steady, the next `bursts` are asked in bursts, the first `returning` of which come back.
  std::vector<Index> given(task::facts, task::length);
  auto const place_of = [&](Index f) { return places[static_cast<std::size_t>(f)]; };
  Index burst = -1, left = 0;
  for (Index i = 0; i < task::length; ++i) {
    auto& token = s.context[static_cast<std::size_t>(i)];
    if (token.key >= 0) continue;
    if (left == 0 && random.chance(.15)) burst = task::steady + random.below(task::bursts), left = 2 + random.below(2);
    Index const fact = left > 0 ? burst : random.below(task::steady);
    if (random.chance(.5) && place_of(fact) < i) {
      token.key = keys[static_cast<std::size_t>(fact)];
      left = std::max<Index>(0, left - 1);
    } else {
      token.filler = random.below(task::fillers);
    }
  }
  auto const ask = [&](Index f, task::kind kind) {
    s.later.push_back({keys[static_cast<std::size_t>(f)], answers[static_cast<std::size_t>(f)], kind});
  };
  for (Index k = 0; k < task::later; ++k) {
    ask(random.below(task::steady), task::kind::steady);
    ask(task::steady + random.below(task::returning), task::kind::returning);
    ask(task::steady + task::bursts + random.below(task::facts - task::steady - task::bursts), task::kind::fresh);
  }
  return s;
}

recall_model recall_model::untrained(std::uint64_t seed) {
  draws random(seed);
  recall_model m;
  auto const fill = [&](table<float>& x, Index rows, Index cols) {
    x.resize(rows, cols);
    for (Index i = 0; i < x.size(); ++i)
      x.data()[i] = static_cast<float>(random.normal() / std::sqrt(static_cast<double>(rows == tokens ? cols : rows)));
  };
  fill(m.embedding, tokens, width);
  fill(m.query, width, query_heads * dim), fill(m.key, width, kv_heads * dim), fill(m.value, width, kv_heads * dim);
  fill(m.output, query_heads * dim, width), fill(m.answer, width, recall_task::values);
  return m;
}

table<float> recall_model::embedded(std::vector<task::token> const& context) const {
  matrix x = matrix::Zero(static_cast<Index>(context.size()), width);
  for (Index i = 0; i < x.rows(); ++i)
    parts(context[static_cast<std::size_t>(i)], [&](Index t) { x.row(i) += embedding.row(t); });
  return x;
}

double recall_model::loss(std::vector<task::token> const& context, recall_model& gradient) const {
  std::vector<Index> asked, right;
  std::vector<Index> value_of(task::keys, -1);
  for (std::size_t i = 0; i < context.size(); ++i) {
    auto const& t = context[i];
    if (t.value >= 0) value_of[static_cast<std::size_t>(t.key)] = t.value;
    if (t.question()) asked.push_back(static_cast<Index>(i)), right.push_back(value_of[static_cast<std::size_t>(t.key)]);
  }
  auto const m = static_cast<Index>(asked.size());
  auto const n = static_cast<Index>(context.size());
  matrix const x = embedded(context), k = x * key, v = x * value;
  matrix xq(m, width);
  for (Index i = 0; i < m; ++i) xq.row(i) = x.row(asked[static_cast<std::size_t>(i)]);
  matrix const q = xq * query;
  std::vector<matrix> weights;
  matrix o(m, query_heads * dim);
  for (Index h = 0; h < query_heads; ++h) {
    matrix a = scale * q.middleCols(h * dim, dim) * k.middleCols(h / group * dim, dim).transpose();
    for (Index i = 0; i < m; ++i) attend(a.row(i), asked[static_cast<std::size_t>(i)] + 1);
    o.middleCols(h * dim, dim).noalias() = a * v.middleCols(h / group * dim, dim);
    weights.push_back(std::move(a));
  }
  matrix const y = o * output;
  matrix p = y * answer;
  double sum = 0;
  for (Index i = 0; i < m; ++i) {
    attend(p.row(i), task::values);
    float& chosen = p(i, right[static_cast<std::size_t>(i)]);
    sum -= std::log(std::max(chosen, 1e-30f));
    chosen -= 1;
  }
  p /= static_cast<float>(m);  // the gradient of the logits
  gradient.answer.noalias() = y.transpose() * p;
  matrix const dy = p * answer.transpose();
  gradient.output.noalias() = o.transpose() * dy;
  matrix const d_o = dy * output.transpose();
  matrix dq(m, q.cols()), dk = matrix::Zero(n, k.cols()), dv = dk;
  for (Index h = 0; h < query_heads; ++h) {
    auto const& a = weights[static_cast<std::size_t>(h)];
    Index const kv = h / group * dim;
    matrix da = d_o.middleCols(h * dim, dim) * v.middleCols(kv, dim).transpose();
    dv.middleCols(kv, dim).noalias() += a.transpose() * d_o.middleCols(h * dim, dim);
    for (Index i = 0; i < m; ++i)
      da.row(i) = scale * (a.row(i).array() * (da.row(i).array() - a.row(i).dot(da.row(i)))).matrix();
    dq.middleCols(h * dim, dim).noalias() = da * k.middleCols(kv, dim);
    dk.middleCols(kv, dim).noalias() += da.transpose() * q.middleCols(h * dim, dim);
  }
  gradient.query.noalias() = xq.transpose() * dq;
  gradient.key.noalias() = x.transpose() * dk;
  gradient.value.noalias() = x.transpose() * dv;
  matrix dx = dk * key.transpose() + dv * value.transpose();
  matrix const dxq = dq * query.transpose();
  for (Index i = 0; i < m; ++i) dx.row(asked[static_cast<std::size_t>(i)]) += dxq.row(i);
  gradient.embedding = matrix::Zero(tokens, width);
  for (Index i = 0; i < n; ++i)
    parts(context[static_cast<std::size_t>(i)], [&](Index t) { gradient.embedding.row(t) += dx.row(i); });
  return sum / static_cast<double>(m);
}

void recall_model::train(Index steps, std::uint64_t seed) {
  recall_model gradient = *this, first = *this, second = *this;
  for (auto* moments : {&first, &second}) {
    for (auto* m : moments->parameters()) m->setZero();
  }
  for (Index step = 1; step <= steps; ++step) {
    loss(recall_sequence(seed + static_cast<std::uint64_t>(step)).context, gradient);
    float const rate = .003f * (step * 4 > steps * 3 ? .2f : 1.f);
    auto const correct = [step](double beta) {
      return static_cast<float>(1 / (1 - std::pow(beta, static_cast<double>(step))));
    };
    for (std::size_t k = 0; k < 6; ++k) {
      auto g = gradient.parameters()[k]->array();
      auto m = first.parameters()[k]->array(), v = second.parameters()[k]->array();
      m = .9f * m + .1f * g;
      v = .99f * v + .01f * g.square();
      parameters()[k]->array() -= rate * m * correct(.9) / ((v * correct(.99)).sqrt() + 1e-8f);
    }
  }
}

recall_model read_recall(std::filesystem::path const& npy) {
  recall_model m = recall_model::untrained(1);
  auto const loaded = read_table(npy);
  auto const* const values = std::get_if<table<float>>(&loaded.values);
  Index size = 0;
  for (auto* p : m.parameters()) size += p->size();
  if (values == nullptr || values->size() != size)
    throw usage_error(fmt::format("{}: does not hold the recall model: {} float32 values", npy.string(), size));
  float const* from = values->data();
  for (auto* p : m.parameters()) std::copy_n(from, p->size(), p->data()), from += p->size();
  return m;
}

std::string recall_as_npy(recall_model model) {
  Index size = 0;
  for (auto* p : model.parameters()) size += p->size();
  std::string header = fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': (1, {}), }}", size);
  header.resize(118 - 1, ' ');
  std::string text("\x93NUMPY\x01\x00", 8);
  text += {118, 0};
  text += header + "\n";
  for (auto* p : model.parameters())
    text.append(reinterpret_cast<char const*>(p->data()), static_cast<std::size_t>(p->size()) * sizeof(float));
  return text;
}

std::array<double, 3> recall_accuracy(recall_model const& model, Index sequences, std::uint64_t seed,
                                      recall_policy const& policy) {
  std::array<double, 3> right{}, asked{};
  robagg::kept kept;
  for (Index s = 0; s < sequences; ++s) {
    auto const sequence = recall_sequence(seed + static_cast<std::uint64_t>(s));
    matrix const x = model.embedded(sequence.context);
    recall_trace const trace{x.bottomRows(task::window) * model.query, x * model.key, x * model.value, &model.output};
    policy(trace, kept);
    for (auto const& question : sequence.later) {
      Eigen::RowVectorXf const token = model.embedding.row(question.key) + model.embedding.row(recall_model::tokens - 1);
      Eigen::RowVectorXf const q = token * model.query, own_key = token * model.key, own_value = token * model.value;
      Eigen::RowVectorXf o(recall_model::query_heads * dim);
      for (Index h = 0; h < recall_model::query_heads; ++h) {
        Index const kv = h / recall_model::group;
        auto const positions = kept[kv];
        auto const n = static_cast<Index>(positions.size());
        matrix k(n + 1, dim), v(n + 1, dim);
        for (Index i = 0; i < n; ++i) {
          k.row(i) = trace.keys.row(positions[static_cast<std::size_t>(i)]).segment(kv * dim, dim);
          v.row(i) = trace.values.row(positions[static_cast<std::size_t>(i)]).segment(kv * dim, dim);
        }
        k.row(n) = own_key.segment(kv * dim, dim), v.row(n) = own_value.segment(kv * dim, dim);
        Eigen::RowVectorXf a = scale * q.segment(h * dim, dim) * k.transpose();
        attend(a, n + 1);
        o.segment(h * dim, dim) = a * v;
      }
      Index best = 0;
      (o * model.output * model.answer).maxCoeff(&best);
      auto const kind = static_cast<std::size_t>(question.asked);
      right[kind] += best == question.answer, asked[kind] += 1;
    }
  }
  for (std::size_t k = 0; k < 3; ++k) right[k] /= asked[k];
  return right;
}

}  // namespace robagg_compare
