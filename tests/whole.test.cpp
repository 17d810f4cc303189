// SPDX-License-Identifier: BSL-1.0
// A model of many tensors is aggregated to the bits of the concatenated table, whatever the sizes, kinds and storage of its
// tensors; what is left out, copied, absent or weighted; and every way of using it wrongly is refused.
#include "laws.hpp"

#include <robagg/diagnose.hpp>
#include <robagg/format.hpp>
#include <robagg/parallel.hpp>
#include <robagg/robagg.hpp>
#include <robagg/whole.hpp>

using namespace robagg_test;
using robagg::tensors, robagg::whole;

namespace {

// A table cut into tensors, column by column in turn: matrices by columns, by rows, and buffers.
template <class T>
struct cut_model {
  using vector = Eigen::Matrix<T, Eigen::Dynamic, 1>;
  robagg::table<T> all;
  std::vector<Index> sizes;
  std::vector<Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>> by_columns;
  std::vector<robagg::table<T>> by_rows;
  std::vector<std::vector<T const*>> buffers;
  std::vector<vector> outputs;
  tensors model;

  cut_model(robagg::table<T> x, std::vector<Index> widths) : all(std::move(x)), sizes(std::move(widths)), model(all.rows()) {
    auto const count = sizes.size();
    by_columns.resize(count), by_rows.resize(count), buffers.resize(count), outputs.resize(count);
    Index at = 0;
    for (std::size_t k = 0; k < count; ++k) {
      auto const part = all.middleCols(at, sizes[k]);
      auto const name = "t" + std::to_string(k);
      if (k % 3 == 0) {
        model.add(name, by_columns[k] = part, outputs[k]);
      } else if (k % 3 == 1) {
        model.add(name, by_rows[k] = part, outputs[k]);
      } else {
        by_rows[k] = part;
        for (Index i = 0; i < all.rows(); ++i) buffers[k].push_back(by_rows[k].data() + i * sizes[k]);
        model.add(name, robagg::rows_of(buffers[k], sizes[k]), outputs[k]);
      }
      at += sizes[k];
    }
  }
  vector result() const {
    vector joined(all.cols());
    Index at = 0;
    for (auto const& part : outputs) joined.segment(at, part.size()) = part, at += part.size();
    REQUIRE(at == all.cols());
    return joined;
  }
};
std::vector<std::vector<Index>> const cuts = {
    {1, 1, 1}, {512, 512, 3}, {511, 1, 513, 7}, {5, 1300, 0, 300, 2}, {1024}, {3, 2, 500, 7, 1, 600, 100}, {513, 511, 512}};
Index total(std::vector<Index> const& widths) { return std::accumulate(widths.begin(), widths.end(), Index{0}); }

template <class T, class Op>
void check_bits(robagg::table<T> const& x, std::vector<Index> const& widths, Op const& op) {
  cut_model<T> cut(x, widths);
  whole(op)(cut.model);
  auto const expected = op(x);
  INFO(robagg::describe(op) << " of " << x.rows() << " x " << x.cols());
  CHECK(same_bits(numbers_of(cut.result()), numbers_of(expected)));
  whole(op)(cut.model, robagg::threads{3});
  CHECK(same_bits(numbers_of(cut.result()), numbers_of(expected)));
}
template <class T>
void check_all_rules(robagg::table<T> const& x, std::vector<Index> const& widths) {
  check_bits(x, widths, robagg::median{});
  check_bits(x, widths, robagg::trimmed_mean{.f = 2});
  check_bits(x, widths, robagg::mean{});
  check_bits(x, widths, robagg::krum{.f = 2});
  check_bits(x, widths, robagg::multi_krum{.f = 2});
  check_bits(x, widths, robagg::geometric_median{.iterate = robagg::iterate::between_rows});
  check_bits(x, widths, robagg::norm_bounded_mean{.radius = 3.});
  check_bits(x, widths, robagg::clip{.radius = 3.} | robagg::geometric_median{.iterate = robagg::iterate::between_rows});
  check_bits(x, widths, robagg::nearest_neighbour_mixing{.f = 2} | robagg::median{});
  check_bits(x, widths, robagg::nearest_neighbour_mixing{.f = 2} | robagg::krum{.f = 2});
  check_bits(x, widths, robagg::minimum_diameter_averaging{.f = 2});
}

}  // namespace

