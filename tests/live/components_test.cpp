#include "web/live/components/flash.hpp"
#include "web/live/components/form.hpp"
#include "web/live/components/link.hpp"
#include "web/live/components/page.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <stdexcept>
#include <vector>

using namespace beamline;
using namespace beamline::web::live;
namespace live = beamline::web::live;
namespace ui = live::components;

namespace {

/// Somewhere to render.
struct place {
  render_scope scope;
  assign<flash_messages> flash;
  render_context context{scope, 0, &flash};
};

rendered word(const char* text) {
  static const statics tpl{{"<b>", "</b>"}};
  return rendered{tpl, text};
}

}  // namespace

TEST_CASE("links of all three kinds are real links") {
  place p;
  auto a = ui::link_attrs{};
  a.navigate = "/a?b=1&c=2";
  a.rest.set("class", "x").set("id", "y");
  a.inner_block.add([] { return word("go"); });
  CHECK(to_html(ui::link(a, p.context))
        == "<a href=\"/a?b=1&amp;c=2\" data-phx-link=\"redirect\" data-phx-link-state=\"push\" class=\"x\" id=\"y\">"
           "<b>go</b></a>");
  auto patch = ui::link_attrs{};
  patch.patch = "/b";
  patch.replace = true;
  CHECK(to_html(ui::link(patch, p.context))
        == "<a href=\"/b\" data-phx-link=\"patch\" data-phx-link-state=\"replace\"></a>");
  auto plain = ui::link_attrs{};
  plain.href = "https://example.org";
  CHECK(to_html(ui::link(plain, p.context)) == "<a href=\"https://example.org\"></a>");
  plain.href = "javascript:alert(1)";
  CHECK(to_html(ui::link(plain, p.context)) == "<a href=\"about:blank#blocked\"></a>");
  CHECK(to_html(ui::link({}, p.context)) == "<a href=\"#\"></a>");
  auto file = ui::link_attrs{};
  file.href = "/report.csv";
  file.download = true;
  file.rel = "nofollow";
  file.target = std::optional<std::string>{};
  CHECK(to_html(ui::link(file, p.context)) == "<a href=\"/report.csv\" download rel=\"nofollow\"></a>");
  plain.patch = "/b";
  CHECK_THROWS_AS((void)ui::link(plain, p.context), std::invalid_argument);
}

TEST_CASE("a form shows its content with the form, and hidden inputs where it leaves the page") {
  place p;
  const auto f = to_form({{"name", "ann"}}, {.as = "u"});
  auto a = ui::form_attrs{};
  a.for_ = f;
  a.rest.set("phx-submit", "save");
  a.inner_block.add([](const live::form& inner) { return word(inner["name"].name.c_str()); });
  CHECK(to_html(ui::form(a, p.context)) == "<form id=\"u\" phx-submit=\"save\"><b>u[name]</b></form>");
  a.novalidate = true;
  a.autocomplete = "off";
  CHECK(to_html(ui::form(a, p.context)).starts_with("<form id=\"u\" autocomplete=\"off\" novalidate phx-submit="));
  a.novalidate = false;
  a.autocomplete = nullptr;
  a.action = "/login";
  CHECK_THROWS_AS((void)ui::form(a, p.context), std::invalid_argument);
  a.csrf = "T";
  a.method = "put";
  a.id = "own";
  CHECK(to_html(ui::form(a, p.context))
        == "<form id=\"own\" action=\"/login\" method=\"post\" phx-submit=\"save\">"
           "<input type=\"hidden\" name=\"_csrf_token\" value=\"T\"><input type=\"hidden\" name=\"_method\" "
           "value=\"put\">"
           "<b>u[name]</b></form>");
  a.method = "get";
  CHECK(to_html(ui::form(a, p.context)).find("_csrf_token") == std::string::npos);
  CHECK_THROWS_AS((void)ui::form({}, p.context), std::invalid_argument);
}

