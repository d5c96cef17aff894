# beamline_templates(<target> FILES a.heex b.heex): compiles templates into a target.
#
#   beamline_templates(beamline_shop views/cart.heex)
#
# makes <build>/templates/apps/shop/views/cart.heex.{hpp,cpp}; the code includes it as it would a header beside the
# template: `#include "apps/shop/views/cart.heex.hpp"`. A changed template costs one run of beamline_heex and the build
# of one small file: a header that comes out as before is left alone. A template may itself be made by the build, below
# <build>/templates; it is included from there.
function(beamline_templates target)
  cmake_parse_arguments(arg "" "" "FILES" ${ARGN})
  set(out "${PROJECT_BINARY_DIR}/templates")
  foreach(file ${arg_FILES} ${arg_UNPARSED_ARGUMENTS})
    cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE OUTPUT_VARIABLE path)
    file(RELATIVE_PATH name "${PROJECT_SOURCE_DIR}" "${path}")
    # Included like other files of src/, tests/ and examples/.
    string(REGEX REPLACE "^(src|tests|examples)/" "" include "${name}")
    cmake_path(IS_PREFIX out "${path}" NORMALIZE is_made)
    if(is_made)  # By another command, beside what is made of it.
      file(RELATIVE_PATH include "${out}" "${path}")
      set(name "${include}")
    endif()
    cmake_path(GET include PARENT_PATH folder)
    file(MAKE_DIRECTORY "${out}/${folder}")
    add_custom_command(
      OUTPUT "${out}/${include}.hpp" "${out}/${include}.cpp"
      COMMAND beamline_heex compile "${path}"
              --name "${name}" --include "${include}.hpp" --header "${out}/${include}.hpp" --source "${out}/${include}.cpp"
      DEPENDS "${path}" beamline_heex
      COMMENT "Compiling template ${name}"
      VERBATIM)
    target_sources(${target} PRIVATE "${out}/${include}.hpp" "${out}/${include}.cpp")
  endforeach()
  target_include_directories(${target} PUBLIC "${out}")
  target_link_libraries(${target} PUBLIC beamline_live)
endfunction()
