// The process that follows the discussions of posts.

#include "apps/event_horizon/discussions.hpp"

#include "apps/event_horizon/events.hpp"
#include "apps/event_horizon/host.hpp"

using namespace beamline;
using namespace beamline::event_horizon;
using namespace beamline::test;
using accumulator::comment;
using accumulator::comment_news;
using accumulator::comment_state;
using testing::world;

namespace {

comment made(std::uint64_t n, std::string slug = "hello") {
  comment c{uid{1, n}, std::move(slug), {}, "Ann", "comment " + std::to_string(n)};
  c.at = wall_time{std::chrono::seconds{n}};
  return c;
}

/// Watches a discussion as a view does.
class reader final : public process {
public:
  reader(process_context& c, std::string slug, std::vector<discussion_ref>& heard)
      : process{c}, slug_{std::move(slug)}, heard_{heard} {}

private:
  behavior init() override {
    call<watch_discussion_answer>(pid{env().self(), std::string{discussions_name}}, watch_discussion{slug_, self()}, 1s)
        .then(
            [this](const watch_discussion_answer& a) {
              if (a.now)
                heard_.push_back(a.now);
            },
            [](const call_error&) {});
    return handlers([this](const discussion_updated& m) {
      CHECK(m.slug == slug_);
      heard_.push_back(m.now);
    });
  }
  std::string slug_;
  std::vector<discussion_ref>& heard_;
};

std::size_t size_of(const discussion_ref& d) { return d ? d->size() : 999; }

struct talk : host {
  explicit talk(world& the_world) : host{the_world} {
    know_posts();
    script.comments["hello"] = {made(1)};
    script.comments_versions["hello"] = 1;
  }
  pid read(std::string slug = "hello") { return n.spawn<reader>(std::move(slug), heard); }
  /// As the accumulator would after a commit.
  void add(std::uint64_t number, bool is_told = true) {
    script.comments["hello"].push_back(made(number));
    auto version = ++script.comments_versions["hello"];
    if (is_told)
      tell(comment_news{version, made(number)});
  }

  std::vector<discussion_ref> heard;
};

}  // namespace

TEST_CASE("a discussion is read when the first view wants it, and followed by its news") {
  testing::for_each_seed(50, [](world& w) {
    auto t = talk{w};
    t.start();
    w.advance(1s);
    CHECK(t.script.listed.empty());
    CHECK(t.of.discussion("hello") == nullptr);
    t.read();
    t.read();
    w.advance(1s);
    CHECK(t.script.listed["hello"] == 1);
    CHECK(t.subscribers("comments:blog:hello") == 1);
    REQUIRE(t.heard.size() == 2);
    CHECK(t.heard[0] == t.heard[1]);  // One and the same snapshot.
    CHECK(t.of.discussion("hello") == t.heard[0]);
    CHECK(size_of(t.heard[0]) == 1);
    t.add(2);
    w.advance(1s);
    REQUIRE(t.heard.size() == 4);
    CHECK(size_of(t.heard[3]) == 2);
    CHECK(t.script.listed["hello"] == 1);
    t.read();
    w.run();
    CHECK(size_of(t.heard.back()) == 2);
    CHECK(t.script.listed["hello"] == 1);
  });
}

TEST_CASE("many news at once are told a few times, and the last of them for sure") {
  testing::for_each_seed(30, [](world& w) {
    auto t = talk{w};
    t.start();
    t.read();
    w.advance(1s);
    t.heard.clear();
    for (std::uint64_t n = 2; n <= 101; ++n) {
      t.add(n);
      w.advance(2ms);
    }
    w.advance(1s);
    CHECK(size_of(t.heard.back()) == 101);
    CHECK(t.heard.size() >= 4);
    CHECK(t.heard.size() <= 6);  // 200 ms of them, every 50 ms.
    CHECK(t.script.listed["hello"] == 1);
  });
}

TEST_CASE("after a gap the list is read again, once") {
  testing::for_each_seed(50, [](world& w) {
    auto t = talk{w};
    t.start();
    t.read();
    w.advance(1s);
    t.add(2, false);  // Lost.
    bool has_follower = w.seed() % 2 == 0;
    if (has_follower)
      t.add(3);
    else  // Nothing comes behind it; but the numbers of the post say so.
      t.tell(accumulator::blog_stats{"hello", 3, 10, 0, 2, t.script.comments_versions["hello"], 9});
    w.advance(5s);
    CHECK(t.script.listed["hello"] == 2);
    CHECK(size_of(t.heard.back()) == (has_follower ? 3U : 2U));
  });
}

TEST_CASE("news that overtake each other are no reason to read") {
  auto w = world{};
  auto t = talk{w};
  t.start();
  t.read();
  w.advance(1s);
  t.tell(comment_news{3, made(3)});
  t.tell(accumulator::blog_stats{"hello", 3, 10, 0, 2, 3, 9});
  w.advance(100ms);
  t.tell(comment_news{2, made(2)});
  w.advance(5s);
  CHECK(t.script.listed["hello"] == 1);
  CHECK(size_of(t.heard.back()) == 3);
}

TEST_CASE("a list that is declared stale is read again") {
  auto w = world{};
  auto t = talk{w};
  t.start();
  t.read();
  w.advance(1s);
  t.script.comments["hello"] = {made(1), made(2), made(3)};
  t.script.comments_versions["hello"] = 2;
  t.tell(comment_news{2, made(2), true});
  w.advance(5s);
  CHECK(t.script.listed["hello"] == 2);
  CHECK(size_of(t.heard.back()) == 3);
}

