#include "apps/event_horizon/content/markdown.hpp"

#include "apps/content/folder.hpp"
#include "apps/content/html_check.hpp"

using namespace beamline;
using namespace beamline::event_horizon;
using test::contains;
using test::lines_of;
using test::occurrences;
using test::what_is_wrong_with;

namespace {

std::string page(std::string_view source, const markdown_context& context = {}) {
  auto html = render_markdown(source, context).body.str();
  CHECK(what_is_wrong_with(html) == "");
  return html;
}

/// A site with one picture and one other post.
markdown_context small_site() {
  auto out = markdown_context{};
  out.find_file = [](std::string_view path) -> std::optional<found_file> {
    if (path == "pic.png" || path == "/pic.png")
      return found_file{"/files/pic.png", image_size{640, 480}};
    if (path == "doc one.pdf")
      return found_file{"/files/doc%20one.pdf", std::nullopt};
    return std::nullopt;
  };
  out.find_post = [](std::string_view path) -> std::optional<std::string> {
    return path == "other.md" ? std::optional<std::string>{"/blog/other"} : std::nullopt;
  };
  return out;
}

}  // namespace

TEST_CASE("CommonMark becomes plain HTML") {
  CHECK(page("Some *text*, **bold**, `code <x>` and [a link](/blog/x \"T\").\n")
        == "<p>Some <em>text</em>, <strong>bold</strong>, <code>code &lt;x&gt;</code> and <a href=\"/blog/x\" "
           "title=\"T\">a link</a>.</p>\n");
  CHECK(page("- a\n- b\n") == "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n");
  CHECK(page("3. a\n\n4. b\n") == "<ol start=\"3\">\n<li>\n<p>a</p>\n</li>\n<li>\n<p>b</p>\n</li>\n</ol>\n");
  CHECK(page("> q\n\n---\n\na  \nb\n") == "<blockquote>\n<p>q</p>\n</blockquote>\n<hr>\n<p>a<br>\nb</p>\n");
  CHECK(page("caf\xe9 a < b & c") == "<p>caf\xef\xbf\xbd a &lt; b &amp; c</p>\n");
}

TEST_CASE("tables can be scrolled with the keyboard and keep their alignment") {
  CHECK(page("| a | b |\n|:-:|-:|\n| 1 | **2** |\n")
        == "<div class=\"table\" role=\"group\" aria-label=\"Table\" tabindex=\"0\"><table>\n<thead>\n"
           "<tr><th scope=\"col\" class=\"centered\">a</th><th scope=\"col\" class=\"to-right\">b</th></tr>\n</thead>\n"
           "<tbody>\n<tr><td class=\"centered\">1</td><td class=\"to-right\"><strong>2</strong></td></tr>\n</tbody>\n"
           "</table></div>\n");
  CHECK(contains(page("| a |\n|-|\n"), "</thead>\n</table></div>"));
}

TEST_CASE("task lists tell screen readers what is done") {
  auto html = page("- [ ] one\n- [x] two\n");
  CHECK(
      contains(html, "<li class=\"task-list-item\"><input type=\"checkbox\" disabled aria-label=\"To do\"> one</li>"));
  CHECK(contains(html, "<input type=\"checkbox\" disabled aria-label=\"Done\" checked> two</li>"));
}

TEST_CASE("strikethrough and bare links") {
  CHECK(page("~~old~~ https://x.example/a?b=1&c=2 me@x.example")
        == "<p><del>old</del> <a href=\"https://x.example/a?b=1&amp;c=2\">https://x.example/a?b=1&amp;c=2</a> <a "
           "href=\"mailto:me@x.example\">me@x.example</a></p>\n");
}

TEST_CASE("footnotes lead there and back, from every reference") {
  auto html = page("a[^x] b[^y] c[^x]\n\n[^y]: why\n[^x]: ex\n\n[^z]: never\n");
  CHECK(contains(html, "<a href=\"#fn:1\" id=\"fnref:1\" aria-label=\"Footnote 1\">1</a>"));
  CHECK(contains(html, "<a href=\"#fn:1\" id=\"fnref:1-2\" aria-label=\"Footnote 1\">1</a>"));
  CHECK(contains(html,
                 "<section class=\"footnotes\" aria-label=\"Footnotes\">\n<ol>\n<li id=\"fn:1\">\n<p>ex <a "
                 "class=\"footnote-back\" href=\"#fnref:1\" aria-label=\"Back to reference 1\">↩</a> <a "
                 "class=\"footnote-back\" href=\"#fnref:1-2\" aria-label=\"Back to reference 1 number 2\">↩</a></p>"));
  CHECK(contains(html, "<li id=\"fn:2\">\n<p>why "));
  CHECK_FALSE(contains(html, "never"));
}

TEST_CASE("headings have anchors, each once, and make the table of contents") {
  auto r = render_markdown("## What it *is*\n\n### More\n\n## What it is\n\n## Named {#mine}\n\n## 日本\n");
  CHECK(r.toc
        == std::vector<toc_entry>{{2, "what-it-is", "What it is"},
                                  {3, "more", "More"},
                                  {2, "what-it-is-1", "What it is"},
                                  {2, "mine", "Named"},
                                  {2, "part", "日本"}});
  CHECK(contains(r.body.str(), "<h2 id=\"what-it-is\"><a class=\"anchor\" href=\"#what-it-is\" aria-hidden=\"true\" "
                               "tabindex=\"-1\">#</a>What it <em>is</em></h2>"));
  CHECK(contains(r.body.str(), "</a>Named</h2>"));
  CHECK(what_is_wrong_with(r.body.str()) == "");
}

