# Compiles WebAssembly modules as part of a CMake build:
#
#   include(path/to/wamrc.cmake)
#   wamrc_add_aot(app INPUT app.wasm OUTPUT app.aot OPTIONS --target=cortex-m4f --opt-level=2)
#   add_dependencies(firmware app)
#
# makes a target that is part of `all`. INPUT is relative to the source folder, OUTPUT to the binary folder. The file is made
# again when the module, a response file among the options, or the compiler changes. The path of OUTPUT is the target's
# property WAMRC_OUTPUT. The compiler is WAMRC_PROGRAM, else `wamrc` of the search path.

cmake_minimum_required(VERSION 3.20)

find_program(WAMRC_PROGRAM wamrc DOC "The WebAssembly compiler")

function(wamrc_add_aot target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "INPUT;OUTPUT" "OPTIONS")
  if(NOT arg_INPUT OR NOT arg_OUTPUT OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "wamrc_add_aot(TARGET INPUT FILE.wasm OUTPUT FILE.aot [OPTIONS OPTION...])")
  endif()
  if(NOT WAMRC_PROGRAM)
    message(FATAL_ERROR "wamrc_add_aot: wamrc is not in the search path; set WAMRC_PROGRAM")
  endif()
  get_filename_component(input "${arg_INPUT}" ABSOLUTE)
  get_filename_component(output "${arg_OUTPUT}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_BINARY_DIR}")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND "${WAMRC_PROGRAM}" ${arg_OPTIONS} "--emit-depfile=${output}.d" -o "${output}" "${input}"
    DEPENDS "${input}" "${WAMRC_PROGRAM}"
    DEPFILE "${output}.d"
    COMMENT "Compiling ${arg_INPUT}"
    VERBATIM)
  add_custom_target(${target} ALL DEPENDS "${output}")
  set_target_properties(${target} PROPERTIES WAMRC_OUTPUT "${output}")
endfunction()
