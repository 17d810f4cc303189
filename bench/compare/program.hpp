// SPDX-License-Identifier: BSL-1.0
// The program as a library: a program of yours adds rules (rules.hpp) and runs it.
#pragma once

#include "rules.hpp"

#include <string>
#include <vector>

namespace robagg_compare {

/// robagg-compare with these arguments, as main: prints, and returns the exit code.
int run_program(int argc, char const* const* argv);

/// One command and its arguments, {"votes", "--json", "votes.json"}. Throws what it ends in.
void run_command(std::vector<std::string> const& arguments);

}  // namespace robagg_compare