TEST_CASE("a model of tensors gives the bits of the concatenated table") {
  for (auto const& widths : cuts) {
    check_all_rules<float>(gauss(9, total(widths), 3).cast<float>(), widths);
    check_all_rules<double>(gauss(7, total(widths), 4), widths);
  }
}

TEST_CASE("a model of tensors in which rows are far, or hold no numbers") {
  for (auto const& widths : cuts) {
    robagg::table<float> x = gauss(9, total(widths), 5).cast<float>();
    x.row(4) *= 1e9f;
    x(6, x.cols() / 2) = std::numeric_limits<float>::quiet_NaN();
    x(8, 0) = std::numeric_limits<float>::infinity();
    check_all_rules<float>(x, widths);
  }
}

TEST_CASE("a model of tensors of mixed types is the widened table within rounding") {
  matrix const x = gauss(9, 900, 6);
  Eigen::Matrix<Eigen::half, Eigen::Dynamic, Eigen::Dynamic> const halves = x.leftCols(300).cast<Eigen::half>();
  robagg::table<Eigen::bfloat16> const brain = x.middleCols(300, 7).cast<Eigen::bfloat16>();
  robagg::table<float> const floats = x.middleCols(307, 500).cast<float>();
  matrix const doubles = x.rightCols(93);
  matrix widened(9, 900);
  widened << halves.cast<double>(), brain.cast<double>(), floats.cast<double>(), doubles;
  Eigen::VectorXd a, d;
  std::vector<float> b, c(500);
  tensors model(9);
  model.add("halves", halves, a).add("brain", brain, b).add("floats", floats, std::span(c)).add("doubles", doubles, d);
  auto const check = [&](auto const& op) {
    whole(op)(model);
    Eigen::VectorXd joined(900);
    joined << a, Eigen::Map<Eigen::VectorXf>(b.data(), 7).cast<double>(),
        Eigen::Map<Eigen::VectorXf>(c.data(), 500).cast<double>(), d;
    Eigen::VectorXd const expected = op(widened);
    INFO(robagg::describe(op));
    CHECK((joined - expected).cwiseAbs().maxCoeff() < 1e-6 * magnitude(widened));
  };
  check(robagg::median{});
  check(robagg::krum{.f = 2});
  check(robagg::geometric_median{.iterate = robagg::iterate::between_rows});
  check(robagg::nearest_neighbour_mixing{.f = 2} | robagg::trimmed_mean{.f = 2});
}

TEST_CASE("a model of tensors with weights") {
  robagg::table<float> const x = gauss(8, 1400, 7).cast<float>();
  std::vector<int> const w = {1, 2, 0, 1, 5, 1, 1, 3};
  cut_model<float> cut(x, {700, 5, 695});
  cut.model.weights(w);
  auto const check = [&](auto const& op) {
    whole(op)(cut.model);
    INFO(robagg::describe(op));
    CHECK(same_bits(numbers_of(cut.result()), numbers_of(op(robagg::weighted(x, w)))));
  };
  check(robagg::median{});
  check(robagg::mean{});
  check(robagg::geometric_median{.iterate = robagg::iterate::between_rows});
  check(robagg::clip{.radius = 2.} | robagg::mean{});
  CHECK_THROWS_WITH(whole(robagg::krum{.f = 2})(cut.model), Catch::Contains("no weighted form"));
  CHECK_THROWS_AS(cut.model.weights(std::vector<double>{1, 2}), robagg::bad_input);
  CHECK_THROWS_AS(cut.model.weights(std::vector<double>(8, -1)), robagg::bad_input);
}

