#include "web/config.hpp"

#include "base/config/section.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::web;

TEST_CASE("the table of [web] is sound and its defaults are the server's") {
  CHECK_NOTHROW((void)web_section());
  auto options = to_options(web_config{});
  REQUIRE(options);
  CHECK(options->port == web_options{}.port);
  CHECK(options->header_bytes_max == web_options{}.header_bytes_max);
  CHECK(options->origins.how == origin_policy::mode::on);
}

TEST_CASE("origins of the configuration become a policy") {
  auto config = web_config{};
  config.origins = "https://example.org, //*.example.net";
  CHECK(to_options(config)->origins.allowed.size() == 2);
  config.origins = "example.org";
  CHECK(to_options(config).error().message.starts_with("web.origins: origin \"example.org\""));
}

TEST_CASE("and so do trusted proxies") {
  auto config = web_config{};
  CHECK(to_options(config)->proxies.empty());
  config.trusted_proxies = "127.0.0.1";
  CHECK(to_options(config)->proxies.contains("127.0.0.1"));
  config.trusted_proxies = "proxy.example";
  CHECK(to_options(config).error().message.starts_with("web.trusted_proxies: \"proxy.example\""));
}
