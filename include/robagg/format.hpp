// SPDX-License-Identifier: BSL-1.0
// Operators and results printable with fmt: fmt::print("{}", trimmed_mean{.f = 2} | best{}).
// Optional: needs fmt, which the rest of the library does not. Vector results print with fmt::join.
#pragma once

#include "pipe.hpp"
#include "diagnose.hpp"
#include "rank/panel_report.hpp"
#include "vote/election.hpp"
#include "vote/verdict.hpp"
#include "whole.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <type_traits>
#include <vector>

namespace robagg::inline ROBAGG_ABI::detail {

template <class Op>
concept printable_operator =
    std::is_class_v<Op> && (transform<Op> || aggregate<Op> || decide<Op> || elect<Op> || is_chain<Op> ||
                            requires(Op const& op) { Op::parameters(op, [](auto, auto const&) {}); });  // votes, estimators

}  // namespace robagg::inline ROBAGG_ABI::detail

template <robagg::detail::printable_operator Op>
struct fmt::formatter<Op> : fmt::formatter<std::string> {
  auto format(Op const& op, auto& context) const { return fmt::formatter<std::string>::format(robagg::describe(op), context); }
};

template <>
struct fmt::formatter<robagg::election> : fmt::formatter<std::string> {
  auto format(robagg::election const& e, auto& context) const {
    return fmt::formatter<std::string>::format(
        fmt::format(
            "class {} with {} votes, class {} with {}; certified against {} poisoned points, the challenger is class {}{}",
            e.winner, e.votes, e.runner_up, e.runner_up_votes, e.certified_radius, e.challenger,
            e.second_challenger < 0 ? "" : fmt::format(" with class {}", e.second_challenger)),
        context);
  }
};

template <class Label>
struct fmt::formatter<robagg::verdict<Label>> : fmt::formatter<std::string> {
  auto format(robagg::verdict<Label> const& v, auto& context) const {
    std::string text = v ? "" : "no answer is eligible";
    for (auto const& c : v.answers) {
      text +=
          fmt::format("{}{} ({:.6g} from {} of {} samples)", text.empty() ? "" : ", then ", c.label, c.total, c.count, v.valid);
    }
    if (v) text += fmt::format("; ahead by {:.6g}", v.margin);
    if (v.changes > 0) text += fmt::format(", {} changed answers alter it", v.changes);
    return fmt::formatter<std::string>::format(text, context);
  }
};

template <>
struct fmt::formatter<robagg::standing> : fmt::formatter<std::string> {
  auto format(robagg::standing const& d, auto& context) const {
    auto const rows = [](std::vector<robagg::Index> const& list) { return fmt::format("{{{}}}", fmt::join(list, ", ")); };
    std::string text =
        fmt::format("kept {}, rejected {}\n{:>6} {:>9} {:>12}", rows(d.kept), rows(d.rejected), "report", "weight", "score");
    for (robagg::Index i = 0; i < d.weights.size(); ++i)
      text += fmt::format("\n{:>6} {:>9.4f} {:>12.5g}", i, d.weights(i), d.scores(i));
    if (d.iterations > 0) {
      text += fmt::format("\n{} iterations{}, {}", d.iterations, d.along_columns ? " along the columns" : "",
                          d.converged ? "converged" : "not converged");
    }
    return fmt::formatter<std::string>::format(text, context);
  }
};
template <class Scalar>
struct fmt::formatter<robagg::diagnosis<Scalar>> : fmt::formatter<robagg::standing> {};

template <>
struct fmt::formatter<robagg::whole_standing> : fmt::formatter<robagg::standing> {
  auto format(robagg::whole_standing const& d, auto& context) const {
    auto out = fmt::formatter<robagg::standing>::format(d, context);
    for (auto const& t : d.tensors) {
      // The report that strays furthest there, and how far the middle one is.
      double furthest = -1, middle = 0;
      robagg::Index who = -1;
      std::vector<double> known;
      for (robagg::Index i = 0; i < t.scores.size(); ++i) {
        if (t.scores(i) != t.scores(i)) continue;
        known.push_back(t.scores(i));
        if (t.scores(i) > furthest) {
          furthest = t.scores(i);
          who = i;
        }
      }
      if (known.empty()) continue;
      std::nth_element(known.begin(), known.begin() + static_cast<std::ptrdiff_t>(known.size() / 2), known.end());
      middle = known[known.size() / 2];
      out = fmt::format_to(out, "\n{}: report {} is furthest, {:.5g}; the median is {:.5g}", t.name, who, furthest, middle);
    }
    return out;
  }
};

template <>
struct fmt::formatter<robagg::panel_report> : fmt::formatter<std::string> {
  auto format(robagg::panel_report const& p, auto& context) const {
    std::string text = fmt::format("{} judges, failed {{{}}}, items without a score {{{}}}", p.failed.size(),
                                   fmt::join(p.failed, ", "), fmt::join(p.unjudged, ", "));
    for (robagg::Index a = 0; a < p.scores.rows(); ++a) {
      auto const axis = static_cast<std::size_t>(a);
      text += fmt::format("\naxis {}: ", a);
      text += p.best[axis] >= 0         ? fmt::format("best {}", p.best[axis])
              : p.tied[axis].size() > 0 ? fmt::format("no best, level {{{}}}", fmt::join(p.tied[axis], ", "))
                                        : "no best";
      text += fmt::format("; worth {:.4g} independent judges (correlation {:.4g})\n{:>6} {:>7} {:>12} {:>12} {:>12}",
                          p.effective(a), p.correlation(a), "item", "judges", "score", "deviation", "range");
      for (robagg::Index i = 0; i < p.scores.cols(); ++i)
        text += fmt::format("\n{:>6} {:>7} {:>12.5g} {:>12.5g} {:>12.5g}", i, p.judges[static_cast<std::size_t>(i)],
                            p.scores(a, i), p.deviation(a, i), p.range(a, i));
    }
    return fmt::formatter<std::string>::format(text, context);
  }
};
