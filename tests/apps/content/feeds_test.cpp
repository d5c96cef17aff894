#include "apps/event_horizon/content/feeds.hpp"

#include "apps/content/folder.hpp"

using namespace beamline;
using namespace beamline::event_horizon;
using test::contains;
using test::occurrences;

namespace {

const site_facts site{"The <Blog>", "https://blog.example", "Bread & games", "de-CH", "Ann <ann>"};

std::shared_ptr<const library> two_posts(const test::folder& f) {
  f.put("2024-05-01-hello.md", "---\ntitle: Hello & \"you\"\ndescription: First\ntags: [a, c++]\n"
                               "lastmod: 2024-05-03T10:00:00Z\n---\nSome *text*.\n");
  f.put("2024-05-02-draft.md", "---\ntitle: D\ndraft: true\n---\nNot yet.\n");
  f.put("2024-04-01-old.md", "---\ntitle: Old\n---\nOld text.\n");
  return f.load({.shows_drafts = true}).posts;
}

}  // namespace

TEST_CASE("feeds have the newest posts, escaped, with whole addresses") {
  auto f = test::folder{};
  auto posts = two_posts(f);
  auto atom = atom_feed(site, *posts);
  CHECK(atom.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" "
                         "xml:lang=\"de-CH\">\n"));
  CHECK(contains(atom, "<title>The &lt;Blog&gt;</title>\n<subtitle>Bread &amp; games</subtitle>"));
  CHECK(contains(atom, "<author>\n<name>Ann &lt;ann&gt;</name>\n</author>"));
  CHECK(contains(atom, "<title>Hello &amp; &quot;you&quot;</title>\n<id>https://blog.example/blog/hello</id>"));
  CHECK(contains(atom, "<published>2024-05-01T00:00:00Z</published>\n<updated>2024-05-03T10:00:00Z</updated>"));
  CHECK(contains(atom, "<category term=\"c++\"/>"));
  CHECK(contains(atom, "<content type=\"html\" xml:base=\"https://blog.example/\">&lt;p&gt;Some &lt;em&gt;text"));
  CHECK(atom.ends_with("</feed>\n"));
  auto rss = rss_feed(site, *posts);
  CHECK(contains(rss, "<pubDate>Wed, 01 May 2024 00:00:00 GMT</pubDate>"));
  CHECK(contains(rss, "<description>Bread &amp; games</description>\n<language>de-CH</language>"));
  CHECK(occurrences(rss, "<dc:creator>Ann &lt;ann&gt;</dc:creator>") == 3);
  CHECK(contains(rss, "<description>Old text.</description>"));
  CHECK(occurrences(rss, "<item>") == 3);
  CHECK(rss.ends_with("</channel>\n</rss>\n"));
}

TEST_CASE("the site map leads to everything that is published, robots to the site map") {
  auto f = test::folder{};
  auto map = sitemap(site, *two_posts(f));
  CHECK(contains(map, "<loc>https://blog.example/blog/hello</loc>\n<lastmod>2024-05-03T10:00:00Z</lastmod>"));
  CHECK(contains(map, "<loc>https://blog.example/blog</loc>"));
  CHECK_FALSE(contains(map, "/blog/draft"));
  CHECK(occurrences(map, "<url>") == 4);
  CHECK(contains(robots_txt(site), "Sitemap: https://blog.example/sitemap.xml\n"));
}

TEST_CASE("a site without posts has feeds, too") {
  CHECK(contains(atom_feed(site, library{}), "<updated>1970-01-01T00:00:00Z</updated>"));
  CHECK(occurrences(rss_feed(site, library{}), "<item>") == 0);
  CHECK(occurrences(sitemap(site, library{}), "<url>") == 2);
}

TEST_CASE("feeds of a site that says nothing of itself name the site") {
  CHECK(contains(atom_feed({"B", ""}, library{}), "<author>\n<name>B</name>\n</author>"));
  CHECK_FALSE(contains(atom_feed({"B", ""}, library{}), "subtitle"));
  CHECK(contains(rss_feed({"B", ""}, library{}), "<description>The newest posts of B</description>"));
}
