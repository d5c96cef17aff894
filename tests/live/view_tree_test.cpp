#include "web/live/view_tree.hpp"

#include "live/leaves.hpp"
#include "testing/live/client_model.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

namespace {

using namespace beamline;
using namespace beamline::web::live;
using namespace beamline::web::live::testing;

}  // namespace

TEST_CASE("mistakes with components are refused with their names") {
  auto v = leaves{};
  const auto broken = [&](const view_tree::render_function& render) { (void)v.tree.full(render); };
  static const statics two{{"", "", ""}};
  CHECK_THROWS_WITH_AS(broken([](render_context& c) {
                         return rendered{two, c.component<leaf>("a"), c.component<leaf>("a")};
                       }),
                       R"(live: the component leaf "a" has two places in one view; give each its own id)",
                       std::logic_error);
  class bare final : public component {
  public:
    struct attrs {};
    [[nodiscard]] rendered render(render_context&) const override {
      static const statics tpl{{"text <b>", "</b>"}};
      return rendered{tpl, "x"};
    }
  };
  CHECK_THROWS_AS(broken([](render_context& c) {
                    return rendered{two, c.component<bare>("a"), ""};
                  }),
                  std::logic_error);
  auto homeless = view_tree{{}};
  CHECK_THROWS_AS((void)homeless.full([](render_context& c) {
    return rendered{two, c.component<leaf>("a"), ""};
  }),
                  std::logic_error);
  CHECK_THROWS_AS((void)homeless.full([](render_context&) { return rendered{two, unchanged, ""}; }), std::logic_error);
  CHECK_THROWS_AS(v.tree.sent(), std::logic_error);
}

TEST_CASE("a component that contains itself without end is refused") {
  class nest final : public component {
  public:
    struct attrs {
      int depth = 0;
    };
    void update(const attrs& a, component_socket&) { depth_ = a.depth; }
    [[nodiscard]] rendered render(render_context& c) const override {
      static const statics tpl{{"<b>", "</b>"}, root_element::single};
      return rendered{tpl, c.component<nest>(std::to_string(depth_), {.depth = depth_ + 1})};
    }

  private:
    int depth_ = 0;
  };
  static const statics page{{"", ""}};
  auto host = beamline::testing::no_host{};
  auto tree = view_tree{{.host = &host}};
  CHECK_THROWS_AS((void)tree.full([](render_context& c) {
    return rendered{page, c.component<nest>("root")};
  }),
                  std::logic_error);
}

TEST_CASE("the first HTML of a page has its components in place") {
  auto v = leaves{};
  v.ids = {"a"};
  CHECK(v.tree.html(v.function())
        == "<main><p><div class=\"leaf\">L: <b>0</b><button phx-click=\"bump\" phx-target=\"1\">bump</button></div></p>"
           "L</main>");
}

TEST_CASE("within components templates stand where they are used, and lists share a table") {
  class table final : public component {
  public:
    struct attrs {
      int rows = 0;
    };
    void update(const attrs& a, component_socket&) { rows_ = a.rows; }
    [[nodiscard]] rendered render(render_context&) const override {
      static const statics tpl{{"<table>", "", "</table>"}, root_element::single};
      static const statics row{{"<tr>", "</tr>"}};
      static const statics cell{{"<td>", "</td>"}};
      auto rows = comprehension{row};
      for (int i = 0; i < rows_; ++i)
        rows.add(rendered{cell, i});
      return rendered{tpl, std::move(rows), rendered{cell, "end"}};
    }

  private:
    int rows_ = 0;
  };
  static const statics page{{"", ""}};
  auto host = beamline::testing::no_host{};
  auto tree = view_tree{{.host = &host}};
  auto rows = 2;
  const auto render = [&](render_context& c) { return rendered{page, c.component<table>("t", {.rows = rows})}; };
  auto client = beamline::testing::client_model{};
  const auto first = tree.full(render);
  tree.sent();
  CHECK(
      parsed(first).at("c").at("1")
      == parsed(R"({"0":{"k":{"0":{"0":{"0":"0","s":0}},"1":{"0":{"0":"1","s":0}},"kc":2},"p":{"0":["<td>","</td>"]},)"
                R"("s":["<tr>","</tr>"]},"1":{"0":"end","s":["<td>","</td>"]},"r":1,)"
                R"("s":["<table>","","</table>"]})"));
  client.join(parsed(first));
  CHECK(client.html() == "<table><tr><td>0</td></tr><tr><td>1</td></tr><td>end</td></table>");
  rows = 3;
  tree.view_changed();
  const auto next = tree.diff(render);
  CHECK(next == R"({"c":{"1":{"0":{"k":{"2":{"0":{"0":"2","s":["<td>","</td>"]}},"kc":3}}}}})");
  client.diff(parsed(next));
  CHECK(client.html() == "<table><tr><td>0</td></tr><tr><td>1</td></tr><tr><td>2</td></tr><td>end</td></table>");
}

TEST_CASE("an unchanged value costs nothing but its place in the row") {
  static const statics tpl{{"<p>", "", "", "</p>"}};
  auto memory = tree_memory{};
  (void)encode_full(memory, rendered{tpl, "a", "b", "c"});
  CHECK(encode_diff(memory, rendered{tpl, unchanged, "B", unchanged}) == R"({"1":"B"})");
  CHECK(encode_diff(memory, rendered{tpl, "a", unchanged, "C"}) == R"({"2":"C"})");
  CHECK(encode_diff(memory, rendered{tpl, "a", "B", "C"}).empty());
  CHECK_THROWS_WITH_AS(
      (void)encode_full(memory, rendered{tpl, "a", unchanged, "c"}),
      R"(live diff: value 1 of "<p>{..}{..}{..}</p>" is said to be unchanged, but the client does not )"
      "have it; evaluate it when the template around it is new",
      std::logic_error);
  CHECK_THROWS_AS((void)to_html(rendered{tpl, "a", unchanged, "c"}), std::logic_error);
}
