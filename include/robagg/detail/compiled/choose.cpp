// SPDX-License-Identifier: BSL-1.0
// Which of the sets that were built the machine gets.
#include <robagg/detail/base/dispatch.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace robagg::dispatch::inline v1 {

#ifdef ROBAGG_HAS_BASELINE
extern set const baseline;
#endif
#ifdef ROBAGG_HAS_AVX2
extern set const avx2;
#endif
#ifdef ROBAGG_HAS_AVX512
extern set const avx512;
#endif

namespace {

// From the best to the one that every machine has.
set const* best(char const* asked_for) {
  [[maybe_unused]] auto const fits = [&](set const& s) { return asked_for == nullptr || std::strcmp(asked_for, s.name) == 0; };
#ifdef ROBAGG_HAS_AVX512
  // What x86-64-v4 is, beside what x86-64-v3 is.
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma") && fits(avx512))
    return &avx512;
#endif
#ifdef ROBAGG_HAS_AVX2
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2") && fits(avx2))
    return &avx2;
#endif
#ifdef ROBAGG_HAS_BASELINE
  if (fits(baseline)) return &baseline;
#endif
  return nullptr;
}

}  // namespace

set const& chosen() {
  static set const* const one = [] {
    set const* const asked = best(std::getenv("ROBAGG_KERNELS"));
    set const* const found = asked != nullptr ? asked : best(nullptr);
    if (found == nullptr) {
      std::fputs("robagg::kernels: built for no set of instructions that this machine has\n", stderr);
      std::abort();
    }
    return found;
  }();
  return *one;
}

}  // namespace robagg::dispatch::inline v1
