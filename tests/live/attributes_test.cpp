#include "web/live/attributes.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

// What `{attributes}` puts into a tag: the same as an attribute of its own would be.

namespace {

using namespace beamline::web::live;

template <class T>
std::string html_of(std::string_view name, const T& value) {
  return attributes{}.set(name, value).html().str();
}

}  // namespace

TEST_CASE("a bool is written out where false does not mean that nothing is there") {
  for (const auto* name : {"draggable", "contenteditable", "spellcheck", "aria-busy", "Draggable", "ARIA-busy"}) {
    CAPTURE(name);
    CHECK(html_of(name, true) == " " + std::string{name} + "=\"true\"");
    CHECK(html_of(name, false) == " " + std::string{name} + "=\"false\"");
    auto merged = attributes{};
    merged.merge(attributes{}.set(name, false));
    CHECK(merged.html().str() == " " + std::string{name} + "=\"false\"");
  }
  CHECK(html_of("hidden", true) == " hidden");
  CHECK(html_of("hidden", false).empty());
}

TEST_CASE("a style is checked as that of an element, in capital letters too") {
  CHECK(html_of("style", "width: 10%") == " style=\"width: 10%\"");
  CHECK(html_of("style", "background: URL(x)") == " style=\"/* blocked */\"");
  CHECK(html_of("STYLE", "a: \\62") == " STYLE=\"/* blocked */\"");
  CHECK(html_of("style", "a: \"b\"") == " style=\"a: &quot;b&quot;\"");
}

TEST_CASE("what nothing escapes is refused") {
  for (const auto* name : {"onclick", "OnClick", "srcdoc", "SRCDOC", "on-x", "a b", ""}) {
    CAPTURE(name);
    CHECK_THROWS_AS(attributes{}.set(name, "x"), std::invalid_argument);
  }
}

TEST_CASE("a name in capital letters is that of the same attribute") {
  auto all = attributes{{"id", "a"}};
  all.set("ID", "b");
  CHECK(all.html().str() == " ID=\"b\"");
  CHECK(all.find("id") == "b");
  all.set("Id", nullptr);
  CHECK(all.empty());
}
