#include "template/golden/attributes.heex.hpp"
#include "template/golden/by_hand.hpp"
#include "template/golden/components.heex.hpp"
#include "template/golden/control.heex.hpp"
#include "template/golden/failing.heex.hpp"
#include "template/golden/slots.heex.hpp"
#include "template/golden/text.heex.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

// Templates that are really compiled, and the HTML they give.

namespace golden {

namespace live = beamline::web::live;

live::rendered by_hand(const by_hand_attrs& a, live::render_context&) {
  static const live::statics tpl{std::vector<std::string>{"<u>", ":", "</u>"}};
  return live::rendered{tpl, a.text, render_slot(a.inner_block)};
}

live::rendered badge::render(live::render_context&) const {
  static const live::statics tpl{std::vector<std::string>{"<b>", "</b>"}, live::root_element::single};
  return live::rendered{tpl, given_.likes};
}

std::vector<column> columns() { return {column{"one"}, column{"a label longer than a string holds in itself"}}; }

std::string fails_if(bool is_so) {
  if (is_so)
    throw std::runtime_error{"no luck"};
  return "luck";
}

}  // namespace golden

namespace {

using namespace beamline::web::live;

struct page {
  render_scope scope{};
  assign<flash_messages> flash{};
  render_context context{scope, 0, &flash};

  page() { context.start(true); }
};

template <class Assigns>
rendered tree_of(const Assigns& a) {
  auto p = page{};
  return golden::render_template(a, p.context);
}

}  // namespace

TEST_CASE("text is escaped, C++ is left alone, and space is trimmed where it is not seen") {
  CHECK(to_html(tree_of(golden::text_page::assigns{}))
        == "<!-- everybody sees this --> "
           "<p>&lt;T&gt; &amp; &quot;Q&quot;</p> <p>3 4 0.5</p> <p><em>safe</em></p> <p>7</p> "
           "<p>2 &quot;)} not 1000</p> <p>6 &lbrace; &amp; &copy; <% not code %></p> <p>a<b> x </b>c</p> "
           "<pre>\n  kept   3\n    as it is\n</pre> "
           "<script type=\"text/plain\">if (a < b) { c(\"</p>\"); }</script> <style>p { color: red }</style> "
           "<div>{@literal} 3</div> <div>  two  spaces  </div> <br><input type=\"checkbox\" checked><hr>");
}

