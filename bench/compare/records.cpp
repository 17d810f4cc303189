// SPDX-License-Identifier: BSL-1.0
#include "records.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#ifdef ROBAGG_HAS_ZLIB
#include <zlib.h>
#endif

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <numeric>
#include <unordered_map>

namespace robagg_compare {
namespace {

using json = nlohmann::ordered_json;
constexpr std::string_view blanks = " \t\r\v\f";

bool begins(std::string_view text, std::string_view mark) { return text.substr(0, mark.size()) == mark; }

// Files of kinds that have no reader here, by their first bytes.
void refuse_other_formats(std::string_view text, std::string const& file) {
  using namespace std::string_view_literals;
  static constexpr std::array<std::pair<std::string_view, char const*>, 9> formats = {{{"PAR1"sv, "Parquet"},
                                                                                       {"PK\x03\x04"sv, ".zip or Excel"},
                                                                                       {"ARROW1"sv, "Arrow"},
                                                                                       {"FEA1"sv, "Feather"},
                                                                                       {"\x89HDF"sv, "HDF5"},
                                                                                       {"BZh"sv, "bzip2"},
                                                                                       {"\xfd"
                                                                                        "7zXZ"sv,
                                                                                        "xz"},
                                                                                       {"\x28\xb5\x2f\xfd"sv, "Zstandard"},
                                                                                       {"RDX"sv, "R"}}};
  for (auto const& [mark, name] : formats) {
    if (begins(text, mark)) throw usage_error(fmt::format("{}: is a {} file; save it as CSV", file, name));
  }
  if (begins(text, "\xff\xfe") || begins(text, "\xfe\xff"))
    throw usage_error(fmt::format("{}: is UTF-16 text; save it as UTF-8", file));
}

#ifdef ROBAGG_HAS_ZLIB
// `window` as zlib counts it: 31 for gzip, -15 for a bare stream.
std::string inflated(std::string_view bytes, int window, std::string const& file) {
  z_stream stream{};
  if (inflateInit2(&stream, window) != Z_OK) throw usage_error(fmt::format("{}: cannot be decompressed", file));
  std::string out;
  std::array<unsigned char, 1 << 16> buffer{};
  int status = Z_OK;
  auto const room = [](std::size_t n) { return static_cast<unsigned>(std::min<std::size_t>(n, 1u << 30)); };
  // zlib's interface has no const.
  std::vector<unsigned char> in(bytes.begin(), bytes.end());
  std::size_t used = 0;
  while (true) {
    unsigned const given = room(in.size() - used);
    stream.next_in = in.data() + used, stream.avail_in = given;
    stream.next_out = buffer.data(), stream.avail_out = static_cast<unsigned>(buffer.size());
    status = ::inflate(&stream, Z_NO_FLUSH);
    used += given - stream.avail_in;
    out.append(buffer.begin(), buffer.end() - stream.avail_out);
    if (status == Z_STREAM_END && window > 0 && used < in.size()) {  // files that were put one behind the other
      status = inflateReset(&stream);
    } else if (status != Z_OK) {
      break;
    }
  }
  inflateEnd(&stream);
  if (status == Z_BUF_ERROR) throw usage_error(fmt::format("{}: is cut off", file));
  if (status != Z_STREAM_END) throw usage_error(fmt::format("{}: is damaged, and cannot be decompressed", file));
  return out;
}
#else
std::string inflated(std::string_view, int, std::string const& file) {
  throw usage_error(fmt::format("{}: is compressed, which this build cannot read (it was built without zlib)", file));
}
#endif

}  // namespace

std::string inflated(std::string_view bytes, std::string const& file) { return inflated(bytes, 31, file); }

std::string inflated_raw(std::string_view bytes, std::size_t size, std::string const& file) {
  auto out = inflated(bytes, -15, file);
  if (out.size() != size) throw usage_error(fmt::format("{}: is damaged, and cannot be decompressed", file));
  return out;
}

std::string file_content(std::filesystem::path const& path) {
  std::string const file = path.string();
  std::error_code error;
  if (!std::filesystem::exists(path, error)) throw usage_error(fmt::format("{}: there is no such file", file));
  if (std::filesystem::is_directory(path, error)) throw usage_error(fmt::format("{}: is a folder, not a file", file));
  std::ifstream in(path, std::ios::binary);
  if (!in) throw usage_error(fmt::format("{}: cannot be opened", file));
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in && !in.eof()) throw usage_error(fmt::format("{}: cannot be read", file));
  if (begins(text, "\x1f\x8b")) text = inflated(text, file);
  refuse_other_formats(text, file);
  return text;
}

