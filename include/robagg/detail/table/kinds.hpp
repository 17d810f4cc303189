// SPDX-License-Identifier: BSL-1.0
// What an operator is to the library's engines, by its members.
#pragma once

#include "../../reports.hpp"
#include "../../workspace.hpp"

namespace robagg::inline ROBAGG_ABI {

class geometry;

namespace detail {

template <class Op>
concept makes_rows = std::is_class_v<Op> && requires(Op const& op) {
  { op.rows(Index{}) } -> std::convertible_to<Index>;
};

// The library's engines (detail/columns/, detail/geometry/) run operators of four kinds, and read tables without rows:
// coordinate-wise ones; those whose answer is w'X or W X, by a geometry; and those whose w takes other reads.
template <class Op>
concept column_rule = std::is_class_v<Op> && requires {
  requires Op::coordinatewise;
  Op::nan;
};
// A matrix of that name is none, although Eigen's brackets take any two things.
template <class Op>
concept geometric = std::is_class_v<Op> && !requires { requires std::is_member_object_pointer_v<decltype(&Op::weights)>; } &&
                    requires(Op const& op, geometry const& g, workspace& ws) { op.weights(g, ws); };
// Row i of the result is factor i times row i of the table.
template <class Op>
concept scales = std::is_class_v<Op> && requires(Op const& op, geometry const& g, workspace& ws) { op.factors(g, ws); };
template <class Op>
concept linear =
    scales<Op> || (std::is_class_v<Op> && requires(Op const& op, geometry const& g, workspace& ws) { op.mixing(g, ws); });
template <class Op>
concept from_reports =
    std::is_class_v<Op> && requires(Op const& op, table<double> const& x, workspace& ws) { op.weights_from(x, ws); };
// An operator whose iterate is one point says, beside weights(geometry, workspace):
//   bool along_columns(Index n, Index d) const;         whether it moves the point along the columns
//   bool run(auto& point, progress&) const;             and how; false: there is no answer
template <class Op>
concept iterates = std::is_class_v<Op> && requires(Op const& op) { op.along_columns(Index{}, Index{}); };
// A pipe with a name of its own: stages(n) is the pipe for n rows. Whatever reads pipes looks through the name.
template <class Op>
concept staged = std::is_class_v<Op> && requires(Op const& op) { op.stages(Index{}); };
template <staged Op>
using stages_of = decltype(std::declval<Op const&>().stages(Index{}));

// Rules that read whole rows leave out those that are absent as a whole (detail/geometry/present.hpp).
template <class Op>
inline constexpr bool leaves_rows_out =
    !makes_rows<Op> && !column_rule<Op> && (geometric<Op> || from_reports<Op> || staged<Op>);

template <class Op>
inline constexpr bool runs_on_engine = column_rule<Op> || geometric<Op> || linear<Op> || from_reports<Op>;

}  // namespace detail
}  // namespace robagg::inline ROBAGG_ABI
