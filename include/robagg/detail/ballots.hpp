// SPDX-License-Identifier: BSL-1.0
// What an election reads: each model ranks the classes by score, the higher first, equal scores by class. Scores are
// kept with classes as rows, so that packets hold the same class of neighbouring models.
#pragma once

#include "check.hpp"
#include "order.hpp"
#include "tile.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace robagg::inline ROBAGG_ABI::detail {

// A packet of whole numbers beside one of T: class numbers, and counts of how often a comparison held.
template <class T, class V = packet<T>>
struct counts {
  using type = decltype(V{} < V{});
  static EIGEN_ALWAYS_INLINE type of(type comparison) { return -comparison; }
};
template <class T>
struct counts<T, T> {
  using type = key_of<T>;
  static EIGEN_ALWAYS_INLINE type of(bool comparison) { return comparison; }
};

template <class V>
EIGEN_ALWAYS_INLINE Index sum_of_counts(V const& v) {
  lane_of<V> part[lanes_of<V>], sum = 0;
  std::memcpy(part, &v, sizeof v);
  for (lane_of<V> const p : part) sum += p;
  return static_cast<Index>(sum);
}

// Votes are whole numbers, so that ties and certificates are exact: without weights each model has one; weights are
// rounded to units of at most 2^-49 of their sum, a power of two.
template <class T>
class ballots {
 public:
  using V = packet<T>;
  using whole = typename counts<T>::type;
  using choice = lane_of<whole>;

  template <class R>
  ballots(R const& r, workspace& ws)
      : models_(r.rows()), classes_(r.cols()), scores_(ws, r.cols(), r.rows()), first_(ws.take<choice>(scores_.stride)),
        votes_(ws.take<Index>(r.cols())), weights_(weighted_reports<R> ? ws.take<Index>(r.rows()) : nullptr) {
    auto&& x = detail::readable(detail::plain_of(r));
    read(x, ws);
    choose();
    if constexpr (weighted_reports<R>) weigh(r, ws);
    count();
  }

  Index models() const { return models_; }
  Index classes() const { return classes_; }
  bool weighted() const { return weights_ != nullptr; }
  Index weight(Index m) const { return weights_ ? weights_[m] : 1; }
  Index total() const { return total_; }      // of all votes
  double value(Index votes) const { return std::ldexp(static_cast<double>(votes), -exponent_); }
  Index first(Index m) const { return static_cast<Index>(first_[m]); }
  Index votes(Index c) const { return votes_[c]; }

  // Does model m rank a before b?
  bool prefers(Index m, Index a, Index b) const {
    T const x = scores_.row(a)[m], y = scores_.row(b)[m];
    return x > y || (x == y && a < b);
  }
  // The votes of the models that rank a before b.
  Index preferring(Index a, Index b) const {
    if (a < b) return total_ - preferring(b, a);
    if (weights_) {
      Index sum = 0;
      for (Index m = 0; m < models_; ++m) sum += prefers(m, a, b) ? weights_[m] : 0;
      return sum;
    }
    // a is the later one: only a higher score puts it first, and padding never does.
    T const *const x = scores_.row(a), *const y = scores_.row(b);
    whole above{};
    for (Index m = 0; m < models_; m += lanes_of<V>) above += counts<T>::of(detail::load<V>(x + m) > detail::load<V>(y + m));
    return detail::sum_of_counts(above);
  }

  // The class with the most votes, the lowest of equals, except `other`.
  Index leader(Index other = -1) const {
    Index best = other == 0 ? 1 : 0;
    for (Index c = best + 1; c < classes_; ++c) {
      if (c != other && votes_[c] > votes_[best]) best = c;
    }
    return best;
  }

 private:
  template <class X>
  void read(X const& x, workspace& ws) {
    if constexpr (stores_rows<X, T>) {
      if (x.innerStride() == 1) return detail::transpose(x.data(), x.outerStride(), scores_);
    }
    if constexpr (dense<X>) {
      for (Index c = 0; c < classes_; ++c) {
        Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>(scores_.row(c), models_) = x.col(c).template cast<T>().array();
      }
    } else {
      T* const row = ws.take<T>(classes_);
      for (Index m = 0; m < models_; ++m) {
        detail::read_row(x, m, 0, classes_, row);
        for (Index c = 0; c < classes_; ++c) scores_.row(c)[m] = row[c];
      }
    }
  }

  // NaN counts as -infinity. Padding has equal scores and no first choice.
  void choose() {
    for (Index c = 0; c < classes_; ++c) std::fill(scores_.row(c) + models_, scores_.row(c) + scores_.stride, T(0));
    V const lowest = detail::all<V>(-std::numeric_limits<T>::infinity());
    for (Index m = 0; m < models_; m += lanes_of<V>) {
      V best = detail::upper(lowest, detail::load<V>(scores_.row(0) + m));
      whole favourite{};
      detail::store<V>(scores_.row(0) + m, best);
      for (Index c = 1; c < classes_; ++c) {
        V const x = detail::upper(lowest, detail::load<V>(scores_.row(c) + m));
        detail::store<V>(scores_.row(c) + m, x);
        auto const better = best < x;
        favourite = better ? detail::all<whole>(static_cast<choice>(c)) : favourite;
        best = better ? x : best;
      }
      detail::store<whole>(first_ + m, favourite);
    }
    for (Index m = models_; m < scores_.stride; ++m) first_[m] = -1;
  }

  template <class R>
  void weigh(R const& r, workspace& ws) {
    auto const scope = ws.scope();
    auto w = ws.vector<double>(models_);
    for (Index m = 0; m < models_; ++m) w(m) = static_cast<double>(detail::weights_of(r)[m]);
    int const largest = std::ilogb(*std::max_element(w.data(), w.data() + models_));
    double sum = 0;
    for (Index m = 0; m < models_; ++m) sum += std::ldexp(w(m), -largest);
    exponent_ = 49 - std::ilogb(sum) - largest;
    total_ = 0;
    for (Index m = 0; m < models_; ++m) {
      weights_[m] = static_cast<Index>(std::llround(std::ldexp(w(m), exponent_)));
      total_ += weights_[m];
    }
  }

  void count() {
    if (weights_) {
      std::fill_n(votes_, classes_, Index{0});
      for (Index m = 0; m < models_; ++m) votes_[first_[m]] += weights_[m];
      return;
    }
    total_ = models_;
    for (Index c = 0; c < classes_; ++c) {
      whole equal{}, wanted = detail::all<whole>(static_cast<choice>(c));
      for (Index m = 0; m < models_; m += lanes_of<V>) equal += counts<T>::of(detail::load<whole>(first_ + m) == wanted);
      votes_[c] = detail::sum_of_counts(equal);
    }
  }

  Index models_, classes_;
  tile<T> scores_;
  choice* first_;
  Index *votes_, *weights_;
  Index total_ = 0;
  int exponent_ = 0;
};

}  // namespace robagg::inline ROBAGG_ABI::detail
