#include "pubsub/presence/tracker/tracker_cluster.hpp"

#include <set>

using namespace beamline;
using namespace beamline::presence;
using namespace beamline::presence::test;

namespace {

/// Tracks itself, and keeps asking until it is answered.
class visitor final : public process {
public:
  visitor(process_context& context, std::string topic, std::string key)
      : process{context}, topic_{std::move(topic)}, key_{std::move(key)} {}
  behavior init() override {
    ask();
    return handlers();
  }

private:
  void ask() {
    call<track_answer>(shard_of(env(), "presence", topic_), track{topic_, key_, json::object(), self()}, 1s)
        .then([](const track_answer&) {}, [this](const call_error&) { run_after(10ms, [this] { ask(); }); });
  }
  std::string topic_, key_;
};

}  // namespace

TEST_CASE("a killed shard tracks everybody again, and nobody anywhere sees it") {
  testing::for_each_seed(6, [](world& w) {
    tracker_cluster c{w, {"a@sim", "b@sim", "c@sim"}};
    c.connected();
    std::vector<pid> members;
    for (const auto& name : c.names) {
      members.push_back(c.spawn(c.at(name)));
      (void)c.track(c.at(name), "room", name, members.back(), {{"from", name}});
    }
    c.settle();
    auto listed = c.list(c.a(), "room");
    auto refs = c.entries(c.a(), "room");
    for (auto& [name, t] : c.told)
      (void)t.take();
    auto before = c.status(c.a()).self;
    c.kill_shard(c.a(), "room");
    CHECK(c.dirty(c.a(), "room") == listed);
    w.run();
    CHECK(c.list(c.a(), "room") == listed);
    CHECK(c.status(c.a()).self.version > before.version);
    CHECK(c.a().is_alive(members[0]));
    w.advance(40s);
    for (auto& [name, t] : c.told)
      CHECK(t.take().empty());
    for (const auto& name : c.names) {
      CHECK(c.list(c.at(name), "room") == listed);
      CHECK(c.dirty(c.at(name), "room") == listed);
    }
    for (std::size_t i = 0; i < refs.size(); ++i)
      CHECK(*c.entries(c.b(), "room")[i].meta == *refs[i].meta);
    CHECK(c.replica(c.b(), "a@sim")->id == c.status(c.a()).self);
    c.a().kill(members[0]);
    c.settle();
    CHECK(c.told["b@sim"].take() == texts{"-room a@sim/a@sim"});
  });
}

TEST_CASE("who ends, or is untracked, while the shard is away leaves as any other") {
  testing::for_each_seed(20, [](world& w) {
    tracker_cluster c{w};
    c.connected();
    auto p = c.spawn(c.a());
    auto q = c.spawn(c.a());
    (void)c.track(c.a(), "room", "ends", p);
    (void)c.track(c.a(), "room", "stays", q);
    c.settle();
    (void)c.told["a@sim"].take();
    (void)c.told["b@sim"].take();
    c.kill_shard(c.a(), "room");
    c.a().kill(p);
    w.run();
    CHECK(c.told["a@sim"].take() == texts{"-room a@sim/ends"});
    c.settle();
    CHECK(c.told["b@sim"].take() == texts{"-room a@sim/ends"});
  });
}

TEST_CASE("a shard that is killed while another node is away goes on hiding and showing it") {
  bool comes_back = false;
  SUBCASE("it comes back") { comes_back = true; }
  SUBCASE("it does not") { comes_back = false; }
  testing::for_each_seed(10, [&](world& w) {
    auto o = quick();
    o.nodedown_grace = 5s;
    tracker_cluster c{w, {"a@sim", "b@sim"}, o};
    c.connected();
    auto p = c.spawn(c.b());
    (void)c.track(c.b(), "room", "b", p);
    c.settle();
    (void)c.told["a@sim"].take();
    c.net.cut(c.a(), c.b());
    w.advance(2s);
    c.kill_shard(c.a(), "room");
    w.advance(2s);
    CHECK(c.list(c.a(), "room") == texts{"b@sim/b"});
    if (comes_back) {
      c.net.connect(c.a(), c.b());
      w.advance(60s);
      CHECK(c.told["a@sim"].take().empty());
    } else {
      w.advance(5s);
      CHECK(c.told["a@sim"].take() == texts{"-room b@sim/b"});
      c.kill_shard(c.a(), "room");
      w.advance(5s);
      CHECK(c.list(c.a(), "room").empty());
      c.net.connect(c.a(), c.b());
      c.settle();
      CHECK(c.told["a@sim"].take() == texts{"+room b@sim/b"});
    }
  });
}

TEST_CASE("shards that are killed under load lose nobody and take nobody along") {
  testing::for_each_seed(6, [](world& w) {
    auto o = quick();
    o.shards = 2;
    tracker_cluster c{w, {"a@sim", "b@sim"}, o};
    c.connected();
    std::map<std::string, std::vector<pid>> visitors;
    std::set<std::uint64_t> ended;
    for (int round = 0; round < 12; ++round) {
      for (auto* n : {&c.a(), &c.b()})
        for (int i = 0; i < 6; ++i) {
          auto key = std::to_string(round) + "." + std::to_string(i);
          visitors[n->name()].push_back(n->spawn<visitor>("topic " + std::to_string(i % 3), key));
        }
      if (round % 2 == 1)
        for (auto* n : {&c.a(), &c.b()})
          n->kill(shards_of(n->env(), "presence")[static_cast<std::size_t>(round / 2 + (n == &c.b())) % 2]);
      w.advance(350ms);
      auto& some = visitors["a@sim"];
      c.a().kill(some[static_cast<std::size_t>(round)]);
      ended.insert(some[static_cast<std::size_t>(round)].id());
    }
    c.settle();
    c.settle();
    std::size_t total = 0;
    for (int i = 0; i < 3; ++i) {
      auto topic = "topic " + std::to_string(i);
      CHECK(c.list(c.a(), topic) == c.list(c.b(), topic));
      CHECK(c.dirty(c.a(), topic) == c.list(c.a(), topic));
      total += c.list(c.a(), topic).size();
    }
    CHECK(total == 2 * 72 - ended.size());
    for (auto* n : {&c.a(), &c.b()})
      for (const auto& p : visitors[n->name()])
        CHECK(n->is_alive(p) == !(n == &c.a() && ended.contains(p.id())));
  });
}

TEST_CASE("the registrar may be killed: the shards start again with what was tracked") {
  world w;
  tracker_cluster c{w};
  c.connected();
  auto p = c.spawn(c.a());
  (void)c.track(c.a(), "room", "me", p);
  c.settle();
  (void)c.told["a@sim"].take();
  (void)c.told["b@sim"].take();
  for (const auto& info : c.a().processes().list(w.now()))
    if (info.label == "registrations")
      c.a().kill(pid{c.a().env().self(), info.id});
  w.run();
  CHECK(c.list(c.a(), "room") == texts{"a@sim/me"});
  w.advance(40s);
  CHECK(c.told["a@sim"].take().empty());
  CHECK(c.told["b@sim"].take().empty());
}