TEST_CASE("when an accumulator is linked, what is known is read again") {
  testing::for_each_seed(30, [](world& w) {
    auto t = talk{w};
    t.start();
    t.read();
    w.advance(1s);
    t.add(2, false);
    t.n.cast(t.all.discussions, node_up{linked_peer("host_2@sim", "event_horizon")});
    w.advance(1s);
    CHECK(t.script.listed["hello"] == 1);
    t.link();
    w.advance(1s);
    CHECK(t.script.listed["hello"] == 2);
    CHECK(size_of(t.heard.back()) == 2);
  });
}

TEST_CASE("while the accumulator is away it is asked now and then, and views are told when it is back") {
  testing::for_each_seed(30, [](world& w) {
    auto t = talk{w};
    t.script.comments.clear();
    t.start();
    t.read();
    w.advance(10min);
    CHECK(t.heard.empty());
    CHECK(t.script.listed["hello"] > 5);
    CHECK(t.script.listed["hello"] < 60);
    t.script.comments["hello"] = {made(1)};
    w.advance(31s);
    REQUIRE(t.heard.size() == 1);
    CHECK(size_of(t.heard[0]) == 1);
  });
}

TEST_CASE("a long list is read page by page, while it changes") {
  testing::for_each_seed(50, [](world& w) {
    auto t = talk{w};
    t.script.page_size = 3;
    t.script.comments["hello"].clear();
    for (std::uint64_t n = 1; n <= 10; ++n)
      t.script.comments["hello"].push_back(made(n));
    t.script.comments_versions["hello"] = 10;
    auto random = seeded_random{w.seed()};
    std::uint64_t last = 10;
    t.script.before_page = [&] {
      if (last < 20)
        t.add(++last, random.below(4) != 0);
    };
    t.script.delay = 5ms;
    t.start();
    t.read();
    w.advance(20s);
    CHECK(size_of(t.of.discussion("hello")) == last);
    CHECK(t.of.discussion("hello")->version == t.script.comments_versions["hello"]);
  });
}

TEST_CASE("a list that cannot be is dropped, and asked for again later") {
  auto w = world{};
  auto t = talk{w};
  t.script.comments["hello"] = {made(1, "second")};
  t.start();
  t.read();
  w.advance(3s);
  CHECK(t.heard.empty());
  CHECK(t.n.is_alive(t.all.discussions));
  t.script.comments["hello"] = {made(1)};
  w.advance(40s);
  REQUIRE(t.heard.size() == 1);
  t.tell(comment_news{-1, made(2)});
  w.run();
  CHECK(t.n.is_alive(t.all.discussions));
}

TEST_CASE("nobody reads the comments of a post that is not there") {
  auto w = world{};
  auto t = talk{w};
  t.start();
  t.read("unknown");
  w.advance(1s);
  CHECK(t.heard.empty());
  CHECK(t.script.listed.empty());
  CHECK(t.subscribers("comments:blog:unknown") == 0);
}

TEST_CASE("discussions that nobody looks at are forgotten, the longest unused first") {
  auto dir = temp_dir{};
  for (int i = 0; i < 6; ++i)
    write_file(dir / ("post-" + std::to_string(i) + ".md"), "---\ntitle: T\ndate: 2024-05-01\n---\n\nText.\n");
  auto posts = catalogue::load(dir.path());
  REQUIRE(posts.ok());
  auto w = world{};
  auto& n = with_calls(w).start_node("host_1@sim");
  auto script = fake_rpc::script{};
  auto of = blog{n.get(), *posts, {}};
  for (const auto& p : posts->posts())
    script.comments[p.slug] = {};
  start_topics(n);
  n.spawn<discussions>(discussions::parts{of, n.spawn<fake_rpc>(script), {}, 2});
  w.run();
  auto heard = std::vector<discussion_ref>{};
  auto watcher = n.spawn<reader>("post-0", heard);
  w.advance(100ms);
  auto known = [&] {
    std::string out;
    for (const auto& p : posts->posts())
      if (of.discussion(p.slug))
        out += p.slug.back();
    std::sort(out.begin(), out.end());
    return out;
  };
  for (const char* slug : {"post-1", "post-2", "post-1", "post-3"}) {
    of.prepare(slug, 1s, [] {});
    w.advance(100ms);
  }
  CHECK(known() == "023");
  SUBCASE("and with its last view a discussion becomes one of them") {
    n.kill(watcher);
    w.run();
    of.prepare("post-4", 1s, [] {});
    w.advance(100ms);
    of.prepare("post-5", 1s, [] {});
    w.advance(100ms);
    CHECK(known() == "45");
    CHECK(pubsub::system_of(n.env()).subscribers("comments:blog:post-0") == 0);
    CHECK(pubsub::system_of(n.env()).subscribers("comments:blog:post-5") == 1);
  }
  w.crash_node(n);
}

TEST_CASE("a successor of the process reads anew what views ask it for") {
  auto w = world{};
  auto t = talk{w};
  t.start();
  t.read();
  w.advance(1s);
  REQUIRE(t.of.discussion("hello") != nullptr);
  t.n.kill(t.all.discussions);
  w.run();
  t.n.spawn<discussions>(discussions::parts{t.of, t.rpc});
  w.run();
  CHECK(t.of.discussion("hello") == nullptr);
  t.read();
  w.advance(1s);
  CHECK(size_of(t.of.discussion("hello")) == 1);
}
