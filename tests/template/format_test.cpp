#include "support/source_dir.hpp"
#include "template/support.hpp"
#include "web/template/formatter.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

using namespace beamline;

std::string formatted(const std::string& text) {
  const auto from = web::heex::source{"t.heex", text};
  auto out = web::heex::diagnostics{from};
  const auto f = web::heex::format(from, out);
  INFO(out.text());
  REQUIRE(f);
  return *f;
}

/// The form of a view with this markup, without the line of the directive.
std::string formatted_view(const std::string& markup) {
  const auto all = formatted("<%@ view v %>\n" + markup);
  const auto first = std::string{"<%@ view v %>\n"};
  REQUIRE(all.starts_with(first));
  return all.substr(first.size());
}

struct sample {
  const char* markup;
  const char* form;
};

constexpr sample samples[] = {
    {"<p>  a   b\n c </p>", "<p>a b c</p>\n"},
    {"<div><p>a</p></div>", "<div>\n  <p>a</p>\n</div>\n"},
    {"<div><p>a</p><p>b</p></div>", "<div>\n  <p>a</p><p>b</p>\n</div>\n"},
    {"<div><p>a</p> <p>b</p>\n\n\n\n<p>c</p></div>", "<div>\n  <p>a</p>\n  <p>b</p>\n\n  <p>c</p>\n</div>\n"},
    {"<p>a <b> x </b>, {@c}</p>", "<p>a <b> x </b>, {@c}</p>\n"},
    {"<p   class='a'  title='say \"hi\"' {@rest}  hidden>x</p>",
     "<p class=\"a\" title='say \"hi\"' {@rest} hidden>x</p>\n"},
    {"<p title={ @a }  :if={ @b }>x</p>", "<p :if={@b} title={@a}>x</p>\n"},
    {"<li :key={x.id} :for={x   <-   @xs}>{ x }</li>", "<li :for={x <- @xs} :key={x.id}>{x}</li>\n"},
    {"<br/><img src=\"a\" />", "<br><img src=\"a\">\n"},
    {"<.icon></.icon><div/>", "<.icon /><div></div>\n"},
    {"<%= if @a do %>x<% else %>y<% end %>", "<%= if @a do %>\n  x\n<% else %>\n  y\n<% end %>\n"},
    {"<b><%= if @a do %> x <% end %></b>", "<b><%= if @a do %> x <% end %></b>\n"},
    {"<%= @a %>", "{@a}\n"},
    {"<pre>\n  a\n    b</pre>", "<pre>\n  a\n    b</pre>\n"},
    {"<p>{f(@a, // why\n  @b)}</p>", "<p>\n  {f(@a, // why\n  @b)}\n</p>\n"},
    {"<%!-- a --%>\n<p>x</p>", "<%!-- a --%>\n<p>x</p>\n"},
    {"<table><tr><td>a</td></tr></table>", "<table>\n  <tr>\n    <td>a</td>\n  </tr>\n</table>\n"},
    {"<.card><:top>a</:top>b</.card>", "<.card>\n  <:top>a</:top>b\n</.card>\n"},
};

std::vector<std::filesystem::path> templates() {
  auto out = std::vector<std::filesystem::path>{};
  for (const auto* folder : {"src", "tests", "examples"})
    for (const auto& one : std::filesystem::recursive_directory_iterator{testing::source_dir() / folder})
      if (one.path().extension() == ".heex")
        out.push_back(one.path());
  std::ranges::sort(out);
  return out;
}

}  // namespace

TEST_CASE("every template has one usual form") {
  for (const auto& s : samples) {
    CAPTURE(s.markup);
    CHECK(formatted_view(s.markup) == s.form);
    CHECK(formatted_view(s.form) == s.form);
  }
}

TEST_CASE("a tag that is too long has one attribute in each line, and long text is filled") {
  const auto value = std::string(40, 'x');
  CHECK(formatted_view("<p title=\"" + value + "\" lang=\"" + value + "\" class=\"" + value + "\">x</p>")
        == "<p\n  title=\"" + value + "\"\n  lang=\"" + value + "\"\n  class=\"" + value + "\"\n>\n  x\n</p>\n");
  auto words = std::string{};
  for (int i = 0; i < 60; ++i)
    words += "word ";
  const auto filled = formatted_view("<p>" + words + "</p>");
  CHECK(filled.starts_with("<p>\n  word word"));
  auto longest = std::size_t{0};
  auto lines = 0;
  for (std::size_t at = 0; at < filled.size(); at = filled.find('\n', at) + 1, ++lines)
    longest = std::max(longest, filled.find('\n', at) - at);
  CHECK(longest <= web::heex::line_characters_max);
  CHECK(longest > web::heex::line_characters_max - 6);
  CHECK(lines == 5);
}

TEST_CASE("directives, comments and components keep their order") {
  const auto text = std::string{"<%@ include \"a.hpp\" %>\n<%@ namespace a::b %>\n<%!-- first --%>\n\n"
                                "<%@ component one(a: int,\n  slot inner_block) %>\n  <p>{@a}</p>\n<%@ end %>\n\n"
                                "<%!-- second --%>\n<%@ view v %>\n<.one a={1} />\n"};
  CHECK(formatted(text) == text);
}

TEST_CASE("formatting changes neither meaning nor, a second time, anything") {
  const auto all = templates();
  CHECK(all.size() > 6);
  for (const auto& path : all) {
    CAPTURE(path.string());
    auto in = std::ifstream{path, std::ios::binary};
    const auto text = std::string{std::istreambuf_iterator<char>{in}, {}};
    const auto once = formatted(text);
    CHECK(testing::tree_of(once).first == testing::tree_of(text).first);
    CHECK(formatted(once) == once);
  }
}

TEST_CASE("what cannot be read is not formatted") {
  const auto from = web::heex::source{"t.heex", "<%@ view v %><p>"};
  auto out = web::heex::diagnostics{from};
  CHECK_FALSE(web::heex::format(from, out));
  CHECK(out.has_errors());
}
