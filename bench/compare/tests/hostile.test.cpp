// SPDX-License-Identifier: BSL-1.0
// Broken files, from outside: one sentence that names the file, exit code 2, nothing on stdout, nothing half written.
#include "outside.hpp"

#include <vector>

using namespace robagg_compare;

namespace {

// A .npy file of version 1: its header, padded, and data.
std::string npy(std::string const& dictionary, std::string const& data) {
  std::string header = dictionary;
  header.resize((dictionary.size() + 10 + 64) / 64 * 64 - 10, ' ');
  header.back() = '\n';
  std::string text("\x93NUMPY\x01\0", 8);
  text += static_cast<char>(header.size() % 256);
  text += static_cast<char>(header.size() / 256);
  return text + header + data;
}
std::string of_shape(std::string const& type, std::string const& shape) {
  return "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }";
}
std::string const zeros(48, '\0'), more_zeros(80, '\0');

struct broken {
  std::string command, name, content, sentence;
};
std::vector<broken> const files = {
    {"table", "empty.csv", "", "holds no numbers"},
    {"table", "heading.csv", "a,b,c\n", "holds no numbers"},
    {"table", "ragged.csv", "1,2\n3,4\n5\n", "line 3 has 1 field, the lines before it have 2"},
    {"table", "word.csv", "1,2\n3,x\n", "line 2, field 2: 'x' is not a number"},
    {"table", "quote.csv", "1,\"2\n3,4\n", "line "},
    {"table", "bytes.csv", std::string("\0\1\2\xff\xfe", 5), "is neither text nor a .npy file"},
    {"table", "cut.npy", npy(of_shape("<f4", "(3, 4)"), "1234"), "is cut off"},
    {"table", "huge.npy", npy(of_shape("<f4", "(4000000000, 4000000000)"), zeros), "is cut off"},
    {"table", "negative.npy", npy(of_shape("<f4", "(-3, 4)"), zeros), "has a damaged .npy header"},
    {"table", "objects.npy", npy(of_shape("|O", "(3, 4)"), zeros), "holds values of type '|O'"},
    {"table", "big_endian.npy", npy(of_shape(">f4", "(3, 4)"), zeros), "is big-endian (>f4); save it little-endian"},
    {"table", "long_header.npy", std::string("\x93NUMPY\x01\0\xff\xff{", 11), "is cut off"},
    {"table", "short.npy", "\x93NUM", "is not a .npy file"},
    {"table", "version.npy", std::string("\x93NUMPY\x09\0", 8) + more_zeros,
     "has .npy version 9; versions 1 to 3 are understood"},
    {"table", "damaged.npz", "PK\x03\x04" + std::string(40, '\xff'), "is damaged or cut off"},
    {"table", "cut.npz", std::string("PK\x03\x04\x14\0", 6), "is damaged or cut off"},
    {"table", "book.xlsx", "PK\x03\x04 xl", "is damaged or cut off"},
    {"table", "columns.parquet", "PAR1....PAR1", "is a Parquet file; save it as CSV"},
    {"samples", "columns.csv", "problem,answer\n1,a\n", "line 1: no column is named 'correct'"},
    {"samples", "mark.csv", "problem,answer,score,correct\n1,a,0.5,maybe\n", "line 2: correct is 'maybe'"},
    {"samples", "score.csv", "problem,answer,score,correct\n1,a,x,1\n", "line 2: the score 'x' is not a number"},
    {"samples", "twice.csv", "problem,problem,answer,score,correct\n1,1,a,0.5,1\n", "line 1: two columns are named 'problem'"},
    {"samples", "cut.jsonl", "{\"problem\": 1, \"answer\": \"a\", \"score\": 0.5, \"correct\": true}\n{\"problem\": 1, \"answ",
     "line 2: is not a JSON object"},
    {"samples", "array.jsonl", "[1,2,3]\n", "is a JSON array; JSON lines are read, one object a line"},
    {"samples", "deep.jsonl", std::string(100000, '['), "is a JSON array"},
    {"samples", "deep_value.jsonl", "{\"problem\": " + std::string(100000, '['), "line 1: is not a JSON object"},
    {"votes", "columns_of_votes.csv", "input,model\n1,2\n", "has neither the columns input, model and class"},
    {"votes", "again.csv", "input,model,class\n1,m,2\n1,m,3\n", "line 3: model 'm' votes twice on input '1'"},
    {"votes", "absent.csv", "input,model,class,label\n1,m,,1\n", "holds no votes"},
    {"votes", "flat.npy", npy(of_shape("<f4", "(3, 4)"), zeros), "holds 1 class; 2 to 100000 are needed"},
    {"ranks", "columns_of_ranks.csv", "a,b\n1,2\n", "holds 1 system, and a ranking needs two"},
    {"ranks", "winner.csv", "model_a,model_b,winner\nx,y,z\n", "line 2: 'z' in the column 'winner' is no outcome"},
    {"ranks", "self.csv", "model_a,model_b,winner\nx,x,model_a\n", "line 2: 'x' against itself"},
    {"ranks", "much.csv", "system,task,score\nx,t,much\n", "line 2: the score 'much' is not a number"},
    {"ranks", "judge.csv", "judge,item,score\nj,i,1\nj,i,2\n", "line 3: 'j' has marked 'i' already, on line 2"},
    {"experts", "columns_of_experts.csv", "a,b\n1,2\n", "line 1: no column is named 'outcome'"},
    {"experts", "forecast.csv", "time,outcome,a,b\n1,2,3,x\n", "line 2: the forecast 'x' is not a number"},
    {"cache --attention", "sums.npy", npy(of_shape("<f4", "(3, 4)"), zeros), "sums to 0: attention weights"},
    {"diff", "cut.json", "{\"a\": [1, 2", "is no result of --json"},
};

std::string const quantiles = "reference_date,target,output_type,output_type_id,value\n";
std::vector<broken> const hubs = {
    {"forecasts", "value", quantiles + "2020-01-01,t,quantile,0.5,abc\n", "line 2: the value 'abc' is not a number"},
    {"forecasts", "level", quantiles + "2020-01-01,t,quantile,1.5,2\n", "line 2: the level '1.5' is not between 0 and 1"},
    {"forecasts", "columns", "a,b\n1,2\n", "line 1: no column is named 'output_type_id'"},
};

// The one sentence, which names the file.
void check_refused(outcome const& found, std::string const& file, std::string const& sentence) {
  INFO(found.err);
  CHECK(found.code == 2);
  CHECK(found.out.empty());
  CHECK(found.err.starts_with("robagg-compare: "));
  CHECK(found.err.find(file) != std::string::npos);
  CHECK(found.err.find(sentence) != std::string::npos);
  CHECK(std::count(found.err.begin(), found.err.end(), '\n') == 1);
}

}  // namespace

