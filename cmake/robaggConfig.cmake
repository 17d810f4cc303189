include(CMakeFindDependencyMacro)
# Eigen 3.4.1 and 5 answer a range of versions, 3.4.0 only a plain one.
if(NOT TARGET Eigen3::Eigen)
  find_package(Eigen3 3.4...<6 CONFIG QUIET)
  if(NOT Eigen3_FOUND)
    find_dependency(Eigen3 3.4 CONFIG)
  endif()
endif()
include(${CMAKE_CURRENT_LIST_DIR}/robaggTargets.cmake)
