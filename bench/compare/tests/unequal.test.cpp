// SPDX-License-Identifier: BSL-1.0
// Federated training of unequal clients: the same for a seed, weights that equal one tier, and what weights change.
#include "support.hpp"

#include "../unequal.hpp"

#include <nlohmann/json.hpp>

#include <cmath>

using namespace robagg_compare;

namespace {

unequal_options small_options(inequality kind) {
  unequal_options o;
  o.kind = kind, o.clients = 12, o.liars = 2, o.rounds = 40, o.runs = 2;
  return o;
}

}  // namespace

TEST_CASE("unequal clients: every way trains, and a seed decides it") {
  auto const data = read_digits(ROBAGG_DIGITS, 1);
  for (auto const kind : {inequality::participation, inequality::asynchronous, inequality::tiers}) {
    auto const result = compare_unequal(data, small_options(kind)), again = compare_unequal(data, small_options(kind));
    REQUIRE(result.lines.size() == 6);
    REQUIRE(result.attacks.size() == 3);
    for (std::size_t k = 0; k < 6; ++k) {
      INFO(result.lines[k].name);
      CHECK(result.lines[k].accuracy == again.lines[k].accuracy);
      // Nobody lies; guessing is .1. Of the slow ones few have reported by then.
      CHECK(result.lines[k].accuracy[0][0] > (kind == inequality::asynchronous ? .15 : .4));
    }
    auto const text = as_text(result);
    CHECK(text.find("beyond the spread") != std::string::npos);
    CHECK(text.find("12 clients") != std::string::npos);
    auto const json = as_json(result);
    CHECK(json["ways"].size() == 6);
    CHECK(json["ways"][0]["accuracy"]["none"]["runs"].size() == 2);
    CHECK(as_csv(result).find("way,attack,run,accuracy\n") == 0);
  }
}

TEST_CASE("unequal clients: two tiers with shares are one tier, and flipped signs hurt a mean") {
  auto const result = compare_unequal(read_digits(ROBAGG_DIGITS, 1), small_options(inequality::tiers));
  auto const& shares = result.lines[1].accuracy;
  auto const& one = result.lines[2].accuracy;
  REQUIRE((result.lines[1].name == "importance_shares" && result.lines[2].name == "one tier"));
  for (std::size_t run = 0; run < 2; ++run) CHECK(shares[0][run] == Approx(one[0][run]).margin(.02));  // but for rounding
  CHECK(result.lines[2].accuracy[1][0] < result.lines[2].accuracy[0][0] - .1);                         // flip
  CHECK(result.lines[3].accuracy[1][0] > result.lines[2].accuracy[1][0] + .1);                         // the geometric median
}

TEST_CASE("unequal clients: options that make no sense") {
  for (auto const change : {+[](unequal_options& o) { o.clients = 3; }, +[](unequal_options& o) { o.liars = 6; },
                            +[](unequal_options& o) { o.runs = 1; }, +[](unequal_options& o) { o.rounds = 0; }}) {
    auto o = small_options(inequality::tiers);
    change(o);
    CHECK(complaint([&] { check(o); }) != "no complaint");
  }
}
