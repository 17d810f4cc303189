// SPDX-License-Identifier: BSL-1.0
// Grouped weighted plurality, the kernel of every vote among sampled answers: equal answers form a group, a group's total
// is the sum or the maximum of its members' weights, the highest totals win. A weight of NaN is no vote. Source: definition;
// with weights of 1 it is self-consistency (Wang et al., 2023).
//
// A group is a slot of a table; slot 0 takes what is no vote. Small integers are their own slots, other answers get one
// from a hash table in order of appearance.
#pragma once

#include "../../detail/select/radix.hpp"
#include "../../scores.hpp"
#include "../../workspace.hpp"
#include "../verdict.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace robagg::inline ROBAGG_ABI::detail {

inline constexpr double no_vote = std::numeric_limits<double>::quiet_NaN();

// --- slots ---------------------------------------------------------------------------------------

template <class L>
struct integer_slots {
  L const* labels;
  Index size;
  static constexpr bool by_appearance = false;
  Index operator()(Index i) const {
    L const label = labels[i];
    if constexpr (std::signed_integral<L>) {
      return label < 0 ? 0 : static_cast<Index>(label) + 1;
    } else {
      return static_cast<Index>(label) + 1;
    }
  }
  bool is(Index i, Index slot) const { return labels[i] == static_cast<L>(slot - 1); }
};
struct numbered_slots {
  Index const* slot;
  Index size;
  static constexpr bool by_appearance = true;
  Index operator()(Index i) const { return slot[i]; }
  bool is(Index i, Index wanted) const { return slot[i] == wanted; }
};

// Open addressing with linear probing; equal hashes only cost time.
template <class L>
numbered_slots number(list<L> labels, workspace& ws) {
  Index const n = labels.size();
  Index* const slot = ws.take<Index>(n);
  auto const scope = ws.scope();
  auto const places = std::bit_ceil(static_cast<std::uint64_t>(2 * n));
  int const shift = 64 - static_cast<int>(std::bit_width(places - 1));
  Index* const sample = ws.take<Index>(static_cast<Index>(places));  // the first with the answer, -1 where nobody is
  std::fill_n(sample, places, Index{-1});
  Index used = 0;
  for (Index i = 0; i < n; ++i) {
    slot[i] = 0;
    if (!robagg::is_answer(labels[i])) continue;
    auto hash = static_cast<std::uint64_t>(std::hash<L>{}(labels[i]));
    hash = (hash ^ (hash >> 32)) * 0x9e3779b97f4a7c15u;
    auto place = hash >> shift;
    while (sample[place] >= 0 && !(labels[sample[place]] == labels[i])) place = (place + 1) & (places - 1);
    if (sample[place] < 0) {
      sample[place] = i;
      slot[i] = ++used;
    }
    slot[i] = slot[sample[place]];
  }
  return {slot, used + 1};
}

// visit(slots): integers up to a few times n are slots themselves.
template <class L, class Visit>
void with_slots(list<L> labels, workspace& ws, Visit const& visit) {
  if constexpr (std::integral<L>) {
    L highest = 0;
    for (L const label : labels) highest = std::max(highest, label);
    if (static_cast<std::uint64_t>(highest) < static_cast<std::uint64_t>(4 * labels.size() + 64)) {
      return visit(integer_slots<L>{labels.data(), static_cast<Index>(highest) + 2});
    }
  }
  visit(detail::number(labels, ws));
}

// --- totals --------------------------------------------------------------------------------------

// A slot without votes keeps `none`: -0, which no sum of votes is, or NaN.
struct adds {
  static constexpr double none = -0.;
  static bool voted(double total) { return total != 0 || !std::signbit(total); }
  static double join(double total, double weight) { return total + weight; }
};
struct takes_highest {
  static constexpr double none = no_vote;
  static bool voted(double total) { return total == total; }
  static double join(double total, double weight) { return total >= weight ? total : weight; }
};

// The total of each slot over samples i with weight(i). Neighbouring samples go to tables of their own: votes for the
// same answer would wait for each other.
template <class Rule, class Slots, class Weight>
double* totals(Slots const& slots, Index n, Weight const& weight, workspace& ws) {
  Index const size = slots.size, tables = n >= 8 * size ? 4 : 1;
  double* const total = ws.take<double>(size);
  auto const scope = ws.scope();
  double* const others = ws.take<double>((tables - 1) * size);
  std::fill_n(total, size, Rule::none);
  std::fill_n(others, (tables - 1) * size, Rule::none);
  auto const vote = [&](double* table, Index i) {
    double const w = weight(i) + 0.;  // -0 would look like no vote
    double& cell = table[w == w ? slots(i) : 0];
    cell = Rule::join(cell, w);
  };
  Index i = 0;
  if (tables > 1) {
    for (; i + 4 <= n; i += 4) {
      vote(total, i);
      vote(others, i + 1);
      vote(others + size, i + 2);
      vote(others + 2 * size, i + 3);
    }
    for (Index t = 0; t < 3 * size; ++t) {
      if (Rule::voted(others[t])) total[t % size] = Rule::join(total[t % size], others[t]);
    }
  }
  for (; i < n; ++i) vote(total, i);
  total[0] = Rule::none;
  return total;
}

