# Writes commit.hpp into `to`: the commit of the sources in `source`, if they are in git. Nothing is written where nothing changed.
cmake_minimum_required(VERSION 3.24)
set(commit "not known")
find_package(Git QUIET)
if(GIT_FOUND)
  execute_process(COMMAND ${GIT_EXECUTABLE} -C ${source} describe --always --dirty --abbrev=12 --exclude=*
    OUTPUT_VARIABLE said OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(NOT failed)
    set(commit "${said}")
  endif()
endif()
file(CONFIGURE OUTPUT ${to}/commit.hpp CONTENT "#define ROBAGG_COMMIT \"@commit@\"\n" @ONLY)
