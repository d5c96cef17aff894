#include "pubsub/presence/layer/presence_cluster.hpp"

using namespace beamline;
using namespace beamline::presence;
using namespace beamline::presence::test;

namespace {

/// Adds a name, as the reference's test does.
presence_options fetching() {
  auto o = defaults();
  o.fetch = [](const std::string&, presence_map all) {
    for (auto& [key, p] : all)
      p["extra"] = "extra";
    return all;
  };
  return o;
}

/// Remembers what is dispatched, and passes it on.
class custom_dispatcher final : public pubsub::dispatcher {
public:
  explicit custom_dispatcher(std::vector<std::string>& seen) : seen_{seen} {}
  void dispatch(process& in, std::span<const pubsub::entry> entries, const pid&, const std::string& t,
                const message& m) const override {
    seen_.push_back(t);
    for (const auto& e : entries)
      process_access{in}.cast(e.subscriber, m);
  }

private:
  std::vector<std::string>& seen_;
};

}  // namespace

TEST_CASE("PR2 fetch that is not given returns its input") {
  world w;
  presence_cluster c{w};
  auto s = c.spawn();
  auto ref = c.track(s, "u1", {{"name", "u1"}});
  CHECK(c.state() == json{{"u1", {{"metas", {{{"name", "u1"}, {"phx_ref", ref}}}}}}});
}

TEST_CASE("PR3 the list has keys, metas, and what fetch added") {
  world w;
  presence_cluster c{w, fetching()};
  CHECK(c.state() == json::object());
  auto s = c.spawn();
  auto ref = c.track(s, "u1", {{"name", "u1"}});
  CHECK(c.state() == json{{"u1", {{"extra", "extra"}, {"metas", {{{"name", "u1"}, {"phx_ref", ref}}}}}}});
  CHECK(c.state("a@sim", "room:other") == json::object());
  SUBCASE("by key: the presence, fetched; of nobody null, and nothing is fetched") {
    CHECK(c.by_key("u1") == json{{"extra", "extra"}, {"metas", {{{"name", "u1"}, {"phx_ref", ref}}}}});
    CHECK(c.by_key("u2") == json{});
    CHECK(c.by_key("u1", "room:other") == json{});
  }
  SUBCASE("what was tracked a moment ago, by a cast even, is in it") {
    c.a().cast(shard_of(c.a().env(), "presence", topic), presence::track{topic, "u2", json::object(), s.who});
    CHECK(c.state().contains("u2"));
  }
}

TEST_CASE("PR4 a join and the end of its process are broadcast") {
  for_each_seed(20, [](world& w) {
    presence_cluster c{w};
    auto listener = c.subscriber();
    auto s = c.spawn();
    auto ref = c.track(s, "u1", {{"name", "u1"}});
    c.settle();
    REQUIRE(listener.diffs().size() == 1);
    const auto& joined = *listener.diffs()[0].payload;
    CHECK(joined
          == json{{"joins", {{"u1", {{"metas", {{{"name", "u1"}, {"phx_ref", ref}}}}}}}}, {"leaves", json::object()}});
    CHECK(dump_json(joined) == *listener.diffs()[0].text);
    CHECK(listener.diffs()[0].topic == topic);
    CHECK(c.state() == joined.at("joins"));
    c.kill(s);
    c.settle();
    REQUIRE(listener.diffs().size() == 2);
    CHECK(*listener.diffs()[1].payload == json{{"joins", json::object()}, {"leaves", joined.at("joins")}});
    CHECK(c.state() == json::object());
  });
}

TEST_CASE("PR5 what fetch added is in joins and leaves") {
  for_each_seed(20, [](world& w) {
    presence_cluster c{w, fetching()};
    auto listener = c.subscriber();
    auto s = c.spawn();
    auto ref = c.track(s, "u1", {{"name", "u1"}});
    c.settle();
    const json u1{{"u1", {{"extra", "extra"}, {"metas", {{{"name", "u1"}, {"phx_ref", ref}}}}}}};
    REQUIRE(listener.diffs().size() == 1);
    CHECK(*listener.diffs()[0].payload == json{{"joins", u1}, {"leaves", json::object()}});
    c.kill(s);
    c.settle();
    REQUIRE(listener.diffs().size() == 2);
    CHECK(*listener.diffs()[1].payload == json{{"joins", json::object()}, {"leaves", u1}});
  });
}

