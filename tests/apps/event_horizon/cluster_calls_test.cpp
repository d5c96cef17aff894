// The accumulator as any process of a host calls it.

#include "apps/event_horizon/cluster_calls.hpp"

#include "apps/event_horizon/host.hpp"

using namespace beamline;
using namespace beamline::event_horizon;
using namespace beamline::test;
using accumulator::blog_stats;
using accumulator::event_outcome;
using accumulator::metric_count;
using net::outbox::event;
using net::outbox::outcome;
using testing::world;

namespace {

struct in_turn {
  std::function<void(process&)> run;
};
/// Runs what the test says in its own turns; keeps the metrics it is told.
class caller final : public process {
public:
  caller(process_context& c, std::vector<metric_count>& heard, std::vector<blog_stats>& of_posts)
      : process{c}, heard_{heard}, of_posts_{of_posts} {}

private:
  behavior init() override {
    return handlers([this](const in_turn& m) { m.run(*this); }, [this](const metric_count& m) { heard_.push_back(m); },
                    [this](const blog_stats& m) { of_posts_.push_back(m); });
  }
  std::vector<metric_count>& heard_;
  std::vector<blog_stats>& of_posts_;
};

struct calling : host {
  explicit calling(world& the_world) : host{the_world}, who{n.spawn<caller>(heard, of_posts)} { w.run(); }

  /// Does it in a turn of the process, and lets the world come to rest.
  void run(std::function<void(process&)> fn) {
    n.cast(who, in_turn{std::move(fn)});
    w.run();
  }
  cluster::write_done note() {
    return [this](const cluster::write_outcome& o) { outcomes.push_back(o); };
  }

  std::vector<metric_count> heard;
  std::vector<blog_stats> of_posts;
  std::vector<cluster::write_outcome> outcomes;
  pid who;
};

template <class R>
std::string text_of(const cluster::read_outcome<R>& o) {
  if (const auto* e = std::get_if<cluster::read_error>(&o))
    return e->what == cluster::read_error::cause::disconnected ? "disconnected" : "rpc_failed";
  return to_string(std::get<R>(o));
}

/// Broadcasts a metric.
class metric_announcer final : public process {
public:
  metric_announcer(process_context& c, metric_count m) : process{c}, what_{std::move(m)} {}

private:
  behavior init() override {
    pubsub::broadcast_options o{.version = static_cast<std::uint64_t>(what_.version)};
    CHECK(pubsub::system_of(env()).broadcast(*this, accumulator::metric_topic(what_.metric), what_, o));
    stop();
    return handlers();
  }
  metric_count what_;
};

}  // namespace

TEST_CASE("each write is an event of its class, keyed by the post or page") {
  auto w = world{};
  auto h = calling{w};
  auto id = uid{};
  h.run([&](process& p) {
    cluster::increment_visit(p, "home", "visitor_1", h.note());
    cluster::increment_blog_visit(p, "hello", "visitor_1", h.note());
    cluster::increment_blog_visit(p, "hello", "", h.note());
    cluster::update_likes(p, "hello", "visitor_1", false, h.note());
    cluster::update_likes(p, "hello", -2, h.note());
    id = cluster::add_comment(p, {"hello", "Well said.", "Ann", {}, "visitor_1", uid{1, 2}}, h.note());
  });
  REQUIRE(h.outbox.seen.size() == 6);
  auto keys = std::vector<std::string>{};
  auto classes = cluster::event_classes();
  for (const auto& e : h.outbox.seen) {
    keys.push_back(e.key);
    CHECK_FALSE(e.id.is_nil());
    CHECK(classes.find(e.type) != nullptr);
  }
  CHECK(keys == std::vector<std::string>{"page:home", "hello", "hello", "hello", "hello", "hello"});
  CHECK(payload_of<accumulator::increment_visit>(h.outbox.seen[0])->visitors == std::vector<std::string>{"visitor_1"});
  CHECK(payload_of<accumulator::increment_blog_visit>(h.outbox.seen[1])->slug == "hello");
  CHECK(payload_of<accumulator::increment_blog_visit>(h.outbox.seen[2])->visitors.empty());
  CHECK_FALSE(payload_of<accumulator::update_likes>(h.outbox.seen[3])->liked);
  CHECK(payload_of<accumulator::update_likes>(h.outbox.seen[4])->delta == -2);
  CHECK(payload_of<accumulator::update_likes>(h.outbox.seen[4])->visitor.empty());
  CHECK(payload_of<accumulator::add_comment>(h.outbox.seen[5])->event_id.is_nil());
  CHECK(h.outbox.seen[5].id == id);
  CHECK(h.outcomes.size() == 6);
}

