// SPDX-License-Identifier: BSL-1.0
#include "terminal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#ifdef _WIN32
#include <io.h>
#else
#include <sys/ioctl.h>
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

std::size_t terminal_width() {
  if (char const* const columns = std::getenv("COLUMNS")) {
    long const width = std::strtol(columns, nullptr, 10);
    if (width > 0) return static_cast<std::size_t>(width);
  }
#ifndef _WIN32
  winsize size{};
  if (is_terminal(stdout) && ioctl(fileno(stdout), TIOCGWINSZ, &size) == 0) return size.ws_col;
#endif
  return 0;
}

std::string brief(double value, int digits) {
  if (!std::isfinite(value)) return std::isnan(value) ? "-" : fmt::format("{}", value);
  double const size = std::abs(value);
  if (size >= 1e9 || (size < 1e-4 && size > 0)) return fmt::format("{:.{}g}", value, digits);
  if (size >= std::pow(10., digits)) return fmt::format("{:.0f}", value);
  return fmt::format("{:.{}g}", value, digits);
}

namespace {

// Characters, not bytes, of UTF-8.
std::size_t length(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & '\xc0') != '\x80'; }));
}

}  // namespace

std::string text_table::text(std::size_t width) const {
  constexpr std::size_t longest_heading = 18, least_width = 6;
  std::size_t const d = headings_.size();
  std::vector<std::string> heads = headings_;
  std::vector<std::size_t> widths(d, 0);
  std::string notes;
  std::size_t footnotes = 0;
  for (auto const& row : rows_) {
    for (std::size_t c = 0; c < row.size() && row.size() > 1; ++c) widths[c] = std::max(widths[c], length(row[c]));
  }
  for (std::size_t c = 0; c < d; ++c) {
    if (c > 0 && length(heads[c]) > std::max(longest_heading, widths[c])) {
      heads[c] = fmt::format("[{}]", ++footnotes);
      notes += fmt::format("{} {}\n", heads[c], headings_[c]);
    }
    widths[c] = std::max({widths[c], length(heads[c]), c > 0 ? least_width : 0});
  }
  auto const padded = [&](std::string const& cell, std::size_t c) {
    std::string const blanks(widths[c] - std::min(widths[c], length(cell)), ' ');
    return c == 0 ? cell + blanks : "  " + blanks + cell;
  };
  auto const line = [&](std::vector<std::string> const& cells, std::size_t first, std::size_t last) {
    std::string text = padded(cells[0], 0);
    for (std::size_t c = first; c < last; ++c) text += padded(c < cells.size() ? cells[c] : "", c);
    while (text.ends_with(' ')) text.pop_back();
    return text + '\n';
  };
  std::string text;
  for (std::size_t first = 1; first < std::max<std::size_t>(d, 2);) {
    std::size_t last = first, used = widths[0];
    while (last < d && (last == first || width == 0 || used + 2 + widths[last] <= width)) used += 2 + widths[last++];
    if (first > 1) text += '\n';
    text += line(heads, first, last);
    for (auto const& row : rows_) text += row.size() == 1 && d > 1 ? row[0] + '\n' : line(row, first, last);
    first = std::max(last, first + 1);
  }
  return text + notes;
}

bool& quiet::silent() {
  thread_local bool silent = false;
  return silent;
}

progress::progress(std::size_t steps) : shown_(is_terminal(stderr) && !quiet::silent()), steps_(steps) {}

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