TEST_CASE("PR6 both diffs arrive through the configured dispatcher") {
  world w;
  std::vector<std::string> seen;
  pubsub::system_options p;
  p.dispatchers["custom"] = std::make_shared<custom_dispatcher>(seen);
  auto o = defaults();
  o.dispatcher = "custom";
  presence_cluster c{w, o, {"a@sim"}, p};
  auto listener = c.subscriber();
  auto s = c.spawn();
  c.track(s, "u1");
  c.settle();
  CHECK(seen == std::vector<std::string>{topic});
  c.kill(s);
  c.settle();
  CHECK(seen == std::vector<std::string>{topic, topic});
  CHECK(listener.diffs().size() == 2);
}

TEST_CASE("PR7 one of two keys is untracked: one leave, the other stays") {
  world w;
  presence_cluster c{w};
  auto listener = c.joiner();
  auto s = c.spawn();
  auto ref = c.track(s, "u1");
  c.track(s, "u2");
  c.settle();
  c.untrack(s, "u1");
  c.settle();
  REQUIRE(listener.diffs().size() == 2);
  CHECK(refs_in(listener.diffs()[1].payload->at("leaves"), "u1") == refs{ref});
  CHECK(listener.diffs()[1].payload->at("leaves").size() == 1);
  CHECK(listener.diffs()[1].payload->at("joins").empty());
  CHECK(c.state().size() == 1);
  CHECK(c.state().contains("u2"));
  CHECK(listener.is_told->client.shown() == c.listed());
}

TEST_CASE("PR8 a process tracks itself, as a channel does: its pid and its topic say all") {
  world w;
  presence_cluster c{w};
  auto listener = c.joiner();
  auto channel = c.spawn();
  auto ref = std::make_shared<std::string>();
  c.a().cast(channel.who, act{[ref](process& p) {
               process_access me{p};
               me.call<track_answer>(shard_of(p.env(), "presence", topic),
                                     presence::track{topic, "u1", json{{"by", "channel"}}, p.self()}, 5s)
                   .then([ref](const track_answer& a) { *ref = a.ref; }, [](const call_error&) {});
             }});
  c.settle();
  CHECK(refs_in(c.state(), "u1") == refs{*ref});
  CHECK(refs_in(listener.diffs().at(0).payload->at("joins"), "u1") == refs{*ref});
  c.untrack(channel, "u1");
  c.settle();
  CHECK(c.state().empty());
  CHECK(c.is_alive(channel));
}

TEST_CASE("PR9 untracking what is not tracked is no error, and nothing is told") {
  world w;
  presence_cluster c{w};
  auto listener = c.subscriber();
  auto s = c.spawn();
  c.untrack(s, "u1");
  c.settle();
  CHECK(listener.diffs().empty());
  CHECK(c.state().empty());
}

TEST_CASE("PR10 updating what is not tracked is answered nopresence") {
  world w;
  presence_cluster c{w};
  auto s = c.spawn();
  CHECK(c.update(s, "u1", {{"a", 1}}).what == track_answer::kind::nopresence);
  CHECK(c.state().empty());
}

TEST_CASE("PR11 the fetches that run can be enumerated, and end with the presence") {
  world w;
  auto o = defaults();
  o.fetch = [](const std::string&, presence_map all) {
    testing::block(200ms);
    return all;
  };
  presence_cluster c{w, o};
  auto listener = c.subscriber();
  auto s = c.spawn();
  auto running = [&] {
    return w.ask<std::vector<supervision::child_info>>(fetchers_on(c.a().env(), "presence"),
                                                       supervision::which_children{});
  };
  CHECK(running().empty());
  c.track(s, "u1");
  c.track(s, "u1", json::object(), "room:other");
  c.subscriber("a@sim", "room:other");
  w.pass(100ms);
  CHECK(running().size() == 2);
  c.settle(1s);
  CHECK(running().empty());
  CHECK(listener.diffs().size() == 1);
}

TEST_CASE("an update is one diff with both parts: the key never vanishes, and onJoin comes before onLeave") {
  world w;
  presence_cluster c{w};
  auto listener = c.joiner();
  auto s = c.spawn();
  auto first = c.track(s, "bob", {{"st", "on"}});
  c.settle();
  auto second = c.update(s, "bob", {{"st", "away"}}).ref;
  c.settle();
  REQUIRE(listener.diffs().size() == 2);
  const auto& d = *listener.diffs()[1].payload;
  CHECK(d.at("joins") == json{{"bob", {{"metas", {{{"st", "away"}, {"phx_ref", second}, {"phx_ref_prev", first}}}}}}});
  CHECK(d.at("leaves") == json{{"bob", {{"metas", {{{"st", "on"}, {"phx_ref", first}}}}}}});
  CHECK(listener.is_told->client.seen == std::vector<std::string>{"+bob"});
  CHECK(listener.is_told->client.shown() == c.listed());
}