TEST_CASE("attributes follow their values") {
  auto html = to_html(tree_of(golden::attribute_page::assigns{}));
  auto expected = std::vector<std::string>{
      R"(<a id="one" title="a&quot;b&lt;c&gt;" href="/p?a=1&amp;b=2">x</a>)",
      R"(<a href="about:blank#blocked" download>x</a>)",
      R"(<a href="/blog/a&quot;b&lt;c&gt;" tabindex="42">x</a>)",
      R"(<p aria-hidden="true" aria-busy="false" draggable="false" class="on">x</p>)",
      R"(<p class="a b" id="p-42">x</p>)",
      R"(<p style="width: 10%">x</p>)",
      R"(<p style="/* blocked */">x</p>)",
      R"(<p data-json="{&quot;k&quot;:&quot;v&#39;\&quot;&quot;}" phx-click="[[&quot;push&quot;,{&quot;event&quot;:&quot;go&quot;}]]" phx-value-n="42">x</p>)",
      R"(<p data-a="1" href="about:blank#blocked" title='say "hi"'>x</p>)",
      R"(<p id="42">x</p>)",
      R"(<p id="p-10%-x" title="a10%">x</p>)",
  };
  for (const auto& part : expected) {
    CAPTURE(part);
    CAPTURE(html);
    REQUIRE(html.starts_with(part));
    html.erase(0, part.size() + (html.size() > part.size() ? 1 : 0));
  }
  CHECK(html.empty());
}

TEST_CASE("conditions, loops and streams show what they are about") {
  auto a = golden::control_page::assigns{};
  a.items.insert({7, "seven"});
  CHECK(to_html(tree_of(a))
        == "<p>several</p>  <ul><li>one</li><li>three</li></ul> "
           "<dl><dt>ann</dt> <dd>30</dd><dd>31</dd><dt>bob</dt> <dd>40</dd><dd>41</dd></dl> <i>two</i>  "
           "<div id=\"items\" phx-update=\"stream\"><p id=\"items-7\">seven</p></div> 1,2,3,");
}

TEST_CASE("components get attributes with defaults, content, and slots with arguments") {
  auto tree = tree_of(golden::component_page::assigns{});
  // The last value is a live component's place, which is rendered elsewhere.
  REQUIRE(tree.values().size() == 8);
  auto values = tree.values();
  values.pop_back();
  auto parts = tree.tpl().parts();
  parts.pop_back();
  const auto without = statics{parts};
  CHECK(to_html(rendered{without, values})
        == "<h1>Hello!!</h1>   <h2>one</h2> <h2>two</h2> "
           "<button class=\"button primary wide\" phx-click=\"go\" title=\"Go\" data-n=\"2\">Press <b>me</b></button> "
           "<table><caption>Hello</caption>"
           "<tr><th class=\"narrow\">Id</th><th class=\"wide\">x!</th><th class=\"wide\">y!</th></tr>"
           "<tr><td>1</td><td>xone</td><td>yone</td></tr><tr><td>2</td><td>xtwo</td><td>ytwo</td></tr></table> "
           "Hello is there [1a][2b] <div>one<i>two</i></div> <button class=\"button plain\">more</button> "
           "<u>Hello:inside Hello</u> ");
}

TEST_CASE("attributes of a slot's entries may be of what the loop made, and of a list that is kept nowhere") {
  CHECK(to_html(tree_of(golden::slot_page::assigns{}))
        == "<table>"
           "<tr><th class=\"narrow\">one</th><th class=\"narrow\">a label longer than a string holds in itself</th>"
           "<th class=\"wide\">made 1</th><th class=\"wide\">made 2</th>"
           "<th class=\"wide\">made 1</th><th class=\"narrow\">made 2</th>"
           "<th class=\"narrow\">x</th><th class=\"narrow\">y</th><th class=\"narrow\">one!</th></tr>"
           "<tr><td>1one</td><td>1a label longer than a string holds in itself</td>"
           "<td>1made 1</td><td>1made 2</td><td>1made 1</td><td>1made 2</td>"
           "<td>1x</td><td>1y</td><td>1</td></tr></table> ");
}

TEST_CASE("the innermost template says where an expression threw") {
  try {
    (void)tree_of(golden::failing_page::assigns{});
    FAIL("nothing was thrown");
  } catch (const template_error& e) {
    CHECK(e.position() == "tests/template/golden/failing.heex:5:7");
    CHECK(std::string{e.what()} == "no luck");
  }
  auto a = golden::failing_page::assigns{};
  a.fails = false;
  CHECK(to_html(tree_of(a)) == "<p>fine</p> <b>luck</b> <div>luck</div>");
  // A slot's content stands here, wherever it is rendered.
  a.fails_in_frame = true;
  try {
    (void)tree_of(a);
    FAIL("nothing was thrown");
  } catch (const template_error& e) {
    CHECK(e.position() == "tests/template/golden/failing.heex:15:10");
  }
}

TEST_CASE("a whole page that is one element says so; blocks in it do not, as it would cost octets") {
  auto a = golden::control_page::assigns{};
  const auto tree = tree_of(a);
  CHECK_FALSE(tree.tpl().is_single_root());
  REQUIRE(tree.values()[0].tree() != nullptr);
  CHECK_FALSE(tree.values()[0].tree()->tpl().is_single_root());  // <p :if>
  REQUIRE(tree.values()[4].tree() != nullptr);
  CHECK_FALSE(tree.values()[4].tree()->tpl().is_single_root());  // <i>two</i>
}
