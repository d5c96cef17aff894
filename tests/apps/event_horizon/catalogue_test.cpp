#include "apps/event_horizon/catalogue.hpp"

#include "apps/support.hpp"

#include <sys/stat.h>

using namespace beamline;
using namespace beamline::event_horizon;
using namespace beamline::test;

namespace {

constexpr std::string_view good = "---\ntitle: T\ndate: 2024-05-01\nsummary: S\n---\nText.\n";

struct folder {
  temp_dir dir;

  void put(std::string_view name, std::string_view text) { write_file(dir / name, text); }
  [[nodiscard]] result<catalogue> load(catalogue::limits l = {}) { return catalogue::load(dir.path(), l); }
  /// The error of a directory with this one post, without the path in front.
  [[nodiscard]] std::string problem(std::string_view text) {
    put("hello.md", text);
    auto r = load();
    REQUIRE_FALSE(r.ok());
    CHECK(r.error().code == errc::invalid);
    auto prefix = (dir / "hello.md").generic_string();
    REQUIRE(r.error().message.starts_with(prefix));
    return r.error().message.substr(prefix.size());
  }
};

}  // namespace

TEST_CASE_FIXTURE(folder, "a post is read with everything it says about itself") {
  put("hello.md", "---\ntitle:  Hello: a <title> \ndate: 2024-05-01\nsummary: One & two\ntags: c++, "
                  "two-nodes\n---\n\nSome *text*.\n");
  auto r = load();
  REQUIRE(r.ok());
  const auto* p = r->find("hello");
  REQUIRE(p != nullptr);
  CHECK(p->title == "Hello: a <title>");
  CHECK(iso_date(p->date) == "2024-05-01");
  CHECK(long_date(p->date) == "1 May 2024");
  CHECK(p->summary == "One & two");
  CHECK(p->tags == std::vector<std::string>{"c++", "two-nodes"});
  CHECK(p->body.str() == "<p>Some <em>text</em>.</p>\n");
  CHECK(r->find("other") == nullptr);
  CHECK(r->find("") == nullptr);
}

TEST_CASE_FIXTURE(folder, "posts are sorted by date, newest first, then by slug") {
  auto dated = [](std::string_view date) {
    return "---\ntitle: T\nsummary: S\ndate: " + std::string{date} + "\n---\n";
  };
  put("b.md", dated("2024-05-01"));
  put("a.md", dated("2024-05-01"));
  put("old.md", dated("2019-12-31"));
  put("new.md", dated("2024-05-02"));
  auto r = load();
  REQUIRE(r.ok());
  auto order = std::vector<std::string>{};
  for (const auto& p : r->posts()) {
    order.push_back(p.slug);
    CHECK(r->find(p.slug) == &p);
  }
  CHECK(order == std::vector<std::string>{"new", "a", "b", "old"});
}

TEST_CASE_FIXTURE(folder, "what is no post does not matter") {
  put("notes.txt", "x");
  put(".hello.md.swp", "x");
  put(".draft.md", "x");
  std::filesystem::create_directory(dir / "pictures");
  auto r = load();
  REQUIRE(r.ok());
  CHECK(r->posts().empty());
}

TEST_CASE_FIXTURE(folder, "line ends of other systems and an absent last one are fine") {
  put("hello.md", "---\r\ntitle: T\r\ndate: 2024-05-01\r\nsummary: S\r\n---\r\nText.");
  auto r = load();
  INFO((r ? std::string{} : r.error().message));
  REQUIRE(r.ok());
  CHECK(r->find("hello")->title == "T");
  CHECK(r->find("hello")->body.str() == "<p>Text.</p>\n");
}

