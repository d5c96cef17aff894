#include "apps/content/folder.hpp"
#include "apps/content/html_check.hpp"
#include "apps/event_horizon/content/markdown.hpp"
#include "base/random.hpp"

using namespace beamline;
using namespace beamline::event_horizon;
using test::contains;
using test::what_is_wrong_with;

namespace {

std::string page(std::string_view source) {
  auto html = render_markdown(source).body.str();
  CHECK(what_is_wrong_with(html) == "");
  return html;
}

std::string told(std::string_view source) { return test::lines_of(render_markdown(source).problems); }

}  // namespace

TEST_CASE("harmless HTML stays, made anew") {
  CHECK(page("a <KBD>Ctrl</KBD> <sub>2</sub> <abbr title='x \"y\"'>z</abbr>")
        == "<p>a <kbd>Ctrl</kbd> <sub>2</sub> <abbr title=\"x &quot;y&quot;\">z</abbr></p>\n");
  CHECK(contains(page("<details open>\n<summary>More</summary>\n\n**inside**\n\n</details>\n"),
                 "<details open>\n<summary>More</summary>\n<p><strong>inside</strong></p>\n</details>"));
  CHECK(contains(page("<table><tr><td colspan=2 style='x'>a</td></tr></table>\n"), "<td colspan=\"2\">a</td>"));
  CHECK(contains(page("<video src=\"/files/a.mp4\"></video>\n"), "<video src=\"/files/a.mp4\" controls></video>"));
  CHECK(contains(page("<h1>Big</h1>\n"), "<h2>Big</h2>"));
  CHECK(contains(page("<center><font color=red>x</font></center>\n"), "<div><span>x</span></div>"));
  CHECK(page("a<br/>b <!-- no --> c") == "<p>a<br>b  c</p>\n");
  CHECK(page("&copy; &lt;b&gt; <b>&amp;</b>\n") == "<p>© &lt;b&gt; <b>&amp;</b></p>\n");
}

TEST_CASE("films and sounds keep their sources") {
  CHECK(contains(page("<video controls><source src=\"/files/a.mp4\" type='video/mp4; codecs=\"avc1\"'/>"
                      "<source src=/files/a.webm type=video/webm>No film.</video>\n"),
                 "<video controls><source src=\"/files/a.mp4\" type=\"video/mp4; codecs=&quot;avc1&quot;\">"
                 "<source src=\"/files/a.webm\" type=\"video/webm\">No film.</video>"));
  CHECK(contains(page("<audio>\n<source src=\"a.ogg\">\n</audio>\n"), "<source src=\"a.ogg\">\n</audio>"));
  CHECK(told("<video><source src=\"a.mp4\" type=\"video/mp4\"></video>") == "");
}

TEST_CASE("a source outside of a film, or one that leads nowhere, is left out and says why") {
  for (std::string_view bad : {"<source src=\"a.mp4\">", "<video></video><source src=\"a.mp4\">",
                               "<video><p><source src=\"a.mp4\"></p></video>", "<video><source></video>",
                               "<video><source src=\"\"></video>", "<video><source src=\"javascript:x\"></video>",
                               "<video>\n\n- <source src=\"a.mp4\">\n", "<video><source onerror=x></video>"}) {
    CAPTURE(bad);
    CHECK_FALSE(contains(page(bad), "<source"));
    CHECK(told(bad) != "");
    CHECK_FALSE(contains(told(bad), "scripts"));
  }
  CHECK(contains(told("<source src=\"a.mp4\">"), "\"<source>\" is left out: it may stand only directly in"));
  CHECK(contains(told("<video><source></video>"), "\"<source>\" is left out: it has no src"));
  CHECK(contains(told("<video><source src=\"javascript:x\"></video>"), "leads to \"javascript:x\""));
  CHECK_FALSE(contains(page("<video><source src=\"a.mp4\" onerror=\"x()\"></video>"), "onerror"));
  CHECK(contains(page("<picture><source srcset=\"b.webp\"><img src=\"b.png\"></picture>"), "<span><img src=\"b.png\""));
  CHECK(contains(told("<picture><source srcset=\"b.webp\"><img src=\"b.png\"></picture>"),
                 "\"<source>\" is left out: of a <picture> only the <img> is shown"));
}

TEST_CASE("scripts, styles, forms and embedded pages do not, and are told of") {
  CHECK(page("a <script>alert(1)</script> b") == "<p>a  b</p>\n");
  CHECK_FALSE(contains(page("<script>\nalert(1)\n\n<b>x\n</script>\n\ntext\n"), "alert"));
  CHECK_FALSE(contains(page("<style>\n* { display: none }\n</style>\n"), "display"));
  CHECK(page("<form action=/x><input name=a>text</form>\n") == "text\n");
  CHECK(page("<svg onload=alert(1)><g></g></svg>after\n") == "<p>after</p>\n");
  CHECK(page("<svg/>after\n") == "<p>after</p>\n");
  CHECK(contains(page("<iframe src=\"https://v.example/1\"></iframe>\n"),
                 "<a href=\"https://v.example/1\">https://v.example/1</a>"));
  CHECK_FALSE(contains(page("<iframe src=\"javascript:alert(1)\">x</iframe>\n"), "javascript"));
  CHECK(contains(told("\n\n<script>x</script>\n"), ":3: \"<script>\" is left out"));
  CHECK(contains(told("x <b onclick='y'>z</b>"), ":1: \"onclick\" is left out"));
}

