// SPDX-License-Identifier: BSL-1.0
// The rules of bench/kernels/main.cpp: compiled with headers alone for this machine, and with robagg::kernels for any.
#include "cases.hpp"

#include <robagg/robagg.hpp>

#include <memory>

namespace {

template <class Op, class X>
kernel_case make(std::string name, Op const& op, X const& x) {
  return {std::move(name), x.cols(), [op, &x, ws = std::make_shared<robagg::workspace>()](float* out) {
            op.into(x, Eigen::Map<Eigen::VectorXf>(out, x.cols()), *ws);
          }};
}
template <class Op, class X, class W>
kernel_case make_weighted(std::string name, Op const& op, X const& x, W const& w) {
  return {std::move(name), x.cols(), [op, &x, &w, ws = std::make_shared<robagg::workspace>()](float* out) {
            op.into(robagg::weighted(x, w), Eigen::Map<Eigen::VectorXf>(out, x.cols()), *ws);
          }};
}

}  // namespace

#ifdef ROBAGG_KERNELS_FLOAT
std::vector<kernel_case> cases_of_kernels(kernel_tables const& x) {
#else
std::vector<kernel_case> cases_of_headers(kernel_tables const& x) {
#endif
  using namespace robagg;
  std::vector<kernel_case> all;
  auto const add = [&](std::string const& shape, auto const& table, auto const& weights, count f) {
    all.push_back(make("median, " + shape, median{}, table));
    all.push_back(make("trimmed_mean, " + shape, trimmed_mean{.f = f}, table));
    all.push_back(make("krum, " + shape, krum{.f = f}, table));
    all.push_back(make_weighted("weighted median, " + shape, median{}, table, weights));
    all.push_back(make("nearest_neighbour_mixing | trimmed_mean, " + shape,
                       nearest_neighbour_mixing{.f = f} | trimmed_mean{.f = f}, table));
  };
  add("25 x 1,000,000", x.large, x.weights, 5);
  add("25 x 100,000 by columns", x.by_columns, x.weights, 5);
  add("9 x 5", x.small, x.few_weights, 2);
  return all;
}
