#include "base/cluster_options.hpp"

#include "base/config/schema.hpp"

#include <doctest/doctest.h>

namespace beamline {

namespace {

const std::string strong = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

struct cluster_schema {
  config::schema all;
  config::handle<cluster_options> cluster = all.add(cluster_section());

  [[nodiscard]] config::loaded load(const std::string& toml,
                                    std::map<std::string, std::string> environment = {}) const {
    return all.load({.texts = {{"t", toml}}, .environment = std::move(environment)});
  }
  [[nodiscard]] std::string problem(const std::string& toml) const {
    auto c = load(toml);
    return c.problems().empty() ? std::string{} : c.problems().front();
  }
};

const std::string enabled = "[cluster]\nenabled = true\ncookie = \"" + strong + "\"\n";
const std::string development = "[cluster]\nenabled = true\ncookie = \"beamline-development-cookie\"\n";

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("every key of [cluster] can be set, and stands in the options") {
  cluster_schema s;
  auto c = s.load(enabled + R"(
id = "blue"
bind = "::1"
port = 4401
advertise = "[::1]:4500"
cookie_id = "2"
cookie_file = "run/cookie"
credentials_dir = "run/credentials"
allow_weak_cookie = true
tls_certificate = "node.pem"
tls_key = "node.key"
tls_ca = "ca.pem"
allow_insecure = true
allow = ["a@b", "*@10.0.0.7", "accumulator@*", "*@::1"]
peers = ["10.0.0.7:4400", "[::1]:4400", "host.example.org:1"]
mesh = "all"
hidden = true
peers_max = 7
tick_time = "8s"
tick_intensity = 10
setup_time = "300ms"
lane_control_bytes_max = "64KiB"
lane_rpc_bytes_max = "1MiB"
lane_presence_bytes_max = "2MiB"
lane_broadcast_bytes_max = "3MiB"
message_bytes_max = "4MiB"
window_bytes = "128KiB"

[[cluster.cookies]]
id = "1"
file = "run/old-cookie"

[[cluster.peer_cookies]]
peer = "accumulator_1@10.0.0.7"
id = "pair"
secret = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

[[cluster.queries]]
dns = "_beamline._tcp.example.org"
role = "accumulator"
port = 4444
records = ["srv"]
)");
  REQUIRE_MESSAGE(c.ok(), c.problems().front());
  const auto& o = c.get(s.cluster);
  CHECK(o.id == "blue");
  CHECK(o.advertise == "[::1]:4500");
  CHECK(o.cookie_id == "2");
  CHECK(o.cookie_file == "run/cookie");
  CHECK(o.has_cookie());
  CHECK(o.has_tls());
  CHECK(o.allow.size() == 4);
  CHECK(o.mesh == cluster_mesh::all);
  CHECK(o.hidden);
  CHECK(o.peers_max == 7);
  CHECK(o.tick_time == 8s);
  CHECK(o.tick_intensity == 10);
  CHECK(o.setup_time == 300ms);
  CHECK(o.window_bytes.bytes == 128 * 1024);
  REQUIRE(o.cookies.size() == 1);
  CHECK(o.cookies[0].file == "run/old-cookie");
  REQUIRE(o.peer_cookies.size() == 1);
  CHECK(o.peer_cookies[0].id == "pair");
  REQUIRE(o.queries.size() == 1);
  CHECK(o.queries[0].port == 4444);
  CHECK(o.queries[0].records == std::vector<std::string>{"srv"});
  CHECK_FALSE(contains(dump(c), "fedcba98"));
}

TEST_CASE("the file of the cookie and the service manager's folder come from the environment") {
  cluster_schema s;
  auto c = s.load("", {{"BEAMLINE_COOKIE_FILE", "/run/c/cookie"}, {"CREDENTIALS_DIRECTORY", "/run/c"}});
  REQUIRE(c.ok());
  CHECK(c.get(s.cluster).cookie_file == "/run/c/cookie");
  CHECK(c.get(s.cluster).credentials_dir == "/run/c");
}

TEST_CASE("[cluster] refuses what cannot work, and says what would") {
  cluster_schema s;
  struct row {
    std::string toml;
    std::string problem;
  };
  const std::vector<row> matrix{
      {"advertise = \"host\"", "cluster.advertise is \"host\", expected an address and port"},
      {"id = \"a b\"", "cluster.id is \"a b\", expected letters, digits, - _ and ."},
      {"cookie_id = \"\"", "cluster.cookie_id is \"\", expected 1 to 64 of letters, digits, - _ and ."},
      {"allow = [\"@b\"]", "cluster.allow[1] is \"@b\", expected a node name, \"*@host\" or \"name@*\""},
      {"allow = [\"a*@b\"]", "cluster.allow[1] is \"a*@b\""},
      {"allow = [\"*@*\"]", "cluster.allow[1] is \"*@*\""},
      {"mesh = \"some\"", "cluster.mesh is \"some\", expected \"none\", \"role\" or \"all\""},
      {"tick_time = \"500ms\"", "cluster.tick_time is \"500ms\", expected a duration from 1s to 1h"},
      {"tick_intensity = 3", "cluster.tick_intensity is 3, expected a number from 4 to 1000"},
      {"setup_time = \"1h\"", "cluster.setup_time is \"1h\", expected a duration from 100ms to 5m"},
      {"peers_max = 0", "cluster.peers_max is 0, expected a number from 1 to 4096"},
      {"window_bytes = \"1KiB\"", "cluster.window_bytes is \"1KiB\", expected a size from 64KiB to 64MiB"},
      {"tls_key = \"k\"", "cluster.tls_certificate is missing; tls_certificate, tls_key and tls_ca are given together"},
      {"tls_certificate = \"c\"\ntls_key = \"k\"", "cluster.tls_ca is missing"},
      {"[[cluster.cookies]]\nid = \"2\"", "cluster.cookies[1] has no cookie; give it a file or a secret"},
      {"[[cluster.cookies]]\nid = \"2\"\nfile = \"f\"\nsecret = \"s\"",
       "cluster.cookies[1] has both a file and a secret"},
      {"[[cluster.cookies]]\nid = \"1\"\nfile = \"f\"",
       "cluster.cookies[1].id is \"1\", which another cookie has already"},
      {"[[cluster.cookies]]\nid = \"2\"\nsecret = \"weak\"", "cluster.cookies[1].secret can be guessed"},
      {"[[cluster.peer_cookies]]\npeer = \"a\"\nfile = \"f\"",
       "cluster.peer_cookies[1].peer is \"a\", expected a node name"},
      {"[[cluster.peer_cookies]]\npeer = \"a@b\"\nfile = \"f\"\n[[cluster.peer_cookies]]\npeer = \"a@b\"\nfile = \"g\"",
       "cluster.peer_cookies[2].peer is \"a@b\", which has a cookie already"},
  };
  for (const auto& one : matrix) {
    CAPTURE(one.toml);
    auto text = s.problem("[cluster]\n" + one.toml);
    CAPTURE(text);
    CHECK(contains(text, one.problem));
  }
}

TEST_CASE("DC7 the records of a query can be any of a, aaaa and srv") {
  cluster_schema s;
  for (const auto* records : {R"(["a"])", R"(["aaaa"])", R"(["srv"])", R"(["a", "srv"])", R"(["a", "aaaa", "srv"])"})
    CHECK(s.problem("[[cluster.queries]]\ndns = \"x\"\nrole = \"r\"\nrecords = " + std::string{records}).empty());
}

TEST_CASE("DC8 other records are refused with a message") {
  cluster_schema s;
  CHECK(contains(s.problem("[[cluster.queries]]\ndns = \"x\"\nrole = \"r\"\nrecords = [\"a\", \"mx\"]"),
                 "cluster.queries[1].records[2] is \"mx\", expected \"a\", \"aaaa\" or \"srv\""));
}

TEST_CASE("DC9 no records at all are refused with a message") {
  cluster_schema s;
  CHECK(contains(s.problem("[[cluster.queries]]\ndns = \"x\"\nrole = \"r\"\nrecords = []"),
                 "cluster.queries[1].records has 0 entries, expected 1 to 3"));
}

TEST_CASE("D25 a node that other machines can reach needs TLS, or the word that it does without") {
  cluster_schema s;
  for (const auto* bind : {"0.0.0.0", "::", "10.0.0.7", "2001:db8::1"}) {
    auto text = s.problem(enabled + "bind = \"" + bind + "\"");
    CHECK(contains(text, "t:4:8: cluster.bind is \"" + std::string{bind} + "\", which other machines can reach"));
    CHECK(contains(text, "operating/tls.md"));
    CHECK(s.problem(enabled + "allow_insecure = true\nbind = \"" + bind + "\"").empty());
    CHECK(s.problem(enabled + "tls_certificate = \"c\"\ntls_key = \"k\"\ntls_ca = \"a\"\nbind = \"" + bind + "\"")
              .empty());
  }
  for (const auto* bind : {"127.0.0.1", "127.8.8.8", "::1"})
    CHECK(s.problem(enabled + "bind = \"" + bind + "\"").empty());
  CHECK(s.problem("[cluster]\nbind = \"::\"").empty());  // It does not link to anybody.
}

TEST_CASE("D25 a node that dials other machines needs TLS, or the word that it does without, whatever its bind") {
  cluster_schema s;
  struct place {
    std::string text, says;
  };
  for (const auto& p :
       {place{"peers = [\"127.0.0.1:1\", \"10.0.0.7:1\"]", "t:4:9: cluster.peers has \"10.0.0.7:1\", which is not on"},
        place{"peers = [\"blog.internal:1\"]", "cluster.peers has \"blog.internal:1\", which is not on"},
        place{"remote_dns = [\"ignore\", \"blog.internal\"]",
              "cluster.remote_dns has \"blog.internal\", which is not on"},
        place{"[[cluster.queries]]\ndns = \"blog.internal\"\nrole = \"blog\"",
              "cluster.queries has \"blog.internal\""}}) {
    auto text = s.problem(enabled + p.text);
    CHECK_MESSAGE(contains(text, p.says), text);
    CHECK(contains(text, "operating/tls.md"));
    CHECK(s.problem(enabled + "allow_insecure = true\n" + p.text).empty());
    CHECK(s.problem(enabled + "tls_certificate = \"c\"\ntls_key = \"k\"\ntls_ca = \"a\"\n" + p.text).empty());
  }
  for (const auto* fine : {"peers = [\"127.0.0.1:1\", \"[::1]:1\", \"localhost:1\"]", "remote_dns = [\"ignore\"]",
                           "remote_dns = [\"blog.localhost\"]"}) {
    CHECK(s.problem(enabled + fine).empty());
    CHECK(s.problem(development + fine).empty());
  }
}

TEST_CASE("the development cookie is refused as soon as anything but this machine is meant") {
  cluster_schema s;
  CHECK(s.problem(development).empty());
  CHECK(s.problem(development + "peers = [\"127.0.0.1:1\", \"[::1]:1\", \"localhost:1\"]").empty());
  CHECK(s.problem(development + "remote_dns = [\"blog.localhost\"]").empty());
  for (const auto* more :
       {"bind = \"10.0.0.7\"\nallow_insecure = true", "peers = [\"127.0.0.1:1\", \"10.0.0.7:1\"]",
        "peers = [\"localhost.example.org:1\"]", "allow_insecure = true\nremote_dns = [\"blog.internal\"]",
        "[[cluster.queries]]\ndns = \"blog.internal\"\nrole = \"blog\""}) {
    CAPTURE(std::string{more});
    auto text = s.problem(development + more);
    CHECK(contains(text, "t:3:10: cluster.cookie is the development cookie, which everybody knows"));
    CHECK(contains(text, "beamline cookie new"));
  }
  SUBCASE("not if a file goes before it") {
    CHECK(s.problem(development + "cookie_file = \"f\"\nallow_insecure = true\nremote_dns = [\"blog.internal\"]")
              .empty());
  }
}

TEST_CASE("a cookie is judged by its length and letters") {
  CHECK(cookie_bits("") == 0);
  CHECK(cookie_bits(strong) == 256);
  CHECK(cookie_bits(std::string(64, 'c')) == 64);
  CHECK(cookie_bits("0123456789") == 33);
  CHECK(cookie_bits("correct horse") < cookie_bits_min);
  CHECK(cookie_bits("correct horse battery staple") >= cookie_bits_min);
  CHECK(cookie_bits(development_cookie) >= cookie_bits_min);
  cluster_schema s;
  CHECK(contains(s.problem("[cluster]\ncookie = \"correct horse\""), "cluster.cookie can be guessed"));
  CHECK(s.problem("[cluster]\nallow_weak_cookie = true\ncookie = \"correct horse\"").empty());
}

TEST_CASE("loopback is 127.0.0.0/8, ::1, localhost and what is below it") {
  for (const auto* host :
       {"127.0.0.1", "127.255.0.1", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "localhost", "a.localhost"})
    CHECK_MESSAGE(is_loopback_host(host), host);
  for (const auto* host :
       {"128.0.0.1", "10.0.0.1", "0.0.0.0", "::", "::2", "127.example.org", "localhost.org", "mylocalhost", ""})
    CHECK_MESSAGE(!is_loopback_host(host), host);
}

}  // namespace beamline
