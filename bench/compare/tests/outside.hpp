// SPDX-License-Identifier: BSL-1.0
// The program from outside.
#pragma once

#include "support.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#ifndef _WIN32
#include <sys/wait.h>
#endif

namespace robagg_compare {

struct outcome {
  int code;
  std::string out, err;
};

inline std::string quoted(std::filesystem::path const& path) { return fmt::format("\"{}\"", path.string()); }

/// robagg-compare with these arguments; nothing of it stays in the folder.
inline outcome run(folder const& here, std::string const& arguments) {
  auto const out = here / "stdout", err = here / "stderr";
  auto const command = fmt::format("{} {} > {} 2> {}", quoted(ROBAGG_COMPARE), arguments, quoted(out), quoted(err));
  int code = std::system(command.c_str());
#ifndef _WIN32
  code = WIFEXITED(code) ? WEXITSTATUS(code) : -1;
#endif
  outcome const result{code, get(out), get(err)};
  std::filesystem::remove(out);
  std::filesystem::remove(err);
  return result;
}

}  // namespace robagg_compare
