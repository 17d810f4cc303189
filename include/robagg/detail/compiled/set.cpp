// SPDX-License-Identifier: BSL-1.0
// One set of instructions: its table, and what is done to halves.
#include <robagg/detail/base/widen.hpp>

namespace robagg::inline ROBAGG_ABI::detail {
namespace {

// Halves by their bits.
template <class S>
void widen_bits(unsigned short const* from, Index n, float* to) {
  detail::widen(static_cast<S const*>(static_cast<void const*>(from)), n, to);
}
template <class S>
void narrow_bits(float const* from, Index n, unsigned short* to) {
  detail::narrow(from, n, static_cast<S*>(static_cast<void*>(to)));
}
constexpr dispatch::half_kernels halves_of_set{&widen_bits<Eigen::half>, &narrow_bits<Eigen::half>,
                                               &widen_bits<Eigen::bfloat16>, &narrow_bits<Eigen::bfloat16>};

}  // namespace
}  // namespace robagg::inline ROBAGG_ABI::detail

namespace robagg::dispatch::inline v1 {

#define ROBAGG_NAME_OF(numbers) ROBAGG_JOINED(ROBAGG_COMPILES_KERNELS, _##numbers)
#ifdef ROBAGG_COMPILES_FLOAT
extern kernels<float> const ROBAGG_NAME_OF(float);
constexpr kernels<float> const* floats = &ROBAGG_NAME_OF(float);
#else
constexpr kernels<float> const* floats = nullptr;
#endif
#ifdef ROBAGG_COMPILES_DOUBLE
extern kernels<double> const ROBAGG_NAME_OF(double);
constexpr kernels<double> const* doubles = &ROBAGG_NAME_OF(double);
#else
constexpr kernels<double> const* doubles = nullptr;
#endif

#define ROBAGG_TEXT_(x) #x
#define ROBAGG_TEXT(x) ROBAGG_TEXT_(x)
extern set const ROBAGG_COMPILES_KERNELS;
set const ROBAGG_COMPILES_KERNELS{ROBAGG_TEXT(ROBAGG_COMPILES_KERNELS), floats, doubles, &robagg::detail::halves_of_set};

}  // namespace robagg::dispatch::inline v1
