// SPDX-License-Identifier: BSL-1.0
// The second call of every operator and of every kind of pipe allocates nothing: not through Eigen
// (its malloc flag), not on the stack behind it (limit 0), not through operator new (counted).
#define EIGEN_RUNTIME_NO_MALLOC
#define EIGEN_STACK_ALLOCATION_LIMIT 0

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#define eigen_assert(condition) ((condition) ? void() : throw std::logic_error(#condition))

#include "kernels.hpp"

#include <robagg/robagg.hpp>

#include <robagg/attack/anti_cge.hpp>
#include <robagg/attack/constant_coordinate.hpp>
#include <robagg/attack/gaussian.hpp>
#include <robagg/attack/mimic.hpp>
#include <robagg/attack/min_max.hpp>
#include <robagg/attack/not_finite.hpp>
#include <robagg/attack/optimal.hpp>
#include <robagg/federated.hpp>
#include <robagg/mixture.hpp>
#include <robagg/online.hpp>
#include <robagg/rank.hpp>

#include <new>
#include <span>
#include <vector>

namespace {
long allocations = 0;
int failures = 0, checks = 0;

[[gnu::noinline]] void* counted_or_null(std::size_t n, std::size_t alignment) noexcept {
  ++allocations;
  return std::aligned_alloc(alignment, (n + alignment - 1) / alignment * alignment);
}
void* counted(std::size_t n, std::size_t alignment) {
  void* const p = counted_or_null(n, alignment);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}
}  // namespace

// What does not come through operator new, where malloc may be replaced.
#if defined(__GLIBC__)
extern "C" void* __libc_malloc(std::size_t);
extern "C" void* malloc(std::size_t n) noexcept {
  ++allocations;
  return __libc_malloc(n);
}
#endif

