// SPDX-License-Identifier: BSL-1.0
// robagg-compare with a rule of one's own: one line, and it is in every comparison of rules.
//   own_rule federated; own_rule all
#include "program.hpp"

#include <robagg/score/best_case.hpp>
#include <robagg/score/worst_case.hpp>

#include <type_traits>

namespace {

/// Halfway between the smallest and the largest report of each column: one liar moves it as far as it likes.
struct midrange {
  void into(robagg::reports auto const& r, auto&& out, robagg::workspace& ws) const {
    auto const scope = ws.scope();
    auto low = ws.vector<double>(r.cols()), high = ws.vector<double>(r.cols());
    robagg::worst_case{}.into(r, low, ws);
    robagg::best_case{}.into(r, high, ws);
    using number = std::decay_t<decltype(out(0))>;
    for (robagg::Index j = 0; j < r.cols(); ++j) out(j) = static_cast<number>((low(j) + high(j)) / 2);
  }
  auto operator()(robagg::reports auto const& r) const { return robagg::evaluate(*this, r); }
};

}  // namespace

int main(int argc, char** argv) {
  robagg_compare::add("midrange", midrange{});
  return robagg_compare::run_program(argc, argv);
}
