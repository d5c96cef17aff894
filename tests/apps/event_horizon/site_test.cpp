// The pages of the site together: their documents, their frame, and the way from one to the next.
#include "apps/event_horizon/layout.hpp"
#include "apps/event_horizon/views/not_found.hpp"
#include "apps/event_horizon/whole_site.hpp"
#include "apps/kept_answer.hpp"

#include <map>
#include <regex>

using namespace beamline;
using namespace beamline::event_horizon;
using namespace beamline::test;

namespace {

/// What every page of the site must be.
void check_document(const std::string& html) {
  INFO(html);
  CHECK(html.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
  CHECK(occurrences(html, "<meta charset=\"utf-8\">") == 1);
  CHECK(occurrences(html, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">") == 1);
  CHECK(occurrences(html, "<title") == 1);
  CHECK(occurrences(html, "<main id=\"main\"") == 1);
  CHECK(occurrences(html, "<h1") == 1);
  CHECK(occurrences(html, "<header ") == 1);
  CHECK(occurrences(html, "<nav aria-label=\"Main\">") == 1);
  CHECK(occurrences(html, "<footer ") == 1);
  CHECK(occurrences(html, "<a class=\"skip-link\" href=\"#main\">") == 1);
  CHECK(html.find("skip-link") < html.find("<header "));
  CHECK(html.find("<main ") < html.find("<footer "));
  // Nothing that the content security policy refuses. Data blocks are not run.
  CHECK(occurrences(html, "<script ") - occurrences(html, "<script type=\"application/ld+json\">") == 1);
  CHECK(occurrences(html, "<script type=\"module\" src=\"/assets/app-0123456789abcdef.js\" phx-track-static></script>")
        == 1);
  CHECK(occurrences(html, "<link rel=\"stylesheet\" href=\"/assets/app-fedcba9876543210.css\" phx-track-static>") == 1);
  CHECK_FALSE(contains(html, "<style"));
  CHECK_FALSE(contains(html, " style="));
  CHECK_FALSE(std::regex_search(html, std::regex{"<[^>]* on[a-z]+="}));
  // Every element has an id of its own.
  auto ids = std::map<std::string, int>{};
  auto pattern = std::regex{" id=\"([^\"]*)\""};
  for (auto i = std::sregex_iterator{html.begin(), html.end(), pattern}; i != std::sregex_iterator{}; ++i)
    CHECK_MESSAGE(++ids[(*i)[1]] == 1, (*i)[1]);
}

web::response html_of(whole_site& s, std::string_view path) { return s.browser().get(path); }

}  // namespace

TEST_CASE("every page is one complete accessible document, before any script runs") {
  whole_site s;
  for (const char* path : {"/", "/blog", "/blog/hello", "/cluster", "/blog/no-such-post", "/nowhere/at/all"}) {
    CAPTURE(path);
    check_document(std::string{html_of(s, path).body_text()});
  }
}

TEST_CASE("titles name the page and the site, escaped") {
  whole_site s;
  CHECK(contains(html_of(s, "/").body_text(), ">Home · The &lt;Blog&gt;</title>"));
  CHECK(contains(html_of(s, "/").body_text(), "<h1 id=\"site-title\">The &lt;Blog&gt;</h1>"));
  CHECK(contains(html_of(s, "/nowhere").body_text(), ">Not found · The &lt;Blog&gt;</title>"));
  CHECK(s.browser().visit("/cluster").title() == "Cluster · The <Blog>");
}

TEST_CASE("the navigation shows where the reader is, on every page") {
  whole_site s;
  auto page = s.browser().visit("/");
  CHECK(page.element(".top nav a[aria-current]").text() == "Home");
  page.navigate("/blog");
  CHECK(page.element(".top nav a[aria-current]").text() == "Blog");
  page.navigate("/blog/hello");
  CHECK(page.element(".top nav a[aria-current]").text() == "Blog");
  page.navigate("/cluster");
  CHECK(page.element(".top nav a[aria-current]").text() == "Cluster");
  page.navigate("/not-found");
  CHECK_FALSE(page.has(".top nav a[aria-current]"));
}

TEST_CASE("links between the pages load nothing") {
  whole_site s;
  auto page = s.browser().visit("/");
  page.element(".top nav a", "Cluster").click();
  page.follow_redirect();
  CHECK(page.element("h1").text() == "Cluster");
  page.element(".top .brand").click();
  page.follow_redirect();
  page.element(".posts a", "Hello <you>").click();
  page.follow_redirect();
  CHECK(page.path() == "/blog/hello");
  CHECK(page.element("h1").text() == "Hello <you>");
  // All that was one connection: a page that is loaded makes a new one.
  CHECK(occurrences(page.wire_log(), "\"phx_join\"") > 4);
}

TEST_CASE("the footer's view stays, with what it knows, while the pages change") {
  whole_site s;
  auto page = s.browser().visit("/");
  s.tell({.visits = 12'345, .likes = 6, .comments = 7, .version = 1});
  CHECK(page.element("#footer-visits").text() == "12,345");
  const auto joins = [&] { return occurrences(page.wire_log(), "\"lv:site-footer\",\"phx_join\""); };
  CHECK(joins() == 1);
  for (const char* path : {"/blog", "/blog/second", "/cluster", "/not-found", "/"}) {
    page.navigate(path);
    CAPTURE(path);
    CHECK(page.element("#footer-visits").text() == "12,345");
    CHECK(joins() == 1);
  }
  s.tell({.visits = 12'346, .likes = 6, .comments = 7, .version = 2});
  CHECK(page.element("#footer-visits").text() == "12,346");
  CHECK_FALSE(contains(page.wire_log(), "\"lv:site-footer\",\"phx_leave\""));
}

TEST_CASE("the numbers of the site are in the first HTML, a dash for what was not heard of yet") {
  whole_site s;
  CHECK(s.browser().load("/").element("#footer-visits").text() == "–");
  s.of().numbers().update_site({.visits = 3, .likes = 2, .comments = 1, .version = 9});
  for (const char* path : {"/", "/blog", "/cluster", "/nowhere"}) {
    CAPTURE(path);
    CHECK(contains(html_of(s, path).body_text(), "<dd id=\"footer-visits\">3</dd>"));
  }
  CHECK(s.browser().load("/").element("#site-likes").text() == "2");
}

TEST_CASE("older numbers never replace newer ones") {
  whole_site s;
  auto page = s.browser().visit("/");
  s.tell({.visits = 5, .likes = 1, .comments = 0, .version = 8});
  s.tell({.visits = 4, .likes = 1, .comments = 0, .version = 7});
  CHECK(page.element("#footer-visits").text() == "5");
  CHECK(page.element("#site-visits").text() == "5");
}

TEST_CASE("a reader is on the site once, however many windows and pages are open, and until the last is closed") {
  whole_site s;
  auto ann = s.browser();
  auto bob = s.browser();
  auto one = ann.visit("/");
  auto two = ann.visit("/blog");
  auto other = bob.visit("/cluster");
  s.w.advance(2s);
  CHECK(one.element("#footer-readers").text() == "2");
  CHECK(one.element("#site-readers").text() == "2");
  CHECK(other.element("#footer-readers").text() == "2");
  one.navigate("/blog/hello");
  s.w.advance(2s);
  CHECK(one.element("#footer-readers").text() == "2");
  other.disconnect();
  s.w.advance(2s);
  CHECK(two.element("#footer-readers").text() == "1");
}

TEST_CASE("home shows the newest posts, escaped, and follows the catalogue") {
  whole_site s;
  auto page = s.browser().visit("/");
  const auto titles = page.find_all(".posts h3");
  REQUIRE(titles.size() == 2);
  CHECK(titles[0].text() == "Second");
  CHECK(titles[1].text() == "Hello <you>");
  CHECK(page.has(".posts p", "First & best"));
  CHECK(page.element(".posts time[datetime='2024-05-01']").text() == "1 May 2024");
}

TEST_CASE("home without posts says so") {
  whole_site s;
  s.put("hello.md", "---\ntitle: Hello\ndate: 2024-05-01\ndraft: true\n---\n");
  s.put("second.md", "---\ntitle: Second\ndate: 2024-05-01\ndraft: true\n---\n");
  CHECK(s.of().posts().refresh().ok());
  auto page = s.browser().visit("/");
  CHECK(page.has("main p", "There are no posts yet."));
  CHECK_FALSE(page.has("main .button"));
}

TEST_CASE("home is counted when a reader has connected, and not by a crawler") {
  whole_site s;
  auto ann = s.browser();
  (void)ann.load("/");
  CHECK(s.script.visits.empty());
  auto page = ann.visit("/");
  REQUIRE(s.script.visits.size() == 1);
  CHECK(s.script.visits[0].starts_with("home "));
  page.navigate("/blog");
  CHECK(s.script.visits.size() == 1);
  // Whoever comes back is the same reader: the accumulator counts one per window of time.
  page.navigate("/");
  REQUIRE(s.script.visits.size() == 2);
  CHECK(s.script.visits[0] == s.script.visits[1]);
}

TEST_CASE("an unknown post is 404 and a whole page at the first request") {
  whole_site s;
  auto res = html_of(s, "/blog/no-such-post");
  CHECK(res.status == 404);
  CHECK(res.headers.get("cache-control") == "no-store");
  CHECK(contains(res.body_text(), "There is nothing here"));
  CHECK_FALSE(contains(res.body_text(), "data-phx-session"));
  CHECK(contains(res.body_text(), "footer-visits"));
  CHECK_FALSE(contains(res.body_text(), "Reading now"));  // Nothing would ever tell it.
  CHECK(html_of(s, "/blog/hello").status == 200);
}

TEST_CASE("navigated to, an unknown post leads to the page that says so, in the same window") {
  whole_site s;
  auto page = s.browser().visit("/blog");
  page.navigate("/blog/no-such-post");
  CHECK(page.path() == not_found_path);
  CHECK(page.element("h1").text() == "There is nothing here");
  CHECK(page.title() == "Not found · The <Blog>");
  CHECK(page.has("#footer-visits"));
  page.disconnect().reconnect();
  CHECK(page.element("h1").text() == "There is nothing here");
}

TEST_CASE("nobody is told that the page of what is missing exists") {
  whole_site s;
  CHECK(html_of(s, not_found_path).status == 404);
}

TEST_CASE("other addresses where nothing is are 404: a page for browsers, JSON for programs") {
  whole_site s;
  CHECK(contains(html_of(s, "/nowhere").body_text(), "There is nothing here"));
  CHECK(s.browser().post("/nowhere", "x=1").status == 404);
  auto req = std::make_shared<web::request>();
  req->headers.add("accept", "application/json");
  auto sink = std::make_shared<kept_answer>();
  missing_page(s.of(), *s.assets)(*req, web::responder{req, sink});
  REQUIRE(sink->answer.has_value());
  CHECK(sink->answer->status == 404);
  CHECK(contains(sink->answer->headers.get("content-type"), "application/json"));
}

TEST_CASE("a plain page without a title of its own has the site's") {
  whole_site s;
  static const web::live::statics text{{"x"}};
  auto page = render_plain_page(make_layout(*s.assets), "S & T", "", web::live::rendered{text});
  CHECK(contains(page, ">S &amp; T</title>"));
}

TEST_CASE("the site is its owner's: what it is and its language stand on its pages and in its feeds") {
  whole_site s{{.title = "Brot", .description = "Backen & <essen>", .language = "de", .author = "Ann"}};
  CHECK(s.browser().load("/").element(".hero .lead").text() == "Backen & <essen>");
  for (const char* path : {"/", "/blog", "/blog/hello", "/cluster", "/nowhere"}) {
    CAPTURE(path);
    const auto html = std::string{html_of(s, path).body_text()};
    CHECK(html.starts_with("<!DOCTYPE html>\n<html lang=\"de\">\n<head>"));
    CHECK_FALSE(contains(html, "C++ actors"));
  }
  for (const char* path : {"/", "/blog", "/cluster"})
    CHECK(contains(html_of(s, path).body_text(), "<meta name=\"description\" content=\"Backen &amp; &lt;essen&gt;\">"));
  CHECK(contains(html_of(s, "/rss.xml").body_text(), "<language>de</language>"));
  CHECK(contains(html_of(s, "/feed.xml").body_text(), "<name>Ann</name>"));
}
