// SPDX-License-Identifier: BSL-1.0
// Bytes for every unpack: arbitrary ones, and those of healthy states with some numbers changed, sealed with the checksum
// that belongs to them. They are refused, or make a state that works and packs to bytes that unpack again.
#include "fuzz.hpp"

#include <robagg/cache/defensive.hpp>
#include <robagg/federated.hpp>
#include <robagg/geometry_state.hpp>
#include <robagg/location/krum.hpp>
#include <robagg/location/mean.hpp>
#include <robagg/online.hpp>
#include <robagg/running.hpp>

#include <algorithm>
#include <span>

using namespace robagg_fuzz;
namespace ra = robagg;
using bytes = std::vector<std::byte>;

// The checksums, from the innermost state outwards: each is the last part of the one around it.
static void seal(std::span<std::byte> b) {
  if (b.size() < 16) return;
  auto const body = b.first(b.size() - 8);
  static constexpr std::byte header[] = {std::byte{'r'}, std::byte{'o'}, std::byte{'b'}, std::byte{'a'},
                                         std::byte{'g'}, std::byte{'g'}, std::byte{1}};
  auto const inner = std::search(body.begin() + 1, body.end(), std::begin(header), std::end(header));
  seal(std::span(inner, body.end()));
  std::uint64_t const sum = ra::detail::checksum(body);
  for (std::size_t k = 0; k < 8; ++k) b[body.size() + k] = static_cast<std::byte>(sum >> 8 * k & 0xff);
}

// Of a healthy state; or its header and arbitrary bytes; or arbitrary bytes.
static bytes forged(input& in, bytes packed) {
  Index const how = in.between(0, 7);
  if (how <= 1) {
    std::string const text = in.rest();
    if (how == 0 || packed.size() < 9) packed.clear();
    packed.resize(std::min<std::size_t>(packed.size(), 9));
    for (char const c : text) packed.push_back(static_cast<std::byte>(c));
    packed.resize(packed.size() + 8);
  } else {
    for (Index change = in.between(0, 4); change > 0; --change) {
      auto const at = static_cast<std::size_t>(in.between(0, static_cast<Index>(packed.size()) - 1));
      if (Index const what = in.between(0, 5); what == 0) {
        packed.erase(packed.begin() + static_cast<Index>(at));
      } else if (what == 1) {
        packed.insert(packed.begin() + static_cast<Index>(at), std::byte{in.bits<std::uint8_t>()});
      } else if (what == 2) {
        packed[at] = std::byte{in.bits<std::uint8_t>()};
      } else {
        auto const count = static_cast<std::uint64_t>(in.between(0, 70)) << in.between(0, 60);
        auto const bits = what == 3 ? count : std::bit_cast<std::uint64_t>(in.number(kind::hostile));
        for (std::size_t k = 0; k < 8 && at + k < packed.size(); ++k) packed[at + k] = static_cast<std::byte>(bits >> 8 * k);
      }
      if (packed.empty()) break;
    }
  }
  if (in.between(0, 15) != 0) seal(packed);
  return packed;
}

template <class State>
constexpr bool merges = requires(State& s) { s.merge(s); };
template <class Rule>
constexpr bool merges<ra::expert_state<Rule>> = requires(Rule const& r) { r.merges(); };

template <class State>
static void check(input& in, State const& healthy, auto&& use) {
  bytes const original = healthy.pack();
  demand(State::unpack(original).pack() == original, "a state comes back from its bytes");
  bytes const b = forged(in, original);
  refused([&] {
    State state = State::unpack(b);
    bytes const again = state.pack();
    demand(!refused([&] { demand(State::unpack(again).pack() == again, "bytes of an accepted state stay"); }),
           "an accepted state packs to bytes that unpack");
    for (int round = 0; round < 3; ++round) {
      refused([&] { use(state); });
      bytes used;
      demand(!refused([&] { used = state.pack(), State::unpack(used); }), "a used state packs to bytes that unpack");
    }
    refused([&] {
      if constexpr (merges<State>) state.merge(healthy);
    });
    demand(!refused([&] { State::unpack(state.pack()); }), "a merged state packs to bytes that unpack");
  });
}