TEST_CASE("the outcome of a write says what the accumulator answered, where it waits, or why it does not count") {
  auto w = world{};
  auto h = calling{w};
  auto like = [&] {
    h.run([&](process& p) { cluster::update_likes(p, "hello", "visitor_1", true, h.note()); });
    return h.outcomes.back();
  };
  h.outbox.answer = [](const event&) -> std::optional<outcome> {
    return applied_with({event_outcome::duplicate, "", blog_stats{"hello", 4, 9}, metric_count{"page.home.visits", 2}});
  };
  auto a = std::get<cluster::applied>(like());
  CHECK(a.stats->likes == 4);
  CHECK(a.count->count == 2);
  CHECK_FALSE(a.made.has_value());
  h.outbox.answer = [](const event&) -> std::optional<outcome> { return net::outbox::applied{"\xff"}; };
  CHECK_FALSE(std::get<cluster::applied>(like()).stats.has_value());
  h.outbox.answer = nullptr;
  auto kept = std::get<cluster::buffered>(like()).id;
  CHECK(kept == h.outbox.seen.back().id);
  h.outbox.answer = [](const event&) -> std::optional<outcome> {
    return cluster::refused{cluster::refused::cause::invalid, "unknown_slug: hello"};
  };
  CHECK(std::get<cluster::refused>(like()).why == "unknown_slug: hello");
}

TEST_CASE("visits that wait are merged, likes and comments are not; only visits may be dropped") {
  auto all = cluster::event_classes();
  using accumulator::add_comment;
  using accumulator::increment_blog_visit;
  using accumulator::increment_visit;
  using accumulator::update_likes;
  for (auto type : {update_likes::message_name, add_comment::message_name}) {
    REQUIRE(all.find(type) != nullptr);
    CHECK(all.find(type)->when_full == net::outbox::overflow::refuse);
    CHECK_FALSE(all.find(type)->coalesce);
  }
  for (auto type : {increment_blog_visit::message_name, increment_visit::message_name}) {
    REQUIRE(all.find(type) != nullptr);
    CHECK(all.find(type)->when_full == net::outbox::overflow::drop_oldest);
  }
  auto visits = [](std::vector<std::string> who) { return encode(increment_visit{"home", std::move(who), {}}); };
  auto merged = all.find(increment_visit::message_name)->coalesce(visits({"visitor_1"}), visits({"visitor_2"}));
  REQUIRE(merged.has_value());
  CHECK(decode<increment_visit>(*merged)->visitors == std::vector<std::string>{"visitor_1", "visitor_2"});
}

TEST_CASE("a read answers with its value, or why there is none, and is never kept") {
  auto w = world{};
  auto h = calling{w};
  h.know_posts();
  auto seen = std::vector<std::string>{};
  auto read = [&] {
    seen.clear();
    h.n.cast(h.who, in_turn{[&](process& p) {
               cluster::get_blog_stats(p, "hello", [&](const auto& o) { seen.push_back(text_of(o)); });
               cluster::get_site_stats(p, [&](const auto& o) { seen.push_back(text_of(o)); });
             }});
    w.advance(6s);
    REQUIRE(seen.size() == 2);
  };
  read();
  CHECK(std::count_if(seen.begin(), seen.end(), [](const auto& s) { return contains(s, "hello"); }) == 1);
  h.script.stats.clear();
  h.script.site.reset();
  read();
  CHECK(seen == std::vector<std::string>{"disconnected", "disconnected"});
  h.script.is_mute = true;
  read();
  CHECK(seen == std::vector<std::string>{"rpc_failed", "rpc_failed"});
  CHECK(h.outbox.seen.empty());
}

