#include "apps/event_horizon/content/front_matter.hpp"

#include "apps/content/folder.hpp"
#include "base/random.hpp"

using namespace beamline;
using namespace beamline::event_horizon;
using test::contains;
using test::lines_of;

namespace {

struct reading {
  std::optional<parsed_post> post;
  std::string problems;
};

reading read(std::string_view text) {
  auto problems = problem_list{};
  auto post = parse_front_matter(text, problems);
  return {std::move(post), lines_of(problems)};
}

std::string yaml(std::string_view lines) { return "---\n" + std::string{lines} + "\n---\nText.\n"; }
std::string toml(std::string_view lines) { return "+++\n" + std::string{lines} + "\n+++\nText.\n"; }

front_matter front(const std::string& text) {
  auto r = read(text);
  CHECK(r.problems.empty());
  REQUIRE(r.post.has_value());
  CHECK(r.post->body == "Text.\n");
  return r.post->front;
}

}  // namespace

TEST_CASE("YAML and TOML say the same") {
  auto a = front(yaml("title: \"Hello: two\"\ndate: 2024-05-01 10:20:30 +0200\ndescription: >\n  One\n  two\n"
                      "tags: [c++, 'two nodes']\ndraft: true\nslug: hi"));
  auto b = front(toml("title = \"Hello: two\"\ndate = 2024-05-01T10:20:30+02:00\ndescription = \"One two\"\n"
                      "tags = [\"c++\", \"two nodes\"]\ndraft = true\nslug = \"hi\""));
  for (const auto& f : {a, b}) {
    CHECK(f.title == "Hello: two");
    CHECK(f.summary == "One two");
    CHECK(f.slug == "hi");
    CHECK(f.is_draft);
    CHECK(f.tags == std::vector<std::string>{"c++", "two nodes"});
    REQUIRE(f.date.has_value());
    CHECK(iso_moment(f.date->moment) == "2024-05-01T08:20:30Z");
  }
  CHECK(a.date == b.date);
  CHECK(front(toml("# \xc3\xa9\ntitle = 'n\xc3\xa9'\ndescription = \"\"\"\n\xc3\xa9 \\\" #\"\"\" # \xc3\xa9")).title
        == "n\xc3\xa9");
  CHECK(front(toml("date = 2024-05-01\n")).date == front(yaml("date: 2024-05-01")).date);
}

TEST_CASE("other blogs' words are understood") {
  CHECK(front(yaml("tags: a, b ,c")).tags == std::vector<std::string>{"a", "b", "c"});
  CHECK(front(yaml("tags:\n  - a\n  - b\ncategories: [b, d]")).tags == std::vector<std::string>{"a", "b", "d"});
  CHECK(front(yaml("tags:")).tags.empty());
  CHECK(front(yaml("excerpt: Short")).summary == "Short");
  CHECK(front(yaml("published: false")).is_draft);
  CHECK_FALSE(front(yaml("published: true")).is_draft);
  CHECK(front(yaml("status: draft")).is_draft);
  CHECK(front(yaml("permalink: /2020/05/my-post.html")).slug == "my-post");
  CHECK(front(yaml("permalink: /:year/:title/")).slug.empty());
  CHECK(front(yaml("url: /old/place/")).slug == "place");
  CHECK(front(yaml("image: {path: /a.png, alt: A}")).image == "/a.png");
  CHECK(front(yaml("images: [b.png, c.png]")).image == "b.png");
  CHECK(front(yaml("lastmod: 2024-06-01")).updated.has_value());
  CHECK(front(yaml("layout: post\nauthor: Ann\nweight: 3\ncomments: true\nTitle: T")).title == "T");
  CHECK(front(yaml("title: 2024")).title == "2024");
  CHECK(front("\xef\xbb\xbf---\r\ntitle: T\r\n---\r\nText.\n").title == "T");
  CHECK(front("---\ntitle: T\n...\nText.\n").title == "T");
  CHECK(front("---\n---\nText.\n").title.empty());
}

