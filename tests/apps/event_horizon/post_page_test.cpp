// What the page of a post is made of, as HTML and as diffs.

#include "apps/content/folder.hpp"
#include "apps/event_horizon/views/blog_show.heex.hpp"
#include "apps/support.hpp"
#include "base/json.hpp"
#include "web/live/diff.hpp"

#include <set>

using namespace beamline;
using namespace beamline::event_horizon;
using namespace beamline::test;
namespace live = beamline::web::live;

namespace {

/// The page in full.
live::rendered render_page(const blog_show::assigns& a, const live::flash_messages& messages) {
  auto scope = live::render_scope{};
  const auto flash = live::assign<live::flash_messages>{messages};
  auto context = live::render_context{scope, 0, &flash};
  context.start(true);
  return render_template(a, context);
}

struct post_page {
  catalogue posts = two_posts();

  [[nodiscard]] blog_show::assigns assigns() const {
    auto a = blog_show::assigns{};
    a.shown = posts.get("hello");
    a.around = posts.now()->around("hello");
    a.related = posts.now()->related("hello");
    a.stats = std::optional{post_stats{4, 7}};
    a.talk = std::make_shared<const discussion>(discussion{"hello"});
    a.waiting = waiting_state{.is_connected = true};
    return a;
  }
  [[nodiscard]] static std::string html(const blog_show::assigns& a, const live::flash_messages& flash = {}) {
    return live::to_html(render_page(a, flash));
  }
};

/// The values of a diff that changes nothing but values.
std::multiset<std::string> values_of(const std::string& diff) {
  auto out = std::multiset<std::string>{};
  const auto changes = parse_json(diff).value();
  for (const auto& value : changes)
    out.insert(value.get<std::string>());
  return out;
}

}  // namespace

TEST_CASE_FIXTURE(post_page, "a post has what the browser tests and the script rely on") {
  auto out = html(assigns());
  CHECK(contains(out, "<h1>Hello &lt;you&gt;</h1>"));
  CHECK(contains(out, "<p>Some <em>text</em>.</p>"));
  CHECK(contains(out, "<div id=\"flash\" role=\"status\" aria-live=\"polite\"></div>"));
  CHECK(contains(out, "<form id=\"like-form\" method=\"post\" action=\"/blog/hello/like\" phx-submit=\"like\">"));
  CHECK(contains(
      out, "<button id=\"like\" type=\"submit\" name=\"liked\" value=\"true\" aria-pressed=\"false\">Like</button>"));
  CHECK(contains(out, "<span id=\"like-count\">4</span>"));
  CHECK(contains(out,
                 "<a href=\"/blog?tag=a\" data-phx-link=\"redirect\" data-phx-link-state=\"push\" rel=\"tag\">a</a>"));
  CHECK(contains(out, "<span>1 min read</span>"));
  CHECK(contains(out, "rel=\"next\"><span>Newer</span> Second</a>"));
  CHECK_FALSE(contains(out, "rel=\"prev\""));
  CHECK_FALSE(contains(out, "class=\"toc\""));
  CHECK_FALSE(contains(out, "Related posts"));
  CHECK_FALSE(contains(out, "phx-click=\"like\""));
}

TEST_CASE_FIXTURE(post_page, "a long post has a table of contents, and posts that share tags are named below it") {
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
  CHECK(contains(out,
                 "<li><a href=\"/blog/near\" data-phx-link=\"redirect\" data-phx-link-state=\"push\">Near</a></li>"));
  CHECK(contains(out, "<span class=\"draft\">Draft</span>"));
}

TEST_CASE_FIXTURE(post_page, "a number that was not heard of yet is no number") {
  auto a = assigns();
  a.stats = std::nullopt;
  CHECK(contains(html(a), "<span id=\"like-count\">–</span>"));
}

TEST_CASE_FIXTURE(post_page, "the form's token is kept by the client, whether a later render has it or not") {
  auto with = assigns();
  with.csrf = "a\"b";
  CHECK(contains(html(with), "<span id=\"like-token\" phx-update=\"ignore\" hidden>"
                             "<input type=\"hidden\" name=\"_csrf_token\" value=\"a&quot;b\"></span>"));
  CHECK(contains(html(assigns()), "<span id=\"like-token\" phx-update=\"ignore\" hidden></span>"));
}

TEST_CASE_FIXTURE(post_page, "a flash message is announced and can be dismissed") {
  auto out = html(assigns(), {{"error", "No <b>luck</b>"}});
  CHECK(contains(out,
                 "<p class=\"error\">No &lt;b&gt;luck&lt;/b&gt; <button type=\"button\" phx-click=\"lv:clear-flash\" "
                 "phx-value-key=\"error\" aria-label=\"Dismiss\">"));
}

