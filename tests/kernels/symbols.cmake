# The object of a set: one global symbol, and none that is weak or unique. `nm`, `object`.
execute_process(COMMAND ${nm} --defined-only ${object} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[0-9a-f]+ [A-Zuvw] [^\n]+" global "${symbols}")
list(LENGTH global count)
if(NOT count EQUAL 1 OR NOT global MATCHES "robagg8dispatch2v1")
  message(FATAL_ERROR "${count} symbols of ${object} are not local:\n${global}")
endif()
