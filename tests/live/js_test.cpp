#include "web/live/js.hpp"

#include "base/html.hpp"
#include "web/live/rendered.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <stdexcept>

using namespace beamline;
using namespace std::chrono_literals;
namespace js = web::live::js;

namespace {

std::string text(const js::commands& c) {
  REQUIRE(parse_json(c.text()));  // Whatever it says, it is JSON.
  return c.text();
}

}  // namespace

TEST_CASE("a chain of commands is the list that the client reads") {
  const auto c =
      js::push("js", {.value = {{"a", 1}}, .loading = "#n", .page_loading = true}).add_class("hot", {.to = "#n"});
  CHECK(
      text(c)
      == R"([["push",{"event":"js","value":{"a":1},"loading":"#n","page_loading":true}],["add_class",{"to":"#n","names":["hot"]}]])");
  CHECK(text(js::commands{}) == "[]");
}

TEST_CASE("push names the event and leaves out what was not given") {
  CHECK(text(js::push("inc")) == R"([["push",{"event":"inc"}]])");
  CHECK(text(js::push("inc", {.target = 7})) == R"([["push",{"event":"inc","target":7}]])");
  CHECK(text(js::push("inc", {.target = std::uint64_t{3}})) == R"([["push",{"event":"inc","target":3}]])");
  CHECK(text(js::push("inc", {.target = "#a .b"})) == R"([["push",{"event":"inc","target":"#a .b"}]])");
  CHECK(text(js::push("a\"b<\n")) == R"([["push",{"event":"a\"b<\n"}]])");
}

