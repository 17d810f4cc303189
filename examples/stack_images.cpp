// SPDX-License-Identifier: BSL-1.0
// 25 frames of one field of stars, aligned: every frame has noise and hot pixels, some have the trail of a satellite. Stacking
// them is one rule over a table with a frame per row. The mean keeps every trail; the median loses them, with a quarter more
// noise than there need be; sigma clipping loses them with next to none. Writes stack_mean.pgm, stack_median.pgm and
// stack_clipped.pgm.
#include <robagg/robagg.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <string>

namespace {

constexpr Eigen::Index width = 128, height = 96, pixels = width * height, frames = 25;
using picture = Eigen::VectorXf;  // row by row

struct randoms {
  std::uint64_t state = 7;
  double uniform() {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<double>(state >> 11) * 0x1p-53;
  }
  double gauss() {
    double sum = -6;
    for (int k = 0; k < 12; ++k) sum += uniform();
    return sum;
  }
};

// A sky that is brighter towards one corner, and forty stars.
picture make_scene(randoms& random) {
  picture scene(pixels);
  for (Eigen::Index i = 0; i < pixels; ++i) scene(i) = static_cast<float>(400 + i % width + i / width);
  for (int star = 0; star < 40; ++star) {
    double const x = width * random.uniform(), y = height * random.uniform(),
                 light = 3000 * std::pow(random.uniform(), 3) + 200;
    for (Eigen::Index i = 0; i < pixels; ++i) {
      double const dx = static_cast<double>(i % width) - x, dy = static_cast<double>(i / width) - y;
      scene(i) += static_cast<float>(light * std::exp(-(dx * dx + dy * dy) / 3));
    }
  }
  return scene;
}

robagg::table<std::uint16_t> take_frames(picture const& scene, randoms& random) {
  robagg::table<std::uint16_t> seen(frames, pixels);
  for (Eigen::Index f = 0; f < frames; ++f) {
    double const slope = 2 * random.uniform() - 1, start = height * random.uniform();
    for (Eigen::Index i = 0; i < pixels; ++i) {
      double const light = static_cast<double>(scene(i)), x = static_cast<double>(i % width),
                   y = static_cast<double>(i / width);
      double value = light + std::sqrt(light) * random.gauss();  // as many photons as there are, nearly
      if (f % 5 == 2 && std::abs(y - start - slope * x) < 1.2) value += 9000;
      if (random.uniform() < .004) value = 65535;
      seen(f, i) = static_cast<std::uint16_t>(std::clamp(std::round(value), 0., 65535.));
    }
  }
  return seen;
}

// The darkest of the sky is black, four times the span of the sky white. Returns how many bytes were written.
Eigen::Index write(std::string const& name, picture const& p) {
  std::ofstream file(name, std::ios::binary);
  file << "P5\n" << width << " " << height << "\n255\n";
  for (float const value : p)
    file.put(static_cast<char>(static_cast<unsigned char>(std::clamp((value - 380) / 4, 0.f, 255.f))));
  return file.flush().good() ? static_cast<Eigen::Index>(file.tellp()) : 0;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace robagg;
  randoms random;
  picture const scene = make_scene(random);
  table<std::uint16_t> const seen = take_frames(scene, random);  // one row a frame

  auto const error = [&](picture const& p) { return std::sqrt((p - scene).squaredNorm() / static_cast<float>(pixels)); };
  auto const rate = [&](auto const& rule) {
    picture const stacked = rule(seen);
    fmt::print("{:<52} off by {:6.2f}\n", describe(rule), error(stacked));
    return stacked;
  };
  picture const averaged = rate(mean{}), middle = rate(median{}), clipped = rate(sigma_clipped_mean{});
  rate(trimmed_mean_by_share{.low = .05, .high = .2}), rate(asymmetric_trimmed_mean{.low = 0, .high = 3});
  rate(winsorized_mean{.f = 3}), rate(winsorized_mean_by_share{.low = .1, .high = .1});
  rate(huber{}), rate(biweight_location{}), rate(hodges_lehmann{}), rate(interpolated_median{});
  rate(trimean{});

  picture const kept = sigma_clipped_mean{}.counts()(seen);
  picture const noise = median_absolute_deviation{.scale = 1.4826}(seen), range = quantile_range{}(seen);
  std::vector<double> const shares = {.05, .5, .95};
  table<float> const band = quantiles{.ps = shares}(seen);
  fmt::print("kept {:.1f} of {} frames; noise {:.1f} by deviations, {:.1f} by quartiles; 90 % within {:.0f}\n", kept.mean(),
             frames, noise.mean(), range.mean() / 1.349f, (band.row(2) - band.row(0)).mean());

  std::string const folder = argc > 1 ? std::string(argv[1]) + "/" : "";
  bool const written = write(folder + "stack_mean.pgm", averaged) == write(folder + "stack_median.pgm", middle) &&
                       write(folder + "stack_clipped.pgm", clipped) == pixels + 14;
  bool const ordered = error(clipped) < error(middle) && 20 * error(middle) < error(averaged);
  return written && ordered && kept.minCoeff() > 15 && (band.row(1).transpose() - middle).isZero() ? 0 : 1;
}
