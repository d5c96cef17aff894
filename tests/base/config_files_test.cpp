#include "base/cluster_options.hpp"
#include "base/config/schema.hpp"
#include "base/log_options.hpp"
#include "base/node_options.hpp"
#include "support/source_dir.hpp"

#include <doctest/doctest.h>

namespace beamline {

namespace {

namespace fs = std::filesystem;

const fs::path root{testing::source_dir()};

/// The sections that live in base. Those of other areas are tested where they are declared.
struct base_sections {
  config::schema all;
  config::handle<node_options> node = all.add(node_section());
  config::handle<log_options> log = all.add(log_section());
  config::handle<cluster_options> cluster = all.add(cluster_section());

  base_sections() {
    for (const auto* other : {"web", "store", "event_horizon", "accumulator"})
      all.ignore(other);
  }

  [[nodiscard]] config::loaded load(const std::vector<std::string>& names,
                                    std::map<std::string, std::string> environment = {}) const {
    config::sources from{.environment = std::move(environment)};
    for (const auto& name : names)
      from.files.push_back(root / "config" / (name + ".toml"));
    return all.load(from);
  }
};

}  // namespace

TEST_CASE("the configuration files of the repository load for every role in development") {
  base_sections s;
  for (const auto* role : {"event_horizon", "accumulator"}) {
    auto c = s.load({"base", "dev", role});
    REQUIRE_MESSAGE(c.ok(), c.problems().front());
    CHECK(c.warnings().empty());
    CHECK(c.get(s.node).role == role);
    CHECK(c.get(s.node).applications == std::vector<std::string>{role});
    CHECK_FALSE(c.get(s.cluster).enabled);
    CHECK(c.get(s.log).level == log_level::debug);
  }
}

TEST_CASE("the production configuration starts with secrets and says which one is missing") {
  base_sections s;
  const std::string cookie = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  const std::map<std::string, std::string> secrets{{"BEAMLINE_COOKIE", cookie},
                                                   {"BEAMLINE_SECRET", std::string(64, 's')}};
  auto c = s.load({"base", "prod", "accumulator"}, secrets);
  REQUIRE_MESSAGE(c.ok(), c.problems().front());
  const auto& cluster = c.get(s.cluster);
  CHECK(cluster.enabled);
  REQUIRE(cluster.queries.size() == 2);
  CHECK(cluster.queries[0].role == "event_horizon");
  CHECK(cluster.queries[1].dns == "accumulator.internal");
  CHECK(c.get(s.log).format == log_format::json_lines);
  CHECK(cluster.has_tls());
  CHECK(dump(c).find(cookie) == std::string::npos);

  auto missing = s.load({"base", "prod", "accumulator"});
  REQUIRE(missing.problems().size() == 1);
  CHECK(missing.problems().front()
        == "cluster.cookie has no value although cluster.enabled is true; make one with `beamline cookie new --file "
           "PATH`, give every node a copy and its path in BEAMLINE_COOKIE_FILE (or the cookie itself in "
           "BEAMLINE_COOKIE)");
  CHECK(s.load({"base", "prod", "accumulator"}, {{"BEAMLINE_COOKIE_FILE", "run/cookie"}}).ok());
}

TEST_CASE("the sections of base refuse what cannot work") {
  base_sections s;
  struct row {
    const char* toml;
    const char* problem;
  };
  const std::vector<row> matrix{
      {"[node]\nrole = \"Event Horizon\"", R"(t:2:8: node.role is "Event Horizon", expected a word of a-z, 0-9 and _)"},
      {"[node]\napplications = [\"blog\", \"Blog\"]",
       R"(t:2:25: node.applications[2] is "Blog", expected a word of a-z, 0-9 and _)"},
      {"[node]\nsecret = \"short\"",
       "t:2:10: node.secret is (secret), expected at least 32 bytes, best from a random generator (openssl rand "
       "-hex 32)"},
      {"[node]\nprivate_ip = \"10.0.0.256\"",
       R"(t:2:14: node.private_ip is "10.0.0.256", expected an IPv4 or IPv6 address)"},
      {"[cluster]\ncookie = \"short\"",
       "t:2:10: cluster.cookie can be guessed: its length and letters make 16 bits at best, and 128 are needed; make "
       "one "
       "with `beamline cookie new`, or set cluster.allow_weak_cookie for an experiment"},
      {"[cluster]\npeers = [\"b:1\", \"a\"]",
       R"(t:2:17: cluster.peers[2] is "a", expected an address and port such as "10.0.0.7:4400" or "[::1]:4400")"},
      {"[cluster]\nbind = \"localhost\"",
       R"(t:2:8: cluster.bind is "localhost", expected an address of this machine such as "127.0.0.1" or "::1")"},
      {"[[cluster.queries]]\ndns = \"a b\"\nrole = \"x\"",
       R"(t:2:7: cluster.queries[1].dns is "a b", expected a DNS name such as "accumulator.internal")"},
      {"[[cluster.queries]]\ndns = \"a\"",
       "t:1:1: cluster.queries[1].role is missing, expected letters, digits, - and _"},
      {"[log]\nlevel = \"warning\"",
       R"(t:2:9: log.level is "warning", expected "trace", "debug", "info", "warn", "error", "critical" or "off")"
       R"(; did you mean "warn"?)"},
      {"[log.areas]\nweb = \"debgu\"",
       R"(t:2:7: log.areas.web is "debgu", expected "trace", "debug", "info", "warn", "error", "critical" or )"
       R"("off"; did you mean "debug"?)"},
  };
  for (const auto& one : matrix) {
    CAPTURE(std::string{one.toml});
    auto c = s.all.load({.texts = {{"t", one.toml}}});
    REQUIRE(c.problems().size() == 1);
    CHECK(c.problems().front() == one.problem);
  }
}

}  // namespace beamline
