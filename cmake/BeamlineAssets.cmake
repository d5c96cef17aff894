# beamline_assets(<target> FROM folder INTO folder): bundled browser code, made again when a source changes.
#
#   beamline_assets(assets FROM "${PROJECT_SOURCE_DIR}/assets" INTO "${CMAKE_BINARY_DIR}/assets")
#
# The folder has app.js and app.css; what several sites share is in assets/, see assets/build.mjs. Needs Node.js >= 18.20
# and the packages of assets/package-lock.json when it is built, not before; `scripts/setup run` provides both. It is not
# part of `all`, so a machine without Node.js builds and tests everything but the pages.
function(beamline_assets target)
  cmake_parse_arguments(arg "" "FROM;INTO" "" ${ARGN})
  # Globbed, so that a new module needs no mention here; the build asks again each time.
  set(patterns "")
  foreach(folder "${arg_FROM}" "${PROJECT_SOURCE_DIR}/assets")
    list(APPEND patterns "${folder}/*.css" "${folder}/*.js" "${folder}/hooks/*.js")
  endforeach()
  file(GLOB sources CONFIGURE_DEPENDS ${patterns}
    "${PROJECT_SOURCE_DIR}/assets/build.mjs" "${PROJECT_SOURCE_DIR}/assets/package-lock.json")
  add_custom_command(
    OUTPUT "${arg_INTO}/manifest.json"
    COMMAND node "${PROJECT_SOURCE_DIR}/assets/build.mjs" "${arg_INTO}" --from "${arg_FROM}" "$<$<CONFIG:Debug>:--dev>"
    DEPENDS ${sources}
    COMMENT "Bundling ${target}"
    COMMAND_EXPAND_LISTS
    VERBATIM)
  add_custom_target(${target} DEPENDS "${arg_INTO}/manifest.json")
endfunction()

# The blog's.
beamline_assets(assets FROM "${PROJECT_SOURCE_DIR}/assets" INTO "${CMAKE_BINARY_DIR}/assets")
