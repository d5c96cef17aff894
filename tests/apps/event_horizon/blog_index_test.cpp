#include "apps/event_horizon/views/blog_index.hpp"

#include "apps/content/folder.hpp"
#include "apps/support.hpp"
#include "testing/live/live_site.hpp"

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