std::string trimmed(std::string_view text) {
  auto const first = text.find_first_not_of(blanks), last = text.find_last_not_of(blanks);
  return std::string(first == text.npos ? std::string_view() : text.substr(first, last - first + 1));
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string shown(std::string_view text) {
  std::string out(text.substr(0, 24));
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n') c = '?';
  }
  return out + (text.size() > 24 ? "..." : "");
}

bool absent(std::string_view text) {
  if (text.empty()) return true;
  if (text.size() > 4) return false;
  auto const small = lower(std::string(text));
  for (auto const* name : {"na", "nan", "n/a", "null", "<na>"}) {
    if (small == name) return true;
  }
  return false;
}

std::optional<double> as_number(std::string const& text) {
  if (text.empty() || text.find_first_of("xX") != text.npos || blanks.find(text.front()) != blanks.npos) return std::nullopt;
  char* end = nullptr;
  double const value = std::strtod(text.c_str(), &end);
  return end != text.c_str() + text.size() ? std::nullopt : std::optional(value);
}

std::optional<bool> as_mark(std::string const& text) {
  auto const small = lower(text);
  for (auto const* yes : {"true", "yes", "t", "y"}) {
    if (small == yes) return true;
  }
  for (auto const* no : {"false", "no", "f", "n"}) {
    if (small == no) return false;
  }
  auto const number = as_number(small);
  return number && (*number == 0 || *number == 1) ? std::optional(*number == 1) : std::nullopt;
}

std::optional<double> as_date(std::string const& text) {
  std::string_view rest = text;
  auto const digits = [&](std::size_t least, std::size_t most) {
    std::size_t n = 0;
    int value = 0;
    while (n < std::min(most, rest.size()) && rest[n] >= '0' && rest[n] <= '9') value = 10 * value + rest[n++] - '0';
    rest.remove_prefix(n);
    return n < least ? -1 : value;
  };
  auto const separated_by = [&](char c) { return !rest.empty() && rest.front() == c && (rest.remove_prefix(1), true); };
  int const year = digits(4, 4);
  if (year < 0 || rest.empty()) return std::nullopt;
  char const between = rest.front();
  bool const compact = between >= '0' && between <= '9';
  if (!compact && std::string_view("-/.").find(between) == std::string_view::npos) return std::nullopt;
  if (!compact) separated_by(between);
  int const month = digits(compact ? 2 : 1, 2);
  if (!compact && !separated_by(between)) return std::nullopt;
  int const day = digits(compact ? 2 : 1, 2);
  bool const ends = rest.empty() || rest.front() == 'T' || rest.front() == ' ';
  if (month < 0 || day < 0 || !ends || (compact && (year < 1700 || year > 2200))) return std::nullopt;
  auto const date =
      std::chrono::year(year) / std::chrono::month(static_cast<unsigned>(month)) / std::chrono::day(static_cast<unsigned>(day));
  if (!date.ok()) return std::nullopt;
  return static_cast<double>(std::chrono::sys_days(date).time_since_epoch().count());
}

std::string date_text(double days) {
  std::chrono::year_month_day const day{std::chrono::sys_days{std::chrono::days(static_cast<int>(days))}};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                     static_cast<unsigned>(day.day()));
}

std::optional<double> as_time(std::string const& text) {
  if (auto const date = as_date(text)) return date;
  auto const number = as_number(text);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

bool is_code(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  return text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
}

std::string counted(Index n, std::string_view thing) {
  if (n == 1) return fmt::format("1 {}", thing);
  bool const consonant = thing.size() > 1 && std::string_view("aeiou").find(thing[thing.size() - 2]) == std::string_view::npos;
  if (thing.ends_with('y') && consonant) return fmt::format("{} {}ies", n, thing.substr(0, thing.size() - 1));
  return fmt::format("{} {}s", n, thing);
}

std::string nearest(std::string const& name, std::vector<std::string> const& known) {
  std::string best;
  std::size_t least = std::max<std::size_t>(2, name.size() / 2) + 1;
  for (auto const& other : known) {  // the number of letters to change, insert or remove, or swap with the next
    std::vector<std::vector<std::size_t>> cost(name.size() + 1, std::vector<std::size_t>(other.size() + 1));
    for (std::size_t i = 0; i <= name.size(); ++i) {
      for (std::size_t j = 0; j <= other.size(); ++j) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        auto const same =
            std::tolower(static_cast<unsigned char>(name[i - 1])) == std::tolower(static_cast<unsigned char>(other[j - 1]));
        cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + !same});
        if (i > 1 && j > 1 && name[i - 1] == other[j - 2] && name[i - 2] == other[j - 1])
          cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
    if (cost.back().back() < least) least = cost.back().back(), best = other;
  }
  return best;
}

