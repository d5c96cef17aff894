#include "apps/event_horizon/views/blog_index.hpp"

#include "apps/content/folder.hpp"
#include "apps/event_horizon/post_site.hpp"

using namespace beamline;
using namespace beamline::event_horizon;
using testing::live_site;
using testing::simulated_node;
using testing::world;

namespace {

class teller final : public process {
public:
  using process::process;
  behavior init() override {
    return handlers([this](const posts_changed& m) {
      CHECK(pubsub::system_of(env()).local_broadcast(*this, posts_topic(), posts_changed{m}));
    });
  }
};

/// Stands in for analytics, and notes which posts it is asked for.
class asked_for final : public process {
public:
  asked_for(process_context& c, std::vector<std::string>& slugs) : process{c}, slugs_{slugs} {}
  behavior init() override {
    CHECK(register_as(std::string{analytics_name}));
    return handlers([this](const watch_stats& m) {
      slugs_.push_back(m.slug);
      return watch_answer{};
    });
  }

private:
  std::vector<std::string>& slugs_;
};

/// The index of a blog with 25 posts: p0 to p24, the even ones tagged.
struct index_site : test::folder {
  index_site() {
    for (int i = 0; i < 25; ++i)
      put("p" + std::to_string(i) + ".md", "---\ntitle: \"Post <" + std::to_string(i) + ">\"\ndate: 2024-05-"
                                               + std::string(i < 9 ? "0" : "") + std::to_string(i + 1)
                                               + (i % 2 == 0 ? "\ntags: [Even, n" + std::to_string(i) + "]" : "")
                                               + "\n---\nThe brûlée number " + std::to_string(i) + "x.\n");
    posts = catalogue::load(path()).value();
    of.emplace(n.get(), posts, event_horizon_options{.title = "Blog", .url = "https://blog.example"});
    n.env().provide(*of);
    test::start_topics(n);
    tell = n.spawn<teller>();
    pages.emplace(n);
    pages->view<blog_index>("/blog");
  }
  ~index_site() { w.crash_node(n); }

  world w;
  simulated_node& n = w.start_node("host_1@sim");
  catalogue posts;
  std::optional<blog> of;
  std::optional<live_site> pages;
  pid tell;
};

}  // namespace

TEST_CASE_FIXTURE(index_site, "the index shows all posts, page by page, newest first") {
  auto page = pages->visit("/blog");
  CHECK(page.find_all(".posts > li").size() == index_posts_max);
  CHECK(page.element("#found").text() == "25 posts");
  CHECK(page.element(".posts > li:first-child h2").text() == "Post <24>");
  CHECK(page.has(".pages", "Page 1 of 2"));
  page.element(".pages a", "Older posts").click();
  page.assert_patch("/blog?page=2");
  CHECK(page.find_all(".posts > li").size() == 5);
  CHECK_FALSE(page.has(".pages a", "Older posts"));
  CHECK(pages->visit("/blog?page=99").find_all(".posts > li").size() == 5);
  CHECK(pages->visit("/blog?page=x").find_all(".posts > li").size() == index_posts_max);
}

TEST_CASE_FIXTURE(index_site, "tags narrow the list, and say which one is chosen") {
  auto page = pages->visit("/blog");
  page.element(".tags a", "Even").click();
  page.assert_patch("/blog?tag=Even");
  CHECK(page.element("#found").text() == "13 posts tagged “Even”");
  CHECK(page.element(".tags a[aria-current]").text() == "Even 13");
  CHECK(page.title() == "Posts tagged Even");
  CHECK(pages->visit("/blog?tag=EVEN").find_all(".posts > li").size() == 13);
  CHECK(pages->visit("/blog?tag=none").element("#found").text() == "No post tagged “none”");
}

