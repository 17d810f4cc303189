// SPDX-License-Identifier: BSL-1.0
// Five clients with data of their own take part by chance, some often, one rarely. What a server learns that averages whoever
// comes, and one whose weights know who took part; the same for clients that are fast and slow.
#include <robagg/federated.hpp>
#include <robagg/robagg.hpp>

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <vector>

namespace {
// The same numbers on every machine.
double uniform(std::uint64_t& seed) {
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return static_cast<double>(seed >> 11) * 0x1p-53;
}
robagg::table<double> rows_at(robagg::table<double> const& x, std::vector<Eigen::Index> const& rows) {
  robagg::table<double> out(static_cast<Eigen::Index>(rows.size()), x.cols());
  for (Eigen::Index k = 0; k < out.rows(); ++k) out.row(k) = x.row(rows[static_cast<std::size_t>(k)]);
  return out;
}
}  // namespace

int main() {
  using namespace robagg;
  Index const clients = 5, d = 2;
  table<double> optima(clients, d);  // what each client's data asks for; together they ask for the mean
  optima << 1, 0, 2, 1, 3, 0, 4, 1, 10, 8;
  Eigen::VectorXd const chance{{.9, .8, .7, .6, .1}}, wanted = mean{}(optima);
  std::uint64_t seed = 1;
  int wrong = 0;

  // Who takes part: those with the last client's data hardly ever do.
  participation_state participation(participation_weights{.cutoff = 50}, clients);
  Eigen::VectorXd unaware = Eigen::VectorXd::Zero(d), aware = unaware, late_mean = unaware;
  int const rounds = 6000;
  for (int t = 0; t < rounds; ++t) {
    std::vector<Index> present;
    for (Index i = 0; i < clients; ++i) {
      if (uniform(seed) < chance(i)) present.push_back(i);
    }
    Eigen::VectorXd const w = participation.update(present);
    if (present.empty()) continue;
    auto const changes = [&](Eigen::VectorXd const& model) {
      return table<double>(rows_at(optima, present).rowwise() - model.transpose());
    };
    double const rate = .02;
    unaware += rate * mean{}(changes(unaware));
    aware += rate * w.sum() / static_cast<double>(clients) * mean{}(weighted(changes(aware), w));
    if (t >= rounds / 2) late_mean += aware / (rounds / 2);
  }
  double const off = (unaware - wanted).norm(), near = (late_mean - wanted).norm();
  fmt::print("by chance:   wanted ({:.2f}, {:.2f}); whoever comes is off by {:.2f}, participation_weights by {:.2f}\n",
             wanted(0), wanted(1), off, near);
  fmt::print("             the last client weighs {:.1f}, it comes once in 10 rounds\n", participation.weights()(4));
  wrong += !(near < .35 && off > 2);

  // How long they take: a step every 2 units of time, of all who have finished.
  Eigen::VectorXd const duration{{1, 2, 2, 4, 9}};
  fedfix_state times(fedfix_weights{.period = 2}, clients);
  Eigen::VectorXd ready = duration, naive = Eigen::VectorXd::Zero(d), fixed = naive;
  table<double> naive_pulled = table<double>::Zero(clients, d), fixed_pulled = naive_pulled;
  server_state server(fedavg_momentum{.rate = .02, .momentum = .5}, d);
  for (int t = 1; t <= 4000; ++t) {
    std::vector<Index> present;
    for (Index i = 0; i < clients; ++i) {
      if (ready(i) <= 2. * t) present.push_back(i), times.observe(i, duration(i));
    }
    Eigen::VectorXd const w = times.weights()(present);
    table<double> const by_naive = rows_at(optima - naive_pulled, present), by_fixed = rows_at(optima - fixed_pulled, present);
    naive += .04 * mean{}(by_naive);
    server.step_by(w.sum() * mean{}(weighted(by_fixed, w)), fixed);  // any rule that reads weights, any step
    for (Index const i : present) ready(i) = 2 * t + duration(i), naive_pulled.row(i) = naive, fixed_pulled.row(i) = fixed;
  }
  fmt::print("by duration: whoever has finished is off by {:.2f}, fedfix_weights by {:.2f}\n", (naive - wanted).norm(),
             (fixed - wanted).norm());
  wrong += !((fixed - wanted).norm() < .25 && (naive - wanted).norm() > 1);

  // Changes on their own time: every third arrival is a step, old ones weigh less, and no change moves it by more than the
  // radius.
  staleness_buffer buffer(staleness_weights{}, 3, d, 5);
  buffer.add(Eigen::Vector2d(1, 0), 0), buffer.add(Eigen::Vector2d(1e30, 0), 0), buffer.add(Eigen::Vector2d(1, 3), 0);
  fmt::print("a buffer of three, one of whom shouts: a step of {:.2f}\n", buffer.take().norm());
  wrong += buffer.steps() != 1;

  // Satellites that several gateways see count once: means of means are the mean.
  table<double> contact(2, clients), models(2, d);
  contact << 5, 1, 0, 2, 2, 0, 3, 4, 2, 6;
  table<double> const shares = importance_shares{}(contact);
  for (Index g = 0; g < 2; ++g) models.row(g) = mean{}(weighted(optima, shares.row(g)));
  Eigen::VectorXd const tier = shares.rowwise().sum(), cloud = mean{}(weighted(models, tier));
  fmt::print("two tiers: ({:.2f}, {:.2f})\n", cloud(0), cloud(1));
  return wrong + ((cloud - wanted).norm() > 1e-12);
}
