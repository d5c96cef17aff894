#include "web/trusted_proxies.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::web;

namespace {

trusted_proxies trusting(std::string_view text) { return trusted_proxies::parse(text).value(); }

header_list forwarded(std::initializer_list<std::string> fields) {
  auto out = header_list{};
  for (const auto& value : fields)
    out.add("X-Forwarded-For", value);
  return out;
}

}  // namespace

TEST_CASE("addresses and networks of both families are trusted as written") {
  const auto some = trusting(" 127.0.0.1, ::1,10.1.0.0/16 , fd00::/8,192.0.2.128/25,");
  for (const auto* in : {"127.0.0.1", "::ffff:127.0.0.1", "::1", "10.1.255.3", "fdff::9", "192.0.2.200"}) {
    CAPTURE(std::string{in});
    CHECK(some.contains(in));
  }
  for (const auto* out : {"127.0.0.2", "::2", "10.2.0.1", "fe00::1", "192.0.2.127", "", "localhost", "10.1.0.0/16"}) {
    CAPTURE(std::string{out});
    CHECK_FALSE(some.contains(out));
  }
  CHECK(trusting("").empty());
  CHECK(trusting("0.0.0.0/0").contains("8.8.8.8"));
  CHECK_FALSE(trusting("0.0.0.0/0").contains("2001:db8::1"));
  CHECK(trusting("::/0").contains("8.8.8.8"));
}

TEST_CASE("what is no address or network is refused by name") {
  for (const auto* bad : {"localhost", "10.0.0.0/33", "fd00::/129", "10.0.0.0/", "10.0.0.0/x", "10.0.0/8", "a,,b",
                          "127.0.0.1,,::1", "10.0.0.0/8/8", "fe80::1%lo"}) {
    CAPTURE(std::string{bad});
    CHECK_FALSE(trusted_proxies::parse(bad));
  }
  CHECK(trusted_proxies::parse("::1, blog.example").error().message.find("\"blog.example\"") != std::string::npos);
  CHECK(trusted_proxies::parse("10.0.0.0/99").error().message.find("at most 32") != std::string::npos);
  auto many = std::string{};
  for (std::size_t i = 0; i <= proxies_max; ++i)
    many += "10.0.0.1,";
  CHECK(trusted_proxies::parse(many).error().message.find("networks instead") != std::string::npos);
}

TEST_CASE("only a trusted proxy says who the client is") {
  const auto proxies = trusting("127.0.0.1, 10.0.0.0/8");
  CHECK(client_address(proxies, "203.0.113.9", forwarded({"198.51.100.1"})) == "203.0.113.9");
  CHECK(client_address(proxies, "127.0.0.1", forwarded({"198.51.100.1"})) == "198.51.100.1");
  CHECK(client_address({}, "127.0.0.1", forwarded({"198.51.100.1"})) == "127.0.0.1");
  CHECK(client_address(proxies, "127.0.0.1", {}) == "127.0.0.1");
  // A chain of own proxies; what the client itself has put in front says nothing.
  CHECK(client_address(proxies, "127.0.0.1", forwarded({"192.0.2.66, 198.51.100.1, 10.0.0.7"})) == "198.51.100.1");
  CHECK(client_address(proxies, "127.0.0.1", forwarded({"192.0.2.66", "198.51.100.1", "10.0.0.7"})) == "198.51.100.1");
  CHECK(client_address(proxies, "127.0.0.1", forwarded({"10.0.0.8, 10.0.0.7"})) == "10.0.0.8");
}

TEST_CASE("forwarded addresses come in several forms, and nonsense ends the search") {
  const auto proxies = trusting("::1, 10.0.0.0/8");
  CHECK(client_address(proxies, "::1", forwarded({"198.51.100.1:4711"})) == "198.51.100.1");
  CHECK(client_address(proxies, "::1", forwarded({"[2001:db8::5]:4711"})) == "2001:db8::5");
  CHECK(client_address(proxies, "::1", forwarded({"[2001:db8::5]"})) == "2001:db8::5");
  CHECK(client_address(proxies, "::1", forwarded({"2001:DB8::5"})) == "2001:db8::5");
  CHECK(client_address(proxies, "::1", forwarded({"::ffff:198.51.100.1"})) == "198.51.100.1");
  for (const auto* nonsense : {"unknown", "_hidden", "", ",", "[", "[]", "a:b:c", "198.51.100.1, unknown"}) {
    CAPTURE(std::string{nonsense});
    CHECK(client_address(proxies, "::1", forwarded({nonsense})) == "::1");
  }
  CHECK(client_address(proxies, "::1", forwarded({"198.51.100.1, unknown, 10.0.0.7"})) == "10.0.0.7");
  auto chain = std::string{"198.51.100.1"};
  for (std::size_t i = 0; i < forwarded_hops_max; ++i)
    chain += ", 10.0.0.7";
  CHECK(client_address(proxies, "::1", forwarded({chain})) == "10.0.0.7");
}

TEST_CASE("and whether its browser speaks https") {
  const auto proxies = trusting("127.0.0.1");
  auto https = header_list{};
  https.add("x-forwarded-proto", "http, HTTPS");
  auto http = header_list{};
  http.add("x-forwarded-proto", "http");
  CHECK(is_secure_behind(proxies, "127.0.0.1", https, false));
  CHECK_FALSE(is_secure_behind(proxies, "127.0.0.2", https, false));
  CHECK_FALSE(is_secure_behind(proxies, "127.0.0.1", http, true));
  CHECK(is_secure_behind(proxies, "127.0.0.2", http, true));
  CHECK(is_secure_behind(proxies, "127.0.0.1", {}, true));
  CHECK_FALSE(is_secure_behind(proxies, "127.0.0.1", {}, false));
}

TEST_CASE("who forwards from near by while nobody is trusted seems to be a proxy") {
  const auto fields = forwarded({"198.51.100.1"});
  for (auto near :
       {"127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.5", "172.31.0.1", "192.168.1.2", "100.64.0.1", "fd00::7"})
    CHECK_MESSAGE(is_unnamed_proxy({}, near, fields), near);
  for (auto far : {"203.0.113.9", "172.32.0.1", "2001:db8::1", "fe00::1", "nonsense"})
    CHECK_FALSE_MESSAGE(is_unnamed_proxy({}, far, fields), far);
  CHECK_FALSE(is_unnamed_proxy({}, "127.0.0.1", {}));
  CHECK_FALSE(is_unnamed_proxy(trusting("192.0.2.1"), "127.0.0.1", fields));
}