TEST_CASE("several devices of one person are metas of one key, the oldest first") {
  world w;
  presence_cluster c{w};
  auto listener = c.joiner();
  refs in_order;
  std::vector<someone> devices;
  for (int i = 0; i < 4; ++i) {
    devices.push_back(c.spawn());
    in_order.push_back(c.track(devices.back(), "ann", {{"device", i}}));
  }
  c.settle();
  CHECK(refs_in(c.state(), "ann") == in_order);
  CHECK(refs_in(listener.diffs().at(0).payload->at("joins"), "ann") == in_order);
  c.kill(devices[1]);
  c.settle();
  in_order.erase(in_order.begin() + 1);
  CHECK(refs_in(c.state(), "ann") == in_order);
  CHECK(listener.is_told->client.seen == std::vector<std::string>{"+ann"});
}

TEST_CASE("keys are plain data for the tracker, the JSON and the client") {
  world w;
  presence_cluster c{w};
  auto listener = c.joiner();
  auto s = c.spawn();
  for (const auto* key : {"__proto__", "constructor", "toString", "a\"b\\", "\xC3\xBC"})
    c.track(s, key);
  c.settle();
  CHECK(listener.diffs().size() == 1);
  CHECK(c.state().size() == 5);
  CHECK(listener.is_told->client.shown() == c.listed());
  auto parsed = parse_json(*listener.diffs()[0].text);
  REQUIRE(parsed);
  CHECK(parsed->at("joins").contains("__proto__"));
}

TEST_CASE("fetch is called once with what joined and once with what left, and once for a list (D177)") {
  world w;
  auto o = defaults();
  auto asked = std::make_shared<std::vector<std::size_t>>();
  o.fetch = [asked](const std::string&, presence_map all) {
    asked->push_back(all.size());
    return all;
  };
  presence_cluster c{w, o};
  auto s = c.spawn();
  SUBCASE("nobody listens: nobody needs it") {
    c.track(s, "u1");
    c.settle();
    CHECK(asked->empty());
  }
  SUBCASE("the leaves of a diff with joins only are empty, and asked for") {
    auto listener = c.subscriber();
    c.track(s, "u1");
    c.track(s, "u2");
    c.settle();
    CHECK(*asked == std::vector<std::size_t>{2, 0});
    (void)c.state();
    CHECK(asked->back() == 2);
    (void)c.by_key("u1");
    CHECK(asked->back() == 1);
    (void)c.by_key("u3");
    CHECK(asked->size() == 4);
  }
}

TEST_CASE("a presence is refused with what is wrong") {
  auto o = defaults();
  auto objection = [](const presence_options& x) { return check_presence_options(x).error().message; };
  CHECK(check_presence_options(o).ok());
  SUBCASE("options") {
    o.batch = -1ns;
    CHECK(objection(o) == "the presence \"presence\": batch is -1 ns, it must not be negative");
    o.batch = 0ns;
    o.fetch_time = 0ns;
    CHECK(objection(o).find("fetch_time is 0 ns") != std::string::npos);
    o.fetch_time = 1s;
    o.fetch = [](const std::string&, presence_map m) { return m; };
    o.fetch_later = [](supervision::task_context&, const std::string&, presence_map m,
                       const std::function<void(presence_map)>& give) { give(std::move(m)); };
    CHECK(objection(o).find("both fetch and fetch_later") != std::string::npos);
    o.fetch_later = {};
    o.tracker.mode = tracker_mode::count;
    CHECK(objection(o).find("mode count") != std::string::npos);
    o.tracker.name.clear();
    CHECK_THROWS_AS((void)child_presence(o), std::invalid_argument);
  }
  SUBCASE("a pubsub system that does not run") {
    world w;
    o.pubsub = "nowhere";
    presence_cluster c{w, o};
    CHECK_FALSE(c.a().is_alive(c.tops.at("a@sim")));
    auto why = c.a().processes().exit_reason(c.tops.at("a@sim").id());
    REQUIRE(why);
    CHECK(to_string(*why).find("nowhere") != std::string::npos);
  }
  SUBCASE("a dispatcher that the system does not have") {
    world w;
    o.dispatcher = "nobody";
    presence_cluster c{w, o};
    CHECK_FALSE(c.a().is_alive(c.tops.at("a@sim")));
  }
}
