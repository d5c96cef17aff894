#include "apps/event_horizon/content/loader.hpp"

#include "apps/content/folder.hpp"
#include "apps/event_horizon/content/post_file.hpp"
#include "support/source_dir.hpp"

#include <sys/stat.h>

using namespace beamline;
using namespace beamline::event_horizon;
using test::contains;
using test::lines_of;

namespace {

constexpr std::string_view good = "---\ntitle: T\ndate: 2024-05-01\n---\nText.\n";

}  // namespace

TEST_CASE_FIXTURE(test::folder, "a post is read with everything it says about itself") {
  put("hello.md",
      "---\ntitle: \"Hello: a <title>\"\ndate: 2024-05-01\nsummary: One & two\ntags: c++, two-nodes\n---\n\n"
      "Some *text*.\n\n![a](pic.png)\n");
  put("pic.png", test::png(64, 32));
  auto r = load();
  CHECK(lines_of(r.problems) == "");
  auto p = r.posts->find("hello");
  REQUIRE(p != nullptr);
  CHECK(p->title == "Hello: a <title>");
  CHECK(iso_date(p->date) == "2024-05-01");
  CHECK(p->summary == "One & two");
  CHECK(p->tags == std::vector<std::string>{"c++", "two-nodes"});
  CHECK(p->body.str()
        == "<p>Some <em>text</em>.</p>\n<p><img src=\"/files/pic.png\" alt=\"a\" width=\"64\" "
           "height=\"32\" decoding=\"async\"></p>\n");
  CHECK(p->image == "/files/pic.png");
  CHECK(p->file == "hello.md");
  CHECK(p->minutes == 1);
  REQUIRE(r.posts->file("pic.png") != nullptr);
  CHECK(r.posts->file("pic.png")->type == "image/png");
  CHECK(r.posts->file("hello.md") == nullptr);
}

TEST_CASE_FIXTURE(test::folder, "what a post does not say is made of its text and its name") {
  put("2024-05-01-my_first-post.md", "---\n---\nOnly text here.\n");
  put("2023/trip/index.md", "---\ndate: 2023-01-01\n---\n# A Trip\n\nGone.\n");
  put("_posts/2022-02-02-Ünïcode Name.MARKDOWN", "---\ntitle:\n---\nx\n");
  auto r = load();
  CHECK(lines_of(r.problems) == "");
  CHECK(r.posts->find("my-first-post")->title == "My first post");
  CHECK(r.posts->find("my-first-post")->summary == "Only text here.");
  CHECK(iso_date(r.posts->find("my-first-post")->date) == "2024-05-01");
  CHECK(r.posts->find("trip")->title == "A Trip");
  CHECK(r.posts->find("unicode-name")->title == "Ünïcode Name");
}

TEST_CASE_FIXTURE(test::folder, "pictures are found beside the post, from the root, and in static/") {
  put("2024-05-01-trip/index.md",
      "---\nimage: /images/cover.png\n---\n![a](one.png) ![b](../shared/two.png) "
      "![c](/images/cover.png) ![d](/shared/two.png) [next](../other.md) ![e](%C3%A4%20b.png)\n");
  put("2024-05-01-trip/one.png", test::png(1, 2));
  put("2024-05-01-trip/\xc3\xa4 b.png", test::png(9, 9));
  put("shared/two.png", test::png(3, 4));
  put("static/images/cover.png", test::png(5, 6));
  put("other.md", good);
  auto r = load();
  CHECK(lines_of(r.problems) == "");
  auto body = r.posts->find("trip")->body.str();
  CHECK(contains(body, "src=\"/files/2024-05-01-trip/one.png\" alt=\"a\" width=\"1\" height=\"2\""));
  CHECK(contains(body, "src=\"/files/shared/two.png\" alt=\"b\" width=\"3\" height=\"4\""));
  CHECK(contains(body, "src=\"/files/static/images/cover.png\" alt=\"c\" width=\"5\""));
  CHECK(contains(body, "<a href=\"/blog/other\">next</a>"));
  CHECK(contains(body, "src=\"/files/2024-05-01-trip/%C3%A4%20b.png\""));
  CHECK(r.posts->find("trip")->image == "/files/static/images/cover.png");
}

TEST_CASE_FIXTURE(test::folder, "no path leads out of the folder") {
  put("posts/a.md",
      "---\ndate: 2024-05-01\n---\n![x](../../../../etc/passwd) ![y](/etc/passwd) ![z](..%2f..%2fa.png)\n");
  auto r = load();
  CHECK(r.problems.count() == 3);
  CHECK_FALSE(contains(r.posts->find("a")->body.str(), "<img"));
  CHECK(joined_path("a/b/", "../../../x") == "");
  CHECK(joined_path("a/b/", "../x/./y") == "a/x/y");
}

