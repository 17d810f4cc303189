// SPDX-License-Identifier: BSL-1.0
#include "terminal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#ifdef _WIN32
#include <io.h>
#else
#include <unistd.h>
#endif

namespace robagg_compare {
namespace {

bool is_terminal(std::FILE* file) {
#ifdef _WIN32
  return _isatty(_fileno(file)) != 0;
#else
  return isatty(fileno(file)) != 0;
#endif
}

}  // namespace

bool colour_wanted() {
  char const* const no_colour = std::getenv("NO_COLOR");
  return is_terminal(stdout) && (no_colour == nullptr || *no_colour == '\0');
}

std::string red(std::string text, bool colour) { return colour ? "\x1b[31m" + text + "\x1b[0m" : text; }

std::string wrapped(std::string_view text, std::size_t width, std::string_view indent) {
  std::string result;
  std::size_t used = 0;
  while (!text.empty()) {
    auto const end = std::min(text.find(' '), text.size());
    auto const word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (used > 0 && used + 1 + word.size() > width)
      result += '\n', result += indent, used = indent.size();
    else if (used > 0)
      result += ' ', ++used;
    result += word, used += word.size();
  }
  return result + '\n';
}

progress::progress(std::size_t steps) : shown_(is_terminal(stderr)), steps_(steps) {}

progress::~progress() {
  if (shown_) fmt::print(stderr, "\r\x1b[K");
}

void progress::step(std::string_view what) {
  auto const now = std::chrono::steady_clock::now();
  ++done_;
  if (!shown_ || now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  fmt::print(stderr, "\r\x1b[K{} of {}: {}", done_, steps_, what);
  std::fflush(stderr);
}

}  // namespace robagg_compare