TEST_CASE("each mistake is named with its line and remedy, and the rest is read") {
  CHECK(read(yaml("title: T\ncolour: red")).problems
        == ":3: nothing here knows \"colour\"; remove it, or let it stand: the post is shown without\n");
  CHECK(read(yaml("titel: T")).problems == ":2: nothing here knows \"titel\"; did you mean title?\n");
  CHECK(read(yaml("title: T\n\ntitle: U")).problems == ":4: title was given on line 2 already; remove one\n");
  CHECK(read(yaml("date: May")).problems
        == ":2: date is \"May\", expected a day such as 2024-05-01, or a moment such as 2024-05-01T10:20:30+02:00\n");
  CHECK(read(yaml("draft: maybe")).problems == ":2: draft is \"maybe\", expected true or false\n");
  CHECK(contains(read(yaml("title: [a]")).problems, ":2: title is a list; write one text"));
  auto longer = read(yaml("title: " + std::string(201, 'x')));
  CHECK(contains(longer.problems, ":2: title has 201 octets; shorten it to at most 200"));
  CHECK(longer.post->front.title.size() == 200);
  CHECK(read(toml("title = \"T\"\ncolour = 1")).problems.starts_with(":3: nothing here knows"));
}

TEST_CASE("front matter that cannot be read says where, and hides the post") {
  auto refused = [](const std::string& text) {
    auto problems = problem_list{};
    CHECK_FALSE(parse_front_matter(text, problems).has_value());
    REQUIRE(problems.count() == 1);
    CHECK(problems.all().front().is_hidden);
    return lines_of(problems);
  };
  CHECK(refused("")
        == ":1: does not begin with a line --- (YAML) or +++ (TOML); put title and date between two of them\n");
  CHECK(refused("# Hello\n").starts_with(":1: does not begin with"));
  CHECK(refused("---\ntitle: T\n") == ":1: the front matter has no end; put a line --- after its last key\n");
  CHECK(refused(yaml("title: Hello: two"))
        == ":2: the front matter has a second \": \" in its value; put the value in quotes\n");
  CHECK(refused(yaml("title: T\ntags: [a, b")).starts_with(":"));
  CHECK(contains(refused(yaml("title: T\n\tdate: x")), "cannot be read as YAML"));
  CHECK(contains(refused(yaml("- a\n- b")), ":2: the front matter is no list of \"key: value\" lines"));
  CHECK(contains(refused(yaml("a: &x 1\nb: *x")), ":3: the front matter refers to another value"));
  CHECK(contains(refused(yaml("a: !!python/object {x: 1}")), "has a type written with !"));
  CHECK(contains(refused(yaml("a: " + std::string(20, '[') + std::string(20, ']'))), "more than 8 deep"));
  // toml++ must not see it: it does not expect it there.
  CHECK(contains(refused(toml("title = \"T\"\n\xc3\xa9 = 1")), ":3: the front matter has letters outside of quotes"));
  CHECK(contains(refused(toml("title = T")), ":2: the front matter cannot be read as TOML"));
  CHECK(contains(refused(toml("a = " + std::string(20, '[') + std::string(20, ']'))), "more than 8 deep"));
  auto many = std::string{"tags: ["};
  for (int i = 0; i < 3000; ++i)
    many += "a,";
  CHECK(contains(refused(yaml(many + "a]")), "more than 1000 values"));
  CHECK(contains(refused(yaml("title: " + std::string(40'000, 'x'))), "shorten it to at most 32768"));
}

TEST_CASE("whatever stands at the top of a file, it is read or refused with one problem that hides it") {
  auto random = seeded_random{3};
  constexpr std::string_view parts[] = {
      "---\n", "+++\n", "title", ": ",  " = ",        "\n",   "- ",   "[", "]",  "{",   "}",    "\"", "'",    "#", "&a",
      "*a",    "!!x",   "|\n ",  ">\n", "2024-05-01", "tags", "true", ",", "\t", "\\x", "\xff", "é",  "date", "%", "@"};
  for (int i = 0; i < 20'000; ++i) {
    auto text = std::string{random.below(2) == 0 ? "---\n" : "+++\n"};
    for (auto n = random.below(25); n > 0; --n)
      text += parts[random.below(std::size(parts))];
    text += random.below(4) == 0 ? "" : text.substr(0, 4);
    CAPTURE(text);
    auto problems = problem_list{};
    auto post = parse_front_matter(text, problems);
    auto hiding =
        std::count_if(problems.all().begin(), problems.all().end(), [](const auto& p) { return p.is_hidden; });
    CHECK(hiding == (post ? 0 : 1));
    for (const auto& p : problems.all()) {
      CHECK(p.line >= 1);
      CHECK(p.line <= 2 + std::count(text.begin(), text.end(), '\n'));
      CHECK_FALSE(p.text.empty());
    }
  }
}
