#include "web/live/view_table.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

using namespace beamline;
using namespace beamline::web::live;

namespace {

const view_factory none = [] { return std::unique_ptr<view>{}; };

view_table blog() {
  view_table t;
  t.add_session({.name = "admin"});
  t.add_view("blog", none, {});
  t.add_view("posts", none, {"section", {{"class", "wide"}}});
  t.add_route("/blog/:slug", "blog", "default", "show");
  t.add_route("/blog/:slug/edit", "blog", "admin", "edit");
  t.add_route("/posts", "posts", "default", "");
  return t;
}

}  // namespace

TEST_CASE("a URL leads to a view, its action and its live session") {
  const auto t = blog();
  const auto show = t.find("http://localhost:4000/blog/hello%20there?p=1&slug=other#part");
  REQUIRE(show.has_value());
  CHECK(show->to->view == "blog");
  CHECK(show->to->action == "show");
  CHECK(show->to->session->name == "default");
  CHECK(show->params == json{{"slug", "hello there"}, {"p", "1"}});  // The path decides.
  const auto edit = t.find("/blog/hello/edit");
  REQUIRE(edit.has_value());
  CHECK(edit->to->action == "edit");
  CHECK(edit->to->session->name == "admin");
  CHECK(t.view("posts")->container.tag == "section");
}

TEST_CASE("a URL that is none, or nobody's, leads nowhere") {
  const auto t = blog();
  for (const auto* url : {"", "blog/hello", "http://localhost", "/robots.txt", "/blog", "/blog/a/b", "/blog/%zz", "/\n",
                          "/../blog/hello/..%2f.."}) {
    CAPTURE(url);
    CHECK_FALSE(t.find(url).has_value());
  }
  CHECK(t.view("nobody") == nullptr);
  CHECK(t.session("nobody") == nullptr);
}

TEST_CASE("mistakes in the table name both sides") {
  auto t = blog();
  CHECK_THROWS_WITH(t.add_view("blog", none, {}), "live view \"blog\" is registered twice");
  CHECK_THROWS_WITH(t.add_view("", none, {}), "a live view needs a name; it goes into tokens");
  CHECK_THROWS_AS(t.add_view("bad", none, {"br", {}}), std::invalid_argument);
  CHECK_THROWS_WITH(t.add_route("/x", "nobody", "default", ""),
                    "live route \"/x\": there is no view \"nobody\"; register it first");
  CHECK_THROWS_WITH(t.add_route("/x", "blog", "nowhere", ""),
                    "live route \"/x\": there is no live session \"nowhere\"; declare it first");
  CHECK_THROWS_AS(t.add_route("/posts", "blog", "default", ""), std::invalid_argument);
  CHECK_THROWS_WITH(t.add_session({.name = "admin"}), "live session \"admin\" is declared twice");
  CHECK_THROWS_AS(t.add_session({.name = ""}), std::invalid_argument);
  CHECK_THROWS_AS(t.add_session({.name = "default"}), std::invalid_argument);  // Its routes are there already.
}

TEST_CASE("the default live session can be declared before its routes, once") {
  view_table t;
  t.add_session({.name = "default", .layout = [](const page_parts&) { return std::string{"x"}; }});
  CHECK(t.session("default")->layout);
  CHECK_THROWS_AS(t.add_session({.name = "default"}), std::invalid_argument);
}