TEST_CASE("tensors that are left out, copied, or have no output") {
  robagg::table<double> const x = gauss(7, 600, 8), junk = 1e6 * gauss(7, 40, 9);
  Eigen::VectorXd a, b, c;
  tensors model(7);
  model.add("weights", x, a).add("statistics", junk, b).add("step", junk, c).add("unseen", x);
  model.leave_out([](std::string_view name) { return name == "statistics"; });
  model.copy_from(3, [](std::string_view name) { return name == "step"; });
  robagg::krum const rule{.f = 2};
  whole(rule)(model);
  robagg::table<double> both(7, 1200);
  both << x, x;
  CHECK(same_bits(a, rule(both).head(600).eval()));
  Index chosen = -1;
  for (Index i = 0; i < 7; ++i) chosen = a == x.row(i).transpose() ? i : chosen;
  REQUIRE(chosen >= 0);
  CHECK(b == junk.row(chosen).transpose());  // the choice is made without them
  CHECK(c == junk.row(3).transpose());
  whole(robagg::median{})(model);
  CHECK(same_bits(b, robagg::median{}(junk)));
  CHECK(c == junk.row(3).transpose());
  CHECK_THROWS_AS(model.copy_from(7, [](std::string_view) { return true; }), robagg::bad_input);
  // A name that comes later is asked as well; a report that lacks what is copied from it is refused before anything is written.
  std::vector<double const*> holes(7, junk.data());
  holes[3] = nullptr;
  Eigen::VectorXd late;
  model.leave_out([](std::string_view name) { return name == "late"; });
  model.add("late", junk, late);
  CHECK(!model.is_measured(4));
  tensors lacking(7);
  Eigen::VectorXd other;
  lacking.add("weights", x, other).add("step", robagg::rows_of(holes, 40), late);
  lacking.absent_tensors().copy_from(3, [](std::string_view name) { return name == "step"; });
  CHECK_THROWS_WITH(whole(rule)(lacking), Catch::Contains("copies 'step' from a report that lacks it"));
  CHECK((other.size() == 0 && late.size() == 0));
}

TEST_CASE("reports that lack tensors") {
  robagg::table<double> const x = gauss(7, 530, 10), y = gauss(7, 40, 11);
  std::vector<double const*> rows, holes;
  for (Index i = 0; i < 7; ++i)
    rows.push_back(x.data() + i * 530), holes.push_back(i == 2 || i == 5 ? nullptr : y.data() + i * 40);
  Eigen::VectorXd a, b;
  tensors model(7);
  model.add("all", robagg::rows_of(rows, 530), a).add("some", robagg::rows_of(holes, 40), b);
  CHECK_THROWS_WITH(whole(robagg::median{})(model), Catch::Contains("'some'") && Catch::Contains("report = 2"));
  CHECK(a.size() == 0);
  model.absent_tensors();
  whole(robagg::median{})(model);
  std::vector<Index> const others = {0, 1, 3, 4, 6};
  CHECK(same_bits(a, robagg::median{}(x)));
  CHECK(same_bits(b, robagg::median{}(robagg::subset(y, others))));
  // A decision over rows is made by those that have everything.
  robagg::table<double> both(7, 570);
  both << x, y;
  auto const rule =
      robagg::nearest_neighbour_mixing{.f = 1} | robagg::geometric_median{.iterate = robagg::iterate::between_rows};
  whole(rule)(model);
  Eigen::VectorXd const expected = rule(robagg::subset(both, others));
  CHECK(same_bits(a, expected.head(530).eval()));
  CHECK(same_bits(b, expected.tail(40).eval()));
  whole(robagg::nearest_neighbour_mixing{.f = 1} | robagg::median{})(model);
  CHECK(same_bits(b,
                  (robagg::nearest_neighbour_mixing{.f = 1} | robagg::median{})(robagg::subset(both, others)).tail(40).eval()));
  auto const who = robagg::diagnose(whole(rule), model);
  CHECK((who.weights(2) == 0 && who.weights(5) == 0));
  CHECK(std::isnan(who.tensors[1].scores(2)));
  CHECK_THROWS_WITH(whole(robagg::trimmed_mean{.f = 3})(model), Catch::Contains("trimmed_mean"));
}

