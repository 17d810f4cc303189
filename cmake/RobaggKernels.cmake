# robagg::kernels: the kernels of include/robagg/detail/compiled, once for each set of instructions. Each set is one relocatable
# object in which every symbol but its table is local: plainly linked, the weak templates of std:: and Eigen that a set for newer
# machines was compiled with would replace those of the whole program.

set(ROBAGG_KERNEL_SETS "baseline;avx2;avx512" CACHE STRING
  "Sets of instructions of robagg::kernels: baseline, avx2 (x86-64-v3) and avx512 (x86-64-v4), or native: the one of them that fits this machine")
set(ROBAGG_KERNEL_SCALARS "float;double" CACHE STRING "Numbers of robagg::kernels: float (with half and bfloat16) and double")

if(NOT CMAKE_SYSTEM_NAME STREQUAL "Linux" OR NOT CMAKE_OBJCOPY OR NOT CMAKE_LINKER)
  message(FATAL_ERROR "robagg: robagg::kernels needs GNU ld and objcopy, which make symbols of an object local; the headers alone need neither")
endif()
execute_process(COMMAND ${CMAKE_LINKER} --help OUTPUT_VARIABLE robagg_linker ERROR_QUIET)
if(NOT robagg_linker MATCHES "--force-group-allocation")
  message(FATAL_ERROR "robagg: robagg::kernels needs a linker with --force-group-allocation (GNU ld 2.29 or newer), not ${CMAKE_LINKER}")
endif()

set(robagg_sets ${ROBAGG_KERNEL_SETS})
if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64|amd64")
  set(robagg_sets baseline)
elseif(robagg_sets STREQUAL "native")
  include(CheckCXXSourceCompiles)
  set(CMAKE_REQUIRED_FLAGS -march=native)
  check_cxx_source_compiles("#if !defined(__AVX512BW__) || !defined(__AVX512VL__) || !defined(__AVX512DQ__) || !defined(__AVX512CD__)\n#error none\n#endif\nint main() {}" ROBAGG_NATIVE_AVX512)
  check_cxx_source_compiles("#if !defined(__AVX2__) || !defined(__FMA__) || !defined(__F16C__) || !defined(__BMI2__)\n#error none\n#endif\nint main() {}" ROBAGG_NATIVE_AVX2)
  unset(CMAKE_REQUIRED_FLAGS)
  set(robagg_sets baseline)
  if(ROBAGG_NATIVE_AVX512)
    set(robagg_sets avx512)
  elseif(ROBAGG_NATIVE_AVX2)
    set(robagg_sets avx2)
  endif()
endif()

set(robagg_baseline_flags "")
set(robagg_avx2_flags -march=x86-64-v3)
set(robagg_avx512_flags -march=x86-64-v4)
set(robagg_compiled ${CMAKE_CURRENT_SOURCE_DIR}/include/robagg/detail/compiled)
set(robagg_kernel_objects "")

# An object of some of the set's kernels, from `source`.
function(robagg_add_kernels target set source)
  add_library(${target} OBJECT ${robagg_compiled}/${source})
  target_link_libraries(${target} PRIVATE robagg::robagg)
  target_compile_definitions(${target} PRIVATE ROBAGG_COMPILES_KERNELS=${set} NDEBUG ${ARGN})
  # Optimised in every build: nobody steps through them.
  target_compile_options(${target} PRIVATE -O2 ${robagg_${set}_flags} $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")  # a sixth less time, for 1.3 GB
    target_compile_options(${target} PRIVATE --param=ggc-min-heapsize=1000000 --param=ggc-min-expand=200)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized -Wno-uninitialized)  # GCC bug 105593
  endif()
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
endfunction()

foreach(set IN LISTS robagg_sets)
  if(NOT DEFINED robagg_${set}_flags)
    message(FATAL_ERROR "robagg: ROBAGG_KERNEL_SETS names '${set}'; there are baseline, avx2, avx512 and native")
  endif()
  set(scalars "")
  set(parts "")
  foreach(scalar IN LISTS ROBAGG_KERNEL_SCALARS)
    if(NOT scalar MATCHES "^(float|double)$")
      message(FATAL_ERROR "robagg: ROBAGG_KERNEL_SCALARS names '${scalar}'; there are float and double")
    endif()
    string(TOUPPER ROBAGG_COMPILES_${scalar} has_scalar)
    list(APPEND scalars ${has_scalar})
    robagg_add_kernels(robagg_kernels_${set}_${scalar} ${set} kernels.cpp ROBAGG_COMPILES_FOR=${scalar})
    list(APPEND parts $<TARGET_OBJECTS:robagg_kernels_${set}_${scalar}>)
  endforeach()
  robagg_add_kernels(robagg_kernels_${set} ${set} set.cpp ${scalars})
  list(APPEND parts $<TARGET_OBJECTS:robagg_kernels_${set}>)
  # robagg::dispatch::v1::<set>
  string(LENGTH ${set} length)
  set(object ${CMAKE_CURRENT_BINARY_DIR}/robagg_${set}.o)
  add_custom_command(OUTPUT ${object}
    COMMAND ${CMAKE_LINKER} -r --force-group-allocation ${parts} -o ${object}
    COMMAND ${CMAKE_OBJCOPY} --keep-global-symbol=_ZN6robagg8dispatch2v1${length}${set}E ${object}
    DEPENDS ${parts} COMMAND_EXPAND_LISTS VERBATIM COMMENT "Kernels of ${set}: their symbols made local")
  list(APPEND robagg_kernel_objects ${object})
  string(TOUPPER ROBAGG_HAS_${set} has_set)
  list(APPEND robagg_has_sets ${has_set})
endforeach()

set(robagg_kernels_files ${robagg_compiled}/choose.cpp ${robagg_kernel_objects})
if("float" IN_LIST ROBAGG_KERNEL_SCALARS AND "double" IN_LIST ROBAGG_KERNEL_SCALARS)
  list(APPEND robagg_kernels_files ${robagg_compiled}/rules.cpp)
endif()
add_library(robagg_kernels ${robagg_kernels_files})
add_library(robagg::kernels ALIAS robagg_kernels)
set_target_properties(robagg_kernels PROPERTIES EXPORT_NAME kernels VERSION ${PROJECT_VERSION} POSITION_INDEPENDENT_CODE ON)
set_source_files_properties(${robagg_kernel_objects} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
target_link_libraries(robagg_kernels PUBLIC robagg)
target_compile_definitions(robagg_kernels PRIVATE ${robagg_has_sets})
foreach(scalar IN LISTS ROBAGG_KERNEL_SCALARS)
  string(TOUPPER ROBAGG_KERNELS_${scalar} has_scalar)
  target_compile_definitions(robagg_kernels PUBLIC ${has_scalar})
endforeach()

# robagg::catalogue: operators by name, compiled once as well.
add_library(robagg_catalogue EXCLUDE_FROM_ALL ${robagg_compiled}/catalogue.cpp)
add_library(robagg::catalogue ALIAS robagg_catalogue)
set_target_properties(robagg_catalogue PROPERTIES EXPORT_NAME catalogue VERSION ${PROJECT_VERSION} POSITION_INDEPENDENT_CODE ON)
target_link_libraries(robagg_catalogue PUBLIC robagg_kernels)
target_compile_definitions(robagg_catalogue PUBLIC ROBAGG_COMPILED_CATALOGUE)
foreach(compiled robagg_kernels robagg_catalogue)
  target_compile_options(${compiled} PRIVATE -O2)
endforeach()
