// SPDX-License-Identifier: BSL-1.0
// What an election reads, from n models x K scores: each model ranks the classes by score, the higher first, equal scores by
// class. Scores are kept transposed, K rows of n, so that a packet holds the scores of one class by neighbouring models.
// Source: the ballots of Rezaei et al. (Run-off election, 2023), with one order for both rounds.
#pragma once

#include "../../detail/base/order.hpp"
#include "../../detail/table/check.hpp"
#include "../../detail/table/tile.hpp"
#include "../../detail/table/votes.hpp"

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
#if ROBAGG_PACKETS
  if constexpr (sizeof(V) > 16 && !std::is_arithmetic_v<V>) {
    typename vector_of<lane_of<V>, sizeof(V) / 2>::type part[2];
    detail::split(v, part, std::make_index_sequence<lanes_of<V> / 2>{});
    return detail::sum_of_counts(part[0] + part[1]);
  } else
#endif
  {
    lane_of<V> sum = 0;
    for (Index l = 0; l < lanes_of<V>; ++l) sum += detail::get(v, l);
    return static_cast<Index>(sum);
  }
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
      : models_(r.rows()),
        classes_(r.cols()),
        scores_(ws, r.cols(), r.rows()),
        first_(ws.take<choice>(scores_.stride)),
        votes_(ws.take<Index>(r.cols())),
        weights_(weighted_reports<R> ? ws.take<Index>(r.rows()) : nullptr) {
    read(detail::plain_of(r), ws);
    for (Index m = models_; m < scores_.stride; ++m) first_[m] = -1;  // padding has equal scores and no first choice
    if constexpr (weighted_reports<R>) weigh(r);
    count();
  }

  Index models() const { return models_; }
  Index classes() const { return classes_; }
  bool weighted() const { return weights_ != nullptr; }
  Index weight(Index m) const { return weights_ ? weights_[m] : 1; }
  Index total() const { return total_; }  // of all votes
  double value(Index votes) const { return std::ldexp(static_cast<double>(votes), -exponent_); }
  Index first(Index m) const { return static_cast<Index>(first_[m]); }
  Index votes(Index c) const { return votes_[c]; }

  // Into to[m]: model m's votes if it ranks a before b, otherwise 0.
  void prefer(Index a, Index b, Index* to) const {
    T const *const x = scores_.row(a), *const y = scores_.row(b);
    if (a < b) {
      for (Index m = 0; m < models_; ++m) to[m] = known(x[m]) >= known(y[m]);
    } else {
      for (Index m = 0; m < models_; ++m) to[m] = known(x[m]) > known(y[m]);
    }
    for (Index m = 0; weights_ && m < models_; ++m) to[m] *= weights_[m];
  }
  // The votes of the models that rank a before b.
  Index preferring(Index a, Index b) const {
    if (a < b) return total_ - preferring(b, a);
    // a is the later one: only a higher score puts it first, and padding never does.
    T const *const x = scores_.row(a), *const y = scores_.row(b);
    if (weights_) {
      Index sum = 0;
      for (Index m = 0; m < models_; ++m) sum += known(x[m]) > known(y[m]) ? weights_[m] : 0;
      return sum;
    }
    whole above{};
    for (Index m = 0; m < models_; m += lanes<T>)
      above += counts<T>::of(known(detail::load<V>(x + m)) > known(detail::load<V>(y + m)));
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
  // NaN counts as -infinity.
  template <class P>
  static EIGEN_ALWAYS_INLINE P known(P x) {
    return detail::upper(detail::all<P>(-std::numeric_limits<T>::infinity()), x);
  }

  template <class X>
  void read(X const& x, workspace& ws) {
    for (Index c = 0; c < classes_; ++c) std::fill(scores_.row(c) + models_, scores_.row(c) + scores_.stride, T(0));
    if constexpr (stores_rows<X>) {
      if (x.innerStride() == 1) {
        detail::transpose(x.data(), x.outerStride(), scores_);
        // In a cube the next table lies behind this one: there is time to fetch it.
        Index const row = x.outerStride() * static_cast<Index>(sizeof(typename X::Scalar));
        for (Index m = 0; m < models_; m += lanes<T>) {
          detail::prefetch(x.data(), (models_ + m) * row, lanes<T> * row);
          choose(m);
        }
        return;
      }
    }
    if constexpr (dense<X>) {
      for (Index c = 0; c < classes_; ++c) {
        Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>(scores_.row(c), models_) = x.col(c).template cast<T>().array();
      }
    } else {
      auto const scope = ws.scope();
      tile<T> const full = detail::working_tile<T>(ws, models_, classes_);
      for (Index c = 0; c < classes_; c += full.width) {
        tile<T> const t = full.first_columns(std::min(full.width, classes_ - c));
        detail::load(x, c, t, ws);
        for (Index m = 0; m < models_; ++m) {
          for (Index k = 0; k < t.width; ++k) scores_.row(c + k)[m] = t.row(m)[k];
        }
      }
    }
    for (Index m = 0; m < models_; m += lanes<T>) choose(m);
  }

  // First choices of the models from m on.
  EIGEN_ALWAYS_INLINE void choose(Index m) {
    Index const classes = classes_;
    Index const stride = scores_.stride;
    T const* row = scores_.data + m;
    V best = known(detail::load<V>(row));
    whole favourite{};
    for (Index c = 1; c < classes; ++c) {
      V const x = known(detail::load<V>(row += stride));
      favourite = best < x ? detail::all<whole>(static_cast<choice>(c)) : favourite;
      best = detail::upper(best, x);
    }
    detail::store<whole>(first_ + m, favourite);
  }

  template <class R>
  void weigh(R const& r) {
    auto const& w = detail::weights_of(r);
    exponent_ = detail::vote_exponent(w, models_);
    total_ = 0;
    for (Index m = 0; m < models_; ++m) {
      weights_[m] = static_cast<Index>(std::llround(std::ldexp(static_cast<double>(w[m]), exponent_)));
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
