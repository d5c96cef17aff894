#include "apps/event_horizon/catalogue.hpp"

#include "apps/content/folder.hpp"

using namespace beamline;
using namespace beamline::event_horizon;
using test::contains;

namespace {

constexpr std::string_view good = "---\ntitle: T\ndate: 2024-05-01\n---\nText.\n";

struct blog_folder : test::folder {
  [[nodiscard]] catalogue open(catalogue::limits l = {}) const {
    auto read = catalogue::load(path(), l);
    REQUIRE(read.ok());
    return *read;
  }
  static std::string slugs(const catalogue& of) {
    auto out = std::string{};
    for (const auto& p : of.posts())
      out += (out.empty() ? "" : " ") + p.slug;
    return out;
  }
};

}  // namespace

TEST_CASE_FIXTURE(blog_folder, "a catalogue has the posts of its folder, newest first") {
  put("b.md", good);
  put("a.md", good);
  put("2024-05-02-new.md", "---\n---\n");
  put("bad.md", "nothing");
  auto c = open();
  CHECK(slugs(c) == "new a b");
  CHECK(c.posts().size() == 3);
  CHECK(c.get("a") == c.get("A"));
  CHECK(c.get("a") != nullptr);
  CHECK(c.get("bad") == nullptr);
  CHECK(c.problems().count() == 1);
  CHECK(contains(describe(c.problems(), path()), (path() / "bad.md:1").generic_string() + ": does not begin"));
}

TEST_CASE("no folder is an error, no posts are none") {
  auto missing = catalogue::load("/nowhere/at/all");
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().code == errc::not_found);
  auto none = catalogue{};
  CHECK(none.posts().empty());
  CHECK(none.get("a") == nullptr);
  REQUIRE(none.refresh().ok());
  CHECK_FALSE(none.refresh()->is_changed);
}

TEST_CASE_FIXTURE(blog_folder, "new, changed and removed posts are there after a refresh, in all copies") {
  put("a.md", good);
  auto c = open();
  auto copy = c;
  CHECK_FALSE(c.refresh()->is_changed);
  put("b.md", good);
  auto first = c.refresh();
  REQUIRE(first.ok());
  CHECK(first->is_changed);
  CHECK(first->added == std::vector<std::string>{"b"});
  CHECK(slugs(copy) == "a b");
  put("a.md", "---\ntitle: Longer title\ndate: 2024-05-03\n---\nText.\n");
  auto second = c.refresh();
  CHECK(second->is_changed);
  CHECK(second->added.empty());
  CHECK(copy.get("a")->title == "Longer title");
  std::filesystem::remove(path() / "a.md");
  CHECK(c.refresh()->is_changed);
  CHECK(slugs(copy) == "b");
  CHECK_FALSE(c.refresh()->is_changed);
}

TEST_CASE_FIXTURE(blog_folder, "a post that becomes bad goes, the others stay, and both are told") {
  put("a.md", good);
  put("b.md", good);
  auto c = open();
  put("a.md", "---\ntitle: [\n---\n");
  auto r = c.refresh();
  CHECK(r->problems.count() == 1);
  CHECK(slugs(c) == "b");
  CHECK(c.problems().count() == 1);
  put("a.md", good);
  CHECK(c.refresh()->problems.empty());
  CHECK(slugs(c) == "a b");
}

TEST_CASE_FIXTURE(blog_folder, "while the folder is away the posts stay as they were") {
  put("posts/a.md", good);
  auto c = catalogue::load(path() / "posts").value();
  std::filesystem::rename(path() / "posts", path() / "elsewhere");
  auto r = c.refresh();
  REQUIRE_FALSE(r.ok());
  CHECK(r.error().code == errc::not_found);
  CHECK(slugs(c) == "a");
  std::filesystem::rename(path() / "elsewhere", path() / "posts");
  CHECK(c.refresh().ok());
  CHECK(slugs(c) == "a");
}

TEST_CASE_FIXTURE(blog_folder, "who holds a post keeps it, however often the folder is read anew") {
  put("a.md", good);
  auto c = open();
  auto held = c.get("a");
  auto before = c.now();
  for (std::size_t i = 0; i < 3; ++i) {
    put("other" + std::to_string(i) + ".md", good);
    REQUIRE(c.refresh()->is_changed);
  }
  CHECK(held->title == "T");
  CHECK(before->posts().size() == 1);
  CHECK(c.posts().size() == 4);
}

TEST_CASE_FIXTURE(blog_folder, "the log is told of the first problems and of how many more there are") {
  for (std::size_t i = 0; i < logged_problems_max + 3; ++i)
    put("p" + std::to_string(i) + ".md", "nothing");
  auto text = describe(open().problems(), path());
  CHECK(test::occurrences(text, "\n") == static_cast<int>(logged_problems_max));
  CHECK(text.ends_with("\nand 3 more"));
}
