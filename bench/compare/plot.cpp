// SPDX-License-Identifier: BSL-1.0
#include "plot.hpp"

#include "error.hpp"
#include "write.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <random>

namespace robagg_compare {
namespace {

namespace fs = std::filesystem;

#ifdef _WIN32
constexpr char const *gnuplot = "gnuplot --default-settings 2>nul", *gnuplot_there = "gnuplot --version >nul 2>nul";
std::FILE* open_pipe() { return _popen(gnuplot, "wb"); }
int close_pipe(std::FILE* pipe) { return _pclose(pipe); }
#else
constexpr char const *gnuplot = "gnuplot --default-settings 2>/dev/null", *gnuplot_there = "gnuplot --version >/dev/null 2>&1";
std::FILE* open_pipe() { return popen(gnuplot, "w"); }
int close_pipe(std::FILE* pipe) { return pclose(pipe); }
#endif

// Okabe and Ito's colours, which those who see few colours tell apart too; yellow is too pale for lines.
constexpr std::array colours = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#555555"};

// A gnuplot string that stands for itself: nothing but the quote is special inside.
std::string quotation(std::string_view text) {
  std::string result = "'";
  for (char const c : text) {
    if (c == '\'') result += '\'';
    result += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  }
  return result + '\'';
}

// What all pictures have.
std::string page(std::string const& output, std::size_t height, std::string const& title, std::string const& x_label) {
  std::string text = fmt::format(
      "set encoding utf8\n"
      "set terminal svg size 800,{} background '#ffffff' font 'Helvetica,Arial,sans-serif,14' noenhanced\n"
      "set border 3 linecolor rgb '#555555'\n"
      "set tics nomirror out scale 0.5 textcolor rgb '#222222'\n"
      "set grid linecolor rgb '#e4e4e4' linetype 1 linewidth 1\n",
      height);
  text += fmt::format("set output {}\n", quotation(output));
  text += fmt::format("set title {} font ',16' textcolor rgb '#222222'\n", quotation(title));
  return text + fmt::format("set xlabel {} textcolor rgb '#222222'\n", quotation(x_label));
}

bool drawable(plot_spec const& spec, double x, double y) {
  return std::isfinite(x) && std::isfinite(y) && (!spec.log_x || x > 0);
}

std::string script(plot_spec const& spec, std::string const& output) {
  std::string data, lines, tics;
  std::size_t colour = 0;
  double least = std::numeric_limits<double>::infinity(), most = -least;
  auto const append = [&](std::string const& what) { lines += (lines.empty() ? "plot " : ", \\\n  ") + what; };
  for (std::size_t b = 0; b < spec.bands.size(); ++b) {
    auto const& [name, x, low, high] = spec.bands[b];
    if (x.size() != low.size() || x.size() != high.size())
      throw usage_error(fmt::format("{}: {} x for {} and {} y", name, x.size(), low.size(), high.size()));
    data += fmt::format("$band{} << END\n", b);
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (drawable(spec, x[i], low[i]) && drawable(spec, x[i], high[i]))
        data += fmt::format("{} {} {}\n", x[i], low[i], high[i]);
    }
    data += "END\n";
    double const density = .15 + .3 * static_cast<double>(b) / static_cast<double>(spec.bands.size());
    append(fmt::format(
        "$band{} using 1:2:3 with filledcurves fillstyle transparent solid {:.2f} noborder linecolor rgb '{}' title {}", b,
        density, colours[0], quotation(name)));
  }
  for (std::size_t s = 0; s < spec.series.size(); ++s) {
    auto const& [name, x, y, dashed] = spec.series[s];
    if (x.size() != y.size()) throw usage_error(fmt::format("{}: {} x for {} y", name, x.size(), y.size()));
    if (s > 0 && !dashed) ++colour;
    data += fmt::format("$series{} << END\n", s);
    for (std::size_t i = 0; i < x.size(); ++i) {
      bool const here = drawable(spec, x[i], y[i]);
      if (here) least = std::min(least, x[i]), most = std::max(most, x[i]);
      data += here ? fmt::format("{} {}\n", x[i], y[i]) : "\n";  // an empty line interrupts
    }
    data += "END\n";
    append(fmt::format(
        "$series{} using 1:2 with {} linewidth 2 linecolor rgb '{}' dashtype {} pointtype {} pointsize 0.6 title {}", s,
        x.size() > 40 ? "lines" : "linespoints", colours[colour % colours.size()], dashed ? "2" : "1", dashed ? 6 : 7,
        quotation(name)));
  }
  if (!(least <= most)) throw usage_error("there is nothing to draw");
  // Few values on a logarithmic axis are tics themselves.
  auto const& values = spec.series.front().x;
  if (spec.log_x && values.size() <= 12 &&
      std::all_of(values.begin(), values.end(), [&](double x) { return drawable(spec, x, 0); })) {
    for (double const x : values) tics += fmt::format("{}{}", tics.empty() ? "" : ", ", x);
    tics = fmt::format("set xtics ({})\n", tics);
  }
  std::string text = page(output, 420, spec.title, spec.x_label);
  text +=
      "set autoscale xfix\nset key outside right center vertical Left reverse samplen 2 spacing 1.3 textcolor rgb '#222222'\n";
  text += fmt::format("set ylabel {} textcolor rgb '#222222'\n", quotation(spec.y_label));
  // A little room, because rounded logarithms put a tic at the very end outside.
  if (spec.log_x) text += fmt::format("set logscale x\nset xrange [{}:{}]\n", least / 1.02, most * 1.02) + tics;
  if (spec.y_range) text += fmt::format("set yrange [{}:{}]\n", spec.y_range->first, spec.y_range->second);
  return text + data + lines + "\n";
}

std::string script(interval_spec const& spec, std::string const& output) {
  constexpr std::size_t most = 60;
  std::size_t const shown = std::min(spec.lines.size(), most);
  auto const title =
      shown < spec.lines.size() ? fmt::format("{}: the first {} of {}", spec.title, shown, spec.lines.size()) : spec.title;
  std::string data, bars, tics;
  double least = std::numeric_limits<double>::infinity(), most_x = -least;
  for (std::size_t i = 0; i < shown; ++i) {
    auto const& [name, value, low, high, group] = spec.lines[i];
    auto const short_name = name.size() > 40 ? name.substr(0, 37) + "..." : name;
    tics += fmt::format("{}{} {}", i == 0 ? "" : ", ", quotation(short_name), shown - i);
    if (!std::isfinite(value)) continue;
    bool const bar = std::isfinite(low) && std::isfinite(high);
    data += fmt::format("{} {} {} {} {}\n", value, shown - i, bar ? low : value, bar ? high : value, group % 2);
    least = std::min({least, value, bar ? low : value}), most_x = std::max({most_x, value, bar ? high : value});
  }
  if (!(least <= most_x)) throw usage_error("there is nothing to draw");
  double const room = least < most_x ? .03 * (most_x - least) : 1;
  return page(output, 110 + 24 * shown, title, spec.x_label) + "set key off\nset grid noytics\n" +
         fmt::format("set yrange [0.3:{}.7]\nset ytics ({})\nset xrange [{}:{}]\n", shown, tics, least - room, most_x + room) +
         "$intervals << END\n" + data + "END\n" +
         fmt::format("set palette defined (0 '{}', 1 '{}')\nset cbrange [0:1]\nunset colorbox\n", colours[0], colours[1]) +
         "plot $intervals using 1:2:3:4:5 with xerrorbars pointtype 7 pointsize 0.7 linewidth 2 linecolor palette\n";
}

// Where gnuplot writes: a name that nobody else has, gone in the end. The path is absolute, so that gnuplot
// cannot take it for a command ("|...").
class temporary_file {
 public:
  temporary_file() {
    std::random_device random;
    path_ = fs::absolute(fs::temp_directory_path()) / fmt::format("robagg-{:08x}{:08x}.svg", random(), random());
  }
  ~temporary_file() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  temporary_file(temporary_file const&) = delete;
  temporary_file& operator=(temporary_file const&) = delete;
  fs::path const& path() const { return path_; }

