#include "apps/event_horizon/views/post_head.hpp"

#include "apps/content/folder.hpp"
#include "apps/support.hpp"
#include "base/json.hpp"

using namespace beamline;
using namespace beamline::event_horizon;
using namespace beamline::test;

TEST_CASE("the head tells search engines and networks what the page is, escaped") {
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

TEST_CASE("the head of a list says what the site is") {
  auto head =
      list_head({.title = "S", .url = "https://b.example", .description = "Bread & \"games\""}, "Blog", "/blog").str();
  CHECK(contains(head, "<meta name=\"description\" content=\"Bread &amp; &quot;games&quot;\">"));
  CHECK(contains(head, "<meta property=\"og:description\" content=\"Bread &amp; &quot;games&quot;\">"));
  CHECK(contains(head, "<meta property=\"og:url\" content=\"https://b.example/blog\">"));
  CHECK(contains(head, "<meta name=\"twitter:card\" content=\"summary\">"));
  auto bare = list_head({.title = "S", .url = ""}, "Blog", "/blog").str();
  CHECK(contains(bare, "<link rel=\"canonical\" href=\"/blog\">"));
  CHECK_FALSE(contains(bare, "description"));
  CHECK_FALSE(contains(bare, "og:url"));
}

TEST_CASE("a post says its language, and who has written it if that is known") {
  auto f = folder{};
  f.put("a.md", "---\ndate: 2024-01-01\n---\nText.\n");
  auto p = catalogue::load(f.path()).value().get("a");
  auto named = post_head({.title = "S", .url = "", .language = "de", .author = "Ann"}, *p).str();
  CHECK(contains(named, R"("author":{"@type":"Person","name":"Ann"})"));
  CHECK(contains(named, R"("inLanguage":"de")"));
  CHECK_FALSE(contains(post_head({"S", ""}, *p).str(), "author"));
}
