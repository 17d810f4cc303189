// SPDX-License-Identifier: BSL-1.0
// The kernels for one kind of number and one set of instructions: for ROBAGG_COMPILES_FOR, float or double, and the set that
// ROBAGG_COMPILES_KERNELS names (cmake/RobaggKernels.cmake). Nothing here refuses anything: the caller's file has checked, and its
// bad_input is another type.

#include <robagg/cache/defensive.hpp>
#include <robagg/detail/geometry/moving_point.hpp>
#include <robagg/location/aksel.hpp>
#include <robagg/location/asymmetric_trimmed_mean.hpp>
#include <robagg/location/biweight_location.hpp>
#include <robagg/location/bulyan.hpp>
#include <robagg/location/hodges_lehmann.hpp>
#include <robagg/location/huber.hpp>
#include <robagg/location/interior_trimmed_mean.hpp>
#include <robagg/location/interpolated_median.hpp>
#include <robagg/location/interquartile_mean.hpp>
#include <robagg/location/mean.hpp>
#include <robagg/location/mean_around_median.hpp>
#include <robagg/location/median.hpp>
#include <robagg/location/moulin_median.hpp>
#include <robagg/location/phocas.hpp>
#include <robagg/location/quantile.hpp>
#include <robagg/location/sigma_clipped_mean.hpp>
#include <robagg/location/sign_majority.hpp>
#include <robagg/location/trimean.hpp>
#include <robagg/location/trimmed_mean.hpp>
#include <robagg/location/trimmed_mean_by_share.hpp>
#include <robagg/location/uniform_phantom.hpp>
#include <robagg/location/winsorized_mean.hpp>
#include <robagg/location/winsorized_mean_by_share.hpp>
#include <robagg/score/best_case.hpp>
#include <robagg/score/soft_min.hpp>
#include <robagg/score/uncertainty_weighted.hpp>
#include <robagg/score/worst_case.hpp>
#include <robagg/spread/median_absolute_deviation.hpp>
#include <robagg/spread/quantile_range.hpp>
#include <robagg/vote/veto.hpp>

#include <array>
#include <new>

namespace robagg::inline ROBAGG_ABI::detail {
namespace {

// A table in the caller's file.
template <class T>
class borrowed_table final : public table_reader<T> {
 public:
  explicit borrowed_table(dispatch::table<T> const& from)
      : table_reader<T>(from.rows, from.cols, from.in_place, from.size), from_(from) {}
  T const* address(Index i) const override { return from_.address(from_.self, i); }
  void const* stored_row(Index i) const override { return from_.stored_row(from_.self, i); }
  void load(Index j, tile<T> const& t, workspace&) const override { from_.load(from_.self, j, t.data, t.width, t.stride); }
  T const* column(Index j) const override { return from_.column(from_.self, j); }
  void read_columns(Index const* chosen, Index n, Index j, Index w, T* to, workspace&) const override {
    from_.read_columns(from_.self, chosen, n, j, w, to);
  }