 private:
  fs::path path_;
};

template <class Spec>
std::string svg_of(Spec const& spec) {
  temporary_file const file;
  auto const commands = script(spec, file.path().string());
  if (std::system(gnuplot_there) != 0) {
    throw usage_error("plots are drawn by gnuplot, which is not installed (Debian and Ubuntu: package gnuplot-nox)");
  }
#ifndef _WIN32
  auto* const before = std::signal(SIGPIPE, SIG_IGN);  // gnuplot may end before it has read everything
#endif
  bool good = false;
  if (std::FILE* const pipe = open_pipe()) {
    good = std::fwrite(commands.data(), 1, commands.size(), pipe) == commands.size();
    good = close_pipe(pipe) == 0 && good;
  }
#ifndef _WIN32
  std::signal(SIGPIPE, before);
#endif
  std::ifstream in(file.path(), std::ios::binary);
  std::string svg{std::istreambuf_iterator<char>(in), {}};
  if (!good || svg.find("</svg>") == svg.npos) throw usage_error("gnuplot could not draw the plot");
  return svg;
}

}  // namespace

std::string drawn(plot_spec const& spec) { return svg_of(spec); }
std::string drawn(interval_spec const& spec) { return svg_of(spec); }

void plot(fs::path const& svg, plot_spec const& spec) {
  output_file const file(svg);
  file.write(drawn(spec));
}

}  // namespace robagg_compare
