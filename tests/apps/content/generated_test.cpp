// Another blog's folder, dropped in as it is.

#include "apps/content/html_check.hpp"
#include "apps/content/other_blog.hpp"
#include "apps/event_horizon/content/feeds.hpp"

using namespace beamline;
using namespace beamline::event_horizon;
using test::lines_of;

TEST_CASE("another blog's posts are served as they are, and nothing is left unsaid") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    auto f = test::folder{};
    auto made = test::write_other_blog(f, seed, 80);
    REQUIRE(made.posts >= 60);
    REQUIRE(made.drafts >= 1);
    REQUIRE(made.images >= 5);
    auto r = f.load();
    CHECK(lines_of(r.problems) == "");
    CHECK(static_cast<int>(r.posts->posts().size()) == made.posts);
    CHECK(static_cast<int>(f.load({.shows_drafts = true}).posts->posts().size()) == made.posts + made.drafts);
    for (const auto& p : r.posts->posts()) {
      CAPTURE(p->file);
      CHECK_FALSE(p->title.empty());
      bool has_words = p->plain.find_first_not_of(" \n") != std::string::npos;
      CHECK((!has_words || !p->summary.empty()));
      CHECK(test::what_is_wrong_with(p->body.str()) == "");
      CHECK(r.posts->find(p->slug) == p);
      CHECK(r.posts->around(p->slug).older != p);
    }
    CHECK(r.posts->tagged("go").size() >= 5);
    CHECK(r.posts->search("naive bayes").size() >= 3);
    CHECK(test::occurrences(atom_feed({"B", "https://b.example"}, *r.posts), "<entry>") == 20);
  }
}

TEST_CASE("what is spoilt in such a folder is listed, file by file, and the rest stays up") {
  auto f = test::folder{};
  auto made = test::write_other_blog(f, 9, 80);
  f.put("2020-01-01-broken.md", "---\ntitle: Oh: no\n---\n");
  f.put("2020-01-02-shortcode.md", "---\ntitle: S\n---\ntext\n\n{{< youtube abc >}}\n\n![gone](gone.jpg)\n");
  auto r = f.load();
  CHECK(static_cast<int>(r.posts->posts().size()) == made.posts + 1);
  CHECK(lines_of(r.problems)
        == "2020-01-01-broken.md:2: the front matter has a second \": \" in its value; put the value in quotes\n"
           "2020-01-02-shortcode.md:6: \"{{< youtube abc >}}\" is for another program and is shown as it stands; write "
           "it "
           "in Markdown or HTML\n"
           "2020-01-02-shortcode.md:8: shows \"gone.jpg\", which is no file here; put it beside the post\n");
}