static void check_geometry(input& in) {
  Index const n = in.between(1, 5);
  ra::geometry_state state =
      in.flag() ? ra::geometry_state(n, std::vector<double>(static_cast<std::size_t>(n), .5)) : ra::geometry_state(n);
  matrix const part = in.table(n, in.between(0, 3), in.any_kind());
  refused([&] { state.add(part); });
  if (in.flag()) refused([&] { state.add(part, 1024); });
  if (in.flag()) refused([&] { state.next_round(), state.add(part); });
  check(in, state, [](ra::geometry_state& s) {
    s.complete();
    refused([&] { demand(s.weights(ra::mean{}).size() == s.rows(), "a weight for each row"); });
    refused([&] { s.weights(ra::krum{.f = 0}); });
    refused([&] { s.next_round(); });
    if (s.rows() < 8) s.add(matrix::Ones(s.rows(), 2));
  });
}

template <class Rule>
static void check_experts(input& in, Rule const& rule) {
  Index const n = in.between(1, 4);
  ra::expert_state<Rule> state(rule, n);
  for (Index round = in.between(0, 3); round > 0; --round) refused([&] { state.update(in.numbers(n, kind::plain)); });
  refused([&] { state.predict(in.numbers(n, kind::plain)); });
  double const loss = in.number(kind::plain);
  check(in, state, [loss](ra::expert_state<Rule>& s) {
    Eigen::ArrayXd losses = Eigen::ArrayXd::LinSpaced(s.experts(), 0, 1);
    losses(0) = loss;
    if constexpr (requires { s.update(loss); }) refused([&] { s.update(loss); });
    refused([&] { s.update(losses); });
    demand(s.weights().isFinite().all() && (s.weights() >= 0).all(), "weights are numbers >= 0");
    demand(std::abs(s.weights().sum() - 1) < 1e-6, "weights sum to 1");
    if constexpr (requires { s.bound(0); }) s.bound(0);
    s.predict(losses);
  });
}
template <class Rule>
static void check_server(input& in, Rule const& rule) {
  Index const d = in.between(0, 4);
  ra::server_state<Rule> state(rule, d);
  Eigen::VectorXd model = Eigen::VectorXd::Zero(d);
  for (Index round = in.between(0, 3); round > 0; --round) refused([&] { state.step_by(in.numbers(d, kind::plain), model); });
  check(in, state, [](ra::server_state<Rule>& s) {
    Eigen::VectorXd x = Eigen::VectorXd::Ones(s.size());
    s.step(Eigen::VectorXd::Zero(s.size()), x);
    demand(x.allFinite(), "a model stays finite");
  });
}
static void check_universal(input& in, Index assets) {
  ra::universal_portfolio state(assets, 8);
  for (Index round = in.between(0, 3); round > 0; --round)
    refused([&] { state.update(Eigen::ArrayXd::LinSpaced(assets, .5, 1.5)); });
  check(in, state, [](ra::universal_portfolio& s) {
    s.update(Eigen::ArrayXd::LinSpaced(s.assets(), .5, 2));
    demand(s.weights().isFinite().all() && std::abs(s.weights().sum() - 1) < 1e-6, "shares sum to 1");
    s.error(), s.bound();
  });
}
template <class T>
static void check_defensive(input& in) {
  ra::defensive::state_of<T> state(ra::defensive{in.any_of({0., 1., 2.5})});
  for (Index query = in.between(0, 3); query > 0; --query) state.add(in.table(1, 4, kind::plain).row(0).cwiseAbs());
  check(in, state, [](ra::defensive::state_of<T>& s) {
    refused([&] { demand(s.finish().size() == s.cols(), "an importance for each key"); });
    s.add(Eigen::Matrix<T, 1, Eigen::Dynamic>::Ones(s.cols() + 1));
  });
}