TEST_CASE_FIXTURE(post_page, "a diff has exactly what changed") {
  auto memory = live::tree_memory{live::hash_key{1, 2}};
  auto none = live::flash_messages{};
  auto a = assigns();
  (void)live::encode_full(memory, render_page(a, none));
  CHECK(live::encode_diff(memory, render_page(a, none)).empty());
  a.stats = post_stats{5, 8};
  CHECK(values_of(live::encode_diff(memory, render_page(a, none))) == std::multiset<std::string>{"5"});
  a.stats = post_stats{.likes = 5, .version = 9, .visits = 2};
  CHECK(values_of(live::encode_diff(memory, render_page(a, none))) == std::multiset<std::string>{"2"});
  a.liked = true;
  CHECK(values_of(live::encode_diff(memory, render_page(a, none))) == std::multiset<std::string>{"false", "true"});
  a.readers = 2;
  CHECK(values_of(live::encode_diff(memory, render_page(a, none)))
        == std::multiset<std::string>{"2 people are reading this"});
  a.waiting = waiting_state{.waiting = 3, .is_connected = true};
  CHECK(values_of(live::encode_diff(memory, render_page(a, none))) == std::multiset<std::string>{"Events waiting: 3"});
  auto flash = live::flash_messages{{"error", "x"}};
  auto shown = parse_json(live::encode_diff(memory, render_page(a, flash)));
  REQUIRE(shown.ok());
  CHECK(shown->contains("0"));
  CHECK_FALSE(shown->contains("1"));
}

TEST_CASE("what comments say about themselves") {
  auto at = wall_time{std::chrono::sys_days{std::chrono::year{2026} / 1 / 2}} + 3h + 4min + 59s;
  CHECK(long_moment(at) == "2 January 2026, 03:04 UTC");
  CHECK(machine_moment(at) == "2026-01-02T03:04:59Z");
  CHECK(long_moment(wall_time{std::chrono::seconds{-60}}) == "31 December 1969, 23:59 UTC");
  CHECK(author_of({}) == "anonymous");
  CHECK(note_of(own_comment::fate::taken).empty());
  CHECK_FALSE(note_of(own_comment::fate::pending).empty());
}

TEST_CASE("what is said of waiting events") {
  CHECK(waiting_text({.waiting = 0, .is_connected = true}).empty());
  CHECK(waiting_text({.waiting = 3, .is_connected = true}) == "Events waiting: 3");
  CHECK(waiting_text({.waiting = 0, .is_connected = false}) == "Live numbers are paused.");
  CHECK(waiting_text({.waiting = 1, .is_connected = false}) == "Live numbers are paused. Events waiting: 1");
}

TEST_CASE("a draft is checked field by field, and says by how much it is too long") {
  auto checked = checked_draft({{"content", "abc"}, {"author", "x"}}, 3);
  CHECK(checked.is_valid());
  CHECK(room_left(checked, 3) == "About 0 more letters fit.");
  CHECK(room_left(checked, 3 + letters_left_shown_max + 1).empty());
  CHECK(checked_draft({{"content", "abcdé€"}}, 3)["content"].shown_errors()
        == std::vector<std::string>{"This comment is 3 letters too long. Please shorten it."});
  CHECK(checked_draft({{"content", " \n "}}, 3)["content"].shown_errors()
        == std::vector<std::string>{"Please write something first."});
  CHECK_FALSE(checked_draft({{"content", "a"}, {"author", std::string(81, 'x')}}, 3).is_valid());
  // What is sent is trimmed: a newline at the end is none too many, with a script as without.
  auto trimmed = checked_draft({{"content", "abc\r\n"}, {"author", " " + std::string(80, 'x')}}, 3);
  CHECK(trimmed.is_valid());
  CHECK(room_left(trimmed, 3) == "About 0 more letters fit.");
  // Nobody is told of a field before being there.
  CHECK(checked_draft({{"content", ""}, {"_unused_content", ""}}, 3)["content"].shown_errors().empty());
  CHECK(fresh_draft("ann")["author"].text() == "ann");
  CHECK(fresh_draft("ann")["content"].text().empty());
  CHECK(refused_draft({{"content", "x"}}, "No.")["content"].shown_errors() == std::vector<std::string>{"No."});
  CHECK(checked_draft({{"content", {{"nested", "x"}}}}, 3).is_valid() == false);
}
