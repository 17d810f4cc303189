// SPDX-License-Identifier: BSL-1.0
#include "machine.hpp"

#include "commit.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <fstream>
#include <string>
#include <thread>

namespace robagg_compare {
namespace {

std::string processor() {
  std::ifstream in("/proc/cpuinfo");  // Linux; elsewhere the name is not known
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "not known";
}

std::string compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#elif defined(__GNUC__)
  return "g++ " __VERSION__;
#else
  return "not known";
#endif
}

}  // namespace

nlohmann::ordered_json this_machine() {
  return {{"processor", processor()},
          {"cores", std::thread::hardware_concurrency()},
          {"compiler", compiler()},
          {"flags", ROBAGG_FLAGS},
          {"commit", ROBAGG_COMMIT},
          {"date", fmt::format("{:%Y-%m-%d %H:%M} UTC",
                               fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())))}};
}

}  // namespace robagg_compare