ROBAGG_FUZZ(in) {
  switch (in.between(0, 26)) {
    case 0:
      return check_experts(in, ra::hedge{});
    case 1:
      return check_experts(in, ra::hedge{.rate = .5});
    case 2:
      return check_experts(in, ra::fixed_share{.rate = .5, .share = .1});
    case 3:
      return check_experts(in, ra::boa{});
    case 4:
      return check_experts(in, ra::ml_poly{});
    case 5:
      return check_experts(in, ra::ml_prod{});
    case 6:
      return check_experts(in, ra::ml_ewa{});
    case 7:
      return check_experts(in, ra::projected_gradient{});
    case 8:
      return check_experts(in, ra::aggregating_algorithm_log{});
    case 9:
      return check_experts(in, ra::aggregating_algorithm_square{});
    case 10:
      return check_universal(in, 2);
    case 11:
      return check_universal(in, 3);
    case 12:
      return check_server(in, ra::fedavg_momentum{});
    case 13:
      return check_server(in, ra::fed_adam{});
    case 14:
      return check_server(in, ra::fed_yogi{});
    case 15:
      return check_server(in, ra::fed_adagrad{});
    case 16:
      return check_defensive<float>(in);
    case 17:
      return check_defensive<double>(in);
    case 18: {
      ra::running state(in.between(0, 4), in.any_of({1., infinity}));
      for (Index report = in.between(0, 3); report > 0; --report)
        refused([&] { state.add(in.table(1, state.columns(), kind::hostile).row(0)); });
      return check(in, state, [](ra::running& s) {
        s.add(Eigen::VectorXd::Ones(s.columns()));
        s.mean(), s.worst_case(), s.best_case(), s.variance(), s.score(ra::uncertainty_weighted{.lambda = 1, .ddof = 0});
      });
    }
    case 19: {
      Index const d = in.between(0, 3);
      ra::staleness_buffer state(ra::staleness_weights{}, in.between(1, 3), d);
      refused([&] { state.add(Eigen::VectorXd::Ones(d), 0); });
      return check(in, state, [](ra::staleness_buffer& s) {
        Eigen::VectorXd x(0);
        refused([&] { x = s.take(), demand(x.allFinite(), "a step is finite"); });
        s.add(Eigen::VectorXd::Ones(x.size()), s.steps());
      });
    }
    case 20: {
      ra::importance_state state({.allow_unseen = in.flag()}, in.between(0, 3), in.between(0, 3));
      refused([&] { state.add(0, 0, in.number(kind::hostile)); });
      return check(in, state, [](ra::importance_state& s) {
        if (s.gateways() > 100 || s.clients() > 100) return;
        refused([&] { demand(s.shares().allFinite(), "shares are finite"); });
        s.add(s.gateways() - 1, 0, 1);
      });
    }
    case 21: {
      ra::participation_state state({.cutoff = in.between(1, 4)}, in.between(0, 4));
      refused([&] { state.update(std::vector<int>{0}); });
      return check(in, state, [](ra::participation_state& s) {
        refused([&] { s.update(std::vector<int>{}); });
        s.update(std::vector<int>{0});
        demand((s.weights().array() >= 1).all() && (s.weights().array() <= static_cast<double>(s.rule().cutoff)).all(),
               "weights are between 1 and the cutoff");
      });
    }
    case 22: {
      ra::fedfix_state state(ra::fedfix_weights{.period = 2}, in.between(0, 4));
      refused([&] { state.observe(0, in.number(kind::hostile)); });
      return check(in, state, [](ra::fedfix_state& s) {
        refused([&] { demand(s.weights().allFinite(), "weights are finite"); });
        s.observe(0, 3.5);
      });
    }
    case 23:
    case 24: {
      bool const wealth = in.flag();
      auto const one = [&](auto state) {
        refused([&] { state.update(Eigen::Vector3d(1, .5, 2)); });
        check(in, state, [](auto& s) {
          s.update(Eigen::ArrayXd::LinSpaced(s.assets(), .5, 2));
          demand(s.weights().isFinite().all() && std::abs(s.weights().sum() - 1) < 1e-6, "shares sum to 1");
        });
      };
      return wealth ? one(ra::portfolio_state(ra::wealth_proportional{}, 3))
                    : one(ra::portfolio_state(ra::exponentiated_portfolio{}, 3));
    }
    default:
      return check_geometry(in);
  }
}