TEST_CASE("one number is asked for by its name, as all are read") {
  auto w = world{};
  auto h = calling{w};
  h.script.counts = {{"blog.hello.likes", {"blog.hello.likes", 3, 9}}};
  auto seen = std::vector<std::string>{};
  auto read = [&](const std::string& metric) {
    h.n.cast(h.who, in_turn{[&, metric](process& p) {
               cluster::get_realtime_count(p, metric, [&](const auto& o) {
                 const auto* c = std::get_if<metric_count>(&o);
                 seen.push_back(c == nullptr ? text_of(o) : c->metric + " " + std::to_string(c->count));
               });
             }});
    w.advance(6s);
    return seen.back();
  };
  CHECK(read("blog.hello.likes") == "blog.hello.likes 3");
  h.script.counts.clear();
  CHECK(read("blog.hello.likes") == "disconnected");
  h.script.is_mute = true;
  CHECK(read("blog.hello.likes") == "rpc_failed");
  CHECK(h.outbox.seen.empty());
}

TEST_CASE("the numbers of a post are heard from the subscription on, and at once what is known") {
  auto w = world{};
  auto h = calling{w};
  h.tell({"hello", 3, 9});
  w.run();
  h.run([](process& p) { CHECK(cluster::subscribe_blog_stats(p, "hello").ok()); });
  h.tell({"hello", 4, 10});
  h.tell({"second", 1, 1});
  w.run();
  REQUIRE(h.of_posts.size() == 2);
  CHECK(h.of_posts[0].likes == 3);
  CHECK(h.of_posts[1].likes == 4);
}

TEST_CASE("a metric is heard from the subscription on, until it is taken back") {
  auto w = world{};
  auto h = calling{w};
  auto tell = [&](std::int64_t count, std::int64_t version) {
    h.n.spawn<metric_announcer>(metric_count{"blog.hello.likes", count, version});
    w.run();
  };
  tell(3, 3);
  h.run([&](process& p) {
    CHECK(cluster::subscribe_to_metrics(p, "blog.hello.likes").ok());
    auto wrong = cluster::subscribe_to_metrics(p, "blog.hello.dances");
    REQUIRE_FALSE(wrong.ok());
    CHECK(wrong.error().code == errc::invalid);
    CHECK(contains(wrong.error().message, "blog.hello.dances"));
  });
  tell(4, 4);
  REQUIRE(h.heard.size() == 2);  // What was known, and what came.
  CHECK(h.heard[1].count == 4);
  h.run([](process& p) { CHECK(cluster::unsubscribe_from_metrics(p, "blog.hello.likes") == 1); });
  tell(5, 5);
  CHECK(h.heard.size() == 2);
}

TEST_CASE("tracked events have ids, and numbers by which their losses are seen") {
  auto w = world{};
  auto h = calling{w};
  auto heard = std::vector<accumulator::tracked_event>{};
  h.n.spawn<topic_listener<accumulator::tracked_event>>("analytics:events", heard);
  w.run();
  auto ids = std::vector<uid>{};
  for (int run = 0; run < 2; ++run)
    h.run([&](process& p) {
      auto t = cluster::tracker{p};
      ids.push_back(t.track_blog_visit("hello", "visitor_1").value());
      ids.push_back(t.track_blog_like("hello", "").value());
    });
  REQUIRE(heard.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(heard[i].id == ids[i]);
    CHECK(heard[i].sequence == i % 2 + 1);
  }
  CHECK(heard[0].source == heard[1].source);
  CHECK(heard[0].source != heard[2].source);
  CHECK(heard[0].source.starts_with("host_1@sim "));
  CHECK(decode<accumulator::blog_like>(heard[1].payload)->visitor.empty());
}
