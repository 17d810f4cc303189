# One consumer: cmake -D way=... -P run.cmake. Works on a copy of the sources in a fresh git repository,
# so that uncommitted changes are tested too.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "failed: ${ARGN}")
  endif()
endfunction()

file(REMOVE_RECURSE ${work})
file(MAKE_DIRECTORY ${work})
set(library ${work}/robagg)
file(COPY ${source}/include ${source}/cmake ${source}/CMakeLists.txt ${source}/LICENSE DESTINATION ${library})
set(options -G ${generator} -D CMAKE_CXX_COMPILER=${compiler} -D CMAKE_FIND_USE_PACKAGE_REGISTRY=OFF -D way=${way})
if(eigen_dir)
  list(APPEND options -D Eigen3_DIR=${eigen_dir})
endif()

if(way STREQUAL "fetch_content")
  run(git -C ${library} init -q)
  run(git -C ${library} add -A)
  run(git -C ${library} -c user.name=test -c user.email=test@example.org commit -qm test)
  list(APPEND options -D repository=file://${library})
elseif(way STREQUAL "find_package" OR way MATCHES "wrong_")
  run(${CMAKE_COMMAND} -S ${library} -B ${work}/library ${options} -D ROBAGG_BUILD_TESTS=OFF -D ROBAGG_BUILD_EXAMPLES=OFF
    -D ROBAGG_BUILD_COMPARE=OFF -D CMAKE_INSTALL_PREFIX=${work}/installed)
  run(${CMAKE_COMMAND} --install ${work}/library)
  list(APPEND options -D robagg_ROOT=${work}/installed)
elseif(way STREQUAL "kernels")
  # What this build has made, with robagg::kernels.
  run(${CMAKE_COMMAND} --install ${binary} --prefix ${work}/installed)
  list(APPEND options -D robagg_ROOT=${work}/installed)
elseif(way STREQUAL "fetched_eigen")
  # As on a machine without Eigen: the headers come from FetchContent, here from a folder.
  list(APPEND options -D CMAKE_DISABLE_FIND_PACKAGE_Eigen3=ON -D FETCHCONTENT_SOURCE_DIR_ROBAGG_EIGEN=${eigen_headers})
endif()

run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/use -B ${work}/build ${options} -D library=${library})
run(${CMAKE_COMMAND} --build ${work}/build)
run(${work}/build/use)