TEST_CASE("no attribute runs anything or changes the page around") {
  CHECK(page("<b onclick=alert(1) ONMOUSEOVER='x' style=\"position:fixed\" class=a phx-click=like>x</b>")
        == "<p><b>x</b></p>\n");
  for (auto url : {"javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java&#115;cript:alert(1)",
                   "java&#x09;script:alert(1)", "&#0106avascript:alert(1)", "data:text/html,x", "vbscript:x",
                   "jav\nascript:alert(1)"}) {
    auto html = page("<a href=\"" + std::string{url} + "\">x</a>");
    CAPTURE(html);
    CHECK_FALSE(contains(html, "href"));
  }
  CHECK(contains(page("<a href='/blog/x?a=1&b=2'>y</a>"), "<a href=\"/blog/x?a=1&amp;b=2\">y</a>"));
  CHECK(
      contains(page("<img src=x onerror=alert(1) alt='a\"b'>"), "<img src=\"x\" alt=\"a&quot;b\" decoding=\"async\">"));
}

TEST_CASE("ids are each once, and none is that of the page around") {
  CHECK(page("<p id=main>a</p><p id=x>b</p><p id=x>c</p>\n") == "<p>a</p><p id=\"x\">b</p><p>c</p>\n");
  CHECK(contains(page("<i id=like-form>a</i>\n\n## Like\n\n## Like\n"), "<h2 id=\"the-like\">"));
}

TEST_CASE("nothing closes what it has not opened") {
  CHECK(page("</main></article></div>\n") == "\n");
  CHECK(page("a <b>b\n\nc </b> d") == "<p>a <b>b</b></p>\n<p>c  d</p>\n");
  CHECK(page("*a <b>c* d</b>") == "<p><em>a <b>c</b></em> d</p>\n");
  CHECK(contains(page("| a |\n|-|\n| </td></tr></table> <b> |\n"), "<td> <b></b></td></tr>"));
  CHECK(contains(page("- a\n\n  <div>\n\n- b</div>\n"), "<div>\n</div>"));
  CHECK(page("<div") == "&lt;div\n");
  CHECK(page("<b title=\"x") == "<p>&lt;b title=\"x</p>\n");
}

TEST_CASE("whatever is written, what comes out is balanced and harmless") {
  constexpr std::string_view parts[] = {"<script>",
                                        "</script>",
                                        "<b>",
                                        "</b>",
                                        "<div>",
                                        "</div>",
                                        "<a href=\"",
                                        "\">",
                                        "javascript:x",
                                        "<img src=",
                                        "onerror=",
                                        "'",
                                        "\"",
                                        ">",
                                        "<",
                                        "</",
                                        "<!--",
                                        "-->",
                                        "<svg>",
                                        "</svg>",
                                        "<td>",
                                        "</table>",
                                        "<p id=main>",
                                        "\n\n",
                                        "\n",
                                        "- ",
                                        "> ",
                                        "| a | b |\n|-|-|\n",
                                        "`",
                                        "```\n",
                                        "*",
                                        "**",
                                        "[x](",
                                        ")",
                                        "[^1]",
                                        "[^1]: n\n",
                                        "&#x6a;",
                                        "&amp;",
                                        "# ",
                                        "text ",
                                        "<iframe src='//x'>",
                                        "<textarea>",
                                        "</textarea>",
                                        "<h1 style=x>",
                                        "</h1>",
                                        "<?",
                                        "<![CDATA[",
                                        "]]>",
                                        "\\",
                                        "![a](b \"",
                                        "<math><mi//xlink:href=\"data:x",
                                        "<style>",
                                        "<li>",
                                        "</ul>",
                                        "~~",
                                        "- [x] ",
                                        "<details>",
                                        "<video>",
                                        "</video>",
                                        "<audio/>",
                                        "<source src=",
                                        "<source src='a.mp4'>",
                                        "\xff"};
  auto random = seeded_random{7};
  for (int i = 0; i < 20'000; ++i) {
    auto source = std::string{};
    for (auto n = random.below(24); n > 0; --n)
      source += parts[random.below(std::size(parts))];
    auto html = render_markdown(source).body.str();
    auto wrong = what_is_wrong_with(html);
    if (!wrong.empty()) {
      CAPTURE(source);
      CAPTURE(html);
      REQUIRE(wrong == "");
    }
  }
}

TEST_CASE("long and deep text ends soon, balanced") {
  for (std::string_view part : {"<div>", "<div><p>\n\n", "<b", "<a b='", "<!--", "> ", "*", "[", "<script>", "`", "- ",
                                "\n# a\n", "<i title=\"", "[^1]", "![", "</b>", "| ", "<td>"}) {
    auto source = std::string{};
    while (source.size() < 100'000)
      source += part;
    CAPTURE(part);
    CHECK(what_is_wrong_with(render_markdown(source).body.str()) == "");
  }
}
