#include "program/settings.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace beamline;

namespace {

const std::filesystem::path root{BEAMLINE_SOURCE_DIR};

}  // namespace

TEST_CASE("docs/configuration.md ends with the table of all keys, as `beamline config-keys` prints it") {
  std::ifstream in{root / "docs" / "configuration.md"};
  std::stringstream page;
  page << in.rdbuf();
  auto keys = config::describe(program::settings_schema{}.all());
  while (keys.ends_with('\n'))
    keys.pop_back();
  CHECK_MESSAGE(page.str().ends_with(keys + "\n"), "replace the end of docs/configuration.md by its output");
}

TEST_CASE(
    "the committed configuration is complete and free of mistakes, for each role, in development and production") {
  program::settings_schema schema;
  for (const char* where : {"dev", "prod"})
    for (const char* role : {"event_horizon", "accumulator"}) {
      config::sources from;
      for (const char* file : {"base", where, role})
        from.files.push_back(root / "config" / (std::string{file} + ".toml"));
      from.environment["BEAMLINE_COOKIE"] = "0123456789abcdef0123456789abcdef";
      from.environment["BEAMLINE_SECRET"] = "0123456789abcdef0123456789abcdef";
      auto loaded = schema.all().load(from);
      for (const auto& problem : loaded.problems())
        FAIL_CHECK(problem);
      REQUIRE(loaded.ok());
      CHECK(loaded.get(schema.node).role == role);
    }
}
