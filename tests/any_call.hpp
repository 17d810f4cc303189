// SPDX-License-Identifier: BSL-1.0
// What std::function does, at a third of its compile time: the tests keep thousands of lambdas.
#pragma once

#include <concepts>
#include <memory>
#include <utility>

namespace robagg_test {

template <class Signature>
class any_call;

template <class Result, class... Arguments>
class any_call<Result(Arguments...)> {
  struct body {
    virtual ~body() = default;
    virtual Result call(Arguments... arguments) const = 0;
  };
  template <class F>
  struct body_of final : body {
    F f;
    explicit body_of(F&& g) : f(std::move(g)) {}
    Result call(Arguments... arguments) const override { return f(std::forward<Arguments>(arguments)...); }
  };
  std::shared_ptr<body const> body_;

 public:
  any_call() = default;
  template <class F>
    requires(!std::same_as<F, any_call> && std::invocable<F const&, Arguments...>)
  any_call(F f) : body_(static_cast<body*>(new body_of<F>(std::move(f)))) {}  // of one type: one shared_ptr for all lambdas

  explicit operator bool() const { return body_ != nullptr; }
  Result operator()(Arguments... arguments) const { return body_->call(std::forward<Arguments>(arguments)...); }
};

}  // namespace robagg_test
