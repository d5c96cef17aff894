#include "testing/live/dom.hpp"

#include "testing/live/client_model.hpp"
#include "testing/live/form_fields.hpp"
#include "testing/live/selector.hpp"

#include <doctest/doctest.h>

using namespace beamline::testing;

namespace {

std::string ids(std::string_view html, std::string_view css) {
  const auto root = parse_fragment(html);
  auto out = std::string{};
  for (const auto* n : selector{css}.all(*root))
    out += (out.empty() ? "" : " ") + std::string{n->id()};
  return out;
}

constexpr auto page = R"(<main id="m" class="a b"><ul id="u"><li id="1" class="x">one</li><li id="2">two</li>
  <li id="3" data-k="v-1 w">three</li></ul><p id="p"><em id="e">four</em></p><input id="i" disabled checked></main>)";

}  // namespace

TEST_CASE("HTML becomes a tree, with texts and attributes decoded") {
  const auto root = parse_fragment("<p title=\"a&amp;b\">x &lt; <b>y</b>\n  z</p>");
  auto* p = root->child_elements().at(0);
  CHECK(p->attribute("title") == "a&b");
  CHECK(p->text() == "x < y z");
  CHECK(p->outer_html() == "<p title=\"a&amp;b\">x &lt; <b>y</b>\n  z</p>");
  CHECK(p->child_elements().at(0)->path() == "p > b");
}

TEST_CASE("a document is read as browsers read it") {
  const auto root = parse_document("<!doctype html><title>T</title><p>one<p>two");
  CHECK(selector{"html > body > p"}.all(*root).size() == 2);
  CHECK(selector{"head > title"}.all(*root).size() == 1);
}

TEST_CASE("selectors find elements") {
  CHECK(ids(page, "li") == "1 2 3");
  CHECK(ids(page, "#u > .x") == "1");
  CHECK(ids(page, "main.a.b li") == "1 2 3");
  CHECK(ids(page, "main > li").empty());
  CHECK(ids(page, "li, em") == "1 2 3 e");
  CHECK(ids(page, "[data-k]") == "3");
  CHECK(ids(page, "[data-k~=w]") == "3");
  CHECK(ids(page, "[data-k|=\"v\"]") == "3");
  CHECK(ids(page, "li[data-k^='v-'][data-k$=\" w\"][data-k*=\"1\"]") == "3");
  CHECK(ids(page, "li:nth-child(2)") == "2");
  CHECK(ids(page, "li:nth-child(odd)") == "1 3");
  CHECK(ids(page, "li:nth-child(-n + 2)") == "1 2");
  CHECK(ids(page, "li:first-child, li:last-child") == "1 3");
  CHECK(ids(page, "li:not(.x)") == "2 3");
  CHECK(ids(page, "main > :has(em)") == "p");
  CHECK(ids(page, "li + li") == "2 3");
  CHECK(ids(page, "#1 ~ li") == "2 3");
  CHECK(ids(page, "input:disabled:checked") == "i");
  CHECK(ids(page, "*") == "m u 1 2 3 p e i");
}

TEST_CASE("a selector that is none says where") {
  CHECK_THROWS_WITH(selector{"li:hover"}, "selector \"li:hover\", character 9: :hover is not known here");
  for (const auto* bad : {"", "li >", "[a", "[a=\"b]", "li:nth-child(x)", "a,,b", "..", "li)"})
    CHECK_THROWS_AS(selector{bad}, std::invalid_argument);
}