 private:
  dispatch::table<T> const& from_;
};

// Others have no kernel for weights, which absent values are as well.
template <class Op>
concept reads_weights = requires { requires(Op::reads & (has_weights | skips_nan)) != 0; };

template <class Op>
void with_weights(dispatch::weights const* uneven, auto const& reduce) {
  if (uneven == nullptr) return reduce.template operator()<false>(nullptr);
  if constexpr (reads_weights<Op>) {
    prepared_weights const weights{{uneven->rows, uneven->count},
                                   uneven->of_rows,
                                   {uneven->heaviest_sums, uneven->count, uneven->total, uneven->rounding},
                                   uneven->equal,
                                   uneven->skips_nan};
    reduce.template operator()<true>(&weights);
  }
}

template <class Op>
struct operator_of {
  alignas(Op) std::byte memory[sizeof(Op)];
  explicit operator_of(dispatch::rule rule) { std::memcpy(memory, rule.fields, sizeof(Op)); }
  Op const& get() const { return *std::launder(static_cast<Op const*>(static_cast<void const*>(memory))); }
};

template <class T, class Op>
struct of_columns {
  static void run(dispatch::columns_job<T> const& job, dispatch::scratch const& scratch) {
    workspace ws(scratch);
    operator_of<Op> const op(job.op);
    borrowed_table<T> const table(job.from);
    column_sink<T> const sink{job.to.direct, job.to.out, job.to.write};
    auto const reduce = [&]<bool Uneven>(prepared_weights const* weights) {
      detail::reduce_slice<Uneven, T>(op.get(), table, job.chosen, job.n, job.rows, weights, sink, job.first, job.last, ws);
    };
    detail::with_weights<Op>(job.uneven, reduce);
  }
};
template <class T, class Op>
struct of_tiles {
  static void run(dispatch::tile_job<T> const& job) {
    alignas(workspace::alignment) std::byte memory[small_room<T>];
    workspace ws{workspace::first_memory{std::span(memory)}};
    operator_of<Op> const op(job.op);
    tile<T> const t(job.values, job.rows, job.width, job.stride);
    auto const reduce = [&]<bool Uneven>(prepared_weights const* weights) {
      detail::reduce_tile<Uneven, T>(op.get(), t, job.chosen, job.n, weights, job.to, ws);
    };
    detail::with_weights<Op>(job.uneven, reduce);
  }
};

// The functions of all operators, by their numbers.
template <class... Ops>
struct operators {
  static_assert((numbered<Ops> && ...));
  static constexpr std::size_t most = static_cast<std::size_t>(std::max({Ops::kernel.number...})) + 1;
  template <class T, template <class, class> class Of>
  static constexpr auto functions = [] {
    std::array<decltype(&Of<T, median>::run), most> all{};
    ((all[static_cast<std::size_t>(Ops::kernel.number)] = &Of<T, Ops>::run), ...);
    return all;
  }();
};
using all_operators =
    operators<weighted_sum, median, trimmed_mean, quantile, interquartile_mean, mean, mean_around_median, phocas, sign_majority,
              worst_case, best_case, uncertainty_weighted, soft_min, trimmed_mean_by_share, asymmetric_trimmed_mean,
              winsorized_mean, winsorized_mean_by_share, interpolated_median, sigma_clipped_mean, huber, biweight_location,
              hodges_lehmann, median_absolute_deviation, quantile_range, defensive, veto, interior_trimmed_mean, lower_median,
              nearest_to_median, clipped_count<sigma_clipped_mean>, uniform_phantom, moulin_median, trimean>;

template <class T>
dispatch::sorted<T> sort(void* self, bool weighted, dispatch::sorting<T> const& of) {
  prefetcher<T> ahead = of.ahead != nullptr ? prefetcher<T>(*of.ahead) : prefetcher<T>();
  sort_job<T> job{.rows = of.rows, .offset = of.offset, .packets = of.width / lanes<T>, .to = of.to, .stride = of.stride};
  job.ahead = of.ahead != nullptr ? &ahead : nullptr;
  job.weights = of.weights, job.weights_to = of.weights_to, job.skips_nan = of.skips_nan;
  sorted_ranks<T> const ranks =
      weighted ? (*static_cast<column_sorter<T, true>*>(self))(job) : (*static_cast<column_sorter<T>*>(self))(job);
  if (of.ahead != nullptr) *of.ahead = ahead.shared();
  return {ranks.values, ranks.weights, ranks.stride};
}

template <class T>
constexpr dispatch::kernels<T> kernels_of{
    .columns =
        [](dispatch::columns_job<T> const& job, dispatch::scratch const& scratch) {
          all_operators::functions<T, of_columns>[static_cast<std::size_t>(job.op.number)](job, scratch);
        },
    .tile =
        [](dispatch::tile_job<T> const& job) {
          all_operators::functions<T, of_tiles>[static_cast<std::size_t>(job.op.number)](job);
        },
    .make_sorter =
        [](dispatch::sorter const& s, bool weighted, dispatch::scratch const& scratch) {
          static_assert(std::max(sizeof(column_sorter<T>), sizeof(column_sorter<T, true>)) <= dispatch::sorter_bytes);
          workspace ws(scratch);
          rank_range const wanted{s.first, s.last};
          if (weighted) {
            new (s.self) column_sorter<T, true>(s.n, wanted, s.width, ws);
          } else {
            new (s.self) column_sorter<T>(s.n, wanted, s.width, ws);
          }
        },
    .sort = &detail::sort<T>,
    .distances =
        [](T const* const* points, Index count, Index width, double* sums, dispatch::row_streams& streams,
           dispatch::scratch const& scratch) {
          workspace ws(scratch);
          prefetcher<T> ahead(streams);
          detail::pair_distances(distance_job<T>{points, width, sums}, count, ahead, ws);
          streams = ahead.shared();
        },
    .norms = &detail::block_norms<T>,
    .product = &detail::product_in_double<T>,
    .gaps = &detail::block_gaps<T>,
    .pulls = &detail::block_pulls<T>,
    .mix =
        [](dispatch::mixing<T> const& plan, T const* const* points, Index width, T* to, Index stride,
           dispatch::scratch const& scratch) {
          workspace ws(scratch);
          mixing_plan<T> const mixed(plan);
          mixed(points, width, to, stride, ws);
        },
    .weigh =
        [](double const* weights, T const* const* rows, Index n, Index offset, Index width, T* to,
           dispatch::scratch const& scratch) {
          workspace ws(scratch);
          detail::weigh_packets(weights, rows, n, offset, width, to, ws);
        },
    .scale = &detail::scale_values<T>,
    .transpose =
        [](T const* from, Index step, T* to, Index rows, Index width, Index stride) {
          detail::transpose(from, step, tile<T>(to, rows, width, stride));
        },
};

}  // namespace
}  // namespace robagg::inline ROBAGG_ABI::detail

namespace robagg::dispatch::inline v1 {
#define ROBAGG_KERNELS_NAME ROBAGG_JOINED(ROBAGG_COMPILES_KERNELS, ROBAGG_JOINED(_, ROBAGG_COMPILES_FOR))
extern kernels<ROBAGG_COMPILES_FOR> const ROBAGG_KERNELS_NAME;
kernels<ROBAGG_COMPILES_FOR> const ROBAGG_KERNELS_NAME = robagg::detail::kernels_of<ROBAGG_COMPILES_FOR>;
}  // namespace robagg::dispatch::inline v1
