// Two hosts and an accumulator, all of it real but for the sockets: what visitors do while the accumulator is away,
// slow or stopped counts once, and shows on both hosts.

#include "apps/accumulator/events.hpp"
#include "apps/blog_parts.hpp"
#include "apps/tab.hpp"
#include "net/linked_nodes.hpp"
#include "net/outbox/events.hpp"

#include <map>
#include <set>

using namespace beamline;
using namespace beamline::event_horizon;
using namespace beamline::test;
using testing::linked_nodes;
using testing::simulated_node;
using testing::world;

namespace {

/// Watches a discussion as a view does.
class reader final : public process {
public:
  reader(process_context& c, discussion_ref& shown) : process{c}, shown_{shown} {}

private:
  behavior init() override {
    call<watch_discussion_answer>(pid{env().self(), std::string{discussions_name}}, watch_discussion{"hello", self()},
                                  5s)
        .then([this](const watch_discussion_answer& a) { shown_ = a.now; }, [](const call_error&) {});
    return handlers([this](const discussion_updated& m) { shown_ = m.now; });
  }
  discussion_ref& shown_;
};

struct site {
  explicit site(world& the_world, event_horizon_options o = {}, cluster::owners by = {})
      : w{with_calls(the_world)},
        net{w, {"host_1@sim", "host_2@sim", "accumulator_1@sim"}, testing::patient_links()},
        owners{std::move(by)} {
    for (auto* h : {&one, &two}) {
      auto& n = w.start_node(h == &one ? "host_1@sim" : "host_2@sim");
      h->n = &n;
      net.join(n, "event_horizon");
      h->of = std::make_unique<blog>(n.get(), two_posts(), o);
      n.env().provide(owners);
      start_host(n, *h->of);
    }
    start_accumulator();
    connect();
  }
  ~site() {
    w.crash_node(*one.n);
    w.crash_node(*two.n);
  }

  struct host {
    simulated_node* n = nullptr;
    std::unique_ptr<blog> of;
    discussion_ref shown;

    void read() { n->spawn<reader>(shown); }
    [[nodiscard]] std::int64_t likes() const {
      auto s = of->stats("hello");
      return s ? s->likes : -1;
    }
    [[nodiscard]] std::int64_t visits() const {
      auto s = of->stats("hello");
      return s ? s->visits : -1;
    }
    [[nodiscard]] std::size_t comments() const { return shown ? shown->size() : 999; }
  };

  void start_accumulator() {
    counting = &w.start_node("accumulator_1@sim");
    net.join(*counting, "accumulator");
    parts = std::make_unique<accumulator_parts>(w, *counting);
    parts->started();
  }
  void connect() {
    for (auto* h : {&one, &two})
      net.connect(*h->n, *counting);
  }
  void cut() {
    for (auto* h : {&one, &two})
      net.cut(*h->n, *counting);
  }
  [[nodiscard]] bool settles(const std::function<bool()>& condition) { return w.run_until(condition, 120s); }
  [[nodiscard]] bool nothing_waits() {
    return one.of->waiting() == waiting_state{0, true} && two.of->waiting() == waiting_state{0, true};
  }

  world& w;
  linked_nodes net;
  cluster::owners owners;
  host one, two;
  simulated_node* counting = nullptr;
  std::unique_ptr<accumulator_parts> parts;
};

struct outcomes {
  int waiting = 0, sent = 0, counted = 0, refused = 0;
  auto note() {
    return [this](const auto& r) { ++(!r ? refused : r->is_waiting ? waiting : r->is_sent ? sent : counted); };
  }
};

/// Of any node.
struct losses {
  std::map<std::string, std::uint64_t> by_why;
  auto note(simulated_node& n) {
    return n.events().attach<accumulator::events_lost>(
        [this](const accumulator::events_lost& e) { by_why[std::string{e.why}] += e.count; });
  }
};

comment_post remark(std::string text, std::string visitor, uid parent = {}) {
  return {
      .slug = "hello", .author = "Ann", .content = std::move(text), .parent = parent, .visitor = std::move(visitor)};
}

}  // namespace