records::records(std::string_view text, std::string const& file, comments skipped)
    : rest_(text), file_(file), skipped_(skipped) {
  if (begins(rest_, "\xef\xbb\xbf")) rest_.remove_prefix(3);
  if (rest_.find('\0') != rest_.npos) throw usage_error(fmt::format("{}: is neither text nor a .npy file", file_));
  if (rest_.find('\r') != rest_.npos && rest_.find('\n') == rest_.npos)
    throw usage_error(fmt::format("{}: its lines end in carriage returns alone; save it with line feeds", file_));
  skip_comments();
  separator_ = found_separator();
}

void records::skip_comments() {
  while (!rest_.empty()) {
    auto const end = rest_.find('\n');
    auto const line = trimmed(rest_.substr(0, end));
    bool const blank = line.empty() && (separator_ != '\t' || rest_.substr(0, end).find('\t') == rest_.npos);
    if (!blank && !line.starts_with('#')) return;
    if (!blank && separator_ != 0 && skipped_ == comments::before) return;
    rest_.remove_prefix(end == rest_.npos ? rest_.size() : end + 1), ++next_line_;
  }
}

char records::found_separator() const {
  char most = ' ';
  std::size_t most_fields = 1;
  for (char const c : {';', '\t', ',', '|'}) {
    records trial = *this;
    trial.separator_ = c;
    std::vector<std::string> fields;
    std::vector<std::size_t> widths;
    try {
      while (widths.size() < 5 && trial.next(fields)) widths.push_back(fields.size());
    } catch (usage_error const&) { /* said when the file is read */
    }
    if (widths.empty() || widths.front() < 2) continue;
    if (std::all_of(widths.begin(), widths.end(), [&](auto w) { return w == widths.front(); })) return c;
    if (widths.front() > most_fields) most_fields = widths.front(), most = c;
  }
  return most;
}

bool records::next(std::vector<std::string>& fields) {
  skip_comments();
  if (rest_.empty()) return false;
  line_ = next_line_;
  std::size_t count = 0;  // the fields' own memory is used again
  do {
    if (count == fields.size()) fields.emplace_back();
    fields[count].clear();
  } while (field(fields[count++]));
  fields.resize(count);
  return true;
}

// Reads one field; false if it was the last one of its record.
bool records::field(std::string& value) {
  bool const by_blanks = separator_ == ' ';
  auto const blank = [&](char c) { return c != separator_ && blanks.find(c) != blanks.npos; };
  while (!rest_.empty() && (blank(rest_.front()) || (by_blanks && rest_.front() == ' '))) rest_.remove_prefix(1);
  bool const quoted = rest_.starts_with('"');
  if (quoted) {
    for (rest_.remove_prefix(1);; rest_.remove_prefix(1)) {
      if (rest_.empty()) throw usage_error(fmt::format("{}: line {}: a quote is not closed", file_, line_));
      if (rest_.starts_with("\"\""))
        rest_.remove_prefix(1);
      else if (rest_.front() == '"')
        break;
      next_line_ += rest_.front() == '\n';
      value += rest_.front();
    }
    rest_.remove_prefix(1);
  }
  std::size_t end = 0;
  while (end < rest_.size() && rest_[end] != separator_ && rest_[end] != '\n' && !(by_blanks && blank(rest_[end]))) ++end;
  auto more = rest_.substr(0, end);
  while (!more.empty() && blank(more.back())) more.remove_suffix(1);
  if (quoted && !more.empty()) {
    throw usage_error(fmt::format("{}: line {}: text follows a closing quote", file_, next_line_));
  }
  value += more;
  while (by_blanks && end < rest_.size() && (rest_[end] == ' ' || blank(rest_[end]))) ++end;
  if (by_blanks && end < rest_.size() && rest_[end] != '\n') --end;  // as if one blank came before the next field
  bool const last = end == rest_.size() || rest_[end] == '\n';
  next_line_ += last;
  rest_.remove_prefix(std::min(end + 1, rest_.size()));
  if (quoted) value = trimmed(value);
  return !last;
}

