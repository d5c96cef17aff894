#include "apps/event_horizon/content/library.hpp"

#include "apps/content/folder.hpp"

using namespace beamline;
using namespace beamline::event_horizon;
using test::contains;

namespace {

post_ref made(std::string slug, std::string_view date, std::vector<std::string> tags = {}, std::string title = {},
              std::string plain = {}) {
  auto p = std::make_shared<post>();
  p->slug = std::move(slug);
  p->title = title.empty() ? p->slug : std::move(title);
  p->published = parse_date(date)->moment;
  p->date = parse_date(date)->day;
  p->tags = std::move(tags);
  p->plain = std::move(plain);
  return p;
}

std::string slugs(const std::vector<post_ref>& posts) {
  auto out = std::string{};
  for (const auto& p : posts)
    out += (out.empty() ? "" : " ") + p->slug;
  return out;
}

std::string slugs(const std::vector<search_hit>& hits) {
  auto out = std::string{};
  for (const auto& h : hits)
    out += (out.empty() ? "" : " ") + h.of->slug;
  return out;
}

library small_library() {
  return library{{made("a", "2024-05-01", {"C++", "beam"}), made("b", "2024-05-03", {"c++"}), made("c", "2024-05-02"),
                  made("d", "2024-05-02T10:00", {"Beam", "rare"}), made("e", "2024-05-02T10:00", {"rare", "beam"})}};
}

}  // namespace

TEST_CASE("posts are ordered by their moment, newest first, then by slug") {
  auto l = small_library();
  CHECK(slugs(l.posts()) == "b d e c a");
  CHECK(l.find("d")->slug == "d");
  CHECK(l.find("D")->slug == "d");
  CHECK(l.find("x") == nullptr);
  CHECK(l.find("") == nullptr);
  CHECK(library{}.find("a") == nullptr);
}

TEST_CASE("each post knows the ones before and after it") {
  auto l = small_library();
  CHECK(l.around("b").newer == nullptr);
  CHECK(l.around("b").older->slug == "d");
  CHECK(l.around("c").newer->slug == "e");
  CHECK(l.around("a").older == nullptr);
  CHECK(l.around("x") == library::neighbours{});
}

TEST_CASE("tags are counted without regard to case, and shown as the newest post writes them") {
  auto l = small_library();
  CHECK(l.tags() == std::vector<tag_count>{{"Beam", 3}, {"c++", 2}, {"rare", 2}});
  CHECK(slugs(l.tagged("BEAM")) == "d e a");
  CHECK(slugs(l.tagged("c++")) == "b a");
  CHECK(l.tagged("c").empty());
  CHECK(l.tagged("").empty());
}

TEST_CASE("related posts share tags, rare ones first") {
  auto l = small_library();
  CHECK(slugs(l.related("d")) == "e a");
  CHECK(slugs(l.related("a")) == "b d e");
  CHECK(slugs(l.related("a", 1)) == "b");
  CHECK(l.related("c").empty());
  CHECK(l.related("x").empty());
}

TEST_CASE("search finds all words, anywhere, by their beginnings, the title first") {
  auto l = library{{made("text", "2024-01-05", {}, "Other", "A long story about supervision and trees."),
                    made("title", "2024-01-01", {}, "Supervision"), made("tag", "2024-01-02", {"supervision"}, "Third"),
                    made("prefix", "2024-01-03", {}, "Supervisions"), made("none", "2024-01-04", {}, "Nothing")}};
  CHECK(slugs(l.search("SUPERVISION")) == "title prefix tag text");
  CHECK(slugs(l.search("supervision trees")) == "text");
  CHECK(slugs(l.search("vision")) == "");
  CHECK(slugs(l.search("süpérv")) == "prefix title tag text");
  CHECK(slugs(l.search("supervision", "supervision")) == "tag");
  CHECK(l.search("supervision", "unknown").empty());
  CHECK(l.search("").empty());
  CHECK(l.search(" !? ").empty());
  CHECK(l.search(std::string(10'000, 'a')).empty());
}

TEST_CASE("a snippet shows the words around, escaped, with the word marked") {
  auto text = std::string{};
  for (int i = 0; i < 40; ++i)
    text += "before ";
  text += "a <b> Brûlée & more ";
  for (int i = 0; i < 80; ++i)
    text += "after ";
  auto hits = library{{made("x", "2024-01-01", {}, "T", text)}}.search("brulee");
  REQUIRE(hits.size() == 1);
  auto snippet = hits.front().snippet.str();
  CHECK(contains(snippet, "a &lt;b&gt; <mark>Brûlée</mark> &amp; more after"));
  CHECK(snippet.starts_with("… before"));
  CHECK(snippet.ends_with("after …"));
  CHECK(snippet.size() < 350);
  auto whole = library{{made("x", "2024-01-01", {}, "T", "One word")}}.search("word");
  CHECK(whole.front().snippet.str() == "One <mark>word</mark>");
}

TEST_CASE("search gives up behind its limits, and says nothing wrong") {
  auto far = std::string(searched_post_bytes_max, 'x') + " needle";
  CHECK(library{{made("x", "2024-01-01", {}, "T", far)}}.search("needle").empty());
  auto many = std::vector<post_ref>{};
  for (int i = 0; i < 200; ++i)
    many.push_back(made("p" + std::to_string(i), "2024-01-01", {}, "same"));
  CHECK(library{many}.search("same").size() == search_hits_max);
}