TEST_CASE("what visitors do on two hosts while the accumulator is away counts once when it is back") {
  testing::for_each_seed(40, [](world& w) {
    auto s = site{w};
    for (auto* h : {&s.one, &s.two})
      h->read();
    REQUIRE(s.settles([&] { return s.one.likes() == 0 && s.two.comments() == 0 && s.nothing_waits(); }));
    s.cut();
    auto seen = outcomes{};
    for (auto* h : {&s.one, &s.two}) {
      std::string visitor = h == &s.one ? "visitor_1" : "visitor_2";
      h->of->like({"hello", visitor, true}, seen.note());
      h->of->like({"hello", visitor, false}, seen.note());
      h->of->like({"hello", visitor, true}, seen.note());
      h->of->like({"hello", "visitor_both", true}, seen.note());
      h->of->comment(remark("of " + visitor, visitor), seen.note());
      for (int i = 0; i < 5; ++i)
        h->of->visit("hello", "reader_" + std::to_string(i));
      h->of->visit_page("home", visitor);
    }
    REQUIRE(s.settles([&] { return seen.waiting == 10; }));
    w.advance(1s);
    CHECK(seen.refused + seen.counted == 0);
    CHECK(s.one.of->has_liked("hello", "visitor_1"));
    for (auto* h : {&s.one, &s.two}) {
      CHECK_FALSE(h->of->waiting().is_connected);
      CHECK(h->of->waiting().waiting == 7);  // Five visits of one post are one entry.
      CHECK(h->likes() == 0);
    }
    bool is_crash = w.seed() % 2 == 0;
    if (is_crash) {
      s.parts.reset();
      s.start_accumulator();
    }
    s.connect();
    REQUIRE(s.settles([&] { return s.nothing_waits() && s.one.comments() == 2 && s.two.comments() == 2; }));
    REQUIRE(s.settles([&] { return s.one.likes() == 3 && s.two.likes() == 3; }));
    w.advance(3s);
    for (auto* h : {&s.one, &s.two}) {
      CHECK(h->likes() == 3);
      CHECK(h->visits() == 5);
      CHECK(h->comments() == 2);
      CHECK(h->shown == h->of->discussion("hello"));
      CHECK(*h->of->site() == site_numbers{7, 3, 2, h->of->site()->version});
    }
    CHECK(*s.one.shown == *s.two.shown);
  });
}

TEST_CASE("visits of a long outage count in the windows in which they were made, also those made after it") {
  testing::for_each_seed(1, [](world& w) {
    auto s = site{w};
    REQUIRE(s.settles([&] { return s.one.likes() == 0 && s.nothing_waits(); }));
    s.cut();
    // Every ten minutes, so long that three windows begin; more would be many dials and nothing new.
    constexpr auto window = accumulator::visit_window_default;
    auto windows = std::set<std::int64_t>{};
    auto visit = [&](std::string_view reader) {
      auto at = s.one.n->env().time().wall_now().time_since_epoch();
      windows.insert(at / std::chrono::duration_cast<std::chrono::microseconds>(window));
      s.one.of->visit("hello", std::string{reader});
    };
    for (int i = 0; i < 7; ++i) {
      visit("reader_1");
      w.advance(10min);
    }
    CHECK(windows.size() >= 3);
    visit("reader_1");
    w.advance(1s);
    CHECK(s.one.of->waiting().waiting == windows.size());
    s.connect();
    REQUIRE(s.settles([&] { return s.nothing_waits(); }));
    visit("reader_1");  // Directly: in the window of the last one that had waited, or in a new one.
    auto expected = [&] { return static_cast<std::int64_t>(windows.size()); };
    REQUIRE(s.settles([&] { return s.one.visits() == expected() && s.two.visits() == expected(); }));
    w.advance(3s);
    CHECK(s.one.visits() == expected());
  });
}

