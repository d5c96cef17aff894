#include "apps/event_horizon/markdown.hpp"

#include "apps/support.hpp"

#include <algorithm>

using namespace beamline;
using namespace beamline::event_horizon;
using beamline::test::contains;

namespace {
std::string to_page(std::string_view source) { return render_markdown(source).str(); }
std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}
}  // namespace

TEST_CASE("markdown becomes HTML, with tables, strikethrough and bare links") {
  CHECK(to_page("## Two *words*") == "<h2>Two <em>words</em></h2>\n");
  CHECK(contains(to_page("| a | b |\n| - | -: |\n| 1 | 2 |\n"), "<table>"));
  CHECK(contains(to_page("| a | b |\n| - | -: |\n| 1 | 2 |\n"), "<td align=\"right\">2</td>"));
  CHECK(to_page("~~gone~~") == "<p><del>gone</del></p>\n");
  CHECK(to_page("see https://example.org/x now")
        == "<p>see <a href=\"https://example.org/x\">https://example.org/x</a> now</p>\n");
  CHECK(to_page("```cpp\na < b\n```") == "<pre><code class=\"language-cpp\">a &lt; b\n</code></pre>\n");
  CHECK(to_page("").empty());
}

TEST_CASE("raw HTML of the source never reaches the page") {
  for (auto source : {"<script>alert(1)</script>", "a <b onclick=x>b</b>", "<img src=x onerror=alert(1)>",
                      "<div>\n\n<iframe src=x>\n\n</div>", "<!-- <script> -->", "<a\nhref='javascript:x'>y</a>",
                      "<?php evil ?>", "<svg/onload=x>", "<![CDATA[<script>x</script>]]>", "<title>x"}) {
    auto out = to_page(source);
    INFO(std::string{source} << " -> " << out);
    for (auto tag : {"<script", "<b ", "<img", "<div", "<iframe", "<a ", "<?", "<svg", "<!["})
      CHECK_FALSE(contains(out, tag));
  }
}

TEST_CASE("addresses that run code are left out") {
  for (auto source : {"[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](vbscript:x)",
                      "[x](file:///etc/passwd)", "![x](javascript:alert(1))", "[x](data:text/html;base64,AAAA)",
                      "<javascript:alert(1)>", "[x][r]\n\n[r]: javascript:alert(1)"}) {
    auto out = to_page(source);
    INFO(std::string{source} << " -> " << out);
    CHECK_FALSE(contains(lower(out), "=\"javascript"));
    CHECK_FALSE(contains(out, "href=\"file"));
    CHECK_FALSE(contains(out, "href=\"vb"));
    CHECK_FALSE(contains(out, "href=\"data"));
  }
  CHECK(contains(to_page("[x](/blog/hello)"), "href=\"/blog/hello\""));
}

TEST_CASE("text is escaped where it stands") {
  CHECK(to_page("a & b < c") == "<p>a &amp; b &lt; c</p>\n");
  CHECK(contains(to_page("[x](/a?b=\"c\")"), "<p>"));
  CHECK_FALSE(contains(to_page("![a\"onerror=\"x](/i.png)"), "\"onerror=\"x\""));
  CHECK(contains(to_page(std::string_view{"a\0b", 3}), "\xef\xbf\xbd"));
  CHECK(contains(to_page("caf\xe9"), "\xef\xbf\xbd"));
}

TEST_CASE("deep nesting and long runs end soon and harmlessly") {
  CHECK_FALSE(to_page(std::string(20'000, '>')).empty());
  CHECK_FALSE(to_page(std::string(20'000, '[')).empty());
  CHECK_FALSE(to_page(std::string(20'000, '*')).empty());
  CHECK_FALSE(to_page(std::string(20'000, '`')).empty());
}

TEST_CASE("headings of the first level are found by line, in both notations and nowhere else") {
  CHECK(first_level_headings("## two\n\n### three\n").empty());
  CHECK(first_level_headings("text\n\n# one\n\n## two\n\nTop\n===\n") == std::vector<int>{3, 7});
  CHECK(first_level_headings("```sh\n# a comment\n```\n").empty());
  CHECK(first_level_headings("> # quoted\n") == std::vector<int>{1});
}
