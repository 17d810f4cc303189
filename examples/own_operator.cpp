// SPDX-License-Identifier: BSL-1.0
// Your own operator: a plain struct with `into` is an aggregate and pipes like the library's. Nothing is
// registered and nothing derived from. And an aggregator that is chosen while the program runs.
#include <robagg/any_aggregator.hpp>
#include <robagg/format.hpp>

namespace mine {

/// Halfway between the smallest and the largest report of each column.
struct midrange {
  // Naming plain reports only: weights and skip_nan are refused, not ignored.
  void into(robagg::reports auto const& r, auto&& out, robagg::workspace& ws) const {
    auto const scope = ws.scope();  // scratch taken below is given back here
    auto low = ws.vector<float>(r.cols());
    robagg::worst_case{}.into(r, low, ws);
    robagg::best_case{}.into(r, out, ws);
    for (Eigen::Index j = 0; j < r.cols(); ++j) out(j) = 0.5f * (out(j) + low(j));
  }
  auto operator()(robagg::reports auto const& r) const { return robagg::evaluate(*this, r); }
};

}  // namespace mine

int main() {
  robagg::table<float> x(3, 2);
  x << 1, 10, 2, 20, 6, 90;

  Eigen::VectorXf const y = mine::midrange{}(x);
  Eigen::Index const winner = (robagg::ranks{} | mine::midrange{} | robagg::best{})(x);
  fmt::print("{}: {} {}; after ranking, column {} wins\n", mine::midrange{}, y(0), y(1), winner);

  // By name, from these two: rules_by_name.cpp has all names, which take longer to compile.
  auto const chosen = robagg::any_aggregator_of<robagg::median, robagg::trimmed_mean>("trimmed_mean", {{"f", 1}});
  robagg::any_aggregator const own = robagg::clip{.radius = 50} | mine::midrange{};
  Eigen::VectorXf const z = chosen(x);
  fmt::print("{}: {} {}\n{}: {}\n", chosen, z(0), z(1), own, own(x)(0));
  try {
    robagg::any_aggregator_of<robagg::median, robagg::trimmed_mean>("trimmed_mean", {{"f", 2}})(x);
  } catch (robagg::bad_input const& e) { fmt::print("refused: {}\n", e.what()); }
  return y(0) == 3.5f && y(1) == 50 && z(0) == 2 && z(1) == 20 ? 0 : 1;
}
