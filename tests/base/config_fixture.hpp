#pragma once

#include "base/config/schema.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

/// A section with a key of every kind, for the tests of the configuration engine.
namespace beamline::config::testing {

enum class mode { fast, careful };

struct query {
  std::string dns;
  std::string role = "any";
  duration every = 10s;
};

struct web_options {
  std::string bind = "127.0.0.1";
  std::uint16_t port = 4000;
  duration idle_timeout = 60s;
  bool compress = true;
  double ratio = 0.5;
  byte_size body_max{1 << 20};
  std::vector<std::string> origins;
  std::filesystem::path root = "assets";
  mode how = mode::fast;
  std::string cache = "none";
  std::string password;
  std::map<std::string, mode> areas;
  std::vector<query> queries;
};

inline section<query> query_section() {
  return section<query>{"query", "one query"}
      .key("dns", &query::dns, "Name to look up.", required{}, length{1, 253})
      .key("role", &query::role, "Role of what is found.")
      .key("every", &query::every, "Time between two lookups.", range{1s, 1h});
}

inline section<web_options> web_section() {
  const names<mode> modes{{mode::fast, "fast"}, {mode::careful, "careful"}};
  return section<web_options>{"web", "HTTP and WebSocket listener"}
      .key("bind", &web_options::bind, "Address to listen on.", length{1, 64})
      .key("port", &web_options::port, "TCP port browsers connect to.", range{1, 65535}, env{"BEAMLINE_PORT"})
      .key("idle_timeout", &web_options::idle_timeout, "Silence after which a connection is closed.", range{1s, 1h},
           env{"BEAMLINE_IDLE"})
      .key("compress", &web_options::compress, "Whether pages are compressed.", env{"BEAMLINE_COMPRESS"})
      .key("ratio", &web_options::ratio, "Share of requests that are traced.", range{0.0, 1.0}, env{"BEAMLINE_RATIO"})
      .key("body_max", &web_options::body_max, "Largest request body.", range{1_KiB, 16_MiB})
      .key("origins", &web_options::origins, "Origins that may connect.", items{0, 3}, env{"BEAMLINE_ORIGINS"})
      .key("root", &web_options::root, "Directory of the assets.")
      .key("mode", &web_options::how, "How requests are handled.", modes)
      .key("cache", &web_options::cache, "What is cached.", one_of{"none", "pages", "everything"})
      .key("password", &web_options::password, "Password of the admin page.", secret{}, env{"BEAMLINE_PASSWORD"},
           satisfies{"at least 8 bytes", [](std::string_view s) { return s.empty() || s.size() >= 8; }})
      .key("areas", &web_options::areas, "Modes of single areas.", modes, items{0, 4}, env{"BEAMLINE_AREAS"})
      .tables("queries", &web_options::queries, "Names to look up.", query_section(), items{0, 2});
}

struct other_options {
  bool enabled = false;
  std::string cookie;
};

inline section<other_options> other_section() {
  return section<other_options>{"other", "a second section"}
      .key("enabled", &other_options::enabled, "Whether there is a cluster.")
      .key("cookie", &other_options::cookie, "Secret of the cluster.", secret{})
      .check([](const other_options& o) -> std::optional<complaint> {
        if (o.enabled && o.cookie.empty())
          return complaint{"cookie", "has no value although other.enabled is true; set it"};
        return std::nullopt;
      });
}

struct two_sections {
  schema all;
  handle<web_options> web = all.add(web_section());
  handle<other_options> other = all.add(other_section());

  [[nodiscard]] loaded load(std::string text) const { return all.load({.texts = {{"dev.toml", std::move(text)}}}); }
  [[nodiscard]] std::vector<std::string> problems(std::string text) const { return load(std::move(text)).problems(); }
};

}  // namespace beamline::config::testing
