#include "web/live/page.hpp"

#include "web/live/reply.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::web::live;

TEST_CASE("the container carries what the client looks for") {
  const auto content = safe_html::trusted("<b>x</b>");
  CHECK(render_container({.view_id = "phx-1", .session_token = "S", .static_token = "T"}, content).str()
        == R"(<div id="phx-1" data-phx-main data-phx-session="S" data-phx-static="T"><b>x</b></div>)");
  CHECK(render_container({.view_id = "a\"b",
                          .session_token = "<",
                          .static_token = "",
                          .what = view_container::kind::plain,
                          .element = {"section", {{"class", "c \"d\""}, {"aria-live", "polite"}}}},
                         content)
            .str()
        == R"(<section id="a&quot;b" aria-live="polite" class="c &quot;d&quot;" data-phx-session="&lt;" )"
           R"(data-phx-static=""><b>x</b></section>)");
}

TEST_CASE("the containers of nested and sticky views") {
  const auto nested = view_container{.view_id = "kid",
                                     .session_token = "",
                                     .static_token = "T",
                                     .what = view_container::kind::nested,
                                     .parent_id = "phx-P"};
  CHECK(render_container(nested, safe_html::trusted("html")).str()
        == R"(<div id="kid" data-phx-session="" data-phx-static="T" data-phx-parent-id="phx-P">html</div>)");
  const auto sticky = view_container{
      .view_id = "stick", .session_token = "S", .static_token = "T", .what = view_container::kind::sticky};
  CHECK(render_container(sticky, safe_html::trusted("html")).str()
        == R"(<div id="stick" data-phx-session="S" data-phx-static="T" data-phx-sticky>html</div>)");
}

TEST_CASE("a container is refused that would break the page, or take what is the client's") {
  CHECK(check_container({"section", {{"class", "anything \"<&"}, {"data-x", ""}}}).ok());
  for (const std::string tag : {"", "Div", "my div", "div>", "1a", "br", "input"}) {
    CAPTURE(tag);
    CHECK(check_container({tag, {}}).error().code == errc::invalid);
  }
  for (const std::string name : {"", "id", "on click", "a=b", "data-phx-main", "DATA-PHX-MAIN", "x>"}) {
    CAPTURE(name);
    CHECK(check_container({"div", {{name, "v"}}}).error().code == errc::invalid);
  }
}

TEST_CASE("the title keeps prefix, suffix and default for the client") {
  CHECK(render_title({.text = "Counter 0", .suffix = " \"LV\"", .fallback = "Fake"}).str()
        == R"(<title data-default="Fake" data-prefix="" data-suffix=" &quot;LV&quot;">Counter 0 "LV"</title>)");
  CHECK(render_title({.text = "", .prefix = "<", .fallback = "F"}).str()
        == R"(<title data-default="F" data-prefix="&lt;" data-suffix="">&lt;F</title>)");
  CHECK(render_title({.text = "T"}).str() == R"(<title data-prefix="" data-suffix="">T</title>)");
}

TEST_CASE("a page is the layout around head and container") {
  const auto html = render_page({.view = {"phx-1", "S", "T"}, .title = {"Hello"}, .csrf_token = "C"},
                                safe_html::trusted("content"), [](const page_parts& parts) {
                                  return "<head>" + parts.head.str() + "</head><body>" + parts.body.str() + "</body>";
                                });
  CHECK(html
        == R"(<head><meta name="csrf-token" content="C"><title data-prefix="" data-suffix="">Hello</title></head>)"
           R"(<body><div id="phx-1" data-phx-main data-phx-session="S" data-phx-static="T">content</div></body>)");
}

TEST_CASE("what a view says in its head stands behind the title, as it is") {
  const auto html = render_page({.view = {"phx-1", "S", "T"},
                                 .title = {"Hello"},
                                 .csrf_token = "C",
                                 .head = safe_html::trusted("<meta name=\"description\" content=\"x\">")},
                                safe_html::trusted("<p>x</p>"), [](const page_parts& p) { return p.head.str(); });
  CHECK(html.ends_with("Hello</title><meta name=\"description\" content=\"x\">"));
}