void* operator new(std::size_t n) { return counted(n, alignof(std::max_align_t)); }
void* operator new(std::size_t n, std::align_val_t a) { return counted(n, static_cast<std::size_t>(a)); }
void* operator new(std::size_t n, std::align_val_t a, std::nothrow_t const&) noexcept {
  return counted_or_null(n, static_cast<std::size_t>(a));
}
[[gnu::noinline]] void released(void* p) noexcept { std::free(p); }
void operator delete(void* p) noexcept { released(p); }
void operator delete(void* p, std::size_t) noexcept { released(p); }
void operator delete(void* p, std::align_val_t) noexcept { released(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { released(p); }

namespace {

using namespace robagg;

void quiet(std::string const& what, auto&& call) {
  workspace ws;
  call(ws);
  Eigen::internal::set_is_malloc_allowed(false);
  long const before = allocations;
  try {
    call(ws);
  } catch (std::logic_error const& e) {
    std::printf("%s: %s\n", what.c_str(), e.what());
    ++failures;
  }
  Eigen::internal::set_is_malloc_allowed(true);
  ++checks;
  if (allocations != before) {
    std::printf("%s: %ld allocations in the second call\n", what.c_str(), allocations - before);
    ++failures;
  }
}

template <class S>
void all_operators() {
  table<S> x(7, 300);
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index j = 0; j < x.cols(); ++j) x(i, j) = static_cast<S>(static_cast<float>((i * 37 + j * 11) % 101) / 16.f);
  }
  Eigen::Matrix<S, Eigen::Dynamic, Eigen::Dynamic> const by_column = x;
  std::vector<S const*> buffers;
  for (Index i = 0; i < x.rows(); ++i) buffers.push_back(x.row(i).data());
  std::vector<Index> const some{5, 1, 2, 4, 0};
  std::vector<double> const w{1, 2, 1, 0.5, 1, 1, 3};
  Eigen::Matrix<S, Eigen::Dynamic, 1> const v = x.row(3).transpose();

  Eigen::Matrix<S, Eigen::Dynamic, Eigen::Dynamic> y(x.cols(), 2);
  table<S> rows_out(x.rows(), x.cols());
  auto vector_rule = [&](auto const& op, auto const& r) {
    quiet(describe(op), [&](workspace& ws) { op.into(r, y.col(1), ws); });
  };
  auto on_every_plain_table = [&](auto const& op) {
    vector_rule(op, x);
    vector_rule(op, by_column);
    vector_rule(op, rows_of(buffers, x.cols()));
    vector_rule(op, subset(x, some));
    vector_rule(op, x + x);
  };
  on_every_plain_table(mean{});
  on_every_plain_table(median{});
  on_every_plain_table(trimmed_mean{.f = 2});
  on_every_plain_table(interquartile_mean{});
  on_every_plain_table(quantile{.p = 0.3});
  on_every_plain_table(quantile{.p = 0.3, .rule = quantile_rule::linear});
  on_every_plain_table(winsorized_mean{.f = 2});
  on_every_plain_table(asymmetric_trimmed_mean{.low = 1, .high = 2});
  on_every_plain_table(trimmed_mean_by_share{.low = .1, .high = .3});
  on_every_plain_table(winsorized_mean_by_share{.low = .1, .high = .3});
  on_every_plain_table(sigma_clipped_mean{});
  on_every_plain_table(sigma_clipped_mean{}.counts());
  on_every_plain_table(huber{});
  on_every_plain_table(biweight_location{});
  on_every_plain_table(hodges_lehmann{});
  on_every_plain_table(trimean{});
  on_every_plain_table(interpolated_median{});
  on_every_plain_table(uniform_phantom{0, 6});
  std::vector<double> const four = {1, 2, 3, 4}, six = {1, 2, 3, 4, 5, 6};
  vector_rule(moulin_median{six}, x);
  vector_rule(moulin_median{four}, subset(x, some));
  on_every_plain_table(median_absolute_deviation{});
  on_every_plain_table(quantile_range{});
  on_every_plain_table(mean_around_median{.f = 2});
  on_every_plain_table(phocas{.f = 2});
  on_every_plain_table(sign_majority{});
  on_every_plain_table(worst_case{});
  on_every_plain_table(best_case{});
  on_every_plain_table(uncertainty_weighted{.lambda = 0.5});
  on_every_plain_table(soft_min{.beta = 2});
  on_every_plain_table(defensive{});
  on_every_plain_table(krum{.f = 2});
  vector_rule(multi_krum{.f = 2}, x);
  vector_rule(bulyan{.f = 1}, x);
  vector_rule(bulyan{.f = 1}, by_column);
  vector_rule(minimum_diameter_averaging{.f = 2}, x);
  vector_rule(smallest_max_eigenvalue_averaging{.f = 2}, x);
  vector_rule(covariance_filter{.f = 2}, x);
  vector_rule(nearest_neighbour_mixing{.f = 1} | covariance_filter{.f = 2}, by_column);
  on_every_plain_table(geometric_median{});
  vector_rule(comparative_gradient_elimination{.f = 2}, x);
  vector_rule(nearest_to{.row = 1, .f = 2}, x);
  vector_rule(centered_clipping{.radius = 2, .iterations = 3}, x);
  vector_rule(norm_bounded_mean{.radius = 2}, x);
  vector_rule(median_of_means{.groups = 3}, x);
  vector_rule(trust_weighted{.row = 1}, x);
  vector_rule(flag_aggregator{.subspace = 2, .lambda = 1}, x);
  vector_rule(aksel{}, x);
  vector_rule(divide_and_conquer{.f = 2, .columns_sampled = 20, .iterations = 2}, x);
  vector_rule(adaptive_clip{.f = 2} | krum{.f = 2}, x);
  on_every_plain_table(nearest_neighbour_mixing{.f = 2} | trimmed_mean{.f = 2});
  on_every_plain_table(clip{.radius = 3} | nearest_neighbour_mixing{.f = 1} | clip{.radius = 2.5} | median{});
  on_every_plain_table(clip{.radius = 3} | nearest_neighbour_mixing{.f = 1} | bucketing{.size = 2} | mean{});
  on_every_plain_table(bucketing{.size = 2} | krum{.f = 1});
  on_every_plain_table(ranks{} | clip{.radius = 100} | ranks{} | mean{});

  vector_rule(attack::sign_flip{}, x);
  vector_rule(attack::inner_product_manipulation{}, by_column);
  vector_rule(attack::little_is_enough{}, x);
  vector_rule(attack::infinity{}, x);
  vector_rule(attack::not_a_number{}, x);
  vector_rule(attack::mimic{}, x + x);
  vector_rule(attack::gaussian{}, x);
  vector_rule(attack::constant_coordinate{}, by_column);
  vector_rule(attack::min_max{}, by_column);
  vector_rule(attack::anti_cge{.f = 2}, x);
  vector_rule(attack::optimal{attack::little_is_enough{}, nearest_neighbour_mixing{.f = 2} | median{}, 2}, x + x);

  vector_rule(uniform_phantom{0, 6}, weighted(skip_nan(x), w));
  table<S> shares(7, 2);
  shares.col(0).setConstant(S(.25)), shares.col(1).setConstant(S(.75)), shares.row(3) << S(1), S(0);
  Eigen::Matrix<S, Eigen::Dynamic, 1> divided(2), mixed(7);
  quiet("independent_markets", [&](workspace& ws) { independent_markets{}.into(weighted(shares, w), divided, ws); });
  table<S> const game = x.leftCols(7);
  quiet("maximin_mixture", [&](workspace& ws) { maximin_mixture{}.into(game, mixed, ws); });
  quiet("mean_variance_mixture", [&](workspace& ws) { mean_variance_mixture{.1}.into(weighted(game, w), mixed, ws); });
  for (auto const how : {regulariser::l2, regulariser::kl, regulariser::reverse_kl, regulariser::entropy})
    quiet("regularised_mixture", [&](workspace& ws) { regularised_mixture{1, how}.into(v, v, y.col(1), ws); });
  quiet("bounded_reweight", [&](workspace& ws) { bounded_reweight{}.into(v, v, y.col(1), ws); });
  double single = 0;
  cover covered;
  quiet("jain_index", [&](workspace& ws) { jain_index{}.into(v, single, ws); });
  quiet("log_sum_exp_combine", [&](workspace& ws) { log_sum_exp_combine{1}.into(x, w, single, ws); });
  quiet("greedy_cover", [&](workspace& ws) { greedy_cover{3}.into(x, covered, ws); });
  vector_rule(mean{}, weighted(x, w));
  vector_rule(median{}, weighted(skip_nan(x), w));
  vector_rule(trimmed_mean{.f = 1}, weighted(x, w));
  vector_rule(mean_around_median{.f = 1}, weighted(skip_nan(x), w));
  vector_rule(quantile{.p = 0.3}, skip_nan(x));
  vector_rule(winsorized_mean{.f = 1}, weighted(x, w));
  vector_rule(sigma_clipped_mean{}, weighted(skip_nan(x), w));
  vector_rule(huber{}, weighted(skip_nan(x), w));
  vector_rule(median_absolute_deviation{}, skip_nan(x));
  vector_rule(hodges_lehmann{}, skip_nan(x));
  vector_rule(worst_case{}, weighted(x, w));
  vector_rule(best_case{}, skip_nan(x));
  vector_rule(uncertainty_weighted{.lambda = 0.5}, weighted(x, w));
  vector_rule(soft_min{.beta = 2}, weighted(x, w));
  vector_rule(defensive{}, skip_nan(x));
  vector_rule(geometric_median{}, around(weighted(x, w), v));
  vector_rule(centered_clipping{.radius = 2}, around(weighted(x, w), v));
  vector_rule(norm_bounded_mean{.radius = 2}, around(weighted(x, w), v));
  vector_rule(flag_aggregator{}, around(weighted(x, w), v));
  vector_rule(trust_weighted{.row = 1}, around(x, v));
  vector_rule(adaptive_clip{.f = 2} | median{}, around(weighted(x, w), v));
  vector_rule(clip{.radius = 2} | median{}, around(weighted(x, w), v));
  vector_rule(clip{.radius = 2} | mean{}, around(x, v));

  auto row_rule = [&](auto const& op) { quiet(describe(op), [&](workspace& ws) { op.into(x, rows_out, ws); }); };
  row_rule(clip{.radius = 2});
  row_rule(adaptive_clip{.f = 2});
  row_rule(nearest_neighbour_mixing{.f = 2});
  row_rule(ranks{.ties = ties::dense});
  row_rule(clip{.radius = 2} | nearest_neighbour_mixing{.f = 2});
  table<S> buckets(3, x.cols());
  std::vector<Index> const sites = {0, 1, 2, 2, 1, 0, 2};
  quiet("group_means", [&](workspace& ws) { group_means{sites}.into(x, buckets, ws); });
  quiet("group_median", [&](workspace& ws) { group_median{sites}.into(weighted(skip_nan(x), w), buckets, ws); });
  quiet("bucketing", [&](workspace& ws) { bucketing{.size = 3}.into(x, buckets, ws); });
  std::vector<Index> order;
  for (Index i = x.rows(); i-- > 0;) order.push_back(i);
  quiet("bucketing by a permutation", [&](workspace& ws) { bucketing{.size = 3, .permutation = order}.into(x, buckets, ws); });

  Index winner = 0;
  std::vector<Index> kept;
  std::vector<std::int32_t> kept_32(9);
  Eigen::Matrix<S, Eigen::Dynamic, 1> const scores = v;
  quiet("best", [&](workspace& ws) { best{}.into(scores, winner, ws); });
  quiet("top", [&](workspace& ws) { top{.k = 9}.into(scores, kept, ws); });
  quiet("top, int32 span", [&](workspace& ws) { top{.k = 9}.into(scores, std::span(kept_32), ws); });
  quiet("mean | best", [&](workspace& ws) { (mean{} | best{}).into(x, winner, ws); });
  quiet("defensive | top", [&](workspace& ws) { (defensive{} | top{.k = 9}).into(x, kept, ws); });
  quiet("pool_rows | defensive", [&](workspace& ws) { (pool_rows{} | defensive{} | top{.k = 9}).into(x, kept, ws); });
  quiet("protect", [&](workspace& ws) { protect{}.into(scores, kept, ws); });
  robagg::kept by_head;
  std::vector<std::int32_t> positions_32(999), starts_32(9);
  table<S> const heads = x.cwiseAbs(), scored = heads.topRows(2);
  auto const layer = cube(heads, 1);
  if constexpr (std::is_same_v<S, float> || std::is_same_v<S, double>) {
    quiet("allocate", [&](workspace& ws) { allocate{.budget = 11}.into(scored, by_head, ws); });
    quiet("allocate, int32", [&](workspace& ws) { allocate{.budget = 11}.into(scored, scored, positions_32, starts_32, ws); });
  }
  quiet("snapkv", [&](workspace& ws) { snapkv{.keep = .4, .window = 2}.into(layer, by_head, ws); });
  quiet("snapkv, int32",
        [&](workspace& ws) { snapkv{.keep = .4, .window = 2}.into(layer, std::span(positions_32), std::span(starts_32), ws); });
  quiet("layer_defensivekv, int32", [&](workspace& ws) {
    layer_defensivekv{.keep = .4, .window = 2}.into(layer, heads.topRows(1), positions_32, starts_32, ws);
  });
  quiet("defensivekv", [&](workspace& ws) { defensivekv{.keep = .4, .window = 2}.into(layer, heads.topRows(1), by_head, ws); });
  quiet("cake", [&](workspace& ws) { cake{.keep = .4, .window = 2}.into(layer, by_head, ws); });
  quiet("defensivekv with median",
        [&](workspace& ws) { defensivekv{.keep = .4, .window = 2}.with(median{}).into(layer, norms::none, by_head, ws); });
  Eigen::Matrix<S, Eigen::Dynamic, 1> importance(x.rows() - 2);
  table<S> const queries = x.topRows(2), keys = x;
  quiet("observation_window", [&](workspace& ws) {
    auto const scope = ws.scope();
    defensive{}.into(observation_window{.window = 2}.attention(queries, keys, ws), importance, ws);
  });
  defensive::state seen;
  Eigen::VectorXf kept_scores(x.cols());
  quiet("defensive::state", [&](workspace& ws) { seen.clear(), seen.add(x.row(0)), seen.finish(kept_scores, ws); });
  double votes = 0;
  quiet("plurality", [&](workspace& ws) { votes += plurality{}.elect(x, ws).votes; });
  std::vector<Index> const shifts = {0, 2};
  quiet("run_off", [&](workspace& ws) { votes += run_off{}.elect(x, ws).votes; });
  quiet("run_off, weighted", [&](workspace& ws) { votes += run_off{}.elect(weighted(x, w), ws).votes; });
  quiet("run_off, shifts", [&](workspace& ws) { votes += run_off{.bucket_map = shifts}.elect(x, ws).votes; });
  quiet("ranks | plurality", [&](workspace& ws) { votes += (ranks{} | plurality{}).elect(x, ws).votes; });
  std::vector<std::int64_t> small, large;
  std::vector<std::string> texts;
  std::vector<S> judged;
  for (Index i = 0; i < 200; ++i) {
    small.push_back(i % 7 - 1), large.push_back(small.back() * 1'000'000'007),
        judged.push_back(static_cast<S>(static_cast<float>(i % 13) / 13));
    texts.push_back("a text that is too long to be stored in place " + std::to_string(i % 7));
  }
  auto vote_rule = [&](auto const& op) {
    verdict<std::int64_t> out;
    verdict<std::string> out_text;
    quiet(describe(op) + " of integers", [&](workspace& ws) { op.into(small, judged, out, ws); });
    quiet(describe(op) + " of hashed integers", [&](workspace& ws) { op.into(large, judged, out, ws); });
    quiet(describe(op) + " of texts", [&](workspace& ws) { op.into(texts, judged, out_text, ws); });
  };
  vote_rule(majority{.k = 2});
  vote_rule(best_of_n{.k = 2});
  vote_rule(weighted_vote{.class_score = class_score::mean});
  vote_rule(softmax_vote{});
  vote_rule(logit_vote{});
  vote_rule(borda_vote{});
  vote_rule(filtered_vote{});
  vote_rule(best_of_majority{.alpha = .1, .k = 2});
  vote_rule(majority_of_bests{});
  vector_rule(veto{.threshold = .5, .quorum = 2}, x);
  vector_rule(veto{.threshold = .5}, skip_nan(x));
  vector_rule(borda{}, x);
  vector_rule(copeland{}, x);
  vector_rule(minimax{}, skip_nan(x));
  vector_rule(schulze{}, x);
  vector_rule(ranked_pairs{}, x);
  vector_rule(instant_run_off{}, x);
  vector_rule(footrule_optimal{}, x);
  vector_rule(median_rank{}, x);
  vector_rule(kemeny{.exact = 8}, x);
  quiet("boosted", [&](workspace& ws) { boosted{.versions = 1}.into(x, rows_out, ws); });
  double number = 0;
  mixture mix;
  std::vector<gated> picks;
  std::vector<Index> const ns = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  Eigen::VectorXd curve, soft;
  quiet("conservative_mixture", [&](workspace& ws) { conservative_mixture{.threshold = 0}.into(scores, scores, mix, ws); });
  quiet("soft_argmax", [&](workspace& ws) { soft_argmax{.temperature = 1}.into(scores, soft, ws); });
  quiet("gated_pick", [&](workspace& ws) { gated_pick{}.into(scores, scores, picks, ws); });
  quiet("best_of_n_curve", [&](workspace& ws) { best_of_n_curve{.ns = ns}.into(judged, judged, curve, ws); });
  quiet("max_at_k", [&](workspace& ws) { max_at_k{.k = 3}.into(judged, number, ws); });
  quiet("self_certainty", [&](workspace& ws) { self_certainty{}.into(x, number, ws); });
  quiet("token_confidence", [&](workspace& ws) { token_confidence{.top_k = 5}.into(judged, number, ws); });
  quiet("deepconf", [&](workspace& ws) { deepconf{.window = 16}.into(judged, number, ws); });
  table<S> each_out(2, x.cols());
  table<S> const two = x.topRows(6);
  quiet("each(median)", [&](workspace& ws) { each(median{}).into(cube(two, 2), each_out, ws); });
}

}  // namespace

namespace {

// Neither operator new nor malloc is called, not even by the first call with a fresh workspace.
template <class S>
void no_heap_on_small_tables() {
  std::vector<double> w(64);
  for (std::size_t i = 0; i < w.size(); ++i) w[i] = static_cast<double>((i + 1) % 5);
  auto const first_call = [&](auto const& op, auto const& r) {
    Eigen::Matrix<S, Eigen::Dynamic, 1> y(r.cols());
    long const before = allocations;
    workspace ws;
    Eigen::internal::set_is_malloc_allowed(false);
    op.into(r, y, ws);
    Eigen::internal::set_is_malloc_allowed(true);
    ++checks;
    if (allocations != before) {
      std::printf("%s: %ld allocations in the first call on %ld x %ld\n", describe(op).c_str(), allocations - before,
                  static_cast<long>(r.rows()), static_cast<long>(r.cols()));
      ++failures;
    }
  };
  for (auto const& [n, d] : {std::pair<Index, Index>{7, 3}, {1, 1024}, {32, 32}, {25, 40}, {64, 16}, {100, 10}, {1024, 1}}) {
    table<S> const x = table<S>::Random(n, d);
    Eigen::Matrix<S, Eigen::Dynamic, Eigen::Dynamic> const by_column = x;
    first_call(mean{}, x), first_call(median{}, x), first_call(median{}, by_column), first_call(trimmed_mean{.f = 0}, x);
    first_call(quantile{.p = .3}, x), first_call(worst_case{}, x);
    if (n <= 740) first_call(median{}, skip_nan(x)), first_call(trimmed_mean{.f = 0}, skip_nan(by_column));
    if (n <= 64)
      first_call(median{}, weighted(x, list<double>(w.data(), n))),
          first_call(mean{}, weighted(skip_nan(x), list<double>(w.data(), n)));
    if (n <= 32) {
      table<S> far = x;
      far.topRows(n / 3) *= S(1e4);
      first_call(geometric_median{}, x), first_call(geometric_median{}, far),
          first_call(geometric_median{}, weighted(by_column, list<double>(w.data(), n)));
    }
  }
  Eigen::Matrix<S, 7, 3> const fixed = Eigen::Matrix<S, 7, 3>::Random();
  long const before = allocations;
  Eigen::Matrix<S, 3, 1> const a = median{}(fixed), b = geometric_median{}(fixed), c = trimmed_mean{.f = 2}(fixed);
  ++checks;
  if (allocations != before || a.size() + b.size() + c.size() != 9)
    std::printf("fixed size: %ld allocations\n", allocations - before), ++failures;

  std::vector<std::byte> memory(bytes_needed(krum{.f = 2}, table<S>(9, 700)));
  table<S> const x = table<S>::Random(9, 700);
  Eigen::Matrix<S, Eigen::Dynamic, 1> y(x.cols());
  long const before_span = allocations;
  workspace ws{std::span(memory)};
  krum{.f = 2}.into(x, y, ws);
  ++checks;
  if (allocations != before_span)
    std::printf("workspace over a span: %ld allocations\n", allocations - before_span), ++failures;
}

template <class Rule>
void steps_of_a_server(Rule const& rule) {
  server_state server(rule, 300);
  Eigen::VectorXf model = Eigen::VectorXf::Zero(300);
  Eigen::VectorXd const aggregate = Eigen::VectorXd::LinSpaced(300, -1, 1);
  quiet(server.name(), [&](workspace&) { server.step(aggregate, model), server.step_by(2 * aggregate, model.head(300)); });
}
void changes_on_their_own_time() {
  staleness_buffer buffer(staleness_weights{}, 10, 300, 1);
  Eigen::VectorXf const change = Eigen::VectorXf::Ones(300);
  quiet(buffer.name(), [&](workspace&) { buffer.add(change, 0); });
  fedfix_state times(fedfix_weights{}, 3);
  quiet(times.name(), [&](workspace&) { times.observe(1, 2.5); });
}
// Rounds of experts after the constructor.
template <class Rule>
void rounds_of(Rule const& rule) {
  expert_state state(rule, 33);
  Eigen::ArrayXd x = Eigen::ArrayXd::LinSpaced(33, 0, 1), asleep = x;
  asleep(3) = std::numeric_limits<double>::quiet_NaN();
  quiet(describe(rule), [&](workspace&) {
    if constexpr (Rule::mixes) {
      state.update_likelihoods(x), state.update_likelihoods(asleep);
    } else {
      state.predict(x), state.update(.3);
      state.predict(asleep, x), state.update(.3);
      if constexpr (!requires { Rule::own_game; }) state.update(x), state.update(asleep);
    }
  });
}
void experts() {
  rounds_of(hedge{.rate = 1}), rounds_of(hedge{}), rounds_of(fixed_share{.rate = 1}), rounds_of(ml_poly{});
  rounds_of(ml_prod{}), rounds_of(ml_ewa{}), rounds_of(boa{}), rounds_of(projected_gradient{});
  rounds_of(aggregating_algorithm_square{}), rounds_of(aggregating_algorithm_log{});
  Eigen::ArrayXd const x = Eigen::ArrayXd::LinSpaced(5, .5, 2);
  portfolio_state held(wealth_proportional{}, 5);
  portfolio_state steps(exponentiated_portfolio{}, 5);
  universal_portfolio exact(2, 2, 1, 8), drawn(5, 20);
  quiet("portfolios", [&](workspace&) { held.update(x), steps.update(x), exact.update(x.head(2)), drawn.update(x); });
  quiet("project_simplex", [&, y = Eigen::VectorXd(5)](workspace& ws) mutable { project_simplex{}.into(x, y, ws); });
}

}  // namespace

int main() {
  // The harness bites: a call that allocates is seen.
  std::puts("reports of allocations are expected here:");
  quiet("self-test", [](workspace&) {
    int* volatile kept = new int(checks);  // volatile: clang leaves out a new that it can see the end of
    delete kept;
  });
  quiet("self-test", [](workspace&) {
    void* volatile kept = std::malloc(static_cast<std::size_t>(checks) + 1);
    std::free(kept);
  });
#if defined(__GLIBC__)
  --failures;
#endif
  if (failures != 1) return std::printf("the counter does not count\n"), 1;
  failures = 0;
  steps_of_a_server(fedavg_momentum{}), steps_of_a_server(fed_adam{}), steps_of_a_server(fed_yogi{}),
      steps_of_a_server(fed_adagrad{});
  changes_on_their_own_time();
  all_operators<float>();
  all_operators<Eigen::half>();
  no_heap_on_small_tables<float>();
  no_heap_on_small_tables<double>();
  no_heap_on_small_tables<Eigen::half>();
  experts();
  std::printf("%d calls checked, %d failures\n", checks, failures);
  return failures == 0 ? 0 : 1;
}