named_records::named_records(std::string text, std::string file) : text_(std::move(text)), file_(std::move(file)) {
  std::string_view all = text_;
  if (begins(all, "\xef\xbb\xbf")) all.remove_prefix(3);
  auto const first = all.find_first_not_of(" \t\r\n");
  if (first == all.npos) throw usage_error(fmt::format("{}: is empty", file_));
  if (all[first] == '[') throw usage_error(fmt::format("{}: is a JSON array; JSON lines are read, one object a line", file_));
  if (all[first] == '{') {
    json_rest_ = all;
    while (json_next()) {}  // the names of all lines
    headings_ = keys_;
    json_rest_ = all, json_line_ = 0;
  } else {
    delimited_.emplace(text_, file_);
    if (!delimited_->next(headings_)) throw usage_error(fmt::format("{}: is empty", file_));
    line_ = delimited_->line();
    pending_ = delimited_->next(fields_);
    row_names_ = pending_ && fields_.size() == headings_.size() + 1;  // as R writes them
    if (row_names_) headings_.insert(headings_.begin(), "");
  }
  titles_ = headings_;
  for (auto& name : headings_) name = lower(name);
}

std::size_t named_records::find(std::vector<std::string> const& names) const {
  for (auto const& name : names) {
    auto const at = std::find(headings_.begin(), headings_.end(), name);
    if (at == headings_.end()) continue;
    if (std::find(at + 1, headings_.end(), name) != headings_.end())
      throw usage_error(fmt::format("{}: line {}: two columns are named '{}'", file_, line_, name));
    return static_cast<std::size_t>(at - headings_.begin());
  }
  return none;
}

std::size_t named_records::needed(std::vector<std::string> const& names) const {
  auto const at = find(names);
  if (at != none) return at;
  throw usage_error(fmt::format("{}: line {}: no column is named '{}'; there are {}", file_, line_, fmt::join(names, "' or '"),
                                fmt::join(headings_, ", ")));
}

bool named_records::next() {
  if (!delimited_) return json_next();
  if (!pending_ && !delimited_->next(fields_)) return false;
  pending_ = false, line_ = delimited_->line();
  if (fields_.size() != headings_.size()) {
    throw usage_error(fmt::format("{}: line {} has {}, the header has {}", file_, line_,
                                  counted(static_cast<Index>(fields_.size()), "field"), headings_.size()));
  }
  return true;
}

bool named_records::json_next() {
  std::string_view line;
  do {
    if (json_rest_.empty()) return false;
    auto const end = json_rest_.find('\n');
    line = json_rest_.substr(0, end);
    json_rest_.remove_prefix(end == json_rest_.npos ? json_rest_.size() : end + 1), ++json_line_;
  } while (line.find_first_not_of(blanks) == line.npos);
  line_ = json_line_;
  auto const object = json::parse(line, nullptr, false);
  if (object.is_discarded() || !object.is_object()) throw wrong("is not a JSON object");
  if (headings_.empty()) {
    for (auto const& [key, value] : object.items()) {
      if (std::find(keys_.begin(), keys_.end(), key) == keys_.end()) keys_.push_back(key);
    }
    return true;
  }
  fields_.assign(keys_.size(), "");
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    auto const value = object.find(keys_[i]);
    if (value == object.end() || value->is_null()) continue;
    fields_[i] = trimmed(value->is_string() ? value->get<std::string>() : value->dump());
  }
  return true;
}

usage_error named_records::wrong(std::string const& what) const {
  return usage_error(fmt::format("{}: line {}: {}", file_, line_, what));
}

std::optional<double> named_records::number(std::size_t column, char const* what) const {
  auto const& text = (*this)[column];
  if (absent(text)) return std::nullopt;
  if (auto const value = as_number(text)) return value;
  throw wrong(fmt::format("the {} '{}' is not a number", what, shown(text)));
}

std::string named_records::format() const {
  std::string const separator = !delimited_                       ? "JSON lines"
                                : delimited_->separator() == ';'  ? "separated by semicolons"
                                : delimited_->separator() == '\t' ? "separated by tabs"
                                : delimited_->separator() == '|'  ? "separated by bars"
                                : delimited_->separator() == ' '  ? "separated by blanks"
                                                                  : "separated by commas";
  return fmt::format("{}, {}{}", separator, counted(static_cast<Index>(headings_.size()), "column"),
                     row_names_ ? ", the first one row names without a heading" : "");
}

}  // namespace robagg_compare
