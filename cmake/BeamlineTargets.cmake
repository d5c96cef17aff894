# One library and one test binary per folder, all built alike.
#
#   beamline_library(base SOURCES a.cpp b.cpp DEPS fmt::fmt)   -> beamline_base
#   beamline_test(base SOURCES a_test.cpp DEPS beamline_base)  -> test_base, CTest "base"
#   SIMULATED links the simulator's guard and entry point; LABELS adds to CTest's label "unit".

add_library(beamline_options INTERFACE)
target_include_directories(beamline_options INTERFACE "${PROJECT_SOURCE_DIR}/src")
target_compile_options(beamline_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wconversion -Wno-sign-conversion -Werror
  -fdiagnostics-color=always)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sees overlapping copies in every `"text" + std::string` it inlines.
  target_compile_options(beamline_options INTERFACE -Wno-restrict)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # clang 14 does not see that a template's lambda calls members of `this`.
  target_compile_options(beamline_options INTERFACE -Wno-unused-lambda-capture)
endif()
if(BEAMLINE_SANITIZE)
  # UBSan's null check trips over CAF's own headers when an actor is spawned without arguments.
  target_compile_options(beamline_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize=null -fno-sanitize-recover=all -fno-omit-frame-pointer)
  # What the sanitizers add makes g++ see uninitialised parts in every variant that is moved.
  target_compile_options(beamline_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(beamline_options INTERFACE -fsanitize=address,undefined -fno-sanitize=null)
endif()

function(beamline_library area)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  add_library(beamline_${area} STATIC ${arg_SOURCES})
  target_link_libraries(beamline_${area} PUBLIC beamline_options ${arg_DEPS})
endfunction()

# Sources in which bugs are planted for the simulator to find, see src/base/planted.hpp: with the tests only.
function(beamline_planted)
  if(BEAMLINE_TESTS)
    set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_DEFINITIONS BEAMLINE_PLANTED_BUGS)
  endif()
endfunction()

function(beamline_test area)
  cmake_parse_arguments(arg "SIMULATED" "" "SOURCES;DEPS;LABELS" ${ARGN})
  # Tests that simulate have an entry point with options of their own: --seed, --until, --jobs ...
  add_executable(test_${area} ${arg_SOURCES})
  if(arg_SIMULATED)
    target_link_libraries(test_${area} PRIVATE beamline_testing_main)
  else()
    target_link_libraries(test_${area} PRIVATE test_main)
  endif()
  target_include_directories(test_${area} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  target_link_libraries(test_${area} PRIVATE beamline_options test_source_dir ${arg_DEPS})
  add_test(NAME ${area} COMMAND test_${area})
  set_tests_properties(${area} PROPERTIES LABELS "unit;${arg_LABELS}" TIMEOUT 300)
  # The guard and the sanitizers define the same symbols.
  if(arg_SIMULATED AND NOT BEAMLINE_SANITIZE)
    target_link_libraries(test_${area} PRIVATE beamline_guard)
  endif()
endfunction()
