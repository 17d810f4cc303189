// SPDX-License-Identifier: BSL-1.0
// Vertex covers: is there a set of at most `budget` vertices that touches every edge of a graph of n vertices? An exact search,
// exponential in the budget. Rows are vertices, pairs that are too far apart are edges: a cover is a set of rows to leave out.
#pragma once

#include "../../workspace.hpp"

#include <algorithm>

namespace robagg::inline ROBAGG_ABI::detail {

class cover_search {
 public:
  cover_search(Index n, workspace& ws)
      : n_(n),
        edges_(ws.table<unsigned char>(n, n)),
        degree_(ws.vector<Index>(n)),
        alive_(ws.vector<unsigned char>(n)),
        matched_(ws.vector<unsigned char>(n)),
        removed_(ws.vector<Index>(n)) {}

  // Joins i and k where too_far(i, k); every vertex is there.
  void join(auto const& too_far) {
    alive_.setOnes();
    count_ = 0;
    for (Index i = 0; i < n_; ++i) {
      edges_(i, i) = 0;
      degree_(i) = 0;
      for (Index k = 0; k < i; ++k) edges_(i, k) = edges_(k, i) = too_far(i, k);
      for (Index k = 0; k < i; ++k) {
        degree_(i) += edges_(i, k);
        degree_(k) += edges_(i, k);
      }
    }
  }
  bool present(Index v) const { return alive_(v) != 0; }
  bool joined(Index i, Index k) const { return edges_(i, k) != 0; }
  Index removed() const { return count_; }

  // Takes v with its edges out of the graph.
  void remove(Index v) {
    alive_(v) = 0;
    removed_(count_++) = v;
    for (Index k = 0; k < n_; ++k) degree_(k) -= joined(v, k);
  }
  // Puts back what was taken out last, until `removed` are out.
  void restore(Index removed) {
    while (count_ > removed) {
      Index const v = removed_(--count_);
      alive_(v) = 1;
      for (Index k = 0; k < n_; ++k) degree_(k) += joined(v, k);
    }
  }

  // Do at most `budget` vertices touch every edge that is left? Leaves the graph as it was.
  bool covered_by(Index budget) {
    Index const before = count_;
    bool const yes = search(budget);
    restore(before);
    return yes;
  }

 private:
  bool search(Index budget) {
    Index widest = 0;
    for (;; --budget) {
      Index single = -1, ends = 0;
      widest = 0;
      for (Index v = 0; v < n_; ++v) {
        if (!present(v)) continue;
        ends += degree_(v);
        if (degree_(v) > degree_(widest) || !present(widest)) widest = v;
        if (degree_(v) == 1) single = v;
      }
      if (ends == 0) return true;
      if (ends > 2 * budget * degree_(widest)) return false;
      // A vertex with one edge: its neighbour covers that edge and maybe others, so the neighbour is taken. Where all degrees
      // are 2 the graph is cycles, and any vertex of a cycle may be taken.
      if (single >= 0) {
        remove(neighbour(single));
      } else if (degree_(widest) == 2 || degree_(widest) > budget) {
        remove(widest);
      } else {
        break;
      }
    }
    if (matching() > budget) return false;
    Index const here = count_, degree = degree_(widest);
    remove(widest);
    if (search(budget - 1)) return true;
    restore(here);
    for (Index k = 0; k < n_; ++k) {
      if (joined(widest, k) && present(k)) remove(k);
    }
    return search(budget - degree);
  }

  Index neighbour(Index v) const {
    Index k = 0;
    while (!joined(v, k) || !present(k)) ++k;
    return k;
  }

  // Edges without a vertex in common, each of which needs one of its own.
  Index matching() {
    Index pairs = 0;
    matched_.setZero();
    for (Index i = 0; i < n_; ++i) {
      for (Index k = 0; k < i && present(i) && !matched_(i); ++k) {
        if (!joined(i, k) || !present(k) || matched_(k)) continue;
        matched_(i) = matched_(k) = 1;
        ++pairs;
      }
    }
    return pairs;
  }

  Index n_, count_ = 0;
  workspace::table_map<unsigned char> edges_;
  workspace::vector_map<Index> degree_;  // also kept of vertices that are out
  workspace::vector_map<unsigned char> alive_, matched_;
  workspace::vector_map<Index> removed_;
};

}  // namespace robagg::inline ROBAGG_ABI::detail
