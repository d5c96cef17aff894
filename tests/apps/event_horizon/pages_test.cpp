#include "apps/event_horizon/layout.hpp"

#include "apps/content/folder.hpp"
#include "apps/event_horizon/views/blog_show.heex.hpp"
#include "apps/event_horizon/views/pages.hpp"
#include "apps/event_horizon/views/post_head.hpp"
#include "apps/support.hpp"
#include "base/json.hpp"
#include "web/live/diff.hpp"
#include "web/live/page.hpp"

#include <regex>

using namespace beamline;
using namespace beamline::event_horizon;
using namespace beamline::test;
namespace live = beamline::web::live;

namespace {

/// Assets as the asset build leaves them.
web::asset_store some_assets() {
  auto dir = temp_dir{};
  write_file(dir / "manifest.json", R"({"app.js":"app-0123456789abcdef.js","app.css":"app-fedcba9876543210.css"})");
  write_file(dir / "app-0123456789abcdef.js", "1");
  write_file(dir / "app-fedcba9876543210.css", "2");
  return web::asset_store::load(dir.path()).value();
}

/// What every page of the site must be.
void check_document(const std::string& html) {
  INFO(html);
  CHECK(html.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
  CHECK(occurrences(html, "<meta charset=\"utf-8\">") == 1);
  CHECK(occurrences(html, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">") == 1);
  CHECK(occurrences(html, "<title") == 1);
  CHECK(occurrences(html, "<main id=\"main\"") == 1);
  CHECK(occurrences(html, "<h1>") == 1);
  CHECK(occurrences(html, "<header>") == 1);
  CHECK(occurrences(html, "<nav aria-label=\"Main\">") == 1);
  CHECK(occurrences(html, "<footer>") == 1);
  CHECK(occurrences(html, "<a class=\"skip-link\" href=\"#main\">") == 1);
  CHECK(html.find("skip-link") < html.find("<header>"));
  // Nothing that the content security policy refuses.
  CHECK(occurrences(html, "<script") == 1);
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

/// The page in full.
live::rendered render_page(const blog_show::assigns& a, const live::flash_messages& messages) {
  auto scope = live::render_scope{};
  const auto flash = live::assign<live::flash_messages>{messages};
  auto context = live::render_context{scope, 0, &flash};
  context.start(true);
  return render_template(a, context);
}

struct pages {
  catalogue posts = two_posts();
  web::asset_store assets = some_assets();
  layout_options options{.site_title = "Site <1>", .current = "/blog"};
  live::page_layout layout = make_layout(assets, options);

  [[nodiscard]] blog_show::assigns assigns() const {
    auto a = blog_show::assigns{};
    a.shown = posts.get("hello");
    a.around = posts.now()->around("hello");
    a.related = posts.now()->related("hello");
    a.stats = std::optional{post_stats{4, 7}};
    return a;
  }
  [[nodiscard]] static std::string html(const blog_show::assigns& a, const live::flash_messages& flash = {}) {
    return live::to_html(render_page(a, flash));
  }
};

}  // namespace

TEST_CASE_FIXTURE(pages, "every page is one complete accessible document") {
  check_document(render_plain_page(layout, options, "", render_home("Site <1>", *posts.now())));
  check_document(render_plain_page(layout, options, "", render_home("Site <1>", library{})));
  auto page = live::dead_page{{"phx-1", "s", "t"}, title_within("Site <1>", "Hello"), "csrf"};
  check_document(live::render_page(page, safe_html::trusted(html(assigns())), layout));
}

TEST_CASE_FIXTURE(pages, "titles name the page and the site, escaped") {
  auto named = render_plain_page(layout, options, "Blog", render_home("Site <1>", *posts.now()));
  CHECK(contains(named, "Blog · Site &lt;1&gt;</title>"));
  auto home = render_plain_page(layout, options, "", render_home("Site <1>", *posts.now()));
  CHECK(contains(home, ">Site &lt;1&gt;</title>"));
  CHECK(contains(home, "<h1>Site &lt;1&gt;</h1>"));
}

TEST_CASE_FIXTURE(pages, "the navigation shows where the reader is") {
  CHECK(contains(render_plain_page(layout, options, "", render_home("S", *posts.now())),
                 "<a href=\"/blog\" aria-current=\"page\">Blog</a>"));
  auto at_home = layout_options{.site_title = "S", .current = "/"};
  auto home = render_plain_page(make_layout(assets, at_home), at_home, "", render_home("S", *posts.now()));
  CHECK(contains(home, "<a class=\"brand\" href=\"/\" aria-current=\"page\">S</a>"));
  CHECK(contains(home, "<a href=\"/blog\">Blog</a>"));
}

TEST_CASE_FIXTURE(pages, "lists of posts lead to them, newest first, with everything escaped") {
  auto html = live::to_html(render_home("S", *posts.now()));
  CHECK(contains(html, "<a href=\"/blog/hello\">Hello &lt;you&gt;</a>"));
  CHECK(contains(html, "<p>First &amp; best</p>"));
  CHECK(contains(html, "<time datetime=\"2024-05-01\">1 May 2024</time>"));
  CHECK(html.find("/blog/second") < html.find("/blog/hello"));
  CHECK(contains(html, "<span>1 min read</span>"));
  CHECK(contains(live::to_html(render_home("S", library{})), "There are no posts yet."));
}

TEST_CASE_FIXTURE(pages, "a post has what the browser tests and the script rely on") {
  auto out = html(assigns());
  CHECK(contains(out, "<h1>Hello &lt;you&gt;</h1>"));
  CHECK(contains(out, "<p>Some <em>text</em>.</p>"));
  CHECK(contains(out, "<div id=\"flash\" role=\"status\" aria-live=\"polite\"></div>"));
  CHECK(contains(out, "<form id=\"like-form\" method=\"post\" action=\"/blog/hello/like\" phx-submit=\"like\">"));
  CHECK(contains(
      out, "<button id=\"like\" type=\"submit\" name=\"liked\" value=\"true\" aria-pressed=\"false\">Like</button>"));
  CHECK(contains(out, "<span id=\"like-count\">4</span>"));
  CHECK(contains(out, "<a rel=\"tag\" href=\"/blog?tag=a\">a</a><a rel=\"tag\" href=\"/blog?tag=b\">b</a>"));
  CHECK(contains(out, "<span>1 min read</span>"));
  CHECK(contains(out, "<a rel=\"next\" href=\"/blog/second\"><span>Newer</span> Second</a>"));
  CHECK_FALSE(contains(out, "rel=\"prev\""));
  CHECK_FALSE(contains(out, "class=\"toc\""));
  CHECK_FALSE(contains(out, "Related posts"));
  CHECK_FALSE(contains(out, "phx-click=\"like\""));
}

TEST_CASE_FIXTURE(pages, "a long post has a table of contents, and posts that share tags are named below it") {
  auto f = folder{};
  f.put("long.md",
        "---\ntitle: Long\ndate: 2024-01-01\ntags: [x]\ndraft: true\n---\n## One\n\n### Two & a half\n\n## Three\n");
  f.put("near.md", "---\ntitle: Near\ndate: 2024-01-02\ntags: [X]\n---\n");
  auto long_posts = catalogue::load(f.path(), {.shows_drafts = true}).value();
  auto a = blog_show::assigns{};
  a.shown = long_posts.get("long");
  a.around = long_posts.now()->around("long");
  a.related = long_posts.now()->related("long");
  auto out = html(a);
  CHECK(contains(out, "<nav class=\"toc\" aria-labelledby=\"toc\"><h2 id=\"toc\">Contents</h2>"));
  CHECK(contains(out, "<li class=\"level-3\"><a href=\"#two-a-half\">Two &amp; a half</a></li>"));
  CHECK(contains(out, "<h2 id=\"related\">Related posts</h2>"));
  CHECK(contains(out, "<li><a href=\"/blog/near\">Near</a></li>"));
  CHECK(contains(out, "<span class=\"draft\">Draft</span>"));
}

TEST_CASE_FIXTURE(pages, "the head tells search engines and networks what the page is, escaped") {
  auto f = folder{};
  f.put("a.md",
        "---\ntitle: A \"quoted\" </script>\ndescription: D & e\ndate: 2024-01-01\ntags: [x]\n---\n![](p.png)\n");
  f.put("p.png", png(4, 4));
  auto p = catalogue::load(f.path()).value().get("a");
  auto head = post_head({"Site", "https://b.example"}, *p).str();
  CHECK(contains(head, "<meta name=\"description\" content=\"D &amp; e\">"));
  CHECK(contains(head, "<link rel=\"canonical\" href=\"https://b.example/blog/a\">"));
  CHECK(contains(head, "<meta property=\"og:title\" content=\"A &quot;quoted&quot; &lt;/script&gt;\">"));
  CHECK(contains(head, "<meta property=\"og:image\" content=\"https://b.example/files/p.png\">"));
  CHECK(contains(head, "<meta property=\"article:tag\" content=\"x\">"));
  CHECK(occurrences(head, "</script>") == 1);
  auto begin = head.find("ld+json\">") + 9;
  auto facts = parse_json(head.substr(begin, head.find("</script>") - begin));
  REQUIRE(facts.ok());
  CHECK((*facts)["headline"] == "A \"quoted\" </script>");
  CHECK((*facts)["datePublished"] == "2024-01-01T00:00:00Z");
  SUBCASE("without an address of the site it says what it can") {
    auto bare = post_head({"Site", ""}, *p).str();
    CHECK(contains(bare, "<link rel=\"canonical\" href=\"/blog/a\">"));
    CHECK_FALSE(contains(bare, "og:url"));
    CHECK_FALSE(contains(bare, "og:image"));
  }
}

TEST_CASE_FIXTURE(pages, "a number that was not heard of yet is no number") {
  auto a = assigns();
  a.stats = std::nullopt;
  CHECK(contains(html(a), "<span id=\"like-count\">–</span>"));
}

TEST_CASE_FIXTURE(pages, "the form's token is kept by the client, whether a later render has it or not") {
  auto with = assigns();
  with.csrf = "a\"b";
  CHECK(contains(html(with), "<span id=\"like-token\" phx-update=\"ignore\" hidden>"
                             "<input type=\"hidden\" name=\"_csrf_token\" value=\"a&quot;b\"></span>"));
  CHECK(contains(html(assigns()), "<span id=\"like-token\" phx-update=\"ignore\" hidden></span>"));
}

TEST_CASE_FIXTURE(pages, "a flash message is announced and can be dismissed") {
  auto out = html(assigns(), {{"error", "No <b>luck</b>"}});
  CHECK(contains(out,
                 "<p class=\"error\">No &lt;b&gt;luck&lt;/b&gt; <button type=\"button\" phx-click=\"lv:clear-flash\" "
                 "phx-value-key=\"error\" aria-label=\"Dismiss\">"));
}

TEST_CASE_FIXTURE(pages, "a diff has exactly what changed") {
  auto memory = live::tree_memory{live::hash_key{1, 2}};
  auto none = live::flash_messages{};
  auto a = assigns();
  (void)live::encode_full(memory, render_page(a, none));
  CHECK(live::encode_diff(memory, render_page(a, none)).empty());
  a.stats = post_stats{5, 8};
  CHECK(live::encode_diff(memory, render_page(a, none)) == R"({"13":"5"})");
  a.liked = true;
  CHECK(live::encode_diff(memory, render_page(a, none)) == R"({"11":"false","12":"true"})");
  auto flash = live::flash_messages{{"error", "x"}};
  auto shown = parse_json(live::encode_diff(memory, render_page(a, flash)));
  REQUIRE(shown.ok());
  CHECK(shown->contains("0"));
  CHECK_FALSE(shown->contains("1"));
}
