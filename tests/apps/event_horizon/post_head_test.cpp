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