TEST_CASE("inputs_for shows the rows of a list and remembers which is which") {
  place p;
  const auto f = to_form({{"items", {{{"title", "a"}, {"_persistent_id", "4"}}, {{"title", "b"}}}}}, {.as = "u"});
  auto a = ui::inputs_for_attrs{};
  a.form = f;
  a.field = "items";
  a.inner_block.add([](const live::form& row) { return word(row["title"].id.c_str()); });
  CHECK(to_html(ui::inputs_for(a, p.context))
        == "<input type=\"hidden\" name=\"u[items][0][_persistent_id]\" value=\"4\"><b>u_items_4_title</b>"
           "<input type=\"hidden\" name=\"u[items][1][_persistent_id]\" value=\"0\"><b>u_items_0_title</b>");
  a.skip_hidden = true;
  CHECK(to_html(ui::inputs_for(a, p.context)) == "<b>u_items_4_title</b><b>u_items_0_title</b>");
  CHECK_THROWS_AS((void)ui::inputs_for({}, p.context), std::invalid_argument);
}

TEST_CASE("flash messages are live regions that can be dismissed") {
  place p;
  p.flash = flash_messages{{"error", "<no>"}, {"info", "saved"}};
  auto a = ui::flash_group_attrs{};
  a.client_error = a.server_error = "";
  const auto html = to_html(ui::flash_group(a, p.context));
  CHECK(html.find("<div id=\"flash-group-error\" class=\"flash flash-error\" role=\"alert\"><p>&lt;no&gt;</p>")
        != std::string::npos);
  CHECK(html.find("<div id=\"flash-group-info\" class=\"flash flash-info\" role=\"status\"><p>saved</p>")
        != std::string::npos);
  CHECK(
      html.find("phx-click=\"[[&quot;push&quot;,{&quot;event&quot;:&quot;lv:clear-flash&quot;,&quot;value&quot;:{&quot;"
                "key&quot;:&quot;info&quot;}}],[&quot;hide&quot;,{&quot;to&quot;:&quot;#flash-group-info&quot;}]]\"")
      != std::string::npos);
  a.client_error = "offline";
  CHECK(to_html(ui::flash_group(a, p.context)).find("hidden phx-disconnected=") != std::string::npos);
}

TEST_CASE("live_title falls back to its default") {
  place p;
  auto a = ui::live_title_attrs{};
  a.default_ = "Blog";
  a.suffix = " · B";
  CHECK(to_html(ui::live_title(a, p.context))
        == "<title data-default=\"Blog\" data-prefix=\"\" data-suffix=\" · B\">Blog · B</title>");
  a.inner_block.add([] {
    static const statics tpl{{" ", " "}};
    return rendered{tpl, "A & B"};
  });
  CHECK(to_html(ui::live_title(a, p.context)).ends_with(">A &amp; B · B</title>"));
}

TEST_CASE("focus_wrap has its guards, intersperse its separators") {
  place p;
  auto wrap = ui::focus_wrap_attrs{};
  wrap.id = "d";
  wrap.inner_block.add([] { return word("x"); });
  CHECK(to_html(ui::focus_wrap(wrap, p.context))
        == "<div id=\"d\" phx-hook=\"Phoenix.FocusWrap\"><div id=\"d-start\" tabindex=\"0\" aria-hidden=\"true\"></div>"
           "<b>x</b><div id=\"d-end\" tabindex=\"0\" aria-hidden=\"true\"></div></div>");
  CHECK_THROWS_AS((void)ui::focus_wrap({}, p.context), std::invalid_argument);

  const auto tags = std::vector<const char*>{"a", "b", "c"};
  auto list = ui::intersperse_attrs{};
  list.enum_ = tags;
  list.separator.add([] {
    static const statics tpl{{", "}};
    return rendered{tpl};
  });
  list.inner_block.add([&](std::size_t i) { return word(tags[i]); });
  CHECK(to_html(ui::intersperse(list, p.context)) == "<b>a</b>, <b>b</b>, <b>c</b>");
  list.enum_ = 0;
  CHECK(to_html(ui::intersperse(list, p.context)).empty());
}