TEST_CASE("broken files end in one sentence, exit code 2, and nothing written") {
  for (auto const& [command, name, content, sentence] : files) {
    folder const here;
    put(here / name, content);
    auto const file = quoted(here / name);
    auto const results = command == "diff" ? " " + file : " --json " + quoted(here / "result.json");
    check_refused(run(here, command + " " + file + results), name, sentence);
    CHECK(here.entries() == 1);
  }
}

TEST_CASE("broken hubs end in one sentence with file and line") {
  for (auto const& [command, name, content, sentence] : hubs) {
    folder const here;
    std::filesystem::create_directories(here / name / "model");
    put(here / name / "model" / "2020-01-01-model.csv", content);
    check_refused(run(here, command + " " + quoted(here / name)), "2020-01-01-model.csv", sentence);
  }
  folder const here;
  std::filesystem::create_directory(here / "nothing");
  check_refused(run(here, "forecasts " + quoted(here / "nothing")), "nothing", "holds no CSV files");
}

TEST_CASE("a full disk and a folder that may not be written to") {
  folder const here;
  put(here / "good.csv", "1,2\n3,4\n5,6\n");
  auto const table = "table " + quoted(here / "good.csv");
  if (std::filesystem::exists("/dev/full"))
    check_refused(run(here, table + " --csv /dev/full"), "/dev/full", "could not be written (is the disk full?)");
  auto const closed = here / "closed";
  std::filesystem::create_directory(closed);
  std::filesystem::permissions(closed, std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  bool const anyone = static_cast<bool>(std::ofstream(closed / "try"));  // an administrator may write everywhere
  if (!anyone) check_refused(run(here, table + " --csv " + quoted(closed / "a.csv")), "a.csv", "cannot be written");
  std::filesystem::permissions(closed, std::filesystem::perms::owner_all);
  check_refused(run(here, table + " --csv " + quoted(here / "absent" / "a.csv")), "a.csv", "cannot be written");
}