// The mean instead of the sum; a second pass takes the rounding of the first out, so that equal scores have equal means.
template <class Slots, class Weight>
double* means(Slots const& slots, Index n, Weight const& weight, workspace& ws) {
  double* const mean = detail::totals<adds>(slots, n, weight, ws);
  auto const scope = ws.scope();
  double const* const members =
      detail::totals<adds>(slots, n, [&](Index i) { return weight(i) == weight(i) ? 1 : no_vote; }, ws);
  auto const is_voted = [&](Index s) { return adds::voted(members[s]); };
  for (Index s = 1; s < slots.size; ++s) mean[s] = is_voted(s) ? mean[s] / members[s] + 0. : adds::none;
  double const* const rest = detail::totals<adds>(slots, n, [&](Index i) { return weight(i) - mean[slots(i)]; }, ws);
  for (Index s = 1; s < slots.size; ++s) {
    if (is_voted(s) && std::isfinite(mean[s])) mean[s] += rest[s] / members[s] + 0.;
  }
  return mean;
}

// --- the winners ---------------------------------------------------------------------------------

// The slots of the k highest totals among `count`, best first; equal totals by who appears first (see `appears`).
// Returns how many are in order: one more than k where there are so many, for the margin.
template <class Slots, class Appears>
Index rank(Slots const& slots, double const* total, Index* order, Index count, Index k, Index n, Appears const& appears,
           workspace& ws) {
  Index const top = std::min(k + 1, count);
  auto const by = [&](auto const& place) {
    std::partial_sort(order, order + top, order + count,
                      [&](Index a, Index b) { return total[a] > total[b] || (total[a] == total[b] && place(a) < place(b)); });
  };
  by([](Index s) { return s; });
  bool ties = false;
  for (Index r = 1; r < top; ++r) ties = ties || total[order[r - 1]] == total[order[r]];
  if (ties) {
    auto const scope = ws.scope();
    Index* const first = ws.take<Index>(slots.size);
    std::fill_n(first, slots.size, n);
    for (Index i = n; i-- > 0;) {
      Index const s = slots(i);
      if (appears(i, s)) first[s] = i;
    }
    by([&](Index s) { return first[s]; });
  }
  return top;
}

inline constexpr Index few_answers = 4;  // to introduce one after the other

// Where scores do not matter.
struct unscored {
  double operator()(Index) const { return 0; }
};

// Fills in who the candidates order[0..m) are. counts(i): does sample i count? score(i) chooses the representative.
template <class L, class Slots, class Counts, class Score>
void introduce(list<L> labels, Slots const& slots, double const* total, Index const* order, Index m, Counts const& counts,
               Score const& score, verdict<L>& out, workspace& ws) {
  Index const n = labels.size();
  out.answers.assign(static_cast<std::size_t>(m), {});
  struct highest {
    double score;
    bool seen;
  };
  auto const scope = ws.scope();
  highest* const best = ws.take<highest>(m);
  std::fill_n(best, m, highest{0, false});
  auto const meet = [&](Index r, Index i) {
    if (!counts(i)) return;
    auto& c = out.answers[static_cast<std::size_t>(r)];
    double const s = score(i);
    ++c.count;
    if (!best[r].seen || s > best[r].score || (best[r].score != best[r].score && s == s))
      c.representative = i, best[r] = {s, true};
  };
  if (m <= few_answers) {
    constexpr Index block = 64;  // most have no member: a comparison of all at once says so
    for (Index r = 0; r < m; ++r) {
      for (Index first = 0; first < n; first += block) {
        Index const last = std::min(n, first + block);
        int here = 0;
        for (Index i = first; i < last; ++i) here += slots.is(i, order[r]);
        for (Index i = first; here > 0 && i < last; ++i) {
          if (slots.is(i, order[r])) meet(r, i);
        }
        if (std::is_same_v<Score, unscored> && best[r].seen) break;  // the first is enough: all votes weigh 1
      }
    }
  } else {
    Index* const rank = ws.take<Index>(slots.size);
    std::fill_n(rank, slots.size, Index{-1});
    for (Index r = 0; r < m; ++r) rank[order[r]] = r;
    for (Index i = 0; i < n; ++i) {
      if (Index const r = rank[slots(i)]; r >= 0) meet(r, i);
    }
  }
  for (Index r = 0; r < m; ++r) {
    auto& c = out.answers[static_cast<std::size_t>(r)];
    c.label = labels[c.representative];
    c.total = total[order[r]];
    if (std::is_same_v<Score, unscored>) c.count = static_cast<Index>(c.total);
  }
}

inline double margin_of(double const* total, Index const* order, Index ranked) {
  return ranked == 0 ? 0 : ranked == 1 ? total[order[0]] : total[order[0]] - total[order[1]];
}

