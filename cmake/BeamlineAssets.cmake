# Target `assets`: the bundled browser code in ${CMAKE_BINARY_DIR}/assets, made again when a source changes.
#
# Needs Node.js >= 18.20 and the packages of assets/package-lock.json when it is built, not before; `scripts/setup run`
# provides both. It is not part of `all`, so a machine without Node.js builds and tests everything but the pages.

# Globbed, so that a new hook module needs no mention here; the build asks again each time.
file(GLOB BEAMLINE_ASSET_SOURCES CONFIGURE_DEPENDS
  "${PROJECT_SOURCE_DIR}/assets/*.css"
  "${PROJECT_SOURCE_DIR}/assets/*.js"
  "${PROJECT_SOURCE_DIR}/assets/*.mjs"
  "${PROJECT_SOURCE_DIR}/assets/hooks/*.js"
  "${PROJECT_SOURCE_DIR}/assets/package-lock.json")

add_custom_command(
  OUTPUT "${CMAKE_BINARY_DIR}/assets/manifest.json"
  COMMAND node "${PROJECT_SOURCE_DIR}/assets/build.mjs" "${CMAKE_BINARY_DIR}/assets" "$<$<CONFIG:Debug>:--dev>"
  DEPENDS ${BEAMLINE_ASSET_SOURCES}
  COMMENT "Bundling assets"
  COMMAND_EXPAND_LISTS
  VERBATIM)
add_custom_target(assets DEPENDS "${CMAKE_BINARY_DIR}/assets/manifest.json")