TEST_CASE("headings go down by one when the text has some of the first level") {
  CHECK(contains(page("text\n\n# One\n\n## Two\n"), "<h2 id=\"one\">"));
  CHECK(contains(page("text\n\n# One\n\n## Two\n"), "<h3 id=\"two\">"));
  CHECK(contains(page("## Two\n"), "<h2 id=\"two\">"));
  CHECK(contains(page("text\n\n# 1\n\n###### 6\n"), "<h6 id=\"6\">"));
}

TEST_CASE("a first heading that says the title again is left out") {
  auto context = markdown_context{};
  context.title = "Hello";
  CHECK(page("# Hello\n\n## Two\n", context) == page("## Two\n"));
  CHECK(contains(page("# Other\n\n## Two\n", context), "<h2 id=\"other\">"));
  auto untitled = render_markdown("# Its *title*\n\ntext\n");
  CHECK(untitled.first_heading == "Its title");
  CHECK(untitled.body.str() == "<p>text</p>\n");
}

TEST_CASE("code is coloured, or shown as it is") {
  CHECK(page("```cpp title=x\nint a;\n```\n")
        == "<pre tabindex=\"0\"><code class=\"language-cpp\"><span class=\"hl-t\">int</span> a;\n</code></pre>\n");
  CHECK(page("```\na < b\n```\n") == "<pre tabindex=\"0\"><code>a &lt; b\n</code></pre>\n");
  CHECK(contains(page("~~~x\"><b>\n1\n~~~\n"), "class=\"language-x&quot;&gt;&lt;b&gt;\""));
}

TEST_CASE("pictures have their sizes, so nothing shifts") {
  auto site = small_site();
  auto html = page("![One <1>](pic.png \"T\") ![two](pic.png)\n\n<img src=/pic.png width=320>\n", site);
  CHECK(contains(html, "<img src=\"/files/pic.png\" alt=\"One &lt;1&gt;\" title=\"T\" width=\"640\" height=\"480\" "
                       "decoding=\"async\">"));
  CHECK(contains(html, "alt=\"two\" width=\"640\" height=\"480\" loading=\"lazy\" decoding=\"async\">"));
  CHECK(contains(html, "width=\"320\" height=\"240\""));
  CHECK(render_markdown("![a](pic.png)", site).first_image == "/files/pic.png");
}

TEST_CASE("pictures that cannot be shown are told of, with their line") {
  auto site = small_site();
  site.first_line = 6;
  auto r = render_markdown("text\n\n![the cat](gone.png) ![far](https://x.example/a.png)\n", site);
  CHECK(contains(r.body.str(), "<span class=\"missing-image\">the cat</span>"));
  CHECK(contains(r.body.str(), "<a href=\"https://x.example/a.png\">far</a>"));
  CHECK(contains(lines_of(r.problems), ":8: shows \"gone.png\", which is no file here; put it beside the post"));
  CHECK(contains(lines_of(r.problems), ":8: shows a picture of another site, \"https://x.example/a.png\""));
}

TEST_CASE("links to files and other posts lead to where they are served") {
  auto site = small_site();
  auto r = render_markdown("[a](doc%20one.pdf) [b](other.md#part) [c](gone.md) [d](/about?x=1) [e](nowhere/)", site);
  CHECK(contains(r.body.str(), "<a href=\"/files/doc%20one.pdf\">a</a> <a href=\"/blog/other#part\">b</a>"));
  CHECK(contains(r.body.str(), "<a href=\"/about?x=1\">d</a>"));
  CHECK(contains(lines_of(r.problems), "leads to \"gone.md\", which is no post here"));
  CHECK(contains(lines_of(r.problems), "leads to \"nowhere/\", which is no file here"));
  CHECK(r.problems.count() == 2);
}

TEST_CASE("dangerous addresses lead nowhere and keep their words") {
  CHECK(page("[x](javascript:alert(1)) ![y](vbscript:z)") == "<p>x <span class=\"missing-image\">y</span></p>\n");
  CHECK(contains(lines_of(render_markdown("[x](javascript:alert(1))").problems), "leads to \"javascript:alert(1)\""));
}

TEST_CASE("the beginning, the words and the time to read are known") {
  auto r = render_markdown("## Head\n\nOne *two*\nthree.[^1]\n\nNext\n\n```\nint a;\n```\n\n[^1]: note\n");
  CHECK(r.excerpt == "One two three.");
  CHECK(r.plain == "Head\nOne two\nthree.\nNext\n");
  CHECK(r.words == 9);
  auto cut = render_markdown("word é" + std::string(300, 'x') + " " + std::string(200, 'y')).excerpt;
  CHECK(cut.size() <= excerpt_bytes_max + 3);
  CHECK(reading_minutes(0) == 1);
  CHECK(reading_minutes(2200) == 10);
  CHECK(render_markdown("日本語の文章です").words == 4);
}

TEST_CASE("text that is nested too deeply is shown flat, and told of") {
  auto r = render_markdown(std::string(500, '>') + " deep");
  CHECK(contains(r.body.str(), "deep"));
  CHECK(occurrences(r.body.str(), "<blockquote>") == 60);
  CHECK(contains(lines_of(r.problems), "is nested more than 60 deep"));
}