TEST_CASE_FIXTURE(index_site, "what is typed is looked for at once, and the address says it") {
  auto page = pages->visit("/blog");
  page.form("#search-form").change({{"q", "BRULEE 7x"}});
  page.assert_patch("/blog?q=BRULEE%207x");
  CHECK(page.find_all(".posts > li").size() == 1);
  CHECK(page.element(".snippet mark").text() == "brûlée");
  CHECK(page.element("#found").text() == "1 post with “BRULEE 7x”");
  page.form("#search-form").change({{"q", ""}});
  page.assert_patch("/blog");
  CHECK(page.find_all(".posts > li").size() == index_posts_max);
  page.form("#search-form").submit({{"q", "nothing such"}});
  CHECK(page.element("#found").text() == "No post with “nothing such”");
  CHECK_FALSE(page.has(".posts"));
}

TEST_CASE_FIXTURE(index_site, "an address alone shows the same, as a form without a script makes it") {
  auto page = pages->visit("/blog?q=brulee&tag=even&_csrf_token=x");
  CHECK(page.element("#found").text() == "13 posts tagged “even” with “brulee”");
  CHECK(page.form("#search-form").field("q").value() == "brulee");
  CHECK(page.form("#search-form").element().attribute("method") == "get");
  CHECK(page.form("#search-form").element().attribute("action") == "/blog");
  CHECK(pages->visit("/blog?q=" + std::string(5000, 'a')).element("#found").text().size() < 200);
}

TEST_CASE_FIXTURE(index_site, "a post that is saved shows in open pages at once") {
  auto page = pages->visit("/blog");
  put("new.md", "---\ntitle: Fresh\ndate: 2025-01-01\n---\n");
  REQUIRE(posts.refresh()->is_changed);
  n.cast(tell, posts_changed{1});
  w.run();
  CHECK(page.element(".posts > li:first-child h2").text() == "Fresh");
  CHECK(page.element("#found").text() == "26 posts");
}

TEST_CASE_FIXTURE(index_site, "each post has its numbers, which follow every change") {
  of->numbers().update("p24", {.likes = 4, .version = 7, .visits = 1200, .comments = 1});
  CHECK(pages->browser().load("/blog").element(".posts > li:first-child .numbers").text()
        == "1,200 visits 4 likes 1 comment");
  auto at = test::desk{};
  n.spawn<test::stand_in>(analytics_name, *of, at);
  auto page = pages->visit("/blog");
  auto numbers = page.element(".posts > li:nth-child(2) .numbers");
  CHECK(numbers.text() == "– visits – likes – comments");
  auto change = [&](const std::string& slug, const post_stats& now) {
    for (const auto& v : at.of_stats)
      n.cast(v, stats_updated{slug, now});
    w.run();
  };
  change("p23", {.likes = 1, .version = 2, .visits = 9});
  CHECK(numbers.text() == "9 visits 1 like 0 comments");
  change("p23", {.likes = 0, .version = 1});
  CHECK(numbers.text() == "9 visits 1 like 0 comments");

  // One change is one value; a post that is not on the page is nothing at all.
  auto before = page.wire_log().size();
  change("p23", {.likes = 2, .version = 3, .visits = 9});
  CHECK(numbers.text() == "9 visits 2 likes 0 comments");
  CHECK(page.wire_log().size() - before < 250);
  before = page.wire_log().size();
  change("p0", {.likes = 2, .version = 3, .visits = 9});
  (void)page.text();
  CHECK(page.wire_log().size() == before);
}

TEST_CASE_FIXTURE(index_site, "a tab asks for the numbers of what it shows, each once") {
  auto asked = std::vector<std::string>{};
  n.spawn<asked_for>(asked);
  auto page = pages->visit("/blog");
  CHECK(asked.size() == index_posts_max);
  page.element(".pages a", "Older posts").click();
  w.run();
  CHECK(asked.size() == 25);
  page.element(".pages a", "Newer posts").click();
  page.form("#search-form").change({{"q", "brulee"}});
  w.run();
  CHECK(asked.size() == 25);
}
