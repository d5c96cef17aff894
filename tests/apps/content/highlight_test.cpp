#include "apps/event_horizon/content/highlight.hpp"

#include "apps/content/folder.hpp"
#include "base/random.hpp"

using namespace beamline;
using namespace beamline::event_horizon;
using test::contains;

namespace {

std::string painted(std::string_view code, std::string_view language) { return highlight_code(code, language).str(); }

std::string without_spans(std::string html) {
  for (auto at = html.find("<span"); at != std::string::npos; at = html.find("<span"))
    html.erase(at, html.find('>', at) + 1 - at);
  for (auto at = html.find("</span>"); at != std::string::npos; at = html.find("</span>"))
    html.erase(at, 7);
  return html;
}

constexpr auto languages = {"cpp", "erlang", "elixir", "js",   "json", "bash", "python",
                            "sql", "html",   "css",    "toml", "yaml", "diff"};

}  // namespace

TEST_CASE("each language is coloured by its own words") {
  CHECK(painted("if (x) return 42; // why\n", "cpp")
        == "<span class=\"hl-k\">if</span> (x) <span class=\"hl-k\">return</span> <span class=\"hl-n\">42</span>; "
           "<span class=\"hl-c\">// why</span>\n");
  CHECK(contains(painted("#include <x>\n", "c++"), "<span class=\"hl-a\">#include</span> &lt;x&gt;"));
  CHECK(contains(painted("receive X -> ok end. % wait", "erl"), "<span class=\"hl-k\">receive</span>"));
  CHECK(contains(painted("receive X -> ok end. % wait", "erl"), "<span class=\"hl-c\">% wait</span>"));
  CHECK(contains(painted("def f(x), do: :ok", "elixir"), "<span class=\"hl-a\">:ok</span>"));
  CHECK(contains(painted("const a = `x\ny`;", "javascript"), "<span class=\"hl-s\">`x\ny`</span>"));
  CHECK(contains(painted("{\"a\": [1, true]}", "json"),
                 "<span class=\"hl-a\">\"a\"</span>: [<span class=\"hl-n\">1</span>"));
  CHECK(contains(painted("echo \"$x\" # say\n", "sh"), "<span class=\"hl-c\"># say</span>"));
  CHECK(contains(painted("echo ${x#y}", "sh"), "${x#y}"));
  CHECK(contains(painted("def f():\n  '''doc\n  more'''\n", "py"), "<span class=\"hl-s\">'''doc\n  more'''</span>"));
  CHECK(contains(painted("SELECT 1 -- one", "sql"), "<span class=\"hl-k\">SELECT</span>"));
  CHECK(contains(painted("<p class=\"x\">t</p>", "html"),
                 "<span class=\"hl-t\">&lt;p</span> <span class=\"hl-a\">class</span>"));
  CHECK(contains(painted("a:hover { color: #fff }", "css"),
                 "<span class=\"hl-a\">color</span>: <span class=\"hl-n\">#fff</span>"));
  CHECK(contains(painted("port = 1\n", "toml"), "<span class=\"hl-a\">port</span>"));
  CHECK(contains(painted("- name: x\n", "yml"), "<span class=\"hl-a\">name</span>"));
  CHECK(painted("-a\n+b\n", "diff") == "<span class=\"hl-d\">-a</span>\n<span class=\"hl-i\">+b</span>\n");
}

TEST_CASE("unknown languages are only escaped") {
  CHECK(painted("if <x>", "brainfuck") == "if &lt;x&gt;");
  CHECK(painted("if <x>", "") == "if &lt;x&gt;");
  CHECK_FALSE(is_highlighted("brainfuck"));
  CHECK(is_highlighted("CPP"));
}

TEST_CASE("no octet of the code is lost or changed, whatever it is") {
  auto random = seeded_random{5};
  constexpr std::string_view parts[] = {"\"", "'",    "`",   "//", "/*", "*/", "#", "--",   "%",  "<",
                                        ">",  "<!--", "-->", "&",  "\\", "\n", " ", "word", "if", "12.5",
                                        ":a", "{",    "}",   "+",  "-",  "@@", "=", "é"};
  for (const auto* language : languages)
    for (int i = 0; i < 300; ++i) {
      auto code = std::string{};
      for (auto n = random.below(30); n > 0; --n)
        code += parts[random.below(std::size(parts))];
      CAPTURE(language);
      CAPTURE(code);
      CHECK(without_spans(painted(code, language)) == html::text(code).str());
    }
}

TEST_CASE("long code of any kind takes time in proportion") {
  for (const auto* language : languages)
    for (std::string_view part : {"\"", "'", "/*", "<a ", "- ", "#", "a:", "\\", "`", "<!-", "((("}) {
      auto code = std::string{};
      while (code.size() < 200'000)
        code += part;
      CHECK(painted(code, language).size() >= code.size());
    }
}
