// SPDX-License-Identifier: BSL-1.0
// A function that is lent for one call: what takes it is compiled once, not for every lambda.
#pragma once

#include "config.hpp"

#include <concepts>
#include <memory>
#include <type_traits>

namespace robagg::inline ROBAGG_ABI::detail {

template <class Signature>
class function_ref;
template <class Result, class... Arguments>
class function_ref<Result(Arguments...)> {
 public:
  template <class F>
    requires(!std::same_as<F, function_ref>) && std::is_invocable_r_v<Result, F const&, Arguments...>
  function_ref(F const& f) noexcept
      : self_(std::addressof(f)),
        call_([](void const* self, Arguments... arguments) -> Result { return (*static_cast<F const*>(self))(arguments...); }) {
  }
  Result operator()(Arguments... arguments) const { return call_(self_, arguments...); }

 private:
  void const* self_;
  Result (*call_)(void const*, Arguments...);
};

}  // namespace robagg::inline ROBAGG_ABI::detail