TEST_CASE("view ids are fresh and safe in an attribute and a selector") {
  auto random = seeded_random{1};
  const auto first = make_view_id(random);
  CHECK(first.size() == 4 + 16);
  CHECK(first.starts_with("phx-"));
  CHECK(first != make_view_id(random));
}

TEST_CASE("join responses") {
  CHECK(join_response(R"({"s":[""]})") == R"({"rendered":{"s":[""]},"liveview_version":"1.2.12"})");
  CHECK(join_response(R"({"s":[""]})", {.patch = patch_to{"/a", history::replace}})
        == R"({"rendered":{"s":[""]},"liveview_version":"1.2.12","live_patch":{"to":"/a","kind":"replace"}})");
  const auto shared = std::make_shared<const std::string>(R"({"s":[""]})");
  const auto parts = join_response(shared);
  CHECK(parts.shared == shared);
  CHECK(parts.head + *parts.shared + parts.tail == join_response(*shared));
  CHECK(join_response(R"({"s":[""]})", {.container = container_element{"main", {{"class", "a\"b"}}}})
        == R"({"rendered":{"s":[""]},"liveview_version":"1.2.12","container":["main",{"class":"a\"b"}]})");
  CHECK(join_response(navigate_to{"/nav/b", history::push, "TOK"})
        == R"({"live_redirect":{"to":"/nav/b","kind":"push","flash":"TOK"},"events":[]})");
  CHECK(join_response(redirect_to{"/nav/b?from=redir"}) == R"({"redirect":{"to":"/nav/b?from=redir"},"events":[]})");
  CHECK(reload_response(404, "TOK") == R"({"reason":"reload","status":404,"token":"TOK"})");
}

TEST_CASE("event responses") {
  CHECK(event_response("") == "{}");
  CHECK(event_response(R"({"0":"1"})") == R"({"diff":{"0":"1"}})");
  CHECK(event_response(std::make_shared<const std::string>()).head == "{}");
  CHECK(event_response(std::shared_ptr<const std::string>{}).head == "{}");
  const auto shared = event_response(std::make_shared<const std::string>(R"({"0":"1"})"));
  CHECK(shared.head + *shared.shared + shared.tail == R"({"diff":{"0":"1"}})");
  CHECK(event_response(navigate_to{"/nav/a", history::push, "TOK"})
        == R"({"live_redirect":{"to":"/nav/a","kind":"push","flash":"TOK"}})");
  CHECK(event_response(redirect_to{"/nav/b", "TOK"}) == R"({"redirect":{"to":"/nav/b","flash":"TOK"}})");
  CHECK(link_redirect_response() == R"({"link_redirect":true})");
  CHECK(encode(patch_to{"/nav/a?p=\"srv\""}) == R"({"to":"/nav/a?p=\"srv\"","kind":"push"})");
}

TEST_CASE("navigation goes only to paths of this site") {
  CHECK(check_local_path("/").ok());
  CHECK(check_local_path("/blog/hello?p=1&q=%20#top").ok());
  for (const std::string_view bad : {"", "blog", "//evil.example", "/\\evil.example", "http://evil.example", "/a b",
                                     "/a\nb", "/\t/evil.example", "javascript:alert(1)", "/a\x7f"}) {
    CAPTURE(bad);
    CHECK(check_local_path(bad).error().code == errc::invalid);
  }
}

TEST_CASE("a redirect goes to paths of this site and to http, never to what would run a script") {
  for (const std::string_view good :
       {"/login", "/a?b=c:d#e", "https://elsewhere.example/a?b", "HTTP://elsewhere.example"}) {
    CAPTURE(good);
    CHECK(check_redirect_target(good).ok());
  }
  for (const std::string_view bad :
       {"", "login", "//evil.example", "/\\evil.example", "javascript:alert(1)", "java\tscript:alert(1)",
        " javascript:a()", "\x01javascript:a()", "data:text/html,<b>", "mailto:a@b.example", "ftp://a.example",
        "http:evil", "https://", "https://a\\b", "/a\tb", "https://a.example/\n",
        "javascript://a.example/%0aalert(1)"}) {
    CAPTURE(bad);
    CHECK(check_redirect_target(bad).error().code == errc::invalid);
  }
}
