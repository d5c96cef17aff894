#include "testing/live/page_patch.hpp"

#include "base/json.hpp"
#include "testing/live/client_model.hpp"
#include "testing/live/form_fields.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::testing;

namespace {

/// A view's element whose content is patched again and again.
struct patched {
  std::unique_ptr<dom_node> root = parse_fragment("<div id=\"v\" data-phx-session=\"s\"></div>");

  dom_node& container() { return *root->child_elements().at(0); }
  std::string show(const std::string& html, const json& streams = json::array(), bool is_join = false) {
    patch_container(container(), {html, &streams, is_join, nullptr});
    return container().inner_html();
  }
  std::string list(const std::string& items, const json& streams, bool is_join = false) {
    (void)show("<ul id=\"l\" phx-update=\"stream\">" + items + "</ul>", streams, is_join);
    auto out = std::string{};
    for (const auto* item : container().find_id("l")->child_elements())
      out += (out.empty() ? "" : " ") + item->text();
    return out;
  }
};

std::string li(const std::string& id, const std::string& text) { return "<li id=\"" + id + "\">" + text + "</li>"; }
json stream(const std::vector<json>& inserts, const std::vector<std::string>& deletes = {}, bool is_reset = false) {
  auto one = json::array({"0", json(inserts), json(deletes)});
  if (is_reset)
    one.push_back(true);
  return json::array({one});
}
json insert(const char* id, int at = -1, const json& limit = nullptr) { return json::array({id, at, limit, nullptr}); }

}  // namespace

TEST_CASE("streams are appended, prepended, updated, deleted, limited and reset as the client does it") {
  auto p = patched{};
  CHECK(p.list(li("a", "A") + li("b", "B"), stream({insert("a"), insert("b")}), true) == "A B");
  CHECK(p.list("", json::array()) == "A B");
  CHECK(p.list(li("c", "C"), stream({insert("c", 0)})) == "C A B");
  CHECK(p.list(li("d", "D"), stream({insert("d", 1)})) == "C D A B");
  CHECK(p.list(li("a", "A2"), stream({insert("a", 0)})) == "C D A2 B");
  CHECK(p.list("", stream({}, {"d", "unknown"})) == "C A2 B");
  CHECK(p.list(li("e", "E"), stream({insert("e", -1, -2)})) == "B E");
  CHECK(p.list(li("f", "F"), stream({insert("f", 0, 2)})) == "F B");
  CHECK(p.list(li("g", "G"), stream({json::array({"g", -1, nullptr, true})})) == "F B");
  CHECK(p.list(li("b", "B2"), stream({json::array({"b", -1, nullptr, true})})) == "F B2");
  CHECK(p.list(li("h", "H") + li("f", "F2"), stream({insert("h"), insert("f")}, {}, true)) == "H F2");
  CHECK(p.list("", stream({}, {}, true)).empty());
}

TEST_CASE("after a join a stream has only what was sent again") {
  auto p = patched{};
  (void)p.list(li("a", "A") + li("b", "B"), stream({insert("a"), insert("b")}), true);
  CHECK(p.list(li("b", "B") + li("c", "C"), stream({insert("b"), insert("c")}), true) == "B C");
}

TEST_CASE("a message for an empty stream stays in its place") {
  auto p = patched{};
  const auto empty = std::string{"<li id=\"none\">none</li>"};
  CHECK(p.list(empty, json::array(), true) == "none");
  CHECK(p.list(empty + li("a", "A"), stream({insert("a")})) == "A none");
}

TEST_CASE("what browsers would lose or mix up is refused") {
  auto p = patched{};
  CHECK_THROWS_AS(p.show("<ul phx-update=\"stream\"></ul>"), page_stuck);
  CHECK_THROWS_AS(p.show("<ul id=\"x\" phx-update=\"stream\"><li>no id</li></ul>"), page_stuck);
  CHECK_THROWS_AS(p.show("<b phx-update=\"ignore\"></b>"), page_stuck);
  CHECK_THROWS_AS(p.show("<b>"), page_stuck);
}

TEST_CASE("ignored elements keep their content and take data attributes only") {
  auto p = patched{};
  (void)p.show("<b id=\"i\" class=\"a\" data-n=\"1\" phx-update=\"ignore\">one</b>");
  CHECK(p.show("<b id=\"i\" class=\"b\" data-n=\"2\" phx-update=\"ignore\">two</b>")
        == "<b id=\"i\" class=\"a\" phx-update=\"ignore\" data-n=\"2\">one</b>");
}

TEST_CASE("nested views are left alone") {
  auto p = patched{};
  (void)p.show("<i id=\"kid\" data-phx-session=\"t\" data-phx-static=\"\"></i>");
  p.container().find_id("kid")->append(std::make_unique<dom_node>(dom_node::kind::text, "child"));
  CHECK(p.show("<p></p><i id=\"kid\" class=\"c\" data-phx-session=\"other\" data-phx-static=\"\"></i>")
        == "<p></p><i id=\"kid\" class=\"c\" data-phx-session=\"t\" data-phx-static>child</i>");
}

TEST_CASE("what is typed stays while its form is rendered as before, or has the focus") {
  auto p = patched{};
  const auto form = [](const std::string& extra) {
    return "<form id=\"f\"><input name=\"a\" value=\"1\"><input name=\"b\">" + extra + "</form>";
  };
  (void)p.show(form(""));
  put_into_form(*p.container().find_id("f"), {{"a", "typed"}, {"b", "typed too"}});
  (void)p.show("<p></p>" + form(""));
  auto fields = fields_of(*p.container().find_id("f"));
  CHECK(value_of(*fields[0]) == "typed");
  const auto streams = json::array();
  patch_container(p.container(), {form("<b></b>"), &streams, false, fields[1]});
  fields = fields_of(*p.container().find_id("f"));
  CHECK(value_of(*fields[0]) == "1");
  CHECK(value_of(*fields[1]) == "typed too");
  CHECK(fields[0]->state().has_focused);
}