TEST_CASE("a comment and its answer show on both hosts, under the ids that their writers were told") {
  testing::for_each_seed(30, [](world& w) {
    auto s = site{w};
    for (auto* h : {&s.one, &s.two})
      h->read();
    REQUIRE(s.settles([&] { return s.one.comments() == 0 && s.two.comments() == 0; }));
    auto first = std::optional<comment_answer>{};
    s.one.of->comment(remark("Well said.", "visitor_1"), [&](const auto& r) { first = r.value(); });
    REQUIRE(s.settles([&] { return s.two.comments() == 1; }));
    REQUIRE(first.has_value());
    REQUIRE(first->made.has_value());
    CHECK(first->made->id == first->id);
    s.cut();
    auto second = std::optional<comment_answer>{};
    s.two.of->comment(remark("Indeed.", "visitor_2", first->id), [&](const auto& r) { second = r.value(); });
    REQUIRE(s.settles([&] { return second.has_value(); }));
    CHECK(second->is_waiting);
    CHECK_FALSE(second->made.has_value());
    s.connect();
    REQUIRE(s.settles([&] { return s.one.comments() == 2 && s.two.comments() == 2; }));
    REQUIRE(s.one.shown->threads.size() == 1);
    CHECK(s.one.shown->threads[0].first == *first->made);
    CHECK(s.one.shown->find(second->id)->content == "Indeed.");
  });
}

TEST_CASE("a direct write that gets no answer in 5 s is kept under its id, and counts once") {
  testing::for_each_seed(40, [](world& w) {
    auto s = site{w};
    s.one.read();
    REQUIRE(s.settles([&] { return s.one.comments() == 0 && s.nothing_waits(); }));
    auto ids = std::vector<std::string>{};
    auto probe = s.one.n->events().attach<net::outbox::event_accepted>(
        [&](const net::outbox::event_accepted& e) { ids.emplace_back(e.id); });
    // It is stopped before or after it has the event.
    auto seen = outcomes{};
    auto id = uid{};
    auto since = w.now();
    s.one.of->comment(remark("Well said.", "visitor_1"), [&](const result<comment_answer>& r) {
      seen.note()(r);
      id = r.value().id;
    });
    auto random = seeded_random{w.seed()};
    w.advance(duration{static_cast<std::int64_t>(random.below(3'000'000))});
    w.pause_node(*s.counting, 8s);
    REQUIRE(s.settles([&] { return seen.waiting + seen.counted == 1; }));
    CHECK(w.now() - since <= 5s + 500ms);
    CHECK(seen.refused == 0);
    if (seen.waiting == 1) {
      REQUIRE(ids.size() == 1);
      CHECK(ids.front() == id.str());
    }
    REQUIRE(s.settles([&] { return s.one.comments() == 1 && s.nothing_waits(); }));
    w.advance(5s);
    CHECK(s.one.comments() == 1);
    CHECK(s.one.shown->threads[0].first.id == id);
    CHECK(s.one.of->stats("hello")->comments == 1);
  });
}

TEST_CASE("a first render waits 200 ms for a stopped accumulator, then shows the last known numbers") {
  testing::for_each_seed(30, [](world& w) {
    auto s = site{w};
    REQUIRE(s.settles([&] { return s.one.likes() == 0; }));
    auto take = [&](std::string_view slug) {
      auto since = w.now();
      auto until = std::optional<time_point>{};
      s.one.of->prepare(slug, first_render_wait, [&] { until = w.now(); });
      REQUIRE(s.settles([&] { return until.has_value(); }));
      return *until - since;
    };
    CHECK(take("hello") < 50ms);
    w.pause_node(*s.counting, 4s);
    CHECK(take("hello") < 50ms);
    auto took = take("second");
    CHECK(took >= first_render_wait);
    CHECK(took <= first_render_wait + 5ms);
    CHECK(s.one.of->discussion("second") == nullptr);
    CHECK(s.one.of->stats("second").has_value());
    s.cut();
    w.advance(10s);
    CHECK(take("second") < 50ms);  // There is nobody to wait for.
  });
}

