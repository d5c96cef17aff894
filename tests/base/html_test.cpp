#include "base/html.hpp"

#include "property.hpp"

#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace beamline;
using namespace std::string_literals;

namespace {

std::string url(std::string_view text) { return html::url_attribute(text).str(); }

}  // namespace

TEST_CASE("text between tags cannot open a tag or an entity") {
  CHECK(html::text("a < b && c > d").str() == "a &lt; b &amp;&amp; c &gt; d");
  CHECK(html::text("<script>&lt;").str() == "&lt;script&gt;&amp;lt;");
  CHECK(html::text("it's \"quoted\"").str() == "it's \"quoted\"");
  CHECK(html::text("").str().empty());
}

TEST_CASE("an attribute value cannot leave its quotes") {
  CHECK(html::attribute("\" onclick='x' <&>").str() == "&quot; onclick=&#39;x&#39; &lt;&amp;&gt;");
}

TEST_CASE("other characters are left alone") {
  CHECK(html::text("\xC3\xA9 \xF0\x9F\x98\x80 \xFF\0"s).str() == "\xC3\xA9 \xF0\x9F\x98\x80 \xFF\0"s);
  CHECK(html::attribute("a=b/c?d`e").str() == "a=b/c?d`e");
}

TEST_CASE("escaping appends to what is there") {
  std::string out = "<p>";
  html::append_text(out, "<");
  html::append_attribute(out, "'");
  html::append_url_attribute(out, "/a?b&c");
  html::append_script_json(out, "\"<\"");
  CHECK(out == "<p>&lt;&#39;/a?b&amp;c\"\\u003c\"");
}

TEST_CASE("relative URLs and those of harmless schemes are kept and escaped") {
  for (auto text : {"",
                    "/",
                    "/blog/hello",
                    "blog",
                    "../x",
                    "?page=2",
                    "#top",
                    "//host/x",
                    "http://host",
                    "HTTPS://host",
                    "mailto:a@b.c",
                    "/a:b",
                    "a/b:c",
                    "?a=b:c",
                    "#javascript:",
                    "./javascript:x",
                    "  /x",
                    " \x01http://host",
                    "ht\ntps:\t//host",
                    "\\x:y"}) {
    CAPTURE(text);
    CHECK(html::is_safe_url(text));
    CHECK(url(text) == html::attribute(text).str());
  }
  CHECK(url("/a?b=1&c='") == "/a?b=1&amp;c=&#39;");
}

TEST_CASE("URLs of every other scheme are replaced, however they are disguised") {
  for (const auto& text :
       {"javascript:alert(1)"s, "JavaScript:alert(1)"s, " javascript:x"s, "\tjava\nscript\r:x"s, "\x01javascript:x"s,
        "\0javascript:x"s, "javascript\t:x"s, "vbscript:x"s, "data:text/html,x"s, "file:///etc/passwd"s, "blob:x"s,
        "httpx:x"s, "http\0:x"s, ":x"s, "http s:x"s, "a:b"s, "javascript&colon;x:"s, "about:blank"s}) {
    CAPTURE(text);
    CHECK_FALSE(html::is_safe_url(text));
    CHECK(url(text) == html::blocked_url);
  }
}

TEST_CASE("an HTML entity in a URL stays text and is no scheme") {
  // The attribute holds "javascript&amp;colon;x", which a browser reads as the relative URL "javascript&colon;x".
  CHECK(url("javascript&colon;x") == "javascript&amp;colon;x");
}

TEST_CASE("JSON inside a script cannot close it and keeps its meaning") {
  CHECK(html::script_json(R"({"a":"</script><!-- & "})").str() == R"({"a":"\u003c/script\u003e\u003c!-- \u0026 "})");
  CHECK(html::script_json("\"\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAA\"").str() == "\"\\u2028\\u2029\xE2\x80\xAA\"");
  CHECK(html::script_json("\"\xE2\"").str() == "\"\xE2\"");
  testing::check_property([] {
    auto value =
        nlohmann::json(*rc::gen::string<std::string>()).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    auto escaped = html::script_json(value).str();
    RC_ASSERT(escaped.find_first_of("<>&") == std::string::npos);
    RC_ASSERT(nlohmann::json::parse(escaped) == nlohmann::json::parse(value));
  });
}

TEST_CASE("no special character survives escaping, and unescaping gives the text back") {
  testing::check_property([] {
    auto text =
        *rc::gen::container<std::string>(rc::gen::element<char>('<', '>', '&', '"', '\'', ';', 'l', 't', '#', '3'));
    auto escaped = html::attribute(text).str();
    RC_ASSERT(escaped.find_first_of("<>\"'") == std::string::npos);
    std::string back;
    for (std::size_t i = 0; i < escaped.size();) {
      auto rest = std::string_view{escaped}.substr(i);
      auto take = [&](std::string_view entity, char c) {
        if (rest.substr(0, entity.size()) != entity)
          return false;
        back.push_back(c);
        i += entity.size();
        return true;
      };
      if (!take("&lt;", '<') && !take("&gt;", '>') && !take("&amp;", '&') && !take("&quot;", '"')
          && !take("&#39;", '\'')) {
        RC_ASSERT(escaped[i] != '&');
        back.push_back(escaped[i++]);
      }
    }
    RC_ASSERT(back == text);
  });
}

TEST_CASE("safe HTML is joined without further escaping") {
  auto page = safe_html::trusted("<p>") + html::text("a<b");
  page += safe_html::trusted("</p>");
  CHECK(page.str() == "<p>a&lt;b</p>");
  CHECK(safe_html{}.empty());
  CHECK(std::move(page).str() == "<p>a&lt;b</p>");
}