TEST_CASE("dispatch sends DOM events with detail") {
  CHECK(text(js::dispatch("click", {.to = "#nav"})) == R"([["dispatch",{"event":"click","to":"#nav"}]])");
  CHECK(text(js::dispatch("app:copy", {.to = js::closest("pre"), .detail = {{"n", 1}}, .bubbles = false}))
        == R"([["dispatch",{"event":"app:copy","to":{"closest":"pre"},"detail":{"n":1},"bubbles":false}]])");
  CHECK(text(js::dispatch("app:wait", {.is_blocking = true}))
        == R"([["dispatch",{"event":"app:wait","blocking":true}]])");
}

TEST_CASE("show, hide and toggle take transitions as three lists of classes") {
  CHECK(text(js::show()) == R"([["show",{}]])");
  CHECK(
      text(js::show("#m",
                    {.display = "flex", .transition = {"fade-in fast", "opacity-0", "opacity-100"}, .time = 300ms}))
      == R"([["show",{"to":"#m","display":"flex","transition":[["fade-in","fast"],["opacity-0"],["opacity-100"]],"time":300}]])");
  CHECK(text(js::hide(js::inner(".menu"), {.transition = "fade-out", .is_blocking = false}))
        == R"([["hide",{"to":{"inner":".menu"},"transition":[["fade-out"],[],[]],"blocking":false}]])");
  CHECK(text(js::toggle("#m", {.in = "in", .out = {"out", "a", "b"}}))
        == R"([["toggle",{"to":"#m","ins":[["in"],[],[]],"outs":[["out"],["a"],["b"]]}]])");
}

TEST_CASE("classes and transitions") {
  CHECK(text(js::add_class("a  b")) == R"([["add_class",{"names":["a","b"]}]])");
  CHECK(text(js::remove_class("a", {.to = ".x", .transition = "t", .time = 1s}))
        == R"([["remove_class",{"to":".x","names":["a"],"transition":[["t"],[],[]],"time":1000}]])");
  CHECK(text(js::toggle_class("a", {.to = js::closest("li")}))
        == R"([["toggle_class",{"to":{"closest":"li"},"names":["a"]}]])");
  CHECK(text(js::transition("shake", {.to = "#x", .time = 50ms}))
        == R"([["transition",{"to":"#x","transition":[["shake"],[],[]],"time":50}]])");
}

TEST_CASE("attributes are set, removed, toggled and left alone") {
  CHECK(text(js::set_attr("aria-expanded", "true", {.to = "#d"}))
        == R"([["set_attr",{"to":"#d","attr":["aria-expanded","true"]}]])");
  CHECK(text(js::remove_attr("hidden")) == R"([["remove_attr",{"attr":"hidden"}]])");
  CHECK(text(js::toggle_attr("open", "")) == R"([["toggle_attr",{"attr":["open",""]}]])");
  CHECK(text(js::toggle_attr("aria-expanded", "true", "false", {.to = "#d"}))
        == R"([["toggle_attr",{"to":"#d","attr":["aria-expanded","true","false"]}]])");
  CHECK(text(js::ignore_attrs({"open", "data-*"})) == R"([["ignore_attrs",{"attrs":["open","data-*"]}]])");
}

TEST_CASE("focus, navigation and exec") {
  CHECK(text(js::push_focus().focus_first({.to = "#m"}).pop_focus().focus())
        == R"([["push_focus",{}],["focus_first",{"to":"#m"}],["pop_focus",{}],["focus",{}]])");
  CHECK(text(js::navigate("/a?b=1")) == R"([["navigate",{"href":"/a?b=1","replace":false}]])");
  CHECK(text(js::patch("/a", {.replace = true})) == R"([["patch",{"href":"/a","replace":true}]])");
  CHECK(text(js::exec("data-cancel", {.to = "#m"})) == R"([["exec",{"attr":"data-cancel","to":"#m"}]])");
}

TEST_CASE("chains can be joined and reused without changing them") {
  const auto hide = js::hide("#m");
  const auto more = hide.push("closed");
  CHECK(text(hide) == R"([["hide",{"to":"#m"}]])");
  CHECK(text(js::focus().then(more)) == R"([["focus",{}],["hide",{"to":"#m"}],["push",{"event":"closed"}]])");
  CHECK(js::commands{}.then(hide) == hide);
  CHECK(hide.then({}) == hide);
}

TEST_CASE("in a template the commands are an escaped attribute value") {
  static const web::live::statics tpl{{"<a phx-click=\"", "\"></a>"}};
  CHECK(to_html(web::live::rendered{tpl, js::hide("#m")})
        == "<a phx-click=\"[[&quot;hide&quot;,{&quot;to&quot;:&quot;#m&quot;}]]\"></a>");
}

TEST_CASE("what no client can carry out is refused where it is made") {
  CHECK_THROWS_AS((void)js::push(""), std::invalid_argument);
  CHECK_THROWS_WITH((void)js::push("e", {.value = 5}), "live::js::push: value is a number, expected an object");
  CHECK_THROWS_AS((void)js::push("e", {.target = 0}), std::invalid_argument);
  CHECK_THROWS_AS((void)js::push("e", {.target = ""}), std::invalid_argument);
  CHECK_THROWS_WITH((void)js::show(""),
                    "live::js::show: the selector is empty; leave it out for the element that has the attribute");
  CHECK_THROWS_AS((void)js::show("#a", {.time = -1ms}), std::invalid_argument);
  CHECK_THROWS_AS((void)js::show("#a", {.transition = {"", "from"}}), std::invalid_argument);
  CHECK_THROWS_AS((void)js::add_class("  "), std::invalid_argument);
  CHECK_THROWS_AS((void)js::transition(""), std::invalid_argument);
  CHECK_THROWS_AS((void)js::set_attr("a b", "c"), std::invalid_argument);
  CHECK_THROWS_AS((void)js::ignore_attrs({}), std::invalid_argument);
  CHECK_THROWS_AS((void)js::dispatch("click", {.detail = {{"a", 1}}}), std::invalid_argument);
  CHECK_THROWS_AS((void)js::dispatch("x", {.detail = {{"done", 1}}, .is_blocking = true}), std::invalid_argument);
  CHECK_THROWS_AS((void)js::navigate("//other"), std::invalid_argument);
  CHECK_THROWS_AS((void)js::patch("javascript:alert(1)"), std::invalid_argument);
}

TEST_CASE("push_exec asks the page's script for the commands of an attribute") {
  struct {
    std::string name;
    json payload;
    void push_event(std::string n, const json& p) {
      name = std::move(n);
      payload = p;
    }
  } socket;
  js::push_exec(socket, "#card", "data-highlight");
  CHECK(socket.name == "js-exec");
  CHECK(socket.payload == json{{"to", "#card"}, {"attr", "data-highlight"}});
}
