// SPDX-License-Identifier: BSL-1.0
// A function that is lent for one call: what takes it is compiled once, not for every lambda.
#pragma once

#include "config.hpp"

#include <concepts>

namespace robagg::inline ROBAGG_ABI::detail {

template <class Signature>
class function_ref;
template <class Result, class... Arguments>
class function_ref<Result(Arguments...)> {
 public:
  template <class F>
    requires(!std::same_as<F, function_ref>) && requires(F const& f, Arguments... arguments) { Result(f(arguments...)); }
  function_ref(F const& f) noexcept : self_(&reinterpret_cast<char const&>(f)), call_(&call<F>) {}
  Result operator()(Arguments... arguments) const { return call_(self_, arguments...); }

 private:
  template <class F>
  static Result call(void const* self, Arguments... arguments) {
    return (*static_cast<F const*>(self))(arguments...);
  }

  void const* self_;
  Result (*call_)(void const*, Arguments...);
};

}  // namespace robagg::inline ROBAGG_ABI::detail
