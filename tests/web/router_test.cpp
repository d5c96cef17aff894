#include "web/router.hpp"

#include "web/uri.hpp"

#include <stdexcept>
#include <string>

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::web;

namespace {

handler nothing() {
  return [](const request&, responder) {};
}

router::match find(const router& r, std::string_view path, http_method m = http_method::get) {
  return r.find(m, parse_target(path)->segments);
}

}  // namespace

TEST_CASE("fixed text wins over a parameter, and a parameter over a wildcard") {
  auto r = router{};
  r.get("/blog/new", nothing());
  r.get("/blog/:slug", nothing());
  r.get("/blog/*rest", nothing());
  CHECK(find(r, "/blog/new").pattern == "/blog/new");
  CHECK(find(r, "/blog/old").pattern == "/blog/:slug");
  CHECK(find(r, "/blog/old").params == pair_list{{"slug", "old"}});
  CHECK(find(r, "/blog/a/b").params == pair_list{{"rest", "a/b"}});
  CHECK(find(r, "/blog").params == pair_list{{"rest", ""}});
  CHECK(find(r, "/blog/").pattern == "/blog/*rest");
}

TEST_CASE("a choice that leads nowhere is taken back") {
  auto r = router{};
  r.get("/a/b/c", nothing());
  r.get("/:x/b/d", nothing());
  r.get("/a/*rest", nothing());
  CHECK(find(r, "/a/b/c").pattern == "/a/b/c");
  CHECK(find(r, "/a/b/d").pattern == "/a/*rest");
  CHECK(find(r, "/z/b/d").params == pair_list{{"x", "z"}});
  CHECK(find(r, "/z/b/e").handle == nullptr);
  CHECK(find(r, "/z/b/e").allow.empty());
}

TEST_CASE("a slash at the end and doubled slashes make no difference") {
  auto r = router{};
  r.get("/", nothing());
  r.get("/blog", nothing());
  CHECK(find(r, "/").pattern == "/");
  CHECK(find(r, "/blog/").pattern == "/blog");
  CHECK(find(r, "//blog").pattern == "/blog");
}

TEST_CASE("methods: HEAD is GET, any is the rest, others are allowed by name") {
  auto r = router{};
  r.get("/x", nothing());
  r.put("/x", nothing());
  r.any("/y", nothing());
  r.delete_("/y", nothing());
  CHECK(find(r, "/x", http_method::head).handle == find(r, "/x").handle);
  auto refused = find(r, "/x", http_method::post);
  CHECK(refused.handle == nullptr);
  CHECK(refused.allow == "GET, HEAD, PUT, OPTIONS");
  CHECK(find(r, "/y", http_method::other).handle != nullptr);
  CHECK(find(r, "/y", http_method::delete_).handle != find(r, "/y").handle);
}

TEST_CASE("middleware applies to routes added after it, and a group keeps its own") {
  auto r = router{};
  auto pass = [](const request&) -> std::optional<response> { return std::nullopt; };
  r.get("/before", nothing());
  r.use(pass);
  r.group("/admin", [&](router& admin) {
    admin.use(pass);
    admin.get("/", nothing());
    admin.get("/users", nothing());
  });
  r.get("/after", nothing());
  CHECK(find(r, "/before").before->empty());
  CHECK(find(r, "/admin").before->size() == 2);
  CHECK(find(r, "/admin/users").before->size() == 2);
  CHECK(find(r, "/after").before->size() == 1);
}

TEST_CASE("mistakes in the table are refused, naming the route") {
  auto r = router{};
  r.get("/blog/:slug", nothing());
  r.websocket("/live", [](const request&) -> result<std::unique_ptr<socket_handler>> { return error{}; });
  auto refuses = [](auto&& add, const char* text) {
    try {
      add();
    } catch (const std::invalid_argument& e) {
      CAPTURE(std::string{e.what()});
      CHECK(std::string_view{e.what()}.find(text) != std::string_view::npos);
      return;
    }
    FAIL("was accepted, but should be refused for: " << text);
  };
  refuses([&] { r.get("/blog/:slug", nothing()); }, "\"/blog/:slug\": GET has a handler already");
  refuses([&] { r.post("/blog/:id", nothing()); }, "the same requests as \"/blog/:slug\"");
  refuses([&] { r.get("blog", nothing()); }, "starts with a slash");
  refuses([&] { r.get("/a//b", nothing()); }, "a segment is empty");
  refuses([&] { r.get("/*rest/more", nothing()); }, "nothing can follow");
  refuses([&] { r.get("/:", nothing()); }, "needs a name");
  refuses([&] { r.get("/:a/:a", nothing()); }, "occurs twice");
  refuses(
      [&] {
        r.get("/live", nothing());
        r.websocket("/live", {});
      },
      "shares its pattern with nothing");
  refuses([&] { r.group("/x/", [](router&) {}); }, "does not end with one");
}

TEST_CASE("a router describes itself") {
  auto r = router{};
  r.get("/", nothing());
  r.post("/form", nothing());
  r.websocket("/live/websocket", [](const request&) -> result<std::unique_ptr<socket_handler>> { return error{}; });
  CHECK(r.describe()
        == std::vector<std::string>{"/  GET, HEAD, OPTIONS", "/form  POST, OPTIONS", "/live/websocket  WebSocket"});
}
