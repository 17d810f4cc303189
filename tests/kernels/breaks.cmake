# A program that stops with an illegal instruction: `emulator`, `program`.
execute_process(COMMAND ${emulator} -cpu Nehalem ${program} RESULT_VARIABLE result OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(NOT "${result} ${said}" MATCHES "[Ii]llegal instruction")
  message(FATAL_ERROR "it ran: ${result} ${said}")
endif()
