#include "template/golden/temporary.heex.hpp"
#include "template/golden/tracking.heex.hpp"
#include "testing/live/client_model.hpp"
#include "web/live/view_tree.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>

// What did not change is not evaluated.

namespace {

using namespace beamline::web::live;

std::map<std::string, int, std::less<>>& counts() {
  static auto all = std::map<std::string, int, std::less<>>{};
  return all;
}

struct tracked_page {
  golden::tracking_page::assigns assigns{};
  render_scope scope{};
  assign<flash_messages> flash{};
  render_context context{scope, 0, &flash};

  /// The places whose values were asked for in one render that is sent.
  std::set<std::string> render(bool is_full = false) {
    counts().clear();
    context.start(is_full);
    tree = golden::render_template(assigns, context);
    context.sent();
    auto out = std::set<std::string>{};
    for (const auto& [place, count] : counts())
      out.insert(place);
    return out;
  }

  std::optional<rendered> tree{};
};

using places = std::set<std::string>;

}  // namespace

int golden::counted(const char* place, int value) {
  ++counts()[place];
  return value;
}

TEST_CASE("an expression is evaluated only when a member that it reads changed") {
  auto page = tracked_page{};
  CHECK(page.render(true)
        == places{"a", "attribute", "b", "condition", "constant", "else", "inside", "inside b", "row"});
  CHECK(page.render() == places{});
  page.assigns.b = 2;
  CHECK(page.render() == places{"b", "condition", "else", "inside b", "row"});
  page.assigns.b = 2;  // The same value.
  CHECK(page.render() == places{});
  page.assigns.rows.edit()[0].id = 5;
  CHECK(page.render() == places{"row"});
}

TEST_CASE("a branch whose condition may have changed is evaluated in full") {
  auto page = tracked_page{};
  page.render(true);
  page.assigns.a = 2;
  CHECK(page.render() == places{"a", "attribute", "condition", "inside", "then"});
  page.assigns.shown = false;
  CHECK(page.render() == places{});
  page.assigns.shown = true;
  CHECK(page.render() == places{"inside", "inside b"});
}

TEST_CASE("what did not change is unchanged, and plain members are given at every render") {
  auto page = tracked_page{};
  page.render(true);
  page.render();
  REQUIRE(page.tree);
  const auto& values = page.tree->values();
  auto given = 0;
  for (const auto& v : values)
    if (v.text() != nullptr || v.tree() != nullptr || v.list() != nullptr)
      ++given;
  CHECK(given == 1);
  REQUIRE(values.back().text() != nullptr);
  CHECK(*values.back().text() == "plain");
}

TEST_CASE("a component that shows the messages for the visitor follows them") {
  auto page = tracked_page{};
  page.render(true);
  page.flash.edit().insert_or_assign("info", "Saved.");
  page.render();
  REQUIRE(page.tree);
  REQUIRE(page.tree->values().front().tree() != nullptr);
  CHECK(to_html(*page.tree->values().front().tree()).find("Saved.") != std::string::npos);
}

TEST_CASE("what a temporary showed stays on the page: in lists, in the content of components, in branches") {
  auto assigns = golden::temporary_page::assigns{};
  auto tree = view_tree{{}};
  auto client = beamline::testing::client_model{};
  const auto render = [&](render_context& c) { return golden::render_template(assigns, c); };
  const auto parsed = [](const std::string& text) {
    return text.empty() ? beamline::json::object() : *beamline::parse_json(text);
  };
  const auto shown = [&] {
    tree.view_changed();
    client.diff(parsed(tree.diff(render)));
    tree.sent();
    return client.html();
  };
  const auto page = [](const std::string& lines, const std::string& n, const std::string& boxed,
                       const std::string& note) {
    return "<ul>" + lines + "</ul> <div class=\"box\"><b>" + n + "</b> <ol>" + lines + "</ol> " + boxed + "</div> "
         + note;
  };
  client.join(parsed(tree.full(render)));
  tree.sent();
  CHECK(client.html() == page("", "0", "", ""));
  assigns.lines = {"one", "two"};
  const auto lines = std::string{"<li>one</li><li>two</li>"};
  CHECK(shown() == page(lines, "0", "", ""));
  CHECK(assigns.lines->empty());

  assigns.n = 1;
  assigns.note = "said";
  CHECK(shown() == page(lines, "1", "<i>said</i>", "<section><p>1: said</p></section>"));
  assigns.n = 2;
  CHECK(shown() == page(lines, "2", "<i>said</i>", "<section><p>2: said</p></section>"));
  assigns.lines = {"three"};
  CHECK(shown() == page("<li>three</li>", "2", "<i>said</i>", "<section><p>2: said</p></section>"));
  SUBCASE("what leaves the page and comes back has nothing to show") {
    assigns.n = 0;
    CHECK(shown() == page("<li>three</li>", "0", "", ""));
    assigns.n = 3;
    CHECK(shown() == page("<li>three</li>", "3", "<i></i>", "<section><p>3: </p></section>"));
  }
  SUBCASE("a page that is joined anew has nothing to show") {
    client.join(parsed(tree.full(render)));
    tree.sent();
    CHECK(client.html() == page("", "2", "<i></i>", "<section><p>2: </p></section>"));
  }
}