TEST_CASE("who is rejected over a whole model, and in which tensor") {
  robagg::table<float> x = gauss(9, 2100, 12).cast<float>();
  x.row(4).segment(1500, 100).array() += 40;  // in the third tensor only
  cut_model<float> cut(x, {1000, 500, 100, 500});
  auto const rule = robagg::multi_krum{.f = 2};
  auto const who = robagg::diagnose(whole(rule), cut.model);
  auto const table = robagg::diagnose(rule, x);
  CHECK(same_bits(numbers_of(cut.result()), numbers_of(rule(x))));
  CHECK(same_bits(who.weights, table.weights));
  CHECK(same_bits(who.scores, table.scores));
  CHECK((who.kept == table.kept && who.rejected == table.rejected));
  REQUIRE(who.tensors.size() == 4);
  Index furthest = 0;
  who.tensors[2].scores.maxCoeff(&furthest);
  CHECK(furthest == 4);
  CHECK(who.tensors[2].scores(4) > 5 * who.tensors[2].scores(0));
  CHECK(who.tensors[0].scores(4) < 1.5 * who.tensors[0].scores.mean());
  Eigen::VectorXd const expected =
      (x.middleCols(1500, 100).cast<double>().rowwise() - rule(x).segment(1500, 100).cast<double>().transpose())
          .rowwise()
          .norm();
  CHECK(who.tensors[2].scores.isApprox(expected, 1e-6));
  CHECK(fmt::format("{}", who).find("t2: report 4 is furthest") != std::string::npos);
  // Coordinate-wise rules and pipes say how reports count on average over the columns.
  auto const by_columns = robagg::diagnose(whole(robagg::trimmed_mean{.f = 2}), cut.model);
  CHECK(by_columns.weights.isApprox(robagg::weights(robagg::trimmed_mean{.f = 2}, x), 1e-12));
  Eigen::VectorXd const distances =
      (x.cast<double>().rowwise() - robagg::trimmed_mean{.f = 2}(x).cast<double>().transpose()).rowwise().norm();
  CHECK(by_columns.scores.isApprox(distances, 1e-6));
  auto const pipe = robagg::nearest_neighbour_mixing{.f = 2} | robagg::median{};
  CHECK(robagg::diagnose(whole(pipe), cut.model).weights.isApprox(robagg::weights(pipe, x), 1e-12));
}

TEST_CASE("models that cannot be right are refused") {
  robagg::table<double> const x = gauss(5, 20, 13);
  Eigen::VectorXd out;
  CHECK_THROWS_AS(tensors(0), robagg::bad_input);
  tensors model(5);
  model.add("a", x, out);
  CHECK_THROWS_WITH(model.add("a", x, out), Catch::Contains("has a tensor 'a' already"));
  CHECK_THROWS_WITH(model.add("b", robagg::subset(x, std::vector<Index>{0, 1}), out),
                    Catch::Contains("'b'") && Catch::Contains("rows = 2"));
  CHECK(model.size() == 1);
  std::vector<double> small(3);
  model.add("c", x, std::span(small));
  CHECK_THROWS_WITH(whole(robagg::median{})(model), Catch::Contains("size = 3"));
  tensors again(5);
  again.add("a", x, out);
  CHECK_THROWS_AS(whole(robagg::krum{.f = 4})(again), robagg::bad_input);
  std::byte memory[64];
  robagg::workspace lent{std::span(memory)};
  CHECK_THROWS_WITH(whole(robagg::median{}).into(again, lent), Catch::Contains("may grow"));
  // Nothing to measure: everything is left out.
  again.leave_out([](std::string_view) { return true; });
  whole(robagg::geometric_median{})(again);
  CHECK(out.allFinite());
  // What tables get wrong is refused with the name of the tensor.
  tensors unknown(2);
  std::vector<Index> const rows = {0, 99};
  unknown.add("chosen", robagg::subset(x, rows), out);
  CHECK_THROWS_WITH(whole(robagg::median{})(unknown), Catch::Contains("chosen") && Catch::Contains("row = 99"));
  tensors nothing(3);
  whole(robagg::median{})(nothing);
  whole(robagg::krum{.f = 0})(nothing);
}

TEST_CASE("a model of tensors takes memory once") {
  robagg::table<float> const x = gauss(9, 5000, 14).cast<float>();
  cut_model<float> cut(x, {1000, 3, 2000, 1997});
  robagg::workspace ws;
  auto const rule = whole(robagg::nearest_neighbour_mixing{.f = 2} | robagg::krum{.f = 2});
  rule.into(cut.model, ws);
  auto const held = ws.bytes();
  rule.into(cut.model, ws);
  CHECK(ws.bytes() == held);
}