TEST_CASE_FIXTURE(folder, "each mistake in a post is named with its line and remedy") {
  auto with = [](std::string_view line) {
    return "---\ntitle: T\ndate: 2024-05-01\nsummary: S\n" + std::string{line} + "\n---\n";
  };
  CHECK(problem("") == ":1: does not begin with a line ---; put title, date and summary between two of them");
  CHECK(problem("# Hello\n") == ":1: does not begin with a line ---; put title, date and summary between two of them");
  CHECK(problem("---\ntitle: T\n") == ":1: the front matter has no end; put a line --- after its last key");
  CHECK(problem(with("titel: T")) == ":5: unknown key \"titel\"; did you mean title?");
  CHECK(problem(with("colour: red")) == ":5: unknown key \"colour\"; a post has title, date, summary and tags");
  CHECK(problem(with("title: U")) == ":5: title was given on line 2 already; remove one");
  CHECK(problem(with("just words"))
        == ":5: \"just words\" is not \"key: value\"; the lines of the front matter end with a line ---");
  CHECK(problem(with("tags: [a, b]"))
        == ":5: tags has \"[a\", expected words of a-z, 0-9, -, + and . with commas between them");
  CHECK(problem(with("tags: a, a")) == ":5: tags has \"a\" twice; remove one");
  CHECK(contains(problem(with("tags: a,b,c,d,e,f,g,h,i,j,k")), ":5: tags has more than 10 words"));
  CHECK(problem("---\ntitle: T\ndate: May\nsummary: S\n---\n")
        == ":3: date is \"May\", expected a day such as 2024-05-01");
  CHECK(contains(problem("---\ntitle: T\ndate: 2024-5-1\nsummary: S\n---\n"), ":3: date is \"2024-5-1\", expected"));
  CHECK(contains(problem("---\ntitle: T\ndate: 2024-05-01x\nsummary: S\n---\n"),
                 ":3: date is \"2024-05-01x\", expected"));
  CHECK(problem("---\ntitle: T\ndate: 2023-02-29\nsummary: S\n---\n")
        == ":3: date is \"2023-02-29\", which is no day of the calendar");
  CHECK(problem("---\ntitle: \"T\"\ndate: 2024-05-01\nsummary: S\n---\n")
        == ":2: title is \"\\\"T\\\"\"; write it without the quotes, which would be shown");
  CHECK(contains(problem("---\ntitle: " + std::string(201, 'x') + "\ndate: 2024-05-01\nsummary: S\n---\n"),
                 ":2: title has 201 octets; shorten it to at most 200"));
  CHECK(contains(problem("---\ntitle:\ndate: 2024-05-01\nsummary: S\n---\n"), ":2: title is empty"));
  CHECK(contains(problem("---\ntitle: T\ndate: 2024-05-01\n---\n"),
                 ":4: summary is missing; add a line \"summary: ...\""));
  CHECK(contains(problem(std::string{good} + "\n# Top\n"), ":8: a heading of the first level"));
  CHECK(contains(problem(std::string{good} + "\nTop\n===\n"), ":8: a heading of the first level"));
  CHECK(problem(std::string{good} + "caf\xe9\n") == ":7: is not UTF-8 here; save the file in that encoding");
}

TEST_CASE_FIXTURE(folder, "all mistakes of all files are told at once, up to a limit") {
  put("a.md", "---\ntitle:\ndate: x\nsummary: S\n---\n");
  put("b.md", "nothing");
  put("c.md", good);
  auto r = load();
  REQUIRE_FALSE(r.ok());
  CHECK(occurrences(r.error().message, "\n") == 2);
  for (int i = 0; i < 100; ++i)
    put("p" + std::to_string(i) + ".md", "nothing");
  CHECK(contains(load().error().message, "\nand 53 more"));
}

TEST_CASE_FIXTURE(folder, "names that make no address are refused") {
  for (auto name : {"My Post.md", "UPPER.md", "a_b.md", "a--b.md", "-a.md", "h\xc3\xa9llo.md"}) {
    put(name, good);
    auto r = load();
    REQUIRE_FALSE(r.ok());
    CHECK(contains(r.error().message, "the name of the file becomes the address of the post; rename it"));
    std::filesystem::remove(dir / name);
  }
}

TEST_CASE_FIXTURE(folder, "two files with one address are refused") {
  put("hello.md", good);
  put("hello.markdown", good);
  auto r = load();
  REQUIRE_FALSE(r.ok());
  CHECK(r.error().message
        == (dir / "hello.md").generic_string() + ": has the address of hello.markdown; rename one of them");
}

TEST_CASE_FIXTURE(folder, "too many and too large posts are refused by the name of the limit") {
  put("a.md", good);
  put("b.md", good);
  auto many = load({.posts_max = 1});
  REQUIRE_FALSE(many.ok());
  CHECK(many.error().code == errc::too_large);
  CHECK(contains(many.error().message, "has 2 posts, more than event_horizon.posts_max = 1"));
  CHECK(load({.posts_max = 2}).ok());

  auto size = good.size();
  CHECK(load({.post_bytes_max = size}).ok());
  auto large = load({.post_bytes_max = size - 1});
  REQUIRE_FALSE(large.ok());
  CHECK(contains(large.error().message, "is larger than event_horizon.post_size_max"));
}

TEST_CASE_FIXTURE(folder, "what cannot be read is refused") {
  auto missing = catalogue::load(dir / "nowhere");
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().code == errc::not_found);
  CHECK(contains(missing.error().message, "set event_horizon.content_dir"));

  std::filesystem::create_directory(dir / "folder.md");
  CHECK(contains(load().error().message, "folder.md: is no regular file"));
  std::filesystem::remove(dir / "folder.md");
  REQUIRE(mkfifo((dir / "pipe.md").c_str(), 0600) == 0);  // Must not hang.
  CHECK(contains(load().error().message, "pipe.md: is no regular file"));
}

TEST_CASE("the posts that come with the program are good") {
  auto r = catalogue::load(std::filesystem::path{BEAMLINE_SOURCE_DIR} / "content/posts");
  INFO((r ? std::string{} : r.error().message));
  REQUIRE(r.ok());
  REQUIRE(r->find("hello") != nullptr);
  CHECK(r->posts().size() >= 2);
  CHECK(contains(r->find("hello")->body.str(), "<table>"));
  CHECK(contains(r->find("hello")->body.str(), "<pre><code class=\"language-cpp\">"));
  for (const auto& p : r->posts())
    CHECK_FALSE(contains(p.body.str(), "raw HTML omitted"));
}