TEST_CASE_FIXTURE(test::folder, "drafts are shown only where drafts are") {
  put("a.md", "---\ndate: 2024-05-01\ndraft: true\n---\n");
  put("_drafts/b.md", "---\ndate: 2024-05-01\n---\n");
  put("c.md", good);
  CHECK(load().posts->posts().size() == 1);
  auto all = load({.shows_drafts = true});
  CHECK(all.posts->posts().size() == 3);
  CHECK(all.posts->find("b")->is_draft);
  CHECK_FALSE(all.posts->find("c")->is_draft);
}

TEST_CASE_FIXTURE(test::folder, "what is wrong with one post is told with file and line, and leaves the others up") {
  put("a.md", "nothing");
  put("b.md", "---\ntitle: [\n---\n");
  put("c.md", "---\ntitle: No date\n---\n");
  put("d.md", "---\ndate: 2024-05-01\ncolour: red\n---\ntext\n\n<script>x</script>\n");
  put("e.md", "---\ndate: 2024-05-01\n---\ncaf\xe9\n");
  put("日本.md", good);
  put("good.md", good);
  put("sub/GOOD.md", good);
  auto r = load();
  CHECK(lines_of(r.problems)
            .starts_with("a.md:1: does not begin with a line --- (YAML) or +++ (TOML); put title and date between two "
                         "of them\nb.md:"));
  auto told = lines_of(r.problems);
  CHECK(contains(told, "c.md:1: has no date; add a line such as date: 2024-05-01, or put one before its name\n"));
  CHECK(contains(told, "d.md:3: nothing here knows \"colour\""));
  CHECK(contains(told, "d.md:7: \"<script>\" is left out"));
  CHECK(contains(told, "e.md:4: is not UTF-8 here; save the file in that encoding\n"));
  CHECK(contains(told, "日本.md: has a name that makes no address; add a line such as slug: two-nodes\n"));
  CHECK(contains(told, "sub/GOOD.md: has the address of good.md, /blog/good; give it another slug or name\n"));
  CHECK(r.problems.count() == 8);
  CHECK(r.posts->posts().size() == 2);
  CHECK(r.posts->find("d") != nullptr);
  CHECK(r.posts->find("good") != nullptr);
}

TEST_CASE_FIXTURE(test::folder, "limits are told by name, and the rest is shown") {
  put("a.md", good);
  put("b.md", good);
  put("c.md", good);
  auto many = load({.posts_max = 2});
  CHECK(many.posts->posts().size() == 2);
  CHECK(contains(lines_of(many.problems), "c.md: is left out: there are more posts than event_horizon.posts_max = 2"));
  CHECK(load({.post_bytes_max = good.size()}).posts->posts().size() == 3);
  auto large = load({.post_bytes_max = good.size() - 1});
  CHECK(large.posts->posts().empty());
  CHECK(contains(lines_of(large.problems), "a.md: is larger than event_horizon.post_size_max = "));
}

TEST_CASE_FIXTURE(test::folder, "what is no post and no file for readers is not looked at or told of") {
  put(".hello.md.swp", "x");
  put(".git/config", "x");
  put("_index.md", "x");
  put("page.html", "<script>");
  put("tool.sh", "x");
  auto deep = std::filesystem::path{};
  for (std::size_t i = 0; i < folder_depth_max; ++i)
    deep /= "d";
  put(deep / "x.md", good);
  std::filesystem::create_symlink("/etc/passwd", path() / "link.txt");
  REQUIRE(mkfifo((path() / "pipe.md").c_str(), 0600) == 0);  // Must not hang.
  auto r = load();
  CHECK(r.posts->posts().empty());
  auto told = lines_of(r.problems);
  CHECK(contains(told, "is not looked at: folders may be 8 deep"));
  CHECK(contains(told, "link.txt: is a symbolic link"));
  CHECK(contains(told, "page.html: is not served"));
  CHECK(contains(told, "pipe.md: is no regular file"));
  CHECK(contains(told, "tool.sh: is not served"));
  CHECK(r.problems.count() == 5);
  CHECK(r.posts->file("link.txt") == nullptr);
}

TEST_CASE_FIXTURE(test::folder, "a folder that is not there is an error") {
  auto r = load_folder(path() / "nowhere", {});
  REQUIRE_FALSE(r.ok());
  CHECK(r.error().code == errc::not_found);
  CHECK(contains(r.error().message, "set event_horizon.content_dir"));
}

TEST_CASE("the posts that come with the program are good") {
  auto r = load_folder(testing::source_dir() / "content/posts", {});
  REQUIRE(r.ok());
  CHECK(lines_of(r->problems) == "");
  REQUIRE(r->posts->find("hello") != nullptr);
  CHECK(r->posts->posts().size() >= 2);
  CHECK(contains(r->posts->find("hello")->body.str(), "<table>"));
  CHECK(
      contains(r->posts->find("hello")->body.str(), "<code class=\"language-cpp\"><span class=\"hl-k\">class</span>"));
}
