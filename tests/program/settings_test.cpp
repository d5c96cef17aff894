#include "program/settings.hpp"

#include "support/source_dir.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace beamline;

namespace {

const std::filesystem::path root{testing::source_dir()};

/// What a node of the role runs with.
config::loaded committed(const program::settings_schema& schema, const std::string& where, const std::string& role) {
  config::sources from;
  for (const auto& file : {std::string{"base"}, where, role})
    from.files.push_back(root / "config" / (file + ".toml"));
  from.environment["BEAMLINE_COOKIE"] = "0123456789abcdef0123456789abcdef";
  from.environment["BEAMLINE_SECRET"] = "0123456789abcdef0123456789abcdef";
  return schema.all().load(from);
}

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
      auto loaded = committed(schema, where, role);
      for (const auto& problem : loaded.problems())
        FAIL_CHECK(problem);
      REQUIRE(loaded.ok());
      CHECK(loaded.get(schema.node).role == role);
    }
}

TEST_CASE("in production every role is looked for on the port it listens on") {
  program::settings_schema schema;
  for (const char* seeker : {"event_horizon", "accumulator"}) {
    const auto own = committed(schema, "prod", seeker);
    const auto& cluster = own.get(schema.cluster);
    REQUIRE(cluster.queries.size() == 2);
    for (const auto& query : cluster.queries) {
      const auto port = query.port == 0 ? cluster.port : query.port;  // As discovery does.
      const auto sought = committed(schema, "prod", query.role);
      CHECK_MESSAGE(port == sought.get(schema.cluster).port, seeker, " looks for ", query.role);
    }
  }
}