TEST_CASE("markup that browsers would read differently is refused") {
  check_strict("<ul><li>a</li></ul><br><svg><path d=\"\"/></svg><textarea><b></textarea><!-- <p> -->");
  check_strict("<table><tr><td>a</td></tr><tr></tr></table>");
  check_strict("<tr><td>a</td></tr>", "tbody");
  const auto bad = {"<p>",
                    "</p>",
                    "<b><i></b></i>",
                    "<div/>",
                    "<p><div></div></p>",
                    "<a><a></a></a>",
                    "<form><form></form></form>",
                    "<table><div></div></table>",
                    "<i a=\"1\" a=\"2\"></i>",
                    "<i a=\"1></i>",
                    "a < b",
                    "<i \"></i>",
                    "<script>"};
  for (const auto* html : bad) {
    INFO(html);
    CHECK_THROWS_AS(check_strict(html), page_stuck);
  }
  CHECK_THROWS_AS(check_unique_ids(*parse_fragment("<b id=\"x\"></b><i><b id=\"x\"></b></i>")), page_stuck);
}

namespace {

constexpr auto form_html = R"(<form id="f"><input name="u[name]" value="a b"><input type="hidden" name="u[h]" value="1">
  <input type="hidden" name="u[ok]" value="false"><input type="checkbox" name="u[ok]" value="true">
  <select name="u[c]"><option value="r">Red</option><option selected>Blue</option></select>
  <select name="u[m][]" multiple><option>x</option><option>y</option></select>
  <input type="radio" name="u[r]" value="1" checked><input type="radio" name="u[r]" value="2">
  <textarea name="u[t]">
  text</textarea><input name="u[off]" disabled><button name="go" value="yes">Go</button></form>)";

}  // namespace

TEST_CASE("a form is serialized as the client does it") {
  const auto root = parse_fragment(form_html);
  auto& form = *root->child_elements().at(0);
  CHECK(serialize_form(form, nullptr)
        == "u%5B_unused_name%5D=&u%5Bname%5D=a+b&u%5Bh%5D=1&u%5B_unused_ok%5D=&u%5Bok%5D=false&u%5B_unused_c%5D=&u%5Bc%"
           "5D="
           "Blue&u%5B_unused_r%5D=&u%5Br%5D=1&u%5B_unused_t%5D=&u%5Bt%5D=++text");
  put_into_form(form, {{"u[name]", "ann"},
                       {"u[ok]", true},
                       {"u[c]", "r"},
                       {"u[m][]", std::vector<std::string>{"x", "y"}},
                       {"u[r]", 2},
                       {"u[t]", "a&b"}});
  CHECK(
      serialize_form(form, selector{"button"}.all(form).at(0))
      == "u%5Bname%5D=ann&u%5Bh%5D=1&u%5Bok%5D=false&u%5Bok%5D=true&u%5Bc%5D=r&u%5Bm%5D%5B%5D=x&u%5Bm%5D%5B%5D=y&u%5Br%"
         "5D=2&u%5Bt%5D=a%26b&go=yes");
  CHECK(serialize_form(form, nullptr, "u[c]") == "u%5Bc%5D=r");
}

TEST_CASE("only what a visitor could do to a form can be done") {
  const auto root = parse_fragment(form_html);
  auto& form = *root->child_elements().at(0);
  CHECK_THROWS_WITH_AS(put_into_form(form, {{"u[c]", "green"}}),
                       doctest::Contains("the select \"u[c]\" has no option \"green\""), std::invalid_argument);
  CHECK_THROWS_WITH_AS(put_into_form(form, {{"nme", "x"}}), doctest::Contains("its fields are u[name], u[h], u[ok]"),
                       std::invalid_argument);
  CHECK_THROWS_AS(put_into_form(form, {{"u[h]", "2"}}), std::invalid_argument);
  CHECK_THROWS_AS(put_into_form(form, {{"u[off]", "2"}}), std::invalid_argument);
  CHECK_THROWS_AS(put_into_form(form, {{"u[r]", "3"}}), std::invalid_argument);
  CHECK_THROWS_AS(put_into_form(form, {{"u[r]", true}}), std::invalid_argument);
  CHECK_THROWS_AS(put_into_form(form, {{"u[name]", true}}), std::invalid_argument);
  CHECK_THROWS_AS(put_into_form(form, {{"go", "yes"}}), std::invalid_argument);
}
