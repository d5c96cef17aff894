#include "net/cluster_settings.hpp"

#include "base/config/schema.hpp"
#include "net/auth/cookie.hpp"

#include <doctest/doctest.h>

#include <map>

namespace beamline::net {

namespace {

const std::string strong = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const std::string other = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";

/// Files held in memory.
cookie_reader files(std::map<std::string, std::string> all) {
  return [all = std::move(all)](const std::filesystem::path& file) -> result<std::string> {
    auto found = all.find(file.string());
    if (found == all.end())
      return error{errc::not_found, "cookie file " + file.string() + " cannot be opened: No such file or directory"};
    return found->second;
  };
}

cluster_options with_cookie() {
  cluster_options o;
  o.cookie = strong;
  return o;
}

std::string problem(const cluster_options& o, const cookie_reader& read = files({})) {
  auto made = links_options_of(o, {"blog", "1.0"}, read);
  return made ? std::string{} : made.error().message;
}

}  // namespace

TEST_CASE("what [cluster] says becomes the options of the links") {
  auto o = with_cookie();
  o.id = "blue";
  o.bind = "::1";
  o.port = 4407;
  o.advertise = "[::1]:9000";
  o.hidden = true;
  o.tick_time = 8s;
  o.tick_intensity = 10;
  o.setup_time = 300ms;
  o.mesh = cluster_mesh::all;
  o.allow = {"*@one"};
  o.peers_max = 3;
  o.lane_control_bytes_max.bytes = 1;
  o.lane_rpc_bytes_max.bytes = 2;
  o.lane_presence_bytes_max.bytes = 3;
  o.lane_broadcast_bytes_max.bytes = 4;
  o.message_bytes_max.bytes = 5;
  o.window_bytes.bytes = 6;
  auto made = links_options_of(o, {"blog", "1.0"}, files({}));
  REQUIRE(made.ok());
  CHECK(made->role == "blog");
  CHECK(made->version == "1.0");
  CHECK(made->cluster == "blue");
  CHECK(made->is_hidden);
  CHECK(made->listen == endpoint{"::1", 4407});
  CHECK(made->advertise == "[::1]:9000");
  CHECK(made->keys.current.id == "1");
  CHECK(made->keys.current.secret == key_of_cookie(strong));
  CHECK_FALSE(made->needs_certificates);
  CHECK(made->tick_time == 8s);
  CHECK(made->tick_intensity == 10);
  CHECK(made->setup_time == 300ms);
  CHECK(made->mesh == mesh_mode::all);
  CHECK(made->allow == o.allow);
  CHECK(made->peers_max == 3);
  CHECK(made->lanes.lane_octets == std::array<std::size_t, 4>{1, 2, 3, 4});
  CHECK(made->lanes.message_octets_max == 5);
  CHECK(made->lanes.window_octets == 6);
  CHECK(made->strangers.connections_per_address_max == 0);  // Everybody on loopback has one address.
}

TEST_CASE("the defaults of [cluster] are those of the links and the gate") {
  auto made = links_options_of(with_cookie(), {}, files({})).value();
  links_options plain;
  CHECK(made.tick_time == plain.tick_time);
  CHECK(made.tick_intensity == plain.tick_intensity);
  CHECK(made.setup_time == plain.setup_time);
  CHECK(made.mesh == plain.mesh);
  CHECK(made.peers_max == plain.peers_max);
  CHECK(made.lanes.lane_octets == plain.lanes.lane_octets);
  CHECK(made.lanes.message_octets_max == plain.lanes.message_octets_max);
  CHECK(made.lanes.window_octets == plain.lanes.window_octets);
}

TEST_CASE("the cookie file goes before the cookie, and its key says where it came from when it is bad") {
  auto o = with_cookie();
  o.cookie_file = "run/cookie";
  auto keys = keyring_of(o, files({{"run/cookie", other}}));
  REQUIRE(keys.ok());
  CHECK(keys->current.secret == key_of_cookie(other));
  CHECK(problem(o) == "cluster.cookie_file: cookie file run/cookie cannot be opened: No such file or directory");
  CHECK(
      problem(o, files({{"run/cookie", "short"}})).find("cluster.cookie_file: the cookie in run/cookie can be guessed")
      == 0);
  CHECK(problem(o, files({{"run/cookie", "a-secret-that-is-too-short"}})).find("too-short") == std::string::npos);
  o.allow_weak_cookie = true;
  CHECK(problem(o, files({{"run/cookie", "short"}})).empty());
}

TEST_CASE("without any cookie the answer names the command and the variable") {
  auto text = problem(cluster_options{});
  CHECK(text.find("beamline cookie new") != std::string::npos);
  CHECK(text.find("BEAMLINE_COOKIE_FILE") != std::string::npos);
}

TEST_CASE("further cookies and cookies of single peers come from files or the configuration") {
  auto o = with_cookie();
  o.cookie_id = "2";
  o.cookies = {{.id = "1", .file = "old"}, {.id = "3", .secret = other}};
  o.peer_cookies = {{.peer = "shop@0:0:0:0:0:0:0:1", .id = "pair", .file = "pair"}};
  auto keys = keyring_of(o, files({{"old", "fedcba98765432100123456789abcdef"}, {"pair", other}}));
  REQUIRE(keys.ok());
  CHECK(keys->current.id == "2");
  REQUIRE(keys->others.size() == 2);
  CHECK(keys->others[0].id == "1");
  CHECK(keys->others[1].secret == key_of_cookie(other));
  CHECK(keys->of_peer.at("shop@::1").id == "pair");
  CHECK(problem(o, files({{"pair", other}})).find("cluster.cookies[1]: cookie file old") == 0);
  CHECK(problem(o, files({{"old", strong}})).find("cluster.peer_cookies[1]: cookie file pair") == 0);
  o.cookies[0].id = "2";
  CHECK(problem(o, files({{"old", strong}, {"pair", other}})).find("two keys have the id \"2\"") != std::string::npos);
}

TEST_CASE("D25 beyond loopback there is TLS, or somebody has said that there is none") {
  auto o = with_cookie();
  o.bind = "10.0.0.7";
  CHECK(problem(o).find("cluster.bind is \"10.0.0.7\", which other machines can reach, and there is no TLS") == 0);
  CHECK(warnings_of(o).empty());
  SUBCASE("with TLS certificates are needed, and each address has a limit") {
    o.tls_certificate = o.tls_key = o.tls_ca = "x.pem";
    auto made = links_options_of(o, {}, files({}));
    REQUIRE(made.ok());
    CHECK(made->needs_certificates);
    CHECK(made->strangers.connections_per_address_max == 4);
    CHECK(warnings_of(o).empty());
  }
  SUBCASE("allowed without, and warned about") {
    o.allow_insecure = true;
    CHECK(problem(o).empty());
    REQUIRE(warnings_of(o).size() == 1);
    CHECK(warnings_of(o)[0].find("links on 10.0.0.7:4400 are neither encrypted") == 0);
  }
}

TEST_CASE("D25 a node that only dials beyond loopback is judged the same") {
  auto o = with_cookie();
  CHECK_FALSE(links_options_of(o, {}, files({})).value().allow_insecure);
  o.peers = {"10.0.0.8:4400"};
  CHECK(problem(o).find("cluster.peers has \"10.0.0.8:4400\", which is not on this machine alone, and there is no TLS")
        == 0);
  CHECK(warnings_of(o).empty());
  o.allow_insecure = true;
  auto made = links_options_of(o, {}, files({}));
  REQUIRE(made.ok());
  CHECK(made->allow_insecure);
  CHECK_FALSE(made->keys.has_known_to_all());
  REQUIRE(warnings_of(o).size() == 1);
  CHECK(warnings_of(o)[0].find("links beyond this machine, such as with \"10.0.0.8:4400\", are neither encrypted")
        == 0);
  o.tls_certificate = o.tls_key = o.tls_ca = "x.pem";
  CHECK(warnings_of(o).empty());
}

TEST_CASE("the development cookie, also out of a file, is refused beyond loopback") {
  cluster_options o;
  o.cookie_file = "c";
  auto read = files({{"c", std::string{development_cookie}}});
  CHECK(problem(o, read).empty());
  CHECK(keyring_of(o, read).value().has_known_to_all());  // So that nothing that turns up later is dialled elsewhere.
  o.allow_insecure = true;
  o.peers = {"10.0.0.8:4400"};
  CHECK(problem(o, read).find("cluster.cookie_file: the cookie in c is the development cookie") == 0);
}

TEST_CASE("weak cookies are warned about as long as they are allowed") {
  auto o = with_cookie();
  o.allow_weak_cookie = true;
  REQUIRE(warnings_of(o).size() == 1);
  CHECK(warnings_of(o)[0].find("cluster.allow_weak_cookie") != std::string::npos);
}

}  // namespace beamline::net