template <class Slots>
Index valid_answers(Slots const& slots, Index n) {
  Index valid = 0;
  for (Index i = 0; i < n; ++i) valid += slots(i) != 0;
  return valid;
}

// --- rules ---------------------------------------------------------------------------------------

// Scores where they are, or copied: an expression is read once.
template <class T>
struct score_reader {
  T const* values;
  double operator()(Index i) const { return static_cast<double>(values[i]); }
};
template <class V>
auto read_scores(V const& scores, workspace& ws) {
  auto const* const values = detail::score_values(scores, ws);
  return score_reader<std::remove_cvref_t<decltype(*values)>>{values};
}

template <class Op, class Ls>
void check_votes(Op const& op, Ls const& labels) {
  if (labels.size() < 1) refuse(op, "needs at least one answer", {{"N", static_cast<Index>(labels.size())}});
  if (op.k < 1) refuse(op, "needs k >= 1", {{"k", op.k}});
}
template <class Op, class Ls, class V>
void check_votes(Op const& op, Ls const& labels, V const& scores) {
  detail::check_votes(op, labels);
  auto const answers = static_cast<Index>(labels.size()), given = static_cast<Index>(scores.size());
  if (answers != given) refuse(op, "needs one score per answer", {{"answers", answers}, {"scores", given}});
}
// The opening of a vote with scores: what it refuses, and decide(labels, score), score(i) being that of sample i as a double.
template <class Op, class Ls, class V>
void open_vote(Op const& op, Ls const& given, V const& scores, workspace& ws, auto const& decide) {
  detail::check_votes(op, given, scores);
  auto const scope = ws.scope();
  decide(list(given), detail::read_scores(scores, ws));
}
// All scores that are known, in [least, most].
template <class Op, class Score>
void check_scores(Op const& op, Score const& score, Index n, double least, double most, std::string_view rule) {
  int bad = 0;
  for (Index i = 0; i < n; ++i) bad |= int(score(i) < least) | int(score(i) > most);
  for (Index i = 0; bad != 0 && i < n; ++i) {
    if (score(i) < least || score(i) > most) refuse(op, rule, {{"sample", i}, {"score", score(i)}});
  }
}

// Slots whose total says that they have voted, in any order.
template <class Rule, class Slots>
Index voters(Slots const& slots, double const* total, Index* order) {
  Index count = 0;
  for (Index s = 1; s < slots.size; ++s) {
    if (Rule::voted(total[s])) order[count++] = s;
  }
  return count;
}

template <class Rule, class Op, class L, class Slots, class Weight, class Score, class Appears>
void settle(Op const& op, list<L> labels, Slots const& slots, double const* total, Weight const& weight, Score const& score,
            Appears const& appears, verdict<L>& out, workspace& ws) {
  Index* const order = ws.take<Index>(slots.size);
  Index const count = detail::voters<Rule>(slots, total, order);
  Index const ranked = detail::rank(slots, total, order, count, op.k, labels.size(), appears, ws);
  detail::introduce(
      labels, slots, total, order, std::min(op.k, ranked), [&](Index i) { return weight(i) == weight(i); }, score, out, ws);
  out.margin = detail::margin_of(total, order, ranked);
  out.changes = -1;
  out.valid = detail::valid_answers(slots, labels.size());
}

// The vote with weights that depend on the sample alone.
template <class Op, class L, class Weight, class Score>
void vote_by(Op const& op, list<L> labels, class_score how, Weight const& weight, Score const& score, verdict<L>& out,
             workspace& ws) {
  Index const n = labels.size();
  detail::with_slots(labels, ws, [&](auto const& slots) {
    if (how == class_score::max) {
      double const* const highest = detail::totals<takes_highest>(slots, n, weight, ws);
      auto const reaches = [&](Index i, Index s) { return weight(i) == highest[s]; };
      return detail::settle<takes_highest>(op, labels, slots, highest, weight, score, reaches, out, ws);
    }
    double const* const total =
        how == class_score::mean ? detail::means(slots, n, weight, ws) : detail::totals<adds>(slots, n, weight, ws);
    auto const votes = [&](Index i, Index) { return weight(i) == weight(i); };
    detail::settle<adds>(op, labels, slots, total, weight, score, votes, out, ws);
  });
}

// The samples that have an answer and a score, the highest score first, equal ones in order: their positions and number.
template <class L, class Score>
auto by_score(list<L> labels, Score const& score, workspace& ws) {
  auto const votes = [&](Index i) { return robagg::is_answer(labels[i]) && score(i) == score(i); };
  return detail::sort_scores<true>([&](Index i) { return score.values[i]; }, votes, labels.size(), ws);
}

// What calling a rule returns.
template <class Op, class Ls, class... Scores>
auto evaluate_votes(Op const& op, Ls const& labels, Scores const&... scores) {
  workspace ws;
  verdict<label_of<Ls>> out;
  op.into(labels, scores..., out, ws);
  return out;
}

}  // namespace robagg::inline ROBAGG_ABI::detail
