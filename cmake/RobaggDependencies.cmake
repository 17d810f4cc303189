# Every dependency is looked for on the machine first and fetched as a pinned release otherwise.
include(FetchContent)

# Only the library itself needs Eigen. Fetched, its headers are used as they are: its own CMake
# project would configure hundreds of tests.
macro(robagg_find_eigen)
  if(NOT TARGET Eigen3::Eigen)
    find_package(Eigen3 3.4...<6 CONFIG QUIET)   # 3.4.1 and 5 answer a range of versions
    if(NOT Eigen3_FOUND)
      find_package(Eigen3 3.4 CONFIG QUIET)      # 3.4.0 only a plain one
    endif()
    if(NOT Eigen3_FOUND)
      message(STATUS "robagg: Eigen not found, fetching 3.4.0")
      FetchContent_Declare(robagg_eigen
        GIT_REPOSITORY https://gitlab.com/libeigen/eigen.git GIT_TAG 3.4.0 GIT_SHALLOW ON
        SOURCE_SUBDIR headers-only)              # no such folder: fetched, not configured
      FetchContent_MakeAvailable(robagg_eigen)
      add_library(Eigen3::Eigen INTERFACE IMPORTED GLOBAL)
      target_include_directories(Eigen3::Eigen SYSTEM INTERFACE ${robagg_eigen_SOURCE_DIR})
    endif()
  endif()
endmacro()

# Warnings inside fetched headers are not ours. (CMake 3.24 has no SYSTEM here.)
if(CMAKE_VERSION VERSION_GREATER_EQUAL 3.25)
  set(robagg_system SYSTEM)
endif()

# robagg_find(<package> <target> <repository> <tag>): what tests and tools need.
macro(robagg_find package target repository tag)
  if(NOT TARGET ${target})
    find_package(${package} CONFIG QUIET)
    if(NOT ${package}_FOUND OR NOT TARGET ${target})
      message(STATUS "robagg: ${package} not found, fetching ${tag}")
      string(TOLOWER robagg_${package} robagg_content)
      FetchContent_Declare(${robagg_content} GIT_REPOSITORY ${repository} GIT_TAG ${tag} GIT_SHALLOW ON ${robagg_system})
      FetchContent_MakeAvailable(${robagg_content})
    endif()
  endif()
endmacro()

macro(robagg_find_fmt)
  robagg_find(fmt fmt::fmt https://github.com/fmtlib/fmt.git 11.0.2)
endmacro()
macro(robagg_find_json)
  robagg_find(nlohmann_json nlohmann_json::nlohmann_json https://github.com/nlohmann/json.git v3.11.3)
endmacro()
macro(robagg_find_cli11)
  robagg_find(CLI11 CLI11::CLI11 https://github.com/CLIUtils/CLI11.git v2.4.2)
endmacro()
macro(robagg_find_catch2)
  robagg_find(Catch2 Catch2::Catch2WithMain https://github.com/catchorg/Catch2.git v3.7.1)
endmacro()
macro(robagg_find_benchmark)
  set(BENCHMARK_ENABLE_TESTING OFF CACHE INTERNAL "for robagg")
  robagg_find(benchmark benchmark::benchmark https://github.com/google/benchmark.git v1.9.0)
endmacro()