TEST_CASE("on the best-effort path what arrives counts once, and what does not is counted as lost") {
  testing::for_each_seed(30, [](world& w) {
    constexpr auto lossy = event_path::broadcast;
    auto s = site{w, {.visits_path = lossy, .likes_path = lossy, .comments_path = lossy}};
    auto lost = losses{};
    auto here = lost.note(*s.one.n), there = lost.note(*s.counting);
    s.two.read();
    REQUIRE(s.settles([&] { return s.two.comments() == 0; }));
    auto seen = outcomes{};
    s.one.of->like({"hello", "visitor_1", true}, seen.note());
    s.one.of->like({"hello", "visitor_2", true}, seen.note());
    s.one.of->like({"hello", "visitor_2", false}, seen.note());
    s.one.of->comment(remark("Well said.", "visitor_1"), seen.note());
    s.one.of->visit("hello", "visitor_1");
    REQUIRE(s.settles([&] { return s.two.likes() == 1 && s.two.visits() == 1 && s.two.comments() == 1; }));
    CHECK(seen.sent == 4);
    CHECK(lost.by_why.empty());
    s.cut();
    for (int i = 0; i < 3; ++i)
      s.one.of->visit("hello", "reader_" + std::to_string(i));
    w.advance(1s);
    CHECK(s.one.of->waiting().waiting == 0);
    s.connect();
    w.advance(1s);
    s.one.of->visit("hello", "reader_9");
    REQUIRE(s.settles([&] { return s.one.visits() == 2; }));
    CHECK(lost.by_why == std::map<std::string, std::uint64_t>{{"disconnected", 3}});
  });
}

TEST_CASE("on the best-effort path an accumulator that crashes and starts again counts what it does not hear") {
  testing::for_each_seed(30, [](world& w) {
    auto s = site{w, {.visits_path = event_path::broadcast}};
    auto visits = [&, n = 0](int count) mutable {
      for (int i = 0; i < count; ++i)
        s.one.of->visit("hello", "reader_" + std::to_string(n++));
    };
    auto lost = losses{};
    auto here = lost.note(*s.one.n);
    REQUIRE(s.settles([&] { return s.one.visits() == 0; }));
    visits(4);
    REQUIRE(s.settles([&] { return s.one.visits() == 4; }));
    s.parts.reset();
    w.advance(20s);  // Until the hosts know.
    visits(3);
    w.advance(1s);
    CHECK(lost.by_why == std::map<std::string, std::uint64_t>{{"disconnected", 3}});
    // It is linked before it listens.
    s.counting = &w.start_node("accumulator_1@sim");
    s.net.join(*s.counting, "accumulator");
    auto there = lost.note(*s.counting);
    s.connect();
    w.advance(1s);
    visits(2);
    w.advance(1s);
    s.parts = std::make_unique<accumulator_parts>(w, *s.counting);
    s.parts->started();
    w.advance(1s);
    visits(1);
    REQUIRE(s.settles([&] { return s.one.visits() == 5; }));
    CHECK(lost.by_why == std::map<std::string, std::uint64_t>{{"disconnected", 3}, {"gap", 2}});
  });
}

TEST_CASE("nodes whose names begin with the configured prefix are asked, whatever their role") {
  auto w = world{};
  auto s = site{w, {}, {"accumulator_"}};
  REQUIRE(s.settles([&] { return s.one.likes() == 0; }));
  auto other = world{};
  auto t = site{other, {}, {"counter_"}};
  other.advance(20s);
  CHECK(t.one.likes() == -1);
}

TEST_CASE("with a moderator a comment waits until it is shown, and goes when it is hidden") {
  auto w = world{};
  auto s = site{w};
  s.two.read();
  auto id = uid{};
  s.one.of->comment(remark("Well said.", "visitor_1"), [&](const auto& r) { id = r.value().id; });
  // Readers of the other host may be told before who has sent it.
  REQUIRE(s.settles([&] { return s.two.comments() == 1 && !id.is_nil(); }));
  (void)tell_accumulator(w, s.parts->rpc, accumulator::moderate_comment{id, accumulator::moderation::hide});
  REQUIRE(s.settles([&] { return s.two.comments() == 0; }));
  (void)tell_accumulator(w, s.parts->rpc, accumulator::moderate_comment{id, accumulator::moderation::show});
  REQUIRE(s.settles([&] { return s.two.comments() == 1; }));
}
